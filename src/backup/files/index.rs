//! The index of a tree: what was last synchronised, in an SQLite database beside the tree. What it says is durable.

use super::blocks::Signature;
use super::path::TreePath;
use super::row::{Hash, Known, Mutation, Row, Rows, Stamp, drop_tree, move_tree, within};
use super::trouble::{self, protocol};
use super::wire::{Reader, put_path, put_row};
use crate::error::{Category, ErrorRecord};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;

/// Form of the database.
const FORMAT: i64 = 1;
/// The mark (SQLite's `application_id`) of an index that took part in a synchronisation.
const SETTLED: i64 = 1;

const SCHEMA: &str = "
CREATE TABLE entries (path BLOB PRIMARY KEY, row BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE known (path BLOB PRIMARY KEY, inode INTEGER NOT NULL, ctime INTEGER NOT NULL, mtime INTEGER NOT NULL,
                    size INTEGER NOT NULL, hash BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE signatures (hash BLOB PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE journal (number INTEGER PRIMARY KEY, mutation BLOB NOT NULL);
";

/// The index of a tree, held by one synchronisation at a time.
pub struct Index {
    database: Connection,
    /// What is synchronised.
    pub rows: Rows,
    /// What was seen of this end's own copy.
    pub known: BTreeMap<TreePath, Known>,
    /// Contents that changes since the last commit have replaced.
    replaced: HashSet<Hash>,
    /// It bears the mark.
    settled: bool,
}

impl Index {
    /// Opens the index, or makes it.
    ///
    /// # Errors
    /// `FileSyncBusy`: another synchronisation of this tree is under way; `FileSyncIndex`.
    pub fn open(path: &Path) -> Result<Index, ErrorRecord> {
        let database = Connection::open(path).map_err(trouble::index)?;
        restrict(path);
        // Exclusive from the first access to the end: two synchronisations of one tree would undo each other.
        database.pragma_update(None, "locking_mode", "EXCLUSIVE").map_err(trouble::index)?;
        database.pragma_update(None, "journal_mode", "WAL").map_err(trouble::index)?;
        database.pragma_update(None, "synchronous", "FULL").map_err(trouble::index)?;
        database.execute_batch("BEGIN IMMEDIATE").map_err(trouble::index)?;
        let format: i64 = database.query_row("PRAGMA user_version", [], |r| r.get(0)).map_err(trouble::index)?;
        match format {
            0 => {
                database.execute_batch(SCHEMA).map_err(trouble::index)?;
                database.pragma_update(None, "user_version", FORMAT).map_err(trouble::index)?;
            }
            FORMAT => {}
            other => {
                let message = format!("the index of the file tree has form {other}, this program knows {FORMAT}");
                return Err(ErrorRecord::new("FileSyncIndexNewer", Category::InvalidData, message)
                    .hint("use the program that wrote it, or a newer one"));
            }
        }
        let mark: i64 = database.query_row("PRAGMA application_id", [], |r| r.get(0)).map_err(trouble::index)?;
        database.execute_batch("COMMIT").map_err(trouble::index)?;
        let (rows, known, replaced, settled) = (Rows::new(), BTreeMap::new(), HashSet::new(), mark == SETTLED);
        let mut index = Index { database, rows, known, replaced, settled };
        index.load().map_err(trouble::index)?;
        Ok(index)
    }

    fn load(&mut self) -> rusqlite::Result<()> {
        let mut statement = self.database.prepare("SELECT path, row FROM entries ORDER BY path")?;
        let mut found = statement.query([])?;
        while let Some(entry) = found.next()? {
            let bytes = entry.get_ref(1)?.as_blob()?;
            // A row that cannot be read is not there: the ends compare and make it again.
            if let Ok(row) = Reader::new(bytes).row() {
                self.rows.insert(TreePath::from_stored(entry.get_ref(0)?.as_blob()?), row);
            }
        }
        let mut statement =
            self.database.prepare("SELECT path, inode, ctime, mtime, size, hash FROM known ORDER BY path")?;
        let mut found = statement.query([])?;
        while let Some(entry) = found.next()? {
            let stamp = Stamp {
                inode: entry.get::<_, i64>(1)? as u64,
                ctime: entry.get(2)?,
                mtime: entry.get(3)?,
                size: entry.get::<_, i64>(4)? as u64,
            };
            let hash = Hash::try_from(entry.get_ref(5)?.as_blob()?).unwrap_or_default();
            self.known.insert(TreePath::from_stored(entry.get_ref(0)?.as_blob()?), Known { stamp, hash });
        }
        Ok(())
    }

    /// Whether a synchronisation was ever agreed upon with it: it knows what was there, though that may have been nothing.
    pub fn remembers(&self) -> bool {
        self.settled || !self.rows.is_empty()
    }

    /// Remembers from now on, durable when it returns.
    pub fn settle(&mut self) -> Result<(), ErrorRecord> {
        if !self.settled {
            self.database.pragma_update(None, "application_id", SETTLED).map_err(trouble::index)?;
            self.settled = true;
        }
        Ok(())
    }

    /// Takes over what a scan saw, durable when it returns.
    pub fn saw(&mut self, known: BTreeMap<TreePath, Known>) -> Result<(), ErrorRecord> {
        if known == self.known {
            return Ok(());
        }
        let work = |database: &mut Connection, old: &BTreeMap<TreePath, Known>| {
            let transaction = database.transaction()?;
            for path in old.keys().filter(|path| !known.contains_key(path)) {
                transaction.prepare_cached("DELETE FROM known WHERE path = ?1")?.execute([path.stored()])?;
            }
            for (path, seen) in known.iter().filter(|(path, seen)| old.get(path) != Some(seen)) {
                put_known(&transaction, path, seen)?;
            }
            transaction.commit()
        };
        work(&mut self.database, &self.known).map_err(trouble::index)?;
        self.known = known;
        Ok(())
    }

    /// Says beforehand which changes the disk is about to see.
    pub fn intend(&mut self, mutations: &[Mutation]) -> Result<(), ErrorRecord> {
        let work = |database: &mut Connection| {
            let transaction = database.transaction()?;
            transaction.execute("DELETE FROM journal", [])?;
            for mutation in mutations {
                let mut statement = transaction.prepare_cached("INSERT INTO journal (mutation) VALUES (?1)")?;
                statement.execute([written(mutation)])?;
            }
            transaction.commit()
        };
        work(&mut self.database).map_err(trouble::index)
    }

    /// The changes that were under way when the last synchronisation was interrupted.
    pub fn intended(&self) -> Result<Vec<Mutation>, ErrorRecord> {
        let read = || {
            let mut statement = self.database.prepare("SELECT mutation FROM journal ORDER BY number")?;
            statement.query_map([], |r| r.get::<_, Vec<u8>>(0))?.collect::<rusqlite::Result<Vec<_>>>()
        };
        read().map_err(trouble::index)?.iter().map(|bytes| mutation(bytes)).collect()
    }

    /// Begins changes that become durable together with [`Index::commit`]. An index with changes that were begun and
    /// not committed must not be used on; on the disk it is as before.
    pub fn begin(&mut self) -> Result<(), ErrorRecord> {
        self.replaced.clear();
        self.database.execute_batch("BEGIN IMMEDIATE").map_err(trouble::index)
    }

    /// Makes a change. With `own` what is known of this end's own copy changes with it.
    pub fn apply(&mut self, mutation: &Mutation, own: bool) -> Result<(), ErrorRecord> {
        self.write(mutation, if own { &["entries", "known"] } else { &["entries"] }).map_err(trouble::index)?;
        if own {
            match mutation {
                Mutation::Put(..) => {}
                Mutation::Drop(path) => {
                    drop_tree(&mut self.known, path);
                }
                Mutation::Move(from, to) => {
                    drop_tree(&mut self.known, to);
                    move_tree(&mut self.known, from, to);
                }
            }
        }
        mutation.apply(&mut self.rows);
        Ok(())
    }

    fn write(&mut self, mutation: &Mutation, tables: &[&str]) -> rusqlite::Result<()> {
        let (Mutation::Put(place, _) | Mutation::Drop(place) | Mutation::Move(_, place)) = mutation;
        for (_, row) in within(&self.rows, place) {
            self.replaced.extend(row.file().map(|(_, hash)| *hash));
        }
        match mutation {
            Mutation::Put(path, row) => {
                let mut bytes = Vec::new();
                put_row(&mut bytes, row);
                let text = "INSERT OR REPLACE INTO entries (path, row) VALUES (?1, ?2)";
                self.database.prepare_cached(text)?.execute(params![path.stored(), bytes])?;
            }
            Mutation::Drop(path) => {
                for table in tables {
                    drop_rows(&self.database, table, path)?;
                }
            }
            Mutation::Move(from, to) => {
                for table in tables {
                    drop_rows(&self.database, table, to)?;
                    let moved = format!("UPDATE {table} SET path = ?1 WHERE path = ?2");
                    for (path, _) in within(&self.rows, from) {
                        let mut statement = self.database.prepare_cached(&moved)?;
                        statement.execute([path.rebase(from, to).stored(), path.stored()])?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Remembers what was seen of this end's own copy.
    pub fn remember(&mut self, path: &TreePath, known: Known) -> Result<(), ErrorRecord> {
        put_known(&self.database, path, &known).map_err(trouble::index)?;
        self.known.insert(path.clone(), known);
        Ok(())
    }

    /// Keeps the signature of a content.
    pub fn sign(&mut self, hash: &Hash, signature: &Signature) -> Result<(), ErrorRecord> {
        let write = || {
            let text = "INSERT OR IGNORE INTO signatures (hash, data) VALUES (?1, ?2)";
            self.database.prepare_cached(text)?.execute(params![&hash[..], signature.to_bytes()])
        };
        write().map_err(trouble::index)?;
        Ok(())
    }

    /// Makes the changes since [`Index::begin`] durable; the journal is done with, and signatures of contents that
    /// are no more go.
    pub fn commit(&mut self) -> Result<(), ErrorRecord> {
        let mut replaced = std::mem::take(&mut self.replaced);
        if !replaced.is_empty() {
            for hash in self.rows.values().filter_map(Row::file).map(|(_, hash)| hash) {
                replaced.remove(hash);
            }
        }
        let write = || {
            for hash in &replaced {
                self.database.prepare_cached("DELETE FROM signatures WHERE hash = ?1")?.execute([&hash[..]])?;
            }
            self.database.execute("DELETE FROM journal", [])?;
            self.database.execute_batch("COMMIT")
        };
        write().map_err(trouble::index)
    }

    /// Empties it, durable when it returns. That it took part before stays known.
    pub fn forget(&mut self) -> Result<(), ErrorRecord> {
        if self.remembers() {
            self.settle()?;
        }
        let text = "BEGIN IMMEDIATE; DELETE FROM entries; DELETE FROM known; DELETE FROM signatures; \
                    DELETE FROM journal; COMMIT";
        self.database.execute_batch(text).map_err(trouble::index)?;
        self.rows.clear();
        self.known.clear();
        Ok(())
    }

    /// Takes over what the other end holds to be synchronised.
    pub fn replace(&mut self, rows: Rows) -> Result<(), ErrorRecord> {
        let mut mutations: Vec<Mutation> = Vec::new();
        for path in self.rows.keys().filter(|path| !rows.contains_key(path)) {
            mutations.push(Mutation::Drop(path.clone()));
        }
        for (path, row) in rows.iter().filter(|(path, row)| self.rows.get(path) != Some(row)) {
            mutations.push(Mutation::Put(path.clone(), row.clone()));
        }
        self.begin()?;
        for mutation in &mutations {
            self.apply(mutation, false)?;
        }
        self.commit()
    }

    /// The signature of a content; `None` if it is not known.
    pub fn signature(&self, hash: &Hash) -> Result<Option<Signature>, ErrorRecord> {
        let read = || {
            let mut statement = self.database.prepare_cached("SELECT data FROM signatures WHERE hash = ?1")?;
            statement.query_row([&hash[..]], |r| r.get::<_, Vec<u8>>(0)).optional()
        };
        Ok(read().map_err(trouble::index)?.and_then(|bytes| Signature::from_bytes(&bytes)))
    }

    /// Of which contents there are signatures.
    pub fn signed(&self) -> Result<HashSet<Hash>, ErrorRecord> {
        let read = || {
            let mut statement = self.database.prepare("SELECT hash FROM signatures")?;
            let mut all = HashSet::new();
            let mut found = statement.query([])?;
            while let Some(row) = found.next()? {
                all.extend(Hash::try_from(row.get_ref(0)?.as_blob()?).ok());
            }
            Ok(all)
        };
        read().map_err(trouble::index)
    }
}

fn put_known(database: &Connection, path: &TreePath, known: &Known) -> rusqlite::Result<()> {
    let Known { stamp, hash } = known;
    let mut statement = database.prepare_cached("INSERT OR REPLACE INTO known VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let (inode, size) = (stamp.inode as i64, stamp.size as i64);
    statement.execute(params![path.stored(), inode, stamp.ctime, stamp.mtime, size, &hash[..]])?;
    Ok(())
}

/// Removes the rows of a place and of all below it.
fn drop_rows(database: &Connection, table: &str, path: &TreePath) -> rusqlite::Result<()> {
    // Below `a` are the paths from `a` NUL up to `a` SOH.
    let (begin, end) = ([path.stored(), &[0]].concat(), [path.stored(), &[1]].concat());
    let text = format!("DELETE FROM {table} WHERE path = ?1 OR (path >= ?2 AND path < ?3)");
    database.prepare_cached(&text)?.execute(params![path.stored(), begin, end])?;
    Ok(())
}

fn written(mutation: &Mutation) -> Vec<u8> {
    let mut out = Vec::new();
    match mutation {
        Mutation::Put(path, row) => {
            out.push(0);
            put_path(&mut out, path);
            put_row(&mut out, row);
        }
        Mutation::Move(from, to) => {
            out.push(1);
            put_path(&mut out, from);
            put_path(&mut out, to);
        }
        Mutation::Drop(path) => {
            out.push(2);
            put_path(&mut out, path);
        }
    }
    out
}

fn mutation(bytes: &[u8]) -> Result<Mutation, ErrorRecord> {
    let mut reader = Reader::new(bytes);
    Ok(match reader.byte()? {
        0 => Mutation::Put(reader.path()?, reader.row()?),
        1 => Mutation::Move(reader.path()?, reader.path()?),
        2 => Mutation::Drop(reader.path()?),
        _ => return Err(protocol("the journal of the index holds something else")),
    })
}

/// Names of files may be secrets: the index is its owner's alone, and SQLite gives its log the mode of the database.
fn restrict(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    if std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).is_err() {
        tracing::debug!(path = %path.display(), "the mode of the index could not be set");
    }
}
