//! Creates, updates and what hangs on them (language reference, 5.3).

use super::world::{World, world};

const A: &str = "CREATE TABLE a(id INTEGER PRIMARY KEY, crm TEXT, k TEXT, v TEXT, w TEXT, n INTEGER, flag INTEGER DEFAULT 0, STAMP);";
const B: &str = "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, V TEXT, W TEXT, N INTEGER, IsDeleted INTEGER DEFAULT 0, STAMP);";

fn pair(arrow: &str, lines: &str) -> World {
    world(
        A,
        B,
        &format!("relationship A: a {arrow} B {{\n match k = K\n {lines}\n}}"),
    )
}

#[test]
fn create_never_and_update_never_leave_the_rest_on() {
    let w = pair(
        "<->",
        "k <-> K\n v <-> V\n pull create never\n push update never",
    );
    w.sql("left", "INSERT INTO a(id, k, v) VALUES (1, 'x', 'l')");
    w.sql("right", "INSERT INTO B(Id, K, V) VALUES ('y', 'y', 'r')");
    w.settle();
    assert_eq!(w.rows("left", "SELECT k FROM a"), ["x"]);
    assert_eq!(w.rows("right", "SELECT K FROM B ORDER BY 1"), ["x", "y"]);
    w.edit("left", "a", "v = 'l2'", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT V FROM B WHERE K = 'x'"), ["l"]);
    w.edit("right", "B", "V = 'r2'", "K = 'x'");
    w.settle();
    assert_eq!(w.rows("left", "SELECT v FROM a"), ["r2"]);
}

#[test]
fn the_first_create_line_that_holds_makes_the_record() {
    let w = pair(
        "->",
        "k -> K\n push create when n > 10 set V = \"large\"\n push create when n > 1 set V = \"small\"",
    );
    w.sql(
        "left",
        "INSERT INTO a(id, k, n) VALUES (1, 'x', 100), (2, 'y', 5), (3, 'z', 0), (4, 'q', NULL)",
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT K, V FROM B ORDER BY 1"),
        ["x|large", "y|small"]
    );
    w.edit("left", "a", "n = 2", "k = 'z'");
    w.settle();
    assert_eq!(w.rows("right", "SELECT count(*) FROM B"), ["3"]);
}

#[test]
fn require_names_what_is_missing_in_every_plan() {
    let w = pair(
        "->",
        "k -> K\n v -> V\n push create require v, w require n > 1 else \"n must be more than 1\"\n push update require v",
    );
    w.sql(
        "left",
        "INSERT INTO a(id, k, v, n) VALUES (1, 'x', '  ', 1)",
    );
    let outcome = w.settle();
    assert_eq!(outcome.failed, 0, "held is no failure");
    let held = w.held_lines();
    assert_eq!(held.len(), 1);
    assert!(held[0].starts_with("a 1 [v, w]"), "{held:?}");
    assert!(held[0].contains("n must be more than 1"), "{held:?}");
    assert_eq!(w.plan().held.len(), 1);
    w.edit("left", "a", "v = 'v', w = 'w', n = 2", "1");
    w.settle();
    assert!(w.held().is_empty());
    assert_eq!(w.rows("right", "SELECT V FROM B"), ["v"]);
    // In an update, the whole record is held.
    w.edit("left", "a", "v = NULL, k = 'x2'", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT K, V FROM B"), ["x|v"]);
    assert!(w.held_lines()[0].starts_with("a 1 [v]"));
    w.edit("left", "a", "v = 'v3'", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT K, V FROM B"), ["x2|v3"]);
    assert!(w.held().is_empty());
}

#[test]
fn a_required_reason_may_hold_text_with_values() {
    let w = pair(
        "->",
        "k -> K\n push create require v is not empty else \"no v\"",
    );
    w.sql("left", "INSERT INTO a(id, k) VALUES (1, 'x')");
    w.settle();
    assert!(w.held_lines()[0].ends_with("no v"), "{:?}", w.held_lines());
}

#[test]
fn a_held_record_that_is_deleted_is_held_no_more() {
    let w = pair("->", "k -> K\n push create require v");
    w.sql("left", "INSERT INTO a(id, k) VALUES (1, 'x')");
    w.settle();
    assert_eq!(w.held().len(), 1);
    w.sql("left", "DELETE FROM a");
    let request = bilateral::plan::Request {
        full: true,
        ..World::request()
    };
    w.try_apply(&request, &World::options(), &mut Default::default())
        .unwrap();
    assert!(w.plan().held.is_empty(), "{:?}", w.plan().held);
}

#[test]
fn a_required_target_field_holds_a_create() {
    let w = world(
        A,
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT NOT NULL, V TEXT NOT NULL, W TEXT NOT NULL DEFAULT 'd', STAMP);",
        "relationship A: a -> B {\n match k = K\n k -> K\n v -> V\n}",
    );
    w.sql(
        "left",
        "INSERT INTO a(id, k, v) VALUES (1, 'x', NULL), (2, 'y', ' '), (3, 'z', 'v')",
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT K, V, W FROM B"), ["z|v|d"]);
    let held = w.held_lines();
    assert_eq!(held.len(), 2);
    assert!(held.iter().all(|h| h.contains("[v]")), "{held:?}");
}

#[test]
fn update_lines_equip_updates() {
    let w = pair(
        "->",
        "k -> K\n v -> V\n n -> N\n push update when flag = 1 set W = \"by {k}\"",
    );
    w.sql("left", "INSERT INTO a(id, k, v) VALUES (1, 'x', 'v')");
    w.settle();
    w.edit("left", "a", "v = 'v2'", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT V, W FROM B"), ["v|null"]);
    w.edit("left", "a", "flag = 1", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT V, W FROM B"), ["v2|by x"]);
}

#[test]
fn a_created_once_record_is_left_alone_whatever_happens() {
    let w = world(
        A,
        B,
        "relationship A: a -> B {\n k -> K\n v -> V\n push create once when flag = 1 require v\n}",
    );
    w.sql("left", "INSERT INTO a(id, k, v, flag) VALUES (1, 'x', 'v', 1), (2, 'y', NULL, 1), (3, 'z', 'v', 0)");
    w.settle();
    assert_eq!(w.rows("right", "SELECT K FROM B"), ["x"]);
    assert_eq!(w.held().len(), 1);
    w.edit("left", "a", "v = 'now', flag = 1", "1");
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT K, V FROM B ORDER BY 1"),
        ["x|v", "y|now", "z|now"]
    );
    w.edit("right", "B", "V = 'edited'", "1");
    w.sql("right", "DELETE FROM B WHERE K = 'y'");
    w.edit("left", "a", "v = 'again'", "1");
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT K, V FROM B ORDER BY 1"),
        ["x|edited", "z|edited"]
    );
    // The source goes and comes back under its id: remembered for ever.
    w.sql("left", "DELETE FROM a WHERE id = 1");
    w.settle();
    w.sql(
        "left",
        "INSERT INTO a(id, k, v, flag) VALUES (1, 'x', 'v', 1)",
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT count(*) FROM B"), ["2"]);
}

#[test]
fn done_is_one_write_without_an_echo() {
    let w = pair(
        "<->",
        "k <-> K\n v <-> V\n flag -> N\n push create when flag = 1\n push done set flag = 0, w = \"sent {k}\"",
    );
    w.sql(
        "left",
        "INSERT INTO a(id, k, v, flag) VALUES (1, 'x', 'v', 1)",
    );
    w.settle();
    assert_eq!(w.rows("left", "SELECT flag, w FROM a"), ["0|sent x"]);
    assert_eq!(
        w.rows("right", "SELECT N FROM B"),
        ["1"],
        "the cleared flag is no change of a user"
    );
    w.edit("left", "a", "v = 'v2', flag = 5", "1");
    w.settle();
    assert_eq!(w.rows("left", "SELECT flag FROM a"), ["0"]);
    assert_eq!(w.rows("right", "SELECT V, N FROM B"), ["v2|5"]);
    // A pull is no push: nothing is done.
    w.edit("left", "a", "flag = 7, w = 'mine'", "1");
    w.settle();
    w.edit("left", "a", "w = 'mine'", "1");
    w.settle();
    w.edit("right", "B", "V = 'r'", "1");
    w.settle();
    assert_eq!(w.rows("left", "SELECT v, w FROM a"), ["r|mine"]);
}

#[test]
fn change_sets_more_in_updates_only() {
    let w = pair(
        "<->",
        "k <-> K\n v <-> V\n n <-> N\n pull change v set w = \"v became {V}\", flag = 1",
    );
    w.sql("right", "INSERT INTO B(Id, K, V) VALUES ('x', 'x', 'v')");
    w.settle();
    assert_eq!(
        w.rows("left", "SELECT w, flag FROM a"),
        ["null|0"],
        "not in a create"
    );
    w.edit("right", "B", "N = 5", "1");
    w.settle();
    assert_eq!(w.rows("left", "SELECT w, flag, n FROM a"), ["null|0|5"]);
    w.edit("right", "B", "V = 'v2'", "1");
    w.settle();
    assert_eq!(w.rows("left", "SELECT w, flag FROM a"), ["v became v2|1"]);
    // A user's own change on the left is none of the sync.
    w.edit("left", "a", "v = 'v3', w = NULL", "1");
    w.settle();
    assert_eq!(w.rows("left", "SELECT w FROM a"), ["null"]);
}

#[test]
fn batches_are_bounded_and_all_is_written() {
    let w = pair("->", "k -> K\n push batch 3");
    for i in 0..10 {
        w.sql("left", &format!("INSERT INTO a(k) VALUES ('{i}')"));
    }
    w.settle();
    assert_eq!(w.rows("right", "SELECT count(*) FROM B"), ["10"]);
}

#[test]
fn operations_name_alternatives() {
    let w = world(
        A,
        &format!("{B} CREATE TABLE L(Id TEXT PRIMARY KEY, K TEXT, Company TEXT, STAMP);"),
        "relationship A: a <-> B | L {
           match k = K
           k <-> K
           crm <- Id
           w <-> L.Company
           v <- object()
           push create L when n = 1 require w
           push create B when n = 2 set W = \"b\"
           pull create L set flag = 9
           pull create B when V != \"no\"
           pull delete
         }",
    );
    w.sql("left", "INSERT INTO a(id, k, w, n) VALUES (1, 'one', 'Co', 1), (2, 'two', NULL, 2), (3, 'three', 'Co', 3), (4, 'four', NULL, 1)");
    w.sql("right", "INSERT INTO B(Id, K, V) VALUES ('b1', 'b1', 'yes'), ('b2', 'b2', 'no'); INSERT INTO L(Id, K, Company) VALUES ('l1', 'l1', 'LC')");
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT K, W FROM B ORDER BY 1"),
        ["b1|null", "b2|null", "two|b"]
    );
    assert_eq!(
        w.rows("right", "SELECT K, Company FROM L ORDER BY 1"),
        ["l1|LC", "one|Co"]
    );
    assert_eq!(
        w.rows("left", "SELECT k, v, w, flag FROM a ORDER BY k"),
        [
            "b1|B|null|0",
            "four|null|null|0",
            "l1|L|LC|9",
            "one|L|Co|0",
            "three|null|Co|0",
            "two|B|null|0"
        ]
    );
    let held = w.held_lines();
    assert_eq!(held.len(), 1, "{held:?}");
    assert!(held[0].starts_with("a 4 [w]"), "{held:?}");
    // The alternative's own field crosses both ways; the other alternative has none.
    w.edit("right", "L", "Company = 'New'", "K = 'one'");
    w.edit("left", "a", "w = 'ignored'", "k = 'two'");
    w.settle();
    assert_eq!(
        w.rows(
            "left",
            "SELECT w FROM a WHERE k IN ('one', 'two') ORDER BY k"
        ),
        ["New", "ignored"]
    );
}

#[test]
fn an_object_of_the_left_side_may_have_alternatives() {
    let w = world(
        "CREATE TABLE lead(id INTEGER PRIMARY KEY, mail TEXT, score INTEGER, STAMP); CREATE TABLE client(id INTEGER PRIMARY KEY, mail TEXT, vat TEXT, STAMP);
         INSERT INTO lead(id, mail, score) VALUES (1, 'l@x.org', 5); INSERT INTO client(id, mail, vat) VALUES (1, 'c@x.org', 'V1');",
        "CREATE TABLE Contact(Id TEXT PRIMARY KEY, Email TEXT, Score INTEGER, Vat TEXT, Kind TEXT, STAMP);",
        "relationship P: client | lead <-> Contact {
           match mail = Email
           mail <-> Email
           lead.score -> Score
           client.vat <-> Vat
           object() -> Kind
           pull create client when Vat is not empty
           pull create lead
         }",
    );
    w.sql(
        "right",
        "INSERT INTO Contact(Id, Email, Vat) VALUES ('n', 'n@x.org', 'V2'), ('m', 'm@x.org', NULL)",
    );
    w.settle();
    assert_eq!(
        w.rows(
            "right",
            "SELECT Email, Score, Vat, Kind FROM Contact ORDER BY 1"
        ),
        [
            "c@x.org|null|V1|client",
            "l@x.org|5|null|lead",
            "m@x.org|null|null|lead",
            "n@x.org|null|V2|client"
        ]
    );
    assert_eq!(
        w.rows("left", "SELECT mail, vat FROM client ORDER BY 1"),
        ["c@x.org|V1", "n@x.org|V2"]
    );
    assert_eq!(
        w.rows("left", "SELECT mail FROM lead ORDER BY 1"),
        ["l@x.org", "m@x.org"]
    );
}

#[test]
fn a_held_record_takes_no_turn_of_a_round_robin() {
    let w = pair(
        "->",
        "k -> K\n push create require v set W = round_robin([\"r1\", \"r2\"])",
    );
    w.sql(
        "left",
        "INSERT INTO a(id, k, v) VALUES (1, 'a', 'v'), (2, 'b', NULL), (3, 'c', 'v')",
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT K, W FROM B ORDER BY 1"),
        ["a|r1", "c|r2"]
    );
    w.settle();
    w.edit("left", "a", "v = 'v'", "id = 2");
    w.settle();
    assert_eq!(w.rows("right", "SELECT W FROM B WHERE K = 'b'"), ["r1"]);
}

#[test]
fn store_options_are_accepted() {
    let w = pair(
        "->",
        "k -> K\n v -> V\n push create set V = null, W = \"{k}!\"",
    );
    w.sql("left", "INSERT INTO a(id, k, v) VALUES (1, 'x', 'v')");
    w.settle();
    assert_eq!(w.rows("right", "SELECT V, W FROM B"), ["null|x!"]);
}

#[test]
fn a_record_changed_while_the_plan_was_made_is_not_overwritten() {
    // The plan is made, then a user edits the target: the write is stale, and the next run merges.
    let w = pair("<->", "k <-> K\n v <-> V\n w <-> W");
    w.sql(
        "left",
        "INSERT INTO a(id, k, v, w) VALUES (1, 'x', 'v', 'w')",
    );
    w.settle();
    w.edit("left", "a", "v = 'l'", "1");
    w.edit("right", "B", "W = 'r'", "1");
    w.settle();
    assert_eq!(w.rows("left", "SELECT v, w FROM a"), ["l|r"]);
    assert_eq!(w.rows("right", "SELECT V, W FROM B"), ["l|r"]);
}

#[test]
fn once_and_many_sources() {
    let w = world(
        A,
        B,
        "relationship A: many a -> B {\n \"{k} {v}\" -> V\n push create once when flag = 1\n push done set flag = 0\n}",
    );
    w.sql(
        "left",
        "INSERT INTO a(id, k, v, flag) VALUES (1, 'x', '1', 1), (2, 'x', '2', 1)",
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT V FROM B ORDER BY 1"),
        ["x 1", "x 2"]
    );
    assert_eq!(w.rows("left", "SELECT flag FROM a"), ["0", "0"]);
    w.edit("left", "a", "flag = 1", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT count(*) FROM B"), ["2"]);
}

#[test]
fn a_create_once_that_fails_is_tried_again() {
    let w = world(
        A,
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, N INTEGER CHECK (N > 0), STAMP);",
        "relationship A: a -> B {\n k -> K\n n -> N\n push create once\n}",
    );
    w.sql(
        "left",
        "INSERT INTO a(id, k, n) VALUES (1, 'x', -1), (2, 'y', 1)",
    );
    let outcome = w.apply();
    assert_eq!(outcome.failed, 1);
    assert_eq!(w.rows("right", "SELECT K FROM B"), ["y"]);
    w.edit("left", "a", "n = 5", "id = 1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT K FROM B ORDER BY 1"), ["x", "y"]);
}

