//! A document as a tree: nodes in one list, which know each other by their places in it. What is taken out of the tree
//! stays in the list, as long as the document lives.

use super::super::Str;

/// Where a node is in the list of its document.
pub type At = usize;

/// The place of the document itself.
pub const DOCUMENT: At = 0;

/// The name space of `xmlns` attributes.
pub const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The document.
    Document,
    /// An element.
    Element,
    /// An attribute of one.
    Attribute,
    /// Text.
    Text,
    /// Text as it is, between brackets.
    CData,
    /// A comment.
    Comment,
    /// `<?target …?>`.
    Instruction,
    /// `<?xml …?>`.
    Declaration,
}

/// A node.
#[derive(Clone, Debug)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// Its name with its prefix, if it has a name.
    pub name: Str,
    /// Its name space; "" is none.
    pub space: Str,
    /// Text of what has text; an attribute's value.
    pub text: String,
    /// Attributes of an element, in order.
    pub attributes: Vec<At>,
    /// Children in order.
    pub children: Vec<At>,
    /// What it is in; of an attribute its element.
    pub parent: Option<At>,
    /// An element that is written `<a />`, as long as nothing is in it.
    pub short: bool,
}

impl Item {
    /// A node that is in nothing yet.
    pub fn new(kind: Kind, name: &str, space: &str, text: &str) -> Item {
        Item {
            kind,
            name: name.into(),
            space: space.into(),
            text: text.into(),
            attributes: Vec::new(),
            children: Vec::new(),
            parent: None,
            short: true,
        }
    }

    /// Its name without the prefix, as PowerShell shows it.
    pub fn local(&self) -> &str {
        match self.kind {
            Kind::Document => "#document",
            Kind::Text => "#text",
            Kind::CData => "#cdata-section",
            Kind::Comment => "#comment",
            Kind::Declaration => "xml",
            _ => self.name.split_once(':').map_or(&*self.name, |(_, local)| local),
        }
    }

    /// The prefix of its name; "" where it has none.
    pub fn prefix(&self) -> &str {
        match self.kind {
            Kind::Element | Kind::Attribute => self.name.split_once(':').map_or("", |(prefix, _)| prefix),
            _ => "",
        }
    }

    /// Whether it is text of an element.
    pub fn is_text(&self) -> bool {
        matches!(self.kind, Kind::Text | Kind::CData)
    }

    /// The prefix that it declares, if it is a declaration of a name space.
    pub fn declares(&self) -> Option<&str> {
        match self.kind {
            Kind::Attribute if &*self.name == "xmlns" => Some(""),
            Kind::Attribute => self.name.strip_prefix("xmlns:"),
            _ => None,
        }
    }
}

/// A document.
#[derive(Clone, Debug)]
pub struct Dom {
    items: Vec<Item>,
    /// Whether blanks between elements are kept, and nothing is put in when it is saved.
    pub preserve: bool,
}

impl Dom {
    /// A document with nothing in it.
    pub fn new() -> Dom {
        Dom { items: vec![Item::new(Kind::Document, "#document", "", "")], preserve: false }
    }

    /// A node. Places come from this document alone, and no node is ever taken off its list.
    pub fn item(&self, at: At) -> &Item {
        &self.items[at.min(self.items.len() - 1)]
    }

    /// A node, to change it.
    pub fn item_mut(&mut self, at: At) -> &mut Item {
        let last = self.items.len() - 1;
        &mut self.items[at.min(last)]
    }

    /// Adds a node that is in nothing yet.
    pub fn add(&mut self, item: Item) -> At {
        self.items.push(item);
        self.items.len() - 1
    }

    /// Adds a node at the end of another.
    pub fn append(&mut self, under: At, item: Item) -> At {
        let at = self.add(item);
        self.insert(under, at, None);
        at
    }

    /// Puts a node among the children of another, before one of them or at the end.
    pub fn insert(&mut self, under: At, at: At, before: Option<At>) {
        self.detach(at);
        self.item_mut(at).parent = Some(under);
        let children = &mut self.item_mut(under).children;
        let place = before.and_then(|before| children.iter().position(|child| *child == before));
        children.insert(place.unwrap_or(children.len()), at);
    }

    /// Takes a node out of what it is in.
    pub fn detach(&mut self, at: At) {
        if let Some(parent) = self.item_mut(at).parent.take() {
            let parent = self.item_mut(parent);
            parent.children.retain(|child| *child != at);
            parent.attributes.retain(|child| *child != at);
        }
    }

