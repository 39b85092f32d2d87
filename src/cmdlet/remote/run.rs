//! A stage of a pipeline whose cmdlet runs on a server.

use super::lines::{
    self, Answer, Call, Content, Failure, FromClient, FromServer, Input, Named, Question, Resolved, Said, Stamps,
};
use super::seeking::{self, Seeking};
use super::{Ended, Lines, Link, damaged};
use crate::cmdlet::context::{Action, Bound, Common, Context, LOCAL_STORE};
use crate::cmdlet::host::{Choice, Message};
use crate::cmdlet::registry::Native;
use crate::cmdlet::run::{AccessKind, FileParameter, Run, Side};
use crate::cmdlet::session::Session;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::wire::{Decoder, Encoder};
use crate::value::{Record, Str, Value, text};
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Most choices of a question that a server may ask.
const MOST_CHOICES: usize = 32;

/// The error of a connection that broke.
const LOST: &str = "ConnectionLost";

/// A cmdlet at the other end.
pub(super) struct RemoteRun {
    native: Rc<Native>,
    /// `None` once the call is over.
    lines: Option<Lines>,
    decoder: Decoder,
    /// How many parameters the command line bound: the server has them.
    from_line: usize,
    /// Something was sent that may have been carried out.
    under_way: bool,
    /// The records in the parameters that the server has, by their numbers: those of the call, those of the object.
    records: [Vec<(usize, Record)>; 2],
}

impl RemoteRun {
    /// Sends the call and waits until the server has let it in. What broke before that was not begun: it is tried once
    /// more over a new connection.
    pub fn start(
        session: &Session,
        link: &Arc<dyn Link>,
        native: &Rc<Native>,
        bound: &Bound,
        common: &Common,
        fed: bool,
    ) -> Result<RemoteRun, Halt> {
        let (mut named, of_call) = named(bound, 0)?;
        if let Some(parameter) = native.entry.here
            && !fed
            && bound.get(parameter).is_none()
            && let Some(computer) = link.here()?
        {
            named.values.push((parameter.to_string(), computer.into()));
        }
        let call = FromClient::Call(Box::new(Call {
            format: lines::FORMAT,
            cmdlet: native.entry.name.to_string(),
            user: session.asks_to_be().map(String::from),
            bound: named,
            fed,
            common: Resolved::of(common, session.preferences().confirm),
            can_ask: session.host.can_ask(),
            width: session.host.width(),
        }));
        let call = lines::write(&call)?;
        // The replica that it reads is that of the computer which the session talks to.
        let side = if bound.switch(LOCAL_STORE) { Side::Host } else { native.entry.side };
        let from_line = bound.values.len();
        let mut seeking = Seeking::default();
        let mut fresh = false;
        loop {
            let begun = link.call(side, fresh).map_err(|error| Broken::Gone(Some(error))).and_then(|lines| {
                let decoder = Decoder::default();
                let records = [of_call.clone(), Vec::new()];
                let (native, lines) = (native.clone(), Some(lines));
                let mut run = RemoteRun { native, lines, decoder, from_line, under_way: false, records };
                match run.ask_to_start(session, call.clone()) {
                    Ok(()) | Err(Broken::Enough) => Ok(run),
                    Err(Broken::Gone(Some(error))) if error.id() == LOST => {
                        Err(Broken::Gone(Some(run.lost(Some(error)))))
                    }
                    Err(Broken::Gone(None)) => Err(Broken::Gone(Some(run.lost(None)))),
                    Err(other) => Err(other),
                }
            });
            let halt = match begun {
                Ok(run) => {
                    seeking::tell(session, link, side);
                    if native.entry.if_lost.is_some() {
                        link.moves();
                    }
                    return Ok(run);
                }
                Err(Broken::Gone(Some(error))) if error.id() == LOST && !fresh => {
                    fresh = true;
                    continue;
                }
                // What the server, or the way to it, says of itself is the answer.
                Err(broken) => broken.halt(),
            };
            // Nothing of it has run: another server may be the one by now.
            seeking.elsewhere(session, link, side, halt)?;
            fresh = false;
        }
    }

