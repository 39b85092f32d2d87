//! Tests of this room: The cmdlets of everyday use.

use crate::cmdlets::harness::*;
use crate::value::{DateTime, Value, date, member, text};

fn property(item: &Value, name: &str) -> String {
    text::to_text(&member::get(item, name).unwrap_or_default()).to_string()
}

#[test]
fn get_date_reads_and_prints() {
    let at = "2026-11-21T08:35:07";
    for (format, expected) in
        [("yyyy-MM-dd HH:mm:ss", "2026-11-21 08:35:07"), ("s", at), ("d", "11/21/2026"), ("FileDate", "20261121")]
    {
        assert_eq!(run(command("Get-Date").arg(at).with("Format", format)).shown(), [expected], "{format}");
    }
    for (format, expected) in [
        ("%Y-%m-%d %H:%M:%S %A", "2026-11-21 08:35:07 Saturday"),
        ("+%F %T", "2026-11-21 08:35:07"),
        ("%j %u %V %y%%", "325 6 47 26%"),
        ("%I:%M %p", "08:35 AM"),
    ] {
        assert_eq!(run(command("Get-Date").arg(at).with("UFormat", format)).shown(), [expected], "{format}");
    }
    let parts =
        [("Year", 2026), ("Month", 2), ("Day", 21), ("Hour", 8), ("Minute", 35), ("Second", 0), ("Millisecond", 0)];
    let made = parts.into_iter().fold(command("Get-Date"), |command, (name, part)| command.with(name, part));
    assert_eq!(run(made.with("Format", "s")).shown(), ["2026-02-21T08:35:00"]);
    let over = run(command("Get-Date").arg("2026-02-03").with("Day", 31).with("Format", "yyyy-MM-dd"));
    assert_eq!(over.shown(), ["2026-03-03"], "days that the month lacks count on");
    let wrong = run(command("Get-Date").arg("no date"));
    assert_eq!(wrong.stopped.as_deref(), Some("CannotConvertArgumentNoMessage"));
}

#[test]
fn weeks_at_the_turn_of_the_year() {
    for (at, week) in
        [("2021-01-03", "2020-53"), ("2021-01-04", "2021-01"), ("2024-12-30", "2025-01"), ("2026-12-31", "2026-53")]
    {
        assert_eq!(run(command("Get-Date").arg(at).with("UFormat", "%G-%V")).shown(), [week], "{at}");
    }
}

#[test]
fn durations() {
    let parts = run(command("New-TimeSpan").with("Days", 1).with("Hours", 2).with("Minutes", 3).with("Seconds", 4));
    assert_eq!(parts.shown(), ["1.02:03:04"]);
    let day = |text: &str| {
        Value::DateTime(
            date::parse(text).unwrap_or(DateTime { ticks: 0, kind: crate::value::DateTimeKind::Unspecified }),
        )
    };
    let between = run(command("New-TimeSpan").arg(day("2026-11-20")).arg(day("2026-11-21")));
    assert_eq!(between.shown(), ["1.00:00:00"]);
    let mixed = run(command("New-TimeSpan").with("Start", day("2026-11-20")).with("Days", 1));
    assert_eq!(mixed.stopped.as_deref(), Some("AmbiguousParameterSet"));
    assert!(run(command("Start-Sleep").with("Milliseconds", 1)).stopped.is_none());
    assert_eq!(run(command("Start-Sleep").arg(-1)).stopped.as_deref(), Some("ParameterArgumentValidationError"));
}

