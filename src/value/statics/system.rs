//! `[environment]`, `[io.path]`, `[io.file]::Exists`, `[guid]`, `[array]`, `[enum]`, `[text.encoding]`,
//! `[diagnostics.stopwatch]`, limits of numbers.

use super::super::member::{Answer, Call, objects};
use super::super::{
    Record, RecordType, TextForm, Value, Version, compare, convert as casts, enumerate, sorting, text, types,
};
use super::{convert, records};
use crate::error::{Category, ErrorRecord};
use std::path::Path;
use uuid::Uuid;

pub(super) fn get(type_name: &str, name: &str) -> Option<Value> {
    if let Some(casts::Target::Int { min, max, .. }) = casts::target(type_name) {
        return match name {
            "minvalue" => Some(Value::Int(min)),
            "maxvalue" => Some(Value::Int(max)),
            _ => None,
        };
    }
    Some(match (type_name, name) {
        ("System.Double", "maxvalue") => f64::MAX.into(),
        ("System.Double", "minvalue") => f64::MIN.into(),
        ("System.Double", "nan") => f64::NAN.into(),
        ("System.Double", "positiveinfinity") => f64::INFINITY.into(),
        ("System.Double", "negativeinfinity") => f64::NEG_INFINITY.into(),
        ("System.Double", "epsilon") => f64::from_bits(1).into(),
        ("System.Decimal", "maxvalue") => rust_decimal::Decimal::MAX.into(),
        ("System.Decimal", "minvalue") => rust_decimal::Decimal::MIN.into(),
        ("System.Single", "maxvalue") => f64::from(f32::MAX).into(),
        ("System.Single", "minvalue") => f64::from(f32::MIN).into(),
        ("System.Decimal", "zero") => rust_decimal::Decimal::ZERO.into(),
        ("System.Decimal", "one") => rust_decimal::Decimal::ONE.into(),
        ("System.Decimal", "minusone") => rust_decimal::Decimal::NEGATIVE_ONE.into(),
        ("System.Boolean", "truestring") => "True".into(),
        ("System.Boolean", "falsestring") => "False".into(),
        ("System.Guid", "empty") => Value::Guid(Uuid::nil()),
        ("System.Environment", "newline") => "\n".into(),
        ("System.Environment", "osversion") => Value::Record(records::operating_system()),
        ("System.Environment", "version") => Version::of_program().into(),
        ("System.Environment", "is64bitoperatingsystem" | "is64bitprocess") => cfg!(target_pointer_width = "64").into(),
        ("System.Environment", "userinteractive") => true.into(),
        ("System.Environment", "tickcount" | "tickcount64") => since_start().into(),
        ("System.Environment", "machinename" | "userdomainname") => host_name().into(),
        ("System.Environment", "username") => user_name().into(),
        ("System.Environment", "currentdirectory") => {
            std::env::current_dir().map(|dir| dir.display().to_string()).unwrap_or_default().into()
        }
        ("System.Environment", "processorcount") => {
            std::thread::available_parallelism().map_or(1, |n| i64::try_from(n.get()).unwrap_or(1)).into()
        }
        ("System.Globalization.CultureInfo", "invariantculture") => Value::Record(records::culture("")),
        ("System.Globalization.CultureInfo", "currentculture" | "currentuiculture") => {
            Value::Record(records::culture("en-US"))
        }
        (records::COMPARER, "ordinal" | "invariantculture" | "currentculture") => {
            Value::Record(records::comparer("Ordinal"))
        }
        (records::COMPARER, "ordinalignorecase" | "invariantcultureignorecase" | "currentcultureignorecase") => {
            Value::Record(records::comparer("OrdinalIgnoreCase"))
        }
        ("System.Console", "outputencoding" | "inputencoding") => return get("System.Text.Encoding", "utf8"),
        ("System.IO.Path", "pathseparator") => ":".into(),
        ("System.IO.Path", "volumeseparatorchar") => "/".into(),
        ("System.IO.Path", "directoryseparatorchar" | "altdirectoryseparatorchar") => {
            std::path::MAIN_SEPARATOR_STR.into()
        }
        ("System.Text.Encoding", "utf8" | "ascii" | "unicode" | "default" | "utf32" | "latin1") => {
            let kind = RecordType::new("System.Text.Encoding", TextForm::TypeName);
            let shown = match name {
                "ascii" => "us-ascii",
                "unicode" => "utf-16",
                "utf32" => "utf-32",
                "latin1" => "iso-8859-1",
                _ => "utf-8",
            };
            Value::Record(Record::new(kind, [("WebName", Value::str(shown))]))
        }
        _ => return None,
    })
}

