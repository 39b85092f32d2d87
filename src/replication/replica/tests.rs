//! The rules of the replica, one by one.
