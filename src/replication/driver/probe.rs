//! Each hop on the way to a replica tried: topology, address, connection, certificate, agent, replica, hook.

use super::hub::Inner;
use crate::error::{Category, ErrorRecord};
use crate::net::Dialler;
use crate::net::http::Channel;
use crate::replication::control::{Hop, ReplicaState};
use crate::value::date;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

/// How long an agent may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a whole probe may take: connecting, shaking hands, the answer, and a little.
const WHOLE: Duration = Duration::from_secs(40);

/// What a computer says of its replica on `GET /v1/probe`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Answer {
    /// The computer.
    pub computer: String,
    /// The version of its program.
    pub product: String,
    /// Ticks of its clock, in coordinated universal time.
    pub clock: i64,
    /// It is connected to the master.
    pub connected: bool,
    /// Whom it takes for the active master.
    pub master: Option<String>,
    /// The version that it holds.
    pub version_held: Option<u64>,
    /// The epoch in which it got there.
    pub epoch: Option<u64>,
    /// The highest epoch that it saw.
    pub highest_epoch: u64,
    /// Its last error, `Id: message`, until it succeeds.
    pub last_error: Option<String>,
    /// What stands in the way of documents or hook.
    pub hook_error: Option<String>,
}

/// Tries each hop, up to the first that fails.
pub(super) fn probe(inner: &Arc<Inner>, replica: &str) -> Result<Vec<Hop>, ErrorRecord> {
    let states = inner.ask(|master| master.states())?;
    let head = inner.ask(|master| master.head())?;
    let state = states.into_iter().find(|state| state.replica_fqdn.eq_ignore_ascii_case(replica));
    let Some(state) = state else {
        let found = format!("The topology has no computer '{replica}' that holds a replica.");
        let advice = "Compare the name with Get-CsManagementStoreReplicationStatus; publish the topology that has it.";
        return Ok(vec![hop("Topology", Instant::now(), Err((found, advice.to_owned())))]);
    };
    let Some(dialler) = inner.options.dialler.clone() else {
        let message = "This server cannot connect to others.";
        return Err(ErrorRecord::new("NoServer", Category::ResourceUnavailable, message)
            .hint("Ask the active Central Management server while it runs."));
    };
    let (reply, answer) = mpsc::channel();
    inner.runtime.spawn(async move {
        let hops = walk(&dialler, &state, head.version).await;
        // Whoever asked has gone.
        let _ = reply.send(hops);
    });
    answer.recv_timeout(WHOLE).map_err(|_| {
        ErrorRecord::new("ProbeTimeout", Category::OperationTimeout, format!("The probe of '{replica}' did not end."))
            .hint("See whether name resolution answers.")
    })
}

/// What a hop found: as it should be, or not and what to do.
type Found = Result<String, (String, String)>;

fn hop(step: &str, since: Instant, found: Found) -> Hop {
    let milliseconds = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (passed, found, advice) = match found {
        Ok(found) => (true, found, None),
        Err((found, advice)) => (false, found, Some(advice)),
    };
    Hop { step: step.to_owned(), passed, found, milliseconds, advice }
}

fn failed(error: &ErrorRecord) -> Found {
    Err((format!("{}: {}", error.id(), error.message()), error.hints().join(" ")))
}

/// Where an address leads: DNS is asked here, so that a name that it does not know is told from a computer that is off.
async fn resolved(address: &str) -> Found {
    let asked = tokio::time::timeout(PATIENCE, tokio::net::lookup_host(address)).await;
    match asked.ok().and_then(Result::ok).and_then(|mut all| all.next()) {
        Some(at) if at.to_string() == address => Ok(address.to_owned()),
        Some(at) => Ok(format!("{address}, which is {at}")),
        None => {
            let advice = "Give it one in addresses.toml of the host directory here, or see to DNS.".to_owned();
            Err((format!("'{address}' leads nowhere: the name has no address."), advice))
        }
    }
}

async fn walk(dialler: &Dialler, state: &ReplicaState, version: u64) -> Vec<Hop> {
    let computer = &state.replica_fqdn;
    let mut hops = vec![hop("Topology", Instant::now(), Ok(format!("{computer} is to hold a replica.")))];
    let since = Instant::now();
    let address = match dialler.address(computer) {
        Ok(address) => resolved(&address).await,
        Err(error) => failed(&error),
    };
    let known = address.is_ok();
    hops.push(hop("Address", since, address));
    if !known {
        return hops;
    }
    let since = Instant::now();
    let connection = match dialler.http(computer).await {
        Ok(connection) => connection,
        Err(error) => {
            let step = if error.id() == "HostUnreachable" { "Connection" } else { "Certificate" };
            if step == "Certificate" {
                hops.push(hop("Connection", since, Ok("It answers.".to_owned())));
            }
            hops.push(hop(step, since, failed(&error)));
            return hops;
        }
    };
    hops.push(hop("Connection", since, Ok("It answers.".to_owned())));
    let until = date::text(connection.peer.not_after);
    let serial = connection.peer.serial.clone();
    hops.push(hop("Certificate", since, Ok(format!("Serial {serial}, valid until {until} UTC."))));
    let since = Instant::now();
    let asked =
        tokio::time::timeout(PATIENCE, async { Channel::over_tls(connection).await?.get::<Answer>("/v1/probe").await });
    let answer = match asked.await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => {
            hops.push(hop("Agent", since, failed(&error)));
            return hops;
        }
        Err(_) => {
            let advice = "See the log of its server; restart it if it does not answer.".to_owned();
            hops.push(hop("Agent", since, Err(("It does not answer in time.".to_owned(), advice))));
            return hops;
        }
    };
    hops.push(hop("Agent", since, agent(&answer)));
    hops.push(hop("Replica", since, replica(&answer, version)));
    hops.push(hop("Hook", since, hook(&answer)));
    hops
}

fn agent(answer: &Answer) -> Found {
    if answer.connected {
        let master = answer.master.as_deref().unwrap_or("the active master");
        return Ok(format!("Version {} runs, connected to {master}.", answer.product));
    }
    let error = answer.last_error.as_deref().unwrap_or("it has not tried yet");
    let advice = "See that it can reach this server: its addresses.toml or DNS, firewalls, its certificate and clock.";
    Err((format!("It runs and is not connected to the master: {error}"), advice.to_owned()))
}

fn replica(answer: &Answer, version: u64) -> Found {
    let error = answer.last_error.as_deref();
    let advice =
        || "See its last error; Invoke-CsManagementStoreReplication -ReplicaFqdn sends it everything.".to_owned();
    match answer.version_held {
        Some(held) if held >= version => Ok(format!("It holds version {held}.")),
        Some(held) => {
            let error = error.map_or(String::new(), |error| format!(" Last error: {error}"));
            Err((format!("It holds version {held} of {version}.{error}"), advice()))
        }
        None => Err((format!("It holds nothing. Last error: {}", error.unwrap_or("none")), advice())),
    }
}

fn hook(answer: &Answer) -> Found {
    match &answer.hook_error {
        None => Ok("Documents and hook are well.".to_owned()),
        Some(error) => Err((error.clone(), "See the hook in that computer's host.toml, and its log.".to_owned())),
    }
}
