//! From text to a tree. The text has been found well-formed before.

use super::dom::{At, Dom, Item, Kind, XMLNS};
use std::borrow::Cow;

/// Reads a text that is well-formed into a node of a document; prefixes that the text does not declare are those of
/// that node.
pub fn fill(dom: &mut Dom, under: At, text: &str) {
    let mut open = under;
    let mut rest = text;
    while !rest.is_empty() {
        let Some(markup) = rest.strip_prefix('<') else {
            let end = rest.find('<').unwrap_or(rest.len());
            let (chars, behind) = rest.split_at(end);
            if dom.preserve || !chars.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
                dom.append(open, Item::new(Kind::Text, "#text", "", &unescaped(chars)));
            }
            rest = behind;
            continue;
        };
        if let Some(inside) = markup.strip_prefix("!--") {
            let (comment, behind) = split(inside, "-->");
            dom.append(open, Item::new(Kind::Comment, "#comment", "", &lines(comment)));
            rest = behind;
        } else if let Some(inside) = markup.strip_prefix("![CDATA[") {
            let (chars, behind) = split(inside, "]]>");
            dom.append(open, Item::new(Kind::CData, "#cdata-section", "", &lines(chars)));
            rest = behind;
        } else if let Some(inside) = markup.strip_prefix('?') {
            let (instruction, behind) = split(inside, "?>");
            let (target, data) = instruction.split_once(char::is_whitespace).unwrap_or((instruction, ""));
            let kind = if target == "xml" { Kind::Declaration } else { Kind::Instruction };
            dom.append(open, Item::new(kind, target, "", data.trim()));
            rest = behind;
        } else if let Some(inside) = markup.strip_prefix('/') {
            rest = split(inside, ">").1;
            open = match dom.item(open).parent {
                Some(parent) if open != under => parent,
                _ => open,
            };
        } else {
            rest = element(dom, &mut open, markup);
        }
    }
}

/// Reads a start tag without its `<`; what is behind it.
fn element<'a>(dom: &mut Dom, open: &mut At, markup: &'a str) -> &'a str {
    let end = markup.find(|c: char| c.is_whitespace() || c == '/' || c == '>').unwrap_or(markup.len());
    let (name, mut rest) = markup.split_at(end);
    let at = dom.append(*open, Item::new(Kind::Element, name, "", ""));
    dom.item_mut(at).short = false;
    loop {
        rest = rest.trim_start();
        if let Some(behind) = rest.strip_prefix("/>") {
            dom.item_mut(at).short = true;
            resolve(dom, at);
            return behind;
        }
        if let Some(behind) = rest.strip_prefix('>') {
            resolve(dom, at);
            *open = at;
            return behind;
        }
        let (name, value) = split(rest, "=");
        let value = value.trim_start();
        let quote = value.chars().next().unwrap_or('"');
        let (value, behind) = split(value.get(quote.len_utf8()..).unwrap_or(""), quote.encode_utf8(&mut [0; 4]));
        let value = value.replace("\r\n", " ").replace(['\r', '\n', '\t'], " ");
        dom.set_attribute(at, name.trim(), "", &unescaped(&value));
        rest = behind;
        if rest.is_empty() {
            return rest;
        }
    }
}

/// Finds the name spaces of an element and its attributes.
fn resolve(dom: &mut Dom, at: At) {
    let prefix = dom.item(at).prefix().to_string();
    // The element itself has none yet, so that it says nothing of its own prefix.
    let parent = dom.item(at).parent;
    let own = dom.item(at).attributes.iter().map(|a| dom.item(*a)).find(|a| a.declares() == Some(prefix.as_str()));
    let space = match own {
        Some(attribute) => Some(attribute.text.as_str().into()),
        None => parent.and_then(|parent| dom.space_of(parent, &prefix)),
    };
    dom.item_mut(at).space = space.unwrap_or_else(|| "".into());
    for attribute in dom.item(at).attributes.clone() {
        let item = dom.item(attribute);
        if item.declares().is_some() {
            dom.item_mut(attribute).space = XMLNS.into();
        } else if !item.prefix().is_empty() {
            let space = dom.space_of(at, item.prefix()).unwrap_or_else(|| "".into());
            dom.item_mut(attribute).space = space;
        }
    }
}

/// What is before a mark, and what is behind it; all of it where there is no mark.
fn split<'a>(text: &'a str, mark: &str) -> (&'a str, &'a str) {
    text.split_once(mark).unwrap_or((text, ""))
}

/// Line ends as XML has them.
fn lines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() }
}

/// Characters instead of the names that stand for them.
fn unescaped(text: &str) -> Cow<'_, str> {
    let text = lines(text);
    if !text.contains('&') {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some((before, behind)) = rest.split_once('&') {
        out.push_str(before);
        let (name, after) = split(behind, ";");
        match (name, name.strip_prefix("#x"), name.strip_prefix('#')) {
            ("lt", ..) => out.push('<'),
            ("gt", ..) => out.push('>'),
            ("amp", ..) => out.push('&'),
            ("quot", ..) => out.push('"'),
            ("apos", ..) => out.push('\''),
            (_, Some(hex), _) => out.extend(u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)),
            (_, None, Some(number)) => out.extend(number.parse().ok().and_then(char::from_u32)),
            _ => {}
        }
        rest = after;
    }
    out.push_str(rest);
    out.into()
}
