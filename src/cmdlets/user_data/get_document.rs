//! Get-CsUserDocument: what pools keep of their users.

use super::{homed, identity, kind, ou, reach, record, signature};
use crate::access::Place;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::signature::ours;
use crate::error::Halt;
use crate::people::Directory;
use crate::pools::{Query, What};
use crate::topology::{Database, DatabasePlaces};
use serde::Deserialize;
use std::collections::HashMap;

/// The cmdlet.
#[derive(Default)]
pub struct GetDocument {
    directory: Option<Directory>,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: Option<String>,
    kind: Option<String>,
    pool_fqdn: Option<String>,
}

impl Cmdlet for GetDocument {
    const NAME: &'static str = "Get-CsUserDocument";
    const ACCESS: Access = Access::read(ScopeKind::UserOu);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "All that is kept of a user",
            run: "Get-CsUserDocument -Identity \"Pilar Ackerman\" | Select-Object Kind, Version",
        },
        Example {
            what: "The contacts of a user, group by group",
            run: "(Get-CsUserDocument \"Pilar Ackerman\" -Kind Contacts).Value.Groups",
        },
        Example {
            what: "Notes of all users of a pool",
            run: "Get-CsUserDocument -PoolFqdn atl-cs-001.litwareinc.com -Kind Note | ForEach-Object {$_.Value.Text}",
        },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        let mut pool = ours("PoolFqdn", ParameterType::String, "Fqdn");
        pool.sets.iter_mut().for_each(|set| set.by_property_name = true);
        Some(signature(Self::NAME, false, vec![identity(false), kind(false), pool]))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        match self.show(&args, cx) {
            Err(Halt::Error(error)) => cx.error(error),
            other => other,
        }
    }
}

impl GetDocument {
    fn show(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let what = args.kind.as_deref().map(What::parse).transpose()?;
        let deployment = cx.deployment()?;
        let topology = deployment.topology()?;
        let named = args.pool_fqdn.as_deref().filter(|pool| !pool.trim().is_empty());
        let named = named.map(|pool| topology.pool(pool.trim()).map(|pool| pool.fqdn.clone())).transpose()?;
        if let Some(pool) = &named {
            topology.require_database(&Database::users(pool))?;
        }
        if let Some(identity) = &args.identity {
            if self.directory.is_none() {
                self.directory = Some(Directory::load(deployment.store())?);
            }
            // It was put there just now.
            let directory = self.directory.as_ref().ok_or(Halt::Interrupted)?;
            let (user, home) = homed(directory, identity)?;
            let place = Place::User(user.ou().to_string());
            if !cx.may_see(&place)? {
                cx.authorize(&place)?;
            }
            return documents(cx, &named.unwrap_or(home), &Query { dn: Some(user.dn), what });
        }
        let users_of = |places: DatabasePlaces| matches!(places.database, Database::Users(_)).then_some(places.pool);
        let pools = match named {
            Some(pool) => vec![pool],
            None => topology.databases().into_iter().filter_map(users_of).collect(),
        };
        for pool in pools {
            match documents(cx, &pool, &Query { dn: None, what }) {
                // A pool that cannot be reached does not keep the others from being shown.
                Err(Halt::Error(error)) => cx.error(error)?,
                other => other?,
            }
        }
        Ok(())
    }
}

/// Puts out what the principal may see, document by document.
fn documents(cx: &mut Context, pool: &str, query: &Query) -> Result<(), Halt> {
    let users = reach(cx, pool)?;
    // What a stage behind says while documents come in: the walk ends, and it is said afterwards.
    let mut halted: Option<Halt> = None;
    let mut visible: HashMap<String, bool> = HashMap::new();
    let (mut seen, mut hidden) = (false, None);
    let walked = users.documents(pool, query, &mut |document| {
        let shown = (|| {
            let unit = ou(&document.dn);
            let may = match visible.get(&unit) {
                Some(may) => *may,
                None => cx.may_see(&Place::User(unit.clone()))?,
            };
            visible.insert(unit.clone(), may);
            if may {
                seen = true;
                return cx.output(record(&document, pool));
            }
            hidden.get_or_insert(unit);
            Ok(())
        })();
        halted = shown.err();
        Ok(halted.is_none())
    });
    if let Some(halt) = halted {
        return Err(halt);
    }
    walked?;
    if let (false, Some(unit)) = (seen, hidden) {
        cx.authorize(&Place::User(unit))?;
    }
    Ok(())
}
