//! One engine per ledger: a lock on a file beside it, which the system gives back however its holder ends.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::{LedgerError, LedgerOutcome};

pub(super) struct Lock {
    _file: File,
}

/// The one daemon of a ledger. It holds this for its life and the ledger itself for each run only, so that people can use theirs in
/// between.
pub struct DaemonLock {
    _lock: Lock,
}

impl DaemonLock {
    /// Until dropped.
    ///
    /// # Errors
    /// [`LedgerError::Held`] at once where another daemon has it.
    pub fn take(ledger: &Path) -> LedgerOutcome<DaemonLock> {
        if let Some(folder) = ledger.parent() {
            std::fs::create_dir_all(folder).map_err(|error| LedgerError::io(ledger, &error))?;
        }
        let lock = Lock::take_file(ledger, ".serve")?;
        Ok(DaemonLock { _lock: lock })
    }
}

impl Lock {
    /// Takes the lock of the ledger at `path`, whose folder exists, or fails at once with [`LedgerError::Held`].
    pub(super) fn take(path: &Path) -> LedgerOutcome<Lock> {
        Lock::take_file(path, ".lock")
    }

    /// The lock file stays for good: removing it would let in a second engine that had it open already.
    fn take_file(path: &Path, suffix: &str) -> LedgerOutcome<Lock> {
        let file = beside(path, suffix)
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
fn beside(path: &Path, suffix: &str) -> io::Result<PathBuf> {
    let file = match path.canonicalize() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_path_buf(),
        found => found?,
    };
    let mut name = file.file_name().map(OsString::from).unwrap_or_default();
    name.push(suffix);
    Ok(file.with_file_name(name))
}
