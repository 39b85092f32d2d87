//! `reeve lab` with a server for every computer.

use crate::host::fleet::{PATIENCE, REEVE, health, pause, wait};
use rustix::process::{Pid, Signal, kill_process};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Instant;

fn lab(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(REEVE);
    command.arg("lab").args(arguments).current_dir(folder).env_clear();
    command
        .env("HOME", folder)
        .env("TMPDIR", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[track_caller]
fn text(ran: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{out}\n{err}");
    out.into_owned()
}

/// A lab that is ended with the test, however that ends.
struct Starter(Child);

impl Drop for Starter {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The host directories of a lab.
fn hosts(lab: &Path) -> Vec<PathBuf> {
    let hosts = std::fs::read_dir(lab.join("hosts")).into_iter().flatten().flatten();
    hosts.map(|entry| entry.path()).collect()
}

/// Whether a process is no longer there; one that nobody has buried yet has ended too.
fn ended(process: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) else { return true };
    stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z'))
}

/// Waits until all servers of a lab answer; gives their processes.
fn processes(lab: &Path, starter: &mut Starter) -> Vec<u32> {
    let start = Instant::now();
    loop {
        let hosts = hosts(lab);
        let up: Vec<u32> = hosts.iter().filter_map(|host| Some(health(host)?.process)).collect();
        if !hosts.is_empty() && up.len() == hosts.len() {
            return up;
        }
        assert!(starter.0.try_wait().unwrap().is_none(), "the lab has ended");
        assert!(start.elapsed() < PATIENCE, "{} of {} servers answer", up.len(), hosts.len());
        pause();
    }
}

/// Rule: a lab is up in a few seconds, every replica up to date; a second one attaches and leaves the servers running;
/// all of them end with the first, even where it is killed.
#[test]
fn servers_end_with_the_lab_that_started_them() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("mine");
    let mut first = Starter(lab(folder.path(), &["--dir", "mine", "-c", "Start-Sleep 600"]).spawn().unwrap());
    let running = processes(&place, &mut first);
    assert_eq!(running.len(), 17);

    let second = lab(folder.path(), &["--dir", "mine"]).output().unwrap();
    let said = text(&second);
    assert!(said.contains("run already"), "{said}");
    assert_eq!(said.matches("UpToDate").count(), 8, "{said}");
    assert!(said.contains("127.0.0.1:") && said.contains("CsAdministrator"), "{said}");
    let made =
        lab(folder.path(), &["--dir", "mine", "-c", "(New-CsVoicePolicy -Identity Two).Identity"]).output().unwrap();
    assert!(text(&made).contains("Tag:Two"));
    assert!(running.iter().all(|process| !ended(*process)), "they stay when the second leaves");

    kill_process(Pid::from_child(&first.0), Signal::KILL).unwrap();
    first.0.wait().unwrap();
    wait("all servers end", || running.iter().all(|process| ended(*process)));

    let again =
        lab(folder.path(), &["--dir", "mine", "-c", "(Get-CsVoicePolicy -Identity Two).Identity"]).output().unwrap();
    assert!(text(&again).contains("Tag:Two"), "it starts again with what it had");
}

/// Rule: a temporary lab leaves nothing behind, whether it ends by itself or by SIGTERM; it runs real topologies.
#[test]
fn a_temporary_lab_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let empty = || {
        !std::fs::read_dir(folder.path()).unwrap().flatten().any(|e| e.file_name().to_string_lossy().contains("lab"))
    };
    for topology in ["topology/enterprise-pool.xml", "topology/contoso.tbxml"] {
        let Some(file) = crate::support::shared(topology) else { return };
        let ran = lab(folder.path(), &["--topology", file.to_str().unwrap()]).output().unwrap();
        let said = text(&ran);
        assert!(said.contains("Master") && said.contains("UpToDate"), "{said}");
        assert!(empty(), "{topology}");
    }
    let file = crate::support::shared("topology/enterprise-pool.xml").unwrap();
    let mut first =
        Starter(lab(folder.path(), &["--topology", file.to_str().unwrap(), "-c", "Start-Sleep 600"]).spawn().unwrap());
    let found = || {
        let entries = std::fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.path());
        // Not the place beside it where it is being made.
        let made =
            |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("reeve-lab-"));
        entries.into_iter().find(|path| made(path) && path.join("lab.json").exists())
    };
    wait("it is made", || found().is_some());
    let running = processes(&found().unwrap(), &mut first);
    kill_process(Pid::from_child(&first.0), Signal::TERM).unwrap();
    first.0.wait().unwrap();
    assert!(empty());
    wait("all servers end", || running.iter().all(|process| ended(*process)));
}
