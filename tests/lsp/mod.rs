//! The language server, spoken to as an editor does: the real binary, over its standard input and output.

mod client;

use client::Client;
use serde_json::{Value, json};

const SCRIPT: &str = "file:///work/script.ps1";

fn position(text: &str, before: &str) -> Value {
    // In UTF-16 units, of the place behind the first `before`.
    let at = text.find(before).unwrap() + before.len();
    let head = &text[..at];
    let line = head.matches('\n').count();
    let character = head.rsplit('\n').next().unwrap().encode_utf16().count();
    json!({"line": line, "character": character})
}

/// What a range covers of a text of one line.
fn covered(text: &str, range: &Value) -> String {
    let units: Vec<u16> =
        text.lines().nth(range["start"]["line"].as_u64().unwrap() as usize).unwrap().encode_utf16().collect();
    let at = |end: &str| range[end]["character"].as_u64().unwrap() as usize;
    String::from_utf16(&units[at("start")..at("end")]).unwrap()
}

/// Rule: what is wrong is pushed for each version of a text, with ids, severities and UTF-16 places; closing clears it.
#[test]
fn diagnostics_follow_the_text() {
    let mut client = Client::start();
    let text = "Write-Output '😀é'; Get-CsPoool; Get-CsPool | where Sitee -eq 1\n";
    client.open(SCRIPT, text);
    let told = client.diagnostics(SCRIPT, 1);
    let ids: Vec<&str> = told.iter().map(|d| d["code"].as_str().unwrap()).collect();
    assert_eq!(ids, ["CommandNotFoundException", "PropertyNotFoundStrict"], "{told:?}");
    assert_eq!(covered(text, &told[0]["range"]), "Get-CsPoool");
    assert_eq!(covered(text, &told[1]["range"]), "Sitee");
    assert_eq!((&told[0]["severity"], &told[1]["severity"]), (&json!(1), &json!(2)));
    // Behind the emoji, which is two units, the l that is too much goes.
    let mut at = position(text, "Get-CsPoo");
    let start = at.clone();
    at["character"] = json!(at["character"].as_u64().unwrap() + 1);
    client.change(SCRIPT, 2, json!([{"range": {"start": start, "end": at}, "text": ""}]));
    let told = client.diagnostics(SCRIPT, 2);
    assert_eq!(told.len(), 1, "{told:?}");
    client.change(SCRIPT, 3, json!([{"text": "Get-CsPool"}]));
    assert!(client.diagnostics(SCRIPT, 3).is_empty());
    client.change(SCRIPT, 4, json!([{"text": "return\n1"}]));
    let told = client.diagnostics(SCRIPT, 4);
    assert_eq!((&told[0]["code"], &told[0]["tags"]), (&json!("UnreachableCode"), &json!([1])));
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": SCRIPT}}));
    assert!(client.diagnostics(SCRIPT, 4).is_empty());
    client.stop();
}

/// Rule: completion offers cmdlets, parameters, properties, and what the text itself defines.
#[test]
fn completion_offers_what_fits() {
    let cases = [
        ("Get-CsPoo", "Get-CsPool"),
        ("Get-CsPool -Iden", "-Identity"),
        ("Get-CsPool | Where-Object Fq", "Fqdn"),
        ("Get-CsPool | Where-Object { $_.Si", "Site"),
        ("$poolnames = 1; $pooln", "$poolnames"),
        ("function Get-Late([string]$Since) { 1 }; Get-Lat", "Get-Late"),
        ("function Get-Late([string]$Since) { 1 }; Get-Late -Si", "-Since"),
        ("$ErrorActionP", "$ErrorActionPreference"),
    ];
    let mut client = Client::start();
    for (at, (text, wanted)) in cases.into_iter().enumerate() {
        let uri = format!("file:///work/{at}.ps1");
        client.open(&uri, text);
        let given = client.request(
            "textDocument/completion",
            json!({"textDocument": {"uri": uri}, "position": position(text, text)}),
        );
        let items = given["items"].as_array().unwrap();
        let item = items.iter().find(|item| item["label"] == wanted).unwrap_or_else(|| panic!("{text}: {given}"));
        // What is put in replaces what is written of it.
        let edit = &item["textEdit"];
        let word = covered(text, &edit["range"]);
        assert!(text.ends_with(&word), "{text}: {word}");
        let written = edit["newText"].as_str().unwrap().to_lowercase();
        assert!(written.starts_with(&word.to_lowercase()), "{text}: {word} {written}");
        if wanted == "Get-CsPool" {
            let whole = client.request("completionItem/resolve", item.clone());
            assert!(whole["documentation"]["value"].as_str().unwrap().contains("Get-CsPool"), "{whole}");
        }
    }
    client.stop();
}

