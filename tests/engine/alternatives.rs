//! Several objects on one side, and several records that share a partner (language reference, 5).

use super::world::{World, world};

const LEFT: &str = "CREATE TABLE person(id INTEGER PRIMARY KEY, crm TEXT, mail TEXT, name TEXT, company TEXT, kind TEXT, status TEXT, STAMP);";
const RIGHT: &str = "
  CREATE TABLE Contact(Id TEXT PRIMARY KEY, Email TEXT, Name TEXT, IsDeleted INTEGER DEFAULT 0, STAMP);
  CREATE TABLE Lead(Id TEXT PRIMARY KEY, Email TEXT, Name TEXT, Company TEXT, Status TEXT, IsConverted INTEGER DEFAULT 0, Converted TEXT, IsDeleted INTEGER DEFAULT 0, STAMP);";

fn people(lines: &str) -> World {
    world(
        LEFT,
        RIGHT,
        &format!(
            "relationship Person: person <-> Contact | Lead {{\n match crm = Id\n match mail = Email\n crm <- Id\n mail <-> Email\n name <-> Name\n {lines}\n}}"
        ),
    )
}

#[test]
fn an_earlier_key_of_a_later_alternative_wins() {
    let w = people("pull create never");
    w.sql(
        "left",
        "INSERT INTO person(id, crm, mail, name) VALUES (1, 'l', 'a@x.org', 'A')",
    );
    w.sql("right", "INSERT INTO Contact(Id, Email, Name) VALUES ('c', 'a@x.org', 'C'); INSERT INTO Lead(Id, Email, Name) VALUES ('l', 'other@x.org', 'L')");
    w.apply();
    assert_eq!(w.rows("left", "SELECT crm FROM person"), ["l"]);
    w.assert_settled();
}

#[test]
fn within_a_key_the_header_order_decides() {
    let w = people("pull create never");
    w.sql(
        "left",
        "INSERT INTO person(id, mail, name) VALUES (1, 'a@x.org', 'A')",
    );
    w.sql("right", "INSERT INTO Contact(Id, Email, Name) VALUES ('c', 'A@x.org', 'C'); INSERT INTO Lead(Id, Email, Name) VALUES ('l', 'a@x.org', 'L')");
    w.settle();
    assert_eq!(w.rows("left", "SELECT crm FROM person"), ["c"]);
}

#[test]
fn filters_and_lines_of_one_alternative_leave_the_other_alone() {
    let w = people(
        "company <-> Lead.Company\n status <- Lead.Status when Lead.IsConverted = 0\n kind <- object()\n pull when Lead.Status != \"junk\"",
    );
    w.sql("right", "INSERT INTO Contact(Id, Email, Name) VALUES ('c', 'c@x.org', 'C'); INSERT INTO Lead(Id, Email, Name, Company, Status) VALUES ('l', 'l@x.org', 'L', 'Co', 'open'), ('j', 'j@x.org', 'J', 'Co', 'junk')");
    w.settle();
    assert_eq!(
        w.rows(
            "left",
            "SELECT crm, company, status, kind FROM person ORDER BY crm"
        ),
        ["c|null|null|Contact", "l|Co|open|Lead"]
    );
    w.edit(
        "right",
        "Lead",
        "Status = 'late', IsConverted = 1, Company = 'New'",
        "Id = 'l'",
    );
    w.settle();
    assert_eq!(
        w.rows("left", "SELECT company, status FROM person WHERE crm = 'l'"),
        ["New|open"]
    );
}

#[test]
fn a_follow_field_moves_the_link_and_merges_as_at_a_first_sync() {
    let w =
        people("follow Lead.Converted to Contact\n company <-> Lead.Company\n push create Lead");
    w.sql(
        "left",
        "INSERT INTO person(id, mail, name, company) VALUES (1, 'a@x.org', 'A', 'Co')",
    );
    w.settle();
    let lead = w.rows("right", "SELECT Id FROM Lead").remove(0);
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Email, Name) VALUES ('c', 'a@x.org', 'Ann')",
    );
    w.edit("right", "Lead", "Converted = 'c', IsConverted = 1", "1");
    w.settle();
    assert_eq!(
        w.rows("left", "SELECT crm, mail FROM person"),
        ["c|a@x.org"]
    );
    assert_eq!(w.rows("right", "SELECT count(*) FROM Contact"), ["1"]);
    assert_eq!(w.read_ledger().live_links("Person").unwrap(), 1);
    // The lead is never taken up again.
    w.edit("right", "Lead", "Name = 'ghost'", "1");
    w.settle();
    assert_eq!(w.rows("left", "SELECT count(*) FROM person"), ["1"]);
    assert_ne!(lead, "c");
    w.edit("right", "Contact", "Name = 'Anna'", "1");
    w.settle();
    assert_eq!(w.rows("left", "SELECT name FROM person"), ["Anna"]);
}

