//! Rhai with commands in it: what is read as command mode, and what stays Rhai.

use super::support::World;
use reeve::error::Severity;
use reeve::language::tree::*;
use reeve::language::{Mode, Parsed, parse};

/// What is command mode in a body: `S:` a whole statement, `V:` a value inside Rhai, `!` behind it: the Rhai writes it.
fn marks(body: &Body, text: &str, out: &mut Vec<String>) {
    for piece in &body.pieces {
        match piece {
            Piece::Statement(statement) => {
                out.push(format!("S:{}", statement.span.of(text)));
                inner(statement, text, out);
            }
            Piece::Rhai(rhai) => of_rhai(rhai, text, out),
        }
    }
}

fn of_rhai(rhai: &Rhai, text: &str, out: &mut Vec<String>) {
    for island in &rhai.islands {
        match &island.kind {
            IslandKind::Value(_) => {
                out.push(format!("V:{}{}", island.span.of(text), if rhai.emits { "!" } else { "" }));
            }
            IslandKind::Block(block) => marks(&block.body, text, out),
            IslandKind::Replace(_) => {}
        }
    }
}

/// Rhai statements inside blocks of command mode, `R:`.
fn inner(statement: &Statement, text: &str, out: &mut Vec<String>) {
    let mut blocks: Vec<&Body> = Vec::new();
    match &statement.kind {
        StatementKind::ForEach { body, .. } | StatementKind::While { body, .. } => blocks.push(body),
        StatementKind::If { arms, .. } => blocks.extend(arms.iter().map(|(_, body)| body)),
        StatementKind::Try { body, catches, .. } => {
            marks(body, text, out);
            catches.iter().for_each(|catch| marks(&catch.body, text, out));
        }
        _ => {}
    }
    for piece in blocks.into_iter().flat_map(|body| &body.pieces) {
        if let Piece::Statement(Statement { kind: StatementKind::Rhai(rhai), span }) = piece {
            out.push(format!("R:{}", span.of(text)));
            of_rhai(rhai, text, out);
        }
    }
}

fn read(text: &str) -> (Vec<String>, Parsed) {
    let world = World::with(&["pools", "total", "end", "start", "a", "b", "s"], &["mine", "f"]);
    let parsed = parse(text, Mode::Rhai, &world);
    let mut out = Vec::new();
    marks(&parsed.script.body, text, &mut out);
    (out, parsed)
}