#[test]
fn streams_get_what_is_written() {
    let cases: Vec<(Command, &[&str])> = vec![
        (command("Write-Warning").arg("w"), &["warning w"]),
        (command("Write-Verbose").arg("v"), &[]),
        (command("Write-Verbose").arg("v").on("Verbose"), &["verbose v"]),
        (command("Write-Debug").arg("d").on("Debug"), &["debug d"]),
        (command("Write-Information").arg("i"), &[]),
        (command("Write-Information").arg("i").with("InformationAction", "Continue"), &["information i"]),
        (command("Write-Host").arg("a").arg("b").arg(3), &["information a b 3"]),
        (command("Write-Host").arg(ints(&[1, 2, 3])).with("Separator", "-"), &["information 1-2-3"]),
        (command("Write-Progress").arg("A").with("PercentComplete", 50), &["progress A Some(50) false"]),
    ];
    for (at, (command, expected)) in cases.into_iter().enumerate() {
        let outcome = run(command);
        assert_eq!(outcome.texts, expected, "case {at}: {:?}", outcome.stopped);
        assert!(outcome.values.is_empty(), "case {at}");
    }
}

#[test]
fn write_error_keeps_the_id_of_the_script() {
    let named =
        run(command("Write-Error").arg("m").with("ErrorId", "Replica.Missing").with("Category", "ObjectNotFound"));
    assert_eq!(named.errors, ["Replica.Missing"]);
    assert_eq!(run(command("Write-Error").arg("m")).errors, ["Microsoft.PowerShell.Commands.WriteErrorException"]);
    let stop = run(command("Write-Error").arg("m").with("ErrorAction", "Stop"));
    assert_eq!(stop.stopped.as_deref(), Some("Microsoft.PowerShell.Commands.WriteErrorException"));
    assert!(run(command("Write-Error").arg("m").with("ErrorAction", "Ignore")).errors.is_empty());
}

#[test]
fn write_output_unrolls_once() {
    assert_eq!(run(command("echo").arg("a").arg("b")).shown(), ["a", "b"]);
    assert_eq!(run(command("echo").arg(ints(&[1, 2]))).json(), ["1", "2"]);
    assert_eq!(run(command("echo").arg(ints(&[1, 2])).on("NoEnumerate")).json(), ["[1,2]"]);
    assert_eq!(run(command("echo").arg(vec![Value::list(ints(&[1, 2])), 3.into()])).json(), ["[1,2]", "3"]);
    assert_eq!(feed(ints(&[1, 2]), command("write")).json(), ["1", "2"]);
}

#[test]
fn select_string_finds() {
    let lines = |outcome: &Outcome| outcome.values.iter().map(|value| property(value, "Line")).collect::<Vec<_>>();
    let names = || strs(&["pool1", "edge1", "pool2"]);
    assert_eq!(lines(&feed(names(), command("sls").arg("POOL"))), ["pool1", "pool2"]);
    assert_eq!(lines(&feed(names(), command("sls").arg("pool").on("NotMatch"))), ["edge1"]);
    assert!(feed(names(), command("sls").arg("POOL").on("CaseSensitive")).values.is_empty());
    assert_eq!(lines(&feed(strs(&["a.b", "axb"]), command("sls").arg("a.b").on("SimpleMatch"))), ["a.b"]);
    assert_eq!(lines(&feed(strs(&["a", "b", "c"]), command("sls").arg(strs(&["a", "c"])))), ["a", "c"]);
    assert_eq!(feed(strs(&["a", "b"]), command("sls").arg("b").on("Quiet")).json(), ["true"]);
    assert!(feed(strs(&["a"]), command("sls").arg("z").on("Quiet")).values.is_empty());
    assert_eq!(feed(names(), command("sls").arg("(").on("Quiet")).stopped.as_deref(), Some("InvalidRegex"));
    let found = feed(strs(&["x1y22"]), command("sls").arg("\\d+").on("AllMatches"));
    let matches = crate::value::enumerate(member::get(&found.values[0], "Matches").unwrap_or_default());
    assert_eq!(
        matches.iter().map(|m| format!("{}@{}", property(m, "Value"), property(m, "Index"))).collect::<Vec<_>>(),
        ["1@1", "22@3"]
    );
    let around = feed(strs(&["1", "2", "3", "4"]), command("sls").arg("2").with("Context", 1));
    let context = member::get(&around.values[0], "Context").unwrap_or_default();
    let part = |name: &str| crate::value::enumerate(member::get(&context, name).unwrap_or_default());
    assert_eq!((part("PreContext").len(), part("PostContext").len()), (1, 1));
}