#[test]
fn references_name_an_alternative() {
    let w = world(
        &format!(
            "{LEFT} CREATE TABLE deal(id INTEGER PRIMARY KEY, crm TEXT, name TEXT, person_id INTEGER, STAMP);"
        ),
        &format!(
            "{RIGHT} CREATE TABLE Deal(Id TEXT PRIMARY KEY, Name TEXT, ContactId TEXT, LeadId TEXT, STAMP);"
        ),
        "relationship Person: person <-> Contact | Lead {
           match mail = Email
           mail <-> Email
         }
         relationship Deal: deal -> Deal {
           match crm = Id
           crm <- Id
           name -> Name
           person_id -> ContactId via Person.Contact or null
           person_id -> LeadId via Person.Lead or null
         }",
    );
    w.sql("right", "INSERT INTO Contact(Id, Email) VALUES ('c', 'c@x.org'); INSERT INTO Lead(Id, Email) VALUES ('l', 'l@x.org')");
    w.settle();
    w.sql(
        "left",
        "INSERT INTO deal(id, name, person_id) SELECT id, mail, id FROM person",
    );
    w.settle();
    assert_eq!(
        w.rows(
            "right",
            "SELECT Name, ContactId, LeadId FROM Deal ORDER BY 1"
        ),
        ["c@x.org|c|null", "l@x.org|null|l"]
    );
}

const ORDERS: &str = "CREATE TABLE orders(id INTEGER PRIMARY KEY, mail TEXT, city TEXT, contact TEXT, is_deleted INTEGER DEFAULT 0, STAMP);";
const GUEST: &str = "CREATE TABLE Contact(Id TEXT PRIMARY KEY, Email TEXT, City TEXT, IsDeleted INTEGER DEFAULT 0, STAMP);";

fn orders(lines: &str) -> World {
    world(
        ORDERS,
        GUEST,
        &format!(
            "relationship Guest: many orders -> Contact {{\n match mail = Email\n contact <- Id\n mail -> Email on create\n city -> City\n {lines}\n}}"
        ),
    )
}

#[test]
fn a_later_record_shares_a_partner_that_is_linked_already() {
    let w = orders("");
    w.sql(
        "left",
        "INSERT INTO orders(id, mail, city) VALUES (1, 'g@x.org', 'Oslo')",
    );
    w.settle();
    w.sql(
        "left",
        "INSERT INTO orders(id, mail, city) VALUES (2, 'G@x.org', 'Bergen')",
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT City FROM Contact"), ["Bergen"]);
    assert_eq!(w.read_ledger().live_links("Guest").unwrap(), 2);
    w.edit("left", "orders", "city = 'Bodo'", "id = 1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT City FROM Contact"), ["Bodo"]);
}

#[test]
fn a_shared_partner_goes_with_the_last_that_shares_it() {
    for (line, goes) in [
        ("push delete", "is_deleted = 1"),
        ("push when city != \"off\" leave delete", "city = 'off'"),
    ] {
        let w = orders(line);
        w.sql("left", "INSERT INTO orders(id, mail, city) VALUES (1, 'g@x.org', 'Oslo'), (2, 'g@x.org', 'Oslo')");
        w.settle();
        w.edit("left", "orders", goes, "id = 1");
        w.settle();
        assert_eq!(
            w.rows("right", "SELECT count(*) FROM Contact WHERE IsDeleted = 0"),
            ["1"],
            "{line}: another one shares it"
        );
        assert_eq!(w.read_ledger().live_links("Guest").unwrap(), 1);
        w.edit("left", "orders", goes, "id = 2");
        w.settle();
        assert_eq!(
            w.rows("right", "SELECT count(*) FROM Contact WHERE IsDeleted = 0"),
            ["0"],
            "{line}"
        );
    }
}

#[test]
fn a_shared_partner_that_is_deleted_ends_all_its_links() {
    let w = orders("");
    w.sql(
        "left",
        "INSERT INTO orders(id, mail, city) VALUES (1, 'g@x.org', 'Oslo'), (2, 'g@x.org', 'Oslo')",
    );
    w.settle();
    w.edit("right", "Contact", "IsDeleted = 1", "1");
    w.settle();
    assert_eq!(w.read_ledger().live_links("Guest").unwrap(), 0);
    assert_eq!(w.rows("right", "SELECT count(*) FROM Contact"), ["1"]);
}

#[test]
fn many_on_the_right_of_a_pull() {
    let w = world(
        "CREATE TABLE account(id INTEGER PRIMARY KEY, name TEXT, city TEXT, STAMP);",
        "CREATE TABLE Lead(Id TEXT PRIMARY KEY, Company TEXT, City TEXT, STAMP);
         INSERT INTO Lead(Id, Company, City, modified_at) VALUES ('1', 'Acme', 'Oslo', '2024-01-02T00:00:00.000Z'), ('2', 'Acme', 'Bergen', '2024-01-01T00:00:00.000Z'), ('3', 'Bell', 'Bodo', '2024-01-01T00:00:00.000Z');",
        "relationship Company: account <- many Lead {\n match name = Company\n name <- Company on create\n city <- City\n}",
    );
    w.settle();
    assert_eq!(
        w.rows("left", "SELECT name, city FROM account ORDER BY 1"),
        ["Acme|Oslo", "Bell|Bodo"]
    );
}
