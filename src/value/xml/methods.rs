//! Methods of nodes: finding, editing, saving.

use super::super::member::{Answer, Call, not_found};
use super::super::{Value, near, truth, types};
use super::dom::{At, DOCUMENT, Dom, Item, Kind};
use super::{Node, check, node, read, save, spaces};
use crate::error::{Category, ErrorRecord};

/// All methods, for who misspells one.
const NAMES: &[&str] = &[
    "AppendChild",
    "Clone",
    "CloneNode",
    "CreateAttribute",
    "CreateCDataSection",
    "CreateComment",
    "CreateElement",
    "CreateTextNode",
    "CreateXmlDeclaration",
    "GetAttribute",
    "GetAttributeNode",
    "GetElementsByTagName",
    "HasAttribute",
    "ImportNode",
    "InsertAfter",
    "InsertBefore",
    "Load",
    "LoadXml",
    "PrependChild",
    "RemoveAll",
    "RemoveAllAttributes",
    "RemoveAttribute",
    "RemoveChild",
    "ReplaceChild",
    "Save",
    "SelectNodes",
    "SelectSingleNode",
    "SetAttribute",
    "SetAttributeNode",
    "WriteTo",
];

/// What every object has.
const COMMON: &[&str] = &["tostring", "gettype", "equals", "gethashcode", "compareto", "where", "foreach"];

pub(super) fn call(on: &Node, call: &Call) -> Answer {
    if COMMON.contains(&call.name) {
        return None;
    }
    let kind = on.lock().item(on.at).kind;
    let answer = if on.attributes {
        attributes(on, call)
    } else {
        found(on, call).or_else(|| tree(on, call)).or_else(|| match kind {
            Kind::Element => element(on, call),
            Kind::Document => document(on, call),
            _ => None,
        })
    };
    Some(answer.unwrap_or_else(|| {
        let error = not_found(&on.record().kind().name, call.name);
        Err(match near::nearest(call.name, NAMES) {
            Some(near) if !near.eq_ignore_ascii_case(call.name) => error.hint(format!("Did you mean {near}()?")),
            Some(_) => error.hint("Look at the arguments, and at what kind of node it is called on."),
            None => error,
        })
    }))
}

fn nothing() -> Value {
    Value::list(Vec::new())
}

fn wrong(message: String) -> ErrorRecord {
    ErrorRecord::new("ArgumentException", Category::NotSpecified, message)
}

/// Finding.
fn found(on: &Node, call: &Call) -> Answer {
    let spaces = || call.arguments.get(1).map(spaces::of).unwrap_or_default();
    Some(match (call.name, call.count()) {
        ("selectnodes", 1 | 2) => match on.select(&call.text(0), &spaces()) {
            Ok(value @ Value::List(_)) => Ok(value),
            Ok(_) => {
                Err(wrong(format!("'{}' gives no nodes.", call.text(0))).hint("Select-Xml takes such an XPath, too."))
            }
            Err(error) => Err(error),
        },
        ("selectsinglenode", 1 | 2) => match on.select(&call.text(0), &spaces()) {
            Ok(Value::List(nodes)) => Ok(nodes.first().cloned().unwrap_or_default()),
            Ok(_) => Err(wrong(format!("'{}' gives no nodes.", call.text(0)))),
            Err(error) => Err(error),
        },
        ("getelementsbytagname", 1 | 2) => {
            let (dom, wanted) = (on.lock(), call.text(0));
            let space = (call.count() == 2).then(|| call.text(1));
            let fits = |at: &At| {
                let item = dom.item(*at);
                let own = if space.is_some() { item.local() } else { &*item.name };
                item.kind == Kind::Element
                    && (&*wanted == "*" || *own == *wanted)
                    && space.as_ref().is_none_or(|space| **space == *item.space || &**space == "*")
            };
            let nodes: Vec<At> = dom.within(on.at).skip(1).filter(fits).collect();
            drop(dom);
            Ok(on.values(&nodes))
        }
        _ => return None,
    })
}

