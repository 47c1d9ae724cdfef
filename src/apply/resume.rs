//! After a crash: the outbox of a run that never finished is gone on with (engine, section 6, unknown outcome).
//!
//! A batch that was sent may have been written. Each of its operations is looked for first: a create by its id, else by the values that
//! were sent among what changed since the run began; an update by its values; a delete by the record's absence.

use chrono::{DateTime, Utc};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::batch::{Writer, record_key};
use super::effects::effects;
use super::{ApplyError, Observer};
use crate::ledger::{Batch, BatchState, Ledger, RunState};
use crate::plan::{
    Layouts, LinkOutcome, Operation, OperationKind, PlanError, To, Unit, codec, layout,
};
use crate::program::{Program, RelId, Side};
use crate::store::{PageToken, Projection, Record, Since, Store, StoreError, WriteResult};
use crate::value::{Value, same_in};

/// Goes on with the run that never finished, if there is one; how many of its operations are done by that.
///
/// # Errors
/// See [`ApplyError`]; the run stays unfinished then.
pub fn resume(
    program: &Program,
    stores: &mut [Box<dyn Store>; 2],
    ledger: &mut Ledger,
    now: DateTime<Utc>,
    observer: &mut dyn Observer,
) -> Result<u64, ApplyError> {
    let Some(run) = ledger.unfinished()? else {
        return Ok(0);
    };
    let same = run.rules == program.rules_hash();
    ledger.begin_run(&run.id, &run.command, run.rules, now)?;
    let mut recovery = Recovery::new(run.started_at);
    let mut writer = Writer::new(program, stores, now).follow_all();
    let (mut after, mut done) = (0, 0);
    while let Some(batch) = ledger.batches(&run.id, after, 1)?.into_iter().next() {
        after = batch.number;
        if observer.interrupted() {
            return Err(ApplyError::Plan(PlanError::Interrupted));
        }
        match (batch.state, same) {
            (BatchState::Done | BatchState::Stale, _) => {}
            (BatchState::Planned, true) => done += writer.carry_out(ledger, &batch, None)?.done,
            (BatchState::Planned, false) => {
                ledger.complete(batch.number, BatchState::Stale, None, &[], &[])?
            }
            (BatchState::Sent, true) => {
                done += writer.carry_out(ledger, &batch, Some(&mut recovery))?.done
            }
            (BatchState::Sent, false) => {
                link_created(program, &mut writer, ledger, &batch, &mut recovery)?
            }
        }
    }
    let summary = serde_json::json!({ "done": done, "resumed": true }).to_string();
    ledger.finish_run(&run.id, RunState::Interrupted, &summary, now)?;
    Ok(done)
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
            all.push(crate::ledger::Effect::Layout {
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
    (fits && wanted).then_some(unit)
}

/// Looks for what a dead run may have done.
pub struct Recovery {
    since: DateTime<Utc>,
    claimed: FxHashSet<Vec<u8>>,
    recent: FxHashMap<(Side, SmolStr), Vec<Record>>,
}

impl Recovery {
    /// `since`: when the run began.
    pub fn new(since: DateTime<Utc>) -> Recovery {
        Recovery {
            since,
            claimed: FxHashSet::default(),
            recent: FxHashMap::default(),
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
        let Some(schema) = writer.program.stores[side.index()]
            .schema
            .objects
            .get(object)
            .cloned()
        else {
            return Ok(vec![None; operations.len()]);
        };
        let names: Vec<SmolStr> = schema.fields.keys().cloned().collect();
        let projection = Projection {
            object: object.clone(),
            fields: names.iter().cloned().map(Some).collect(),
        };
        let ids: Vec<Value> = operations.iter().filter_map(|o| o.id.clone()).collect();
        let store = &mut writer.stores[side.index()];
        let name = writer.program.stores[side.index()].name.clone();
        let fail = |error: StoreError| {
            ApplyError::Plan(PlanError::Store {
                store: name.clone(),
                error,
            })
        };
        let mut by_id = store.get(&projection, &ids).map_err(fail)?.into_iter();
        let mut found = Vec::with_capacity(operations.len());
        for operation in operations {
            let present = if operation.id.is_some() {
                by_id.next().flatten()
            } else {
                None
            };
            let equal = |record: &Record| {
                operation.changes.iter().all(|c| match &c.to {
                    To::Value(value) => {
                        let place = schema.fields.get_index_of(&c.field);
                        place.is_some_and(|p| {
                            same_in(&schema.fields[p].ty, value, &record.values[p])
                        })
                    }
                    _ => true,
                })
            };
            let done = |record: &Record| WriteResult::Done {
                id: record.id.clone(),
                stamp: record.stamp.clone(),
            };
            found.push(match (operation.kind, present) {
                (OperationKind::Create, Some(record)) => Some(done(&record)),
                (OperationKind::Create, None) if operation.id.is_none() => {
                    if !self.recent.contains_key(&(side, object.clone())) {
                        let rows = recent(
                            store.as_mut(),
                            &projection,
                            schema.modified.is_some(),
                            self.since,
                        )
                        .map_err(fail)?;
                        self.recent.insert((side, object.clone()), rows);
                    }
                    let rows = self.recent.get(&(side, object.clone()));
                    let twin = rows.into_iter().flatten().find(|r| {
                        equal(r) && !self.claimed.contains(&record_key(side, object, &r.id))
                    });
                    let twin = twin.map(|r| (done(r), record_key(side, object, &r.id)));
                    twin.map(|(result, key)| {
                        self.claimed.insert(key);
                        result
                    })
                }
                (OperationKind::Create, None) => None,
                (OperationKind::Delete, None) => operation.id.clone().map(|id| WriteResult::Done {
                    id,
                    stamp: Value::Null,
                }),
                (OperationKind::Delete, Some(record)) if record.deleted => Some(done(&record)),
                (OperationKind::Delete, Some(_)) => None,
                (_, Some(record)) if equal(&record) => Some(done(&record)),
                (_, _) => None,
            });
        }
        Ok(found)
    }
}

/// What changed since the run began (everything, where the object does not tell).
fn recent(
    store: &mut dyn Store,
    projection: &Projection,
    versioned: bool,
    since: DateTime<Utc>,
) -> Result<Vec<Record>, StoreError> {
    let since = match versioned {
        true => {
            let stamp = store.stamp_of(&projection.object, since)?;
            store
                .stamp_before(&projection.object, &stamp, 60_000)?
                .map_or(Since::Start, Since::Stamp)
        }
        false => Since::Start,
    };
    let mut records = Vec::new();
    let mut after: Option<PageToken> = None;
    loop {
        let page = store.read(projection, &since, after.as_ref(), 1000)?;
        records.extend(page.records.into_iter().filter(|r| !r.deleted));
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(records),
        }
    }
}
