//! Plan, merge and apply, as the library does them between two SQLite files.
//!
//! `cargo bench --bench work`; records a second. `plan` is a first sync, in which most records are made; `compare` looks at linked records of
//! which nothing differs, `merge` at linked records of which each has changed on either side; `apply` plans, journals and writes a first sync.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bilateral::apply::post::Http;
use bilateral::apply::{self, Observer, Options};
use bilateral::check::{Input, SchemaPlaces, check};
use bilateral::diagnostic::SourceMap;
use bilateral::ledger::{Identity, Ledger};
use bilateral::plan::{self, PlanError, Request, Sink, Summary, Unit};
use bilateral::program::Program;
use bilateral::store::{SqliteStore, Store};
use bilateral::syntax;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use rusqlite::Connection;
use tempfile::TempDir;

const RECORDS: u64 = 5_000;

const RULES: &str = "sync left with right
relationship Lead: lead <-> Lead {
  match crm_id = Id
  match lower(email) = lower(Email)
  prefer newest
  crm_id <- Id
  first_name <-> FirstName
  last_name <-> LastName
  email <-> Email
  phone <-> Phone
  score <-> Score
}";

const LEFT: &str = "CREATE TABLE lead(id INTEGER PRIMARY KEY, crm_id TEXT, first_name TEXT, last_name TEXT, email TEXT, phone TEXT,
    score INTEGER, modified_at TEXT);
  CREATE INDEX lead_mod ON lead(modified_at); CREATE INDEX lead_email ON lead(email); CREATE INDEX lead_crm ON lead(crm_id);";
const RIGHT: &str = "CREATE TABLE Lead(Id TEXT PRIMARY KEY, FirstName TEXT, LastName TEXT, Email TEXT, Phone TEXT, Score INTEGER,
    SystemModstamp TEXT);
  CREATE INDEX Lead_mod ON Lead(SystemModstamp); CREATE INDEX Lead_email ON Lead(Email);";

/// Takes a plan and looks at nothing of it.
struct Nowhere;

impl Sink for Nowhere {
    fn unit(&mut self, unit: &mut Unit) -> Result<(), PlanError> {
        black_box(unit);
        Ok(())
    }
}

impl Observer for Nowhere {
    fn confirm(&mut self, _summary: &Summary) -> Result<bool, PlanError> {
        Ok(true)
    }
}

/// Two stores and a ledger in a folder.
struct World(TempDir);

impl World {
    /// The records are on the right; a tenth of them are on the left too.
    fn new() -> World {
        let world = World(tempfile::tempdir().unwrap());
        let fill = |name: &str, schema: &str, rows: &str| {
            let connection = Connection::open(world.path(name)).unwrap();
            connection.execute_batch(schema).unwrap();
            let numbers = format!(
                "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {RECORDS})"
            );
            connection
                .execute_batch(&format!("{numbers} {rows}; ANALYZE"))
                .unwrap();
        };
        fill(
            "right",
            RIGHT,
            "INSERT INTO Lead SELECT printf('00Q%012d', i), 'First' || i % 97, 'Last' || i % 1009, 'first.last.' || i || '@example.org',
             '+' || i * 7919, i % 140, '2024-01-01T00:00:00.000Z' FROM n",
        );
        fill(
            "left",
            LEFT,
            "INSERT INTO lead(first_name, email, modified_at) SELECT 'First', upper('first.last.' || i || '@example.org'),
             '2024-01-01T00:00:00.000Z' FROM n WHERE i % 10 = 0",
        );
        world
    }

    /// The same files once more.
    fn copy(&self) -> World {
        let copy = World(tempfile::tempdir().unwrap());
        for name in ["left", "right", "ledger"] {
            if self.path(name).exists() {
                std::fs::copy(self.path(name), copy.path(name)).unwrap();
            }
        }
        copy
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(format!("{name}.db"))
    }

