//! What cmdlets ask of the backup service on the active Central Management server: it asks the pools' computers.

use super::routes::{Line, Statuses};
use super::{Running, status};
use crate::backup::service::{Duty, Part, duty};
use crate::backup::{Control, ExportState, ImportState, Module, ModuleStatus, SyncOrder, SyncProgress, SyncReport};
use crate::error::{Category, ErrorRecord};
use crate::host::known::Known;
use crate::net::http::{Body, Channel, Lines, Method, fault};
use crate::value::same_name;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// How long a computer may take to say how its modules are: it asks the other end of each, two seconds at most.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long a computer that works may say nothing: it says something every two seconds.
const SILENCE: Duration = Duration::from_secs(60);
/// How long a computer may need to learn of a topology or a failover that this one knows already.
const LEARNS: Duration = Duration::from_secs(15);
/// Between two attempts then.
const STEP: Duration = Duration::from_millis(250);
/// How often who waits is asked whether it still does.
const ASKED: Duration = Duration::from_millis(100);

/// The backup service as cmdlets of the active server see it.
pub struct Central {
    running: Running,
    runtime: tokio::runtime::Handle,
}

impl Central {
    /// That of a computer; its tasks run in `runtime`. It is asked from threads that may wait.
    pub fn new(running: Running, runtime: tokio::runtime::Handle) -> Central {
        Central { running, runtime }
    }

    fn known(&self) -> Result<Arc<Known>, ErrorRecord> {
        self.running.backup.node.known().ok_or_else(super::routes::not_ready)
    }

    fn parts(&self, pool: &str) -> Result<Vec<(Module, Part)>, ErrorRecord> {
        let known = self.known()?;
        Module::ALL.iter().map(|module| Ok((*module, duty::part(&known.topology, &*known, pool, *module)?))).collect()
    }

    async fn statuses(&self, pool: &str) -> Result<Vec<ModuleStatus>, ErrorRecord> {
        let parts = self.parts(pool)?;
        let mut targets: Vec<String> = Vec::new();
        for (_, part) in &parts {
            if let Part::Duty(duty) = part
                && !targets.iter().any(|known| same_name(known, &duty.target))
            {
                targets.push(duty.target.clone());
            }
        }
        // At most one for each module.
        let mut asked = JoinSet::new();
        for target in targets {
            let (running, pool) = (self.running.clone(), pool.to_lowercase());
            asked.spawn(async move {
                let path = format!("/v1/backup/{pool}");
                let asking = async { channel(&running, &target).await?.get::<Statuses>(&path).await };
                let answer = timeout(PATIENCE, asking).await.unwrap_or_else(|_| Err(silent(&target)));
                (target, answer)
            });
        }
        let mut answers = Vec::new();
        while let Some(answer) = asked.join_next().await {
            answers.extend(answer.ok());
        }
        let (own, partner) = {
            let known = self.known()?;
            let (own, partner) = duty::partner(&known.topology, pool)?;
            (own.fqdn.clone(), partner.fqdn.clone())
        };
        let mut statuses: Vec<ModuleStatus> = parts
            .into_iter()
            .map(|(module, part)| match part {
                Part::Nothing { expected, cause } => nothing(module, &own, &partner, expected, cause),
                Part::Duty(duty) => {
                    let answer = answers.iter().find(|(target, _)| same_name(target, &duty.target));
                    let found = match answer.map(|(_, answer)| answer) {
                        Some(Ok(there)) => there.modules.iter().find(|status| status.module == module).cloned(),
                        Some(Err(error)) => return unreachable(duty, error),
                        None => None,
                    };
                    found.unwrap_or_else(|| not_known_there(duty))
                }
            })
            .collect();
        status::in_order(&mut statuses);
        Ok(statuses)
    }

    async fn order(
        &self,
        order: &SyncOrder,
        told: &mut dyn FnMut(&SyncProgress) -> bool,
    ) -> Result<SyncReport, ErrorRecord> {
        let begun = Instant::now();
        loop {
            let part = self.parts(&order.pool)?.into_iter().find(|(module, _)| *module == order.module);
            let duty = match part {
                Some((_, Part::Duty(duty))) => duty,
                Some((_, Part::Nothing { cause, .. })) => return Err(not_here(order, &cause)),
                None => return Err(not_here(order, "there is no such module")),
            };
            let learns = SyncProgress { what: format!("Waiting for {} to learn of it", duty.target), percent: None };
            match self.once(&duty, order, told).await {
                // Its replica may be a moment behind.
                Err(error)
                    if matches!(error.id(), "BackupNotReady" | "NotReady" | "NotSource")
                        && begun.elapsed() < LEARNS
                        && told(&learns) =>
                {
                    sleep(STEP).await;
                }
                other => return other,
            }
        }
    }

