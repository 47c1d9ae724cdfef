//! One engine per ledger: a lock on a file beside it, which the system gives back however its holder ends.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::{LedgerError, LedgerOutcome};

pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of the ledger at `path`, whose folder exists, or fails at once with [`LedgerError::Held`].
    ///
    /// The lock file stays for good: removing it would let in a second engine that had it open already.
    pub(super) fn take(path: &Path) -> LedgerOutcome<Lock> {
        let file = lock_path(path)
            .and_then(|lock| {
                OpenOptions::new()
                    .create(true)
                    .truncate(false)
                    .write(true)
                    .open(lock)
            })
            .map_err(|error| LedgerError::io(path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LedgerError::Held {
                path: path.display().to_string(),
            }),
            Err(TryLockError::Error(error)) => Err(LedgerError::io(path, &error)),
        }
    }
}

/// `ledger.db.lock` beside the file itself, so that two links to one ledger have one lock.
fn lock_path(path: &Path) -> io::Result<PathBuf> {
    let file = match path.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_path_buf(),
        found => found?,
    };
    let mut name = file.file_name().map(OsString::from).unwrap_or_default();
    name.push(".lock");
    Ok(file.with_file_name(name))
}
