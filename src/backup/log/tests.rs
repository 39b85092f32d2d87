//! The engine of the log: what is acknowledged where, what is taken over and back, whatever is cut off or killed.

mod cut;
mod decide;
mod gate;
mod http;
mod part;
mod wire;

use super::{Feeds, FeedsOptions, LineStream, Mode, PullerOptions, Request, Transport, sync_once};
use crate::env::{FixedRandom, SystemClock};
use crate::error::{Category, ErrorRecord};
use crate::net::Pending;
use crate::store::sqlite::tests::place::dump;
use crate::store::{Change, DocumentId, Expected, Grant, LogEntry, Placed, Role, SqliteStore, Store};
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::mpsc;

fn grant() -> Grant {
    Grant::system("test")
}

fn change(name: &str, body: Value) -> Change {
    Change { id: DocumentId::new("Kind", "Global", name), expected: Expected::Any, body: Some(body) }
}

fn set(store: &SqliteStore, name: &str, n: usize) {
    store.commit(&grant(), &[change(name, json!({ "N": n }))]).unwrap();
}

fn entries(store: &SqliteStore, after: u64) -> Vec<LogEntry> {
    let mut entries = Vec::new();
    store
        .entries_after(after, &mut |entry| {
            entries.push(entry);
            Ok(true)
        })
        .unwrap();
    entries
}

/// Cuts answers off: after so many bytes of each, as often as it says.
#[derive(Clone, Copy, Debug)]
struct Cut {
    after: usize,
    times: usize,
}

/// Computers that reach each other without a network, and what they were asked.
#[derive(Clone, Default)]
struct Wire(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    feeds: HashMap<String, Arc<Feeds>>,
    cut: Option<Cut>,
    down: bool,
    asked: Vec<(String, Request)>,
}

/// The wire as one computer uses it.
struct End {
    wire: Wire,
    computer: String,
}

impl Wire {
    fn end(&self, computer: &str) -> Arc<End> {
        Arc::new(End { wire: self.clone(), computer: computer.into() })
    }

    fn down(&self, down: bool) {
        self.0.lock().unwrap().down = down;
    }

    fn cut(&self, cut: Cut) {
        self.0.lock().unwrap().cut = Some(cut);
    }
}

impl Transport for End {
    fn ask(&self, to: &str, request: Bytes) -> Pending<Result<LineStream, ErrorRecord>> {
        let gone = || ErrorRecord::new("HostUnreachable", Category::ResourceUnavailable, "gone");
        let mut inner = self.wire.0.lock().unwrap();
        let feeds = inner.feeds.get(to).cloned().filter(|_| !inner.down);
        let request: Request = serde_json::from_slice(&request).unwrap();
        inner.asked.push((to.into(), request.clone()));
        let mut left = match &mut inner.cut {
            Some(cut) if cut.times > 0 => {
                cut.times -= 1;
                Some(cut.after)
            }
            _ => None,
        };
        let (wire, computer) = (self.wire.clone(), self.computer.clone());
        Box::pin(async move {
            let mut lines = feeds.ok_or_else(gone)?.answer(&computer, request);
            let (sender, receiver) = mpsc::channel(4);
            tokio::spawn(async move {
                while let Some(line) = lines.recv().await {
                    let whole = left.is_none_or(|left| left >= line.len());
                    if !whole || wire.0.lock().unwrap().down {
                        // What of the line got through is no line.
                        return drop(sender.send(Err(gone())).await);
                    }
                    left = left.map(|left| left - line.len());
                    if sender.send(Ok(line.slice(..line.len() - 1))).await.is_err() {
                        return;
                    }
                }
            });
            Ok(LineStream::Channel(receiver))
        })
    }
}

/// A computer with a place of a database.
struct Place {
    folder: TempDir,
    name: String,
    wire: Wire,
    feeds: Arc<Feeds>,
    newer: Arc<Mutex<Vec<(u64, String)>>>,
}

fn path(folder: &TempDir) -> PathBuf {
    folder.path().join("db").join("store.db")
}

impl Place {
    /// One that is active, and has nothing.
    fn active(wire: &Wire, name: &str) -> Place {
        let place = Place::new(wire, name, Duration::from_secs(5));
        std::fs::create_dir(place.folder.path().join("db")).unwrap();
        SqliteStore::create(place.path()).unwrap();
        place
    }

    /// One without a database.
    fn new(wire: &Wire, name: &str, alone_after: Duration) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let (file, newer) = (path(&folder), Arc::<Mutex<Vec<(u64, String)>>>::default());
        let told = newer.clone();
        let feeds = Feeds::new(FeedsOptions {
            open: Arc::new(move || Ok(Box::new(SqliteStore::open(&file)?))),
            clock: Arc::new(SystemClock),
            newer: Arc::new(move |epoch, who| told.lock().unwrap().push((epoch, who.into()))),
            alone_after,
        });
        wire.0.lock().unwrap().feeds.insert(name.into(), feeds.clone());
        Place { folder, name: name.into(), wire: wire.clone(), feeds, newer }
    }

    fn path(&self) -> PathBuf {
        path(&self.folder)
    }

    fn store(&self) -> SqliteStore {
        let mut store = SqliteStore::open(self.path()).unwrap();
        store.gate(self.feeds.gate());
        store
    }

    fn dump(&self) -> Vec<(String, Vec<Vec<rusqlite::types::Value>>)> {
        dump(&self.path())
    }

    fn options(&self, from: &str, synchronous: bool) -> PullerOptions {
        let from = from.to_owned();
        PullerOptions {
            database: "User:dub-pool.example.net".into(),
            computer: self.name.clone(),
            path: self.path(),
            unsent: self.folder.path().join("unsent"),
            synchronous,
            source: Arc::new(move || Some(from.clone())),
            transport: self.wire.end(&self.name),
            clock: Arc::new(SystemClock),
            random: Arc::new(FixedRandom::new(7)),
            newer: Arc::new(|_| {}),
            moved: Arc::new(|_| {}),
        }
    }

    async fn sync(&self, from: &Place) -> Result<super::Status, ErrorRecord> {
        sync_once(&self.options(&from.name, false), Mode::ACTIVE).await
    }

    /// The files with what nobody else had.
    fn unsent(&self) -> Vec<PathBuf> {
        let Ok(found) = std::fs::read_dir(self.folder.path().join("unsent")) else { return Vec::new() };
        let mut found: Vec<PathBuf> = found.map(|entry| entry.unwrap().path()).collect();
        found.sort();
        found
    }
}

fn json_of(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Waits for what comes in a moment, with a bound that no machine needs.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..3_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}

fn role(place: &Place, role: Role) {
    place.store().set_role(role).unwrap();
}
