//! The inverse of a run, from the before-images in its journal. It is a run of its own: planned, shown, journaled, and itself undoable.

use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use super::results::{OperationResult, decode_results};
use super::{ApplyError, Observer, Options, Outcome, Pass, close, guard, new_run_id, resume};
use crate::ledger::{BatchState, Ledger, Run};
use crate::plan::base::hash;
use crate::plan::{
    Because, Change, LinkOutcome, Operation, OperationKind, PairRecord, PlanError, Request, Sink,
    Summary, To, Unit, codec,
};
use crate::program::{Program, Side};
use crate::store::Store;
use crate::value::Value;

/// As it stands in the history.
pub const UNDO: &str = "undo";

/// Plans the inverse of a run and applies it after [`Observer::confirm`]. What it restores is agreed on from then on: the next run does
/// not repeat what was undone.
///
/// # Errors
/// See [`ApplyError`]; a run whose journal was dropped, or that went by other rules.
pub fn undo(
    program: &Program,
    stores: &mut [Box<dyn Store>; 2],
    ledger: &mut Ledger,
    run: &Run,
    now: DateTime<Utc>,
    options: &Options,
    observer: &mut dyn Observer,
) -> Result<Outcome, ApplyError> {
    let resumed = resume::resume(program, stores, ledger, now, observer)?;
    let id = new_run_id();
    let request = Request {
        now,
        only: Vec::new(),
        directions: [true, true],
        full: false,
        overlap: [0, 0],
        tolerance: 0,
        explain: None,
    };
    ledger.begin_run(&id, UNDO, program.rules_hash(), now)?;
    let first = guard::first_runs(program, ledger)?;
    let result = (|| {
        let mut pass = Pass {
            program,
            request: &request,
            options,
            run: &id,
            number: 0,
            first: &first,
        };
        let mut feed = |_: &mut [Box<dyn Store>; 2], reader: &Ledger, sink: &mut dyn Sink| {
            inverse(program, reader, run, sink)
        };
        let (outcome, _) = pass.plan_and_carry_out(stores, ledger, observer, &mut feed)?;
        Ok(outcome)
    })();
    close(ledger, &id, resumed, observer.clock(), result)
}

fn inverse(
    program: &Program,
    ledger: &Ledger,
    run: &Run,
    sink: &mut dyn Sink,
) -> Result<Summary, PlanError> {
    let mut numbers = Vec::new();
    let mut after = 0;
    while let Some(batch) = ledger.batches(&run.id, after, 1)?.pop() {
        after = batch.number;
        if batch.state == BatchState::Done {
            numbers.push(batch.number);
        }
    }
    let mut summary = Summary::new(program);
    for number in numbers.into_iter().rev() {
        let Some(batch) = ledger.batches(&run.id, number - 1, 1)?.pop() else {
            continue;
        };
        let missing = || {
            PlanError::Output(format!(
                "the journal of run {} is no longer kept (see `retention`): it can not be undone",
                run.id
            ))
        };
        if batch.operations.is_empty() && batch.count > 0 {
            return Err(missing());
        }
        let units = codec::decode_all(&batch.operations).ok_or_else(missing)?;
        let results = decode_results(&batch.results).ok_or_else(missing)?;
        let mut results = results.into_iter();
        let units: Vec<(Unit, Vec<OperationResult>)> = units
            .into_iter()
            .map(|u| {
                let own = results.by_ref().take(u.operations.len()).collect();
                (u, own)
            })
            .collect();
        let relationship = program.relationship(&batch.relationship);
        for (mut unit, results) in units.into_iter().rev() {
            let Some(relationship) = relationship else {
                continue;
            };
            unit.relationship = relationship;
            if run.rules != program.rules_hash() {
                // The lines are others now: the pair is merged as at a first sync.
                unit.base = Vec::new();
            }
            if let Some(unit) = inverse_unit(program, ledger, &unit, &results, &run.id)? {
                summary.add(&unit);
                sink.unit(unit)?;
            }
        }
    }
    Ok(summary)
}