    fn ask_to_start(&mut self, session: &Session, call: String) -> Result<(), Broken> {
        self.send(session, call)?;
        match self.receive(session)? {
            FromServer::Started => Ok(()),
            FromServer::Failed(failure) => Err(self.failed(failure).into()),
            _ => Err(Halt::from(damaged("an answer before the call was let in")).into()),
        }
    }

    /// Has a part of the cmdlet run, and hands on what comes of it.
    fn part(&mut self, line: &FromClient, cx: &mut Context) -> Result<(), Halt> {
        if self.lines.is_none() {
            return Ok(());
        }
        let result = self.exchange(line, cx);
        match result {
            Ok(()) => Ok(()),
            // A cmdlet that wants no more objects still has its end to run.
            Err(Broken::Enough) => Err(cx.stop_upstream()),
            Err(Broken::Halt(halt)) => {
                self.lines = None;
                // Who stops waiting does not stop what goes on without the session.
                if let Some(advice) = self.native.entry.if_lost.filter(|_| self.under_way)
                    && cx.session.interrupt.load(Ordering::Relaxed)
                {
                    let name = &self.native.entry.name;
                    cx.warning(format!("What {name} began may go on without this session. {advice}"));
                }
                Err(halt)
            }
            Err(Broken::Gone(error)) => {
                self.lines = None;
                Err(match error {
                    Some(error) if error.category() != Category::ResourceUnavailable => error.into(),
                    error => self.lost(error).into(),
                })
            }
        }
    }

    fn exchange(&mut self, line: &FromClient, cx: &mut Context) -> Result<(), Broken> {
        self.send(cx.session, lines::write(line)?)?;
        self.under_way |= matches!(line, FromClient::Object(_) | FromClient::End);
        loop {
            match self.receive(cx.session)? {
                FromServer::Output(json) => cx.output(self.value(&json)?)?,
                FromServer::OutputAndWait(json) => {
                    cx.output(self.value(&json)?)?;
                    self.send(cx.session, lines::write(&FromClient::Taken)?)?;
                }
                FromServer::Message(said) => show(said, cx)?,
                FromServer::Question(question) => {
                    let answer = self.answer(question, cx)?;
                    self.send(cx.session, lines::write(&FromClient::Answer(answer))?)?;
                }
                FromServer::Done(stamps) => {
                    self.stamp(&stamps);
                    return Ok(());
                }
                FromServer::Enough(stamps) => {
                    self.stamp(&stamps);
                    return Err(Broken::Enough);
                }
                FromServer::Failed(failure) => return Err(self.failed(failure).into()),
                FromServer::Started => return Err(Halt::from(damaged("a call that starts twice")).into()),
            }
        }
    }

    /// Says of the objects that were handed in which version they show now.
    fn stamp(&mut self, stamps: &Stamps) {
        for (records, stamps) in self.records.iter().zip([&stamps.call, &stamps.object]) {
            for (at, version) in stamps {
                if let Some((_, record)) = records.iter().find(|(known, _)| known == at) {
                    record.set_stamp(*version);
                }
            }
        }
    }

    fn value(&mut self, json: &serde_json::Value) -> Result<Value, ErrorRecord> {
        self.decoder.next_message();
        self.decoder.value(json)
    }

    fn send(&mut self, session: &Session, line: String) -> Result<(), Broken> {
        let Some(lines) = &mut self.lines else { return Err(Broken::Gone(None)) };
        Ok(lines.send(line, &|| session.interrupt.load(Ordering::Relaxed))?)
    }

    fn receive(&mut self, session: &Session) -> Result<FromServer, Broken> {
        let Some(lines) = &mut self.lines else { return Err(Broken::Gone(None)) };
        let line = lines.receive(None, &|| session.interrupt.load(Ordering::Relaxed))?;
        Ok(lines::read(&line)?)
    }

    fn failed(&self, failure: Failure) -> Halt {
        match failure {
            Failure::Error(json) => match crate::value::wire::decode_error(&json) {
                Ok(error) | Err(error) => Halt::Error(error),
            },
            Failure::Interrupted => Halt::Error(self.lost(None)),
        }
    }

