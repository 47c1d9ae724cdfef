//! Runs that go one way only, as schedules make them.

use bilateral::ledger::Ledger;
use bilateral::plan::Request;
use bilateral::program::Side;

use super::world::{Shown, World, world};

const LEFT: &str = "CREATE TABLE lead (id INTEGER PRIMARY KEY, crm_id TEXT, name TEXT, company TEXT, account_id INTEGER, STAMP);
    CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT, STAMP);
    INSERT INTO lead (id, name, company) VALUES (1, 'Ada', 'Engines');";
const RIGHT: &str = "CREATE TABLE Lead (Id TEXT PRIMARY KEY, Name TEXT, Company TEXT, STAMP);
    INSERT INTO Lead (Id, Name, Company) VALUES ('r1', 'Grace', 'Navy');";

fn push(world: &World) {
    let request = Request {
        directions: [true, false],
        ..World::request()
    };
    world
        .try_apply(&request, &World::options(), &mut Shown::default())
        .unwrap();
}

fn is_whole(world: &World) -> bool {
    let ledger = Ledger::open_read(&world.ledger_path(), &World::identity()).unwrap();
    let cursor = ledger.cursor("Lead", Side::Left, "lead").unwrap();
    assert_eq!(
        cursor.is_some(),
        ledger.completed_rules("Lead").unwrap().is_some()
    );
    cursor.is_some()
}

#[test]
fn what_a_write_back_looks_up_is_made_and_nothing_else_of_the_other_way() {
    let world = world(
        LEFT,
        RIGHT,
        "relationship Lead: lead <-> Lead {
           match crm_id = Id
           crm_id     <-  Id
           name       <-> Name
           company    <-> Company
           account_id <-  lookup first left.account(name = Company) or create {}
           push create
         }",
    );
    push(&world);
    assert_eq!(
        world.rows("right", "SELECT Name FROM Lead ORDER BY Name"),
        ["Ada", "Grace"]
    );
    assert_eq!(
        world.rows(
            "left",
            "SELECT l.name, a.name FROM lead l JOIN account a ON a.id = l.account_id"
        ),
        ["Ada|Engines"]
    );
    // The record that would come over has nothing made for it.
    assert_eq!(world.rows("left", "SELECT name FROM account"), ["Engines"]);
    assert!(!is_whole(&world), "the other way is not done");
}

#[test]
fn a_relationship_that_only_pushes_reads_on_where_a_push_came_to() {
    let world = world(
        LEFT,
        RIGHT,
        "relationship Lead: lead -> Lead {
           match crm_id = Id
           crm_id  <- Id
           name    -> Name
           company -> Company
         }",
    );
    push(&world);
    assert!(is_whole(&world));
}
