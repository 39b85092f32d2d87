//! A pool whose user store has a mirror: it begins by itself, and each change is at the mirror too.

use super::{MASTER, said, served};
use crate::support::fleet::{Fleet, wait};
use reeve::topology::Topology;

const MIRROR: &str = "atl-sql-002.litwareinc.com";
const REDMOND: &str = "redmond-cs-001.litwareinc.com";

/// Rule: a user store begins at its primary once every other place has said that it has nothing; what was changed is at
/// the mirror when it takes over, though the primary is killed right after.
#[test]
fn the_mirror_has_every_change() {
    let text = include_str!("../../stdlib/topology/litwareinc-mirrored.xml");
    let mut fleet = Fleet::of(Topology::parse(text).unwrap());
    fleet.launch(&[MASTER, MIRROR, REDMOND]);
    served(&fleet, MASTER);
    fleet.shell("New-CsOU Lisbon | Out-Null");
    fleet.shell(&format!(
        "New-CsAdUser ada -FirstName Ada -LastName Byron -OU Lisbon | Enable-CsUser -RegistrarPool {MASTER} -SipAddress sip:ada@litwareinc.com"
    ));
    let mirrored = "(Get-CsDatabaseMirrorState -PoolFqdn atl-cs-001.litwareinc.com -DatabaseType User | Out-String)";
    wait("the mirror has everything", || said(&fleet, mirrored).1.matches(": synchronized").count() == 2);
    fleet.shell("Set-CsUserDocument ada Note @{Text = \"At both\"}");
    let (code, told) = said(
        &fleet,
        &format!(
            "Invoke-CsDatabaseFailover -PoolFqdn {MASTER} -DatabaseType User -NewPrincipal mirror -Confirm:$false"
        ),
    );
    assert_eq!(code, Some(0), "{told}");
    let note = "(Get-CsUserDocument ada -Kind Note).Value.Text";
    assert_eq!(fleet.shell(note).trim(), "At both");
    let info = fleet.shell("(Get-CsUserPoolInfo ada).UserServicesPoolFqdn");
    assert_eq!(info.trim(), MASTER, "the mirror is the pool's own");
    fleet.shell("Set-CsUserDocument ada Note @{Text = \"From the mirror\"}");
    assert_eq!(fleet.shell(note).trim(), "From the mirror");
}
