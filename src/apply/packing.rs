//! Units become batches of the outbox.

use rustc_hash::FxHashSet;

use super::batch::record_key;
use crate::ledger::NewBatch;
use crate::plan::{Operation, OperationKind, To, Unit, codec, referred};
use crate::program::{Program, RelId, Side};
use crate::value::Value;

/// Bytes of operations after which a batch is full, whatever its count.
const BATCH_BYTES: usize = 4 << 20;

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

/// A batch, and what keeps it from others.
pub type Packed = (NewBatch, Option<Apart>);

/// Fills batches. Units are taken to bytes where they are made: a unit has many small parts, which the next one is made of.
pub struct Packer<'p> {
    program: &'p Program,
    /// Units in a batch.
    size: usize,
    open: Option<Open>,
    /// Bytes that the last batch took.
    taken: usize,
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

impl<'p> Packer<'p> {
    pub fn new(program: &'p Program, size: usize) -> Self {
        Packer {
            program,
            size,
            open: None,
            taken: 0,
            encoder: codec::Encoder::default(),
            linking: FxHashSet::default(),
            circular: circular(program),
        }
    }

    /// The batch that is full before this unit, if one is.
    pub fn put(&mut self, unit: &Unit) -> Option<Packed> {
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
        let packed = match self.open.as_ref().is_some_and(full) || self.needs_open(unit) {
            true => self.finish(),
            false => None,
        };
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
            operations: Vec::with_capacity(self.taken),
            apart,
            turn,
        });
        open.count += 1;
        if let Some(apart) = apart {
            open.apart = Some(apart.and(open.apart));
        }
        self.encoder.encode(unit, &mut open.operations);
        packed
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

    /// The batch that is open, if one is.
    pub fn finish(&mut self) -> Option<Packed> {
        self.linking.clear();
        self.encoder.reset();
        let open = self.open.take()?;
        self.taken = open.operations.len();
        let batch = NewBatch {
            relationship: self.program[open.relationship].name.clone(),
            count: open.count,
            operations: open.operations,
        };
        Some((batch, open.apart))
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
