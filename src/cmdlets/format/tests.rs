//! The cmdlets that format, convert and write out, each as PowerShell's does it.

use crate::cmdlets::harness::*;
use crate::value::{Table, Value, date, member, timespan, types};
use serde_json::json;

/// What a terminal of so many columns shows of objects that went through a command.
fn printed(input: Vec<Value>, command: Command, width: i64) -> String {
    let outcome = pipe(Some(input), vec![command, self::command("Out-String").with("Width", width)]);
    assert_eq!(outcome.stopped, None);
    outcome.shown().concat()
}

fn double(item: &Value) -> Value {
    match member::get(item, "A") {
        Some(Value::Int(number)) => (number * 2).into(),
        _ => Value::Null,
    }
}

#[test]
fn tables_print_as_powershell_prints_them() {
    let ab = || objects(json!([{"A": 1, "B": "y"}]));
    let sites = || objects(json!([{"S": "R", "P": 1}, {"S": "D", "P": 2}]));
    let cases: Vec<(Vec<Value>, Command, i64, &str)> = vec![
        (ab(), command("ft").on("AutoSize"), 80, "\nA B\n- -\n1 y\n\n"),
        (ab(), command("ft").on("HideTableHeaders"), 80, "\n1 y\n\n"),
        (ab(), command("ft").arg("Nope"), 80, "\nNope\n----\n\n\n"),
        (ab(), command("ft").arg(strs(&["b", "A"])), 80, "\nB A\n- -\ny 1\n\n"),
        (ab(), command("ft").arg("*"), 80, "\nA B\n- -\n1 y\n\n"),
        (strs(&["abc", "de"]), command("ft").arg("Length"), 80, "abc\nde\n"),
        (
            vec![object(json!({"Id": "r", "Cmdlets": ["a", "b", "c", "d", "e", "f"]}))],
            command("ft"),
            80,
            "\nId Cmdlets\n-- -------\nr  {a, b, c, d…}\n\n",
        ),
        (sites(), command("ft").with("GroupBy", "S"), 80, "\n   S: R\n\nS P\n- -\nR 1\n\n   S: D\n\nS P\n- -\nD 2\n\n"),
        (
            objects(json!([{"S": null, "P": 1}, {"S": "x", "P": 2}])),
            command("ft").arg("P").with("GroupBy", "S"),
            80,
            "\n   : \n\nP\n-\n1\n\n   S: x\n\nP\n-\n2\n\n",
        ),
        (
            objects(json!([{"PoolFqdn": "x", "PoolId": 3, "Other": 1}])),
            command("ft").arg("Pool*"),
            80,
            "\nPoolFqdn PoolId\n-------- ------\nx             3\n\n",
        ),
        (
            vec![one("A", 2)],
            command("ft").arg(vec!["A".into(), table(vec![("n", "Double".into()), ("e", expression(double))])]),
            80,
            "\nA Double\n- ------\n2      4\n\n",
        ),
        (
            vec![one("N", "some long name")],
            command("ft").arg(table(vec![("Label", "Short".into()), ("e", "N".into()), ("Width", 8.into())])),
            80,
            "\nShort\n-----\nsome lo…\n\n",
        ),
        (
            vec![one("N", "x")],
            command("ft").arg(table(vec![
                ("n", "Name".into()),
                ("e", "N".into()),
                ("Align", "Center".into()),
                ("Width", 9.into()),
            ])),
            80,
            "\n  Name\n  ----\n    x\n\n",
        ),
        (
            objects(json!([{"Id": "a", "D": "one two one two one two one two "}, {"Id": "b", "D": "short"}])),
            command("ft").on("Wrap"),
            20,
            "\nId D\n-- -\na  one two one two o\n   ne two one two\nb  short\n\n",
        ),
        (
            vec![table(vec![("a", 1.into()), ("b", "x".into())])],
            command("ft"),
            80,
            "\nName                           Value\n----                           -----\n\
             a                              1\nb                              x\n\n",
        ),
    ];
    for (at, (input, command, width, expected)) in cases.into_iter().enumerate() {
        assert_eq!(printed(input, command, width), expected, "case {at}");
    }
}

