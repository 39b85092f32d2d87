//! What is refused without a server, and what is seen of it.

use crate::support::shell::Bench;

/// The ids of the errors of a command.
fn ids(bench: &Bench, text: &str) -> Vec<String> {
    bench.run(text).errors.into_iter().map(|(id, _)| id).collect()
}

/// Rule: every error of use has its id, and nothing is changed.
#[test]
fn errors_of_use_have_their_ids() {
    let bench = Bench::new();
    for (text, id) in [
        ("Invoke-CsPoolFailOver -PoolFqdn dub-poool.litwareinc.com", "PoolNotFound"),
        ("Invoke-CsPoolFailOver -PoolFqdn dub-sql-001.litwareinc.com", "RegistrarNotFound"),
        ("Invoke-CsPoolFailOver -PoolFqdn atl-cs-001.litwareinc.com", "StoreNotFailedOver"),
        ("Invoke-CsPoolFailOver -PoolFqdn dub-pool.litwareinc.com", "TargetUnreachable"),
        ("Invoke-CsPoolFailBack -PoolFqdn dub-pool.litwareinc.com", "PoolNotFailedOver"),
        ("Get-CsUserDocument -Identity \"Ken Mier\"", "ManagementObjectNotFound"),
        ("Get-CsUserDocument -PoolFqdn dub-sql-001.litwareinc.com", "RoleNotPresent"),
        ("Get-CsUserDocument -PoolFqdn dub-pool.litwareinc.com", "HostUnreachable"),
        (
            "Remove-CsUserDocument \"Pilar Ackerman\" Note; Remove-CsUserDocument \"Pilar Ackerman\" Note",
            "ManagementObjectNotFound",
        ),
        ("Set-CsUserDocument \"Pilar Ackerman\" Note (\"x\" * 300000)", "UserDocumentTooLarge"),
        ("Set-CsEdgeServer -Identity EdgeServer:atl-edge-001.litwareinc.com", "NothingToChange"),
        (
            "Set-CsEdgeServer -Identity Registrar:dub-pool.litwareinc.com -Registrar Registrar:dub-pool.litwareinc.com",
            "InvalidService",
        ),
    ] {
        assert!(ids(&bench, text).contains(&id.to_string()), "{text}: {:?}", bench.run(text).errors);
    }
}

/// Rule: -WhatIf tells all that refuses in one list, with both ways to change the next hop of an Edge pool.
#[test]
fn what_if_tells_everything_at_once() {
    let bench = Bench::new();
    let what_if = "Invoke-CsPoolFailOver -PoolFqdn atl-cs-001.litwareinc.com -WhatIf";
    let ran = bench.run(what_if);
    assert!(ran.errors.is_empty(), "{:?}", ran.errors);
    let told = ran.told.join("\n");
    for word in
        ["StoreNotFailedOver", "EdgeNextHop", "atl-edge-001.litwareinc.com", "Set-CsEdgeServer", "Publish-CsTopology"]
    {
        assert!(told.contains(word), "{word} is not in\n{told}");
    }
    let edge = "Set-CsEdgeServer -Identity EdgeServer:atl-edge-001.litwareinc.com -Registrar Registrar:redmond-cs-001.litwareinc.com";
    let told = bench.run(&format!("{edge}\n{what_if}")).told.join("\n");
    assert!(told.contains("StoreNotFailedOver") && !told.contains("EdgeNextHop: EdgeNextHop"), "{told}");
}

/// Rule: while a pool is on its way its users can change nothing that lasts, and are seen.
#[test]
fn users_in_resiliency_mode_change_nothing() {
    let bench = Bench::new();
    let set = "Set-CsUserDocument \"Pilar Ackerman\" Note @{Text = \"x\"}";
    let remove = "Remove-CsUserDocument \"Pilar Ackerman\" Note";
    let on = "New-CsRegistrarConfiguration -Identity service:Registrar:atl-cs-001.litwareinc.com -PoolState FailingOver | Out-Null";
    let off = "Set-CsRegistrarConfiguration -Identity service:Registrar:atl-cs-001.litwareinc.com -PoolState Active";
    assert!(ids(&bench, set).is_empty());
    for change in [set, remove] {
        assert_eq!(ids(&bench, &format!("{on}\n{change}")), ["UserInResiliencyMode"]);
    }
    assert!(ids(&bench, &format!("{on}\nGet-CsUserDocument \"Pilar Ackerman\"")).is_empty());
    assert!(ids(&bench, &format!("{on}\n{off}\n{set}")).is_empty());
}
