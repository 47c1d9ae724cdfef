//! What crosses between two linked records, field by field (language reference, 5.2 and 5.4).

use super::world::{NOW, World, world};

const A: &str = "CREATE TABLE a(id INTEGER PRIMARY KEY, crm TEXT, k TEXT, v TEXT, w TEXT, n INTEGER, d TEXT, flag INTEGER DEFAULT 0, ref INTEGER, STAMP);";
const B: &str = "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, V TEXT, W TEXT, N INTEGER, D TEXT, Flag INTEGER DEFAULT 0, Ref TEXT, IsDeleted INTEGER DEFAULT 0, STAMP);";

/// One pair, linked by `k`; `lines` besides.
fn pair(arrow: &str, lines: &str) -> World {
    world(
        A,
        B,
        &format!("relationship A: a {arrow} B {{\n match k = K\n {lines}\n}}"),
    )
}

/// A pair that is linked and agrees: `v`, `w`, `n` as given.
fn linked(arrow: &str, lines: &str, values: &str) -> World {
    let w = pair(arrow, lines);
    w.sql(
        "left",
        &format!("INSERT INTO a(id, k, v, w, n) VALUES (1, 'x', {values})"),
    );
    w.sql(
        "right",
        &format!("INSERT INTO B(Id, K, V, W, N) VALUES ('x', 'x', {values})"),
    );
    w.settle();
    w
}

fn both(w: &World, left: &str, right: &str) -> String {
    format!(
        "{} / {}",
        w.rows("left", &format!("SELECT {left} FROM a")).join(";"),
        w.rows("right", &format!("SELECT {right} FROM B")).join(";")
    )
}

#[test]
fn two_way_fields_change_on_the_side_that_is_behind_each_by_itself() {
    let w = linked("<->", "v <-> V\n w <-> W", "'v', 'w', 1");
    w.edit("left", "a", "v = 'left'", "1");
    w.edit("right", "B", "W = 'right'", "1");
    w.settle();
    assert_eq!(both(&w, "v, w", "V, W"), "left|right / left|right");
}

#[test]
fn equal_changes_only_move_the_base() {
    let w = linked("<->", "v <-> V prefer manual", "'v', 'w', 1");
    w.edit("left", "a", "v = 'same'", "1");
    w.edit("right", "B", "V = 'same'", "1");
    w.settle();
    w.edit("left", "a", "v = 'next'", "1");
    w.settle();
    assert_eq!(both(&w, "v", "V"), "next / next");
}

#[test]
fn prefer_names_a_store_and_a_field_overrides_its_relationship() {
    let w = linked(
        "<->",
        "prefer left\n v <-> V\n w <-> W prefer right",
        "'v', 'w', 1",
    );
    w.edit("left", "a", "v = 'l', w = 'l'", "1");
    w.edit("right", "B", "V = 'r', W = 'r'", "1");
    w.settle();
    assert_eq!(both(&w, "v, w", "V, W"), "l|r / l|r");
}

#[test]
fn newest_compares_the_outside_changes() {
    let w = linked("<->", "v <-> V", "'v', 'w', 1");
    w.edit("right", "B", "V = 'r'", "1");
    std::thread::yield_now();
    w.sql(
        "left",
        "UPDATE a SET v = 'l', modified_at = strftime('%Y-%m-%dT%H:%M:%fZ','now', '+2 seconds')",
    );
    w.settle();
    assert_eq!(both(&w, "v", "V"), "l / l");
}

#[test]
fn within_the_tolerance_the_right_side_wins() {
    for (tolerance, wins) in [(0, "l"), (60_000, "r")] {
        let w = linked("<->", "v <-> V", "'v', 'w', 1");
        w.edit("right", "B", "V = 'r'", "1");
        w.sql("left", "UPDATE a SET v = 'l', modified_at = strftime('%Y-%m-%dT%H:%M:%fZ','now', '+2 seconds')");
        let request = bilateral::plan::Request {
            tolerance,
            ..World::request()
        };
        w.try_apply(&request, &World::options(), &mut Default::default())
            .unwrap();
        assert_eq!(both(&w, "v", "V"), format!("{wins} / {wins}"));
    }
}