#[test]
fn lists_and_wide_output_print_as_powershell_prints_them() {
    let a = || vec![one("A", 1)];
    let number = vec![("n", "V".into()), ("e", expression(|_| 1234.5678)), ("FormatString", "N2".into())];
    let names = || (1..=5).map(|n| one("Name", format!("pool{n}"))).collect::<Vec<_>>();
    let day = || vec![Value::from(date::parse("2026-11-21").unwrap())];
    let cases: Vec<(Vec<Value>, Command, i64, &str)> = vec![
        (objects(json!([{"A": 1}, {"A": 2}])), command("fl"), 80, "\nA : 1\n\nA : 2\n\n"),
        (a(), command("fl").arg(strs(&["A", "Nope"])), 80, "\nA : 1\n\n"),
        (a(), command("fl").arg(table(number)), 80, "\nV : 1,234.57\n\n"),
        (strs(&["abc"]), command("fl").arg("Length"), 80, "abc\n"),
        (vec![table(vec![("a", 1.into())])], command("fl"), 80, "\nName  : a\nValue : 1\n\n"),
        (day(), command("fl").arg(strs(&["Year", "Month"])), 80, "\nYear  : 2026\nMonth : 11\n\n"),
        (vec![object(json!({}))], command("fl"), 80, "\n"),
        (
            objects(json!([{"S": "R", "P": 1}, {"S": "D", "P": 2}])),
            command("fl").arg("P").with("GroupBy", "S"),
            80,
            "\n   S: R\n\nP : 1\n\n\n   S: D\n\nP : 2\n\n",
        ),
        (
            names(),
            command("fw").arg("Name").on("AutoSize"),
            60,
            "\npool1  pool2 pool3 pool4 pool5                         \n\n",
        ),
        (
            objects(json!([{"Identity": "global", "X": 1}, {"Identity": "site:R", "X": 2}])),
            command("fw"),
            40,
            "\nglobal               site:R\n\n",
        ),
        (names(), command("fw").with("Column", 1), 40, "\npool1\npool2\npool3\npool4\npool5\n\n"),
    ];
    for (at, (input, command, width, expected)) in cases.into_iter().enumerate() {
        assert_eq!(printed(input, command, width), expected, "case {at}");
    }
}

#[test]
fn out_cmdlets() {
    assert_eq!(feed(strs(&["a", "b"]), command("Out-String")).shown(), ["a\nb\n"]);
    assert_eq!(feed(strs(&["a", "b"]), command("Out-String").on("NoNewline")).shown(), ["ab"]);
    assert_eq!(feed(ints(&[1, 2]), command("Out-String").on("Stream")).shown(), ["1", "2"]);
    assert!(feed(ints(&[1, 2]), command("Out-Null")).values.is_empty());
    assert!(feed(ints(&[1, 2]), command("Out-Host")).values.is_empty());
}

