//! How much of what can go wrong the seeds exercise: so that a reader knows what their passing is worth.

use super::disk::Damage;
use super::runner::Counts;
use std::fmt;

macro_rules! tally {
    ($($(#[doc = $what:literal])* $field:ident: $name:literal,)*) => {
        /// Counts of what happened.
        #[derive(Clone, Copy, Debug, Default)]
        pub struct Tally {
            $($(#[doc = $what])* pub $field: u64,)*
        }

        impl Counts for Tally {
            fn shown(&self) -> String {
                self.to_string()
            }

            fn count(&mut self, other: &Tally) {
                $(self.$field += other.$field;)*
            }
        }

        impl fmt::Display for Tally {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let all = [$((self.$field, $name),)*];
                for (at, (count, name)) in all.into_iter().enumerate() {
                    write!(f, "{}{count} {name}", if at > 0 { ", " } else { "" })?;
                }
                Ok(())
            }
        }
    };
}

tally! {
    replicas: "replicas",
    events: "events",
    acknowledged: "changes acknowledged",
    refused: "changes refused by a full disk",
    unknown: "changes under way when the power failed",
    rolled_back: "changes lost by disaster",
    master_crashes: "crashes of a master",
    replica_crashes: "crashes of a replica",
    between_effects: "of them between two effects",
    kept: "unsynced writes kept",
    lost_writes: "lost",
    torn: "torn",
    connections: "connections",
    broken: "broken",
    messages: "messages",
    dropped: "dropped",
    doubled: "doubled",
    overtook: "out of order",
    stalled: "stalled by a partition",
    replayed: "replayed",
    partitions: "partitions",
    disks: "disks full or failing",
    epochs: "epochs",
    failovers: "failovers",
    forgets: "forced full snapshots",
    topologies: "changes of the topology",
    deltas: "deltas applied",
    fulls: "full snapshots applied",
    not_applied: "packages not applied",
    chunks: "chunks",
    reports: "reports",
}

impl Tally {
    /// Counts what a crash did to a disk.
    pub fn damage(&mut self, damage: Damage) {
        self.kept += damage.kept;
        self.lost_writes += damage.lost;
        self.torn += damage.torn;
    }

    /// Counts what the network did.
    pub fn network(&mut self, network: &super::network::Tally) {
        self.connections += network.connections;
        self.broken += network.broken;
        self.messages += network.messages;
        self.dropped += network.lost;
        self.doubled += network.doubled;
        self.overtook += network.overtook;
        self.stalled += network.stalled;
    }
}
