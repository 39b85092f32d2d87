//! What is received, line by line. Nothing is read ahead beyond the window, so a slow reader slows the sender.

use super::LONGEST_LINE;
use super::fault::Noted;
use super::pulse::Open;
use crate::error::{Category, ErrorRecord};
use crate::net::fault::Ends;
use bytes::{Buf, Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde::de::DeserializeOwned;

/// Largest body that is taken as a whole, in bytes.
pub const LARGEST: usize = 16 << 20;

/// The lines of a body.
#[derive(Debug)]
pub struct Lines {
    body: Incoming,
    ends: Ends,
    /// What the connection failed with, where that is noted.
    noted: Noted,
    /// As long as the body is read the request is under way.
    _open: Option<Open>,
    /// What was received of lines that were not given out yet.
    held: BytesMut,
    /// Bytes at the front of it in which there is no newline.
    looked: usize,
    ended: bool,
}

impl Lines {
    pub(super) fn new(body: Incoming, ends: Ends) -> Lines {
        Lines { body, ends, noted: Noted::default(), _open: None, held: BytesMut::new(), looked: 0, ended: false }
    }

    pub(super) fn of_answer(body: Incoming, ends: Ends, noted: Noted, open: Open) -> Lines {
        Lines { noted, _open: Some(open), ..Lines::new(body, ends) }
    }

    /// The next line without its newline; `None` at the end. Dropping it before it is done loses nothing.
    ///
    /// # Errors
    /// `LineTooLong`; `ConnectionLost` where the stream was reset or the connection ended.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ErrorRecord> {
        loop {
            let newline = self.held.iter().skip(self.looked).position(|byte| *byte == b'\n');
            if let Some(at) = newline {
                let line = self.held.split_to(self.looked + at).freeze();
                self.held.advance(1);
                self.looked = 0;
                return Ok(Some(line));
            }
            self.looked = self.held.len();
            if self.looked > LONGEST_LINE {
                return Err(too_long());
            }
            if self.ended {
                self.looked = 0;
                let last = std::mem::take(&mut self.held).freeze();
                return Ok((!last.is_empty()).then_some(last));
            }
            match self.data().await? {
                Some(data) => self.held.extend_from_slice(&data),
                None => self.ended = true,
            }
        }
    }

    /// The next line as a value.
    ///
    /// # Errors
    /// Those of [`Lines::next`]; `LineInvalid`.
    pub async fn next_value<T: DeserializeOwned>(&mut self) -> Result<Option<T>, ErrorRecord> {
        match self.next().await? {
            Some(line) => serde_json::from_slice(&line).map(Some).map_err(|error| invalid(&error)),
            None => Ok(None),
        }
    }

    /// The whole body.
    ///
    /// # Errors
    /// `LineTooLong` beyond [`LARGEST`] bytes; `ConnectionLost`.
    pub async fn whole(self) -> Result<Bytes, ErrorRecord> {
        self.within(LARGEST).await
    }

    async fn within(mut self, most: usize) -> Result<Bytes, ErrorRecord> {
        while let Some(data) = self.data().await? {
            if self.held.len() + data.len() > most {
                return Err(longer_than(most));
            }
            self.held.extend_from_slice(&data);
        }
        Ok(self.held.freeze())
    }

    /// The whole body as a value.
    ///
    /// # Errors
    /// Those of [`Lines::whole`]; `LineInvalid`.
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, ErrorRecord> {
        self.json_within(LARGEST).await
    }

    /// The whole body as a value, of so many bytes at most: for what is read of somebody who has proved nothing yet.
    ///
    /// # Errors
    /// `LineTooLong`, `ConnectionLost`, `LineInvalid`.
    pub async fn json_within<T: DeserializeOwned>(self, most: usize) -> Result<T, ErrorRecord> {
        serde_json::from_slice(&self.within(most).await?).map_err(|error| invalid(&error))
    }

    /// What comes next, in pieces as they come and not as lines; `None` at the end. It is for bodies that are not lines:
    /// what [`Lines::next`] holds back of a line is not seen by it.
    ///
    /// # Errors
    /// `ConnectionLost` where the stream was reset or the connection ended.
    pub async fn data(&mut self) -> Result<Option<Bytes>, ErrorRecord> {
        loop {
            match self.body.frame().await {
                None => return Ok(None),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
                Some(Err(error)) => {
                    let noted = self.noted.get().cloned();
                    return Err(noted.unwrap_or_else(|| super::fault::explain(&error, &self.ends)));
                }
            }
        }
    }
}

pub(super) fn too_long() -> ErrorRecord {
    longer_than(LONGEST_LINE)
}

fn longer_than(most: usize) -> ErrorRecord {
    ErrorRecord::new("LineTooLong", Category::LimitsExceeded, format!("A message is longer than {most} bytes."))
        .hint("Pass less at a time: a file by its name, a list object by object.")
}

fn invalid(error: &serde_json::Error) -> ErrorRecord {
    ErrorRecord::new("LineInvalid", Category::InvalidData, format!("A message cannot be read: {error}."))
        .hint("See whether both ends run the same version of the program.")
}