#[test]
fn an_echo_does_not_make_a_side_newer() {
    // The engine's own write touches the right record last; the user's later edit of `w` on both sides decides by the users' times.
    let w = linked("<->", "v <-> V\n w <-> W", "'v', 'w', 1");
    w.edit("left", "a", "v = 'l'", "1");
    w.settle();
    w.edit("left", "a", "w = 'l'", "1");
    w.settle();
    assert_eq!(both(&w, "v, w", "V, W"), "l|l / l|l");
}

#[test]
fn merging_preferences_never_lose_the_value() {
    for (prefer, start, left, right, end) in [
        ("true", "0", "1", "0", "1"),
        ("true", "0", "0", "1", "1"),
        ("true", "1", "0", "1", "1"),
        ("true", "1", "0", "0", "0"),
        ("false", "1", "0", "1", "0"),
        ("false", "1", "1", "0", "0"),
        ("max", "5", "9", "5", "9"),
        ("max", "5", "3", "5", "5"),
        ("max", "5", "8", "9", "9"),
        ("min", "5", "9", "5", "5"),
        ("min", "5", "3", "4", "3"),
        ("max", "5", "null", "5", "5"),
    ] {
        let w = linked(
            "<->",
            &format!("n <-> N prefer {prefer}"),
            &format!("'v', 'w', {start}"),
        );
        w.edit("left", "a", &format!("n = {left}"), "1");
        w.edit("right", "B", &format!("N = {right}"), "1");
        w.settle();
        assert_eq!(
            both(&w, "n", "N"),
            format!("{end} / {end}"),
            "prefer {prefer}: {start}, then {left} and {right}"
        );
    }
}

#[test]
fn merging_preferences_hold_at_the_first_sync_whatever_first_prefer_says_of_other_fields() {
    let w = pair("<->", "prefer right\n n <-> N prefer max\n v <-> V");
    w.sql("left", "INSERT INTO a(id, k, v, n) VALUES (1, 'x', 'l', 9)");
    w.sql(
        "right",
        "INSERT INTO B(Id, K, V, N) VALUES ('x', 'x', 'r', 3)",
    );
    w.settle();
    assert_eq!(both(&w, "v, n", "V, N"), "r|9 / r|9");
}

#[test]
fn first_prefer_decides_when_two_records_are_linked_and_blanks_lose_then() {
    let w = pair(
        "<->",
        "prefer left\n first prefer right\n v <-> V\n w <-> W first prefer left\n d <-> D",
    );
    w.sql(
        "left",
        "INSERT INTO a(id, k, v, w, d) VALUES (1, 'x', 'l', 'l', 'kept')",
    );
    w.sql(
        "right",
        "INSERT INTO B(Id, K, V, W, D) VALUES ('x', 'x', 'r', 'r', '')",
    );
    w.settle();
    assert_eq!(both(&w, "v, w, d", "V, W, D"), "r|l|kept / r|l|kept");
    w.edit("left", "a", "v = 'l2'", "1");
    w.edit("right", "B", "V = 'r2'", "1");
    w.settle();
    assert_eq!(both(&w, "v", "V"), "l2 / l2");
}

#[test]
fn clearing_a_field_is_a_change_unless_blanks_are_ignored() {
    let w = linked("<->", "v <-> V\n w <-> W blanks ignore", "'v', 'w', 1");
    w.edit("left", "a", "v = NULL, w = NULL", "1");
    w.settle();
    assert_eq!(both(&w, "v, w", "V, W"), "null|null / null|w");
    // The value on the other side is not lost, and a new value on either side crosses.
    w.edit("left", "a", "w = 'again'", "1");
    w.settle();
    assert_eq!(both(&w, "w", "W"), "again / again");
    w.edit("right", "B", "W = ''", "1");
    w.settle();
    assert_eq!(both(&w, "w", "W"), "again / ");
    w.edit("left", "a", "w = 'third'", "1");
    w.settle();
    assert_eq!(both(&w, "w", "W"), "third / third");
}

