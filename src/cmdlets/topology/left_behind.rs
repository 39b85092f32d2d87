//! What a topology that is published leaves behind: users, configuration and roles of pools and sites that it lacks.

use crate::cmdlet::Context;
use crate::error::Halt;
use crate::people::Directory;
use crate::topology::Topology;
use crate::value::same_name;

/// Warns of what points at pools and sites that are in the topology `before` and no longer in `after`. A document
/// moves no data, so nothing of it is changed.
pub(super) fn warn(cx: &mut Context, before: &Topology, after: &Topology) -> Result<(), Halt> {
    let deployment = cx.deployment()?;
    let gone = |pool: &&str| after.pool(pool).is_err();
    let pools: Vec<&str> = before.pools().iter().map(|pool| pool.fqdn.as_str()).filter(gone).collect();
    if !pools.is_empty() {
        let directory = Directory::load(deployment.store())?;
        for pool in pools {
            let homed = directory.users().filter(|user| same_name(&user.registrar_pool, pool)).count();
            if homed > 0 {
                cx.warning(format!(
                    "{homed} users are homed on {pool}, which is not in the published topology. Move-CsUser moves them."
                ));
            }
        }
    }
    let gone = before.sites().iter().filter(|site| after.site(&site.name).is_err());
    let sites: Vec<&str> = gone.map(|site| site.identity.as_str()).collect();
    if sites.is_empty() {
        return Ok(());
    }
    let documents = deployment.store().since(0)?;
    let roles = cx.session.roles()?;
    for site in sites {
        let kept = documents.iter().filter(|d| d.body.is_some() && same_name(&d.id.scope, site)).count();
        if kept > 0 {
            cx.warning(format!(
                "The configuration of {site}, which is not in the published topology, stays in the store: \
                 {kept} documents."
            ));
        }
        for role in roles.all() {
            if role.config_scopes.iter().any(|scope| same_name(&scope.to_string(), site)) {
                cx.warning(format!("The role {} is for {site}, which is not in the published topology.", role.name));
            }
        }
    }
    Ok(())
}
