//! A failover's report as a page for a browser: one file, light or dark as the reader has it, no scripts, nothing from
//! elsewhere.

use super::control::{Condition, Following, Lost, Preflight, Report, StepReport};
use super::wish::Mode;
use crate::format::html::escape;
use crate::topology::Database;
use crate::value::{DateTime, date};
use std::fmt::Write;

/// Bytes of a lost document that are shown; the whole of it is in the source's file of what nobody else has.
const SHOWN: usize = 4_000;

const STYLE: &str = "\
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #ffffff; --line: #d0d7de; --soft: #f3f5f7; --good: #1a7f37; \
--bad: #b42318; --warn: #9a6700; --bar: #2f6fb2 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --paper: #15181c; --line: #3a4048; --soft: #1f242a; \
--good: #57c270; --bad: #ff8a80; --warn: #e3b341; --bar: #6ea8e0 } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto; \
max-width: 62rem; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem; border-bottom: 1px solid var(--line) }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; \
border-bottom: 1px solid var(--line) } th { background: var(--soft); font-weight: 600 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem } dt { font-weight: 600 } dd { margin: 0 }
pre, code { font: .85rem/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 0 }
.good { color: var(--good) } .bad { color: var(--bad) } .warn { color: var(--warn) }
.note { border-left: 4px solid var(--warn); background: var(--soft); padding: .6rem 1rem }
.track { position: relative; background: var(--soft); height: 1.1rem; min-width: 12rem }
.bar { position: absolute; top: 0; bottom: 0; min-width: 2px; background: var(--bar) }
";

/// What became of a failover.
pub fn page_of_report(report: &Report) -> String {
    let preflight = &report.preflight;
    let database = called(preflight);
    let title = match report.undone {
        true => format!("Failover of {database} undone"),
        false if preflight.again() => format!("{} is active again at {}", capital(&database), preflight.target),
        false => format!("{} failed over to {}", capital(&database), preflight.target),
    };
    let mut body = String::new();
    decided(
        &mut body,
        preflight,
        &[
            ("Failover", report.id.as_str()),
            ("Ordered by", report.by.as_str()),
            ("Epoch", &if report.undone { "not entered".to_owned() } else { report.epoch.to_string() }),
            ("First version there", &if report.undone { "none".to_owned() } else { report.version.to_string() }),
            ("No change could be made for", &report.outage.map_or_else(|| "not known".to_owned(), duration)),
            ("Export before the switch", if report.export.is_empty() { "none" } else { report.export.as_str() }),
        ],
    );
    timeline(&mut body, &report.steps);
    losses(&mut body, "What is lost", "", &report.lost, report.uncertain.as_deref(), report.undone);
    followers(&mut body, &report.followers);
    conditions(&mut body, &preflight.conditions, "");
    if !report.undone {
        back(&mut body, preflight, &report.export);
    }
    page(&title, &body)
}

/// What would become of one.
pub fn page_of_preflight(preflight: &Preflight) -> String {
    let refused = preflight.refusals().count();
    let title = match refused {
        0 if preflight.undoes() => format!("The failover of {} can be undone", called(preflight)),
        0 if preflight.again() => {
            format!("{} can be made active again at {}", capital(&called(preflight)), preflight.target)
        }
        0 if preflight.decided => format!("{} went over to {}", capital(&called(preflight)), preflight.target),
        0 => format!("{} can fail over to {}", capital(&called(preflight)), preflight.target),
        _ if preflight.undoes() => format!("The failover of {} cannot be undone now", called(preflight)),
        _ => format!("{} cannot fail over to {} now", capital(&called(preflight)), preflight.target),
    };
    let mut body = String::from("<p class=\"note\">This was not run: nothing was changed.</p>\n");
    judged(&mut body, preflight, "");
    page(&title, &body)
}

/// What was found before one that was begun and did not come to its end; `ended` (HTML) tells what ended it.
pub fn page_of_failed(preflight: &Preflight, ended: &str) -> String {
    let title = match preflight.undoes() {
        true => format!("The failover of {} was not undone", called(preflight)),
        false => format!("{} did not fail over to {}", capital(&called(preflight)), preflight.target),
    };
    let mut body = String::from("<p class=\"note\">This was run, and did not come to its end.</p>\n");
    body.push_str(ended);
    judged(&mut body, preflight, ", as was found before it began");
    page(&title, &body)
}

