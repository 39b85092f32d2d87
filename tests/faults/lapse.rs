//! A server that did not run for a while.

use super::{MASTER, Site};
use reeve::env::Awake;
use reeve::host::Options;
use reeve::store::{Change, DocumentId, Expected, Grant};
use reeve::topology::Database;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

const REDMOND: &str = "redmond-cs-001.litwareinc.com";
/// The thread that makes the change.
const WRITER: &str = "writer";

/// Rule: a change of the store that is written when the computer falls asleep is not acknowledged when it wakes after
/// another was promoted: it asks first.
#[test]
fn a_change_across_a_sleep_is_not_acknowledged_unasked() {
    let mut site = Site::new(&[MASTER]);
    // It sleeps when the change is on the disk and the acknowledgement is due, and Redmond takes over meanwhile.
    let node: Arc<OnceLock<std::sync::Weak<reeve::host::Node>>> = Arc::default();
    let (slept, sleeper) = (Arc::new(AtomicBool::new(false)), node.clone());
    let awake = Arc::new(Awake::by(Box::new(move || {
        let falls_asleep = std::thread::current().name() == Some(WRITER);
        if falls_asleep && !slept.swap(true, Ordering::SeqCst) {
            let place = sleeper.get().unwrap().upgrade().unwrap().places().unwrap().of(&Database::CentralMgmt).unwrap();
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            runtime.block_on(place.heard_of(REDMOND, 99));
        }
        Duration::from_secs(if slept.load(Ordering::SeqCst) { 60 } else { 0 })
    })));
    site.start_with(MASTER, |options| Options { awake: awake.clone(), ..options });
    site.up_to_date(&[MASTER]);
    node.set(Arc::downgrade(site.server(MASTER).node())).unwrap();

    let open = site.server(MASTER).node().clone();
    let writes = move || {
        let deployment = open.deployment().unwrap();
        let id = DocumentId::new("Noise", "Global", "slept");
        let body = Some(serde_json::json!({ "Noise": "slept" }));
        let changes = [Change { id, expected: Expected::Any, body }];
        deployment.store().commit(&Grant::system("test"), &changes).map_err(|error| error.id().to_string())
    };
    let written = std::thread::Builder::new().name(WRITER.into()).spawn(writes).unwrap().join().unwrap();
    assert_eq!(written, Err("EpochOver".to_string()));
}
