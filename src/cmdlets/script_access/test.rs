//! Test-CsScriptAccess: which roles may run a script; what a role or a user lacks for it, with the place in the text.

use crate::access::{Place, Principal, Role, Roles};
use crate::check::{self, Used};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Access, Cmdlet, Context, Example, FileParameter, ScopeKind};
use crate::cmdlets::signature::ours;
use crate::error::render::line_and_column;
use crate::error::{Category, ErrorRecord, Halt, Phase, Severity, Source};
use crate::language::Mode;
use crate::people::Directory;
use crate::value::{Record, RecordType, Str, TextForm, Value, same_name};
use serde::Deserialize;
use std::path::Path;
use std::sync::Arc;

/// Largest script that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// Test-CsScriptAccess.
#[derive(Default)]
pub struct TestScriptAccess;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    path: String,
    role: Option<String>,
    user: Option<String>,
}

impl Cmdlet for TestScriptAccess {
    const NAME: &'static str = "Test-CsScriptAccess";
    const ACCESS: Access = Access::read(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Which roles may run a script", run: "Test-CsScriptAccess provision-users.rhai" },
        Example {
            what: "The roles that will do",
            run: "Test-CsScriptAccess provision-users.rhai | Where-Object Allowed | Select-Object Role",
        },
        Example {
            what: "What a role lacks, and where in the text",
            run: "Test-CsScriptAccess provision-users.rhai -Role CsHelpDesk",
        },
        Example {
            what: "The same for what a user holds in all",
            run: "Test-CsScriptAccess provision-users.rhai -User noramartinez",
        },
    ];
    const FILES: &'static [FileParameter] = &[FileParameter::Read("Path")];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        let in_sets = |sets: &[&str], name: &str, doc_type: &str| {
            let mut parameter = ours(name, ParameterType::String, doc_type);
            let first = name == "Path";
            let one = |set: &&str| {
                let mut membership = parameter.sets.first().cloned().unwrap_or_default();
                membership.set = Some((*set).into());
                membership.mandatory = first || same_name(set, name);
                membership.position = first.then_some(0);
                (membership.by_value, membership.by_property_name) = (first, true);
                membership
            };
            parameter.sets = sets.iter().map(one).collect();
            parameter
        };
        let mut path = in_sets(&["Script", "Role", "User"], "Path", "String");
        path.aliases = vec!["FullName".into()];
        Some(CmdletSpec {
            name: Self::NAME.into(),
            default_set: Some("Script".into()),
            sets: ["Script", "Role", "User"].map(Str::from).to_vec(),
            parameters: vec![path, in_sets(&["Role"], "Role", "String"), in_sets(&["User"], "User", "UserIdParameter")],
            ..CmdletSpec::default()
        })
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        cx.authorize(&Place::Global)?;
        let source = match read(&args.path, cx) {
            Ok(source) => Arc::new(source),
            Err(error) => return cx.error(error),
        };
        let mode = Mode::of_file(Path::new(&args.path));
        let (script, found) = check::check(&source.text, mode, &cx.session.registry);
        let broken = found.iter().find(|d| d.phase == Phase::Parse && d.severity == Severity::Error);
        if let Some(mistake) = broken {
            let message = format!("What the script needs cannot be told before it can be read: {}", mistake.message);
            let error = ErrorRecord::new(mistake.id.clone(), Category::ParserError, message);
            return cx.error(error.at(&source, mistake.span));
        }
        for unknown in found.iter().filter(|d| d.phase == Phase::Name && d.id == "CommandNotFoundException") {
            let (line, _) = line_and_column(&source.text, unknown.span.start as usize);
            cx.warning(format!("{}, line {line}: {}", source.name, unknown.message));
        }
        let used = check::used(&script.script, &source.text, mode, &cx.session.registry);
        let roles = cx.session.roles()?;
        let report = Report { roles: &roles, source: &source, used: &used };
        if let Some(user) = &args.user {
            let directory = Directory::load(cx.deployment()?.store())?;
            let user = directory.find_user(user)?;
            let principal = Principal::of_user(&directory, user);
            let held: Vec<&Arc<Role>> = roles.held_by(&principal).collect();
            let holds = |cmdlet: &str| held.iter().any(|role| role.holds(cmdlet));
            report.places("User", &user.sam_account_name, &holds, cx)
        } else if let Some(role) = &args.role {
            let role = roles.find(role)?;
            report.places("Role", &role.name, &|cmdlet| role.holds(cmdlet), cx)
        } else {
            for role in roles.all() {
                cx.output(report.whole("Role", &role.name, &|cmdlet| role.holds(cmdlet)))?;
            }
            Ok(())
        }
    }
}

