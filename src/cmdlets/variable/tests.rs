//! Tests of this folder, as far as no script is needed.

use crate::cmdlets::harness::{command, run};

#[test]
fn what_is_not_there_is_an_error_but_not_for_a_wildcard() {
    let id = "VariableNotFound,Microsoft.PowerShell.Commands.GetVariableCommand";
    assert_eq!(run(command("Get-Variable").arg("nosuch")).errors, [id]);
    assert!(run(command("Get-Variable").arg("nosuch*")).errors.is_empty());
    let id = "VariableNotFound,Microsoft.PowerShell.Commands.RemoveVariableCommand";
    assert_eq!(run(command("Remove-Variable").arg("nosuch")).errors, [id]);
}
