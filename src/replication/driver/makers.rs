//! Threads that make packages, and see what the store has become.

use super::hub::Inner;
use super::lock;
use crate::error::{Category, ErrorRecord};
use crate::replication::master::{Event, MAKES};
use crate::replication::package;
use crate::store::Store;
use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// What is to be done; the state machine asks for so much at a time as there are threads.
#[derive(Default)]
pub(super) struct Makers {
    queue: Mutex<Queue>,
    came: Condvar,
}

#[derive(Default)]
struct Queue {
    changed: bool,
    makes: BTreeSet<Option<u64>>,
    stopped: bool,
}

enum Job {
    Changed,
    Make(Option<u64>),
}

impl Makers {
    /// The store has changed. However often, it is looked at once.
    pub fn changed(&self) {
        lock(&self.queue).changed = true;
        self.came.notify_one();
    }

    pub fn make(&self, from: Option<u64>) {
        lock(&self.queue).makes.insert(from);
        self.came.notify_one();
    }

    pub fn stop(&self) {
        lock(&self.queue).stopped = true;
        self.came.notify_all();
    }

    /// The next job: what is quickest first.
    fn next(&self) -> Option<Job> {
        let mut queue = lock(&self.queue);
        loop {
            if queue.stopped {
                return None;
            }
            if std::mem::take(&mut queue.changed) {
                return Some(Job::Changed);
            }
            if let Some(from) = queue.makes.pop_last() {
                return Some(Job::Make(from));
            }
            queue = self.came.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Starts the threads. They end when the hub does.
pub(super) fn start(inner: &Arc<Inner>) -> Result<(), ErrorRecord> {
    for _ in 0..MAKES {
        let inner = inner.clone();
        thread("reeve-maker", move || work(&inner))?;
    }
    Ok(())
}

pub(super) fn thread(name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), ErrorRecord> {
    let started = std::thread::Builder::new().name(name.to_owned()).spawn(run);
    started.map(drop).map_err(|error| {
        ErrorRecord::new("ThreadFailed", Category::ResourceUnavailable, format!("No thread could be started: {error}."))
            .hint("See the limits of processes and memory.")
    })
}

fn work(inner: &Inner) {
    let mut own = None;
    while let Some(job) = inner.makers.next() {
        if let Err(error) = done(inner, &job, &mut own) {
            tracing::warn!(error = error.message(), id = error.id(), "a package could not be made");
            // Whatever is wrong with the connection to the store, the next one has not.
            own = None;
            if let Job::Make(from) = job {
                let (id, message) = (error.id().to_owned(), error.message().to_owned());
                inner.step(Event::NotMade { from, id, message });
            }
        }
    }
}

fn done(inner: &Inner, job: &Job, own: &mut Option<Box<dyn Store + Send>>) -> Result<(), ErrorRecord> {
    let store = match own {
        Some(store) => store,
        None => own.insert((inner.options.store)()?),
    };
    match job {
        Job::Changed => {
            let head = store.head()?;
            inner.step(Event::Changed { head });
        }
        Job::Make(from) => {
            let made = match inner.kept(*from) {
                Some(package) => package,
                None => {
                    let options = &inner.options;
                    let made = package::build(&**store, &options.deployment, *from, &options.spool)?;
                    let announce = made.announce();
                    let kind = announce.package.kind().name();
                    metrics::counter!("reeve_packages_made_total", "kind" => kind).increment(1);
                    metrics::counter!("reeve_package_bytes_made_total", "kind" => kind).increment(announce.length);
                    Arc::new(made)
                }
            };
            inner.made(made);
        }
    }
    Ok(())
}
