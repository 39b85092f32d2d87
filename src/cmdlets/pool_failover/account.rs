//! The account of a pool's failover as a page: that of its user store, with what the pool's own is.

use super::list::Plan;
use super::run::Done;
use crate::backup::SyncReport;
use crate::cmdlets::failover::account::Account as OfStore;
use crate::error::ErrorRecord;
use crate::failover::Preflight;
use crate::format::html::escape;
use crate::pools::PoolState;
use std::fmt::Write;

/// What there is to tell.
pub(super) struct Account<'a> {
    /// What was found before.
    pub plan: &'a Plan,
    /// What was done, as far as it came.
    pub done: Option<&'a Done>,
    /// What ended it.
    pub error: Option<&'a ErrorRecord>,
}

impl<'a> Account<'a> {
    /// Of what was found before.
    pub fn new(plan: &'a Plan) -> Account<'a> {
        Account { plan, done: None, error: None }
    }

    /// The page.
    pub fn page(&self) -> String {
        let found = self.found();
        let mut report = self.done.and_then(|done| done.report.clone());
        if let Some(report) = &mut report {
            report.preflight.conditions = found.conditions.clone();
            report.uncertain = with_files(self.plan, report.uncertain.take());
        }
        let steps = self.done.map(|done| done.steps.as_slice()).unwrap_or_default();
        let mut of_store = OfStore::new(&found);
        (of_store.report, of_store.steps, of_store.error) = (report.as_ref(), steps, self.error);
        of_store.begun = self.done.is_some();
        let mut page = of_store.page();
        let at = page.find("<h2>").unwrap_or(page.len());
        page.insert_str(at, &self.section());
        page
    }

    /// What was found, with the conditions of the pool.
    fn found(&self) -> Preflight {
        let plan = self.plan;
        let (source_pool, target_pool) = plan.ends();
        let nothing = || Preflight {
            database: plan.database.to_string(),
            mode: plan.mode,
            source: plan.away.as_ref().map(|(computer, _)| computer.clone()).unwrap_or_default(),
            source_pool: source_pool.to_string(),
            target: plan.target.clone(),
            target_pool: target_pool.to_string(),
            source_version: None,
            target_version: None,
            epoch: 0,
            lost: Vec::new(),
            uncertain: None,
            conditions: Vec::new(),
            unfinished: None,
            decided: false,
            source_role: None,
        };
        let mut found = plan.preflight.clone().unwrap_or_else(nothing);
        found.conditions = plan.conditions.clone();
        found.uncertain = with_files(plan, found.uncertain);
        found
    }

    /// The pool, its state, and what was carried.
    fn section(&self) -> String {
        let mut out = format!("<section id=\"pool\">\n<h2>The pool</h2>\n<p>{}</p>\n", escape(&self.plan.what()));
        let now = self.done.and_then(|done| done.state).map_or("", PoolState::name);
        let now = if now.is_empty() { String::new() } else { format!(", and is {now} now") };
        // Writing to a text cannot fail.
        let _ = writeln!(out, "<p>It was {}{now}.</p>", self.plan.state.name());
        let unsent = self.done.map(|done| done.unsent.as_slice()).unwrap_or_default();
        for file in unsent {
            let _ = writeln!(
                out,
                "<p>Changes that did not come along are kept in a file on {}. Look into it, make again what still counts, \
                 then remove it.</p>",
                escape(file)
            );
        }
        let carried = self.done.map(|done| done.carried.as_slice()).unwrap_or_default();
        if !carried.is_empty() {
            out.push_str(
                "<table>\n<tr><th>Carried before the switch</th><th>Documents</th><th>Files</th><th>Bytes on the wire</th>\
                 <th>Milliseconds</th><th>To look at</th></tr>\n",
            );
            for carried in carried {
                let name = carried.module.name();
                let _ = match &carried.result {
                    Ok(report) => writeln!(
                        out,
                        "<tr><td>{name}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                        report.documents,
                        report.files,
                        report.bytes_on_wire,
                        report.milliseconds,
                        notes(report)
                    ),
                    Err(error) => writeln!(
                        out,
                        "<tr><td>{name}</td><td></td><td></td><td></td><td></td><td>Not carried: {}</td></tr>",
                        escape(error.message())
                    ),
                };
            }
            out.push_str("</table>\n");
        }
        out.push_str("</section>\n");
        out
    }
}

/// What is not known of what is lost: of documents, and of files.
fn with_files(plan: &Plan, uncertain: Option<String>) -> Option<String> {
    uncertain.into_iter().chain(plan.files_lost.clone()).reduce(|all, one| format!("{all} {one}"))
}

/// What both sides changed, and what stayed behind.
fn notes(report: &SyncReport) -> String {
    let of = |what: &str, names: &[String]| -> Vec<String> {
        names.iter().map(|name| format!("{what}{}", escape(name))).collect()
    };
    [of("", &report.conflicts), of("left behind: ", &report.left)].concat().join("<br>")
}
