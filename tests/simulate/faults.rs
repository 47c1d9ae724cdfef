//! A store that fails on demand: kills, lost answers, refused records, outages, and users who edit in the middle.

use std::sync::{Arc, Mutex, MutexGuard};

use bilateral::program::Side;
use bilateral::schema::{Field, StoreSchema};
use bilateral::store::{
    Capabilities, MemoryStore, Page, PageToken, Projection, Record, RecordError, Since, Step,
    Store, StoreError, StoreOutcome, Together, Write, WriteKind, WriteResult,
};
use bilateral::value::Value;
use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use super::history::Edit;

/// A moment of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    Read,
    BeforeWrite,
    AfterWrite,
    /// The plan is made; nothing is journaled for good yet.
    Confirm,
    /// The plan is journaled, a batch is about to be sent.
    BetweenBatches,
    /// A batch is settled in the ledger.
    Settled,
}

pub const MOMENTS: [Moment; 6] = [
    Moment::Read,
    Moment::BeforeWrite,
    Moment::AfterWrite,
    Moment::Confirm,
    Moment::BetweenBatches,
    Moment::Settled,
];

#[derive(Debug, Clone)]
pub enum Fault {
    /// The process dies at the n-th such moment of the run.
    Kill(Moment, usize),
    /// The n-th write and those that follow find the store down.
    Down(Side, usize),
    /// The store can't be read from the n-th read on.
    Unreadable(Side, usize),
    /// The n-th record written is refused, for good or for now.
    Refuse { nth: usize, transient: bool },
    /// Users edit at the n-th such moment.
    Meanwhile(Moment, usize, Vec<Edit>),
}

/// The payload of the panic that a kill is.
pub struct Killed;

/// What all that fails has in common.
pub type Editor = Box<dyn FnMut(&Edit) + Send>;

#[derive(Default)]
pub struct Script {
    pub faults: Vec<Fault>,
    counts: [usize; 6],
    records: usize,
    /// Carries out users' edits.
    pub editor: Option<Editor>,
    /// Every record that was written: side, object, the write, and its id.
    pub written: Vec<(Side, SmolStr, Write, Value)>,
    /// Calls of `write`.
    pub calls: usize,
}

impl Script {
    pub fn arm(&mut self, faults: &[Fault]) {
        self.faults = faults.to_vec();
        self.counts = [0; 6];
        self.records = 0;
    }
}

pub type Shared = Arc<Mutex<Script>>;

pub fn lock(script: &Shared) -> MutexGuard<'_, Script> {
    script
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// A moment passes: what was armed for it happens.
pub fn pass(script: &Shared, moment: Moment) {
    let (edits, kill) = {
        let mut script = lock(script);
        let place = MOMENTS.iter().position(|m| *m == moment).unwrap();
        script.counts[place] += 1;
        let count = script.counts[place];
        let mut edits = Vec::new();
        let mut kill = false;
        for fault in &script.faults {
            match fault {
                Fault::Meanwhile(at, nth, list) if *at == moment && *nth == count => {
                    edits.extend(list.iter().cloned());
                }
                Fault::Kill(at, nth) if *at == moment && *nth == count => kill = true,
                _ => {}
            }
        }
        (edits, kill)
    };
    for edit in &edits {
        // Taken out while it works, so that it may look at the script itself.
        let editor = lock(script).editor.take();
        if let Some(mut editor) = editor {
            editor(edit);
            lock(script).editor = Some(editor);
        }
    }
    if kill {
        // Not `panic!`: the hook would print it.
        std::panic::resume_unwind(Box::new(Killed));
    }
}

pub struct Faulty {
    pub inner: MemoryStore,
    pub side: Side,
    pub script: Shared,
    /// Records of one page: small, so that there are several.
    pub page: usize,
}

impl Faulty {
    fn readable(&self) -> StoreOutcome<()> {
        pass(&self.script, Moment::Read);
        let script = lock(&self.script);
        let count = script.counts[0];
        let down = script.faults.iter().any(
            |f| matches!(f, Fault::Unreadable(side, nth) if *side == self.side && count >= *nth),
        );
        if down {
            return Err(StoreError::Unavailable("the store is away".into()));
        }
        Ok(())
    }
}

