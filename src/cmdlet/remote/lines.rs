//! What client and server say to each other in a call: JSON, one object a line.
//!
//! ```text
//! client                                server
//! {"Call":{"Cmdlet":"Get-CsPool",…}}    {"Started"} or {"Failed":…}
//! "Begin"                               outputs, messages, questions; "Done" or {"Failed":…}
//! {"Object":{…}} for each               the same
//! "End"                                 the same; then both are finished
//! {"Answer":…} to a question, "Taken" to an output that waits for it
//! ```
//!
//! Values are in the form of [`crate::value::wire`]. Whoever ends the stream before its end cancels the call.

use crate::cmdlet::context::{Action, Common};
use crate::cmdlet::host::{Message, Progress};
use crate::cmdlet::preferences::Impact;
use crate::error::ErrorRecord;
use crate::net::http::LONGEST_LINE;
use crate::value::wire;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// The form of calls that this program speaks.
pub const FORMAT: u32 = 1;

/// Largest file that a client reads or writes for a server, in bytes: as text in JSON it still is a line.
pub const LARGEST_FILE: u64 = 8 << 20;

/// What a client says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromClient {
    /// The first line.
    Call(Box<Call>),
    /// Run what comes before the first object.
    Begin,
    /// Run for an object of the pipeline, or once.
    Object(Named),
    /// Run what comes after the last object.
    End,
    /// The answer to a question.
    Answer(Answer),
    /// The output that waits was handed on.
    Taken,
}

/// A call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Call {
    /// [`FORMAT`].
    pub format: u32,
    /// The cmdlet.
    pub cmdlet: String,
    /// As whom; for the owner of the files alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// What the command line bound.
    pub bound: Named,
    /// Objects of a pipeline follow, which may bind more.
    pub fed: bool,
    /// The common parameters as they count.
    pub common: Resolved,
    /// Somebody can be asked.
    pub can_ask: bool,
    /// Columns of the client's terminal.
    pub width: usize,
}

/// Parameters by name, in the order in which they were bound.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Named {
    /// The parameter set in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
    /// The object from the pipeline, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Input>,
    /// Names with values; for an object those that the command line did not bind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<(String, Json)>,
}

/// The object from the pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Input {
    /// It itself; it stands before the parameters, which may share parts of it.
    Own(Json),
    /// It is the value of this parameter.
    Parameter(String),
}

/// The common parameters over the preferences of the session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Resolved {
    /// -Verbose.
    pub verbose: bool,
    /// -Debug.
    pub debug: bool,
    /// -ErrorAction.
    pub error_action: Action,
    /// -WarningAction.
    pub warning_action: Action,
    /// -InformationAction.
    pub information_action: Action,
    /// -ProgressAction.
    pub progress_action: Action,
    /// -WhatIf.
    pub what_if: bool,
    /// -Confirm.
    pub confirm: Option<bool>,
    /// `$ConfirmPreference`.
    pub confirm_preference: Impact,
}

impl Resolved {
    /// Of a stage of a client.
    pub fn of(common: &Common, confirm_preference: Impact) -> Resolved {
        Resolved {
            verbose: common.verbose,
            debug: common.debug,
            error_action: common.error_action,
            warning_action: common.warning_action,
            information_action: common.information_action,
            progress_action: common.progress_action,
            what_if: common.what_if,
            confirm: common.confirm,
            confirm_preference,
        }
    }

    /// What the cmdlet on the server goes by. Whether something is shown or kept the client decides, so all of it is
    /// sent; what stops a cmdlet or asks must do so where it runs.
    pub fn common(&self, force: bool) -> Common {
        let sent = |action: Action| if action == Action::Ignore { action } else { Action::Continue };
        let error_action = match self.error_action {
            Action::SilentlyContinue => Action::Continue,
            other => other,
        };
        Common {
            verbose: self.verbose,
            debug: self.debug,
            error_action,
            warning_action: sent(self.warning_action),
            information_action: sent(self.information_action),
            progress_action: self.progress_action,
            what_if: self.what_if,
            confirm: self.confirm,
            force,
        }
    }
}

/// What a server says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromServer {
    /// The call may start.
    Started,
    /// An object.
    Output(Json),
    /// The same, and the server waits until it is taken: of a cmdlet that changes something, which a client that wants
    /// no more objects stops at that very place.
    OutputAndWait(Json),
    /// Something on another stream.
    Message(Said),
    /// The client is asked.
    Question(Question),
    /// The part that was asked for is done.
    Done(Stamps),
    /// The same, and the cmdlet wants no more objects.
    Enough(Stamps),
    /// The call ended there.
    Failed(Failure),
}

/// Versions of the store that objects show since a part was run, where that changed: an object that was handed in for a
/// change can be handed in again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Stamps {
    /// Of the records in the call's parameters, by their numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub call: Vec<(usize, u64)>,
    /// Of those in the object's parameters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub object: Vec<(usize, u64)>,
}

/// A message of another stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Said {
    /// A non-terminating error.
    Error(Json),
    /// A warning.
    Warning(String),
    /// -Verbose.
    Verbose(String),
    /// -Debug.
    Debug(String),
    /// Information.
    Information {
        /// The text.
        text: String,
        /// Without the end of the line.
        no_newline: bool,
        /// Colour.
        foreground: Option<String>,
        /// Colour.
        background: Option<String>,
    },
    /// Progress.
    Progress(Progress),
}