#[test]
fn texts_and_chance() {
    assert_eq!(feed(strs(&["a", "b"]), command("Join-String").with("Separator", "+")).shown(), ["a+b"]);
    let quoted = command("Join-String")
        .with("Separator", ",")
        .on("SingleQuote")
        .with("OutputPrefix", "(")
        .with("OutputSuffix", ")");
    assert_eq!(feed(strs(&["a", "b"]), quoted).shown(), ["('a','b')"]);
    for _ in 0..50 {
        let outcome = run(command("Get-Random").with("Minimum", 1).with("Maximum", 7));
        assert!(matches!(outcome.values[..], [Value::Int(1..=6)]), "{outcome:?}");
    }
    let seeded = || feed(ints(&[1, 2, 3, 4, 5]), command("Get-Random").with("Count", 3).with("SetSeed", 7)).json();
    assert_eq!(seeded(), seeded());
    assert_eq!(
        run(command("Get-Random").with("Minimum", 7).with("Maximum", 7)).stopped.as_deref(),
        Some("MinGreaterThanOrEqualMax")
    );
    assert_eq!(run(command("New-Guid").on("Empty")).shown(), ["00000000-0000-0000-0000-000000000000"]);
    assert_eq!(run(command("Read-Host").arg("Name")).stopped.as_deref(), Some("InvalidOperation"));
}

/// Secrets go in and come out where somebody asks for it in so many words.
#[test]
fn secrets() {
    let made = run(command("ConvertTo-SecureString").arg("p4ss").on("AsPlainText").on("Force"));
    assert_eq!(made.shown(), ["System.Security.SecureString"]);
    let secret = made.values[0].clone();
    assert_eq!(run(command("ConvertFrom-SecureString").arg(secret.clone()).on("AsPlainText")).shown(), ["p4ss"]);
    assert!(!run(command("ConvertFrom-SecureString").arg(secret.clone())).errors.is_empty());
    assert!(!run(command("ConvertTo-SecureString").arg("01000000")).errors.is_empty());
    let arguments = Value::list(vec!["ken".into(), secret]);
    let credential = run(command("New-Object").arg("PSCredential").with("ArgumentList", arguments));
    assert_eq!(property(&credential.values[0], "UserName"), "ken");
    assert_eq!(run(command("Get-Credential").arg(credential.values[0].clone())).values.len(), 1);
    assert_eq!(run(command("Get-Credential").arg("ken")).stopped.as_deref(), Some("InvalidOperation"));
}

/// Files are searched by wildcards, and chosen.
#[test]
fn select_string_in_files() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("a.log"), "one\ntwo\n").unwrap();
    std::fs::write(at("b.log"), "two\n").unwrap();
    std::fs::write(at("c.txt"), "two\n").unwrap();
    let find = || command("Select-String").arg("two").with("Path", at("*"));
    assert_eq!(run(find()).values.len(), 3);
    assert_eq!(run(find().with("Include", "*.log")).values.len(), 2);
    assert_eq!(run(find().with("Exclude", "a*")).values.len(), 2);
    let first = run(command("Select-String").arg("two").with("Path", at("a.log")));
    assert_eq!(
        (property(&first.values[0], "LineNumber"), property(&first.values[0], "Filename")),
        ("2".into(), "a.log".into())
    );
    assert_eq!(
        run(command("Select-String").arg("x").with("LiteralPath", at("no"))).errors,
        ["PathNotFound,Microsoft.PowerShell.Commands.SelectStringCommand"]
    );
}

