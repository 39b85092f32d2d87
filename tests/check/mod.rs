//! What `reeve check` knows without running: each rule with what it finds and what it must leave alone.

mod ways;

use reeve::check::check;
use reeve::cmdlet::registry::Registry;
use reeve::error::Severity;
use reeve::language::Mode;

/// What is found in a text of a `.ps1` file: ids with the text that they point at.
fn found(text: &str) -> Vec<(String, String, Severity)> {
    let (_, found) = check(text, Mode::PowerShell, &Registry::default());
    found.into_iter().map(|d| (d.id.to_string(), d.span.of(text).to_string(), d.severity)).collect()
}

/// Asserts that a text gives one finding of an id at each of the places, in order, and nothing else.
fn expect(text: &str, id: &str, places: &[&str]) {
    let found = found(text);
    let expected: Vec<(&str, &str)> = places.iter().map(|place| (id, *place)).collect();
    let given: Vec<(&str, &str)> = found.iter().map(|(id, place, _)| (id.as_str(), place.as_str())).collect();
    assert_eq!(given, expected, "{text}");
    assert!(found.iter().all(|(.., severity)| *severity == Severity::Warning), "{text}");
}

/// Rule: what objects of a cmdlet cannot have is told behind a bar, in blocks, of variables; what is not known to the
/// last property is left alone.
#[test]
fn properties_that_cannot_be_there() {
    let cases: &[(&str, &[&str])] = &[
        ("Get-CsPool | Where-Object Sitee -eq 'x'", &["Sitee"]),
        ("Get-CsPool | where { $_.Foo -eq 1 -or $_.Fqdn -eq 2 }", &["Foo"]),
        ("Get-CsPool | % { \"$($_.Foo) $_.Foo\" }", &["Foo"]),
        (
            "Get-CsPool | Select-Object Fqdn, Foo, @{ n = 'A'; e = { $_.Bar } } | Sort-Object A, Site",
            &["Foo", "Bar", "Site"],
        ),
        ("Get-CsPool | Select-Object F* | Where-Object { $_.Fqdn -and $_.Site }", &["Site"]),
        ("Get-CsPool | Sort-Object -Property Fqdn -Descending | Select-Object -First 1 | ft Identity, Foo", &["Foo"]),
        ("Get-CsUser | Group-Object RegistrarPool | % { $_.Name; $_.Kount }", &["Kount"]),
        ("Get-CsVoicePolicy | Where-Object AllowSimulRings", &["AllowSimulRings"]),
        ("$p = Get-CsPool -Identity x; $p.Fqdn; $p.Foo; $p[0].Bar", &["Foo", "Bar"]),
        ("foreach ($p in Get-CsPool | where Site -eq x) { $p.Foo; $p.Site }", &["Foo"]),
        ("(Get-CsPool).Foo; @(Get-CsPool).Count", &["Foo"]),
        ("Get-CsManagementStoreReplicationStatus | ? { -not $_.UpToDat }", &["UpToDat"]),
        // Not known, or known to be otherwise.
        ("Get-CsPool | % { $_ | Add-Member NoteProperty X 1; $_.X }", &[]),
        ("Get-CsPool | Select-Object -ExpandProperty Services | where Foo", &[]),
        ("Get-CsPool | % { Get-Date } | where Foo", &[]),
        ("$p = Get-CsPool; $p = Get-CsUser; $p.Foo", &[]),
        ("$p = Get-CsPool; Set-Variable p 5; $p.Foo", &[]),
        ("function Get-CsPool { 1 }; Get-CsPool | where Foo", &[]),
        ("Get-CsPool | % { switch ($_.Fqdn) { 'a' { $_.Length; $_.Foo } } }", &[]),
        ("Get-CsPool | % { try { 1 } catch { $_.Exception } }", &[]),
        ("Get-CsPool | % { 1..3 | % { $_.Foo } }", &[]),
        ("Get-CsPool 2>&1 | where Foo", &[]),
        ("Get-CsPool | Get-Member | where MemberType -eq x", &[]),
        ("Get-CsService | where SqlInstanceName", &[]),
        ("Get-CsUser -Filter { Enabled -eq $true } | % { $_.PSObject.Properties.Name; $_.Count }", &[]),
        ("Get-CsManagementStoreReplicationStatus -CentralManagementStoreStatus | select Anything", &[]),
        ("Get-CsPool @where | where Foo", &["@where"]),
    ];
    for (text, places) in cases {
        match places {
            ["@where"] => expect(text, "VariableIsUndefined", places),
            _ => expect(text, "PropertyNotFoundStrict", places),
        }
    }
}

