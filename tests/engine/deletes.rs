//! Deleted records, filters that are left, purges (language reference, 5.3 to 5.5; engine, section 4).

use super::world::{World, world};

const A: &str = "CREATE TABLE a(id INTEGER PRIMARY KEY, crm TEXT, k TEXT, v TEXT, gone TEXT, is_deleted INTEGER DEFAULT 0, STAMP);";
const B: &str = "CREATE TABLE B(Id TEXT PRIMARY KEY, K TEXT, V TEXT, Gone TEXT, IsDeleted INTEGER DEFAULT 0, STAMP);";

fn linked(arrow: &str, lines: &str) -> World {
    let w = world(
        A,
        B,
        &format!(
            "relationship A: a {arrow} B {{\n match k = K\n {}\n {lines}\n}}",
            match arrow {
                "<->" => "k <-> K\n v <-> V",
                "->" => "k -> K\n v -> V",
                _ => "k <- K\n v <- V",
            }
        ),
    );
    w.sql("left", "INSERT INTO a(id, k, v) VALUES (1, 'x', 'v')");
    w.sql("right", "INSERT INTO B(Id, K, V) VALUES ('x', 'x', 'v')");
    w.settle();
    assert_eq!(w.read_ledger().live_links("A").unwrap(), 1);
    w
}

fn left(w: &World) -> Vec<String> {
    w.rows(
        "left",
        "SELECT k, v FROM a WHERE is_deleted = 0 AND gone IS NULL ORDER BY id",
    )
}

fn right(w: &World) -> Vec<String> {
    w.rows(
        "right",
        "SELECT K, V FROM B WHERE IsDeleted = 0 AND Gone IS NULL ORDER BY Id",
    )
}

#[test]
fn a_delete_crosses_only_where_a_line_says_so() {
    for (lines, left_count) in [
        ("", 1),
        ("push delete", 1),
        ("pull delete", 0),
        ("pull delete when V = \"other\"", 1),
        ("pull delete set gone = \"yes\"", 0),
    ] {
        let w = linked("<->", lines);
        w.edit("right", "B", "IsDeleted = 1", "1");
        w.settle();
        assert_eq!(left(&w).len(), left_count, "{lines}");
        assert_eq!(right(&w).len(), 0, "{lines}");
        assert_eq!(w.read_ledger().live_links("A").unwrap(), 0, "{lines}");
        // And it stays so when what is left changes.
        w.edit("left", "a", "v = 'later'", "1");
        w.settle();
        assert_eq!(right(&w).len(), 0, "{lines}");
    }
}

#[test]
fn a_record_that_is_gone_without_a_mark_is_found_by_a_full_run() {
    let w = linked("<->", "push delete");
    w.sql("left", "DELETE FROM a");
    let request = bilateral::plan::Request {
        full: true,
        ..World::request()
    };
    w.try_apply(&request, &World::options(), &mut Default::default())
        .unwrap();
    assert_eq!(right(&w), Vec::<String>::new());
    w.assert_settled();
}

#[test]
fn a_delete_against_a_change_is_decided_by_prefer() {
    for (prefer, delete_first, stays) in [
        ("prefer left", true, true),
        ("prefer right", true, false),
        ("prefer newest", true, true),
        ("prefer newest", false, false),
        ("", true, true),
        ("", false, false),
    ] {
        let w = linked("<->", &format!("{prefer}\n pull delete"));
        let delete = |at: &str| {
            w.sql("right", &format!("UPDATE B SET IsDeleted = 1, modified_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '{at}')"))
        };
        let change = |at: &str| {
            w.sql("left", &format!("UPDATE a SET v = 'changed', modified_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '{at}')"))
        };
        match delete_first {
            true => {
                delete("+0 seconds");
                change("+5 seconds");
            }
            false => {
                change("+0 seconds");
                delete("+5 seconds");
            }
        }
        w.settle();
        assert_eq!(
            left(&w).len(),
            usize::from(stays),
            "{prefer}, delete first: {delete_first}"
        );
        assert_eq!(w.read_ledger().live_links("A").unwrap(), 0);
        assert_eq!(right(&w).len(), 0, "the deleted one is not made again");
    }
}

