//! `[uri]`: an address taken apart.

use super::{Record, RecordType, TextForm, Value};

/// Takes an absolute or relative address apart; `None` for an empty one.
pub fn parse(text: &str) -> Option<Record> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let kind = RecordType::new("System.Uri", TextForm::Property("OriginalString"));
    let scheme_ends = text.find("://").filter(|at| text[..*at].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+'));
    let Some(at) = scheme_ends.filter(|at| *at > 0) else {
        let fields: [(&str, Value); 2] = [("IsAbsoluteUri", false.into()), ("OriginalString", text.into())];
        return Some(Record::new(kind, fields));
    };
    let scheme = text[..at].to_ascii_lowercase();
    let rest = &text[at + 3..];
    let authority_ends = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at(authority_ends);
    let (behind, fragment) = behind.split_at(behind.find('#').unwrap_or(behind.len()));
    let (path, query) = behind.split_at(behind.find('?').unwrap_or(behind.len()));
    let (user, host_port) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (host, port) = match host_port.rsplit_once(':') {
        Some((host, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            (host, Some(port.parse::<u16>().ok()?))
        }
        _ => (host_port, None),
    };
    let default = match scheme.as_str() {
        "http" => Some(80),
        "https" => Some(443),
        "ftp" => Some(21),
        "ldap" => Some(389),
        _ => None,
    };
    let number = port.or(default).map_or(-1, i64::from);
    let host = host.to_ascii_lowercase();
    let path = if path.is_empty() { "/" } else { path };
    let shown_port = port.filter(|port| Some(*port) != default).map_or(String::new(), |port| format!(":{port}"));
    let at_sign = if user.is_empty() { String::new() } else { format!("{user}@") };
    let fields: [(&str, Value); 14] = [
        ("AbsolutePath", path.into()),
        ("AbsoluteUri", format!("{scheme}://{at_sign}{host}{shown_port}{path}{query}{fragment}").into()),
        ("LocalPath", path.into()),
        ("Authority", format!("{host}{shown_port}").into()),
        ("IsDefaultPort", (port.is_none() || port == default).into()),
        ("PathAndQuery", format!("{path}{query}").into()),
        ("Query", query.into()),
        ("Fragment", fragment.into()),
        ("Host", host.into()),
        ("Port", number.into()),
        ("OriginalString", text.into()),
        ("Scheme", scheme.into()),
        ("IsAbsoluteUri", true.into()),
        ("UserInfo", user.into()),
    ];
    Some(Record::new(kind, fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_apart() {
        let uri = parse("https://Atl-cs-001.litwareinc.com:8443/x?y=1#z").unwrap();
        for (name, expected) in [
            ("Host", "atl-cs-001.litwareinc.com"),
            ("Port", "8443"),
            ("Scheme", "https"),
            ("AbsolutePath", "/x"),
            ("Query", "?y=1"),
        ] {
            assert_eq!(&*uri.get(name).unwrap().to_string(), expected);
        }
        assert!(parse("").is_none());
        assert!(matches!(parse("a/b").unwrap().get("IsAbsoluteUri"), Some(Value::Bool(false))));
    }
}
