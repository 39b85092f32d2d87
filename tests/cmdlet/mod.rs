//! The cmdlet runtime: binding against PowerShell's own answers, the registry walked, pipelines.

mod bind;
mod binding;
mod registry;
