//! One run: the ledger is held, the plan made and carried out, and what came of it noted.

use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use super::board::RelationshipNote;
use super::log::Log;
use super::observer::LaneObserver;
use super::project::Project;
use super::world::World;
use crate::apply::{self, ApplyError, Outcome};
use crate::ledger::{LaneOutcome, LaneRun, Ledger, LedgerError, ListCounts, Run};
use crate::plan::{PlanError, Request};
use crate::program::Side;
use crate::store::StoreError;

/// So many are shown.
const RUNS: usize = 20;

/// How a run ended, and why where it did not get through.
#[derive(Debug, Clone, PartialEq)]
pub struct Ended {
    pub outcome: LaneOutcome,
    pub message: String,
    /// What it did, where it got to its end.
    pub did: Option<Outcome>,
    /// A store was not as it was when the program was loaded.
    pub stores_changed: bool,
}

impl Ended {
    pub fn failed(&self) -> bool {
        matches!(self.outcome, LaneOutcome::Guard | LaneOutcome::Error)
    }

    pub fn wrote(&self) -> bool {
        self.did
            .as_ref()
            .is_some_and(|did| did.done + did.resumed > 0)
    }

    pub fn error(message: String) -> Ended {
        Ended {
            outcome: LaneOutcome::Error,
            message,
            did: None,
            stores_changed: false,
        }
    }
}

/// What a look at the ledger shows.
#[derive(Debug, Clone, Default)]
pub struct Standing {
    pub relationships: Vec<RelationshipNote>,
    pub triggers: Vec<(SmolStr, ListCounts)>,
    pub firings: u64,
    /// A trigger that fired waits for something.
    pub waiting: bool,
    /// When the first action that failed is tried again.
    pub retry: Option<DateTime<Utc>>,
    pub runs: Vec<Run>,
}

/// Who runs it: what it goes by, and where it tells how far it is.
pub struct Runner<'r> {
    pub world: &'r dyn World,
    pub log: &'r dyn Log,
    pub lane: &'r str,
}

/// Runs it. `lane` is noted in the ledger when the run begins and, with what `end` makes of it, when it ends.
///
/// # Errors
/// The ledger is held by somebody else's command, or does not answer: nothing was run.
pub fn run(
    project: &mut Project,
    request: &Request,
    runner: &Runner<'_>,
    lane: Option<&LaneRun>,
    end: &mut dyn FnMut(&Ended) -> Option<LaneRun>,
) -> Result<(Ended, Standing), LedgerError> {
    let mut ledger = Ledger::open(&project.ledger, &project.identity)?;
    if let Some(lane) = lane {
        ledger.set_lane(lane)?;
    }
    let result = apply::run(
        &project.program,
        &mut project.stores,
        &mut ledger,
        request,
        &project.options,
        &mut LaneObserver::new(&project.program, runner),
    );
    let ended = match result {
        Ok(did) => {
            if is_idle(&did) {
                // Thousands of these a day would hide the others.
                ledger.abandon_run(&did.run)?;
            }
            Ended {
                outcome: if did.failed > 0 {
                    LaneOutcome::Failed
                } else {
                    LaneOutcome::Done
                },
                message: String::new(),
                did: Some(did),
                stores_changed: false,
            }
        }
        Err(error) => told(&error),
    };
    if let Some(lane) = end(&ended) {
        ledger.set_lane(&lane)?;
    }
    ledger.forget_journal(request.now - project.retention)?;
    Ok((ended, standing(project, &ledger)?))
}

/// Nothing came of it.
pub fn is_idle(did: &Outcome) -> bool {
    did.resumed + did.done + did.failed + did.stale + did.held == 0
}

/// The error without what it may quote of a record.
fn told(error: &ApplyError) -> Ended {
    let (outcome, message, stores_changed) = match error {
        ApplyError::Plan(PlanError::Interrupted) => (
            LaneOutcome::Interrupted,
            "stopped; the next run goes on".to_owned(),
            false,
        ),
        ApplyError::Guard(message) => (LaneOutcome::Guard, message.clone(), false),
        ApplyError::Plan(PlanError::Store { store, error }) => match error {
            StoreError::Data(_) => (
                LaneOutcome::Error,
                format!(
                    "store `{store}` has a row that can't be read: `bilateral plan` tells which"
                ),
                false,
            ),
            // Stores name themselves.
            StoreError::Unavailable(_) | StoreError::Shape(_) => {
                (LaneOutcome::Error, error.to_string(), true)
            }
        },
        ApplyError::Plan(_) | ApplyError::StalePlan(_) | ApplyError::Declined => {
            (LaneOutcome::Error, error.to_string(), false)
        }
    };
    Ended {
        outcome,
        message,
        did: None,
        stores_changed,
    }
}

/// What the lists, links and cursors are now.
///
/// # Errors
/// The ledger does not answer.
pub fn standing(project: &Project, ledger: &Ledger) -> Result<Standing, LedgerError> {
    let program = &project.program;
    let mut relationships = Vec::with_capacity(program.relationships.len());
    for rules in &program.relationships {
        let mut read = [None, None];
        for side in Side::BOTH {
            for object in &rules.sides[side.index()].objects {
                let cursor = ledger.cursor(&rules.name, side, &object.name)?;
                let known = &mut read[side.index()];
                // The object that is furthest behind counts.
                *known = match (*known, cursor.map(|cursor| cursor.read_at)) {
                    (Some(one), Some(other)) => Some(other.min(one)),
                    (one, other) => one.or(other),
                };
            }
        }
        relationships.push(RelationshipNote {
            name: rules.name.clone(),
            links: ledger.live_links(&rules.name)?,
            counts: ledger.list_counts(&rules.name)?,
            read,
        });
    }
    let names: Vec<&str> = program.triggers.iter().map(|t| t.name().as_str()).collect();
    let mut triggers = Vec::with_capacity(names.len());
    for name in &names {
        triggers.push((SmolStr::from(*name), ledger.list_counts(name)?));
    }
    Ok(Standing {
        relationships,
        triggers,
        firings: ledger.count_open_firings()?,
        waiting: ledger.any_open_firing(&names)?,
        retry: ledger.next_retry(&names)?,
        runs: ledger.runs(RUNS)?,
    })
}
