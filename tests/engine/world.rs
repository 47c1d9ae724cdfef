//! Two SQLite files, a ledger and a rule text: run, edit, look.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bilateral::apply::post::{Answer, Message, Poster};
use bilateral::apply::{self, ApplyError, Observer, Options, Outcome};
use bilateral::check::{Input, check};
use bilateral::diagnostic::{Severity, SourceMap, render};
use bilateral::ledger::{Conflict, Failure, Held, Identity, Ledger, Selection};
use bilateral::plan::{self, Decision, Operation, PlanError, Request, Sink, Summary, To, Unit};
use bilateral::program::Program;
use bilateral::store::{SqliteStore, Store};
use bilateral::syntax;

/// A modification column that SQLite fills in; `STAMP` in the tables of [`world`].
pub const STAMP: &str = "modified_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))";
pub const NOW: &str = "strftime('%Y-%m-%dT%H:%M:%fZ','now')";

/// Two stores with these tables (`STAMP` is a modification column) and rules between them.
pub fn world(left: &str, right: &str, rules: &str) -> World {
    let sql = |text: &str| text.replace("STAMP", STAMP);
    World::new(
        &sql(left),
        &sql(right),
        &format!("sync left with right\n{rules}"),
    )
}

/// Takes nothing.
pub struct NoPost;

impl Poster for NoPost {
    fn post(&self, _message: &Message) -> Answer {
        Answer::NotSent("nothing is posted here".into())
    }
}

pub struct World {
    pub folder: tempfile::TempDir,
    pub rules: String,
}

/// What a plan shows.
#[derive(Default)]
pub struct Shown {
    pub units: Vec<Unit>,
    pub held: Vec<Held>,
    pub failures: Vec<Failure>,
    pub conflicts: Vec<Conflict>,
    pub decisions: Vec<Decision>,
    pub refuse: bool,
}

impl Sink for Shown {
    fn unit(&mut self, unit: &mut Unit) -> Result<(), PlanError> {
        self.units.push(unit.clone());
        Ok(())
    }
    fn held(&mut self, held: Held, _standing: bool) -> Result<(), PlanError> {
        self.held.push(held);
        Ok(())
    }
    fn failure(&mut self, failure: Failure, _standing: bool) -> Result<(), PlanError> {
        self.failures.push(failure);
        Ok(())
    }
    fn conflict(&mut self, conflict: Conflict, _standing: bool) -> Result<(), PlanError> {
        self.conflicts.push(conflict);
        Ok(())
    }
    fn decision(&mut self, decision: Decision) {
        self.decisions.push(decision);
    }
}

impl Observer for Shown {
    fn confirm(&mut self, _summary: &Summary) -> Result<bool, PlanError> {
        Ok(!self.refuse)
    }
}

impl Shown {
    pub fn operations(&self) -> Vec<&Operation> {
        self.units.iter().flat_map(|u| &u.operations).collect()
    }
    /// `push create Lead {LastName: null -> Doe}`, sorted.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self
            .operations()
            .iter()
            .map(|o| {
                let changes: Vec<String> = o
                    .changes
                    .iter()
                    .map(|c| match &c.to {
                        To::Value(v) => format!("{}: {} -> {}", c.field, c.from, v),
                        _ => format!("{}: ?", c.field),
                    })
                    .collect();
                let id = o.id.as_ref().map_or(String::new(), |i| format!(" {i}"));
                format!(
                    "{} {} {}{id} {{{}}}",
                    o.direction.word(),
                    o.kind.word(),
                    o.object,
                    changes.join(", ")
                )
            })
            .collect();
        lines.sort();
        lines
    }
}

impl World {
    pub fn new(left: &str, right: &str, rules: &str) -> World {
        let world = World {
            folder: tempfile::tempdir().unwrap(),
            rules: rules.to_string(),
        };
        for (name, sql) in [("left", left), ("right", right)] {
            rusqlite::Connection::open(world.path(name))
                .unwrap()
                .execute_batch(sql)
                .unwrap();
        }
        world
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.db"))
    }

    pub fn sql(&self, name: &str, sql: &str) {
        rusqlite::Connection::open(self.path(name))
            .unwrap()
            .execute_batch(sql)
            .unwrap();
    }

    /// Sets fields as a user would: the modification time moves.
    pub fn edit(&self, name: &str, table: &str, set: &str, filter: &str) {
        self.sql(
            name,
            &format!("UPDATE {table} SET {set}, modified_at = {NOW} WHERE {filter}"),
        );
    }

