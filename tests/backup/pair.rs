//! Two pools that are paired, each with its server: what goes over, how much of it, and what is said of it.

use super::{noise, tree};
use crate::support::fleet::{Fleet, wait};
use reeve::backup::Module;
use reeve::backup::service::{Past, Record};
use reeve::store::{Placed, SqliteStore};
use serde_json::Value as Json;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

const ATL: &str = "atl-cs-001.litwareinc.com";
const REDMOND: &str = "redmond-cs-001.litwareinc.com";
const LARGE: usize = 64 << 20;
/// Bytes on the wire that a synchronisation may take that has nothing to do: two handshakes and two greetings.
const LITTLE: u64 = 16 << 10;
const FEW: u64 = 64 << 10;

/// A pair at work.
struct Pair(Fleet);

impl Pair {
    /// Whose files, on whose disk.
    fn files(&self, pool: &str, computer: &str) -> PathBuf {
        self.0.host(computer).join("pools").join(pool).join("files")
    }

    /// What the computer that takes a pool's data has kept of the past of a module.
    fn past(&self, pool: &str, computer: &str, module: Module) -> Record {
        let path = self.0.host(computer).join("pools").join(pool).join("backup.json");
        Past::read(&path).0.remove(&module).unwrap_or_default()
    }

    /// Synchronises now; what it did.
    fn sync(&self, module: Module) -> reeve::backup::SyncReport {
        self.0.shell(&format!("Invoke-CsBackupServiceSync -PoolFqdn {ATL} -BackupModule {}", module.name()));
        self.past(ATL, REDMOND, module).report
    }

    /// Both trees of files, alike.
    #[track_caller]
    fn alike(&self) {
        let (source, target) = (tree(&self.files(ATL, ATL)), tree(&self.files(ATL, REDMOND)));
        assert!(source == target, "{:?}", different(&source, &target));
    }

