//! Which records are the same thing: keys, duplicates, filters, tombstones (language reference, 5.1).

use super::world::{NOW, World, world};

const PERSON: &str = "CREATE TABLE person(id INTEGER PRIMARY KEY, crm TEXT, mail TEXT, name TEXT, born TEXT, number INTEGER, created_at TEXT, STAMP);";
const CONTACT: &str = "CREATE TABLE Contact(Id TEXT PRIMARY KEY, Email TEXT, Name TEXT, Born TEXT, Number INTEGER, Source TEXT, IsDeleted INTEGER DEFAULT 0, CreatedDate TEXT, STAMP);";

fn people(rules: &str) -> World {
    world(
        PERSON,
        CONTACT,
        &format!("relationship Person: person <-> Contact {{\n{rules}\n}}"),
    )
}

/// `person id=Contact id` of all live links.
fn links(w: &World) -> Vec<String> {
    let links = w.read_ledger().link_page("Person", 0, 100).unwrap();
    let mut links: Vec<String> = links
        .iter()
        .filter(|l| !l.closed)
        .map(|l| format!("{}={}", l.ids[0], l.ids[1]))
        .collect();
    links.sort();
    links
}

#[test]
fn a_key_of_several_columns_needs_them_all() {
    let w = people(
        "match name = Name, born = Born\n name <-> Name\n born <-> Born\n push create never\n pull create never",
    );
    w.sql("left", "INSERT INTO person(id, name, born) VALUES (1, 'Ann', '2000-01-01'), (2, 'Ben', '2001-01-01'), (3, 'Cem', NULL)");
    w.sql("right", "INSERT INTO Contact(Id, Name, Born) VALUES ('a', 'Ann', '2000-01-01'), ('b', 'Ben', '1999-01-01'), ('c', 'Cem', NULL)");
    w.settle();
    assert_eq!(links(&w), ["1=a"]);
}

#[test]
fn where_narrows_a_key() {
    let w = people(
        "match mail = Email where Source = \"Web\"\n mail <-> Email\n push create never\n pull create never",
    );
    w.sql(
        "left",
        "INSERT INTO person(id, mail) VALUES (1, 'a@x.org'), (2, 'b@x.org')",
    );
    w.sql("right", "INSERT INTO Contact(Id, Email, Source) VALUES ('a1', 'a@x.org', 'Shop'), ('a2', 'a@x.org', 'Web'), ('b', 'b@x.org', NULL)");
    w.settle();
    assert_eq!(links(&w), ["1=a2"]);
}

#[test]
fn the_first_key_of_one_record_beats_the_second_of_another() {
    let w = people(
        "match crm = Id\n match mail = Email\n crm <- Id\n mail <-> Email first prefer LEFT\n name <-> Name"
            .replace("LEFT", "left")
            .as_str(),
    );
    // 1 claims `a` by mail, 2 claims it by id: 2 wins, and 1 finds nothing else.
    w.sql("left", "INSERT INTO person(id, crm, mail, name) VALUES (1, NULL, 'a@x.org', 'one'), (2, 'a', 'two@x.org', 'two')");
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Email, Name) VALUES ('a', 'a@x.org', 'A')",
    );
    w.settle();
    assert!(links(&w).contains(&"2=a".to_string()), "{:?}", links(&w));
    assert_eq!(w.rows("right", "SELECT count(*) FROM Contact"), ["2"]);
    assert_eq!(
        w.rows("left", "SELECT count(DISTINCT crm) FROM person"),
        ["2"]
    );
}

#[test]
fn blank_keys_never_match() {
    let w = people("match mail = Email\n mail <-> Email\n name <-> Name");
    w.sql(
        "left",
        "INSERT INTO person(id, mail, name) VALUES (1, NULL, 'n'), (2, '', 'e'), (3, '  ', 's')",
    );
    w.sql("right", "INSERT INTO Contact(Id, Email, Name) VALUES ('a', NULL, 'rn'), ('b', '', 're'), ('c', '  ', 'rs')");
    w.settle();
    assert_eq!(w.rows("left", "SELECT count(*) FROM person"), ["6"]);
    assert_eq!(w.rows("right", "SELECT count(*) FROM Contact"), ["6"]);
}

