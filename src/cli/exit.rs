//! Exit codes.

use crate::error::{ErrorRecord, Halt};
use std::process::ExitCode;

/// The exit code of the process. Of several the most telling counts: see [`Exit::max`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit(pub u8);

impl Exit {
    /// All well.
    pub const OK: Exit = Exit(0);
    /// Errors were written.
    pub const ERRORS: Exit = Exit(1);
    /// Nothing ran: the text cannot be parsed or cannot work, or the command line is wrong.
    pub const USAGE: Exit = Exit(2);
    /// Access denied.
    pub const DENIED: Exit = Exit(3);
    /// No deployment, or its host cannot be reached.
    pub const NO_DEPLOYMENT: Exit = Exit(4);
    /// Interrupted.
    pub const INTERRUPTED: Exit = Exit(130);
    /// A defect of the program.
    pub const INTERNAL: Exit = Exit(70);

    /// The code of one error.
    pub fn of_error(error: &ErrorRecord) -> Exit {
        Exit::of_code(crate::cmdlet::session::exit_code_of(error))
    }

    /// The exit code that a script or a session names.
    pub fn of_code(code: i32) -> Exit {
        // The system keeps eight bits, as of every process.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the eight bits are meant")]
        Exit(code as u8)
    }

    /// The code of what ended a script.
    pub fn of_halt(halt: &Halt) -> Exit {
        match halt {
            Halt::Error(error) => Exit::of_error(error),
            Halt::Interrupted => Exit::INTERRUPTED,
            Halt::Exit(code) => Exit::of_code(*code),
            Halt::Downstream(_) | Halt::Leave(_) => Exit::OK,
        }
    }

    /// The one that says more: of 130, 4, 3, 2, 1, 0 the first.
    #[must_use]
    pub fn max(self, other: Exit) -> Exit {
        if self.0 >= other.0 { self } else { other }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.0)
    }
}
