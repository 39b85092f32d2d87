//! How a cmdlet is registered: from its type to an entry of the registry.

use super::catalogue;
use super::context::{Bound, Context};
use super::fields;
use super::run::{Access, Cmdlet, CmdletEntry, ObjectCmdlet, Run, Side};
use super::spec::CmdletSpec;
use crate::error::Halt;
use crate::value::de;
use std::borrow::Cow;
use std::sync::Arc;

/// Registers a cmdlet whose parameters arrive as a struct.
pub fn entry<C: Cmdlet>() -> CmdletEntry {
    CmdletEntry {
        name: Cow::Borrowed(C::NAME),
        aliases: &[],
        access: C::ACCESS,
        side: C::SIDE,
        here: C::HERE,
        examples: C::EXAMPLES,
        spec: Arc::new(spec_of::<C>),
        make: Arc::new(|| Box::new(Typed(C::default()))),
        looks_at: Some(looks_at::<C>),
        files: C::FILES,
        runs: C::RUNS,
        if_lost: C::IF_LOST,
        script: None,
    }
}

/// Registers a cmdlet that works on the objects of the pipeline themselves.
pub fn object_entry<C: ObjectCmdlet>() -> CmdletEntry {
    CmdletEntry {
        name: Cow::Borrowed(C::NAME),
        aliases: C::ALIASES,
        access: Access::CLIENT,
        side: Side::Client,
        here: None,
        examples: C::EXAMPLES,
        spec: Arc::new(|| Arc::new(C::spec())),
        make: Arc::new(|| Box::new(C::default())),
        looks_at: None,
        files: &[],
        runs: &[],
        if_lost: None,
        script: None,
    }
}

/// The signature of a typed cmdlet: its own, or the catalogue's, with its changes.
fn spec_of<C: Cmdlet>() -> Arc<CmdletSpec> {
    let own = C::spec().or_else(|| catalogue::signature(C::NAME).map(|spec| (*spec).clone()));
    let mut spec = own.unwrap_or_else(|| CmdletSpec { name: C::NAME.into(), ..CmdletSpec::default() });
    C::amend(&mut spec);
    Arc::new(spec)
}

fn looks_at<C: Cmdlet>() -> Vec<&'static str> {
    let mut names = fields::names::<C::Args>();
    names.extend_from_slice(C::FROM_BOUND);
    names
}

/// Hands the bound parameters to a typed cmdlet as its struct.
struct Typed<C>(C);

impl<C: Cmdlet> Run for Typed<C> {
    fn begin(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.0.begin(cx)
    }

    fn process(&mut self, bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        let args = de::from_fields(&bound.values)?;
        self.0.process(args, cx)
    }

    fn end(&mut self, _bound: &Bound, cx: &mut Context) -> Result<(), Halt> {
        self.0.end(cx)
    }
}