/// The node that an argument is, of the same document.
fn own(on: &Node, call: &Call, at: usize) -> Result<At, ErrorRecord> {
    let value = call.value(at);
    let Some(given) = node(&value).filter(|given| !given.attributes) else {
        return Err(call.unfit(at).hint("It takes a node, as CreateElement() makes one."));
    };
    if !std::sync::Arc::ptr_eq(&given.dom, &on.dom) {
        return Err(wrong("The node is of another document.".into())
            .hint("Take a copy for this document: $doc.ImportNode($node, $true)."));
    }
    Ok(given.at)
}

/// Whether a node may be put under another.
fn may_be_in(dom: &Dom, at: At, under: At) -> Result<(), ErrorRecord> {
    let (kind, outer) = (dom.item(at).kind, dom.item(under).kind);
    if dom.is_in(under, at) {
        return Err(wrong("A node cannot be put into itself.".into()));
    }
    let fits = match outer {
        Kind::Document => {
            let second = kind == Kind::Element && dom.root().is_some_and(|root| root != at);
            if second {
                return Err(ErrorRecord::new(
                    "InvalidOperationException",
                    Category::NotSpecified,
                    "The document has its root element already.",
                )
                .hint("Append to $doc.DocumentElement."));
            }
            !matches!(kind, Kind::Text | Kind::CData | Kind::Attribute | Kind::Document)
        }
        Kind::Element => !matches!(kind, Kind::Attribute | Kind::Document | Kind::Declaration),
        _ => false,
    };
    if fits { Ok(()) } else { Err(wrong("A node of this kind cannot be put there.".into())) }
}

/// Editing the tree.
fn tree(on: &Node, call: &Call) -> Answer {
    let put = |before: &dyn Fn(&Dom) -> Option<At>| -> Result<Value, ErrorRecord> {
        let at = own(on, call, 0)?;
        let mut dom = on.lock();
        may_be_in(&dom, at, on.at)?;
        let before = before(&dom).filter(|before| *before != at);
        dom.insert(on.at, at, before);
        drop(dom);
        Ok(call.value(0))
    };
    // A child beside which something is put; at the end where it is null.
    let beside = |at: usize| -> Result<Option<At>, ErrorRecord> {
        if call.value(at).is_null() {
            return Ok(None);
        }
        let child = own(on, call, at)?;
        if on.lock().item(child).parent != Some(on.at) {
            return Err(wrong("The node beside which it shall stand is not a child of this node.".into()));
        }
        Ok(Some(child))
    };
    let after = |child: At| {
        move |dom: &Dom| {
            let children = &dom.item(on.at).children;
            children.iter().position(|known| *known == child).and_then(|at| children.get(at + 1)).copied()
        }
    };
    Some(match (call.name, call.count()) {
        ("appendchild", 1) => put(&|_| None),
        ("prependchild", 1) => put(&|dom| dom.item(on.at).children.first().copied()),
        ("insertbefore", 2) => beside(1).and_then(|child| put(&|_| child)),
        ("insertafter", 2) => beside(1).and_then(|child| match child {
            Some(child) => put(&after(child)),
            None => put(&|dom| dom.item(on.at).children.first().copied()),
        }),
        ("removechild", 1) => beside(0).map(|child| {
            if let Some(child) = child {
                on.lock().detach(child);
            }
            call.value(0)
        }),
        ("replacechild", 2) => beside(1).and_then(|old| {
            put(&|_| old)?;
            if let Some(old) = old.filter(|old| own(on, call, 0).ok() != Some(*old)) {
                on.lock().detach(old);
            }
            Ok(call.value(1))
        }),
        ("removeall", 0) => {
            let mut dom = on.lock();
            dom.clear(on.at);
            dom.item_mut(on.at).attributes.clear();
            Ok(nothing())
        }
        ("clonenode" | "clone", 0 | 1) => {
            let deep = call.name == "clone" || truth::is_true(&call.value(0));
            let mut dom = on.lock();
            let from = dom.clone();
            if on.at == DOCUMENT {
                let mut whole = if deep { from } else { Dom::new() };
                whole.preserve = dom.preserve;
                return Some(Ok(Value::Record(Node::of(whole).record())));
            }
            let copy = dom.copy(&from, on.at, deep);
            drop(dom);
            Ok(on.value(copy))
        }
        _ => return None,
    })
}