/// What a judgement says; `when` is what the heads of its parts say of when that was.
fn judged(body: &mut String, preflight: &Preflight, when: &str) {
    decided(body, preflight, &[("Epoch that it would enter", &preflight.epoch.to_string())]);
    conditions(body, &preflight.conditions, when);
    losses(body, "What would be lost", when, &preflight.lost, preflight.uncertain.as_deref(), false);
}

fn page(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>\n{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n"
    )
}

// Writing to a text cannot fail: what `write!` gives is of no use below.
fn decided(out: &mut String, preflight: &Preflight, more: &[(&str, &str)]) {
    let mode = match preflight.mode {
        Mode::Planned => "Planned: the source gives it away, nothing is lost",
        Mode::Disaster => "After a disaster: the target takes over with what it has",
    };
    let at = |computer: &str, pool: &str, version: Option<u64>| {
        let held = version.map_or_else(|| "version not known".to_owned(), |version| format!("version {version}"));
        match computer {
            "" => "none".to_owned(),
            _ => format!("{computer} (pool {pool}), {held}"),
        }
    };
    let source = at(&preflight.source, &preflight.source_pool, preflight.source_version);
    let target = at(&preflight.target, &preflight.target_pool, preflight.target_version);
    out.push_str("<h2>What was decided</h2>\n<dl>\n");
    let database = called(preflight);
    let first = [("Database", database.as_str()), ("How", mode), ("From", &source), ("To", &target)];
    for (name, value) in first.iter().chain(more) {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(value));
    }
    out.push_str("</dl>\n");
}

/// The steps with their times, as bars on one line of time.
fn timeline(out: &mut String, steps: &[StepReport]) {
    if steps.is_empty() {
        return;
    }
    let begin = |step: &StepReport| step.began.map_or(0, |time| time.ticks / 10_000);
    let first = steps.iter().filter(|step| step.began.is_some()).map(begin).min().unwrap_or(0);
    let end = |step: &StepReport| {
        begin(step).saturating_add(step.milliseconds.map_or(0, |ms| i64::try_from(ms).unwrap_or(0)))
    };
    let last = steps.iter().map(end).max().unwrap_or(first);
    let span = (last - first).max(1) as f64;
    out.push_str("<h2>Steps</h2>\n<table>\n<tr><th>Step</th><th>Began (UTC)</th><th>Took</th><th>When</th><th>What was found</th></tr>\n");
    for step in steps {
        let left = ((begin(step) - first).max(0) as f64 / span * 100.0).min(100.0);
        let width = (step.milliseconds.unwrap_or(0) as f64 / span * 100.0).min(100.0 - left);
        let took = step.milliseconds.map_or_else(|| "not over".to_owned(), duration);
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td><div class=\"track\"><div class=\"bar\" style=\"left:{left:.2}%;\
             width:{width:.2}%\"></div></div></td><td>{}</td></tr>",
            escape(&step.name),
            step.began.map(moment).as_deref().map_or_else(String::new, escape),
            took,
            escape(&step.found)
        );
    }
    out.push_str("</table>\n");
}

fn losses(out: &mut String, head: &str, when: &str, lost: &[Lost], uncertain: Option<&str>, undone: bool) {
    let _ = writeln!(out, "<h2>{head}{when}</h2>");
    if let Some(uncertain) = uncertain.filter(|_| !undone) {
        let _ = writeln!(out, "<p class=\"note\">{}</p>", escape(uncertain));
    }
    if lost.is_empty() || undone {
        let known = if uncertain.is_some() && !undone { "No lost change is known by name." } else { "Nothing." };
        let _ = writeln!(out, "<p>{known}</p>");
        return;
    }
    out.push_str("<table>\n<tr><th>Version</th><th>Document</th><th>What it held</th><th>Seen at</th></tr>\n");
    for lost in lost {
        let held = match (&lost.body, lost.deleted) {
            (_, true) => "<em>deleted</em>".to_owned(),
            (None, false) => "<em>not known</em>".to_owned(),
            (Some(body), false) => {
                let text = serde_json::to_string_pretty(body).unwrap_or_default();
                let end = (0..=SHOWN.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
                let (shown, rest) = text.split_at(end);
                let more = if rest.is_empty() { String::new() } else { format!("\n… {} bytes more", rest.len()) };
                format!("<pre>{}{more}</pre>", escape(shown))
            }
        };
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{held}</td><td>{}</td></tr>",
            lost.version,
            escape(&lost.document),
            escape(&lost.seen_at)
        );
    }
    out.push_str("</table>\n");
}

