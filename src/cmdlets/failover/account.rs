//! The account of a failover as a page: what was found, what was done, what ended it.

use crate::error::ErrorRecord;
use crate::failover::{Preflight, Report, StepReport, page_of_failed, page_of_preflight, page_of_report};
use crate::format::html::escape;

/// What there is to tell.
pub(in crate::cmdlets) struct Account<'a> {
    found: &'a Preflight,
    /// What came of it.
    pub report: Option<&'a Report>,
    /// The steps of one that did not come to its end.
    pub steps: &'a [StepReport],
    /// What ended it.
    pub error: Option<&'a ErrorRecord>,
    /// It was begun: what was found before says no more how things are.
    pub begun: bool,
}

impl<'a> Account<'a> {
    /// Of what was found before.
    pub fn new(found: &'a Preflight) -> Account<'a> {
        Account { found, report: None, steps: &[], error: None, begun: false }
    }

    /// The page.
    pub fn page(&self) -> String {
        if let Some(report) = self.report {
            return page_of_report(report);
        }
        if self.begun {
            let ended = self.error.map(|error| self.ended(error)).unwrap_or_default();
            return page_of_failed(self.found, &ended);
        }
        let mut page = page_of_preflight(self.found);
        let Some(error) = self.error else { return page };
        let section = self.ended(error);
        let at = page.rfind("</body>").unwrap_or(page.len());
        page.insert_str(at, &section);
        page
    }

    /// What ended it, and the steps until then.
    fn ended(&self, error: &ErrorRecord) -> String {
        let mut section = format!(
            "<section id=\"ended\">\n<h2>It did not come to its end</h2>\n<p><strong>{}</strong>: {}</p>\n",
            escape(error.id()),
            escape(error.message())
        );
        for hint in error.hints() {
            section.push_str(&format!("<p>{}</p>\n", escape(hint)));
        }
        if self.steps.is_empty() && self.begun {
            section.push_str("<p>No step of the switch was begun.</p>\n");
        } else if self.steps.is_empty() {
            section.push_str("<p>No step was begun; nothing was changed.</p>\n");
        } else {
            section.push_str("<table>\n<tr><th>Step</th><th>Milliseconds</th><th>Found</th></tr>\n");
            for step in self.steps {
                let took = step.milliseconds.map_or("not over".to_string(), |took| took.to_string());
                section.push_str(&format!(
                    "<tr><td>{}</td><td>{took}</td><td>{}</td></tr>\n",
                    escape(&step.name),
                    escape(&step.found)
                ));
            }
            section.push_str("</table>\n");
        }
        section.push_str("</section>\n");
        section
    }
}