#[test]
fn commands_are_found_in_rhai() {
    let cases: &[(&str, &[&str])] = &[
        (
            "let audit = Get-CsAdminRole | Where-Object {$_.Cmdlets –match \"Invoke-CsBackupServiceSync\"}",
            &["V:Get-CsAdminRole | Where-Object {$_.Cmdlets –match \"Invoke-CsBackupServiceSync\"}"],
        ),
        (
            "for role in Get-CsAdminRole -Filter \"*Voice*\" { print(role.Identity); }",
            &["V:Get-CsAdminRole -Filter \"*Voice*\""],
        ),
        (
            "\"a\",\"b\" | Invoke-CsBackupServiceSync -BackupModule ConfServices.DataConf",
            &["S:\"a\",\"b\" | Invoke-CsBackupServiceSync -BackupModule ConfServices.DataConf"],
        ),
        (
            "$late = Get-CsManagementStoreReplicationStatus | Where-Object UpToDate -eq $false",
            &["S:$late = Get-CsManagementStoreReplicationStatus | Where-Object UpToDate -eq $false"],
        ),
        (
            "foreach ($r in $late) { Invoke-X -ReplicaFqdn $r.ReplicaFqdn }",
            &["S:foreach ($r in $late) { Invoke-X -ReplicaFqdn $r.ReplicaFqdn }"],
        ),
        ("if (Get-CsPool).len() > 3 { print(1) }", &["V:Get-CsPool"]),
        (
            "if (Get-CsPool).len() > 3 { Get-CsSite } else { Get-CsUser }",
            &["V:Get-CsPool", "S:Get-CsSite", "S:Get-CsUser"],
        ),
        (
            "let x = (Get-CsPool -Site A); f((Get-CsPool -Site B), 2)",
            &["V:Get-CsPool -Site A", "V:Get-CsPool -Site B!"],
        ),
        ("1..5 | ForEach-Object { $_ * 2 }", &["S:1..5 | ForEach-Object { $_ * 2 }"]),
        ("pools | Where-Object {$_.Site}", &["S:pools | Where-Object {$_.Site}"]),
        (
            "Get-CsPool | Where-Object {$_.Site -eq \"Site:Redmond\"} | Select-Object Identity, Computers",
            &["S:Get-CsPool | Where-Object {$_.Site -eq \"Site:Redmond\"} | Select-Object Identity, Computers"],
        ),
        ("print(\"hi\")", &[]),
        ("1 + 2", &[]),
        ("let f = |x| x * 2; f.call(3)", &[]),
        ("@{A=1}.A", &["S:@{A=1}.A"]),
        ("[int]\"5\" + 1", &["S:[int]\"5\" + 1"]),
        ("\"x\" -eq \"X\"", &["S:\"x\" -eq \"X\""]),
        ("get-cspool", &["S:get-cspool"]),
        ("Get-Nothing -X 1", &["S:Get-Nothing -X 1"]),
        ("end-start", &[]),
        ("end -start", &[]),
        ("a | b", &[]),
        ("a || b", &[]),
        ("a|f(b)", &[]),
        ("pools | mine", &["S:pools | mine"]),
        ("pools |\n  Sort-Object Name", &["S:pools |\n  Sort-Object Name"]),
        ("Get-CsPool\n  | Sort-Object Name\nGet-CsSite", &["S:Get-CsPool\n  | Sort-Object Name", "S:Get-CsSite"]),
        ("(Get-CsPool).len()", &["V:Get-CsPool!"]),
        ("(Get-CsPool).Identity -join \", \"", &["S:(Get-CsPool).Identity -join \", \""]),
        ("let x = [Get-CsPool, Get-CsSite]", &["V:Get-CsPool", "V:Get-CsSite"]),
        ("let m = #{ a: Get-CsPool -Site R, b: 2 }", &["V:Get-CsPool -Site R"]),
        ("f(Get-CsPool -Identity a, b)", &["V:Get-CsPool -Identity a, b!"]),
        ("let g = || Get-CsPool; 1", &["V:Get-CsPool"]),
        ("pools.filter(|p| p.Site -eq \"x\")", &["V:p.Site -eq \"x\"!"]),
        ("x = Get-CsPool", &["V:Get-CsPool"]),
        ("let x = Get-CsPool\nlet y = Get-CsSite\nprint(x)", &["V:Get-CsPool", "V:Get-CsSite"]),
        ("return Get-CsPool", &["V:Get-CsPool"]),
        ("fn g(x) { Get-CsPool -Site x }", &["S:Get-CsPool -Site x"]),
        ("while (Get-CsPool) { Get-CsSite }", &["S:while (Get-CsPool) { Get-CsSite }"]),
        (
            "if ($x -gt 3) { let y = Get-CsPool; Get-CsSite }",
            &["S:if ($x -gt 3) { let y = Get-CsPool; Get-CsSite }", "R:let y = Get-CsPool", "V:Get-CsPool"],
        ),
        ("if (a > 3) { Get-CsSite }", &["S:Get-CsSite"]),
        ("if Get-CsPool -Site R { 1 } else { 2 }", &["V:Get-CsPool -Site R"]),
        ("for p in Get-CsPool | Where-Object { $_.Site }\n{ print(p) }", &["V:Get-CsPool | Where-Object { $_.Site }"]),
        ("try { Get-CsPool } catch (e) { print(e) }", &["S:try { Get-CsPool } catch (e) { print(e) }", "S:Get-CsPool"]),
        ("try { f(1) } catch (e) { print(e) }", &[]),
        (
            "try { f(1) } catch { Get-CsSite } finally { 1 }",
            &["S:try { f(1) } catch { Get-CsSite } finally { 1 }", "S:Get-CsSite"],
        ),
        ("do { $i++ } while ($i -lt 3)", &["S:do { $i++ } while ($i -lt 3)"]),
        ("switch ($x) { 1 { \"a\" } default { \"b\" } }", &["S:switch ($x) { 1 { \"a\" } default { \"b\" } }"]),
        ("let s = switch a { 1 => Get-CsPool, 2 | 3 => (Get-CsSite), _ => () }", &["V:Get-CsPool", "V:Get-CsSite"]),
        ("`${(Get-CsPool).len()} pools`", &["V:Get-CsPool!"]),
        ("$x = if ($a) { 1 } else { 2 }; $x", &["S:$x = if ($a) { 1 } else { 2 }", "S:$x"]),
        ("function Get-Mine { param($A) $A }\nGet-Mine 3", &["S:function Get-Mine { param($A) $A }", "S:Get-Mine 3"]),
        ("PS C:\\> Get-CsPool", &["S:Get-CsPool"]),
        ("# a comment\nGet-CsPool # more\nlet x = 1; // rest", &["S:Get-CsPool"]),
        ("let x = -not (Get-CsPool)", &["V:-not (Get-CsPool)"]),
        ("let h = @\"\nhi\n\"@", &["V:@\"\nhi\n\"@"]),
        ("let x = #{a: 1}\n$y = 2", &["S:$y = 2"]),
        ("total += (Get-CsPool).len()", &["V:Get-CsPool"]),
        (
            "let n = Get-CsPool | Measure-Object | Select-Object -ExpandProperty Count",
            &["V:Get-CsPool | Measure-Object | Select-Object -ExpandProperty Count"],
        ),
        ("Write-Output (mine(3)) | Sort-Object", &["S:Write-Output (mine(3)) | Sort-Object"]),
        ("Out-File -FilePath \"C:\\Logs\\\"", &["S:Out-File -FilePath \"C:\\Logs\\\""]),
        ("let x = if ($y -gt 3) { 1 } else { 2 }", &["V:if ($y -gt 3) { 1 } else { 2 }"]),
        ("let x = if a > 3 { Get-CsPool } else { () };", &["S:Get-CsPool"]),
        ("f(Get-CsPool # note\n, 2)", &["V:Get-CsPool # note\n, 2!"]),
        ("pools.map(|p| Get-CsSite -Identity $p).len()", &["V:Get-CsSite -Identity $p!"]),
        ("throw \"x\"", &[]),
        ("exit 3", &["S:exit 3"]),
        ("& { 1 }", &["S:& { 1 }"]),
        ("$r = try { Get-CsPool } catch { 1 }", &["S:$r = try { Get-CsPool } catch { 1 }"]),
        ("while Get-CsPool { break; }", &["V:Get-CsPool"]),
        ("print(\"a\"); Get-CsPool; print(\"b\")", &["S:Get-CsPool"]),
        ("param($A = 3)\nGet-CsPool -Identity $A", &["S:Get-CsPool -Identity $A"]),
        (
            "Get-CsUser -Filter {RegistrarPool -eq \"x\"} | Grant-CsVoicePolicy -PolicyName P -WhatIf",
            &["S:Get-CsUser -Filter {RegistrarPool -eq \"x\"} | Grant-CsVoicePolicy -PolicyName P -WhatIf"],
        ),
        ("Get-CsPool && Get-CsSite", &["S:Get-CsPool && Get-CsSite"]),
    ];
    let mut wrong = 0;
    for (text, want) in cases {
        let (have, parsed) = read(text);
        let errors: Vec<_> = parsed.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
        if have != *want || !errors.is_empty() {
            println!("{text}\n  want {want:?}\n  have {have:?}\n  {errors:?}");
            wrong += 1;
        }
    }
    assert_eq!(wrong, 0, "of {}", cases.len());
}

