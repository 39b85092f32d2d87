//! Which users Get-CsUser and Get-CsAdUser show: by identity, filter, LDAP filter, unit, number.

use crate::access::Place;
use crate::cmdlet::Context;
use crate::error::{Category, ErrorRecord, Halt};
use crate::people::{Directory, Shape, User, dn, filter::Filter, ldap::LdapFilter};
use crate::value::{Value, same_name, text::to_text, wildcard::Wildcard, wildcard::has_wildcard};
use std::collections::HashMap;

/// What a command asks for.
pub(super) struct Selection<'a> {
    pub identity: Option<&'a str>,
    pub filter: Option<&'a str>,
    pub ldap_filter: Option<&'a str>,
    pub ou: Option<&'a str>,
    pub result_size: Option<&'a Value>,
}

impl Selection<'_> {
    /// Puts out the users that are meant, in a shape.
    pub fn output(&self, shape: &Shape, also: &dyn Fn(&User) -> bool, cx: &mut Context) -> Result<(), Halt> {
        let directory = Directory::load(cx.deployment()?.store())?;
        let most = result_size(self.result_size)?;
        let filter = self.filter.map(|text| Filter::parse(text, &shape.names())).transpose()?;
        let ldap = self.ldap_filter.map(LdapFilter::parse).transpose()?;
        let unit = self.ou.map(|ou| directory.find_ou(ou).map(|unit| unit.dn.clone())).transpose();
        let root = |ou: &str| directory.users().any(|user| dn::within(&user.dn, ou));
        let unit = match (unit, self.ou) {
            // The domain itself is no unit, but holds all.
            (Err(_), Some(ou)) if dn::normal(ou).starts_with("dc=") && root(ou) => Some(ou.to_string()),
            (other, _) => other?,
        };
        let selects = |user: &User| {
            filter.as_ref().is_none_or(|f| f.selects(&|place| shape.value(user, place)))
                && ldap.as_ref().is_none_or(|f| f.selects(user))
                && unit.as_ref().is_none_or(|unit| dn::within(&user.dn, unit))
        };
        let candidates = match self.identity {
            Some(identity) if has_wildcard(identity) => {
                let wildcard = Wildcard::new(identity)?;
                let named = |user: &&User| user.names().iter().any(|name| wildcard.matches(name));
                directory.users().filter(named).filter(|user| also(user)).collect()
            }
            Some(identity) => {
                let user = directory.find_user(identity)?;
                let place = Place::User(user.ou().to_string());
                if !cx.may_see(&place)? {
                    cx.authorize(&place)?;
                }
                if !also(user) {
                    return Err(not_among(user, cx.command).into());
                }
                vec![user]
            }
            None => directory.users().filter(|user| also(user)).collect::<Vec<_>>(),
        };
        let mut visible: HashMap<&str, bool> = HashMap::new();
        let (mut shown, mut seen) = (0, false);
        for user in &candidates {
            let may = match visible.get(user.ou()) {
                Some(may) => *may,
                None => cx.may_see(&Place::User(user.ou().to_string()))?,
            };
            visible.insert(user.ou(), may);
            seen |= may;
            if !may || !selects(user) {
                continue;
            }
            if shown == most {
                cx.warning(format!("There are more than the {most} users shown: -ResultSize says how many."));
                return Ok(());
            }
            shown += 1;
            cx.output(shape.record(user))?;
        }
        if let (false, Some(first)) = (seen, candidates.first()) {
            cx.authorize(&Place::User(first.ou().to_string()))?;
        }
        Ok(())
    }
}

fn not_among(user: &User, command: &str) -> ErrorRecord {
    let message = format!("The user '{}' is not among those that {command} shows.", user.display_name);
    let error =
        ErrorRecord::new("ManagementObjectNotFound", Category::ObjectNotFound, message).target(user.dn.as_str());
    if user.has_account() {
        error
    } else {
        error.hint("The user is not enabled: Get-CsAdUser shows it, Enable-CsUser enables it.")
    }
}

fn result_size(value: Option<&Value>) -> Result<usize, ErrorRecord> {
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(usize::MAX) };
    let text = to_text(value);
    if same_name(&text, "Unlimited") {
        return Ok(usize::MAX);
    }
    text.parse().map_err(|_| {
        let message = format!("'{text}' is no number of users.");
        let error = ErrorRecord::new("InvalidResultSize", Category::InvalidArgument, message).target(value.clone());
        error.hint("-ResultSize takes a number, or Unlimited.")
    })
}
