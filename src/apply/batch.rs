//! One batch of the outbox: noted as sent, written to both stores, settled with its results and effects in one transaction.

use chrono::{DateTime, Utc};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::lists::Place;
use super::post::Poster;
use super::recovery::Recovery;
use super::results::{OperationResult, decode_results};
use super::settle::{Settler, Written};
use super::steps::out_of_turn;
use super::{ApplyError, Wrote, resolve};
use crate::ledger::{Batch, Ledger};
use crate::plan::{Because, LinkOutcome, Operation, OperationKind, PlanError, To, Unit, codec};
use crate::program::{Direction, Program, RelId, Side};
use crate::store::{Expect, Projection, Store, StoreError, Write, WriteKind, WriteResult};
use crate::value::{Value, encode};

/// How the operations of a batch ended.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    pub done: u64,
    pub failed: u64,
    pub stale: u64,
    pub held: u64,
}

/// The operations on one object: each by its unit and its place in it.
type Group = ((Side, SmolStr), Vec<(usize, usize)>);

pub struct Writer<'w> {
    pub program: &'w Program,
    pub stores: &'w mut [Box<dyn Store>; 2],
    pub now: DateTime<Utc>,
    pub wrote: Wrote,
    settler: Settler<'w>,
    /// Objects that more than one operation of a run may write: their records' stamps are followed.
    shared: FxHashSet<(Side, SmolStr)>,
    /// Stamps that this run wrote over a planned one.
    pub(super) stamps: FxHashMap<Vec<u8>, Value>,
    /// What the stamps of a group's writes replaced, in case it is taken back.
    replaced: Option<Vec<(Vec<u8>, Option<Value>)>>,
    /// What its batches put on a list.
    pub listed: FxHashSet<Place>,
    pub(super) poster: &'w dyn Poster,
}

