//! What the loop writes down for everybody else to read: the page, the metrics and the health of the daemon are made from it.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use crate::ledger::{LaneOutcome, ListCounts, Run};
use crate::store::config::Secret;

#[derive(Debug, Default)]
pub struct Board {
    notes: Mutex<Notes>,
}

impl Board {
    pub fn read(&self) -> MutexGuard<'_, Notes> {
        self.notes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn write(&self) -> MutexGuard<'_, Notes> {
        self.read()
    }
}

/// Counts, times and names; no values of records.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    pub program: SmolStr,
    /// Left, right.
    pub stores: [SmolStr; 2],
    pub since: Option<DateTime<Utc>>,
    pub stopping: bool,
    pub rules: RulesNote,
    /// The names under which events are taken.
    pub events: Vec<SmolStr>,
    pub secret: Option<Secret>,
    /// What runs now, and since when.
    pub running: Option<(SmolStr, DateTime<Utc>)>,
    pub lanes: Vec<LaneNote>,
    pub relationships: Vec<RelationshipNote>,
    /// By trigger: what its actions wait for and failed of.
    pub triggers: Vec<(SmolStr, ListCounts)>,
    /// Triggers that fired and have not come to their end.
    pub firings: u64,
    /// Newest first.
    pub runs: Vec<Run>,
}

#[derive(Debug, Clone, Default)]
pub struct RulesNote {
    /// Of what runs now.
    pub hash: String,
    pub loaded: Option<DateTime<Utc>>,
    /// Why the rules as they stand in the files now do not run.
    pub refused: Option<String>,
}

#[derive(Debug, Clone)]
pub struct LaneNote {
    pub name: SmolStr,
    /// `schedule.sync:6`; empty for what no schedule runs.
    pub rule: String,
    pub started: Option<DateTime<Utc>>,
    pub ended: Option<DateTime<Utc>>,
    pub outcome: Option<LaneOutcome>,
    pub message: String,
    pub failures: u32,
    pub next: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone)]
pub struct RelationshipNote {
    pub name: SmolStr,
    pub links: u64,
    pub counts: ListCounts,
    /// By side: when the last complete read of its store began; `None` before the first one.
    pub read: [Option<DateTime<Utc>>; 2],
}
