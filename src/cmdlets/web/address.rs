//! Addresses of the web: read, encoded, and followed.

use crate::error::{Category, ErrorRecord};
use hyper::Uri;
use std::fmt::Write;

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub secure: bool,
    /// Without the brackets of IPv6.
    pub host: String,
    pub port: u16,
    /// Host and port as the request names them.
    pub authority: String,
    /// Path and query, encoded.
    pub target: String,
}

impl Address {
    /// Reads an address; without a scheme it is one of http.
    ///
    /// # Errors
    /// `System.UriFormatException`; `System.NotSupportedException` for another scheme.
    pub fn read(text: &str) -> Result<Address, ErrorRecord> {
        let text = text.trim();
        let whole = if text.contains("://") { encoded(text) } else { encoded(&format!("http://{text}")) };
        let wrong = || {
            ErrorRecord::new(
                "System.UriFormatException",
                Category::InvalidArgument,
                format!("\"{text}\" is no address."),
            )
            .hint("An address looks like https://host/path.")
            .target(text)
        };
        let uri: Uri = whole.split('#').next().unwrap_or_default().parse().map_err(|_| wrong())?;
        let secure = match uri.scheme_str().map(str::to_ascii_lowercase).as_deref() {
            Some("https") => true,
            Some("http") => false,
            other => {
                let message =
                    format!("The scheme '{}' is not known here: http and https are.", other.unwrap_or_default());
                return Err(
                    ErrorRecord::new("System.NotSupportedException", Category::NotImplemented, message).target(text)
                );
            }
        };
        let written = uri.host().filter(|host| !host.is_empty()).ok_or_else(wrong)?;
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let shown_port = uri.port_u16().map_or(String::new(), |port| format!(":{port}"));
        let target = uri.path_and_query().map_or("/", |target| target.as_str());
        Ok(Address {
            secure,
            host: written.trim_start_matches('[').trim_end_matches(']').to_string(),
            port,
            authority: format!("{written}{shown_port}"),
            // `http://host?x` has no path.
            target: if target.starts_with('/') { target.to_string() } else { format!("/{target}") },
        })
    }

    /// Where an answer says that one should look, from here.
    ///
    /// # Errors
    /// Those of [`Address::read`].
    pub fn follow(&self, location: &str) -> Result<Address, ErrorRecord> {
        let location = location.trim();
        let scheme = if self.secure { "https" } else { "http" };
        if location.contains("://") {
            return Address::read(location);
        }
        if let Some(rest) = location.strip_prefix("//") {
            return Address::read(&format!("{scheme}://{rest}"));
        }
        let path = self.target.split('?').next().unwrap_or("/");
        let whole = if location.starts_with('/') {
            location.to_string()
        } else if location.starts_with('?') {
            format!("{path}{location}")
        } else {
            let folder = path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or("/");
            format!("{folder}{location}")
        };
        Address::read(&format!("{scheme}://{}{}", self.authority, without_dots(&whole)))
    }

    /// With entries more in the query.
    pub fn with_query(mut self, entries: &str) -> Address {
        if !entries.is_empty() {
            self.target.push(if self.target.contains('?') { '&' } else { '?' });
            self.target.push_str(entries);
        }
        self
    }

    /// The last part of its path.
    pub fn file_name(&self) -> &str {
        self.target.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default()
    }
}

/// A path without `.` and `..`.
fn without_dots(target: &str) -> String {
    let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
    let mut parts: Vec<&str> = Vec::new();
    let last = path.rsplit('/').next().unwrap_or_default();
    for part in path.split('/').skip(1) {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let slash = if matches!(last, "." | "..") && !parts.is_empty() { "/" } else { "" };
    format!("/{}{slash}{query}", parts.join("/"))
}

/// A text whose characters an address can hold; what is encoded already stays so.
fn encoded(text: &str) -> String {
    let keeps = |byte: u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte);
    percent(text, keeps)
}

/// A part of a form or query.
pub(super) fn form_part(text: &str) -> String {
    percent(text, |byte| byte.is_ascii_alphanumeric() || b"-_.!*()~".contains(&byte)).replace("%20", "+")
}

fn percent(text: &str, keeps: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if keeps(byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses are read and followed as browsers do it.
    #[test]
    fn addresses() {
        let at = |text: &str| {
            let address = Address::read(text).unwrap();
            (address.secure, address.host, address.port, address.target)
        };
        for (text, secure, host, port, target) in [
            ("localhost/a", false, "localhost", 80, "/a"),
            ("https://h:8443/a b?q=ä#part", true, "h", 8443, "/a%20b?q=%C3%A4"),
            ("http://[::1]:81", false, "::1", 81, "/"),
            ("http://h?x=1", false, "h", 80, "/?x=1"),
        ] {
            assert_eq!(at(text), (secure, host.into(), port, target.into()), "{text}");
        }
        for (text, id) in [("ftp://h/", "System.NotSupportedException"), ("http://", "System.UriFormatException")] {
            assert_eq!(Address::read(text).unwrap_err().id(), id, "{text}");
        }
        let from = Address::read("https://h/a/b/c?q").unwrap();
        for (location, expected) in [
            ("/x", "/x"),
            ("x", "/a/b/x"),
            ("../x?y=../z", "/a/x?y=../z"),
            ("../../../..", "/"),
            ("?z", "/a/b/c?z"),
            ("http://o/p", "/p"),
            ("//o/p", "/p"),
        ] {
            assert_eq!(from.follow(location).unwrap().target, expected, "{location}");
        }
        assert!(!from.follow("http://o/p").unwrap().secure && from.follow("//o/p").unwrap().secure);
        assert_eq!(form_part("a b&c=ä"), "a+b%26c%3D%C3%A4");
    }
}
