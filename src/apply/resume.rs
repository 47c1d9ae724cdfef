//! After a crash: the outbox of a run that never finished is gone on with (engine, section 6, unknown outcome).
//!
//! A batch that was sent may have been written. Each of its operations is looked for first: a create by its id, else by the values that
//! were sent, else by its match keys, among the unlinked records that changed since it was planned; an update by its values; a delete
//! by the record's absence.

use chrono::{DateTime, TimeDelta, Timelike, Utc};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::batch::{Writer, record_key};
use super::effects::effects;
use super::outage::Outage;
use super::results::{OperationResult, decode_results};
use super::settle::forget_stamps;
use super::undo::UNDO;
use super::{ApplyError, Observer, Options};
use crate::ledger::{Batch, BatchState, Effect, Ledger, RunState};
use crate::plan::{
    Change, Layouts, LinkOutcome, Operation, OperationKind, PlanError, To, Unit, codec, instant_of,
    layout,
};
use crate::program::{Expr, Program, RelId, Side};
use crate::schema::Object;
use crate::store::{PageToken, Projection, Record, Since, Store, StoreError, WriteResult};
use crate::value::{Value, convert, same_in};

/// Goes on with the run that never finished, if there is one; how many of its operations are done by that.
///
/// # Errors
/// See [`ApplyError`]; the run stays unfinished then.
pub fn resume(
    program: &Program,
    stores: &mut [Box<dyn Store>; 2],
    ledger: &mut Ledger,
    now: DateTime<Utc>,
    options: &Options,
    observer: &mut dyn Observer,
) -> Result<u64, ApplyError> {
    let Some(run) = ledger.unfinished()? else {
        return Ok(0);
    };
    let same = run.rules == program.rules_hash();
    ledger.begin_run(&run.id, &run.command, run.rules, now)?;
    if same {
        note_layouts(program, ledger)?;
    }
    let mut recovery = Recovery::new(ledger.reader()?, run.started_at);
    // Where stamps are no finer than a second, what the run right before made looks as new.
    for earlier in ledger.runs(RECENT_RUNS)? {
        let ended = earlier.finished_at.unwrap_or(earlier.started_at);
        if earlier.id != run.id && ended >= run.started_at - TimeDelta::seconds(2) {
            each_batch(ledger, &earlier.id, |batch| recovery.claim(batch))?;
        }
    }
    let mut writer = Writer::new(program, stores, now, options.poster.as_ref());
    if run.command == UNDO {
        writer = writer.follow_all();
    }
    let mut outage = Outage::default();
    let (mut after, mut done) = (0, 0);
    while let Some(batch) = ledger.batches(&run.id, after, 1)?.into_iter().next() {
        after = batch.number;
        if observer.interrupted() {
            return Err(ApplyError::Plan(PlanError::Interrupted));
        }
        recovery.relationship = batch.relationship.clone();
        let counts = match (batch.state, same) {
            (BatchState::Done, _) => {
                recovery.claim(&batch);
                writer.follow(&batch);
                None
            }
            (BatchState::Stale, _) => None,
            (BatchState::Planned, true) => outage.carry_out(&mut writer, ledger, &batch, None)?,
            (BatchState::Planned, false) => {
                ledger.complete(batch.number, BatchState::Stale, None, &[], &[])?;
                None
            }
            (BatchState::Sent, true) => {
                outage.carry_out(&mut writer, ledger, &batch, Some(&mut recovery))?
            }
            (BatchState::Sent, false) => {
                link_created(program, &mut writer, ledger, &batch, &mut recovery)?;
                None
            }
        };
        done += counts.map_or(0, |c| c.done);
    }
    outage.end()?;
    let summary = serde_json::json!({ "done": done, "resumed": true }).to_string();
    ledger.finish_run(&run.id, RunState::Interrupted, &summary, now)?;
    Ok(done)
}

/// How many runs before it may have ended just before the dead one.
const RECENT_RUNS: usize = 10;

fn each_batch(ledger: &Ledger, run: &str, mut act: impl FnMut(&Batch)) -> Result<(), ApplyError> {
    let mut after = 0;
    while let Some(batch) = ledger.batches(run, after, 1)?.pop() {
        after = batch.number;
        act(&batch);
    }
    Ok(())
}

/// Bases are about to be noted in the layouts of these rules.
fn note_layouts(program: &Program, ledger: &mut Ledger) -> Result<(), ApplyError> {
    let mut fresh = Vec::new();
    for rules in &program.relationships {
        let (_, new) = Layouts::new(&layout(rules), &ledger.layouts(&rules.name)?);
        fresh.extend(new.map(|(number, lines)| Effect::Layout {
            relationship: rules.name.clone(),
            number,
            lines,
        }));
    }
    Ok(ledger.record(&fresh)?)
}

