//! Documents as scripts use them: read, searched, edited, saved.

use super::*;
use crate::value::{Table, member, text};

const TOPOLOGY: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Sites>\n  <Site id=\"1\" name='Redmond'><Pool fqdn=\"a\" />\
    <Pool fqdn=\"b\">text</Pool></Site>\n  <!-- later -->\n  <Site id=\"2\" name=\"Dublin\"><Note>a &amp; b</Note></Site>\n</Sites>";

fn document() -> Value {
    Value::Record(parse(TOPOLOGY).unwrap())
}

fn get(value: &Value, path: &str) -> Value {
    path.split('.').fold(value.clone(), |at, name| member::get(&at, name).unwrap_or_default())
}

fn shown(value: &Value) -> String {
    text::to_text(value).to_string()
}

fn call(value: &Value, name: &str, arguments: &[&str]) -> Value {
    let arguments: Vec<Value> = arguments.iter().map(|a| Value::from(*a)).collect();
    member::call(value, name, &arguments).unwrap()
}

fn put(value: &Value, name: &str, arguments: &[&Value]) -> Value {
    member::call(value, name, &arguments.iter().map(|a| (*a).clone()).collect::<Vec<_>>()).unwrap()
}

/// Rule: attributes and elements are properties; what is only text is a string; several of a name are a list.
#[test]
fn elements_and_attributes_are_properties() {
    let x: Value = parse("<a><b>text</b><c n='v'/><d/><d x='1'>t</d></a>").unwrap().into();
    assert_eq!(shown(&get(&x, "a.b")), "text");
    assert_eq!(shown(&get(&x, "a.c.n")), "v");
    assert!(matches!(get(&x, "a.d"), Value::List(d) if d.len() == 2));
    assert_eq!(shown(&get(&x, "a.d.#text")), "t");
    assert_eq!(member::names(&get(&x, "A")).join(","), "b,c,d");
    assert_eq!(shown(&get(&x, "a.ChildNodes.Count")), "4");
    assert!(parse("<a>").is_err());
    assert_eq!(shown(&get(&document(), "Sites.Site.name")), "Redmond Dublin");
}

/// Rule: an XPath finds what it names, in the order of the document, each node once.
#[test]
fn xpaths_find() {
    let x = document();
    let cases = [
        ("/Sites/Site/@id", "1 2"),
        ("//Pool/@fqdn", "a b"),
        ("//Site[@name='Dublin']/Note", "a & b"),
        ("/Sites/Site[2]/@name", "Dublin"),
        ("/Sites/Site[last()]/@name", "Dublin"),
        ("//Pool[@fqdn='b']/text()", "text"),
        ("//*[local-name()='Pool'][1]/@fqdn", "a"),
        ("//Pool/../@id", "1"),
        ("//Pool/ancestor::Site/@name", "Redmond"),
        ("//Pool[2]/preceding-sibling::Pool/@fqdn", "a"),
        ("//Site[Pool and not(Note)]/@id", "1"),
        ("//Site[@id > 1 or starts-with(@name, 'Red')]/@id", "1 2"),
        ("//Site[contains(@name, 'ubl')]/@id", "2"),
        ("//Site[count(Pool) = 2]/@id", "1"),
        ("//Note | //Pool[2]", "text a & b"),
        ("(//Pool)[1]/@fqdn", "a"),
        ("//Site[position() mod 2 = 0]/@id", "2"),
        ("//Nothing", ""),
        ("//comment()", " later "),
        ("//Site[Note[.='a & b']]/@id", "2"),
    ];
    for (xpath, expected) in cases {
        let found = call(&x, "SelectNodes", &[xpath]);
        let texts: Vec<String> = crate::value::enumerate(found).iter().map(|n| shown(&get(n, "InnerText"))).collect();
        assert_eq!(texts.join(" "), expected, "{xpath}");
    }
    let root = node(&x).unwrap();
    assert_eq!(shown(&root.select("sum(//@id) + count(//Pool)", &[]).unwrap()), "5");
    assert_eq!(shown(&root.select("concat(name(//*[@id=2]), substring('abcde', 2, 3))", &[]).unwrap()), "Sitebcd");
    let site = call(&x, "SelectSingleNode", &["//Site[1]"]);
    assert_eq!(shown(&get(&call(&site, "SelectSingleNode", &["Pool"]), "fqdn")), "a");
    assert!(call(&x, "SelectSingleNode", &["//Nothing"]).is_null());
}

