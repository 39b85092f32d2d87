//! Get-CsClientCertificate: the certificates with which a person opens sessions from elsewhere.

use super::records;
use crate::access::Place;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::user::go_on;
use crate::deployment::certificates::{self, Holder};
use crate::error::Halt;
use crate::people::Directory;
use crate::value::date;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct GetClientCertificate;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
}

impl Cmdlet for GetClientCertificate {
    const NAME: &'static str = "Get-CsClientCertificate";
    const ACCESS: Access = Access::read(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "Those of a person", run: "Get-CsClientCertificate -Identity \"Ken Myer\"" },
        Example {
            what: "How many each user has",
            run: "Get-CsUser | ForEach-Object { [pscustomobject]@{User = $_.DisplayName; Count = @(Get-CsClientCertificate $_.Identity).Count} }",
        },
    ];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = get(&args, cx);
        go_on(result, cx)
    }
}

fn get(args: &Args, cx: &mut Context) -> Result<(), Halt> {
    cx.authorize(&Place::Global)?;
    let deployment = cx.deployment()?;
    let directory = Directory::load(deployment.store())?;
    let user = directory.find_user(&args.identity)?;
    let now = date::now();
    for certificate in certificates::of(deployment.store(), Holder::Person, &user.sam_account_name)? {
        cx.output(records::person(&certificate, &user.dn, now))?;
    }
    Ok(())
}
