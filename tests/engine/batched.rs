//! Queries are batched: never one request a record (language reference, 6).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bilateral::plan;
use bilateral::schema::{Field, StoreSchema};
use bilateral::store::{
    Capabilities, Page, PageToken, Projection, Record, Since, Step, Store, StoreOutcome, Together,
    Write, WriteResult,
};
use bilateral::value::Value;
use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use super::world::{Shown, World, world};

/// Counts the calls that look records up.
struct Counting {
    inner: Box<dyn Store>,
    calls: Arc<AtomicUsize>,
}

impl Store for Counting {
    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
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
        self.inner.read(projection, since, after, limit)
    }
    fn get(&mut self, projection: &Projection, ids: &[Value]) -> StoreOutcome<Vec<Option<Record>>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.inner.get(projection, ids)
    }
    fn find(
        &mut self,
        projection: &Projection,
        fields: &[SmolStr],
        keys: &[Vec<Value>],
    ) -> StoreOutcome<Vec<Vec<Record>>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
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
    fn write(&mut self, object: &str, writes: &[Write]) -> StoreOutcome<Vec<WriteResult>> {
        self.inner.write(object, writes)
    }
    fn write_together(
        &mut self,
        purpose: Together,
        steps: &[Step],
    ) -> StoreOutcome<Vec<WriteResult>> {
        self.inner.write_together(purpose, steps)
    }
    fn add_field(&mut self, object: &str, field: &Field) -> StoreOutcome<()> {
        self.inner.add_field(object, field)
    }
}

/// Calls that look records up in a plan.
fn calls(w: &World) -> usize {
    let calls = Arc::new(AtomicUsize::new(0));
    let mut stores = w.stores().map(|inner| {
        Box::new(Counting {
            inner,
            calls: calls.clone(),
        }) as Box<dyn Store>
    });
    let program = w.program(&mut stores);
    let ledger = w.read_ledger();
    plan::plan(
        &program,
        &mut stores,
        &ledger,
        &World::request(),
        &mut Shown::default(),
    )
    .unwrap();
    calls.load(Ordering::Relaxed)
}

const LEFT: &str = "
  CREATE TABLE lead(id INTEGER PRIMARY KEY, crm TEXT, email TEXT, company TEXT, boss INTEGER, STAMP);
  CREATE TABLE click(id INTEGER PRIMARY KEY, lead INTEGER, STAMP);";
const RIGHT: &str = "
  CREATE TABLE Company(Id TEXT PRIMARY KEY, Name TEXT, City TEXT, STAMP);
  CREATE TABLE Contact(Id TEXT PRIMARY KEY, Email TEXT, Company TEXT, City TEXT, Clicks INTEGER, Boss TEXT, STAMP);
  CREATE TABLE Task(Id TEXT PRIMARY KEY, Who TEXT, City TEXT, STAMP);";
const RULES: &str = "relationship Person: lead -> Contact {
    match crm = Id
    match email = Email
    crm <- Id
    email -> Email
    lookup right.Company(Name = company) -> Company
    (lookup right.Company(Id = lookup right.Company(Name = company)).City) ?? \"?\" -> City
    count(left.click(lead = id)) -> Clicks
    linked(Person, boss).Email -> Boss
    push create when count(left.click(lead = id)) >= 0
  }
  trigger clicked on create click {
    create right.Task { Who = linked(Person, lead), City = lookup right.Company(Name = \"c{lead}\").City }
  }";

fn filled(records: usize) -> World {
    let w = world(LEFT, RIGHT, RULES);
    let rows = |from: usize, row: &dyn Fn(usize) -> String| {
        let rows: Vec<String> = (from..from + records).map(row).collect();
        rows.join(", ")
    };
    w.sql(
        "right",
        &format!(
            "INSERT INTO Company(Id, Name, City) VALUES {}",
            rows(1, &|i| format!("('k{i}', 'c{i}', 'city {i}')"))
        ),
    );
    w.sql(
        "left",
        &format!(
            "INSERT INTO lead(id, email, company, boss) VALUES {}",
            rows(1, &|i| format!("({i}, 'p{i}@x.org', 'c{i}', {})", i / 2))
        ),
    );
    w
}

#[test]
fn the_calls_of_a_plan_do_not_grow_with_its_records() {
    let mut few = None;
    for records in [20, 200] {
        let w = filled(records);
        let first = calls(&w);
        w.settle();
        let rows: Vec<String> = (1..=records).map(|i| format!("({i}, {i})")).collect();
        w.sql(
            "left",
            &format!("INSERT INTO click(id, lead) VALUES {}", rows.join(", ")),
        );
        let second = calls(&w);
        let most = first.max(second);
        let few = *few.get_or_insert(most);
        assert!(
            most <= few + 4,
            "{most} calls for {records} records, {few} for 20"
        );
        w.settle();
        let look = "SELECT Clicks, City, Boss FROM Contact WHERE Email = 'p3@x.org'";
        assert_eq!(w.rows("right", look), ["1|city 3|p1@x.org"]);
        let tasks = "SELECT count(*), count(Who), count(City) FROM Task";
        assert_eq!(
            w.rows("right", tasks),
            [format!("{records}|{records}|{records}")]
        );
    }
}
