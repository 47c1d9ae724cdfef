//! The inverse of a run, from the before-images in its journal. It is a run of its own: planned, shown, journaled, and itself undoable.

use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use super::results::{OperationResult, decode_results};
use super::together::as_operation;
use super::{ApplyError, Observer, Options, Outcome, Pass, close, guard, new_run_id, resume};
use crate::ledger::{BatchState, Ledger, Link, Run};
use crate::plan::{
    Because, Change, Layouts, LinkOutcome, Operation, OperationKind, PairRecord, PlanError,
    Request, Sink, Summary, To, Unit, codec, layout,
};
use crate::program::{Program, Relationship, Side};
use crate::store::Store;
use crate::value::Value;

/// As it stands in the history.
pub const UNDO: &str = "undo";

/// Plans the inverse of a run and applies it after [`Observer::confirm`]. Stores and ledger are then as before the run: the next one
/// plans the same again, unless rules or records are changed first.
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
    let resumed = resume::resume(program, stores, ledger, now, options, observer)?;
    let id = new_run_id();
    let request = Request {
        now,
        only: Vec::new(),
        directions: [true, true],
        full: false,
        overlap: [0, 0],
        tolerance: 0,
        explain: None,
        send: Vec::new(),
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
        let Some(batch) = ledger.batch(&run.id, number)? else {
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
        let relationship = program.named(&batch.relationship);
        for (mut unit, results) in units.into_iter().rev() {
            let Some(relationship) = relationship else {
                continue;
            };
            unit.relationship = relationship;
            if run.rules != program.rules_hash() {
                // The lines are others now: what they agreed on is not known.
                unit.old_base = Vec::new();
            }
            if let Some(mut unit) = inverse_unit(program, ledger, &unit, &results, &run.id)? {
                summary.add(&unit);
                sink.unit(&mut unit)?;
            }
            for mut unit in moved_back(program, &unit) {
                sink.unit(&mut unit)?;
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
    let mut converted = None;
    let mut restored: Vec<u16> = Vec::new();
    let made = unit
        .operations
        .iter()
        .zip(results)
        .find_map(|(o, r)| match r {
            OperationResult::Done { id, .. } if o.kind == OperationKind::Create => Some(id.clone()),
            _ => None,
        });
    for (operation, id, stamp, own) in apart(unit, results).into_iter().rev() {
        let record = PairRecord {
            alternative: alternative(program, unit, &operation),
            id: id.clone(),
            stamp: stamp.clone(),
        };
        let mut back = Operation {
            id: Some(id.clone()),
            kind: OperationKind::Update,
            changes: Vec::new(),
            source: operation.source.clone().filter(|s| !s.id.is_null()),
            expect: stamp.clone(),
            expect_fields: Vec::new(),
            because: Because::Undone(run.clone()),
            together: Vec::new(),
            ..operation.clone()
        };
        match operation.kind {
            OperationKind::Create => {
                back.kind = OperationKind::Delete;
                if own {
                    created = true;
                    records[operation.side.index()] = Some(record);
                }
            }
            OperationKind::Convert => {
                converted = Some(operation.side);
                continue;
            }
            OperationKind::Merge => continue,
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
                    restored.extend(change.line);
                }
                if own {
                    records[operation.side.index()] = Some(record);
                }
            }
            OperationKind::Delete => {
                deleted |= own;
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
            // What another system was told stays told.
            OperationKind::Alter | OperationKind::Action => continue,
        }
        if back.kind != OperationKind::Update || !back.changes.is_empty() {
            operations.push(back);
        }
    }
    if operations.is_empty() && !linked && !deleted {
        return Ok(None);
    }
    let link = link_of(ledger, rules, unit, &records)?;
    // What was agreed on before the run is agreed on again; other lines keep what later runs agreed on.
    let old_base = match &link {
        Some(link) => {
            let (layouts, _) = Layouts::new(&layout(rules), &ledger.layouts(&rules.name)?);
            layouts.decode(&link.base)
        }
        None => vec![None; rules.lines.len()],
    };
    let mut base = old_base.clone();
    for line in restored {
        if let Some(place) = base.get_mut(line as usize) {
            *place = unit.old_base.get(line as usize).copied().flatten();
        }
    }
    let mut number = link.map(|l| l.number);
    let outcome = match unit.outcome {
        LinkOutcome::None | LinkOutcome::Once => LinkOutcome::None,
        _ if created || linked => LinkOutcome::Removed,
        // A tombstone, or nothing, becomes a link again: of the two records as they are.
        LinkOutcome::Closed | LinkOutcome::Removed => {
            number = None;
            relinked(rules, unit, &mut records);
            LinkOutcome::Linked
        }
        LinkOutcome::Linked => LinkOutcome::Linked,
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
    if let Some(side) = converted {
        // The link goes back to the record that was converted, with what was agreed on before.
        records[side.index()].clone_from(&unit.records[side.index()]);
        base.clone_from(&unit.old_base);
    }
    Ok(Some(Unit {
        link: number,
        records,
        operations,
        old_base,
        base,
        kept: [unit.kept[1].clone(), unit.kept[0].clone()],
        outcome: if converted.is_some() {
            LinkOutcome::Linked
        } else {
            outcome
        },
        moved: converted,
        step: None,
        relationship: unit.relationship,
    }))
}

/// What was done, one write after the other, with its record's id and version: the parts of a joint operation stand before it (the last
/// value: it is no part).
fn apart(unit: &Unit, results: &[OperationResult]) -> Vec<(Operation, Value, Value, bool)> {
    let mut all = Vec::new();
    for (operation, result) in unit.operations.iter().zip(results) {
        let OperationResult::Done { id, stamp } = result else {
            continue;
        };
        let written = operation.together.iter();
        for part in written.filter(|p| p.kind != OperationKind::Link) {
            let id = part.id.clone().unwrap_or_default();
            let stamp = part.expect.clone();
            all.push((as_operation(operation, part), id, stamp, false));
        }
        if operation.kind.is_joint() && !operation.changes.is_empty() {
            let own = Operation {
                kind: OperationKind::Update,
                together: Vec::new(),
                ..operation.clone()
            };
            let merges = operation.kind == OperationKind::Merge;
            all.push((own, id.clone(), stamp.clone(), merges));
        }
        all.push((operation.clone(), id.clone(), stamp.clone(), true));
    }
    all
}

/// The links that a merge moved, back to the records that are there again.
fn moved_back(program: &Program, unit: &Unit) -> Vec<Unit> {
    let parts = unit
        .operations
        .iter()
        .flat_map(|o| o.together.iter().map(move |p| (o, p)));
    let moved = parts.filter(|(_, p)| p.kind == OperationKind::Link);
    let mut units = Vec::new();
    for (operation, part) in moved {
        let (Some(relationship), Value::Int(link)) =
            (program.relationship(&part.object), &part.expect)
        else {
            continue;
        };
        let side = operation.side;
        let objects = &program[relationship].sides[side.index()].objects;
        let alternative = objects.iter().position(|o| o.name == operation.object);
        let mut records = [None, None];
        records[side.index()] = Some(PairRecord {
            alternative: alternative.unwrap_or(0) as u16,
            id: part.id.clone().unwrap_or_default(),
            stamp: Value::Null,
        });
        units.push(Unit {
            relationship,
            link: Some(*link),
            records,
            operations: Vec::new(),
            base: Vec::new(),
            old_base: Vec::new(),
            kept: Default::default(),
            outcome: LinkOutcome::Linked,
            moved: Some(side),
            step: None,
        });
    }
    units
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

/// Both records of a link that ended, as the operation that ended it names them.
fn relinked(rules: &Relationship, unit: &Unit, records: &mut [Option<PairRecord>; 2]) {
    for operation in &unit.operations {
        let target = operation
            .id
            .as_ref()
            .map(|id| (operation.side, &operation.object, id));
        let source = operation
            .source
            .as_ref()
            .map(|s| (operation.side.other(), &s.object, &s.id));
        for (side, object, id) in target.into_iter().chain(source) {
            let place = &mut records[side.index()];
            let alternative = rules.sides[side.index()]
                .objects
                .iter()
                .position(|o| o.name == *object);
            if let (None, Some(alternative)) = (&place, alternative) {
                *place = Some(PairRecord {
                    alternative: alternative as u16,
                    id: id.clone(),
                    stamp: Value::Null,
                });
            }
        }
    }
}

/// The link that the pair has now, closed or not.
fn link_of(
    ledger: &Ledger,
    rules: &Relationship,
    unit: &Unit,
    records: &[Option<PairRecord>; 2],
) -> Result<Option<Link>, PlanError> {
    for side in Side::BOTH {
        let Some(record) = &records[side.index()] else {
            continue;
        };
        let other = records[side.other().index()].as_ref();
        let links = ledger.links(&rules.name, side, std::slice::from_ref(&record.id))?;
        let fits = |l: &Link| match unit.link {
            Some(number) => number == l.number,
            None => other.is_none_or(|o| o.id.same(&l.ids[side.other().index()])),
        };
        if let Some((_, link)) = links.into_iter().find(|(_, l)| fits(l)) {
            return Ok(Some(link));
        }
    }
    Ok(None)
}
