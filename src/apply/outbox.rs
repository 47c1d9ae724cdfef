//! A plan on its way into the ledger: units become batches of the outbox; what no unit carries is kept until its pass is written.

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::Observer;
use crate::ledger::{Conflict, Effect, Failure, Held, Ledger, NewBatch};
use crate::plan::{Decision, PlanError, Progress, Sink, Unit, codec};
use crate::program::{Program, RelId, Side};
use crate::value::Value;

/// Bytes of operations after which a batch is full, whatever its count.
const BATCH_BYTES: usize = 4 << 20;

pub struct Outbox<'o> {
    pub program: &'o Program,
    pub ledger: &'o mut Ledger,
    pub observer: &'o mut dyn Observer,
    /// Makes ids for creates where a store leaves that to its client.
    pub make_id: &'o mut dyn FnMut(Side, &str) -> Option<Value>,
    pub run: SmolStr,
    /// Units in a batch.
    pub size: usize,
    /// To be noted once the pass is written.
    pub late: Vec<Effect>,
    pub operations: u64,
    /// Batches that are carried out by themselves: their journal is completed or an object altered before they are written, or one store is
    /// told what the other one has made.
    pub alone: FxHashSet<i64>,
    /// A later pass follows up on the first: it is not told to the observer, which has shown the plan already.
    pub follow_up: bool,
    open: Option<Open>,
}

/// The batch that is being filled.
struct Open {
    relationship: RelId,
    count: u32,
    operations: Vec<u8>,
    alone: bool,
}

impl<'o> Outbox<'o> {
    pub fn new(
        program: &'o Program,
        ledger: &'o mut Ledger,
        observer: &'o mut dyn Observer,
        make_id: &'o mut dyn FnMut(Side, &str) -> Option<Value>,
        run: SmolStr,
        size: usize,
        follow_up: bool,
    ) -> Outbox<'o> {
        Outbox {
            program,
            ledger,
            observer,
            make_id,
            run,
            size,
            late: Vec::new(),
            operations: 0,
            alone: FxHashSet::default(),
            follow_up,
            open: None,
        }
    }

    pub fn flush(&mut self) -> Result<(), PlanError> {
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        let number = self.ledger.journal(
            &self.run,
            &NewBatch {
                relationship: self.program[open.relationship].name.clone(),
                count: open.count,
                operations: open.operations,
            },
        )?;
        if open.alone {
            self.alone.insert(number);
        }
        Ok(())
    }
}

impl Sink for Outbox<'_> {
    fn unit(&mut self, mut unit: Unit) -> Result<(), PlanError> {
        use crate::plan::OperationKind;
        for operation in unit
            .operations
            .iter_mut()
            .filter(|o| o.kind == OperationKind::Create && o.id.is_none())
        {
            operation.id = (self.make_id)(operation.side, &operation.object);
        }
        self.operations += unit.operations.len() as u64;
        let alone = unit.operations.iter().any(|o| {
            matches!(
                o.kind,
                OperationKind::Delete | OperationKind::Alter | OperationKind::WriteBack
            )
        });
        let full = |open: &Open| {
            open.relationship != unit.relationship
                || open.count as usize >= self.size
                || open.operations.len() >= BATCH_BYTES
        };
        if self.open.as_ref().is_some_and(full) {
            self.flush()?;
        }
        let open = self.open.get_or_insert_with(|| Open {
            relationship: unit.relationship,
            count: 0,
            operations: Vec::with_capacity(64 << 10),
            alone,
        });
        open.count += 1;
        open.alone |= alone;
        codec::encode(&unit, &mut open.operations);
        if self.follow_up {
            Ok(())
        } else {
            self.observer.unit(unit)
        }
    }

    fn held(&mut self, held: Held, standing: bool) -> Result<(), PlanError> {
        if !standing {
            self.late.push(Effect::Hold(held.clone()));
        }
        if self.follow_up {
            Ok(())
        } else {
            self.observer.held(held, standing)
        }
    }

    fn failure(&mut self, failure: Failure, standing: bool) -> Result<(), PlanError> {
        if !standing {
            self.late.push(Effect::Fail(failure.clone()));
        }
        if self.follow_up {
            Ok(())
        } else {
            self.observer.failure(failure, standing)
        }
    }

    fn conflict(&mut self, conflict: Conflict, standing: bool) -> Result<(), PlanError> {
        if !standing {
            self.late.push(Effect::Conflict(conflict.clone()));
        }
        if self.follow_up {
            Ok(())
        } else {
            self.observer.conflict(conflict, standing)
        }
    }

    fn effect(&mut self, effect: Effect) -> Result<(), PlanError> {
        self.late.push(effect);
        Ok(())
    }

    fn decision(&mut self, decision: Decision) {
        self.observer.decision(decision);
    }

    fn progress(&mut self, progress: Progress) {
        self.observer.progress(progress);
    }
}
