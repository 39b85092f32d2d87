//! Who is the active master: the other computers are asked.

use crate::net::http::Channel;
use crate::net::{Dialler, Pending};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;

/// Computers that are asked at a time, and in all: enough that one of them knows, few enough not to be a storm when a
/// fleet asks.
const AT_ONCE: usize = 8;
/// Most computers that are asked.
const MOST: usize = 32;
/// How long one may take to connect and to answer.
const PATIENCE: Duration = Duration::from_secs(12);

/// How long the others are heard when one knows: an answer takes milliseconds, and who is silent is often the computer
/// that was lost.
const HEARD: Duration = Duration::from_millis(500);

/// What a computer answers on `GET /v1/where`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Where {
    /// The computer that holds the active store, as far as it knows.
    pub active: Option<String>,
    /// Where that listens: `host:port`.
    pub address: Option<String>,
    /// The highest epoch that it saw.
    pub epoch: u64,
}

/// Finds the active master.
pub trait Finder: Send + Sync {
    /// The computer; `None` where nobody knows.
    fn find(&self) -> Pending<Option<Arc<str>>>;
}

/// Asks the other computers, each by its certificate.
pub struct AskOthers {
    dialler: Arc<Dialler>,
    computers: Arc<dyn Fn() -> Vec<String> + Send + Sync>,
}

impl AskOthers {
    /// Asks these computers, in this order: best those that may hold the store first.
    pub fn new(dialler: Arc<Dialler>, computers: Arc<dyn Fn() -> Vec<String> + Send + Sync>) -> AskOthers {
        AskOthers { dialler, computers }
    }
}

impl Finder for AskOthers {
    fn find(&self) -> Pending<Option<Arc<str>>> {
        let (dialler, computers) = (self.dialler.clone(), self.computers.clone());
        Box::pin(async move {
            let computers: Vec<_> = computers().into_iter().take(MOST).collect();
            for some in computers.chunks(AT_ONCE) {
                let mut asked = JoinSet::new();
                for computer in some {
                    asked.spawn(ask(dialler.clone(), computer.clone()));
                }
                let mut best: Option<(u64, String)> = None;
                loop {
                    // Once somebody knows, those that are about to say more are heard, the silent ones not waited for.
                    let answer = match best {
                        None => asked.join_next().await,
                        Some(_) => tokio::time::timeout(HEARD, asked.join_next()).await.ok().flatten(),
                    };
                    let Some(answer) = answer else { break };
                    let Ok(Some(Where { active: Some(active), epoch, .. })) = answer else { continue };
                    // Who saw the later epoch knows better.
                    if best.as_ref().is_none_or(|(known, _)| epoch > *known) {
                        best = Some((epoch, active));
                    }
                }
                if let Some((_, active)) = best {
                    return Some(active.into());
                }
            }
            None
        })
    }
}

async fn ask(dialler: Arc<Dialler>, computer: String) -> Option<Where> {
    let asked = async {
        let connection = dialler.http(&computer).await?;
        Channel::over_tls(connection).await?.get::<Where>("/v1/where").await
    };
    tokio::time::timeout(PATIENCE, asked).await.ok()?.ok()
}
