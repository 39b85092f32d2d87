//! A session on a lab whose replication is made up: what cmdlets ask of it is kept, and what it answers is set.

use crate::support::shell::on_large_stack;
use reeve::access::Principal;
use reeve::cmdlet::{Host, Message, Progress, Session};
use reeve::deployment::lab::Temporary;
use reeve::deployment::{Deployment, HostDirectory};
use reeve::env::SystemClock;
use reeve::error::{ErrorRecord, Halt};
use reeve::format;
use reeve::language::Mode;
use reeve::replication::{CentralState, Control, Hop, ReplicaState};
use reeve::script::{Engine, Limits};
use reeve::value::Value;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

/// Replication that does as it is told. Each look at the replicas brings one more up to date, once some were forgotten.
#[derive(Default)]
pub struct MadeUp {
    pub states: Mutex<Vec<ReplicaState>>,
    pub forgotten: Mutex<Vec<Option<String>>>,
    pub hops: Mutex<Vec<Hop>>,
    /// Whether looking brings replicas up to date.
    pub heals: bool,
}

impl Control for MadeUp {
    fn replicas(&self) -> Result<Vec<ReplicaState>, ErrorRecord> {
        let mut states = self.states.lock().unwrap();
        let now = states.clone();
        if let Some(late) = states.iter_mut().find(|state| self.heals && !state.up_to_date) {
            late.up_to_date = true;
            late.reason = None;
        }
        Ok(now)
    }

    fn central(&self) -> Result<CentralState, ErrorRecord> {
        Ok(CentralState { active_master_fqdn: Some("atl-cs-001.litwareinc.com".into()), ..CentralState::default() })
    }

    fn forget(&self, replica: Option<&str>) -> Result<(), ErrorRecord> {
        self.forgotten.lock().unwrap().push(replica.map(String::from));
        for state in self.states.lock().unwrap().iter_mut() {
            if replica.is_none_or(|name| name == state.replica_fqdn) {
                state.up_to_date = false;
                state.reason = Some("It takes a full snapshot.".into());
            }
        }
        Ok(())
    }

    fn probe(&self, _replica: &str) -> Result<Vec<Hop>, ErrorRecord> {
        Ok(self.hops.lock().unwrap().clone())
    }
}

/// What a text gave.
#[derive(Debug, Default)]
pub struct Gave {
    pub objects: Vec<Value>,
    /// Ids of errors.
    pub errors: Vec<String>,
    /// Their messages.
    pub messages: Vec<String>,
    pub progress: Vec<String>,
    pub information: Vec<String>,
}

impl Gave {
    /// It, without errors.
    pub fn ok(self) -> Gave {
        assert!(self.errors.is_empty(), "{:?} {:?}", self.errors, self.messages);
        self
    }

    /// Its objects as JSON.
    pub fn json(&self) -> Vec<serde_json::Value> {
        let one = |value: &Value| serde_json::from_str(&format::to_json(value)).expect("JSON");
        self.objects.iter().map(one).collect()
    }

    /// What the shell would show.
    pub fn shown(&self) -> String {
        format::to_text(&self.objects, 120)
    }
}

#[derive(Default)]
struct Kept(Rc<RefCell<Gave>>);

impl Host for Kept {
    fn output(&self, value: Value) {
        self.0.borrow_mut().objects.push(value);
    }

    fn message(&self, message: Message) {
        let mut gave = self.0.borrow_mut();
        match message {
            Message::Error(error) => {
                gave.errors.push(error.id().into());
                gave.messages.push(error.message().into());
            }
            Message::Progress(Progress { status, completed: false, .. }) => gave.progress.push(status),
            Message::Information { text, .. } => gave.information.push(text),
            _ => {}
        }
    }
}

/// A lab with made-up replication.
pub struct Desk {
    pub lab: Temporary,
    pub control: Arc<MadeUp>,
}

/// The computers of the sample that hold a replica.
pub const REPLICAS: [&str; 8] = [
    "atl-cs-001.litwareinc.com",
    "atl-edge-001.litwareinc.com",
    "dub-cs-001.litwareinc.com",
    "dub-cs-002.litwareinc.com",
    "lon-cs-001.litwareinc.com",
    "lon-cs-002.litwareinc.com",
    "lon-cs-003.litwareinc.com",
    "redmond-cs-001.litwareinc.com",
];

impl Desk {
    /// All up to date, but those named.
    pub fn with_late(late: &[&str], heals: bool) -> Desk {
        let state = |name: &&str| ReplicaState {
            replica_fqdn: (*name).to_string(),
            up_to_date: !late.contains(name),
            version_held: Some(4),
            reason: late.contains(name).then(|| "It is not connected.".to_string()),
            ..ReplicaState::default()
        };
        let states = Mutex::new(REPLICAS.iter().map(state).collect());
        let control = MadeUp { states, heals, ..MadeUp::default() };
        Desk { lab: Temporary::new().expect("a lab"), control: Arc::new(control) }
    }

    /// Runs a text as the owner of the files.
    pub fn run(&self, text: &str) -> Gave {
        self.run_as(Principal::owner("owner"), text)
    }

    /// Runs a text as somebody who has these roles and no others.
    pub fn holding(&self, roles: &[&str], text: &str) -> Gave {
        self.run_as(Principal::named("somebody", roles), text)
    }

    fn run_as(&self, principal: Principal, text: &str) -> Gave {
        let kept = Rc::new(RefCell::new(Gave::default()));
        let directory = Arc::new(HostDirectory::open(&self.lab.lab().host).expect("a host directory"));
        let deployment = Deployment::of(directory, Arc::new(SystemClock)).expect("a deployment");
        let control: Arc<dyn Control> = self.control.clone();
        let deployment = Rc::new(deployment.controlled_by(Some(control)));
        let session = Session::new(Box::new(Kept(kept.clone()))).over(deployment).as_principal(principal);
        let mut engine = Engine::with_limits(Rc::new(session), Limits::for_stack(56 << 20));
        let stopped = engine.run("text", text, Mode::Rhai, &[]);
        drop(engine);
        let mut gave = kept.take();
        if let Err(halt) = stopped {
            match halt {
                Halt::Error(error) => {
                    gave.errors.push(error.id().into());
                    gave.messages.push(error.message().into());
                }
                other => gave.errors.push(format!("{other:?}")),
            }
        }
        gave
    }
}

/// Runs a test with the stack that scripts need.
pub fn with_stack(test: impl FnOnce() + Send + 'static) {
    if let Err(panic) = on_large_stack(test).join() {
        std::panic::resume_unwind(panic);
    }
}
