//! Messages go there and back, and nothing else is taken.

use super::*;
