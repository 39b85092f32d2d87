//! The server's half of a call: binds again, asks who may, runs the cmdlet, answers line by line.

use super::lines::{
    self, Answer, Call, Content, FORMAT, Failure, FromClient, FromServer, Input, Named, Question, Said, Stamps,
};
use super::{Ended, Lines, damaged};
use crate::cmdlet::binder;
use crate::cmdlet::context::{Bound, Invoked, LOCAL_STORE};
use crate::cmdlet::host::{Choice, Host, Message};
use crate::cmdlet::registry::Native;
use crate::cmdlet::run::{AccessKind, NoBlocks, Run, Side};
use crate::cmdlet::session::Session;
use crate::deployment::Deployment;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::wire::{self, Decoder};
use crate::value::{Record, Str, Value, same_name};
use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a client may take to say what it calls: it knows when it connects.
const GREETING: Duration = Duration::from_secs(15);

/// The client of a call, as a session's outside and as the end of its lines.
pub struct Client {
    lines: RefCell<Lines>,
    /// The session's: set where the client is gone.
    interrupt: Arc<AtomicBool>,
    /// How long the client may say nothing.
    patience: Duration,
    can_ask: bool,
    width: usize,
}

impl Client {
    /// The first line of a client, which is the call, and the client itself; `None` where it said none, which it was
    /// told if it is still there.
    pub fn greet(mut lines: Lines, interrupt: Arc<AtomicBool>, patience: Duration) -> Option<(Box<Call>, Rc<Client>)> {
        let stop = || interrupt.load(Ordering::Relaxed);
        let line = lines.receive(Some(patience.min(GREETING)), &stop).ok()?;
        // The form before all else: a newer one may say everything else in another way.
        let format =
            serde_json::from_str::<serde_json::Value>(&line).ok().and_then(|line| line["Call"]["Format"].as_u64());
        let call = match format {
            Some(format) if format > FORMAT.into() => Err(too_new(format)),
            _ => lines::read::<FromClient>(&line).and_then(|line| match line {
                FromClient::Call(call) => Ok(call),
                _ => Err(damaged("no call")),
            }),
        };
        let (can_ask, width) = call.as_ref().map_or((false, 80), |call| (call.can_ask, call.width.clamp(20, 4000)));
        let client = Rc::new(Client { lines: RefCell::new(lines), interrupt, patience, can_ask, width });
        match call {
            Ok(call) => Some((call, client)),
            Err(error) => {
                client.fail(&error);
                None
            }
        }
    }

    /// Tells the client why its call ended.
    pub fn fail(&self, error: &ErrorRecord) {
        self.say(&FromServer::Failed(Failure::Error(wire::encode_error(error))));
    }

    fn stopped(&self) -> bool {
        self.interrupt.load(Ordering::Relaxed)
    }

    /// Says something; if nobody is there to hear it the session is stopped.
    fn say(&self, line: &FromServer) {
        let sent = match lines::write(line) {
            Ok(line) => self.lines.borrow_mut().send(line, &|| self.stopped()).is_ok(),
            Err(_) => false,
        };
        if !sent {
            self.interrupt.store(true, Ordering::Relaxed);
        }
    }

    fn hear(&self) -> Result<FromClient, Halt> {
        let line = self.lines.borrow_mut().receive(Some(self.patience), &|| self.stopped());
        match line {
            Ok(line) => Ok(lines::read(&line)?),
            Err(Ended::TimedOut) => Err(too_quiet(self.patience).into()),
            Err(Ended::Stopped | Ended::Gone(_)) => {
                self.interrupt.store(true, Ordering::Relaxed);
                Err(Halt::Interrupted)
            }
        }
    }

    fn ask(&self, question: Question) -> Option<Answer> {
        self.say(&FromServer::Question(question));
        match self.hear() {
            Ok(FromClient::Answer(answer)) => Some(answer),
            // Whoever says something else or nothing is not waited for.
            _ => {
                self.interrupt.store(true, Ordering::Relaxed);
                None
            }
        }
    }

    /// Hands an object to the client; of a cmdlet that changes something only when the one before is taken.
    fn output(&self, value: &Value, waits: bool) -> Result<(), Halt> {
        let json = wire::encode(value)?;
        let line = if waits { FromServer::OutputAndWait(json) } else { FromServer::Output(json) };
        let line = lines::write(&line)?;
        if self.lines.borrow_mut().send(line, &|| self.stopped()).is_err() {
            self.interrupt.store(true, Ordering::Relaxed);
            return Err(Halt::Interrupted);
        }
        if waits && self.hear()? != FromClient::Taken {
            return Err(damaged("an object that was not taken").into());
        }
        Ok(())
    }
}