    fn open(&self) -> Opened {
        let open = |name: &str| {
            let store = SqliteStore::open(name, &self.path(name), Default::default()).unwrap();
            Box::new(store) as Box<dyn Store>
        };
        let mut stores = [open("left"), open("right")];
        Opened {
            program: program(&mut stores),
            stores,
            ledger: self.path("ledger"),
        }
    }

    /// In step.
    fn synced() -> World {
        let world = World::new();
        world.open().apply();
        world
    }
}

/// A program with its stores.
struct Opened {
    program: Program,
    stores: [Box<dyn Store>; 2],
    ledger: PathBuf,
}

impl Opened {
    fn plan(&mut self) -> Summary {
        let ledger = Ledger::open_read(&self.ledger, &identity()).unwrap();
        let request = Request {
            full: true,
            ..request()
        };
        plan::plan(
            &self.program,
            &mut self.stores,
            &ledger,
            &request,
            &mut Nowhere,
        )
        .unwrap()
    }

    fn apply(&mut self) -> u64 {
        let mut ledger = Ledger::open(&self.ledger, &identity()).unwrap();
        let options = Options {
            guards: Default::default(),
            allow_large: true,
            batch: 1000,
            lock: Duration::from_secs(2),
            poster: Arc::new(Http::new(None)),
        };
        let outcome = apply::run(
            &self.program,
            &mut self.stores,
            &mut ledger,
            &request(),
            &options,
            &mut Nowhere,
        );
        outcome.unwrap().done
    }
}

fn identity() -> Identity {
    Identity {
        program: "bench".into(),
        left: "left".into(),
        right: "right".into(),
    }
}

fn request() -> Request {
    Request {
        now: chrono::Utc::now(),
        only: Vec::new(),
        directions: [true, true],
        full: false,
        overlap: [1000, 1000],
        tolerance: 0,
        explain: None,
        send: Vec::new(),
    }
}

fn program(stores: &mut [Box<dyn Store>; 2]) -> Program {
    let [left, right] = stores.each_mut().map(|s| Arc::new(s.describe().unwrap()));
    let mut sources = SourceMap::default();
    let file = sources.add("rules.sync", RULES);
    let parsed = syntax::parse(file, RULES);
    let checked = check(&Input {
        name: "bench".into(),
        sources: &sources,
        files: &[parsed.file],
        parsed: parsed.findings.is_empty(),
        stores: None,
        schema: &|name| {
            Some(if name == "left" {
                left.clone()
            } else {
                right.clone()
            })
        },
        places: &SchemaPlaces::default(),
        settings: &[],
        environment: &|_| None,
        options: &|_| None,
        all_options: &[],
    });
    checked
        .program
        .unwrap_or_else(|| panic!("{:?}", checked.findings))
}

fn edit(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

fn work(c: &mut Criterion) {
    let mut group = c.benchmark_group("work");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(RECORDS));
    let fresh = World::new();
    let mut opened = fresh.open();
    group.bench_function("plan", |b| b.iter(|| black_box(opened.plan())));
    let synced = World::synced();
    let mut opened = synced.open();
    assert!(opened.plan().is_empty());
    group.bench_function("compare", |b| b.iter(|| black_box(opened.plan())));
    let edited = synced.copy();
    let later = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
    edit(
        &edited.path("left"),
        &format!("UPDATE lead SET phone = 'new', modified_at = {later} WHERE id % 2 = 0"),
    );
    edit(
        &edited.path("right"),
        &format!("UPDATE Lead SET Score = Score + 1, SystemModstamp = {later} WHERE rowid % 2 = 1"),
    );
    let mut opened = edited.open();
    assert!(!opened.plan().is_empty());
    group.bench_function("merge", |b| b.iter(|| black_box(opened.plan())));
    group.bench_function("apply", |b| {
        let setup = || {
            let world = fresh.copy();
            (world.open(), world)
        };
        let run = |(mut opened, world): (Opened, World)| {
            assert!(opened.apply() > RECORDS);
            (opened, world)
        };
        b.iter_batched(setup, run, BatchSize::PerIteration)
    });
    group.finish();
}

criterion_group!(benches, work);
criterion_main!(benches);
