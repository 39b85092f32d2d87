//! What is answered out of a copy of the store, where the active one does not answer.

use crate::cmdlet::Context;
use crate::cmdlet::context::LOCAL_STORE;
use crate::error::Halt;
use crate::failover;
use crate::topology::{Database, Topology};

/// Says that the answer comes out of a copy, of which version, and whose copy it is; nothing where it comes out of the store,
/// or where a copy was asked for.
///
/// # Errors
/// Those of the copy.
pub(crate) fn say(cx: &mut Context, topology: &Topology) -> Result<(), Halt> {
    let deployment = cx.deployment()?;
    if !deployment.is_replica() || cx.bound.switch(LOCAL_STORE) {
        return Ok(());
    }
    let head = deployment.store().head()?;
    let active = failover::active_computer(deployment.store(), topology, &Database::CentralMgmt)?;
    let active = active.unwrap_or_else(|| "nobody".to_string());
    // Those who answer may know of a later epoch than the copy.
    let answers = deployment.failover().and_then(|control| control.places(&Database::CentralMgmt).ok());
    let later = answers.as_deref().and_then(failover::unheard).map_or_else(String::new, |(computer, epoch)| {
        format!(" Since then {computer} took over, in epoch {epoch}, and does not answer.")
    });
    cx.warning(format!(
        "{} answers out of its copy of the store, version {} of epoch {}, by which {active} is active. What was changed \
         there since is not in it.{later}",
        deployment.computer(),
        head.version,
        head.epoch
    ));
    Ok(())
}
