//! Help: pages made of a cmdlet's signature and of the texts in `stdlib/help/<locale>`.

pub mod labels;
pub mod locale;
pub mod page;
pub mod render;
pub mod syntax;
#[cfg(test)]
mod tests;
pub mod texts;
mod wrap;

pub use locale::Locale;
pub use page::{Page, ParameterHelp};
pub use render::{View, render};
