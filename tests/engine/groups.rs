//! Batches that are written together keep what holds for each of them: one bad record fails alone, an interrupted run goes on.

use std::cell::Cell;
use std::time::Duration;

use bilateral::apply::{ApplyError, Observer, Options, Outcome};
use bilateral::ledger::Ledger;
use bilateral::plan::{PlanError, Sink, Summary, Unit};
use bilateral::store::{Calls, SqliteStore, Store};

use super::world::{Shown, World};

const NOW: &str = "strftime('%Y-%m-%dT%H:%M:%fZ','now')";
const PEOPLE: i64 = 60;

/// People on both sides: those of the right go to the left, a few of the left go to the right and get their id back.
fn world() -> World {
    world_of(PEOPLE)
}

/// With so many people on the right.
fn world_of(right: i64) -> World {
    let left = right.max(1000);
    let people = |table: &str, from: i64, to: i64, id: &str| {
        format!(
            "WITH n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})
             INSERT INTO {table} ({id}, name, changed) SELECT i, 'person ' || i, {NOW} FROM n;"
        )
    };
    let people_of_left = format!(
        "CREATE TABLE person(id INTEGER PRIMARY KEY, crm TEXT, name TEXT, changed TEXT); {}",
        people("person", left + 1, left + 12, "id")
    );
    let people_of_right = format!(
        "CREATE TABLE Person(id TEXT PRIMARY KEY, name TEXT, changed TEXT); {}",
        people("Person", 1, right, "id")
    );
    World::new(
        &people_of_left.replace("changed", "modified_at"),
        &people_of_right.replace("changed", "modified_at"),
        "sync left with right
         relationship Person: person <-> Person {
           match crm = id
           match name = name
           crm <- id
           name <-> name
         }",
    )
}

/// Many batches, so that they make groups.
fn options() -> Options {
    of_size(5)
}

fn of_size(batch: usize) -> Options {
    Options {
        batch,
        ..World::options()
    }
}

fn apply(world: &World) -> Outcome {
    apply_with(world, &options())
}

fn apply_with(world: &World, options: &Options) -> Outcome {
    world
        .try_apply(&World::request(), options, &mut Shown::default())
        .unwrap()
}

fn both_agree(world: &World, failed: &[&str]) {
    let names = |store: &str, table: &str| {
        world.rows(
            store,
            &format!("SELECT name, count(*) FROM {table} GROUP BY name ORDER BY name"),
        )
    };
    let (mut left, mut right) = (names("left", "person"), names("right", "Person"));
    assert_eq!(
        left.len().max(right.len()) as i64,
        PEOPLE + 12,
        "{left:?} {right:?}"
    );
    for name in failed {
        left.retain(|n| !n.starts_with(&format!("{name}|")));
        right.retain(|n| !n.starts_with(&format!("{name}|")));
    }
    assert!(left.iter().all(|n| n.ends_with("|1")), "{left:?}");
    assert_eq!(left, right);
    let open = world.rows("left", "SELECT count(*) FROM person WHERE crm IS NULL");
    assert_eq!(open, [failed.len().to_string()]);
}

#[test]
fn all_batches_of_a_group_are_written_and_settled() {
    let w = world();
    let outcome = apply(&w);
    assert_eq!((outcome.failed, outcome.stale), (0, 0));
    both_agree(&w, &[]);
    w.assert_settled();
}

#[test]
fn a_record_that_is_refused_among_others_fails_alone() {
    // The larger ones hold enough creates for statements that make several.
    for batch in [5, 11, 25] {
        let w = world();
        w.sql(
            "left",
            "CREATE UNIQUE INDEX one_of_them ON person((1)) WHERE name IN ('person 33', 'person 34')",
        );
        let outcome = apply_with(&w, &of_size(batch));
        let made = PEOPLE as u64 + 12 - 1;
        assert_eq!((outcome.failed, outcome.stale), (1, 0), "{batch}");
        let links = w.read_ledger().live_links("Person").unwrap();
        assert_eq!(links, made, "{batch}");
        let names = "SELECT name FROM person ORDER BY name";
        assert!(!w.rows("left", names).contains(&"person 34".to_string()));
        w.sql("left", "DROP INDEX one_of_them");
        let retried = Ledger::open(&w.ledger_path(), &World::identity())
            .unwrap()
            .retry(&Default::default())
            .unwrap();
        assert_eq!(retried, 1, "{batch}");
        apply_with(&w, &of_size(batch));
        both_agree(&w, &[]);
        w.assert_settled();
    }
}

