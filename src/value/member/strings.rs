//! Members of strings. Positions and lengths count UTF-16 units, as .NET's do.

use super::super::ops::{look, texts};
use super::super::{Str, Value, char_object, collate, enumerate, text};
use super::{Answer, Call};
use crate::env::bounds::LONGEST_TEXT;
use crate::error::{Category, ErrorRecord};

pub(super) fn get(text: &Str, name: &str) -> Option<Value> {
    name.eq_ignore_ascii_case("Length").then(|| Value::Int(units(text)))
}

/// Length in UTF-16 units.
pub(super) fn units(text: &str) -> i64 {
    let count = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The byte at which a UTF-16 unit begins; `None` behind the end.
fn byte_at(text: &str, unit: i64) -> Option<usize> {
    let unit = usize::try_from(unit).ok()?;
    if text.is_ascii() {
        return (unit <= text.len()).then_some(unit);
    }
    let mut seen = 0;
    for (at, c) in text.char_indices() {
        if seen >= unit {
            return Some(at);
        }
        seen += c.len_utf16();
    }
    (seen >= unit).then_some(text.len())
}

/// The character at a place, counted from the end if it is negative.
pub(super) fn char_at(text: &str, at: i64) -> Option<Value> {
    let at = if at < 0 { units(text) + at } else { at };
    let byte = byte_at(text, at)?;
    text[byte..].chars().next().map(char_object::new)
}

/// Characters to trim: of all arguments, single characters or lists of them; none is white space.
fn trimmed<'a>(text: &'a str, call: &Call, start: bool, end: bool) -> &'a str {
    let set: String = call
        .arguments
        .iter()
        .flat_map(|argument| enumerate::enumerate(argument.clone()))
        .map(|argument| text::to_text(&argument).to_string())
        .collect();
    let drop = |c: char| if set.is_empty() { c.is_whitespace() } else { set.contains(c) };
    let text = if start { text.trim_start_matches(drop) } else { text };
    if end { text.trim_end_matches(drop) } else { text }
}

fn fits(bytes: usize) -> Result<(), ErrorRecord> {
    if bytes <= LONGEST_TEXT {
        return Ok(());
    }
    let message = "The result would be a string larger than a script may hold.";
    Err(ErrorRecord::new("DataSizeExceeded", Category::LimitsExceeded, message))
}

fn padded(text: &str, call: &Call, left: bool) -> Result<Value, ErrorRecord> {
    let width = call.int(0)?;
    if !(0..=1 << 20).contains(&width) {
        return Err(call.out_of_range());
    }
    let fill = call.text(1);
    let fill = if fill.is_empty() { " " } else { &*fill };
    let pad = fill.repeat(usize::try_from((width - units(text)).max(0)).unwrap_or(0));
    Ok(if left { format!("{pad}{text}") } else { format!("{text}{pad}") }.into())
}

fn slice(text: &str, call: &Call, keep: bool) -> Result<Value, ErrorRecord> {
    let start = call.int(0)?;
    let length = if call.count() > 1 { call.int(1)? } else { units(text) - start };
    let end = start.checked_add(length).filter(|_| length >= 0).ok_or_else(|| call.out_of_range())?;
    match (byte_at(text, start), byte_at(text, end)) {
        (Some(from), Some(to)) if from <= to => Ok(match keep {
            true => text[from..to].into(),
            false => format!("{}{}", &text[..from], &text[to..]).into(),
        }),
        _ => Err(call.out_of_range()),
    }
}

fn ignores_case(call: &Call, at: usize) -> bool {
    match call.arguments.get(at) {
        Some(Value::Bool(b)) => *b,
        Some(other) => text::to_text(other).to_ascii_lowercase().ends_with("ignorecase"),
        None => false,
    }
}

fn found(text: &str, byte: Option<usize>) -> Value {
    Value::Int(byte.map_or(-1, |byte| units(&text[..byte])))
}

/// Text in lower case where that takes as many bytes: places in it are places in the original.
fn same_length(text: &str) -> String {
    let lower = |c: char| c.to_lowercase().next().filter(|l| l.len_utf8() == c.len_utf8()).unwrap_or(c);
    text.chars().map(lower).collect()
}