#[test]
fn mail_addresses_match_without_regard_to_case_and_stay_as_they_are_written() {
    for index in ["", "CREATE INDEX e ON Contact(Email);"] {
        let w = people("match mail = Email\n mail <-> Email\n name <-> Name");
        w.sql("right", index);
        w.sql(
            "right",
            "INSERT INTO Contact(Id, Email, Name) VALUES ('a', 'ANN@x.org', 'A'), ('z', 'z@x.org', 'Z')",
        );
        w.settle();
        w.sql(
            "left",
            "INSERT INTO person(id, mail, name) VALUES (7, 'Ben@X.org', 'Ben')",
        );
        w.settle();
        w.sql("right", "DELETE FROM Contact WHERE Id = 'none'");
        assert_eq!(
            w.rows("left", "SELECT mail FROM person WHERE name = 'A'"),
            ["ANN@x.org"]
        );
        w.sql(
            "right",
            "INSERT INTO Contact(Id, Email, Name) VALUES ('c', 'CEM@x.org', 'Cem')",
        );
        w.sql(
            "left",
            "INSERT INTO person(id, mail, name) VALUES (8, 'cem@X.org', 'Cem')",
        );
        w.settle();
        assert!(links(&w).contains(&"8=c".to_string()), "{:?}", links(&w));
        assert_eq!(
            w.rows("left", "SELECT mail FROM person WHERE id = 8"),
            w.rows("right", "SELECT Email FROM Contact WHERE Id = 'c'")
        );
    }
}

#[test]
fn a_late_partner_is_found_among_old_records() {
    // `b` is old and read long ago when 2 arrives.
    for index in ["", "CREATE INDEX e ON Contact(Email);"] {
        let w = world(
            PERSON,
            CONTACT,
            "relationship Person: person -> Contact {\n match mail = Email\n mail -> Email\n crm <- Id\n}",
        );
        w.sql("right", index);
        w.sql("right", "INSERT INTO Contact(Id, Email, modified_at) VALUES ('b', 'B@x.org', '2020-01-01T00:00:00.000Z')");
        w.settle();
        w.sql("left", "INSERT INTO person(id, mail) VALUES (2, 'b@x.org')");
        w.settle();
        assert_eq!(links(&w), ["2=b"]);
    }
}

#[test]
fn numbers_are_keys_too() {
    let w = people("match number = Number\n number <-> Number\n name <-> Name");
    w.sql(
        "left",
        "INSERT INTO person(id, number, name) VALUES (1, 0, 'zero'), (2, 42, 'x')",
    );
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Number, Name) VALUES ('a', 42, 'y'), ('b', 0, 'null')",
    );
    w.settle();
    assert_eq!(links(&w), ["1=b", "2=a"]);
}

#[test]
fn an_existing_link_comes_before_every_key() {
    let w = people("match mail = Email\n mail <-> Email\n name <-> Name");
    w.sql(
        "left",
        "INSERT INTO person(id, mail, name) VALUES (1, 'a@x.org', 'A')",
    );
    w.settle();
    // The address changes, and another record takes the old one: the link stays, the other is new.
    w.edit("left", "person", "mail = 'new@x.org'", "id = 1");
    w.sql(
        "left",
        "INSERT INTO person(id, mail, name) VALUES (2, 'a@x.org', 'B')",
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT Email, Name FROM Contact ORDER BY Name"),
        ["new@x.org|A", "a@x.org|B"]
    );
}

#[test]
fn two_records_that_claim_one_are_held_with_the_candidates_named() {
    let w = people("match mail = Email\n mail <-> Email\n name <-> Name");
    w.sql(
        "left",
        "INSERT INTO person(id, mail) VALUES (1, 'a@x.org'), (2, 'A@x.org')",
    );
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Email) VALUES ('a', 'a@x.org')",
    );
    w.settle();
    assert!(links(&w).is_empty());
    let held = w.held_lines();
    assert_eq!(held.len(), 3, "{held:?}");
    assert!(
        held.iter()
            .any(|h| h.starts_with("Contact a") && h.contains("1, 2")),
        "{held:?}"
    );
    assert!(
        held.iter()
            .any(|h| h.starts_with("person 1") && h.contains('a') && h.contains('2')),
        "{held:?}"
    );
    // One of them goes: the other is linked.
    w.edit("left", "person", "mail = 'b@x.org'", "id = 2");
    w.settle();
    assert!(w.held().is_empty(), "{:?}", w.held_lines());
    assert!(links(&w).contains(&"1=a".to_string()), "{:?}", links(&w));
    assert_eq!(w.rows("right", "SELECT count(*) FROM Contact"), ["2"]);
}

