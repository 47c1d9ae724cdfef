//! Looking for what a dead run may have done (engine, section 6, unknown outcome).

mod made;
mod twin;

use chrono::{DateTime, Utc};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use self::made::{Made, Marks, Sought};
use self::twin::{equal, is_twin, keys_of, marks_of, telling};
use super::ApplyError;
use super::batch::{Writer, record_key};
use super::results::{OperationResult, decode_results};
use crate::ledger::{Batch, BatchState, Ledger};
use crate::plan::{LinkOutcome, Operation, OperationKind, PAGE, Unit, codec};
use crate::program::{Program, Side};
use crate::schema::Object;
use crate::store::{Projection, Record, WriteResult};
use crate::value::Value;

/// Where records were made: relationship, side and object.
type Created = (SmolStr, Side, SmolStr);

/// Looks for what a dead run may have done.
pub struct Recovery {
    /// Reads which records are linked.
    reader: Ledger,
    pub relationship: SmolStr,
    run: SmolStr,
    since: DateTime<Utc>,
    /// Records that are the result of another operation.
    claimed: FxHashSet<Vec<u8>>,
    /// What its sent batches create, once that is asked for.
    sought: Option<FxHashMap<Created, Sought>>,
    made: FxHashMap<Created, Made>,
}

impl Recovery {
    /// `reader` sees which records are linked; `since`: when the run began.
    pub fn new(reader: Ledger, run: &str, since: DateTime<Utc>) -> Recovery {
        Recovery {
            reader,
            relationship: SmolStr::default(),
            run: SmolStr::from(run),
            since,
            claimed: FxHashSet::default(),
            sought: None,
            made: FxHashMap::default(),
        }
    }

    /// Whether nothing of a batch that was sent has come about. `false` too where only carrying it out can tell.
    pub fn is_untouched(
        &mut self,
        writer: &mut Writer<'_>,
        units: &[Unit],
    ) -> Result<bool, ApplyError> {
        if writer.needs_ledger(units) {
            return Ok(false);
        }
        let mut written: FxHashMap<(Side, &SmolStr), Vec<&Operation>> = FxHashMap::default();
        for operation in units.iter().flat_map(|u| &u.operations) {
            match operation.kind {
                OperationKind::Create | OperationKind::Update | OperationKind::Delete => {
                    let of = (operation.side, &operation.object);
                    written.entry(of).or_default().push(operation);
                }
                // Nothing but what follows from the others.
                OperationKind::Link | OperationKind::Unlink | OperationKind::WriteBack => {}
                OperationKind::Alter
                | OperationKind::Merge
                | OperationKind::Convert
                | OperationKind::Action => return Ok(false),
            }
        }
        for ((side, object), operations) in written {
            let found = self.find(writer, side, object, &operations)?;
            if found.iter().any(Option::is_some) {
                // Whoever carries it out looks again.
                for (operation, found) in operations.iter().zip(found) {
                    if let (true, Some(WriteResult::Done { id, .. })) =
                        (is_nameless(operation), found)
                    {
                        self.claimed.remove(&record_key(side, object, &id));
                    }
                }
                return Ok(false);
            }
        }
        Ok(true)
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
        let mut by_id = get(writer, side, &projection, &ids)?.into_iter();
        let keys = keys_of(writer.program, &self.relationship, side);
        let creates = operations.iter().copied().filter(|o| is_nameless(o));
        let mut sought = Sought::default();
        for create in creates {
            sought.add(
                sent_after(create, self.since),
                telling(&schema, create, &keys),
            );
        }
        let twins = match sought.is_empty() {
            true => Vec::new(),
            false => self.twins(writer, side, &schema, &projection, &sought)?,
        };
        let fields = sought.fields();
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
                    let near = marks.shared_by(&own);
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

    /// Records that one of those sought may have made: not deleted, and not known to be the result of something else.
    fn twins(
        &mut self,
        writer: &mut Writer<'_>,
        side: Side,
        schema: &Object,
        projection: &Projection,
        sought: &Sought,
    ) -> Result<Vec<Record>, ApplyError> {
        let of: Created = (self.relationship.clone(), side, schema.name.clone());
        if !self.made.get(&of).is_some_and(|made| made.covers(sought)) {
            let made = self.look(writer, schema, &of, sought)?;
            self.made.insert(of.clone(), made);
        }
        let near = self.made.get(&of).map(|made| made.near(sought));
        let found = get(writer, side, projection, &near.unwrap_or_default())?;
        let fields = sought.fields();
        let mut twins: Vec<Record> = found.into_iter().flatten().collect();
        twins.retain(|r| sought.may_have_made(r, &marks_of(r, &fields)));
        self.free(&of, twins)
    }

    /// Looks through the object, for all that the sent batches may have made of it.
    fn look(
        &mut self,
        writer: &mut Writer<'_>,
        schema: &Object,
        of: &Created,
        now: &Sought,
    ) -> Result<Made, ApplyError> {
        let mut sought = match self.sought.take() {
            Some(sought) => sought,
            None => self.sent(writer.program)?,
        };
        let before = self.made.remove(of).map(Made::into_sought);
        let mut all = before.or_else(|| sought.remove(of)).unwrap_or_default();
        self.sought = Some(sought);
        let side = of.1;
        // An operation can leave with other values than it was planned with, where some of them are known only then.
        all.add_all(now.clone());
        let mut made = Made::new(all);
        let projection = made.projection(schema);
        let store = &mut writer.stores[side.index()];
        let since = made.since(store.as_mut(), schema);
        let since = since.map_err(|e| writer.error(side, e))?;
        let mut after = None;
        loop {
            let store = &mut writer.stores[side.index()];
            let page = store.read(&projection, &since, after.as_ref(), PAGE);
            let mut page = page.map_err(|e| writer.error(side, e))?;
            page.records.retain(|record| made.may_be_of(record));
            let free = self.free(of, page.records)?;
            free.into_iter().for_each(|record| made.add(record));
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(made.complete()),
            }
        }
    }