#[test]
fn a_blank_for_a_required_field_holds_that_field_only() {
    let w = world(
        A,
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, V TEXT NOT NULL, W TEXT, STAMP);",
        "relationship A: a <-> B {\n match k = K\n k <-> K\n v <-> V\n w <-> W\n}",
    );
    w.sql(
        "left",
        "INSERT INTO a(id, k, v, w) VALUES (1, 'x', 'v', 'w')",
    );
    w.settle();
    w.edit("left", "a", "v = NULL, w = 'w2'", "1");
    w.settle();
    assert_eq!(both(&w, "v, w", "V, W"), "null|w2 / v|w2");
    assert_eq!(w.held_lines().len(), 1, "{:?}", w.held_lines());
    assert!(
        w.held_lines()[0].starts_with("a 1 [v]"),
        "{:?}",
        w.held_lines()
    );
    assert_eq!(w.plan().held.len(), 1, "in every plan until it is met");
    w.edit("left", "a", "v = 'v2'", "1");
    w.settle();
    assert_eq!(both(&w, "v", "V"), "v2 / v2");
    assert!(w.held().is_empty());
}

#[test]
fn what_was_typed_over_a_one_way_field_is_restored_but_not_where_its_line_stops() {
    let w = linked(
        "<->",
        "v -> V\n w -> W on create\n n -> N if empty\n d -> D when flag = 1",
        "'v', 'w', 1",
    );
    w.edit("left", "a", "d = 'd', flag = 1", "1");
    w.settle();
    w.edit("left", "a", "flag = 0", "1");
    w.settle();
    w.edit("right", "B", "V = 'x', W = 'x', N = 7, D = 'x'", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT V, W, N, D FROM B"), ["v|x|7|x"]);
    w.edit("right", "B", "N = NULL", "1");
    w.edit("left", "a", "flag = 1", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT V, W, N, D FROM B"), ["v|x|1|d"]);
}

#[test]
fn a_change_that_when_stops_crosses_when_it_comes_true() {
    let w = world(
        A,
        B,
        "let ON = false\nrelationship A: a <-> B {\n match k = K\n flag <-> Flag\n v <-> V push when flag = 1\n w <-> W when ON\n}",
    );
    w.sql("left", "INSERT INTO a(id, k, v) VALUES (1, 'x', 'v')");
    w.sql("right", "INSERT INTO B(Id, K, V) VALUES ('x', 'x', 'v')");
    w.settle();
    w.edit("left", "a", "v = 'l', w = 'l'", "1");
    w.settle();
    assert_eq!(both(&w, "v, w", "V, W"), "l|l / v|null");
    w.edit("right", "B", "D = 'untouched'", "1");
    w.settle();
    assert_eq!(both(&w, "v", "V"), "l / v");
    w.edit("left", "a", "flag = 1", "1");
    w.settle();
    assert_eq!(both(&w, "v, w", "V, W"), "l|l / l|null");
    let mut w = w;
    w.rules = w.rules.replace("ON = false", "ON = true");
    w.settle();
    assert_eq!(both(&w, "w", "W"), "l / l");
}

#[test]
fn a_pair_of_lines_is_one_two_way_field() {
    let w = linked("<->", "v -> V\n v <- V\n k <-> K", "'v', 'w', 1");
    w.edit("right", "B", "V = 'r'", "1");
    w.settle();
    assert_eq!(both(&w, "v", "V"), "r / r");
    w.edit("left", "a", "v = 'l'", "1");
    w.settle();
    assert_eq!(both(&w, "v", "V"), "l / l");
}

#[test]
fn on_update_and_on_create_are_their_operations_only() {
    let w = pair("->", "k -> K\n v -> V on update\n w -> W on create");
    w.sql(
        "left",
        "INSERT INTO a(id, k, v, w) VALUES (1, 'x', 'v', 'w')",
    );
    w.apply();
    assert_eq!(
        w.rows("right", "SELECT V, W FROM B"),
        ["null|w"],
        "a create writes no `on update` line"
    );
    w.edit("left", "a", "v = 'v2', w = 'w2'", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT V, W FROM B"), ["v2|w"]);
}

#[test]
fn on_update_alone_does_not_make_a_second_run() {
    let w = pair("->", "k -> K\n v -> V on update");
    w.sql("left", "INSERT INTO a(id, k, v) VALUES (1, 'x', 'v')");
    w.settle();
}

#[test]
fn write_backs_travel_against_a_one_way_arrow() {
    let w = pair("->", "k -> K\n crm <- Id\n v -> V");
    w.sql("left", "INSERT INTO a(id, k, v) VALUES (1, 'x', 'v')");
    w.settle();
    assert_eq!(w.rows("left", "SELECT crm IS NOT NULL FROM a"), ["1"]);
    // Someone clears it: it comes back.
    w.edit("left", "a", "crm = NULL", "1");
    w.settle();
    assert_eq!(w.rows("left", "SELECT crm IS NOT NULL FROM a"), ["1"]);
}

#[test]
fn a_target_id_is_given_on_create() {
    let w = world(
        A,
        B,
        "relationship A: a -> B {\n match k = Id\n k -> Id on create\n v -> V\n}",
    );
    w.sql("left", "INSERT INTO a(id, k, v) VALUES (1, 'own-id', 'v')");
    w.settle();
    assert_eq!(w.rows("right", "SELECT Id, V FROM B"), ["own-id|v"]);
}

#[test]
fn references_that_lose_their_record_do_as_their_line_says() {
    for (fallback, after) in [
        ("", "one|old"),
        ("or hold", "one|old"),
        ("or skip", "one|new"),
        ("or null", "null|new"),
    ] {
        let w = world(
            &format!(
                "{A} CREATE TABLE c(id INTEGER PRIMARY KEY, name TEXT, STAMP); INSERT INTO c(id, name) VALUES (1, 'one'); INSERT INTO a(id, k, v, ref) VALUES (1, 'x', 'old', 1);"
            ),
            &format!("{B} CREATE TABLE C(Id TEXT PRIMARY KEY, Name TEXT, STAMP);"),
            &format!(
                "relationship C: c <-> C {{\n match name = Name\n name <-> Name\n push when name != \"not yet\"\n}}\nrelationship A: a <-> B {{\n match k = K\n k <-> K\n v <-> V\n ref <-> Ref via C {fallback}\n}}"
            ),
        );
        let look = "SELECT C.Name, V FROM B LEFT JOIN C ON C.Id = B.Ref";
        w.settle();
        assert_eq!(w.rows("right", look), ["one|old"]);
        w.sql("left", "INSERT INTO c(id, name) VALUES (2, 'not yet')");
        w.edit("left", "a", "ref = 2, v = 'new'", "1");
        w.settle();
        assert_eq!(w.rows("right", look), [after], "{fallback}");
        assert_eq!(
            w.held().len(),
            usize::from(fallback != "or skip" && fallback != "or null")
        );
        w.edit("left", "c", "name = 'two'", "id = 2");
        w.settle();
        assert_eq!(w.rows("right", look), ["two|new"], "{fallback}");
        assert!(w.held().is_empty());
        assert_eq!(w.rows("left", "SELECT ref FROM a"), ["2"], "{fallback}");
    }
}

#[test]
fn references_cross_both_ways() {
    let w = world(
        &format!(
            "{A} CREATE TABLE c(id INTEGER PRIMARY KEY, name TEXT, STAMP); INSERT INTO c(id, name) VALUES (1, 'one'), (2, 'two'); INSERT INTO a(id, k, ref) VALUES (1, 'x', 1);"
        ),
        &format!("{B} CREATE TABLE C(Id TEXT PRIMARY KEY, Name TEXT, STAMP);"),
        "relationship C: c <-> C {\n match name = Name\n name <-> Name\n}\nrelationship A: a <-> B {\n match k = K\n k <-> K\n ref <-> Ref via C\n}",
    );
    w.settle();
    w.edit(
        "right",
        "B",
        "Ref = (SELECT Id FROM C WHERE Name = 'two')",
        "1",
    );
    w.settle();
    assert_eq!(w.rows("left", "SELECT ref FROM a"), ["2"]);
    w.edit("right", "B", "Ref = NULL", "1");
    w.settle();
    assert_eq!(w.rows("left", "SELECT ref FROM a"), ["null"]);
    w.edit("left", "a", "ref = 1", "1");
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT Name FROM B JOIN C ON C.Id = B.Ref"),
        ["one"]
    );
}

#[test]
fn a_value_that_does_not_fit_is_an_error_of_its_field_and_never_cut() {
    let w = world(
        A,
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, V VARCHAR(5), W TEXT, N INTEGER, STAMP);",
        "relationship A: a -> B {\n match k = K\n k -> K\n v -> V\n w -> W\n number(d) -> N\n}",
    );
    w.sql(
        "left",
        "INSERT INTO a(id, k, v, w) VALUES (1, 'x', 'short', 'w'), (2, 'y', 'much too long', 'w')",
    );
    let outcome = w.apply();
    assert_eq!(outcome.failed, 1);
    assert_eq!(
        w.rows("right", "SELECT K, V FROM B"),
        ["x|short"],
        "a create stops"
    );
    assert!(w.failures()[0].starts_with("a 2 V: "), "{:?}", w.failures());
    assert!(w.failures()[0].contains('5'), "{:?}", w.failures());
    // In an update the other fields cross.
    w.edit(
        "left",
        "a",
        "v = 'much too long', w = 'w2', d = 'twelve'",
        "id = 1",
    );
    w.apply();
    assert_eq!(w.rows("right", "SELECT V, W, N FROM B"), ["short|w2|null"]);
    let failures = w.failures();
    assert!(
        failures.iter().any(|f| f.starts_with("a 1 V: ")),
        "{failures:?}"
    );
    assert!(
        failures.iter().any(|f| f.starts_with("a 1 N: ")),
        "{failures:?}"
    );
    w.assert_settled();
    w.edit("left", "a", "v = 'ok', d = '12'", "1");
    w.settle();
    assert!(w.failures().is_empty(), "{:?}", w.failures());
    assert_eq!(
        w.rows("right", "SELECT V, N FROM B ORDER BY K"),
        ["ok|12", "ok|12"]
    );
}

#[test]
fn json_paths_reach_into_structured_values() {
    let w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, k TEXT, billing JSON, items JSON, STAMP);
         INSERT INTO a(id, k, billing, items) VALUES (1, 'x', '{\"city\": \"Oslo\", \"zip\": 150}', '[{\"sku\": \"s1\"}, {\"sku\": \"s2\"}]'), (2, 'y', NULL, '[]');",
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, City TEXT, Sku TEXT, N INTEGER, STAMP);",
        "relationship A: a -> B {\n match k = K\n k -> K\n text(billing.city) -> City\n text(items[1].sku) -> Sku\n}",
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT City, Sku FROM B ORDER BY K"),
        ["Oslo|s2", "null|null"]
    );
}

