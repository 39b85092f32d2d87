//! Tee-Object: passes objects on, and keeps them in a file or a variable too.

use super::input;
use super::signature::Signature;
use crate::cmdlet::spec::{CmdletSpec, ParameterType};
use crate::cmdlet::{Bound, Context, Example, ObjectCmdlet, Run};
use crate::error::{Category, ErrorRecord, Halt};
use crate::value::Value;

/// Tee-Object.
#[derive(Default)]
pub struct TeeObject {
    kept: Vec<Value>,
}
