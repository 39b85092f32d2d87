//! Pools: what they keep of their users, how it goes over to the backup pool, and comes back.

mod files;
mod killed;
mod mirrored;
mod moved;
mod refused;
mod served;

use crate::support::fleet::{Fleet, wait};

const MASTER: &str = "atl-cs-001.litwareinc.com";
const DUBLIN: &str = "dub-pool.litwareinc.com";
const LONDON: &str = "lon-pool.litwareinc.com";
const DUBLIN_USERS: &str = "dub-sql-001.litwareinc.com";
const DUBLIN_FILES: &str = "dub-fs-001.litwareinc.com";
const LONDON_FILES: &str = "lon-fs-001.litwareinc.com";
const LONDON_USERS: &str = "lon-sql-001.litwareinc.com";

/// What a command writes, exit code and all streams together.
fn said(fleet: &Fleet, text: &str) -> (Option<i32>, String) {
    let ran = fleet.run(&["--dir", fleet.lab.directory.to_str().unwrap(), "-c", text]);
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    (ran.status.code(), format!("{out}{err}"))
}

/// The command is refused under an id.
#[track_caller]
fn refused(fleet: &Fleet, text: &str, id: &str) -> String {
    let (code, told) = said(fleet, text);
    assert!(code != Some(0) && told.contains(id), "{text}: {id} is not in\n{told}");
    told
}

/// The documents of a pool's users: a line each, in order, with what they hold.
fn documents(fleet: &Fleet, pool: &str) -> String {
    let text = format!(
        "Get-CsUserDocument -PoolFqdn {pool} | Sort-Object Identity, Kind | ForEach-Object {{ \"$($_.Identity) $($_.Kind) \" + ($_.Value | ConvertTo-Json -Depth 9 -Compress) }}"
    );
    fleet.shell(&text)
}

/// Waits until a pool's users are served.
fn served(fleet: &Fleet, pool: &str) {
    wait(&format!("the users of {pool} are served"), || {
        said(fleet, &format!("Get-CsUserDocument -PoolFqdn {pool} -Kind Note | Select-Object -First 1")).0 == Some(0)
    });
}

fn state(fleet: &Fleet, pool: &str) -> String {
    let text = format!("(Get-CsRegistrarConfiguration -Identity service:Registrar:{pool}).PoolState");
    fleet.shell(&text).trim().to_string()
}
