//! The answer to a question that may have been refused.

use crate::error::{Category, ErrorRecord};
use crate::net::http::Answer;

/// The answer, or the error as one. Who asks hears why; the log of this computer has it for those who look for the cause
/// here, and to be seen where somebody asked for what is not theirs.
pub(super) fn answered(result: Result<Answer, ErrorRecord>) -> Answer {
    result.unwrap_or_else(|error| {
        match error.category() {
            Category::PermissionDenied => tracing::warn!(id = error.id(), "refused: {}", error.message()),
            _ => tracing::debug!(id = error.id(), "refused: {}", error.message()),
        }
        Answer::error(&error)
    })
}
