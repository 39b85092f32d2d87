//! The cmdlets at the end of a pipeline: layouts for the eye, text, files, JSON, CSV and HTML.

mod clixml;
mod columns;
mod convert_from_csv;
mod convert_from_json;
mod convert_to_csv;
mod convert_to_html;
mod convert_to_json;
mod csv;
mod encoding;
mod export_csv;
pub(crate) mod file;
mod format_custom;
mod format_list;
mod format_table;
mod format_wide;
mod import_csv;
pub(crate) mod lines;
mod out_file;
mod out_host;
mod out_null;
mod out_string;
#[cfg(test)]
mod tests;

use crate::cmdlet::CmdletEntry;
use crate::cmdlet::entry::object_entry;

/// Every cmdlet of this folder.
pub fn all() -> Vec<CmdletEntry> {
    vec![
        object_entry::<format_table::FormatTable>(),
        object_entry::<format_list::FormatList>(),
        object_entry::<format_wide::FormatWide>(),
        object_entry::<format_custom::FormatCustom>(),
        object_entry::<out_string::OutString>(),
        object_entry::<out_null::OutNull>(),
        object_entry::<out_host::OutHost>(),
        object_entry::<out_file::OutFile>(),
        object_entry::<convert_to_json::ConvertToJson>(),
        object_entry::<convert_from_json::ConvertFromJson>(),
        object_entry::<convert_to_csv::ConvertToCsv>(),
        object_entry::<convert_from_csv::ConvertFromCsv>(),
        object_entry::<export_csv::ExportCsv>(),
        object_entry::<import_csv::ImportCsv>(),
        object_entry::<convert_to_html::ConvertToHtml>(),
        object_entry::<clixml::ExportClixml>(),
        object_entry::<clixml::ImportClixml>(),
        object_entry::<clixml::ConvertToClixml>(),
        object_entry::<clixml::ConvertFromClixml>(),
    ]
}
