//! Temporary.
use crate::cmdlet::*;
use crate::error::Halt;
use std::sync::Arc;
use std::rc::Rc;
pub(crate) fn object_entry<C: ObjectCmdlet>() -> CmdletEntry {
    CmdletEntry { name: C::NAME.into(), aliases: C::ALIASES, access: Access::CLIENT, side: Side::Client, examples: C::EXAMPLES,
        spec: Rc::new(|| Arc::new(C::spec())), make: Rc::new(|| Box::new(C::default())), looks_at: None }
}
pub(crate) fn stop_upstream(_cx: &Context) -> Halt { Halt::Downstream(0) }
