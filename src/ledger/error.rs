//! What can go wrong with a ledger, in words that say what to do.

use std::io;
use std::path::Path;

use rusqlite::ErrorCode;

#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Exit code 75.
    #[error("another engine holds the ledger {path}: wait for it to finish, or stop it")]
    Held { path: String },
    /// Exit code 78: written by a newer version, or belongs to another program or other stores.
    #[error("{0}")]
    Foreign(String),
    /// Exit code 69: not readable, not a database, disk full.
    #[error("{0}")]
    Unavailable(String),
}

pub type LedgerOutcome<T> = Result<T, LedgerError>;

impl LedgerError {
    /// What SQLite said of the ledger at `path`.
    pub(super) fn sqlite(path: &Path, error: &rusqlite::Error) -> LedgerError {
        let path = path.display();
        LedgerError::Unavailable(match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => format!(
                "the ledger {path} is not a database: something else stands in its place; name another path under `ledger` in \
                 stores.yaml"
            ),
            Some(ErrorCode::DatabaseCorrupt) => {
                format!("the ledger {path} is damaged ({error}): put back a copy of it")
            }
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => format!(
                "the ledger {path} cannot be opened: see that it is a file, and that it and its folder can be read and written"
            ),
            Some(ErrorCode::ReadOnly) => format!(
                "the ledger {path} cannot be written ({error}): see that it and its folder can be written"
            ),
            Some(ErrorCode::DiskFull) => {
                format!(
                    "the ledger {path} cannot grow, the disk is full: make room, then run again"
                )
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                format!("another program keeps the ledger {path} locked: close it, then run again")
            }
            _ => format!("the ledger {path} cannot be used: {error}"),
        })
    }

    /// What the file system said of the ledger's folder or its lock.
    pub(super) fn io(path: &Path, error: &io::Error) -> LedgerError {
        LedgerError::Unavailable(format!(
            "the ledger {} cannot be opened ({error}): see that its folder can be written, or name another path under `ledger` in \
             stores.yaml",
            path.display()
        ))
    }
}