    /// The element of a document that all others are in.
    pub fn root(&self) -> Option<At> {
        self.item(DOCUMENT).children.iter().copied().find(|child| self.item(*child).kind == Kind::Element)
    }

    /// A node and all that is in it, in the order of the text; without attributes.
    pub fn within(&self, at: At) -> Within<'_> {
        Within { dom: self, waiting: vec![at] }
    }

    /// Whether a node is another, or in it.
    pub fn is_in(&self, at: At, outer: At) -> bool {
        std::iter::successors(Some(at), |at| self.item(*at).parent).any(|at| at == outer)
    }

    /// All text in a node.
    pub fn text(&self, at: At) -> String {
        let item = self.item(at);
        match item.kind {
            Kind::Document | Kind::Element => {
                self.within(at).map(|at| self.item(at)).filter(|item| item.is_text()).map(|i| i.text.as_str()).collect()
            }
            _ => item.text.clone(),
        }
    }

    /// Puts a text in the place of what an element holds.
    pub fn set_text(&mut self, at: At, text: &str) {
        if !matches!(self.item(at).kind, Kind::Document | Kind::Element) {
            self.item_mut(at).text = text.into();
            return;
        }
        self.clear(at);
        self.item_mut(at).short = false;
        if !text.is_empty() {
            self.append(at, Item::new(Kind::Text, "#text", "", text));
        }
    }

    /// Takes all children out of a node.
    pub fn clear(&mut self, at: At) {
        for child in std::mem::take(&mut self.item_mut(at).children) {
            self.item_mut(child).parent = None;
        }
    }

    /// The attribute of an element by its name with the prefix.
    pub fn attribute(&self, at: At, name: &str) -> Option<At> {
        self.item(at).attributes.iter().copied().find(|attribute| &*self.item(*attribute).name == name)
    }

    /// Sets an attribute of an element, and adds it if it is not there.
    pub fn set_attribute(&mut self, at: At, name: &str, space: &str, value: &str) -> At {
        if let Some(attribute) = self.attribute(at, name) {
            self.item_mut(attribute).text = value.into();
            return attribute;
        }
        let space = if name == "xmlns" || name.starts_with("xmlns:") { XMLNS } else { space };
        let attribute = self.add(Item::new(Kind::Attribute, name, space, value));
        self.item_mut(attribute).parent = Some(at);
        self.item_mut(at).attributes.push(attribute);
        attribute
    }

    /// The name space that a prefix has at a node.
    pub fn space_of(&self, at: At, prefix: &str) -> Option<Str> {
        if prefix == "xml" {
            return Some("http://www.w3.org/XML/1998/namespace".into());
        }
        std::iter::successors(Some(at), |at| self.item(*at).parent).find_map(|at| {
            let item = self.item(at);
            let declared = item.attributes.iter().map(|a| self.item(*a)).find(|a| a.declares() == Some(prefix));
            match declared {
                Some(attribute) => Some(attribute.text.as_str().into()),
                None if item.kind == Kind::Element && item.prefix() == prefix => Some(item.space.clone()),
                None => None,
            }
        })
    }

    /// Another node like one of this or another document, in nothing yet; with what is in it, if that is asked for.
    pub fn copy(&mut self, from: &Dom, at: At, deep: bool) -> At {
        let mut made = None;
        let mut waiting = vec![(at, None)];
        while let Some((at, under)) = waiting.pop() {
            let item = from.item(at);
            let mut copy = Item::new(item.kind, &item.name, &item.space, &item.text);
            copy.short = item.short;
            let new = match under {
                Some(under) => self.append(under, copy),
                None => self.add(copy),
            };
            for attribute in &item.attributes {
                let attribute = from.item(*attribute);
                self.set_attribute(new, &attribute.name, &attribute.space, &attribute.text);
            }
            if deep {
                waiting.extend(item.children.iter().rev().map(|child| (*child, Some(new))));
            }
            made = made.or(Some(new));
        }
        made.unwrap_or(DOCUMENT)
    }
}

/// What is in a node.
pub struct Within<'a> {
    dom: &'a Dom,
    waiting: Vec<At>,
}

impl Iterator for Within<'_> {
    type Item = At;

    fn next(&mut self) -> Option<At> {
        let at = self.waiting.pop()?;
        self.waiting.extend(self.dom.item(at).children.iter().rev());
        Some(at)
    }
}
