//! -WhatIf, -Confirm and questions: whether a change is made.

use super::context::{Answer, Context};
use super::host::{Choice, Message};
use super::preferences::Impact;
use super::session::Session;
use crate::error::{Category, ErrorRecord, Halt};

const CHOICES: [Choice; 4] = [
    Choice::new("&Yes", "Do this."),
    Choice::new("Yes to &All", "Do this and all that is asked after it."),
    Choice::new("&No", "Do not do this, and go on."),
    Choice::new("No to A&ll", "Do neither this nor what is asked after it."),
];

/// -WhatIf and -Confirm of one change.
pub(super) fn should_process(cx: &mut Context, impact: Impact, target: &str, action: &str) -> Result<bool, Halt> {
    let what = format!("Performing the operation \"{action}\" on target \"{target}\".");
    in_words(cx, impact, &what, &what, "Confirm: are you sure that you want to do this?")
}

/// The same in words of one's own: what is said of it, the question, and what stands above the question.
pub(super) fn in_words(
    cx: &mut Context,
    impact: Impact,
    what: &str,
    question: &str,
    caption: &str,
) -> Result<bool, Halt> {
    if cx.common.what_if {
        cx.information(format!("What if: {what}"));
        return Ok(false);
    }
    let preference = cx.session.preferences().confirm;
    let by_itself = impact != Impact::None && preference != Impact::None && impact >= preference;
    let asked = cx.common.confirm.unwrap_or(by_itself);
    if !asked {
        cx.verbose(what.to_string());
        return Ok(true);
    }
    // What -Force means to the cmdlet it does not say: it may lead elsewhere.
    ask(cx, caption, question, "Give -Confirm:$false to do it without a question.")
}

/// A cmdlet's own question.
pub(super) fn should_continue(cx: &mut Context, caption: &str, question: &str) -> Result<bool, Halt> {
    if cx.common.force || cx.common.confirm == Some(false) {
        return Ok(true);
    }
    let hint = "Give -Confirm:$false (or -Force where the cmdlet has it) to do it without a question.";
    ask(cx, caption, question, hint)
}

/// A question that neither -Force nor -Confirm answers, and what to give to be asked none.
pub(super) fn always(cx: &mut Context, caption: &str, question: &str, hint: &str) -> Result<bool, Halt> {
    ask(cx, caption, question, hint)
}

/// Asks; `hint` says what to give to be asked none.
fn ask(cx: &mut Context, caption: &str, question: &str, hint: &str) -> Result<bool, Halt> {
    let choice = choice(cx, caption, question);
    choice.ok_or_else(|| unasked(question).hint(hint).of_command(cx.command.to_string()).into())
}

/// The answer to a question; `None` where nobody can be asked.
fn choice(cx: &mut Context, caption: &str, question: &str) -> Option<bool> {
    match cx.stage.answer.get() {
        Answer::YesToAll => return Some(true),
        Answer::NoToAll => return Some(false),
        Answer::Ask => {}
    }
    let choice = choose(cx.session, caption, question, &CHOICES)?;
    match choice {
        1 => cx.stage.answer.set(Answer::YesToAll),
        3 => cx.stage.answer.set(Answer::NoToAll),
        _ => {}
    }
    Some(choice < 2)
}

fn choose(session: &Session, caption: &str, question: &str, choices: &[Choice]) -> Option<usize> {
    if !session.host.can_ask() {
        return None;
    }
    session.host.flush();
    session.host.choose(caption, question, choices, 0)
}

fn unasked(question: &str) -> ErrorRecord {
    let message = format!("This must be confirmed, and nobody can be asked: {question}");
    ErrorRecord::new("PromptNotAvailable", Category::InvalidOperation, message)
}

/// -ErrorAction Inquire: whether to stop.
pub(super) fn inquire(session: &Session, message: &str) -> Result<bool, Halt> {
    let choices = [Choice::new("&Yes", "Go on."), Choice::new("&Halt", "Stop the command.")];
    match choose(session, "Confirm", message, &choices) {
        Some(choice) => Ok(choice == 1),
        None => {
            session.write(Message::Warning("Nobody can be asked whether to go on; the command stops.".into()));
            Ok(true)
        }
    }
}
