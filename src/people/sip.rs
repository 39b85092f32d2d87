//! SIP addresses and telephone lines of users: their form, and who has one already.

use super::{Directory, User};
use crate::error::{Category, ErrorRecord};
use crate::value::{near, same_name};

/// How an address is made from what the directory knows of a user.
pub const ADDRESS_TYPES: [&str; 4] = ["SamAccountName", "FirstLastName", "EmailAddress", "UserPrincipalName"];

/// Checks a SIP address and gives it in lower case with `sip:` before it; its domain must be one of the deployment's.
///
/// # Errors
/// `InvalidSipAddress`, `SipDomainNotFound` with the near name.
pub fn check(address: &str, domains: &[String]) -> Result<String, ErrorRecord> {
    let invalid = |why: &str| {
        let message = format!("'{address}' is not a SIP address: {why}.");
        let error = ErrorRecord::new("InvalidSipAddress", Category::InvalidArgument, message).target(address);
        error.hint("A SIP address is sip:NAME@DOMAIN, such as sip:kenmyer@litwareinc.com.")
    };
    let (scheme, rest) = address.trim().split_once(':').ok_or_else(|| invalid("'sip:' is missing before it"))?;
    if !same_name(scheme, "sip") {
        return Err(invalid("it does not begin with 'sip:'"));
    }
    let (name, domain) = rest.split_once('@').ok_or_else(|| invalid("there is no '@' in it"))?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-./=?^_`{|}~".contains(c);
    if name.is_empty() || !name.chars().all(allowed) || name.starts_with('.') || name.ends_with('.') {
        return Err(invalid("what stands before '@' is no name: letters, digits and -_.+ are"));
    }
    known_domain(domain, domains)?;
    Ok(format!("sip:{name}@{domain}").to_lowercase())
}

/// Checks that a SIP domain is one of the deployment's.
///
/// # Errors
/// `SipDomainNotFound` with the near name.
pub fn known_domain(domain: &str, domains: &[String]) -> Result<(), ErrorRecord> {
    if domains.iter().any(|known| same_name(known, domain)) {
        return Ok(());
    }
    let message = format!("'{domain}' is not a SIP domain of the deployment.");
    let error = ErrorRecord::new("SipDomainNotFound", Category::ObjectNotFound, message).target(domain);
    let error = match near::nearest(domain, domains.iter().map(String::as_str)) {
        Some(near) => error.hint(format!("Did you mean '{near}'?")),
        None => error,
    };
    Err(error.hint(format!("SIP domains: {}. New-CsSipDomain makes one.", domains.join(", "))))
}

/// Makes a user's address from what the directory knows: logon name or `First.Last` at a domain, mail address, UPN.
///
/// # Errors
/// `InvalidSipAddressType` with the near name; `MissingMandatoryParameter` where a domain is needed;
/// `InvalidSipAddress` where the directory does not know enough; those of [`check`].
pub fn make(user: &User, kind: &str, domain: Option<&str>, domains: &[String]) -> Result<String, ErrorRecord> {
    let at_domain = |name: String| {
        domain.map(|domain| format!("sip:{name}@{domain}")).ok_or_else(|| {
            let message = format!("-SipAddressType {kind} needs the domain of the address: -SipDomain is missing.");
            ErrorRecord::new("MissingMandatoryParameter", Category::InvalidArgument, message)
        })
    };
    let known = |value: &str, what: &str| {
        if value.is_empty() {
            let message = format!("The directory knows no {what} of '{}'.", user.display_name);
            let error = ErrorRecord::new("InvalidSipAddress", Category::InvalidData, message);
            return Err(error.hint("Give the address itself: -SipAddress sip:NAME@DOMAIN."));
        }
        Ok(value.to_string())
    };
    let plain = |name: &str| name.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    let address = match ADDRESS_TYPES.iter().position(|name| same_name(name, kind)) {
        Some(0) => at_domain(known(&user.sam_account_name, "logon name")?)?,
        Some(1) => {
            let (first, last) = (known(&user.first_name, "first name")?, known(&user.last_name, "last name")?);
            at_domain(format!("{}.{}", plain(&first), plain(&last)))?
        }
        Some(2) => format!("sip:{}", known(&user.windows_email_address, "mail address")?),
        Some(_) => format!("sip:{}", known(&user.user_principal_name, "user principal name")?),
        None => {
            let message = format!("'{kind}' is no way to make a SIP address. Ways: {}.", ADDRESS_TYPES.join(", "));
            let error = ErrorRecord::new("InvalidSipAddressType", Category::InvalidArgument, message).target(kind);
            return Err(match near::nearest(kind, ADDRESS_TYPES) {
                Some(near) => error.hint(format!("Did you mean '{near}'?")),
                None => error,
            });
        }
    };
    check(&address, domains)
}

/// Refuses an address that another user has.
///
/// # Errors
/// `SipAddressInUse`.
pub fn check_free(directory: &Directory, user: &User, address: &str) -> Result<(), ErrorRecord> {
    match directory.users().find(|other| other.dn != user.dn && same_name(&other.sip_address, address)) {
        None => Ok(()),
        Some(other) => {
            let message = format!("The SIP address '{address}' is that of '{}'.", other.display_name);
            Err(ErrorRecord::new("SipAddressInUse", Category::ResourceExists, message).target(address))
        }
    }
}

/// Checks a line: `tel:+14255550712`, `tel:+14255550712;ext=712`; nobody else may have it.
///
/// # Errors
/// `InvalidLineUri`, `LineUriInUse`.
pub fn check_line(directory: &Directory, user: &User, line: &str) -> Result<String, ErrorRecord> {
    let invalid = || {
        let message = format!("'{line}' is not the address of a line.");
        let error = ErrorRecord::new("InvalidLineUri", Category::InvalidArgument, message).target(line);
        error.hint("A line is tel:+NUMBER, with ;ext=NUMBER behind it if it is an extension: tel:+14255550712;ext=712.")
    };
    let line = line.trim();
    let number =
        line.get(..4).filter(|head| same_name(head, "tel:")).and_then(|_| line.get(4..)).ok_or_else(invalid)?;
    let (number, extension) = number.split_once(';').unwrap_or((number, ""));
    let digits = number.strip_prefix('+').unwrap_or(number);
    let is_number = |text: &str| !text.is_empty() && text.len() <= 32 && text.chars().all(|c| c.is_ascii_digit());
    let extension_ok = extension.is_empty()
        || extension.get(..4).is_some_and(|head| same_name(head, "ext=")) && extension.get(4..).is_some_and(is_number);
    if !is_number(digits) || !extension_ok {
        return Err(invalid());
    }
    let line = format!("tel:{}", line.get(4..).unwrap_or_default()).to_lowercase();
    let has = |other: &&User| {
        other.dn != user.dn && (same_name(&other.line_uri, &line) || same_name(&other.private_line, &line))
    };
    match directory.users().find(has) {
        None => Ok(line),
        Some(other) => {
            let message = format!("The line '{line}' is that of '{}'.", other.display_name);
            Err(ErrorRecord::new("LineUriInUse", Category::ResourceExists, message).target(line.as_str()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked() {
        let domains = ["litwareinc.com".to_string()];
        for (address, expected) in [
            ("sip:Ken.Myer@litwareinc.com", Ok("sip:ken.myer@litwareinc.com")),
            ("SIP:ken@LITWAREINC.COM", Ok("sip:ken@litwareinc.com")),
            ("ken@litwareinc.com", Err("InvalidSipAddress")),
            ("tel:+1425", Err("InvalidSipAddress")),
            ("sip:@litwareinc.com", Err("InvalidSipAddress")),
            ("sip:ken myer@litwareinc.com", Err("InvalidSipAddress")),
            ("sip:ken", Err("InvalidSipAddress")),
            ("sip:ken@litwareinc.org", Err("SipDomainNotFound")),
            ("", Err("InvalidSipAddress")),
        ] {
            let checked = check(address, &domains).map_err(|e| e.id().to_string());
            assert_eq!(checked, expected.map(String::from).map_err(String::from), "{address}");
        }
    }

    #[test]
    fn addresses_are_made_from_what_the_directory_knows() {
        let domains = ["litwareinc.com".to_string()];
        let ken = User {
            first_name: "Ken".into(),
            last_name: "Myer".into(),
            sam_account_name: "kenmyer".into(),
            user_principal_name: "ken@litwareinc.com".into(),
            ..User::default()
        };
        let made =
            |kind: &str, domain: Option<&str>| make(&ken, kind, domain, &domains).map_err(|e| e.id().to_string());
        assert_eq!(made("samaccountname", Some("litwareinc.com")).as_deref(), Ok("sip:kenmyer@litwareinc.com"));
        assert_eq!(made("FirstLastName", Some("litwareinc.com")).as_deref(), Ok("sip:ken.myer@litwareinc.com"));
        assert_eq!(made("UserPrincipalName", None).as_deref(), Ok("sip:ken@litwareinc.com"));
        assert_eq!(made("EmailAddress", None).unwrap_err(), "InvalidSipAddress");
        assert_eq!(made("SamAccountName", None).unwrap_err(), "MissingMandatoryParameter");
        assert_eq!(made("SamAccountNam", None).unwrap_err(), "InvalidSipAddressType");
        assert_eq!(made("SamAccountName", Some("litware.com")).unwrap_err(), "SipDomainNotFound");
    }

    #[test]
    fn lines_are_checked() {
        let line =
            |text: &str| check_line(&Directory::default(), &User::default(), text).map_err(|e| e.id().to_string());
        assert_eq!(line("TEL:+14255550712;ext=712").as_deref(), Ok("tel:+14255550712;ext=712"));
        for bad in ["", "tel:", "+1425", "tel:+", "tel:+1 425", "tel:+1425;ext=", "tel:+1425;x=1", "ünï:+1"] {
            assert_eq!(line(bad).unwrap_err(), "InvalidLineUri", "{bad}");
        }
    }
}
