//! The one renderer of errors and diagnostics: id, message, the line of the source with the place marked, hints.

use super::{Diagnostic, ErrorRecord, Severity, Source, Span};
use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceCode, ThemeCharacters, ThemeStyles,
};
use std::borrow::Cow;
use std::fmt;

/// Longest line of a source that is shown around a mistake, in bytes; of a longer one the message must do.
const LONGEST_LINE_SHOWN: usize = 1000;

/// How to render.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// With ANSI colours.
    pub color: bool,
    /// With box-drawing characters; otherwise ASCII.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Style {
        Style { color: false, unicode: true, width: 120 }
    }
}

/// Longest line that a fix shows, in characters: three lines of a common screen.
const LONGEST_FIX: usize = 240;

/// An error as text, ending with a newline.
pub fn error(error: &ErrorRecord, style: Style) -> String {
    let place = error.place().map(|(source, span)| (&**source, span));
    let hint = (!error.hints().is_empty()).then(|| error.hints().join("\n"));
    let id = error.fully_qualified_id();
    // The id of a thrown text is the text: once is enough.
    let id = if id == error.message() { String::new() } else { id };
    let mut text = Report::new(&id, error.message(), Severity::Error, place, hint).render(style);
    text.push_str(&calls(error));
    text
}

/// A line for each call around an error, the innermost first.
fn calls(error: &ErrorRecord) -> String {
    let Some(calls) = error.calls() else { return String::new() };
    let mut text = String::new();
    for call in calls.innermost() {
        let place = match &call.place {
            Some((source, span)) => {
                let (line, column) = line_and_column(&source.text, span.start as usize);
                format!(", called at {}:{line}:{column}", source.name)
            }
            None => String::new(),
        };
        text.push_str(&format!("  in {}{place}\n", call.function));
    }
    if calls.left_out() > 0 {
        text.push_str(&format!("  in {} more calls around these\n", calls.left_out()));
    }
    visible(&text).into_owned()
}

/// A diagnostic of a source as text, ending with a newline; a known fix is offered under the hint.
pub fn diagnostic(diagnostic: &Diagnostic, source: &Source, style: Style) -> String {
    let fix = diagnostic.fix.as_ref().map(|fix| match fix.text.as_str() {
        "" => format!("fix: remove `{}`", fix.span.of(&source.text)),
        text if fix.span.start == fix.span.end => match with_insertion(&source.text, fix.span.start as usize, text) {
            Some(line) => format!("fix: write `{line}`"),
            None => format!("fix: add `{}`", text.trim()),
        },
        text => format!("fix: write `{text}` instead of `{}`", fix.span.of(&source.text)),
    });
    let hint: Vec<String> = diagnostic.hint.iter().cloned().chain(fix).collect();
    let hint = (!hint.is_empty()).then(|| hint.join("\n"));
    let place = Some((source, diagnostic.span));
    Report::new(&diagnostic.id, &diagnostic.message, diagnostic.severity, place, hint).render(style)
}

/// The line of a place with something added there; `None` where it is too long to be read.
fn with_insertion(source: &str, at: usize, text: &str) -> Option<String> {
    let (before, after) = source.split_at_checked(at)?;
    let before = before.rsplit('\n').next().unwrap_or_default();
    let after = after.split('\n').next().unwrap_or_default();
    let line = format!("{before}{text}{after}");
    (line.chars().count() <= LONGEST_FIX).then(|| line.trim().to_string())
}

/// A text with what would act on a terminal made visible: control characters, and those that turn the direction of
/// writing. A name must not write over the screen of who looks at it. Its length in bytes stays, and so do places in it.
pub fn visible(text: &str) -> Cow<'_, str> {
    let acts = |c: char| {
        (c.is_control() && c != '\n' && c != '\t') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c.len_utf8() {
            _ if !acts(c) || (c == '\r' && chars.peek() == Some(&'\n')) => shown.push(c),
            3 => shown.push('\u{fffd}'),
            bytes => (0..bytes).for_each(|_| shown.push('?')),
        }
    }
    Cow::Owned(shown)
}

