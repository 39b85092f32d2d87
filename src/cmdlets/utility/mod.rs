//! The cmdlets of everyday use: dates, durations, writing to streams, waiting, chance.

mod accepted;
mod get_date;
mod get_error;
pub(in crate::cmdlets) mod get_module;
mod get_random;
mod import_module;
mod join_string;
mod matched;
mod measure_command;
mod new_guid;
mod new_time_span;
mod read_host;
mod secrets;
mod select_string;
mod select_xml;
mod start_sleep;
mod string_data;
mod surroundings;
mod test_connection;
#[cfg(test)]
mod tests;
mod transcript;
mod uformat;
mod write_error;
mod write_host;
mod write_output;
mod write_progress;
mod write_stream;

use crate::cmdlet::CmdletEntry;
use crate::cmdlet::entry::object_entry;

/// Every cmdlet of this folder.
pub fn all() -> Vec<CmdletEntry> {
    let own = vec![
        object_entry::<get_date::GetDate>(),
        object_entry::<new_time_span::NewTimeSpan>(),
        object_entry::<start_sleep::StartSleep>(),
        object_entry::<write_output::WriteOutput>(),
        object_entry::<write_error::WriteError>(),
        object_entry::<write_stream::WriteWarning>(),
        object_entry::<write_stream::WriteVerbose>(),
        object_entry::<write_stream::WriteDebug>(),
        object_entry::<write_stream::WriteInformation>(),
        object_entry::<write_host::WriteHost>(),
        object_entry::<write_progress::WriteProgress>(),
        object_entry::<get_random::GetRandom>(),
        object_entry::<new_guid::NewGuid>(),
        object_entry::<import_module::ImportModule>(),
        object_entry::<get_module::GetModule>(),
        object_entry::<join_string::JoinString>(),
        object_entry::<select_string::SelectString>(),
        object_entry::<read_host::ReadHost>(),
        object_entry::<secrets::ConvertToSecureString>(),
        object_entry::<secrets::ConvertFromSecureString>(),
        object_entry::<secrets::GetCredential>(),
        object_entry::<measure_command::MeasureCommand>(),
        object_entry::<transcript::StartTranscript>(),
        object_entry::<transcript::StopTranscript>(),
        object_entry::<transcript::ClearHost>(),
        object_entry::<get_error::GetError>(),
        object_entry::<select_xml::SelectXml>(),
        object_entry::<string_data::ConvertFromStringData>(),
        object_entry::<surroundings::GetCulture>(),
        object_entry::<surroundings::GetUiCulture>(),
        object_entry::<surroundings::GetHost>(),
        object_entry::<surroundings::GetPsCallStack>(),
        object_entry::<surroundings::GetUptime>(),
        object_entry::<surroundings::Pause>(),
        object_entry::<test_connection::TestConnection>(),
    ];
    own.into_iter().chain(accepted::all()).collect()
}