    /// The objects that a text puts out.
    fn json(&self, text: &str) -> Vec<Json> {
        let ran = self.0.run(&["--dir", self.0.lab.directory.to_str().unwrap(), "--output", "json", "-c", text]);
        let out = String::from_utf8_lossy(&ran.stdout).into_owned();
        assert!(ran.status.success(), "{text}: {out}\n{}", String::from_utf8_lossy(&ran.stderr));
        out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What a text says on the error stream, and how it ended.
    fn said(&self, text: &str) -> (Option<i32>, String) {
        let ran = self.0.run(&["--dir", self.0.lab.directory.to_str().unwrap(), "-c", text]);
        (ran.status.code(), String::from_utf8_lossy(&ran.stderr).into_owned())
    }

    fn position(&self, computer: &str) -> reeve::store::Position {
        let path = self.0.host(computer).join("pools").join(ATL).join("users.db");
        SqliteStore::open(&path).unwrap().position().unwrap()
    }
}

fn different(
    a: &std::collections::BTreeMap<String, String>,
    b: &std::collections::BTreeMap<String, String>,
) -> Vec<String> {
    let names = a.keys().chain(b.keys().filter(|name| !a.contains_key(*name)));
    names
        .filter(|name| a.get(*name) != b.get(*name))
        .map(|name| format!("{name}: {:?} {:?}", a.get(name), b.get(name)))
        .collect()
}

fn set_interval(fleet: &Fleet, interval: &str) {
    fleet.shell(&format!("Set-CsBackupServiceConfiguration -Identity global -SyncInterval {interval}"));
}

/// Rule: the cycle runs by itself; then nothing travels that need not: nothing for nothing, a few bytes for an edit in a
/// large file, none of the content for what was renamed or moved; after each the trees and the documents are alike.
#[test]
fn what_travels() {
    let mut fleet = Fleet::new();
    // Cycles shall not come between; the first one comes in any case.
    set_interval(&fleet, "03:00:00");
    let pair = |fleet| Pair(fleet);
    let large = fleet.host(ATL).join("pools").join(ATL).join("files/large.bin");
    fs::write(&large, noise(LARGE, 1)).unwrap();
    fleet.launch(&[ATL, REDMOND]);
    let pair = pair(fleet);
    for module in Module::ALL {
        wait(module.name(), || pair.past(ATL, REDMOND, module).last_success.is_some());
    }
    pair.alike();
    assert!(tree(&pair.files(ATL, ATL)).len() > 200, "the lab has files");
    assert_eq!(pair.position(ATL), pair.position(REDMOND));
    wait("the other way", || pair.past(REDMOND, ATL, Module::DataConf).last_success.is_some());
    assert_eq!(tree(&pair.files(REDMOND, REDMOND)), tree(&pair.files(REDMOND, ATL)));

    for module in Module::ALL {
        let nothing = pair.sync(module);
        assert_eq!((nothing.files, nothing.documents), (0, 0), "{module:?} {nothing:?}");
        assert!(nothing.bytes_on_wire < LITTLE, "{module:?} {nothing:?}");
    }

    fs::File::options().write(true).open(&large).unwrap().write_all_at(&noise(4096, 2), 23_456_789).unwrap();
    let edit = pair.sync(Module::DataConf);
    assert!(edit.files == 1 && edit.bytes_on_wire < FEW, "{edit:?}");
    assert!(edit.bytes_saved > LARGE as u64 - 128 * 1024, "what did not travel is said: {edit:?}");
    pair.alike();

    let files = pair.files(ATL, ATL);
    fs::rename(&large, files.join("renamed.bin")).unwrap();
    let renamed = pair.sync(Module::DataConf);
    assert!(renamed.moved == 1 && renamed.bytes_on_wire < FEW, "{renamed:?}");
    let folder = fs::read_dir(&files).unwrap().flatten().find(|entry| entry.path().is_dir()).unwrap().path();
    fs::create_dir(files.join("Archive")).unwrap();
    fs::rename(&folder, files.join("Archive").join(folder.file_name().unwrap())).unwrap();
    let moved = pair.sync(Module::DataConf);
    assert!(moved.moved >= 1 && moved.bytes_on_wire < FEW, "{moved:?}");
    pair.alike();

    pair.0.shell("New-CsVoicePolicy -Identity Carried | Out-Null");
    let fed = pair.sync(Module::CmsMaster);
    assert!(fed.documents >= 1 && fed.bytes_on_wire > 100, "what the log brought by itself counts: {fed:?}");

    pair.0.shell("Get-CsUser -Filter {RegistrarPool -eq 'atl-cs-001.litwareinc.com'} | Select-Object -First 1 | ForEach-Object { Set-CsUserDocument -Identity $_.Identity -Kind Note -Value @{Text = 'Changed'} }");
    let documents = pair.sync(Module::PresenceFocus);
    assert!(documents.documents == 1 && documents.bytes_on_wire < LITTLE, "{documents:?}");
    assert_eq!(pair.position(ATL), pair.position(REDMOND));
    println!(
        "bytes on the wire: edit {}, renamed {}, moved {}, a document {}",
        edit.bytes_on_wire, renamed.bytes_on_wire, moved.bytes_on_wire, documents.bytes_on_wire
    );

    conflicts_keep_both(&pair);
    what_is_said(&pair);
    a_source_without_memory(&pair);
    a_killed_target_goes_on(pair);
}

/// Rule: what both sides changed is kept twice, and is said; so is what the target changed alone, and what the source
/// deleted meanwhile; of what is never followed one warning says how much it is, and -Verbose what.
fn conflicts_keep_both(pair: &Pair) {
    let (here, there) = (pair.files(ATL, ATL).join("both.txt"), pair.files(ATL, REDMOND).join("both.txt"));
    fs::write(&here, "first").unwrap();
    pair.sync(Module::DataConf);
    fs::write(&here, "changed at the source").unwrap();
    fs::write(&there, "changed at the target").unwrap();
    let (code, said) = pair.said(&format!("Invoke-CsBackupServiceSync -PoolFqdn {ATL} -BackupModule DataConf"));
    assert!(code == Some(0) && said.contains("both.txt") && said.contains("both sides changed it"), "{code:?} {said}");
    assert_eq!(fs::read_to_string(&there).unwrap(), "changed at the source");
    let kept = fs::read_dir(there.parent().unwrap()).unwrap().flatten().map(|entry| entry.path());
    let kept: Vec<_> =
        kept.filter(|path| fs::read(path).is_ok_and(|bytes| bytes == b"changed at the target")).collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    fs::remove_file(&kept[0]).unwrap();

    let order = format!("Invoke-CsBackupServiceSync -PoolFqdn {ATL} -BackupModule DataConf");
    fs::write(&there, "changed at the target").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", here.with_file_name("out")).unwrap();
    std::os::unix::fs::symlink("/etc/group", here.with_file_name("out2")).unwrap();
    let (_, said) = pair.said(&order);
    assert!(said.contains("changed here alone") && !said.contains("both sides changed"), "{said}");
    assert!(said.matches("never followed").count() == 1 && said.contains("2 entries"), "{said}");
    assert!(!said.contains("out2"), "{said}");
    fs::write(&there, "changed at the target").unwrap();
    fs::remove_file(&here).unwrap();
    let (_, said) = pair.said(&format!("{order} -Verbose"));
    assert!(said.contains("both.txt") && said.contains("the source deleted or moved it"), "{said}");
    assert!(said.contains("out2: a link that leads out of the tree"), "{said}");
    assert_eq!(fs::read_to_string(&there).unwrap(), "changed at the target");
    for path in [&here.with_file_name("out"), &here.with_file_name("out2")] {
        fs::remove_file(path).unwrap();
    }
    for entry in fs::read_dir(there.parent().unwrap()).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with("both.") {
            fs::remove_file(entry.path()).unwrap();
        }
    }
    fs::write(&here, "as before").unwrap();
    pair.sync(Module::DataConf);
}

