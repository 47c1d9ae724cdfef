//! Lookups, aggregates and links inside expressions (language reference, 6).

use super::world::{World, world};

const LEFT: &str = "
  CREATE TABLE campaign(id INTEGER PRIMARY KEY, crm TEXT, name TEXT, opened INTEGER, total NUMERIC, best INTEGER, worst INTEGER, STAMP);
  CREATE TABLE mail(id INTEGER PRIMARY KEY, campaign INTEGER, kind TEXT, price NUMERIC, score INTEGER, STAMP);";
const RIGHT: &str = "
  CREATE TABLE Campaign(Id TEXT PRIMARY KEY, Name TEXT, Opened INTEGER, Total NUMERIC, Best INTEGER, Worst INTEGER, Owner TEXT, City TEXT, STAMP);
  CREATE TABLE User(Id TEXT PRIMARY KEY, Email TEXT, City TEXT, CreatedDate TEXT, STAMP);";

fn campaign(lines: &str) -> World {
    let w = world(
        LEFT,
        RIGHT,
        &format!(
            "relationship Campaign: campaign -> Campaign {{\n match crm = Id\n crm <- Id\n name -> Name\n {lines}\n}}"
        ),
    );
    w.sql(
        "left",
        "INSERT INTO campaign(id, name) VALUES (1, 'one'), (2, 'two')",
    );
    w
}

#[test]
fn aggregates_count_and_follow_what_they_read() {
    let w = campaign(
        "count(left.mail(campaign = id, kind = \"open\")) -> Opened\n sum(left.mail(campaign = id).price) -> Total\n max(left.mail(campaign = id).score) -> Best\n min(left.mail(campaign = id).score) -> Worst",
    );
    w.sql("left", "INSERT INTO mail(campaign, kind, price, score) VALUES (1, 'open', 1.5, 3), (1, 'open', 0.25, 9), (1, 'click', 1, 5)");
    w.settle();
    let look = "SELECT Name, Opened, Total, Best, Worst FROM Campaign ORDER BY Name";
    assert_eq!(
        w.rows("right", look),
        ["one|2|2.75|9|3", "two|0|0|null|null"]
    );
    // Planned again when what it read appears.
    w.sql(
        "left",
        "INSERT INTO mail(campaign, kind, price, score) VALUES (2, 'open', 4, 1)",
    );
    w.settle();
    assert_eq!(w.rows("right", look), ["one|2|2.75|9|3", "two|1|4|1|1"]);
}

#[test]
fn lookups_find_an_id_or_a_field() {
    let w = campaign(
        "lookup right.User(Email = \"{name}@x.org\") -> Owner\n (lookup right.User(Email = \"{name}@x.org\").City) ?? \"nowhere\" -> City",
    );
    w.sql(
        "right",
        "INSERT INTO User(Id, Email, City) VALUES ('u1', 'one@x.org', 'Oslo')",
    );
    w.settle();
    let look = "SELECT Name, Owner, City FROM Campaign ORDER BY Name";
    assert_eq!(w.rows("right", look), ["one|u1|Oslo", "two|null|nowhere"]);
    w.sql(
        "right",
        "INSERT INTO User(Id, Email, City) VALUES ('u2', 'two@x.org', 'Bodo')",
    );
    w.edit("right", "User", "City = 'Bergen'", "Id = 'u1'");
    w.settle();
    assert_eq!(w.rows("right", look), ["one|u1|Bergen", "two|u2|Bodo"]);
}

#[test]
fn an_ambiguous_lookup_is_an_error_of_that_record_alone() {
    let w = campaign("lookup right.User(City = name) -> Owner");
    w.sql("right", "INSERT INTO User(Id, Email, City) VALUES ('u1', 'a', 'one'), ('u2', 'b', 'one'), ('u3', 'c', 'two')");
    let outcome = w.apply();
    assert_eq!(outcome.failed, 1);
    assert_eq!(
        w.rows("right", "SELECT Name, Owner FROM Campaign"),
        ["two|u3"]
    );
    assert!(
        w.failures()[0].starts_with("campaign 1 Owner: ") && w.failures()[0].contains('2'),
        "{:?}",
        w.failures()
    );
    w.sql("right", "DELETE FROM User WHERE Id = 'u2'");
    w.edit("left", "campaign", "name = 'one'", "id = 1");
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT Name, Owner FROM Campaign ORDER BY 1"),
        ["one|u1", "two|u3"]
    );
    assert!(w.failures().is_empty());
}

