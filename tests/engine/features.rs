//! One test for each part of the language that the engine carries out.

use super::world::{NOW, World, world};

#[test]
fn references_are_translated_and_records_of_one_run_find_each_other() {
    let w = world(
        "CREATE TABLE company(id INTEGER PRIMARY KEY, crm TEXT, name TEXT, STAMP);
         CREATE TABLE person(id INTEGER PRIMARY KEY, crm TEXT, name TEXT, company_id INTEGER, STAMP);
         INSERT INTO company(id, name) VALUES (7, 'Acme');
         INSERT INTO person(id, name, company_id) VALUES (1, 'Ann', 7), (2, 'Ben', NULL), (3, 'Cem', 99);",
        "CREATE TABLE Account(Id TEXT PRIMARY KEY, Name TEXT, STAMP);
         CREATE TABLE Contact(Id TEXT PRIMARY KEY, Name TEXT, AccountId TEXT, STAMP);",
        "relationship Person: person <-> Contact {
           match crm = Id
           crm <- Id
           name <-> Name
           company_id <-> AccountId via Company
         }
         relationship Company: company <-> Account {
           match crm = Id
           crm <- Id
           name <-> Name
         }",
    );
    assert!(
        w.plan().lines().iter().any(|l| l.contains("AccountId: ?")),
        "{:?}",
        w.plan().lines()
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT c.Name, a.Name FROM Contact c LEFT JOIN Account a ON a.Id = c.AccountId ORDER BY 1"), ["Ann|Acme", "Ben|null"]);
    let held = w.held();
    assert_eq!(
        (held.len(), held[0].missing.as_slice()),
        (1, ["company_id".into()].as_slice())
    );
    // The held record goes over once what it refers to is there.
    w.sql("left", "INSERT INTO company(id, name) VALUES (99, 'Late')");
    w.settle();
    assert_eq!(
        w.rows(
            "right",
            "SELECT a.Name FROM Contact c JOIN Account a ON a.Id = c.AccountId WHERE c.Name = 'Cem'"
        ),
        ["Late"]
    );
    assert!(w.held().is_empty());
}

#[test]
fn a_self_reference_is_written_in_two_steps() {
    let w = world(
        "CREATE TABLE part(id INTEGER PRIMARY KEY, name TEXT, parent INTEGER, STAMP);
         INSERT INTO part(id, name, parent) VALUES (1, 'wheel', 2), (2, 'car', NULL);",
        "CREATE TABLE Part(Id TEXT PRIMARY KEY, Name TEXT, Parent TEXT, STAMP);",
        "relationship Part: part <-> Part {
           match name = Name
           name <-> Name
           parent <-> Parent via Part or null
         }",
    );
    w.settle();
    assert_eq!(
        w.rows(
            "right",
            "SELECT a.Name, b.Name FROM Part a LEFT JOIN Part b ON b.Id = a.Parent ORDER BY 1"
        ),
        ["car|null", "wheel|car"]
    );
}

#[test]
fn a_lookup_makes_what_it_does_not_find_once_for_each_key() {
    let w = world(
        "CREATE TABLE deal(id INTEGER PRIMARY KEY, crm TEXT, name TEXT, stage INTEGER, STAMP);
         CREATE TABLE stage(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, probability INTEGER, STAMP);
         INSERT INTO stage(id, name) VALUES (1, 'Open');",
        "CREATE TABLE Deal(Id TEXT PRIMARY KEY, Name TEXT, Stage TEXT, Won INTEGER, STAMP);
         INSERT INTO Deal(Id, Name, Stage, Won) VALUES ('a', 'A', 'Open', 0), ('b', 'B', 'Won', 1), ('c', 'C', 'Won', 1);",
        "relationship Deal: deal <- Deal {
           match crm = Id
           crm <- Id
           name <- Name
           stage <- lookup left.stage(name = Stage) or create { probability = if Won then 100 else null }
         }",
    );
    w.settle();
    assert_eq!(w.rows("left", "SELECT d.name, s.name, s.probability FROM deal d JOIN stage s ON s.id = d.stage ORDER BY 1"), ["A|Open|null", "B|Won|100", "C|Won|100"]);
    // A one-way field that was edited on its target is restored.
    w.sql(
        "left",
        &format!("UPDATE deal SET name = 'mine', stage = 1, modified_at = {NOW} WHERE crm = 'b'"),
    );
    w.settle();
    assert_eq!(
        w.rows(
            "left",
            "SELECT d.name, s.name FROM deal d JOIN stage s ON s.id = d.stage WHERE crm = 'b'"
        ),
        ["B|Won"]
    );
}

