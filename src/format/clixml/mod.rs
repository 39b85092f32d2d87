//! CLIXML: objects as PowerShell's XML keeps them, with the types of their values, both ways.
//!
//! What comes back from a file is what it was for values, tables and lists; an object of another type comes back as
//! `Deserialized.TYPE`, its properties without what stood behind them.

mod read;
#[cfg(test)]
mod tests;
mod text;
mod write;

pub use read::read;
pub use write::Writer;

/// The name space of all elements.
const NAMESPACE: &str = "http://schemas.microsoft.com/powershell/2004/04";

/// Elements within elements, at most, when it is written and when it is read: far above what anybody keeps, and far
/// below what the stack holds. What lies deeper is written as its text.
const DEEPEST: usize = 100;

/// Where an object's own text is, which prints for it.
const TEXT: &str = " text";

/// What types of .NET derive from, apart from `System.Object`.
fn ancestors(name: &str) -> &'static [&'static str] {
    match name {
        "System.Object[]" => &["System.Array"],
        _ if name.starts_with("Selected.") => &["System.Management.Automation.PSCustomObject"],
        _ => &[],
    }
}
