//! Whether a change of the store concerns who is let in and which services run here: most do not, and what decides on
//! that (the topology, a thousand certificates) is not read for nothing.

use crate::deployment::certificates;
use crate::error::{Category, ErrorRecord};
use crate::failover;
use crate::pools;
use crate::store::{Document, Head, Store};
use crate::topology;
use crate::value::same_name;

/// Documents that are looked at one by one. Where more have changed, reading what decides is the smaller work.
const FEW: usize = 256;

/// Whether something that decides changed between `seen` and the head of a store whose changes can be had by version.
///
/// # Errors
/// Those of the store.
pub fn concerned(store: &dyn Store, seen: Head) -> Result<bool, ErrorRecord> {
    let head = store.head()?;
    if head.epoch != seen.epoch || head.version < seen.version {
        return Ok(true);
    }
    let decides = topology::document_id().kind;
    let (mut concerned, mut count) = (false, 0);
    let mut each = |document: Document| {
        count += 1;
        let kind = &*document.id.kind;
        concerned = count > FEW
            || [&*decides, certificates::KIND, failover::PLACEMENT, pools::STATE_KIND]
                .into_iter()
                .any(|k| same_name(kind, k));
        // An error ends the reading: nothing more needs to be known.
        if concerned { Err(ErrorRecord::new("Known", Category::NotSpecified, "")) } else { Ok(()) }
    };
    let read = store.read_after(Some(seen.version), &mut |_| Ok(()), &mut each);
    if concerned { Ok(true) } else { read.map(|()| false) }
}