#[test]
fn json_is_written_as_powershell_writes_it() {
    let deep = || object(json!({"a": {"b": {"c": {"d": 1}}}}));
    let short = |value: Value| run(command("ConvertTo-Json").arg(value).on("Compress"));
    let span = short(one("T", timespan::parse("00:10:00").unwrap())).shown().concat();
    assert!(
        span.starts_with(r#"{"T":{"Ticks":6000000000,"Days":0,"Hours":0,"#) && span.contains("\"TotalMinutes\":10.0")
    );
    let cases: Vec<(Outcome, &str)> = vec![
        (
            feed(vec![object(json!({"A": 1, "B": {"C": [2], "E": []}}))], command("ConvertTo-Json")),
            "{\n  \"A\": 1,\n  \"B\": {\n    \"C\": [\n      2\n    ],\n    \"E\": []\n  }\n}",
        ),
        (short(Value::list(ints(&[1]))), "[1]"),
        (feed(ints(&[1]), command("ConvertTo-Json")), "1"),
        (feed(ints(&[1]), command("ConvertTo-Json").on("AsArray").on("Compress")), "[1]"),
        (feed(ints(&[1, 2]), command("ConvertTo-Json").on("Compress")), "[1,2]"),
        (feed(Vec::new(), command("ConvertTo-Json")), ""),
        (short(deep()), r#"{"a":{"b":{"c":"@{d=1}"}}}"#),
        (run(command("ConvertTo-Json").arg(deep()).with("Depth", 5).on("Compress")), r#"{"a":{"b":{"c":{"d":1}}}}"#),
        (short(object(json!({"a": [1, [2, [3]]]}))), r#"{"a":[1,[2,"3"]]}"#),
        (short(Value::Float(1.0)), "1.0"),
        (short(Value::Float(1e20)), "1E+20"),
        (short(Value::Float(f64::NAN)), "\"NaN\""),
        (short(Value::Decimal("1.50".parse().unwrap())), "1.50"),
        (short("a\"b\\c\n\t/<é\u{1}".into()), "\"a\\\"b\\\\c\\n\\t/<é\\u0001\""),
        (
            run(command("ConvertTo-Json").arg("<a&'b>é").with("EscapeHandling", "EscapeHtml")),
            "\"\\u003ca\\u0026\\u0027b\\u003eé\"",
        ),
        (
            run(command("ConvertTo-Json").arg("é😀").with("EscapeHandling", "EscapeNonAscii")),
            "\"\\u00e9\\ud83d\\ude00\"",
        ),
        (short(date::parse("2026-11-21T08:35:00").unwrap().into()), "\"2026-11-21T08:35:00\""),
        (short(types::enum_value("System.DayOfWeek", "Monday").unwrap()), "1"),
        (
            run(command("ConvertTo-Json")
                .arg(types::enum_value("System.DayOfWeek", "Monday").unwrap())
                .on("EnumsAsStrings")),
            "\"Monday\"",
        ),
    ];
    for (at, (outcome, expected)) in cases.iter().enumerate() {
        assert_eq!(outcome.shown().concat(), *expected, "case {at}: {:?}", outcome.stopped);
    }
    assert!(short(deep()).texts.iter().any(|text| text.starts_with("warning ")), "what is cut is said");
    let numbered = Value::Map(Table::from_entries(true, [(Value::Int(1), Value::Null)]));
    assert_eq!(short(numbered).stopped.as_deref(), Some("NonStringKeyInDictionary"));
}

#[test]
fn json_is_read_as_powershell_reads_it() {
    let read = |text: &str| run(command("ConvertFrom-Json").arg(text));
    let cases: Vec<(&str, &[&str])> = vec![
        (
            r#"{"i":1,"d":1.5,"b":true,"n":null,"L":[1,"a"],"e":1e2}"#,
            &[r#"{"i":1,"d":1.5,"b":true,"n":null,"L":[1,"a"],"e":100.0}"#],
        ),
        ("[1,2,3]", &["1", "2", "3"]),
        ("[]", &[]),
        ("", &[]),
        ("null", &["null"]),
        (r#"{"a":1, /* c */ "b":2,} // end"#, &[r#"{"a":1,"b":2}"#]),
        (r#"{'a': 'x"y', b: "é😀\n"}"#, &["{\"a\":\"x\\\"y\",\"b\":\"é😀\\n\"}"]),
        (r#"{"a":1,"a":2}"#, &[r#"{"a":2}"#]),
    ];
    for (text, expected) in cases {
        assert_eq!(read(text).json(), expected, "{text}");
    }
    for (text, id) in [
        (r#"{"a":"#, "System.ArgumentException"),
        ("{,}", "System.ArgumentException"),
        ("[1 2]", "System.ArgumentException"),
        ("1 2", "System.ArgumentException"),
        ("\"a", "System.ArgumentException"),
        ("\"\\x\"", "System.ArgumentException"),
        ("/*", "System.ArgumentException"),
        ("-", "System.ArgumentException"),
        (r#"{"a":1,"A":2}"#, "KeysWithDifferentCasing"),
        (r#"{"":1}"#, "EmptyKeyInJsonString"),
    ] {
        assert_eq!(read(text).stopped.as_deref(), Some(id), "{text}");
    }
    let endless = "[".repeat(100_000);
    assert_eq!(read(&endless).stopped.as_deref(), Some("System.ArgumentException"));
    let kind = |text: &str| types::name_of(&read(text).values[0]);
    assert_eq!(&*kind(r#"["2026-11-21T08:35:00Z"]"#), "System.DateTime");
    assert_eq!(&*kind(r#"["2026-11-21"]"#), "System.String");
    let map = run(command("ConvertFrom-Json").arg(r#"{"a":{"b":1}}"#).on("AsHashtable"));
    assert!(matches!(&map.values[0], Value::Map(table) if matches!(table.get_str("a"), Some(Value::Map(_)))));
    assert_eq!(run(command("ConvertFrom-Json").arg("[1,2]").on("NoEnumerate")).json(), ["[1,2]"]);
    assert_eq!(feed(strs(&["{", "\"a\":1", "}"]), command("ConvertFrom-Json")).json(), [r#"{"a":1}"#]);
    assert_eq!(feed(strs(&["1", "[2,3]"]), command("ConvertFrom-Json")).json(), ["1", "2", "3"]);
}

#[test]
fn csv_both_ways() {
    let two = || objects(json!([{"A": "x\"y", "B": "a,b", "C": null}, {"A": 3}, {"B": "l1\nl2", "D": 5}]));
    let to = || command("ConvertTo-Csv");
    let cases: Vec<(Outcome, &[&str])> = vec![
        (feed(two(), to()), &["\"A\",\"B\",\"C\"", "\"x\"\"y\",\"a,b\",", "\"3\",,", ",\"l1\nl2\","]),
        (
            feed(two(), to().with("UseQuotes", "AsNeeded").with("Delimiter", ";")),
            &["A;B;C", "\"x\"\"y\";a,b;", "3;;", ";\"l1\nl2\";"],
        ),
        (feed(objects(json!([{"A": "x", "B": "y"}])), to().with("QuoteFields", "B")), &["A,\"B\"", "x,\"y\""]),
        (feed(vec![one("A", 1)], to().on("NoHeader")), &["\"1\""]),
        (
            feed(vec![one("A", 1)], to().on("IncludeTypeInformation")),
            &["#TYPE System.Management.Automation.PSCustomObject", "\"A\"", "\"1\""],
        ),
        (feed(strs(&["abc"]), to()), &["\"Length\"", "\"3\""]),
        (feed(vec![one("A", Value::list(ints(&[1, 2])))], to()), &["\"A\"", "\"System.Object[]\""]),
    ];
    for (at, (outcome, expected)) in cases.iter().enumerate() {
        assert_eq!(outcome.shown(), *expected, "case {at}: {:?}", outcome.stopped);
    }
    let from = |lines: &[&str], more: fn(Command) -> Command| feed(strs(lines), more(command("ConvertFrom-Csv")));
    let cases: Vec<(Outcome, &[&str])> = vec![
        (from(&["A,B", "\"x,1\",\"say \"\"hi\"\"\""], |c| c), &[r#"{"A":"x,1","B":"say \"hi\""}"#]),
        (
            from(&["1,2", "3,4"], |c| c.with("Header", strs(&["X", "Y"]))),
            &[r#"{"X":"1","Y":"2"}"#, r#"{"X":"3","Y":"4"}"#],
        ),
        (from(&["A;B", "1;2"], |c| c.with("Delimiter", ";")), &[r#"{"A":"1","B":"2"}"#]),
        (from(&["A,B\n\"x\ny\",2\n\n"], |c| c), &[r#"{"A":"x\ny","B":"2"}"#]),
        (from(&["A,,C", "1,2,3"], |c| c), &[r#"{"A":"1","H1":"2","C":"3"}"#]),
        (from(&["#TYPE X", "A,B", "1"], |c| c), &[r#"{"A":"1","B":null}"#]),
    ];
    for (at, (outcome, expected)) in cases.iter().enumerate() {
        assert_eq!(outcome.json(), *expected, "case {at}: {:?}", outcome.stopped);
    }
    let twice = from(&["A,a", "1,2"], |c| c).stopped;
    assert_eq!(twice.as_deref(), Some("AlreadyPresentPSMemberInfoInternalCollectionAdd"));
    assert_eq!(feed(two(), to().with("Delimiter", "ab")).stopped.as_deref(), Some("CannotConvertArgumentNoMessage"));
}

#[test]
fn files_are_replaced_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pools.csv");
    let name = || path.to_str().unwrap();
    let read = || std::fs::read_to_string(&path).unwrap();
    let export = |item: Value, more: fn(Command) -> Command| feed(vec![item], more(command("Export-Csv").arg(name())));
    assert_eq!(export(object(json!({"A": 1, "B": 2})), |c| c).stopped, None);
    assert_eq!(read(), "\"A\",\"B\"\n\"1\",\"2\"\n");
    assert_eq!(export(object(json!({"B": 4, "A": 3})), |c| c.on("Append")).stopped, None);
    assert_eq!(read(), "\"A\",\"B\"\n\"1\",\"2\"\n\"3\",\"4\"\n");
    let unfit = export(one("A", 1), |c| c.on("Append"));
    assert_eq!(unfit.stopped.as_deref(), Some("CannotAppendCsvWithMismatchedPropertyNames"));
    assert_eq!(export(one("A", 5), |c| c.on("Append").on("Force")).errors, [""; 0]);
    assert_eq!(export(one("A", 1), |c| c.on("NoClobber")).stopped.as_deref(), Some("NoClobber"));
    let before = read();
    export(one("A", 1), |c| c.on("WhatIf"));
    let broken = pipe(
        Some(vec![one("A", 1), one("A", 2)]),
        vec![
            command("ForEach-Object").arg(block("throw", |_| {
                Err(crate::error::ErrorRecord::new("Boom", crate::error::Category::OperationStopped, "boom"))
            })),
            command("Export-Csv").arg(name()),
        ],
    );
    assert_eq!(broken.stopped.as_deref(), Some("Boom"));
    assert_eq!(read(), before, "the old content stays");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    assert_eq!(
        run(command("Import-Csv").arg(name())).json(),
        [r#"{"A":"1","B":"2"}"#, r#"{"A":"3","B":"4"}"#, r#"{"A":"5","B":""}"#]
    );
    assert_eq!(run(command("Import-Csv").arg("/nowhere/x.csv")).stopped.as_deref(), Some("FileOpenFailure"));
    assert_eq!(
        run(command("Export-Csv").with("InputObject", 1)).stopped.as_deref(),
        Some("CannotSpecifyPathAndLiteralPath")
    );

    let text = folder.path().join("out.txt");
    let out = |more: fn(Command) -> Command| {
        let outcome = feed(strs(&["é"]), more(command("Out-File").arg(text.to_str().unwrap())));
        assert_eq!(outcome.stopped, None);
        std::fs::read(&text).unwrap()
    };
    assert_eq!(out(|c| c), "é\n".as_bytes());
    assert_eq!(out(|c| c.on("Append").on("NoNewline")), "é\né".as_bytes());
    assert_eq!(out(|c| c.with("Encoding", "unicode")), [0xff, 0xfe, 0xe9, 0, 0x0a, 0]);
    assert_eq!(out(|c| c.with("Encoding", "ascii")), b"?\n");
    assert_eq!(out(|c| c.with("Encoding", "utf8BOM")), "\u{feff}é\n".as_bytes());
    let mut rights = std::fs::metadata(&text).unwrap().permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(&text, rights).unwrap();
    let refused = feed(strs(&["x"]), command("Out-File").arg(text.to_str().unwrap()));
    assert_eq!(refused.stopped.as_deref(), Some("FileOpenFailure"));
    assert_eq!(out(|c| c.on("Force")), "é\n".as_bytes());
    assert_eq!(feed(strs(&["x"]), command("Out-File").arg("/dev/null")).stopped, None);
}

/// Rule: what comes out is what PowerShell writes, line by line.
#[test]
fn html_pages_and_fragments() {
    let items = || objects(json!([{"A": "<b>é", "B": [1, 2]}, {"A": null, "B": 3}]));
    let html = |more: fn(Command) -> Command| feed(items(), more(command("ConvertTo-Html"))).shown();
    assert_eq!(
        html(|c| c.on("Fragment").with("PreContent", "<h2>x</h2>").with("PostContent", "end")),
        [
            "<h2>x</h2>",
            "<table>",
            "<colgroup><col/><col/></colgroup>",
            "<tr><th>A</th><th>B</th></tr>",
            "<tr><td>&lt;b&gt;&#233;</td><td>System.Object[]</td></tr>",
            "<tr><td></td><td>3</td></tr>",
            "</table>",
            "end",
        ]
    );
    let page = html(|c| c.with("Property", "B").with("Title", "R & D").with("As", "List").with("Body", "<p>x</p>"));
    let lines = [
        "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\"  \"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">",
        "<html xmlns=\"http://www.w3.org/1999/xhtml\">",
        "<head>",
        "<title>R &amp; D</title>",
        "</head><body>",
        "<p>x</p>",
        "<table>",
        "<tr><td>B:</td><td>System.Object[]</td></tr>",
        "<tr><td><hr></td></tr>",
        "<tr><td>B:</td><td>3</td></tr>",
        "</table>",
        "</body></html>",
    ];
    assert_eq!(page, lines);
    let own = html(|c| c.with("Head", "<title>mine</title>").with("CssUri", "a.css").with("Charset", "utf-8"));
    assert_eq!(
        own[3..7],
        [
            "<meta charset=\"utf-8\">",
            "<title>mine</title>",
            "<link rel=\"stylesheet\" type=\"text/css\" href=\"a.css\" />",
            "</head><body>"
        ]
    );
    let column = Value::Map(crate::value::Table::from_entries(
        true,
        [("Label", "Name"), ("Expression", "A"), ("Width", "20%"), ("Alignment", "Right")]
            .map(|(key, value)| (key.into(), value.into())),
    ));
    let wide = feed(items(), command("ConvertTo-Html").with("Property", column).on("Fragment")).shown();
    assert_eq!(wide[1..3], ["<colgroup><col width = \"20%\" align = \"right\"/></colgroup>", "<tr><th>Name</th></tr>"]);
}

/// Format-Custom shows an object level by level.
#[test]
fn custom_shows_what_is_inside() {
    let inner = json!({"N": 1, "Deep": {"X": {"Y": 2}}});
    let item = || object(json!({"Name": "dub", "List": [1, {"A": "b"}], "Inner": inner.clone(), "None": null}));
    let shown = |command: Command| {
        let outcome = pipe(Some(vec![item()]), vec![command, crate::cmdlets::harness::command("Out-String")]);
        outcome.shown().concat()
    };
    let whole = "
class PSCustomObject
{
  Name = dub
  List = \n    [
      1
      class PSCustomObject
      {
        A = b
      }
    ]
    \n  Inner = \n    class PSCustomObject
    {
      N = 1
      Deep = \n        class PSCustomObject
        {
          X = \n            class PSCustomObject
            {
              Y = 2
            }
        }
    }
  None = \n}

";
    assert_eq!(shown(command("Format-Custom")), whole);
    let flat = "\nclass PSCustomObject\n{\n  Name = dub\n  Inner = \n    class PSCustomObject\n    {\n      N = 1\n      Deep = @{X=}\n    }\n}\n\n";
    let got = shown(command("fc").with("Property", strs(&["Name", "Inner"])).with("Depth", 1));
    assert_eq!(got.replace("@{X=@{Y=2}}", "@{X=}"), flat);
}

/// What is exported comes back with its types.
#[test]
fn clixml_keeps_types() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().join("x.xml").display().to_string();
    let items = || vec![1.into(), "two".into(), object(json!({"A": [1, 2]})), table(vec![("k", true.into())])];
    assert!(feed(items(), command("Export-Clixml").arg(at.clone())).values.is_empty());
    let back = run(command("Import-Clixml").arg(at.clone()));
    assert_eq!(back.json(), feed(items(), command("Write-Output")).json());
    assert_eq!(run(command("Import-Clixml").arg(at.clone()).with("Skip", 1).with("First", 1)).shown(), ["two"]);
    let again = feed(items(), command("Export-Clixml").arg(at.clone()).on("NoClobber"));
    assert_eq!(again.stopped.as_deref(), Some("NoClobber"));
    let text = feed(items(), command("ConvertTo-CliXml")).shown();
    assert_eq!(text.len(), 1);
    assert_eq!(feed(strs(&[&text[0]]), command("ConvertFrom-CliXml")).json(), back.json());
    std::fs::write(&at, "<a/>").unwrap();
    let wrong = run(command("Import-Clixml").arg(at));
    assert_eq!(wrong.stopped.as_deref(), Some("System.Xml.XmlException"));
}

/// Rule: what a Format- cmdlet laid out ends with a blank line, whatever follows; a number in a form of its own stays at
/// the right.
#[test]
fn a_table_ends_before_a_text() {
    let column = Value::Map(crate::value::Table::from_entries(
        true,
        [
            ("Label".into(), "L".into()),
            ("Expression".into(), expression(|item| member_a(item))),
            ("FormatString".into(), "N1".into()),
        ],
    ));
    let mut shown =
        feed(objects(json!([{"A": 1}, {"A": 22}])), command("Format-Table").with("Property", column)).values;
    shown.push("text".into());
    shown.extend(feed(objects(json!([{"A": 1}])), command("Format-Table")).values);
    assert_eq!(crate::format::to_text(&shown, 80), "\n   L\n   -\n 1.0\n22.0\n\ntext\n\nA\n-\n1\n\n");
}

fn member_a(item: &Value) -> Value {
    member::get(item, "A").unwrap_or_default()
}
