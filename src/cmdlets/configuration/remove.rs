//! Remove-Cs…: removes an object of a family; the global one gets its defaults back.

use super::{Ground, go_on, identity, no_identity, warn_of_unused};
use crate::cmdlet::{Bound, Context, Run};
use crate::config::{Family, Identity, Item, Kind, Plan, Source};
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::Directory;
use crate::store::Store;
use crate::value::same_name;

/// Removes an object of a family.
pub(super) struct Remove {
    pub source: &'static Source,
}

impl Run for Remove {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let family = self.source.family();
        warn_of_unused(family, bound, cx);
        let result = remove(family, bound, cx);
        go_on(result, cx)
    }
}

fn remove(family: &'static Family, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
    let ground = Ground::open(cx)?;
    let reader = ground.reader();
    let identity = identity(family, bound, &ground.topology)?.ok_or_else(|| no_identity(family))?;
    if let Some(place) = ground.place_of(family, &identity) {
        cx.authorize(&place)?;
    }
    let item = reader.require(family, &identity)?;
    let grant = cx.authorize(&ground.place(&item))?;
    if !bound.switch("Force") {
        check_unassigned(reader.store, family, &item)?;
    }
    let plan = Plan::remove(&reader, &item)?;
    if plan.changes.is_empty() {
        cx.verbose(format!("The {} '{}' has its defaults already.", family.what, item.text()));
        return Ok(());
    }
    if cx.should_process(&item.text(), cx.command)? {
        reader.store.commit(&grant, &plan.changes)?;
    }
    Ok(())
}

/// A policy that users have is not taken from under them, unless -Force says so: then site or global rules for them.
fn check_unassigned(store: &dyn Store, family: &Family, item: &Item) -> Result<(), ErrorRecord> {
    let Identity::Tag(name) = &item.identity else { return Ok(()) };
    if family.kind != Kind::Policy {
        return Ok(());
    }
    let directory = Directory::load(store)?;
    let users: Vec<_> =
        directory.users().filter(|u| u.policy(&family.name).is_some_and(|p| same_name(p, name))).collect();
    let Some(first) = users.first() else { return Ok(()) };
    let message = format!(
        "The {} '{name}' is assigned to {} users, '{}' among them.",
        family.what,
        users.len(),
        first.display_name
    );
    let hint = format!(
        "Assign another one first (Grant-Cs{}), or remove it with -Force: then the site's or the global one rules for them.",
        family.name
    );
    Err(ErrorRecord::new("ItemInUse", Category::ResourceBusy, message).hint(hint).target(name.as_str()))
}
