//! New-CsClientCertificate: a file with which a person opens sessions from elsewhere. Key and request are made here,
//! where the command is given; the server sees the request alone.

use super::{given, records, signature};
use crate::cmdlet::pipeline::{self, Argument, Invocation, Stage};
use crate::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType, SetMembership};
use crate::cmdlet::{Access, Cmdlet, Context, Example};
use crate::cmdlets::signature::ours;
use crate::cmdlets::user::go_on;
use crate::error::{Category, ErrorRecord, Halt, Span};
use crate::net::{identity, request};
use crate::value::{Record, TimeSpan, Value, text};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// What signs the request.
const SIGNS: &str = "Approve-CsClientCertificate";

/// The cmdlet.
#[derive(Default)]
pub struct NewClientCertificate;

/// Its parameters.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Args {
    identity: String,
    path: Option<String>,
    valid_for: Option<TimeSpan>,
}

impl Cmdlet for NewClientCertificate {
    const NAME: &'static str = "New-CsClientCertificate";
    const ACCESS: Access = Access::CLIENT;
    const RUNS: &'static [&'static str] = &[SIGNS];
    const EXAMPLES: &'static [Example] = &[
        Example {
            what: "A file for a person, good for a year",
            run: "New-CsClientCertificate -Identity \"Ken Myer\" -Path kenmyer.pem",
        },
        Example {
            what: "One that is good for a day, named after the account",
            run: "New-CsClientCertificate -Identity \"Ken Myer\" -ValidFor 1.00:00:00",
        },
    ];
    type Args = Args;

    fn spec() -> Option<CmdletSpec> {
        let role =
            SetMembership { mandatory: true, position: Some(0), by_property_name: true, ..SetMembership::default() };
        let parameters = vec![
            ParameterSpec { sets: vec![role], ..ours("Identity", ParameterType::String, "UserIdParameter") },
            ours("Path", ParameterType::String, "String"),
            ours("ValidFor", ParameterType::TimeSpan, "TimeSpan"),
        ];
        Some(signature(Self::NAME, true, parameters))
    }

    fn process(&mut self, args: Args, cx: &mut Context) -> Result<(), Halt> {
        let result = make(&args, cx);
        go_on(result, cx)
    }
}

fn make(args: &Args, cx: &mut Context) -> Result<(), Halt> {
    let named = given(args.path.as_ref()).map(PathBuf::from);
    if let Some(path) = named.as_deref().filter(|path| path.exists()) {
        return Err(exists(path).into());
    }
    if !cx.should_process(&args.identity, NewClientCertificate::NAME)? {
        return Ok(());
    }
    let made = request::new(&args.identity)?;
    let answer = sign(args, made.request, cx)?;
    let field = |name: &str| answer.get(name).map(|value| text::to_text(&value).to_string()).unwrap_or_default();
    let hosts: Vec<identity::Host> = hosts(&answer);
    let bundle = identity::bundle(&field("Certificate"), &made.key, &field("Authority"), &hosts);
    let path = named.unwrap_or_else(|| unused(&field("SamAccountName"), &field("SerialNumber")));
    identity::write_bundle(&path, &bundle)?;
    cx.output(records::bundle(&answer, &path.display().to_string()))
}

/// Has the request signed, through the session: where the store is.
fn sign(args: &Args, request: String, cx: &mut Context) -> Result<Record, Halt> {
    let argument =
        |name: &str, value: Value| Argument::Named { name: name.into(), value: Some(value), span: Span::default() };
    let mut arguments = vec![
        argument("Identity", args.identity.as_str().into()),
        argument("Request", request.into()),
        // It was asked already.
        argument("Confirm", Value::Bool(false)),
    ];
    arguments.extend(args.valid_for.map(|span| argument("ValidFor", Value::Duration(span))));
    let stage = Invocation { name: SIGNS.into(), arguments, ..Invocation::default() };
    let mut answer = None;
    pipeline::run(cx.session, cx.blocks, None, vec![Stage::Command(stage)], &mut |value| {
        if let Value::Record(record) = value {
            answer = Some(record);
        }
        Ok(())
    })?;
    answer.ok_or_else(|| {
        let message = "The server answered without a certificate.";
        Halt::Error(ErrorRecord::new("CertificateNotMade", Category::InvalidResult, message))
    })
}

/// Hosts as the answer names them: `fqdn address`.
fn hosts(answer: &Record) -> Vec<identity::Host> {
    let listed = answer.get("Hosts").map(crate::value::enumerate).unwrap_or_default();
    let one = |value: &Value| {
        let line = text::to_text(value).to_string();
        let (fqdn, address) = line.split_once(' ')?;
        Some(identity::Host { fqdn: fqdn.into(), address: address.into() })
    };
    listed.iter().filter_map(one).collect()
}

/// A file named after the account that is not there yet.
fn unused(account: &str, serial: &str) -> PathBuf {
    // An account's name may hold what a path may not.
    let safe: String = account.chars().map(|c| if c.is_alphanumeric() || "-_".contains(c) { c } else { '_' }).collect();
    let first = PathBuf::from(format!("{safe}.pem"));
    if first.exists() { PathBuf::from(format!("{safe}-{serial}.pem")) } else { first }
}

fn exists(path: &Path) -> ErrorRecord {
    let message = format!("'{}' is there already, and may hold a key that is still in use.", path.display());
    ErrorRecord::new("FileExists", Category::ResourceExists, message)
        .target(path.display().to_string())
        .hint("Name another file, or remove this one first.")
}
