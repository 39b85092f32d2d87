//! The cmdlets on certificates: those of computers and of people, and the tokens with which a computer joins.

mod approve_client;
mod get;
mod get_client;
mod get_token;
mod new_client;
mod new_token;
mod records;
mod remove_token;
mod revoke;
mod revoke_client;

use crate::cmdlet::spec::{CmdletSpec, ParameterSpec, ParameterType, SetMembership};
use crate::cmdlet::{CmdletEntry, entry};
use crate::cmdlets::signature::ours;

/// The cmdlets of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![
        entry::entry::<approve_client::ApproveClientCertificate>(),
        entry::entry::<get::GetCertificate>(),
        entry::entry::<get_client::GetClientCertificate>(),
        entry::entry::<get_token::GetJoinToken>(),
        entry::entry::<new_client::NewClientCertificate>(),
        entry::entry::<new_token::NewJoinToken>(),
        entry::entry::<remove_token::RemoveJoinToken>(),
        entry::entry::<revoke::RevokeCertificate>(),
        entry::entry::<revoke_client::RevokeClientCertificate>(),
    ]
}

/// The signature of a cmdlet of ours.
fn signature(name: &str, should_process: bool, parameters: Vec<ParameterSpec>) -> CmdletSpec {
    CmdletSpec { name: name.into(), should_process, parameters, ..CmdletSpec::default() }
}

/// A text that an object of the pipeline may have as a property.
fn by_property(name: &str, doc_type: &str, position: Option<i32>, mandatory: bool) -> ParameterSpec {
    let role = SetMembership { position, mandatory, by_property_name: true, ..SetMembership::default() };
    ParameterSpec { sets: vec![role], ..ours(name, ParameterType::String, doc_type) }
}

/// What was given, and not as an empty cell of a table.
fn given(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}