#[test]
fn an_ambiguity_that_ends_by_a_deleted_rival_is_settled() {
    let w = people("match mail = Email\n mail <-> Email\n name <-> Name");
    w.sql("left", "INSERT INTO person(id, mail) VALUES (1, 'a@x.org')");
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Email) VALUES ('a', 'a@x.org'), ('b', 'a@x.org')",
    );
    w.settle();
    assert_eq!(w.held().len(), 3);
    w.sql("right", "DELETE FROM Contact WHERE Id = 'b'");
    w.settle();
    assert_eq!(links(&w), ["1=a"]);
    assert!(w.held().is_empty(), "{:?}", w.held_lines());
}

#[test]
fn a_tie_of_age_is_held() {
    for policy in ["oldest", "newest"] {
        let w = people(&format!(
            "match mail = Email\n duplicates {policy}\n mail <-> Email\n pull create never"
        ));
        w.sql("left", "INSERT INTO person(id, mail) VALUES (1, 'a@x.org')");
        w.sql("right", "INSERT INTO Contact(Id, Email, CreatedDate) VALUES ('a', 'a@x.org', '2024-01-01T00:00:00Z'), ('b', 'a@x.org', '2024-01-01T00:00:00Z')");
        w.settle();
        assert!(links(&w).is_empty());
        let held = w.held_lines();
        assert!(
            held.iter()
                .any(|h| h.starts_with("person 1") && h.contains("a, b")),
            "{held:?}"
        );
    }
}

#[test]
fn duplicates_after_one_key_are_for_that_key_alone() {
    let w = people(
        "match mail = Email duplicates oldest\n match name = Name\n mail <-> Email\n name <-> Name\n pull create never",
    );
    w.sql(
        "left",
        "INSERT INTO person(id, mail, name) VALUES (1, 'a@x.org', 'A'), (2, NULL, 'twin')",
    );
    w.sql("right", "INSERT INTO Contact(Id, Email, Name, CreatedDate) VALUES ('new', 'a@x.org', 'A', '2024-02-01T00:00:00Z'), ('old', 'a@x.org', 'A', '2024-01-01T00:00:00Z'), ('t1', NULL, 'twin', '2024-01-01T00:00:00Z'), ('t2', NULL, 'twin', '2024-02-01T00:00:00Z')");
    w.settle();
    assert_eq!(links(&w), ["1=old"]);
    assert!(
        w.held_lines()
            .iter()
            .any(|h| h.starts_with("person 2") && h.contains("t1, t2")),
        "{:?}",
        w.held_lines()
    );
}

#[test]
fn duplicates_create_makes_a_new_record_anyway() {
    let w = world(
        PERSON,
        CONTACT,
        "relationship Person: person -> Contact {\n match mail = Email\n duplicates create\n crm <- Id\n mail -> Email\n}",
    );
    w.sql("left", "INSERT INTO person(id, mail) VALUES (1, 'a@x.org')");
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Email) VALUES ('a', 'a@x.org'), ('b', 'a@x.org')",
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT count(*) FROM Contact"), ["3"]);
    assert_eq!(
        w.rows("left", "SELECT crm NOT IN ('a', 'b') FROM person"),
        ["1"]
    );
}

#[test]
fn a_false_filter_keeps_a_record_from_looking_and_from_being_found() {
    let w = people(
        "match mail = Email\n mail <-> Email\n name <-> Name\n push when name != \"no\"\n push create never\n pull create never",
    );
    w.sql(
        "left",
        "INSERT INTO person(id, mail, name) VALUES (1, 'a@x.org', 'no'), (2, 'b@x.org', 'yes')",
    );
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Email) VALUES ('a', 'a@x.org'), ('b', 'b@x.org')",
    );
    w.settle();
    assert_eq!(links(&w), ["2=b"]);
    w.edit("left", "person", "name = 'now'", "id = 1");
    w.settle();
    assert_eq!(links(&w), ["1=a", "2=b"]);
}

