//! Invoke-CsDatabaseFailover: a mirrored database goes over to its mirror, or back to its primary.

use super::carry_out::{self, Wanted};
use super::{Kind, TYPES, control, role_not_present};
use crate::access::Place;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, FileParameter, ScopeKind, Side};
use crate::error::{Category, ErrorRecord, Halt};
use crate::failover::{Principal, Wish};
use crate::value::same_name;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct InvokeDatabase;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    pool_fqdn: String,
    database_type: String,
    new_principal: String,
    exclude_database_list: Option<Vec<String>>,
    #[serde(default)]
    force: bool,
}

/// The pool has a copy of the store, and another pool has the store.
fn stands_by_only(pool: &str, active: &str) -> ErrorRecord {
    let message = format!(
        "The pool {pool} stands by for the Central Management store, which is active in {active}: there is no mirrored store in it to fail over."
    );
    ErrorRecord::new("NotMirrored", Category::InvalidOperation, message)
        .target(pool)
        .hint(format!("The mirror of the active one: -PoolFqdn {active}, if Get-CsDatabaseMirrorState -PoolFqdn {active} shows one."))
        .hint("Between pools it goes with Invoke-CsManagementServerFailover; -WhatIf says where to.")
}

impl Cmdlet for InvokeDatabase {
    const NAME: &'static str = "Invoke-CsDatabaseFailover";
    const ACCESS: Access = Access::change(ScopeKind::Site);
    const SIDE: Side = Side::Keeper;
    const IF_LOST: Option<&'static str> = Some(
        "Ask first how far it came: the same command with -WhatIf. If it is not over, the same command again, from any \
         computer, goes on where it stopped; with the other side as -NewPrincipal it is undone, or led back where the switch \
         was made.",
    );
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "The mirror of the Central Management store takes over",
            run: "Invoke-CsDatabaseFailover -PoolFqdn atl-cs-001.litwareinc.com -DatabaseType CentralMgmt -NewPrincipal mirror -Verbose",
        },
        Example {
            what: "Would the mirror of a pool's user store take over?",
            run: "Invoke-CsDatabaseFailover -PoolFqdn dub-pool.litwareinc.com -DatabaseType User -NewPrincipal mirror -WhatIf",
        },
    ];
    const FROM_BOUND: &'static [&'static str] = &["Report"];
    const FILES: &'static [FileParameter] = &[FileParameter::Write("Report")];
    type Args = Args;

    fn amend(spec: &mut CmdletSpec) {
        for parameter in &mut spec.parameters {
            let values: &[&str] = match &*parameter.name {
                "DatabaseType" => &TYPES,
                "NewPrincipal" => &["Primary", "Mirror"],
                _ => continue,
            };
            parameter.validation.values = values.iter().map(|value| (*value).into()).collect();
        }
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let kind = Kind::named(&args.database_type)?;
        let topology = cx.deployment()?.topology()?;
        let pool = topology.pool(&args.pool_fqdn)?;
        let database = kind.of_pool(&pool.fqdn);
        let places = topology.database(&database).ok_or_else(|| role_not_present(kind, &pool.fqdn))?;
        // The store is active in one pool, and its mirror there is the one that is meant.
        if !same_name(&places.pool, &pool.fqdn) {
            let stands_by = topology.store_places().iter().any(|place| same_name(&place.pool, &pool.fqdn));
            return Err(match stands_by {
                true => stands_by_only(&pool.fqdn, &places.pool),
                false => role_not_present(kind, &pool.fqdn)
                    .hint(format!("The active Central Management store is that of {}.", places.pool)),
            }
            .into());
        }
        let grant = cx.authorize(&match kind {
            Kind::CentralMgmt => Place::Global,
            Kind::User => Place::Site(pool.site.clone()),
        })?;
        let excluded = args.exclude_database_list.unwrap_or_default();
        if let Some(unknown) =
            excluded.iter().find(|name| !Kind::ALL.iter().any(|k| same_name(k.database_name(), name)))
        {
            cx.warning(format!("-ExcludeDatabaseList names {unknown}, and there is no such database here."));
        }
        if excluded.iter().any(|name| same_name(name, kind.database_name())) {
            cx.verbose(format!("{} is excluded, so nothing is left to fail over.", kind.database_name()));
            return Ok(());
        }
        let principal = if same_name(&args.new_principal, "Mirror") { Principal::Mirror } else { Principal::Primary };
        let wish = Wish::Side { principal, force: args.force };
        carry_out::run(cx, &*control(cx)?, &grant, Wanted { database, wish, asks: !args.force })
    }
}
