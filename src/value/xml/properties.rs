//! Properties of nodes: what PowerShell's adapter makes of attributes and children, then what .NET's objects have.

use super::super::{Record, RecordType, Str, TextForm, Value, same_name, text};
use super::dom::{At, DOCUMENT, Dom, Kind};
use super::{Node, methods, write};
use crate::error::{Category, ErrorRecord};

/// Attributes and children, each name once, as they are shown.
pub(super) fn names(dom: &Dom, at: At) -> Vec<Str> {
    // Its text is a child of its own.
    if dom.item(at).kind == Kind::Attribute {
        return vec!["#text".into()];
    }
    let mut found: Vec<Str> = Vec::new();
    for child in shown(dom, at) {
        let name = dom.item(child).local();
        // Most children of one element have few names; the newest is the likeliest.
        if !found.iter().rev().any(|known| same_name(known, name)) {
            found.push(name.into());
        }
    }
    found
}

fn shown(dom: &Dom, at: At) -> impl Iterator<Item = At> {
    let item = dom.item(at);
    item.attributes.iter().chain(&item.children).copied()
}

/// What a name stands for among attributes and children.
fn adapted(dom: &Dom, at: At, name: &str) -> Vec<At> {
    shown(dom, at).filter(|child| same_name(dom.item(*child).local(), name)).collect()
}

/// What a child is as the value of a property: its text, where it has no more than that.
enum Simple {
    Text(String),
    Node,
}

fn simple(dom: &Dom, at: At) -> Simple {
    let item = dom.item(at);
    match (item.kind, item.children.as_slice()) {
        (Kind::Text | Kind::Attribute | Kind::Comment | Kind::CData, _) => Simple::Text(item.text.clone()),
        (Kind::Declaration | Kind::Instruction, _) => Simple::Text(item.text.clone()),
        _ if !item.attributes.is_empty() => Simple::Node,
        (_, []) => Simple::Text(String::new()),
        (_, [only]) if dom.item(*only).kind == Kind::Text => Simple::Text(dom.item(*only).text.clone()),
        _ => Simple::Node,
    }
}

pub(super) fn get(node: &Node, name: &str) -> Option<Value> {
    if name.starts_with(' ') {
        return None;
    }
    if node.attributes {
        let count = same_name(name, "Count") || same_name(name, "Length");
        return count.then(|| Value::Int(i64::try_from(node.lock().item(node.at).attributes.len()).unwrap_or(0)));
    }
    let found: Vec<(At, Simple)> = {
        let dom = node.lock();
        adapted(&dom, node.at, name).into_iter().map(|at| (at, simple(&dom, at))).collect()
    };
    let value = |(at, simple): (At, Simple)| match simple {
        Simple::Text(text) => Value::from(text),
        Simple::Node => node.value(at),
    };
    match found.len() {
        0 => own(node, name),
        1 => found.into_iter().next().map(value),
        _ => Some(Value::list(found.into_iter().map(value).collect())),
    }
}

/// What .NET's objects have.
fn own(node: &Node, name: &str) -> Option<Value> {
    let name = name.to_ascii_lowercase();
    let dom = node.lock();
    let item = dom.item(node.at);
    let kind = item.kind;
    let sibling = |step: isize| {
        let children = &dom.item(item.parent.filter(|_| kind != Kind::Attribute)?).children;
        let at = children.iter().position(|child| *child == node.at)?;
        children.get(at.checked_add_signed(step)?).copied()
    };
    let one = match name.as_str() {
        "name" => return Some(shown_name(&dom, node.at).into()),
        "localname" => return Some(item.local().into()),
        "prefix" => return Some(item.prefix().into()),
        "namespaceuri" => return Some(item.space.clone().into()),
        "nodetype" => return Some(node_type(kind).into()),
        "innertext" => return Some(dom.text(node.at).into()),
        "innerxml" => {
            return Some(match kind {
                Kind::Document | Kind::Element => write::inner(&dom, node.at).into(),
                _ => item.text.clone().into(),
            });
        }
        "outerxml" => return Some(write::outer(&dom, node.at).into()),
        "#text" if kind == Kind::Attribute => return Some(item.text.clone().into()),
        "value" => {
            return Some(match kind {
                Kind::Document | Kind::Element => Value::Null,
                _ => item.text.clone().into(),
            });
        }
        "data" if item.is_text() || kind == Kind::Comment => return Some(item.text.clone().into()),
        "haschildnodes" => return Some((!item.children.is_empty()).into()),
        "hasattributes" => return Some((!item.attributes.is_empty()).into()),
        "isempty" if kind == Kind::Element => return Some((item.short && item.children.is_empty()).into()),
        "baseuri" => return Some("".into()),
        "preservewhitespace" if kind == Kind::Document => return Some(dom.preserve.into()),
        "nametable" => {
            let kind = RecordType::new("System.Xml.NameTable", TextForm::TypeName);
            return Some(Value::Record(Record::new(kind, Vec::<(Str, Value)>::new())));
        }
        "childnodes" => {
            let children = item.children.clone();
            drop(dom);
            return Some(node.values(&children));
        }
        "attributes" if kind == Kind::Element => {
            drop(dom);
            return Some(Value::Record(Node { attributes: true, ..node.clone() }.record()));
        }
        "attributes" => return Some(Value::Null),
        "version" | "encoding" | "standalone" if kind == Kind::Declaration => {
            return Some(part(&item.text, &name).unwrap_or_default().into());
        }
        "parentnode" if kind == Kind::Attribute => None,
        "parentnode" => item.parent,
        "ownerelement" if kind == Kind::Attribute => item.parent,
        "firstchild" => item.children.first().copied(),
        "lastchild" => item.children.last().copied(),
        "nextsibling" => sibling(1),
        "previoussibling" => sibling(-1),
        "ownerdocument" => (kind != Kind::Document).then_some(DOCUMENT),
        "documentelement" if kind == Kind::Document => dom.root(),
        _ => return None,
    };
    drop(dom);
    Some(one.map_or(Value::Null, |at| node.value(at)))
}

