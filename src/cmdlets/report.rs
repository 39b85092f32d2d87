//! What -Report writes: pages, and the one error where that cannot be done.

use crate::cmdlet::Context;
use crate::error::{Category, ErrorRecord, Halt};
use crate::format::html;
use crate::value::{Record, Str, Value};

/// A page with a table of records that are alike.
pub(crate) fn of_records(title: &str, records: &[Record]) -> String {
    let mut page = html::Page { title, ..html::Page::default() }.head();
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

/// Writes a page to the file that -Report names.
///
/// # Errors
/// `ReportNotWritten`.
pub(crate) fn write(page: &str, cx: &Context) -> Result<(), Halt> {
    cx.write_file("Report", page.as_bytes()).map_err(|error| {
        let message = format!("The report could not be written: {error}.");
        ErrorRecord::new("ReportNotWritten", Category::WriteError, message).hint("Name another file with -Report.")
    })?;
    Ok(())
}
