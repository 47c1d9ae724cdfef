//! Journal, batches, recovery, guards, undo: a plan becomes writes (engine, section 6).
//!
//! The only room that writes to stores and ledger.

mod back;
mod batch;
mod creates;
mod effects;
mod failed;
mod group;
mod guard;
mod journaling;
mod lists;
mod outage;
mod outbox;
pub mod pace;
mod packing;
mod pass;
pub mod post;
mod reading;
mod recovery;
mod resolve;
mod results;
mod resume;
mod scribe;
mod settle;
mod steps;
mod together;
mod undo;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use rustc_hash::FxHashSet;
use smol_str::SmolStr;

pub use undo::undo;

use self::failed::Began;
use self::pass::Pass;
use self::post::Poster;
use crate::ledger::{BatchState, Ledger, RunState};
use crate::plan::{PlanError, Request, Sink, Summary};
use crate::program::{Program, RelId, Side};
use crate::store::Store;
use crate::store::config::Guards;

#[derive(Clone)]
pub struct Options {
    /// For all relationships, and by name where stores.yaml says so.
    pub guards: Guards,
    pub allow_large: bool,
    /// Pairs of records a batch may carry.
    pub batch: usize,
    /// How long batches that are written together may keep a store locked: the last of them begins before.
    pub lock: Duration,
    /// Carries out the external actions of triggers.
    pub poster: Arc<dyn Poster>,
}

/// What a run did.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    pub run: SmolStr,
    /// What was planned, and shown, in the first pass.
    pub planned: Summary,
    /// Operations of an earlier run that never finished, done before this one began.
    pub resumed: u64,
    /// Operations that were done, over all passes.
    pub done: u64,
    pub failed: u64,
    pub stale: u64,
    /// Records whose reference failed or was not there when they were to be written.
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

impl From<crate::ledger::LedgerError> for ApplyError {
    fn from(error: crate::ledger::LedgerError) -> ApplyError {
        ApplyError::Plan(PlanError::Ledger(error))
    }
}

/// Told of what goes on during a run.
pub trait Observer: Sink {
    /// The whole plan of the first pass is made; `Ok(false)` gives it up before the first write.
    fn confirm(&mut self, summary: &Summary) -> Result<bool, PlanError>;
    /// The clock that dates the end of a run.
    fn clock(&self) -> DateTime<Utc> {
        Utc::now()
    }
    /// Operations written so far, of so many.
    fn wrote(&mut self, _done: u64, _total: u64) {}
    /// The user wants the run to stop: it ends after the batch at hand.
    fn interrupted(&self) -> bool {
        false
    }
}

/// Passes after which a run ends although there would be more to do; the next run goes on.
const PASSES: usize = 8;

/// Passes after which not even firings that wait for one another are gone on with.
const MOST_PASSES: usize = 200;

/// Recovers what an earlier run left, plans into the outbox, asks, writes in batches, and follows up in further passes until nothing
/// that was written leads to more.
///
/// # Errors
/// See [`ApplyError`]. Failed records are no error: they are in the outcome and the ledger.
pub fn run(
    program: &Program,
    stores: &mut [Box<dyn Store>; 2],
    ledger: &mut Ledger,
    request: &Request,
    options: &Options,
    observer: &mut dyn Observer,
) -> Result<Outcome, ApplyError> {
    let resumed = resume::resume(program, stores, ledger, request.now, options, observer)?;
    let run = new_run_id();
    let command = if request.send.is_empty() {
        "apply"
    } else {
        "send"
    };
    ledger.begin_run(&run, command, program.rules_hash(), request.now)?;
    let result = passes(program, stores, ledger, request, options, observer, &run);
    let began = Began {
        run: &run,
        command,
        at: request.now,
    };
    failed::tell(program, ledger, &began, observer.clock(), &result)?;
    let closed = close(ledger, &run, resumed, observer.clock(), result);
    failed::act(program, stores, ledger, request, options, observer)?;
    closed
}

