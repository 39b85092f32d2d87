//! Calls between two threads, without a network.
