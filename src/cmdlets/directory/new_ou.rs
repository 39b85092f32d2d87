//! New-CsOU: an organisational unit.

use super::{Entries, change, entry, given, identity, text};
use crate::access::Place;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::user::go_on;
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::{self, Directory, OrganizationalUnit, dn};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct NewOu {
    entries: Entries,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
    #[serde(rename = "OU")]
    ou: Option<String>,
}

impl Cmdlet for NewOu {
    const NAME: &'static str = "New-CsOU";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "A unit at the top", run: "New-CsOU Lisbon" },
        Example { what: "A unit in another", run: "New-CsOU -Identity Sales -OU \"ou=Redmond,dc=litwareinc,dc=com\"" },
        Example {
            what: "The same by its distinguished name",
            run: "New-CsOU \"ou=Sales,ou=Redmond,dc=litwareinc,dc=com\"",
        },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        Some(change(Self::NAME, vec![identity(true, "OUIdParameter"), text("OU")]))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.make(&args, cx);
        go_on(result, cx)
    }
}

impl NewOu {
    fn make(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let grant = cx.authorize(&Place::Global)?;
        let root = entry::root(cx)?;
        let directory = self.entries.now(cx)?;
        let unit = unit(directory, &args.identity, given(args.ou.as_ref()), &root)?;
        if let Ok(there) = directory.find_ou(&unit.dn) {
            return Err(entry::taken("OUExists", &there.dn, "an organizational unit").into());
        }
        entry::check_dn_free(directory, &unit.dn)?;
        if !cx.should_process(&unit.dn, Self::NAME)? {
            return Ok(());
        }
        cx.deployment()?.store().commit(&grant, &people::new_entry(people::OU, &unit.dn, &unit)?)?;
        cx.output(entry::ou_record(&unit))
    }
}

/// The unit of a name in another unit, or at the root; or of a distinguished name.
fn unit(
    directory: &Directory,
    name: &str,
    within: Option<&str>,
    root: &str,
) -> Result<OrganizationalUnit, ErrorRecord> {
    let name = name.trim();
    let (name, parent) = if dn::is_dn(name) {
        let parent = dn::parent(name);
        let own = dn::parts(name)[0].split_once('=').filter(|(kind, _)| kind.trim().eq_ignore_ascii_case("ou"));
        let Some((_, own)) = own.filter(|_| within.is_none_or(|w| dn::normal(w) == dn::normal(parent))) else {
            let message = format!("'{name}' cannot be the distinguished name of an organizational unit here.");
            let error = ErrorRecord::new("InvalidName", Category::InvalidArgument, message).target(name);
            return Err(error.hint("It begins with OU=; -OU is not needed with it."));
        };
        (dn::unescape(own.trim()), Some(parent))
    } else {
        (name.to_string(), within)
    };
    let parent = match parent {
        Some(parent) if dn::normal(parent) != dn::normal(root) => entry::find_ou(directory, parent)?.dn.clone(),
        _ => root.to_string(),
    };
    let name = entry::shown_name(&name)?.to_string();
    Ok(OrganizationalUnit { dn: format!("OU={},{parent}", dn::escape(&name)), name, ..OrganizationalUnit::default() })
}