fn followers(out: &mut String, followers: &[Following]) {
    if followers.is_empty() {
        return;
    }
    out.push_str(
        "<h2>Replicas</h2>\n<table>\n<tr><th>Computer</th><th>Follows</th><th>Version</th><th>Why not</th></tr>\n",
    );
    for following in followers {
        let (class, word) = if following.up_to_date { ("good", "yes") } else { ("bad", "no") };
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td class=\"{class}\">{word}</td><td>{}</td><td>{}</td></tr>",
            escape(&following.computer),
            following.version.map_or_else(String::new, |version| version.to_string()),
            following.reason.as_deref().map_or_else(String::new, escape)
        );
    }
    out.push_str("</table>\n");
}

fn conditions(out: &mut String, conditions: &[Condition], when: &str) {
    let _ = writeln!(out, "<h2>Conditions{when}</h2>");
    out.push_str("<table>\n<tr><th>Condition</th><th>Holds</th><th>What was found</th><th>What to do</th></tr>\n");
    for condition in conditions {
        let (class, word) = match (condition.passed, condition.refuses) {
            (true, _) => ("good", "yes"),
            (false, true) => ("bad", "no: it refuses"),
            (false, false) => ("warn", "no: a warning"),
        };
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td class=\"{class}\">{word}</td><td>{}</td><td>{}</td></tr>",
            escape(&condition.name),
            escape(&condition.found),
            condition.advice.as_deref().map_or_else(String::new, escape)
        );
    }
    out.push_str("</table>\n");
}

fn back(out: &mut String, preflight: &Preflight, export: &str) {
    out.push_str("<h2>The way back</h2>\n");
    let source = escape(&preflight.source);
    let command = match preflight.database.split_once(':') {
        Some((_, pool))
            if pool.eq_ignore_ascii_case(&preflight.target_pool) && preflight.source_pool != preflight.target_pool =>
        {
            format!("Invoke-CsPoolFailOver -PoolFqdn \"{pool}\"")
        }
        Some((_, pool)) if preflight.source_pool != preflight.target_pool => {
            format!("Invoke-CsPoolFailBack -PoolFqdn \"{pool}\"")
        }
        Some((_, pool)) => {
            format!("Invoke-CsDatabaseFailover -PoolFqdn \"{pool}\" -DatabaseType User -NewPrincipal Primary")
        }
        None => "Invoke-CsManagementServerFailover -Restore".to_owned(),
    };
    let _ = writeln!(
        out,
        "<p>Once {source} follows again, <code>{}</code> leads back: planned, with everything that has changed since.</p>",
        escape(&command)
    );
    if !export.is_empty() {
        let _ = writeln!(out, "<p>The database as it was before the switch is in <code>{}</code>.</p>", escape(export));
    }
}

