//! The way of a session to the computer where its cmdlets run: to the active store, and, where that cannot be reached,
//! to another that may hold it.

use crate::cmdlet::remote::{Dial, Dialled};
use crate::cmdlet::run::Side;
use crate::error::{Category, ErrorRecord};
use crate::net::http::Channel;
use crate::net::identity::Host;
use crate::net::{Pending, addresses};
use crate::value::same_name;
use serde::Deserialize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// How long a computer may take to connect and to say where the store is. One that is well does so in one second, over a
/// long way too; one that hangs takes connections and says nothing, and a person waits.
const PROBE: Duration = Duration::from_secs(2);
/// The same where there is nobody else to ask.
const ALONE: Duration = Duration::from_secs(5);
/// The same for the active store's computer where another can answer as well.
const BRIEF: Duration = Duration::from_secs(1);
/// How long those that may hold the store have together, as long as none of them has answered: where the active one is gone
/// there is nobody else, and on an overloaded machine an answer takes seconds.
const PATIENT: Duration = Duration::from_secs(8);
/// How long one contact has before the next is asked beside it.
const AHEAD: Duration = Duration::from_millis(300);
/// How long one that let its time run out is left out when another is sought: as long as one seeking lasts.
const LEFT_OUT: Duration = Duration::from_secs(10);
/// Most computers that an error names.
const NAMED: usize = 5;
/// Computers that are asked at once, and that are remembered: more than may hold a store, and a lab's.
const MOST: usize = 256;

/// How computers are reached.
pub(super) trait Reach: Clone + Send + Sync + 'static {
    /// The computers to which the session talks: the first of them that answers.
    fn contacts(&self) -> Vec<Host>;

    /// Others that are known without asking.
    fn others(&self) -> Vec<Host>;

    /// How a session talks to one computer alone, for people; `None` where that is a matter of its own.
    fn alone(&self, _computer: &str) -> Option<String> {
        None
    }

    /// A connection to one.
    fn connect(&self, host: &Host) -> Pending<Result<Channel, ErrorRecord>>;
}

/// What a server says of where the active store is.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Where {
    computer: String,
    active: Option<String>,
    address: Option<String>,
    #[serde(default)]
    epoch: u64,
    #[serde(default)]
    keepers: Vec<Keeper>,
}

/// A computer that may hold the store.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Keeper {
    computer: String,
    address: Option<String>,
}

fn host(fqdn: &str, address: Option<&str>) -> Host {
    let address = address.map_or_else(|| format!("{fqdn}:{}", addresses::PORT), String::from);
    Host { fqdn: fqdn.to_string(), address }
}

impl Where {
    /// The active computer.
    ///
    /// # Errors
    /// `HostUnreachable` where it is not known.
    fn active(&self) -> Result<Host, ErrorRecord> {
        match &self.active {
            Some(active) => Ok(host(active, self.address.as_deref())),
            None => {
                let message = format!("{} does not know yet which computer holds the active store.", self.computer);
                Err(ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
                    .hint("Its replica learns it from the active server; see whether that one runs."))
            }
        }
    }

    fn is_active(&self) -> bool {
        self.active.as_deref().is_some_and(|active| same_name(active, &self.computer))
    }

    fn is_keeper(&self) -> bool {
        self.keepers.iter().any(|keeper| same_name(&keeper.computer, &self.computer))
    }
}

/// What a session has learned of computers.
#[derive(Default)]
struct Learned {
    /// Those that may hold the store.
    keepers: Vec<Host>,
    /// Those that let their time run out, and when.
    silent: Vec<(String, Instant)>,
}

/// The way of one session, which remembers the computers that may hold the store.
pub(super) struct Way<R> {
    reach: R,
    learned: Arc<Mutex<Learned>>,
}

/// A connection, and what the computer at its other end says.
type Answer = (Channel, Where);

impl<R: Reach> Way<R> {
    /// By the contacts of a session.
    pub fn by(reach: R) -> Way<R> {
        Way { reach, learned: Arc::default() }
    }

    fn another(&self) -> Way<R> {
        Way { reach: self.reach.clone(), learned: self.learned.clone() }
    }

    fn learned(&self) -> MutexGuard<'_, Learned> {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks a computer where the active store is, over a connection that can be used then: who answers lives, while who
    /// only takes connections may hang.
    async fn ask(&self, to: &Host, within: Duration) -> Result<Answer, ErrorRecord> {
        let asked = async {
            let channel = self.reach.connect(to).await?;
            let says: Where = channel.get("/v1/where").await?;
            Ok((channel, says))
        };
        let answer = tokio::time::timeout(within, asked).await;
        let mut learned = self.learned();
        learned.silent.retain(|(name, at)| !same_name(name, &to.fqdn) && at.elapsed() < LEFT_OUT);
        match answer {
            Ok(answer) => {
                if let Ok((_, says)) = &answer {
                    learned.remember(says);
                }
                answer
            }
            Err(_) => {
                learned.silent.push((to.fqdn.clone(), Instant::now()));
                Err(silent(&to.fqdn, within))
            }
        }
    }