fn index_of(text: &str, call: &Call, last: bool, any: bool) -> Result<Value, ErrorRecord> {
    let wanted: Vec<Str> = match (any, call.value(0)) {
        (true, Value::Str(characters)) => characters.chars().map(|c| c.to_string().into()).collect(),
        (true, many) => enumerate::enumerate(many).iter().map(text::to_text).collect(),
        (false, _) => vec![call.text(0)],
    };
    let ignore = ignores_case(call, call.count().saturating_sub(1)) && call.count() > 1;
    let length = units(text);
    let number = |at: usize| match call.arguments.get(at) {
        Some(Value::Int(n)) => Some(*n),
        _ => None,
    };
    // Forwards a count goes on from the start, backwards it goes back from it; the start is within both.
    let (from, to) = match (number(1), number(2), last) {
        (None, _, _) => (0, length),
        (Some(start), None, false) => (start, length),
        (Some(start), Some(count), false) => (start, start.saturating_add(count)),
        (Some(start), count, true) if length > 0 => {
            let end = start.saturating_add(1).min(length);
            (count.map_or(0, |count| end.saturating_sub(count)), end)
        }
        (Some(_), _, true) => (0, 0),
    };
    let window = byte_at(text, from).zip(byte_at(text, to)).filter(|(from, to)| from <= to);
    let (from, to) = window.ok_or_else(|| call.out_of_range())?;
    let (hay, wanted): (String, Vec<String>) = if ignore {
        (same_length(text), wanted.iter().map(|w| same_length(w)).collect())
    } else {
        (text.to_string(), wanted.iter().map(|w| w.to_string()).collect())
    };
    let hits = wanted.iter().filter_map(|w| {
        let window = hay.get(from..to)?;
        let hit = if last { window.rfind(w.as_str()) } else { window.find(w.as_str()) };
        hit.map(|at| at + from)
    });
    let hit = if last { hits.max() } else { hits.min() };
    Ok(found(&hay, hit))
}

fn split<'t>(text: &'t str, call: &Call) -> Result<Value, ErrorRecord> {
    let mut separators: Vec<String> = Vec::new();
    let (mut most, mut drop_empty, mut trim) = (usize::MAX, false, false);
    for (at, argument) in call.arguments.iter().enumerate() {
        match argument {
            Value::Int(n) if at > 0 => most = usize::try_from(*n).map_err(|_| call.out_of_range())?,
            Value::Record(_) | Value::Str(_) if at > 0 && is_option(argument) => {
                let option = text::to_text(argument).to_ascii_lowercase();
                drop_empty |= option.contains("removeemptyentries");
                trim |= option.contains("trimentries");
            }
            Value::Str(separator) => separators.push(separator.to_string()),
            other => {
                separators.extend(enumerate::enumerate(other.clone()).iter().map(|s| text::to_text(s).to_string()))
            }
        }
    }
    separators.retain(|s| !s.is_empty());
    let mut pieces: Vec<&str> = Vec::new();
    let mut rest = text;
    let mut push = |piece: &'t str| {
        let piece = if trim { piece.trim() } else { piece };
        if !(drop_empty && piece.is_empty()) {
            pieces.push(piece);
        }
    };
    let mut cuts = 1;
    while cuts < most {
        look(cuts)?;
        let cut = if separators.is_empty() {
            rest.find(char::is_whitespace).map(|at| (at, rest[at..].chars().next().map_or(1, char::len_utf8)))
        } else {
            // The first place; of several separators there, the one named first.
            separators.iter().filter_map(|s| rest.find(s.as_str()).map(|at| (at, s.len()))).min_by_key(|(at, _)| *at)
        };
        let Some((at, length)) = cut else { break };
        push(&rest[..at]);
        rest = &rest[at + length..];
        cuts += 1;
    }
    push(rest);
    let mut list = Vec::new();
    texts(&mut list, pieces)?;
    Ok(Value::list(list))
}

