//! Who may do what where: principals, roles, scopes, and the one `authorize`.
//!
//! Nothing is allowed unless a role that the principal holds through a group has the cmdlet, and its scopes have the
//! place. The owner of the files is administrator. Every denial goes into the audit log.

mod delegate;
mod gate;
mod place;
mod principal;
mod question;
mod role;
mod roles;
mod rules;
#[cfg(test)]
mod tests;

pub use delegate::check_given;
pub use gate::{Gate, authorize};
pub use place::{ConfigScope, Place, UserScope};
pub use principal::Principal;
pub use question::{Decision, decide, lacks, may_run_anywhere};
pub use role::{KIND, Role, document_id, sorted};
pub use roles::Roles;
pub use rules::{delegable, family, is_known, is_reserved, names};
