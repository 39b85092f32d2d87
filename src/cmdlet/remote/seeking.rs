//! Finding the server again where the store went over to another computer while a session lives.

use super::Link;
use crate::cmdlet::host::Message;
use crate::cmdlet::run::Side;
use crate::cmdlet::session::Session;
use crate::error::{ErrorRecord, Halt};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a call waits for a computer that is taking over: a failover takes a second or three, and a person waits ten.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(200);

/// Errors that say: not here, or not any more.
const ELSEWHERE: [&str; 4] = ["NotActive", "HostUnreachable", "ConnectionLost", "ServerStopping"];

/// The search for the server of one call.
#[derive(Default)]
pub(super) struct Seeking {
    since: Option<Instant>,
}

impl Seeking {
    /// Finds the server at which a call that did not begin is tried again; `halt` is why it did not.
    ///
    /// # Errors
    /// `halt`, where that is no reason to look elsewhere, where nobody is found, and when the time is over; an interrupt.
    pub fn elsewhere(&mut self, session: &Session, link: &Arc<dyn Link>, side: Side, halt: Halt) -> Result<(), Halt> {
        let moved = matches!(&halt, Halt::Error(error) if ELSEWHERE.contains(&error.id()));
        if !moved || !matches!(side, Side::Server | Side::Keeper) {
            return Err(halt);
        }
        if let Some(since) = self.since {
            if since.elapsed() >= PATIENCE {
                return Err(halt);
            }
            session.sleep(PAUSE)?;
        }
        self.since.get_or_insert_with(Instant::now);
        session.check_interrupt()?;
        match link.seek(side) {
            Ok(computer) => {
                if !tell(session, link, side)
                    && let Some(computer) = computer
                {
                    session.write(Message::Warning(warning(side, &computer)));
                }
                Ok(())
            }
            Err(sought) => Err(with_hints(halt, &sought)),
        }
    }
}

/// Says why calls go to another computer than the active store's, where that is another matter than its silence.
pub(super) fn tell(session: &Session, link: &Arc<dyn Link>, side: Side) -> bool {
    let Some(why) = link.instead(side) else { return false };
    let computer = link.computer(side).unwrap_or_else(|| "another computer".to_string());
    let mut text = format!("{} This command runs at {computer}, which may hold the store.", why.message());
    for hint in why.hints() {
        text.push(' ');
        text.push_str(hint);
    }
    session.write(Message::Warning(format!("{text} [{}]", why.id())));
    true
}

fn warning(side: Side, computer: &str) -> String {
    match side {
        Side::Keeper => format!(
            "The active Central Management store does not answer; this command runs at {computer}, which may hold it."
        ),
        _ => format!("The Central Management store is active at {computer} now; this session goes on there."),
    }
}

/// What the search found out goes with the error.
fn with_hints(halt: Halt, sought: &ErrorRecord) -> Halt {
    let Halt::Error(error) = halt else { return halt };
    let new: Vec<String> = sought.hints().iter().filter(|hint| !error.hints().contains(hint)).cloned().collect();
    Halt::Error(new.into_iter().fold(error, |error, hint| error.hint(hint)))
}
