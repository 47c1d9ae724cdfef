//! Units become batches of the outbox, on a thread of its own where there are many.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::batch::record_key;
use super::ended;
use crate::ledger::{Effect, Ledger, NewBatch};
use crate::plan::{Operation, OperationKind, PlanError, To, Unit, codec, referred};
use crate::program::{Program, RelId, Side};
use crate::value::Value;

/// Bytes of operations after which a batch is full, whatever its count.
const BATCH_BYTES: usize = 4 << 20;

/// Chunks of units that wait for the thread at most: they are held in memory.
const WAITING: usize = 2;

/// The batches, by number, that no group may hold without a second thought.
pub type Particular = FxHashMap<i64, Apart>;

/// What keeps a batch from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Apart {
    /// Its journal is completed or an object altered before it is written, or one store is told what the other one has made of it.
    Alone,
    /// This side is told that the other one has written what it was given: of two transactions, the other side's is to stand first.
    Backs(Side),
}

impl Apart {
    pub fn and(self, other: Option<Apart>) -> Apart {
        match other {
            None => self,
            Some(other) if other == self => self,
            Some(_) => Apart::Alone,
        }
    }
}

/// What is sent to the thread.
pub enum Packed {
    Units(Vec<Unit>),
    /// To be noted with them.
    Effects(Vec<Effect>),
}

/// Where units go.
pub struct Packing<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    /// Until there is a thread.
    packer: Option<Packer<'scope>>,
    thread: Option<Running<'scope>>,
}

/// The way to the thread, and what comes of it.
type Running<'scope> = (
    SyncSender<Packed>,
    ScopedJoinHandle<'scope, Result<Particular, PlanError>>,
);

impl<'scope, 'env> Packing<'scope, 'env> {
    pub fn new(
        scope: &'scope Scope<'scope, 'env>,
        packer: Packer<'scope>,
    ) -> Packing<'scope, 'env> {
        Packing {
            scope,
            packer: Some(packer),
            thread: None,
        }
    }

    /// # Errors
    /// The ledger takes no more.
    pub fn pack(&mut self, packed: Packed) -> Result<(), PlanError> {
        if let Some(packer) = self.packer.take() {
            let (send, given) = sync_channel(WAITING);
            let handle = self.scope.spawn(move || packer.run(&given));
            self.thread = Some((send, handle));
        }
        match &self.thread {
            Some((send, _)) if send.send(packed).is_ok() => Ok(()),
            // It has met an error, which it tells when asked.
            _ => self.end().and(Err(ended("writes"))),
        }
    }

    /// The last ones.
    ///
    /// # Errors
    /// The ledger takes no more.
    pub fn finish(mut self, last: [Packed; 2]) -> Result<Particular, PlanError> {
        match self.packer.take() {
            Some(mut packer) => {
                last.into_iter()
                    .try_for_each(|packed| packer.take(packed))?;
                packer.end()
            }
            None => {
                last.into_iter().try_for_each(|packed| self.pack(packed))?;
                self.end()
            }
        }
    }

    fn end(&mut self) -> Result<Particular, PlanError> {
        let Some((send, handle)) = self.thread.take() else {
            return Err(ended("writes"));
        };
        drop(send);
        handle
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

/// Fills batches and journals them.
pub struct Packer<'l> {
    program: &'l Program,
    ledger: &'l mut Ledger,
    run: SmolStr,
    /// Units in a batch.
    size: usize,
    particular: Particular,
    open: Option<Open>,
    /// What the last batch was filled into.
    emptied: Vec<u8>,
    encoder: codec::Encoder,
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
    apart: Option<Apart>,
    /// Where the firings stand of which it holds actions.
    turn: Option<u16>,
}

impl<'l> Packer<'l> {
    pub fn new(program: &'l Program, ledger: &'l mut Ledger, run: SmolStr, size: usize) -> Self {
        Packer {
            program,
            ledger,
            run,
            size,
            particular: Particular::default(),
            open: None,
            emptied: Vec::new(),
            encoder: codec::Encoder::default(),
            linking: FxHashSet::default(),
            circular: circular(program),
        }
    }

    fn run(mut self, given: &Receiver<Packed>) -> Result<Particular, PlanError> {
        for packed in given {
            self.take(packed)?;
        }
        self.end()
    }

