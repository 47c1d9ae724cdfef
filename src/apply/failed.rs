//! A run that failed fires the triggers `on run failed`, which act at once.

use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use smol_str::SmolStr;

use super::{ApplyError, Observer, Options, Outcome, close, new_run_id, passes};
use crate::ledger::{Effect, Ledger};
use crate::plan::{PlanError, Request, message};
use crate::program::{Program, RelId, Source};
use crate::store::Store;
use crate::value::Value;

/// As it stands in the history.
const TRIGGER: &str = "trigger";

/// What is known of a run from its beginning.
pub struct Began<'r> {
    pub run: &'r SmolStr,
    pub command: &'static str,
    pub at: DateTime<Utc>,
}

fn listeners(program: &Program) -> impl Iterator<Item = RelId> {
    let all = program.trigger_ids().zip(&program.triggers);
    all.filter(|(_, t)| matches!(t.source, Source::RunFailed))
        .map(|(id, _)| id)
}

/// Notes the firings, if the run failed: records that failed, a store that did not answer, a guard.
pub fn tell(
    program: &Program,
    ledger: &mut Ledger,
    began: &Began<'_>,
    now: DateTime<Utc>,
    result: &Result<Outcome, ApplyError>,
) -> Result<(), ApplyError> {
    let Some(members) = members(began, now, result) else {
        return Ok(());
    };
    let fired: Vec<Effect> = program
        .triggers
        .iter()
        .filter(|t| matches!(t.source, Source::RunFailed))
        .map(|trigger| {
            let members = members.clone();
            Effect::Fire(message(trigger, ("run", began.run), members, now))
        })
        .collect();
    // What a broken run has journaled is not to be kept with it.
    if result.is_err() {
        ledger.drop_journal();
    }
    match fired.is_empty() {
        true => Ok(()),
        false => Ok(ledger.record(&fired)?),
    }
}

/// `None` for a run that did not fail, or that its user stopped or turned down.
fn members(
    began: &Began<'_>,
    now: DateTime<Utc>,
    result: &Result<Outcome, ApplyError>,
) -> Option<IndexMap<SmolStr, Value>> {
    let (message, counts) = match result {
        Ok(outcome) if outcome.failed == 0 => return None,
        Ok(outcome) => {
            let records = match outcome.failed {
                1 => "1 record failed".to_string(),
                n => format!("{n} records failed"),
            };
            let counts = [outcome.done, outcome.failed, outcome.stale, outcome.held];
            (records, counts)
        }
        Err(ApplyError::Guard(message)) => (message.clone(), [0; 4]),
        Err(ApplyError::Plan(error @ (PlanError::Store { .. } | PlanError::Ledger(_)))) => {
            (error.to_string(), [0; 4])
        }
        Err(
            ApplyError::Plan(PlanError::Output(_) | PlanError::Interrupted)
            | ApplyError::StalePlan(_)
            | ApplyError::Declined,
        ) => return None,
    };
    let text = |text: &str| Value::Text(text.into());
    let number = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
    let members = [
        ("run", text(began.run)),
        ("command", text(began.command)),
        ("message", text(&message)),
        ("done", number(counts[0])),
        ("failed", number(counts[1])),
        ("stale", number(counts[2])),
        ("held", number(counts[3])),
        ("started_at", Value::Instant(began.at)),
        ("finished_at", Value::Instant(now)),
    ];
    let members = members.into_iter();
    Some(
        members
            .map(|(name, value)| (SmolStr::new_static(name), value))
            .collect(),
    )
}

/// Carries out what the failed run has fired, as a run of its own, which fires none when it fails.
pub fn act(
    program: &Program,
    stores: &mut [Box<dyn Store>; 2],
    ledger: &mut Ledger,
    request: &Request,
    options: &Options,
    observer: &mut dyn Observer,
) -> Result<(), ApplyError> {
    let only: Vec<RelId> = listeners(program).collect();
    let names: Vec<&str> = only.iter().map(|id| program[*id].name.as_str()).collect();
    if only.is_empty() || !ledger.any_open_firing(&names)? {
        return Ok(());
    }
    let run = new_run_id();
    let request = Request {
        only,
        directions: [true, true],
        full: false,
        send: Vec::new(),
        ..request.clone()
    };
    ledger.begin_run(&run, TRIGGER, program.rules_hash(), request.now)?;
    let mut quiet = Quietly(observer);
    let result = passes(program, stores, ledger, &request, options, &mut quiet, &run);
    // What fails here is listed; what kept the run from its end is the store that is known to be down.
    match close(ledger, &run, 0, observer.clock(), result) {
        Err(ApplyError::Plan(PlanError::Ledger(error))) => Err(error.into()),
        _ => Ok(()),
    }
}

/// The plan of a follow-up is not shown: nobody asked for it.
struct Quietly<'o>(&'o mut dyn Observer);

impl crate::plan::Sink for Quietly<'_> {
    fn unit(&mut self, _unit: &mut crate::plan::Unit) -> Result<(), PlanError> {
        Ok(())
    }
}

impl Observer for Quietly<'_> {
    fn confirm(&mut self, _summary: &crate::plan::Summary) -> Result<bool, PlanError> {
        Ok(true)
    }
    fn clock(&self) -> DateTime<Utc> {
        self.0.clock()
    }
}