    fn is_silent(&self, computer: &str) -> bool {
        let learned = self.learned();
        learned.silent.iter().any(|(name, at)| same_name(name, computer) && at.elapsed() < LEFT_OUT)
    }

    /// The first contact that answers: each has a little time before the next is asked beside it.
    async fn contact(&self, within: Duration) -> Result<Answer, ErrorRecord> {
        let mut contacts = self.reach.contacts();
        contacts.sort_by_key(|contact| self.is_silent(&contact.fqdn));
        let mut known = self.reach.others().into_iter().chain(self.learned().keepers.clone());
        let alone = match contacts.as_slice() {
            [contact] => known.all(|other| same_name(&other.fqdn, &contact.fqdn)),
            _ => false,
        };
        let within = if alone { ALONE } else { within };
        let mut contacts = contacts.into_iter().take(MOST);
        let (mut asked, mut failed) = (JoinSet::new(), None::<ErrorRecord>);
        loop {
            let next = contacts.next();
            let last = next.is_none();
            if let Some(contact) = next {
                let way = self.another();
                asked.spawn(async move { way.ask(&contact, within).await });
            }
            let answer = match last {
                true => asked.join_next().await,
                false => match tokio::time::timeout(AHEAD, asked.join_next()).await {
                    Ok(answer) => answer,
                    Err(_) => continue,
                },
            };
            match answer {
                Some(Ok(Ok(answer))) => return Ok(answer),
                // What a server says counts more than that another cannot be reached.
                Some(Ok(Err(error))) if failed.as_ref().is_none_or(|before| before.id() == "HostUnreachable") => {
                    failed = Some(error);
                }
                Some(_) => {}
                None if last => return Err(failed.unwrap_or_else(nobody)),
                None => {}
            }
        }
    }

    /// To the active store by what the first contact says.
    async fn usual(&self, within: Duration) -> Result<Dialled, ErrorRecord> {
        let (channel, says) = self.contact(within).await?;
        let active = says.active()?;
        let channel = if says.is_active() { channel } else { self.ask(&active, within).await?.0 };
        Ok(Dialled { channel, computer: Some(active.fqdn), instead: None })
    }

    /// Asks several computers at once, until `end`; once one that may hold the store has answered the others have only so
    /// long, and are silent then.
    async fn ask_all(&self, hosts: Vec<Host>, within: Duration, end: Instant) -> Vec<Answer> {
        let patient = end.saturating_duration_since(Instant::now()).max(within);
        let mut asked = JoinSet::new();
        let mut waits: Vec<String> = Vec::new();
        for host in hosts.into_iter().take(MOST) {
            waits.push(host.fqdn.clone());
            let way = self.another();
            asked.spawn(async move {
                let answer = way.ask(&host, patient).await.ok();
                (host.fqdn, answer)
            });
        }
        let (mut answers, mut enough) = (Vec::new(), None::<Instant>);
        while !asked.is_empty() {
            let left = enough.map_or(patient + within, |enough| enough.saturating_duration_since(Instant::now()));
            let Ok(Some(next)) = tokio::time::timeout(left, asked.join_next()).await else { break };
            let Ok((name, answer)) = next else { continue };
            waits.retain(|waits| *waits != name);
            let Some((channel, says)) = answer else { continue };
            if says.is_keeper() {
                enough.get_or_insert(Instant::now() + within);
            }
            answers.push((channel, says));
        }
        let now = Instant::now();
        self.learned().silent.extend(waits.into_iter().map(|name| (name, now)));
        answers
    }