fn is_option(value: &Value) -> bool {
    let text = text::to_text(value).to_ascii_lowercase();
    text.split(',').all(|part| matches!(part.trim(), "none" | "removeemptyentries" | "trimentries"))
}

pub(super) fn call(text: &Str, call: &Call) -> Answer {
    let starts = |hay: &str, needle: &str, ignore: bool| {
        if ignore { hay.to_lowercase().starts_with(&needle.to_lowercase()) } else { hay.starts_with(needle) }
    };
    Some(Ok(match call.name {
        "tolower" | "tolowerinvariant" => text.to_lowercase().into(),
        "toupper" | "toupperinvariant" => text.chars().map(char_object::upper).collect::<String>().into(),
        "trim" => trimmed(text, call, true, true).into(),
        "trimstart" => trimmed(text, call, true, false).into(),
        "trimend" => trimmed(text, call, false, true).into(),
        "padleft" => return Some(padded(text, call, true)),
        "padright" => return Some(padded(text, call, false)),
        "substring" if call.count() >= 1 => return Some(slice(text, call, true)),
        "remove" if call.count() >= 1 => return Some(slice(text, call, false)),
        "insert" if call.count() == 2 => match call.int(0).map(|at| byte_at(text, at)) {
            Ok(Some(at)) => {
                let inner = call.text(1);
                if let Err(error) = fits(text.len() + inner.len()) {
                    return Some(Err(error));
                }
                format!("{}{inner}{}", &text[..at], &text[at..]).into()
            }
            Ok(None) => return Some(Err(call.out_of_range())),
            Err(error) => return Some(Err(error)),
        },
        "replace" if call.count() >= 2 => {
            let (from, to) = (call.text(0), call.text(1));
            if from.is_empty() {
                return Some(Err(call.unfit(0)));
            }
            if ignores_case(call, 2) {
                let pattern = super::super::pattern::escape(&from);
                let compiled = super::super::pattern::compile(&pattern, super::super::pattern::IGNORE_CASE);
                let replaced = compiled.and_then(|p| p.replace(text, usize::MAX, &mut |_| Ok(to.to_string())));
                return Some(replaced.map(Value::from));
            }
            if to.len() > from.len() {
                let places = text.matches(&*from).count();
                if let Err(error) = fits(places.saturating_mul(to.len() - from.len()).saturating_add(text.len())) {
                    return Some(Err(error));
                }
            }
            text.replace(&*from, &to).into()
        }
        "split" => return Some(split(text, call)),
        "startswith" => starts(text, &call.text(0), ignores_case(call, 1)).into(),
        "endswith" => {
            let needle = call.text(0);
            let ignore = ignores_case(call, 1);
            if ignore { text.to_lowercase().ends_with(&needle.to_lowercase()) } else { text.ends_with(&*needle) }.into()
        }
        "contains" => {
            let needle = call.text(0);
            let ignore = ignores_case(call, 1);
            if ignore { text.to_lowercase().contains(&needle.to_lowercase()) } else { text.contains(&*needle) }.into()
        }
        "indexof" => return Some(index_of(text, call, false, false)),
        "lastindexof" => return Some(index_of(text, call, true, false)),
        "lastindexofany" => return Some(index_of(text, call, true, true)),
        "indexofany" => return Some(index_of(text, call, false, true)),
        "tochararray" | "getenumerator" => char_object::all(text),
        "chars" | "get_chars" => match call.int(0).map(|at| char_at(text, at).filter(|_| at >= 0)) {
            Ok(Some(c)) => c,
            Ok(None) => return Some(Err(call.out_of_range())),
            Err(error) => return Some(Err(error)),
        },
        "equals" => {
            let other = call.value(0);
            let same = matches!(&other, Value::Str(b) if **b == **text);
            let without_case = || ignores_case(call, 1) && text.to_lowercase() == text::to_text(&other).to_lowercase();
            (same || without_case()).into()
        }
        "compareto" => Value::Int(collate::compare(text, &call.text(0), true) as i64),
        "tostring" | "clone" | "normalize" => Value::Str(text.clone()),
        "isnormalized" => true.into(),
        _ => return None,
    }))
}