impl<'w> Writer<'w> {
    pub fn new(
        program: &'w Program,
        stores: &'w mut [Box<dyn Store>; 2],
        now: DateTime<Utc>,
        poster: &'w dyn Poster,
    ) -> Writer<'w> {
        let mut seen = FxHashSet::default();
        let mut shared = FxHashSet::default();
        for rules in &program.relationships {
            for side in Side::BOTH {
                for object in &rules.sides[side.index()].objects {
                    if !seen.insert((side, object.name.clone())) || rules.many.is_some() {
                        shared.insert((side, object.name.clone()));
                    }
                }
            }
        }
        let acted_on = program.acted_on();
        shared.extend(acted_on.map(|(side, object)| (side, object.clone())));
        Writer {
            program,
            stores,
            now,
            wrote: Wrote::default(),
            settler: Settler::new(program),
            shared,
            stamps: FxHashMap::default(),
            replaced: None,
            listed: FxHashSet::default(),
            poster,
        }
    }

    /// All objects count as shared: a run that takes back another one writes the same records again.
    pub fn follow_all(mut self) -> Writer<'w> {
        for side in Side::BOTH {
            self.shared.extend(
                self.program.stores[side.index()]
                    .schema
                    .objects
                    .keys()
                    .map(|o| (side, o.clone())),
            );
        }
        self
    }

    /// What is noted from now on can be taken back.
    pub fn begin_group(&mut self) {
        self.replaced = Some(Vec::new());
    }

    /// Ends a group: its writes stand, or are forgotten.
    pub fn end_group(&mut self, stands: bool) {
        let replaced = self.replaced.take().unwrap_or_default();
        for (key, before) in replaced.into_iter().rev().filter(|_| !stands) {
            match before {
                Some(stamp) => self.stamps.insert(key, stamp),
                None => self.stamps.remove(&key),
            };
        }
    }

    /// A batch that was settled before this writer was made moved the stamps of what it wrote.
    pub fn follow(&mut self, batch: &Batch) {
        let units = codec::decode_all(&batch.operations).unwrap_or_default();
        let results = decode_results(&batch.results).unwrap_or_default();
        let operations = units.iter().flat_map(|u| &u.operations);
        for (operation, result) in operations.zip(results) {
            let object = (operation.side, operation.object.clone());
            if let OperationResult::Done { id, stamp } = result
                && self.shared.contains(&object)
                && matches!(
                    operation.kind,
                    OperationKind::Update | OperationKind::WriteBack
                )
            {
                let key = record_key(operation.side, &operation.object, &id);
                self.stamps.insert(key, stamp);
            }
        }
    }

    /// With `recovery`, the batch may have been written already: each operation is looked for before it is done.
    pub fn carry_out(
        &mut self,
        ledger: &mut Ledger,
        batch: &Batch,
        recovery: Option<&mut Recovery>,
    ) -> Result<Counts, ApplyError> {
        let mut units = decode_units(batch)?;
        let changed = self.keep_images(&mut units)?;
        let quiet = units.iter().all(|u| {
            u.operations
                .iter()
                .all(|o| matches!(o.kind, OperationKind::Link | OperationKind::Unlink))
        });
        if !quiet && recovery.is_none() {
            let bytes = changed.then(|| encode_units(&units));
            ledger.sent(batch.number, bytes.as_deref())?;
        }
        let written = self.write_units(Some(ledger), units, recovery)?;
        let settled = self.settler.settle(ledger, batch.number, written)?;
        self.listed.extend(settled.listed);
        Ok(settled.counts)
    }

    /// Writes the units of a batch; without a ledger where none of them needs it ([`Writer::needs_ledger`]).
    pub fn write_units(
        &mut self,
        ledger: Option<&Ledger>,
        mut units: Vec<Unit>,
        mut recovery: Option<&mut Recovery>,
    ) -> Result<Written, ApplyError> {
        let mut outcomes: Vec<Vec<Option<WriteResult>>> = units
            .iter()
            .map(|u| vec![None; u.operations.len()])
            .collect();
        let needs = |u: &Unit| {
            u.outcome == LinkOutcome::None
                && u.operations.iter().any(|o| o.because == Because::LookedUp)
        };
        let first: Vec<bool> = units.iter().map(needs).collect();
        self.alter(&units, &mut outcomes)?;
        self.write(
            &mut units,
            &mut outcomes,
            &|u, o| first[u] && o.kind == OperationKind::Create,
            &mut recovery,
        )?;
        let blocked: FxHashMap<usize, SmolStr> = match ledger {
            Some(ledger) => resolve::resolve(self.program, self.stores, ledger, &mut units)?
                .into_iter()
                .collect(),
            None => FxHashMap::default(),
        };
        let mut lost = self.together(&mut units, &mut outcomes, &blocked, &mut recovery)?;
        if let Some(ledger) = ledger {
            lost.extend(out_of_turn(self.program, ledger, &units)?);
        }
        let main = |u: usize, o: &Operation| {
            !first[u]
                && !blocked.contains_key(&u)
                && !lost.contains(&u)
                && matches!(
                    o.kind,
                    OperationKind::Create | OperationKind::Update | OperationKind::Delete
                )
        };
        self.write(&mut units, &mut outcomes, &main, &mut recovery)?;
        self.post(&units, &mut outcomes, &|u| {
            !blocked.contains_key(&u) && !lost.contains(&u)
        });
        let read_back = match ledger {
            Some(ledger) => self.read_back(ledger, &mut units, &outcomes)?,
            None => false,
        };
        self.give_back(&mut units, &mut outcomes, &blocked, &mut recovery)?;
        Ok(Written {
            units,
            outcomes,
            blocked,
            lost,
            read_back,
            recovered: recovery.is_some(),
        })
    }

    /// Whether a unit refers to what other units link or make, or must be read back.
    pub fn needs_ledger(&self, units: &[Unit]) -> bool {
        let firing = |u: &Unit| u.step.is_some();
        let open = |to: &To| !matches!(to, To::Value(_) | To::CreatedId);
        units.iter().any(firing)
            || units.iter().flat_map(|u| &u.operations).any(|o| {
                o.changes.iter().any(|c| open(&c.to))
                    || (o.kind == OperationKind::Create
                        && self.stores[o.side.index()].rewrites(&o.object))
            })
    }

    pub(super) fn error(&self, side: Side, error: StoreError) -> ApplyError {
        ApplyError::Plan(PlanError::Store {
            store: self.program.stores[side.index()].name.clone(),
            error,
        })
    }

    /// The whole record goes into the journal before it is deleted, so that `undo` can bring it back.
    fn keep_images(&mut self, units: &mut [Unit]) -> Result<bool, ApplyError> {
        let mut changed = false;
        for operation in units
            .iter_mut()
            .flat_map(|u| &mut u.operations)
            .filter(|o| o.kind == OperationKind::Delete && o.changes.is_empty())
        {
            let (Some(id), Some(object)) = (
                &operation.id,
                self.program.stores[operation.side.index()]
                    .schema
                    .objects
                    .get(&operation.object),
            ) else {
                continue;
            };
            let fields: Vec<SmolStr> = object.fields.keys().cloned().collect();
            let projection = Projection {
                object: operation.object.clone(),
                fields: fields.iter().cloned().map(Some).collect(),
            };
            let found =
                self.stores[operation.side.index()].get(&projection, std::slice::from_ref(id));
            let found = found
                .map_err(|e| self.error(operation.side, e))?
                .pop()
                .flatten();
            let values = found.map(|r| r.values.into_vec()).unwrap_or_default();
            operation.changes = fields
                .into_iter()
                .zip(values)
                .map(|(field, from)| crate::plan::Change {
                    field,
                    from,
                    to: To::Value(Value::Null),
                    line: None,
                })
                .collect();
            changed = true;
        }
        Ok(changed)
    }

    fn alter(
        &mut self,
        units: &[Unit],
        outcomes: &mut [Vec<Option<WriteResult>>],
    ) -> Result<(), ApplyError> {
        for (place, unit) in units.iter().enumerate() {
            for (index, operation) in unit
                .operations
                .iter()
                .enumerate()
                .filter(|(_, o)| o.kind == OperationKind::Alter)
            {
                let additions = &self.program[unit.relationship].additions;
                let field = additions
                    .iter()
                    .find(|a| {
                        a.side == operation.side
                            && a.object == operation.object
                            && operation.changes.iter().any(|c| c.field == a.field.name)
                    })
                    .map(|a| &a.field);
                let Some(field) = field else { continue };
                self.stores[operation.side.index()]
                    .add_field(&operation.object, field)
                    .map_err(|e| self.error(operation.side, e))?;
                outcomes[place][index] = Some(WriteResult::Done {
                    id: Value::Null,
                    stamp: Value::Null,
                });
            }
        }
        Ok(())
    }

    /// Writes the wanted operations, object by object, in calls as large as store and rules take.
    pub(super) fn write(
        &mut self,
        units: &mut [Unit],
        outcomes: &mut [Vec<Option<WriteResult>>],
        wanted: &dyn Fn(usize, &Operation) -> bool,
        recovery: &mut Option<&mut Recovery>,
    ) -> Result<(), ApplyError> {
        let mut groups: Vec<Group> = Vec::new();
        for (place, unit) in units.iter().enumerate() {
            for (index, operation) in unit.operations.iter().enumerate() {
                if outcomes[place][index].is_some() || !wanted(place, operation) {
                    continue;
                }
                match groups
                    .iter_mut()
                    .find(|(k, _)| k.0 == operation.side && k.1 == operation.object)
                {
                    Some((_, group)) => group.push((place, index)),
                    None => groups.push((
                        (operation.side, operation.object.clone()),
                        vec![(place, index)],
                    )),
                }
            }
        }
        for ((side, object), mut group) in groups {
            if let Some(recovery) = recovery.as_deref_mut() {
                let operations: Vec<&Operation> = group
                    .iter()
                    .map(|(u, o)| &units[*u].operations[*o])
                    .collect();
                let found = recovery.find(self, side, &object, &operations)?;
                for ((place, index), found) in group.iter().zip(found) {
                    outcomes[*place][*index] = found;
                }
                group.retain(|(u, o)| outcomes[*u][*o].is_none());
            }
            let Some((u, o)) = group.first() else {
                continue;
            };
            let unit = &units[*u];
            let direction = unit.operations[*o].direction;
            let limit = self.at_once(side, unit.relationship, direction);
            for chunk in group.chunks(limit) {
                let mut writes: Vec<Write> = chunk
                    .iter()
                    .map(|(u, o)| self.write_of(&mut units[*u].operations[*o]))
                    .collect();
                let results = self.stores[side.index()]
                    .write(&object, &writes)
                    .map_err(|e| self.error(side, e))?;
                for ((u, o), write) in chunk.iter().zip(&mut writes) {
                    give_values_back(&mut units[*u].operations[*o], write);
                }
                let relationships = chunk.iter().map(|(u, _)| units[*u].relationship);
                self.note(relationships, side, &object, &writes, &results);
                for ((place, index), result) in chunk.iter().zip(results) {
                    outcomes[*place][*index] = Some(result);
                }
            }
        }
        Ok(())
    }

    /// Writes to a call, as store and rules take them.
    pub(super) fn at_once(&self, side: Side, relationship: RelId, direction: Direction) -> usize {
        let limit = self.stores[side.index()].capabilities().batch;
        let rules = &self.program[relationship].directions[direction.index()];
        rules.batch.map_or(limit, |b| limit.min(b as usize)).max(1)
    }

    /// Notes which objects were written, and the stamps of the records of shared ones.
    pub(super) fn note(
        &mut self,
        relationships: impl Iterator<Item = RelId>,
        side: Side,
        object: &SmolStr,
        writes: &[Write],
        results: &[WriteResult],
    ) {
        let shared = self.shared.contains(&(side, object.clone()));
        let mut noted = None;
        for ((relationship, write), result) in relationships.zip(writes).zip(results) {
            let WriteResult::Done { id, stamp } = result else {
                continue;
            };
            if noted != Some(relationship) {
                noted = Some(relationship);
                self.wrote.insert((relationship, side, object.clone()));
            }
            if shared && !matches!(write.kind, WriteKind::Create { .. }) {
                let key = record_key(side, object, id);
                let before = self.stamps.insert(key.clone(), stamp.clone());
                if let Some(replaced) = &mut self.replaced {
                    replaced.push((key, before));
                }
            }
        }
    }

    /// Takes the values out of the operation: [`give_values_back`] returns them.
    fn write_of(&self, operation: &mut Operation) -> Write {
        let expect = self.expect(operation);
        let id = operation.id.clone();
        let kind = match (operation.kind, id) {
            (OperationKind::Create, id) => WriteKind::Create { id },
            (OperationKind::Delete, Some(id)) => WriteKind::Delete { id },
            (_, Some(id)) => WriteKind::Update { id },
            (_, None) => WriteKind::Update { id: Value::Null },
        };
        let mut fields = Vec::new();
        if !matches!(kind, WriteKind::Delete { .. }) {
            fields.reserve_exact(operation.changes.len());
            for change in &mut operation.changes {
                if let To::Value(value) = &mut change.to {
                    fields.push((change.field.clone(), std::mem::take(value)));
                }
            }
        }
        Write {
            kind,
            fields,
            expect,
        }
    }

    pub(super) fn expect(&self, operation: &Operation) -> Expect {
        if operation.kind == OperationKind::Create {
            return Expect::Anything;
        }
        if !self.stamps.is_empty()
            && let Some(id) = &operation.id
            && let Some(stamp) = self
                .stamps
                .get(&record_key(operation.side, &operation.object, id))
        {
            return if stamp.is_null() {
                Expect::Anything
            } else {
                Expect::Stamp(stamp.clone())
            };
        }
        if !operation.expect.is_null() {
            return Expect::Stamp(operation.expect.clone());
        }
        if operation.expect_fields.is_empty() {
            Expect::Anything
        } else {
            Expect::Fields(operation.expect_fields.clone())
        }
    }
}

fn give_values_back(operation: &mut Operation, write: &mut Write) {
    let mut values = write.fields.iter_mut().map(|(_, value)| value);
    if matches!(write.kind, WriteKind::Delete { .. }) {
        return;
    }
    for change in &mut operation.changes {
        if let To::Value(value) = &mut change.to
            && let Some(written) = values.next()
        {
            *value = std::mem::take(written);
        }
    }
}

pub fn record_key(side: Side, object: &str, id: &Value) -> Vec<u8> {
    let mut key = vec![side as u8];
    key.extend_from_slice(object.as_bytes());
    key.push(0);
    encode(id, &mut key);
    key
}

pub fn encode_units(units: &[Unit]) -> Vec<u8> {
    let mut encoder = codec::Encoder::default();
    let mut out = Vec::new();
    units.iter().for_each(|u| encoder.encode(u, &mut out));
    out
}

/// # Errors
/// A ledger that is damaged.
pub fn decode_units(batch: &Batch) -> Result<Vec<Unit>, ApplyError> {
    codec::decode_all(&batch.operations).ok_or_else(|| {
        ApplyError::Plan(PlanError::Output(
            "the ledger's outbox holds a batch that can not be read: it is damaged".to_string(),
        ))
    })
}
