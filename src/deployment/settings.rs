//! `host.toml`: the settings of one computer's server.

use super::HostDirectory;
use crate::error::{Category, ErrorRecord};
use serde::Deserialize;
use std::io::ErrorKind;
use std::net::SocketAddr;

/// What a new file says: every setting, with the value that holds without it.
pub const TEXT: &str = r#"# The settings of this computer's server; it reads them when it starts.

# Where it listens for the other computers and for sessions (TLS):
# listen = "[::]:4443"

# Where it shows its health and metrics to a scraper on this computer (plain HTTP: keep it on loopback):
# monitor = "127.0.0.1:9443"

[replica]
# What is run after the documents changed: a program with its arguments, or a script of ours that ends in .rhai.
# hook = "/etc/reeve/on-change"
# Seconds that it may take.
# hook-seconds = 60
"#;

/// The settings of one computer's server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Settings {
    /// Where it listens.
    pub listen: Option<SocketAddr>,
    /// Where it shows health and metrics without TLS.
    pub monitor: Option<SocketAddr>,
    /// What concerns the replica.
    pub replica: ReplicaSettings,
}

/// What concerns the replica.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct ReplicaSettings {
    /// What is run after the documents changed: a program or script with its arguments.
    pub hook: Option<String>,
    /// Seconds that it may take: 1 to 3600.
    pub hook_seconds: u64,
}

impl Default for ReplicaSettings {
    fn default() -> ReplicaSettings {
        ReplicaSettings { hook: None, hook_seconds: 60 }
    }
}

impl Settings {
    /// Reads those of a host directory; without a file all is as it is without a setting.
    ///
    /// # Errors
    /// `SettingsInvalid`.
    pub fn read(host: &HostDirectory) -> Result<Settings, ErrorRecord> {
        let path = host.settings();
        let invalid = |what: String| {
            let message = format!("'{}' is not as it should be: {what}.", path.display());
            ErrorRecord::new("SettingsInvalid", Category::InvalidData, message)
        };
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Settings::default()),
            Err(error) => return Err(invalid(error.to_string())),
        };
        let settings: Settings = toml::from_str(&text).map_err(|error| {
            let line = error.span().map(|span| text.get(..span.start).unwrap_or_default().lines().count().max(1));
            let line = line.map(|line| format!("line {line}: ")).unwrap_or_default();
            invalid(format!("{line}{}", error.message()))
        })?;
        if !(1..=3600).contains(&settings.replica.hook_seconds) {
            return Err(invalid("hook-seconds must be from 1 to 3600".into()));
        }
        Ok(settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_changes_nothing_and_its_examples_are_settings() {
        assert_eq!(toml::from_str::<Settings>(TEXT).unwrap(), Settings::default());
        let set: String = TEXT
            .lines()
            .map(|line| match line.strip_prefix("# ") {
                Some(setting) if setting.contains(" = ") => format!("{setting}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let settings: Settings = toml::from_str(&set).unwrap();
        assert_eq!(settings.listen.unwrap().port(), crate::net::addresses::PORT);
        assert_eq!(settings.replica.hook.unwrap(), "/etc/reeve/on-change");
        assert!(toml::from_str::<Settings>("lisen = \"[::]:1\"").is_err());
    }
}
