//! Tests of this folder: what cmdlets say of what is not there.

use crate::cmdlets::harness::{command, run};

#[test]
fn what_is_not_there_is_named_by_powershells_id() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("no").join("such.txt").display().to_string();
    for name in ["Get-Item", "Get-ChildItem", "Remove-Item", "Copy-Item", "Get-Content", "Clear-Content"] {
        let class = format!("Microsoft.PowerShell.Commands.{}Command", name.replace('-', ""));
        assert_eq!(run(command(name).arg(nowhere.clone())).errors, [format!("PathNotFound,{class}")], "{name}");
    }
    assert_eq!(run(command("Test-Path").arg(nowhere.clone())).shown(), ["False"]);
    let set = run(command("Set-Content").arg(nowhere).arg("x"));
    assert_eq!(set.errors, ["GetContentWriterDirectoryNotFoundError,Microsoft.PowerShell.Commands.SetContentCommand"]);
}

#[test]
fn files_come_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    assert!(run(command("New-Item").arg(at("d/e")).with("ItemType", "Directory")).errors.is_empty());
    run(command("Set-Content").arg(at("d/a.txt")).arg("x"));
    run(command("Add-Content").arg(at("d/a.txt")).arg("y"));
    assert_eq!(run(command("Get-Content").arg(at("d/a.txt"))).shown(), ["x", "y"]);
    run(command("Copy-Item").arg(at("d")).arg(at("f")).on("Recurse"));
    assert_eq!(run(command("Get-ChildItem").arg(at("f")).on("Name")).shown(), ["e", "a.txt"]);
    assert_eq!(run(command("Get-ChildItem").arg(at("f/*.txt"))).shown(), [at("f/a.txt")]);
    run(command("Remove-Item").arg(at("f")).on("Recurse"));
    assert_eq!(run(command("Test-Path").arg(at("f"))).shown(), ["False"]);
}