impl Said {
    /// The form of a message.
    pub fn of(message: Message) -> Said {
        match message {
            Message::Error(error) => Said::Error(wire::encode_error(&error)),
            Message::Warning(text) => Said::Warning(text),
            Message::Verbose(text) => Said::Verbose(text),
            Message::Debug(text) => Said::Debug(text),
            Message::Information { text, no_newline, foreground, background } => {
                Said::Information { text, no_newline, foreground, background }
            }
            Message::Progress(progress) => Said::Progress(progress),
        }
    }

    /// The message of its form.
    ///
    /// # Errors
    /// `WireDamaged`.
    pub fn message(self) -> Result<Message, ErrorRecord> {
        Ok(match self {
            Said::Error(error) => Message::Error(wire::decode_error(&error)?),
            Said::Warning(text) => Message::Warning(text),
            Said::Verbose(text) => Message::Verbose(text),
            Said::Debug(text) => Message::Debug(text),
            Said::Information { text, no_newline, foreground, background } => {
                Message::Information { text, no_newline, foreground, background }
            }
            Said::Progress(progress) => Message::Progress(progress),
        })
    }
}

/// What the client is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Question {
    /// To choose.
    Choose {
        /// Headline.
        caption: String,
        /// Question.
        question: String,
        /// Labels and what they mean.
        choices: Vec<(String, String)>,
        /// The choice that Enter takes.
        default: usize,
    },
    /// For a line.
    Line {
        /// Prompt.
        prompt: String,
        /// It is a secret.
        hidden: bool,
    },
    /// For the content of the file that a parameter names.
    Read {
        /// The parameter.
        parameter: String,
        /// Most bytes.
        most: u64,
    },
    /// To try whether the file that a parameter names can be written.
    Try {
        /// The parameter.
        parameter: String,
    },
    /// To write the file that a parameter names.
    Write {
        /// The parameter.
        parameter: String,
        /// What is written.
        content: Content,
    },
}

/// What the client answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// Nobody answers.
    Nobody,
    /// The choice.
    Chosen(usize),
    /// The line.
    Line(String),
    /// The content of the file.
    File(Content),
    /// The file is written, or can be.
    Written,
    /// The file cannot be read or written.
    Io {
        /// Why, as a word: `NotFound`, `PermissionDenied`, `FileTooLarge`, `Other`.
        kind: String,
        /// Why.
        message: String,
    },
}

/// The content of a file: text where it is UTF-8, else its bytes in hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    /// UTF-8.
    Text(String),
    /// Two digits a byte.
    Hex(String),
}

impl Content {
    /// Of bytes.
    pub fn of(bytes: Vec<u8>) -> Content {
        match String::from_utf8(bytes) {
            Ok(text) => Content::Text(text),
            Err(error) => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                let digit = |n: u8| char::from(DIGITS[usize::from(n & 15)]);
                Content::Hex(error.as_bytes().iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect())
            }
        }
    }

    /// The bytes; `None` where the digits are none.
    pub fn bytes(self) -> Option<Vec<u8>> {
        match self {
            Content::Text(text) => Some(text.into_bytes()),
            Content::Hex(digits) => digits
                .as_bytes()
                .chunks(2)
                .map(|pair| {
                    let [high, low] = pair else { return None };
                    let digit = |c: &u8| char::from(*c).to_digit(16).and_then(|n| u8::try_from(n).ok());
                    Some(digit(high)? << 4 | digit(low)?)
                })
                .collect(),
        }
    }
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // What is in people's files does not go into logs.
        match self {
            Content::Text(text) => write!(f, "{} bytes of text", text.len()),
            Content::Hex(digits) => write!(f, "{} bytes", digits.len() / 2),
        }
    }
}

/// Why a call ended before its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Failure {
    /// A terminating error.
    Error(Json),
    /// It was stopped.
    Interrupted,
}

/// A line of anything.
///
/// # Errors
/// `ValueTooLarge` where it is longer than [`LONGEST_LINE`].
pub fn write(line: &impl Serialize) -> Result<String, ErrorRecord> {
    let text = serde_json::to_string(line).map_err(|error| super::damaged(&error.to_string()))?;
    if text.len() > LONGEST_LINE { Err(super::too_large()) } else { Ok(text) }
}

/// What a line says.
///
/// # Errors
/// `WireDamaged`.
pub fn read<T: serde::de::DeserializeOwned>(line: &str) -> Result<T, ErrorRecord> {
    serde_json::from_str(line).map_err(|error| super::damaged(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_come_back_as_they_went() {
        for bytes in [&b""[..], b"plain", "\u{e4}\n".as_bytes(), &[0, 0xff, 0x10, 0x9a]] {
            assert_eq!(Content::of(bytes.to_vec()).bytes().as_deref(), Some(bytes));
        }
        assert_eq!(Content::Hex("0".into()).bytes(), None);
        assert_eq!(Content::Hex("zz".into()).bytes(), None);
    }

    #[test]
    fn a_line_reads_back() {
        let line =
            FromClient::Object(Named { set: None, input: None, values: vec![("Identity".into(), Json::from("x"))] });
        assert_eq!(read::<FromClient>(&write(&line).unwrap()).unwrap(), line);
        assert_eq!(read::<FromClient>("{").unwrap_err().id(), "WireDamaged");
    }
}