    /// What the batches of the run create whose answers are not known.
    fn sent(&self, program: &Program) -> Result<FxHashMap<Created, Sought>, ApplyError> {
        let mut sought: FxHashMap<Created, Sought> = FxHashMap::default();
        let mut fields: FxHashMap<(SmolStr, Side), Vec<Vec<SmolStr>>> = FxHashMap::default();
        each_batch(&self.reader, &self.run, |batch| {
            if batch.state != BatchState::Sent {
                return;
            }
            let units = codec::decode_all(&batch.operations).unwrap_or_default();
            for create in units
                .iter()
                .flat_map(|u| &u.operations)
                .filter(|o| is_nameless(o))
            {
                let side = create.side;
                let objects = &program.stores[side.index()].schema.objects;
                let Some(schema) = objects.get(&create.object) else {
                    continue;
                };
                let of = (batch.relationship.clone(), side);
                let keys = fields.entry(of);
                let keys = keys.or_insert_with(|| keys_of(program, &batch.relationship, side));
                let of = (batch.relationship.clone(), side, create.object.clone());
                let marks = telling(schema, create, keys);
                let all = sought.entry(of).or_default();
                all.add(sent_after(create, self.since), marks);
            }
        })?;
        Ok(sought)
    }

    /// Without the records that are linked or claimed: those are the result of something else.
    fn free(&self, of: &Created, mut records: Vec<Record>) -> Result<Vec<Record>, ApplyError> {
        let (relationship, side, object) = of;
        records.retain(|r| !self.claimed.contains(&record_key(*side, object, &r.id)));
        let ids: Vec<Value> = records.iter().map(|r| r.id.clone()).collect();
        let links = self.reader.links(relationship, *side, &ids)?;
        let mut linked = vec![false; records.len()];
        for (place, link) in links {
            linked[place] |= link.objects[side.index()] == *object;
        }
        let mut linked = linked.into_iter();
        records.retain(|_| !linked.next().unwrap_or_default());
        Ok(records)
    }

    /// What a settled batch made without linking it is the result of that batch.
    pub fn claim(&mut self, batch: &Batch) {
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

/// The records with these ids, each in its place.
fn get(
    writer: &mut Writer<'_>,
    side: Side,
    projection: &Projection,
    ids: &[Value],
) -> Result<Vec<Option<Record>>, ApplyError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = writer.stores[side.index()].get(projection, ids);
    found.map_err(|error| writer.error(side, error))
}

/// The store's time before the create left; `since`: when its run began.
fn sent_after(create: &Operation, since: DateTime<Utc>) -> DateTime<Utc> {
    match &create.expect {
        Value::Instant(at) => *at,
        _ => since,
    }
}

/// Whether it makes a record whose id only the store's answer tells.
fn is_nameless(operation: &Operation) -> bool {
    operation.kind == OperationKind::Create && operation.id.is_none()
}

/// Shows all batches of a run, in order.
pub fn each_batch(
    ledger: &Ledger,
    run: &str,
    mut act: impl FnMut(&Batch),
) -> Result<(), ApplyError> {
    let mut after = 0;
    while let Some(batch) = ledger.batches(run, after, 1)?.pop() {
        after = batch.number;
        act(&batch);
    }
    Ok(())
}
