//! The front end, measured against what PowerShell makes of the same texts.

mod oracle;
mod support;
