//! Whether a failover would succeed: all conditions in one list, from what the computers said.

use super::choose::{Choice, claimant};
use super::control::{Condition, Lost, Preflight};
use super::state::{FeedState, PlaceAnswer, PlaceState};
use super::wish::Mode;
use super::{epoch, losses};
use crate::error::{Category, ErrorRecord};
use crate::store::Role;
use crate::topology::Database;
use crate::value::{DateTime, same_name};
use crate::value::{amount, date::iso};
use serde::{Deserialize, Serialize};

/// Ticks of a day.
const DAY: i64 = 24 * 3_600 * 10_000_000;
/// Bytes that must be left on the target's disk beside the export: its log and the new epoch's first changes.
const MARGIN: u64 = 64 << 20;
/// Epochs that a failover after a disaster goes beyond what is known. Who cannot be asked may have gone on by planned
/// failovers meanwhile; of the two sides the one that an administrator forced is to count, and the other's changes are
/// what its report calls uncertain. Eight failovers are more than happen unnoticed.
pub(super) const BEYOND: u64 = 8 * epoch::STRIDE;

/// What is known of one replica.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ReplicaFact {
    /// The computer.
    pub computer: String,
    /// It answered now.
    pub answered: bool,
    /// It has the version and the epoch of the active store.
    pub up_to_date: bool,
    /// The version that it holds.
    pub version: Option<u64>,
    /// The epoch that it holds.
    pub epoch: Option<u64>,
    /// Why it is behind or does not answer.
    pub reason: Option<String>,
    /// Documents that it has and that changed after the version that was asked for.
    pub after: Vec<Lost>,
}

/// What is known when a failover is judged.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// The time at the target.
    pub now: DateTime,
    /// What is to be done.
    pub choice: &'a Choice,
    /// What every place said, the target's own too.
    pub places: &'a [PlaceAnswer],
    /// The replicas; empty for a user store.
    pub replicas: &'a [ReplicaFact],
}

impl<'a> Facts<'a> {
    /// What a place said.
    pub(super) fn place(&self, computer: &str) -> Option<&'a PlaceState> {
        let of = |answer: &&PlaceAnswer| same_name(&answer.computer, computer);
        self.places.iter().find(of).and_then(|answer| answer.state.as_ref().ok())
    }

    /// What was said, by any place.
    pub(super) fn said(&self) -> impl Iterator<Item = &'a PlaceState> {
        self.places.iter().filter_map(|answer| answer.state.as_ref().ok())
    }

    /// The highest epoch that is known, one that somebody is about to enter too.
    pub(super) fn highest_epoch(&self) -> u64 {
        let places = self.said().map(|state| {
            let underway = state.underway.as_ref().map_or(0, |underway| underway.epoch);
            state.position.epoch.max(state.highest_epoch).max(underway)
        });
        places.chain(self.replicas.iter().filter_map(|replica| replica.epoch)).max().unwrap_or(0)
    }

    /// The highest epoch that is known to have been entered by a place.
    pub(super) fn entered(&self) -> u64 {
        let places = self.said().map(|state| state.position.epoch.max(state.highest_epoch));
        places.chain(self.replicas.iter().filter_map(|replica| replica.epoch)).max().unwrap_or(0)
    }

    /// The highest version that is known.
    pub(super) fn highest_version(&self) -> u64 {
        let places = self.said().map(|state| state.position.version);
        places.chain(self.replicas.iter().filter_map(|replica| replica.version)).max().unwrap_or(0)
    }

    /// The epoch that the target enters.
    pub(super) fn next_epoch(&self) -> u64 {
        let computers = self.choice.places.iter().map(String::as_str);
        // The target is a place: the choice was made of them.
        let ordinal = epoch::ordinal(computers, &self.choice.target.computer).unwrap_or(0);
        let beyond = if self.choice.mode == Mode::Disaster { BEYOND } else { 0 };
        epoch::next(self.highest_epoch().saturating_add(beyond), ordinal)
    }

    fn planned(&self) -> bool {
        self.choice.mode == Mode::Planned
    }
}

