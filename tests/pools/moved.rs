//! Users who move from one pool to another.

use super::{DUBLIN, DUBLIN_USERS, LONDON, LONDON_USERS, MASTER, documents, refused, said, served};
use crate::support::fleet::Fleet;

/// The lines of one user.
fn of(documents: &str, user: &str) -> Vec<String> {
    documents.lines().filter(|line| line.contains(user)).map(String::from).collect()
}

/// Rule: what the old pool keeps of a user goes along; where that pool is lost the account moves with -Force alone.
#[test]
fn documents_go_along() {
    let mut fleet = Fleet::new();
    fleet.launch(&[MASTER, DUBLIN_USERS, LONDON_USERS]);
    served(&fleet, DUBLIN);
    served(&fleet, LONDON);
    let two = "Get-CsUser | Where-Object RegistrarPool -eq dub-pool.litwareinc.com | Select-Object -First 2";
    let names = fleet.shell(&format!("{two} | ForEach-Object DistinguishedName"));
    let [one, other] = &names.lines().map(str::trim).collect::<Vec<_>>()[..] else { panic!("{names}") };
    let before = documents(&fleet, DUBLIN);
    let own = of(&before, one);
    assert!(own.len() > 1, "{before}");

    fleet.shell(&format!("Move-CsUser '{one}' -Target {LONDON} -WhatIf"));
    assert_eq!(documents(&fleet, DUBLIN), before, "-WhatIf touches nothing");
    fleet.shell(&format!("Move-CsUser '{one}' -Target {LONDON}"));
    assert_eq!(of(&documents(&fleet, LONDON), one), own);
    assert_eq!(of(&documents(&fleet, DUBLIN), one), Vec::<String>::new());
    assert_eq!(of(&documents(&fleet, DUBLIN), other), of(&before, other));

    // Back again, with one document less and another one changed.
    fleet.shell(&format!("Remove-CsUserDocument '{one}' Note; Set-CsUserDocument '{one}' Presence @{{ A = 1 }}"));
    let changed = of(&documents(&fleet, LONDON), one);
    assert_ne!(changed, own);
    fleet.shell(&format!("Move-CsUser '{one}' -Target {DUBLIN}"));
    assert_eq!(of(&documents(&fleet, DUBLIN), one), changed);

    fleet.kill(DUBLIN_USERS);
    refused(&fleet, &format!("Move-CsUser '{other}' -Target {LONDON} -ErrorAction Stop"), "HostUnreachable");
    let pool = |name: &str| fleet.shell(&format!("(Get-CsUser '{name}').RegistrarPool")).trim().to_string();
    assert_eq!(pool(other), DUBLIN);
    let (code, told) = said(&fleet, &format!("Move-CsUser '{other}' -Target {LONDON} -Force"));
    assert!(code == Some(0) && told.contains("WARNING"), "{told}");
    assert_eq!(pool(other), LONDON);
}
