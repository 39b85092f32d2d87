//! Approve-CsClientCertificate: signs a person's request for a certificate. The private key stays where it was made.

use super::{records, signature};
use crate::access::Place;
use crate::cmdlet::preferences::Impact;
use crate::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType, SetMembership};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::signature::ours;
use crate::deployment::{Deployment, issue};
use crate::env::SystemClock;
use crate::error::{Category, ErrorRecord, Halt};
use crate::net::authority::PERSON_LIFETIME;
use crate::net::identity::Host;
use crate::net::{Addresses, Authority};
use crate::people::Directory;
use crate::value::{TimeSpan, date, same_name};
use serde::Deserialize;

/// Hosts that a person is told of: enough that one of them answers, and few enough for a file that is read at each
/// start.
const HOSTS: usize = 16;

/// The longest that a person's certificate may be good for, in days.
const LONGEST_DAYS: i64 = 3 * 365;

/// The cmdlet.
#[derive(Default)]
pub struct ApproveClientCertificate;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
    request: String,
    valid_for: Option<TimeSpan>,
}

impl Cmdlet for ApproveClientCertificate {
    const NAME: &'static str = "Approve-CsClientCertificate";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[Example {
        what: "Sign a request that was made elsewhere",
        run: "Approve-CsClientCertificate -Identity \"Ken Myer\" -Request (Get-Content kenmyer.csr -Raw)",
    }];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        let required = |position, parameter: ParameterSpec| ParameterSpec {
            sets: vec![SetMembership { mandatory: true, position, by_property_name: true, ..SetMembership::default() }],
            ..parameter
        };
        let parameters = vec![
            required(Some(0), ours("Identity", ParameterType::String, "UserIdParameter")),
            required(None, ours("Request", ParameterType::String, "String")),
            ours("ValidFor", ParameterType::TimeSpan, "TimeSpan"),
        ];
        Some(signature(Self::NAME, true, parameters))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let grant = cx.authorize(&Place::Global)?;
        let lifetime = args.valid_for.unwrap_or(PERSON_LIFETIME);
        if !(date::HOUR..=LONGEST_DAYS * date::DAY).contains(&lifetime.ticks) {
            let message =
                format!("A person's certificate is good for at least an hour and at most {LONGEST_DAYS} days.");
            return Err(ErrorRecord::new("InvalidValidFor", Category::InvalidArgument, message).into());
        }
        let deployment = cx.deployment()?;
        let directory = Directory::load(deployment.store())?;
        let user = directory.find_user(&args.identity)?;
        let account = user.sam_account_name.as_str();
        let authority = Authority::load(&deployment.host().tls())?;
        if !cx.should_process_at(Impact::Medium, &user.dn, Self::NAME)? {
            return Ok(());
        }
        let store = deployment.store();
        let issued = issue::person(store, &grant, &authority, account, &args.request, lifetime, &SystemClock)?;
        let hosts = hosts(&deployment)?;
        cx.output(records::issued(&issued, &user.dn, account, authority.certificate(), &hosts))
    }
}

/// Hosts that a session can begin at: the one with the active store first.
fn hosts(deployment: &Deployment) -> Result<Vec<Host>, ErrorRecord> {
    let addresses = Addresses::file(deployment.host().addresses());
    let topology = deployment.topology()?;
    let here = deployment.computer();
    let others = topology.replicas().map(|computer| computer.fqdn.as_str()).filter(|name| !same_name(name, here));
    let host = |name: &str| Ok(Host { fqdn: name.to_string(), address: addresses.of(name)? });
    std::iter::once(here).chain(others).take(HOSTS).map(host).collect()
}
