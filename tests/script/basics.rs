//! What a script does, in both modes.

use super::support::Shell;
use reeve::language::Mode;

fn rhai(text: &str) -> (Vec<String>, Vec<String>) {
    Shell::new().run(text, Mode::Rhai)
}

fn powershell(text: &str) -> (Vec<String>, Vec<String>) {
    Shell::new().run(text, Mode::PowerShell)
}

fn outputs(result: (Vec<String>, Vec<String>)) -> Vec<String> {
    assert!(result.1.is_empty(), "{result:?}");
    result.0
}

#[test]
fn statements_write_their_value() {
    assert_eq!(outputs(powershell("$x = 5; $x; $x + 1; 'a'; 1..2")), ["5", "6", "a", "1", "2"]);
    assert_eq!(outputs(powershell("foreach ($i in 1..3) { if ($i -eq 2) { continue }; $i }; $i")), ["1", "3", "3"]);
    assert_eq!(outputs(powershell("$n = 0; while ($n -lt 3) { $n++ }; $n")), ["3"]);
    assert_eq!(
        outputs(powershell("for ($i = 0; $i -lt 5; $i++) { if ($i -eq 1) { continue }; if ($i -eq 3) { break }; $i }")),
        ["0", "2"]
    );
    assert_eq!(outputs(powershell("switch (2) { 1 { 'one' } 2 { 'two' } default { 'other' } }")), ["two"]);
    assert_eq!(outputs(powershell("$f = if ($true) { 'yes' } else { 'no' }; $f")), ["yes"]);
}

#[test]
fn pipelines_stream() {
    assert_eq!(outputs(powershell("1..5 | Where-Object { $_ -gt 2 } | ForEach-Object { $_ * 2 }")), ["6", "8", "10"]);
    assert_eq!(outputs(powershell("$n = 0; 1..9 | ForEach-Object { $n = $n + $_ }; $n")), ["45"]);
    assert_eq!(outputs(powershell("@(1..3 | ForEach-Object { $_ }).Count")), ["3"]);
    assert_eq!(outputs(powershell("& { param($a, $b) \"$a-$b\" } 1 2")), ["1-2"]);
    assert_eq!(outputs(powershell("1..1000000 | ForEach-Object { $_ } | Select-Object -First 2")), ["1", "2"]);
}

#[test]
fn rhai_knows_the_members_of_values() {
    for (text, value) in [
        ("(1..3 | ForEach-Object { $_ }).Count", "3"),
        ("(1..3 | Where-Object { $_ -gt 5 }).Count", "0"),
        ("(1..3 | ForEach-Object { [pscustomobject]@{ Name = \"n$_\" } }).Name[1]", "n2"),
        ("(Write-Output abc).Length", "3"),
        ("(Write-Output abc).ToUpper()", "ABC"),
        ("(Write-Output 5).ToString().Length", "1"),
        ("(Get-Date 2020-01-31).AddDays(1).Month", "2"),
        ("let a = [1, 2]; $x = a.len(); $x", "2"),
        ("let m = #{a: 1}; let n = m.a + 1; $n", "2"),
        ("let add = |x| { x + 1 }; let n = add.call(2); $n", "3"),
        ("let o = #{Go: |x| x + 1}; let n = o.Go(2); $n", "3"),
        ("fn Double(x) { x * 2 }\nlet n = Double(5); $n", "10"),
        ("fn Triple() { this * 3 }\nlet w = 5; let n = w.Triple(); $n", "15"),
        ("let n = switch 2 { 1 => 5, _ => 6 }; let k = n; $k", "6"),
        ("if true { let q = 1; } ; let n = 4; $n", "4"),
    ] {
        assert_eq!(outputs(rhai(text)), [value], "{text}");
    }
    assert_eq!(rhai("let a = [1, 2]; let b = a.lenght;").1, ["RhaiError"]);
}

#[test]
fn rhai_holds_commands() {
    assert_eq!(
        outputs(rhai("let x = 1..4 | ForEach-Object { $_ * 2 }\nlet y = x.len();\n\"n\"\n$x[1] + $y")),
        ["n", "8"]
    );
    assert_eq!(outputs(rhai("let t = 0; for x in 1..4 | Where-Object { $_ -ne 2 } { t += x; }\n$t")), ["8"]);
    assert_eq!(outputs(rhai("let z = [3, 4].ForEach_Object(|x| x * 2).Where_Object(|x| x > 6);\n$z")), ["8"]);
    assert_eq!(
        outputs(rhai(
            "fn double(x) { x * 2 }\nlet y = ForEach_Object(#{InputObject: 4, Process: Fn(\"double\")});\n$y"
        )),
        ["8"]
    );
}

#[test]
fn errors_end_a_statement_or_the_script() {
    let (values, errors) = powershell("'a'; 1/0; 'b'");
    assert_eq!((values, errors.len()), (vec!["a".to_string(), "b".into()], 1));
    let (values, errors) = powershell("'a'; throw 'no'; 'b'");
    assert_eq!((values, errors), (vec!["a".to_string()], vec!["no".to_string()]));
    assert_eq!(outputs(powershell("try { 1/0; 'x' } catch { 'caught' } finally { 'done' }")), ["caught", "done"]);
    assert_eq!(outputs(powershell("try { throw 'no' } catch { $_.Exception.Message }")), ["no"]);
    assert_eq!(outputs(rhai("try { throw \"no\" } catch (e) { $e }")), ["no"]);
}

