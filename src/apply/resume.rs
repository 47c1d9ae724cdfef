//! After a crash: the outbox of a run that never finished is gone on with (engine, section 6, unknown outcome).
//!
//! A batch that was sent may have been written. Each of its operations is looked for first: a create by its id, else by the values that
//! were sent, else by its match keys, among the unlinked records that changed since it was planned; an update by its values; a delete
//! by the record's absence.

use std::cell::RefCell;

use chrono::{DateTime, TimeDelta, Utc};

use super::batch::{Writer, decode_units};
use super::effects::effects;
use super::group::Groups;
use super::journaling::Particular;
use super::outage::Outage;
use super::packing::apart;
use super::recovery::{Recovery, each_batch};
use super::settle::forget_stamps;
use super::undo::UNDO;
use super::{ApplyError, Observer, Options};
use crate::ledger::{Batch, BatchState, Effect, Ledger, RunState};
use crate::plan::{Layouts, LinkOutcome, OperationKind, PlanError, Unit, codec, layout};
use crate::program::{Program, RelId, Side};
use crate::store::{Store, WriteResult};

/// Goes on with the run that never finished, if there is one; how many of its operations are done by that.
///
/// # Errors
/// See [`ApplyError`]; the run stays unfinished then.
pub fn resume(
    program: &Program,
    stores: &mut [Box<dyn Store>; 2],
    ledger: &mut Ledger,
    now: DateTime<Utc>,
    options: &Options,
    observer: &mut dyn Observer,
) -> Result<u64, ApplyError> {
    let Some(run) = ledger.unfinished()? else {
        return Ok(0);
    };
    let same = run.rules == program.rules_hash();
    ledger.begin_run(&run.id, &run.command, run.rules, now)?;
    if same {
        note_layouts(program, ledger)?;
    }
    let mut recovery = Recovery::new(ledger.reader()?, &run.id, run.started_at);
    // Where stamps are no finer than a second, what the run right before made looks as new.
    for earlier in ledger.runs(RECENT_RUNS)? {
        let ended = earlier.finished_at.unwrap_or(earlier.started_at);
        if earlier.id != run.id && ended >= run.started_at - TimeDelta::seconds(2) {
            each_batch(ledger, &earlier.id, |batch| recovery.claim(batch))?;
        }
    }
    let mut writer = Writer::new(program, stores, now, options.poster.as_ref());
    if run.command == UNDO {
        writer = writer.follow_all();
    }
    let mut outage = Outage::default();
    let (mut after, mut done) = (0, 0);
    let (mut rest, mut untouched) = (Rest::default(), Vec::new());
    while let Some(batch) = ledger.batches(&run.id, after, 1)?.into_iter().next() {
        after = batch.number;
        if observer.interrupted() {
            return Err(ApplyError::Plan(PlanError::Interrupted));
        }
        recovery.relationship = batch.relationship.clone();
        let counts = match (batch.state, same) {
            (BatchState::Done, _) => {
                recovery.claim(&batch);
                writer.follow(&batch);
                None
            }
            (BatchState::Stale, _) => None,
            (BatchState::Planned, true) => {
                rest.add(batch.number, &decode_units(&batch)?);
                None
            }
            (BatchState::Planned, false) => {
                ledger.complete(batch.number, BatchState::Stale, None, &[], &[])?;
                None
            }
            (BatchState::Sent, true) => {
                let units = decode_units(&batch)?;
                match recovery.is_untouched(&mut writer, &units) {
                    Ok(true) => {
                        untouched.push(batch.number);
                        rest.add(batch.number, &units);
                        None
                    }
                    Ok(false) | Err(ApplyError::Plan(PlanError::Store { .. })) => {
                        outage.carry_out(&mut writer, ledger, &batch, Some(&mut recovery))?
                    }
                    Err(error) => return Err(error),
                }
            }
            (BatchState::Sent, false) => {
                link_created(program, &mut writer, ledger, &batch, &mut recovery)?;
                None
            }
        };
        done += counts.map_or(0, |c| c.done);
    }
    drop(recovery);
    // What never left, or came to nothing, may be written as in any other run.
    ledger.mark(&untouched, BatchState::Planned)?;
    let observer = RefCell::new(observer);
    Groups {
        run: &run.id,
        began: run.started_at,
        lock: options.lock,
        particular: &rest.particular,
        outage: &mut outage,
        told: &mut |counts| done += counts.done,
        written: 0,
        wrote: &mut |written| observer.borrow_mut().wrote(written, rest.operations),
        stop: &|| observer.borrow().interrupted(),
    }
    .carry_out(&mut writer, ledger)?;
    outage.end()?;
    let summary = serde_json::json!({ "done": done, "resumed": true }).to_string();
    ledger.finish_run(&run.id, RunState::Interrupted, &summary, now)?;
    Ok(done)
}

