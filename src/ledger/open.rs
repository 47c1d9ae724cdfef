//! Opening a ledger: for writing by one engine, for reading by anyone.

use std::fs;
use std::path::Path;
use std::time::Duration;

use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags};

use super::format::{self, Version};
use super::lock::Lock;
use super::names::Names;
use super::{Identity, Ledger, LedgerError, LedgerOutcome};

/// How long other programs (a backup, a shell) may keep the file locked.
const PATIENCE: Duration = Duration::from_secs(5);

/// More than there are statements.
const STATEMENTS: usize = 80;

/// Bytes of a page of a new ledger: a batch takes half as many of them as by default, each with its own entry in the write-ahead log.
const PAGE: u32 = 8192;

/// Pages after which the write-ahead log is folded in: 32 MiB.
const FOLDED: u32 = 4096;

/// FULL, since a commit that is lost although a store was written is a record made twice. 8 MiB of cache; the write-ahead log is cut
/// back to 64 after a large run.
const WRITING: &str = "
    PRAGMA synchronous = FULL;
    PRAGMA cache_size = -8192;
    PRAGMA journal_size_limit = 67108864;
    PRAGMA temp_store = MEMORY;";

const READING: &str = "
    PRAGMA query_only = TRUE;
    PRAGMA cache_size = -8192;
    PRAGMA temp_store = MEMORY;";

impl Ledger {
    /// Opens or makes the ledger and its folder, and holds it (a lock file beside it) until dropped. Migrates older versions.
    ///
    /// # Errors
    /// [`LedgerError::Held`] at once where another engine holds it; [`LedgerError::Foreign`] where it is not this program's, or newer.
    pub fn open(path: &Path, identity: &Identity) -> LedgerOutcome<Ledger> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| LedgerError::io(path, &error))?;
        }
        let lock = Lock::take(path)?;
        let answer = |error: rusqlite::Error| LedgerError::sqlite(path, &error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = connect(path, flags).map_err(answer)?;
        // Before the first write: a file that is something else's stays as it is.
        let version = format::inspect(&connection, path, identity)?;
        if version == Version::Older(0) {
            connection
                .pragma_update(None, "page_size", PAGE)
                .map_err(answer)?;
        }
        // Where the file system cannot do it SQLite keeps its older journal, which is as safe.
        connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
            .map_err(answer)?;
        connection.execute_batch(WRITING).map_err(answer)?;
        connection
            .pragma_update(None, "wal_autocheckpoint", FOLDED)
            .map_err(answer)?;
        if let Version::Older(from) = version {
            format::migrate(&connection, from, identity).map_err(answer)?;
        }
        Ok(Ledger::on(connection, path, identity, Some(lock)))
    }

    /// Opens it for reading; writes nothing. Without a file, an empty ledger.
    ///
    /// # Errors
    /// [`LedgerError::Foreign`] where it is not this program's, or newer.
    pub fn open_read(path: &Path, identity: &Identity) -> LedgerOutcome<Ledger> {
        let answer = |error: rusqlite::Error| LedgerError::sqlite(path, &error);
        let exists = path
            .try_exists()
            .map_err(|error| LedgerError::io(path, &error))?;
        let connection = if exists {
            // A write-ahead log can be read only by those who may write beside it.
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let file = connect(path, flags).map_err(answer)?;
            match format::inspect(&file, path, identity)? {
                Version::Current => file,
                Version::Older(from) => migrated_copy(&file, from, identity).map_err(answer)?,
            }
        } else {
            let memory = Connection::open_in_memory().map_err(answer)?;
            format::migrate(&memory, 0, identity).map_err(answer)?;
            memory
        };
        connection.execute_batch(READING).map_err(answer)?;
        Ok(Ledger::on(connection, path, identity, None))
    }

    /// A second connection that reads what is committed while this one writes.
    pub fn reader(&self) -> LedgerOutcome<Ledger> {
        Ledger::open_read(&self.path, &self.identity)
    }

    /// From now on commits fold the write-ahead log in (as ever), or leave it as it is, to a [`Ledger::folder`].
    pub fn folds(&self, folds: bool) -> LedgerOutcome<()> {
        self.answer(self.set_folds(folds))
    }

    pub(super) fn set_folds(&self, folds: bool) -> rusqlite::Result<()> {
        let pages = if folds { FOLDED } else { 0 };
        self.connection
            .pragma_update(None, "wal_autocheckpoint", pages)
    }

    /// Each call folds the write-ahead log in, while this ledger goes on writing. What it can not do is done by a later one, or by a commit.
    pub fn folder(&self) -> impl FnMut() + Send + use<> {
        let path = self.path.clone();
        let mut opened = None;
        move || {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            if opened.is_none() {
                opened = connect(&path, flags).ok();
            }
            if let Some(connection) = &opened {
                let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            }
        }
    }

    fn on(connection: Connection, path: &Path, identity: &Identity, lock: Option<Lock>) -> Ledger {
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ledger {
            connection,
            names: Names::default(),
            path: path.to_path_buf(),
            identity: identity.clone(),
            current: None,
            journaling: None,
            together: false,
            _lock: lock,
        }
    }
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    Ok(connection)
}

/// An older ledger is migrated when it is next written; a reader migrates a copy in memory.
fn migrated_copy(
    file: &Connection,
    from: usize,
    identity: &Identity,
) -> rusqlite::Result<Connection> {
    let mut memory = Connection::open_in_memory()?;
    if from > 0 {
        Backup::new(file, &mut memory)?.run_to_completion(1024, Duration::ZERO, None)?;
    }
    format::migrate(&memory, from, identity)?;
    Ok(memory)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Effect;

    #[test]
    fn a_reader_of_an_older_ledger_has_a_copy_with_all_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let identity = Identity {
            program: "p".into(),
            left: "l".into(),
            right: "r".into(),
        };
        let mut ledger = Ledger::open(&path, &identity).unwrap();
        ledger
            .record(&[Effect::RoundRobin { number: 1, next: 5 }])
            .unwrap();

        let memory = migrated_copy(&ledger.connection, 1, &identity).unwrap();
        memory.execute_batch(READING).unwrap();
        assert_eq!(
            format::inspect(&memory, &path, &identity).unwrap(),
            Version::Current
        );
        let copy = Ledger::on(memory, &path, &identity, None);
        assert_eq!(copy.round_robin(1).unwrap(), 5);
        assert_eq!(ledger.generation().unwrap() + 1, copy.generation().unwrap());
    }
}
