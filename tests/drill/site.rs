//! The computers of a drill: those of the sample that matter, as processes, and what their files say.

use super::{ATLANTA, EDGE, REDMOND};
use crate::support::fleet::{Fleet, PATIENCE, health, pause, wait};
use reeve::env::SystemClock;
use reeve::failover::RunRecord;
use reeve::replication::storage::ReplicaStore;
use reeve::store::{Document, Placed, Position, Role, SqliteStore, Store};
use reeve::topology::{Topology, sample};
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::process::Output;
use std::sync::Arc;
use std::time::Instant;

/// Pools whose computers hold no replica in a drill: a failover waits for replicas, and each would be one more process.
const LEFT_OUT: [&str; 2] = ["dub-pool.litwareinc.com", "lon-pool.litwareinc.com"];

/// Documents by name, with the version of their last change.
pub type Documents = BTreeMap<String, (u64, Option<serde_json::Value>)>;

/// The computers of a drill.
pub struct Site {
    fleet: Fleet,
}

impl Deref for Site {
    type Target = Fleet;

    fn deref(&self) -> &Fleet {
        &self.fleet
    }
}

impl DerefMut for Site {
    fn deref_mut(&mut self) -> &mut Fleet {
        &mut self.fleet
    }
}

/// How a place of the store stands, by its files.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// What the store is there.
    pub role: Role,
    /// Where its log is.
    pub at: Position,
}

/// A sample of which only three computers hold replicas.
fn small(sample: &str) -> Topology {
    let text = LEFT_OUT.iter().fold(sample.to_string(), |text, pool| {
        let whole = format!("RequiresReplication=\"true\" RequiresSetup=\"true\" Fqdn=\"{pool}\"");
        assert!(text.contains(&whole), "{pool} is not in the sample");
        text.replace(&whole, &format!("RequiresReplication=\"false\" RequiresSetup=\"true\" Fqdn=\"{pool}\""))
    });
    let topology = Topology::parse(&text).unwrap();
    assert_eq!(topology.replicas().count(), 3);
    topology
}

impl Site {
    /// Atlanta, Redmond and a replica, up to date, Redmond standing by.
    pub fn up() -> Site {
        let mut site = Site { fleet: Fleet::of(small(sample::LITWAREINC)) };
        site.begin(&[ATLANTA, REDMOND, EDGE]);
        site
    }

    /// The same with a mirror of Atlanta's store.
    pub fn mirrored() -> Site {
        let mut site = Site { fleet: Fleet::of(small(sample::LITWAREINC_MIRRORED)) };
        site.begin(&[ATLANTA, super::MIRROR, REDMOND, EDGE]);
        site
    }

    /// The same as [`Site::up`], with the people and the data of the sample's pools.
    pub fn with_data() -> Site {
        let fleet = Fleet::new();
        let store = SqliteStore::open(fleet.lab.host.join("store/cms.db")).unwrap();
        let change = reeve::topology::change(&small(sample::LITWAREINC), reeve::store::Expected::Any);
        store.commit(&reeve::store::Grant::system("drill"), &[change]).unwrap();
        let mut site = Site { fleet };
        site.begin(&[ATLANTA, REDMOND, EDGE]);
        site
    }

    fn begin(&mut self, computers: &[&str]) {
        self.fleet.launch(computers);
        let holders: Vec<&str> = computers.iter().copied().filter(|name| *name != super::MIRROR).collect();
        self.follow(ATLANTA, &holders);
        for place in computers.iter().filter(|name| ![ATLANTA, EDGE].contains(name)) {
            self.stands_by(place, ATLANTA);
        }
    }

    /// The store of a computer.
    pub fn store(&self, computer: &str) -> SqliteStore {
        SqliteStore::open_with(self.host(computer).join("store/cms.db"), Arc::new(SystemClock)).unwrap()
    }

    /// How the store stands there; `None` where there is none, or it is being made.
    pub fn standing(&self, computer: &str) -> Option<Standing> {
        let path = self.host(computer).join("store/cms.db");
        let store = path.exists().then(|| SqliteStore::open(path).ok()).flatten()?;
        Some(Standing { role: store.role().ok()?, at: store.position().ok()? })
    }

    /// The failover that the computer recorded as its target.
    pub fn record(&self, computer: &str) -> Option<RunRecord> {
        let note = self.store(computer).note(RunRecord::NOTE).ok()??;
        serde_json::from_value(note).ok()
    }

    /// Waits until a place has all that another has, and follows.
    #[track_caller]
    pub fn stands_by(&self, computer: &str, active: &str) {
        let start = Instant::now();
        loop {
            let (one, other) = (self.standing(computer), self.standing(active));
            if let (Some(one), Some(other)) = (one, other)
                && one.role == Role::Standby
                && one.at == other.at
            {
                return;
            }
            assert!(start.elapsed() < PATIENCE, "{computer} does not stand by for {active}:\n{one:?}\n{other:?}");
            pause();
        }
    }