#[test]
fn a_set_overrides_the_line_of_its_field() {
    let w = pair(
        "<->",
        "k <-> K\n v -> V\n w <-> W\n push create set V = \"made\", W = \"made\"\n push update set V = \"updated\", W = \"updated\"",
    );
    w.sql(
        "left",
        "INSERT INTO a(id, k, v, w) VALUES (1, 'x', 'v', 'w')",
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT V FROM B"), ["made"]);
    w.edit("left", "a", "v = 'v2', w = 'w2'", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT V, W FROM B"), ["updated|updated"]);
}

#[test]
fn a_star_takes_up_fields_that_come_later_with_their_values() {
    let w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, crm TEXT, STAMP);",
        "CREATE TABLE B(Id TEXT PRIMARY KEY, Name TEXT, STAMP); INSERT INTO B(Id, Name) VALUES ('x', 'X'), ('y', 'Y');",
        "relationship A: a <- B {\n match crm = Id\n crm <- Id\n * <- *\n}",
    );
    w.settle();
    assert_eq!(w.rows("left", "SELECT Name FROM a ORDER BY 1"), ["X", "Y"]);
    w.sql(
        "right",
        "ALTER TABLE B ADD COLUMN Age INTEGER; UPDATE B SET Age = 30 WHERE Id = 'x'",
    );
    w.settle();
    assert_eq!(
        w.rows("left", "SELECT Name, Age FROM a ORDER BY 1"),
        ["X|30", "Y|null"]
    );
    // A field that is gone from the source stays on the target.
    w.sql("right", "ALTER TABLE B DROP COLUMN Age");
    w.settle();
    assert_eq!(
        w.rows("left", "SELECT Name, Age FROM a ORDER BY 1"),
        ["X|30", "Y|null"]
    );
}