const PEOPLE_LEFT: &str = "CREATE TABLE person(id INTEGER PRIMARY KEY, crm TEXT, mail TEXT, name TEXT, company TEXT, kind TEXT, opt_out INTEGER DEFAULT 0, score INTEGER, STAMP);";
const PEOPLE_RIGHT: &str = "
  CREATE TABLE Contact(Id TEXT PRIMARY KEY, Email TEXT, Name TEXT, OptOut INTEGER DEFAULT 0, IsDeleted INTEGER DEFAULT 0, CreatedDate TEXT, STAMP);
  CREATE TABLE Lead(Id TEXT PRIMARY KEY, Email TEXT, Name TEXT, Company TEXT, OptOut INTEGER DEFAULT 0, Source TEXT, Converted TEXT, IsDeleted INTEGER DEFAULT 0, CreatedDate TEXT, STAMP);";

#[test]
fn alternatives_are_matched_in_header_order_created_by_rule_and_followed() {
    let w = world(
        PEOPLE_LEFT,
        PEOPLE_RIGHT,
        "relationship Person: person <-> Contact | Lead {
           match crm = Id
           match mail = Email
           follow Lead.Converted to Contact
           crm <- Id
           mail <-> Email
           name <-> Name
           company <-> Lead.Company
           kind <- object()
           push create Contact when kind = \"c\"
           push create Lead when kind = \"l\" require company set Source = \"Web\"
         }",
    );
    w.sql("left", "INSERT INTO person(id, mail, name, company, kind) VALUES (1, 'A@x.org', 'A', NULL, NULL), (2, 'b@x.org', 'B', NULL, 'c'), (3, 'c@x.org', 'C', 'Co', 'l'), (4, 'd@x.org', 'D', NULL, 'l')");
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Email, Name) VALUES ('003a', 'a@x.org', 'A')",
    );
    w.sql(
        "right",
        "INSERT INTO Lead(Id, Email, Name, Company) VALUES ('00Qz', 'z@x.org', 'Z', 'Zed')",
    );
    w.settle();
    assert_eq!(
        w.rows(
            "right",
            "SELECT Name, Source, Company FROM Lead ORDER BY Name"
        ),
        ["C|Web|Co", "Z|null|Zed"]
    );
    assert_eq!(
        w.rows("right", "SELECT Name FROM Contact ORDER BY Name"),
        ["A", "B"]
    );
    assert_eq!(
        w.rows(
            "left",
            "SELECT id, kind, crm IS NOT NULL FROM person ORDER BY id"
        ),
        [
            "1|Contact|1",
            "2|Contact|1",
            "3|Lead|1",
            "4|l|0",
            "5|Lead|1"
        ]
    );
    assert_eq!(w.held()[0].missing, ["company"]);
    // The lead is converted in its store: the link goes on with the contact.
    w.sql("right", &format!("INSERT INTO Contact(Id, Email, Name) VALUES ('003z', 'z2@x.org', 'Zoe'); UPDATE Lead SET Converted = '003z', modified_at = {NOW} WHERE Id = '00Qz'"));
    w.settle();
    assert_eq!(
        w.rows(
            "left",
            "SELECT crm, mail, name, kind FROM person WHERE id = 5"
        ),
        ["003z|z2@x.org|Zoe|Contact"]
    );
    assert_eq!(w.rows("left", "SELECT count(*) FROM person"), ["5"]);
}

