//! `[uri]`, `[net.webutility]`, `[web.httputility]`: text for addresses and pages.

use super::super::member::{Answer, Call};
use super::super::{Value, uri};
use std::fmt::Write as _;

/// Bytes that stand for themselves in a part of an address.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte)
}

/// Text with `%XX` for every byte that does not stand for itself.
fn escaped(text: &str, keeps: fn(u8) -> bool, space: &str, lower: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' ' => out.push_str(space),
            byte if keeps(byte) => out.push(char::from(byte)),
            // Writing into a text cannot fail.
            byte if lower => drop(write!(out, "%{byte:02x}")),
            byte => drop(write!(out, "%{byte:02X}")),
        }
    }
    out
}

/// Text with the characters that `%XX` stand for; what is no such mark stays.
fn unescaped(text: &str, plus: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let hex = (*byte == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(found) => {
                out.push(found);
                at += 3;
            }
            None => {
                out.push(if plus && *byte == b'+' { b' ' } else { *byte });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Text as it stands in a page.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{a0}'..='\u{ff}' => drop(write!(out, "&#{};", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

/// The longest name or number between `&` and `;` that is looked for.
const LONGEST_ENTITY: usize = 10;

fn unhtml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let end = from.find(';').filter(|end| *end <= LONGEST_ENTITY);
        match end.and_then(|end| Some((entity(&from[1..end])?, end))) {
            Some((c, end)) => {
                out.push(c);
                rest = &from[end + 1..];
            }
            None => {
                out.push('&');
                rest = &from[1..];
            }
        }
    }
    out + rest
}

fn entity(name: &str) -> Option<char> {
    let number = name.strip_prefix('#').map(|digits| match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    });
    match (number, name) {
        (Some(number), _) => number.and_then(char::from_u32),
        (None, "amp") => Some('&'),
        (None, "lt") => Some('<'),
        (None, "gt") => Some('>'),
        (None, "quot") => Some('"'),
        (None, "apos") => Some('\''),
        (None, "nbsp") => Some('\u{a0}'),
        _ => None,
    }
}

pub(super) fn call(type_name: &str, call: &Call) -> Answer {
    let text = call.text(0);
    // The two write the same marks in different letters.
    let lower = type_name == "System.Web.HttpUtility";
    let kept: fn(u8) -> bool = |byte| byte.is_ascii_alphanumeric() || b"-_.!*()".contains(&byte);
    let of_address: fn(u8) -> bool = |byte| is_unreserved(byte) || b";/?:@&=+$,#[]!'()*".contains(&byte);
    let done: Value = match (type_name, call.name) {
        ("System.Uri", "escapedatastring") => escaped(&text, is_unreserved, "%20", false).into(),
        ("System.Uri", "escapeuristring") => escaped(&text, of_address, "%20", false).into(),
        ("System.Uri", "unescapedatastring") => unescaped(&text, false).into(),
        ("System.Uri", "iswellformeduristring") => {
            let parsed = uri::parse(&text).and_then(|uri| uri.get("IsAbsoluteUri"));
            let relative = call.text(1).to_ascii_lowercase();
            let absolute = matches!(parsed, Some(Value::Bool(true)));
            let wanted = match relative.as_str() {
                "absolute" | "1" => absolute,
                "relative" | "2" => parsed.is_some() && !absolute,
                _ => parsed.is_some(),
            };
            (wanted && !text.contains([' ', '<', '>', '"'])).into()
        }
        ("System.Uri", _) => return None,
        (_, "htmlencode" | "htmlattributeencode") => html(&text).into(),
        (_, "htmldecode") => unhtml(&text).into(),
        (_, "urlencode") => escaped(&text, kept, "+", lower).into(),
        (_, "urldecode") => unescaped(&text, true).into(),
        _ => return None,
    };
    Some(Ok(done))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_for_addresses_and_pages() {
        for (type_name, method, text, expected) in [
            ("System.Uri", "escapedatastring", "a b&c=ä/~", "a%20b%26c%3D%C3%A4%2F~"),
            ("System.Uri", "unescapedatastring", "a%20b%26+%zz%C3%A4", "a b&+%zzä"),
            ("System.Net.WebUtility", "urlencode", "a b/ä", "a+b%2F%C3%A4"),
            ("System.Web.HttpUtility", "urlencode", "a/", "a%2f"),
            ("System.Net.WebUtility", "urldecode", "a+b%2f", "a b/"),
            (
                "System.Net.WebUtility",
                "htmlencode",
                "<a href=\"x\">'ü'&",
                "&lt;a href=&quot;x&quot;&gt;&#39;&#252;&#39;&amp;",
            ),
            ("System.Net.WebUtility", "htmldecode", "&lt;&#39;&#xFC;&amp;&none;&", "<'ü&&none;&"),
        ] {
            let arguments = [Value::from(text)];
            let answer = call(type_name, &Call { name: method, arguments: &arguments });
            assert_eq!(answer.unwrap().unwrap().to_string(), expected, "{method} {text}");
        }
    }
}
