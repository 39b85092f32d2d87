//! Certificates and join tokens as objects of the shell.

use crate::cmdlets::shape::Shape;
use crate::deployment::certificates::Certificate;
use crate::deployment::join_tokens::JoinToken;
use crate::net::identity::Host;
use crate::net::{self, Issued};
use crate::value::{DateTime, Record, TextForm, Value, date};
use std::sync::LazyLock;

/// How much of a token's hash names it.
const ID: usize = 12;

const COMPUTERS: [&str; 15] = [
    "Issuer",
    "NotAfter",
    "NotBefore",
    "SerialNumber",
    "Subject",
    "AlternativeNames",
    "Thumbprint",
    "EffectiveDate",
    "PreviousThumbprint",
    "UpdateTime",
    "Use",
    "SourceScope",
    "Computer",
    "DaysLeft",
    "Revoked",
];

static COMPUTER: LazyLock<Shape> = LazyLock::new(|| {
    let kind = "Microsoft.Rtc.Management.Deployment.CertificateReference";
    Shape::with_text(kind, &COMPUTERS, TextForm::Property("Thumbprint"))
});

static PERSON: LazyLock<Shape> = LazyLock::new(|| {
    let names = [
        "Identity",
        "SamAccountName",
        "SerialNumber",
        "Thumbprint",
        "NotBefore",
        "NotAfter",
        "DaysLeft",
        "Revoked",
        "RevokedOn",
    ];
    Shape::with_text("Reeve.ClientCertificate", &names, TextForm::Property("Thumbprint"))
});

static ISSUED: LazyLock<Shape> = LazyLock::new(|| {
    let names =
        ["Identity", "SamAccountName", "SerialNumber", "Thumbprint", "NotAfter", "Certificate", "Authority", "Hosts"];
    Shape::with_text("Reeve.IssuedClientCertificate", &names, TextForm::Property("Thumbprint"))
});

static BUNDLE: LazyLock<Shape> = LazyLock::new(|| {
    let names = ["Identity", "SamAccountName", "Path", "NotAfter", "SerialNumber", "Thumbprint"];
    Shape::with_text("Reeve.NewClientCertificate", &names, TextForm::Property("Path"))
});

static TOKEN: LazyLock<Shape> = LazyLock::new(|| {
    let names = ["Id", "Computer", "State", "CreatedOn", "ExpiresOn", "UsedOn", "SerialNumber"];
    Shape::with_text("Reeve.JoinToken", &names, TextForm::Property("Id"))
});

static NEW_TOKEN: LazyLock<Shape> = LazyLock::new(|| {
    Shape::with_text("Reeve.NewJoinToken", &["Token", "Computer", "ExpiresOn", "Id"], TextForm::Property("Token"))
});

/// A computer's certificate.
pub(super) fn computer(certificate: &Certificate, now: DateTime) -> Record {
    let names = certificate.alternative_names.iter().map(|name| name.as_str().into()).collect();
    COMPUTER.record(vec![
        certificate.issuer.as_str().into(),
        time(Some(certificate.not_after)),
        time(Some(certificate.not_before)),
        certificate.serial.as_str().into(),
        certificate.subject.as_str().into(),
        Value::list(names),
        certificate.thumbprint.as_str().into(),
        time(Some(certificate.issued_on)),
        certificate.previous_thumbprint.as_deref().into(),
        time(Some(certificate.revoked_on.unwrap_or(certificate.issued_on))),
        "Default".into(),
        "Global".into(),
        certificate.issued_to.as_str().into(),
        Value::Int(certificate.days_left(now)),
        Value::Bool(certificate.revoked),
    ])
}

/// A person's certificate; `identity` is the person's distinguished name, where there is such a user.
pub(super) fn person(certificate: &Certificate, identity: &str, now: DateTime) -> Record {
    PERSON.record(vec![
        identity.into(),
        certificate.issued_to.as_str().into(),
        certificate.serial.as_str().into(),
        certificate.thumbprint.as_str().into(),
        time(Some(certificate.not_before)),
        time(Some(certificate.not_after)),
        Value::Int(certificate.days_left(now)),
        Value::Bool(certificate.revoked),
        time(certificate.revoked_on),
    ])
}

/// A person's certificate when it is issued: the texts (PEM), and where sessions can begin.
pub(super) fn issued(issued: &Issued, identity: &str, account: &str, authority: &str, hosts: &[Host]) -> Record {
    let hosts = hosts.iter().map(|host| format!("{} {}", host.fqdn, host.address).into()).collect();
    ISSUED.record(vec![
        identity.into(),
        account.into(),
        issued.serial.as_str().into(),
        issued.thumbprint.as_str().into(),
        time(Some(issued.not_after)),
        issued.certificate.as_str().into(),
        authority.into(),
        Value::list(hosts),
    ])
}

/// The file that was written of what [`issued`] says.
pub(super) fn bundle(issued: &Record, path: &str) -> Record {
    let field = |name: &str| issued.get(name).unwrap_or(Value::Null);
    BUNDLE.record(vec![
        field("Identity"),
        field("SamAccountName"),
        path.into(),
        field("NotAfter"),
        field("SerialNumber"),
        field("Thumbprint"),
    ])
}

/// A token as the store knows it: nobody can join with this.
pub(super) fn token(token: &JoinToken, now: DateTime) -> Record {
    TOKEN.record(vec![
        id(token).into(),
        token.computer.as_str().into(),
        token.state(now).into(),
        time(Some(token.created_on)),
        time(Some(token.expires_on)),
        time(token.used_on),
        token.serial.as_deref().into(),
    ])
}

/// A token at the one time when its secret is shown.
pub(super) fn new_token(token: &JoinToken, carried: &net::JoinToken) -> Record {
    NEW_TOKEN.record(vec![
        carried.text().into(),
        token.computer.as_str().into(),
        time(Some(token.expires_on)),
        id(token).into(),
    ])
}

/// What a token is called by.
pub(super) fn id(token: &JoinToken) -> &str {
    token.hash.get(..ID).unwrap_or(&token.hash)
}

/// A point in time as administrators read it: in the local zone.
fn time(at: Option<DateTime>) -> Value {
    at.map_or(Value::Null, |at| Value::DateTime(date::to_local(at)))
}
