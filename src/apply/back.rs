//! What a batch gives back: created records are read again where their store may have made something else of them, and new ids, defaults and
//! `done` go to the sources.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::ApplyError;
use super::batch::Writer;
use super::recovery::Recovery;
use crate::ledger::Ledger;
use crate::plan::base::hash;
use crate::plan::{Because, LinkOutcome, Operation, OperationKind, To, Unit};
use crate::store::WriteResult;

impl Writer<'_> {
    /// Created records whose defaults, or whatever their store made of them, cross back; whether there were any.
    pub(super) fn read_back(
        &mut self,
        ledger: &Ledger,
        units: &mut [Unit],
        outcomes: &[Vec<Option<WriteResult>>],
    ) -> Result<bool, ApplyError> {
        let mut places = Vec::new();
        for (place, unit) in units.iter().enumerate() {
            let created = unit
                .operations
                .iter()
                .zip(&outcomes[place])
                .find_map(|(o, r)| match (o.kind, r) {
                    (OperationKind::Create, Some(WriteResult::Done { id, .. }))
                        if unit.outcome == LinkOutcome::Linked =>
                    {
                        Some((o, id.clone()))
                    }
                    _ => None,
                });
            let Some((create, id)) = created else {
                continue;
            };
            let unknown = unit.operations.iter().any(|o| {
                o.because == Because::ReadBack && o.changes.iter().any(|c| c.to == To::Unknown)
            });
            if unknown || self.stores[create.side.index()].rewrites(&create.object) {
                places.push((place, create.side, create.object.clone(), id));
            }
        }
        if places.is_empty() {
            return Ok(false);
        }
        crate::plan::read_back(self.program, self.stores, ledger, self.now, units, &places)
            .map_err(ApplyError::Plan)?;
        Ok(true)
    }

    /// What goes back to the source of an operation that succeeded: the new id, defaults, `done`. One write a record.
    pub(super) fn give_back(
        &mut self,
        units: &mut [Unit],
        outcomes: &mut [Vec<Option<WriteResult>>],
        blocked: &FxHashMap<usize, SmolStr>,
        recovery: &mut Option<&mut Recovery>,
    ) -> Result<(), ApplyError> {
        let mut merged: Vec<(usize, usize, Vec<usize>)> = Vec::new();
        for (place, unit) in units.iter_mut().enumerate() {
            let gives = |o: &Operation| o.kind == OperationKind::WriteBack;
            if blocked.contains_key(&place) || !unit.operations.iter().any(gives) {
                continue;
            }
            let created = unit
                .operations
                .iter()
                .zip(&outcomes[place])
                .find_map(|(o, r)| match (o.kind, r) {
                    (OperationKind::Create, Some(WriteResult::Done { id, .. })) => Some(id.clone()),
                    _ => None,
                });
            if let Some(id) = &created {
                for operation in unit
                    .operations
                    .iter_mut()
                    .filter(|o| o.kind == OperationKind::WriteBack)
                {
                    for change in operation
                        .changes
                        .iter_mut()
                        .filter(|c| c.to == To::CreatedId)
                    {
                        change.to = To::Value(id.clone());
                        if let Some(base) = change.line.and_then(|l| unit.base.get_mut(l as usize))
                        {
                            *base = Some([hash(id); 2]);
                        }
                    }
                }
            }
            let succeeded = |direction| {
                unit.operations.iter().zip(&outcomes[place]).any(|(o, r)| {
                    o.direction == direction
                        && o.kind != OperationKind::WriteBack
                        && matches!(r, Some(WriteResult::Done { .. }))
                })
            };
            let backs: Vec<usize> = (0..unit.operations.len())
                .filter(|i| {
                    unit.operations[*i].kind == OperationKind::WriteBack
                        && succeeded(unit.operations[*i].direction.other())
                })
                .filter(|i| {
                    unit.operations[*i]
                        .changes
                        .iter()
                        .any(|c| matches!(c.to, To::Value(_)))
                })
                .collect();
            if let Some(first) = backs.first() {
                merged.push((place, *first, backs.clone()));
            }
        }
        // Several write-backs of one record are written as one; each keeps its own row.
        let mut together: Vec<Unit> = Vec::new();
        for (place, first, all) in &merged {
            let unit = &units[*place];
            let mut operation = unit.operations[*first].clone();
            for other in &all[1..] {
                operation
                    .changes
                    .extend(unit.operations[*other].changes.iter().cloned());
            }
            operation.kind = OperationKind::Update;
            // A write of the same unit to this record has moved its stamp.
            let own = unit
                .operations
                .iter()
                .zip(&outcomes[*place])
                .find_map(|(o, r)| match r {
                    Some(WriteResult::Done { id, stamp })
                        if o.side == operation.side
                            && operation.id.as_ref().is_some_and(|i| i.same(id)) =>
                    {
                        Some(stamp.clone())
                    }
                    _ => None,
                });
            if let Some(stamp) = own {
                operation.expect = stamp;
                operation.expect_fields = Vec::new();
            }
            together.push(Unit::alone(unit.relationship, operation));
        }
        let mut results: Vec<Vec<Option<WriteResult>>> = vec![vec![None]; together.len()];
        self.write(&mut together, &mut results, &|_, _| true, recovery)?;
        for ((place, _, all), mut result) in merged.into_iter().zip(results) {
            let result = result.pop().flatten();
            all.into_iter()
                .for_each(|i| outcomes[place][i] = result.clone());
        }
        Ok(())
    }
}
