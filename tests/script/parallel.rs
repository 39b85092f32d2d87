//! ForEach-Object -Parallel: blocks on threads of their own, with what `$using:` hands them.

use super::support::{Kept, KeptHost, Shell, on_large_stack};
use reeve::cmdlet::host::Message;
use reeve::cmdlet::session::Session;
use reeve::deployment::lab::Temporary;
use reeve::error::Halt;
use reeve::language::Mode;
use reeve::script::{Engine, Limits};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

fn run(text: &str) -> (Vec<String>, Vec<String>) {
    let text = text.to_string();
    let (tell, told) = std::sync::mpsc::channel();
    on_large_stack(move || {
        let _ = tell.send(Shell::new().run(&text, Mode::PowerShell));
    });
    told.recv().expect("an outcome")
}

/// Values, scopes and errors of blocks that run elsewhere are PowerShell's.
#[test]
fn blocks_run_elsewhere() {
    let cases: &[(&str, &str, &[&str])] = &[
        ("1..4 | ForEach-Object -Parallel { $_ * 2 } | Sort-Object", "2 4 6 8", &[]),
        ("$a = 10; 1..3 | ForEach-Object -Parallel { $_ + $using:a } | Sort-Object", "11 12 13", &[]),
        ("$a = @{n=5}; 1 | ForEach-Object -Parallel { $using:a.n; \"<$($using:a['n'])>\" }", "5 <5>", &[]),
        // The block sees no other variable of its caller, and leaves none behind.
        ("$a = 1; 1..2 | % -Parallel { \"[$a]\"; $a = 7; $b = 8 } -ThrottleLimit 1; $a; \"[$b]\"", "[] [] 1 []", &[]),
        // Side by side, one at a time comes in order.
        ("1..5 | ForEach-Object -ThrottleLimit 1 -Parallel { $_ }", "1 2 3 4 5", &[]),
        // What is handed over is shared.
        (
            "$l = [Collections.ArrayList]::new(); 1..50 | % -Parallel { $null = ($using:l).Add($_) }; $l.Count",
            "50",
            &[],
        ),
        // An error ends one run, not the others, and a statement's error not even that.
        ("1..3 | % -Parallel { if ($_ -eq 2) { throw 'bad' }; $_ } | Sort-Object", "1 3", &["bad"]),
        ("1 | % -Parallel { 1/0; 'on' }", "on", &["RuntimeException"]),
        ("1..2 | % -Parallel { if ($_ -eq 1) { return }; $_ }", "2", &[]),
        ("1..9 | % -Parallel { $_ } | Select-Object -First 1 | Measure-Object | % Count", "1", &[]),
        ("$r = 1..2 | % -Parallel { 1..2 | % -Parallel { $_ + 10 } } | Sort-Object; \"$r\"", "11 11 12 12", &[]),
        ("1 | % -Parallel { $y = 3; 1 | % -Parallel { $using:y } }", "3", &[]),
        ("1 | % -Parallel { [pscustomobject]@{A=$_} } | % A", "1", &[]),
        ("1 | % -Parallel { Write-Error 'e' -ErrorId Mine }", "", &["Mine"]),
        (
            "1 | % -Parallel { $using:nosuch }",
            "",
            &["UsingVariableIsUndefined,Microsoft.PowerShell.Commands.ForEachObjectCommand"],
        ),
        ("$x = 1; $using:x", "", &["UsingWithoutInvokeCommand"]),
        (
            "$b = {1}; 1 | % -Parallel { & $using:b }",
            "",
            &["ParallelUsingVariableCannotBeScriptBlock,Microsoft.PowerShell.Commands.ForEachObjectCommand"],
        ),
        (
            "{1} | % -Parallel { 1 }",
            "",
            &["ParallelPipedInputObjectCannotBeScriptBlock,Microsoft.PowerShell.Commands.ForEachObjectCommand"],
        ),
        (
            "1 | % -Parallel { 1 } -ErrorAction Stop",
            "",
            &["ParallelCommonParametersNotSupported,Microsoft.PowerShell.Commands.ForEachObjectCommand"],
        ),
        (
            "1..20 | % -Parallel { Start-Sleep 60; $_ } -TimeoutSeconds 1",
            "",
            &["PSTaskException,Microsoft.PowerShell.Commands.ForEachObjectCommand"],
        ),
    ];
    for (text, outputs, errors) in cases {
        let (values, ids) = run(text);
        assert_eq!(
            (values.join(" ").as_str(), ids),
            (*outputs, errors.iter().map(ToString::to_string).collect()),
            "{text}"
        );
    }
}

/// So many run at the same time as -ThrottleLimit says: each waits for all others to have come.
#[test]
fn they_run_side_by_side() {
    let text = "$l = [Collections.ArrayList]::new()
1..4 | ForEach-Object -ThrottleLimit 4 -Parallel {
    $l = $using:l
    $null = $l.Add($_)
    $until = (Get-Date).AddSeconds(60)
    while ($l.Count -lt 4 -and (Get-Date) -lt $until) { Start-Sleep -Milliseconds 5 }
    $l.Count
}";
    let (values, errors) = run(text);
    assert_eq!((values.join(" ").as_str(), errors.len()), ("4 4 4 4", 0), "{errors:?}");
}

/// Other streams come to the caller's, and an error says where in the text it arose.
#[test]
fn streams_come_back() {
    on_large_stack(|| {
        let mut shell = Shell::new();
        let text = "'x' | Out-Null\n1 | ForEach-Object -Parallel {\n  Write-Warning w; Write-Host h\n  Get-NoSuch\n}";
        let (_, errors) = shell.run(text, Mode::PowerShell);
        assert_eq!(errors, ["CommandNotFoundException"]);
        assert_eq!(shell.said(), ["w", "h"]);
        let messages = shell.kept.messages.borrow();
        let place = messages.iter().find_map(|message| match message {
            Message::Error(error) => error.place().map(|(source, span)| span.of(&source.text).to_string()),
            _ => None,
        });
        assert_eq!(place.as_deref(), Some("Get-NoSuch"));
    });
}

/// Cmdlets of the deployment run there too, each worker in a session of its own as the same user.
#[test]
fn workers_have_the_deployment() {
    on_large_stack(|| {
        let lab = Temporary::new().unwrap();
        let mut shell = Shell::on(&lab);
        let text =
            "$here = (Get-CsPool).Count; 1..4 | % -Parallel { (Get-CsPool).Count -eq $using:here } -ThrottleLimit 2";
        let (values, errors) = shell.run(text, Mode::PowerShell);
        assert_eq!((values.join(" ").as_str(), errors.len()), ("True True True True", 0), "{errors:?}");
    });
}

/// Ctrl-C stops all of them at once.
#[test]
fn an_interrupt_stops_all() {
    on_large_stack(|| {
        let kept = Rc::new(Kept::default());
        let session = Rc::new(Session::new(Box::new(KeptHost(kept))));
        let flag = session.interrupt.clone();
        let mut engine = Engine::with_limits(session, Limits::for_stack(6 << 20));
        let pressed = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(300));
            flag.store(true, Ordering::Relaxed);
            Instant::now()
        });
        let text = "1..8 | ForEach-Object -Parallel { Start-Sleep 600 }";
        let result = engine.run("test", text, Mode::PowerShell, &[]);
        assert!(matches!(result, Err(Halt::Interrupted)), "{result:?}");
        let since = pressed.join().unwrap().elapsed();
        assert!(since < Duration::from_secs(5), "{since:?}");
    });
}