/// A match is shown as `file:line:text`, or as its text where it came from no file; lines around it are marked off.
#[test]
fn matches_are_shown_as_lines() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().canonicalize().unwrap().join("a.log").display().to_string();
    std::fs::write(&at, "one\ntwo\nthree\n").unwrap();
    let show = |outcome: &Outcome| crate::format::to_text(&outcome.values, 200);
    let find = || command("Select-String").arg("two").with("Path", at.clone());
    assert_eq!(show(&run(find())), format!("\n{at}:2:two\n\n"));
    assert_eq!(run(find()).shown(), [format!("{at}:2:two")]);
    let around = format!("\n  {at}:1:one\n> {at}:2:two\n  {at}:3:three\n\n");
    assert_eq!(show(&run(find().with("Context", 1))), around);
    let texts = feed(strs(&["two", "x", "twofold"]), command("Select-String").arg("TWO"));
    assert_eq!(show(&texts), "\ntwo\ntwofold\n\n");
    let shown = |next| crate::format::to_text(&pipe(None, vec![find(), next]).values, 200);
    assert!(shown(command("Format-List").arg("LineNumber")).contains("LineNumber : 2"));
    assert!(shown(command("Format-List")).contains("Pattern    : two"));
}

/// A transcript needs somebody who shows something, and one that was begun.
#[test]
fn transcripts_need_a_host() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("t.txt").display().to_string();
    assert_eq!(run(command("Start-Transcript").arg(at.clone())).stopped.as_deref(), Some("CannotStartTranscription"));
    assert!(!std::path::Path::new(&at).exists());
    assert_eq!(run(command("Stop-Transcript")).stopped.as_deref(), Some("InvalidOperation"));
    assert!(run(command("Clear-Host")).stopped.is_none());
}

/// Rule: lines name=value are a hashtable; a line without is an error.
#[test]
fn string_data_is_a_table() {
    let read = run(command("ConvertFrom-StringData").arg("# of a pool\nName = atl\nPath=c:\\\\x\\ty"));
    let Some(Value::Map(table)) = read.values.first() else { panic!("no table") };
    assert_eq!(table.get_str("name").and_then(|v| v.as_str().map(str::to_string)).as_deref(), Some("atl"));
    assert_eq!(table.get_str("Path").and_then(|v| v.as_str().map(str::to_string)).as_deref(), Some("c:\\x\ty"));
    assert_eq!(run(command("ConvertFrom-StringData").arg("a")).stopped.as_deref(), Some("InvalidOperation"));
}

/// Rule: an XPath is looked for in texts, documents and files; what is none of these is an error.
#[test]
fn xml_is_searched() {
    let text = "<a xmlns='urn:x'><b n='1'>p</b><b n='2'>q</b></a>";
    let content = run(command("Select-Xml").with("Content", text).with("XPath", "//*[local-name()='b']/@n"));
    assert_eq!(content.values.iter().map(|found| property(found, "Node")).collect::<Vec<_>>(), ["n", "n"]);
    assert_eq!(property(&content.values[0], "Path"), "InputStream");
    let spaces = table(vec![("t", "urn:x".into())]);
    let document = Value::Record(crate::value::xml::parse(text).unwrap());
    let found = feed(vec![document], command("Select-Xml").arg("//t:b[2]").with("Namespace", spaces));
    let node = member::get(&found.values[0], "Node").unwrap_or_default();
    assert_eq!(property(&node, "InnerText"), "q");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.xml");
    std::fs::write(&path, "<a><b/></a>").unwrap();
    let file = run(command("Select-Xml").arg("//b").with("Path", path.to_str().unwrap()));
    assert_eq!(property(&file.values[0], "Path"), path.to_str().unwrap());
    let wrong = run(command("Select-Xml").arg("//b").with("Content", "<a>"));
    assert!(wrong.errors.iter().all(|id| id.starts_with("ProcessingFile")) && wrong.errors.len() == 1);
}

/// Rule: a port that somebody listens at answers, another does not; without a port there is an error that says so.
#[test]
fn a_port_is_tried() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = i64::from(listener.local_addr().unwrap().port());
    let tried = |port: i64| run(command("Test-Connection").arg("127.0.0.1").with("TcpPort", port)).shown();
    assert_eq!(tried(port), ["True"]);
    drop(listener);
    assert_eq!(tried(port), ["False"]);
    assert_eq!(run(command("Test-Connection").arg("127.0.0.1")).stopped.as_deref(), Some("PingNotSupported"));
}
