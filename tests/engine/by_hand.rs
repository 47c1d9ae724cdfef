//! `send`, and `or sync`: records that are brought over whatever the `when` of their create says.

use bilateral::plan::{Request, Sent};
use bilateral::program::Side;
use bilateral::value::Value;

use super::world::World;

const LEFT: &str = "
CREATE TABLE company(id INTEGER PRIMARY KEY, crm TEXT, name TEXT, industry TEXT, STAMP);
CREATE TABLE lead(id INTEGER PRIMARY KEY, crm TEXT, email TEXT, company_id INTEGER, ready INTEGER DEFAULT 1, STAMP);";
const RIGHT: &str = "
CREATE TABLE Account(Id TEXT PRIMARY KEY, Name TEXT, Industry TEXT, STAMP);
CREATE TABLE Contact(Id TEXT PRIMARY KEY, Email TEXT, AccountId TEXT, STAMP);";
const RULES: &str = "
relationship Contact: lead <-> Contact {
  match crm = Id
  match email = Email
  crm <- Id
  email <-> Email
  company_id <-> AccountId via Account or sync
  push create when ready = 1
}
relationship Account: company <-> Account {
  match crm = Id
  match name = Name
  crm <- Id
  name <-> Name
  industry <-> Industry
  push create when false
       require industry
}";

fn world(rules: &str) -> World {
    let stamp = "modified_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))";
    let world = World::new(
        &LEFT.replace("STAMP", stamp),
        &RIGHT.replace("STAMP", stamp),
        &format!("sync left with right\n{rules}"),
    );
    world.sql("left", "INSERT INTO company(id, name, industry) VALUES (1, 'Engines', 'Steam'), (2, 'Bricks', NULL), (3, 'Idle', 'None')");
    world
}

fn send(world: &World, object: &str, id: i64) {
    let request = Request {
        send: vec![Sent {
            side: Side::Left,
            object: object.into(),
            id: Value::Int(id),
        }],
        ..World::request()
    };
    let outcome = world
        .try_apply(&request, &World::options(), &mut Default::default())
        .unwrap();
    assert_eq!((outcome.failed, outcome.stale), (0, 0));
}

#[test]
fn or_sync_brings_the_reference_over_first() {
    let world = world(RULES);
    world.sql("left", "INSERT INTO lead(id, email, company_id) VALUES (1, 'ada@example.org', 1), (2, 'bob@example.org', 1)");
    let lines = world.plan().lines();
    assert_eq!(
        lines
            .iter()
            .filter(|l| l.contains("create Account"))
            .count(),
        1,
        "{lines:?}"
    );
    world.settle();
    assert_eq!(
        world.rows(
            "right",
            "SELECT Email, Name FROM Contact JOIN Account ON AccountId = Account.Id ORDER BY 1"
        ),
        ["ada@example.org|Engines", "bob@example.org|Engines"]
    );
    assert_eq!(
        world.rows("left", "SELECT id, crm IS NOT NULL FROM company"),
        ["1|1", "2|0", "3|0"],
        "only what is referred to is brought"
    );
}

#[test]
fn or_sync_still_holds_what_a_create_requires() {
    let world = world(RULES);
    world.sql(
        "left",
        "INSERT INTO lead(id, email, company_id) VALUES (1, 'ada@example.org', 2)",
    );
    world.settle();
    assert_eq!(world.rows("right", "SELECT count(*) FROM Contact"), ["0"]);
    let mut held: Vec<_> = world
        .held()
        .into_iter()
        .map(|h| (h.relationship.to_string(), h.missing.join(",")))
        .collect();
    held.sort();
    assert_eq!(
        held,
        [
            ("Account".to_string(), "industry".to_string()),
            ("Contact".to_string(), "company_id".to_string())
        ]
    );
    assert_eq!(world.plan().held.len(), 2, "each is told once");
    world.sql("left", "UPDATE company SET industry = 'Clay' WHERE id = 2");
    world.settle();
    assert_eq!(
        world.rows(
            "right",
            "SELECT Name FROM Contact JOIN Account ON AccountId = Account.Id"
        ),
        ["Bricks"]
    );
    assert!(world.held().is_empty());
}

#[test]
fn or_sync_links_to_what_is_there() {
    let world = world(&RULES.replace(
        "  push create when false",
        "  push when by_hand()\n  push create when false",
    ));
    world.sql(
        "right",
        "INSERT INTO Account(Id, Name) VALUES ('001', 'Engines')",
    );
    world.sql(
        "left",
        "INSERT INTO lead(id, email, company_id) VALUES (1, 'ada@example.org', 1)",
    );
    world.apply();
    assert_eq!(
        world.rows("right", "SELECT AccountId FROM Contact"),
        ["001"]
    );
    assert_eq!(world.rows("right", "SELECT count(*) FROM Account"), ["1"]);
}

#[test]
fn or_sync_follows_chains_and_ends_in_cycles() {
    let rules = "
relationship Person: person <-> Person {
  match crm = Id
  crm <- Id
  name <-> Name
  boss <-> Boss via Person or sync
  push create when name = 'x'
}";
    let stamp = "modified_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))";
    let world = World::new(
        &format!("CREATE TABLE person(id INTEGER PRIMARY KEY, crm TEXT, name TEXT, boss INTEGER, {stamp});
                  INSERT INTO person(id, name, boss) VALUES (1, 'x', 2), (2, 'b', 3), (3, 'c', NULL), (4, 'x', 5), (5, 'e', 4)"),
        &format!("CREATE TABLE Person(Id TEXT PRIMARY KEY, Name TEXT, Boss TEXT, {stamp});"),
        &format!("sync left with right\n{}", rules.replace('\'', "\"")),
    );
    world.settle();
    assert_eq!(
        world.rows(
            "right",
            "SELECT p.Name, b.Name FROM Person p LEFT JOIN Person b ON b.Id = p.Boss ORDER BY 1"
        ),
        ["b|c", "c|null", "x|b"]
    );
    let held = world.held();
    assert_eq!(held.len(), 1, "a cycle can not be brought over");
    assert_eq!(held[0].id, bilateral::value::Value::Int(4));
}

#[test]
fn a_sent_record_is_made_whatever_the_when_says() {
    let world = world(RULES);
    world.sql("left", "INSERT INTO lead(id, email, ready) VALUES (1, 'ada@example.org', 0), (2, 'bob@example.org', 0)");
    world.settle();
    assert_eq!(world.rows("right", "SELECT count(*) FROM Contact"), ["0"]);
    send(&world, "lead", 1);
    assert_eq!(
        world.rows("right", "SELECT Email FROM Contact"),
        ["ada@example.org"]
    );
    world.assert_settled();
    send(&world, "company", 2);
    assert_eq!(world.rows("right", "SELECT count(*) FROM Account"), ["0"]);
    assert_eq!(world.held()[0].missing, ["industry"], "`require` holds");
}

#[test]
fn a_tombstone_stands_until_its_record_is_sent() {
    let world = world(RULES);
    world.sql(
        "left",
        "INSERT INTO lead(id, email) VALUES (1, 'ada@example.org')",
    );
    world.settle();
    world.sql("right", "DELETE FROM Contact");
    world.full_settle();
    assert_eq!(world.rows("right", "SELECT count(*) FROM Contact"), ["0"]);
    send(&world, "lead", 1);
    assert_eq!(
        world.rows("right", "SELECT Email FROM Contact"),
        ["ada@example.org"]
    );
    world.assert_settled();
}
