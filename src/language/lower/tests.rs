//! Lowered texts of trees made by hand and of small scripts.
