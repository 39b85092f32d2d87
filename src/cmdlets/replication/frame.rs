//! One picture of the replicas' status: a table in text, with ages.

use crate::error::render;
use crate::format::cell;
use crate::value::{DateTime, Record, Value, date, text};

const HEADS: [&str; 6] = ["ReplicaFqdn", "State", "Version", "Behind", "Contact", "Why"];

const GREEN: &str = "32";
const RED: &str = "31";
const YELLOW: &str = "33";

/// What moves the cursor back over so many lines and empties the screen from there.
pub(super) fn over(lines: usize) -> String {
    format!("\x1b[{lines}A\x1b[J")
}

/// What counts as a change: all but the ages.
pub(super) fn facts(state: &Record) -> Vec<String> {
    ["ReplicaFqdn", "UpToDate", "VersionHeld", "LastPackageKind", "Connected", "HookError", "Reason"]
        .iter()
        .map(|name| state.get(name).map_or(String::new(), |value| text::to_text(&value).to_string()))
        .collect()
}

/// The lines, none wider than the screen.
pub(super) fn lines(states: &[Record], now: DateTime, width: usize, color: bool) -> Vec<String> {
    let good = states.iter().filter(|state| is_true(state, "UpToDate")).count();
    let local = date::to_local(now);
    let clock = date::format(local, "HH:mm:ss").unwrap_or_default();
    let mut lines = vec![cell::cut(&format!("{clock}  {good} of {} up to date", states.len()), width, false)];
    let rows: Vec<[String; 6]> = states.iter().map(|state| row(state, now)).collect();
    let mut widths = HEADS.map(cell::width);
    for row in &rows {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell::width(text));
        }
    }
    let line = |cells: &[String; 6]| {
        let padded: Vec<String> = cells
            .iter()
            .zip(widths)
            .map(|(text, width)| format!("{text}{}", " ".repeat(width - cell::width(text))))
            .collect();
        cell::cut(padded.join("  ").trim_end(), width, false)
    };
    lines.push(line(&HEADS.map(String::from)));
    for (state, row) in states.iter().zip(&rows) {
        let code = match (is_true(state, "UpToDate"), is_true(state, "Connected")) {
            (true, _) => GREEN,
            (false, true) => YELLOW,
            (false, false) => RED,
        };
        let text = line(row);
        lines.push(if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text });
    }
    lines
}

fn row(state: &Record, now: DateTime) -> [String; 6] {
    let shown = |name: &str| match state.get(name) {
        None | Some(Value::Null) => String::new(),
        // A replica may have written it: nothing in it moves the cursor.
        Some(value) => render::visible(&text::to_text(&value)).replace(['\n', '\r', '\t'], " "),
    };
    let up = is_true(state, "UpToDate");
    let contact = match state.get("LastContact") {
        Some(Value::DateTime(at)) => age(at, now),
        _ => "never".into(),
    };
    let why = ["Reason", "HookError"].map(shown).into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    let behind = shown("VersionsBehind");
    [
        shown("ReplicaFqdn"),
        if up { "up to date" } else { "behind" }.into(),
        shown("VersionHeld"),
        if up || behind == "0" { String::new() } else { behind },
        contact,
        why,
    ]
}

fn is_true(state: &Record, name: &str) -> bool {
    matches!(state.get(name), Some(Value::Bool(true)))
}

/// `3 s ago`, in the largest unit that fits.
fn age(at: DateTime, now: DateTime) -> String {
    let seconds = (date::to_utc(now).ticks - date::to_utc(at).ticks).max(0) / date::SECOND;
    match seconds {
        0..60 => format!("{seconds} s ago"),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h ago", seconds / 3600),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::{Clock, FixedClock};
    use crate::replication::ReplicaState;

    /// Rule: each replica has a line with its state, how long ago it was heard, and why it is behind; no line is wider
    /// than the screen, and nothing that a replica wrote moves the cursor.
    #[test]
    fn a_picture() {
        let now = FixedClock::at_unix_seconds(1_600_000_000).now();
        let heard = |seconds: i64| Some(DateTime { ticks: now.ticks - seconds * date::SECOND, ..now });
        let good = ReplicaState {
            replica_fqdn: "a.litwareinc.com".into(),
            up_to_date: true,
            connected: true,
            version_held: Some(7),
            last_contact: heard(3),
            ..ReplicaState::default()
        };
        let late = ReplicaState {
            replica_fqdn: "bb.litwareinc.com".into(),
            versions_behind: Some(2),
            last_contact: heard(7200),
            reason: Some("It is \x1b[2Jnot connected.".into()),
            ..ReplicaState::default()
        };
        let states = [good, late].map(|state| super::super::records::state(&state));
        let plain = lines(&states, now, 120, false);
        assert!(plain[0].ends_with("1 of 2 up to date"), "{plain:?}");
        assert!(plain[2].contains("up to date") && plain[2].contains("3 s ago"), "{plain:?}");
        assert!(plain[3].contains("behind") && plain[3].contains("2 h ago"), "{plain:?}");
        assert!(plain[3].contains("not connected") && !plain[3].contains('\x1b'), "{plain:?}");
        assert!(lines(&states, now, 40, false).iter().all(|line| cell::width(line) <= 40));
        let colored = lines(&states, now, 120, true);
        assert!(colored[2].starts_with("\x1b[32m") && colored[3].starts_with("\x1b[31m"), "{colored:?}");
        assert_eq!(over(4), "\x1b[4A\x1b[J");
    }
}
