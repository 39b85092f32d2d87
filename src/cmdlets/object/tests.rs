//! Tests of this room: The cmdlets that work on the objects of the pipeline.

use crate::cmdlets::harness::*;
use crate::error::{Category, ErrorRecord};
use crate::value::{Value, member, text};
use serde_json::json;

fn property(item: &Value, name: &str) -> Value {
    member::get(item, name).unwrap_or_default()
}

fn int(value: &Value) -> i64 {
    match value {
        Value::Int(number) => *number,
        _ => 0,
    }
}

#[test]
fn where_lets_through_what_is_true() {
    let items =
        || objects(json!([{"N": "CsVoice", "V": 5}, {"N": "CsHelp", "V": 50}, {"N": "site:Redmond", "V": null}]));
    let cases: Vec<(Command, &[&str])> = vec![
        (command("Where-Object").arg("V"), &["CsVoice", "CsHelp"]),
        (command("?").on("Not").arg("V"), &["site:Redmond"]),
        (command("where").arg("N").on("match").arg("voice"), &["CsVoice"]),
        (command("where").arg("N").on("notmatch").arg("^Cs"), &["site:Redmond"]),
        (command("where").arg("N").on("like").arg("site:*"), &["site:Redmond"]),
        (command("where").arg("N").on("notlike").arg("site:*"), &["CsVoice", "CsHelp"]),
        (command("where").arg("N").on("clike").arg("SITE:*"), &[]),
        (command("where").arg("N").on("in").arg(strs(&["cshelp", "x"])), &["CsHelp"]),
        (command("where").arg("N").on("notin").arg("cshelp"), &["CsVoice", "site:Redmond"]),
        (command("where").arg("V").on("gt").arg(10), &["CsHelp"]),
        (command("where").arg("V").on("eq").arg(Value::Null), &["site:Redmond"]),
        (command("where").arg("V").on("ne").arg(5), &["CsHelp", "site:Redmond"]),
        (command("where").arg("Nope").on("eq").arg(5), &[]),
        (command("where").arg(expression(|item| int(&property(item, "V")) > 10)), &["CsHelp"]),
    ];
    for (at, (command, expected)) in cases.into_iter().enumerate() {
        let outcome = feed(items(), command);
        let names: Vec<String> = outcome.values.iter().map(|v| text::to_text(&property(v, "N")).to_string()).collect();
        assert_eq!(names, expected, "case {at}: {:?} {:?}", outcome.errors, outcome.stopped);
    }
}

#[test]
fn where_compares_lists_and_says_what_is_missing() {
    let roles = || objects(json!([{"Id": "r1", "C": ["Get-CsUser", "Get-CsPool"]}, {"Id": "r2", "C": ["Set-CsX"]}]));
    for (operator, value, expected) in
        [("match", "Pool", "r1"), ("contains", "set-csx", "r2"), ("notcontains", "Get-CsUser", "r2")]
    {
        let outcome = feed(roles(), command("where").arg("C").on(operator).arg(value));
        assert_eq!(outcome.values.len(), 1, "{operator}");
        assert_eq!(text::to_text(&property(&outcome.values[0], "Id")).as_ref(), expected, "{operator}");
    }
    assert_eq!(feed(roles(), command("where").arg("Id").arg("r1")).stopped.as_deref(), Some("OperatorNotSpecified"));
    let bare = feed(roles(), command("where").arg("Id").on("eq")).stopped;
    assert_eq!(bare.as_deref(), Some("ValueNotSpecifiedForWhereObject"));
    let two = objects(json!([{"PoolFqdn": "x", "PoolId": "y"}]));
    let ambiguous = feed(two, command("where").arg("Pool*").on("eq").arg("x"));
    assert_eq!(ambiguous.errors, ["AmbiguousPropertyOrMethodName,Microsoft.PowerShell.Commands.WhereObjectCommand"]);
    assert!(run(command("where").arg(expression(|_| true))).values.is_empty(), "no pipeline, no object");
}