#[test]
fn a_record_that_undoes_the_transaction_fails_alone() {
    for (store, table, bad) in [
        ("left", "person", "person 33"),
        ("right", "Person", "person 1005"),
    ] {
        let w = world();
        w.sql(
            store,
            &format!(
                "CREATE TRIGGER refuse BEFORE INSERT ON {table} WHEN NEW.name = '{bad}'
                 BEGIN SELECT RAISE(ROLLBACK, 'not this one'); END"
            ),
        );
        let outcome = apply(&w);
        assert_eq!(outcome.failed, 1, "{store}");
        let rest = |table: &str| {
            format!("SELECT name, count(*) FROM {table} WHERE name <> '{bad}' GROUP BY name")
        };
        assert_eq!(
            w.rows("left", &rest("person")),
            w.rows("right", &rest("Person")),
            "{store}"
        );
        // Once it is let in, nothing is left to do, and nothing was made twice.
        w.sql(store, "DROP TRIGGER refuse");
        let retried = Ledger::open(&w.ledger_path(), &World::identity())
            .unwrap()
            .retry(&Default::default())
            .unwrap();
        assert_eq!(retried, 1, "{store}");
        apply(&w);
        both_agree(&w, &[]);
        w.assert_settled();
    }
}

#[test]
fn a_reference_that_is_refused_at_the_end_takes_nothing_with_it() {
    let refuse = |side: &str, table: &str, id: &str, key: &str, allowed: &str| {
        format!(
            "CREATE TABLE allowed(name TEXT PRIMARY KEY); INSERT INTO allowed SELECT name FROM {table};
             INSERT INTO allowed SELECT 'person ' || value FROM json_each('{allowed}');
             ALTER TABLE {table} RENAME TO Old;
             CREATE TABLE {table}({id} PRIMARY KEY, {key} name TEXT REFERENCES allowed(name) DEFERRABLE INITIALLY DEFERRED, modified_at TEXT);
             INSERT INTO {table}(id, name, modified_at) SELECT id, name, modified_at FROM Old; DROP TABLE Old; -- {side}"
        )
    };
    let left = refuse("left", "person", "id INTEGER", "crm TEXT,", "[1,2,3,4]");
    let right = refuse("right", "Person", "id TEXT", "", "[1001,1002,1003]");
    for (ids, refused) in [
        (true, [true, true]),
        (false, [false, true]),
        (false, [true, false]),
        (false, [true, true]),
    ] {
        let mut w = world();
        if !ids {
            // Nothing goes back: the batches of both directions make one group.
            w.rules = w
                .rules
                .replace("crm <- id", "")
                .replace("match crm = id", "");
        }
        for (store, sql) in [("left", &left), ("right", &right)] {
            if refused[usize::from(store == "right")] {
                w.sql(store, sql);
            }
        }
        let made = [
            if refused[0] { 12 + 4 } else { 12 + PEOPLE },
            if refused[1] { PEOPLE + 3 } else { PEOPLE + 12 },
        ];
        let outcome = apply(&w);
        assert_eq!(
            outcome.failed as i64,
            2 * (PEOPLE + 12) - made[0] - made[1],
            "{ids} {refused:?}"
        );
        for (store, table, made) in [("left", "person", made[0]), ("right", "Person", made[1])] {
            let counts = w.rows(
                store,
                &format!("SELECT count(*), count(DISTINCT name) FROM {table}"),
            );
            assert_eq!(
                counts,
                [format!("{made}|{made}")],
                "{store} {ids} {refused:?}"
            );
        }
        if ids {
            let given = w.rows("left", "SELECT count(crm) FROM person");
            assert_eq!(given, [(4 + 3).to_string()]);
        }
        let links = w.read_ledger().live_links("Person").unwrap() as i64;
        assert_eq!(links, made[0] + made[1] - PEOPLE - 12, "{ids} {refused:?}");
    }
}

/// Wants to stop once it was asked so often.
struct Impatient {
    asked: Cell<u32>,
    patience: u32,
}