    async fn once(
        &self,
        duty: &Duty,
        order: &SyncOrder,
        told: &mut dyn FnMut(&SyncProgress) -> bool,
    ) -> Result<SyncReport, ErrorRecord> {
        let mut progress = SyncProgress { what: format!("Asking {}", duty.target), percent: None };
        let how = if order.failover { "?failover" } else { order.extent.query() };
        let path = format!("/v1/backup/{}/{}{how}", duty.pool.to_lowercase(), duty.module.name());
        let running = self.running.clone();
        let target = duty.target.clone();
        // The connection lives as long as its answer.
        let asking = async move {
            let channel = channel(&running, &target).await?;
            let lines = channel.request(Method::POST, &path, Body::empty()).await?.accepted().await?;
            Ok::<(Channel, Lines), ErrorRecord>((channel, lines))
        };
        let mut asking = Box::pin(asking);
        let (_channel, mut lines) = loop {
            tokio::select! {
                asked = &mut asking => break asked?,
                () = sleep(ASKED) => if !told(&progress) { return Err(stopped()) },
            }
        };
        let mut heard = Instant::now();
        loop {
            let line = tokio::select! {
                line = lines.next_value::<Line>() => Some(line?),
                () = sleep(ASKED) => None,
            };
            match line {
                Some(Some(Line::Progress(next))) => (progress, heard) = (next, Instant::now()),
                Some(Some(Line::Report(report))) => return Ok(report),
                Some(Some(Line::Error(error))) => {
                    let error = serde_json::to_vec(&error).ok().and_then(|bytes| fault::from_json(&bytes));
                    return Err(error.unwrap_or_else(|| silent(&duty.target)));
                }
                Some(None) => return Err(silent(&duty.target)),
                None if heard.elapsed() >= SILENCE => return Err(silent(&duty.target)),
                None => {}
            }
            if !told(&progress) {
                return Err(stopped());
            }
        }
    }
}

impl Control for Central {
    fn status(&self, pool: &str) -> Result<Vec<ModuleStatus>, ErrorRecord> {
        self.runtime.block_on(self.statuses(pool))
    }

    fn sync(&self, order: &SyncOrder, told: &mut dyn FnMut(&SyncProgress) -> bool) -> Result<SyncReport, ErrorRecord> {
        self.runtime.block_on(self.order(order, told))
    }
}

async fn channel(running: &Running, computer: &str) -> Result<Channel, ErrorRecord> {
    Channel::over_tls(running.backup.node.asking()?.http(computer).await?).await
}

fn nothing(module: Module, pool: &str, partner: &str, expected: bool, cause: String) -> ModuleStatus {
    ModuleStatus {
        module,
        pool: pool.into(),
        backup_pool: partner.into(),
        source: String::new(),
        target: String::new(),
        export: ExportState::NotInitialized,
        import: ImportState::NotInitialized,
        expected,
        cause,
        backlog: None,
        last_success: None,
        last_attempt: None,
        error: None,
        unreachable: None,
    }
}

fn unreachable(duty: Duty, error: &ErrorRecord) -> ModuleStatus {
    let cause = format!("{} does not say how it is. {}: {}", duty.target, error.id(), error.message());
    let known = nothing(duty.module, &duty.pool, &duty.backup_pool, false, cause);
    ModuleStatus {
        export: ExportState::ErrorState,
        import: ImportState::ErrorState,
        source: duty.source,
        target: duty.target,
        error: Some(format!("{}: {}", error.id(), error.message())),
        unreachable: Some(error.message().to_string()),
        ..known
    }
}

fn not_known_there(duty: Duty) -> ModuleStatus {
    let cause = format!("{} does not know yet that it takes it: its replica is behind.", duty.target);
    let known = nothing(duty.module, &duty.pool, &duty.backup_pool, false, cause);
    ModuleStatus { source: duty.source, target: duty.target, ..known }
}

fn not_here(order: &SyncOrder, cause: &str) -> ErrorRecord {
    let message = format!("{} of {} is not synchronised: {cause}", order.module.name(), order.pool);
    ErrorRecord::new("BackupModuleNotHere", Category::InvalidOperation, message)
        .target(order.pool.as_str())
        .hint("Get-CsBackupServiceStatus says which modules a pool has, and why one is missing.")
}

fn silent(computer: &str) -> ErrorRecord {
    let message = format!("{computer} does not answer, or broke off in the middle of its answer.");
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message)
        .hint("See whether its server runs, and its log; what was completed stays.")
}

fn stopped() -> ErrorRecord {
    ErrorRecord::new(
        "BackupStopped",
        Category::OperationStopped,
        "The synchronisation was stopped; what was completed stays.",
    )
}
