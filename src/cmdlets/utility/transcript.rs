//! Start-Transcript and Stop-Transcript: what is typed and shown, in a file.

use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::cmdlets::file::paths;
use crate::cmdlets::object::signature::Signature;
use crate::cmdlets::object::string;
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::date;
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};

/// The line around the head and the end of a transcript.
const STARS: &str = "**********************";

/// Start-Transcript.
#[derive(Default)]
pub struct StartTranscript;

impl ObjectCmdlet for StartTranscript {
    const NAME: &'static str = "Start-Transcript";
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Keeps what a change shows", run: "Start-Transcript change.txt; Get-CsPool; Stop-Transcript" },
        Example { what: "At the end of what is there", run: "Start-Transcript change.txt -Append; Stop-Transcript" },
    ];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME)
            .sets(&["ByPath", "ByLiteralPath", "ByOutputDirectory"])
            .should_process()
            .parameter("Path", ParameterType::String)
            .at(0)
            .only(&["ByPath"])
            .parameter("LiteralPath", ParameterType::String)
            .aliases(&["PSPath", "LP"])
            .at(0)
            .not_empty()
            .only(&["ByLiteralPath"])
            .parameter("OutputDirectory", ParameterType::String)
            .not_empty()
            .only(&["ByOutputDirectory"])
            .switch("Append")
            .switch("Force")
            .switch("NoClobber")
            .aliases(&["NoOverwrite"])
            .switch("IncludeInvocationHeader")
            .switch("UseMinimalHeader")
            .build()
    }
}

/// `20261121083500`.
fn stamp() -> String {
    date::format(date::to_local(date::now()), "yyyyMMddHHmmss").unwrap_or_default()
}

/// Where a transcript is made that nobody named: a name of its own in the home folder, or in the one that is named.
///
/// # Errors
/// `DriveNotFound`.
fn unnamed(bound: &Bound) -> Result<PathBuf, ErrorRecord> {
    let home = || std::env::var_os("HOME").map_or_else(|| PathBuf::from("."), PathBuf::from);
    let folder = match string(bound, "OutputDirectory") {
        Some(folder) => paths::native(&folder)?,
        None => home(),
    };
    let random: String = uuid::Uuid::new_v4().simple().to_string().chars().take(8).collect();
    Ok(folder.join(format!("PowerShell_transcript.{}.{random}.{}.txt", machine(), stamp())))
}

fn machine() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

fn open(path: &Path, bound: &Bound) -> Result<File, ErrorRecord> {
    use std::os::unix::fs::OpenOptionsExt;
    let there = path.metadata().ok();
    if there.is_some() && bound.switch("NoClobber") && !bound.switch("Append") {
        let message = format!("The file {} is there already, and -NoClobber was given.", path.display());
        return Err(ErrorRecord::new("NoClobber", Category::ResourceExists, message).target(path.display().to_string()));
    }
    if there.is_none()
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        let made = std::fs::create_dir_all(folder);
        made.map_err(|problem| paths::failed("CannotStartTranscription", folder, &problem))?;
    }
    let append = bound.switch("Append");
    // What is shown may be anybody's secret: a new file is its owner's alone.
    let file = OpenOptions::new().create(true).write(true).append(append).truncate(!append).mode(0o600).open(path);
    file.map_err(|problem| paths::failed("CannotStartTranscription", path, &problem))
}

fn head(bound: &Bound) -> String {
    let mut lines = vec![STARS.to_string(), "PowerShell transcript start".into(), format!("Start time: {}", stamp())];
    if !bound.switch("UseMinimalHeader") {
        let user = crate::value::statics::user_name();
        let system = rustix::system::uname();
        let (name, release) = (system.sysname().to_string_lossy(), system.release().to_string_lossy());
        let program = std::env::args().next().unwrap_or_default();
        lines.extend([
            format!("Username: {user}"),
            format!("RunAs User: {user}"),
            format!("Machine: {} ({name} {release})", machine()),
            format!("Host Application: {program}"),
            format!("Process ID: {}", std::process::id()),
            "PSVersion: 7.6.0".into(),
            "PSEdition: Core".into(),
            format!("ReeveVersion: {}", env!("CARGO_PKG_VERSION")),
            format!("OS: {name} {release}"),
        ]);
    }
    lines.push(STARS.into());
    lines.join("\n") + "\n"
}

impl Run for StartTranscript {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let named = string(bound, "Path").or_else(|| string(bound, "LiteralPath"));
        let path = paths::full(&named.map_or_else(|| unnamed(bound), |path| paths::native(&path))?);
        if !cx.should_process(&path.display().to_string(), "Start-Transcript")? {
            return Ok(());
        }
        let session = cx.session;
        if !session.host.transcribes(session.transcripts()) {
            let message = "What this session shows cannot be kept in a transcript.";
            let error = ErrorRecord::new("CannotStartTranscription", Category::InvalidOperation, message);
            return Err(error.hint("Run it in the shell or with reeve run.").into());
        }
        session.host.flush();
        session.transcripts().begin(path.clone(), open(&path, bound)?)?;
        session.transcripts().write_newest(&head(bound));
        cx.output(format!("Transcript started, output file is {}", path.display()))
    }
}

/// Stop-Transcript.
#[derive(Default)]
pub struct StopTranscript;

impl ObjectCmdlet for StopTranscript {
    const NAME: &'static str = "Stop-Transcript";
    const EXAMPLES: &'static [Example] = &[Example {
        what: "Ends the transcript that was begun last",
        run: "Start-Transcript log.txt; Stop-Transcript",
    }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).build()
    }
}

impl Run for StopTranscript {
    fn process(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        // What is still to be shown belongs into it.
        cx.session.host.flush();
        let end = format!("{STARS}\nPowerShell transcript end\nEnd time: {}\n{STARS}\n", stamp());
        match cx.session.transcripts().end(&end) {
            Some(Ok(path)) => cx.output(format!("Transcript stopped, output file is {}", path.display())),
            Some(Err(problem)) => {
                let message = format!("The transcript was not written to its end: {problem}.");
                Err(ErrorRecord::new("CannotStopTranscription", Category::WriteError, message).into())
            }
            None => {
                let message = "No transcript is being written.";
                let error = ErrorRecord::new("InvalidOperation", Category::InvalidOperation, message);
                Err(error.hint("Start-Transcript FILE begins one.").into())
            }
        }
    }
}

/// Clear-Host.
#[derive(Default)]
pub struct ClearHost;

impl ObjectCmdlet for ClearHost {
    const NAME: &'static str = "Clear-Host";
    const ALIASES: &'static [&'static str] = &["clear", "cls"];
    const EXAMPLES: &'static [Example] = &[Example { what: "An empty screen", run: "Clear-Host" }];

    fn spec() -> CmdletSpec {
        Signature::new(Self::NAME).build()
    }
}

impl Run for ClearHost {
    fn process(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        cx.session.host.clear();
        Ok(())
    }
}