    /// Waits until the server of a computer counts these replicas among those that are up to date.
    #[track_caller]
    pub fn follow(&self, active: &str, computers: &[&str]) {
        let mut last = String::new();
        let start = Instant::now();
        loop {
            let said = health(&self.host(active));
            if let Some(replicas) = said.as_ref().and_then(|health| health.replicas.as_ref()) {
                let of = |name: &str| replicas.iter().find(|replica| replica.fqdn == name);
                if computers.iter().all(|name| of(name).is_some_and(|replica| replica.up_to_date)) {
                    return;
                }
            }
            if let Some(said) = said {
                last = format!("{said:?}");
            }
            assert!(start.elapsed() < PATIENCE, "{active} is not followed: {last}");
            pause();
        }
    }

    /// What a text prints and says in a session on a computer of the lab.
    pub fn on(&self, computer: &str, text: &str) -> Ran {
        self.ran(&["--dir", self.host(computer).to_str().unwrap(), "-c", text])
    }

    /// The same in a session on the lab.
    pub fn lab(&self, text: &str) -> Ran {
        self.ran(&["--dir", self.lab.directory.to_str().unwrap(), "-c", text])
    }

    /// Runs the program.
    pub fn ran(&self, arguments: &[&str]) -> Ran {
        Ran::of(arguments.last().copied().unwrap_or_default(), self.run(arguments))
    }

    /// What a computer's replica holds.
    pub fn replica(&self, computer: &str) -> Documents {
        let replica = ReplicaStore::open(&self.host(computer).join("replica")).unwrap().expect("a replica");
        documents(&replica)
    }

    /// All that is acknowledged is there, places and replicas are alike, and the log is whole.
    #[track_caller]
    pub fn whole(&self, active: &str, places: &[&str], replicas: &[&str], acknowledged: &[String]) {
        self.follow(active, replicas);
        for place in places {
            self.stands_by(place, active);
        }
        let kept = documents(&self.store(active));
        for name in acknowledged {
            assert!(kept.contains_key(&policy(name)), "{name} was acknowledged and is lost");
        }
        for place in places.iter().chain(&[active]) {
            let checked = self.store(place).verify_audit();
            assert!(checked.is_ok(), "{place}: {checked:?}");
        }
        // What the system changes by itself may be on its way.
        wait("all have the same", || {
            let kept = documents(&self.store(active));
            places.iter().all(|place| documents(&self.store(place)) == kept)
                && replicas.iter().all(|replica| self.replica(replica) == kept)
        });
        let serving: Vec<_> = places.iter().chain(&[active]).map(|place| (*place, self.standing(place))).collect();
        let masters = serving.iter().filter(|(_, standing)| standing.is_some_and(|s| s.role == Role::Active)).count();
        assert_eq!(masters, 1, "{serving:?}");
    }

    /// The files in which a computer keeps what nobody else has.
    pub fn unsent(&self, computer: &str) -> Vec<PathBuf> {
        let files = std::fs::read_dir(self.host(computer).join("store/unsent")).into_iter().flatten().flatten();
        files.map(|file| file.path()).collect()
    }
}

/// What a run of the program gave.
#[derive(Debug)]
pub struct Ran {
    what: String,
    /// Its exit code.
    pub code: Option<i32>,
    /// What it printed.
    pub out: String,
    /// What it said.
    pub err: String,
}

impl Ran {
    /// Of an output.
    pub fn of(what: &str, output: Output) -> Ran {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        Ran { what: what.to_string(), code: output.status.code(), out, err }
    }

    /// It succeeded; gives it back.
    #[track_caller]
    pub fn ok(self) -> Ran {
        assert_eq!(self.code, Some(0), "{}\n{}\n{}", self.what, self.out, self.err);
        self
    }

    /// It failed with this error.
    #[track_caller]
    pub fn fails(self, id: &str) -> Ran {
        let said = self.code != Some(0) && self.err.contains(id);
        assert!(said, "not {id}: {}\n{:?}\n{}\n{}", self.what, self.code, self.out, self.err);
        self
    }

    /// What it printed, line by line.
    pub fn lines(&self) -> Vec<&str> {
        self.out.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
    }
}

/// The name under which [`documents`] has a voice policy.
pub fn policy(name: &str) -> String {
    format!("voicepolicy|tag:{}|", name.to_lowercase())
}

/// Everything that a store has, by name.
pub fn documents(store: &dyn Store) -> Documents {
    let mut all = BTreeMap::new();
    let mut each = |document: Document| {
        let id = &document.id;
        let name = format!("{}|{}|{}", id.kind, id.scope, id.key).to_lowercase();
        assert!(all.insert(name, (document.version, document.body)).is_none(), "doubled");
        Ok(())
    };
    store.read_after(None, &mut |_| Ok(()), &mut each).unwrap();
    all
}
