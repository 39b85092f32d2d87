//! Where computers are: `addresses.toml` first, then DNS.

use super::files;
use crate::error::{Category, ErrorRecord};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::SystemTime;

/// The port of a server, if nothing else is said.
pub const PORT: u16 = 4443;

/// The address book of a computer: lines `"fqdn" = "host:port"`. It is read anew when the file changes.
#[derive(Debug, Default)]
pub struct Addresses {
    file: Option<PathBuf>,
    read: Mutex<Read>,
    /// This computer, and where it listens, as far as it reaches that itself.
    own: OnceLock<(String, String)>,
}

/// What the file held when it was last read.
#[derive(Debug, Default)]
struct Read {
    /// Time and length of the file; `None` where there is none.
    stamp: Option<(SystemTime, u64)>,
    /// Addresses by name, in lower case.
    book: BTreeMap<String, String>,
}

impl Addresses {
    /// The book in a file, which need not be there.
    pub fn file(path: impl Into<PathBuf>) -> Addresses {
        Addresses { file: Some(path.into()), ..Addresses::default() }
    }

    /// A book of these names and addresses (`host:port`).
    pub fn fixed(entries: impl IntoIterator<Item = (String, String)>) -> Addresses {
        let book = entries.into_iter().map(|(fqdn, address)| (fqdn.to_ascii_lowercase(), address)).collect();
        Addresses { read: Mutex::new(Read { stamp: None, book }), ..Addresses::default() }
    }

    /// The address of a computer, `host:port`: from the book, else its name with the usual port, for DNS.
    ///
    /// # Errors
    /// `AddressesInvalid` where the file cannot be read.
    pub fn of(&self, fqdn: &str) -> Result<String, ErrorRecord> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = &self.file {
            let stamp = std::fs::metadata(file).ok().and_then(|data| Some((data.modified().ok()?, data.len())));
            if stamp != read.stamp {
                let book = if stamp.is_some() { parse(&files::read(file, INVALID)?)? } else { BTreeMap::new() };
                *read = Read { stamp, book };
            }
        }
        let known = read.book.get(&fqdn.to_ascii_lowercase()).cloned();
        Ok(known.unwrap_or_else(|| format!("{fqdn}:{PORT}")))
    }

    /// The computers of the book, in lower case, as it was when it was last read.
    pub fn names(&self) -> Vec<String> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).book.keys().cloned().collect()
    }

    /// Says where this computer itself listens: it finds itself there, whatever DNS knows of its name. Only the first
    /// word counts.
    pub fn listens(&self, fqdn: &str, address: SocketAddr) {
        let ip = match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        let _ = self.own.set((fqdn.to_ascii_lowercase(), SocketAddr::new(ip, address.port()).to_string()));
    }

    /// The address at which this computer reaches another, or itself.
    ///
    /// # Errors
    /// Those of [`Addresses::of`].
    pub fn reach(&self, fqdn: &str) -> Result<String, ErrorRecord> {
        match self.own.get() {
            Some((name, address)) if name.eq_ignore_ascii_case(fqdn) => Ok(address.clone()),
            _ => self.of(fqdn),
        }
    }
}

/// Name and address (`host:port`) of a host that somebody wrote as a URL, with or without port.
pub fn split(host: &str) -> (String, String) {
    let host = host.strip_prefix("https://").unwrap_or(host).trim_end_matches('/');
    if host.parse::<Ipv6Addr>().is_ok() {
        return (host.to_string(), format!("[{host}]:{PORT}"));
    }
    let (name, address) = match host.rsplit_once(':') {
        Some((name, port)) if port.parse::<u16>().is_ok() => (name, host.to_string()),
        _ => (host, format!("{host}:{PORT}")),
    };
    (name.trim_start_matches('[').trim_end_matches(']').to_string(), address)
}

/// The text of an address book.
pub fn text<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let table: toml::Table =
        entries.into_iter().map(|(fqdn, address)| (fqdn.to_string(), toml::Value::from(address))).collect();
    table.to_string()
}

const INVALID: &str = "AddressesInvalid";

fn parse(text: &str) -> Result<BTreeMap<String, String>, ErrorRecord> {
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| invalid(error.message()))?;
    let mut book = BTreeMap::new();
    for (fqdn, address) in table {
        let address = address.as_str().ok_or_else(|| invalid(&format!("what '{fqdn}' is given is no text")))?;
        let (host, port) = address.rsplit_once(':').unwrap_or(("", ""));
        if host.is_empty() || port.parse::<u16>().is_err() {
            return Err(invalid(&format!("the address '{address}' of '{fqdn}' is not of the form host:port")));
        }
        book.insert(fqdn.to_ascii_lowercase(), address.to_string());
    }
    Ok(book)
}

fn invalid(why: &str) -> ErrorRecord {
    ErrorRecord::new(INVALID, Category::InvalidData, format!("The address book cannot be used: {why}."))
        .hint("Each line of addresses.toml is \"name.example.com\" = \"192.0.2.1:4443\"; the quotes are needed.")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rule: the book goes before DNS, in any case, and is read anew when its file changes.
    #[test]
    fn the_book_is_followed_as_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("addresses.toml");
        let addresses = Addresses::file(&file);
        let of = |fqdn: &str| addresses.of(fqdn).map_err(|error| error.id().to_string());
        assert_eq!(of("a.x"), Ok("a.x:4443".to_string()));
        std::fs::write(&file, text([("A.x", "127.0.0.1:1"), ("b.x", "[::1]:2")])).unwrap();
        assert_eq!(of("a.X"), Ok("127.0.0.1:1".to_string()));
        assert_eq!(of("b.x"), Ok("[::1]:2".to_string()));
        assert_eq!(of("c.x"), Ok("c.x:4443".to_string()));
        std::fs::write(&file, "\"a.x\" = \"127.0.0.1:10\"\n").unwrap();
        assert_eq!(of("a.x"), Ok("127.0.0.1:10".to_string()));
        assert_eq!(of("b.x"), Ok("b.x:4443".to_string()));
        for broken in
            ["x", "\"a.x\" = 5", "\"a.x\" = \"host\"", "\"a.x\" = \"h:99999\"", "a.x = \"h:1\"", "\"a\" = \":1\""]
        {
            std::fs::write(&file, broken).unwrap();
            assert_eq!(of("a.x"), Err("AddressesInvalid".to_string()), "{broken}");
        }
        std::fs::remove_file(&file).unwrap();
        assert_eq!(of("a.x"), Ok("a.x:4443".to_string()));
    }

    #[test]
    fn hosts_are_split_as_they_are_written() {
        for (host, name, address) in [
            ("a.x", "a.x", "a.x:4443"),
            ("a.x:1", "a.x", "a.x:1"),
            ("https://a.x:1/", "a.x", "a.x:1"),
            ("https://a.x", "a.x", "a.x:4443"),
            ("127.0.0.1:9", "127.0.0.1", "127.0.0.1:9"),
            ("[::1]:9", "::1", "[::1]:9"),
            ("::1", "::1", "[::1]:4443"),
            ("[::1]", "::1", "[::1]:4443"),
        ] {
            assert_eq!(split(host), (name.to_string(), address.to_string()), "{host}");
        }
    }
}