/// Rule: the commands of the pages run as they are printed; the states are the documented ones, both directions in one
/// view; every error of use has its id and changes nothing.
fn what_is_said(pair: &Pair) {
    let all = format!("Invoke-CsBackupServiceSync -PoolFqdn \"{ATL}\"");
    assert_eq!(pair.0.shell(&all), "");
    let (_, said) = pair.said(&format!("{all} -Verbose"));
    assert!(said.contains("documents") && said.contains("bytes on the wire"), "{said}");
    let (code, said) = pair.said(&format!("'{REDMOND}', 'nowhere.litwareinc.com', '{ATL}' | Invoke-CsBackupServiceSync -BackupModule ConfServices.DataConf -Verbose"));
    assert!(code == Some(1) && said.contains("PoolNotFound"), "{code:?} {said}");
    assert!(
        said.contains(&format!("{ATL}, ConfServices")) && said.contains(&format!("{REDMOND}, ConfServices")),
        "{said}"
    );
    for (text, id) in [
        ("Invoke-CsBackupServiceSync -PoolFqdn atl-cs-01.litwareinc.com", "PoolNotFound"),
        ("Invoke-CsBackupServiceSync -PoolFqdn atl-edge-001.litwareinc.com", "PoolNotPaired"),
        ("Get-CsBackupServiceStatus -PoolFqdn atl-edge-001.litwareinc.com", "PoolNotPaired"),
        ("Get-CsPoolBackupRelationship -PoolFqdn atl-edge-001.litwareinc.com", "PoolNotPaired"),
        (
            "Invoke-CsBackupServiceSync -PoolFqdn redmond-cs-001.litwareinc.com -BackupModule CMSMaster",
            "BackupModuleNotHere",
        ),
        (
            "Invoke-CsBackupServiceSync -PoolFqdn atl-cs-001.litwareinc.com -BackupModule DataKonf",
            "ParameterArgumentValidationError",
        ),
        ("$name = 'DataKonf'; Backup-CsPool -PoolFqdn nowhere", "PoolNotFound"),
        ("Backup-CsPool -PoolFqdn atl-cs-001.litwareinc.com -Category UserDate", "ParameterArgumentValidationError"),
        (
            "$kind = 'Files'; Backup-CsPool -PoolFqdn atl-cs-001.litwareinc.com -Category $kind",
            "ParameterArgumentValidationError",
        ),
    ] {
        let (code, said) = pair.said(text);
        assert!(code != Some(0) && said.contains(id), "{text}: {code:?} {said}");
    }
    let status = pair.json(&format!("Get-CsBackupServiceStatus -PoolFqdn {ATL}")).remove(0);
    let modules = status["BackupModules"].as_array().unwrap();
    assert_eq!(modules.len(), 3, "{status}");
    for module in modules {
        assert!(["FinalState", "SteadyState"].contains(&module["ExportStatus"].as_str().unwrap()), "{module}");
        assert_eq!(module["ImportStatus"], "NormalState", "{module}");
        assert_eq!(module["Expected"], true, "{module}");
    }
    // Pools from the pipeline, by value and by property; one that is none does not stop the next.
    let several = format!(
        "'{ATL}', 'nowhere.litwareinc.com', [pscustomobject]@{{PoolFqdn = '{REDMOND}'}} | Get-CsBackupServiceStatus -Category UserData | ForEach-Object {{\"$($_.PoolFqdn): $($_.BackupModules.Count)\"}}"
    );
    let ran = pair.0.run(&["--dir", pair.0.lab.directory.to_str().unwrap(), "-c", &several]);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&ran.stdout), text(&ran.stderr));
    let lines: Vec<&str> = out.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(lines, [format!("{ATL}: 2"), format!("{REDMOND}: 2")], "{err}");
    assert!(ran.status.code() == Some(1) && err.contains("PoolNotFound"), "{err}");
    let directions = status["Directions"].as_array().unwrap();
    assert_eq!(directions.len(), 6, "{status}");
    let cms =
        directions.iter().find(|way| way["PoolFqdn"] == REDMOND && way["Identity"] == "CentralMgmt.CMSMaster").unwrap();
    assert!(cms["ExportStatus"] == "NotInitialized" && cms["Expected"] == true, "{cms}");
    let table =
        pair.0.shell(&format!("(Get-CsBackupServiceStatus -PoolFqdn {ATL}).BackupModules | Format-Table | Out-String"));
    assert!(
        table.contains("ExportStatus") && table.contains("UserServices.PresenceFocus") && !table.contains("Cause"),
        "{table}"
    );
    let failed = pair.0.shell(&format!("@(Test-CsPoolPairing {ATL} | Where-Object {{-not $_.Passed}}).Count"));
    let checks = pair.0.shell(&format!("Test-CsPoolPairing {ATL} | Format-List | Out-String"));
    assert_eq!(failed.trim(), "0", "{checks}");

    // Compared anew, though nothing is known any more: alike, and the files that are alike do not become two.
    let before = tree(&pair.files(ATL, REDMOND));
    pair.0.shell(&format!(
        "Backup-CsPool -PoolFqdn {ATL} -FullBackup -SteadyState -WaitTime 00:01:00 -Report {}",
        pair.0.path("report.html").display()
    ));
    assert_eq!(before, tree(&pair.files(ATL, REDMOND)));
    let page = fs::read_to_string(pair.0.path("report.html")).unwrap();
    assert!(page.contains("ConfServices.DataConf") && page.contains("FinalState"), "{page}");
    let full = pair.past(ATL, REDMOND, Module::DataConf).report;
    println!("bytes on the wire: a full backup of what is there {}", full.bytes_on_wire);
    assert!(full.conflicts.is_empty() && full.files == 0 && full.bytes_on_wire < 256 << 10, "{full:?}");
}

