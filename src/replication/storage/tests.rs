//! What a replica promises.