/// Whether a name may be one of XML.
fn name_of(call: &Call, at: usize) -> Result<String, ErrorRecord> {
    let name = call.text(at);
    match check(&format!("<{name} xmlns:{0}='x'/>", name.split_once(':').map_or("x", |(prefix, _)| prefix))) {
        Ok(()) if !name.contains(|c: char| c.is_whitespace() || matches!(c, '/' | '=' | '>')) => Ok(name.to_string()),
        _ => {
            Err(ErrorRecord::new("XmlException", Category::NotSpecified, format!("'{name}' cannot be a name in XML.")))
        }
    }
}

/// Attributes of elements.
fn element(on: &Node, call: &Call) -> Answer {
    let name = call.text(0);
    let attribute = |dom: &Dom| match call.count() {
        1 => dom.attribute(on.at, &name),
        _ => dom.item(on.at).attributes.iter().copied().find(|at| {
            let item = dom.item(*at);
            *item.local() == *name && *item.space == *call.text(1)
        }),
    };
    Some(match (call.name, call.count()) {
        ("getattribute", 1 | 2) => {
            let dom = on.lock();
            Ok(attribute(&dom).map(|at| dom.item(at).text.clone()).unwrap_or_default().into())
        }
        ("hasattribute", 1 | 2) => Ok(attribute(&on.lock()).is_some().into()),
        ("getattributenode", 1) => Ok(on.named(&name).unwrap_or_default()),
        ("setattribute", 2 | 3) => name_of(call, 0).map(|name| {
            let last = call.text(call.count() - 1);
            let space = if call.count() == 3 { call.text(1) } else { "".into() };
            on.lock().set_attribute(on.at, &name, &space, &last);
            if call.count() == 3 { Value::from(last) } else { nothing() }
        }),
        ("setattributenode", 1) => attach(on, call),
        ("removeattribute", 1 | 2) => {
            let mut dom = on.lock();
            if let Some(at) = attribute(&dom) {
                dom.detach(at);
            }
            Ok(nothing())
        }
        ("removeallattributes", 0) => {
            on.lock().item_mut(on.at).attributes.clear();
            Ok(nothing())
        }
        _ => return None,
    })
}

/// Puts an attribute on an element, in the place of one of its name.
fn attach(on: &Node, call: &Call) -> Result<Value, ErrorRecord> {
    let at = own(on, call, 0)?;
    let mut dom = on.lock();
    if dom.item(at).kind != Kind::Attribute {
        return Err(call.unfit(0));
    }
    dom.detach(at);
    let name = dom.item(at).name.clone();
    if let Some(old) = dom.attribute(on.at, &name) {
        dom.detach(old);
    }
    dom.item_mut(at).parent = Some(on.at);
    dom.item_mut(on.at).attributes.push(at);
    Ok(call.value(0))
}

/// What `.Attributes` can.
fn attributes(on: &Node, call: &Call) -> Answer {
    let take = |at: Option<At>| {
        at.map_or(Value::Null, |at| {
            on.lock().detach(at);
            on.value(at)
        })
    };
    Some(match (call.name, call.count()) {
        ("getnameditem" | "itemof" | "get_itemof", 1) => Ok(on.named(&call.text(0)).unwrap_or_default()),
        ("item", 1) => call.int(0).map(|place| {
            let at = usize::try_from(place).ok().and_then(|place| on.lock().item(on.at).attributes.get(place).copied());
            at.map_or(Value::Null, |at| on.value(at))
        }),
        ("append" | "setnameditem" | "prepend", 1) => attach(on, call),
        ("remove", 1) => own(on, call, 0).map(|at| take(Some(at))),
        ("removenameditem", 1) => {
            let at = on.lock().attribute(on.at, &call.text(0));
            Ok(take(at))
        }
        ("removeall", 0) => {
            on.lock().item_mut(on.at).attributes.clear();
            Ok(nothing())
        }
        _ => return None,
    })
}

