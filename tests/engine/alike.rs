//! Records that are alike are planned one after the other as each of them would be alone.

use bilateral::plan::Unit;
use proptest::prelude::*;

use super::world::{World, world};

/// `w` of the right side takes no blank, `d` has a default there.
const LEFT: &str = "CREATE TABLE a(id INTEGER PRIMARY KEY, crm TEXT, v TEXT, w TEXT, n INTEGER, d TEXT, x, STAMP);";
const RIGHT: &str = "CREATE TABLE B(Id TEXT PRIMARY KEY, V TEXT, W TEXT NOT NULL, N INTEGER, D TEXT DEFAULT 'new', X TEXT, STAMP);";

/// From lines that do nothing but cross to such that do more.
const RULES: [&str; 12] = [
    "crm <- Id\n v <-> V\n w <-> W\n n <-> N",
    "v -> V\n w -> W\n n -> N\n x -> X",
    "v <- V\n w <- W\n n <- N\n d <- D",
    "v <-> V\n w <-> W\n d <-> D\n n <-> N on update",
    "v <-> V\n w <-> W\n n -> N on update",
    "v -> V when n > 1\n w <-> W\n n <-> N",
    "v <-> V\n w -> W\n n <-> N\n push create set X = \"{v}-{n}\"",
    "v <-> V\n w <-> W\n n <-> N\n push create when n > 1 require v",
    "v <-> V\n w <-> W\n push done set d = \"sent\"",
    "v <-> V\n w <-> W\n crm -> Id on create",
    "v <-> V\n w <-> W\n d <- if a.crm = a.x then V else W",
    "w <-> W\n v -> V\n x -> X\n push update set N = if was(v) = \"v\" then 1 else 2",
];

/// Most are alike.
fn any_cell() -> impl Strategy<Value = &'static str> {
    let other = &["NULL", "'long enough to stand apart'", "1", "2.5"][..];
    prop_oneof![
        4 => Just("'v'"),
        2 => Just("''"),
        2 => Just("2"),
        2 => prop::sample::select(other),
    ]
}

/// `v`, `w`, `x`, `n`.
fn any_rows() -> impl Strategy<Value = Vec<String>> {
    let number = prop_oneof![2 => Just("1"), 2 => Just("2"), 1 => any_cell()];
    let row = (any_cell(), any_cell(), any_cell(), number);
    let row = row.prop_map(|(v, w, x, n)| format!("{v}, {w}, {x}, {n}"));
    prop::collection::vec(row, 2..7)
}

/// The world with these rows of a side; each has the same time stamp, so that none is ever newer.
fn with(world: &World, name: &str, rows: &[(usize, &String)]) {
    let (table, columns) = match name {
        "left" => ("a", "id, crm, v, w, x, n"),
        _ => ("B", "Id, D, V, W, X, N"),
    };
    world.sql(name, &format!("DELETE FROM {table}"));
    for (place, cells) in rows {
        let id = match name {
            "left" => format!("{place}"),
            _ => format!("'r{place}'"),
        };
        // A row that its own table does not take is left out.
        world.sql(
            name,
            &format!("INSERT OR IGNORE INTO {table}({columns}, modified_at) VALUES ({id}, 'c{place}', {cells}, '2025-01-01T00:00:00.000Z')"),
        );
    }
}

/// What is planned, with its operations' reasons, held records and failures.
fn planned(world: &World) -> (Vec<Unit>, Vec<String>) {
    let shown = world.plan();
    let listed = shown.held.iter().map(|h| format!("{h:?}"));
    let listed = listed.chain(shown.failures.iter().map(|f| format!("{f:?}")));
    (shown.units, sorted(listed.collect()))
}

fn sorted(mut listed: Vec<String>) -> Vec<String> {
    listed.sort();
    listed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn each_is_planned_as_if_it_were_alone(
        rules in prop::sample::select(&RULES[..]),
        side in prop::sample::select(&["left", "right"][..]),
        rows in any_rows(),
    ) {
        let world = world(LEFT, RIGHT, &format!("relationship A: a <-> B {{\n match crm = Id\n {rules}\n}}"));
        let rows: Vec<(usize, &String)> = rows.iter().enumerate().collect();
        with(&world, side, &rows);
        let together = planned(&world);
        let mut apart = (Vec::new(), Vec::new());
        for row in &rows {
            with(&world, side, std::slice::from_ref(row));
            let (units, listed) = planned(&world);
            apart.0.extend(units);
            apart.1.extend(listed);
        }
        prop_assert_eq!(together, (apart.0, sorted(apart.1)));
    }
}
