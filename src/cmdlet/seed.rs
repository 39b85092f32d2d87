//! What it takes to make another session like one: on another thread, for the same user, on the same deployment.

use super::door::DoorSeed;
use super::host::Host;
use super::preferences::Preferences;
use super::registry::Registry;
use super::remote::Link;
use super::session::Session;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// A session that can be made on any thread. It has the preferences and aliases of the one that it was taken of, no
/// functions and no variables. In process it opens the deployment for itself; a remote one shares the link, whose
/// connections carry any number of calls side by side.
#[derive(Clone)]
pub struct Seed {
    directory: Option<PathBuf>,
    link: Option<Arc<dyn Link>>,
    user: DoorSeed,
    preferences: Preferences,
    aliases: Vec<(String, String)>,
}

impl Seed {
    /// Makes the session, which stops when `interrupt` is set.
    pub fn session(&self, host: Box<dyn Host>, interrupt: Arc<AtomicBool>) -> Session {
        let mut session = Session::with_registry(host, Registry::default());
        session.interrupt = interrupt;
        if let Some(directory) = &self.directory {
            session = session.on(directory);
        }
        if let Some(link) = &self.link {
            session = session.through(link.clone());
        }
        session.door = self.user.open();
        session.swap_preferences(self.preferences.clone());
        for (alias, target) in &self.aliases {
            session.registry.set_alias(alias, target);
        }
        session
    }
}

impl Session {
    /// What it takes to make another session like this one.
    pub fn seed(&self) -> Seed {
        Seed {
            directory: self.place(),
            link: self.link().cloned(),
            user: self.door.another(),
            preferences: self.preferences(),
            aliases: self.registry.own_aliases(),
        }
    }
}
