//! The engine's own memory in one SQLite file: links with their bases, cursors, the plan as an outbox, held records, errors,
//! conflicts, runs (engine, section 2).
//!
//! Knows values and sides. Bases and operations are bytes to it; what they mean is `plan`'s.

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use crate::program::{Direction, Side};
use crate::value::Value;

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

/// Whose ledger it is; checked at every opening.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity {
    pub program: SmolStr,
    pub left: SmolStr,
    pub right: SmolStr,
}

/// The fact that a left and a right record are the same thing.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Dense and ascending per ledger.
    pub number: i64,
    /// Left, right.
    pub ids: [Value; 2],
    pub objects: [SmolStr; 2],
    /// The versions of both records as last seen or written.
    pub stamps: [Value; 2],
    pub base: Box<[u8]>,
    /// A tombstone: neither record is made or matched again until it is sent by hand.
    pub closed: bool,
}

/// How far an object has been read for a relationship.
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    /// The greatest stamp read.
    pub stamp: Value,
    /// The store's time at the start of the last complete read.
    pub read_at: DateTime<Utc>,
}

/// A record to plan again although it may not have changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Revisit {
    pub side: Side,
    pub object: SmolStr,
    pub id: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    pub relationship: SmolStr,
    pub direction: Direction,
    /// The source record.
    pub object: SmolStr,
    pub id: Value,
    pub missing: Vec<SmolStr>,
    pub because: String,
    /// `path.sync:line`
    pub rule: String,
    /// It waits for another record: it is planned again in every run.
    pub waits: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    pub relationship: SmolStr,
    /// The record whose rule failed: the source of the operation.
    pub side: Side,
    pub object: SmolStr,
    pub id: Value,
    pub field: Option<SmolStr>,
    /// The store's own code, or a short one of the engine.
    pub code: String,
    pub message: String,
    /// What was sent, as a JSON object.
    pub sent: String,
    pub rule: String,
    pub transient: bool,
}

/// A failure as it stands in the list.
#[derive(Debug, Clone, PartialEq)]
pub struct FailureRow {
    pub failure: Failure,
    pub at: DateTime<Utc>,
    pub attempts: u32,
    /// When it is tried again by itself; never for failures that do not pass.
    pub next_try: Option<DateTime<Utc>>,
    /// `errors retry` was said.
    pub retry: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Conflict {
    pub relationship: SmolStr,
    pub link: i64,
    pub objects: [SmolStr; 2],
    pub ids: [Value; 2],
    /// As the rules name the left field (or the right one where there is no left field); empty for a delete against a change.
    pub field: SmolStr,
    pub left: Value,
    pub right: Value,
    pub because: String,
    pub rule: String,
    /// A loop: the field is left alone for this record until `conflicts release`.
    pub frozen: bool,
    /// `conflicts take left|right`: who wins at the next run.
    pub take: Option<Side>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunState {
    Running,
    Done,
    /// Some records failed.
    Failed,
    /// Killed or stopped before its end.
    Interrupted,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its public id.
    pub id: SmolStr,
    /// "apply", "undo", "send".
    pub command: SmolStr,
    pub started_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    pub state: RunState,
    /// The plan's summary, as JSON.
    pub summary: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchState {
    Planned,
    /// Durably noted before it leaves: its outcome is unknown until it is done.
    Sent,
    Done,
    /// Given up: planned anew by a later run.
    Stale,
}

/// Some operations of one relationship that are written together: a row of the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    pub number: i64,
    pub relationship: SmolStr,
    pub state: BatchState,
    pub count: u32,
    pub operations: Box<[u8]>,
    /// Empty until done.
    pub results: Box<[u8]>,
}

/// A batch to append to the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct NewBatch {
    pub relationship: SmolStr,
    pub count: u32,
    pub operations: Vec<u8>,
}

/// A change of the ledger itself. Effects of one call are one transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// A new link. A closed link with the same two records is replaced.
    Link { relationship: SmolStr, objects: [SmolStr; 2], ids: [Value; 2], stamps: [Value; 2], base: Box<[u8]>, closed: bool },
    /// New versions (where some) and base (where some) of a link.
    Touch { link: i64, stamps: [Option<Value>; 2], base: Option<Box<[u8]>> },
    /// One side of the link is another record from now on.
    Move { link: i64, side: Side, object: SmolStr, id: Value, stamp: Value, base: Box<[u8]> },
    /// The link becomes a tombstone.
    Close { link: i64 },
    /// No link, no tombstone.
    Remove { link: i64 },
    /// `create once` made a record of this source record.
    Once { relationship: SmolStr, direction: Direction, id: Value },
    /// Replaces what is held for this record in this relationship and direction.
    Hold(Held),
    Unhold { relationship: SmolStr, direction: Direction, object: SmolStr, id: Value },
    Fail(Failure),
    Unfail { relationship: SmolStr, side: Side, object: SmolStr, id: Value },
    Conflict(Conflict),
    /// All (`field: None`) or one field's conflict of a link is settled.
    Settle { link: i64, field: Option<SmolStr> },
    /// Plan this record again in every run, until `Unwait`.
    Wait { relationship: SmolStr, revisit: Revisit },
    Unwait { relationship: SmolStr, revisit: Revisit },
    Cursor { relationship: SmolStr, side: Side, object: SmolStr, cursor: Cursor },
    /// The relationship has had a complete run.
    Complete { relationship: SmolStr },
    RoundRobin { number: u16, next: u64 },
}

