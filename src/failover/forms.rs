//! The commands that lead on, with the names as they must stand: what people are told to type.

use super::choose::Choice;
use super::ends::{End, ends};
use super::state::Underway;
use super::wish::Mode;
use crate::topology::{Database, Topology};
use crate::value::same_name;

/// A database on its way from one place to another.
pub(super) struct Way<'a> {
    database: Database,
    mode: Mode,
    source: &'a End,
    target: &'a End,
    ends: &'a [End],
}

impl<'a> Way<'a> {
    /// That of a choice.
    pub fn of(choice: &'a Choice) -> Way<'a> {
        let database = choice.database().unwrap_or(Database::CentralMgmt);
        Way { database, mode: choice.mode, source: &choice.source, target: &choice.target, ends: &choice.ends }
    }

    /// That of a failover between two of these places; `None` where they are no places any more.
    pub fn of_underway(database: Database, ends: &'a [End], underway: &Underway) -> Option<Way<'a>> {
        let end = |computer: &str| ends.iter().find(|end| same_name(&end.computer, computer));
        let (source, target) = (end(&underway.source)?, end(&underway.target)?);
        Some(Way { database, mode: underway.mode.unwrap_or(Mode::Planned), source, target, ends })
    }

    fn same_pool(&self) -> bool {
        same_name(&self.source.pool, &self.target.pool) && !same_name(&self.source.computer, &self.target.computer)
    }

    /// The two sides of one instance.
    fn side(&self, pool: &str, force: bool) -> String {
        let kind = if self.database == Database::CentralMgmt { "CentralMgmt" } else { "User" };
        let side = if self.target.mirror { "Mirror" } else { "Primary" };
        let force = if force { " -Force" } else { "" };
        format!("Invoke-CsDatabaseFailover -PoolFqdn \"{pool}\" -DatabaseType {kind} -NewPrincipal {side}{force}")
    }

    /// A pool's users to its backup pool, or back.
    fn pool(&self, pool: &str) -> String {
        let verb = if same_name(&self.target.pool, pool) { "FailBack" } else { "FailOver" };
        format!("Invoke-CsPool{verb} -PoolFqdn \"{pool}\"")
    }

    /// Without the source, with what the target has.
    pub fn forced(&self) -> String {
        match &self.database {
            Database::Users(pool) if self.same_pool() => self.side(pool, true),
            Database::Users(pool) => format!("{} -DisasterMode", self.pool(pool)),
            Database::CentralMgmt if self.same_pool() => self.side(&self.target.pool, true),
            Database::CentralMgmt => {
                let instance = |end: &End| match end.instance.as_str() {
                    "" => "MSSQLSERVER".to_owned(),
                    instance => instance.to_owned(),
                };
                let of_it = |end: &&End| same_name(&end.pool, &self.target.pool) && end.mirror && !self.target.mirror;
                let itself = same_name(&self.source.computer, &self.target.computer);
                let mirror = self.ends.iter().find(of_it).filter(|_| !itself).map_or_else(String::new, |mirror| {
                    let instance = instance(mirror);
                    format!(
                        " -BackupMirrorSqlServerFqdn \"{}\" -BackupMirrorSqlInstanceName \"{instance}\"",
                        mirror.sql
                    )
                });
                format!(
                    "Invoke-CsManagementServerFailover -BackupSqlServerFqdn \"{}\" -BackupSqlInstanceName \"{}\"{mirror} -Force",
                    self.target.sql,
                    instance(self.target)
                )
            }
        }
    }

    /// What finishes it, where it was begun and is not over.
    pub fn again(&self) -> String {
        match (&self.database, self.mode) {
            (_, Mode::Disaster) => self.forced(),
            (Database::Users(pool), Mode::Planned) if self.same_pool() => self.side(pool, false),
            (Database::Users(pool), Mode::Planned) => self.pool(pool),
            (Database::CentralMgmt, Mode::Planned) => "Invoke-CsManagementServerFailover".to_owned(),
        }
    }

    /// What undoes it, where it was begun and did not take over; `None`: it can only be finished.
    pub fn undo(&self) -> Option<String> {
        let back = Way { source: self.target, target: self.source, database: self.database.clone(), ..*self };
        match &self.database {
            Database::CentralMgmt => Some("Invoke-CsManagementServerFailover -Restore".to_owned()),
            Database::Users(pool) if self.same_pool() => Some(back.side(pool, false)),
            // The pool's state says that its users are on their way back: that is finished.
            Database::Users(pool) if same_name(&self.target.pool, pool) => None,
            Database::Users(pool) => Some(back.pool(pool)),
        }
    }

    /// What makes the source active again, where it is closed for it and its target is lost.
    pub fn source_again(&self) -> String {
        let itself = match &self.database {
            // By its own name: no other place has a part in it.
            Database::CentralMgmt => self.source,
            Database::Users(_) => self.target,
        };
        let back = Way { source: itself, target: self.source, database: self.database.clone(), ..*self };
        back.forced()
    }
}

/// The command that fails over without the source.
pub(super) fn forced(choice: &Choice) -> String {
    Way::of(choice).forced()
}

/// The command that fails over with the source's help; `None` where no single one leads there.
pub(super) fn planned(choice: &Choice) -> Option<String> {
    let way = Way { mode: Mode::Planned, ..Way::of(choice) };
    let is = |computer: &Option<String>| computer.as_ref().is_some_and(|name| same_name(name, &way.target.computer));
    match &way.database {
        _ if way.same_pool() => match &way.database {
            Database::Users(pool) => Some(way.side(pool, false)),
            Database::CentralMgmt => Some(way.side(&way.target.pool, false)),
        },
        Database::Users(pool) => Some(way.pool(pool)),
        Database::CentralMgmt if is(&choice.next) => Some("Invoke-CsManagementServerFailover".to_owned()),
        Database::CentralMgmt if is(&choice.before) => Some("Invoke-CsManagementServerFailover -Restore".to_owned()),
        Database::CentralMgmt => None,
    }
}

/// The ways out of a failover that is not over, in sentences, for who finds its source closed.
pub fn ways_out(topology: &Topology, database: &Database, underway: &Underway) -> Vec<String> {
    let Some(places) = topology.database(database) else { return Vec::new() };
    let ends = ends(topology, &places);
    Way::of_underway(database.clone(), &ends, underway).map(|way| out(&way, underway)).unwrap_or_default()
}

/// The same, of a way.
pub(super) fn out(way: &Way<'_>, underway: &Underway) -> Vec<String> {
    let mut out = vec![match way.undo() {
        Some(undo) => format!("{} finishes it, {undo} undoes it; both take {}.", way.again(), underway.target),
        None => format!("{} finishes it; that takes {}.", way.again(), underway.target),
    }];
    let again = way.source_again();
    out.push(format!("If {} is lost for good, {again} makes {} active again.", underway.target, underway.source));
    out
}