/// Line and column (both from 1, the column in characters) of a byte in a text.
pub fn line_and_column(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

struct Report {
    id: String,
    message: String,
    severity: Severity,
    source: Option<NamedSource<String>>,
    span: Span,
    hint: Option<String>,
}

impl Report {
    fn new(
        id: &str,
        message: &str,
        severity: Severity,
        place: Option<(&Source, Span)>,
        hint: Option<String>,
    ) -> Report {
        let (source, span) = match place {
            Some((source, span)) => (shown(source), inside(span, &source.text)),
            None => (None, Span::default()),
        };
        let hint = hint.map(|hint| visible(&hint).into_owned());
        Report { id: visible(id).into_owned(), message: visible(message).into_owned(), severity, source, span, hint }
    }

    fn render(&self, style: Style) -> String {
        let theme = GraphicalTheme {
            characters: if style.unicode { ThemeCharacters::unicode() } else { ThemeCharacters::ascii() },
            styles: if style.color { ThemeStyles::ansi() } else { ThemeStyles::none() },
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(style.width.max(40))
            .with_links(false)
            .with_context_lines(1);
        let mut text = String::new();
        if handler.render_report(&mut text, self).is_err() {
            // The renderer fails only if the sink or a span does; neither may hide the error itself.
            text = format!("{}: {}\n", self.id, self.message);
        }
        text.trim_start_matches('\n').to_string()
    }
}

/// The source, unless the line at hand is too long to be of use.
fn shown(source: &Source) -> Option<NamedSource<String>> {
    let longest = source.text.lines().map(str::len).max().unwrap_or(0);
    (longest <= LONGEST_LINE_SHOWN).then(|| NamedSource::new(visible(&source.name), visible(&source.text).into_owned()))
}

/// A span cut to its first line and to the text, so that it can be marked; an empty one at the end moves back.
fn inside(span: Span, text: &str) -> Span {
    let start = (span.start as usize).min(text.len());
    let end = (span.end as usize).clamp(start, text.len());
    let first_line = text.get(start..end).and_then(|part| part.find('\n')).map_or(end, |at| start + at);
    Span::new(start, first_line)
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.message)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Report {}

impl miette::Diagnostic for Report {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.id.is_empty()).then(|| Box::new(&self.id) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.source.as_ref()?;
        let length = (self.span.end - self.span.start) as usize;
        let label = LabeledSpan::new(None, self.span.start as usize, length);
        Some(Box::new(std::iter::once(label)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Category, Phase};
    use std::sync::Arc;

    fn source(text: &str) -> Source {
        Source { name: "-c".into(), text: text.into() }
    }

    /// Rule: a diagnostic shows its id, the line, the place, what to do and the fix.
    #[test]
    fn a_diagnostic_points_at_its_place() {
        let source = source("Get-CsPool -Sit Redmond");
        let found = Diagnostic::error(Phase::Bind, "NamedParameterNotFound", Span::new(11, 15), "No parameter Sit.")
            .with_hint("Did you mean -Site?")
            .with_fix(Span::new(11, 15), "-Site");
        let text = diagnostic(&found, &source, Style { unicode: false, ..Style::default() });
        for part in ["NamedParameterNotFound", "No parameter Sit.", "-c:1:12", "^^^^", "Did you mean", "write `-Site`"]
        {
            assert!(text.contains(part), "{part} is not in:\n{text}");
        }
    }

    /// Rule: a span outside its text, or over several lines, is cut, never a panic.
    #[test]
    fn spans_outside_the_text_are_cut() {
        let source = Arc::new(source("a\nbc"));
        for span in [Span::new(0, 4), Span::new(9, 12), Span::new(4, 4), Span::new(3, 1)] {
            let record = ErrorRecord::new("X", Category::NotSpecified, "wrong").at(&source, span);
            assert!(error(&record, Style::default()).contains("wrong"));
        }
    }

    /// Rule: columns count characters, not bytes.
    #[test]
    fn columns_count_characters() {
        assert_eq!(line_and_column("a\nü–x", "a\nü–".len()), (2, 3));
    }

    #[test]
    fn nothing_acts_on_the_terminal() {
        for (text, shown) in [
            ("plain é\n\tx\r\n", "plain é\n\tx\r\n"),
            ("a\u{1b}[31mb\u{7}", "a?[31mb?"),
            ("\rover", "?over"),
            ("\u{9b}31m", "??31m"),
            ("x\u{202e}y", "x\u{fffd}y"),
        ] {
            assert_eq!(visible(text), shown);
            assert_eq!(visible(text).len(), text.len());
        }
        let record = ErrorRecord::new("Id\u{1b}", crate::error::Category::NotSpecified, "m\u{1b}[2J").hint("h\u{1b}");
        assert!(!error(&record, Style::default()).contains('\u{1b}'));
    }
}