/// What `errors`, `held` and `conflicts` commands act on: a relationship, some of its records, or everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selection {
    pub relationship: Option<SmolStr>,
    /// Ids as text, of either side.
    pub ids: Vec<String>,
}

/// A ledger, opened for reading or (held by one engine at a time) for writing.
pub struct Ledger {
    #[allow(dead_code)]
    path: PathBuf,
}

impl Ledger {
    /// Opens or makes the ledger, and holds it (a lock file beside it) until dropped. Migrates older versions.
    pub fn open(_path: &Path, _identity: &Identity) -> LedgerOutcome<Ledger> {
        todo!()
    }
    /// Opens it for reading; writes nothing. Without a file, an empty ledger.
    pub fn open_read(_path: &Path, _identity: &Identity) -> LedgerOutcome<Ledger> {
        todo!()
    }
    /// A second connection that reads what is committed while this one writes.
    pub fn reader(&self) -> LedgerOutcome<Ledger> {
        todo!()
    }
    /// Grows with every change; a saved plan of another generation is stale.
    pub fn generation(&self) -> LedgerOutcome<u64> {
        todo!()
    }

    /// The links, closed ones too, of these records of one side: each with the place of its id in `ids`.
    pub fn links(&self, _relationship: &str, _side: Side, _ids: &[Value]) -> LedgerOutcome<Vec<(usize, Link)>> {
        todo!()
    }
    /// The id and stamp pairs that need no reading: for each record whether the link of this side holds exactly this stamp.
    pub fn known(&self, _relationship: &str, _side: Side, _records: &[(Value, Value)]) -> LedgerOutcome<Vec<bool>> {
        todo!()
    }
    /// Live links with a greater number, ascending.
    pub fn link_page(&self, _relationship: &str, _after: i64, _limit: usize) -> LedgerOutcome<Vec<Link>> {
        todo!()
    }
    pub fn live_links(&self, _relationship: &str) -> LedgerOutcome<u64> {
        todo!()
    }
    /// Whether the relationship has any link, closed ones too.
    pub fn any_link(&self, _relationship: &str) -> LedgerOutcome<bool> {
        todo!()
    }
    pub fn cursor(&self, _relationship: &str, _side: Side, _object: &str) -> LedgerOutcome<Option<Cursor>> {
        todo!()
    }
    pub fn completed(&self, _relationship: &str) -> LedgerOutcome<bool> {
        todo!()
    }
    /// Which of these source records `create once` has already made a record of.
    pub fn made_once(&self, _relationship: &str, _direction: Direction, _ids: &[Value]) -> LedgerOutcome<Vec<bool>> {
        todo!()
    }
    /// Held records that wait, waits, failures to try again by `now`, conflicts with a `take`.
    pub fn revisits(&self, _relationship: &str, _now: DateTime<Utc>) -> LedgerOutcome<Vec<Revisit>> {
        todo!()
    }
    pub fn round_robin(&self, _number: u16) -> LedgerOutcome<u64> {
        todo!()
    }