#[test]
fn a_star_pushes_too_and_leaves_what_other_lines_map() {
    let w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, crm TEXT, name TEXT, size REAL, secret TEXT, STAMP); INSERT INTO a(id, name, size, secret) VALUES (1, 'n', 1.5, 's');",
        "CREATE TABLE B(Id TEXT PRIMARY KEY, Title TEXT, STAMP);",
        "relationship A: a -> B {\n match crm = Id\n crm <- Id\n name -> Title\n * -> * except secret\n}",
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT Title, size FROM B"), ["n|1.5"]);
    assert_eq!(
        w.rows(
            "right",
            "SELECT name FROM pragma_table_info('B') WHERE name IN ('secret', 'crm', 'name')"
        ),
        Vec::<String>::new()
    );
}

#[test]
fn what_the_target_stores_as_equal_is_equal() {
    let w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, k TEXT, amount NUMERIC, at TEXT, STAMP); INSERT INTO a(id, k, amount, at) VALUES (1, 'x', 12.50, '2024-06-01T12:00:00+02:00');",
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, Amount NUMERIC, At DATETIME, STAMP); INSERT INTO B(Id, K, Amount, At) VALUES ('x', 'x', 12.5, '2024-06-01T10:00:00.000Z');",
        "relationship A: a -> B {\n match k = K\n amount -> Amount\n instant(at) -> At\n}",
    );
    let lines = w.plan().lines();
    assert!(lines.iter().all(|l| !l.contains("update")), "{lines:?}");
    w.settle();
}