#[test]
fn a_sticky_opt_out_is_never_lost() {
    let w = world(
        PEOPLE_LEFT,
        PEOPLE_RIGHT,
        "relationship Person: person <-> Contact {
           match mail = Email
           mail <-> Email
           opt_out <-> OptOut prefer true
         }",
    );
    w.sql(
        "left",
        "INSERT INTO person(id, mail, opt_out) VALUES (1, 'a@x.org', 1), (2, 'b@x.org', 0)",
    );
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Email, OptOut) VALUES ('a', 'a@x.org', 0), ('b', 'b@x.org', 0)",
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT OptOut FROM Contact ORDER BY Id"),
        ["1", "0"]
    );
    // Taking it back on one side does not undo it.
    w.sql(
        "right",
        &format!("UPDATE Contact SET OptOut = 0, modified_at = {NOW} WHERE Id = 'a'"),
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT OptOut FROM Contact WHERE Id = 'a'"),
        ["1"]
    );
}

#[test]
fn deletes_cross_only_where_a_line_says_so() {
    let rules = |line: &str| {
        format!(
            "relationship Person: person <-> Contact {{\n match mail = Email\n mail <-> Email\n name <-> Name\n{line}\n}}"
        )
    };
    for (line, left) in [
        ("", vec!["a@x.org|A"]),
        ("pull delete", vec![]),
        ("pull delete set company = \"gone\"", vec!["a@x.org|A"]),
    ] {
        let w = world(PEOPLE_LEFT, PEOPLE_RIGHT, &rules(line));
        w.sql(
            "right",
            "INSERT INTO Contact(Id, Email, Name) VALUES ('a', 'a@x.org', 'A')",
        );
        w.settle();
        w.sql(
            "right",
            &format!("UPDATE Contact SET IsDeleted = 1, modified_at = {NOW}"),
        );
        w.settle();
        assert_eq!(
            w.rows("left", "SELECT mail, name FROM person"),
            left,
            "{line}"
        );
        // Neither record is made again.
        w.sql(
            "left",
            &format!("UPDATE person SET name = 'B', modified_at = {NOW}"),
        );
        w.settle();
        assert_eq!(w.rows("right", "SELECT count(*) FROM Contact"), ["1"]);
    }
}

#[test]
fn a_record_that_is_simply_gone_is_found_by_a_full_comparison() {
    let w = world(
        PEOPLE_LEFT,
        PEOPLE_RIGHT,
        "relationship Person: person <-> Contact {\n match mail = Email\n mail <-> Email\n pull delete\n}",
    );
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Email) VALUES ('a', 'a@x.org'), ('b', 'b@x.org')",
    );
    w.settle();
    w.sql("right", "DELETE FROM Contact WHERE Id = 'a'");
    assert_eq!(w.plan().lines(), Vec::<String>::new());
    assert_eq!(w.full_plan().lines(), ["pull delete person 1 {}"]);
}

#[test]
fn manual_conflicts_are_listed_and_settled_by_hand() {
    let w = world(
        PEOPLE_LEFT,
        PEOPLE_RIGHT,
        "relationship Person: person <-> Contact {
           match mail = Email
           mail <-> Email
           name <-> Name prefer manual first prefer right
           score -> Name2
         }",
    );
    w.sql("right", "ALTER TABLE Contact ADD COLUMN Name2 INTEGER; INSERT INTO Contact(Id, Email, Name) VALUES ('a', 'a@x.org', 'A')");
    w.settle();
    w.sql(
        "left",
        &format!("UPDATE person SET name = 'L', score = 5, modified_at = {NOW}"),
    );
    w.sql(
        "right",
        &format!("UPDATE Contact SET Name = 'R', modified_at = {NOW}"),
    );
    w.apply();
    assert_eq!(
        w.rows("right", "SELECT Name, Name2 FROM Contact"),
        ["R|5"],
        "the other fields keep crossing"
    );
    assert_eq!(w.plan().conflicts.len(), 1, "it stays listed");
    let mut ledger = bilateral::ledger::Ledger::open(&w.ledger_path(), &World::identity()).unwrap();
    assert_eq!(
        ledger
            .take(&Default::default(), bilateral::program::Side::Left)
            .unwrap(),
        1
    );
    drop(ledger);
    w.settle();
    assert_eq!(w.rows("right", "SELECT Name FROM Contact"), ["L"]);
    assert!(w.plan().conflicts.is_empty());
}

