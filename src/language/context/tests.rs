//! What completion is told.

use super::*;

struct Few;
impl Names for Few {
    fn is_command(&self, name: &str) -> bool {
        ["get-cspool", "where-object", "select-object", "grant-csvoicepolicy"].contains(&&*name.to_lowercase())
    }
    fn alias(&self, _: &str) -> Option<String> {
        None
    }
    fn is_verb(&self, verb: &str) -> bool {
        matches!(&*verb.to_lowercase(), "get" | "grant" | "where" | "select")
    }
    fn is_variable(&self, name: &str) -> bool {
        name == "pools"
    }
    fn is_function(&self, _: &str) -> bool {
        false
    }
}

fn at(text: &str) -> Context {
    context_at(text, text.len(), Mode::Rhai, &Few)
}

fn argument(command: &str, parameter: Option<&str>, position: usize) -> Expects {
    Expects::Argument { command: command.into(), parameter: parameter.map(Into::into), position }
}

#[test]
fn what_is_expected() {
    let parameter = |command: &str| Expects::Parameter { command: command.into() };
    let member = |target: &str| Expects::Member { target: target.into(), is_static: false };
    for (text, expects, word) in [
        ("", Expects::Command, ""),
        ("Get-CsP", Expects::Command, "Get-CsP"),
        ("get", Expects::Command, "get"),
        ("let x = Get-Cs", Expects::Command, "Get-Cs"),
        ("Get-CsPool ", argument("Get-CsPool", None, 0), ""),
        ("Get-CsPool -", parameter("Get-CsPool"), "-"),
        ("Get-CsPool -Id", parameter("Get-CsPool"), "-Id"),
        ("Get-CsPool -Identity ", argument("Get-CsPool", Some("Identity"), 0), ""),
        ("Get-CsPool -Identity \"atl", argument("Get-CsPool", Some("Identity"), 0), "atl"),
        ("Get-CsPool -Identity:at", argument("Get-CsPool", Some("Identity"), 0), "at"),
        ("Get-CsPool a b", argument("Get-CsPool", None, 1), "b"),
        ("Get-CsPool -Site a, b", argument("Get-CsPool", Some("Site"), 0), "b"),
        ("Get-CsPool | ", Expects::Command, ""),
        ("Get-CsPool | Sel", Expects::Command, "Sel"),
        ("Get-CsPool | Select-Object ", argument("Select-Object", None, 0), ""),
        ("Get-CsPool | Where-Object { $_.", member("$_"), ""),
        ("Get-CsPool | Where-Object { $_.Si", member("$_"), "Si"),
        ("Get-CsPool | Where-Object { ", Expects::Command, ""),
        ("Get-CsPool | Where-Object { $_.Site -eq $x", Expects::Variable, "$x"),
        ("if (Get-CsPool -Id", parameter("Get-CsPool"), "-Id"),
        ("foreach ($x in Get-CsPool) { Grant-CsVoicePolicy -Pol", parameter("Grant-CsVoicePolicy"), "-Pol"),
        ("for x in Get-CsPool { Get-CsPool -Si", parameter("Get-CsPool"), "-Si"),
        ("fn f() { let y = Get-CsPool -Si", parameter("Get-CsPool"), "-Si"),
        ("$x = $po", Expects::Variable, "$po"),
        ("pools.le", member("pools"), "le"),
        ("# comment", Expects::Nothing, ""),
    ] {
        let context = at(text);
        assert_eq!((&context.expects, &*context.word), (&expects, word), "{text}");
    }
}

#[test]
fn the_stages_before_and_the_parameters_given() {
    let context = at("Get-CsPool | Where-Object { $_.A } | Select-Object -First 1 -");
    assert_eq!(context.before, ["Get-CsPool", "Where-Object"]);
    assert_eq!(context.given, ["First"]);
    assert_eq!(at("Get-CsPool | Where-Object { $_.").before, ["Get-CsPool"]);
    assert_eq!(at("Get-CsPool | ").before, ["Get-CsPool"]);
}