#[test]
fn a_create_condition_decides_about_creating_not_about_linking() {
    let w = people(
        "match mail = Email\n mail <-> Email\n name <-> Name\n push create when name = \"go\"",
    );
    w.sql(
        "left",
        "INSERT INTO person(id, mail, name) VALUES (1, 'a@x.org', 'stay'), (2, 'b@x.org', 'stay')",
    );
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Email) VALUES ('a', 'a@x.org')",
    );
    w.settle();
    assert_eq!(links(&w), ["1=a"]);
    w.edit("left", "person", "name = 'go'", "id = 2");
    w.settle();
    assert_eq!(w.rows("right", "SELECT count(*) FROM Contact"), ["2"]);
}

#[test]
fn tombstones_are_never_matched_again() {
    let w = people("match mail = Email\n mail <-> Email\n name <-> Name");
    w.sql(
        "left",
        "INSERT INTO person(id, mail, name) VALUES (1, 'a@x.org', 'A')",
    );
    w.settle();
    let id = w.rows("right", "SELECT Id FROM Contact").remove(0);
    // Deleted without a `delete` line: the link closes, the partner stays and is not made again.
    w.edit("right", "Contact", "IsDeleted = 1", "1");
    w.settle();
    assert_eq!(w.rows("left", "SELECT mail FROM person"), ["a@x.org"]);
    assert_eq!(
        w.rows("right", "SELECT count(*) FROM Contact WHERE IsDeleted = 0"),
        ["0"]
    );
    w.edit("left", "person", "name = 'B'", "id = 1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT count(*) FROM Contact"), ["1"]);
    // Restored, it is not taken up by itself; a new record with the same key does not find the tombstone's records.
    w.edit("right", "Contact", "IsDeleted = 0", "1");
    w.settle();
    assert!(links(&w).is_empty());
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Email, Name) VALUES ('n', 'a@x.org', 'N')",
    );
    w.settle();
    assert_eq!(links(&w).len(), 1);
    assert!(!links(&w)[0].starts_with("1="), "{:?}", links(&w));
    assert!(!links(&w)[0].ends_with(&id), "{:?}", links(&w));
}

#[test]
fn one_way_relationships_match_from_both_sides() {
    // Push only: the right record arrives after the left one, which may not create.
    let w = world(
        PERSON,
        CONTACT,
        "relationship Person: person -> Contact {\n match mail = Email\n crm <- Id\n mail -> Email\n name -> Name\n push create never\n}",
    );
    w.sql(
        "left",
        "INSERT INTO person(id, mail, name) VALUES (1, 'a@x.org', 'A')",
    );
    w.settle();
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Email) VALUES ('a', 'a@x.org')",
    );
    w.settle();
    assert_eq!(links(&w), ["1=a"]);
    assert_eq!(w.rows("right", "SELECT Name FROM Contact"), ["A"]);
    assert_eq!(w.rows("left", "SELECT crm FROM person"), ["a"]);
    // Pull only, likewise.
    let w = world(
        PERSON,
        CONTACT,
        "relationship Person: person <- Contact {\n match mail = Email\n mail <- Email\n name <- Name\n pull create never\n}",
    );
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Email, Name) VALUES ('a', 'a@x.org', 'A')",
    );
    w.settle();
    w.sql("left", "INSERT INTO person(id, mail) VALUES (1, 'a@x.org')");
    w.settle();
    assert_eq!(links(&w), ["1=a"]);
    assert_eq!(w.rows("left", "SELECT name FROM person"), ["A"]);
}

#[test]
fn a_record_that_is_deleted_is_no_candidate() {
    let w = people("match mail = Email\n mail <-> Email\n name <-> Name");
    w.sql("left", "INSERT INTO person(id, mail) VALUES (1, 'a@x.org')");
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Email, IsDeleted) VALUES ('a', 'a@x.org', 1)",
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT count(*) FROM Contact WHERE IsDeleted = 0"),
        ["1"]
    );
}

