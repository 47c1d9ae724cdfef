//! `convert`: a record goes on as one of another alternative, together with all that it takes, or not at all.

use super::world::World;

const STAMP: &str = "modified_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))";
const RULES: &str = "sync left with right
relationship Company: company <-> Account {
  match name = Name
  name <-> Name
}
relationship Person: lead <-> Contact | Lead {
  match email = Email
  CONVERT
  email <-> Email
  name <-> Name
  company_id <-> Contact.AccountId via Company or null
  status <-> Lead.Status
  push create Lead when not is_contact set Source = \"Web\"
  push create Contact when is_contact set Origin = \"Made\"
}";

fn world(convert: &str) -> World {
    let world = World::new(
        &format!(
            "CREATE TABLE company(id INTEGER PRIMARY KEY, name TEXT, {STAMP});
             CREATE TABLE lead(id INTEGER PRIMARY KEY, email TEXT, name TEXT, status TEXT, company_id INTEGER, is_contact INTEGER DEFAULT 0, {STAMP});
             INSERT INTO company(id, name) VALUES (1, 'Engines');
             INSERT INTO lead(id, email, name, status, company_id) VALUES (1, 'ada@example.org', 'Ada', 'new', 1), (2, 'bob@example.org', 'Bob', 'new', NULL);"
        ),
        &format!(
            "CREATE TABLE Account(Id TEXT PRIMARY KEY, Name TEXT, {STAMP});
             CREATE TABLE Contact(Id TEXT PRIMARY KEY, Email TEXT, Name TEXT NOT NULL, AccountId TEXT, Origin TEXT, {STAMP});
             CREATE TABLE Lead(Id TEXT PRIMARY KEY, Email TEXT, Name TEXT, Status TEXT, Source TEXT, IsConverted INTEGER DEFAULT 0,
               ConvertedContactId TEXT, ConvertedAccountId TEXT, {STAMP});"
        ),
        &RULES.replace("CONVERT", convert),
    );
    world.settle();
    world
}

const PLAIN: &str = "convert Lead to Contact when is_contact = 1 and Lead.Status != \"dead\" set Lead.Status = \"done {name}\"";
const LEADS: &str = "SELECT Email, Status, IsConverted, ConvertedContactId IS NOT NULL, ConvertedAccountId IS NOT NULL FROM Lead ORDER BY 1";
const CONTACTS: &str = "SELECT Email, c.Name, a.Name, Origin FROM Contact c LEFT JOIN Account a ON a.Id = AccountId ORDER BY 1";

#[test]
fn the_record_is_made_the_traces_are_left_and_the_link_moves() {
    let world = world(PLAIN);
    world.edit("left", "lead", "is_contact = 1", "id = 1");
    let plan = world.plan();
    let kinds: Vec<&str> = plan.operations().iter().map(|o| o.kind.word()).collect();
    assert_eq!(kinds, ["convert"]);
    world.settle();
    assert_eq!(
        world.rows("right", CONTACTS),
        ["ada@example.org|Ada|Engines|Made"]
    );
    assert_eq!(
        world.rows("right", LEADS),
        [
            "ada@example.org|done Ada|1|1|1",
            "bob@example.org|new|0|0|0"
        ]
    );
    assert_eq!(
        world.rows("right", "SELECT count(*) FROM Lead JOIN Contact c ON ConvertedContactId = c.Id AND ConvertedAccountId = AccountId"),
        ["1"]
    );
    world.edit("left", "lead", "name = 'Adah'", "id = 1");
    world.settle();
    assert_eq!(
        world.rows(
            "right",
            "SELECT Name FROM Contact UNION ALL SELECT Name FROM Lead ORDER BY 1"
        ),
        ["Ada", "Adah", "Bob"],
        "edits go to the contact, and nothing is converted twice"
    );
    assert_eq!(world.rows("left", "SELECT count(*) FROM lead"), ["2"]);
}