/// Rule: a prefix means what the caller says; without a word of it the error says so.
#[test]
fn name_spaces_are_told_apart() {
    let x: Value = parse("<a xmlns='urn:a' xmlns:b='urn:b'><c b:d='1'/><b:c/></a>").unwrap().into();
    assert_eq!(shown(&get(&call(&x, "SelectNodes", &["//c"]), "Count")), "0");
    let spaces = Table::new(false);
    spaces.put("n".into(), "urn:a".into());
    spaces.put("m".into(), "urn:b".into());
    let found = member::call(&x, "SelectNodes", &["//n:c/@m:d".into(), Value::Map(spaces)]).unwrap();
    assert_eq!(shown(&get(&found, "Count")), "1");
    let error = member::call(&x, "SelectNodes", &["//n:c".into()]).unwrap_err();
    assert_eq!(error.id(), "XPathException");
    // A new element without a name space says so where one is in force.
    let new = call(&x, "CreateElement", &["e"]);
    put(&get(&x, "a"), "AppendChild", &[&new]);
    assert_eq!(
        shown(&get(&x, "OuterXml")),
        "<a xmlns=\"urn:a\" xmlns:b=\"urn:b\"><c b:d=\"1\" /><b:c /><e xmlns=\"\" /></a>"
    );
    assert_eq!(shown(&get(&call(&x, "SelectSingleNode", &["//e"]), "NamespaceURI")), "");
}

/// Rule: a change through one object is seen through all others, and in the text of the document.
#[test]
fn documents_are_edited() {
    let x = document();
    let site = call(&x, "SelectSingleNode", &["//Site[@id='2']"]);
    member::set(&site, "name", "Dublin \"2\"".into()).unwrap();
    member::set(&site, "Note", "x < y".into()).unwrap();
    call(&site, "SetAttribute", &["new", "1"]);
    let pool = call(&x, "CreateElement", &["Pool"]);
    member::set(&pool, "InnerText", "p".into()).unwrap();
    put(&site, "AppendChild", &[&pool]);
    put(&get(&x, "Sites"), "RemoveChild", &[&call(&x, "SelectSingleNode", &["//Site[1]"])]);
    assert_eq!(
        shown(&get(&x, "OuterXml")),
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Sites><!-- later --><Site id=\"2\" name=\"Dublin &quot;2&quot;\" \
         new=\"1\"><Note>x &lt; y</Note><Pool>p</Pool></Site></Sites>"
    );
    member::set(&site, "InnerXml", "<A/><B>1</B>".into()).unwrap();
    assert_eq!(shown(&get(&x, "Sites.Site.B")), "1");
    assert_eq!(member::set(&x, "Sites", "text".into()).unwrap_err().id(), "ExceptionWhenSetting");
    let error = member::call(&site, "SetAtribute", &["a".into(), "b".into()]).unwrap_err();
    assert_eq!(error.id(), "MethodNotFound");
    assert!(error.hints().iter().any(|hint| hint.contains("SetAttribute")));
    // A node is in no node that is in it.
    let sites = get(&x, "Sites");
    assert_eq!(member::call(&site, "AppendChild", &[sites]).unwrap_err().id(), "ArgumentException");
    let other = document();
    let foreign = get(&other, "Sites");
    assert_eq!(member::call(&site, "AppendChild", &[foreign.clone()]).unwrap_err().id(), "ArgumentException");
    put(&site, "AppendChild", &[&put(&x, "ImportNode", &[&foreign, &true.into()])]);
    assert_eq!(shown(&get(&call(&x, "SelectNodes", &["//Pool"]), "Count")), "2");
}

/// Rule: a file has one element a line, as .NET writes it, and text stays as it is.
#[test]
fn documents_are_saved() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.xml").display().to_string();
    call(&document(), "Save", &[&path]);
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<Sites>\n  <Site id=\"1\" name=\"Redmond\">\n    \
         <Pool fqdn=\"a\" />\n    <Pool fqdn=\"b\">text</Pool>\n  </Site>\n  <!-- later -->\n  <Site id=\"2\" \
         name=\"Dublin\">\n    <Note>a &amp; b</Note>\n  </Site>\n</Sites>"
    );
    let again: Value = empty().into();
    call(&again, "Load", &[&path]);
    assert_eq!(shown(&get(&again, "OuterXml")), shown(&get(&document(), "OuterXml")));
}

/// Rule: no text of an XPath makes more than an error of it.
#[test]
fn bad_xpaths_are_errors() {
    let x = document();
    let deep = format!("{}1{}", "(".repeat(5000), ")".repeat(5000));
    let long = format!("1{}", "+1".repeat(5000));
    for xpath in ["", "//", "/a[", "a[1", "'x", "a b", "nope(1)", "count()", "$x", "x:y", "1/2", "&", &deep, &long] {
        let found = node(&x).unwrap().select(xpath, &[]);
        assert_eq!(found.unwrap_err().id(), "XPathException", "{xpath}");
    }
}
