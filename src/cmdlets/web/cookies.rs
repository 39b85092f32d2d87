//! Sessions on the web: what is kept from one request to the next, cookies above all.

use super::address::Address;
use crate::error::{Category, ErrorRecord};
use crate::value::{Record, RecordType, Table, TextForm, Value, date, text};
use hyper::header::{COOKIE, HeaderMap, HeaderValue, SET_COOKIE};
use std::cell::RefCell;

/// Full name of the type of a session.
const SESSION: &str = "Microsoft.PowerShell.Commands.WebRequestSession";

/// Most cookies of a session, as .NET's container has it; the oldest goes first.
const MOST: usize = 300;

/// Longest cookie, name and value together, in bytes: what browsers take.
const LONGEST: usize = 4096;

/// One cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cookie {
    name: String,
    value: String,
    domain: String,
    /// Hosts below the domain have it too.
    below: bool,
    path: String,
    secure: bool,
}

/// The cookies of one session.
#[derive(Debug, Default)]
pub(super) struct Jar(RefCell<Vec<Cookie>>);

impl Jar {
    /// Takes what an answer sets.
    pub fn take(&self, from: &Address, headers: &HeaderMap) {
        for header in headers.get_all(SET_COOKIE) {
            let text = String::from_utf8_lossy(header.as_bytes());
            if let Some((cookie, gone)) = read(&text, from) {
                self.put(cookie, gone);
            }
        }
    }

    fn put(&self, cookie: Cookie, gone: bool) {
        let mut cookies = self.0.borrow_mut();
        let same = |c: &Cookie| (&c.name, &c.domain, &c.path) == (&cookie.name, &cookie.domain, &cookie.path);
        cookies.retain(|known| !same(known));
        if !gone {
            cookies.push(cookie);
        }
        if cookies.len() > MOST {
            cookies.remove(0);
        }
    }

    /// Adds what a request to an address takes along.
    pub fn add(&self, to: &Address, headers: &mut HeaderMap) {
        let path = to.target.split('?').next().unwrap_or("/");
        let cookies = self.0.borrow();
        let fits = cookies
            .iter()
            .filter(|c| is_within(&to.host, &c.domain, c.below) && is_below(path, &c.path) && (to.secure || !c.secure));
        let line = fits.map(|c| format!("{}={}", c.name, c.value)).collect::<Vec<_>>().join("; ");
        headers.remove(COOKIE);
        if let Some(value) = HeaderValue::from_str(&line).ok().filter(|_| !line.is_empty()) {
            headers.insert(COOKIE, value);
        }
    }

    /// The cookies as an object.
    fn object(&self) -> Value {
        let kind = RecordType::new("System.Net.Cookie", TextForm::TypeName);
        let object = |c: &Cookie| {
            let fields: [(&str, Value); 6] = [
                ("Name", c.name.as_str().into()),
                ("Value", c.value.as_str().into()),
                ("Domain", c.domain.as_str().into()),
                ("Path", c.path.as_str().into()),
                ("Secure", c.secure.into()),
                ("IsForDomain", c.below.into()),
            ];
            Value::Record(Record::new(kind.clone(), fields))
        };
        Value::list(self.0.borrow().iter().map(object).collect())
    }

    fn of(value: &Value) -> Jar {
        let text = |record: &Record, name: &str| {
            record.get(name).map(|value| text::to_text(&value).to_string()).unwrap_or_default()
        };
        let holds = |record: &Record, name: &str| matches!(record.get(name), Some(Value::Bool(true)));
        let cookie = |value: &Value| match value {
            Value::Record(record) => Some(Cookie {
                name: text(record, "Name"),
                value: text(record, "Value"),
                domain: text(record, "Domain").to_lowercase(),
                below: holds(record, "IsForDomain"),
                path: Some(text(record, "Path")).filter(|path| !path.is_empty()).unwrap_or_else(|| "/".into()),
                secure: holds(record, "Secure"),
            }),
            _ => None,
        };
        let cookies = crate::value::enumerate(value.clone());
        Jar(RefCell::new(cookies.iter().filter_map(cookie).take(MOST).collect()))
    }
}