    fn take(&mut self, packed: Packed) -> Result<(), PlanError> {
        match packed {
            Packed::Units(units) => units.iter().try_for_each(|unit| self.put(unit)),
            Packed::Effects(effects) => {
                for effect in &effects {
                    self.ledger.note(effect)?;
                }
                Ok(())
            }
        }
    }

    fn put(&mut self, unit: &Unit) -> Result<(), PlanError> {
        // Whatever happens after it, what was answered is noted before the next one leaves.
        let mut operations = unit.operations.iter();
        let posts = operations.any(|o| o.kind == OperationKind::Action);
        let turn = unit.step.as_ref().map(|s| s.expects);
        let full = |open: &Open| {
            open.relationship != unit.relationship
                || open.turn != turn
                || posts
                || open.count as usize >= self.size
                || open.operations.len() >= BATCH_BYTES
        };
        if self.open.as_ref().is_some_and(full) || self.needs_open(unit) {
            self.flush()?;
        }
        if unit.link.is_none() && self.circular.contains(&unit.relationship) {
            for side in Side::BOTH {
                if let Some(record) = &unit.records[side.index()] {
                    self.linking.insert(record_key(side, "", &record.id));
                }
            }
        }
        let apart = apart(unit);
        let open = self.open.get_or_insert_with(|| Open {
            relationship: unit.relationship,
            count: 0,
            operations: std::mem::take(&mut self.emptied),
            apart,
            turn,
        });
        open.count += 1;
        if let Some(apart) = apart {
            open.apart = Some(apart.and(open.apart));
        }
        self.encoder.encode(unit, &mut open.operations);
        Ok(())
    }

    fn end(mut self) -> Result<Particular, PlanError> {
        self.flush()?;
        Ok(self.particular)
    }

    /// Whether the unit refers to a record that the open batch links: links are known only once their batch is settled.
    fn needs_open(&self, unit: &Unit) -> bool {
        let of = |to: &To| match to {
            To::Linked {
                relationship,
                side,
                id,
            } => *relationship == unit.relationship && self.is_linking(*side, id),
            _ => false,
        };
        !self.linking.is_empty()
            && unit
                .operations
                .iter()
                .flat_map(|o| &o.changes)
                .any(|c| of(&c.to))
    }

    fn is_linking(&self, side: Side, id: &Value) -> bool {
        self.linking.contains(&record_key(side, "", id))
    }

    fn flush(&mut self) -> Result<(), PlanError> {
        self.linking.clear();
        self.encoder.reset();
        let Some(open) = self.open.take() else {
            return Ok(());
        };
        let mut batch = NewBatch {
            relationship: self.program[open.relationship].name.clone(),
            count: open.count,
            operations: open.operations,
        };
        let number = self.ledger.journal(&self.run, &batch)?;
        batch.operations.clear();
        self.emptied = batch.operations;
        if let Some(apart) = open.apart {
            self.particular.insert(number, apart);
        }
        Ok(())
    }
}

/// What keeps a unit's batch from others.
pub fn apart(unit: &Unit) -> Option<Apart> {
    let named = |o: &Operation| o.kind != OperationKind::Create || o.id.is_some();
    let all_named = unit.operations.iter().all(named);
    let mut apart = None;
    for operation in &unit.operations {
        let one = match operation.kind {
            OperationKind::WriteBack if all_named && is_known(operation) => {
                Apart::Backs(operation.side)
            }
            OperationKind::Delete
            | OperationKind::Alter
            | OperationKind::WriteBack
            | OperationKind::Action => Apart::Alone,
            kind if kind.is_joint() => Apart::Alone,
            _ => continue,
        };
        apart = Some(one.and(apart));
    }
    apart
}

/// Whether what goes back is known before the other store has answered, but for an id that it was given.
fn is_known(back: &Operation) -> bool {
    let known = |to: &To| matches!(to, To::Value(_) | To::CreatedId);
    back.changes.iter().all(|c| known(&c.to))
}

fn circular(program: &Program) -> FxHashSet<RelId> {
    let all = program.relationships.iter().enumerate();
    all.map(|(index, rules)| (RelId(index as u16), rules))
        .filter(|(id, rules)| referred(rules).contains(id))
        .map(|(id, _)| id)
        .collect()
}
