//! Logs that parted: what only one has is kept, taken back, and both are the same again.

use super::super::{Mode, Puller, sync_once};
use super::{Place, Wire, entries, grant, json_of, role, set, until};
use crate::store::{Placed, Role, Store};
use proptest::prelude::*;
use serde_json::json;
use std::time::Duration;

/// Rule: a former master that comes back loses nothing silently: what only it has is in a file, complete, before it is
/// taken back; then it is the same as the new one. The file is named in the status, over a restart too.
#[tokio::test(flavor = "multi_thread")]
async fn a_former_master_keeps_what_nobody_else_has() {
    let wire = Wire::default();
    let (old, new) = (Place::active(&wire, "old"), Place::new(&wire, "new", Duration::ZERO));
    let store = old.store();
    for n in 0..100 {
        set(&store, &format!("D{}", n % 7), n);
    }
    new.sync(&old).await.unwrap();
    assert_eq!(new.dump(), old.dump());
    // These nobody else gets.
    set(&store, "D1", 1_000);
    store.record(&grant().entry("AccessDenied")).unwrap();
    set(&store, "Only here", 1_001);
    let only_here = entries(&store, 100);
    let taken = new.store();
    taken.promote(&grant(), 2, 102, &[]).unwrap();
    set(&taken, "D1", 2_000);
    // It takes nothing before it stands by, and the other is told by its question that it is over.
    assert_eq!(old.sync(&new).await.unwrap_err().id(), "StoreNotStandby");
    role(&new, Role::Standby);
    assert_eq!(new.sync(&old).await.unwrap_err().id(), "EpochOver");
    role(&new, Role::Active);
    assert_eq!(old.newer.lock().unwrap().first(), Some(&(2, "new".to_string())));
    role(&old, Role::Standby);
    let status = old.sync(&new).await.unwrap();
    assert_eq!(old.dump(), new.dump());
    assert_eq!((status.pulled.taken_back, status.pulled.rows, status.highest_epoch), (3, 2, 2));
    let kept = status.unsent.unwrap();
    assert_eq!((kept.after, kept.rows, kept.changes, kept.versions), (100, 3, 2, (101, 102)));
    assert_eq!(old.unsent(), std::slice::from_ref(&kept.file));
    let file = json_of(&kept.file);
    assert_eq!((&file["AfterRow"], &file["Epoch"], &file["LastHash"]), (&json!(100), &json!(1), &json!(kept.hash)));
    let rows = file["Rows"].as_array().unwrap();
    assert_eq!(rows.len(), only_here.len());
    for (row, entry) in rows.iter().zip(&only_here) {
        assert_eq!((&row["Sequence"], &row["Hash"]), (&json!(entry.row.sequence), &json!(entry.row.hash)));
        assert_eq!((&row["Principal"], &row["Cmdlet"]), (&json!(entry.row.principal), &json!(entry.row.cmdlet)));
        for (document, had) in row["Documents"].as_array().unwrap().iter().zip(&entry.documents) {
            assert_eq!((&document["Key"], document.get("Body")), (&json!(&*had.id.key), had.body.as_ref()));
        }
    }
    // Later syncs find nothing to do, and name the file still.
    let again = old.sync(&new).await.unwrap();
    assert_eq!((again.unsent, again.pulled.rows, again.pulled.questions), (Some(kept.clone()), 0, 1));
    std::fs::remove_file(&kept.file).unwrap();
    assert_eq!(old.sync(&new).await.unwrap().unsent, None);
}

/// Rule: before it takes over a place takes what another one that stands by has more of the same history, and nothing of a
/// history that parted.
#[tokio::test(flavor = "multi_thread")]
async fn a_place_catches_up_from_another_standby() {
    let wire = Wire::default();
    let (source, one, two) =
        (Place::active(&wire, "a"), Place::new(&wire, "b", Duration::ZERO), Place::new(&wire, "c", Duration::ZERO));
    set(&source.store(), "A", 1);
    two.sync(&source).await.unwrap();
    set(&source.store(), "A", 2);
    one.sync(&source).await.unwrap();
    assert_eq!(two.sync(&one).await.unwrap_err().id(), "StoreNotActive");
    sync_once(&two.options("b", false), Mode::CATCH_UP).await.unwrap();
    assert_eq!(two.dump(), source.dump());
    for place in [&one, &two] {
        role(place, Role::Active);
        set(&place.store(), place.name.as_str(), 3);
        role(place, Role::Standby);
    }
    let before = two.dump();
    let parted = sync_once(&two.options("b", false), Mode::CATCH_UP).await.unwrap_err();
    assert_eq!((parted.id(), two.dump() == before, two.unsent().len()), ("HistoriesParted", true, 0));
}

