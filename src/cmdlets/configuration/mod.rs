//! The cmdlets of all configuration families: Get, New, Set, Remove and Grant, each written once.
//!
//! Which families there are, and what each cmdlet is called, is data: `stdlib/types`.

mod get;
mod grant;
mod new;
mod remove;
mod set;

use crate::access::Place;
use crate::cmdlet::{Access, Bound, CmdletEntry, Context, Example, Run, ScopeKind, Side, catalogue};
use crate::config::{Declared, Family, Identity, Item, Reader, Source, Verb};
use crate::deployment::Deployment;
use crate::error::{Category, ErrorRecord, Halt};
use crate::topology::Topology;
use crate::value::{Str, Value, same_name, text::to_text};
use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

include!(concat!(env!("OUT_DIR"), "/family_examples.rs"));

/// The cmdlets of every family.
pub fn all() -> Vec<CmdletEntry> {
    let sources = crate::config::sources().iter();
    sources.flat_map(|source| source.cmdlets.iter().map(move |declared| entry(source, declared))).collect()
}

fn entry(source: &'static Source, declared: &'static Declared) -> CmdletEntry {
    let scope = if source.sited { ScopeKind::Site } else { ScopeKind::Global };
    let access = match declared.verb {
        Verb::Get => Access::read(scope),
        Verb::Grant => Access::change(ScopeKind::UserOu),
        Verb::New | Verb::Set | Verb::Remove => Access::change(scope),
    };
    CmdletEntry {
        name: Cow::Borrowed(declared.name),
        aliases: &[],
        access,
        side: Side::Server,
        here: None,
        examples: examples(declared.name),
        // A test proves that the catalogue has every one.
        spec: Arc::new(move || catalogue::signature(declared.name).unwrap_or_default()),
        make: Arc::new(move || -> Box<dyn Run> {
            match declared.verb {
                Verb::Get => Box::new(get::Get { source }),
                Verb::New => Box::new(new::New { source }),
                Verb::Set => Box::new(set::Set { source }),
                Verb::Remove => Box::new(remove::Remove { source }),
                Verb::Grant => Box::new(grant::Grant::new(source)),
            }
        }),
        looks_at: None,
        files: &[],
        runs: &[],
        if_lost: None,
        script: None,
    }
}

/// What a generic cmdlet works on: the deployment, open, and its topology.
struct Ground {
    deployment: Rc<Deployment>,
    topology: Rc<Topology>,
}

impl Ground {
    fn open(cx: &Context) -> Result<Ground, Halt> {
        let deployment = cx.deployment()?;
        let topology = deployment.topology()?;
        Ok(Ground { deployment, topology })
    }

    fn reader(&self) -> Reader<'_> {
        Reader { store: self.deployment.store(), topology: &self.topology }
    }

    /// The place of an object, as the scopes of roles see it.
    fn place(&self, item: &Item) -> Place {
        self.reader().site(item).map_or(Place::Global, Place::Site)
    }

    /// The place of an identity, where it alone says that: of an element one of its properties does, which another
    /// principal may not learn.
    fn place_of(&self, family: &'static Family, identity: &Identity) -> Option<Place> {
        let element = matches!(identity, Identity::Element(_));
        (!element).then(|| self.place(&Item::new(family, identity.clone())))
    }
}

/// What went wrong with one object does not stop the next one; what keeps the deployment from answering does.
fn go_on(result: Result<(), Halt>, cx: &mut Context) -> Result<(), Halt> {
    match result {
        Err(Halt::Error(error)) if error.category() != Category::ResourceUnavailable => cx.error(error),
        other => other,
    }
}

/// Warns of the parameters that were given and say nothing here.
fn warn_of_unused(family: &Family, bound: &Bound, cx: &mut Context) {
    for (name, _) in &bound.values {
        if family.without_meaning.iter().any(|unused| same_name(unused, name)) {
            cx.warning(format!("-{name} has no meaning here and is ignored."));
        }
    }
}

/// The text of a parameter, if it was given and is not `$null`.
fn text_of(bound: &Bound, name: &str) -> Option<Str> {
    bound.get(name).filter(|value| !value.is_null()).map(to_text)
}

/// The identity that a command gives, by -Identity or by the parts of an element's key.
fn identity(family: &Family, bound: &Bound, topology: &Topology) -> Result<Option<Identity>, ErrorRecord> {
    if let Some(text) = text_of(bound, "Identity") {
        return Identity::parse(family, &text, topology).map(Some);
    }
    let parts: Vec<Str> = family.key.iter().filter_map(|name| text_of(bound, name)).collect();
    if parts.is_empty() || parts.len() != family.key.len() {
        return Ok(None);
    }
    Identity::parse(family, &parts.join("/"), topology).map(Some)
}

/// No identity was given to a cmdlet that needs one.
fn no_identity(family: &Family) -> ErrorRecord {
    let message = format!("Which {}? -Identity is missing.", family.what);
    ErrorRecord::new("MissingMandatoryParameter", Category::InvalidArgument, message).target(Value::str("Identity"))
}