fn read(path: &str, cx: &Context) -> Result<Source, ErrorRecord> {
    let failed = |error: std::io::Error| {
        let (id, category) = match error.kind() {
            std::io::ErrorKind::NotFound => ("PathNotFound", Category::ObjectNotFound),
            _ => ("FileReadError", Category::ReadError),
        };
        ErrorRecord::new(id, category, format!("The script '{path}' cannot be read: {error}.")).target(path)
    };
    let bytes = match cx.read_file("Path", LARGEST) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::FileTooLarge => {
            let message = format!("'{path}' is no script: it is longer than {LARGEST} bytes.");
            return Err(ErrorRecord::new("FileReadError", Category::InvalidData, message).target(path));
        }
        Err(error) => return Err(failed(error)),
    };
    let unfit = |what: &str| {
        ErrorRecord::new("FileReadError", Category::InvalidData, format!("'{path}' is no script: {what}.")).target(path)
    };
    let text = String::from_utf8(bytes)
        .map_err(|error| unfit(&format!("it is not UTF-8 at byte {}", error.utf8_error().valid_up_to())))?;
    Ok(Source { name: path.to_string(), text: text.trim_start_matches('\u{feff}').to_string() })
}

/// What is said of a script.
struct Report<'a> {
    roles: &'a Roles,
    source: &'a Source,
    used: &'a [Used],
}

impl Report<'_> {
    /// One record for a role or a user: whether the whole script is allowed, and the cmdlets that are not.
    fn whole(&self, what: &str, name: &str, holds: &dyn Fn(&str) -> bool) -> Record {
        let mut lacks: Vec<&Str> = self.used.iter().map(|one| &one.cmdlet).filter(|cmdlet| !holds(cmdlet)).collect();
        lacks.sort_by_cached_key(|cmdlet| cmdlet.to_lowercase());
        lacks.dedup();
        let values = vec![
            Value::str(name),
            Value::Bool(lacks.is_empty()),
            Value::list(lacks.into_iter().cloned().map(Value::Str).collect()),
        ];
        record("Reeve.ScriptAccess", &[what, "Allowed", "Lacks"], values)
    }

    /// One record for each place that is not allowed, or one that says that all is.
    fn places(&self, what: &str, name: &str, holds: &dyn Fn(&str) -> bool, cx: &mut Context) -> Result<(), Halt> {
        let mut all = true;
        for one in self.used.iter().filter(|one| !holds(&one.cmdlet)) {
            all = false;
            let (line, column) = line_and_column(&self.source.text, one.span.start as usize);
            let number = |n: usize| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
            let held_by = self.roles.holding(&one.cmdlet).map(|role| Value::Str(role.name.clone())).collect();
            let values = vec![
                Value::str(name),
                Value::Str(one.cmdlet.clone()),
                number(line),
                number(column),
                Value::list(held_by),
            ];
            cx.output(record("Reeve.ScriptAccessLack", &[what, "Cmdlet", "Line", "Column", "HeldBy"], values))?;
        }
        if all { cx.output(self.whole(what, name, holds)) } else { Ok(()) }
    }
}

fn record(kind: &str, names: &[&str], values: Vec<Value>) -> Record {
    let names: Arc<[Str]> = names.iter().map(|name| Str::from(*name)).collect();
    Record::from_parts(RecordType::new(kind, TextForm::Pairs), names, values)
}
