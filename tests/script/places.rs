//! An error at run time points at what the user wrote, wherever that stands, and says through which calls it came.

use super::support::Shell;
use crate::cli::program::Place;
use reeve::error::{ErrorRecord, Halt};

/// Files of a case, the command line, and what the report must hold, in order.
struct Case {
    files: &'static [(&'static str, &'static str)],
    run: &'static [&'static str],
    input: &'static str,
    says: &'static [&'static str],
}

/// Rule: id, file, line and column are those of the text that the user wrote: of a script, of a module, of a function
/// of command mode, of a block in a pipeline, of an earlier line; below stand the calls, the innermost first.
#[test]
fn errors_point_at_the_text_with_the_calls() {
    let cases = [
        // A .ps1 script: functions within functions.
        Case {
            files: &[(
                "a.ps1",
                "function Inner($x) {\n    throw \"bad $x\"\n}\nfunction Outer {\n  Inner 5\n}\n\nOuter\n",
            )],
            run: &["run", "a.ps1"],
            input: "",
            says: &["bad 5", "[a.ps1:2:5]", "in Inner, called at a.ps1:5:3", "in Outer, called at a.ps1:8:1"],
        },
        // A Rhai script: its own functions.
        Case {
            files: &[(
                "a.rhai",
                "fn inner(x) {\n  let y = x / 0;\n  y\n}\nfn outer() { inner(5) }\n\nprint(outer());\n",
            )],
            run: &["run", "a.rhai"],
            input: "",
            says: &[
                "DivideByZero",
                "[a.rhai:2:13]",
                "in inner, called at a.rhai:5:14",
                "in outer, called at a.rhai:7:7",
            ],
        },
        // A module.
        Case {
            files: &[
                ("m.rhai", "// A module.\nfn broken(x) {\n  x.nothing_here()\n}\n"),
                ("a.rhai", "import \"m\" as m;\nm::broken(1);\n"),
            ],
            run: &["run", "a.rhai"],
            input: "",
            says: &["FunctionNotFound", "m.rhai:3:5]", "in broken, called at a.rhai:2:4"],
        },
        // A command inside a module, which gives the error itself.
        Case {
            files: &[
                ("m.rhai", "fn broken() {\n  Get-Item ./nowhere -ErrorAction Stop\n}\n"),
                ("a.rhai", "import \"m\" as m;\n\n  m::broken();\n"),
            ],
            run: &["run", "a.rhai"],
            input: "",
            says: &["PathNotFound", "m.rhai:2:", "in broken, called at a.rhai:3:6"],
        },
        // An error that does not end the function, in the function's text.
        Case {
            files: &[("a.ps1", "function Look {\n  Get-Item ./nowhere\n  'goes on'\n}\nLook\n")],
            run: &["run", "a.ps1"],
            input: "",
            says: &["PathNotFound", "[a.ps1:2:", "in Look, called at a.ps1:5:1"],
        },
        // A block in a pipeline.
        Case {
            files: &[("a.ps1", "1..2 |\n  ForEach-Object {\n    [int]'x'\n  }\n")],
            run: &["run", "a.ps1"],
            input: "",
            says: &["InvalidCastFromStringToInteger", "[a.ps1:3:"],
        },
        // What takes a function's output is not inside of the function.
        Case {
            files: &[("a.ps1", "function Give { 1 }\nGive | ForEach-Object { throw 'later' }\n'.'\n")],
            run: &["run", "a.ps1"],
            input: "",
            says: &["later", "[a.ps1:2:"],
        },
    ];
    for case in &cases {
        let place = Place::empty();
        for (name, text) in case.files {
            place.write(name, text);
        }
        let ran = place.run_with(case.run, case.input);
        let mut rest = ran.err.as_str();
        for said in case.says {
            let at = rest.find(said).unwrap_or_else(|| panic!("{said} is not in\n{}\nof\n{}", rest, ran.err));
            rest = &rest[at + said.len()..];
        }
        let called = ran.err.matches(", called at ").count();
        let expected = case.says.iter().filter(|said| said.contains("called at")).count();
        assert_eq!(called, expected, "{}", ran.err);
    }
}

/// Rule: `$_.ScriptStackTrace` holds the same, as PowerShell writes it.
#[test]
fn a_script_can_read_the_calls() {
    let place = Place::empty();
    let text =
        "function Inner {\n  throw 'x'\n}\nfunction Outer {\n  Inner\n}\ntry { Outer } catch { $_.ScriptStackTrace }\n";
    place.write("a.ps1", text);
    let ran = place.run(&["run", "a.ps1"]).ok();
    let expected = "at Inner, a.ps1: line 2\nat Outer, a.ps1: line 5\nat <ScriptBlock>, a.ps1: line 7\n";
    assert_eq!(ran.out, expected);
}

/// Rule: of a recursion the innermost calls are shown, and the number of the others.
#[test]
fn calls_of_a_recursion_are_bounded() {
    let place = Place::empty();
    place.write("a.ps1", "function Down($n) {\n  if ($n -eq 0) { throw 'there' }\n  Down ($n - 1)\n}\nDown 40\n");
    let ran = place.run(&["run", "a.ps1"]);
    assert_eq!(ran.err.matches("in Down, called at a.ps1:3:3").count(), 16, "{}", ran.err);
    assert!(ran.err.contains("25 more calls"), "{}", ran.err);
}

/// Rule: a function of an earlier line of the shell is shown with its own line's text.
#[test]
fn earlier_lines_keep_their_text() {
    let errors = shell_lines(&["function Bad {\n  throw 'late'\n}", "$a = 1", "  Bad"]);
    let error = errors.first().expect("an error");
    let (source, span) = error.place().expect("a place");
    assert_eq!((source.name.as_str(), span.of(&source.text)), ("line 1", "throw 'late'"));
    let calls = error.calls().expect("calls").innermost();
    let (source, span) = calls[0].place.as_ref().expect("a place");
    assert_eq!((calls.len(), calls[0].function.as_str(), source.name.as_str(), span.start), (1, "Bad", "line 3", 2));
    // The same of Rhai's functions and closures.
    let errors = shell_lines(&["fn bad(x) { x.nothing_here() }", "let f = |x| bad(x);", "f.call(1)"]);
    let error = errors.first().expect("an error");
    let (source, _) = error.place().expect("a place");
    assert_eq!((source.name.as_str(), error.id()), ("line 1", "FunctionNotFound"));
    let calls = error.calls().expect("calls").innermost();
    assert_eq!((calls[0].function.as_str(), calls[0].place.as_ref().unwrap().0.name.as_str()), ("bad", "line 2"));
}

/// The errors that ended lines of one shell.
fn shell_lines(lines: &[&str]) -> Vec<ErrorRecord> {
    let mut shell = Shell::new();
    let run = |(at, line): (usize, &&str)| match shell.engine.run_line(&format!("line {}", at + 1), line) {
        Err(Halt::Error(error)) => Some(error),
        _ => None,
    };
    lines.iter().enumerate().filter_map(run).collect()
}
