//! New-CsJoinToken: a secret with which one computer joins the deployment, once.

use super::{by_property, records, signature};
use crate::access::Place;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::signature::ours;
use crate::cmdlets::user::go_on;
use crate::deployment::join_tokens::{self, JoinToken, LONGEST_DAYS, VALID_HOURS};
use crate::deployment::{HostDirectory, certificates};
use crate::error::{Category, ErrorRecord, Halt};
use crate::net;
use crate::value::{DateTime, TimeSpan, date};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct NewJoinToken;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    computer: String,
    valid_for: Option<TimeSpan>,
}

impl Cmdlet for NewJoinToken {
    const NAME: &'static str = "New-CsJoinToken";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example { what: "A token for a computer", run: "New-CsJoinToken -Computer atl-cs-001.litwareinc.com" },
        Example {
            what: "A token that is good for an hour, in a file for reeve init --token-file",
            run: "(New-CsJoinToken atl-cs-001.litwareinc.com -ValidFor 01:00:00).Token | Out-File token.txt",
        },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        let parameters =
            vec![by_property("Computer", "Fqdn", Some(0), true), ours("ValidFor", ParameterType::TimeSpan, "TimeSpan")];
        Some(signature(Self::NAME, true, parameters))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = make(&args, cx);
        go_on(result, cx)
    }
}

fn make(args: &Args, cx: &mut Context) -> Result<(), Halt> {
    let grant = cx.authorize(&Place::Global)?;
    let valid = args.valid_for.map_or(VALID_HOURS * date::HOUR, |span| span.ticks);
    if !(date::MINUTE..=LONGEST_DAYS * date::DAY).contains(&valid) {
        let message = format!("A join token is good for at least a minute and at most {LONGEST_DAYS} days.");
        return Err(ErrorRecord::new("InvalidValidFor", Category::InvalidArgument, message).into());
    }
    let deployment = cx.deployment()?;
    let topology = deployment.topology()?;
    let computer = topology
        .computer(args.computer.trim())
        .map_err(|error| error.hint("A new computer is published first: Publish-CsTopology."))?;
    let authority = authority(deployment.host())?;
    if !cx.should_process(&computer.fqdn, NewJoinToken::NAME)? {
        return Ok(());
    }
    let now = date::now();
    let carried = net::JoinToken::new(authority)?;
    let ends = DateTime { ticks: now.ticks.saturating_add(valid), ..now };
    let token = JoinToken::new(&carried, &computer.fqdn, now, ends);
    let mut changes = vec![token.issue()?];
    changes.extend(join_tokens::sweep(deployment.store(), now)?);
    changes.extend(certificates::sweep(deployment.store(), now)?);
    deployment.store().commit(&grant, &changes)?;
    cx.output(records::new_token(&token, &carried))
}

/// blake3 of the authority's certificate, by which the newcomer knows whom it talks to.
fn authority(host: &HostDirectory) -> Result<[u8; 32], ErrorRecord> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    let path = host.tls().join(net::authority::CERTIFICATE);
    let certificate = CertificateDer::from_pem_file(&path).map_err(|error| {
        let message = format!("The authority's certificate in '{}' cannot be read: {error}.", path.display());
        ErrorRecord::new("NoAuthority", Category::ResourceUnavailable, message)
            .hint("reeve init makes it with the deployment; put it back from a backup.")
    })?;
    Ok(*blake3::hash(&certificate).as_bytes())
}
