//! New-CsGroup: a group of the directory, with nobody in it.

use super::{Entries, change, entry, given, identity, text};
use crate::access::Place;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::user::go_on;
use crate::error::Halt;
use crate::people::{self, Group, dn};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct NewGroup {
    entries: Entries,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
    description: Option<String>,
    #[serde(rename = "OU")]
    ou: Option<String>,
}

impl Cmdlet for NewGroup {
    const NAME: &'static str = "New-CsGroup";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "A group that shall hold a role",
            run: "New-CsGroup -Identity AtlantaVoiceAdministrator -Description \"Manages voice in Atlanta\"",
        },
        Example {
            what: "A group in a unit",
            run: "New-CsGroup \"Night Shift\" -OU \"ou=Redmond,dc=litwareinc,dc=com\"",
        },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        Some(change(Self::NAME, vec![identity(true, "String"), text("Description"), text("OU")]))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.make(&args, cx);
        go_on(result, cx)
    }
}

impl NewGroup {
    fn make(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let grant = cx.authorize(&Place::Global)?;
        let directory = self.entries.now(cx)?;
        let name = entry::logon_name(&args.identity)?;
        if let Some(there) = directory.find_group(name) {
            return Err(entry::taken("GroupExists", name, &format!("the group {}", there.dn)).into());
        }
        if let Some(user) = directory.users_named(name).next() {
            return Err(entry::taken("NameInUse", name, &format!("the user {}", user.dn)).into());
        }
        let container = entry::container(directory, given(args.ou.as_ref()), cx)?;
        let dn = format!("CN={},{container}", dn::escape(name));
        entry::check_dn_free(directory, &dn)?;
        let group = Group {
            dn,
            sam_account_name: name.to_string(),
            description: given(args.description.as_ref()).unwrap_or_default().to_string(),
            sid: entry::security_identifier(directory, cx)?,
            ..Group::default()
        };
        if !cx.should_process(&group.dn, Self::NAME)? {
            return Ok(());
        }
        let changes = people::new_entry(people::GROUP, &group.dn, &group)?;
        let version = cx.deployment()?.store().commit(&grant, &changes)?;
        cx.output(entry::group_record(directory, &group, version))
    }
}
