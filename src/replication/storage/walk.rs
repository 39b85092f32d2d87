//! The rows of a replica in the order of their ids, beside a full snapshot, which mostly brings documents in the order in
//! which they came here once: then one reading of the table finds all of them, and none is looked up.

use rusqlite::Connection;
use std::collections::VecDeque;

/// Most rows that are read ahead, and most bytes of bodies, but for one row, which may be of any size.
const AHEAD: usize = 64;
const BYTES: usize = 256 * 1024;

/// A row as it is.
pub(super) struct Row {
    pub id: i64,
    pub name: String,
    pub version: i64,
    pub kind: String,
    pub scope: String,
    pub key: String,
    pub body: String,
}

/// Goes through the rows.
pub(super) struct Walk {
    rows: VecDeque<Row>,
    /// The row that was found last.
    at: i64,
    /// How many rows are read ahead next: few after a surprise, more as long as there is none.
    take: usize,
    /// Whether the next row is worth a look.
    walks: bool,
}

impl Default for Walk {
    fn default() -> Walk {
        Walk { rows: VecDeque::new(), at: i64::MIN, take: 1, walks: true }
    }
}

impl Walk {
    /// The next row, if it has this name.
    pub fn next(&mut self, connection: &Connection, name: &str) -> rusqlite::Result<Option<Row>> {
        if self.rows.is_empty() && self.walks {
            self.read(connection)?;
        }
        if self.rows.front().is_none_or(|row| row.name != name) {
            return Ok(None);
        }
        let row = self.rows.pop_front();
        self.at = row.as_ref().map_or(self.at, |row| row.id);
        Ok(row)
    }

    /// The row was not the next one, and has been looked up: it goes on from there, unless that goes back.
    pub fn found(&mut self, row: i64) {
        self.walks = row > self.at;
        self.at = row;
        self.written();
    }

    /// Something was written: what was read ahead may no longer be so.
    pub fn written(&mut self) {
        self.rows.clear();
        self.take = 1;
    }

    fn read(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let sql = "SELECT id, name, version, kind, scope, key, body FROM documents WHERE id > ?1 ORDER BY id";
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query([self.at])?;
        let mut bytes = 0;
        while self.rows.len() < self.take && bytes < BYTES {
            let Some(row) = rows.next()? else {
                self.walks = !self.rows.is_empty();
                break;
            };
            let body: String = row.get(6)?;
            bytes += body.len();
            let (id, name, version) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let (kind, scope, key) = (row.get(3)?, row.get(4)?, row.get(5)?);
            self.rows.push_back(Row { id, name, version, kind, scope, key, body });
        }
        self.take = (self.take * 2).min(AHEAD);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Package, all, document, open};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        /// Rule: a full snapshot leads to what it says, in whatever order it comes, whatever was there; of a document that
        /// comes twice the last counts.
        #[test]
        fn any_order_leads_to_the_same(snapshots in proptest::collection::vec(
            proptest::collection::vec((0..120u64, 0..3u64, any::<bool>()), 0..200), 1..5
        )) {
            let folder = tempfile::tempdir().unwrap();
            let mut db = open(folder.path());
            for (at, mut snapshot) in snapshots.into_iter().enumerate() {
                if at % 2 == 0 {
                    // Mostly in order, as it comes.
                    snapshot.sort_by_key(|(n, _, odd)| (*odd, *n));
                }
                let body = |n: u64| format!("{{\"N\":{n}}}");
                let documents: Vec<_> =
                    snapshot.iter().map(|(n, body_of, _)| document(&format!("k{n}"), 1 + n % 7, Some(&body(*body_of)))).collect();
                let expected: BTreeMap<String, (u64, String)> =
                    snapshot.iter().map(|(n, body_of, _)| (format!("k{n}"), (1 + n % 7, body(*body_of)))).collect();
                Package::new(1, None, 10 + at as u64, &documents).apply(&mut db).unwrap();
                let mut expected: Vec<_> = expected.into_iter().map(|(key, (version, body))| (key, version, body)).collect();
                expected.sort();
                prop_assert_eq!(all(&db), expected);
            }
        }
    }
}
