//! `duplicates merge`: several records that a key finds become one in their store, all of it or nothing.

use super::world::World;

const STAMP: &str = "modified_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))";
const RULES: &str = "sync left with right
relationship Contact: lead <-> Contact {
  match email = Email
  duplicates merge
  email <-> Email
  name <-> Name
  phone <-> Phone
}
relationship Task: task -> Task {
  match subject = Subject
  subject -> Subject
  lead_id -> WhoId via Contact or skip
}
relationship Note: memo <-> Contact {
  match k = Phone
  k <-> Phone
  push create never
  pull create never
}";

/// Three contacts of one address; the oldest has no phone, and a deal names the youngest.
fn world() -> World {
    let world = World::new(
        &format!(
            "CREATE TABLE lead(id INTEGER PRIMARY KEY, email TEXT, name TEXT, phone TEXT, {STAMP});
             CREATE TABLE task(id INTEGER PRIMARY KEY, subject TEXT, lead_id INTEGER, {STAMP});
             CREATE TABLE memo(id INTEGER PRIMARY KEY, k TEXT, {STAMP});
             INSERT INTO lead(id, email) VALUES (1, 'ada@example.org');"
        ),
        &format!(
            "CREATE TABLE Contact(Id TEXT PRIMARY KEY, Email TEXT, Name TEXT, Phone TEXT, CreatedDate TEXT, {STAMP});
             CREATE TABLE Deal(Id TEXT PRIMARY KEY, ContactId TEXT REFERENCES Contact(Id), {STAMP});
             CREATE TABLE Task(Id TEXT PRIMARY KEY, Subject TEXT, WhoId TEXT, {STAMP});
             INSERT INTO Contact(Id, Email, Name, Phone, CreatedDate) VALUES
               ('C2', 'ada@example.org', 'Second', '222', '2024-02-01'),
               ('C1', 'ada@example.org', 'First', NULL, '2024-01-01'),
               ('C3', 'ada@example.org', NULL, '333', '2024-03-01');
             INSERT INTO Deal(Id, ContactId) VALUES ('D1', 'C3'), ('D2', 'C1');
             INSERT INTO Task(Id, Subject, WhoId) VALUES ('T1', 'call', 'C2');"
        ),
        RULES,
    );
    world.sql("right", "PRAGMA foreign_keys = ON");
    world
}

const CONTACTS: &str = "SELECT Id, Name, Phone FROM Contact ORDER BY 1";
const DEALS: &str = "SELECT Id, ContactId FROM Deal ORDER BY 1";

#[test]
fn the_oldest_survives_filled_in_and_referred_to() {
    let world = world();
    let plan = world.plan();
    let kinds: Vec<&str> = plan.operations().iter().map(|o| o.kind.word()).collect();
    assert!(
        kinds.contains(&"merge") && kinds.contains(&"link"),
        "{kinds:?}"
    );
    world.settle();
    assert_eq!(world.rows("right", CONTACTS), ["C1|First|222"]);
    assert_eq!(world.rows("right", DEALS), ["D1|C1", "D2|C1"]);
    assert_eq!(
        world.rows("right", "SELECT WhoId FROM Task"),
        ["C1"],
        "`via` lines refer too"
    );
    assert_eq!(
        world.rows("left", "SELECT id, name, phone FROM lead"),
        ["1|First|222"]
    );
}

#[test]
fn a_merge_is_undone_whole() {
    let world = world();
    let before: Vec<_> = [CONTACTS, DEALS, "SELECT WhoId FROM Task"]
        .map(|sql| world.rows("right", sql))
        .into();
    let run = world.apply().run;
    world.undo(&run);
    let after: Vec<_> = [CONTACTS, DEALS, "SELECT WhoId FROM Task"]
        .map(|sql| world.rows("right", sql))
        .into();
    assert_eq!(after, before);
    assert_eq!(world.rows("left", "SELECT id, name FROM lead"), ["1|null"]);
    world.settle();
    assert_eq!(world.rows("right", CONTACTS), ["C1|First|222"]);
}

#[test]
fn links_of_the_others_move_with_them() {
    let world = world();
    world.sql("left", "INSERT INTO memo(id, k) VALUES (7, '333')");
    let linked = || {
        let links = world.read_ledger().link_page("Note", 0, 10).unwrap();
        links
            .iter()
            .map(|l| l.ids[1].to_string())
            .collect::<Vec<_>>()
    };
    let note = bilateral::plan::Request {
        only: vec![world.relationship("Note")],
        ..World::request()
    };
    world
        .try_apply(&note, &World::options(), &mut Default::default())
        .unwrap();
    assert_eq!(linked(), ["C3"]);
    let run = world.settle().run;
    assert_eq!(linked(), ["C1"]);
    world.undo(&run);
    assert_eq!(linked(), ["C3"]);
}

#[test]
fn a_group_that_fails_is_left_as_it_was() {
    let world = world();
    world.sql(
        "right",
        "CREATE TRIGGER keep BEFORE DELETE ON Contact WHEN OLD.Id = 'C3' BEGIN SELECT raise(ABORT, 'C3 stays'); END",
    );
    let before = (world.rows("right", CONTACTS), world.rows("right", DEALS));
    let outcome = world.apply();
    assert_eq!(outcome.failed, 1);
    assert_eq!(
        (world.rows("right", CONTACTS), world.rows("right", DEALS)),
        before
    );
    let failures = world.read_ledger().failures(&Default::default()).unwrap();
    assert!(failures[0].failure.message.contains("C3 stays"));
    world.sql("right", "DROP TRIGGER keep");
    world.full_settle();
    assert_eq!(world.rows("right", CONTACTS), ["C1|First|222"]);
}

#[test]
fn equally_old_ones_are_held() {
    let world = world();
    world.sql("right", "UPDATE Contact SET CreatedDate = '2024-01-01'");
    world.apply();
    assert_eq!(world.rows("right", "SELECT count(*) FROM Contact"), ["3"]);
    assert!(
        world.held()[0].because.contains("C1, C2, C3"),
        "{:?}",
        world.held()
    );
}

#[test]
fn a_merge_whose_answer_was_lost_is_done_once() {
    let world = world();
    world.apply_nothing();
    world.apply_and_lose_the_answer();
    world.settle();
    assert_eq!(world.rows("right", CONTACTS), ["C1|First|222"]);
    assert_eq!(world.rows("right", DEALS), ["D1|C1", "D2|C1"]);
    assert_eq!(
        world.rows("left", "SELECT id, name, phone FROM lead"),
        ["1|First|222"]
    );
}