#[test]
fn create_once_makes_one_record_for_ever() {
    let w = world(
        "CREATE TABLE event(id INTEGER PRIMARY KEY, name TEXT, STAMP); INSERT INTO event(id, name) VALUES (1, 'open'), (2, 'click');",
        "CREATE TABLE Task(Id TEXT PRIMARY KEY, Subject TEXT, STAMP);",
        "relationship Event: event -> Task {
           \"Event {name}\" -> Subject
           push create once when name != \"x\"
         }",
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT Subject FROM Task ORDER BY 1"),
        ["Event click", "Event open"]
    );
    w.sql(
        "left",
        &format!("UPDATE event SET name = 'changed', modified_at = {NOW}"),
    );
    w.sql("right", "DELETE FROM Task");
    w.settle();
    assert_eq!(w.rows("right", "SELECT count(*) FROM Task"), ["0"]);
}

#[test]
fn done_clears_the_flag_and_changes_set_more() {
    let w = world(
        "CREATE TABLE person(id INTEGER PRIMARY KEY, crm TEXT, mail TEXT, push INTEGER DEFAULT 0, status INTEGER, message TEXT, STAMP);
         INSERT INTO person(id, mail, push) VALUES (1, 'a@x.org', 1), (2, 'b@x.org', 0);",
        "CREATE TABLE Lead(Id TEXT PRIMARY KEY, Email TEXT, STAMP);",
        "relationship Person: person <-> Lead {
           match crm = Id
           crm <- Id
           mail <-> Email
           push create when push = 1
           push update when push = 1
           push done set push = 0
           pull change mail set status = 0, message = \"Reset\"
         }",
    );
    w.settle();
    assert_eq!(
        w.rows(
            "left",
            "SELECT push, crm IS NOT NULL FROM person ORDER BY id"
        ),
        ["0|1", "0|0"]
    );
    w.sql(
        "right",
        &format!("UPDATE Lead SET Email = 'new@x.org', modified_at = {NOW}"),
    );
    w.settle();
    assert_eq!(
        w.rows(
            "left",
            "SELECT mail, status, message FROM person WHERE id = 1"
        ),
        ["new@x.org|0|Reset"]
    );
    // A change that `update when` stops crosses when the flag is set.
    w.sql(
        "left",
        &format!("UPDATE person SET mail = 'left@x.org', modified_at = {NOW} WHERE id = 1"),
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT Email FROM Lead"), ["new@x.org"]);
    w.sql(
        "left",
        &format!("UPDATE person SET push = 1, modified_at = {NOW} WHERE id = 1"),
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT Email FROM Lead"), ["left@x.org"]);
    assert_eq!(
        w.rows("left", "SELECT push FROM person WHERE id = 1"),
        ["0"]
    );
}

#[test]
fn a_star_maps_and_adds_fields() {
    let w = world(
        "CREATE TABLE lead(id INTEGER PRIMARY KEY, crm TEXT, Name TEXT, STAMP);",
        "CREATE TABLE Lead(Id TEXT PRIMARY KEY, Name TEXT, Age INTEGER, Secret TEXT, STAMP);
         INSERT INTO Lead(Id, Name, Age, Secret) VALUES ('a', 'Ann', 30, 's');",
        "relationship Lead: lead <- Lead {
           match crm = Id
           crm <- Id
           * <- * except Secret
         }",
    );
    assert!(
        w.plan()
            .lines()
            .iter()
            .any(|l| l.starts_with("pull alter lead")),
        "{:?}",
        w.plan().lines()
    );
    w.settle();
    assert_eq!(w.rows("left", "SELECT Name, Age FROM lead"), ["Ann|30"]);
}