/// The rules changed since: nothing more is written of the old plan, but what it created is linked, to be merged as at a first sync.
fn link_created(
    program: &Program,
    writer: &mut Writer<'_>,
    ledger: &mut Ledger,
    batch: &Batch,
    recovery: &mut Recovery,
) -> Result<(), ApplyError> {
    let mut all = Vec::new();
    if let (Some(relationship), Some(units)) = (
        program.relationship(&batch.relationship),
        codec::decode_all(&batch.operations),
    ) {
        let rules = &program[relationship];
        let (layouts, fresh) = Layouts::new(&layout(rules), &ledger.layouts(&rules.name)?);
        if let Some((number, lines)) = fresh {
            all.push(Effect::Layout {
                relationship: rules.name.clone(),
                number,
                lines,
            });
        }
        for unit in units {
            let Some(unit) = only_creates(rules, relationship, unit) else {
                continue;
            };
            let Some(create) = unit.operations.first() else {
                continue;
            };
            let found = recovery.find(writer, create.side, &create.object, &[create])?;
            if matches!(found.first(), Some(Some(WriteResult::Done { .. }))) {
                effects(program, &layouts, &unit, &found, &mut all);
                all.iter_mut().for_each(forget_stamps);
            }
        }
    }
    ledger.complete(batch.number, BatchState::Stale, None, &[], &all)?;
    Ok(())
}

fn only_creates(
    rules: &crate::program::Relationship,
    relationship: RelId,
    mut unit: Unit,
) -> Option<Unit> {
    unit.operations.retain(|o| o.kind == OperationKind::Create);
    let create = unit.operations.first()?;
    let objects = |side: Side, name: &str| {
        rules.sides[side.index()]
            .objects
            .iter()
            .any(|o| o.name == name)
    };
    let source = create.source.as_ref()?;
    let fits = objects(create.side, &create.object) && objects(create.side.other(), &source.object);
    let wanted = matches!(unit.outcome, LinkOutcome::Linked | LinkOutcome::Once);
    unit.relationship = relationship;
    unit.base = vec![None; rules.lines.len()];
    unit.old_base = unit.base.clone();
    unit.kept = Default::default();
    (fits && wanted).then_some(unit)
}

/// Looks for what a dead run may have done.
pub struct Recovery {
    /// Reads which records are linked.
    reader: Ledger,
    pub relationship: SmolStr,
    since: DateTime<Utc>,
    /// Records that are the result of another operation.
    claimed: FxHashSet<Vec<u8>>,
}

impl Recovery {
    /// `reader` sees which records are linked; `since`: when the run began.
    pub fn new(reader: Ledger, since: DateTime<Utc>) -> Recovery {
        Recovery {
            reader,
            relationship: SmolStr::default(),
            since,
            claimed: FxHashSet::default(),
        }
    }

    /// For each operation on an object: its result, if it was done already.
    pub fn find(
        &mut self,
        writer: &mut Writer<'_>,
        side: Side,
        object: &SmolStr,
        operations: &[&Operation],
    ) -> Result<Vec<Option<WriteResult>>, ApplyError> {
        let store = &writer.program.stores[side.index()];
        let Some(schema) = store.schema.objects.get(object).cloned() else {
            return Ok(vec![None; operations.len()]);
        };
        let projection = Projection {
            object: object.clone(),
            fields: schema.fields.keys().cloned().map(Some).collect(),
        };
        let ids: Vec<Value> = operations.iter().filter_map(|o| o.id.clone()).collect();
        let fail = |error: StoreError| {
            ApplyError::Plan(PlanError::Store {
                store: store.name.clone(),
                error,
            })
        };
        let opened = writer.stores[side.index()].as_mut();
        let mut by_id = opened.get(&projection, &ids).map_err(fail)?.into_iter();
        let keys = keys(writer.program, &self.relationship, side);
        let nameless = |o: &&Operation| o.kind == OperationKind::Create && o.id.is_none();
        let creates: Vec<&Operation> = operations.iter().copied().filter(nameless).collect();
        let twins = self
            .twins(opened, &schema, &projection, side, &creates, &keys)
            .map_err(fail)?;
        let twins = self.unlinked(side, object, twins)?;
        let fields = telling_fields(&schema, &creates, &keys);
        let marks = Marks::of(twins.iter().map(|r| marks_of(r, &fields)));
        let mut found = Vec::with_capacity(operations.len());
        for operation in operations {
            let present = operation.id.as_ref().and_then(|_| by_id.next().flatten());
            let done = |record: &Record| WriteResult::Done {
                id: record.id.clone(),
                stamp: record.stamp.clone(),
            };
            found.push(match (operation.kind, present) {
                (OperationKind::Create, Some(record)) => Some(done(&record)),
                (OperationKind::Create, None) if operation.id.is_none() => {
                    // Exactly what was sent, else what has its keys: somebody may have changed the rest since.
                    let own = telling(&schema, operation, &keys);
                    let near = match own.is_empty() {
                        true => (0..twins.len()).collect(),
                        false => marks.shared_by(&own),
                    };
                    let twin = [Vec::new(), keys.clone()].iter().find_map(|keys| {
                        near.iter().map(|at| &twins[*at]).find(|r| {
                            is_twin(&schema, operation, r, keys)
                                && !self.claimed.contains(&record_key(side, object, &r.id))
                        })
                    });
                    if let Some(record) = twin {
                        self.claimed.insert(record_key(side, object, &record.id));
                    }
                    twin.map(done)
                }
                (OperationKind::Create, None) => None,
                (OperationKind::Delete, None) => operation.id.clone().map(|id| WriteResult::Done {
                    id,
                    stamp: Value::Null,
                }),
                (OperationKind::Delete, Some(record)) if record.deleted => Some(done(&record)),
                (OperationKind::Delete, Some(_)) => None,
                (_, Some(record)) if equal(&schema, operation, &record) => Some(done(&record)),
                (_, _) => None,
            });
        }
        Ok(found)
    }