impl Host for Client {
    fn output(&self, value: Value) {
        // Nothing but the cmdlet's own objects, which go through its sink, is put out in a call.
        tracing::debug!(?value, "an object that no pipeline took");
    }

    fn message(&self, message: Message) {
        self.say(&FromServer::Message(Said::of(message)));
    }

    fn width(&self) -> usize {
        self.width
    }

    fn can_ask(&self) -> bool {
        self.can_ask
    }

    fn choose(&self, caption: &str, question: &str, choices: &[Choice], default: usize) -> Option<usize> {
        let question = Question::Choose {
            caption: caption.into(),
            question: question.into(),
            choices: choices.iter().map(|choice| (choice.label.to_string(), choice.help.to_string())).collect(),
            default,
        };
        match self.ask(question)? {
            Answer::Chosen(at) if at < choices.len() => Some(at),
            _ => None,
        }
    }

    fn read_line(&self, prompt: &str, hidden: bool) -> Option<String> {
        match self.ask(Question::Line { prompt: prompt.into(), hidden })? {
            Answer::Line(line) => Some(line),
            _ => None,
        }
    }

    fn read_file(&self, parameter: &str, _path: &str, most: u64) -> io::Result<Vec<u8>> {
        match self.ask(Question::Read { parameter: parameter.into(), most }) {
            Some(Answer::File(content)) => content.bytes().ok_or_else(not_answered),
            Some(Answer::Io { kind, message }) => Err(io_error(&kind, message)),
            _ => Err(not_answered()),
        }
    }

    fn try_file(&self, parameter: &str, _path: &str) -> io::Result<()> {
        match self.ask(Question::Try { parameter: parameter.into() }) {
            Some(Answer::Written) => Ok(()),
            Some(Answer::Io { kind, message }) => Err(io_error(&kind, message)),
            _ => Err(not_answered()),
        }
    }

    fn write_file(&self, parameter: &str, _path: &str, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() as u64 > lines::LARGEST_FILE {
            let message = format!("it has more than {} bytes", lines::LARGEST_FILE);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        let content = Content::of(bytes.to_vec());
        match self.ask(Question::Write { parameter: parameter.into(), content }) {
            Some(Answer::Written) => Ok(()),
            Some(Answer::Io { kind, message }) => Err(io_error(&kind, message)),
            _ => Err(not_answered()),
        }
    }
}

fn not_answered() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, "the client did not answer")
}

fn io_error(kind: &str, message: String) -> io::Error {
    let kind = match kind {
        "NotFound" => io::ErrorKind::NotFound,
        "PermissionDenied" => io::ErrorKind::PermissionDenied,
        "FileTooLarge" => io::ErrorKind::FileTooLarge,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, message)
}

/// Serves a call in a session whose outside is its client, until the cmdlet's end. What ends it before is told to the
/// client. Cmdlets of the server run where `active` says so; with -LocalStore everywhere, over the replica.
///
/// # Errors
/// What ended the call: it was told already.
pub fn serve(session: &Session, client: &Client, call: &Call, active: &Active) -> Result<(), Halt> {
    let result = run(session, client, call, active);
    match &result {
        Ok(()) => {}
        Err(Halt::Error(error)) => client.fail(error),
        Err(_) => client.say(&FromServer::Failed(Failure::Interrupted)),
    }
    result
}

/// Whether this computer holds the active store; the error says which one does.
pub type Active = dyn Fn() -> Result<(), ErrorRecord> + Send + Sync;