#[test]
fn filters_keep_unlink_or_delete() {
    for (leave, count, linked) in [
        ("", "1", true),
        ("leave unlink", "1", false),
        ("leave delete", "0", false),
    ] {
        let w = world(
            PEOPLE_LEFT,
            PEOPLE_RIGHT,
            &format!(
                "relationship Person: person <- Contact {{\n match mail = Email\n mail <- Email\n name <- Name\n pull when Name != \"x\" {leave}\n}}"
            ),
        );
        w.sql("right", "INSERT INTO Contact(Id, Email, Name) VALUES ('a', 'a@x.org', 'A'), ('b', 'b@x.org', 'x')");
        w.settle();
        assert_eq!(w.rows("left", "SELECT count(*) FROM person"), ["1"]);
        w.sql(
            "right",
            &format!("UPDATE Contact SET Name = 'x', modified_at = {NOW} WHERE Id = 'a'"),
        );
        w.apply();
        assert_eq!(
            w.rows("left", "SELECT count(*) FROM person"),
            [count],
            "{leave}"
        );
        assert_eq!(
            w.read_ledger().live_links("Person").unwrap() == 1,
            linked,
            "{leave}"
        );
        assert_eq!(w.plan().lines(), Vec::<String>::new(), "{leave}");
    }
}

#[test]
fn duplicates_are_held_or_settled_by_age() {
    for (policy, linked) in [("error", "0"), ("oldest", "old"), ("newest", "new")] {
        let w = world(
            PEOPLE_LEFT,
            PEOPLE_RIGHT,
            &format!(
                "relationship Person: person -> Contact {{\n match mail = Email\n duplicates {policy}\n crm <- Id\n mail -> Email\n}}"
            ),
        );
        w.sql("left", "INSERT INTO person(id, mail) VALUES (1, 'a@x.org')");
        w.sql("right", "INSERT INTO Contact(Id, Email, CreatedDate) VALUES ('new', 'a@x.org', '2024-02-01T00:00:00Z'), ('old', 'A@x.org', '2024-01-01T00:00:00Z')");
        w.apply();
        assert_eq!(
            w.rows("left", "SELECT coalesce(crm, 0) FROM person"),
            [linked]
        );
        assert_eq!(w.held().len(), usize::from(policy == "error"));
        assert_eq!(w.rows("right", "SELECT count(*) FROM Contact"), ["2"]);
    }
}

#[test]
fn a_purge_deletes_on_one_side_only() {
    let w = world(
        PEOPLE_LEFT,
        PEOPLE_RIGHT,
        "relationship Person: person <-> Contact {\n match mail = Email\n mail <-> Email\n name <-> Name\n purge person when name = \"bye\"\n}",
    );
    w.sql("right", "INSERT INTO Contact(Id, Email, Name) VALUES ('a', 'a@x.org', 'bye'), ('b', 'b@x.org', 'stay')");
    w.settle();
    assert_eq!(w.rows("left", "SELECT mail FROM person"), ["b@x.org"]);
    assert_eq!(w.rows("right", "SELECT count(*) FROM Contact"), ["2"]);
}

#[test]
fn round_robin_is_fair_across_runs_and_a_plan_takes_no_step() {
    let w = world(
        PEOPLE_LEFT,
        "CREATE TABLE Lead(Id TEXT PRIMARY KEY, Email TEXT, OwnerId TEXT, STAMP);",
        "let REPS = [\"x\", \"y\", \"z\"]
         relationship Person: person -> Lead {
           match crm = Id
           crm <- Id
           mail -> Email
           push create set OwnerId = round_robin(REPS)
         }",
    );
    for i in 0..5 {
        w.sql(
            "left",
            &format!("INSERT INTO person(mail) VALUES ('{i}@x.org')"),
        );
        w.plan();
        w.apply();
    }
    assert_eq!(
        w.rows("right", "SELECT OwnerId FROM Lead ORDER BY Email"),
        ["x", "y", "z", "x", "y"]
    );
}