#[test]
fn a_delete_and_a_change_at_the_same_time_are_the_right_sides() {
    for (line, left_stays, right_stays) in [("pull delete", 0, 0), ("push delete", 0, 1)] {
        let w = linked("<->", line);
        let (gone, changed) = if line == "pull delete" {
            ("right", "left")
        } else {
            ("left", "right")
        };
        let at = "2030-01-01T00:00:00.000Z";
        let delete = |s: &str| match s {
            "left" => format!("UPDATE a SET is_deleted = 1, modified_at = '{at}'"),
            _ => format!("UPDATE B SET IsDeleted = 1, modified_at = '{at}'"),
        };
        let change = |s: &str| match s {
            "left" => format!("UPDATE a SET v = 'c', modified_at = '{at}'"),
            _ => format!("UPDATE B SET V = 'c', modified_at = '{at}'"),
        };
        w.sql(gone, &delete(gone));
        w.sql(changed, &change(changed));
        w.settle();
        assert_eq!(
            (left(&w).len(), right(&w).len()),
            (left_stays, right_stays),
            "{line}"
        );
    }
}

#[test]
fn a_delete_against_a_change_is_left_to_a_person_by_manual() {
    let w = linked("<->", "prefer manual\n pull delete");
    w.edit("right", "B", "IsDeleted = 1", "1");
    w.edit("left", "a", "v = 'changed'", "1");
    w.settle();
    assert_eq!(left(&w), ["x|changed"]);
    assert_eq!(w.plan().conflicts.len(), 1, "it is listed");
    assert_eq!(w.full_plan().conflicts.len(), 1, "and stays so");
}

#[test]
fn a_restored_record_stays_unlinked() {
    let w = linked("<->", "pull delete set gone = \"yes\"");
    w.edit("right", "B", "IsDeleted = 1", "1");
    w.settle();
    w.edit("right", "B", "IsDeleted = 0", "1");
    w.settle();
    assert_eq!(w.rows("left", "SELECT count(*) FROM a"), ["1"]);
    assert_eq!(w.read_ledger().live_links("A").unwrap(), 0);
}

#[test]
fn a_filter_of_each_direction_leaves_its_own_target() {
    // `push when … leave delete` deletes the right record, never the left one.
    for (leave, right_count, links) in [("keep", 1, 1), ("unlink", 1, 0), ("delete", 0, 0)] {
        let w = linked("->", &format!("push when v != \"out\" leave {leave}"));
        w.edit("left", "a", "v = 'out'", "1");
        w.settle();
        assert_eq!(left(&w), ["x|out"]);
        assert_eq!(right(&w).len(), right_count, "{leave}");
        assert_eq!(w.read_ledger().live_links("A").unwrap(), links, "{leave}");
        if right_count == 1 {
            assert_eq!(right(&w), ["x|v"], "no longer updated");
        }
        // It satisfies the filter again.
        w.edit("left", "a", "v = 'in'", "1");
        w.settle();
        match leave {
            "delete" => assert_eq!(right(&w).len(), 0, "a tombstone stays"),
            _ => assert_eq!(right(&w), ["x|in"], "{leave}: taken up again"),
        }
    }
}

#[test]
fn a_change_made_outside_the_filter_crosses_when_the_record_comes_back() {
    let w = linked("<->", "pull when K != \"off\"");
    w.edit("right", "B", "K = 'off', V = 'r'", "1");
    w.settle();
    assert_eq!(left(&w), ["x|v"]);
    // The push direction goes on.
    w.edit("left", "a", "gone = NULL, v = 'l'", "1");
    w.apply();
    w.edit("right", "B", "K = 'x'", "1");
    w.settle();
    assert_eq!(
        w.rows("left", "SELECT k, v FROM a"),
        w.rows("right", "SELECT K, V FROM B")
    );
}

