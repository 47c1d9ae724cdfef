//! Leads between a marketing database and a CRM, both ways.

use super::world::World;

const LEFT: &str = "
CREATE TABLE lead(id INTEGER PRIMARY KEY, crm_id TEXT, first_name TEXT, last_name TEXT, company TEXT, email TEXT, score INTEGER,
  is_contact INTEGER DEFAULT 0, modified_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));";
const RIGHT: &str = "
CREATE TABLE Lead(Id TEXT PRIMARY KEY, FirstName TEXT, LastName TEXT NOT NULL, Company TEXT, Email TEXT, Score__c INTEGER,
  IsDeleted INTEGER DEFAULT 0, SystemModstamp TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));";
const RULES: &str = "
sync left with right
relationship Lead: lead <-> Lead {
  match crm_id = Id
  match lower(email) = lower(Email)
  prefer newest

  crm_id     <-  Id
  first_name <-> FirstName
  last_name  <-> LastName
  company    <-> Company
  email      <-> Email
  score      <-> Score__c

  push create when not is_contact
       require last_name, company, email
}
";

fn world() -> World {
    let world = World::new(LEFT, RIGHT, RULES);
    world.sql(
        "right",
        "INSERT INTO Lead(Id, FirstName, LastName, Company, Email, Score__c, SystemModstamp) VALUES
         ('00Q1', 'Ada', 'Lovelace', 'Engines', 'Ada@Example.org', 5, '2024-01-01T00:00:00.000Z'),
         ('00Q2', 'Bob', 'Brown', 'Bricks', 'bob@example.org', 7, '2024-01-01T00:00:00.000Z')",
    );
    world.sql(
        "left",
        "INSERT INTO lead(id, first_name, last_name, company, email, score, modified_at) VALUES
         (1, 'Ada', 'Lovelace', NULL, 'ada@example.org', 9, '2024-01-02T00:00:00.000Z'),
         (2, 'Cy', 'Clark', 'Clocks', 'cy@example.org', 1, '2024-01-02T00:00:00.000Z'),
         (3, 'Di', 'Dean', NULL, 'di@example.org', 1, '2024-01-02T00:00:00.000Z')",
    );
    world
}

#[test]
fn a_first_sync_links_creates_and_holds() {
    let world = world();
    let outcome = world.settle();
    assert_eq!((outcome.failed, outcome.stale), (0, 0));
    assert_eq!(
        world.rows(
            "left",
            "SELECT id, crm_id IS NOT NULL, last_name, company, email, score FROM lead ORDER BY id"
        ),
        [
            "1|1|Lovelace|Engines|ada@example.org|9",
            "2|1|Clark|Clocks|cy@example.org|1",
            "3|0|Dean|null|di@example.org|1",
            "4|1|Brown|Bricks|bob@example.org|7"
        ]
    );
    assert_eq!(
        world.rows(
            "right",
            "SELECT LastName, Company, Email, Score__c FROM Lead ORDER BY LastName"
        ),
        [
            "Brown|Bricks|bob@example.org|7",
            "Clark|Clocks|cy@example.org|1",
            "Lovelace|Engines|ada@example.org|9"
        ]
    );
    let held = world.held();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].missing, ["company"]);
}

#[test]
fn edits_cross_field_by_field() {
    let world = world();
    world.settle();
    world.sql("left", "UPDATE lead SET first_name='Adah', modified_at=strftime('%Y-%m-%dT%H:%M:%fZ','now') WHERE id=1");
    world.sql("right", "UPDATE Lead SET Company='Analytical', SystemModstamp=strftime('%Y-%m-%dT%H:%M:%fZ','now') WHERE Id='00Q1'");
    world.settle();
    assert_eq!(
        world.rows("left", "SELECT first_name, company FROM lead WHERE id=1"),
        ["Adah|Analytical"]
    );
    assert_eq!(
        world.rows(
            "right",
            "SELECT FirstName, Company FROM Lead WHERE Id='00Q1'"
        ),
        ["Adah|Analytical"]
    );
}

#[test]
fn undo_takes_a_run_back() {
    let world = world();
    let dump = |world: &World| {
        let left =
            "SELECT id, crm_id, first_name, last_name, company, email, score FROM lead ORDER BY id";
        let right = "SELECT Id, FirstName, LastName, Company, Email, Score__c FROM Lead WHERE IsDeleted = 0 ORDER BY Id";
        (world.rows("left", left), world.rows("right", right))
    };
    let before = dump(&world);
    let run = world.apply().run;
    assert_ne!(dump(&world), before);
    let outcome = world.undo(&run);
    assert_eq!((outcome.failed, outcome.stale), (0, 0));
    assert_eq!(dump(&world), before);
    let again = world.plan().lines();
    let kinds: Vec<&str> = again.iter().filter_map(|l| l.split(' ').nth(1)).collect();
    assert_eq!(
        kinds,
        ["create", "link", "update", "write_back", "create"],
        "the next run would do it again"
    );
    world.settle();
    world.sql("left", "UPDATE lead SET first_name='Adah', modified_at=strftime('%Y-%m-%dT%H:%M:%fZ','now') WHERE id=1");
    let planned = world.plan().lines();
    let run = world.apply().run;
    world.undo(&run);
    assert_eq!(
        world.rows("right", "SELECT FirstName FROM Lead WHERE Id='00Q1'"),
        ["Ada"]
    );
    assert_eq!(world.plan().lines(), planned);
    world.settle();
}

#[test]
fn undo_leaves_alone_what_changed_since() {
    let world = world();
    let run = world.apply().run;
    world.sql("right", "UPDATE Lead SET Company='Later', SystemModstamp=strftime('%Y-%m-%dT%H:%M:%fZ','now') WHERE LastName='Clark'");
    let outcome = world.undo(&run);
    assert_eq!(outcome.stale, 1, "the record that was edited stays");
    assert_eq!(
        world.rows("right", "SELECT Company FROM Lead WHERE LastName='Clark'"),
        ["Later"]
    );
}