/// Judges.
pub fn preflight(facts: &Facts<'_>) -> Preflight {
    let choice = facts.choice;
    let (source, target) = (facts.place(&choice.source.computer), facts.place(&choice.target.computer));
    let mut conditions = vec![
        target_condition(facts, target),
        source_condition(facts, source),
        synchronized(facts, source, target),
        replicas(facts),
        version(facts),
    ];
    conditions.extend(target.map(|target| space(target, source)));
    conditions.push(certificates(facts));
    conditions.push(underway(facts));
    let planned = facts.planned();
    if choice.unfinished.as_ref().is_some_and(|unfinished| unfinished.undo) {
        // To give up it takes the target's word alone.
        conditions
            .iter_mut()
            .filter(|condition| condition.name != "Target")
            .for_each(|condition| condition.refuses = false);
    }
    Preflight {
        database: choice.database.clone(),
        mode: choice.mode,
        source: choice.source.computer.clone(),
        source_pool: choice.source.pool.clone(),
        target: choice.target.computer.clone(),
        target_pool: choice.target.pool.clone(),
        source_version: source.map(|state| state.position.version),
        target_version: target.filter(|state| state.role.is_some()).map(|state| state.position.version),
        epoch: facts.next_epoch(),
        lost: if planned { Vec::new() } else { losses::lost(facts) },
        uncertain: if planned { None } else { losses::uncertain(facts, source.is_some()) },
        conditions,
    }
}

impl Preflight {
    /// The error where it refuses: the first refusing condition's id, all of them in the message.
    pub fn refusal(&self) -> Option<ErrorRecord> {
        let first = self.refusals().next()?;
        let all: Vec<String> =
            self.refusals().map(|condition| format!("{}: {}", condition.name, condition.found)).collect();
        let message = format!("The failover to {} is refused, and nothing was changed. {}", self.target, all.join(" "));
        let id = first.id.clone().unwrap_or_else(|| "FailoverRefused".to_owned());
        let category = match id.as_str() {
            "TargetUnreachable" | "SourceUnreachable" => Category::ResourceUnavailable,
            "FailoverUnderway" => Category::ResourceBusy,
            _ => Category::InvalidOperation,
        };
        let error = ErrorRecord::new(id, category, message).target(self.target.as_str());
        Some(self.refusals().filter_map(|condition| condition.advice.clone()).fold(error, ErrorRecord::hint))
    }
}

fn holds(name: &str, found: impl Into<String>) -> Condition {
    Condition { name: name.to_owned(), passed: true, refuses: false, id: None, found: found.into(), advice: None }
}

fn fails(name: &str, refuses: bool, id: &str, found: impl Into<String>, advice: Option<String>) -> Condition {
    let id = Some(id.to_owned());
    Condition { name: name.to_owned(), passed: false, refuses, id, found: found.into(), advice }
}

fn why_silent(facts: &Facts<'_>, computer: &str) -> String {
    let answer = facts.places.iter().find(|answer| same_name(&answer.computer, computer));
    match answer.map(|answer| &answer.state) {
        Some(Err(error)) => format!("{computer} does not answer: {}", error.message()),
        _ => format!("{computer} was not asked, or did not answer."),
    }
}

fn target_condition(facts: &Facts<'_>, target: Option<&PlaceState>) -> Condition {
    let name = &facts.choice.target.computer;
    let Some(state) = target else {
        let advice = format!("Start reeve serve on {name}, or mend the way to it.");
        return fails("Target", true, "TargetUnreachable", why_silent(facts, name), Some(advice));
    };
    match state.role {
        None => {
            let advice = "It makes one by itself once it follows the configuration and the active place answers.";
            fails(
                "Target",
                true,
                "TargetHoldsNothing",
                format!("{name} holds no database yet."),
                Some(advice.to_owned()),
            )
        }
        Some(Role::Active) => {
            let epoch = state.position.epoch;
            let found = format!("{name} takes itself for the active place, in epoch {epoch}.");
            let advice =
                "Two places claim it: the one with the lower epoch stops by itself once they reach each other.";
            fails("Target", true, "TargetIsActive", found, Some(advice.to_owned()))
        }
        Some(_) => holds("Target", format!("{name} holds version {}.", state.position.version)),
    }
}

