//! Events that were posted and have not fired yet, in a small SQLite file beside the ledger: whoever posts one never waits for a run,
//! which may keep the ledger's own file locked for long.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use smol_str::SmolStr;

use super::column::{self, Time};
use super::{LedgerError, LedgerOutcome};

/// How long an event's key is remembered: the same one again is not a new event.
const REMEMBERED: TimeDelta = TimeDelta::days(7);

/// How long other programs may keep the file locked.
const PATIENCE: Duration = Duration::from_secs(10);

/// SQLite's `application_id` of inboxes: "bltI".
const APPLICATION: i64 = 0x626c_7449;

const TABLES: &str = "
    CREATE TABLE events (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      name   TEXT NOT NULL,
      key    TEXT NOT NULL,
      body   TEXT NOT NULL,
      at     TEXT NOT NULL,
      heard  INTEGER NOT NULL DEFAULT 0,
      UNIQUE (name, key)
    ) STRICT;
    CREATE INDEX events_heard ON events (at) WHERE heard = 1;";

/// The events beside one ledger. Any number of processes may have it open.
pub struct Inbox {
    connection: Connection,
    path: PathBuf,
}

/// An event as it arrives.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent<'e> {
    pub name: &'e str,
    /// What makes it one among those of its name.
    pub key: &'e str,
    /// A JSON object.
    pub body: &'e str,
    pub at: DateTime<Utc>,
}

/// An event that waits to be heard.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Ascending in the order of arrival.
    pub number: i64,
    pub name: SmolStr,
    pub key: SmolStr,
    pub body: String,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Added {
    New,
    /// An event of this name and key came before: nothing was stored.
    Known,
}

impl Inbox {
    /// Opens or makes the inbox of the ledger at `ledger`.
    ///
    /// # Errors
    /// [`LedgerError::Unavailable`]: its file cannot be made, read or written, or is something else.
    pub fn open(ledger: &Path) -> LedgerOutcome<Inbox> {
        let path = place(ledger);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| LedgerError::io(&path, &error))?;
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Inbox::connect(path, flags)
    }

    /// The inbox of the ledger at `ledger`, where there is one.
    ///
    /// # Errors
    /// As [`Inbox::open`].
    pub fn find(ledger: &Path) -> LedgerOutcome<Option<Inbox>> {
        let path = place(ledger);
        if !path.exists() {
            return Ok(None);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Inbox::connect(path, flags).map(Some)
    }

    fn connect(path: PathBuf, flags: OpenFlags) -> LedgerOutcome<Inbox> {
        let answer = |error: rusqlite::Error| LedgerError::sqlite(&path, &error);
        let connection = Connection::open_with_flags(&path, flags).map_err(answer)?;
        connection.busy_timeout(PATIENCE).map_err(answer)?;
        let id: i64 = connection
            .pragma_query_value(None, "application_id", |row| row.get(0))
            .map_err(answer)?;
        if id != APPLICATION {
            make(&connection, &path)?;
        }
        connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))
            .and_then(|()| connection.execute_batch("PRAGMA synchronous = FULL;"))
            .map_err(answer)?;
        Ok(Inbox { connection, path })
    }

    /// Durable before it returns.
    pub fn add(&self, event: &NewEvent<'_>) -> LedgerOutcome<Added> {
        let added = self
            .connection
            .prepare_cached(
                "INSERT INTO events (name, key, body, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (name, key) DO NOTHING",
            )
            .and_then(|mut s| s.execute(params![event.name, event.key, event.body, Time(event.at)]));
        Ok(match self.answer(added)? {
            0 => Added::Known,
            _ => Added::New,
        })
    }

    /// The events after the one numbered `after`, in the order of arrival.
    pub fn events(&self, after: i64, limit: usize) -> LedgerOutcome<Vec<Event>> {
        self.answer(self.find_events(after, limit))
    }

    /// When the oldest event came that was not heard yet.
    pub fn oldest(&self) -> LedgerOutcome<Option<DateTime<Utc>>> {
        let oldest = self
            .connection
            .prepare_cached("SELECT at FROM events WHERE heard = 0 ORDER BY number LIMIT 1")
            .and_then(|mut s| s.query_row([], |row| column::time(row, 0)).optional());
        self.answer(oldest)
    }

    /// The events up to the one numbered `number` have fired: their bodies are dropped, and after a while their keys.
    pub fn forget(&self, number: i64, now: DateTime<Utc>) -> LedgerOutcome<()> {
        let forgotten = self
            .connection
            .execute(
                "UPDATE events SET heard = 1, body = '' WHERE number <= ?1 AND heard = 0",
                [number],
            )
            .and_then(|_| {
                self.connection.execute(
                    "DELETE FROM events WHERE heard = 1 AND at < ?1",
                    [Time(now - REMEMBERED)],
                )
            });
        self.answer(forgotten).map(drop)
    }

    fn find_events(&self, after: i64, limit: usize) -> rusqlite::Result<Vec<Event>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.connection
            .prepare_cached(
                "SELECT number, name, key, body, at FROM events WHERE number > ?1 AND heard = 0 ORDER BY number LIMIT ?2",
            )?
            .query_map(params![after, limit], |row| {
                Ok(Event {
                    number: row.get(0)?,
                    name: column::text(row, 1)?,
                    key: column::text(row, 2)?,
                    body: row.get(3)?,
                    at: column::time(row, 4)?,
                })
            })?
            .collect()
    }

    fn answer<T>(&self, outcome: rusqlite::Result<T>) -> LedgerOutcome<T> {
        outcome.map_err(|error| LedgerError::sqlite(&self.path, &error))
    }
}