    /// The connection broke; what is known of the call.
    fn lost(&self, why: Option<ErrorRecord>) -> ErrorRecord {
        let name = &self.native.entry.name;
        let why_text =
            why.as_ref().map_or_else(|| "the server ended it.".to_string(), |error| error.message().to_string());
        let (known, advice) = known_of(self.native.entry.access.kind, self.native.entry.if_lost, self.under_way);
        let message = format!("The connection broke while {name} ran: {why_text} {known}");
        let error = ErrorRecord::new(LOST, Category::ResourceUnavailable, message).hint(advice);
        why.iter().flat_map(ErrorRecord::hints).fold(error, |error, hint| error.hint(hint.clone()))
    }

    fn answer(&self, question: Question, cx: &Context) -> Result<Answer, ErrorRecord> {
        let host = &cx.session.host;
        Ok(match question {
            Question::Choose { caption, question, choices, default } => {
                if choices.len() > MOST_CHOICES {
                    return Err(damaged("a question with too many choices"));
                }
                let choices: Vec<Choice> = choices
                    .into_iter()
                    .map(|(label, help)| Choice { label: label.into(), help: help.into() })
                    .collect();
                if !host.can_ask() {
                    return Ok(Answer::Nobody);
                }
                host.flush();
                host.choose(&caption, &question, &choices, default).map_or(Answer::Nobody, Answer::Chosen)
            }
            Question::Line { prompt, hidden } => {
                if !host.can_ask() {
                    return Ok(Answer::Nobody);
                }
                host.flush();
                host.read_line(&prompt, hidden).map_or(Answer::Nobody, Answer::Line)
            }
            Question::Read { parameter, most } => {
                let path = self.path(FileParameter::Read, &parameter, cx)?;
                match host.read_file(&parameter, &path, most.min(lines::LARGEST_FILE)) {
                    Ok(bytes) => Answer::File(Content::of(bytes)),
                    Err(error) => io_answer(&error),
                }
            }
            Question::Try { parameter } => {
                let path = self.path(FileParameter::Write, &parameter, cx)?;
                match host.try_file(&parameter, &path) {
                    Ok(()) => Answer::Written,
                    Err(error) => io_answer(&error),
                }
            }
            Question::Write { parameter, content } => {
                let path = self.path(FileParameter::Write, &parameter, cx)?;
                let bytes = content.bytes().ok_or_else(|| damaged("a file of no bytes"))?;
                match host.write_file(&parameter, &path, &bytes) {
                    Ok(()) => Answer::Written,
                    Err(error) => io_answer(&error),
                }
            }
        })
    }