/// What documents can.
fn document(on: &Node, call: &Call) -> Answer {
    let add = |item: Item| {
        let at = on.lock().add(item);
        on.value(at)
    };
    let text = call.text(0);
    // The name with its prefix, and its name space.
    let named = || -> Result<(String, String), ErrorRecord> {
        let (at, prefix) = if call.count() == 3 { (1, call.text(0)) } else { (0, "".into()) };
        let name = name_of(call, at)?;
        let name = if prefix.is_empty() { name } else { format!("{prefix}:{name}") };
        Ok((name, if call.count() > 1 { call.text(call.count() - 1).to_string() } else { String::new() }))
    };
    Some(match (call.name, call.count()) {
        ("createelement", 1..=3) => named().map(|(name, space)| add(Item::new(Kind::Element, &name, &space, ""))),
        ("createattribute", 1..=3) => named().map(|(name, space)| add(Item::new(Kind::Attribute, &name, &space, ""))),
        ("createtextnode", 1) => Ok(add(Item::new(Kind::Text, "#text", "", &text))),
        ("createcdatasection", 1) => Ok(add(Item::new(Kind::CData, "#cdata-section", "", &text.replace("]]>", "")))),
        ("createcomment", 1) => Ok(add(Item::new(Kind::Comment, "#comment", "", &text.replace("--", "- -")))),
        ("createxmldeclaration", 1..=3) => {
            let part = |name: &str, at: usize| match &*call.text(at) {
                "" => String::new(),
                value => format!(" {name}=\"{value}\""),
            };
            let all = format!("version=\"{text}\"{}{}", part("encoding", 1), part("standalone", 2));
            Ok(add(Item::new(Kind::Declaration, "xml", "", &all)))
        }
        ("importnode", 2) => match node(&call.value(0)).filter(|given| !given.attributes) {
            Some(given) => {
                let from = given.lock().clone();
                let at = on.lock().copy(&from, given.at, truth::is_true(&call.value(1)));
                Ok(on.value(at))
            }
            None => Err(call.unfit(0)),
        },
        ("loadxml", 1) => load(on, &text),
        ("load", 1) => save::read(&text).and_then(|text| load(on, &text)),
        ("save", 1) => match call.value(0) {
            Value::Str(path) => save::write(&path, &on.lock()).map(|()| nothing()),
            other => Err(call.unfit(0).hint(format!("It takes a path, not a {}.", types::name_of(&other)))),
        },
        _ => return None,
    })
}

/// Puts another document in the place of one.
fn load(on: &Node, text: &str) -> Result<Value, ErrorRecord> {
    let text = text.trim_start_matches('\u{feff}').trim();
    check(text)
        .map_err(|why| ErrorRecord::new("XmlException", Category::NotSpecified, format!("This is no XML: {why}.")))?;
    let mut dom = on.lock();
    let preserve = dom.preserve;
    // Nodes of the document before keep their places in it.
    dom.clear(DOCUMENT);
    dom.preserve = preserve;
    read::fill(&mut dom, DOCUMENT, text);
    Ok(nothing())
}

/// Puts what a text says in the place of what a node holds.
pub(super) fn set_inner(on: &Node, text: &str) -> Result<(), ErrorRecord> {
    if on.at == DOCUMENT {
        return load(on, text).map(|_| ());
    }
    let mut dom = on.lock();
    let prefixes = std::iter::successors(Some(on.at), |at| dom.item(*at).parent).flat_map(|at| {
        let attributes = dom.item(at).attributes.iter().map(|attribute| dom.item(*attribute));
        attributes.filter_map(|a| a.declares().map(str::to_string)).collect::<Vec<_>>()
    });
    let declared: std::collections::BTreeSet<String> = prefixes.filter(|prefix| !prefix.is_empty()).collect();
    let declared: String = declared.iter().map(|prefix| format!(" xmlns:{prefix}='x'")).collect();
    check(&format!("<_{declared}>{text}</_>")).map_err(|why| {
        ErrorRecord::new("ExceptionWhenSetting", Category::NotSpecified, format!("This is no XML: {why}."))
    })?;
    dom.clear(on.at);
    dom.item_mut(on.at).short = false;
    read::fill(&mut dom, on.at, text);
    Ok(())
}
