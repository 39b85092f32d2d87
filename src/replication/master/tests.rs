//! The rules of the master, one by one.
