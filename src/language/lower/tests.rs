//! Lowered texts, as `reeve lower` prints them.

use super::lower;
use crate::language::{Mode, Names, parse};

struct Few;

impl Names for Few {
    fn is_command(&self, name: &str) -> bool {
        ["Get-CsPool", "Where-Object", "ForEach-Object"].iter().any(|n| n.eq_ignore_ascii_case(name))
    }
    fn alias(&self, name: &str) -> Option<String> {
        (name == "?").then(|| "Where-Object".to_string())
    }
    fn is_verb(&self, verb: &str) -> bool {
        verb == "Get"
    }
    fn is_variable(&self, _: &str) -> bool {
        false
    }
    fn is_function(&self, _: &str) -> bool {
        false
    }
    fn is_switch(&self, _: &str, parameter: &str) -> Option<bool> {
        Some(parameter.eq_ignore_ascii_case("Force"))
    }
}

#[test]
fn commands_have_their_rhai_spelling() {
    for (text, mode, expected) in [
        ("Get-CsPool -Site Redmond", Mode::Rhai, "_emit(Get_CsPool(#{Site: \"Redmond\"}));"),
        ("Get-CsPool -Force a", Mode::Rhai, "_emit(Get_CsPool(\"a\", #{Force: true}));"),
        ("Get-CsPool -Site a -Site b", Mode::Rhai, "_emit(Get_CsPool(_param(\"Site\", \"b\"), #{Site: \"a\"}));"),
        (
            "Get-CsPool | ? { $_.Site -eq 'a' }",
            Mode::Rhai,
            "_emit(Get_CsPool().Where_Object(_block(|| _eq(_get(_it(), \"Site\"), \"a\"))));",
        ),
        ("let p = Get-CsPool;", Mode::Rhai, "let p = Get_CsPool();"),
        ("$a = 1; $A + 1", Mode::PowerShell, "let a = 1; _emit(_add(a, 1));"),
        ("for p in Get-CsPool { print(p); }", Mode::Rhai, "for p in _items(Get_CsPool()) { print(p); }"),
        (
            "Get-CsPool -Filter {A -eq $p.B -and (C -like \"$x*\") -and D -eq $true}",
            Mode::PowerShell,
            "_emit(Get_CsPool(#{Filter: _filter([\"A -eq \", \" -and (C -like \", \") -and D -eq $true\"], \
             [_get(_var(\"p\"), \"B\"), _str([_var(\"x\"), \"*\"])])}));",
        ),
        ("\"$x $($y.Z)\"", Mode::PowerShell, "_emit(_str([_var(\"x\"), \" \", _get(_var(\"y\"), \"Z\")]));"),
    ] {
        let parsed = parse(text, mode, &Few);
        let lowered = lower(&parsed, text, &Few);
        assert_eq!(lowered.text.trim(), expected, "{text}: {:?}", parsed.diagnostics);
    }
}

#[test]
fn what_is_not_there_is_named() {
    let text = "try { 1 } finally { return }";
    let parsed = parse(text, Mode::PowerShell, &Few);
    let lowered = lower(&parsed, text, &Few);
    assert_eq!(lowered.diagnostics.first().map(|d| &*d.id), Some("UnsupportedConstruct"));
}