/// `None` where nothing of the unit was done.
fn inverse_unit(
    program: &Program,
    ledger: &Ledger,
    unit: &Unit,
    results: &[OperationResult],
    run: &SmolStr,
) -> Result<Option<Unit>, PlanError> {
    let rules = &program[unit.relationship];
    let mut operations = Vec::new();
    let mut records: [Option<PairRecord>; 2] = unit.records.clone();
    let (mut created, mut linked, mut deleted) = (false, false, false);
    let mut restored: Vec<(Side, Change)> = Vec::new();
    let made = unit
        .operations
        .iter()
        .zip(results)
        .find_map(|(o, r)| match r {
            OperationResult::Done { id, .. } if o.kind == OperationKind::Create => Some(id.clone()),
            _ => None,
        });
    for (operation, result) in unit.operations.iter().zip(results).rev() {
        let OperationResult::Done { id, stamp } = result else {
            continue;
        };
        let record = PairRecord {
            alternative: alternative(program, unit, operation),
            id: id.clone(),
            stamp: stamp.clone(),
        };
        let mut back = Operation {
            id: Some(id.clone()),
            kind: OperationKind::Update,
            changes: Vec::new(),
            expect: stamp.clone(),
            expect_fields: Vec::new(),
            because: Because::Undone(run.clone()),
            ..operation.clone()
        };
        match operation.kind {
            OperationKind::Create => {
                back.kind = OperationKind::Delete;
                created = true;
                records[operation.side.index()] = Some(record);
            }
            OperationKind::Update | OperationKind::WriteBack => {
                for change in operation
                    .changes
                    .iter()
                    .filter(|c| matches!(c.to, To::Value(_) | To::CreatedId | To::Unknown))
                {
                    let to = match &change.to {
                        To::Value(value) => value.clone(),
                        To::CreatedId => made.clone().unwrap_or(Value::Absent),
                        _ => Value::Absent,
                    };
                    back.changes.push(Change {
                        field: change.field.clone(),
                        from: to,
                        to: To::Value(change.from.clone()),
                        line: change.line,
                    });
                    restored.push((operation.side, change.clone()));
                }
                records[operation.side.index()] = Some(record);
            }
            OperationKind::Delete => {
                deleted = true;
                let object = program.stores[operation.side.index()]
                    .schema
                    .objects
                    .get(&operation.object);
                let flag = object.and_then(|o| o.deleted.clone());
                match flag {
                    Some(flag) => back.changes.extend(
                        operation
                            .changes
                            .iter()
                            .filter(|c| c.field == flag)
                            .map(restore),
                    ),
                    None => {
                        back.kind = OperationKind::Create;
                        let modified = object.and_then(|o| o.modified.clone());
                        let own = object.and_then(|o| o.id.clone());
                        let kept = operation.changes.iter().filter(|c| {
                            !c.from.is_null()
                                && Some(&c.field) != modified.as_ref()
                                && Some(&c.field) != own.as_ref()
                        });
                        back.changes.extend(kept.map(restore));
                    }
                }
            }
            OperationKind::Link => {
                linked = true;
                continue;
            }
            OperationKind::Unlink => {
                deleted = true;
                continue;
            }
            OperationKind::Alter => continue,
        }
        if back.kind != OperationKind::Update || !back.changes.is_empty() {
            operations.push(back);
        }
    }
    if operations.is_empty() && !linked && !deleted {
        return Ok(None);
    }
    let mut base = unit.base.clone();
    for (side, change) in restored {
        if let Some(Some(base)) = change.line.and_then(|l| base.get_mut(l as usize)) {
            base[side.index()] = hash(&change.from);
        }
    }
    let number = link_of(ledger, rules, unit, &records)?;
    let outcome = if created {
        LinkOutcome::Closed
    } else if linked {
        LinkOutcome::Removed
    } else if unit.outcome == LinkOutcome::None {
        LinkOutcome::None
    } else {
        LinkOutcome::Linked
    };
    let outcome = if unit.outcome == LinkOutcome::Once {
        LinkOutcome::None
    } else {
        outcome
    };
    if linked && operations.is_empty() {
        let Some(link) = unit
            .operations
            .iter()
            .find(|o| o.kind == OperationKind::Link)
        else {
            return Ok(None);
        };
        operations.push(Operation {
            kind: OperationKind::Unlink,
            because: Because::Undone(run.clone()),
            changes: Vec::new(),
            ..link.clone()
        });
    }
    Ok(Some(Unit {
        link: number,
        records,
        operations,
        old_base: unit.base.clone(),
        base,
        outcome,
        moved: None,
        relationship: unit.relationship,
    }))
}

fn restore(change: &Change) -> Change {
    Change {
        field: change.field.clone(),
        from: Value::Null,
        to: To::Value(change.from.clone()),
        line: None,
    }
}

fn alternative(program: &Program, unit: &Unit, operation: &Operation) -> u16 {
    let objects = &program[unit.relationship].sides[operation.side.index()].objects;
    objects
        .iter()
        .position(|o| o.name == operation.object)
        .unwrap_or(0) as u16
}

/// The link that the pair has now, closed or not.
fn link_of(
    ledger: &Ledger,
    rules: &crate::program::Relationship,
    unit: &Unit,
    records: &[Option<PairRecord>; 2],
) -> Result<Option<i64>, PlanError> {
    if let Some(number) = unit.link {
        return Ok(Some(number));
    }
    for side in Side::BOTH {
        let Some(record) = &records[side.index()] else {
            continue;
        };
        let other = records[side.other().index()].as_ref();
        let links = ledger.links(&rules.name, side, std::slice::from_ref(&record.id))?;
        let fits =
            |l: &crate::ledger::Link| other.is_none_or(|o| o.id.same(&l.ids[side.other().index()]));
        if let Some((_, link)) = links.iter().find(|(_, l)| fits(l)) {
            return Ok(Some(link.number));
        }
    }
    Ok(None)
}
