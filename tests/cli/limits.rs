//! Limits: whatever a script does, it ends with an error of its own, and never with the end of the process.

use super::program::Place;
use std::time::Duration;

/// A text that runs away, by options, and the id that its error has.
fn ends(place: &Place, options: &[&str], text: &str, id: &str) -> Result<(), String> {
    let mut arguments = vec!["--dir", "none"];
    arguments.extend(options);
    arguments.extend(["-c", text]);
    let ran = place.run(&arguments);
    let shown = text.get(..text.len().min(100)).unwrap_or(text);
    match ran.code {
        Some(1 | 2) if ran.err.contains(id) => Ok(()),
        code => Err(format!("{shown}\n  wanted {id}, got {code:?}: {}", ran.err.chars().take(400).collect::<String>())),
    }
}

/// Rule: each limit has its flag, its error id and exit code 1.
#[test]
fn each_limit_has_its_flag_and_its_id() {
    let place = Place::empty();
    let forever = "1..1000000000 | Where-Object { $_ -lt 0 }";
    let file = place.path("much").display().to_string();
    let wrong: Vec<String> = [
        (vec!["--max-operations", "100000"], "loop { }", "OperationLimitExceeded"),
        (vec!["--max-operations", "100000"], "while ($true) { $x += 1 }", "OperationLimitExceeded"),
        (vec!["--max-operations", "100000"], "while ($true) { try { loop { } } catch { } }", "OperationLimitExceeded"),
        (vec!["--time-limit", "1"], "loop { }", "TimeLimitExceeded"),
        (vec!["--time-limit", "1"], forever, "TimeLimitExceeded"),
        (vec!["--time-limit", "1"], "1..1000000000000", "TimeLimitExceeded"),
        (vec!["--time-limit", "1"], "let r = 0..=1000000000000; r", "TimeLimitExceeded"),
        (vec!["--time-limit", "1"], "let r = 0..1000000000000; r | Where-Object { $_ -lt 0 }", "TimeLimitExceeded"),
        (vec!["--time-limit", "1"], "Start-Sleep 1000", "TimeLimitExceeded"),
        (vec!["--time-limit", "1"], "sleep(1000)", "TimeLimitExceeded"),
        (vec!["--time-limit", "1"], "while ($true) { try { Start-Sleep 100 } catch { } }", "TimeLimitExceeded"),
        (vec!["--max-depth", "20"], "fn f(n) { if n > 30 { 0 } else { f(n + 1) } } f(0)", "CallDepthOverflow"),
        (vec!["--max-depth", "20"], "function Get-Deep { Get-Deep }; Get-Deep", "CallDepthOverflow"),
        (vec!["--max-output", "100kb"], "1..1000000", "OutputLimitExceeded"),
        (vec!["--max-output", "100kb"], "while ($true) { 'text' }", "OutputLimitExceeded"),
        (vec!["--max-output", "100kb"], "1..1000000 | Set-Content FILE", "OutputLimitExceeded"),
        (vec!["--max-output", "100kb"], "while ($true) { 'x' * 1000 | Add-Content FILE }", "OutputLimitExceeded"),
        (vec!["--max-memory", "300mb"], "$a = 1..100000000 | ForEach-Object { \"$_\" }", "MemoryLimitExceeded"),
        (vec!["--max-memory", "300mb"], "while ($true) { $a += ,(1..10000) }", "MemoryLimitExceeded"),
        (vec!["--max-memory", "300mb"], "1..100000000 | Sort-Object", "MemoryLimitExceeded"),
    ]
    .into_iter()
    .filter_map(|(options, text, id)| ends(&place, &options, &text.replace("FILE", &file), id).err())
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rule: calls that nest without end have an error, whatever stands between them.
#[test]
fn calls_without_end() {
    let place = Place::empty();
    let wrong: Vec<String> = [
        "fn deep(n) { deep(n + 1) + 1 } deep(0)",
        "let f = |f| f.call(f); f.call(f)",
        "function Get-Deep { Get-Deep }; Get-Deep",
        "function Get-Deep { 1 | ForEach-Object { Get-Deep } }; Get-Deep",
        "$b = { & $b }; & $b",
        "$b = { 1 | Where-Object { & $b } }; & $b",
        "function Get-Deep { try { Get-Deep } finally { 1 } }; Get-Deep",
        "function Get-Deep { $h = @{ a = (Get-Deep) } }; Get-Deep",
        "function Get-Deep { \"$(Get-Deep)\" }; Get-Deep",
    ]
    .into_iter()
    .filter_map(|text| ends(&place, &[], text, "CallDepthOverflow").err())
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rule: a text nested however deep is read to its end and refused, or runs.
#[test]
fn texts_nested_without_end() {
    let place = Place::empty();
    for (before, open, middle, close) in [
        ("let x = ", "(", "1", ")"),
        ("$x = ", "(", "1", ")"),
        ("let x = ", "[", "1", "]"),
        ("", "{", "1", "}"),
        ("$x = ", "@(", "1", ")"),
        ("$x = ", "@{a=", "1", "}"),
        ("$x = ", "$(", "1", ")"),
        ("$x = ", "-not ", "$true", ""),
        ("$x = 1", " + 1", "", ""),
        ("$x = $y", ".a", "", ""),
        ("", "if ($x) {", "1", "}"),
        ("", "function f {", "1", "}"),
    ] {
        let text = format!("{before}{}{middle}{}", open.repeat(20_000), close.repeat(20_000));
        let path = place.write("deep.ps1", &text).display().to_string();
        let ran = place.run(&["--dir", "none", "run", &path]);
        assert!(matches!(ran.code, Some(0..=2)), "{open}: {:?} {}", ran.code, ran.err);
    }
}

/// Rule: a value is never larger than a script may hold, whichever way it is made.
#[test]
fn values_that_grow() {
    let place = Place::empty();
    let wrong: Vec<String> = [
        ("$s = 'x' * 10gb; $s.Length", "DataSizeExceeded"),
        ("while ($true) { $s = 'x' * 60mb; while ($true) { $s += $s } }", "DataSizeExceeded"),
        ("let s = \"x\"; loop { s += s; }", "DataSizeExceeded"),
        ("$x = @(1) * 1gb", "DataSizeExceeded"),
        ("$x = 1..1000000000", "DataSizeExceeded"),
        ("let r = 0..1000000000; Write_Output(r)", "DataSizeExceeded"),
        ("$x = -9223372036854775808..9223372036854775807", "DataSizeExceeded"),
        ("let a = []; a.pad(1000000000, 1);", "DataSizeExceeded"),
        ("$s = 'a' * 1mb; $s.Replace('a', 'b' * 10000).Length", "DataSizeExceeded"),
        ("$s = 'a' * 1mb; ($s -replace 'a', ('b' * 10000)).Length", "DataSizeExceeded"),
        ("$s = 'a' * 10mb; $x = @($s) * 1000; ($x -join '').Length", "DataSizeExceeded"),
        ("$s = 'a' * 10mb; $x = @($s) * 1000; [string]::Join(',', $x).Length", "DataSizeExceeded"),
        ("$s = 'a' * 10mb; ('{0}' * 1000) -f $s", "DataSizeExceeded"),
        (
            "$b = New-Object Text.StringBuilder; $s = 'a' * 60mb; while ($true) { [void]$b.Append($s) }",
            "DataSizeExceeded",
        ),
        ("'{0,2000000000}' -f 1", "FormatError"),
        ("'x'.PadLeft(2000000000)", "ArgumentOutOfRangeException"),
        ("'a' -match '((a{1,100}){1,100}){1,100}'", "RegexParseException"),
        ("'[' * 100000 + ']' * 100000 | ConvertFrom-Json", "ArgumentException"),
        ("$h = @{}; $h.a = $h; $h.b = $h; $h | ConvertTo-Json -Depth 100", "DataSizeExceeded"),
        ("$a = 1; foreach ($i in 1..60) { $a = @{x=$a;y=$a} }; $a | ConvertTo-Json -Depth 100", "DataSizeExceeded"),
    ]
    .into_iter()
    .filter_map(|(text, id)| ends(&place, &[], text, id).err())
    .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What shows, compares, converts and copies one object or two.
const USES: &str = "$o; \"$o\"; $o | Format-List; $o | Format-Table; $o | Out-String | Out-Null; $o -eq $p; $o -lt $p
    $o, $p | Sort-Object | Out-Null; $o, $p | Group-Object | Out-Null; Compare-Object $o $p | Out-Null
    $o, $p | Select-Object -Unique | Out-Null; $o | ConvertTo-Json -Depth 8 | Out-Null; $o | ConvertTo-Csv | Out-Null
    $o | ConvertTo-Html | Out-Null; $o | Get-Member | Out-Null; $t = @{}; $t[$o] = 1; $t.Count; @($o) -contains $p
    $o | Select-Object * | Out-Null; $o | Measure-Object | Out-Null; '{0}' -f $o; $q = $o; $q = $null; 'end'";

/// Rule: what holds itself can be printed, compared and converted; each comes to an end.
#[test]
fn objects_that_hold_themselves() {
    let place = Place::empty();
    for make in [
        "$o = @{}; $o.a = $o; $p = @{}; $p.a = $p",
        "$o = @{}; $o.a = @($o, $o); $p = @{}; $p.a = @($p)",
        "$o = [ordered]@{}; $o.a = $o; $p = $o",
        "$o = [pscustomobject]@{a=1}; $o.a = $o; $p = [pscustomobject]@{a=1}; $p.a = $p",
        "$o = [pscustomobject]@{a=1; Identity=1; Name=1}; $o.Identity = $o; $o.Name = $o; $p = $o",
        "$o = [System.Collections.ArrayList]@(); $h = @{l=$o}; [void]$o.Add($h); $p = [System.Collections.ArrayList]@(1)",
        "$o = [pscustomobject]@{a=1}; $h = @{o=$o}; $o.a = $h; $p = $h",
    ] {
        let script = place.write("cycle.ps1", &format!("{make}\n{USES}"));
        let ran = place.run(&["--dir", "none", "--time-limit", "120", "run", &script.display().to_string()]);
        assert!(
            matches!(ran.code, Some(0 | 1)) && ran.out.trim_end().ends_with("end"),
            "{make}: {:?} {}",
            ran.code,
            ran.err
        );
    }
}

/// Rule: objects may be nested as deep as they like: they can be printed and compared, and they go without a trace.
#[test]
fn objects_nested_without_end() {
    let place = Place::empty();
    for make in [
        "$o = 1; for ($i = 0; $i -lt 20000; $i++) { $o = @{x=$o} }",
        "$o = 1; for ($i = 0; $i -lt 20000; $i++) { $o = [pscustomobject]@{x=$o} }",
        "$o = 1; for ($i = 0; $i -lt 1000; $i++) { $l = [System.Collections.ArrayList]@(); [void]$l.Add($o); $o = $l }",
        "$o = 1; for ($i = 0; $i -lt 500; $i++) { $o = ,$o }",
        "$o = {1}; for ($i = 0; $i -lt 5000; $i++) { $b = $o; $o = { & $b }.GetNewClosure() }",
    ] {
        let script = place.write("deep.ps1", &format!("{make}\n$p = $o\n{USES}"));
        let ran = place.run(&["--dir", "none", "--time-limit", "300", "run", &script.display().to_string()]);
        assert!(
            matches!(ran.code, Some(0 | 1)) && ran.out.trim_end().ends_with("end"),
            "{make}: {:?} {}",
            ran.code,
            ran.err
        );
    }
}

/// Rule: limits that make no sense are refused before anything runs.
#[test]
fn sizes_are_numbers_with_units() {
    let place = Place::empty();
    for size in ["much", "5xb", "-1", "99999999999gb"] {
        assert_eq!(place.run(&["--max-memory", size, "-c", "1"]).code, Some(2), "{size}");
    }
    for size in ["1gb", "900MB", "2000000kb", "3000000000"] {
        place.run(&["--dir", "none", "--max-memory", size, "-c", "1"]).ok();
    }
}

/// The most memory that a text takes at a time, KiB.
fn peak(place: &Place, text: &str) -> u64 {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_reeve"))
        .args(["--dir", "none", "-c", text])
        .current_dir(place.path(""))
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let mut most = 0;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let mark = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let now = mark.and_then(|mark| mark.trim().trim_end_matches("kB").trim().parse().ok());
        most = most.max(now.unwrap_or(0));
        if let Some(ended) = child.try_wait().unwrap() {
            assert!(ended.success(), "{text}");
            return most;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Rule: a pipeline that streams takes the same memory however many objects pass through it.
#[test]
fn memory_does_not_grow_with_the_input() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let place = Place::empty();
    let make = "1..N | ForEach-Object { [pscustomobject]@{ A = $_; B = \"name $_\" } }";
    for stages in [
        "Where-Object { $_.A % 2 } | Select-Object A | Out-Null",
        "ForEach-Object { $x = $_.A; if ($x % 2) { $_ } } | Measure-Object | Out-Null",
        "Export-Csv much.csv",
        "Out-Null; Import-Csv much.csv | Out-Null; Get-Content much.csv | Out-Null",
        "Where-Object A -gt 0",
    ] {
        let text = |objects: &str| format!("{} | {stages}", make.replace('N', objects));
        let (few, many) = (peak(&place, &text("10000")), peak(&place, &text("60000")));
        // A record takes some hundred bytes: fifty thousand of them would be 10 MiB and more.
        assert!(many < few + 4096, "{stages}: {few} KiB, then {many} KiB");
    }
}

/// Rule: a file that may not grow any more is an error of what writes it, and the session goes on.
#[test]
#[cfg(unix)]
fn a_file_that_may_not_grow() {
    let place = Place::empty();
    let text = "try { 'x' * 100kb | Set-Content big.txt -ErrorAction Stop } catch { Write-Output \"said: $($_.Exception.Message)\" }";
    let shell =
        format!("ulimit -f 1; exec '{}' --dir none -c '{}'", env!("CARGO_BIN_EXE_reeve"), text.replace('\'', "'\\''"));
    let mut command = std::process::Command::new("/bin/sh");
    command.args(["-c", &shell]).current_dir(place.path("")).env_clear().env("HOME", place.path(""));
    let ran = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.code().is_some(), "a signal ended it: {out}{err}");
    assert!(out.contains("said: ") && out.contains("big.txt"), "{out}{err}");
}
