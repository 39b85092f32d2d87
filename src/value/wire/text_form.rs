//! How a record prints, on the wire: a word, or a letter with the name of a property.

use super::damaged;
use crate::error::ErrorRecord;
use crate::value::TextForm;
use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

/// Properties by which our own types print.
const KNOWN: [&str; 12] = [
    "Name",
    "FullName",
    "Value",
    "Message",
    "MessageData",
    "OriginalString",
    "Definition",
    "Line",
    "Text",
    "CommandLine",
    " text",
    " pattern",
];

/// Names beyond those that a process learns: a program has a dozen, and what a stranger sends must not fill memory.
const MOST_LEARNT: usize = 256;
/// Longest such name, in bytes.
const LONGEST: usize = 64;

static LEARNT: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

pub(super) fn write(form: TextForm) -> Cow<'static, str> {
    match form {
        TextForm::Custom => "c".into(),
        TextForm::Pairs => "p".into(),
        TextForm::Entry => "e".into(),
        TextForm::Identity => "i".into(),
        TextForm::TypeName => "t".into(),
        TextForm::Property(name) => format!("P{name}").into(),
        TextForm::Scalar(name) => format!("S{name}").into(),
    }
}

pub(super) fn read(text: &str) -> Result<TextForm, ErrorRecord> {
    Ok(match text {
        "c" => TextForm::Custom,
        "p" => TextForm::Pairs,
        "e" => TextForm::Entry,
        "i" => TextForm::Identity,
        "t" => TextForm::TypeName,
        _ => match (text.strip_prefix('P'), text.strip_prefix('S')) {
            (Some(name), _) => TextForm::Property(lasting(name)?),
            (None, Some(name)) => TextForm::Scalar(lasting(name)?),
            (None, None) => return Err(damaged("a record that prints in no known way")),
        },
    })
}

/// The name as one that lasts as long as the program.
fn lasting(name: &str) -> Result<&'static str, ErrorRecord> {
    if let Some(known) = KNOWN.iter().find(|known| **known == name) {
        return Ok(known);
    }
    learn(&mut LEARNT.lock().unwrap_or_else(PoisonError::into_inner), name)
}

fn learn(learnt: &mut Vec<&'static str>, name: &str) -> Result<&'static str, ErrorRecord> {
    if let Some(known) = learnt.iter().find(|known| **known == name) {
        return Ok(known);
    }
    if learnt.len() >= MOST_LEARNT || name.len() > LONGEST {
        return Err(damaged("too many ways for records to print"));
    }
    let lasting: &'static str = Box::leak(name.into());
    learnt.push(lasting);
    Ok(lasting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_learnt_but_not_without_end() {
        let mut learnt = Vec::new();
        assert_eq!(learn(&mut learnt, "x").unwrap(), "x");
        assert_eq!(learn(&mut learnt, &"x".repeat(100)).unwrap_err().id(), "WireDamaged");
        let refused = (0..1000).filter(|n| learn(&mut learnt, &format!("Made up {n}")).is_err()).count();
        assert_eq!(refused, 1000 - MOST_LEARNT + 1);
        assert_eq!(learn(&mut learnt, "x").unwrap(), "x");
    }
}