#[test]
fn conditions_of_a_line_read_the_source() {
    let w = linked(
        "<->",
        "v -> V when n > 1 and w is not empty\n d <- D when N = 2",
        "'v', 'w', 1",
    );
    w.edit("left", "a", "v = 'l'", "1");
    w.edit("right", "B", "D = 'r'", "1");
    w.settle();
    assert_eq!(both(&w, "d", "V"), "null / v");
    w.edit("left", "a", "n = 2", "1");
    w.edit("right", "B", "N = 2", "1");
    w.settle();
    assert_eq!(both(&w, "d", "V"), "r / l");
}

#[test]
fn a_standing_conflict_blocks_nothing_and_ends_when_the_sides_agree() {
    let w = linked("<->", "prefer manual\n v <-> V\n w <-> W", "'v', 'w', 1");
    w.edit("left", "a", "v = 'l'", "1");
    w.edit("right", "B", "V = 'r', W = 'r'", "1");
    w.settle();
    assert_eq!(both(&w, "v, w", "V, W"), "l|r / r|r");
    assert_eq!(w.plan().conflicts.len(), 1);
    w.edit("left", "a", "v = 'r'", "1");
    w.settle();
    assert!(w.plan().conflicts.is_empty());
    w.sql("left", &format!("SELECT {NOW}"));
}

#[test]
fn or_sync_brings_the_referenced_record_over_whatever_the_when_of_its_create_says() {
    let w = world(
        "CREATE TABLE company(id INTEGER PRIMARY KEY, crm TEXT, name TEXT, active INTEGER, owner TEXT, parent INTEGER, STAMP);
         CREATE TABLE person(id INTEGER PRIMARY KEY, crm TEXT, name TEXT, company_id INTEGER, STAMP);
         INSERT INTO company(id, name, active, owner) VALUES (1, 'Active', 1, 'o'), (2, 'Old', 0, 'o'), (3, 'Unowned', 0, NULL), (4, 'Unused', 0, 'o'), (5, 'There', 0, 'o');
         INSERT INTO person(id, name, company_id) VALUES (1, 'Ann', 1), (2, 'Ben', 2), (3, 'Cem', 2), (4, 'Dan', 3), (5, 'Eva', 5);",
        "CREATE TABLE Account(Id TEXT PRIMARY KEY, Name TEXT, Hand INTEGER, STAMP); INSERT INTO Account(Id, Name) VALUES ('there', 'There');
         CREATE TABLE Contact(Id TEXT PRIMARY KEY, Name TEXT, AccountId TEXT, STAMP);",
        "relationship Person: person -> Contact {
           match crm = Id
           crm <- Id
           name -> Name
           company_id -> AccountId via Company or sync
         }
         relationship Company: company -> Account {
           match crm = Id
           match name = Name
           crm <- Id
           name -> Name
           push create when active = 1 require owner set Hand = if by_hand() then 1 else 0
         }",
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT c.Name, a.Name FROM Contact c LEFT JOIN Account a ON a.Id = c.AccountId ORDER BY 1"),
        ["Ann|Active", "Ben|Old", "Cem|Old", "Eva|There"]
    );
    assert_eq!(
        w.rows("right", "SELECT Name, Hand FROM Account ORDER BY 1"),
        ["Active|0", "Old|1", "There|null"]
    );
    assert!(
        w.held_lines().iter().any(|h| h.starts_with("person 4")),
        "`require` still holds: {:?}",
        w.held_lines()
    );
}

