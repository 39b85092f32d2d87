//! What a pool owns, and what becomes of it when the pool is lost: the documents of its users in the user store, the files
//! of its conferences in the file store, the pool's state.

pub mod conference;
mod control;
mod document;
mod preflight;
pub mod sample;
mod state;
mod store;

pub use control::{Control, DocumentChange, Order, Query};
pub use document::{KIND, LARGEST, UserDocument, What};
pub use preflight::{Edge, Facts, Way, conditions};
pub use state::{PoolState, STATE_KIND, partner};
pub use store::{LocalStore, change, list};
