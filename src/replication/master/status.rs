//! What the master says of its replicas.

use super::connection::Work;
use super::{Master, Replica};
use crate::replication::control::{CentralState, ReplicaState};
use crate::value::{DateTime, DateTimeKind};

fn time(ticks: Option<i64>) -> Option<DateTime> {
    ticks.map(|ticks| DateTime { ticks, kind: DateTimeKind::Utc })
}

impl Master {
    /// The state of every replica of the topology, by name.
    pub fn states(&self) -> Vec<ReplicaState> {
        self.replicas.values().filter(|replica| replica.listed).map(|replica| self.state(replica)).collect()
    }

    /// The state of the master; name and heartbeat are the driver's to add.
    pub fn central(&self) -> CentralState {
        let names = |listed: bool| {
            let of = self.replicas.values().filter(|replica| replica.listed == listed);
            of.map(|replica| replica.row.computer.to_string()).collect()
        };
        CentralState {
            version: Some(self.head.version),
            epoch: Some(self.head.epoch),
            active_replicas: names(true),
            deleted_replicas: names(false),
            ..CentralState::default()
        }
    }

    fn state(&self, replica: &Replica) -> ReplicaState {
        let row = &replica.row;
        let peer = replica.connection.and_then(|id| self.connections.get(&id));
        let up_to_date = row.held == Some(self.head.held());
        let bytes_behind = match peer.map(|peer| peer.work) {
            Some(Work::Announced { length, .. }) if !up_to_date => Some(length),
            _ => None,
        };
        ReplicaState {
            replica_fqdn: row.computer.to_string(),
            up_to_date,
            last_status_report: time(row.last_status_report),
            last_update_creation: time(row.last_update_creation),
            product_version: row.product.as_deref().map(str::to_owned),
            version_held: row.held.map(|held| held.version),
            epoch: row.held.map(|held| held.epoch),
            last_package_kind: row.last_package_kind,
            versions_behind: row.held.map(|held| self.head.version.saturating_sub(held.version)),
            bytes_behind,
            connected: peer.is_some_and(|peer| peer.work != Work::New),
            last_contact: time(row.last_contact),
            last_error: row.last_error.as_deref().map(str::to_owned),
            hook_error: row.hook_error.as_deref().map(str::to_owned),
            certificate_not_after: time(row.not_after),
            clock_skew_seconds: row.clock_skew_seconds,
            reason: if up_to_date { None } else { Some(self.reason(replica, peer.map(|peer| peer.work))) },
        }
    }

    /// Why a replica is not up to date, in a sentence.
    fn reason(&self, replica: &Replica, work: Option<Work>) -> String {
        let row = &replica.row;
        let error = row.last_error.as_deref();
        match work {
            None | Some(Work::New) => {
                let since = match row.last_contact {
                    Some(_) => "It is not connected.",
                    None => "It has never connected.",
                };
                match error {
                    Some(error) => format!("{since} Last error: {error}"),
                    None => since.to_owned(),
                }
            }
            Some(Work::Wanting(_)) => match error {
                Some(error) => format!("Its package is being made. Last error: {error}"),
                None => "Its package is being made.".to_owned(),
            },
            Some(Work::Announced { package, length, .. }) => {
                format!("It was sent package {package} of {length} bytes and has not reported it yet.")
            }
            Some(Work::Failed) => match error {
                Some(error) => format!("It failed, and tries again. Last error: {error}"),
                None => "It failed, and tries again.".to_owned(),
            },
            Some(Work::Idle) if self.over.is_some() => "This server is no longer the active master.".to_owned(),
            Some(Work::Idle) => "It is about to be told.".to_owned(),
        }
    }
}