/// Rule: a source that lost its memory takes nothing away at the copy, and says by which command somebody may say that
/// it counts; that command makes it so.
fn a_source_without_memory(pair: &Pair) {
    let (here, there) = (pair.files(ATL, ATL), pair.files(ATL, REDMOND));
    fs::remove_file(here.join("both.txt")).unwrap();
    fs::remove_file(here.with_file_name("files.index")).unwrap();
    let (code, said) = pair.said(&format!("Backup-CsPool -PoolFqdn {ATL} -Category UserData -FullBackup"));
    let command = format!("Backup-CsPool -PoolFqdn {ATL} -Category UserData -FullBackup -Force");
    // As it is written, whatever the width of the screen.
    let said = said.split(|c: char| c.is_whitespace() || c == '│').filter(|word| !word.is_empty());
    let said = said.collect::<Vec<_>>().join(" ");
    assert!(code == Some(1) && said.contains("FileSyncSourceNew") && said.contains(&command), "{code:?} {said}");
    assert!(there.join("both.txt").exists());
    pair.0.shell(&command);
    assert!(!there.join("both.txt").exists());
    pair.alike();
}

/// Rule: a target that is killed while it takes files goes on where it was; a changed interval takes effect at once; what
/// cannot be reached is a state with its cause.
fn a_killed_target_goes_on(pair: Pair) {
    let Pair(mut fleet) = pair;
    fs::write(fleet.host(ATL).join("pools").join(ATL).join("files/again.bin"), noise(LARGE, 5)).unwrap();
    let asked = fleet
        .command(&[
            "--dir",
            fleet.lab.directory.to_str().unwrap(),
            "-c",
            &format!("Invoke-CsBackupServiceSync -PoolFqdn {ATL} -BackupModule DataConf"),
        ])
        .spawn();
    let staged = fleet.host(REDMOND).join("pools").join(ATL).join("files");
    let size = || walk(&staged);
    let before = size();
    wait("something has come", || size() > before + (4 << 20));
    fleet.kill(REDMOND);
    let ended = asked.unwrap().wait().unwrap();
    assert!(!ended.success() || !fleet.runs(REDMOND));
    let pair = Pair(fleet);
    let status = pair.json(&format!(
        "(Get-CsBackupServiceStatus -PoolFqdn {ATL}).BackupModules | Select-Object Identity, ExportStatus, Cause"
    ));
    assert_eq!(status.len(), 3);
    for module in &status {
        assert!(
            module["ExportStatus"] == "ErrorState" && module["Cause"].as_str().unwrap().contains("HostUnreachable"),
            "{module}"
        );
    }
    let Pair(mut fleet) = pair;
    set_interval(&fleet, "00:00:05");
    fleet.start(REDMOND);
    let pair = Pair(fleet);
    wait("the trees are alike again", || tree(&pair.files(ATL, ATL)) == tree(&pair.files(ATL, REDMOND)));
    fs::write(pair.files(ATL, ATL).join("by-itself.txt"), "the cycle takes it").unwrap();
    let there = pair.files(ATL, REDMOND).join("by-itself.txt");
    wait("the cycle takes it", || there.exists());
}

/// Bytes of all files below a folder.
fn walk(folder: &std::path::Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => walk(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}
