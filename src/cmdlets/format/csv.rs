//! What the cmdlets of comma-separated values share: their parameters, and lines that become objects.

use crate::cmdlet::spec::ParameterType;
use crate::cmdlet::{Bound, Context};
use crate::cmdlets::object::signature::{Signature, choice, many};
use crate::cmdlets::object::{string, texts};
use crate::error::{Category, ErrorRecord};
use crate::format::csv::{Options, Quotes, Reader};
use crate::value::{Record, RecordType, Str, Value, same_name, types};
use std::sync::Arc;

/// The parameters of those that write, but -Delimiter.
pub(super) fn writing(signature: Signature) -> Signature {
    signature
        .switch("UseCulture")
        .switch("IncludeTypeInformation")
        .aliases(&["ITI"])
        .switch("NoTypeInformation")
        .aliases(&["NTI"])
        .parameter("QuoteFields", many(ParameterType::String))
        .aliases(&["QF"])
        .parameter("UseQuotes", choice("QuoteKind", &["Never", "Always", "AsNeeded"]))
        .aliases(&["UQ"])
        .switch("NoHeader")
}

/// -Delimiter; of the culture of scripts, which -UseCulture asks for, it is the comma.
///
/// # Errors
/// `CannotConvertArgumentNoMessage` where it is not one character.
pub(super) fn delimiter(bound: &Bound) -> Result<char, ErrorRecord> {
    let Some(text) = string(bound, "Delimiter") else { return Ok(',') };
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(delimiter), None) => Ok(delimiter),
        _ => Err(ErrorRecord::new(
            "CannotConvertArgumentNoMessage",
            Category::InvalidArgument,
            format!("-Delimiter takes one character, and \"{text}\" is not one."),
        )
        .hint("A tab is \"`t\".")),
    }
}

/// How objects are written.
///
/// # Errors
/// As [`delimiter`].
pub(super) fn options(bound: &Bound) -> Result<Options, ErrorRecord> {
    let quotes = match string(bound, "UseQuotes").as_deref() {
        Some(name) if same_name(name, "Never") => Quotes::Never,
        Some(name) if same_name(name, "AsNeeded") => Quotes::AsNeeded,
        _ => Quotes::Always,
    };
    Ok(Options {
        delimiter: delimiter(bound)?,
        quotes,
        quoted_columns: bound.get("QuoteFields").map(|names| texts(Some(names))),
        no_header: bound.switch("NoHeader"),
    })
}

/// The line that -IncludeTypeInformation puts first.
pub(super) fn type_line(item: &Value, bound: &Bound) -> Option<String> {
    bound.switch("IncludeTypeInformation").then(|| match item {
        Value::Record(record) => format!("#TYPE {}", record.kind().name),
        other => format!("#TYPE {}", types::name_of(other)),
    })
}

/// Lines that become objects, the first of them the names unless -Header gives them.
pub(super) struct Rows {
    reader: Reader,
    names: Option<Arc<[Str]>>,
    /// No line was read yet.
    first: bool,
}

impl Rows {
    /// Reads -Delimiter and -Header.
    ///
    /// # Errors
    /// As [`delimiter`]; the names of -Header must differ.
    pub fn new(bound: &Bound) -> Result<Rows, ErrorRecord> {
        let delimiter = delimiter(bound)?;
        let names = bound.get("Header").map(|names| distinct(texts(Some(names)))).transpose()?;
        Ok(Rows { reader: Reader::new(delimiter), names, first: true })
    }

    /// Takes a line; the object that it ends.
    ///
    /// # Errors
    /// `AlreadyPresentPSMemberInfoInternalCollectionAdd` where two names are the same.
    pub fn line(&mut self, line: &str, cx: &mut Context) -> Result<Option<Value>, ErrorRecord> {
        if std::mem::take(&mut self.first) && line.starts_with("#TYPE") {
            return Ok(None);
        }
        match self.reader.line(line) {
            Some(fields) => self.fields(fields, cx),
            None => Ok(None),
        }
    }

    /// What an unclosed quote has kept.
    ///
    /// # Errors
    /// As [`Rows::line`].
    pub fn finish(&mut self, cx: &mut Context) -> Result<Option<Value>, ErrorRecord> {
        match self.reader.finish() {
            Some(fields) => self.fields(fields, cx),
            None => Ok(None),
        }
    }

    fn fields(&mut self, fields: Vec<String>, cx: &mut Context) -> Result<Option<Value>, ErrorRecord> {
        if let [only] = fields.as_slice()
            && only.trim().is_empty()
        {
            return Ok(None);
        }
        let Some(names) = &self.names else {
            self.names = Some(named(fields, cx)?);
            return Ok(None);
        };
        let mut fields = fields.into_iter();
        let values = names.iter().map(|_| fields.next().into()).collect();
        Ok(Some(Record::from_parts(RecordType::custom(), names.clone(), values).into()))
    }
}

/// The names of the first line; a place without one gets a name, and a warning says so.
fn named(fields: Vec<String>, cx: &mut Context) -> Result<Arc<[Str]>, ErrorRecord> {
    let mut missing = 0;
    let name = |field: String| {
        if field.is_empty() {
            missing += 1;
            Str::from(format!("H{missing}"))
        } else {
            field.into()
        }
    };
    let names = fields.into_iter().map(name).collect();
    if missing > 0 {
        cx.warning(format!("{missing} columns have no name; they are called H1 and so on."));
    }
    distinct(names)
}

fn distinct(names: Vec<Str>) -> Result<Arc<[Str]>, ErrorRecord> {
    for (at, name) in names.iter().enumerate() {
        if names.iter().take(at).any(|other| same_name(other, name)) {
            return Err(ErrorRecord::new(
                "AlreadyPresentPSMemberInfoInternalCollectionAdd",
                Category::NotSpecified,
                format!("Two columns are called {name}."),
            )
            .hint("Give other names with -Header."));
        }
    }
    Ok(names.into())
}
