//! The engine of the log.