#[test]
fn write_backs_of_references_in_a_one_way_relationship() {
    let w = world(
        "CREATE TABLE owner(id INTEGER PRIMARY KEY, mail TEXT, STAMP); INSERT INTO owner(id, mail) VALUES (5, 'o@x.org');
         CREATE TABLE a(id INTEGER PRIMARY KEY, crm TEXT, k TEXT, owner_id INTEGER, STAMP); INSERT INTO a(id, k) VALUES (1, 'x');",
        "CREATE TABLE Owner(Id TEXT PRIMARY KEY, Mail TEXT, STAMP); INSERT INTO Owner(Id, Mail) VALUES ('o', 'o@x.org');
         CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, OwnerId TEXT REFERENCES Owner(Id), STAMP);",
        "relationship Owner: owner <-> Owner {
           match mail = Mail
           mail <-> Mail
         }
         relationship A: a -> B {
           match k = K
           k -> K
           crm <- Id
           owner_id <- OwnerId via Owner or null
         }",
    );
    w.settle();
    w.edit("right", "B", "OwnerId = 'o'", "1");
    w.settle();
    assert_eq!(w.rows("left", "SELECT owner_id FROM a"), ["5"]);
}

#[test]
fn two_way_lines_with_a_mode_settle() {
    let w = linked(
        "<->",
        "k <-> K\n v <-> V if empty\n w <-> W on create\n n <-> N on update",
        "'v', 'w', 1",
    );
    w.edit("left", "a", "v = 'l', w = 'l', n = 2", "1");
    w.settle();
    assert_eq!(both(&w, "v, w, n", "V, W, N"), "l|l|2 / v|w|2");
    w.edit("right", "B", "V = NULL", "1");
    w.settle();
    w.edit("left", "a", "v = 'l2'", "1");
    w.settle();
    assert_eq!(w.rows("right", "SELECT V FROM B"), ["l2"]);
    w.sql(
        "left",
        "INSERT INTO a(id, k, v, w, n) VALUES (2, 'y', 'v', 'w', 9)",
    );
    w.settle();
    assert_eq!(w.rows("right", "SELECT V, W FROM B WHERE K = 'y'"), ["v|w"]);
}

#[test]
fn value_maps_with_one_way_entries_and_fallbacks() {
    let w = world(
        A,
        B,
        "values status {
           \"new\" <-> \"Open\"
           \"done\" <- \"Closed\"
           \"lost\" -> \"Closed\"
           else push \"Other\"
           else pull keep
         }
         relationship A: a <-> B {
           match k = K
           k <-> K
           v <-> V using status
         }",
    );
    w.sql("left", "INSERT INTO a(id, k, v) VALUES (1, 'x', 'new'), (2, 'y', 'lost'), (3, 'z', 'odd'), (4, 'q', NULL)");
    w.sql(
        "right",
        "INSERT INTO B(Id, K, V) VALUES ('r', 'r', 'Closed'), ('s', 's', 'Strange')",
    );
    w.settle();
    assert_eq!(
        w.rows("right", "SELECT K, V FROM B ORDER BY K"),
        [
            "q|null",
            "r|Closed",
            "s|Strange",
            "x|Open",
            "y|Closed",
            "z|Other"
        ]
    );
    assert_eq!(
        w.rows("left", "SELECT k, v FROM a ORDER BY k"),
        ["q|null", "r|done", "s|Strange", "x|new", "y|lost", "z|odd"]
    );
    w.edit("right", "B", "V = 'Closed'", "K = 'x'");
    w.settle();
    assert_eq!(w.rows("left", "SELECT v FROM a WHERE k = 'x'"), ["done"]);
}

