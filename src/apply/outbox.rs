//! A plan on its way into the ledger: units become batches of the outbox; what no unit carries is kept until its pass is written.

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
    /// A later pass follows up on the first: it is not told to the observer, which has shown the plan already.
    pub follow_up: bool,
    open: Option<(RelId, u32, Vec<u8>)>,
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
            follow_up,
            open: None,
        }
    }

    pub fn flush(&mut self) -> Result<(), PlanError> {
        let Some((relationship, count, operations)) = self.open.take() else {
            return Ok(());
        };
        let relationship = self.program[relationship].name.clone();
        self.ledger.journal(
            &self.run,
            &NewBatch {
                relationship,
                count,
                operations,
            },
        )?;
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
        for operation in &mut unit.operations {
            let side = operation.side;
            let parts = operation.together.iter_mut();
            for part in parts.filter(|p| p.kind == OperationKind::Create && p.id.is_none()) {
                part.id = (self.make_id)(side, &part.object);
            }
        }
        self.operations += unit.operations.len() as u64;
        let full = |open: &(RelId, u32, Vec<u8>)| {
            open.0 != unit.relationship
                || open.1 as usize >= self.size
                || open.2.len() >= BATCH_BYTES
        };
        if self.open.as_ref().is_some_and(full) {
            self.flush()?;
        }
        let open = self
            .open
            .get_or_insert_with(|| (unit.relationship, 0, Vec::with_capacity(64 << 10)));
        open.1 += 1;
        codec::encode(&unit, &mut open.2);
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
