//! Set-ItemProperty: when a file was changed, and whether it is only to be read.

use super::{paths, records};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::{Signature, many};
use crate::cmdlets::object::string;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::convert::{self, Target};
use crate::value::{Value, date, near, truth};
use std::fs::{File, FileTimes};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What can be set.
const SETTABLE: &[&str] = &["IsReadOnly", "LastWriteTime", "LastAccessTime", "LastWriteTimeUtc", "LastAccessTimeUtc"];

/// Set-ItemProperty.
#[derive(Default)]
pub struct SetItemProperty;

impl ObjectCmdlet for SetItemProperty {
    const NAME: &'static str = "Set-ItemProperty";
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "Nobody shall write to it",
            run: "\"x\" | Set-Content p1.txt; Set-ItemProperty p1.txt IsReadOnly $true; Set-ItemProperty p1.txt IsReadOnly $false",
        },
        Example {
            what: "As if it was written on another day",
            run: "\"x\" | Set-Content p2.txt; Set-ItemProperty p2.txt -Name LastWriteTime -Value '2026-01-31 08:00' -PassThru",
        },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["Path", "LiteralPath"])
            .parameter("Path", many(ParameterType::String))
            .mandatory()
            .at(0)
            .by_value()
            .by_property()
            .only(&["Path"])
            .parameter("LiteralPath", many(ParameterType::String))
            .aliases(&["PSPath", "LP"])
            .mandatory()
            .by_property()
            .only(&["LiteralPath"])
            .parameter("Name", ParameterType::String)
            .aliases(&["PSProperty"])
            .mandatory()
            .at(1)
            .parameter("Value", ParameterType::Object)
            .mandatory()
            .at(2)
            .switch("PassThru")
            .should_process()
            .build()
    }
}

/// What is to be done.
enum Change {
    ReadOnly(bool),
    Written(SystemTime),
    Read(SystemTime),
}

impl Change {
    /// # Errors
    /// `PropertyNotFound`; that of a value that is no point in time.
    fn read(name: &str, value: &Value) -> Result<Change, ErrorRecord> {
        let Some(known) = SETTABLE.iter().find(|known| known.eq_ignore_ascii_case(name)) else {
            let message = format!("'{name}' cannot be set of a file or folder.");
            let error = ErrorRecord::new("PropertyNotFound", Category::InvalidArgument, message).target(name);
            return Err(match near::nearest(name, SETTABLE.iter().copied()) {
                Some(near) => error.hint(format!("Did you mean {near}?")),
                None => error.hint(format!("What can be set: {}.", SETTABLE.join(", "))),
            });
        };
        if *known == "IsReadOnly" {
            return Ok(Change::ReadOnly(truth::is_true(value)));
        }
        let Value::DateTime(at) = convert::cast(value, &Target::DateTime)? else {
            let message = format!("-Value: {known} takes a point in time.");
            return Err(ErrorRecord::new("InvalidCast", Category::InvalidArgument, message));
        };
        let at = if known.ends_with("Utc") { at } else { date::to_utc(at) };
        let since = u64::try_from(at.ticks.saturating_sub(records::UNIX_TICKS)).unwrap_or(0);
        // Ticks are of 100 ns.
        let time = UNIX_EPOCH + Duration::from_micros(since / 10) + Duration::from_nanos(since % 10 * 100);
        Ok(if known.starts_with("LastWrite") { Change::Written(time) } else { Change::Read(time) })
    }

    fn make(&self, path: &Path) -> io::Result<()> {
        match self {
            Change::ReadOnly(only) => {
                let mut rights = path.metadata()?.permissions();
                only_read(&mut rights, *only);
                std::fs::set_permissions(path, rights)
            }
            Change::Written(time) => File::open(path)?.set_times(FileTimes::new().set_modified(*time)),
            Change::Read(time) => File::open(path)?.set_times(FileTimes::new().set_accessed(*time)),
        }
    }
}

/// Nobody may write to it; or its owner may again, whoever else could before.
#[cfg(unix)]
fn only_read(rights: &mut std::fs::Permissions, only: bool) {
    use std::os::unix::fs::PermissionsExt;
    let mode = rights.mode();
    rights.set_mode(if only { mode & !0o222 } else { mode | 0o200 });
}

#[cfg(not(unix))]
fn only_read(rights: &mut std::fs::Permissions, only: bool) {
    rights.set_readonly(only);
}

impl Run for SetItemProperty {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let name = string(bound, "Name").unwrap_or_default();
        let value = bound.get("Value").cloned().unwrap_or_default();
        let change = match Change::read(&name, &value) {
            Ok(change) => change,
            Err(error) => return cx.error(error),
        };
        for path in paths::given(bound, cx)? {
            let whole = paths::full(&path);
            let what = if path.is_dir() { "Set Property Directory" } else { "Set Property File" };
            if !cx.should_process(&format!("Item: {} Property: {name}", whole.display()), what)? {
                continue;
            }
            match change.make(&whole) {
                Ok(()) if bound.switch("PassThru") => {
                    records::object(&whole).map_or(Ok(()), |object| cx.output(object))?;
                }
                Ok(()) => {}
                Err(problem) => cx.error(paths::failed("SetPropertyError", &whole, &problem))?,
            }
        }
        Ok(())
    }
}