    /// Records that one of the creates may have made.
    fn twins(
        &self,
        store: &mut dyn Store,
        schema: &Object,
        projection: &Projection,
        side: Side,
        creates: &[&Operation],
        keys: &[Vec<SmolStr>],
    ) -> Result<Vec<Record>, StoreError> {
        let mut twins = Vec::new();
        let Some(first) = creates.iter().map(|o| self.sent_after(o)).min() else {
            return Ok(twins);
        };
        let fields = telling_fields(schema, creates, keys);
        let marks = Marks::of(creates.iter().map(|o| telling(schema, o, keys)));
        let since = if schema.modified.is_some() {
            Since::Stamp(store.stamp_of(&projection.object, whole_second(first))?)
        } else {
            Since::Start
        };
        let mut after: Option<PageToken> = None;
        loop {
            let page = store.read(projection, &since, after.as_ref(), 1000)?;
            let may_be = |r: &Record| {
                !r.deleted
                    && instant_of(&r.stamp).is_none_or(|at| not_before(at, first))
                    && !self
                        .claimed
                        .contains(&record_key(side, &projection.object, &r.id))
                    && marks
                        .shared_by(&marks_of(r, &fields))
                        .into_iter()
                        .map(|at| creates[at])
                        .any(|o| is_twin(schema, o, r, &[]) || is_twin(schema, o, r, keys))
            };
            twins.extend(page.records.into_iter().filter(may_be));
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(twins),
            }
        }
    }

    /// The store's time before the create left.
    fn sent_after(&self, create: &Operation) -> DateTime<Utc> {
        match &create.expect {
            Value::Instant(at) => *at,
            _ => self.since,
        }
    }

    /// A record that is linked is the result of something else.
    fn unlinked(
        &self,
        side: Side,
        object: &SmolStr,
        records: Vec<Record>,
    ) -> Result<Vec<Record>, ApplyError> {
        let ids: Vec<Value> = records.iter().map(|r| r.id.clone()).collect();
        let links = self.reader.links(&self.relationship, side, &ids)?;
        let linked: FxHashSet<usize> = links
            .into_iter()
            .filter(|(_, l)| l.objects[side.index()] == *object)
            .map(|(place, _)| place)
            .collect();
        let free = records.into_iter().enumerate();
        Ok(free
            .filter(|(place, _)| !linked.contains(place))
            .map(|(_, record)| record)
            .collect())
    }

    /// What a settled batch made without linking it is the result of that batch.
    fn claim(&mut self, batch: &Batch) {
        let units = codec::decode_all(&batch.operations).unwrap_or_default();
        let results = decode_results(&batch.results).unwrap_or_default();
        let operations = units
            .iter()
            .flat_map(|u| u.operations.iter().map(move |o| (u.outcome, o)));
        for ((outcome, operation), result) in operations.zip(results) {
            if let (OperationKind::Create, OperationResult::Done { id, .. }) =
                (operation.kind, result)
                && outcome != LinkOutcome::Linked
            {
                self.claimed
                    .insert(record_key(operation.side, &operation.object, &id));
            }
        }
    }
}

/// A field's place in its object and the hash of a value: what records and creates are told apart by before they are compared.
type Mark = (usize, u64);

