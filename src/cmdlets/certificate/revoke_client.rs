//! Revoke-CsClientCertificate: takes back every certificate of a person.

use crate::access::Place;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::user::go_on;
use crate::deployment::certificates::{self, Certificate, Holder};
use crate::error::Halt;
use crate::people::Directory;
use crate::store::Change;
use crate::value::date;
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct RevokeClientCertificate;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
}

impl Cmdlet for RevokeClientCertificate {
    const NAME: &'static str = "Revoke-CsClientCertificate";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const EXAMPLES: &'static [Example] =
        &[Example { what: "Those of a person", run: "Revoke-CsClientCertificate -Identity \"Ken Myer\"" }];
    // It asks nothing of its own, so -Force has nothing to suppress.
    const FROM_BOUND: &'static [&'static str] = &["Force"];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = revoke(&args, cx);
        go_on(result, cx)
    }
}

fn revoke(args: &Args, cx: &mut Context) -> Result<(), Halt> {
    let grant = cx.authorize(&Place::Global)?;
    let deployment = cx.deployment()?;
    let directory = Directory::load(deployment.store())?;
    let user = directory.find_user(&args.identity)?;
    let held = certificates::of(deployment.store(), Holder::Person, &user.sam_account_name)?;
    let held: Vec<&Certificate> = held.iter().filter(|certificate| !certificate.revoked).collect();
    if !cx.should_process(&user.dn, RevokeClientCertificate::NAME)? {
        return Ok(());
    }
    let now = date::now();
    let changes: Vec<Change> = held.iter().map(|certificate| certificate.revoke(now)).collect::<Result<_, _>>()?;
    if changes.is_empty() {
        cx.verbose(format!("{} has no certificate that could be revoked.", user.display_name));
        return Ok(());
    }
    deployment.store().commit(&grant, &changes)?;
    Ok(())
}
