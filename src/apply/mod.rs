//! Journal, batches, recovery, guards, undo: a plan becomes writes (engine, section 6).
//!
//! The only room that writes to stores and ledger.

use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use crate::ledger::{Ledger, Run};
use crate::plan::{PlanError, Request, Sink, Summary};
use crate::program::Program;
use crate::store::Store;

/// Limits of a run, in percent of the linked records (engine, section 6).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guard {
    pub delete: f64,
    pub blank: f64,
    pub create: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// For all relationships, and by name where stores.yaml says so.
    pub guard: Guard,
    pub guards: Vec<(SmolStr, Guard)>,
    pub allow_large: bool,
    /// Operations a batch may carry.
    pub batch: usize,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub run: SmolStr,
    /// Of what was planned, over all passes.
    pub planned: Summary,
    pub done: u64,
    pub failed: u64,
    pub stale: u64,
    pub held: u64,
}

#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A limit of `guard:` (needs `--allow-large`); nothing was written.
    #[error("{0}")]
    Guard(String),
    /// The saved plan no longer fits the program or the ledger; nothing was written.
    #[error("{0}")]
    StalePlan(String),
    /// The question was answered with no; nothing was written.
    #[error("not applied")]
    Declined,
}

/// Told of what goes on during a run.
pub trait Observer: Sink {
    /// The whole plan of the first pass is made; `Ok(false)` gives it up before the first write.
    fn confirm(&mut self, summary: &Summary) -> Result<bool, PlanError>;
    /// Operations written so far, of about so many.
    fn wrote(&mut self, _done: u64, _total: u64) {}
}

/// Recovers what an earlier run left, plans into the outbox, asks, writes in batches, and follows up in further passes until nothing
/// that was written leads to more.
///
/// # Errors
/// See [`ApplyError`]. Failed records are no error: they are in the outcome and the ledger.
pub fn run(
    _program: &Program,
    _stores: &mut [Box<dyn Store>; 2],
    _ledger: &mut Ledger,
    _request: &Request,
    _options: &Options,
    _observer: &mut dyn Observer,
) -> Result<Outcome, ApplyError> {
    todo!()
}

/// Plans the inverse of a run from its before-images and applies it after [`Observer::confirm`].
///
/// # Errors
/// See [`ApplyError`]; a run whose journal was dropped.
pub fn undo(
    _program: &Program,
    _stores: &mut [Box<dyn Store>; 2],
    _ledger: &mut Ledger,
    _run: &Run,
    _now: DateTime<Utc>,
    _options: &Options,
    _observer: &mut dyn Observer,
) -> Result<Outcome, ApplyError> {
    todo!()
}