/// Rule: a follower that is at work goes on by itself when another place has taken over, and stops when it takes over.
#[tokio::test(flavor = "multi_thread")]
async fn a_follower_goes_over_with_the_database() {
    let wire = Wire::default();
    let (old, new, third) = (
        Place::active(&wire, "old"),
        Place::new(&wire, "new", Duration::ZERO),
        Place::new(&wire, "third", Duration::ZERO),
    );
    set(&old.store(), "A", 1);
    new.sync(&old).await.unwrap();
    let active = std::sync::Arc::new(std::sync::Mutex::new("old".to_string()));
    let mut options = third.options("old", false);
    let named = active.clone();
    options.source = std::sync::Arc::new(move || Some(named.lock().unwrap().clone()));
    let puller = Puller::follow(options);
    until("it follows", || puller.status().position.is_some_and(|position| position.sequence == 1)).await;
    // Only the one that is lost and the third have this.
    set(&old.store(), "Lost", 1);
    until("it has that too", || puller.status().position.is_some_and(|position| position.sequence == 2)).await;
    new.store().promote(&grant(), 2, 9, &[]).unwrap();
    *active.lock().unwrap() = "new".into();
    old.feeds.end();
    until("it goes over", || third.dump() == new.dump()).await;
    until("it says what it kept", || puller.status().unsent.is_some()).await;
    third.store().promote(&grant(), 3, 0, &[]).unwrap();
    set(&third.store(), "Own", 1);
    let mut watch = puller.watch();
    until("it ends", || watch.has_changed().is_err()).await;
    drop(watch.borrow_and_update());
    assert_eq!(third.store().version().unwrap(), 12);
}

/// What random places do.
#[derive(Clone, Debug)]
enum Deed {
    /// The active one of them changes something; one that believes that it is active still does too.
    Write(usize, u8),
    /// One follows the newest.
    Sync(usize),
    /// One takes over, in the next epoch.
    Promote(usize),
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (0..3usize, 0..5u8).prop_map(|(who, what)| Deed::Write(who, what)),
        2 => (0..3usize).prop_map(Deed::Sync),
        1 => (0..3usize).prop_map(Deed::Promote),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 100, ..ProptestConfig::default() })]

    /// Rule: whoever took over while others wrote on, once all follow the last one they are the same, and each row that
    /// somebody had to take back is in a file of that place.
    #[test]
    fn all_places_come_together(deeds in proptest::collection::vec(deed(), 1..24)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(async {
            let wire = Wire::default();
            let places = ["a", "b", "c"].map(|name| Place::active(&wire, name));
            for place in &places[1..] {
                role(place, Role::Standby);
            }
            let (mut newest, mut epoch, mut taken_back) = (0, 1, [0u64; 3]);
            for deed in deeds {
                match deed {
                    Deed::Write(who, what) => {
                        let store = places[who].store();
                        if store.role().unwrap() == Role::Active {
                            set(&store, &format!("D{what}"), usize::from(what));
                        }
                    }
                    Deed::Promote(who) => {
                        epoch += 1;
                        places[who].store().promote(&grant(), epoch, 0, &[]).unwrap();
                        newest = who;
                    }
                    Deed::Sync(who) if who != newest => {
                        role(&places[who], Role::Standby);
                        taken_back[who] += places[who].sync(&places[newest]).await.unwrap().pulled.taken_back;
                    }
                    Deed::Sync(_) => {}
                }
            }
            for who in (0..3).filter(|who| *who != newest) {
                role(&places[who], Role::Standby);
                taken_back[who] += places[who].sync(&places[newest]).await.unwrap().pulled.taken_back;
                assert_eq!(places[who].dump(), places[newest].dump());
                assert!(places[who].store().verify_audit().unwrap().fault.is_none());
            }
            for (who, place) in places.iter().enumerate() {
                let rows: usize = place.unsent().iter().map(|file| json_of(file)["Rows"].as_array().unwrap().len()).sum();
                assert_eq!(rows as u64, taken_back[who]);
            }
        });
    }
}