fn run(session: &Session, client: &Client, call: &Call, active: &Active) -> Result<(), Halt> {
    let native = session.registry.native(&call.cmdlet).ok_or_else(|| session.registry.not_found(&call.cmdlet))?.clone();
    if native.entry.side == Side::Client {
        return Err(runs_in_client(&native).into());
    }
    let (from_line, _, of_call) = values(&call.bound)?;
    let bind = |values: &[(Str, Value)], set: Option<&str>, complete: bool| {
        binder::named(native.spec(), values, set, complete).map_err(ErrorRecord::from)
    };
    let bound = bind(&from_line, call.bound.set.as_deref(), !call.fed)?;
    if !bound.switch(LOCAL_STORE) {
        match native.entry.side {
            Side::Server => active()?,
            // What keeps a place of the store can answer, active or not.
            Side::Keeper if !is_keeper(&*session.deployment()?)? => active()?,
            Side::Keeper | Side::Host | Side::Client => {}
        }
    }
    let mut preferences = session.preferences();
    preferences.confirm = call.common.confirm_preference;
    session.swap_preferences(preferences);
    session.may_start(&native.entry, &bound)?;
    let common = call.common.common(bound.switch("Force"));
    let invoked = Invoked::new(session, native.entry.name.to_string(), common, bound.clone());
    let mut running = Running { session, client, invoked, run: (native.entry.make)(), waits: false };
    running.waits = native.entry.access.kind == AccessKind::Change;
    client.say(&FromServer::Started);
    loop {
        let line = client.hear()?;
        let ended = line == FromClient::End;
        let mut watched = [Watched::of(&of_call), Watched::default()];
        let done = match line {
            FromClient::Begin => running.part(&bound, |run, bound, cx| run.begin(bound, cx)),
            FromClient::Object(named) => {
                let (given, input, records) = values(&named)?;
                watched[1] = Watched::of(&records);
                let all: Vec<(Str, Value)> = from_line.iter().cloned().chain(given).collect();
                let mut bound = bind(&all, named.set.as_deref(), true)?;
                match (input, &named.input) {
                    (_, Some(Input::Parameter(name))) => bound.set_input_parameter(name),
                    (input, _) => bound.set_input(input),
                }
                running.part(&bound, |run, bound, cx| run.process(bound, cx))
            }
            FromClient::End => running.part(&bound, |run, bound, cx| run.end(bound, cx)),
            FromClient::Call(_) | FromClient::Answer(_) | FromClient::Taken => {
                return Err(damaged("a line out of its turn").into());
            }
        };
        match done {
            Ok(()) => client.say(&FromServer::Done(stamps(watched))),
            Err(Halt::Downstream(_)) => client.say(&FromServer::Enough(stamps(watched))),
            Err(halt) => return Err(halt),
        }
        if ended {
            return Ok(());
        }
    }
}

/// Whether the computer has a place of the store.
fn is_keeper(deployment: &Deployment) -> Result<bool, ErrorRecord> {
    let places = deployment.topology()?.store_places();
    let mut computers = places.iter().flat_map(|place| std::iter::once(&place.sql).chain(&place.mirror));
    Ok(computers.any(|sql| same_name(&sql.computer, deployment.computer())))
}

/// A cmdlet that runs for a client.
struct Running<'a> {
    session: &'a Session,
    client: &'a Client,
    invoked: Invoked,
    run: Box<dyn Run>,
    /// Each object waits until it is taken.
    waits: bool,
}

impl Running<'_> {
    fn part(
        &mut self,
        bound: &Bound,
        part: fn(&mut dyn Run, &Bound, &mut crate::cmdlet::Context) -> Result<(), Halt>,
    ) -> Result<(), Halt> {
        let Running { session, client, invoked, run, waits } = self;
        invoked.bind(bound);
        let mut sink = |value: Value| client.output(&value, *waits);
        invoked.with(session, &NoBlocks, &mut sink, |cx| part(&mut **run, bound, cx))
    }
}

/// Records in parameters, with the versions that they showed before a part was run.
#[derive(Default)]
struct Watched(Vec<(usize, Record, Option<u64>)>);

impl Watched {
    fn of(records: &[(usize, Record)]) -> Watched {
        Watched(records.iter().map(|(at, record)| (*at, record.clone(), record.stamp())).collect())
    }

    fn changed(self) -> Vec<(usize, u64)> {
        let changed = self.0.into_iter().filter(|(_, record, before)| record.stamp() != *before);
        changed.filter_map(|(at, record, _)| Some((at, record.stamp()?))).collect()
    }
}

fn stamps([call, object]: [Watched; 2]) -> Stamps {
    Stamps { call: call.changed(), object: object.changed() }
}

type Received = (Vec<(Str, Value)>, Option<Value>, Vec<(usize, Record)>);

/// The parameters that a client sent, the object from the pipeline, and the records in all of them.
fn values(named: &Named) -> Result<Received, ErrorRecord> {
    let mut decoder = Decoder::default();
    let input = match &named.input {
        Some(Input::Own(json)) => Some(decoder.value(json)?),
        _ => None,
    };
    let one = |(name, json): &(String, serde_json::Value)| Ok((Str::from(name.as_str()), decoder.value(json)?));
    let values = named.values.iter().map(one).collect::<Result<_, ErrorRecord>>()?;
    Ok((values, input, decoder.records()))
}

fn runs_in_client(native: &Native) -> ErrorRecord {
    let message = format!("{} works on the objects of a pipeline and runs in the client.", native.entry.name);
    ErrorRecord::new("CmdletRunsInClient", Category::InvalidOperation, message)
}

fn too_new(format: u64) -> ErrorRecord {
    let message = format!("The client speaks form {format} of calls, and this server knows up to form {FORMAT}.");
    ErrorRecord::new("WireTooNew", Category::NotImplemented, message)
        .hint("Use a client of the server's version, or bring the server up to date.")
}

fn too_quiet(patience: Duration) -> ErrorRecord {
    let message =
        format!("The client said nothing for {} seconds, and the server waits no longer.", patience.as_secs());
    ErrorRecord::new("CallTimedOut", Category::OperationTimeout, message)
}