#[test]
fn a_purge_closes_the_link_and_leaves_the_other_side() {
    let w = linked("<->", "purge a when v = \"bye\"");
    w.edit("right", "B", "V = 'bye'", "1");
    w.settle();
    assert_eq!(
        w.rows("left", "SELECT count(*) FROM a WHERE is_deleted = 0"),
        ["0"]
    );
    assert_eq!(right(&w), ["x|bye"]);
    w.edit("right", "B", "V = 'again'", "1");
    w.settle();
    assert_eq!(
        w.rows("left", "SELECT count(*) FROM a WHERE is_deleted = 0"),
        ["0"]
    );
    // Unlinked records go too.
    w.sql("left", "INSERT INTO a(id, k, v) VALUES (5, 'y', 'bye')");
    w.settle();
    assert_eq!(
        w.rows("left", "SELECT count(*) FROM a WHERE is_deleted = 0"),
        ["0"]
    );
}

#[test]
fn a_purge_of_the_right_side() {
    let w = linked("<->", "purge B when V = \"bye\"\n push create never");
    w.edit("left", "a", "v = 'bye'", "1");
    w.settle();
    assert_eq!(right(&w).len(), 0);
    assert_eq!(left(&w), ["x|bye"]);
}

#[test]
fn a_purge_condition_that_fails_is_an_error_of_its_record() {
    let w = linked("<->", "purge a when number(v) > 5");
    w.apply();
    assert!(
        w.failures().iter().any(|f| f.starts_with("a 1 ")),
        "{:?}",
        w.failures()
    );
    assert_eq!(left(&w).len(), 1);
}

#[test]
fn both_sides_deleted_close_the_link_without_a_write() {
    let w = linked("<->", "pull delete\n push delete");
    w.edit("right", "B", "IsDeleted = 1", "1");
    w.edit("left", "a", "is_deleted = 1", "1");
    assert!(w.plan().lines().is_empty(), "{:?}", w.plan().lines());
    w.settle();
    assert_eq!(w.read_ledger().live_links("A").unwrap(), 0);
}

#[test]
fn a_person_decides_about_a_delete_against_a_change() {
    for (take, left_count) in [
        (bilateral::program::Side::Left, 1),
        (bilateral::program::Side::Right, 0),
    ] {
        let w = linked("<->", "prefer manual\n pull delete");
        w.edit("right", "B", "IsDeleted = 1", "1");
        w.edit("left", "a", "v = 'changed'", "1");
        w.settle();
        let identity = World::identity();
        let mut ledger = bilateral::ledger::Ledger::open(&w.ledger_path(), &identity).unwrap();
        assert_eq!(ledger.take(&Default::default(), take).unwrap(), 1);
        drop(ledger);
        w.settle();
        assert_eq!(left(&w).len(), left_count);
        assert!(w.plan().conflicts.is_empty());
        assert_eq!(w.read_ledger().live_links("A").unwrap(), 0);
    }
}

#[test]
fn unlinked_by_a_filter_two_records_meet_again_by_their_key() {
    let w = linked(
        "<->",
        "pull when V != \"out\" leave unlink\n push create never",
    );
    w.edit("right", "B", "V = 'out'", "1");
    w.settle();
    assert_eq!(w.read_ledger().live_links("A").unwrap(), 0);
    assert_eq!(left(&w), ["x|v"]);
    w.edit("right", "B", "V = 'back'", "1");
    w.settle();
    assert_eq!(left(&w), ["x|back"]);
    assert_eq!(w.read_ledger().live_links("A").unwrap(), 1);
}

#[test]
fn a_filter_and_a_delete_of_one_record_at_once() {
    let w = linked("<->", "pull when V != \"out\" leave delete\n pull delete");
    w.edit("right", "B", "V = 'out', IsDeleted = 1", "1");
    w.settle();
    assert_eq!(left(&w).len(), 0);
}

#[test]
fn a_delete_mark_may_be_a_field_that_a_line_maps() {
    let w = linked(
        "<->",
        "gone <-> Gone\n pull delete set gone = \"yes\", v = null",
    );
    w.edit("right", "B", "IsDeleted = 1", "1");
    w.settle();
    assert_eq!(w.rows("left", "SELECT gone, v FROM a"), ["yes|null"]);
}