#[test]
fn many_records_share_one_partner() {
    let w = world(
        "CREATE TABLE orders(id INTEGER PRIMARY KEY, mail TEXT, city TEXT, contact TEXT, STAMP);
         INSERT INTO orders(id, mail, city, modified_at) VALUES (1, 'g@x.org', 'Oslo', '2024-01-01T00:00:00.000Z'), (2, 'G@x.org', 'Bergen', '2024-01-02T00:00:00.000Z');",
        "CREATE TABLE Contact(Id TEXT PRIMARY KEY, Email TEXT, City TEXT, STAMP);",
        "relationship Guest: many orders -> Contact {
           match lower(mail) = lower(Email)
           contact <- Id
           mail -> Email on create
           city -> City
         }",
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT City FROM Contact"),
        ["Bergen"],
        "the last one that changed writes"
    );
    assert_eq!(w.rows("right", "SELECT count(*) FROM Contact"), ["1"]);
    assert_eq!(
        w.rows("left", "SELECT count(DISTINCT contact) FROM orders"),
        ["1"]
    );
    assert_eq!(w.plan().lines(), Vec::<String>::new());
    w.sql(
        "left",
        &format!("UPDATE orders SET city = 'Bodo', modified_at = {NOW} WHERE id = 1"),
    );
    w.apply();
    assert_eq!(w.rows("right", "SELECT City FROM Contact"), ["Bodo"]);
    assert_eq!(w.plan().lines(), Vec::<String>::new());
}

#[test]
fn value_maps_and_lenses_work_both_ways() {
    let w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, k TEXT, status TEXT, cents INTEGER, STAMP); INSERT INTO a(id, k, status, cents) VALUES (1, 'x', 'new', 1250), (2, 'y', 'odd', 1);",
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, Status TEXT, Amount NUMERIC, STAMP);",
        "values status { \"new\" <-> \"Open\"
           \"old\" <-> \"Closed\"
           else error }
         lens money { push it / 100
           pull it * 100 }
         relationship A: a <-> B {
           match k = K
           k <-> K
           status <-> Status using status
           cents <-> Amount using money
         }",
    );
    let outcome = w.apply();
    assert_eq!(outcome.failed, 1, "an unknown value is that record's error");
    assert_eq!(
        w.rows("right", "SELECT K, Status, Amount FROM B"),
        ["x|Open|12.5"]
    );
    w.sql(
        "right",
        &format!("UPDATE B SET Status = 'Closed', Amount = 7, modified_at = {NOW}"),
    );
    w.apply();
    assert_eq!(
        w.rows("left", "SELECT status, cents FROM a WHERE id = 1"),
        ["old|700"]
    );
    w.sql(
        "left",
        &format!("UPDATE a SET status = 'new', modified_at = {NOW} WHERE id = 2"),
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT count(*) FROM B"),
        ["2"],
        "mended, it goes over"
    );
}

#[test]
fn modifiers_decide_when_a_field_crosses() {
    let w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, k TEXT, made TEXT, fill TEXT, keep TEXT, cond TEXT, flag INTEGER DEFAULT 0, STAMP);
         INSERT INTO a(id, k, made, fill, keep, cond) VALUES (1, 'x', 'm', 'f', 'k', 'c');",
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, Made TEXT, Fill TEXT, Keep TEXT, Cond TEXT, STAMP);",
        "relationship A: a -> B {
           match k = K
           k -> K
           made -> Made on create
           fill -> Fill if empty
           keep -> Keep blanks ignore
           cond -> Cond when flag = 1
         }",
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT Made, Fill, Keep, Cond FROM B"),
        ["m|f|k|null"]
    );
    w.sql(
        "left",
        &format!(
            "UPDATE a SET made = 'm2', fill = 'f2', keep = NULL, cond = 'c2', modified_at = {NOW}"
        ),
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT Made, Fill, Keep, Cond FROM B"),
        ["m|f|k|null"]
    );
    w.sql(
        "left",
        &format!("UPDATE a SET flag = 1, modified_at = {NOW}"),
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT Cond FROM B"), ["c2"]);
}

