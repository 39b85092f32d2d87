//! Failover where no server runs and only files are here: what they tell is told, nothing is carried out.

use crate::deployment::Deployment;
use crate::error::{Category, ErrorRecord};
use crate::failover::{
    self, Condition, Control, Known, Mode, Order, PlaceAnswer, PlaceState, Placement, Preflight, Report, Source,
    StepReport, Wish,
};
use crate::store::{Head, Role};
use crate::topology::{self, Database, Topology};
use crate::value::same_name;
use std::rc::Rc;

/// What the files of one computer tell.
pub(super) struct Files {
    topology: Topology,
    computer: String,
    /// Where the store of this computer stands; `None` where it holds only a replica.
    head: Option<Head>,
    placements: Vec<(Database, Placement)>,
    active: Vec<(Database, String)>,
}

impl Files {
    /// Reads them.
    ///
    /// # Errors
    /// Those of the store.
    pub fn of(deployment: &Rc<Deployment>) -> Result<Files, ErrorRecord> {
        // One of its own: it may be asked from another thread.
        let (topology, _) = topology::load(deployment.store())?;
        let (mut placements, mut active) = (Vec::new(), Vec::new());
        for places in topology.databases() {
            let database = places.database;
            if let Some(placement) = Placement::read(deployment.store(), &database)? {
                placements.push((database.clone(), placement));
            }
            if let Some(computer) = failover::active_computer(deployment.store(), &topology, &database)? {
                active.push((database, computer));
            }
        }
        Ok(Files {
            computer: deployment.computer().to_string(),
            head: deployment.decides().is_ok().then(|| deployment.store().head()).transpose()?,
            topology,
            placements,
            active,
        })
    }

    fn active(&self, database: &Database) -> Option<&str> {
        self.active.iter().find(|(known, _)| known == database).map(|(_, computer)| computer.as_str())
    }

    /// The store of this computer, if it is a place of the database whose active one it is by what the files say.
    fn own(&self, database: &Database) -> Option<PlaceState> {
        let here = self.active(database).is_some_and(|computer| same_name(computer, &self.computer));
        let head = self.head.filter(|_| here && *database == Database::CentralMgmt)?;
        Some(PlaceState {
            computer: self.computer.clone(),
            database: database.to_string(),
            role: Some(Role::Active),
            serves: false,
            position: Source { epoch: head.epoch, version: head.version, ..Source::default() },
            highest_epoch: head.epoch,
            follows: None,
            feed: None,
            last_contact: None,
            error: None,
            feeds: Vec::new(),
            underway: None,
            unsent: None,
            free: 0,
            size: 0,
            product: env!("CARGO_PKG_VERSION").to_string(),
            certificate_not_after: None,
        })
    }
}

impl Control for Files {
    fn places(&self, database: &Database) -> Result<Vec<PlaceAnswer>, ErrorRecord> {
        let places = self.topology.require_database(database)?;
        let own = self.own(database);
        let answer = |computer: &str| PlaceAnswer {
            computer: computer.to_string(),
            state: match &own {
                Some(own) if same_name(&own.computer, computer) => Ok(own.clone()),
                _ => Err(no_server()),
            },
        };
        let mut answers: Vec<PlaceAnswer> = Vec::new();
        for computer in places.computers() {
            if !answers.iter().any(|known| same_name(&known.computer, computer)) {
                answers.push(answer(computer));
            }
        }
        Ok(answers)
    }

    fn preflight(&self, database: &Database, wish: &Wish) -> Result<Preflight, ErrorRecord> {
        let answers = self.places(database)?;
        let placement = self.placements.iter().find(|(known, _)| known == database).map(|(_, placement)| placement);
        let choice = failover::choose(&self.topology, database, wish, Known { placement, answers: &answers })?;
        let own = self.own(database);
        let version = |computer: &str| {
            own.as_ref().filter(|own| same_name(&own.computer, computer)).map(|own| own.position.version)
        };
        let (source_version, target_version) = (version(&choice.source.computer), version(&choice.target.computer));
        // Planned, nothing is switched before the target has everything.
        let uncertain = (choice.mode == Mode::Disaster)
            .then(|| "What the target holds is not known, so what would be lost is not known either.".to_string());
        let seen = own.as_ref().map_or(0, |own| own.highest_epoch);
        let ordinal = failover::epoch::ordinal(choice.places.iter().map(String::as_str), &choice.target.computer);
        Ok(Preflight {
            database: database.to_string(),
            mode: choice.mode,
            epoch: failover::epoch::next(seen, ordinal.unwrap_or_default()),
            source: choice.source.computer,
            source_pool: choice.source.pool,
            target: choice.target.computer,
            target_pool: choice.target.pool,
            source_version,
            target_version,
            lost: Vec::new(),
            uncertain,
            conditions: vec![Condition {
                name: "Server".to_string(),
                passed: false,
                refuses: true,
                id: Some("HostUnreachable".to_string()),
                found: "No server runs here: this is what the files of one computer tell.".to_string(),
                advice: Some(ADVICE.to_string()),
            }],
        })
    }

    fn fail_over(&self, _order: &Order, _told: &mut dyn FnMut(&StepReport)) -> Result<Report, ErrorRecord> {
        Err(no_server())
    }
}

const ADVICE: &str = "Start the servers: reeve serve --dir DIR runs that of one computer, reeve lab those of a lab.";

fn no_server() -> ErrorRecord {
    let message = "No server runs here, so the computers of the database cannot be asked: this session is in process.";
    ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, message).hint(ADVICE)
}
