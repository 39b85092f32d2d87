//! The front end, measured against what PowerShell makes of the same texts.

mod mixed;
mod oracle;
mod support;