/// A database as people call it.
fn called(preflight: &Preflight) -> String {
    Database::parse(&preflight.database).map_or_else(|| preflight.database.clone(), |database| database.called())
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// A time of the target's clock, to the millisecond; the head of the column names the zone.
fn moment(at: DateTime) -> String {
    date::format(at, "yyyy-MM-dd HH:mm:ss.fff").unwrap_or_default()
}

fn duration(milliseconds: u64) -> String {
    let (hours, minutes, seconds) = (milliseconds / 3_600_000, milliseconds / 60_000 % 60, milliseconds / 1_000 % 60);
    match milliseconds {
        ..1_000 => format!("{milliseconds} ms"),
        1_000..60_000 => format!("{:.1} s", milliseconds as f64 / 1000.0),
        60_000..3_600_000 => format!("{minutes} min {seconds} s"),
        _ => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::DateTimeKind;

    fn report() -> Report {
        let condition = Condition {
            name: "Source".to_owned(),
            passed: false,
            refuses: false,
            id: Some("SourceAnswers".to_owned()),
            found: "a <b> & c".to_owned(),
            advice: None,
            passes: false,
        };
        let preflight = Preflight {
            database: "CentralMgmt".to_owned(),
            mode: Mode::Disaster,
            source: "a.example.net".to_owned(),
            source_pool: "a".to_owned(),
            target: "b.example.net".to_owned(),
            target_pool: "b".to_owned(),
            source_version: None,
            target_version: Some(7),
            epoch: 65,
            lost: Vec::new(),
            uncertain: None,
            conditions: vec![condition],
            unfinished: None,
            decided: false,
            source_role: None,
        };
        let time = |ticks| Some(DateTime { ticks, kind: DateTimeKind::Utc });
        let step = |name: &str, ticks: i64, ms| StepReport {
            name: name.to_owned(),
            began: time(639_028_224_000_000_000 + ticks),
            milliseconds: ms,
            found: "<script>alert(1)</script>".to_owned(),
        };
        Report {
            id: "f1".to_owned(),
            preflight,
            steps: vec![
                step("Close", 0, Some(20)),
                step("Promote", 200_000, Some(1_500)),
                step("Follow", 300_000, None),
            ],
            epoch: 65,
            version: 9,
            lost: vec![Lost {
                version: 8,
                document: "VoicePolicy Tag:<x> ".to_owned(),
                deleted: false,
                body: Some(serde_json::json!({ "Text": "</pre><img src=x>" })),
                seen_at: "c.example.net".to_owned(),
            }],
            uncertain: Some("b last heard of a 3 s ago & had everything.".to_owned()),
            export: "/srv/x.db".to_owned(),
            followers: vec![Following { computer: "c".to_owned(), up_to_date: true, version: Some(9), reason: None }],
            outage: Some(1_520),
            by: "Kim".to_owned(),
            undone: false,
        }
    }

    /// Rule: nothing of what was found can break out of the page; it needs nothing from elsewhere and runs nothing.
    #[test]
    fn what_is_shown_is_escaped() {
        let page = page_of_report(&report());
        for wrong in ["<script", "<img", "http://", "https://", "a <b>", "Tag:<x>"] {
            assert!(!page.contains(wrong), "{wrong}");
        }
        assert!(page.contains("&lt;/pre&gt;&lt;img src=x&gt;"));
    }

    /// Rule: who reads it sees what was lost, what is not known, who follows, how long it took, and how to go back.
    #[test]
    fn what_matters_is_on_it() {
        let page = page_of_report(&report());
        for needed in
            ["VoicePolicy", "had everything", "1.5 s", "/srv/x.db", "-Restore", "epoch".to_uppercase().as_str()]
        {
            assert!(page.to_uppercase().contains(&needed.to_uppercase()), "{needed}");
        }
        let judged = page_of_preflight(&report().preflight);
        assert!(judged.contains("This was not run") && judged.contains("no: a warning"));
        let failed = page_of_failed(&report().preflight, "<p>It broke.</p>");
        assert!(
            failed.contains("did not fail over") && failed.contains("It broke.") && failed.contains("before it began")
        );
        for untrue in ["This was not run", "can fail over", "What is lost"] {
            assert!(!failed.contains(untrue), "{untrue}");
        }
    }

    /// Rule: a bar stays within its track, whatever the clock did between the steps.
    #[test]
    fn bars_stay_on_their_track() {
        let mut report = report();
        if let Some(step) = report.steps.first_mut() {
            step.began = Some(DateTime { ticks: 639_028_224_000_900_000, kind: DateTimeKind::Utc });
        }
        report.steps[1].milliseconds = Some(u64::MAX);
        let page = page_of_report(&report);
        for part in page.split("style=\"left:").skip(1) {
            let left: f64 = part.split('%').next().unwrap().parse().unwrap();
            let width: f64 = part.split("width:").nth(1).unwrap().split('%').next().unwrap().parse().unwrap();
            assert!((0.0..=100.0).contains(&left) && (0.0..=100.01).contains(&(left + width)), "{left} {width}");
        }
    }
}
