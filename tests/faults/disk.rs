//! A disk that is full.

use super::{DUBLIN, MASTER, Site};
use crate::host::fleet::{REEVE, health, wait};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A server as a process, which ends with the test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(site: &Site, mut command: Command) -> Serving {
    let host = site.host(DUBLIN);
    let log = std::fs::File::create(site.path("serve.log")).unwrap();
    command.current_dir(&host).env("REEVE", REEVE).env("LISTEN", site.address(DUBLIN).to_string());
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log);
    let serving = Serving(command.spawn().unwrap());
    wait("it answers", || health(&host).is_some());
    serving
}

fn largest(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| file.metadata().ok()).map(|data| data.len()).max().unwrap_or(0)
}

/// What has to come of it, whatever made the disk full.
fn full_and_back(site: &Site, version: u64, make_room: impl FnOnce()) {
    site.last_error(DUBLIN, "ReplicaDiskFull");
    let state = site.until(DUBLIN, "it is behind", |state| !state.up_to_date);
    assert!(state.reason.as_ref().is_some_and(|reason| reason.contains("ReplicaDiskFull")), "{state:?}");
    wait("its own health says so", || {
        health(&site.host(DUBLIN)).is_some_and(|health| {
            !health.healthy && health.reasons.get("Replica").is_some_and(|text| text.contains("ReplicaDiskFull"))
        })
    });
    site.up_to_date(&[MASTER]);
    make_room();
    let state = site.until(DUBLIN, "up to date by itself", |state| state.up_to_date);
    assert_eq!((state.version_held >= Some(version), state.last_error), (true, None));
}

/// Rule: a replica whose files may not grow says that its disk is full, keeps what it has, and goes on by itself when
/// there is room. The signal that the system sends ends no server.
#[test]
fn a_limit_on_files_is_a_full_disk() {
    let mut site = Site::new(&[MASTER, DUBLIN]);
    site.start(MASTER);
    let mut command = Command::new(REEVE);
    command.args(["serve", "--with-parent", "--dir", ".", "--listen", &site.address(DUBLIN).to_string()]);
    let serving = start(&site, command);
    site.up_to_date(&[DUBLIN]);
    let process = Pid::from_child(&serving.0);
    let limit = |bytes: Option<u64>| {
        let now = rustix::process::getrlimit(Resource::Fsize);
        prlimit(Some(process), Resource::Fsize, Rlimit { current: bytes, maximum: now.maximum }).unwrap();
    };
    let most = largest(&site.host(DUBLIN).join("replica")).max(1 << 20);
    limit(Some(most));
    let version = site.change("large", usize::try_from(most).unwrap() * 3);
    full_and_back(&site, version, || limit(None));
}

/// Rule: the same on a small file system, where the system lets us mount one.
#[test]
fn a_full_file_system_is_told_and_outlasted() {
    let allowed = Command::new("unshare").args(["-rm", "true"]).stderr(Stdio::null()).status();
    if !allowed.is_ok_and(|status| status.success()) {
        return;
    }
    let mut site = Site::new(&[MASTER, DUBLIN]);
    site.start(MASTER);
    std::fs::create_dir(site.host(DUBLIN).join("replica")).unwrap();
    let script = "mount -t tmpfs -o size=6m,mode=0700 tmpfs replica && \
                  exec \"$REEVE\" serve --with-parent --dir . --listen \"$LISTEN\"";
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", script]);
    let serving = start(&site, command);
    site.up_to_date(&[DUBLIN]);
    let version = site.change("large", 16 << 20);
    let remount = ["-U", "-m", "--preserve-credentials", "mount", "-o", "remount,size=128m", "replica"];
    full_and_back(&site, version, || {
        let place = site.host(DUBLIN).join("replica");
        let (last, rest) = remount.split_last().unwrap();
        assert_eq!(*last, "replica");
        let ran = Command::new("nsenter").args(["-t", &serving.0.id().to_string()]).args(rest).arg(place).status();
        assert!(ran.unwrap().success());
    });
}
