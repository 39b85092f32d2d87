//! Set-CsUserDocument: changes what a pool keeps of a user.

use super::{Changing, identity, kind, reach, record, signature};
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::signature::ours;
use crate::cmdlets::user::go_on;
use crate::error::Halt;
use crate::people::Directory;
use crate::pools::{DocumentChange, UserDocument};
use crate::value::{Value, json};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct SetDocument {
    directory: Option<Directory>,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
    kind: String,
    #[serde(default)]
    pass_thru: bool,
}

impl Cmdlet for SetDocument {
    const NAME: &'static str = "Set-CsUserDocument";
    const ACCESS: Access = Access::change(ScopeKind::UserOu);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "A note for a user",
            run: "Set-CsUserDocument -Identity \"Pilar Ackerman\" -Kind Note -Value @{Text = \"In Dublin until Friday\"}",
        },
        Example {
            what: "Change what is there, and keep it",
            run: "$note = Get-CsUserDocument \"Pilar Ackerman\" -Kind Note; $note.Value.Text = \"Back again\"; $note | Set-CsUserDocument",
        },
    ];
    // A value of any type.
    const FROM_BOUND: &'static [&'static str] = &["Value"];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        let mut value = ours("Value", ParameterType::Object, "Object");
        for set in &mut value.sets {
            set.mandatory = true;
            set.position = Some(2);
            set.by_property_name = true;
        }
        let pass_thru = ours("PassThru", ParameterType::Switch, "SwitchParameter");
        Some(signature(Self::NAME, true, vec![identity(true), kind(true), value, pass_thru]))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.set(&args, cx);
        go_on(result, cx)
    }
}

impl SetDocument {
    fn set(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let changing = Changing::find(cx, &mut self.directory, &args.identity, &args.kind)?;
        let Changing { what, user, pool, .. } = &changing;
        let value = json::to_json(cx.bound.get("Value").unwrap_or(&Value::Null));
        let mut document =
            UserDocument { dn: user.dn.clone(), address: user.sip_address.clone(), what: *what, value, version: 0 };
        document.change()?;
        let users = reach(cx, pool)?;
        if !cx.should_process(&changing.target(), Self::NAME)? {
            return Ok(());
        }
        let order = changing.order(DocumentChange::Put(document.clone()));
        document.version = users.change(pool, &order)?;
        cx.verbose(format!("The user store of {pool} is at version {}.", document.version));
        if args.pass_thru {
            cx.output(record(&document, pool))?;
        }
        Ok(())
    }
}