/// Milliseconds since the computer was started.
fn since_start() -> i64 {
    let uptime = std::fs::read_to_string("/proc/uptime").unwrap_or_default();
    let seconds = uptime.split_whitespace().next().and_then(|text| text.parse::<f64>().ok()).unwrap_or(0.0);
    (seconds * 1000.0) as i64
}

/// Where a user's files of a kind are; "" where this system has no place for them.
fn folder(kind: &str) -> String {
    let home = std::env::var("HOME").unwrap_or_default();
    let of = |variable: &str, usual: &str| std::env::var(variable).unwrap_or_else(|_| format!("{home}/{usual}"));
    match kind.to_ascii_lowercase().as_str() {
        "userprofile" => home,
        "mydocuments" | "personal" => format!("{home}/Documents"),
        "desktop" | "desktopdirectory" => format!("{home}/Desktop"),
        "applicationdata" => of("XDG_CONFIG_HOME", ".config"),
        "localapplicationdata" => of("XDG_DATA_HOME", ".local/share"),
        "commonapplicationdata" => "/usr/share".into(),
        _ => String::new(),
    }
}

/// Text with the values of the variables between two `%`.
fn expanded(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('%') {
        out.push_str(before);
        let found = from.split_once('%').and_then(|(name, behind)| Some((std::env::var(name).ok()?, behind)));
        match found {
            Some((value, behind)) => {
                out.push_str(&value);
                rest = behind;
            }
            None => {
                out.push('%');
                rest = from;
            }
        }
    }
    out + rest
}

/// Who runs this: by the environment, else by the system's list of users; empty where neither knows.
pub fn user_name() -> String {
    let named =
        ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok()).filter(|name| !name.is_empty());
    named.or_else(|| crate::env::users::name_of(rustix::process::geteuid().as_raw())).unwrap_or_default()
}

fn host_name() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname").map(|name| name.trim().to_string()).unwrap_or_default()
}

fn path_text(path: Option<&Path>) -> Value {
    path.map_or(Value::Null, |path| path.display().to_string().into())
}

fn os_text(part: Option<&std::ffi::OsStr>) -> String {
    part.map(|part| part.to_string_lossy().into_owned()).unwrap_or_default()
}