/// The batches of a run that are yet to be written.
#[derive(Default)]
struct Rest {
    particular: Particular,
    operations: u64,
}

impl Rest {
    fn add(&mut self, batch: i64, units: &[Unit]) {
        let apart = units.iter().filter_map(apart);
        if let Some(apart) = apart.reduce(|one, other| one.and(Some(other))) {
            self.particular.insert(batch, apart);
        }
        let operations: usize = units.iter().map(|u| u.operations.len()).sum();
        self.operations += operations as u64;
    }
}

/// How many runs before it may have ended just before the dead one.
const RECENT_RUNS: usize = 10;

/// Bases are about to be noted in the layouts of these rules.
fn note_layouts(program: &Program, ledger: &mut Ledger) -> Result<(), ApplyError> {
    let mut fresh = Vec::new();
    for rules in &program.relationships {
        let (_, new) = Layouts::new(&layout(rules), &ledger.layouts(&rules.name)?);
        fresh.extend(new.map(|(number, lines)| Effect::Layout {
            relationship: rules.name.clone(),
            number,
            lines,
        }));
    }
    Ok(ledger.record(&fresh)?)
}

/// The rules changed since: nothing more is written of the old plan, but what it created is linked, to be merged as at a first sync.
fn link_created(
    program: &Program,
    writer: &mut Writer<'_>,
    ledger: &mut Ledger,
    batch: &Batch,
    recovery: &mut Recovery,
) -> Result<(), ApplyError> {
    let mut all = Vec::new();
    if let (Some(relationship), Some(units)) = (
        program.relationship(&batch.relationship),
        codec::decode_all(&batch.operations),
    ) {
        let rules = &program[relationship];
        let (layouts, fresh) = Layouts::new(&layout(rules), &ledger.layouts(&rules.name)?);
        if let Some((number, lines)) = fresh {
            all.push(Effect::Layout {
                relationship: rules.name.clone(),
                number,
                lines,
            });
        }
        for unit in units {
            let Some(unit) = only_creates(rules, relationship, unit) else {
                continue;
            };
            let Some(create) = unit.operations.first() else {
                continue;
            };
            let found = recovery.find(writer, create.side, &create.object, &[create])?;
            if matches!(found.first(), Some(Some(WriteResult::Done { .. }))) {
                effects(program, &layouts, &unit, &found, &mut all);
                all.iter_mut().for_each(forget_stamps);
            }
        }
    }
    ledger.complete(batch.number, BatchState::Stale, None, &[], &all)?;
    Ok(())
}

fn only_creates(
    rules: &crate::program::Relationship,
    relationship: RelId,
    mut unit: Unit,
) -> Option<Unit> {
    unit.operations.retain(|o| o.kind == OperationKind::Create);
    let create = unit.operations.first()?;
    let objects = |side: Side, name: &str| {
        rules.sides[side.index()]
            .objects
            .iter()
            .any(|o| o.name == name)
    };
    let source = create.source.as_ref()?;
    let fits = objects(create.side, &create.object) && objects(create.side.other(), &source.object);
    let wanted = matches!(unit.outcome, LinkOutcome::Linked | LinkOutcome::Once);
    unit.relationship = relationship;
    unit.base = vec![None; rules.lines.len()];
    unit.old_base = unit.base.clone();
    unit.kept = Default::default();
    (fits && wanted).then_some(unit)
}
