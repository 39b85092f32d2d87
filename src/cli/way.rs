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
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::task::JoinSet;

/// How long one of several computers may take to answer: a connection that comes about does so in one second or two, and
/// those that are gone without a word must leave time for the others.
const EACH: Duration = Duration::from_secs(6);
/// Computers that are asked at once, and that are remembered: more than may hold a store, and a lab's.
const MOST: usize = 256;

/// How computers are reached.
pub(super) trait Reach: Clone + Send + Sync + 'static {
    /// The computers to which the session talks: the first of them that answers.
    fn contacts(&self) -> Vec<Host>;

    /// Others that are known without asking.
    fn others(&self) -> Vec<Host>;

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

/// The way of one session, which remembers the computers that may hold the store.
pub(super) struct Way<R> {
    reach: R,
    keepers: Arc<Mutex<Vec<Host>>>,
}

impl<R: Reach> Way<R> {
    /// By the contacts of a session.
    pub fn by(reach: R) -> Way<R> {
        Way { reach, keepers: Arc::default() }
    }

    fn another(&self) -> Way<R> {
        Way { reach: self.reach.clone(), keepers: self.keepers.clone() }
    }

    async fn connect(&self, to: &Host) -> Result<Channel, ErrorRecord> {
        let channel = tokio::time::timeout(EACH, self.reach.connect(to)).await;
        channel.unwrap_or_else(|_| Err(silent(&to.fqdn)))
    }

    /// A connection and what the computer says of where the active store is.
    async fn ask(&self, to: &Host) -> Result<(Channel, Where), ErrorRecord> {
        let asked = async {
            let channel = self.reach.connect(to).await?;
            let says: Where = channel.get("/v1/where").await?;
            Ok((channel, says))
        };
        let (channel, says) = tokio::time::timeout(EACH, asked).await.unwrap_or_else(|_| Err(silent(&to.fqdn)))?;
        self.remember(&says);
        Ok((channel, says))
    }

    fn remember(&self, says: &Where) {
        let mut known = self.keepers.lock().unwrap_or_else(PoisonError::into_inner);
        for keeper in &says.keepers {
            let now = host(&keeper.computer, keeper.address.as_deref());
            let room = known.len() < MOST;
            match known.iter_mut().find(|host| same_name(&host.fqdn, &now.fqdn)) {
                Some(host) if keeper.address.is_some() => *host = now,
                Some(_) => {}
                None if room => known.push(now),
                None => {}
            }
        }
    }

    fn known_keepers(&self) -> Vec<Host> {
        self.keepers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The first contact that answers.
    async fn contact(&self) -> Result<(Channel, Option<String>), ErrorRecord> {
        let mut failed = None;
        let contacts = self.reach.contacts();
        let alone = contacts.len() == 1;
        for contact in contacts {
            // With nobody else to ask there is no reason to hurry.
            let channel = if alone { self.reach.connect(&contact).await } else { self.connect(&contact).await };
            match channel {
                Ok(channel) => return Ok((channel, Some(contact.fqdn))),
                Err(error) => failed = Some(error),
            }
        }
        Err(failed.unwrap_or_else(nobody))
    }

    /// To the active store by what the first contact says.
    async fn usual(&self) -> Result<Dialled, ErrorRecord> {
        let (channel, _) = self.contact().await?;
        let says: Where = channel.get("/v1/where").await?;
        self.remember(&says);
        let active = says.active()?;
        let channel = if says.is_active() { channel } else { self.connect(&active).await? };
        Ok(Dialled { channel, computer: Some(active.fqdn) })
    }

    /// Asks several computers at once.
    async fn ask_all(&self, hosts: Vec<Host>) -> Vec<(Channel, Where)> {
        let mut asked = JoinSet::new();
        for host in hosts.into_iter().take(MOST) {
            let way = self.another();
            asked.spawn(async move { way.ask(&host).await.ok() });
        }
        let mut answers = Vec::new();
        while let Some(answer) = asked.join_next().await {
            answers.extend(answer.ok().flatten());
        }
        answers
    }

    /// Asks everybody who is known; the newest epoch counts.
    async fn seek(&self, side: Side) -> Result<Dialled, ErrorRecord> {
        let mut hosts = self.reach.contacts();
        for keeper in self.known_keepers().into_iter().chain(self.reach.others()) {
            if !hosts.iter().any(|host| same_name(&host.fqdn, &keeper.fqdn)) {
                hosts.push(keeper);
            }
        }
        let asked: Vec<String> = hosts.iter().map(|host| host.fqdn.clone()).collect();
        let mut answers = self.ask_all(hosts).await;
        // Those of whom only now was heard.
        let more = self.known_keepers();
        let more = more.into_iter().filter(|keeper| !asked.iter().any(|name| same_name(name, &keeper.fqdn)));
        answers.extend(self.ask_all(more.collect()).await);
        if answers.is_empty() {
            return Err(nobody());
        }
        let newest = answers.iter().filter(|(_, says)| says.active.is_some()).max_by_key(|(_, says)| says.epoch);
        let active = match newest {
            Some((_, says)) => says.active(),
            None => answers.first().map_or_else(|| Err(nobody()), |(_, says)| says.active()),
        };
        let failed = match active {
            Ok(active) => match self.reached(&active, &mut answers).await {
                Ok(channel) => return Ok(Dialled { channel, computer: Some(active.fqdn) }),
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
            Some((channel, says)) => Ok(Dialled { channel, computer: Some(says.computer) }),
            None => Err(failed),
        }
    }

    /// A connection to a computer: the one over which it was asked, or a new one.
    async fn reached(&self, to: &Host, answers: &mut Vec<(Channel, Where)>) -> Result<Channel, ErrorRecord> {
        match answers.iter().position(|(_, says)| same_name(&says.computer, &to.fqdn)) {
            Some(at) => Ok(answers.swap_remove(at).0),
            None => self.connect(to).await,
        }
    }
}

impl<R: Reach> Dial for Way<R> {
    fn dial(&self, side: Side) -> Pending<Result<Dialled, ErrorRecord>> {
        let way = self.another();
        Box::pin(async move {
            match side {
                Side::Client | Side::Host => {
                    let (channel, computer) = way.contact().await?;
                    Ok(Dialled { channel, computer })
                }
                Side::Server => way.usual().await,
                Side::Keeper => match way.usual().await {
                    Ok(dialled) => Ok(dialled),
                    Err(_) => way.seek(side).await,
                },
            }
        })
    }

    fn seek(&self, side: Side) -> Pending<Result<Dialled, ErrorRecord>> {
        let way = self.another();
        Box::pin(async move { way.seek(side).await })
    }
}

fn silent(computer: &str) -> ErrorRecord {
    let message = format!("{computer} did not answer within {} seconds.", EACH.as_secs());
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
        .hint("See whether it runs, and whether the network lets you through.")
}

fn nobody() -> ErrorRecord {
    let message = "None of the computers that this session knows answers.";
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
        .hint("Name one that runs: --connect HOST[:PORT], or REEVE_CONNECT.")
}
