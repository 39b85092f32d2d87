//! The front end, measured against what PowerShell makes of the same texts.

mod diagnostics;
mod mixed;
mod oracle;
mod robust;
mod support;
