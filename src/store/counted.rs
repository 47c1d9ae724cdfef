//! A store whose calls are counted.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use super::{
    Capabilities, Page, PageToken, Projection, Record, Since, Step, Store, StoreOutcome, Together,
    Wake, Write, WriteResult,
};
use crate::schema::{Field, StoreSchema};
use crate::value::Value;

/// How often a store was asked for something.
#[derive(Debug, Clone, Default)]
pub struct Calls(Arc<AtomicU64>);

impl Calls {
    /// The number since it was last taken.
    pub fn take(&self) -> u64 {
        self.0.swap(0, Ordering::Relaxed)
    }

    /// The store itself, each of its calls counted here.
    pub fn count(&self, store: Box<dyn Store>) -> Box<dyn Store> {
        Box::new(Counted {
            store,
            calls: self.clone(),
        })
    }
}

struct Counted {
    store: Box<dyn Store>,
    calls: Calls,
}

impl Counted {
    fn call(&mut self) -> &mut dyn Store {
        self.calls.0.fetch_add(1, Ordering::Relaxed);
        self.store.as_mut()
    }
}

/// What a store of another machine would answer from there is a call, what it knows by itself is none.
impl Store for Counted {
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }
    fn describe(&mut self) -> StoreOutcome<StoreSchema> {
        self.call().describe()
    }
    fn now(&mut self) -> StoreOutcome<DateTime<Utc>> {
        self.call().now()
    }
    fn stamp_before(
        &mut self,
        object: &str,
        stamp: &Value,
        millis: i64,
    ) -> StoreOutcome<Option<Value>> {
        self.store.stamp_before(object, stamp, millis)
    }
    fn stamp_of(&mut self, object: &str, instant: DateTime<Utc>) -> StoreOutcome<Value> {
        self.store.stamp_of(object, instant)
    }
    fn read(
        &mut self,
        projection: &Projection,
        since: &Since,
        after: Option<&PageToken>,
        limit: usize,
    ) -> StoreOutcome<Page> {
        self.call().read(projection, since, after, limit)
    }
    fn get(&mut self, projection: &Projection, ids: &[Value]) -> StoreOutcome<Vec<Option<Record>>> {
        self.call().get(projection, ids)
    }
    fn find(
        &mut self,
        projection: &Projection,
        fields: &[SmolStr],
        keys: &[Vec<Value>],
    ) -> StoreOutcome<Vec<Vec<Record>>> {
        self.call().find(projection, fields, keys)
    }
    fn indexed(&self, object: &str, fields: &[SmolStr]) -> bool {
        self.store.indexed(object, fields)
    }
    fn estimate(&mut self, object: &str) -> StoreOutcome<u64> {
        self.call().estimate(object)
    }
    fn rewrites(&self, object: &str) -> bool {
        self.store.rewrites(object)
    }
    fn make_id(&mut self, object: &str) -> Option<Value> {
        self.store.make_id(object)
    }
    fn write(&mut self, object: &str, writes: &[Write]) -> StoreOutcome<Vec<WriteResult>> {
        self.call().write(object, writes)
    }
    fn write_together(
        &mut self,
        purpose: Together,
        steps: &[Step],
    ) -> StoreOutcome<Vec<WriteResult>> {
        self.call().write_together(purpose, steps)
    }
    fn begin(&mut self) {
        self.store.begin();
    }
    fn commit(&mut self) -> StoreOutcome<bool> {
        self.store.commit()
    }
    fn roll_back(&mut self) {
        self.store.roll_back();
    }
    fn add_field(&mut self, object: &str, field: &Field) -> StoreOutcome<()> {
        self.call().add_field(object, field)
    }
    fn outside_changes(&mut self) -> StoreOutcome<Option<u64>> {
        self.store.outside_changes()
    }
    fn notify(&mut self, wake: Wake) {
        self.store.notify(wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MemoryStore;

    #[test]
    fn what_a_store_is_asked_for_is_counted() {
        let calls = Calls::default();
        let mut store = calls.count(Box::new(MemoryStore::new(StoreSchema::default())));
        store.describe().unwrap();
        store.now().unwrap();
        assert!(!store.rewrites("lead"));
        store.outside_changes().unwrap();
        assert_eq!(calls.take(), 2);
        assert_eq!(calls.take(), 0);
    }
}
