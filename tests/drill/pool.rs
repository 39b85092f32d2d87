//! A pool is lost, and served by its backup pool until it is back.

use super::{ATLANTA, REDMOND, Site};
use crate::support::fleet::wait;
use std::collections::BTreeMap;
use std::path::Path;

const POOL: &str = REDMOND;

/// Every file below a folder, with the hash of what is in it.
fn tree(root: &Path) -> BTreeMap<String, String> {
    let (mut found, mut open) = (BTreeMap::new(), vec![root.to_path_buf()]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
                found.insert(name, blake3::hash(&std::fs::read(&path).unwrap()).to_string());
            }
        }
    }
    found
}

/// Documents, files and bytes on the wire of each line that a synchronisation says.
fn moved(said: &str) -> Vec<(u64, u64, u64)> {
    let number = |line: &str, before: &str| -> u64 {
        let head = line.split(before).next().unwrap();
        head.rsplit([' ', ',']).find(|word| !word.is_empty()).unwrap().parse().unwrap()
    };
    let lines = said.lines().filter(|line| line.contains(" bytes on the wire"));
    let of = |line: &str| (number(line, " documents"), number(line, " files"), number(line, " bytes on the wire"));
    lines.map(of).collect()
}

/// Rule: a second synchronisation moves no document and no file; the backup pool of a pool that is lost serves its users
/// with what was synchronised, takes changes, and gives all of it back; a failover that cannot write its
/// export changes nothing.
#[test]
fn lost_served_elsewhere_and_back() {
    let mut site = Site::with_data();
    let users = "Get-CsUser -Filter {RegistrarPool -eq \"redmond-cs-001.litwareinc.com\"}";
    let user = site.lab(&format!("({users} | Select-Object -First 1).SamAccountName")).ok().out.trim().to_string();
    let note = |text: &str| format!("Set-CsUserDocument -Identity \"{user}\" -Kind Note -Value @{{Text = \"{text}\"}}");
    let reads = format!("(Get-CsUserDocument \"{user}\" -Kind Note).Value.Text");
    site.lab(&note("before")).ok();
    let sync = format!("Invoke-CsBackupServiceSync -PoolFqdn {POOL} -Verbose");
    site.lab(&sync).ok();
    let again = site.lab(&sync).ok();
    let all = format!("{}{}", again.out, again.err);
    let second = moved(&all);
    assert!(second.len() >= 2, "{all}");
    for (documents, files, bytes) in second {
        assert!(documents == 0 && files == 0 && bytes < 64 << 10, "{all}");
    }
    let files = |site: &Site, computer: &str| tree(&site.host(computer).join("pools").join(POOL).join("files"));
    let own = files(&site, REDMOND);
    assert!(own.len() > 100, "{}", own.len());
    assert_eq!(files(&site, ATLANTA), own);

    // A failover that cannot write its export is undone, and succeeds once it can.
    let over = format!("Invoke-CsPoolFailOver -PoolFqdn {POOL} -Confirm:$false");
    let exports = site.host(ATLANTA).join("pools").join(POOL).join("exports");
    std::fs::write(&exports, "").unwrap();
    let stopped = site.lab(&over);
    assert_ne!(stopped.code, Some(0), "{stopped:?}");
    assert_eq!(site.lab(&reads).ok().out.trim(), "before");
    std::fs::remove_file(&exports).unwrap();
    site.lab(&over).ok();
    let served = format!("(Get-CsUserPoolInfo \"{user}\").UserServicesPoolFqdn");
    assert_eq!(site.lab(&served).ok().out.trim(), ATLANTA);
    assert_eq!(site.lab(&reads).ok().out.trim(), "before");
    let back = format!("Invoke-CsPoolFailBack -PoolFqdn {POOL} -Confirm:$false");
    site.lab(&back).ok();
    assert_eq!(site.lab(&served).ok().out.trim(), REDMOND);

    // The disaster.
    site.lab(&note("last")).ok();
    site.lab(&sync).ok();
    site.kill(REDMOND);
    site.lab(&format!("Invoke-CsPoolFailOver -PoolFqdn {POOL} -DisasterMode -Confirm:$false")).ok();
    assert_eq!(site.lab(&served).ok().out.trim(), ATLANTA);
    assert_eq!(site.lab(&reads).ok().out.trim(), "last");
    site.lab(&note("meanwhile")).ok();
    site.start(REDMOND);
    wait("the pool gets its users back", || site.lab(&back).code == Some(0));
    assert_eq!(site.lab(&served).ok().out.trim(), REDMOND);
    assert_eq!(site.lab(&reads).ok().out.trim(), "meanwhile");
    assert_eq!(files(&site, REDMOND), own);
}
