//! A plan on its way into the ledger: units become batches of the outbox; what no unit carries is kept until its pass is written.

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::Observer;
use super::batch::record_key;
use crate::ledger::{Conflict, Effect, Failure, Held, Ledger, NewBatch, Revisit};
use crate::plan::{Decision, OperationKind, PlanError, Progress, Sink, To, Unit, codec, referred};
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
    /// The stores' times before anything was written; null where they are not known.
    pub clocks: [Value; 2],
    pub run: SmolStr,
    /// Units in a batch.
    pub size: usize,
    /// To be noted with the plan: what is listed of records whose other fields are about to be written must not be lost with the run.
    pub early: Vec<Effect>,
    /// To be noted once the pass is written: what is taken off the lists, and how far the objects were read.
    pub late: Vec<Effect>,
    /// Fields that failed before anything was sent.
    pub failed: u64,
    pub operations: u64,
    /// Batches that are carried out by themselves: their journal is completed or an object altered before they are written, or one store is
    /// told what the other one has made.
    pub alone: FxHashSet<i64>,
    /// A later pass follows up on the first: it is not told to the observer, which has shown the plan already.
    pub follow_up: bool,
    open: Option<Open>,
    /// Records that the open batch is to link, where others of its relationship may refer to them.
    linking: FxHashSet<Vec<u8>>,
    /// Relationships that refer to their own records.
    circular: FxHashSet<RelId>,
}

/// The batch that is being filled.
struct Open {
    relationship: RelId,
    count: u32,
    operations: Vec<u8>,
    alone: bool,
    /// Where the firings stand of which it holds actions.
    turn: Option<u16>,
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
            clocks: [Value::Null, Value::Null],
            run,
            size,
            early: Vec::new(),
            late: Vec::new(),
            failed: 0,
            operations: 0,
            alone: FxHashSet::default(),
            follow_up,
            open: None,
            linking: FxHashSet::default(),
            circular: circular(program),
        }
    }

    /// Whether the unit refers to a record that the open batch links: links are known only once their batch is settled.
    fn needs_open(&self, unit: &Unit) -> bool {
        let of = |to: &To| match to {
            To::Linked {
                relationship,
                side,
                id,
            } => {
                *relationship == unit.relationship
                    && self.linking.contains(&record_key(*side, "", id))
            }
            _ => false,
        };
        !self.linking.is_empty()
            && unit
                .operations
                .iter()
                .flat_map(|o| &o.changes)
                .any(|c| of(&c.to))
    }

    pub fn flush(&mut self) -> Result<(), PlanError> {
        self.linking.clear();
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

fn circular(program: &Program) -> FxHashSet<RelId> {
    let all = program.relationships.iter().enumerate();
    all.map(|(index, rules)| (RelId(index as u16), rules))
        .filter(|(id, rules)| referred(rules).contains(id))
        .map(|(id, _)| id)
        .collect()
}

impl Sink for Outbox<'_> {
    fn unit(&mut self, mut unit: Unit) -> Result<(), PlanError> {
        for operation in unit
            .operations
            .iter_mut()
            .filter(|o| o.kind == OperationKind::Create && o.id.is_none())
        {
            operation.id = (self.make_id)(operation.side, &operation.object);
            if operation.id.is_none() {
                // Should the answer be lost, it is looked for among what was made from now on.
                operation.expect = self.clocks[operation.side.index()].clone();
            }
        }
        for operation in &mut unit.operations {
            let side = operation.side;
            let parts = operation.together.iter_mut();
            for part in parts.filter(|p| p.kind == OperationKind::Create && p.id.is_none()) {
                part.id = (self.make_id)(side, &part.object);
            }
        }
        self.operations += unit.operations.len() as u64;
        let alone = unit.operations.iter().any(|o| {
            matches!(
                o.kind,
                OperationKind::Delete
                    | OperationKind::Alter
                    | OperationKind::WriteBack
                    | OperationKind::Action
            ) || o.kind.is_joint()
        });
        // Whatever happens after it, what was answered is noted before the next one leaves.
        let posts = unit
            .operations
            .iter()
            .any(|o| o.kind == OperationKind::Action);
        let turn = unit.step.as_ref().map(|s| s.expects);
        let full = |open: &Open| {
            open.relationship != unit.relationship
                || open.turn != turn
                || posts
                || open.count as usize >= self.size
                || open.operations.len() >= BATCH_BYTES
        };
        if self.open.as_ref().is_some_and(full) || self.needs_open(&unit) {
            self.flush()?;
        }
        if unit.link.is_none() && self.circular.contains(&unit.relationship) {
            for side in Side::BOTH {
                if let Some(record) = &unit.records[side.index()] {
                    self.linking.insert(record_key(side, "", &record.id));
                }
            }
        }
        let open = self.open.get_or_insert_with(|| Open {
            relationship: unit.relationship,
            count: 0,
            operations: Vec::with_capacity(64 << 10),
            alone,
            turn,
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
            self.early.push(Effect::Hold(held.clone()));
        }
        if self.follow_up {
            Ok(())
        } else {
            self.observer.held(held, standing)
        }
    }

    fn failure(&mut self, failure: Failure, standing: bool) -> Result<(), PlanError> {
        if !standing {
            self.failed += 1;
            self.early.push(Effect::Fail(failure.clone()));
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
                self.early.push(Effect::Wait {
                    relationship: conflict.relationship.clone(),
                    revisit: Revisit {
                        side,
                        object: conflict.objects[side.index()].clone(),
                        id: conflict.ids[side.index()].clone(),
                    },
                });
            }
        } else if !standing {
            self.early.push(Effect::Conflict(conflict.clone()));
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
            Effect::Layout { .. } | Effect::RoundRobin { .. } | Effect::Wait { .. } => {
                self.early.push(effect)
            }
            // Of any number: with the plan, but not kept in memory until it is whole.
            Effect::Fire(_)
            | Effect::Advance { .. }
            | Effect::Watch { .. }
            | Effect::See(_)
            | Effect::Unsee { .. }
            | Effect::Hear { .. } => self.ledger.note(&effect)?,
            _ => self.late.push(effect),
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
