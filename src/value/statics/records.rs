//! Objects of .NET that are here to be handed on: cultures, choices, addresses of mail, the operating system.

use super::super::{Record, RecordType, TextForm, Value, Version};
use super::system::cannot_make;
use crate::error::{Category, ErrorRecord};

/// Type name of a culture. Values have one form here, whatever the culture.
pub const CULTURE: &str = "System.Globalization.CultureInfo";
/// Type name of a choice of `$Host.UI.PromptForChoice`.
pub const CHOICE: &str = "System.Management.Automation.Host.ChoiceDescription";
/// Type name of an address of mail.
pub const MAIL_ADDRESS: &str = "System.Net.Mail.MailAddress";
/// Type name of a rule by which texts are compared.
pub const COMPARER: &str = "System.StringComparer";

/// A culture by its name, `en-US`; "" is the invariant one.
pub(super) fn culture(name: &str) -> Record {
    let shown = if name.is_empty() { "Invariant Language (Invariant Country)" } else { name };
    let language = name.split('-').next().filter(|language| !language.is_empty()).unwrap_or("iv");
    let fields: [(&str, Value); 5] = [
        ("Name", name.into()),
        ("DisplayName", shown.into()),
        ("EnglishName", shown.into()),
        ("TwoLetterISOLanguageName", language.to_ascii_lowercase().into()),
        ("IsNeutralCulture", (!name.contains('-')).into()),
    ];
    Record::new(RecordType::new(CULTURE, TextForm::Property("Name")), fields)
}

fn is_culture(name: &str) -> bool {
    let part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    name.is_empty() || (name.len() > 1 && name.split('-').all(part))
}

/// A rule by which texts are compared.
pub(super) fn comparer(name: &str) -> Record {
    Record::new(RecordType::new(COMPARER, TextForm::TypeName), [("Name", Value::str(name))])
}

/// `[environment]::OSVersion`.
pub(super) fn operating_system() -> Record {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let numbers: Vec<u32> =
        release.split(|c: char| !c.is_ascii_digit()).take(3).map_while(|digits| digits.parse().ok()).collect();
    let at = |at: usize| numbers.get(at).copied();
    let version = Version {
        major: at(0).unwrap_or(0),
        minor: at(1).unwrap_or(0),
        build: Some(at(2).unwrap_or(0)),
        revision: Some(0),
    };
    let shown = format!("Unix {version}");
    let fields: [(&str, Value); 4] = [
        ("Platform", "Unix".into()),
        ("ServicePack", "".into()),
        ("Version", version.into()),
        ("VersionString", shown.into()),
    ];
    Record::new(RecordType::new("System.OperatingSystem", TextForm::Property("VersionString")), fields)
}

fn mail(written: &str, shown: &str) -> Option<Record> {
    let (named, address) = match written.trim().strip_suffix('>').and_then(|inner| inner.split_once('<')) {
        Some((named, address)) => (named.trim().trim_matches('"'), address.trim()),
        None => ("", written.trim()),
    };
    let (user, host) = address.rsplit_once('@')?;
    let plain = |part: &str| !part.is_empty() && !part.contains([' ', '@', '<', '>', ',', ';']);
    if !plain(user) || !plain(host) {
        return None;
    }
    let fields: [(&str, Value); 4] = [
        ("DisplayName", if shown.is_empty() { named } else { shown }.into()),
        ("User", user.into()),
        ("Host", host.into()),
        ("Address", address.into()),
    ];
    Some(Record::new(RecordType::new(MAIL_ADDRESS, TextForm::Property("Address")), fields))
}

/// Makes one of these objects; `None` for another type.
pub(super) fn create(full: &str, texts: &[&str]) -> Option<Result<Record, ErrorRecord>> {
    let wrong =
        |what: &str| ErrorRecord::new("FormatException", Category::InvalidArgument, format!("That is no {what}."));
    Some(match (full, texts) {
        (CULTURE, [name]) if is_culture(name) => Ok(culture(name)),
        (CULTURE, [_]) => Err(ErrorRecord::new(
            "CultureNotFoundException",
            Category::InvalidArgument,
            "A culture's name is like en-US.",
        )),
        (CHOICE, [label] | [label, _]) => {
            let help = texts.get(1).copied().unwrap_or_default();
            let fields = [("Label", Value::str(*label)), ("HelpMessage", Value::str(help))];
            Ok(Record::new(RecordType::new(CHOICE, TextForm::TypeName), fields))
        }
        (MAIL_ADDRESS, [address] | [address, _]) => {
            mail(address, texts.get(1).copied().unwrap_or_default()).ok_or_else(|| wrong("address of mail"))
        }
        (super::files::FILE_INFO, [path]) if !path.is_empty() => Ok(super::files::info(path)),
        (CULTURE | CHOICE | MAIL_ADDRESS | super::files::FILE_INFO, _) => Err(cannot_make(full)),
        _ => return None,
    })
}
