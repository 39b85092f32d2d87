//! Get-CsCertificate: the certificates of the deployment's computers, and how long they are good for.

use super::{by_property, given, records};
use crate::cmdlet::spec::{CmdletSpec, SetMembership};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::topology::select::Visible;
use crate::deployment::certificates::{self, Certificate, Holder};
use crate::error::{Category, ErrorRecord, Halt};
use crate::topology::Topology;
use crate::value::{DateTime, date, same_name};
use serde::Deserialize;

/// What a certificate of ours is for, as the original's -Type names it.
const USE: &str = "Default";

/// Where a certificate of ours holds, as the original's -Identity names it.
const SCOPE: &str = "Global";

/// The cmdlet.
#[derive(Default)]
pub struct GetCertificate;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: Option<String>,
    r#type: Option<Vec<String>>,
    computer: Option<String>,
}

impl Cmdlet for GetCertificate {
    const NAME: &'static str = "Get-CsCertificate";
    const ACCESS: Access = Access::read(ScopeKind::Site);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "The certificates of all computers", run: "Get-CsCertificate" },
        Example { what: "Those of one computer", run: "Get-CsCertificate -Computer atl-cs-001.litwareinc.com" },
        Example {
            what: "What ends within a month",
            run: "Get-CsCertificate | Where-Object {$_.DaysLeft -lt 30 -and -not $_.Revoked} | Sort-Object DaysLeft | Format-Table Computer, DaysLeft, NotAfter",
        },
        Example { what: "Those of the use that ours have", run: "Get-CsCertificate -Type Default" },
    ];
    type Args = Args;

    fn amend(spec: &mut CmdletSpec) {
        spec.parameters.push(by_property("Computer", "Fqdn", None, false));
        for parameter in spec.parameters.iter_mut().filter(|parameter| same_name(&parameter.name, "Identity")) {
            parameter.sets = vec![SetMembership { position: Some(0), ..SetMembership::default() }];
        }
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let deployment = cx.deployment()?;
        let topology = deployment.topology()?;
        let visible = Visible::sites(&topology, cx)?;
        let asked = given(args.computer.as_ref());
        let all = certificates::list(deployment.store())?;
        let computers: Vec<&Certificate> = all.iter().filter(|c| c.kind == Holder::Computer).collect();
        if let Some(name) = asked
            && !computers.iter().any(|certificate| same_name(&certificate.issued_to, name))
        {
            return cx.error(none_of(&topology, name));
        }
        let of_use = args.r#type.as_ref().is_none_or(|types| types.iter().any(|one| same_name(one, USE)));
        let of_scope = given(args.identity.as_ref()).is_none_or(|identity| same_name(identity, SCOPE));
        let now = date::now();
        for certificate in shown(&computers, now) {
            let name = &certificate.issued_to;
            // What a computer had that is no more is for those who may see everything: it lies in no site.
            let seen = topology
                .computer(name)
                .map_or(topology.sites().iter().all(|s| visible.has(&s.identity)), |c| visible.has(&c.site));
            if seen && of_use && of_scope && asked.is_none_or(|asked| same_name(asked, name)) {
                cx.output(records::computer(certificate, now))?;
            }
        }
        Ok(())
    }
}

/// What matters: of each computer the newest, and others as long as they are in their time.
fn shown<'a>(all: &[&'a Certificate], now: DateTime) -> Vec<&'a Certificate> {
    let newest = |at: usize| all.get(at + 1).is_none_or(|next| !same_name(&next.issued_to, &all[at].issued_to));
    let live = |certificate: &Certificate| date::to_utc(now) < certificate.not_after;
    all.iter().enumerate().filter(|(at, c)| newest(*at) || live(c)).map(|(_, c)| *c).collect()
}

fn none_of(topology: &Topology, name: &str) -> ErrorRecord {
    match topology.computer(name) {
        Err(error) => error,
        Ok(computer) => {
            let message = format!("No certificate was issued to {}.", computer.fqdn);
            ErrorRecord::new("CertificateNotFound", Category::ObjectNotFound, message)
                .target(name)
                .hint(format!("It joins with a token: New-CsJoinToken -Computer {}.", computer.fqdn))
        }
    }
}