    /// All rows of a query, columns joined by `|`.
    pub fn rows(&self, name: &str, sql: &str) -> Vec<String> {
        let connection = rusqlite::Connection::open(self.path(name)).unwrap();
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let values: Vec<String> = (0..columns)
                .map(|i| match row.get_ref(i).unwrap() {
                    rusqlite::types::ValueRef::Null => "null".to_string(),
                    rusqlite::types::ValueRef::Integer(n) => n.to_string(),
                    rusqlite::types::ValueRef::Real(n) => n.to_string(),
                    rusqlite::types::ValueRef::Text(t) => String::from_utf8_lossy(t).into_owned(),
                    rusqlite::types::ValueRef::Blob(_) => "blob".to_string(),
                })
                .collect();
            Ok(values.join("|"))
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    pub fn stores(&self) -> [Box<dyn Store>; 2] {
        ["left", "right"].map(|n| {
            Box::new(SqliteStore::open(n, &self.path(n), Default::default()).unwrap())
                as Box<dyn Store>
        })
    }

    pub fn program(&self, stores: &mut [Box<dyn Store>; 2]) -> Program {
        let [left, right] = stores;
        let schemas = [
            Arc::new(left.describe().unwrap()),
            Arc::new(right.describe().unwrap()),
        ];
        let mut sources = SourceMap::default();
        let file = sources.add("rules.sync", self.rules.as_str());
        let parsed = syntax::parse(file, &self.rules);
        let input = Input {
            name: "test".into(),
            sources: &sources,
            files: &[parsed.file],
            parsed: parsed.findings.is_empty(),
            stores: None,
            schema: &|name| match name {
                "left" => Some(schemas[0].clone()),
                "right" => Some(schemas[1].clone()),
                _ => None,
            },
            places: &Default::default(),
            settings: &[],
            environment: &|_| None,
            options: &|_| None,
            all_options: &[],
        };
        let checked = check(&input);
        let errors: Vec<String> = parsed
            .findings
            .iter()
            .chain(&checked.findings)
            .filter(|f| f.severity == Severity::Error)
            .map(|f| render(f, &sources, false))
            .collect();
        match checked.program {
            Some(program) => program,
            None => panic!("{}\n{:?}", errors.join("\n"), checked.not_checked),
        }
    }

    pub fn relationship(&self, name: &str) -> bilateral::program::RelId {
        let mut stores = self.stores();
        self.program(&mut stores).relationship(name).unwrap()
    }

    pub fn request() -> Request {
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

    pub fn identity() -> Identity {
        Identity {
            program: "test".into(),
            left: "left".into(),
            right: "right".into(),
        }
    }

    pub fn ledger_path(&self) -> PathBuf {
        self.folder.path().join("ledger.db")
    }

    pub fn read_ledger(&self) -> Ledger {
        Ledger::open_read(&self.ledger_path(), &World::identity()).unwrap()
    }

    pub fn plan_with(&self, request: &Request) -> (Shown, Summary) {
        let mut stores = self.stores();
        let program = self.program(&mut stores);
        let mut shown = Shown::default();
        let summary = plan::plan(
            &program,
            &mut stores,
            &self.read_ledger(),
            request,
            &mut shown,
        )
        .unwrap();
        (shown, summary)
    }

    pub fn plan(&self) -> Shown {
        self.plan_with(&World::request()).0
    }

    pub fn full_plan(&self) -> Shown {
        self.plan_with(&Request {
            full: true,
            ..World::request()
        })
        .0
    }

    pub fn options() -> Options {
        Options {
            guards: Default::default(),
            allow_large: false,
            batch: 100,
            lock: Duration::from_secs(2),
            poster: Arc::new(NoPost),
        }
    }

    pub fn try_apply(
        &self,
        request: &Request,
        options: &Options,
        shown: &mut Shown,
    ) -> Result<Outcome, ApplyError> {
        self.apply_on(&mut self.stores(), request, options, shown)
    }

    /// On stores that are open already.
    pub fn apply_on(
        &self,
        stores: &mut [Box<dyn Store>; 2],
        request: &Request,
        options: &Options,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, ApplyError> {
        let program = self.program(stores);
        let mut ledger = Ledger::open(&self.ledger_path(), &World::identity()).unwrap();
        apply::run(&program, stores, &mut ledger, request, options, observer)
    }

    pub fn apply(&self) -> Outcome {
        self.try_apply(&World::request(), &World::options(), &mut Shown::default())
            .unwrap()
    }

    /// Makes the ledger, and writes nothing to a store.
    pub fn apply_nothing(&self) {
        drop(Ledger::open(&self.ledger_path(), &World::identity()).unwrap());
    }

    /// Applies, and then has the ledger as if the process had died after the first batch was written and before its answer came.
    pub fn apply_and_lose_the_answer(&self) {
        self.apply_and_lose_answers(&World::options(), 1);
    }

    /// As if it had died after the first `batches` were written together and before an answer came.
    pub fn apply_and_lose_answers(&self, options: &Options, batches: usize) {
        let (ledger, before, after) = (
            self.ledger_path(),
            self.path("ledger_before"),
            self.path("ledger_after"),
        );
        std::fs::copy(&ledger, &before).unwrap();
        let applied = self.try_apply(&World::request(), options, &mut Shown::default());
        let run = applied.unwrap().run;
        std::fs::rename(&ledger, &after).unwrap();
        std::fs::rename(&before, &ledger).unwrap();
        let connection = rusqlite::Connection::open(&ledger).unwrap();
        connection
            .execute_batch(&format!(
                "ATTACH '{}' AS after;
                 INSERT OR IGNORE INTO names SELECT * FROM after.names;
                 INSERT OR IGNORE INTO layouts SELECT * FROM after.layouts;
                 INSERT INTO runs SELECT * FROM after.runs WHERE id = '{run}';
                 UPDATE runs SET state = 'running', finished_at = NULL WHERE id = '{run}';
                 INSERT INTO batches SELECT * FROM after.batches
                   WHERE run = (SELECT number FROM runs WHERE id = '{run}') ORDER BY number LIMIT {batches};
                 UPDATE batches SET state = 'sent' WHERE run = (SELECT number FROM runs WHERE id = '{run}');
                 INSERT INTO operations SELECT * FROM after.operations
                   WHERE batch IN (SELECT number FROM batches WHERE state = 'sent');",
                after.display()
            ))
            .unwrap();
    }

    pub fn undo(&self, run: &str) -> Outcome {
        let mut stores = self.stores();
        let program = self.program(&mut stores);
        let mut ledger = Ledger::open(&self.ledger_path(), &World::identity()).unwrap();
        let run = ledger.run(run).unwrap().unwrap();
        apply::undo(
            &program,
            &mut stores,
            &mut ledger,
            &run,
            chrono::Utc::now(),
            &World::options(),
            &mut Shown::default(),
        )
        .unwrap()
    }

    /// Applies, and asserts that a second run and a full comparison plan nothing (I1).
    pub fn settle(&self) -> Outcome {
        let outcome = self.apply();
        self.assert_settled();
        outcome
    }

    /// As [`World::settle`], comparing everything.
    pub fn full_settle(&self) -> Outcome {
        let request = Request {
            full: true,
            ..World::request()
        };
        let outcome = self
            .try_apply(&request, &World::options(), &mut Shown::default())
            .unwrap();
        self.assert_settled();
        outcome
    }

    pub fn assert_settled(&self) {
        assert_eq!(
            self.plan().lines(),
            Vec::<String>::new(),
            "a second run plans something"
        );
        assert_eq!(
            self.full_plan().lines(),
            Vec::<String>::new(),
            "a full comparison plans something"
        );
    }

    /// `object id field: message` of every failure that the ledger lists, sorted.
    pub fn failures(&self) -> Vec<String> {
        let rows = self.read_ledger().failures(&Selection::default()).unwrap();
        let mut lines: Vec<String> = rows
            .iter()
            .map(|r| &r.failure)
            .map(|f| {
                let field = f.field.as_deref().unwrap_or("");
                format!("{} {} {field}: {}", f.object, f.id, f.message)
            })
            .collect();
        lines.sort();
        lines
    }

    /// `object id [missing]: because` of every held record, sorted.
    pub fn held_lines(&self) -> Vec<String> {
        let line = |h: &Held| {
            format!(
                "{} {} [{}]: {}",
                h.object,
                h.id,
                h.missing.join(", "),
                h.because
            )
        };
        let mut lines: Vec<String> = self.held().iter().map(line).collect();
        lines.sort();
        lines
    }

    pub fn held(&self) -> Vec<Held> {
        self.read_ledger().held(&Selection::default()).unwrap()
    }
}