fn source_condition(facts: &Facts<'_>, source: Option<&PlaceState>) -> Condition {
    let name = &facts.choice.source.computer;
    let others: Vec<String> = facts
        .said()
        .filter(|state| state.role == Some(Role::Active) && !same_name(&state.computer, name))
        .map(|state| format!("{} in epoch {}", state.computer, state.position.epoch))
        .collect();
    let planned = facts.planned();
    if !others.is_empty() && !others.iter().all(|other| other.starts_with(&facts.choice.target.computer)) {
        let found = format!("{name} is not the only one that claims the database: so do {}.", others.join(", "));
        return fails(
            "Source",
            planned,
            "TwoMasters",
            found,
            Some("The lower epochs stop by themselves once they hear of the higher; ask again then.".to_owned()),
        );
    }
    let Some(state) = source else {
        let found = why_silent(facts, name);
        if planned {
            let advice = format!("A planned failover needs it. If it is lost: {}", disaster_form(facts.choice));
            return fails("Source", true, "SourceUnreachable", found, Some(advice));
        }
        return holds("Source", format!("{found} What only it has is lost to the others."));
    };
    let (version, epoch) = (state.position.version, state.position.epoch);
    let ours = facts.choice.unfinished.as_ref().map(|unfinished| unfinished.underway.id.as_str());
    match state.role {
        Some(Role::Active) if planned && !state.serves => fails(
            "Source",
            true,
            "SourceNotActive",
            format!("{name} has not begun to serve yet."),
            Some("Ask again in a few seconds.".to_owned()),
        ),
        Some(Role::Active) if planned => holds("Source", format!("{name} serves version {version} in epoch {epoch}.")),
        Some(Role::Active) => {
            let found = format!("{name} still answers and serves version {version}.");
            let advice = format!("A planned failover would lose nothing: {}", planned_form(facts.choice));
            fails("Source", false, "SourceAnswers", found, Some(advice))
        }
        Some(Role::Closed) => {
            let id = state.underway.as_ref().map_or("", |underway| underway.id.as_str());
            let ends_here = state
                .underway
                .as_ref()
                .is_some_and(|underway| same_name(&underway.target, &facts.choice.target.computer));
            if !planned || ends_here || ours == Some(id) {
                return holds("Source", format!("{name} takes no changes since the failover {id} began."));
            }
            let advice = "Run that failover again to finish it, or undo it with -Restore.".to_owned();
            fails("Source", true, "FailoverUnderway", format!("{name} is closed for the failover {id}."), Some(advice))
        }
        _ if planned => {
            let found = format!("{name} is not active: nobody is, as far as can be seen.");
            let advice = format!("A planned failover needs an active place. {}", disaster_form(facts.choice));
            fails("Source", true, "SourceNotActive", found, Some(advice))
        }
        _ => holds("Source", format!("{name} answers and is not active.")),
    }
}

fn synchronized(facts: &Facts<'_>, source: Option<&PlaceState>, target: Option<&PlaceState>) -> Condition {
    const NAME: &str = "Synchronized";
    let Some(target) = target else { return holds(NAME, "Not known: the target does not answer.") };
    let planned = facts.planned();
    let named = &facts.choice.target.computer;
    if let Some(error) = &target.error {
        let found = format!("{named} cannot follow: {}.", error.trim_end_matches('.'));
        return fails(NAME, planned, "TargetNotSynchronized", found, Some("Mend that, then ask again.".to_owned()));
    }
    let Some(source) = source.or_else(|| claimant(facts.places)) else {
        let found = format!("{named} holds version {} of epoch {}.", target.position.version, target.position.epoch);
        return match target.feed {
            Some(FeedState::Synchronized) => holds(NAME, format!("{found} It had everything when it last heard.")),
            _ => fails(
                NAME,
                planned,
                "TargetNotSynchronized",
                format!("{found} It had not everything when it last heard."),
                None,
            ),
        };
    };
    let behind = source.position.sequence.saturating_sub(target.position.sequence);
    let same_epoch = source.position.epoch == target.position.epoch;
    let follows = target.follows.as_deref().is_some_and(|follows| same_name(follows, &source.computer));
    if same_epoch && follows && target.feed != Some(FeedState::Unsynchronized) {
        let rest = match behind {
            0 => "It has everything.".to_owned(),
            1 => "1 change is on the way.".to_owned(),
            _ => format!("{behind} changes are on the way."),
        };
        return holds(NAME, format!("{named} follows {}. {rest}", source.computer));
    }
    // The copy of a user store at the partner is taken at intervals, and what it misses before the switch.
    let users = matches!(Database::parse(&facts.choice.database), Some(Database::Users(_)));
    if users && planned && follows {
        return holds(
            NAME,
            format!(
                "{named} misses {} of {}, and takes what it misses before the switch.",
                amount(behind, "change"),
                source.computer
            ),
        );
    }
    if same_epoch && behind == 0 && target.position.hash == source.position.hash && target.role == Some(Role::Standby) {
        return holds(NAME, format!("{named} has everything that {} has.", source.computer));
    }
    let found = match &target.follows {
        Some(follows) => {
            format!("{named} follows {follows}, and is {} behind {}.", amount(behind, "change"), source.computer)
        }
        None => format!("{named} follows nobody, and is {} behind {}.", amount(behind, "change"), source.computer),
    };
    let advice = "It catches up by itself once it reaches the active place; ask again then.".to_owned();
    fails(NAME, planned, "TargetNotSynchronized", found, Some(advice))
}

