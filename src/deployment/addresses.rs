//! `addresses.toml`: where the deployment's computers listen, where DNS shall not be asked.

use super::HostDirectory;
use crate::error::{Category, ErrorRecord};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// The port on which a computer's server listens, where nothing else is said.
pub const PORT: u16 = 4443;

/// What a new file says of itself.
const HEAD: &str = "# Where the computers of the deployment listen, where DNS shall not be asked:\n\
                    # \"computer.example.net\" = \"192.0.2.7:4443\"\n";

/// The addresses of the deployment's computers. The file is read again when it changed.
#[derive(Debug)]
pub struct Addresses {
    path: PathBuf,
    read: Mutex<Read>,
}

#[derive(Debug, Default)]
struct Read {
    /// When the file changed last, and its length.
    state: Option<(SystemTime, u64)>,
    /// By name in lower case.
    named: BTreeMap<String, String>,
}

impl Addresses {
    /// The addresses that a host directory has.
    pub fn of(host: &HostDirectory) -> Addresses {
        Addresses::in_file(host.addresses())
    }

    /// The addresses of a file; where it is not there, DNS alone is asked.
    pub fn in_file(path: impl Into<PathBuf>) -> Addresses {
        Addresses { path: path.into(), read: Mutex::default() }
    }

    /// Where a computer listens, as `host:port`: what the file says, else its own name, which DNS knows.
    ///
    /// # Errors
    /// `AddressesInvalid` where the file is not as it should be.
    pub fn address(&self, computer: &str) -> Result<String, ErrorRecord> {
        let known = self.named(computer)?;
        Ok(known.unwrap_or_else(|| format!("{computer}:{PORT}")))
    }

    /// What the file says of a computer.
    ///
    /// # Errors
    /// `AddressesInvalid`.
    pub fn named(&self, computer: &str) -> Result<Option<String>, ErrorRecord> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.path.metadata().ok().and_then(|about| Some((about.modified().ok()?, about.len())));
        if state.is_none() {
            *read = Read::default();
        } else if read.state != state {
            *read = Read { state, named: parse(&self.path)? };
        }
        Ok(read.named.get(&computer.to_lowercase()).cloned())
    }
}

fn parse(path: &Path) -> Result<BTreeMap<String, String>, ErrorRecord> {
    let invalid = |what: String| {
        let message = format!("'{}' is not as it should be: {what}.", path.display());
        ErrorRecord::new("AddressesInvalid", Category::InvalidData, message)
            .hint("A line of it: \"computer.example.net\" = \"192.0.2.7:4443\"")
    };
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(invalid(error.to_string())),
    };
    let named: BTreeMap<String, String> = toml::from_str(&text).map_err(|error| invalid(error.message().into()))?;
    named
        .into_iter()
        .map(|(computer, address)| match with_port(&address) {
            Some(address) => Ok((computer.to_lowercase(), address)),
            None => Err(invalid(format!("'{address}' of {computer} is no address"))),
        })
        .collect()
}

/// The address with its port; `None` where it is no address.
fn with_port(address: &str) -> Option<String> {
    let address = address.trim();
    if address.is_empty() || address.contains(char::is_whitespace) || address.contains('/') {
        return None;
    }
    if address.parse::<std::net::Ipv6Addr>().is_ok() {
        return Some(format!("[{address}]:{PORT}"));
    }
    match address.rsplit_once(':') {
        Some((_, end)) if address.ends_with(']') && !end.is_empty() => Some(format!("{address}:{PORT}")),
        Some((host, port)) => (!host.is_empty() && port.parse::<u16>().is_ok()).then(|| address.to_string()),
        None => Some(format!("{address}:{PORT}")),
    }
}

/// The text of the file that names these addresses.
pub fn text<'a>(named: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let mut text = HEAD.to_string();
    for (computer, address) in named {
        // Names of computers and addresses hold nothing that a string of TOML would not take as it is; what does is
        // written as TOML writes it.
        text.push_str(&format!("{} = {}\n", toml::Value::from(computer), toml::Value::from(address)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_goes_before_dns_and_is_read_again_when_it_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("addresses.toml");
        let addresses = Addresses::in_file(&path);
        assert_eq!(addresses.address("A.example.net").unwrap(), "A.example.net:4443");
        std::fs::write(&path, text([("a.example.net", "127.0.0.1:5001".to_string())])).unwrap();
        assert_eq!(addresses.address("A.example.net").unwrap(), "127.0.0.1:5001");
        assert_eq!(addresses.address("b.example.net").unwrap(), "b.example.net:4443");
        std::fs::write(&path, "\"a.example.net\" = \"far.example.net\"\n\"c\" = \"::1\"").unwrap();
        assert_eq!(addresses.address("a.example.net").unwrap(), "far.example.net:4443");
        assert_eq!(addresses.address("c").unwrap(), "[::1]:4443");
        std::fs::remove_file(&path).unwrap();
        assert_eq!(addresses.named("a.example.net").unwrap(), None);
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for (at, text) in
            ["a = 1", "a = \"\"", "a = \"x:y\"", "a = \":1\"", "a = \"http://x\"", "a = ["].iter().enumerate()
        {
            let path = folder.path().join(at.to_string());
            std::fs::write(&path, text).unwrap();
            assert_eq!(Addresses::in_file(&path).address("a").unwrap_err().id(), "AddressesInvalid", "{text}");
        }
    }
}