#[test]
fn for_each_arranges_its_blocks_as_powershell_does() {
    let say =
        |text: &'static str| block("…", move |item| Ok(vec![Value::str(format!("{text}{}", text::to_text(item)))]));
    let cases: Vec<(Command, &[&str])> = vec![
        (command("%").arg(say("p")), &["p1", "p2"]),
        (command("%").arg(say("b")).arg(say("p")), &["b", "p1", "p2"]),
        (command("%").arg(say("b")).arg(say("p")).arg(say("e")), &["b", "p1", "p2", "e"]),
        (command("%").with("Process", vec![say("a"), say("b")]), &["a", "b1", "b2"]),
        (command("%").with("Begin", say("b")).with("Process", say("p")).with("End", say("e")), &["b", "p1", "p2", "e"]),
        (command("%").arg(block("", |_| Ok(Vec::new()))), &[]),
    ];
    for (at, (command, expected)) in cases.into_iter().enumerate() {
        let outcome = feed(ints(&[1, 2]), command);
        assert_eq!(outcome.shown(), expected, "case {at}: {:?}", outcome.stopped);
    }
}

#[test]
fn for_each_takes_a_member() {
    assert_eq!(feed(vec![one("A", 1), one("B", 2)], command("%").arg("A")).json(), ["1", "null"]);
    assert_eq!(feed(vec![one("L", ints(&[1, 2]))], command("foreach").arg("L")).json(), ["1", "2"]);
    assert_eq!(feed(strs(&["a,b"]), command("%").arg("Split").arg(",")).json(), ["\"a\"", "\"b\""]);
    let many = feed(objects(json!([{"PoolFqdn": 1, "PoolId": 2}])), command("%").arg("Pool*"));
    assert_eq!(many.errors, ["AmbiguousPropertyOrMethodName,Microsoft.PowerShell.Commands.ForEachObjectCommand"]);
    assert_eq!(
        feed(vec![Value::Null], command("%").arg("A")).errors,
        ["InputObjectIsNull,Microsoft.PowerShell.Commands.ForEachObjectCommand"]
    );
}

#[test]
fn select_takes_some_of_the_objects() {
    let cases: Vec<(Command, &[i64])> = vec![
        (command("select").with("First", 2), &[1, 2]),
        (command("select").with("First", 0), &[]),
        (command("select").with("Last", 2), &[5, 6]),
        (command("select").with("Skip", 2).with("First", 3), &[3, 4, 5]),
        (command("select").with("Last", 2).with("Skip", 1), &[4, 5]),
        (command("select").with("First", 2).with("Last", 1), &[1, 2, 6]),
        (command("select").with("Skip", 1).with("SkipLast", 1), &[2, 3, 4, 5]),
        (command("select").with("Skip", 4), &[5, 6]),
        (command("select").with("Index", ints(&[4, 0])), &[1, 5]),
        (command("select").with("SkipIndex", ints(&[1, 2])), &[1, 4, 5, 6]),
        (command("select"), &[1, 2, 3, 4, 5, 6]),
    ];
    for (at, (command, expected)) in cases.into_iter().enumerate() {
        let outcome = feed(ints(&[1, 2, 3, 4, 5, 6]), command);
        assert_eq!(outcome.values.iter().map(int).collect::<Vec<_>>(), expected, "case {at}: {:?}", outcome.stopped);
    }
    let whole = run(command("select").with("InputObject", ints(&[1, 2, 3])).with("First", 1));
    assert_eq!(whole.json(), ["[1,2,3]"], "a list by name is one object");
    let both = feed(ints(&[1]), command("select").with("First", 1).with("SkipLast", 1));
    assert_eq!(both.stopped.as_deref(), Some("AmbiguousParameterSet"));
    let negative = feed(ints(&[1]), command("select").with("First", -1));
    assert_eq!(negative.stopped.as_deref(), Some("ParameterArgumentValidationError"));
}

