//! Set-Cs…: changes an object of a family, named or read before and handed in.

use super::{Ground, go_on, identity, no_identity, warn_of_unused};
use crate::cmdlet::{Bound, Context, Run};
use crate::config::{Assignments, Family, Identity, Item, Kind, Plan, Source};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{Record, Value, text::to_text};

/// Changes an object of a family.
pub(super) struct Set {
    pub source: &'static Source,
}

impl Run for Set {
    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let family = self.source.family();
        warn_of_unused(family, bound, cx);
        let result = change(family, bound, cx);
        go_on(result, cx)
    }
}

fn change(family: &'static Family, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
    let ground = Ground::open(cx)?;
    let reader = ground.reader();
    let instance = instance(family, bound)?;
    let identity = match &instance {
        Some(record) => {
            Some(Identity::parse(family, &to_text(&record.get("Identity").unwrap_or_default()), &ground.topology)?)
        }
        None => identity(family, bound, &ground.topology)?,
    };
    let identity = match identity {
        Some(identity) => identity,
        None if family.kind != Kind::Element => Identity::Global,
        None => return Err(no_identity(family).into()),
    };
    let stamp = instance.as_ref().and_then(Record::stamp);
    if let Some(place) = ground.place_of(family, &identity) {
        cx.authorize(&place)?;
    }
    // What New- -InMemory gave is not there yet; what was read and is there no more is a conflict or not found.
    let before = match reader.find(family, &identity)? {
        Some(before) => before,
        None if stamp == Some(0) => Item::new(family, identity),
        None => reader.require(family, &identity)?,
    };
    let new = before.version == 0 && !is_there_by_itself(&reader.items(family)?, &before);
    if !new {
        // Where it is counts as much as where the change would put it.
        cx.authorize(&ground.place(&before))?;
    }
    let mut after = before.clone();
    if let Some(record) = &instance {
        Assignments::from_instance(family, record)?.apply(&mut after)?;
    }
    Assignments::from_parameters(family, &bound.values).apply(&mut after)?;
    let plan = if new { Plan::create(&reader, after)? } else { Plan::update(&reader, &before, after, stamp)? };
    let grant = cx.authorize(&ground.place(&plan.item))?;
    // -WhatIf says what is asked for, whether it changes anything or not.
    if !cx.should_process(&plan.item.text(), cx.command)? {
        return Ok(());
    }
    if plan.changes.is_empty() {
        cx.verbose(format!("The {} '{}' has these values already.", family.what, plan.item.text()));
        return Ok(());
    }
    reader.store.commit(&grant, &plan.changes)?;
    if let (Some(record), Some(now)) = (&instance, reader.find(family, &plan.item.identity)?) {
        // The caller's object shows the new version: it may be changed and set again.
        record.set_stamp(now.version);
    }
    Ok(())
}

/// Whether an object that the store does not hold is there all the same: the global one, a domain of the topology.
fn is_there_by_itself(items: &[Item], item: &Item) -> bool {
    items.iter().any(|other| other.identity.same(&item.identity))
}

fn instance(family: &Family, bound: &Bound) -> Result<Option<Record>, ErrorRecord> {
    match bound.get("Instance") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Record(record)) => Ok(Some(record.clone())),
        Some(other) => {
            let message = format!("-Instance takes a {}; this is '{}'.", family.what, to_text(other));
            let error = ErrorRecord::new("InstanceTypeMismatch", Category::InvalidType, message);
            Err(error.hint(format!("To name one: Set-Cs{} -Identity '{}' …", family.name, to_text(other))))
        }
    }
}