#[test]
fn plain_rhai_stays_rhai() {
    let cases = [
        "let x = 1;\nfor i in 0..5 { x += i; }\nprint(x);",
        "let f = |x, y| x + y; let g = || 1; f.call(1, 2) | g.call()",
        "let m = #{ \"a\": 1, b: [1, 2, #{ c: |x| x }] }; m.b[2].c",
        "switch x { 1 | 2 => \"a\", 3..=5 if x > 3 => { \"b\" } _ => \"c\" }",
        "`a ${x + `inner ${y}`} b`",
        "let s = \"a \\\" b $x | Sort-Object\"; s",
        "fn add(a, b) { a + b }\nadd(1, 2)",
        "let end = 5; let start = 2; end-start",
        "let sort = 3; let z = a | sort;",
        "/* Get-CsPool /* nested */ | Where-Object */ let x = 1; // $x",
        "if x == 1 && y != 2 || !z { 1 } else if a <= b { 2 } else { 3 }",
        "while true { if done { break; } else { continue; } }",
        "do { x -= 1; } until x < 0;",
        "loop { break 5; }",
        "let v = [1, 2, 3].map(|v| v * 2).filter(|v| v > 2);",
        "import \"m\" as m; m::f(1); export x as y;",
        "try { throw 1; } catch (e) { print(e); }",
        "let c = 'x'; let q = '\\''; let r = #\"raw \" $x\"#;",
        "let x = 1_000 + 0xFF + 1.5e-3; x.to_string()",
        "const A = 42; private fn g() { this.x = 1; }",
        "x ?? 5; x?.y?[3]; a.b.sort(); sort.len()",
        "let t = if a { 1 } else { 2 }; let u = { 1 };",
        "for (item, index) in arr { print(`${index}: ${item}`); }",
        "x.f = |a| a; x << 2 >> 1 ** 3 % 4; -x; !y; -f(1)",
        "return; ",
        "a\n  .b()\n  .c();",
    ];
    for text in cases {
        let (have, parsed) = read(text);
        assert_eq!(have, Vec::<String>::new(), "{text}");
        assert!(parsed.diagnostics.is_empty(), "{text}: {:?}", parsed.diagnostics);
    }
}

#[test]
fn what_writes_its_value() {
    for (text, emits) in [
        ("\"hi\"", true),
        ("`hi ${x}`", true),
        ("(Get-CsPool).len()", true),
        ("1 + 2", false),
        ("f(1)", false),
        ("\"a\" + \"b\"", false),
        ("let x = (Get-CsPool)", false),
    ] {
        let (_, parsed) = read(text);
        let Some(Piece::Rhai(rhai)) = parsed.script.body.pieces.first() else { panic!("{text} is Rhai") };
        assert_eq!(rhai.emits, emits, "{text}");
    }
}