/// A part of the declaration: its version, its encoding.
pub(super) fn part(declaration: &str, name: &str) -> Option<String> {
    let behind = declaration.split_once(name)?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = behind.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    behind.get(1..)?.split(quote).next().map(str::to_string)
}

fn shown_name(dom: &Dom, at: At) -> String {
    let item = dom.item(at);
    match item.kind {
        Kind::Element | Kind::Attribute | Kind::Instruction => item.name.to_string(),
        _ => item.local().to_string(),
    }
}

fn node_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Document => "Document",
        Kind::Element => "Element",
        Kind::Attribute => "Attribute",
        Kind::Text => "Text",
        Kind::CData => "CDATA",
        Kind::Comment => "Comment",
        Kind::Instruction => "ProcessingInstruction",
        Kind::Declaration => "XmlDeclaration",
    }
}

/// What can be set besides attributes and children.
const SETTABLE: &[&str] = &["InnerText", "InnerXml", "Value", "IsEmpty", "PreserveWhitespace"];

pub(super) fn set(node: &Node, name: &str, to: &Value) -> Option<Result<(), ErrorRecord>> {
    if node.attributes {
        return None;
    }
    let new = text::to_text(to);
    let mut dom = node.lock();
    let refused = |why: String| {
        ErrorRecord::new("ExceptionWhenSetting", Category::NotSpecified, why)
            .hint("Set its InnerText, or attributes with SetAttribute(name, value).")
            .target(name)
    };
    match adapted(&dom, node.at, name).as_slice() {
        [] => {}
        [child] => {
            let item = dom.item(*child);
            let settable = match item.kind {
                Kind::Element => item.attributes.is_empty() && matches!(simple(&dom, *child), Simple::Text(_)),
                _ => true,
            };
            if !settable {
                return Some(Err(refused(format!(
                    "'{name}' is more than a text, so no text can be put in its place."
                ))));
            }
            dom.set_text(*child, &new);
            return Some(Ok(()));
        }
        several => {
            return Some(Err(refused(format!("There are {} of '{name}': choose one, [0].", several.len()))));
        }
    }
    let kind = dom.item(node.at).kind;
    let wanted = SETTABLE.iter().find(|known| same_name(known, name));
    Some(match wanted.copied() {
        Some("InnerText") if kind != Kind::Document => {
            dom.set_text(node.at, &new);
            Ok(())
        }
        Some("Value") if !matches!(kind, Kind::Document | Kind::Element) => {
            dom.set_text(node.at, &new);
            Ok(())
        }
        Some("InnerXml") if matches!(kind, Kind::Document | Kind::Element) => {
            drop(dom);
            methods::set_inner(node, &new)
        }
        Some("IsEmpty") if kind == Kind::Element => {
            dom.clear(node.at);
            dom.item_mut(node.at).short = super::super::truth::is_true(to);
            Ok(())
        }
        Some("PreserveWhitespace") if kind == Kind::Document => {
            dom.preserve = super::super::truth::is_true(to);
            Ok(())
        }
        Some(known) => Err(refused(format!("{known} of a node of this kind cannot be set."))),
        None => {
            drop(dom);
            own(node, name)?;
            Err(refused(format!("'{name}' can only be read.")))
        }
    })
}