    /// In the order relationship, direction, object, id.
    pub fn held(&self, _selection: &Selection) -> LedgerOutcome<Vec<Held>> {
        todo!()
    }
    pub fn failures(&self, _selection: &Selection) -> LedgerOutcome<Vec<FailureRow>> {
        todo!()
    }
    pub fn conflicts(&self, _selection: &Selection) -> LedgerOutcome<Vec<Conflict>> {
        todo!()
    }
    /// The conflicts of these links.
    pub fn conflicts_of(&self, _links: &[i64]) -> LedgerOutcome<Vec<Conflict>> {
        todo!()
    }
    /// Marks failures to be tried in the next run; how many.
    pub fn retry(&mut self, _selection: &Selection) -> LedgerOutcome<usize> {
        todo!()
    }
    pub fn dismiss(&mut self, _selection: &Selection) -> LedgerOutcome<usize> {
        todo!()
    }
    pub fn take(&mut self, _selection: &Selection, _winner: Side) -> LedgerOutcome<usize> {
        todo!()
    }
    pub fn release(&mut self, _selection: &Selection) -> LedgerOutcome<usize> {
        todo!()
    }

    /// Newest first.
    pub fn runs(&self, _limit: usize) -> LedgerOutcome<Vec<Run>> {
        todo!()
    }
    pub fn run(&self, _id: &str) -> LedgerOutcome<Option<Run>> {
        todo!()
    }
    /// A run that never finished.
    pub fn unfinished(&self) -> LedgerOutcome<Option<Run>> {
        todo!()
    }
    pub fn begin_run(&mut self, _id: &str, _command: &str, _now: DateTime<Utc>) -> LedgerOutcome<()> {
        todo!()
    }
    pub fn finish_run(&mut self, _id: &str, _state: RunState, _summary: &str, _now: DateTime<Utc>) -> LedgerOutcome<()> {
        todo!()
    }
    /// Appends to the outbox of a run; durable after [`Ledger::commit_journal`].
    pub fn journal(&mut self, _run: &str, _batch: &NewBatch) -> LedgerOutcome<i64> {
        todo!()
    }
    pub fn commit_journal(&mut self) -> LedgerOutcome<()> {
        todo!()
    }
    /// The batches of a run in order, after the one numbered `after`.
    pub fn batches(&self, _run: &str, _after: i64, _limit: usize) -> LedgerOutcome<Vec<Batch>> {
        todo!()
    }
    /// Durable before it returns.
    pub fn sent(&mut self, _batch: i64, _operations: Option<&[u8]>) -> LedgerOutcome<()> {
        todo!()
    }
    /// Results of a batch and their effects, in one durable transaction.
    pub fn complete(&mut self, _batch: i64, _state: BatchState, _results: &[u8], _effects: &[Effect]) -> LedgerOutcome<()> {
        todo!()
    }
    /// Effects that belong to no batch, in one durable transaction.
    pub fn record(&mut self, _effects: &[Effect]) -> LedgerOutcome<()> {
        todo!()
    }
    /// Drops the operations and results of runs that finished before `before`.
    pub fn forget_journal(&mut self, _before: DateTime<Utc>) -> LedgerOutcome<usize> {
        todo!()
    }
}
