//! The store beside a model of it: whatever is done, both say the same.

use proptest::prelude::*;
use reeve::store::{Change, DocumentId, Expected, Grant, SqliteStore, Store};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a document was, version by version; `None` is a tombstone.
type Model = BTreeMap<u8, Vec<(u64, Option<Value>)>>;

#[derive(Clone, Debug)]
struct Step {
    document: u8,
    expected: Expected,
    body: Option<i64>,
}

fn step() -> impl Strategy<Value = Step> {
    let expected = prop_oneof![
        3 => Just(Expected::Any),
        1 => Just(Expected::Absent),
        2 => (1_u64..12).prop_map(Expected::Version),
    ];
    (0_u8..4, expected, proptest::option::weighted(0.7, any::<i64>())).prop_map(|(document, expected, body)| Step {
        document,
        expected,
        body,
    })
}

fn id(document: u8) -> DocumentId {
    DocumentId::new(if document.is_multiple_of(2) { "Even" } else { "Odd" }, "Global", &document.to_string())
}

fn live(model: &Model, document: u8) -> Option<(u64, &Value)> {
    let (version, body) = model.get(&document)?.last()?;
    Some((*version, body.as_ref()?))
}

/// Applies one commit to the model; `false` if a step conflicts, and then nothing is changed.
fn apply(model: &mut Model, version: &mut u64, steps: &[Step]) -> bool {
    let fits = |step: &Step| match (step.expected, live(model, step.document)) {
        (Expected::Any, _) | (Expected::Absent, None) => true,
        (Expected::Version(wanted), Some((version, _))) => wanted == version,
        _ => false,
    };
    if !steps.iter().all(fits) {
        return false;
    }
    let moves: Vec<&Step> = steps.iter().filter(|s| s.body.is_some() || live(model, s.document).is_some()).collect();
    *version += u64::from(!moves.is_empty());
    for step in moves {
        model.entry(step.document).or_default().push((*version, step.body.map(|n| json!({ "N": n }))));
    }
    true
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_store_does_as_its_model(commits in proptest::collection::vec(proptest::collection::vec(step(), 1..3), 1..14)) {
        let store = SqliteStore::in_memory().unwrap();
        let grant = Grant::system("test");
        let (mut model, mut version) = (Model::new(), 0);
        for mut steps in commits {
            steps.sort_by_key(|step| step.document);
            steps.dedup_by_key(|step| step.document);
            let changes: Vec<Change> = steps
                .iter()
                .map(|s| Change { id: id(s.document), expected: s.expected, body: s.body.map(|n| json!({ "N": n })) })
                .collect();
            let before = version;
            let done = store.commit(&grant, &changes);
            if apply(&mut model, &mut version, &steps) {
                prop_assert_eq!(done.unwrap(), version);
            } else {
                let conflict = done.unwrap_err();
                prop_assert_eq!(conflict.id(), "StoreConflict");
            }
            prop_assert_eq!(store.version().unwrap(), version);
            let since: Vec<_> = store.since(before).unwrap().into_iter().map(|d| (d.id, d.version, d.body)).collect();
            let moved = |(document, versions): (&u8, &Vec<(u64, Option<Value>)>)| {
                let (at, body) = versions.last()?;
                (*at > before).then(|| (id(*document), *at, body.clone()))
            };
            let mut expected: Vec<_> = model.iter().filter_map(moved).collect();
            expected.sort_by_key(|(id, version, _)| (*version, id.to_string().to_lowercase()));
            prop_assert_eq!(since, expected);
        }
        for document in 0..4 {
            let found = store.get(&id(document)).unwrap().map(|d| (d.version, d.body));
            prop_assert_eq!(found, live(&model, document).map(|(at, body)| (at, Some(body.clone()))));
            let history: Vec<_> = store.history(&id(document)).unwrap().into_iter().map(|d| (d.version, d.body)).collect();
            let versions: Vec<_> = model.get(&document).cloned().unwrap_or_default().into_iter().rev().collect();
            prop_assert_eq!(history, versions);
        }
        let listed = store.list("even").unwrap().len() + store.list("ODD").unwrap().len();
        prop_assert_eq!(listed, (0..4).filter(|document| live(&model, *document).is_some()).count());
        prop_assert_eq!(store.verify_audit().unwrap().fault, None);
    }
}