/// Which of several have a mark; those without any may be anything.
struct Marks {
    by: FxHashMap<Mark, Vec<usize>>,
    unmarked: Vec<usize>,
}

impl Marks {
    fn of(all: impl Iterator<Item = Vec<Mark>>) -> Marks {
        let mut marks = Marks {
            by: FxHashMap::default(),
            unmarked: Vec::new(),
        };
        for (at, own) in all.enumerate() {
            if own.is_empty() {
                marks.unmarked.push(at);
            }
            for mark in own {
                marks.by.entry(mark).or_default().push(at);
            }
        }
        marks
    }

    /// The places, in order, of those that share one of `marks`, and of those without any.
    fn shared_by(&self, marks: &[Mark]) -> Vec<usize> {
        let shared = marks.iter().filter_map(|m| self.by.get(m)).flatten();
        let mut places: Vec<usize> = shared.chain(&self.unmarked).copied().collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// What tells a create: the first value that it sends, and the first of each match key.
fn telling(schema: &Object, create: &Operation, keys: &[Vec<SmolStr>]) -> Vec<Mark> {
    let mark = |change: &Change| {
        let To::Value(value) = &change.to else {
            return None;
        };
        let (at, _, field) = schema.fields.get_full(&change.field)?;
        let value = convert(value.clone(), &field.ty).ok()?;
        (!value.is_blank()).then(|| (at, value.hash64()))
    };
    let firsts = keys.iter().filter_map(|key| key.first());
    let of_keys = firsts.filter_map(|f| create.changes.iter().find(|c| c.field == *f));
    let mut marks: Vec<Mark> = of_keys.filter_map(mark).collect();
    marks.extend(create.changes.iter().find_map(mark));
    marks
}

/// The places of the fields that tell one of the creates.
fn telling_fields(
    schema: &Object,
    creates: &[&Operation],
    keys: &[Vec<SmolStr>],
) -> FxHashSet<usize> {
    let marks = creates.iter().flat_map(|o| telling(schema, o, keys));
    marks.map(|(at, _)| at).collect()
}

fn marks_of(record: &Record, fields: &FxHashSet<usize>) -> Vec<Mark> {
    let told = fields.iter().map(|at| (*at, &record.values[*at]));
    let full = told.filter(|(_, value)| !value.is_blank());
    full.map(|(at, value)| (at, value.hash64())).collect()
}

fn whole_second(at: DateTime<Utc>) -> DateTime<Utc> {
    at.with_nanosecond(0).unwrap_or(at)
}

/// Whether a stamp may be of `first` or later: stamps can be no finer than a second.
fn not_before(stamp: DateTime<Utc>, first: DateTime<Utc>) -> bool {
    stamp >= first || (stamp.nanosecond() == 0 && stamp >= whole_second(first))
}

/// By match key: the fields that it reads on one side.
fn keys(program: &Program, relationship: &str, side: Side) -> Vec<Vec<SmolStr>> {
    let Some(rules) = program.relationship(relationship).map(|id| &program[id]) else {
        return Vec::new();
    };
    let slots = &rules.sides[side.index()].slots;
    let fields = |key: &crate::program::Key| {
        let mut fields = Vec::new();
        for (left, right) in &key.columns {
            let column = if side == Side::Left { left } else { right };
            column.visit(&mut |e| match e {
                Expr::Field(of, slot) if *of == side => {
                    fields.push(slots[slot.0 as usize].field.clone());
                }
                _ => {}
            });
        }
        fields
    };
    rules.keys.iter().map(fields).collect()
}

/// Whether the record has the values that were sent: those of one of the keys, or without keys all of them.
fn is_twin(schema: &Object, create: &Operation, record: &Record, keys: &[Vec<SmolStr>]) -> bool {
    if keys.is_empty() {
        return equal(schema, create, record);
    }
    let has = |field: &SmolStr| {
        create.changes.iter().any(|c| {
            c.field == *field
                && matches!(&c.to, To::Value(v) if !v.is_blank())
                && holds(schema, c, record)
        })
    };
    keys.iter()
        .any(|key| !key.is_empty() && key.iter().all(has))
}

/// Whether the record has all the values of an operation.
fn equal(schema: &Object, operation: &Operation, record: &Record) -> bool {
    operation.changes.iter().all(|c| holds(schema, c, record))
}

fn holds(schema: &Object, change: &Change, record: &Record) -> bool {
    match &change.to {
        To::Value(value) => schema
            .fields
            .get_full(&change.field)
            .is_some_and(|(at, _, field)| same_in(&field.ty, value, &record.values[at])),
        _ => true,
    }
}
