//! Merges and conversions: an operation and its parts are one call of the store, all of it or nothing.

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::ApplyError;
use super::batch::{Writer, record_key};
use super::recovery::Recovery;
use crate::ledger::{Effect, Ledger, Revisit};
use crate::plan::{Because, Change, Operation, OperationKind, Part, To, Unit};
use crate::program::Program;
use crate::store::{Expect, Projection, Step, Together, Write, WriteKind, WriteResult};
use crate::value::Value;

impl Writer<'_> {
    /// Carries out the joint operations; the units of which one came to nothing. What the store made of the parts is noted in them.
    pub(super) fn together(
        &mut self,
        units: &mut [Unit],
        outcomes: &mut [Vec<Option<WriteResult>>],
        blocked: &FxHashMap<usize, SmolStr>,
        recovery: &mut Option<&mut Recovery>,
    ) -> Result<FxHashSet<usize>, ApplyError> {
        let mut lost = FxHashSet::default();
        for (place, unit) in units.iter_mut().enumerate() {
            if blocked.contains_key(&place) {
                continue;
            }
            let relationship = unit.relationship;
            for (operation, outcome) in unit.operations.iter_mut().zip(&mut outcomes[place]) {
                if !operation.kind.is_joint() {
                    continue;
                }
                let found = match recovery.as_deref_mut() {
                    Some(recovery) => self.done_before(operation, recovery)?,
                    None => None,
                };
                let result = match found {
                    Some(result) => result,
                    None => self.write_joint(operation)?,
                };
                let done = matches!(result, WriteResult::Done { .. });
                if let WriteResult::Done { id, stamp } = &result {
                    let (side, object) = (operation.side, &operation.object);
                    self.moved_on(relationship, side, object, id, stamp);
                    for part in &operation.together {
                        let id = part.id.clone().unwrap_or_default();
                        self.moved_on(relationship, side, &part.object, &id, &part.expect);
                    }
                }
                *outcome = Some(result);
                if !done {
                    lost.insert(place);
                    break;
                }
            }
        }
        Ok(lost)
    }

    fn write_joint(&mut self, operation: &mut Operation) -> Result<WriteResult, ApplyError> {
        let own = !operation.changes.is_empty();
        let written = |p: &&Part| p.kind != OperationKind::Link;
        let mut steps: Vec<Step> = operation
            .together
            .iter()
            .filter(written)
            .map(step)
            .collect();
        if own {
            steps.push(Step {
                object: operation.object.clone(),
                write: Write {
                    kind: WriteKind::Update {
                        id: operation.id.clone().unwrap_or_default(),
                    },
                    fields: values(&operation.changes),
                    expect: self.expect(operation),
                },
                made: made(&operation.changes),
            });
        }
        let purpose = match operation.kind {
            OperationKind::Convert => Together::Convert,
            _ => Together::Merge,
        };
        let results = self.stores[operation.side.index()]
            .write_together(purpose, &steps)
            .map_err(|e| self.error(operation.side, e))?;
        let failed = results.iter().find(|r| matches!(r, WriteResult::Failed(_)));
        let stale = results.iter().find(|r| matches!(r, WriteResult::Stale));
        if let Some(result) = failed.or(stale) {
            return Ok(result.clone());
        }
        let mut results = results.into_iter();
        let parts = operation
            .together
            .iter_mut()
            .filter(|p| p.kind != OperationKind::Link);
        for (part, result) in parts.zip(results.by_ref()) {
            if let WriteResult::Done { id, stamp } = result {
                part.id = Some(id);
                part.expect = stamp;
            }
        }
        name_made(operation);
        Ok(results.next().unwrap_or(WriteResult::Done {
            id: operation.id.clone().unwrap_or_default(),
            stamp: operation.expect.clone(),
        }))
    }

    /// After a crash: a part that was written tells that all of it was.
    fn done_before(
        &mut self,
        operation: &mut Operation,
        recovery: &mut Recovery,
    ) -> Result<Option<WriteResult>, ApplyError> {
        let side = operation.side;
        let telling = |kind: OperationKind| operation.together.iter().position(|p| p.kind == kind);
        let part = match operation.kind {
            OperationKind::Merge => telling(OperationKind::Delete),
            _ => telling(OperationKind::Create)
                .or(telling(OperationKind::Delete))
                .or(telling(OperationKind::Update)),
        };
        let evidence = match part {
            Some(at) => as_operation(operation, &operation.together[at]),
            None => Operation {
                kind: OperationKind::Update,
                ..operation.clone()
            },
        };
        let object = evidence.object.clone();
        let found = recovery
            .find(self, side, &object, &[&evidence])?
            .pop()
            .flatten();
        let Some(WriteResult::Done { id, .. }) = found else {
            return Ok(None);
        };
        if let Some(at) = part {
            operation.together[at].id = Some(id);
        }
        name_made(operation);
        let own = operation.id.clone().unwrap_or_default();
        for part in &mut operation.together {
            let id = part.id.clone().unwrap_or_default();
            part.expect = self.stamp_of(side, &part.object, &id)?;
        }
        let stamp = self.stamp_of(side, &operation.object, &own)?;
        Ok(Some(WriteResult::Done { id: own, stamp }))
    }

    /// The version that a record has now; null where it is gone or has none.
    fn stamp_of(
        &mut self,
        side: crate::program::Side,
        object: &SmolStr,
        id: &Value,
    ) -> Result<Value, ApplyError> {
        let projection = Projection {
            object: object.clone(),
            fields: Vec::new(),
        };
        let found = self.stores[side.index()]
            .get(&projection, std::slice::from_ref(id))
            .map_err(|e| self.error(side, e))?;
        Ok(found
            .into_iter()
            .flatten()
            .next()
            .map_or(Value::Null, |r| r.stamp))
    }

    fn moved_on(
        &mut self,
        relationship: crate::program::RelId,
        side: crate::program::Side,
        object: &SmolStr,
        id: &Value,
        stamp: &Value,
    ) {
        self.wrote.insert((relationship, side, object.clone()));
        self.stamps
            .insert(record_key(side, object, id), stamp.clone());
    }
}

