//! The driver over works that are made up, the states, and who takes what from whom.
