//! Get-Cs…: objects of a family, all of them or by identity or wildcard.

use super::{Ground, go_on, identity, text_of, warn_of_unused};
use crate::access::Place;
use crate::cmdlet::{Bound, Context, Run};
use crate::config::{Family, Item, Source};
use crate::error::Halt;
use crate::value::{same_name, wildcard::Wildcard};

/// Shows objects of a family.
pub(super) struct Get {
    pub source: &'static Source,
}

impl Run for Get {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let family = self.source.family();
        warn_of_unused(family, bound, cx);
        let result = show(family, bound, cx);
        go_on(result, cx)
    }
}

fn show(family: &'static Family, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
    let ground = Ground::open(cx)?;
    let reader = ground.reader();
    if let Some(identity) = identity(family, bound, &ground.topology)? {
        // What is out of scope is refused alike whether it is there or not.
        if let Some(place) = ground.place_of(family, &identity) {
            demand(&place, cx)?;
        }
        let item = reader.require(family, &identity)?;
        demand(&ground.place(&item), cx)?;
        return cx.output(reader.record(&item)?);
    }
    let filter = text_of(bound, "Filter").map(|pattern| Wildcard::new(&pattern)).transpose()?;
    let items = reader.items(family)?;
    let mut seen = false;
    for item in &items {
        if !cx.may_see(&ground.place(item))? {
            continue;
        }
        seen = true;
        if filter.as_ref().is_none_or(|filter| filter.matches(&item.text())) && matches(family, item, bound) {
            cx.output(reader.record(item)?)?;
        }
    }
    if let (false, Some(first)) = (seen, items.first()) {
        cx.authorize(&ground.place(first))?;
    }
    Ok(())
}

/// Refuses a place that the principal may not see.
fn demand(place: &Place, cx: &mut Context) -> Result<(), Halt> {
    if cx.may_see(place)? { Ok(()) } else { cx.authorize(place).map(drop) }
}

/// Whether an element has the parts of the key that were given.
fn matches(family: &Family, item: &Item, bound: &Bound) -> bool {
    family.key.iter().all(|name| {
        let Some(wanted) = text_of(bound, name) else { return true };
        let prefix = family.key_prefix.get(name).map_or("", String::as_str);
        let has = item.get(name).as_str().unwrap_or_default();
        same_name(has, &wanted) || has.strip_prefix(prefix).is_some_and(|short| same_name(short, &wanted))
    })
}
