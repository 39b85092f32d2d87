//! Messages as frames: a kind, the sender's epoch, the message as JSON, and raw bytes behind it where it has some.
//!
//! What comes from the network is held to bounds here, once for all: who takes a message need not look again.

use super::id::PackageId;
use super::message::{Announce, CHUNK, INLINE, ToMaster, ToReplica};
use crate::error::{Category, ErrorRecord};
use crate::net::Frame;
use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// Longest message without its raw bytes, in bytes. The longest that is ever sent is an error with its text.
const HEAD: usize = 32 * 1024;
/// Longest text of an error that is sent and kept, in bytes: enough to say what to do.
const TEXT: usize = 2_000;
/// Longest name: a computer's, a deployment's, a version's, an error's id.
const NAME: usize = 300;

const HELLO: u8 = 1;
const FETCH: u8 = 2;
const REPORT: u8 = 3;
const FAILED: u8 = 4;
const ALIVE: u8 = 5;
const WELCOME: u8 = 65;
const ANNOUNCE: u8 = 66;
const CHUNK_OF: u8 = 67;
const BEAT: u8 = 68;
const FAREWELL: u8 = 69;

/// A replica's message as a frame.
///
/// # Errors
/// `MessageInvalid` where it cannot be written.
pub fn to_master(epoch: u64, message: &ToMaster) -> Result<Frame, ErrorRecord> {
    let kind = match message {
        ToMaster::Hello(_) => HELLO,
        ToMaster::Fetch { .. } => FETCH,
        ToMaster::Report(_) => REPORT,
        ToMaster::Failed { .. } => FAILED,
        ToMaster::Alive => ALIVE,
    };
    frame(kind, epoch, message, Bytes::new())
}

/// A master's message as a frame. Bytes behind it are not copied.
///
/// # Errors
/// `MessageInvalid` where it cannot be written.
pub fn to_replica(epoch: u64, message: &ToReplica) -> Result<Frame, ErrorRecord> {
    let (kind, body) = match message {
        ToReplica::Welcome { .. } => (WELCOME, Bytes::new()),
        ToReplica::Announce(announce) => (ANNOUNCE, announce.body.clone().unwrap_or_default()),
        ToReplica::Chunk { bytes, .. } => (CHUNK_OF, bytes.clone()),
        ToReplica::Beat { .. } => (BEAT, Bytes::new()),
        ToReplica::Farewell { .. } => (FAREWELL, Bytes::new()),
    };
    frame(kind, epoch, message, body)
}

fn frame<T: Serialize>(kind: u8, epoch: u64, message: &T, body: Bytes) -> Result<Frame, ErrorRecord> {
    let head = serde_json::to_vec(message).map_err(|error| invalid(kind, &error.to_string()))?;
    if head.len() > HEAD {
        return Err(invalid(kind, &format!("it has {} bytes", head.len())));
    }
    Ok(Frame { kind, epoch, head: head.into(), body })
}

/// A frame as a replica's message.
///
/// # Errors
/// `MessageUnknown` of a kind that this program does not know; `MessageInvalid`.
pub fn from_replica(frame: &Frame) -> Result<ToMaster, ErrorRecord> {
    let kind = frame.kind;
    known(kind, &[HELLO, FETCH, REPORT, FAILED, ALIVE])?;
    bare(frame)?;
    let mut message: ToMaster = parse(frame)?;
    let as_it_says = match &mut message {
        ToMaster::Hello(hello) => {
            for name in [&hello.deployment, &hello.computer, &hello.product] {
                short(kind, name)?;
            }
            hello.hook_error.as_mut().map(clip);
            kind == HELLO
        }
        ToMaster::Fetch { .. } => kind == FETCH,
        ToMaster::Report(report) => {
            report.hook_error.as_mut().map(clip);
            kind == REPORT
        }
        ToMaster::Failed { id, message, .. } => {
            short(kind, id)?;
            clip(message);
            kind == FAILED
        }
        ToMaster::Alive => kind == ALIVE,
    };
    if as_it_says { Ok(message) } else { Err(invalid(kind, "it is of another kind than its frame says")) }
}

/// A frame as a master's message.
///
/// # Errors
/// Those of [`from_replica`].
pub fn from_master(frame: Frame) -> Result<ToReplica, ErrorRecord> {
    let kind = frame.kind;
    known(kind, &[WELCOME, ANNOUNCE, CHUNK_OF, BEAT, FAREWELL])?;
    match (kind, parse::<ToReplica>(&frame)?) {
        (WELCOME, message @ ToReplica::Welcome { .. }) | (BEAT, message @ ToReplica::Beat { .. }) => {
            bare(&frame)?;
            Ok(message)
        }
        (ANNOUNCE, ToReplica::Announce(announce)) => {
            if frame.body.len() as u64 > INLINE {
                return Err(invalid(kind, &format!("{} bytes come with it", frame.body.len())));
            }
            let announce = Arc::unwrap_or_clone(announce);
            let body = Some(frame.body).filter(|body| !body.is_empty());
            Ok(ToReplica::Announce(Arc::new(Announce { body, ..announce })))
        }
        (CHUNK_OF, ToReplica::Chunk { package, offset, .. }) => chunk(package, offset, frame.body),
        (FAREWELL, ToReplica::Farewell { id, mut message }) => {
            bare(&frame)?;
            short(kind, &id)?;
            clip(&mut message);
            Ok(ToReplica::Farewell { id, message })
        }
        _ => Err(invalid(kind, "it is of another kind than its frame says")),
    }
}

fn chunk(package: PackageId, offset: u64, bytes: Bytes) -> Result<ToReplica, ErrorRecord> {
    if bytes.is_empty() || bytes.len() > CHUNK as usize {
        return Err(invalid(CHUNK_OF, &format!("{} bytes come with it", bytes.len())));
    }
    Ok(ToReplica::Chunk { package, offset, bytes })
}

fn known(kind: u8, kinds: &[u8]) -> Result<(), ErrorRecord> {
    if kinds.contains(&kind) {
        return Ok(());
    }
    let message = format!("A message of the unknown kind {kind} came.");
    Err(ErrorRecord::new("MessageUnknown", Category::InvalidData, message)
        .hint("See whether both computers run the same version of the program."))
}

fn bare(frame: &Frame) -> Result<(), ErrorRecord> {
    if frame.body.is_empty() { Ok(()) } else { Err(invalid(frame.kind, "bytes come with it")) }
}

fn short(kind: u8, name: &str) -> Result<(), ErrorRecord> {
    if name.len() <= NAME { Ok(()) } else { Err(invalid(kind, "a name in it is too long")) }
}

/// Cuts a text to what is kept.
fn clip(text: &mut String) {
    if text.len() > TEXT {
        let end = (0..=TEXT).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
}

fn parse<T: DeserializeOwned>(frame: &Frame) -> Result<T, ErrorRecord> {
    if frame.head.len() > HEAD {
        return Err(invalid(frame.kind, &format!("it has {} bytes", frame.head.len())));
    }
    serde_json::from_slice(&frame.head).map_err(|error| invalid(frame.kind, &error.to_string()))
}

fn invalid(kind: u8, why: &str) -> ErrorRecord {
    ErrorRecord::new("MessageInvalid", Category::InvalidData, format!("A message of kind {kind} is not valid: {why}."))
        .hint("See whether both computers run the same version of the program.")
}

#[cfg(test)]
mod tests;