/// Writes the units of a saved plan.
///
/// # Errors
/// As [`run`].
pub fn run_saved(
    program: &Program,
    stores: &mut [Box<dyn Store>; 2],
    ledger: &mut Ledger,
    request: &Request,
    options: &Options,
    observer: &mut dyn Observer,
    feed: &mut dyn FnMut(&mut dyn Sink) -> Result<Summary, PlanError>,
) -> Result<Outcome, ApplyError> {
    let resumed = resume::resume(program, stores, ledger, request.now, options, observer)?;
    let run = new_run_id();
    ledger.begin_run(&run, "apply", program.rules_hash(), request.now)?;
    let first = guard::first_runs(program, ledger)?;
    let result = (|| {
        let mut pass = Pass {
            program,
            request,
            options,
            run: &run,
            number: 0,
            first: &first,
        };
        let mut feed = |_: &mut [Box<dyn Store>; 2], _: &Ledger, sink: &mut dyn Sink| feed(sink);
        let (outcome, _) = pass.plan_and_carry_out(stores, ledger, observer, &mut feed)?;
        Ok(outcome)
    })();
    close(ledger, &run, resumed, observer.clock(), result)
}

/// Notes how a run ended; one that was given up before its first write leaves no trace.
fn close(
    ledger: &mut Ledger,
    run: &str,
    resumed: u64,
    finished_at: DateTime<Utc>,
    result: Result<Outcome, ApplyError>,
) -> Result<Outcome, ApplyError> {
    match result {
        Ok(mut outcome) => {
            outcome.resumed = resumed;
            let state = if outcome.failed > 0 {
                RunState::Failed
            } else {
                RunState::Done
            };
            ledger.finish_run(run, state, &summary_json(&outcome), finished_at)?;
            Ok(outcome)
        }
        // What is in the outbox by now is gone on with by the next run.
        Err(error) => {
            // What never got into the outbox for good is planned anew.
            ledger.drop_journal();
            if !sent_any(ledger, run)? {
                ledger.abandon_run(run)?;
            }
            Err(error)
        }
    }
}

fn sent_any(ledger: &Ledger, run: &str) -> Result<bool, ApplyError> {
    let first = ledger.batches(run, 0, 1)?;
    Ok(first
        .first()
        .is_some_and(|b| b.state != BatchState::Planned))
}

/// A thread that does this with the ledger has ended before its time.
fn ended(does: &str) -> PlanError {
    PlanError::Output(format!("the thread that {does} the ledger has ended"))
}

fn new_run_id() -> SmolStr {
    SmolStr::from(uuid::Uuid::now_v7().to_string())
}

/// Tells the program which fields that `*` adds are there by now.
///
/// # Errors
/// A store that can't be described.
pub fn settle_additions(
    program: &mut Program,
    stores: &mut [Box<dyn Store>; 2],
) -> Result<(), PlanError> {
    for side in Side::BOTH {
        if program.adds_fields(side) {
            let described = stores[side.index()].describe().map_err(|error| {
                let name = program.stores[side.index()].name.clone();
                PlanError::Store { store: name, error }
            })?;
            program.settle_additions(side, &described);
        }
    }
    Ok(())
}