fn replicas(facts: &Facts<'_>) -> Condition {
    const NAME: &str = "Replicas";
    // Replicas that are named in a sentence: more is a list that nobody reads.
    const NAMED: usize = 5;
    if facts.replicas.is_empty() {
        return holds(NAME, "No replica follows this database.");
    }
    let behind: Vec<&ReplicaFact> = facts.replicas.iter().filter(|replica| !replica.up_to_date).collect();
    if behind.is_empty() {
        return holds(NAME, format!("All {} replicas are up to date.", facts.replicas.len()));
    }
    let named: Vec<String> = behind
        .iter()
        .take(NAMED)
        .map(|replica| match &replica.reason {
            Some(reason) => format!("{} ({})", replica.computer, reason.trim_end_matches('.')),
            None => replica.computer.clone(),
        })
        .collect();
    let more = behind.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let found = format!(
        "{} of {} replicas are not up to date: {}{more}.",
        behind.len(),
        facts.replicas.len(),
        named.join(", ")
    );
    let advice = "Get-CsManagementStoreReplicationStatus says why of each; Test-CsReplica tries the way to it.";
    // Since a failover closed the source, nobody can bring them up to date but its end.
    let refuses = facts.planned() && facts.choice.unfinished.is_none();
    fails(NAME, refuses, "ReplicasBehind", found, Some(advice.to_owned()))
}

fn version(facts: &Facts<'_>) -> Condition {
    let mut versions: Vec<(&str, &str)> =
        facts.said().map(|state| (state.computer.as_str(), state.product.as_str())).collect();
    versions.sort_by_key(|(computer, _)| !same_name(computer, &facts.choice.target.computer));
    let Some((_, first)) = versions.first().copied() else { return holds("Version", "No place answers.") };
    if versions.iter().all(|(_, version)| *version == first) {
        return holds("Version", format!("Every place that answers runs {first}."));
    }
    let each: Vec<String> = versions.iter().map(|(computer, version)| format!("{computer} {version}")).collect();
    let found = format!("The places run different versions of the program: {}.", each.join(", "));
    fails("Version", false, "VersionsDiffer", found, Some("Bring them to one version.".to_owned()))
}

fn space(target: &PlaceState, source: Option<&PlaceState>) -> Condition {
    let size = target.size.max(source.map_or(0, |source| source.size));
    let needed = size.saturating_add(MARGIN);
    let megabytes = |bytes: u64| bytes.div_ceil(1 << 20);
    let found = format!(
        "The export takes about {} MB; {} MB are free on {}.",
        megabytes(size),
        megabytes(target.free),
        target.computer
    );
    if target.free >= needed {
        return holds("Space", found);
    }
    let advice = format!("Free {} MB there, beside the host directory.", megabytes(needed - target.free));
    fails("Space", true, "NotEnoughSpace", found, Some(advice))
}