#[test]
fn select_first_stops_those_before_it() {
    let ran = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = ran.clone();
    let counting = block("…", move |item| {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(vec![item.clone()])
    });
    let after = expression(|item| int(item) * 10);
    let stages = vec![command("%").arg(counting), command("select").with("First", 2), command("%").arg(after)];
    let outcome = pipe(Some((1..=100).map(Value::Int).collect()), stages);
    assert_eq!(outcome.json(), ["10", "20"]);
    assert_eq!(ran.load(std::sync::atomic::Ordering::Relaxed), 2);
}

#[test]
fn select_takes_some_of_the_properties() {
    let item = || object(json!({"PoolFqdn": 1, "PoolName": 2, "C": [3, 1]}));
    let calculated = |name: &str, value: Value| table(vec![(name, Value::str("D")), ("e", value)]);
    let thrown = block("throw", |_| Err(ErrorRecord::new("x", Category::NotSpecified, "x")));
    let cases: Vec<(Command, &str)> = vec![
        (command("select").arg(strs(&["c", "poolfqdn"])), r#"{"C":[3,1],"PoolFqdn":1}"#),
        (command("select").arg("Pool*"), r#"{"PoolFqdn":1,"PoolName":2}"#),
        (command("select").arg(strs(&["PoolName", "Z"])), r#"{"PoolName":2,"Z":null}"#),
        (command("select").arg("*").with("ExcludeProperty", "Pool*"), r#"{"C":[3,1]}"#),
        (command("select").with("ExcludeProperty", strs(&["C", "PoolName"])), r#"{"PoolFqdn":1}"#),
        (command("select").arg(calculated("n", expression(|i| int(&property(i, "PoolName")) * 2))), r#"{"D":4}"#),
        (command("select").arg(calculated("Label", thrown)), r#"{"D":null}"#),
        (command("select").arg(calculated("Name", Value::str("PoolName"))), r#"{"D":2}"#),
    ];
    for (at, (command, expected)) in cases.into_iter().enumerate() {
        let outcome = feed(vec![item()], command);
        assert_eq!(outcome.json(), [expected], "case {at}: {:?} {:?}", outcome.errors, outcome.stopped);
    }
    let kind = match &feed(vec![item()], command("select").arg("C")).values[0] {
        Value::Record(record) => record.kind().name.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(kind, "Selected.System.Management.Automation.PSCustomObject");
    let strings = feed(strs(&["abc"]), command("select").arg(strs(&["Length", "Nope"])));
    assert_eq!(strings.json(), [r#"{"Length":3,"Nope":null}"#]);
    let wrong = feed(vec![item()], command("select").arg(table(vec![("colour", Value::str("red"))])));
    assert_eq!(wrong.stopped.as_deref(), Some("DictionaryKeyUnknown"));
}

#[test]
fn select_expands_and_makes_unique() {
    let items = objects(json!([{"A": [1, 2]}, {"B": 3}, {"A": "x"}]));
    let outcome = feed(items, command("select").with("ExpandProperty", "A"));
    assert_eq!(outcome.json(), ["1", "2", "\"x\""]);
    assert_eq!(outcome.errors, ["ExpandPropertyNotFound,Microsoft.PowerShell.Commands.SelectObjectCommand"]);
    assert_eq!(feed(vec![table(vec![("A", 5.into())])], command("select").with("ExpandProperty", "A")).json(), ["5"]);
    let names = || strs(&["b", "a", "b", "A"]);
    assert_eq!(feed(names(), command("select").on("Unique")).shown(), ["b", "a", "A"]);
    assert_eq!(feed(names(), command("select").on("Unique").on("CaseInsensitive")).shown(), ["b", "a"]);
    let rows = objects(json!([{"A": 1, "B": 2}, {"A": 1, "B": 3}, {"A": 2, "B": 2}]));
    assert_eq!(feed(rows, command("select").arg("A").on("Unique")).json(), [r#"{"A":1}"#, r#"{"A":2}"#]);
}

#[test]
fn sort_orders_values_and_properties() {
    let cases: Vec<(Vec<Value>, Command, &[&str])> = vec![
        (ints(&[3, 10, 2]), command("sort"), &["2", "3", "10"]),
        (ints(&[1, 3, 2]), command("sort").on("Descending"), &["3", "2", "1"]),
        (strs(&["b", "A", "c"]), command("sort"), &["A", "b", "c"]),
        (strs(&["b", "a", "B", "a"]), command("sort").on("Unique"), &["a", "b"]),
        (strs(&["10", "9", "100"]), command("sort"), &["10", "100", "9"]),
        (
            strs(&["ccc", "a", "bb"]),
            command("sort").arg(expression(|i| text::to_text(i).len() as i64)),
            &["a", "bb", "ccc"],
        ),
        (ints(&[5, 3, 9]), command("sort").with("Top", 2), &["3", "5"]),
        (ints(&[5, 3, 9]), command("sort").with("Bottom", 2), &["5", "9"]),
        (vec![10.into(), "9".into(), 8.into()], command("sort"), &["8", "9", "10"]),
        (vec![3.into(), Value::Null, 1.into()], command("sort").on("Descending"), &["3", "1"]),
    ];
    for (at, (items, command, expected)) in cases.into_iter().enumerate() {
        let outcome = feed(items, command);
        assert_eq!(outcome.shown(), expected, "case {at}: {:?}", outcome.stopped);
    }
    let rows = || objects(json!([{"S": "R", "P": 2}, {"S": "D", "P": 1}, {"S": "r", "P": 1}, {"P": 7}]));
    let key = |name: &str| table(vec![("Expression", Value::str(name)), ("Descending", true.into())]);
    let cases: Vec<(Command, &[i64])> = vec![
        (command("sort").arg("S"), &[1, 2, 1, 7]),
        (command("sort").arg(vec![Value::str("S"), key("P")]), &[1, 2, 1, 7]),
        (command("sort").arg(strs(&["S", "P"])), &[1, 1, 2, 7]),
        (command("sort").arg(strs(&["S", "P"])).on("Descending"), &[2, 1, 1, 7]),
        (command("sort").arg("S").on("Unique"), &[1, 2, 7]),
        (command("sort"), &[2, 1, 1, 7]),
    ];
    for (at, (command, expected)) in cases.into_iter().enumerate() {
        let outcome = feed(rows(), command);
        let got: Vec<i64> = outcome.values.iter().map(|value| int(&property(value, "P"))).collect();
        assert_eq!(got, expected, "case {at}");
    }
}

#[test]
fn group_puts_together_what_is_the_same() {
    let shown = |outcome: &Outcome| -> Vec<String> {
        let one =
            |value: &Value| format!("{}={}", text::to_text(&property(value, "Name")), int(&property(value, "Count")));
        outcome.values.iter().map(one).collect()
    };
    assert_eq!(shown(&feed(strs(&["b", "a", "B"]), command("group"))), ["a=1", "b=2"]);
    assert_eq!(shown(&feed(strs(&["a", "A", "a"]), command("group").on("CaseSensitive"))), ["a=2", "A=1"]);
    let rows = || objects(json!([{"S": "R", "U": true}, {"S": "R", "U": false}, {"S": null}, {"N": 1}]));
    assert_eq!(shown(&feed(rows(), command("group").arg("S"))), ["=2", "R=2"]);
    assert_eq!(shown(&feed(rows(), command("group").arg(strs(&["S", "U"])))), [", =2", "R, False=1", "R, True=1"]);
    let lists = objects(json!([{"C": ["a", "b"]}, {"C": ["a", "b"]}]));
    assert_eq!(shown(&feed(lists, command("group").arg("C"))), ["{a, b}=2"]);
    let brief = feed(strs(&["a"]), command("group").on("NoElement"));
    assert!(matches!(&brief.values[0], Value::Record(record) if record.kind().name.ends_with("NoElement")));
    let made = feed(ints(&[1, 2, 3]), command("group").arg(expression(|item| int(item) % 2)).on("AsHashTable"));
    assert_eq!(made.values.len(), 1);
    match &made.values[0] {
        Value::Map(table) => assert_eq!(json::to_text(&table.get(&Value::Int(1))), "[1,3]"),
        other => panic!("{other:?}"),
    }
    let lonely = feed(strs(&["a"]), command("group").on("AsString"));
    assert_eq!(lonely.stopped.as_deref(), Some("ArgumentException"));
}

mod json {
    pub fn to_text(value: &Option<crate::value::Value>) -> String {
        value.as_ref().map(|value| crate::value::json::to_json(value).to_string()).unwrap_or_default()
    }
}

#[test]
fn measure_counts_and_sums() {
    let field = |outcome: &Outcome, name: &str| text::to_text(&property(&outcome.values[0], name)).to_string();
    let all = feed(ints(&[2, 4, 4, 4, 5, 5, 7, 9]), command("measure").on("AllStats"));
    for (name, expected) in [("Count", "8"), ("Sum", "40"), ("Average", "5"), ("Minimum", "2"), ("Maximum", "9")] {
        assert_eq!(field(&all, name), expected, "{name}");
    }
    assert!(field(&all, "StandardDeviation").starts_with("2.13808993529"));
    assert_eq!(field(&feed(vec![1.into(), Value::Null, 2.into()], command("measure")), "Count"), "2");
    let empty = feed(Vec::new(), command("measure").on("Sum"));
    assert_eq!((field(&empty, "Count"), field(&empty, "Sum")), ("0".into(), "0".into()));
    let texts = feed(strs(&["b", "a", "c"]), command("measure").on("Minimum").on("Maximum"));
    assert_eq!((field(&texts, "Minimum"), field(&texts, "Maximum")), ("a".into(), "c".into()));
    let bad = feed(strs(&["a"]), command("measure").on("Sum"));
    assert_eq!(bad.errors, ["NonNumericInputObject,Microsoft.PowerShell.Commands.MeasureObjectCommand"]);
    assert_eq!(field(&bad, "Sum"), "");
    let rows = objects(serde_json::json!([{"A1": 1, "A2": 2}, {"A1": 5}]));
    let measured = feed(rows, command("measure").with("Property", "A*").on("Sum"));
    let sums: Vec<String> = measured
        .values
        .iter()
        .map(|v| format!("{}={}", text::to_text(&property(v, "Property")), text::to_text(&property(v, "Sum"))))
        .collect();
    assert_eq!(sums, ["A1=6", "A2=2"]);
    assert!(feed(vec![one("A", 1)], command("measure").with("Property", "Z")).values.is_empty());
    let words = feed(strs(&["a b", "c"]), command("measure").on("Word").on("Line").on("Character"));
    assert_eq!(
        (field(&words, "Lines"), field(&words, "Words"), field(&words, "Characters")),
        ("2".into(), "3".into(), "4".into())
    );
}

#[test]
fn compare_shows_the_sides() {
    let sides = |outcome: &Outcome| -> Vec<String> {
        let one = |value: &Value| {
            format!(
                "{}{}",
                text::to_text(&property(value, "InputObject")),
                text::to_text(&property(value, "SideIndicator"))
            )
        };
        outcome.values.iter().map(one).collect()
    };
    let compare = || command("compare").arg(ints(&[1, 2, 3])).arg(ints(&[2, 3, 4]));
    assert_eq!(sides(&run(compare())), ["4=>", "1<="]);
    assert_eq!(
        sides(&run(command("diff").arg(ints(&[1, 2])).arg(ints(&[2, 3])).on("IncludeEqual"))),
        ["2==", "3=>", "1<="]
    );
    assert_eq!(sides(&run(compare().on("ExcludeDifferent"))), ["2==", "3=="]);
    assert!(run(command("compare").arg(ints(&[1, 2])).arg(ints(&[2, 1]))).values.is_empty());
    assert!(run(command("compare").arg("a").arg("A")).values.is_empty());
    assert_eq!(run(command("compare").arg("a").arg("A").on("CaseSensitive")).values.len(), 2);
    assert_eq!(run(compare().on("PassThru")).json(), ["4", "1"]);
    assert_eq!(sides(&run(compare().with("SyncWindow", 0))).len(), 6, "nothing waits for its partner");
    let row = |v: i64| vec![object(serde_json::json!({"N": "a", "V": v}))];
    let by = run(command("compare").arg(row(1)).arg(row(2)).with("Property", strs(&["N", "V"])));
    assert_eq!(by.json(), [r#"{"N":"a","V":2,"SideIndicator":"=>"}"#, r#"{"N":"a","V":1,"SideIndicator":"<="}"#]);
    let null = run(command("compare").arg(Value::Null).arg(ints(&[1])));
    assert_eq!(null.stopped.as_deref(), Some("ParameterArgumentValidationErrorNullNotAllowed"));
    let piped = feed(ints(&[2]), command("compare").with("ReferenceObject", ints(&[1, 2])));
    assert_eq!(sides(&piped), ["1<="]);
}

#[test]
fn members_unique_tee_and_new_objects() {
    let item = object(serde_json::json!({"B": 1, "A": "x", "C": true, "D": null}));
    let notes = feed(vec![item.clone(), item.copy_of()], command("gm").with("MemberType", "NoteProperty"));
    let definitions: Vec<String> =
        notes.values.iter().map(|v| text::to_text(&property(v, "Definition")).to_string()).collect();
    assert_eq!(definitions, ["string A=x", "int B=1", "bool C=True", "object D=null"]);
    assert_eq!(
        feed(Vec::new(), command("gm")).errors,
        ["NoObjectInGetMember,Microsoft.PowerShell.Commands.GetMemberCommand"]
    );

    assert_eq!(feed(strs(&["a", "a", "A", "b"]), command("gu")).shown(), ["a", "A", "b"]);
    assert_eq!(feed(strs(&["a", "A", "b"]), command("gu").on("CaseInsensitive")).shown(), ["a", "b"]);

    let teed = feed(ints(&[1, 2]), command("tee").with("Variable", "t"));
    assert_eq!(teed.json(), ["1", "2"]);
    assert_eq!(json::to_text(&teed.variables.get("t").cloned()), "[1,2]");

    let properties = table(vec![("A", 1.into()), ("B", 2.into())]);
    assert_eq!(run(command("New-Object").arg("PSObject").with("Property", properties)).json(), [r#"{"A":1,"B":2}"#]);
    let added = feed(
        vec![one("A", 1)],
        command("Add-Member").with("NotePropertyName", "B").with("NotePropertyValue", 2).on("PassThru"),
    );
    assert_eq!(added.json(), [r#"{"A":1,"B":2}"#]);
    let twice = feed(vec![one("A", 1)], command("Add-Member").arg("NoteProperty").arg("a").arg(2));
    assert_eq!(
        twice.errors,
        ["MemberAlreadyExists,Microsoft.PowerShell.Commands.AddMemberCommand"],
        "{:?}",
        twice.stopped
    );
}

trait Copy {
    fn copy_of(&self) -> Value;
}

impl Copy for Value {
    fn copy_of(&self) -> Value {
        match self {
            Value::Record(record) => Value::Record(record.copy()),
            other => other.clone(),
        }
    }
}

#[test]
#[ignore = "prints timings"]
fn timings() {
    let n = 200_000i64;
    let items: Vec<Value> = (0..n).map(object_of).collect();
    let cases = vec![
        ("where", command("where").arg("Name").on("eq").arg("host-7")),
        ("measure", command("measure").with("Property", "N").on("Sum")),
        ("sort number", command("sort").arg("N").on("Descending")),
        ("sort text", command("sort").arg("Name")),
        ("group", command("group").arg("Name").on("NoElement")),
        ("select", command("select").arg(strs(&["N", "Name"]))),
        ("unique", command("select").arg("Name").on("Unique")),
        ("compare", command("compare").with("ReferenceObject", items.clone()).with("Property", "N")),
    ];
    for (what, command) in cases {
        let started = std::time::Instant::now();
        let outcome = feed(items.clone(), command);
        println!("{what}: {:?}, {} out {:?}", started.elapsed(), outcome.values.len(), outcome.stopped);
    }
}

fn object_of(i: i64) -> Value {
    crate::value::Record::custom([
        ("N", Value::Int((i * 7919) % 200_003)),
        ("Name", Value::str(format!("host-{}", i % 1000))),
    ])
    .into()
}