/// Rule: a variable that nothing sets is told once a scope; automatic ones, and what commands set by name, count as set.
#[test]
fn variables_that_nothing_sets() {
    let cases: &[(&str, &[&str])] = &[
        ("$pool = Get-CsPool; $poool; $poool", &["$poool"]),
        ("Write-Output \"$a $($b) ${c}\"", &["$a", "$b", "${c}"]),
        ("function f { $inner = 1; $inner }; f; $inner", &["$inner"]),
        ("function f($a) { $a; $b }; $b = 1", &[]),
        ("function f { $script:n = 1 }; f; $n", &[]),
        ("foreach ($x in 1..3) { $x }; $y++; $y; $z += 1; $a, $b = 1, 2; $a; $b; [int]$c = 3; $c", &[]),
        ("Get-CsPool -OutVariable o -ErrorVariable +e; $o; $e; 1 | Tee-Object -Variable t; $t", &[]),
        ("Set-Variable v 1; $v; New-Variable -Name w -Value 2; $w", &[]),
        ("Set-Variable $name 1; $anything", &[]),
        ("$null = [int]::TryParse('5', [ref]$n); $n", &[]),
        ("$_; $args; $Error; $PSScriptRoot; $true; $ErrorActionPreference; $env:HOME; $Matches; $PROFILE; $?", &[]),
        ("1 | % -Begin { $sum = 0 } -Process { $sum += $_ } -End { $sum }", &[]),
        ("param([string]$Site = 'x') $Site", &[]),
        ("try { 1 } catch { $_.Exception.Message }", &[]),
        ("& { param($q) $q } 1", &[]),
    ];
    for (text, places) in cases {
        expect(text, "VariableIsUndefined", places);
    }
}

/// Rule: in Rhai mode what Rhai declares counts as set, wherever it does.
#[test]
fn variables_of_rhai_are_set() {
    for text in [
        "let x = 5; $x",
        "let x = Get-CsPool; Write-Output $x",
        "fn f(a) { Write-Output $a }",
        "for p in Get-CsPool { Write-Output $p }",
        "[1, 2].map(|n| n + 1); try { throw 1 } catch (e) { Write-Output $e }",
    ] {
        let (_, found) = check(text, Mode::Rhai, &Registry::default());
        assert!(found.iter().all(|d| d.id != "VariableIsUndefined"), "{text}: {found:?}");
    }
}

/// Rule: statements behind one that always leaves are told once; functions of Rhai are there wherever they stand.
#[test]
fn code_that_nothing_reaches() {
    let cases: &[(&str, &[&str])] = &[
        ("function f { return 1; 'a'; 'b' }", &["'a'"]),
        ("exit 0\n'a'", &["'a'"]),
        ("throw 'x'\nGet-CsPool", &["Get-CsPool"]),
        ("foreach ($x in 1) { continue; $x }", &["$x"]),
        ("if (1) { return } else { throw 'a' }\n'b'", &["'b'"]),
        ("while ($true) { Get-Date }\n'b'", &["'b'"]),
        ("try { return } finally { 1 }\n'b'", &["'b'"]),
        ("try { return } catch { 1 }\n'b'", &[]),
        ("while ($true) { if (1) { break } }\n'b'", &[]),
        ("if (1) { return }\n'b'", &[]),
        ("switch (1) { 1 { break } default { 2 } }\n'b'", &[]),
        ("1 | % { return; 2 }\n'b'", &["2"]),
    ];
    for (text, places) in cases {
        expect(text, "UnreachableCode", places);
    }
    let (_, found) = check("fn f() { return 1; }\nf();\nreturn 5;\nfn g() { 2 }", Mode::Rhai, &Registry::default());
    assert!(found.is_empty(), "{found:?}");
    let (_, found) = check("return 5;\nGet-CsPool", Mode::Rhai, &Registry::default());
    assert_eq!(found.iter().map(|d| &*d.id).collect::<Vec<_>>(), ["UnreachableCode"]);
}

