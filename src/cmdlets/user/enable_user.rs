//! Enable-CsUser: gives a user of the directory an account on a pool.

use super::{Users, go_on, registrar_pool, sip_domains};
use crate::access::Place;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::{ACCOUNT, User, sip};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct EnableUser {
    users: Users,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
    registrar_pool: Option<String>,
    hosting_provider_proxy_fqdn: Option<String>,
    sip_address: Option<String>,
    sip_address_type: Option<String>,
    sip_domain: Option<String>,
    #[serde(default)]
    pass_thru: bool,
}

impl Cmdlet for EnableUser {
    const NAME: &'static str = "Enable-CsUser";
    const ACCESS: Access = Access::change(ScopeKind::UserOu);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "Enable a user with an address of your choice",
            run: "Get-CsAdUser -Filter {Enabled -ne $true} -ResultSize 1 | Enable-CsUser -RegistrarPool lon-pool.litwareinc.com -SipAddress \"sip:newcomer@litwareinc.com\"",
        },
        Example {
            what: "Enable all of a department who are not, with addresses made from their logon names",
            run: "Get-CsAdUser -Filter {Enabled -ne $true -and Department -eq \"Sales\"} | Enable-CsUser -RegistrarPool dub-pool.litwareinc.com -SipAddressType SamAccountName -SipDomain litwareinc.com",
        },
    ];
    type Args = Args;

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.enable(&args, cx);
        go_on(result, cx)
    }
}

impl EnableUser {
    fn enable(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let topology = cx.deployment()?.topology()?;
        let (mut user, version) = self.users.read(&args.identity, cx)?;
        let grant = cx.authorize(&Place::User(user.ou().to_string()))?;
        let pool = match (&args.registrar_pool, &args.hosting_provider_proxy_fqdn) {
            (Some(pool), None) => Some(registrar_pool(&topology, pool)?),
            (None, Some(_)) => None,
            (Some(_), Some(_)) => {
                let message = "A user is on a pool or with a hosting provider, not both.";
                return Err(ErrorRecord::new("AmbiguousParameterSet", Category::InvalidArgument, message).into());
            }
            (None, None) => {
                let message = "On which pool? -RegistrarPool is missing.";
                let error = ErrorRecord::new("MissingMandatoryParameter", Category::InvalidArgument, message);
                return Err(error.hint("Get-CsService -Registrar lists the pools.").into());
            }
        };
        if let Some(pool) = pool {
            cx.authorize(&Place::Site(pool.site.clone()))?;
        }
        let domains = sip_domains(cx)?;
        let address = match (&args.sip_address, &args.sip_address_type) {
            (Some(address), None) => sip::check(address, &domains)?,
            (None, Some(kind)) => sip::make(&user, kind, args.sip_domain.as_deref(), &domains)?,
            (Some(_), Some(_)) => {
                let message = "The address is given by -SipAddress or made by -SipAddressType, not both.";
                return Err(ErrorRecord::new("AmbiguousParameterSet", Category::InvalidArgument, message).into());
            }
            (None, None) => {
                let message = "With which address? -SipAddress is missing, or -SipAddressType with -SipDomain.";
                return Err(ErrorRecord::new("MissingMandatoryParameter", Category::InvalidArgument, message).into());
            }
        };
        sip::check_free(self.users.directory(cx)?, &user, &address)?;
        let pool = pool.map_or("", |pool| pool.fqdn.as_str());
        let provider = args.hosting_provider_proxy_fqdn.as_deref().unwrap_or("SRV:");
        if user.has_account() {
            check_same(&user, pool, provider, &address)?;
            cx.warning(format!("The user '{}' is enabled already, as asked.", user.display_name));
        } else if cx.should_process(&user.dn, Self::NAME)? {
            user.enabled = Some(true);
            user.registrar_pool = pool.to_string();
            user.hosting_provider = provider.to_string();
            user.sip_address = address;
            self.users.commit(&grant, &mut user, version, cx)?;
        }
        if args.pass_thru {
            cx.output(ACCOUNT.record(&user))?;
        }
        Ok(())
    }
}

/// A user that is enabled stays as it is: asking for the same again is no error, for something else it is.
fn check_same(user: &User, pool: &str, provider: &str, address: &str) -> Result<(), ErrorRecord> {
    let same = user.registrar_pool == pool
        && user.sip_address.eq_ignore_ascii_case(address)
        && user.hosting_provider == provider;
    if same {
        return Ok(());
    }
    let home = if user.registrar_pool.is_empty() { &user.hosting_provider } else { &user.registrar_pool };
    let message = format!("The user '{}' is enabled already: {} on {home}.", user.display_name, user.sip_address);
    let error = ErrorRecord::new("UserAlreadyEnabled", Category::ResourceExists, message).target(user.dn.as_str());
    Err(error.hint("Move-CsUser moves a user to another pool, Set-CsUser -SipAddress gives another address."))
}
