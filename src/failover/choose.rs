//! From what an administrator wants to what is to be done: which computer gives the database away, which takes it.

mod refusals;

use super::claims::{away, claimant, decided};
use super::ends::{End, ends};
use super::placement::Placement;
use super::state::{PlaceAnswer, PlaceState, Underway, Unreported};
use super::wish::{Mode, Principal, SqlName, Wish};
use crate::error::{Category, ErrorRecord};
use crate::store::Role;
use crate::topology::{Database, DatabasePlaces, Topology};
use crate::value::same_name;
use serde::{Deserialize, Serialize};

/// What is known when a wish comes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// What the configuration says of where the database is.
    pub placement: Option<&'a Placement>,
    /// What the places said of themselves; none where nobody could be asked.
    pub answers: &'a [PlaceAnswer],
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Choice {
    /// The database, in text.
    pub database: String,
    /// How.
    pub mode: Mode,
    /// Who gives it away.
    pub source: End,
    /// Who takes it.
    pub target: End,
    /// The target's mirror, or the primary whose mirror it is.
    pub partner: Option<End>,
    /// The computers of all places, the source's and the target's too.
    pub places: Vec<String>,
    /// An unfinished failover to [`Choice::target`] that is to be finished or undone.
    pub unfinished: Option<Unfinished>,
    /// All places.
    #[serde(default)]
    pub ends: Vec<End>,
    /// The computer to which it would go, planned and without a name.
    #[serde(default)]
    pub next: Option<String>,
    /// The computer to which -Restore would lead back.
    #[serde(default)]
    pub before: Option<String>,
    /// What is wanted.
    #[serde(default)]
    pub wish: Option<Wish>,
}

/// A failover that was begun before, and what is to become of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Unfinished {
    /// What is known of it.
    pub underway: Underway,
    /// It is to be undone; else it is to be finished.
    pub undo: bool,
}

impl Choice {
    /// The database.
    pub fn database(&self) -> Option<Database> {
        Database::parse(&self.database)
    }

    /// The target holds a copy that is taken at intervals, as the backup pool of a user store does; else it follows all the
    /// time.
    pub fn by_copies(&self) -> bool {
        matches!(self.database(), Some(Database::Users(_))) && !same_name(&self.source.pool, &self.target.pool)
    }

    /// The pool that becomes active in the topology with it; `None` where that does not change.
    pub fn active_pool(&self) -> Option<&str> {
        let moves = self.database() == Some(Database::CentralMgmt) && !same_name(&self.source.pool, &self.target.pool);
        moves.then_some(self.target.pool.as_str())
    }
}

/// What a wish means now. The order belongs to the computer of `target`: it alone carries it out.
///
/// # Errors
/// `RoleNotPresent` and `PoolNotFound` where the topology has no such database; `NoStandby`, `TargetNotStandby`,
/// `TargetIsActive`, `NotMirrored`, `NothingToRestore`, `MirrorNotOfTarget`, `ReportNotFound`.
pub fn choose(topology: &Topology, database: &Database, wish: &Wish, known: Known<'_>) -> Result<Choice, ErrorRecord> {
    chosen(topology, database, wish, known, None)
}

/// The same for somebody who may have given this very order before, and had no report: the failover that it led to is over
/// then, and is to be told of instead of beginning another.
///
/// # Errors
/// Those of [`choose`].
pub fn choose_for(
    by: &str,
    topology: &Topology,
    database: &Database,
    wish: &Wish,
    known: Known<'_>,
) -> Result<Choice, ErrorRecord> {
    chosen(topology, database, wish, known, Some(by))
}

fn chosen(
    topology: &Topology,
    database: &Database,
    wish: &Wish,
    known: Known<'_>,
    by: Option<&str>,
) -> Result<Choice, ErrorRecord> {
    let places = topology.require_database(database)?;
    let chooser = Chooser { topology, places: &places, known, ends: ends(topology, &places) };
    let mut choice = match by.and_then(|by| chooser.unreported(wish, by)) {
        Some(over) => chooser.go_on(&over.underway, over.undone)?,
        None => chooser.choose(wish)?,
    };
    choice.wish = Some(wish.clone());
    Ok(choice)
}

/// The error where a database is to go where it is.
const IS_ACTIVE: &str = "TargetIsActive";

struct Chooser<'a> {
    topology: &'a Topology,
    places: &'a DatabasePlaces,
    known: Known<'a>,
    ends: Vec<End>,
}