impl Store for Faulty {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            batch: 3,
            ..self.inner.capabilities()
        }
    }
    fn describe(&mut self) -> StoreOutcome<StoreSchema> {
        self.inner.describe()
    }
    fn now(&mut self) -> StoreOutcome<DateTime<Utc>> {
        self.inner.now()
    }
    fn stamp_before(
        &mut self,
        object: &str,
        stamp: &Value,
        millis: i64,
    ) -> StoreOutcome<Option<Value>> {
        self.inner.stamp_before(object, stamp, millis)
    }
    fn stamp_of(&mut self, object: &str, instant: DateTime<Utc>) -> StoreOutcome<Value> {
        self.inner.stamp_of(object, instant)
    }
    fn read(
        &mut self,
        projection: &Projection,
        since: &Since,
        after: Option<&PageToken>,
        limit: usize,
    ) -> StoreOutcome<Page> {
        self.readable()?;
        self.inner
            .read(projection, since, after, limit.min(self.page))
    }
    fn get(&mut self, projection: &Projection, ids: &[Value]) -> StoreOutcome<Vec<Option<Record>>> {
        self.readable()?;
        self.inner.get(projection, ids)
    }
    fn find(
        &mut self,
        projection: &Projection,
        fields: &[SmolStr],
        keys: &[Vec<Value>],
    ) -> StoreOutcome<Vec<Vec<Record>>> {
        self.readable()?;
        self.inner.find(projection, fields, keys)
    }
    fn indexed(&self, object: &str, fields: &[SmolStr]) -> bool {
        self.inner.indexed(object, fields)
    }
    fn estimate(&mut self, object: &str) -> StoreOutcome<u64> {
        self.inner.estimate(object)
    }
    fn rewrites(&self, object: &str) -> bool {
        self.inner.rewrites(object)
    }
    fn make_id(&mut self, object: &str) -> Option<Value> {
        self.inner.make_id(object)
    }
    fn add_field(&mut self, object: &str, field: &Field) -> StoreOutcome<()> {
        self.inner.add_field(object, field)
    }

    fn write_together(
        &mut self,
        purpose: Together,
        steps: &[Step],
    ) -> StoreOutcome<Vec<WriteResult>> {
        pass(&self.script, Moment::BeforeWrite);
        let results = self.inner.write_together(purpose, steps)?;
        pass(&self.script, Moment::AfterWrite);
        Ok(results)
    }

    fn write(&mut self, object: &str, writes: &[Write]) -> StoreOutcome<Vec<WriteResult>> {
        pass(&self.script, Moment::BeforeWrite);
        let mut refused: Vec<Option<bool>> = vec![None; writes.len()];
        {
            let mut script = lock(&self.script);
            script.calls += 1;
            let count = script.counts[1];
            let down = script.faults.iter().any(
                |f| matches!(f, Fault::Down(side, nth) if *side == self.side && count >= *nth),
            );
            if down {
                return Err(StoreError::Unavailable("the store is away".into()));
            }
            for refused in &mut refused {
                script.records += 1;
                let number = script.records;
                *refused = script.faults.iter().find_map(|f| match f {
                    Fault::Refuse { nth, transient } if *nth == number => Some(*transient),
                    _ => None,
                });
            }
        }
        let wanted: Vec<Write> = writes
            .iter()
            .zip(&refused)
            .filter(|(_, r)| r.is_none())
            .map(|(w, _)| w.clone())
            .collect();
        let mut done = self.inner.write(object, &wanted)?.into_iter();
        let mut results = Vec::new();
        for (write, refused) in writes.iter().zip(refused) {
            results.push(match refused {
                Some(transient) => WriteResult::Failed(RecordError {
                    code: "REFUSED".into(),
                    message: "the store does not like it".into(),
                    field: None,
                    transient,
                }),
                None => {
                    let result = done.next().unwrap();
                    if let WriteResult::Done { id, .. } = &result {
                        lock(&self.script).written.push((
                            self.side,
                            object.into(),
                            write.clone(),
                            id.clone(),
                        ));
                    }
                    result
                }
            });
        }
        pass(&self.script, Moment::AfterWrite);
        Ok(results)
    }
}

/// A create's value of a field.
pub fn created<'w>(write: &'w Write, field: &str) -> Option<&'w Value> {
    if !matches!(write.kind, WriteKind::Create { .. }) {
        return None;
    }
    write
        .fields
        .iter()
        .find(|(f, _)| f == field)
        .map(|(_, v)| v)
}
