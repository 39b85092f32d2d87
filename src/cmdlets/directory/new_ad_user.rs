//! New-CsAdUser: a user of the directory, not enabled yet.

use super::{Entries, by_property, change, entry, given, text};
use crate::access::Place;
use crate::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType, SetMembership};
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::signature::ours;
use crate::cmdlets::user::go_on;
use crate::env::{Clock, Random, SystemClock, SystemRandom};
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::{self, Directory, ENTRY, User, dn};
use crate::value::{date, same_name};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct NewAdUser {
    entries: Entries,
}

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    sam_account_name: String,
    display_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    user_principal_name: Option<String>,
    #[serde(rename = "OU")]
    ou: Option<String>,
    windows_email_address: Option<String>,
    title: Option<String>,
    department: Option<String>,
    office: Option<String>,
    company: Option<String>,
    phone: Option<String>,
    mobile_phone: Option<String>,
    home_phone: Option<String>,
    street_address: Option<String>,
    city: Option<String>,
    state_or_province: Option<String>,
    postal_code: Option<String>,
    country_or_region: Option<String>,
}

/// The parameters but the logon name, in order.
const TEXTS: [&str; 18] = [
    "DisplayName",
    "FirstName",
    "LastName",
    "UserPrincipalName",
    "OU",
    "WindowsEmailAddress",
    "Title",
    "Department",
    "Office",
    "Company",
    "Phone",
    "MobilePhone",
    "HomePhone",
    "StreetAddress",
    "City",
    "StateOrProvince",
    "PostalCode",
    "CountryOrRegion",
];

impl Cmdlet for NewAdUser {
    const NAME: &'static str = "New-CsAdUser";
    const ACCESS: Access = Access::change(ScopeKind::UserOu);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "A user in a unit",
            run: "New-CsAdUser -SamAccountName adabyron -FirstName Ada -LastName Byron -OU \"ou=Redmond,dc=litwareinc,dc=com\" -Department Sales",
        },
        Example {
            what: "A user, enabled at once",
            run: "New-CsAdUser alanmathison -FirstName Alan -LastName Mathison -OU London | Enable-CsUser -RegistrarPool lon-pool.litwareinc.com -SipAddressType SamAccountName -SipDomain litwareinc.com",
        },
        Example {
            what: "All users of a table whose columns are named like the parameters",
            run: "\"SamAccountName,FirstName,LastName,OU\", \"gracemurray,Grace,Murray,Dublin\", \"karlsparck,Karen,Sparck,London\" | ConvertFrom-Csv | New-CsAdUser",
        },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        let key =
            SetMembership { mandatory: true, position: Some(0), by_property_name: true, ..SetMembership::default() };
        let sam = by_property(ours("SamAccountName", ParameterType::String, "String"));
        let sam = ParameterSpec { aliases: vec!["Identity".into()], sets: vec![key], ..sam };
        Some(change(Self::NAME, std::iter::once(sam).chain(TEXTS.map(text)).collect()))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = self.make(&args, cx);
        go_on(result, cx)
    }
}

impl NewAdUser {
    fn make(&mut self, args: &Args, cx: &mut Context) -> Result<(), Halt> {
        let directory = self.entries.now(cx)?;
        let container = entry::container(directory, given(args.ou.as_ref()), cx)?;
        // Where the user will be is what counts: who is for the users of one unit makes users there and nowhere else.
        let grant = cx.authorize(&Place::User(container.clone()))?;
        let mut user = user(args, &container)?;
        check_free(directory, &user)?;
        user.sid = entry::security_identifier(directory, cx)?;
        if !cx.should_process(&user.dn, Self::NAME)? {
            return Ok(());
        }
        let changes = people::new_entry(people::USER, &user.dn, &user)?;
        cx.deployment()?.store().commit(&grant, &changes)?;
        cx.output(ENTRY.record(&user))
    }
}

/// The user that is asked for.
fn user(args: &Args, container: &str) -> Result<User, ErrorRecord> {
    let text = |value: &Option<String>| given(value.as_ref()).unwrap_or_default().to_string();
    let sam = entry::logon_name(&args.sam_account_name)?;
    let (first_name, last_name) = (text(&args.first_name), text(&args.last_name));
    let whole = format!("{first_name} {last_name}");
    let display_name = [text(&args.display_name), whole.trim().to_string(), sam.to_string()];
    let display_name = display_name.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let display_name = entry::shown_name(&display_name)?.to_string();
    let dn = format!("CN={},{container}", dn::escape(&display_name));
    let user_principal_name = match text(&args.user_principal_name) {
        none if none.is_empty() => format!("{sam}@{}", dn::domain(&dn)),
        name => principal_name(name)?,
    };
    let now = date::iso(SystemClock.now());
    Ok(User {
        dn,
        sam_account_name: sam.to_string(),
        user_principal_name,
        first_name,
        last_name,
        display_name,
        guid: SystemRandom.uuid().to_string(),
        user_account_control: "NormalAccount".into(),
        windows_email_address: text(&args.windows_email_address),
        title: text(&args.title),
        department: text(&args.department),
        office: text(&args.office),
        company: text(&args.company),
        phone: text(&args.phone),
        mobile_phone: text(&args.mobile_phone),
        home_phone: text(&args.home_phone),
        street_address: text(&args.street_address),
        city: text(&args.city),
        state_or_province: text(&args.state_or_province),
        postal_code: text(&args.postal_code),
        country_or_region: text(&args.country_or_region),
        when_created: now.clone(),
        when_changed: now,
        ..User::default()
    })
}

/// `NAME@DOMAIN`.
fn principal_name(name: String) -> Result<String, ErrorRecord> {
    let whole = name.split_once('@').is_some_and(|(name, domain)| {
        !name.is_empty() && !domain.is_empty() && !domain.contains('@') && !name.contains(['\\', ',', '='])
    });
    if whole && !name.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Ok(name);
    }
    let message = format!("'{name}' is no user principal name.");
    let error = ErrorRecord::new("InvalidName", Category::InvalidArgument, message).target(name);
    Err(error.hint("A user principal name is NAME@DOMAIN: kenmyer@litwareinc.com."))
}

/// Refuses a user whom another could be taken for: by any of the names by which a user or a group is found. Two may
/// have the same display name, in different units.
fn check_free(directory: &Directory, user: &User) -> Result<(), ErrorRecord> {
    for name in user.names() {
        for other in directory.users_named(&name) {
            let namesakes = same_name(&name, &user.display_name)
                && same_name(&name, &other.display_name)
                && !same_name(&name, &user.sam_account_name)
                && !same_name(&name, &other.sam_account_name);
            if dn::normal(&other.dn) == dn::normal(&user.dn)
                || same_name(&other.sam_account_name, &user.sam_account_name)
            {
                return Err(entry::taken("UserExists", &name, &format!("the user {}", other.dn)));
            }
            if !namesakes {
                return Err(entry::taken("NameInUse", &name, &format!("the user {}", other.dn)));
            }
        }
        if let Some(group) = directory.find_group(&name) {
            return Err(entry::taken("NameInUse", &name, &format!("the group {}", group.sam_account_name)));
        }
    }
    entry::check_dn_free(directory, &user.dn)
}