/// A cookie as an answer sets it, and whether it takes one away.
fn read(text: &str, from: &Address) -> Option<(Cookie, bool)> {
    let mut parts = text.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    if name.is_empty() || name.len() + value.len() > LONGEST {
        return None;
    }
    let host = from.host.to_lowercase();
    let path = from.target.split('?').next().unwrap_or("/");
    let folder = path.rfind('/').and_then(|at| path.get(..at)).filter(|folder| !folder.is_empty()).unwrap_or("/");
    let mut cookie = Cookie {
        name: name.into(),
        value: value.into(),
        domain: host.clone(),
        below: false,
        path: folder.into(),
        secure: false,
    };
    let mut gone = false;
    for part in parts {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim();
        match key.trim().to_lowercase().as_str() {
            "domain" => {
                let domain = value.trim_start_matches('.').to_lowercase();
                // Nobody sets cookies for others, nor for all of a top-level domain.
                if !domain.contains('.') || !is_within(&host, &domain, true) {
                    return None;
                }
                (cookie.domain, cookie.below) = (domain, true);
            }
            "path" if value.starts_with('/') => cookie.path = value.into(),
            "secure" => cookie.secure = true,
            "max-age" => gone = value.parse::<i64>().is_ok_and(|seconds| seconds <= 0),
            "expires" => {
                let over = date::parse(value).map(|at| date::to_utc(at).ticks < date::now().ticks);
                gone = gone || over.unwrap_or(false);
            }
            _ => {}
        }
    }
    Some((cookie, gone))
}

fn is_within(host: &str, domain: &str, below: bool) -> bool {
    let host = host.to_lowercase();
    let is_name = host.parse::<std::net::IpAddr>().is_err();
    host == domain || (below && is_name && host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| folder.ends_with('/') || rest.is_empty() || rest.starts_with('/'))
}

/// A new session.
pub(super) fn session(jar: &Jar) -> Record {
    let fields: [(&str, Value); 3] =
        [("Headers", Value::Map(Table::new(false))), ("Cookies", jar.object()), ("UserAgent", Value::Null)];
    Record::new(RecordType::new(SESSION, TextForm::TypeName), fields)
}

/// The session that a parameter names, with its cookies.
///
/// # Errors
/// `CannotConvertArgumentNoMessage` for what is none.
pub(super) fn of(value: &Value) -> Result<(Record, Jar), ErrorRecord> {
    match value {
        Value::Record(record) if &*record.kind().name == SESSION => {
            let jar = record.get("Cookies").map(|cookies| Jar::of(&cookies)).unwrap_or_default();
            Ok((record.clone(), jar))
        }
        _ => {
            let message = "-WebSession takes what -SessionVariable gave.";
            Err(ErrorRecord::new("CannotConvertArgumentNoMessage", Category::InvalidArgument, message))
        }
    }
}

/// Keeps the cookies in the session.
pub(super) fn keep(session: &Record, jar: &Jar) {
    session.put("Cookies", jar.object());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cookies go where they came from, and nowhere else.
    #[test]
    fn cookies_stay_at_home() {
        let at = |text: &str| Address::read(text).unwrap();
        let sent = |jar: &Jar, to: &str| {
            let mut headers = HeaderMap::new();
            jar.add(&at(to), &mut headers);
            headers.get(COOKIE).map(|value| value.to_str().unwrap().to_string()).unwrap_or_default()
        };
        for (set, from, to, expected) in [
            ("a=1", "http://h/x/y", "http://h/x/z", "a=1"),
            ("a=1", "http://h/x/y", "http://h/xx", ""),
            ("a=1; Path=/", "http://h/x/y", "http://h/", "a=1"),
            ("a=1; Path=/", "http://h/", "http://other/", ""),
            ("a=1; Domain=.litware.com; path=/", "http://a.litware.com/", "http://b.litware.com/", "a=1"),
            ("a=1; Domain=litware.com; path=/", "http://a.litware.com/", "http://evillitware.com/", ""),
            ("a=1; Domain=other.com", "http://a.litware.com/", "http://other.com/", ""),
            ("a=1; Domain=com", "http://a.com/", "http://b.com/", ""),
            ("a=1; Secure; path=/", "https://h/", "http://h/", ""),
            ("a=1; Secure; path=/", "https://h/", "https://h/", "a=1"),
            ("a=1; Max-Age=0; path=/", "http://h/", "http://h/", ""),
            ("a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; path=/", "http://h/", "http://h/", ""),
            ("no cookie", "http://h/", "http://h/", ""),
        ] {
            let jar = Jar::default();
            let mut headers = HeaderMap::new();
            headers.insert(SET_COOKIE, HeaderValue::from_static(set));
            jar.take(&at(from), &headers);
            assert_eq!(sent(&jar, to), expected, "{set}");
            assert_eq!(sent(&Jar::of(&jar.object()), to), expected, "{set}, as an object");
        }
        let jar = Jar::default();
        for number in 0..MOST + 5 {
            let mut headers = HeaderMap::new();
            headers.insert(SET_COOKIE, HeaderValue::from_str(&format!("c{number}=1; path=/")).unwrap());
            jar.take(&at("http://h/"), &headers);
        }
        assert_eq!(jar.0.borrow().len(), MOST);
    }
}
