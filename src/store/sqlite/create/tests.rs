//! Records made together are as if each had been made alone.

use proptest::prelude::*;

use super::super::tests::{World, create, text};
use super::*;
use crate::store::Store;

const OTHERS: &str = "CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (1), (2);";

const TABLES: [&str; 8] = [
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL CHECK (n <> 7), u TEXT UNIQUE, a INTEGER REFERENCES a(id))",
    "CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, n INTEGER, u TEXT, a INTEGER REFERENCES a(id)); INSERT INTO t (id) VALUES (90); DELETE FROM t",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, u TEXT, a INTEGER) STRICT",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER NOT NULL ON CONFLICT IGNORE, u TEXT UNIQUE ON CONFLICT REPLACE, a INTEGER)",
    "CREATE TABLE t (id TEXT PRIMARY KEY, n INTEGER NOT NULL, u TEXT UNIQUE, a INTEGER REFERENCES a(id))",
    "CREATE TABLE t (id TEXT PRIMARY KEY, n INTEGER CHECK (n <> 7), u TEXT, a INTEGER) WITHOUT ROWID",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER DEFAULT 4, u TEXT DEFAULT NULL, a INTEGER)",
    "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, u TEXT, a INTEGER); INSERT INTO t (id) VALUES (9223372036854775800)",
];

/// Of one row in ten something does not fit, or is left out.
fn row() -> impl Strategy<Value = [Value; 3]> {
    let number = prop_oneof![
        40 => (8..900i64).prop_map(Value::Int),
        1 => Just(Value::Int(7)),
        1 => Just(Value::Null),
        1 => Just(text("many")),
    ];
    let unique = prop_oneof![
        40 => "[a-z]{12}".prop_map(|t| text(&t)),
        1 => Just(text("same")),
        1 => Just(Value::Null),
    ];
    let other = prop_oneof![40 => Just(Value::Int(1)), 1 => Just(Value::Int(5))];
    let left_out = prop_oneof![40 => Just(None), 1 => (0..3usize).prop_map(Some)];
    (number, unique, other, left_out).prop_map(|(n, u, a, left_out)| {
        let mut row = [n, u, a];
        if let Some(at) = left_out {
            row[at] = Value::Absent;
        }
        row
    })
}

fn writes(table: &str, rows: Vec<[Value; 3]>) -> Vec<Write> {
    let named = table.contains("TEXT PRIMARY KEY");
    let rows = rows.into_iter().enumerate();
    rows.map(|(place, [n, u, a])| {
        let mut write = create(&[("n", n), ("u", u), ("a", a)]);
        write.fields.retain(|(_, value)| *value != Value::Absent);
        // Every 30th id is taken.
        let id = named.then(|| text(&format!("x{}", place % 30)));
        write.kind = WriteKind::Create { id };
        write
    })
    .collect()
}

/// What became of the writes, and what the table holds then.
fn outcome(table: &str, writes: &[Write], at_once: usize) -> (Vec<String>, Vec<String>) {
    let world = World::new(&format!("{OTHERS}{table}"));
    let mut store = world.open();
    let results = writes
        .chunks(at_once)
        .flat_map(|chunk| store.write("t", chunk).unwrap());
    let results: Vec<String> = results
        .map(|result| match result {
            WriteResult::Failed(error) => format!("{} {:?}", error.code, error.field),
            // At random, where there are no more.
            WriteResult::Done {
                id: Value::Int(id), ..
            } if table.contains("9223372036854775800") => (id > 0).to_string(),
            other => format!("{other:?}"),
        })
        .collect();
    let told = "SELECT quote(n) || quote(u) || quote(a) FROM t ORDER BY 1";
    let outside = world.outside();
    let mut statement = outside.prepare(told).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    (results, rows.map(Result::unwrap).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn together_is_as_alone(table in 0..TABLES.len(), rows in proptest::collection::vec(row(), 1..70)) {
        let writes = writes(TABLES[table], rows);
        let [together, alone] = [writes.len(), 1].map(|at_once| outcome(TABLES[table], &writes, at_once));
        prop_assert_eq!(together, alone);
    }
}

#[test]
fn every_id_that_is_told_is_the_record_s() {
    for table in TABLES {
        let rows = (0..64).map(|n| [Value::Int(100 + n), text(&format!("u{n}")), Value::Int(1)]);
        let world = World::new(&format!("{OTHERS}{table}"));
        let writes = writes(table, rows.collect());
        let results = world.open().write("t", &writes).unwrap();
        for (write, result) in writes.iter().zip(results) {
            let WriteResult::Done { id, .. } = result else {
                continue;
            };
            let n: i64 = world
                .outside()
                .query_row(
                    "SELECT n FROM t WHERE id = ?1",
                    [super::super::cell::Bound(&id)],
                    |row| row.get(0),
                )
                .unwrap();
            assert_eq!(Value::Int(n), write.fields[0].1, "{table}");
        }
    }
}

#[test]
fn records_without_a_field_are_made_each() {
    let world = World::new("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER DEFAULT 3)");
    let results = world.open().write("t", &vec![create(&[]); 24]).unwrap();
    let ids = (1..=24).map(|id| WriteResult::Done {
        id: Value::Int(id),
        stamp: Value::Null,
    });
    assert_eq!(results, ids.collect::<Vec<_>>());
    let count = "SELECT count(*) FROM t WHERE n = 3";
    let count: i64 = world
        .outside()
        .query_row(count, [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 24);
}

#[test]
fn one_statement_makes_several() {
    let world = World::new(TABLES[2]);
    let store = world.open();
    let writes = writes(
        TABLES[2],
        vec![[Value::Int(1), text("u"), Value::Null]; AT_ONCE],
    );
    let table = store.table("t").unwrap().clone();
    let mut last = LastStatement::default();
    let batch = Batch::new(table, "id".into());
    let several = store
        .create_several(&batch, (&writes, &[true; AT_ONCE]), &mut last)
        .ok()
        .flatten();
    assert_eq!(several.map(|made| made.len()), Some(AT_ONCE));
}

#[test]
fn whichever_of_several_does_not_fit_fails_alone() {
    let row = |n: i64| [Value::Int(100 + n), text(&format!("u{n}")), Value::Int(1)];
    for table in TABLES {
        let misfits = [(0, Value::Int(7)), (0, Value::Null), (0, text("many"))];
        let others = [(1, text("u0")), (1, Value::Null), (2, Value::Int(5))];
        for (field, misfit) in misfits.into_iter().chain(others) {
            let mut rows: Vec<_> = (0..24).map(row).collect();
            rows[15][field] = misfit;
            let writes = writes(table, rows);
            assert_eq!(
                outcome(table, &writes, 24),
                outcome(table, &writes, 1),
                "{table}"
            );
        }
    }
}