#[test]
fn a_chain_of_relationships_settles_in_one_run() {
    let w = world(
        &format!("{A} CREATE TABLE c(id INTEGER PRIMARY KEY, k TEXT, v TEXT, STAMP);"),
        B,
        "relationship A: a <-> B {\n match k = K\n k <-> K\n v <-> V\n}
         relationship C: c <-> B {\n match k = K\n k <-> K\n v <-> V\n}",
    );
    w.sql("left", "INSERT INTO a(id, k, v) VALUES (1, 'x', 'one')");
    w.settle();
    assert_eq!(w.rows("left", "SELECT k, v FROM c"), ["x|one"]);
    w.edit("left", "c", "v = 'two'", "1");
    w.settle();
    assert_eq!(both(&w, "v", "V"), "two / two");
    w.edit("right", "B", "V = 'three'", "1");
    w.settle();
    assert_eq!(both(&w, "v", "V"), "three / three");
    assert_eq!(w.rows("left", "SELECT v FROM c"), ["three"]);
}

#[test]
fn tables_without_a_modification_column_are_compared_whole() {
    let w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, k TEXT, v TEXT, n INTEGER); INSERT INTO a VALUES (1, 'x', 'l', 5);",
        "CREATE TABLE B(Id INTEGER PRIMARY KEY, K TEXT, V TEXT, N INTEGER);",
        "relationship A: a <-> B {\n match k = K\n k <-> K\n v <-> V\n n -> N\n}",
    );
    w.settle();
    w.sql("left", "UPDATE a SET v = 'l2'");
    w.settle();
    assert_eq!(w.rows("right", "SELECT V FROM B"), ["l2"]);
    w.sql("right", "UPDATE B SET V = 'r', N = 9");
    w.settle();
    assert_eq!(both(&w, "v, n", "V, N"), "r|5 / r|5");
    w.sql("left", "UPDATE a SET v = 'both-l'");
    w.sql("right", "UPDATE B SET V = 'both-r'");
    w.settle();
    assert_eq!(
        both(&w, "v", "V"),
        "both-r / both-r",
        "unknown times: the right side wins"
    );
}

#[test]
fn first_prefer_of_a_field_goes_before_its_merging_preference() {
    let w = pair(
        "<->",
        "first prefer right\n n <-> N prefer max\n flag <-> Flag prefer true first prefer right",
    );
    w.sql(
        "left",
        "INSERT INTO a(id, k, n, flag) VALUES (1, 'x', 9, 1)",
    );
    w.sql(
        "right",
        "INSERT INTO B(Id, K, N, Flag) VALUES ('x', 'x', 3, 0)",
    );
    w.settle();
    assert_eq!(both(&w, "n, flag", "N, Flag"), "9|0 / 9|0");
    w.edit("left", "a", "flag = 1", "1");
    w.settle();
    assert_eq!(both(&w, "flag", "Flag"), "1 / 1");
}

#[test]
fn a_high_water_mark_that_both_sides_give_up_at_once_comes_back() {
    let w = world(
        "CREATE TABLE a(id INTEGER PRIMARY KEY, k TEXT, score INTEGER, STAMP); INSERT INTO a(id, k, score) VALUES (1, 'x', 70);",
        "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, Score INTEGER, STAMP);",
        "relationship A: a <-> B {\n match k = K\n k <-> K\n score <-> Score prefer max\n}",
    );
    w.settle();
    w.edit("left", "a", "score = 10", "id = 1");
    w.edit("right", "B", "Score = 20", "K = 'x'");
    w.settle();
    assert_eq!(w.rows("left", "SELECT score FROM a"), ["70"]);
    assert_eq!(w.rows("right", "SELECT Score FROM B"), ["70"]);
    // Agreeing is a decision.
    w.edit("left", "a", "score = 30", "id = 1");
    w.edit("right", "B", "Score = 30", "K = 'x'");
    w.settle();
    assert_eq!(w.rows("left", "SELECT score FROM a"), ["30"]);
    w.edit("left", "a", "score = 10", "id = 1");
    w.edit("right", "B", "Score = 90", "K = 'x'");
    w.settle();
    assert_eq!(w.rows("left", "SELECT score FROM a"), ["90"]);
}