/// Rule: hovering says what a cmdlet, a parameter, a variable, and a command in its Rhai spelling are.
#[test]
fn hover_says_what_a_name_means() {
    let text = "function Get-Late { <# .SYNOPSIS Late ones. #> 1 }\n$p = Get-CsPool -Identity x\ngcm; $p; Get-Late";
    let cases = [
        ("$p = Get-Cs", "Get-CsPool [[-Identity]"),
        ("-Iden", "-Identity <"),
        ("gcm; $p", "line 2"),
        ("; Get-La", "Get-Late"),
        ("\ngc", "Get-Command"),
    ];
    let mut client = Client::start();
    client.open(SCRIPT, text);
    for (before, wanted) in cases {
        let place = json!({"textDocument": {"uri": SCRIPT}, "position": position(text, before)});
        let given = client.request("textDocument/hover", place);
        let said = given["contents"]["value"].as_str().unwrap_or_default();
        assert!(said.contains(wanted), "{before}: {given}");
    }
    client.open("file:///work/a.rhai", "let x = Get_CsPool();");
    let place = json!({"textDocument": {"uri": "file:///work/a.rhai"}, "position": {"line": 0, "character": 12}});
    let given = client.request("textDocument/hover", place);
    assert!(given["contents"]["value"].as_str().unwrap().contains("Get-CsPool"), "{given}");
    client.stop();
}

/// Rule: a known change is offered as an action, and makes the text right.
#[test]
fn actions_mend_what_is_wrong() {
    let text = "Get-CsPool -Idnetity x";
    let mut client = Client::start();
    client.open(SCRIPT, text);
    let whole = json!({"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 22}});
    let ask = json!({"textDocument": {"uri": SCRIPT}, "range": whole, "context": {"diagnostics": []}});
    let given = client.request("textDocument/codeAction", ask);
    let action = &given[0];
    assert_eq!((&action["kind"], &action["isPreferred"]), (&json!("quickfix"), &json!(true)), "{given}");
    let edit = &action["edit"]["changes"][SCRIPT][0];
    assert_eq!((covered(text, &edit["range"]).as_str(), edit["newText"].as_str().unwrap()), ("-Idnetity", "-Identity"));
    client.stop();
}

/// Rule: names lead to their definitions, functions stand in the outline, words have their colours.
#[test]
fn the_text_is_mapped() {
    let text = "function Get-Late($Since) { $n = $Since; $n }\n$n = 1\nGet-Late -Since $n\n";
    let mut client = Client::start();
    client.open(SCRIPT, text);
    for (before, line, character) in
        [("\nGet-La", 0, 9), ("Get-Late -Sin", 0, 18), ("Get-Late -Since $", 1, 0), ("$Since; $", 0, 28)]
    {
        let place = json!({"textDocument": {"uri": SCRIPT}, "position": position(text, before)});
        let given = client.request("textDocument/definition", place);
        assert_eq!(given["range"]["start"], json!({"line": line, "character": character}), "{before}: {given}");
    }
    let document = json!({"textDocument": {"uri": SCRIPT}});
    let symbols = client.request("textDocument/documentSymbol", document.clone());
    assert_eq!((&symbols[0]["name"], &symbols[0]["children"][0]["name"]), (&json!("Get-Late"), &json!("$Since")));
    let tokens = client.request("textDocument/semanticTokens/full", document.clone());
    let data = tokens["data"].as_array().unwrap();
    assert!(data.len() > 20 && data.len().is_multiple_of(5), "{tokens}");
    let place = json!({"textDocument": {"uri": SCRIPT}, "position": position(text, "\nGet-Late -Since ")});
    let help = client.request("textDocument/signatureHelp", place);
    assert!(help["signatures"][0]["label"].as_str().unwrap().starts_with("Get-Late [-Since"), "{help}");
    client.stop();
}

/// Rule: what the server does not know, and places that are not there, are answered and harm nothing.
#[test]
fn odd_requests_are_answered() {
    let mut client = Client::start();
    client.open(SCRIPT, "Get-CsPool | Where-Object {");
    for (method, params) in [
        ("reeve/nothing", json!({})),
        (
            "textDocument/hover",
            json!({"textDocument": {"uri": "file:///other"}, "position": {"line": 0, "character": 0}}),
        ),
        ("textDocument/hover", json!({"textDocument": {"uri": SCRIPT}})),
    ] {
        let error = client.refused(method, params);
        assert!(error["code"].as_i64().unwrap() < 0, "{error}");
    }
    let far = json!({"textDocument": {"uri": SCRIPT}, "position": {"line": 900, "character": 900}});
    client.request("textDocument/hover", far.clone());
    client.request("textDocument/completion", far);
    client.notify("textDocument/didChange", json!({"nonsense": true}));
    client.notify("$/setTrace", json!({"value": "off"}));
    client.stop();
}