impl Sink for Impatient {
    fn unit(&mut self, _unit: &mut Unit) -> Result<(), PlanError> {
        Ok(())
    }
}

impl Observer for Impatient {
    fn confirm(&mut self, _summary: &Summary) -> Result<bool, PlanError> {
        Ok(true)
    }
    fn interrupted(&self) -> bool {
        self.asked.set(self.asked.get() + 1);
        self.asked.get() > self.patience
    }
}

#[test]
fn an_interrupted_group_goes_on_where_it_stopped() {
    for patience in [0, 1, 2, 5, 9, 14] {
        let w = world();
        let mut stores = w.stores();
        let mut impatient = Impatient {
            asked: Cell::new(0),
            patience,
        };
        let outcome = w.apply_on(&mut stores, &World::request(), &options(), &mut impatient);
        assert!(
            matches!(outcome, Err(ApplyError::Plan(PlanError::Interrupted))),
            "{patience}"
        );
        drop(stores);
        apply(&w);
        both_agree(&w, &[]);
        w.assert_settled();
    }
}

#[test]
fn what_a_dead_run_made_is_looked_for_once_however_many_batches_it_had_sent() {
    let batches = 30;
    let w = world_of(100 * batches);
    w.apply_nothing();
    w.apply_and_lose_answers(&of_size(100), batches as usize);
    let [left, right] = w.stores();
    let calls = Calls::default();
    let mut stores = [calls.count(left), right];
    let mut shown = Shown::default();
    let resumed = w.apply_on(&mut stores, &World::request(), &of_size(100), &mut shown);
    assert_eq!(resumed.unwrap().resumed, 100 * batches as u64);
    // A look takes four calls or more: one of its own for each batch would take 120.
    let calls = calls.take();
    assert!(calls < 100, "{calls} calls");
    let made = w.rows("left", "SELECT count(*), count(DISTINCT name) FROM person");
    assert_eq!(made, ["3012|3012"]);
}

#[test]
fn what_a_dead_run_had_sent_in_vain_is_written() {
    let w = world();
    w.apply_nothing();
    let of = |name: &str| (w.path(name), w.path(&format!("{name}_before")));
    let stores = ["left", "right"].map(of);
    for (store, before) in &stores {
        std::fs::copy(store, before).unwrap();
    }
    w.apply_and_lose_answers(&options(), 100);
    for (store, before) in &stores {
        std::fs::rename(before, store).unwrap();
    }
    assert_eq!(apply(&w).resumed, PEOPLE as u64 + 12 * 2);
    both_agree(&w, &[]);
    w.assert_settled();
}

#[test]
fn a_group_that_may_lock_a_store_no_longer_leaves_the_rest_to_the_next_one() {
    let w = world();
    let hasty = Options {
        lock: Duration::ZERO,
        ..options()
    };
    assert_eq!(apply_with(&w, &hasty).done, PEOPLE as u64 + 12 * 2);
    both_agree(&w, &[]);
    w.assert_settled();
}

#[test]
fn stores_in_one_file_do_not_wait_for_each_other() {
    let w = World::new(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, other TEXT, name TEXT, modified_at TEXT);
         CREATE TABLE B(id TEXT PRIMARY KEY, name TEXT, modified_at TEXT);
         WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30) INSERT INTO a(name) SELECT 'a' || i FROM n;
         INSERT INTO B(id, name) SELECT 'b' || id, 'b' || id FROM a;",
        "",
        "sync left with right
         relationship One: a <-> B { match other = id
           other <- id
           name <-> name
         }",
    );
    let mut stores: [Box<dyn Store>; 2] = ["left", "right"].map(|name| {
        Box::new(SqliteStore::open(name, &w.path("left"), Default::default()).unwrap())
            as Box<dyn Store>
    });
    let mut shown = Shown::default();
    let outcome = w
        .apply_on(&mut stores, &World::request(), &options(), &mut shown)
        .unwrap();
    assert_eq!((outcome.failed, outcome.stale), (0, 0));
    let counts =
        "SELECT (SELECT count(*) FROM a WHERE other IS NOT NULL), (SELECT count(*) FROM B)";
    assert_eq!(w.rows("left", counts), ["60|60"]);
}