fn path(call: &Call) -> Answer {
    let text = call.text(0);
    let path = Path::new(&*text);
    let extension = |path: &Path| match os_text(path.extension()) {
        dot if dot.is_empty() => String::new(),
        extension => format!(".{extension}"),
    };
    Some(Ok(match call.name {
        "getextension" => extension(path).into(),
        "getfilename" if text.ends_with('/') => "".into(),
        "getfilename" => os_text(path.file_name()).into(),
        "getfilenamewithoutextension" => os_text(path.file_stem()).into(),
        "getdirectoryname" => path_text(path.parent()),
        "changeextension" => {
            let bare = text.strip_suffix(&extension(path)).unwrap_or(&text);
            let new = call.text(1);
            let dot = if new.is_empty() || new.starts_with('.') { "" } else { "." };
            format!("{bare}{dot}{new}").into()
        }
        "combine" if call.count() == 0 => return None,
        "join" => {
            let parts = call.arguments.iter().map(|part| text::to_text(part).to_string());
            let joined = parts.filter(|part| !part.is_empty()).reduce(|all, part| {
                let divided = all.ends_with('/') || part.starts_with('/');
                if divided { format!("{all}{part}") } else { format!("{all}/{part}") }
            });
            joined.unwrap_or_default().into()
        }
        "getpathroot" => if path.is_absolute() { "/" } else { "" }.into(),
        "gettempfilename" => {
            let name = format!("tmp{}.tmp", Uuid::new_v4().simple());
            let path = std::env::temp_dir().join(name);
            let made = std::fs::OpenOptions::new().write(true).create_new(true).open(&path);
            match made {
                Ok(_) => path.display().to_string().into(),
                Err(problem) => {
                    let message = format!("'{}': {problem}.", path.display());
                    return Some(Err(ErrorRecord::new("IOException", Category::WriteError, message)));
                }
            }
        }
        "getinvalidfilenamechars" => super::super::char_object::all("\0/"),
        "getinvalidpathchars" => super::super::char_object::all("\0"),
        "combine" => {
            let parts: Vec<String> = call.arguments.iter().map(|part| text::to_text(part).to_string()).collect();
            parts.iter().collect::<std::path::PathBuf>().display().to_string().into()
        }
        "getfullpath" => match std::path::absolute(path) {
            Ok(full) => full.display().to_string().into(),
            Err(_) => return Some(Err(call.unfit(0))),
        },
        "hasextension" => path.extension().is_some().into(),
        "ispathrooted" | "ispathfullyqualified" => path.is_absolute().into(),
        "gettemppath" => format!("{}/", std::env::temp_dir().display()).into(),
        "getrandomfilename" => {
            let id = Uuid::new_v4().simple().to_string();
            format!("{}.{}", &id[..8], &id[8..11]).into()
        }
        _ => return None,
    }))
}

fn array(call: &Call) -> Answer {
    let items = enumerate::items(&call.value(0))?;
    Some(Ok(match call.name {
        "indexof" => {
            let wanted = call.value(1);
            let at = items.iter().position(|item| compare::equals(item, &wanted, true));
            Value::Int(at.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1))
        }
        "lastindexof" => {
            let wanted = call.value(1);
            let at = items.iter().rposition(|item| compare::equals(item, &wanted, true));
            Value::Int(at.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1))
        }
        // Arrays are not changed in place: the shell assigns what these give to the variable that was passed.
        "sort" => match sorting::sorted(items.to_vec()) {
            Ok(sorted) => Value::list(sorted),
            Err(error) => return Some(Err(error)),
        },
        "reverse" => Value::list(items.iter().rev().cloned().collect()),
        "empty" => Value::list(Vec::new()),
        _ => return None,
    }))
}

fn enumeration(call: &Call) -> Answer {
    let name = types::named_by(&call.value(0))?;
    Some(match call.name {
        "getnames" => match types::enum_names(&name) {
            Some(names) => Ok(Value::list(names.iter().map(|n| Value::str(*n)).collect())),
            None => Err(call.unfit(0)),
        },
        "getvalues" => match types::enum_names(&name) {
            Some(names) => Ok(Value::list(names.iter().filter_map(|n| types::enum_value(&name, n)).collect())),
            None => Err(call.unfit(0)),
        },
        "parse" => types::enum_value(&name, &call.text(1)).ok_or_else(|| call.unfit(1)),
        "isdefined" => {
            let text = call.text(1);
            Ok(types::enum_names(&name).is_some_and(|names| names.contains(&&*text)).into())
        }
        _ => return None,
    })
}

