//! What -Report writes: the file is tried before anything is done, the page is written when it is over.

use crate::cmdlet::Context;
use crate::error::{Category, ErrorRecord, Halt};
use crate::format::html;
use crate::value::{Record, Str, Value, text};

/// The parameter.
pub(crate) const PARAMETER: &str = "Report";

/// A page with a table of records that are alike.
pub(crate) fn of_records(title: &str, records: &[Record]) -> String {
    let mut page = html::head(title);
    page.push_str(&format!("\n<body>\n<h1>{}</h1>\n<table>\n", html::escape(title)));
    for (at, record) in records.iter().enumerate() {
        let names: Vec<Str> = record.names().iter().cloned().collect();
        if at == 0 {
            page.push_str(&html::table_head(&names));
            page.push('\n');
        }
        let values: Vec<Value> = names.iter().map(|name| record.get(name).unwrap_or(Value::Null)).collect();
        page.push_str(&html::row(&values));
        page.push('\n');
    }
    page.push_str("</table>\n</body>\n</html>\n");
    page
}

/// Whether -Report names a file. If so it is tried before anything is done: what was done can be told once only.
///
/// # Errors
/// `ReportNotWritten`, with the path; nothing was done then.
pub(crate) fn begin(cx: &Context) -> Result<bool, Halt> {
    let Some(path) = asked(cx) else { return Ok(false) };
    cx.try_file(PARAMETER).map_err(|error| {
        let message = format!("The report '{path}' cannot be written ({error}); nothing was done.");
        ErrorRecord::new("ReportNotWritten", Category::WriteError, message)
            .target(&*path)
            .hint("Name another file with -Report, or make its folder first.")
    })?;
    Ok(true)
}

/// Writes a page to the file that -Report names, if it names one. What was done stays done where that fails: a warning
/// names the file.
pub(crate) fn write(page: impl FnOnce() -> String, cx: &mut Context) {
    let Some(path) = asked(cx) else { return };
    if let Err(error) = cx.write_file(PARAMETER, page().as_bytes()) {
        cx.warning(format!("The report '{path}' could not be written: {error}. What was done is not changed by that."));
    }
}

/// The file that -Report names.
fn asked(cx: &Context) -> Option<Str> {
    let path = cx.bound.get(PARAMETER).filter(|path| !path.is_null()).map(text::to_text)?;
    (!path.is_empty()).then_some(path)
}
