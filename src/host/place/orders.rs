//! Orders that the target of a failover gives to the places of its database, as they travel.

use crate::failover::{PlaceOrder, Underway};
use serde::{Deserialize, Serialize};

/// An order on its way: `POST /v1/place/<database>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub enum Travelling {
    /// Take no more changes.
    Close(Underway),
    /// Take changes again.
    Reopen {
        /// Which failover.
        failover: String,
    },
    /// Follow the computer that serves now.
    Release {
        /// Which failover.
        failover: String,
        /// The computer that serves now.
        computer: String,
        /// Its epoch.
        epoch: u64,
    },
}

impl Travelling {
    /// The computer that alone may give it: the target of the failover. What opens a place again is asked of the machine,
    /// which knows for whom it is closed.
    pub fn giver(&self) -> Option<&str> {
        match self {
            Travelling::Close(underway) => Some(&underway.target),
            Travelling::Release { computer, .. } => Some(computer),
            Travelling::Reopen { .. } => None,
        }
    }
}

impl From<Travelling> for PlaceOrder {
    fn from(order: Travelling) -> PlaceOrder {
        match order {
            Travelling::Close(underway) => PlaceOrder::Close(underway),
            Travelling::Reopen { failover } => PlaceOrder::Reopen { failover },
            Travelling::Release { failover, computer, epoch } => PlaceOrder::Release { failover, computer, epoch },
        }
    }
}