impl super::Ledger {
    /// The events beside this ledger, where there are any.
    pub fn inbox(&self) -> LedgerOutcome<Option<Inbox>> {
        Inbox::find(&self.path)
    }
}

/// `ledger.db.inbox` beside the ledger's own file.
fn place(ledger: &Path) -> PathBuf {
    let mut name = ledger
        .file_name()
        .map(ToOwned::to_owned)
        .unwrap_or_default();
    name.push(".inbox");
    ledger.with_file_name(name)
}

fn make(connection: &Connection, path: &Path) -> LedgerOutcome<()> {
    let made = || {
        let transaction = rusqlite::Transaction::new_unchecked(
            connection,
            rusqlite::TransactionBehavior::Immediate,
        )?;
        // Another process may have been faster.
        let id: i64 = transaction.pragma_query_value(None, "application_id", |row| row.get(0))?;
        let tables: i64 =
            transaction.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if id != APPLICATION && tables == 0 {
            transaction.execute_batch(TABLES)?;
            transaction.pragma_update(None, "application_id", APPLICATION)?;
        }
        transaction.commit()?;
        Ok(id == APPLICATION || tables == 0)
    };
    match made().map_err(|error| LedgerError::sqlite(path, &error))? {
        true => Ok(()),
        false => Err(LedgerError::Foreign(format!(
            "{} is a database, but no inbox of events: move it away",
            path.display()
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_717_200_000 + second, 0).unwrap()
    }

    fn event<'e>(name: &'e str, key: &'e str, second: i64) -> NewEvent<'e> {
        NewEvent {
            name,
            key,
            body: "{\"a\":1}",
            at: at(second),
        }
    }

    #[test]
    fn an_event_is_there_once_and_in_its_order() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join(".bilateral/ledger.db");
        assert!(Inbox::find(&ledger).unwrap().is_none());
        let inbox = Inbox::open(&ledger).unwrap();
        assert_eq!(inbox.add(&event("form", "1", 0)).unwrap(), Added::New);
        assert_eq!(inbox.add(&event("form", "1", 9)).unwrap(), Added::Known);
        assert_eq!(inbox.add(&event("click", "1", 1)).unwrap(), Added::New);
        let other = Inbox::find(&ledger).unwrap().unwrap();
        let found = other.events(0, 10).unwrap();
        let names: Vec<_> = found.iter().map(|e| (e.name.as_str(), e.at)).collect();
        assert_eq!(names, [("form", at(0)), ("click", at(1))]);
        assert_eq!(other.oldest().unwrap(), Some(at(0)));
    }

    #[test]
    fn what_was_heard_is_not_there_again_but_remembered_for_a_while() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        let inbox = Inbox::open(&ledger).unwrap();
        inbox.add(&event("form", "1", 0)).unwrap();
        inbox.forget(1, at(60)).unwrap();
        assert!(inbox.events(0, 10).unwrap().is_empty());
        assert_eq!(inbox.add(&event("form", "1", 60)).unwrap(), Added::Known);
        inbox.forget(1, at(8 * 86_400)).unwrap();
        assert_eq!(inbox.add(&event("form", "1", 70)).unwrap(), Added::New);
        let numbers: Vec<i64> = inbox
            .events(1, 10)
            .unwrap()
            .iter()
            .map(|e| e.number)
            .collect();
        assert_eq!(numbers.len(), 1);
        assert!(numbers[0] > 1, "a number is never given twice");
    }

    #[test]
    fn another_database_is_no_inbox() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = folder.path().join("ledger.db");
        Connection::open(folder.path().join("ledger.db.inbox"))
            .unwrap()
            .execute_batch("CREATE TABLE t (a)")
            .unwrap();
        assert!(matches!(Inbox::open(&ledger), Err(LedgerError::Foreign(_))));
    }
}
