//! `[environment]`, `[io.path]`, `[io.file]::Exists`, `[guid]`, `[array]`, `[enum]`, `[text.encoding]`,
//! `[diagnostics.stopwatch]`, limits of numbers.

use super::super::member::{Answer, Call, objects};
use super::super::{Record, RecordType, TextForm, Value, compare, convert as casts, enumerate, text, types};
use super::convert;
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
        ("System.Guid", "empty") => Value::Guid(Uuid::nil()),
        ("System.Environment", "newline") => "\n".into(),
        ("System.Environment", "machinename") => host_name().into(),
        ("System.Environment", "username") => std::env::var("USER").unwrap_or_default().into(),
        ("System.Environment", "currentdirectory") => {
            std::env::current_dir().map(|dir| dir.display().to_string()).unwrap_or_default().into()
        }
        ("System.Environment", "processorcount") => {
            std::thread::available_parallelism().map_or(1, |n| i64::try_from(n.get()).unwrap_or(1)).into()
        }
        ("System.IO.Path", "directoryseparatorchar") => std::path::MAIN_SEPARATOR_STR.into(),
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
        "combine" => {
            let parts: Vec<String> = call.arguments.iter().map(|part| text::to_text(part).to_string()).collect();
            parts.iter().collect::<std::path::PathBuf>().display().to_string().into()
        }
        "getfullpath" => match std::path::absolute(path) {
            Ok(full) => full.display().to_string().into(),
            Err(_) => return Some(Err(call.unfit(0))),
        },
        "hasextension" => path.extension().is_some().into(),
        "ispathrooted" => path.is_absolute().into(),
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
        // Arrays are not changed in place: the shell assigns what these give to the variable that was passed.
        "sort" => Value::list(sorted(&items)),
        "reverse" => Value::list(items.iter().rev().cloned().collect()),
        "empty" => Value::list(Vec::new()),
        _ => return None,
    }))
}

fn sorted(items: &[Value]) -> Vec<Value> {
    let mut items = items.to_vec();
    items.sort_by(|a, b| compare::sort_order(a, b, true));
    items
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
        ("System.IO.File", "exists") => Some(Ok(Path::new(&*call.text(0)).is_file().into())),
        ("System.IO.Directory", "exists") => Some(Ok(Path::new(&*call.text(0)).is_dir().into())),
        ("System.Array", _) => array(call),
        ("System.Enum", _) => enumeration(call),
        ("System.Diagnostics.Stopwatch", "startnew") => Some(Ok(Value::Record(objects::new_stopwatch(true)))),
        ("System.Environment", "getenvironmentvariable") => {
            Some(Ok(std::env::var(&*call.text(0)).map_or(Value::Null, Value::from)))
        }
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
            let text = call.text(0);
            let bytes: Vec<u8> = match &*name {
                "utf-16" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
                "utf-32" => text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect(),
                "us-ascii" => text.chars().map(|c| u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(b'?')).collect(),
                "iso-8859-1" => text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect(),
                _ => text.bytes().collect(),
            };
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

fn decoded(name: &str, bytes: &[u8]) -> String {
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
