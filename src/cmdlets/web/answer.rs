//! Answers of the web as objects.

use super::client::Answer;
use crate::cmdlets::format::file;
use crate::value::{Record, RecordType, Str, Table, TextForm, Value};
use hyper::header::{CONTENT_TYPE, HeaderMap, LINK};
use regex::Regex;
use std::sync::LazyLock;

/// The headers: of each name its values.
pub(super) fn headers(headers: &HeaderMap) -> Value {
    let table = Table::new(true);
    for name in headers.keys() {
        let values = headers.get_all(name).iter();
        let values = values.map(|value| Value::from(String::from_utf8_lossy(value.as_bytes()).into_owned()));
        table.put(Value::from(shown_name(name.as_str())), Value::list(values.collect()));
    }
    Value::Map(table)
}

/// A name as it is usually written: `Content-Type`.
fn shown_name(name: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| format!("{}{}", first.to_ascii_uppercase(), letters.as_str()))
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}

fn content_type(answer: &Answer) -> String {
    let value = answer.headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()).to_lowercase());
    value.unwrap_or_default()
}

/// What the answer is, without its parameters: `application/json`.
pub(super) fn media_type(answer: &Answer) -> String {
    content_type(answer).split(';').next().unwrap_or_default().trim().to_string()
}

/// The body as a text, by the encoding that the answer names.
pub(super) fn content(answer: &Answer) -> String {
    let kind = content_type(answer);
    let charset = kind.split(';').find_map(|part| part.trim().strip_prefix("charset="));
    file::text_of(&answer.body, charset.unwrap_or("utf-8").trim_matches('"'))
}

fn is_text(media: &str) -> bool {
    media.is_empty()
        || media.starts_with("text/")
        || ["json", "xml", "javascript", "x-www-form-urlencoded"].iter().any(|word| media.contains(word))
}

/// What Invoke-WebRequest gives.
pub(super) fn object(answer: &Answer) -> Record {
    let media = media_type(answer);
    let (name, content) = if is_text(&media) {
        ("BasicHtmlWebResponseObject", Value::from(content(answer)))
    } else {
        ("WebResponseObject", Value::list(answer.body.iter().map(|byte| Value::Int((*byte).into())).collect()))
    };
    let mut raw = format!("HTTP/1.1 {} {}\r\n", answer.status.as_u16(), answer.reason);
    for (name, value) in &answer.headers {
        raw.push_str(&format!("{}: {}\r\n", shown_name(name.as_str()), String::from_utf8_lossy(value.as_bytes())));
    }
    raw.push_str("\r\n");
    let mut fields: Vec<(&str, Value)> = vec![
        ("StatusCode", i64::from(answer.status.as_u16()).into()),
        ("StatusDescription", answer.reason.as_str().into()),
        ("Content", content.clone()),
    ];
    let length = Value::Int(i64::try_from(answer.length).unwrap_or(i64::MAX));
    if let Value::Str(text) = &content {
        raw.push_str(text);
        fields.push(("RawContent", raw.into()));
        fields.push(("Headers", headers(&answer.headers)));
        let (images, inputs, links) = (tags(text, "img"), tags(text, "input"), tags(text, "a"));
        fields.extend([("Images", images), ("InputFields", inputs), ("Links", links), ("RawContentLength", length)]);
    } else {
        fields.extend([
            ("RawContent", raw.into()),
            ("Headers", headers(&answer.headers)),
            ("RawContentLength", length),
        ]);
    }
    fields.push(("RelationLink", relations(&answer.headers)));
    Record::new(
        RecordType::new(&format!("Microsoft.PowerShell.Commands.{name}"), TextForm::Property("Content")),
        fields,
    )
}

/// The addresses of a `Link` header by what they are: `next`.
fn relations(headers: &HeaderMap) -> Value {
    static LINKS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"<([^>]*)>[^,]*;\s*rel="?([^",;]+)"?"#).ok());
    let table = Table::new(true);
    for header in headers.get_all(LINK) {
        let text = String::from_utf8_lossy(header.as_bytes());
        for found in LINKS.iter().flat_map(|links| links.captures_iter(&text)) {
            table.put(Value::str(&found[2]), Value::str(&found[1]));
        }
    }
    Value::Map(table)
}

/// The elements of a page by their name, with their attributes: what the basic parser of PowerShell gives.
fn tags(page: &str, name: &str) -> Value {
    /// Most elements of a page that become objects: no page that a person reads has more.
    const MOST: usize = 100_000;
    static ATTRIBUTE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))"#).ok());
    let body = if name == "a" { "(?:.*?</a>)?" } else { "" };
    let Ok(element) = Regex::new(&format!("(?is)<{name}(?P<attributes>\\s[^>]*)?>{body}")) else { return Value::Null };
    let kind = RecordType::custom();
    let found = element.captures_iter(page).take(MOST).map(|found| {
        let mut fields: Vec<(Str, Value)> =
            vec![("outerHTML".into(), Value::str(&found[0])), ("tagName".into(), name.to_uppercase().into())];
        let attributes = found.name("attributes").map_or("", |attributes| attributes.as_str());
        for pair in ATTRIBUTE.iter().flat_map(|attribute| attribute.captures_iter(attributes)) {
            let value = pair.get(2).or(pair.get(3)).or(pair.get(4)).map_or("", |value| value.as_str());
            let key: Str = pair[1].into();
            if !fields.iter().any(|(known, _)| crate::value::same_name(known, &key)) {
                fields.push((key, value.into()));
            }
        }
        Value::Record(Record::new(kind.clone(), fields))
    });
    Value::list(found.collect())
}
