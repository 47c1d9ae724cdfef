//! What a ledger holds, as its readers and writers see it.

use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use crate::program::{Direction, Side};
use crate::value::Value;

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
    /// The hash of the rules that it went by.
    pub rules: u64,
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

/// What `errors`, `held` and `conflicts` commands act on: a relationship, some of its records, or everything.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selection {
    pub relationship: Option<SmolStr>,
    /// Ids as text, of either side.
    pub ids: Vec<String>,
}
