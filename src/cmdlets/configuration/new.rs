//! New-Cs…: makes an object of a family, or with -InMemory a draft of one.

use super::{Ground, go_on, identity, no_identity, warn_of_unused};
use crate::cmdlet::{Bound, Context, Run};
use crate::config::{Assignments, Family, Item, Plan, Source};
use crate::error::Halt;

/// Makes an object of a family.
pub(super) struct New {
    pub source: &'static Source,
}

impl Run for New {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let family = self.source.family();
        warn_of_unused(family, bound, cx);
        let result = make(family, bound, cx);
        go_on(result, cx)
    }
}

fn make(family: &'static Family, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
    let ground = Ground::open(cx)?;
    let reader = ground.reader();
    let identity = identity(family, bound, &ground.topology)?.ok_or_else(|| no_identity(family))?;
    let mut item = Item::new(family, identity);
    Assignments::from_parameters(family, &bound.values).apply(&mut item)?;
    if bound.switch("InMemory") {
        return cx.output(reader.record(&item)?);
    }
    if let Some(place) = ground.place_of(family, &item.identity) {
        cx.authorize(&place)?;
    }
    let plan = Plan::create(&reader, item)?;
    let grant = cx.authorize(&ground.place(&plan.item))?;
    if !cx.should_process(&plan.item.text(), cx.command)? {
        return Ok(());
    }
    reader.store.commit(&grant, &plan.changes)?;
    let made = reader.require(family, &plan.item.identity)?;
    cx.output(reader.record(&made)?)
}