#[test]
fn lookup_first_takes_the_oldest() {
    let w = campaign("lookup first right.User(City = name) -> Owner");
    w.sql("right", "INSERT INTO User(Id, City, CreatedDate) VALUES ('new', 'one', '2024-02-01'), ('old', 'one', '2024-01-01')");
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT Owner FROM Campaign WHERE Name = 'one'"),
        ["old"]
    );
}

#[test]
fn a_blank_key_of_a_lookup_finds_nothing() {
    let w = campaign("lookup right.User(Email = trim(name)) -> Owner");
    w.sql(
        "right",
        "INSERT INTO User(Id, Email) VALUES ('u', ''), ('v', NULL)",
    );
    w.edit("left", "campaign", "name = '  '", "1");
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT Owner FROM Campaign"),
        ["null", "null"]
    );
}

#[test]
fn lookup_or_create_makes_one_record_per_key_and_finds_it_later() {
    let w = campaign(
        "lookup right.User(Email = \"shared@x.org\") or create { City = \"from {name}\" } -> Owner",
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT Email FROM User"), ["shared@x.org"]);
    assert_eq!(
        w.rows(
            "right",
            "SELECT count(DISTINCT Owner) FROM Campaign JOIN User ON User.Id = Owner"
        ),
        ["1"]
    );
    w.sql("left", "INSERT INTO campaign(id, name) VALUES (3, 'three')");
    w.settle();
    assert_eq!(w.rows("right", "SELECT count(*) FROM User"), ["1"]);
    assert_eq!(
        w.rows(
            "right",
            "SELECT count(*) FROM Campaign WHERE Owner IS NOT NULL"
        ),
        ["3"]
    );
}

#[test]
fn queries_stand_in_conditions_sets_and_functions() {
    let w = world(
        LEFT,
        RIGHT,
        "fn known(x) = lookup right.User(Email = \"{x}@x.org\") != null
         fn owner_of(x) = lookup right.User(Email = \"{x}@x.org\")
         relationship Campaign: campaign -> Campaign {
           match crm = Id
           crm <- Id
           name -> Name
           push create when known(name) set Owner = owner_of(name)
           push update set City = lookup right.User(Email = \"{name}@x.org\").City
         }",
    );
    w.sql(
        "left",
        "INSERT INTO campaign(id, name) VALUES (1, 'one'), (2, 'two')",
    );
    w.sql(
        "right",
        "INSERT INTO User(Id, Email, City) VALUES ('u1', 'one@x.org', 'Oslo')",
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT Name, Owner FROM Campaign"),
        ["one|u1"]
    );
    w.sql(
        "right",
        "INSERT INTO User(Id, Email, City) VALUES ('u2', 'two@x.org', 'Bodo')",
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT Name, Owner FROM Campaign ORDER BY 1"),
        ["one|u1", "two|u2"],
        "a condition on a lookup is looked at again"
    );
}

const PEOPLE_LEFT: &str = "
  CREATE TABLE company(id INTEGER PRIMARY KEY, crm TEXT, name TEXT, STAMP);
  CREATE TABLE person(id INTEGER PRIMARY KEY, crm TEXT, name TEXT, company_id INTEGER, boss_id INTEGER, STAMP);";
const PEOPLE_RIGHT: &str = "
  CREATE TABLE Account(Id TEXT PRIMARY KEY, Name TEXT, Owner TEXT, STAMP);
  CREATE TABLE Contact(Id TEXT PRIMARY KEY, Name TEXT, Account TEXT, Owner TEXT, STAMP);";

#[test]
fn linked_gives_the_partner_its_fields_and_that_of_a_reference() {
    let w = world(
        PEOPLE_LEFT,
        PEOPLE_RIGHT,
        "relationship Person: person -> Contact {
           match crm = Id
           crm <- Id
           name -> Name
           linked(Company, company_id) -> Account
           linked(Company, company_id).Owner -> Owner
         }
         relationship Company: company -> Account {
           match crm = Id
           crm <- Id
           name -> Name
           push create set Owner = \"me\"
         }",
    );
    w.sql("left", "INSERT INTO company(id, name) VALUES (7, 'Acme'); INSERT INTO person(id, name, company_id) VALUES (1, 'Ann', 7), (2, 'Ben', NULL), (3, 'Cem', 8)");
    w.settle();
    let look = "SELECT c.Name, a.Name, c.Owner FROM Contact c LEFT JOIN Account a ON a.Id = c.Account ORDER BY 1";
    assert_eq!(
        w.rows("right", look),
        ["Ann|Acme|me", "Ben|null|null", "Cem|null|null"]
    );
    // What was read changes, and what was missing appears.
    w.edit("right", "Account", "Owner = 'you'", "1");
    w.sql("left", "INSERT INTO company(id, name) VALUES (8, 'Late')");
    w.settle();
    assert_eq!(
        w.rows("right", look),
        ["Ann|Acme|you", "Ben|null|null", "Cem|Late|me"]
    );
}

#[test]
fn a_condition_on_a_link_holds_in_the_run_that_makes_it() {
    let w = world(
        PEOPLE_LEFT,
        PEOPLE_RIGHT,
        "relationship Person: person -> Contact {
           match crm = Id
           crm <- Id
           name -> Name
           push create when linked(Company, company_id) is not empty require linked(Company, company_id)
         }
         relationship Company: company -> Account {
           match crm = Id
           crm <- Id
           name -> Name
         }",
    );
    w.sql("left", "INSERT INTO company(id, name) VALUES (7, 'Acme'); INSERT INTO person(id, name, company_id) VALUES (1, 'Ann', 7), (2, 'Ben', 9)");
    w.settle();
    assert_eq!(w.rows("right", "SELECT Name FROM Contact"), ["Ann"]);
    assert!(w.held().is_empty(), "{:?}", w.held_lines());
    w.sql("left", "INSERT INTO company(id, name) VALUES (9, 'Late')");
    w.settle();
    assert_eq!(w.rows("right", "SELECT count(*) FROM Contact"), ["2"]);
}

#[test]
fn a_field_of_the_other_side_is_null_until_there_is_a_link() {
    let w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, k TEXT, v TEXT, n INTEGER, STAMP); INSERT INTO a(id, k, v, n) VALUES (1, 'x', 'v', 5);",
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, V TEXT, N INTEGER, Status TEXT, STAMP);",
        "relationship A: a -> B {
           match k = K
           k -> K
           v -> V when right.Status != \"locked\"
           left.n + (right.N ?? 0) * 0 -> N
           push create set Status = if right.Status = null then \"new\" else \"never\"
         }",
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT Status, N FROM B"), ["new|5"]);
    w.edit("left", "a", "v = 'v2'", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT V FROM B"), ["v2"]);
    w.edit("right", "B", "Status = 'locked'", "1");
    w.settle();
    w.edit("left", "a", "v = 'v3'", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT V FROM B"), ["v2"]);
    w.edit("right", "B", "Status = 'open'", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT V FROM B"), ["v3"]);
}

#[test]
fn a_lookup_sees_what_the_same_run_makes() {
    let stamp = "modified_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))";
    let world = World::new(
        &format!(
            "CREATE TABLE account(id INTEGER PRIMARY KEY, crm TEXT, name TEXT, {stamp});
             CREATE TABLE person(id INTEGER PRIMARY KEY, crm TEXT, mail TEXT, account_id INTEGER, {stamp});"
        ),
        &format!(
            "CREATE TABLE Account(Id TEXT PRIMARY KEY, Name TEXT, {stamp});
             CREATE TABLE Lead(Id TEXT PRIMARY KEY, Email TEXT, Company TEXT, {stamp});
             INSERT INTO Account(Id, Name) VALUES ('001', 'Engines');
             INSERT INTO Lead(Id, Email, Company) VALUES ('00Q1', 'ada@example.org', 'Engines'), ('00Q2', 'bob@example.org', 'Bricks');"
        ),
        "sync left with right
         relationship Account: account <- Account {
           match crm = Id
           crm <- Id
           name <- Name
         }
         relationship Person: person <- Lead {
           match crm = Id
           crm <- Id
           mail <- Email
           account_id <- lookup left.account(name = Company) or create {}
         }",
    );
    world.settle();
    assert_eq!(
        world.rows(
            "left",
            "SELECT mail, name FROM person p JOIN account a ON a.id = p.account_id ORDER BY 1"
        ),
        ["ada@example.org|Engines", "bob@example.org|Bricks"]
    );
    assert_eq!(world.rows("left", "SELECT count(*) FROM account"), ["2"]);
}
