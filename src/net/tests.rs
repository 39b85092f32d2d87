//! Tests of what goes between two ends.
