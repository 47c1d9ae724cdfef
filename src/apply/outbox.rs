//! A plan on its way into the ledger: its units are packed into batches; what no unit carries is kept until its pass is written.

use std::iter;

use rustc_hash::FxHashSet;

use super::Observer;
use super::journaling::{Entry, Journaling, Particular};
use super::lists::{Place, listed};
use super::packing::Packer;
use crate::ledger::{Conflict, Effect, Failure, Held, Revisit};
use crate::plan::{Decision, OperationKind, PlanError, Progress, Sink, Unit};
use crate::program::Side;
use crate::value::Value;

/// Effects that are noted at once.
const CHUNK: usize = 256;

pub struct Outbox<'o, 'scope, 'env> {
    observer: &'o mut dyn Observer,
    /// Makes ids for creates where a store leaves that to its client.
    make_id: &'o mut dyn FnMut(Side, &str) -> Option<Value>,
    /// The stores' times before anything was written; null where they are not known.
    clocks: [Value; 2],
    planned: Planned,
    /// A later pass follows up on the first: it is not told to the observer, which has shown the plan already.
    follow_up: bool,
    packer: Packer<'scope>,
    /// What is yet to be noted with the units.
    noted: Vec<Effect>,
    journaling: Journaling<'scope, 'env>,
}

/// What a plan leaves besides its batches.
#[derive(Default)]
pub struct Planned {
    /// To be noted with the plan, once it is whole.
    pub early: Vec<Effect>,
    /// What the plan has put on the lists.
    pub listed: FxHashSet<Place>,
    /// To be noted once the pass is written: what is taken off the lists, and how far the objects were read.
    pub late: Vec<Effect>,
    /// Fields that failed before anything was sent.
    pub failed: u64,
    pub operations: u64,
    pub particular: Particular,
}

impl<'o, 'scope, 'env> Outbox<'o, 'scope, 'env> {
    pub fn new(
        observer: &'o mut dyn Observer,
        make_id: &'o mut dyn FnMut(Side, &str) -> Option<Value>,
        clocks: [Value; 2],
        follow_up: bool,
        packer: Packer<'scope>,
        journaling: Journaling<'scope, 'env>,
    ) -> Outbox<'o, 'scope, 'env> {
        Outbox {
            observer,
            make_id,
            clocks,
            planned: Planned::default(),
            follow_up,
            packer,
            noted: Vec::new(),
            journaling,
        }
    }

    /// The plan is whole.
    pub fn finish(mut self) -> Result<Planned, PlanError> {
        let batch = self.packer.finish().map(Entry::Batch);
        let last = iter::once(Entry::Effects(self.noted)).chain(batch);
        self.planned.particular = self.journaling.finish(last)?;
        Ok(self.planned)
    }

    /// With the plan, since what is listed of records whose other fields are about to be written must not be lost with the run; of any
    /// number, and so not kept in memory until the plan is whole.
    fn note(&mut self, effect: Effect) -> Result<(), PlanError> {
        self.planned.listed.extend(listed(&effect));
        self.noted.push(effect);
        if self.noted.len() == CHUNK {
            let noted = std::mem::take(&mut self.noted);
            self.journaling.take(Entry::Effects(noted))?;
        }
        Ok(())
    }

    fn name_new(&mut self, unit: &mut Unit) {
        for operation in &mut unit.operations {
            let side = operation.side;
            if operation.kind == OperationKind::Create && operation.id.is_none() {
                operation.id = (self.make_id)(side, &operation.object);
                if operation.id.is_none() {
                    // Should the answer be lost, it is looked for among what was made from now on.
                    operation.expect = self.clocks[side.index()].clone();
                }
            }
            let parts = operation.together.iter_mut();
            for part in parts.filter(|p| p.kind == OperationKind::Create && p.id.is_none()) {
                part.id = (self.make_id)(side, &part.object);
            }
        }
    }
}

impl Sink for Outbox<'_, '_, '_> {
    fn unit(&mut self, unit: &mut Unit) -> Result<(), PlanError> {
        self.name_new(unit);
        self.planned.operations += unit.operations.len() as u64;
        if !self.follow_up {
            self.observer.unit(unit)?;
        }
        if let Some(packed) = self.packer.put(unit) {
            self.journaling.take(Entry::Batch(packed))?;
        }
        Ok(())
    }

    fn held(&mut self, held: Held, standing: bool) -> Result<(), PlanError> {
        if !standing {
            self.note(Effect::Hold(held.clone()))?;
        }
        if self.follow_up {
            Ok(())
        } else {
            self.observer.held(held, standing)
        }
    }

    fn failure(&mut self, failure: Failure, standing: bool) -> Result<(), PlanError> {
        if !standing {
            self.planned.failed += 1;
            self.note(Effect::Fail(failure.clone()))?;
        }
        if self.follow_up {
            Ok(())
        } else {
            self.observer.failure(failure, standing)
        }
    }

    fn conflict(&mut self, conflict: Conflict, standing: bool) -> Result<(), PlanError> {
        if !standing && conflict.link == 0 {
            // It is listed under its link: a later pass comes back to it when there is one.
            for side in Side::BOTH {
                self.note(Effect::Wait {
                    relationship: conflict.relationship.clone(),
                    revisit: Revisit {
                        side,
                        object: conflict.objects[side.index()].clone(),
                        id: conflict.ids[side.index()].clone(),
                    },
                })?;
            }
        } else if !standing {
            self.note(Effect::Conflict(conflict.clone()))?;
        }
        if self.follow_up {
            Ok(())
        } else {
            self.observer.conflict(conflict, standing)
        }
    }

    fn effect(&mut self, effect: Effect) -> Result<(), PlanError> {
        match effect {
            // Layouts: bases that name them may not be noted before. Turns: the operations planned use them up.
            Effect::Layout { .. } | Effect::RoundRobin { .. } => self.planned.early.push(effect),
            Effect::Wait { .. }
            | Effect::Fire(_)
            | Effect::Advance { .. }
            | Effect::Watch { .. }
            | Effect::See(_)
            | Effect::Unsee { .. }
            | Effect::Hear { .. } => self.note(effect)?,
            _ => self.planned.late.push(effect),
        }
        Ok(())
    }

    fn decision(&mut self, decision: Decision) {
        self.observer.decision(decision);
    }

    fn progress(&mut self, progress: Progress) {
        self.observer.progress(progress);
    }
}