#[test]
fn functions_are_cmdlets() {
    let text = "function Get-Twice { param([Parameter(ValueFromPipeline)][int]$N, $By = 2) begin { 'b' } process { $N * $By } end { 'e' } }\n\
                1..2 | Get-Twice; Get-Twice -N 5 -By 3";
    assert_eq!(outputs(powershell(text)), ["b", "2", "4", "e", "b", "15", "e"]);
    assert_eq!(outputs(powershell("function Add-It { $args[0] + $args[1] }; Add-It 1 2")), ["3"]);
}

#[test]
fn lines_share_variables_and_functions() {
    let mut shell = Shell::new();
    assert_eq!(outputs(shell.run("let a = 5; fn twice(x) { x * 2 }", Mode::Rhai)), [""; 0]);
    assert_eq!(outputs(shell.run("$b = $A + 1", Mode::Rhai)), [""; 0]);
    assert_eq!(outputs(shell.run("let f = |x| twice(x) + a;", Mode::Rhai)), [""; 0]);
    assert_eq!(outputs(shell.run("$b; $(f.call(1))", Mode::Rhai)), ["6", "7"]);
}

#[test]
fn runaway_scripts_are_stopped() {
    use reeve::cmdlet::registry::Registry;
    use reeve::script::Limits;
    super::support::on_large_stack(|| {
        let limits =
            Limits { operations: Some(20_000), string: 1 << 20, array: 1 << 16, ..Limits::for_stack(48 << 20) };
        for (text, mode, id) in [
            ("while ($true) { }", Mode::PowerShell, "OperationLimitExceeded"),
            ("loop { }", Mode::Rhai, "OperationLimitExceeded"),
            ("try { loop { } } catch { }", Mode::Rhai, "OperationLimitExceeded"),
            ("fn f(n) { f(n + 1) } f(1);", Mode::Rhai, "CallDepthOverflow"),
            ("function Get-Deep { Get-Deep }; Get-Deep", Mode::PowerShell, "CallDepthOverflow"),
            ("$b = { & $b }; & $b", Mode::PowerShell, "CallDepthOverflow"),
            ("'x' * 1gb", Mode::PowerShell, "DataSizeExceeded"),
            ("$s = 'x' * 1000; while ($true) { $s += $s }", Mode::PowerShell, "DataSizeExceeded"),
            ("let s = \"x\"; loop { s += s; }", Mode::Rhai, "DataSizeExceeded"),
            ("$a = 1..10000000", Mode::PowerShell, "DataSizeExceeded"),
        ] {
            let mut shell = Shell::with(Registry::default(), limits.clone());
            let (_, errors) = shell.run(text, mode);
            assert!(errors.last().is_some_and(|e| e.split(',').next() == Some(id)), "{text}: {errors:?}");
        }
    });
}

#[test]
fn errors_say_where_they_are() {
    for (text, mode, at) in [
        ("let x = 1;\nlet y = nosuch + x;", Mode::Rhai, "nosuch"),
        ("'é'; 1 + (2 / 0)", Mode::PowerShell, "2 / 0"),
        ("let a = 1 +\n  later(3);", Mode::Rhai, "later"),
        ("Get-CsPool -Nope 3", Mode::Rhai, "-Nope"),
    ] {
        let mut shell = Shell::new();
        let error = match shell.engine.run("test", text, mode, &[]) {
            Err(reeve::error::Halt::Error(error)) => error,
            other => panic!("{text}: {other:?}"),
        };
        let (source, span) = error.place().expect("a place");
        assert_eq!(span.of(&source.text), at, "{text}");
    }
}

#[test]
fn a_script_cannot_take_the_names_of_the_runtime() {
    let (_, errors) = rhai("fn _emit(x) { 1 } 'a';");
    assert_eq!(errors, ["ReservedName"]);
}

#[test]
fn native_blocks_and_rhai_blocks_agree() {
    // A variable of the script makes a block run in Rhai.
    let items =
        "1, 'a', 'B', $null, 2.5, $true, [pscustomobject]@{A=1;B='x'}, [pscustomobject]@{A='2';C=@(1,2)}, @{A=3}";
    let expressions = [
        "$_ -eq 1",
        "$_.A -gt 1",
        "$_ -like 'a*'",
        "-not $_",
        "$_.A -and $_.B",
        "$_.B -or $_.C",
        "\"<$_> $($_.A)\"",
        "$_.C -contains 2",
        "$_ + 1",
        "$_.A * 2",
        "'a','b' -ccontains $_",
        "[pscustomobject]@{N=$_.A; M=\"$_\"}",
        "$_.C, 5",
        "$_ -in 1, 'b'",
        "$_.A -ne $null",
        "$_.Length",
    ];
    for expression in expressions {
        for command in ["ForEach-Object", "Where-Object"] {
            let native = powershell(&format!("@({items}) | {command} {{ {expression} }}"));
            let rhai = powershell(&format!("$z = 0; @({items}) | {command} {{ $z = 1; {expression} }}"));
            assert_eq!(native, rhai, "{command} {expression}");
        }
    }
}
