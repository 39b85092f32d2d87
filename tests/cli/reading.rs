//! The reading and checking of a text stops like its running: by its time, by Ctrl-C, by SIGTERM.

use super::program::Place;
use rustix::process::{Pid, Signal, kill_process};
use std::fmt::Write;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Far above what an end takes, far below what the reading would.
const PATIENCE: Duration = Duration::from_secs(30);

/// Texts that take minutes to read.
fn long_texts() -> Vec<(&'static str, String)> {
    let lines = |line: &dyn Fn(&mut String, usize)| {
        (0..40_000).fold(String::new(), |mut text, number| {
            line(&mut text, number);
            text.push('\n');
            text
        })
    };
    vec![
        (
            "closures.ps1",
            lines(&|text, n| write!(text, "$v{n} = {{ $args | ForEach-Object {{ $_ + {n} }} }}").unwrap()),
        ),
        ("functions.rhai", lines(&|text, n| write!(text, "fn f{n}(a) {{ let b = a + {n}; b }}").unwrap())),
        ("variables.ps1", lines(&|text, n| write!(text, "$v{n} = \"s{n}\"; Write-Host $v{n} | Out-Null").unwrap())),
        ("unknown.ps1", lines(&|text, n| write!(text, "Get-NoSuchThing{n} -Identity $x{n}").unwrap())),
    ]
}

/// Rule: a text that cannot be read in its time is given up with the error that a running one has.
#[test]
fn reading_takes_its_time_and_no_more() {
    let place = Place::empty();
    for (name, text) in long_texts() {
        let file = place.write(name, &text).display().to_string();
        for form in ["check", "run", "lower"] {
            let started = Instant::now();
            let ran = place.run(&["--dir", "none", "--time-limit", "1", form, &file]);
            assert!(started.elapsed() < PATIENCE, "{form} {name}: {:?}", started.elapsed());
            ran.fails(1, "TimeLimitExceeded");
        }
    }
}

fn start(place: &Place, arguments: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reeve"));
    command.args(["--dir", "none"]).args(arguments).current_dir(place.path("")).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Whether a process has something to do when it gets SIGINT and SIGTERM.
fn listens(child: &Child) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    let wanted = [Signal::INT, Signal::TERM].map(|signal| 1_u64 << (signal.as_raw() - 1));
    wanted.iter().all(|bit| caught & bit != 0)
}

/// Rule: Ctrl-C and SIGTERM end the reading with exit code 130.
#[test]
fn signals_end_the_reading() {
    if !cfg!(target_os = "linux") {
        return;
    }
    let place = Place::empty();
    for (name, text) in long_texts() {
        let file = place.write(name, &text).display().to_string();
        for (form, signal) in [("check", Signal::INT), ("run", Signal::TERM), ("lower", Signal::INT)] {
            let child = start(&place, &[form, &file]);
            let begun = Instant::now();
            while !listens(&child) {
                assert!(begun.elapsed() < PATIENCE, "{form} {name} catches no signals");
                std::thread::sleep(Duration::from_millis(1));
            }
            // Somewhere in it; wherever it is, it ends.
            std::thread::sleep(Duration::from_millis(200));
            let sent = Instant::now();
            kill_process(Pid::from_child(&child), signal).unwrap();
            let Output { status, stderr, .. } = child.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&stderr);
            assert!(sent.elapsed() < PATIENCE, "{form} {name}: {:?}", sent.elapsed());
            assert_eq!(status.code(), Some(130), "{form} {name}: {}", said.chars().take(400).collect::<String>());
            assert!(said.contains("Interrupted."), "{form} {name}");
        }
    }
}

/// Rule: a text of many functions runs as one of few does, whatever stands between them and whatever they capture.
#[test]
fn many_functions_are_those_of_the_text() {
    let place = Place::empty();
    let mut text = "$base = 1000\n\t$step = 2\n".to_string();
    for n in 0..500 {
        match n % 4 {
            0 => writeln!(text, "function Get-F{n}($a) {{ $b = $a + {n}; $b }} $seen = {n}").unwrap(),
            1 => writeln!(text, "function Get-F{n} {{ param([int]$a)\n  process {{ $base + $a + {n} }}\n}}").unwrap(),
            2 => writeln!(text, "# größer\nif ($true) {{ function Get-F{n}($a) {{ $a * $step }} }}").unwrap(),
            _ => writeln!(
                text,
                "$x{n} = \"ä\"; function Get-F{n}($a) {{ Get-F{} $a | ForEach-Object {{ $_ + 1 }} }}",
                n - 3
            )
            .unwrap(),
        }
    }
    text.push_str("function Get-F0($a) { 'again' }\n\"$(Get-F496 1) $(Get-F497 1) $(Get-F498 4) $(Get-F499 1) $(Get-F0) $seen\"\n");
    text.push_str("Get-F500x\n");
    let file = place.write("many.ps1", &text.replace("Get-F500x", "")).display().to_string();
    let ran = place.run(&["--dir", "none", "run", &file]).ok();
    assert_eq!(ran.out.trim(), "497 1498 8 498 again 496");
    // An error stands where it is written.
    let text = text.replace("Get-F500x", "").replace("$b = $a + 496;", "$b = $a + 496; throw 'here';");
    let line = text.lines().position(|line| line.contains("throw")).unwrap() + 1;
    let file = place.write("many.ps1", &text).display().to_string();
    let ran = place.run(&["--dir", "none", "run", &file]);
    assert_eq!(ran.code, Some(1), "{}", ran.err);
    assert!(ran.err.contains(&format!("many.ps1:{line}")), "{line} {}", ran.err);
}