#[test]
fn one_bad_record_fails_alone() {
    let w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, k TEXT, n INTEGER, STAMP); INSERT INTO a(id, k, n) VALUES (1, 'x', 1), (2, 'y', -1), (3, 'z', 3);",
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, N INTEGER CHECK (N > 0), STAMP);",
        "relationship A: a -> B {\n match k = K\n k -> K\n n -> N\n}",
    );
    let outcome = w.apply();
    assert_eq!((outcome.done, outcome.failed), (2, 1));
    assert_eq!(w.rows("right", "SELECT K FROM B ORDER BY 1"), ["x", "z"]);
    let failures = w.read_ledger().failures(&Default::default()).unwrap();
    assert_eq!(failures[0].failure.id, bilateral::value::Value::Int(2));
    w.sql(
        "left",
        &format!("UPDATE a SET n = 2, modified_at = {NOW} WHERE id = 2"),
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT count(*) FROM B"), ["3"]);
    assert!(
        w.read_ledger()
            .failures(&Default::default())
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_large_delete_stops_before_the_first_write() {
    let w = world(
        PEOPLE_LEFT,
        PEOPLE_RIGHT,
        "relationship Person: person <-> Contact {\n match mail = Email\n mail <-> Email\n pull delete\n}",
    );
    for i in 0..40 {
        w.sql(
            "right",
            &format!("INSERT INTO Contact(Id, Email) VALUES ('{i}', '{i}@x.org')"),
        );
    }
    w.settle();
    w.sql(
        "right",
        &format!(
            "UPDATE Contact SET IsDeleted = 1, modified_at = {NOW} WHERE CAST(Id AS INTEGER) < 30"
        ),
    );
    let refused = w.try_apply(
        &World::request(),
        &World::options(),
        &mut Default::default(),
    );
    assert!(matches!(
        refused,
        Err(bilateral::apply::ApplyError::Guard(_))
    ));
    assert_eq!(w.rows("left", "SELECT count(*) FROM person"), ["40"]);
    let large = bilateral::apply::Options {
        allow_large: true,
        ..World::options()
    };
    w.try_apply(&World::request(), &large, &mut Default::default())
        .unwrap();
    assert_eq!(w.rows("left", "SELECT count(*) FROM person"), ["10"]);
}

#[test]
fn defaults_of_the_store_come_back_in_the_same_run() {
    let w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, crm TEXT, k TEXT, status TEXT, STAMP); INSERT INTO a(id, k) VALUES (1, 'x');",
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, Status TEXT NOT NULL DEFAULT 'Open', STAMP);",
        "relationship A: a <-> B {\n match crm = Id\n crm <- Id\n k <-> K\n status <-> Status\n}",
    );
    w.settle();
    assert_eq!(
        w.rows("left", "SELECT crm IS NOT NULL, status FROM a"),
        ["1|Open"]
    );
}

#[test]
fn edited_rules_compare_everything_once() {
    let mut w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, k TEXT, n TEXT, STAMP); INSERT INTO a(id, k, n) VALUES (1, 'x', 'one');",
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, N TEXT, STAMP);",
        "relationship A: a <-> B {\n match k = K\n k <-> K\n}",
    );
    w.settle();
    w.rules = w.rules.replace("k <-> K\n}", "n <-> N\n k <-> K\n}");
    assert_eq!(
        w.plan().lines().len(),
        1,
        "the new line is planned for records that did not change"
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT K, N FROM B"), ["x|one"]);
}