#[test]
fn keys_are_expressions() {
    let w = people(
        "match lower(trim(name)) = lower(trim(Name))\n mail <-> Email\n name <-> Name first prefer left",
    );
    w.sql("left", "INSERT INTO person(id, name) VALUES (1, ' ANN ')");
    w.sql("right", "INSERT INTO Contact(Id, Name) VALUES ('a', 'ann')");
    w.settle();
    assert_eq!(links(&w), ["1=a"]);
    assert_eq!(w.rows("right", "SELECT Name FROM Contact"), [" ANN "]);
}

#[test]
fn a_key_that_fails_is_an_error_of_its_record_alone() {
    let w = people(
        "match number = number(Born)\n number <-> Number\n name <-> Name\n push create never\n pull create never",
    );
    w.sql("left", "INSERT INTO person(id, number) VALUES (1, 5)");
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Born) VALUES ('a', '5'), ('b', 'not a number')",
    );
    w.apply();
    assert_eq!(links(&w), ["1=a"]);
}

#[test]
fn among_alternatives_a_duplicate_of_the_first_is_not_settled_by_the_second() {
    let w = world(
        PERSON,
        &format!(
            "{CONTACT} CREATE TABLE Lead(Id TEXT PRIMARY KEY, Email TEXT, CreatedDate TEXT, STAMP);"
        ),
        "relationship Person: person -> Contact | Lead {\n match mail = Email\n duplicates oldest\n crm <- Id\n mail -> Email\n push create never\n}",
    );
    w.sql("left", "INSERT INTO person(id, mail) VALUES (1, 'a@x.org')");
    w.sql("right", "INSERT INTO Contact(Id, Email, CreatedDate) VALUES ('c1', 'a@x.org', '2024-02-01'), ('c2', 'a@x.org', '2024-03-01'); INSERT INTO Lead(Id, Email, CreatedDate) VALUES ('l', 'a@x.org', '2024-01-01')");
    w.settle();
    assert_eq!(links(&w), ["1=c1"], "the oldest of the first alternative");
}

#[test]
fn a_filter_that_waits_for_a_link_lets_the_record_go_once_it_is_there() {
    let w = world(
        "CREATE TABLE company(id INTEGER PRIMARY KEY, crm TEXT, name TEXT, STAMP);
         CREATE TABLE person(id INTEGER PRIMARY KEY, crm TEXT, name TEXT, company_id INTEGER, STAMP);
         INSERT INTO person(id, name, company_id) VALUES (1, 'Ann', 7);",
        "CREATE TABLE Account(Id TEXT PRIMARY KEY, Name TEXT, STAMP);
         CREATE TABLE Contact(Id TEXT PRIMARY KEY, Name TEXT, STAMP);",
        "relationship Company: company -> Account {\n match crm = Id\n crm <- Id\n name -> Name\n}
         relationship Person: person -> Contact {\n match crm = Id\n crm <- Id\n name -> Name\n push when linked(Company, company_id) != null\n}",
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT count(*) FROM Contact"), ["0"]);
    w.sql("left", "INSERT INTO company(id, name) VALUES (7, 'Acme')");
    assert_eq!(w.settle().failed, 0);
    assert_eq!(w.rows("right", "SELECT count(*) FROM Contact"), ["1"]);
}

#[test]
fn moving_time_back_does_not_hide_a_record() {
    // A row with an old stamp that arrives within the overlap is read; `--full` finds any.
    let w = people("match mail = Email\n mail <-> Email\n name <-> Name");
    w.sql("left", "INSERT INTO person(id, mail) VALUES (1, 'a@x.org')");
    w.settle();
    w.sql("left", &format!("INSERT INTO person(id, mail, modified_at) VALUES (2, 'b@x.org', '2001-01-01T00:00:00.000Z'); UPDATE person SET name = 'silent' WHERE id = 1; SELECT {NOW};"));
    assert!(w.plan().lines().is_empty());
    assert_eq!(
        w.full_plan().lines().len(),
        2,
        "{:?}",
        w.full_plan().lines()
    );
}
