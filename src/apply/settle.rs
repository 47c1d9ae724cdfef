//! What a written batch leaves in the ledger: its results, and the effects of its units.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::ApplyError;
use super::batch::{Counts, encode_units};
use super::effects::effects;
use super::lists::{Place, listed};
use super::results::Results;
use super::steps::{done_effects, firing_effects};
use super::together::move_all;
use crate::ledger::{BatchState, Effect, Failure, Ledger};
use crate::plan::{Layouts, Operation, OperationKind, SourceRecord, To, Unit, layout};
use crate::program::{Program, RelId};
use crate::store::{RecordError, WriteResult};
use crate::value::{Value, to_json};

/// A batch whose writes are answered.
pub struct Written {
    pub units: Vec<Unit>,
    /// By unit and operation; `None`: not a write, or not tried.
    pub outcomes: Vec<Vec<Option<WriteResult>>>,
    /// Units that wait for what one of their fields refers to.
    pub blocked: FxHashMap<usize, SmolStr>,
    /// Units of which a merge or conversion came to nothing.
    pub lost: FxHashSet<usize>,
    /// The units are no longer as they were planned.
    pub read_back: bool,
    /// It may have been written by a run that died: whoever changed its records since is not to be taken for this engine.
    pub recovered: bool,
}

/// What a settled batch came to.
pub struct Settled {
    pub counts: Counts,
    /// What it put on a list.
    pub listed: Vec<Place>,
}

/// Notes batches as done.
pub struct Settler<'p> {
    pub(super) program: &'p Program,
    layouts: FxHashMap<RelId, Arc<Layouts>>,
}

impl<'p> Settler<'p> {
    pub fn new(program: &'p Program) -> Settler<'p> {
        Settler {
            program,
            layouts: FxHashMap::default(),
        }
    }

    /// Results, new links, bases and versions, in one transaction.
    pub fn settle(
        &mut self,
        ledger: &mut Ledger,
        batch: i64,
        mut written: Written,
    ) -> Result<Settled, ApplyError> {
        let (mut all, mut results, mut counts) = (
            Vec::with_capacity(written.units.len()),
            Results::default(),
            Counts::default(),
        );
        for (place, unit) in written.units.iter().enumerate() {
            let layouts = self.layouts(ledger, unit.relationship)?;
            for (operation, outcome) in unit.operations.iter().zip(&written.outcomes[place]) {
                match outcome {
                    Some(WriteResult::Done { id, stamp }) => {
                        counts.done += 1;
                        results.done(id, stamp);
                    }
                    Some(WriteResult::Stale) => {
                        counts.stale += 1;
                        results.stale();
                    }
                    Some(WriteResult::Failed(error)) => {
                        counts.failed += 1;
                        all.push(Effect::Fail(self.failure(unit, operation, error)));
                        results.failed();
                    }
                    None if matches!(
                        operation.kind,
                        OperationKind::Link | OperationKind::Unlink
                    ) && !written.blocked.contains_key(&place)
                        && !written.lost.contains(&place) =>
                    {
                        counts.done += 1;
                        results.done(operation.id.as_ref().unwrap_or(&Value::Null), &Value::Null);
                    }
                    None => results.skipped(),
                }
            }
            if let Some(field) = written.blocked.get(&place) {
                counts.held += 1;
                super::effects::hold(self.program, unit, field, &mut all);
                continue;
            }
            let outcomes = &written.outcomes[place];
            effects(self.program, &layouts, unit, outcomes, &mut all);
            firing_effects(self.program, unit, outcomes, &mut all);
            done_effects(self.program, unit, outcomes, &mut all);
        }
        let joint = move_all(
            self.program,
            ledger,
            &mut written.units,
            &written.outcomes,
            &mut all,
        )?;
        if written.recovered {
            all.iter_mut().for_each(forget_stamps);
        }
        let listed = all.iter().filter_map(listed).collect();
        let as_done = (written.read_back || joint).then(|| encode_units(&written.units));
        ledger.complete(
            batch,
            BatchState::Done,
            as_done.as_deref(),
            results.bytes(),
            &all,
        )?;
        Ok(Settled { counts, listed })
    }

    /// The layouts of a relationship's bases.
    pub(super) fn layouts(
        &mut self,
        ledger: &Ledger,
        of: RelId,
    ) -> Result<Arc<Layouts>, ApplyError> {
        if let Some(known) = self.layouts.get(&of) {
            return Ok(Arc::clone(known));
        }
        let rules = &self.program[of];
        let (layouts, _) = Layouts::new(&layout(rules), &ledger.layouts(&rules.name)?);
        let layouts = Arc::new(layouts);
        self.layouts.insert(of, Arc::clone(&layouts));
        Ok(layouts)
    }

    fn failure(&self, unit: &Unit, operation: &Operation, error: &RecordError) -> Failure {
        let rules = &self.program[unit.relationship];
        let other = operation.side.other();
        let given = operation.source.clone().filter(|s| !s.id.is_null());
        let paired = unit.records[other.index()].as_ref().and_then(|record| {
            let object = rules.sides[other.index()]
                .objects
                .get(record.alternative as usize)?;
            Some(SourceRecord {
                side: Some(other),
                object: object.name.clone(),
                id: record.id.clone(),
            })
        });
        // What has no source (a purge, a write-back) is told of the record itself.
        let source = given.or(paired).unwrap_or_else(|| SourceRecord {
            side: Some(operation.side),
            object: operation.object.clone(),
            id: operation.id.clone().unwrap_or_default(),
        });
        let side = match &unit.step {
            Some(step) => step.side,
            None => source.side.unwrap_or(other),
        };
        let sent: serde_json::Map<String, serde_json::Value> = operation
            .changes
            .iter()
            .filter_map(|c| match &c.to {
                To::Value(value) => Some((c.field.to_string(), to_json(value))),
                _ => None,
            })
            .collect();
        Failure {
            relationship: rules.name.clone(),
            side,
            object: source.object,
            id: source.id,
            field: error.field.clone(),
            code: error.code.clone(),
            message: error.message.clone(),
            sent: serde_json::Value::Object(sent).to_string(),
            rule: self.program.location(operation.rule),
            transient: error.transient,
        }
    }
}

/// The records are read again by the next plan, whoever wrote them last.
pub fn forget_stamps(effect: &mut Effect) {
    match effect {
        Effect::Link { stamps, .. } => *stamps = [Value::Null, Value::Null],
        Effect::Touch { stamps, .. } => *stamps = [Some(Value::Null), Some(Value::Null)],
        Effect::Move { stamp, .. } => *stamp = Value::Null,
        _ => {}
    }
}