    /// Asks everybody who is known and did not let the time run out just now, and those too where nobody else may hold the
    /// store; the newest epoch counts.
    async fn seek(&self, side: Side) -> Result<Dialled, ErrorRecord> {
        let within = if side == Side::Keeper { BRIEF } else { PROBE };
        let begun = Instant::now();
        let mut asked: Vec<Host> = Vec::new();
        let mut answers: Vec<Answer> = Vec::new();
        // Once more those of whom only then was heard; and in the end all who did not answer, and may only be slow.
        for round in 0..3 {
            let last = round == 2;
            if last && answers.iter().any(|(_, says)| says.is_keeper()) {
                break;
            }
            let keepers = self.learned().keepers.clone();
            let known = self.reach.contacts().into_iter().chain(keepers).chain(self.reach.others());
            let mut hosts: Vec<Host> = Vec::new();
            for host in known {
                let is = |name: &str| same_name(name, &host.fqdn);
                let over = match last {
                    true => answers.iter().any(|(_, says)| is(&says.computer)),
                    false => asked.iter().any(|asked| is(&asked.fqdn)) || self.is_silent(&host.fqdn),
                };
                if !over && !hosts.iter().any(|known| is(&known.fqdn)) {
                    hosts.push(host);
                }
            }
            asked.extend(hosts.iter().cloned());
            let end = begun + if last { PATIENT } else { PATIENT / 2 };
            answers.extend(self.ask_all(hosts, within, end).await);
        }
        if answers.is_empty() {
            return Err(self.slow(nobody()));
        }
        let newest = answers.iter().filter(|(_, says)| says.active.is_some()).max_by_key(|(_, says)| says.epoch);
        let active = match newest {
            Some((_, says)) => says.active(),
            None => answers.first().map_or_else(|| Err(nobody()), |(_, says)| says.active()),
        };
        let failed = match active {
            Ok(active) => match self.reached(&active, &mut answers, within).await {
                Ok(channel) => return Ok(Dialled { channel, computer: Some(active.fqdn), instead: None }),
                Err(error) => error,
            },
            Err(error) => error,
        };
        if side != Side::Keeper {
            return Err(failed.hint(
                "If it is lost: Invoke-CsManagementServerFailover -WhatIf says where the store can go. It runs at any \
                 computer that may hold it.",
            ));
        }
        // The one that has heard of the newest epoch knows most.
        answers.sort_by_key(|(_, says)| (says.is_keeper(), says.epoch));
        match answers.pop().filter(|(_, says)| says.is_keeper()) {
            Some((channel, says)) => {
                // That it is silent, who seeks says; all else nobody would guess.
                let instead = Some(failed).filter(|failed| !is_silence(failed));
                Ok(Dialled { channel, computer: Some(says.computer), instead })
            }
            None => Err(self.slow(failed)),
        }
    }

    /// Nobody who may hold the store answered: who let the time run out, and how one of them is asked alone.
    fn slow(&self, error: ErrorRecord) -> ErrorRecord {
        let mut slow: Vec<String> = Vec::new();
        for (name, at) in &self.learned().silent {
            if at.elapsed() < LEFT_OUT + PATIENT && !slow.iter().any(|known| same_name(known, name)) {
                slow.push(name.clone());
            }
        }
        if slow.is_empty() {
            return error;
        }
        slow.sort();
        let named = slow.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = slow.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let error = error.hint(format!(
            "In time did not answer: {named}{more}. One that may hold the store may only be slow: try again, or ask it alone."
        ));
        match slow.iter().find_map(|name| self.reach.alone(name)) {
            Some(alone) => error.hint(format!("One alone is asked so: {alone}.")),
            None => error,
        }
    }

    /// A connection to a computer: the one over which it was asked, or a new one.
    async fn reached(&self, to: &Host, answers: &mut Vec<Answer>, within: Duration) -> Result<Channel, ErrorRecord> {
        match answers.iter().position(|(_, says)| same_name(&says.computer, &to.fqdn)) {
            Some(at) => Ok(answers.swap_remove(at).0),
            None if self.is_silent(&to.fqdn) => Err(silent(&to.fqdn, within)),
            None => self.ask(to, within).await.map(|(channel, _)| channel),
        }
    }
}

impl Learned {
    fn remember(&mut self, says: &Where) {
        for keeper in &says.keepers {
            let now = host(&keeper.computer, keeper.address.as_deref());
            let room = self.keepers.len() < MOST;
            match self.keepers.iter_mut().find(|host| same_name(&host.fqdn, &now.fqdn)) {
                Some(host) if keeper.address.is_some() => *host = now,
                Some(_) => {}
                None if room => self.keepers.push(now),
                None => {}
            }
        }
    }
}

impl<R: Reach> Dial for Way<R> {
    fn dial(&self, side: Side) -> Pending<Result<Dialled, ErrorRecord>> {
        let way = self.another();
        Box::pin(async move {
            match side {
                Side::Client | Side::Host => {
                    let (channel, says) = way.contact(PROBE).await?;
                    Ok(Dialled { channel, computer: Some(says.computer), instead: None })
                }
                Side::Server => way.usual(PROBE).await,
                Side::Keeper => match way.usual(BRIEF).await {
                    // That another is sought the session does, and says so.
                    Err(error) if !is_silence(&error) => way.seek(side).await,
                    dialled => dialled,
                },
            }
        })
    }