pub(super) fn call(type_name: &str, call: &Call) -> Answer {
    match (type_name, call.name) {
        ("System.Guid", "newguid") => Some(Ok(Value::Guid(Uuid::new_v4()))),
        ("System.IO.Path", _) => path(call),
        ("System.IO.Directory", "exists") => Some(Ok(Path::new(&*call.text(0)).is_dir().into())),
        ("System.IO.Directory", "getcurrentdirectory") => {
            Some(Ok(get("System.Environment", "currentdirectory").unwrap_or_default()))
        }
        ("System.Array", "empty") => Some(Ok(Value::list(Vec::new()))),
        ("System.Array", _) => array(call),
        // One engine, one thread: nothing else changes it meanwhile.
        ("System.Collections.Hashtable" | "System.Collections.ArrayList", "synchronized") => Some(Ok(call.value(0))),
        ("System.Globalization.CultureInfo", "getcultureinfo" | "createspecificculture") => {
            let made = records::create(records::CULTURE, &[&call.text(0)])?;
            Some(made.map(Value::Record))
        }
        ("System.Text.Encoding", "getencoding") => {
            let name = match call.text(0).to_ascii_lowercase().as_str() {
                "utf-8" | "utf8" | "65001" => "utf8",
                "us-ascii" | "ascii" | "20127" => "ascii",
                "utf-16" | "unicode" | "1200" => "unicode",
                "utf-32" | "12000" => "utf32",
                "iso-8859-1" | "latin1" | "28591" => "latin1",
                _ => return Some(Err(call.unfit(0))),
            };
            get("System.Text.Encoding", name).map(Ok)
        }
        ("System.Enum", _) => enumeration(call),
        ("System.Diagnostics.Stopwatch", "startnew") => Some(Ok(Value::Record(objects::new_stopwatch(true)))),
        ("System.Environment", "getenvironmentvariable") => {
            Some(Ok(std::env::var(&*call.text(0)).map_or(Value::Null, Value::from)))
        }
        ("System.Environment", "getfolderpath") => Some(Ok(folder(&call.text(0)).into())),
        ("System.Environment", "expandenvironmentvariables") => Some(Ok(expanded(&call.text(0)).into())),
        ("System.Double", "isnan") => Some(call.double(0).map(|x| x.is_nan().into())),
        ("System.Double", "isinfinity") => Some(call.double(0).map(|x| x.is_infinite().into())),
        ("System.BitConverter", "tostring") => convert::bytes(&call.value(0))
            .map(|bytes| Ok(bytes.iter().map(|b| format!("{b:02X}")).collect::<Vec<_>>().join("-").into())),
        _ => None,
    }
}

/// Bytes and texts: what `[text.encoding]::UTF8` can. `None` where the record is no encoding.
pub(in crate::value) fn encoding(record: &Record, call: &Call) -> Answer {
    if &*record.kind().name != "System.Text.Encoding" {
        return None;
    }
    let name = text::to_text(&record.get("WebName").unwrap_or_default());
    match call.name {
        "getbytes" => {
            let bytes = encoded(&name, &call.text(0));
            Some(Ok(Value::list(bytes.into_iter().map(|b| Value::Int(b.into())).collect())))
        }
        "getstring" => Some(match convert::bytes(&call.value(0)) {
            Some(bytes) => Ok(decoded(&name, &bytes).into()),
            None => Err(call.unfit(0)),
        }),
        "getbytecount" => Some(Ok(Value::Int(i64::try_from(call.text(0).len()).unwrap_or(i64::MAX)))),
        _ => None,
    }
}

/// A text's bytes in an encoding by its name of the web.
pub(super) fn encoded(name: &str, text: &str) -> Vec<u8> {
    match name {
        "utf-16" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-32" => text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
        "us-ascii" => text.chars().map(|c| u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(b'?')).collect(),
        "iso-8859-1" => text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect(),
        _ => text.bytes().collect(),
    }
}

/// The text of bytes in an encoding.
pub(super) fn decoded(name: &str, bytes: &[u8]) -> String {
    match name {
        "utf-16" => {
            let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        "iso-8859-1" => bytes.iter().map(|b| char::from(*b)).collect(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// There is no constructor for these arguments.
pub(super) fn cannot_make(type_name: &str) -> ErrorRecord {
    ErrorRecord::new(
        "CannotFindAppropriateCtor",
        Category::ObjectNotFound,
        format!("An object of type [{type_name}] cannot be made of these arguments."),
    )
}
