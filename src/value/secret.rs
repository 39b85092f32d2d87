//! `[securestring]` and `[pscredential]`: a secret that prints nowhere, and a name with one.

use super::{Record, RecordType, Str, TextForm, Value};

/// Full name of the type of a secret.
pub const SECURE_STRING: &str = "System.Security.SecureString";
/// Full name of the type of a name with its secret.
pub const CREDENTIAL: &str = "System.Management.Automation.PSCredential";

/// Where the secret is; a blank before a name hides it, also from scripts.
pub(super) const FIELD: &str = " secret";

/// A secret.
pub fn new(text: &str) -> Record {
    let units = i64::try_from(text.encode_utf16().count()).unwrap_or(i64::MAX);
    let kind = RecordType::new(SECURE_STRING, TextForm::TypeName);
    Record::new(kind, [("Length", Value::Int(units)), (FIELD, Value::str(text))])
}

/// The text of a secret, if the value is one.
pub fn reveal(value: &Value) -> Option<Str> {
    match value {
        Value::Record(record) if &*record.kind().name == SECURE_STRING => match record.get(FIELD) {
            Some(Value::Str(text)) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// A name with its secret.
pub fn credential(user: &str, password: Record) -> Record {
    let kind = RecordType::new(CREDENTIAL, TextForm::TypeName);
    Record::new(kind, [("UserName", Value::str(user)), ("Password", Value::Record(password))])
}

/// Name and secret of a credential, if the value is one.
pub fn parts(value: &Value) -> Option<(Str, Str)> {
    let Value::Record(record) = value else { return None };
    if &*record.kind().name != CREDENTIAL {
        return None;
    }
    let user = record.get("UserName").map(|user| super::text::to_text(&user)).unwrap_or_default();
    Some((user, reveal(&record.get("Password")?)?))
}

/// What `.GetNetworkCredential()` gives: the secret in the open, the domain apart from the name.
pub(super) fn network(value: &Value) -> Option<Record> {
    let (user, password) = parts(value)?;
    let (domain, name) = user.split_once('\\').unwrap_or(("", &user));
    let kind = RecordType::new("System.Net.NetworkCredential", TextForm::TypeName);
    let fields: [(&str, Value); 3] =
        [("UserName", name.into()), ("Password", password.clone().into()), ("Domain", domain.into())];
    Some(Record::new(kind, fields))
}

#[cfg(test)]
mod tests {
    use super::super::{json, member, text};
    use super::*;

    #[test]
    fn a_secret_shows_nowhere_but_where_it_is_asked_for() {
        let secret = Value::Record(new("p4ss"));
        let credential = Value::Record(credential("litwareinc\\ken", new("p4ss")));
        for shown in [
            format!("{secret:?} {credential:?}"),
            text::to_text(&secret).to_string(),
            json::to_json(&credential).to_string(),
            format!("{:?}", member::get(&secret, FIELD)),
        ] {
            assert!(!shown.contains("p4ss"), "{shown}");
        }
        assert_eq!(reveal(&secret).as_deref(), Some("p4ss"));
        let open = member::call(&credential, "GetNetworkCredential", &[]).unwrap();
        let part = |name: &str| text::to_text(&member::get(&open, name).unwrap()).to_string();
        assert_eq!([part("UserName"), part("Password"), part("Domain")], ["ken", "p4ss", "litwareinc"]);
        assert!(parts(&secret).is_none());
    }
}
