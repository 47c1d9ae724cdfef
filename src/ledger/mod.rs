//! The engine's own memory in one SQLite file: links with their bases, cursors, the plan as an outbox, held records, errors,
//! conflicts, runs, firings of triggers (engine, section 2).
//!
//! Knows values and sides. Bases and operations are bytes to it; what they mean is `plan`'s.

mod column;
mod conflicts;
mod effect;
mod error;
mod failures;
mod firings;
mod format;
mod held;
mod inbox;
mod journal;
mod lanes;
mod links;
mod lock;
mod names;
mod new_links;
mod open;
mod progress;
mod run;
mod runs;
mod selection;
mod sightings;
mod transaction;
mod turns;
mod types;

use std::path::PathBuf;

use rusqlite::Connection;

pub use effect::Effect;
pub use error::{LedgerError, LedgerOutcome};
pub use firings::{Firing, FiringState};
pub use inbox::{Added, Event, Inbox, NewEvent};
pub use lanes::{LaneOutcome, LaneRun, ListCounts};
pub use lock::DaemonLock;
pub use sightings::Sighting;
pub use turns::Turning;
pub use types::*;

/// A ledger, opened for reading or (held by one engine at a time) for writing.
///
/// All methods fail with [`LedgerError::Unavailable`] when the file can not be read or written; the writing ones of a ledger that was
/// opened for reading always do. A call that failed has changed nothing.
pub struct Ledger {
    connection: Connection,
    names: names::Names,
    path: PathBuf,
    identity: Identity,
    /// The run that is going on in this process.
    current: Option<runs::Current>,
    /// Where a transaction of [`Ledger::journal`] is open: what it has appended.
    journaling: Option<journal::Appended>,
    /// A transaction of [`Ledger::begin_together`] is open.
    together: bool,
    /// Last, so that the connection is closed before another engine gets in.
    _lock: Option<lock::Lock>,
}