    /// The path that the user gave for a parameter that names a file: a server that asks for any other gets none.
    fn path(&self, way: fn(&'static str) -> FileParameter, parameter: &str, cx: &Context) -> Result<Str, ErrorRecord> {
        let names = |file: &&FileParameter| match file {
            FileParameter::Read(name) | FileParameter::Write(name) => *name == parameter && **file == way(name),
        };
        let known = self.native.entry.files.iter().any(|file| names(&file));
        let given = cx.bound.get(parameter).filter(|path| known && !path.is_null()).map(text::to_text);
        given.ok_or_else(|| damaged("a question for a file that nobody named"))
    }
}

/// What is known of a call whose connection broke, and what to do.
fn known_of(kind: AccessKind, if_lost: Option<&'static str>, under_way: bool) -> (&'static str, &'static str) {
    match (under_way, kind, if_lost) {
        (false, ..) => ("It had not begun.", "Nothing of it was done: run it again."),
        (true, AccessKind::Change, Some(advice)) => (
            "How far it came is not known: the same command with -WhatIf says it, and given again it goes on with what is not \
             over.",
            advice,
        ),
        (true, AccessKind::Change, None) => (
            "Whether its last change was made is not known; the audit log and the object itself say so.",
            "It is not run again by itself: look first, and run it again only if the change is not there.",
        ),
        (true, ..) => (
            "It changes nothing, so nothing is lost but what it would have put out.",
            "It is not run again by itself: run it again.",
        ),
    }
}

impl Run for RemoteRun {
    fn begin(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.part(&FromClient::Begin, cx)
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let (object, records) = named(bound, self.from_line)?;
        self.records[1] = records;
        self.part(&FromClient::Object(object), cx)
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.part(&FromClient::End, cx)?;
        self.lines = None;
        Ok(())
    }
}

/// Why a part ended before its end.
enum Broken {
    Halt(Halt),
    /// The cmdlet wants no more objects.
    Enough,
    /// The server is gone.
    Gone(Option<ErrorRecord>),
}

impl Broken {
    /// What to end with.
    fn halt(self) -> Halt {
        match self {
            Broken::Halt(halt) => halt,
            Broken::Gone(Some(error)) => error.into(),
            Broken::Enough | Broken::Gone(None) => damaged("a call that ended before it began").into(),
        }
    }
}

impl<E: Into<Halt>> From<E> for Broken {
    fn from(halt: E) -> Broken {
        Broken::Halt(halt.into())
    }
}

impl From<Ended> for Broken {
    fn from(ended: Ended) -> Broken {
        match ended {
            Ended::Stopped => Broken::Halt(Halt::Interrupted),
            Ended::TimedOut => Broken::Gone(None),
            Ended::Gone(error) => Broken::Gone(error),
        }
    }
}

/// Parameters for the wire, from one on, and the records in them: what two of them share stays shared.
fn named(bound: &Bound, from: usize) -> Result<(Named, Vec<(usize, Record)>), ErrorRecord> {
    let mut encoder = Encoder::default();
    let input = match (bound.input_parameter(), bound.input()) {
        (Some(name), _) => Some(Input::Parameter(name.to_string())),
        (None, Some(input)) => Some(Input::Own(match encoder.value(input) {
            Ok(json) => json,
            Err(_) => {
                encoder = Encoder::default();
                encoder.value(&head(input))?
            }
        })),
        (None, None) => None,
    };
    let mut one = |(name, value): &(Str, Value)| Ok((name.to_string(), encoder.value(value)?));
    let values = bound.values.iter().skip(from).map(&mut one).collect::<Result<_, ErrorRecord>>()?;
    Ok((Named { set: bound.set.as_deref().map(String::from), input, values }, encoder.records()))
}

/// What is sent of an object that cannot travel whole, and that binds nothing by itself.
fn head(input: &Value) -> Value {
    let Value::Record(record) = input else { return Value::Null };
    let head = Record::new(record.kind().clone(), std::iter::empty::<(Str, Value)>());
    if let Some(stamp) = record.stamp() {
        head.set_stamp(stamp);
    }
    head.into()
}

/// Does with a message of the server what the cmdlet would have done with it here.
fn show(said: Said, cx: &mut Context) -> Result<(), Halt> {
    match said.message()? {
        // It was asked about where it arose, and is to be shown.
        Message::Error(error) if cx.common.error_action == Action::Inquire => cx.report(error),
        Message::Error(error) => cx.error(error)?,
        Message::Warning(text) => cx.warning(text),
        Message::Progress(progress) => cx.progress(progress),
        other => cx.session.write(other),
    }
    Ok(())
}

fn io_answer(error: &io::Error) -> Answer {
    let kind = match error.kind() {
        io::ErrorKind::NotFound => "NotFound",
        io::ErrorKind::PermissionDenied => "PermissionDenied",
        io::ErrorKind::FileTooLarge => "FileTooLarge",
        _ => "Other",
    };
    Answer::Io { kind: kind.into(), message: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: of a failover whose connection broke the error itself says how to look, and that it is given again; of another
    /// change that it is looked for first; what reads is run again.
    #[test]
    fn what_is_known_of_a_call_that_broke() {
        let (known, advice) = known_of(AccessKind::Change, Some("Look with -WhatIf."), true);
        assert!(known.contains("-WhatIf") && known.contains("given again"), "{known}");
        assert_eq!(advice, "Look with -WhatIf.");
        assert!(known_of(AccessKind::Change, None, true).0.contains("audit log"));
        assert!(known_of(AccessKind::Read, None, true).0.contains("changes nothing"));
        assert!(known_of(AccessKind::Change, Some("x"), false).0.contains("had not begun"));
    }
}