fn certificates(facts: &Facts<'_>) -> Condition {
    const NAME: &str = "Certificates";
    let mut soon = Vec::new();
    for state in facts.said() {
        let Some(end) = state.certificate_not_after else { continue };
        let is_end = [&facts.choice.target.computer, &facts.choice.source.computer];
        let matters = is_end.iter().any(|computer| same_name(computer, &state.computer));
        if end.ticks <= facts.now.ticks && matters {
            let refuses = facts.planned() || same_name(&state.computer, &facts.choice.target.computer);
            let found = format!("The certificate of {} ended at {}.", state.computer, iso(end));
            let advice =
                "A running server renews it by itself; look at its log, and at the computer's clock.".to_owned();
            return fails(NAME, refuses, "CertificateExpired", found, Some(advice));
        }
        if end.ticks.saturating_sub(facts.now.ticks) < DAY {
            soon.push(format!("that of {} ends at {}", state.computer, iso(end)));
        }
    }
    if soon.is_empty() {
        return holds(NAME, "None of those that are known ends within a day.");
    }
    let advice = "Running servers renew theirs by themselves; one that ends so soon was not renewed.".to_owned();
    fails(NAME, false, "CertificateEnds", format!("Certificates end within a day: {}.", soon.join(", ")), Some(advice))
}

fn underway(facts: &Facts<'_>) -> Condition {
    const NAME: &str = "Underway";
    let ours = facts.choice.unfinished.as_ref().map(|unfinished| unfinished.underway.id.as_str());
    let target = &facts.choice.target.computer;
    let other = facts.said().filter_map(|state| state.underway.as_ref()).find(|underway| {
        // What this target gave up, or what it itself replaces by a new order, stands in nobody's way.
        let open = underway.step != "Undo" && !same_name(&underway.target, target);
        open && ours != Some(underway.id.as_str())
    });
    let Some(other) = other else { return holds(NAME, "No other failover is under way.") };
    let found = format!(
        "The failover {} from {} to {}, which {} began at {}, is not over (step {}).",
        other.id, other.source, other.target, other.by, other.since, other.step
    );
    let advice = "Run it again to finish it, or undo it with -Restore.".to_owned();
    fails(NAME, facts.planned(), "FailoverUnderway", found, Some(advice))
}

/// The command that fails over without the source, with the names as they must stand.
fn disaster_form(choice: &Choice) -> String {
    let instance = |name: &str| if name.is_empty() { "MSSQLSERVER".to_owned() } else { name.to_owned() };
    let (target, same_pool) = (&choice.target, same_name(&choice.source.pool, &choice.target.pool));
    match (choice.database(), same_pool) {
        (Some(Database::Users(pool)), false) => format!("Invoke-CsPoolFailOver -PoolFqdn \"{pool}\" -DisasterMode"),
        (database, true) => {
            let (pool, kind) = match database {
                Some(Database::Users(pool)) => (pool, "User"),
                _ => (choice.source.pool.clone(), "CentralMgmt"),
            };
            let side = if target.mirror { "Mirror" } else { "Primary" };
            format!("Invoke-CsDatabaseFailover -PoolFqdn \"{pool}\" -DatabaseType {kind} -NewPrincipal {side} -Force")
        }
        (_, false) => {
            let mirror = choice.partner.as_ref().filter(|partner| partner.mirror).map_or_else(String::new, |partner| {
                format!(
                    " -BackupMirrorSqlServerFqdn \"{}\" -BackupMirrorSqlInstanceName \"{}\"",
                    partner.sql,
                    instance(&partner.instance)
                )
            });
            format!(
                "Invoke-CsManagementServerFailover -BackupSqlServerFqdn \"{}\" -BackupSqlInstanceName \"{}\"{mirror} -Force",
                target.sql,
                instance(&target.instance)
            )
        }
    }
}

/// The command that fails over with the source's help.
fn planned_form(choice: &Choice) -> String {
    match (choice.database(), same_name(&choice.source.pool, &choice.target.pool)) {
        (Some(Database::Users(pool)), false) => format!("Invoke-CsPoolFailOver -PoolFqdn \"{pool}\""),
        (_, true) => disaster_form(choice).replace(" -Force", ""),
        (_, false) => "Invoke-CsManagementServerFailover".to_owned(),
    }
}