/// After the joint operations of a batch; whether there were any.
pub(super) fn move_all(
    program: &Program,
    ledger: &Ledger,
    units: &mut [Unit],
    outcomes: &[Vec<Option<WriteResult>>],
    all: &mut Vec<Effect>,
) -> Result<bool, ApplyError> {
    let mut joint = false;
    for (unit, outcomes) in units.iter_mut().zip(outcomes) {
        for (operation, outcome) in unit.operations.iter_mut().zip(outcomes) {
            if operation.kind.is_joint() && matches!(outcome, Some(WriteResult::Done { .. })) {
                joint = true;
                move_links(program, ledger, operation, all)?;
            }
        }
    }
    Ok(joint)
}

/// The links of records that became part of another one, in all relationships: they move to that one. Each is noted as a part, so
/// that `undo` finds it.
fn move_links(
    program: &Program,
    ledger: &Ledger,
    operation: &mut Operation,
    all: &mut Vec<Effect>,
) -> Result<(), ApplyError> {
    if operation.kind != OperationKind::Merge || operation.because != Because::Duplicates {
        return Ok(());
    }
    let (side, object) = (operation.side, operation.object.clone());
    let survivor = operation.id.clone().unwrap_or_default();
    let losers: Vec<Value> = operation
        .together
        .iter()
        .filter(|p| p.kind == OperationKind::Delete)
        .filter_map(|p| p.id.clone())
        .collect();
    for rules in &program.relationships {
        if !rules.sides[side.index()]
            .objects
            .iter()
            .any(|o| o.name == object)
        {
            continue;
        }
        for (place, link) in ledger.links(&rules.name, side, &losers)? {
            if link.closed || link.objects[side.index()] != object {
                continue;
            }
            all.push(Effect::Move {
                link: link.number,
                side,
                object: object.clone(),
                id: survivor.clone(),
                stamp: Value::Null,
                base: Box::default(),
            });
            let other = side.other();
            all.push(Effect::Wait {
                relationship: rules.name.clone(),
                revisit: Revisit {
                    side: other,
                    object: link.objects[other.index()].clone(),
                    id: link.ids[other.index()].clone(),
                },
            });
            operation.together.push(Part {
                kind: OperationKind::Link,
                object: rules.name.clone(),
                id: Some(losers[place].clone()),
                changes: Vec::new(),
                expect: Value::Int(link.number),
            });
        }
    }
    Ok(())
}

/// A part as an operation of its own, for looking it up and for taking it back.
pub fn as_operation(operation: &Operation, part: &Part) -> Operation {
    Operation {
        kind: part.kind,
        object: part.object.clone(),
        id: part.id.clone(),
        changes: part.changes.clone(),
        expect: part.expect.clone(),
        expect_fields: Vec::new(),
        together: Vec::new(),
        ..operation.clone()
    }
}

fn step(part: &Part) -> Step {
    let id = part.id.clone();
    let kind = match part.kind {
        OperationKind::Create => WriteKind::Create { id },
        OperationKind::Delete => WriteKind::Delete {
            id: id.unwrap_or_default(),
        },
        _ => WriteKind::Update {
            id: id.unwrap_or_default(),
        },
    };
    let (fields, made) = match part.kind {
        OperationKind::Delete => (Vec::new(), Vec::new()),
        _ => (values(&part.changes), made(&part.changes)),
    };
    let expect = if part.expect.is_null() {
        Expect::Anything
    } else {
        Expect::Stamp(part.expect.clone())
    };
    Step {
        object: part.object.clone(),
        write: Write {
            kind,
            fields,
            expect,
        },
        made,
    }
}

fn values(changes: &[Change]) -> Vec<(SmolStr, Value)> {
    let known = changes.iter().filter_map(|c| match &c.to {
        To::Value(value) => Some((c.field.clone(), value.clone())),
        _ => None,
    });
    known.collect()
}

fn made(changes: &[Change]) -> Vec<SmolStr> {
    let open = changes.iter().filter(|c| c.to == To::CreatedId);
    open.map(|c| c.field.clone()).collect()
}

/// The id of the record that a part made stands where only that told it.
fn name_made(operation: &mut Operation) {
    let create = operation
        .together
        .iter()
        .find(|p| p.kind == OperationKind::Create);
    let Some(id) = create.and_then(|p| p.id.clone()) else {
        return;
    };
    let parts = operation.together.iter_mut().flat_map(|p| &mut p.changes);
    for change in parts.chain(&mut operation.changes) {
        if change.to == To::CreatedId {
            change.to = To::Value(id.clone());
        }
    }
}