fn passes(
    program: &Program,
    stores: &mut [Box<dyn Store>; 2],
    ledger: &mut Ledger,
    request: &Request,
    options: &Options,
    observer: &mut dyn Observer,
    run: &SmolStr,
) -> Result<Outcome, ApplyError> {
    // Each pass follows up what the one before wrote, within what was asked for.
    let asked = request;
    let mut request = request.clone();
    let mut total: Option<Outcome> = None;
    let first = guard::first_runs(program, ledger)?;
    let mut program = Cow::Borrowed(program);
    for number in 0..MOST_PASSES {
        let mut pass = Pass {
            program: &program,
            request: &request,
            options,
            run,
            number,
            first: &first,
        };
        let planned = request.clone();
        let mut feed = |stores: &mut [Box<dyn Store>; 2], reader: &Ledger, sink: &mut dyn Sink| {
            crate::plan::plan(&program, stores, reader, &planned, sink)
        };
        let (outcome, wrote) = pass.plan_and_carry_out(stores, ledger, observer, &mut feed)?;
        let done = outcome.done;
        total = Some(match total {
            None => outcome,
            Some(mut sum) => {
                sum.done += outcome.done;
                sum.failed += outcome.failed;
                sum.stale += outcome.stale;
                sum.held += outcome.held;
                sum
            }
        });
        let mut touched = touched(&program, ledger, asked, &wrote)?;
        if number + 1 >= PASSES {
            touched.retain(|id| program.trigger(*id).is_some());
        }
        if done == 0 || touched.is_empty() {
            break;
        }
        if Side::BOTH.into_iter().any(|side| program.adds_fields(side)) {
            settle_additions(program.to_mut(), stores)?;
        }
        request.only = touched;
        request.full = false;
    }
    Ok(total.unwrap_or_else(|| Outcome {
        run: run.clone(),
        planned: Summary::new(&program),
        resumed: 0,
        done: 0,
        failed: 0,
        stale: 0,
        held: 0,
    }))
}

/// What a pass wrote: the relationship, and the object of which store.
pub type Wrote = FxHashSet<(RelId, Side, SmolStr)>;

/// The relationships that must look again after a pass: they wait for something, or read what another one wrote.
fn touched(
    program: &Program,
    ledger: &Ledger,
    request: &Request,
    wrote: &Wrote,
) -> Result<Vec<RelId>, ApplyError> {
    let mut touched = Vec::new();
    for (index, rules) in program.relationships.iter().enumerate() {
        let id = RelId(index as u16);
        if !request.only.is_empty() && !request.only.contains(&id) {
            continue;
        }
        let reads = |side: Side, object: &str| {
            rules.sides[side.index()]
                .objects
                .iter()
                .any(|o| o.name == object)
        };
        let queried = crate::plan::queried(rules, program);
        let purges = Side::BOTH.map(|s| !rules.purge[s.index()].is_empty());
        let others = wrote.iter().any(|(by, side, object)| {
            (*by != id && reads(*side, object))
                || queried.iter().any(|(s, o)| s == side && o == object)
                || (*by == id && purges[side.index()])
        });
        if others || !ledger.revisits(&rules.name, request.now)?.is_empty() {
            touched.push(id);
        }
    }
    for (id, trigger) in program.trigger_ids().zip(&program.triggers) {
        if !request.only.is_empty() && !request.only.contains(&id) {
            continue;
        }
        let watched = trigger.record();
        let written = wrote.iter().any(|(_, side, object)| {
            watched.is_some_and(|(of, watched, _)| of == *side && watched.name == *object)
        });
        if written || ledger.any_open_firing(&[trigger.name()])? {
            touched.push(id);
        }
    }
    Ok(touched)
}

/// The run's counts, as they stand in its history.
fn summary_json(outcome: &Outcome) -> String {
    let count = |f: fn(&crate::plan::Counts) -> u64| {
        outcome
            .planned
            .relationships
            .iter()
            .flat_map(|r| r.directions.iter())
            .map(f)
            .sum::<u64>()
    };
    serde_json::json!({
        "create": count(|c| c.create),
        "update": count(|c| c.update),
        "delete": count(|c| c.delete),
        "done": outcome.done,
        "failed": outcome.failed,
        "stale": outcome.stale,
        "held": outcome.planned.relationships.iter().map(|r| r.held).sum::<u64>() + outcome.held,
        "conflicts": outcome.planned.relationships.iter().map(|r| r.conflicts).sum::<u64>(),
    })
    .to_string()
}
