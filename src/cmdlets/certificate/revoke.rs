//! Revoke-CsCertificate: takes certificates back. Every computer learns of it by replication, and refuses them.

use super::{by_property, given, signature};
use crate::access::Place;
use crate::cmdlet::preferences::Impact;
use crate::cmdlet::spec::CmdletSpec;
use crate::cmdlet::{Access, Cmdlet, Context, Example, ScopeKind};
use crate::cmdlets::user::go_on;
use crate::deployment::Deployment;
use crate::deployment::certificates::{self, Certificate, Holder};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::{date, same_name};
use serde::Deserialize;

/// The cmdlet.
#[derive(Default)]
pub struct RevokeCertificate;

/// Its parameters: what is given selects together.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    thumbprint: Option<String>,
    serial_number: Option<String>,
    computer: Option<String>,
}

impl Cmdlet for RevokeCertificate {
    const NAME: &'static str = "Revoke-CsCertificate";
    const ACCESS: Access = Access::change(ScopeKind::Global);
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "See what would be taken back of a computer",
            run: "Revoke-CsCertificate -Computer redmond-cs-001.litwareinc.com -WhatIf",
        },
        Example {
            what: "The certificate that a computer had before its present one",
            run: "Get-CsCertificate -Computer atl-cs-001.litwareinc.com | Sort-Object NotAfter -Descending | Select-Object -Skip 1 | Revoke-CsCertificate -Confirm:$false",
        },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        let parameters = vec![
            by_property("Thumbprint", "String", Some(0), false),
            by_property("SerialNumber", "String", None, false),
            by_property("Computer", "Fqdn", None, false),
        ];
        Some(signature(Self::NAME, true, parameters))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = revoke(&args, cx);
        go_on(result, cx)
    }
}

fn revoke(args: &Args, cx: &mut Context) -> Result<(), Halt> {
    let grant = cx.authorize(&Place::Global)?;
    let (thumbprint, serial) = (given(args.thumbprint.as_ref()), given(args.serial_number.as_ref()));
    let computer = given(args.computer.as_ref());
    if thumbprint.is_none() && serial.is_none() && computer.is_none() {
        let message = "Which certificate is to be taken back? Nothing names one.";
        return Err(ErrorRecord::new("CertificateNotNamed", Category::InvalidArgument, message)
            .hint("Name it by -Thumbprint or -SerialNumber, or all of a computer by -Computer.")
            .into());
    }
    let deployment = cx.deployment()?;
    let selects = |wanted: Option<&str>, is: &str| wanted.is_none_or(|wanted| same_name(wanted, is));
    let mut found = certificates::list(deployment.store())?;
    found.retain(|certificate| {
        selects(thumbprint, &certificate.thumbprint)
            && selects(serial, &certificate.serial)
            && computer
                .is_none_or(|name| certificate.kind == Holder::Computer && same_name(&certificate.issued_to, name))
    });
    if found.is_empty() {
        return Err(not_found(thumbprint.or(serial).or(computer).unwrap_or_default()).into());
    }
    found.retain(|certificate| !certificate.revoked);
    if found.is_empty() {
        cx.verbose("It is revoked already.");
        return Ok(());
    }
    refuse_the_last(&deployment, &found)?;
    let mut changes = Vec::new();
    let now = date::now();
    for certificate in &found {
        let target = format!("{} ({})", certificate.issued_to, certificate.thumbprint);
        if cx.should_process_at(Impact::High, &target, RevokeCertificate::NAME)? {
            changes.push(certificate.revoke(now)?);
        }
    }
    if !changes.is_empty() {
        deployment.store().commit(&grant, &changes)?;
    }
    Ok(())
}

/// The computer that holds the active store must keep one: without it nobody could reach the store to mend anything.
fn refuse_the_last(deployment: &Deployment, found: &[Certificate]) -> Result<(), ErrorRecord> {
    let here = deployment.computer();
    let mine = certificates::of(deployment.store(), Holder::Computer, here)?;
    let now = date::now();
    let is_hit = |certificate: &Certificate| found.iter().any(|found| found.serial == certificate.serial);
    let keeps_one = mine.iter().any(|certificate| certificate.is_valid(now) && !is_hit(certificate));
    if keeps_one || !mine.iter().any(is_hit) {
        return Ok(());
    }
    let message =
        format!("This is the last certificate of {here}, which holds the active store: nobody could reach it.");
    Err(ErrorRecord::new("LastCertificate", Category::InvalidOperation, message)
        .target(here)
        .hint("Let that computer renew its certificate first; then take back the former one."))
}

fn not_found(name: &str) -> ErrorRecord {
    let message = format!("The deployment issued no certificate '{name}'.");
    ErrorRecord::new("CertificateNotFound", Category::ObjectNotFound, message)
        .target(name)
        .hint("Get-CsCertificate lists those of computers, Get-CsClientCertificate those of people.")
}
