//! Set-Location, Push-Location, Pop-Location: the folder in which paths begin. It is the process's own, so that what
//! opens a file knows nothing of it.

use super::paths;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::object::signature::Signature;
use crate::env::folder::{self, here};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::statics::path_info;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// How many folders Push-Location keeps: nobody finds the way back through more.
const MOST: usize = 1000;

/// Where the process was: what Push-Location keeps, and the folder before the last change.
static WAY: Mutex<Way> = Mutex::new(Way { kept: Vec::new(), before: None });

struct Way {
    kept: Vec<PathBuf>,
    before: Option<PathBuf>,
}

fn way<R>(look: impl FnOnce(&mut Way) -> R) -> R {
    look(&mut WAY.lock().unwrap_or_else(PoisonError::into_inner))
}

fn signature(name: &str) -> Signature {
    Signature::new(name)
        .sets(&["Path", "LiteralPath"])
        .parameter("Path", ParameterType::String)
        .at(0)
        .by_value()
        .by_property()
        .only(&["Path"])
        .parameter("LiteralPath", ParameterType::String)
        .aliases(&["PSPath", "LP"])
        .mandatory()
        .by_property()
        .only(&["LiteralPath"])
        .switch("PassThru")
}

/// The folder that -Path or -LiteralPath names; the home folder where nothing is named, with `-` the one before.
fn wanted(bound: &Bound) -> Result<PathBuf, ErrorRecord> {
    let Some((path, by_pattern)) = paths::named(bound).into_iter().find(|(path, _)| !path.is_empty()) else {
        return paths::native("~");
    };
    if by_pattern && &*path == "-" {
        return way(|way| way.before.clone()).ok_or_else(|| {
            let message = "There is no folder to go back to: this one is the first.";
            ErrorRecord::new("SetLocationNoBackwardHistory", Category::InvalidOperation, message)
        });
    }
    let mut found = paths::places(&path, by_pattern)?;
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err(paths::not_found(&path)),
        (Some(_), false) => {
            let message = format!("'{path}' stands for more than one folder.");
            Err(ErrorRecord::new("Argument", Category::InvalidArgument, message).target(path).hint("Name one of them."))
        }
    }
}

fn go(to: &Path) -> Result<(), ErrorRecord> {
    let whole = paths::full(to);
    if !whole.is_dir() {
        return Err(paths::not_found(&whole.display().to_string()));
    }
    let before = here();
    folder::enter(&whole).map_err(|problem| {
        let message = format!("{} cannot be entered: {problem}.", whole.display());
        ErrorRecord::new("PathNotFound", Category::ObjectNotFound, message).target(whole.display().to_string())
    })?;
    way(|way| way.before = Some(before));
    Ok(())
}

fn tell(bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
    if bound.switch("PassThru") { cx.output(path_info(&here())) } else { Ok(()) }
}

/// Set-Location.
#[derive(Default)]
pub struct SetLocation;

impl ObjectCmdlet for SetLocation {
    const NAME: &'static str = "Set-Location";
    const ALIASES: &'static [&'static str] = &["sl", "cd", "chdir"];
    const EXAMPLES: &'static [Example] =
        &[Example { what: "This folder, and which it is", run: "Set-Location . -PassThru" }];

    fn spec() -> CmdletSpec {
        signature(Self::NAME).build()
    }
}

impl Run for SetLocation {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        match wanted(bound).and_then(|folder| go(&folder)) {
            Ok(()) => tell(bound, cx),
            Err(error) => cx.error(error),
        }
    }
}

/// Push-Location.
#[derive(Default)]
pub struct PushLocation;

impl ObjectCmdlet for PushLocation {
    const NAME: &'static str = "Push-Location";
    const ALIASES: &'static [&'static str] = &["pushd"];
    const EXAMPLES: &'static [Example] =
        &[Example { what: "To a folder and back", run: "Push-Location .; Get-Location; Pop-Location" }];

    fn spec() -> CmdletSpec {
        signature(Self::NAME).build()
    }
}

impl Run for PushLocation {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let before = here();
        let named = ["Path", "LiteralPath"].iter().any(|name| bound.get(name).is_some_and(|path| !path.is_null()));
        let gone = if named { wanted(bound).and_then(|folder| go(&folder)) } else { Ok(()) };
        if let Err(error) = gone {
            return cx.error(error);
        }
        way(|way| {
            if way.kept.len() >= MOST {
                way.kept.remove(0);
            }
            way.kept.push(before);
        });
        tell(bound, cx)
    }
}

/// Pop-Location.
#[derive(Default)]
pub struct PopLocation;

impl ObjectCmdlet for PopLocation {
    const NAME: &'static str = "Pop-Location";
    const ALIASES: &'static [&'static str] = &["popd"];
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Back again", run: "Push-Location; Pop-Location -PassThru" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).switch("PassThru").build()
    }
}

impl Run for PopLocation {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        // Nothing kept is nowhere to go, and no error.
        if let Some(folder) = way(|way| way.kept.pop())
            && let Err(error) = go(&folder)
        {
            return cx.error(error);
        }
        tell(bound, cx)
    }
}