/// Rule: literal arguments are bound as running binds them, of cmdlets and of the script's own functions; what cannot
/// bind keeps the script from running.
#[test]
fn literal_arguments_that_cannot_bind() {
    let own = "function f { [CmdletBinding()]param([Parameter(Mandatory)][ValidateSet('aa','bb')]$Mode, [int]$N, \
               [ValidateRange(1, 5)][int]$R, [switch]$Fast) }\n";
    let cases = [
        ("Get-CsPoool", "CommandNotFoundException", "Get-CsPoool"),
        ("Get-CsPool -Sit x", "", ""),
        ("Get-CsPool -Foo x", "NamedParameterNotFound", "-Foo"),
        ("Get-CsPool a b c", "PositionalParameterNotFound", "b"),
        ("Get-Date -Year x", "CannotConvertArgumentNoMessage", "x"),
        ("Get-CsPool -ErrorAction Foo", "CannotConvertArgumentNoMessage", "Foo"),
        ("f -Mode cc", "ParameterArgumentValidationError", "cc"),
        ("f -Mode aa -N x", "ParameterArgumentTransformationError", "x"),
        ("f -Mode aa -R 9", "ParameterArgumentValidationError", "9"),
        ("f -Moed aa", "NamedParameterNotFound", "-Moed"),
        ("f -N 1", "MissingMandatoryParameter", "-N 1"),
        ("f -Mode aa -Fast -Verbose", "", ""),
        ("f @args", "", ""),
        ("try { f -Mode cc } catch { }", "ParameterArgumentValidationError", "cc"),
    ];
    let mut wrong = Vec::new();
    for (call, id, at) in cases {
        let text = format!("{own}{call}");
        let given = found(&text);
        let severity = if call.starts_with("try") { Severity::Warning } else { Severity::Error };
        let good = match id {
            "" => given.is_empty(),
            _ => matches!(given.first(), Some((i, a, s)) if i == id && a == at && *s == severity),
        };
        if !good {
            wrong.push(format!("{call}: {given:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rule: a misspelt name of any kind gets the near one, as a change that an editor can make.
#[test]
fn misspelt_names_get_the_near_one() {
    let cases = [
        ("Get-CsPoool", "Get-CsPool"),
        ("function Get-Late { 1 }; Get-Laet", "function Get-Late { 1 }; Get-Late"),
        ("Get-CsPool -Idnetity x", "Get-CsPool -Identity x"),
        ("Get-CsPool | where Fqnd -eq x", "Get-CsPool | where Fqdn -eq x"),
        ("$pools = 1; $poools", "$pools = 1; $pools"),
    ];
    let mut wrong = Vec::new();
    for (text, mended) in cases {
        let (_, found) = check(text, Mode::PowerShell, &Registry::default());
        let fix = found.first().and_then(|d| d.fix.clone());
        let given = fix.map(|fix| {
            let mut text = text.to_string();
            text.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.text);
            text
        });
        if given.as_deref() != Some(mended) {
            wrong.push(format!("{text}: {given:?} {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Of values the hint says it.
    let (_, found) = check("Get-CsPool -ErrorAction Stopp", Mode::PowerShell, &Registry::default());
    assert!(found[0].hint.as_deref().unwrap_or_default().contains("Stop"), "{found:?}");
}

/// Rule: behind a look whether a command or a module is there, what is not there is a warning; everywhere else it stops
/// the script.
#[test]
fn what_a_script_looks_for_first() {
    use Severity::{Error, Warning};
    let unknown = "CommandNotFoundException";
    let cases: &[(&str, &[(&str, Severity)])] = &[
        ("if (Get-Command Get-FooUser -EA SilentlyContinue) { Get-FooUser x }", &[("Get-FooUser", Warning)]),
        ("if (-not (Get-Module -ListAvailable Foo)) { 1 } else { Get-FooUser x }", &[("Get-FooUser", Warning)]),
        ("if (!(Get-Module Foo)) { 'no'; exit 1 }\nGet-FooUser x", &[("Get-FooUser", Warning)]),
        ("if (!(Get-Module Foo)) { 'no' }\nGet-FooUser x", &[("Get-FooUser", Error)]),
        (
            "function f { if (!(gcm Get-FooUser)) { return }\nGet-FooUser x }\nGet-FooGroup",
            &[("Get-FooUser", Warning), ("Get-FooGroup", Error)],
        ),
        ("if ($x = 1) { Get-FooUser x }", &[("Get-FooUser", Error)]),
        ("try { Get-FooUser x } catch { Get-FooGroup }", &[("Get-FooUser", Warning), ("Get-FooGroup", Error)]),
    ];
    for (text, places) in cases {
        let found = found(text);
        let given: Vec<(&str, &str, Severity)> =
            found.iter().map(|(id, at, s)| (id.as_str(), at.as_str(), *s)).collect();
        let expected: Vec<(&str, &str, Severity)> = places.iter().map(|(at, s)| (unknown, *at, *s)).collect();
        assert_eq!(given, expected, "{text}");
    }
}

/// Rule: a check of a parameter that is not understood is named, never left out in silence.
#[test]
fn checks_that_are_not_understood() {
    for (attribute, named) in [
        ("[ValidateSet([Foo])]", true),
        ("[ValidateRange($a, $b)]", true),
        ("[ValidateUserDrive()]", true),
        ("[ValidateLength(1, 2, ErrorMessage = 'x')]", true),
        ("[ValidateRange(1, 5)]", false),
        ("[ValidateNotNull()]", false),
        ("[Parameter(Mandatory)]", false),
    ] {
        let text = format!("function f {{ param({attribute}$x) $x }}");
        let found =
            found(&text).iter().any(|(id, _, severity)| id == "UnsupportedConstruct" && *severity == Severity::Error);
        assert_eq!(found, named, "{text}");
    }
}

/// Rule: types and static members that are not there are named wherever they stand; those that are there are not.
#[test]
fn types_and_static_members() {
    for (text, expected) in [
        ("$x = [nosuch.thing]'a'", "TypeNotFound"),
        ("$x -as [nosuch.thing]", "TypeNotFound"),
        ("param([nosuch.thing]$x) $x", "TypeNotFound"),
        ("function f { param([nosuch.thing]$x) $x }", "TypeNotFound"),
        ("[environment]::OSVersionn", "PropertyNotFound"),
        ("[math]::Rounded(5)", "MethodNotFound"),
        ("[dayofweek]::Mondai", "PropertyNotFound"),
        ("try { [math]::Rounded(5) } catch { 'no' }", "MethodNotFound"),
        ("[OutputType([nosuch.thing])] param() 5", ""),
        ("try { 1 } catch [nosuch.SomeException] { 2 }", "TypeNotFound"),
        ("[void][int]::TryParse('5', [ref]$null)", ""),
        ("[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12", ""),
        ("[Console]::OutputEncoding = [Text.Encoding]::UTF8", ""),
        ("[System.Collections.Generic.List[string]]::new(); [Exception]::new('x')", ""),
        ("[int[]]$a = 1, 2; [array]::Reverse($a); [nullable[int]]$n = $null; [math]::PI; [string]::Join('', $a)", ""),
    ] {
        let found = found(text);
        let ids: Vec<&str> = found.iter().map(|(id, ..)| id.as_str()).filter(|id| id.ends_with("NotFound")).collect();
        assert_eq!(ids.join(","), expected, "{text}: {found:?}");
        let softened = text.starts_with("try {");
        assert!(found.iter().all(|(.., s)| !softened || *s == Severity::Warning), "{text}");
    }
}

/// Rule: a construct that is not there is named once: not the uses of the types that it would make, and no second time as
/// something else.
#[test]
fn constructs_are_named_once() {
    for (text, expected) in [
        ("enum Color { Red }\n$c = [Color]::Red\n$c", vec![("UnsupportedConstruct", "enum")]),
        ("class P { $N }\nfunction F([P[]]$x) { [P]::new() }\nF", vec![("UnsupportedConstruct", "class")]),
        ("class P { $N }\n[Q]::new()", vec![("UnsupportedConstruct", "class"), ("TypeNotFound", "[Q]")]),
        ("for ($i=0,$j=10; $i -lt 2; $i++) { $i }", vec![("InvalidLeftHandSide", "0")]),
    ] {
        let found = found(text);
        let given: Vec<(&str, &str)> = found.iter().map(|(id, place, _)| (id.as_str(), place.as_str())).collect();
        assert_eq!(given, expected, "{text}");
    }
}