    fn seek(&self, side: Side) -> Pending<Result<Dialled, ErrorRecord>> {
        let way = self.another();
        Box::pin(async move { way.seek(side).await })
    }
}

/// Nobody answered, in contrast to somebody who does, and lets nobody in or does not know.
fn is_silence(error: &ErrorRecord) -> bool {
    matches!(error.id(), "HostUnreachable" | "ConnectionLost")
}

fn silent(computer: &str, within: Duration) -> ErrorRecord {
    let seconds = within.as_secs();
    let message =
        format!("{computer} did not answer within {seconds} s: its server hangs, or the way to it is cut off.");
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
        .hint("See whether it runs, and whether the network lets you through.")
}

fn nobody() -> ErrorRecord {
    let message = "None of the computers that this session knows answers.";
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
        .hint("Name one that runs: --connect HOST[:PORT], or REEVE_CONNECT.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::fault::Ends;
    use crate::net::http::{Answer, Caller, Request, Service, serve_connection};
    use serde_json::json;
    use std::collections::BTreeMap;
    use tokio::sync::watch;

    const ATLANTA: &str = "atl-cs-001.litwareinc.com";
    const REDMOND: &str = "redmond-cs-001.litwareinc.com";
    const EDGE: &str = "atl-edge-001.litwareinc.com";

    /// Computers, each with whom it takes for the active one; one that has nobody takes connections and says nothing.
    #[derive(Clone)]
    struct Fake {
        contacts: Vec<&'static str>,
        others: Vec<&'static str>,
        says: BTreeMap<&'static str, Option<(&'static str, u64)>>,
        closed: Vec<&'static str>,
        slow: Duration,
        asked: Arc<Mutex<Vec<String>>>,
    }

    impl Fake {
        fn new(contacts: &[&'static str], others: &[&'static str]) -> Fake {
            let says = [(ATLANTA, None), (REDMOND, Some((ATLANTA, 1))), (EDGE, Some((ATLANTA, 1)))];
            let (contacts, others) = (contacts.to_vec(), others.to_vec());
            Fake {
                contacts,
                others,
                says: says.into(),
                closed: Vec::new(),
                slow: Duration::ZERO,
                asked: Arc::default(),
            }
        }

        fn asked(&self, computer: &str) -> usize {
            self.asked.lock().unwrap().iter().filter(|name| *name == computer).count()
        }
    }

    impl Reach for Fake {
        fn contacts(&self) -> Vec<Host> {
            self.contacts.iter().map(|name| host(name, None)).collect()
        }

        fn others(&self) -> Vec<Host> {
            self.others.iter().map(|name| host(name, None)).collect()
        }

        fn alone(&self, computer: &str) -> Option<String> {
            Some(format!("reeve --dir lab/hosts/{computer}"))
        }

        fn connect(&self, to: &Host) -> Pending<Result<Channel, ErrorRecord>> {
            let slow = self.slow;
            let name = to.fqdn.clone();
            self.asked.lock().unwrap().push(name.clone());
            let says = self.says.get(name.as_str()).copied();
            let closed = self.closed.contains(&name.as_str());
            Box::pin(async move {
                if closed {
                    return Err(ErrorRecord::new("ClientCertificateRequired", Category::PermissionDenied, name));
                }
                let (near, far) = tokio::io::duplex(64 << 10);
                match says {
                    None => return Err(silent(&name, PROBE)),
                    Some(None) => drop(tokio::spawn(async move {
                        let _open = far;
                        std::future::pending::<()>().await;
                    })),
                    Some(Some((active, epoch))) => {
                        tokio::time::sleep(slow).await;
                        let service = Arc::new(Says { computer: name.clone(), active, epoch });
                        drop(tokio::spawn(async move {
                            let (_runs, stop) = watch::channel(false);
                            let caller = Caller::Local { uid: 0, gid: 0 };
                            serve_connection(far, caller, Ends::with("a session"), service, stop).await;
                        }));
                    }
                }
                Channel::over(near, Ends::with(name), None).await
            })
        }
    }

    struct Says {
        computer: String,
        active: &'static str,
        epoch: u64,
    }

    impl Service for Says {
        fn call(&self, _request: Request) -> Pending<Answer> {
            let keepers = [ATLANTA, REDMOND].map(|name| json!({"Computer": name, "Address": null}));
            let says =
                json!({"Computer": self.computer, "Active": self.active, "Epoch": self.epoch, "Keepers": keepers});
            Box::pin(async move { Answer::json(&says) })
        }
    }

    fn run<T>(test: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
    }

    /// Rule: a computer that takes connections and says nothing is probed once: the seeking that follows leaves it out,
    /// names it, and leads a cmdlet of a keeper to one that answers; whichever computer the session began with.
    #[test]
    fn who_hangs_is_left_out() {
        for (contacts, others) in [(&[ATLANTA][..], &[REDMOND][..]), (&[ATLANTA, EDGE], &[REDMOND]), (&[EDGE], &[])] {
            for side in [Side::Server, Side::Keeper] {
                let reach = Fake::new(contacts, others);
                let way = Way::by(reach.clone());
                let case = format!("{contacts:?} {side:?}");
                let dialled = run(way.dial(side));
                let error = dialled.err().unwrap_or_else(|| panic!("{case}: it was reached"));
                assert_eq!(error.id(), "HostUnreachable", "{case}");
                assert!(error.message().contains(ATLANTA), "{case}: {error:?}");
                // Beside the probe of the contacts there may be one of what they say is active.
                let probes = reach.asked(ATLANTA);
                match (side, run(way.seek(side))) {
                    (Side::Keeper, Ok(dialled)) => assert_eq!(dialled.computer.as_deref(), Some(REDMOND), "{case}"),
                    (Side::Server, Err(error)) => {
                        assert!(error.message().contains(ATLANTA), "{case}: {error:?}");
                        assert!(error.hints().iter().any(|hint| hint.contains("-WhatIf")), "{case}: {error:?}");
                    }
                    (_, other) => panic!("{case}: {:?}", other.map(|dialled| dialled.computer)),
                }
                assert_eq!(reach.asked(ATLANTA), probes, "{case}: it was probed again");
            }
        }
    }

    /// Rule: where the active store's computer is gone one that may hold the store and is slow is waited for, though it let a
    /// short time run out before.
    #[test]
    fn who_is_slow_is_waited_for() {
        let mut reach = Fake::new(&[REDMOND], &["lon-cs-001.litwareinc.com"]);
        reach.says = [(REDMOND, Some((ATLANTA, 1)))].into();
        reach.slow = BRIEF * 2;
        let way = Way::by(reach);
        assert_eq!(run(way.dial(Side::Keeper)).err().unwrap().id(), "HostUnreachable");
        assert_eq!(run(way.seek(Side::Keeper)).unwrap().computer.as_deref(), Some(REDMOND));
    }

    /// Rule: where nobody answers in time the error names who did not, and how one of them is asked alone.
    #[test]
    fn who_did_not_answer_is_named() {
        let way = Way::by(Fake::new(&[ATLANTA], &[REDMOND]));
        assert!(way.slow(nobody()).hints().len() == nobody().hints().len());
        way.learned().silent.push((REDMOND.to_string(), Instant::now()));
        let hints = way.slow(nobody()).hints().join(" ");
        assert!(hints.contains(REDMOND) && hints.contains("--dir lab/hosts"), "{hints}");
    }

    /// Rule: where the active store's computer lets nobody in without a certificate, that is why a cmdlet of a keeper runs
    /// at another, and the error of any other; that it were silent is not said.
    #[test]
    fn who_lets_nobody_in_is_not_silent() {
        let mut reach = Fake::new(&[REDMOND], &[]);
        (reach.says, reach.closed) = ([(REDMOND, Some((ATLANTA, 1)))].into(), vec![ATLANTA]);
        let way = Way::by(reach);
        let dialled = run(way.dial(Side::Keeper)).unwrap();
        assert_eq!(dialled.computer.as_deref(), Some(REDMOND));
        assert_eq!(dialled.instead.unwrap().id(), "ClientCertificateRequired");
        assert_eq!(run(way.dial(Side::Server)).err().unwrap().id(), "ClientCertificateRequired");
        assert!(run(way.dial(Side::Host)).unwrap().instead.is_none());
    }

    /// Rule: a contact that hangs does not keep the others from being asked, and where one of them knows of a newer epoch
    /// its word counts.
    #[test]
    fn another_contact_answers() {
        let mut reach = Fake::new(&[ATLANTA, EDGE], &[]);
        reach.says.insert(REDMOND, Some((REDMOND, 9)));
        reach.says.insert(EDGE, Some((REDMOND, 9)));
        let way = Way::by(reach);
        for side in [Side::Server, Side::Keeper] {
            assert_eq!(run(way.dial(side)).unwrap().computer.as_deref(), Some(REDMOND));
        }
        assert_eq!(run(way.dial(Side::Host)).unwrap().computer.as_deref(), Some(EDGE));
    }
}
