//! What the master knows of a connection: what its replica holds, and what it is busy with.

use super::super::time::Now;
use crate::replication::id::{Held, PackageId};
use crate::replication::message::{CHUNK, CHUNKS};
use std::sync::Arc;

/// What a replica is busy with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// It has not said hello.
    New,
    /// With nothing.
    Idle,
    /// It waits for a package to be made.
    Wanting(Option<u64>),
    /// It was told of a package, and has not answered.
    Announced {
        package: PackageId,
        /// What it holds when it has applied it.
        to: Held,
        /// The package's length, in bytes.
        length: u64,
    },
    /// It failed, and waits before it says hello again.
    Failed,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    /// The computer, in lower case.
    pub computer: Arc<str>,
    /// When something was heard.
    pub heard: u64,
    /// When something was said.
    pub said: u64,
    /// What it says that it holds.
    pub held: Option<Held>,
    pub work: Work,
    /// The next byte of the announced package that it wants; `None` where it did not ask for any.
    pub next: Option<u64>,
    /// Chunks under way.
    outstanding: u32,
}

impl Connection {
    pub fn new(computer: Arc<str>, now: Now) -> Connection {
        let at = now.millis;
        Connection { computer, heard: at, said: at, held: None, work: Work::New, next: None, outstanding: 0 }
    }

    /// Since when a hello is awaited: nothing else is taken before it.
    pub fn opened_or_heard(&self) -> u64 {
        self.heard
    }

    pub fn is_idle(&self) -> bool {
        self.work == Work::Idle
    }

    pub fn greet(&mut self, held: Option<Held>) {
        self.held = held;
        self.work = Work::Idle;
        self.next = None;
    }

    pub fn fail(&mut self) {
        self.work = Work::Failed;
        self.next = None;
    }

    pub fn done(&mut self, held: Held) {
        self.held = Some(held);
        self.work = Work::Idle;
        self.next = None;
    }

    /// What is held after the announced package, if this is it.
    pub fn announced(&self, id: PackageId) -> Option<Held> {
        match self.work {
            Work::Announced { package, to, .. } if package == id => Some(to),
            _ => None,
        }
    }

    /// It wants the announced package from a byte on; `false` where there is no such byte. What asks for another
    /// package has crossed with an announcement and is passed over.
    pub fn fetch(&mut self, id: PackageId, offset: u64) -> bool {
        match self.work {
            Work::Announced { package, length, .. } if package == id => {
                if offset < length {
                    self.next = Some(offset);
                }
                offset < length
            }
            _ => true,
        }
    }

    /// Chunks were written.
    pub fn sent(&mut self, chunks: u32) {
        self.outstanding = self.outstanding.saturating_sub(chunks);
    }

    /// The next chunk to send, if one may be under way.
    pub fn next_chunk(&mut self) -> Option<(PackageId, u64, u32)> {
        let Work::Announced { package, length, .. } = self.work else { return None };
        let offset = self.next.filter(|offset| *offset < length)?;
        if self.outstanding >= CHUNKS {
            return None;
        }
        let bytes = u32::try_from(length - offset).unwrap_or(CHUNK).min(CHUNK);
        self.outstanding += 1;
        self.next = Some(offset + u64::from(bytes));
        Some((package, offset, bytes))
    }
}