impl Chooser<'_> {
    fn choose(&self, wish: &Wish) -> Result<Choice, ErrorRecord> {
        let source = self.source();
        match wish {
            Wish::Next => {
                if let Some(unfinished) = self.unfinished(Mode::Planned, None) {
                    return self.go_on(unfinished, false);
                }
                let target = self.next(&source)?;
                self.choice(Mode::Planned, source, target)
            }
            Wish::Backup { to, mirror } => {
                let target = self.named(to)?;
                let target = self.with_mirror(target, mirror.as_ref())?;
                if let Some(unfinished) = self.unfinished(Mode::Disaster, Some(&target)) {
                    return self.go_on(unfinished, false);
                }
                self.choice(Mode::Disaster, source, target)
            }
            Wish::Restore => self.restore(source),
            Wish::Report => Err(self.no_report()),
            Wish::Side { principal, force } => {
                let target = self.side(&source, *principal)?;
                let mode = if *force { Mode::Disaster } else { Mode::Planned };
                self.to(mode, source.clone(), target.clone())
                    .or_else(|error| if error.id() == IS_ACTIVE { self.same_side(source, target) } else { Err(error) })
            }
            Wish::Computer { computer, mode } => {
                let target = self.end(computer).cloned().ok_or_else(|| self.no_standby_of(computer, None))?;
                self.to(*mode, source, target)
            }
        }
    }

    /// To a place that is named: what was begun so is finished, and by plan back to the place that is closed for another
    /// undoes that.
    fn to(&self, mode: Mode, source: End, target: End) -> Result<Choice, ErrorRecord> {
        if let Some(unfinished) = self.unfinished(mode, Some(&target)) {
            return self.go_on(unfinished, false);
        }
        let from_it = |underway: &&Underway| same_name(&underway.source, &target.computer) && !self.decided(underway);
        let is_source = mode == Mode::Planned && same_name(&source.computer, &target.computer);
        if let Some(underway) = self.underway().filter(|_| is_source).find(from_it) {
            return self.go_on(underway, true);
        }
        self.choice(mode, source, target)
    }

    fn decided(&self, underway: &Underway) -> bool {
        decided(underway, self.known.answers)
    }

    fn end(&self, computer: &str) -> Option<&End> {
        self.ends.iter().find(|end| same_name(&end.computer, computer))
    }

    /// Who has it: by what the places say of themselves, else by the newest epoch that they know of, else by what the
    /// configuration says.
    fn source(&self) -> End {
        let claims = claimant(self.known.answers).and_then(|state| self.end(&state.computer)).or_else(|| self.away());
        let primary = || End {
            computer: self.places.primary.computer.clone(),
            pool: self.places.pool.clone(),
            sql: self.places.primary.fqdn.clone(),
            instance: self.places.primary.instance.clone(),
            mirror: false,
        };
        claims.or_else(|| self.moved()).cloned().unwrap_or_else(primary)
    }

    /// Who took it over and does not answer, as those know who do.
    fn away(&self) -> Option<&End> {
        away(self.known.answers).and_then(|(computer, _)| self.end(computer))
    }

    /// Where the last failover brought it, as the configuration says.
    fn moved(&self) -> Option<&End> {
        let computer = self.known.placement.map(|placement| placement.computer.as_str())?;
        // Of the store the topology says which pool is active; the placement only which of its two.
        let counts =
            |end: &&End| self.places.database != Database::CentralMgmt || same_name(&end.pool, &self.places.pool);
        self.end(computer).filter(counts)
    }

    /// The other side of a mirrored database, in its pool.
    fn partner(&self, of: &End) -> Option<&End> {
        self.ends.iter().find(|end| same_name(&end.pool, &of.pool) && end.mirror != of.mirror)
    }

    /// Where it goes without a name: to the mirror, else to the pool that stands by.
    fn next(&self, source: &End) -> Result<End, ErrorRecord> {
        if let Some(partner) = self.partner(source) {
            return Ok(partner.clone());
        }
        let elsewhere = |end: &&End| !same_name(&end.pool, &source.pool) && !end.mirror;
        let backup = self.topology.pool(&source.pool).ok().and_then(|pool| pool.backup_pool.as_deref());
        let paired =
            self.ends.iter().filter(elsewhere).find(|end| backup.is_some_and(|pool| same_name(&end.pool, pool)));
        let target = paired.or_else(|| self.ends.iter().find(elsewhere));
        target.cloned().ok_or_else(|| {
            let what = self.places.database.called();
            let message = format!(
                "No place stands by for {what} in the pool {}: it has neither a mirror nor a backup pool.",
                source.pool
            );
            ErrorRecord::new("NoStandby", Category::InvalidOperation, message).target(source.pool.as_str()).hint(
                "Pair the pool with another in the topology and publish it; Get-CsPoolBackupRelationship shows pairs.",
            )
        })
    }

    /// The instance that somebody named.
    fn named(&self, name: &SqlName) -> Result<End, ErrorRecord> {
        let on: Vec<&End> = self
            .ends
            .iter()
            .filter(|end| same_name(&end.computer, &name.fqdn) || same_name(&end.sql, &name.fqdn))
            .collect();
        let Some(first) = on.first() else { return Err(self.no_standby_of(&name.fqdn, None)) };
        let Some(instance) = &name.instance else { return Ok((*first).clone()) };
        // MSSQLSERVER is how SQL Server calls the instance without a name.
        let plain = |name: &str| if same_name(name, "MSSQLSERVER") { String::new() } else { name.to_lowercase() };
        let found = on.iter().find(|end| plain(&end.instance) == plain(instance));
        found.map(|end| (*end).clone()).ok_or_else(|| self.no_standby_of(&name.fqdn, Some(instance)))
    }

    /// The target that was named, or its mirror, where that was named and is the principal there: where it holds more, or
    /// alone answers.
    fn with_mirror(&self, target: End, mirror: Option<&SqlName>) -> Result<End, ErrorRecord> {
        let Some(name) = mirror else { return Ok(target) };
        let mirror = self.named(name).map_err(|_| self.not_its_mirror(&target, name))?;
        let partner = self.partner(&target).is_some_and(|partner| partner.computer == mirror.computer);
        if !partner {
            return Err(self.not_its_mirror(&target, name));
        }
        let holds = |end: &End| self.answer(&end.computer).map(|state| (state.position.epoch, state.position.sequence));
        Ok(if holds(&mirror) > holds(&target) { mirror } else { target })
    }

    fn answer(&self, computer: &str) -> Option<&PlaceState> {
        let of = |answer: &&PlaceAnswer| same_name(&answer.computer, computer);
        self.known.answers.iter().find(of).and_then(|answer| answer.state.as_ref().ok()).filter(|s| s.role.is_some())
    }

    fn side(&self, source: &End, principal: Principal) -> Result<End, ErrorRecord> {
        let wanted = principal == Principal::Mirror;
        let sides = [Some(source), self.partner(source)];
        let Some(partner) = self.partner(source) else {
            let message = format!("At the pool {} {} has no mirror.", source.pool, self.places.database.called());
            return Err(ErrorRecord::new("NotMirrored", Category::InvalidOperation, message)
                .target(source.pool.as_str())
                .hint("Get-CsDatabaseMirrorState shows which databases have one."));
        };
        Ok(sides.into_iter().flatten().find(|end| end.mirror == wanted).unwrap_or(partner).clone())
    }

    /// A failover to a target that was begun the same way and is not over, as one of its ends says.
    fn unfinished(&self, mode: Mode, target: Option<&End>) -> Option<&Underway> {
        let same = |underway: &&Underway| {
            // A target that answers and knows nothing of it has nothing to finish: it begins anew.
            let known = self.answer(&underway.target).is_none_or(|target| target.underway.is_some());
            known
                && underway.step != "Undo"
                && underway.mode.is_none_or(|begun| begun == mode)
                && target.is_none_or(|end| same_name(&end.computer, &underway.target))
                && self.end(&underway.target).is_some()
        };
        self.underway().find(same)
    }

    /// The failover to which this order of this person led before, or any, where it is the report that is wanted: if it is
    /// over, and nobody had that.
    fn unreported(&self, wish: &Wish, by: &str) -> Option<&Unreported> {
        let said = self.known.answers.iter().filter_map(|answer| answer.state.as_ref().ok());
        let all = said.filter_map(|state| state.unreported.as_ref());
        let same = |over: &&Unreported| *wish == Wish::Report || over.order.wish == *wish;
        // Of several the last: a database that went on has one.
        all.into_iter().filter(same).filter(|over| same_name(&over.order.by, by)).max_by_key(|over| over.underway.epoch)
    }

    /// Failovers that are not over: what the targets say of them counts before what the sources say.
    fn underway(&self) -> impl Iterator<Item = &Underway> {
        let said = || self.known.answers.iter().filter_map(|answer| answer.state.as_ref().ok());
        let of_targets = said().filter_map(|state| {
            state.underway.as_ref().filter(|underway| same_name(&underway.target, &state.computer))
        });
        let of_sources = said().filter(|state| state.role == Some(Role::Closed)).filter_map(move |state| {
            let others = |underway: &&Underway| !same_name(&underway.target, &state.computer);
            // One whose epoch has begun is over, and the source was not told yet.
            let begun = |underway: &Underway| {
                said().any(|state| state.highest_epoch.max(state.position.epoch) >= underway.epoch)
            };
            state.underway.as_ref().filter(others).filter(|underway| !begun(underway))
        });
        of_targets.chain(of_sources)
    }

    fn go_on(&self, underway: &Underway, undo: bool) -> Result<Choice, ErrorRecord> {
        let (Some(source), Some(target)) = (self.end(&underway.source), self.end(&underway.target)) else {
            return Err(self.nothing_to_restore());
        };
        let mode = underway.mode.unwrap_or(Mode::Planned);
        let mut choice = self.put_together(mode, source.clone(), target.clone());
        choice.unfinished = Some(Unfinished { underway: underway.clone(), undo });
        Ok(choice)
    }

    fn restore(&self, source: End) -> Result<Choice, ErrorRecord> {
        // One that took over already is not undone but led back.
        let unfinished = self.underway().find(|underway| !self.decided(underway));
        if let Some(underway) = unfinished {
            return self.go_on(underway, true);
        }
        // One that was given up left everything where it was.
        let given_up = self.said().filter_map(|state| state.given_up.as_ref());
        let last = self.answer(&source.computer).map_or(0, |state| state.position.epoch);
        let undone = |over: &&Underway| same_name(&over.source, &source.computer) && over.epoch > last;
        if let Some(over) = given_up.into_iter().find(undone) {
            return Err(self.undone_already(over));
        }
        match self.before(&source).cloned() {
            Some(target) if target.computer != source.computer => self.choice(Mode::Planned, source, target),
            _ => Err(self.nothing_to_restore()),
        }
    }

    /// What was said, by any place.
    fn said(&self) -> impl Iterator<Item = &PlaceState> {
        self.known.answers.iter().filter_map(|answer| answer.state.as_ref().ok())
    }

    /// Where the database was before: by the configuration, and where that has not heard of the last failover yet, by what
    /// its target says.
    fn before(&self, source: &End) -> Option<&End> {
        // It is where it was.
        if self.answer(&source.computer).is_some_and(|state| state.restored) {
            return None;
        }
        let placement = self.known.placement.filter(|placement| same_name(&placement.computer, &source.computer));
        let ends_there = |underway: &&Underway| same_name(&underway.target, &source.computer) && self.decided(underway);
        let last = self.underway().find(ends_there).map(|underway| underway.source.as_str());
        if let Some(from) = last.or_else(|| placement.map(|placement| placement.from.as_str())) {
            return self.end(from);
        }
        // The configuration has not heard of the failover to there, and names who had it before.
        let unheard = self.away().is_some_and(|away| same_name(&away.computer, &source.computer));
        let configured = || self.moved().or_else(|| self.end(&self.places.primary.computer));
        unheard.then(configured).flatten().filter(|end| end.computer != source.computer)
    }

    fn choice(&self, mode: Mode, source: End, target: End) -> Result<Choice, ErrorRecord> {
        // A place that is closed, or knows that it is over, may be what is left after a disaster.
        let stopped = self.answer(&target.computer).is_some_and(|state| state.role != Some(Role::Active));
        // Of one that was asked and does not answer nothing is known; the judgement says so.
        let silent = |answer: &PlaceAnswer| same_name(&answer.computer, &target.computer) && answer.state.is_err();
        let silent = self.known.answers.iter().any(silent);
        if source.computer == target.computer && !(mode == Mode::Disaster && stopped) && !silent {
            let error = self.is_active(&target);
            return Err(match self.places.database {
                Database::CentralMgmt => {
                    error.hint("Invoke-CsManagementServerFailover -WhatIf, without a target, says where it would go.")
                }
                Database::Users(_) => error,
            });
        }
        Ok(self.put_together(mode, source, target))
    }

    /// The side of a mirrored database that is taken for the principal is to become it: it is that, or nobody is, which the
    /// judgement says.
    fn same_side(&self, source: End, target: End) -> Result<Choice, ErrorRecord> {
        if self.answer(&target.computer).is_some_and(|state| state.role == Some(Role::Standby)) {
            return Ok(self.put_together(Mode::Planned, source, target));
        }
        let other = if target.mirror { "primary" } else { "mirror" };
        Err(self
            .is_active(&target)
            .hint(format!("-NewPrincipal {other} -WhatIf says whether the other side could take it.")))
    }

    fn put_together(&self, mode: Mode, source: End, target: End) -> Choice {
        Choice {
            database: self.places.database.to_string(),
            mode,
            partner: self.partner(&target).cloned(),
            next: self.next(&source).ok().map(|end| end.computer),
            before: self.before(&source).map(|end| end.computer.clone()),
            ends: self.ends.clone(),
            source,
            target,
            places: self.ends.iter().map(|end| end.computer.clone()).collect(),
            unfinished: None,
            wish: None,
        }
    }
}