#[test]
fn a_set_of_an_update_alone_makes_no_update() {
    let w = pair("->", "k -> K\n v -> V\n push update set W = \"at {now()}\"");
    w.sql("left", "INSERT INTO a(id, k, v) VALUES (1, 'x', 'v')");
    w.settle();
    w.edit("left", "a", "v = 'v2'", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT W LIKE 'at 20%' FROM B"), ["1"]);
}

#[test]
fn a_line_over_the_clock_changes_with_it_only() {
    let w = pair(
        "->",
        "k -> K\n if v is empty then \"none\" else v -> V\n n + 1 -> N",
    );
    w.sql("left", "INSERT INTO a(id, k, v) VALUES (1, 'x', NULL)");
    w.settle();
    assert_eq!(w.rows("right", "SELECT V, N FROM B"), ["none|null"]);
    w.edit("left", "a", "v = 'v', n = 1", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT V, N FROM B"), ["v|2"]);
}

#[test]
fn a_filter_error_is_an_error_of_its_record() {
    let w = pair("->", "k -> K\n push when number(v) > 5");
    w.sql(
        "left",
        "INSERT INTO a(id, k, v) VALUES (1, 'x', '7'), (2, 'y', 'seven'), (3, 'z', '3')",
    );
    let outcome = w.apply();
    assert_eq!(outcome.failed, 1);
    assert_eq!(w.rows("right", "SELECT K FROM B"), ["x"]);
    assert!(w.failures()[0].starts_with("a 2 "), "{:?}", w.failures());
    w.edit("left", "a", "v = '8'", "id = 2");
    w.settle();
    assert!(w.failures().is_empty(), "{:?}", w.failures());
    assert_eq!(w.rows("right", "SELECT K FROM B ORDER BY 1"), ["x", "y"]);
    // Of a linked record, too: it stays as it is.
    w.edit("left", "a", "v = 'oops', k = 'x2'", "id = 1");
    w.apply();
    assert_eq!(w.rows("right", "SELECT K FROM B ORDER BY 1"), ["x", "y"]);
    assert_eq!(w.failures().len(), 1, "{:?}", w.failures());
}

#[test]
fn a_create_condition_that_fails_is_an_error_of_its_record() {
    let w = pair(
        "->",
        "k -> K\n push create when 10 / n > 1\n push update when 10 / n > 1",
    );
    w.sql(
        "left",
        "INSERT INTO a(id, k, n) VALUES (1, 'x', 0), (2, 'y', 5)",
    );
    assert_eq!(w.apply().failed, 1);
    assert_eq!(w.rows("right", "SELECT K FROM B"), ["y"]);
    w.edit("left", "a", "n = 0, k = 'y2'", "id = 2");
    assert!(w.apply().failed >= 1);
    assert_eq!(w.rows("right", "SELECT K FROM B"), ["y"]);
    w.edit("left", "a", "n = 1", "1");
    w.settle();
    assert!(w.failures().is_empty());
    assert_eq!(w.rows("right", "SELECT K FROM B ORDER BY 1"), ["x", "y2"]);
}

#[test]
fn what_a_pull_sets_over_a_two_way_line_is_agreed_on() {
    let w = pair(
        "<->",
        "k <-> K\n v <-> V\n pull create set v = \"set\", w = \"also\"\n pull update set w = \"again\"",
    );
    w.sql("right", "INSERT INTO B(Id, K, V) VALUES ('x', 'x', 'r')");
    w.settle();
    assert_eq!(w.rows("left", "SELECT v, w FROM a"), ["set|also"]);
    w.edit("right", "B", "V = 'r2'", "1");
    w.settle();
    assert_eq!(w.rows("left", "SELECT v, w FROM a"), ["r2|again"]);
}

#[test]
fn integer_ids_and_write_backs_into_integer_columns() {
    let w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, crm INTEGER, k TEXT, STAMP); INSERT INTO a(id, k) VALUES (7, 'x');",
        "CREATE TABLE B(Id INTEGER PRIMARY KEY AUTOINCREMENT, Ext INTEGER UNIQUE, K TEXT, STAMP);",
        "relationship A: a <-> B {\n match crm = Id\n match id = Ext\n crm <- Id\n id -> Ext on create\n k <-> K\n}",
    );
    w.settle();
    assert_eq!(w.rows("left", "SELECT crm FROM a"), ["1"]);
    assert_eq!(w.rows("right", "SELECT Ext, K FROM B"), ["7|x"]);
    w.sql("right", "INSERT INTO B(K) VALUES ('y')");
    w.settle();
    assert_eq!(
        w.rows("left", "SELECT crm, k FROM a ORDER BY 1"),
        ["1|x", "2|y"]
    );
}