#[test]
fn a_record_that_is_there_is_taken() {
    let world = world(PLAIN);
    world.sql(
        "right",
        "INSERT INTO Contact(Id, Email, Name) VALUES ('C1', 'ada@example.org', 'Ada L')",
    );
    world.sql("left", "DELETE FROM lead WHERE name = 'Ada L'");
    world.edit("left", "lead", "is_contact = 1", "id = 1");
    world.settle();
    assert_eq!(
        world.rows("right", "SELECT Id, Origin FROM Contact"),
        ["C1|null"]
    );
    assert_eq!(
        world.rows(
            "right",
            "SELECT ConvertedContactId FROM Lead WHERE IsConverted = 1"
        ),
        ["C1"]
    );
}

#[test]
fn delete_removes_the_record_that_was_converted() {
    let world = world("convert Lead to Contact delete when is_contact = 1");
    world.edit("left", "lead", "is_contact = 1", "id = 1");
    world.settle();
    assert_eq!(
        world.rows("right", "SELECT Email FROM Lead"),
        ["bob@example.org"]
    );
    assert_eq!(
        world.rows("right", CONTACTS),
        ["ada@example.org|Ada|Engines|Made"]
    );
}

#[test]
fn a_conversion_is_undone_whole() {
    for convert in [PLAIN, "convert Lead to Contact delete when is_contact = 1"] {
        let world = world(convert);
        let before = (world.rows("right", LEADS), world.rows("right", CONTACTS));
        world.edit("left", "lead", "is_contact = 1", "id = 1");
        let run = world.apply().run;
        world.undo(&run);
        assert_eq!(
            (world.rows("right", LEADS), world.rows("right", CONTACTS)),
            before
        );
        world.edit("left", "lead", "is_contact = 0, name = 'Back'", "id = 1");
        world.settle();
        assert_eq!(
            world.rows("right", "SELECT Name FROM Lead ORDER BY Email"),
            ["Back", "Bob"],
            "the link is the lead's again"
        );
    }
}

#[test]
fn every_converts_what_a_key_finds() {
    let world = world("convert every Lead to Contact when is_contact = 1");
    world.edit("left", "lead", "is_contact = 1", "id = 1");
    world.settle();
    world.sql(
        "right",
        "INSERT INTO Lead(Id, Email, Name) VALUES ('L9', 'ada@example.org', 'Ada again')",
    );
    world.settle();
    assert_eq!(world.rows("left", "SELECT count(*) FROM lead"), ["2"]);
    assert_eq!(
        world.rows("right", "SELECT IsConverted, ConvertedContactId = (SELECT Id FROM Contact) FROM Lead WHERE Id = 'L9'"),
        ["1|1"]
    );
}

#[test]
fn what_the_target_requires_holds_the_conversion() {
    let world = world(PLAIN);
    world.edit("left", "lead", "is_contact = 1, name = NULL", "id = 2");
    world.settle();
    assert_eq!(world.rows("right", "SELECT count(*) FROM Contact"), ["0"]);
    assert_eq!(world.held()[0].missing, ["name"]);
    world.edit("left", "lead", "name = 'Bob'", "id = 2");
    world.settle();
    assert_eq!(world.rows("right", "SELECT Name FROM Contact"), ["Bob"]);
    assert!(world.held().is_empty());
}

#[test]
fn a_conversion_whose_answer_was_lost_is_done_once() {
    for convert in [PLAIN, "convert Lead to Contact delete when is_contact = 1"] {
        let world = world(convert);
        world.edit("left", "lead", "is_contact = 1", "id = 1");
        world.apply_and_lose_the_answer();
        world.settle();
        assert_eq!(
            world.rows("right", CONTACTS),
            ["ada@example.org|Ada|Engines|Made"]
        );
        assert_eq!(world.rows("left", "SELECT count(*) FROM lead"), ["2"]);
        let links = world.read_ledger().link_page("Person", 0, 10).unwrap();
        let mut objects: Vec<_> = links.iter().map(|l| l.objects[1].to_string()).collect();
        objects.sort();
        assert_eq!(objects, ["Contact", "Lead"]);
    }
}
