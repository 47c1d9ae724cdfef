//! What is this kind's own; the rest is in the conformance suite.

use std::path::PathBuf;

use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::store::{Expect, StoreError, WriteKind, conformance};
use crate::value::from_json;

pub(super) struct World {
    folder: TempDir,
}

impl World {
    pub(super) fn new(sql: &str) -> Self {
        let world = World {
            folder: tempfile::tempdir().unwrap(),
        };
        world.outside().execute_batch(sql).unwrap();
        world
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("world.db")
    }

    pub(super) fn outside(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    fn with(&self, objects: &[(&str, ObjectConfig)]) -> StoreOutcome<SqliteStore> {
        let objects = objects
            .iter()
            .map(|(name, config)| (SmolStr::new(name), config.clone()))
            .collect();
        SqliteStore::open_with("crm", &self.path(), objects, Duration::from_millis(10))
    }

    pub(super) fn open(&self) -> SqliteStore {
        self.with(&[]).unwrap()
    }
}

pub(super) fn text(text: &str) -> Value {
    Value::Text(text.into())
}

fn projection(object: &str, fields: &[&str]) -> Projection {
    Projection {
        object: object.into(),
        fields: fields
            .iter()
            .map(|field| Some(SmolStr::new(field)))
            .collect(),
    }
}

pub(super) fn create(fields: &[(&str, Value)]) -> Write {
    let fields = fields
        .iter()
        .map(|(name, value)| (SmolStr::new(name), value.clone()))
        .collect();
    Write {
        kind: WriteKind::Create { id: None },
        fields,
        expect: Expect::Anything,
    }
}

fn update(id: Value, fields: &[(&str, Value)]) -> Write {
    Write {
        kind: WriteKind::Update { id },
        ..create(fields)
    }
}

fn delete(id: Value) -> Write {
    Write {
        kind: WriteKind::Delete { id },
        ..create(&[])
    }
}

fn unavailable<T>(outcome: StoreOutcome<T>) -> String {
    match outcome {
        Err(StoreError::Unavailable(text)) => text,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it went well"),
    }
}

fn said<T>(outcome: StoreOutcome<T>) -> String {
    match outcome {
        Err(StoreError::Shape(text) | StoreError::Data(text)) => text,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it went well"),
    }
}

fn all(store: &mut SqliteStore, object: &str, fields: &[&str]) -> Vec<Record> {
    store
        .read(&projection(object, fields), &Since::Start, None, 1000)
        .unwrap()
        .records
}

#[test]
fn conforms() {
    conformance::suite(
        || {
            let world = World::new(conformance::WORLD_SQL);
            let store = world.open();
            let touch = move |id: &Value, stamp: &str| {
                world
                    .outside()
                    .execute(
                        "UPDATE person SET updated_at = ?1 WHERE id = ?2",
                        rusqlite::params![stamp, Bound(id)],
                    )
                    .unwrap();
            };
            (Box::new(store), Box::new(touch))
        },
        false,
    );
}

#[test]
fn conforms_where_the_stamp_is_indexed() {
    conformance::suite(
        || {
            let world = World::new(conformance::WORLD_SQL);
            world
                .outside()
                .execute_batch("CREATE INDEX by_stamp ON person(updated_at)")
                .unwrap();
            let store = world.open();
            let touch = move |id: &Value, stamp: &str| {
                world
                    .outside()
                    .execute(
                        "UPDATE person SET updated_at = ?1 WHERE id = ?2",
                        rusqlite::params![stamp, Bound(id)],
                    )
                    .unwrap();
            };
            (Box::new(store), Box::new(touch))
        },
        false,
    );
}

#[test]
fn a_missing_file_is_not_created() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none.db");
    let message = unavailable(SqliteStore::open("crm", &path, IndexMap::new()));
    assert!(
        message.starts_with("store `crm`: ") && message.contains("none.db does not exist"),
        "{message}"
    );
    assert!(!path.exists());
    assert!(
        unavailable(SqliteStore::open("crm", folder.path(), IndexMap::new()))
            .contains("is not a file")
    );
}

#[test]
fn what_is_no_database_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world.db");
    std::fs::write(&path, "id,name\n1,Ada\n".repeat(100)).unwrap();
    assert!(
        unavailable(SqliteStore::open("crm", &path, IndexMap::new()))
            .contains("is not a SQLite database")
    );
}

#[test]
fn a_locked_file_is_unavailable() {
    let world = World::new("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)");
    let mut store = world.open();
    let other = world.outside();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(all(&mut store, "t", &[]).is_empty());
    assert!(unavailable(store.write("t", &[create(&[])])).contains("is locked by another program"));
    other.execute_batch("COMMIT; BEGIN EXCLUSIVE").unwrap();
    assert!(
        unavailable(store.read(&projection("t", &[]), &Since::Start, None, 1))
            .contains("is locked")
    );
    assert!(unavailable(world.with(&[])).contains("is locked"));
    other.execute_batch("COMMIT").unwrap();
    assert!(store.write("t", &[create(&[])]).is_ok());
}

#[cfg(unix)]
#[test]
fn permissions_are_respected() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new("PRAGMA journal_mode = DELETE; CREATE TABLE t (id INTEGER PRIMARY KEY)");
    let allow = |mode| {
        std::fs::set_permissions(world.path(), std::fs::Permissions::from_mode(mode)).unwrap()
    };
    allow(0o444);
    if std::fs::OpenOptions::new()
        .write(true)
        .open(world.path())
        .is_ok()
    {
        // The superuser may do everything: there is nothing to see.
        return;
    }
    let mut store = world.open();
    assert!(all(&mut store, "t", &[]).is_empty());
    assert!(unavailable(store.write("t", &[create(&[])])).contains("is read-only"));
    allow(0o000);
    assert!(unavailable(world.with(&[])).contains("cannot be opened"));
}

#[test]
fn no_setting_of_the_file_changes() {
    let world = World::new("PRAGMA journal_mode = DELETE; CREATE TABLE t (id INTEGER PRIMARY KEY)");
    let before = std::fs::read(world.path()).unwrap();
    let mut store = world.open();
    store.describe().unwrap();
    all(&mut store, "t", &[]);
    assert_eq!(std::fs::read(world.path()).unwrap(), before);
    store.write("t", &[create(&[])]).unwrap();
    let mode: String = world
        .outside()
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "delete");
}

#[test]
fn names_are_quoted() {
    let world = World::new(
        r#"CREATE TABLE "order" ("group" INTEGER PRIMARY KEY, "Deal ""Stage""" TEXT, "select" TEXT)"#,
    );
    let mut store = world.open();
    let results = store
        .write(
            "order",
            &[create(&[
                ("Deal \"Stage\"", text("won")),
                ("select", text("x'; DROP TABLE \"order\"; --")),
            ])],
        )
        .unwrap();
    assert!(matches!(results[..], [WriteResult::Done { .. }]));
    let record = &all(&mut store, "order", &["select", "Deal \"Stage\""])[0];
    assert_eq!(
        *record.values,
        [text("x'; DROP TABLE \"order\"; --"), text("won")]
    );
}

#[test]
fn tables_are_described() {
    let world = World::new(
        "CREATE TABLE Account (Id TEXT PRIMARY KEY, Name VARCHAR(255) NOT NULL);
         CREATE TABLE Lead (Id TEXT PRIMARY KEY, AccountId TEXT REFERENCES Account(Id), Score NUMERIC DEFAULT 1.50, Born DATE, Seen TIMESTAMP, Extra JSON,
           Full TEXT GENERATED ALWAYS AS (Id || '!') VIRTUAL, IsDeleted INTEGER NOT NULL DEFAULT 0, LastModifiedDate TEXT, SystemModstamp TEXT, CreatedDate TEXT);
         CREATE INDEX by_account ON Lead(AccountId, Score); CREATE INDEX some ON Lead(Born) WHERE Born IS NOT NULL;
         CREATE TABLE pair (a INTEGER, b INTEGER, PRIMARY KEY (a, b)); CREATE TABLE bare (x);
         CREATE VIEW names AS SELECT Name FROM Account;",
    );
    let mut store = world.open();
    let schema = store.describe().unwrap();
    assert_eq!(
        schema.objects.keys().collect::<Vec<_>>(),
        ["Account", "Lead", "pair", "bare", "names"]
    );
    let lead = &schema.objects["Lead"];
    assert_eq!(lead.modified.as_deref(), Some("SystemModstamp"));
    assert_eq!(
        (lead.deleted.as_deref(), lead.created.as_deref()),
        (Some("IsDeleted"), Some("CreatedDate"))
    );
    assert_eq!(lead.fields["AccountId"].references, ["Account"]);
    assert!(
        lead.fields["AccountId"].indexed
            && !lead.fields["Score"].indexed
            && !lead.fields["Born"].indexed
    );
    assert_eq!(
        lead.fields["Score"].default,
        Some(Value::Decimal(rust_decimal::Decimal::new(15, 1)))
    );
    let types = ["Born", "Seen", "Extra"].map(|name| lead.fields[name].ty.clone());
    assert_eq!(types, [Type::Date, Type::Instant, Type::Object]);
    assert!(!lead.fields["Full"].createable && !lead.fields["Full"].updateable);
    assert!(
        schema.objects["Account"].fields["Name"].required()
            && !schema.objects["Account"].fields["Id"].required()
    );
    assert!(schema.objects["pair"].id.is_none() && schema.objects["bare"].id.is_none());
    assert!(store.rewrites("Lead") && !store.rewrites("Account"));
    assert!(store.indexed("Lead", &["Score".into(), "AccountId".into()]));
    assert!(
        said(store.read(&projection("pair", &[]), &Since::Start, None, 1))
            .contains("`pair` has a primary key of several columns (a, b)")
    );
    assert!(said(store.write("bare", &[create(&[])])).contains("`bare` has no primary key"));
    let found = store.find(
        &projection("bare", &["x"]),
        &["x".into()],
        &[vec![Value::Int(1)]],
    );
    assert_eq!(found, Ok(vec![vec![]]));
}

#[test]
fn the_configuration_names_tables_and_columns() {
    let world = World::new(
        "CREATE TABLE tbl_person (nr TEXT UNIQUE, changed INTEGER, updated_at TEXT, gone TEXT); INSERT INTO tbl_person VALUES ('a', 1717236000, 'x', '')",
    );
    let named = |id: &str| ObjectConfig {
        table: Some("tbl_person".into()),
        id: Some(id.into()),
        modified: Some("changed".into()),
        deleted: Some("gone".into()),
        created: None,
    };
    let mut store = world.with(&[("Person", named("nr"))]).unwrap();
    assert_eq!(
        store.describe().unwrap().objects.keys().collect::<Vec<_>>(),
        ["Person"]
    );
    let record = &all(&mut store, "Person", &["updated_at"])[0];
    assert_eq!(
        (record.id.clone(), record.stamp.clone(), record.deleted),
        (text("a"), Value::Int(1_717_236_000), false)
    );
    assert!(
        said(world.with(&[("Person", named("no"))]))
            .contains("table `tbl_person` has no column `no`, named as `id`")
    );
    assert!(
        said(world.with(&[("Persona", ObjectConfig::default())]))
            .contains("there is no table `Persona`")
    );
}

#[test]
fn values_keep_their_kind() {
    let world = World::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, n NUMERIC, d DATE, i DATETIME, j JSON, b BOOLEAN);
         INSERT INTO t VALUES (1, '001', 12.50, '2024-06-01', '2024-06-01 10:00:00', '{\"city\": \"Rome\"}', 1),
                              (2, NULL, 7, 'soon', '', '{', 5), (3, '', 1e300, NULL, 1717236000, '[1]', NULL);",
    );
    let mut store = world.open();
    let rows = all(&mut store, "t", &["a", "n", "d", "i", "j", "b"]);
    let shown: Vec<String> = rows
        .iter()
        .map(|row| {
            row.values
                .iter()
                .map(|value| format!("{value:?}"))
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    assert_eq!(
        shown,
        [
            "Text(\"001\") Decimal(12.5) Date(2024-06-01) Instant(2024-06-01T10:00:00Z) Object({\"city\": Text(\"Rome\")}) Bool(true)",
            "Null Int(7) Text(\"soon\") Text(\"\") Text(\"{\") Int(5)",
            "Text(\"\") Text(\"1e300\") Null Int(1717236000) List([Int(1)]) Null",
        ]
    );
    let written = [
        ("n", Value::Decimal(rust_decimal::Decimal::new(-1_999, 2))),
        ("d", rows[0].values[2].clone()),
        ("i", rows[0].values[3].clone()),
        ("j", from_json(&serde_json::json!({"x": [1.5]}))),
        ("b", Value::Bool(false)),
    ];
    store
        .write("t", &[update(Value::Int(2), &written)])
        .unwrap();
    let back = &all(&mut store, "t", &["n", "d", "i", "j", "b"])[1];
    assert!(
        back.values
            .iter()
            .zip(&written)
            .all(|(back, (_, value))| back == value),
        "{back:?}"
    );
    let stored: (String, String, String, i64) = world
        .outside()
        .query_row("SELECT d, i, j, b FROM t WHERE id = 2", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .unwrap();
    assert_eq!(
        stored,
        (
            "2024-06-01".into(),
            "2024-06-01T10:00:00.000Z".into(),
            r#"{"x":[1.5]}"#.into(),
            0
        )
    );
}

#[test]
fn no_number_is_rounded() {
    let world = World::new("CREATE TABLE t (id INTEGER PRIMARY KEY, n NUMERIC)");
    let mut store = world.open();
    let long = Value::Decimal(rust_decimal::Decimal::from_i128_with_scale(
        12_345_678_901_234_567_890_123,
        10,
    ));
    let results = store
        .write(
            "t",
            &[
                create(&[("n", long)]),
                create(&[("n", Value::Decimal(rust_decimal::Decimal::new(1, 1)))]),
            ],
        )
        .unwrap();
    let [WriteResult::Failed(error), WriteResult::Done { .. }] = &results[..] else {
        panic!("{results:?}")
    };
    assert_eq!(
        error.message,
        "1234567890123.4567890123 has more digits than SQLite keeps of a number"
    );
    assert_eq!(error.field.as_deref(), Some("n"));
}

#[test]
fn unreadable_cells_name_their_place() {
    let world = World::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); INSERT INTO t VALUES (3, CAST(x'ff' AS TEXT)), (4, x'00')",
    );
    let mut store = world.open();
    assert!(
        said(store.get(&projection("t", &["a"]), &[Value::Int(3)]))
            .contains("`t` row 3, column `a`: text that is not UTF-8")
    );
    assert!(
        said(store.get(&projection("t", &["a"]), &[Value::Int(4)]))
            .contains("`t` row 4, column `a`: binary data")
    );
    assert_eq!(all(&mut store, "t", &[]).len(), 2);
}

#[test]
fn null_and_double_keys_are_said() {
    let world = World::new(
        "CREATE TABLE t (Id TEXT PRIMARY KEY); INSERT INTO t VALUES ('a'), (NULL); CREATE TABLE u (nr INTEGER); INSERT INTO u VALUES (1), (2), (2)",
    );
    let id = |name: &str| ObjectConfig {
        id: Some(name.into()),
        ..ObjectConfig::default()
    };
    let mut store = world.with(&[("u", id("nr"))]).unwrap();
    assert!(
        said(store.read(&projection("t", &[]), &Since::Start, None, 10))
            .contains("`t` has a row whose primary key is null (row 2)")
    );
    assert!(
        said(store.read(&projection("u", &[]), &Since::Start, None, 10))
            .contains("`u` has several rows whose \"nr\" is 2")
    );
    assert!(said(store.get(&projection("u", &[]), &[Value::Int(2)])).contains("several rows"));
}

#[test]
fn references_are_enforced_record_by_record() {
    for deferred in ["", " DEFERRABLE INITIALLY DEFERRED"] {
        let world = World::new(&format!(
            "CREATE TABLE Account (Id TEXT PRIMARY KEY); INSERT INTO Account VALUES ('a');
             CREATE TABLE Lead (Id INTEGER PRIMARY KEY, AccountId TEXT REFERENCES Account(Id){deferred})"
        ));
        let mut store = world.open();
        let results = store
            .write(
                "Lead",
                &[
                    create(&[("AccountId", text("a"))]),
                    create(&[("AccountId", text("none"))]),
                    create(&[]),
                ],
            )
            .unwrap();
        let WriteResult::Failed(error) = &results[1] else {
            panic!("{results:?}")
        };
        assert_eq!(
            (error.code.as_str(), error.transient),
            ("SQLITE_CONSTRAINT_FOREIGNKEY", false)
        );
        assert!(
            matches!(
                (&results[0], &results[2]),
                (WriteResult::Done { .. }, WriteResult::Done { .. })
            ),
            "{results:?}"
        );
        assert_eq!(all(&mut store, "Lead", &[]).len(), 2);
        let results = store.write("Account", &[delete(text("a"))]).unwrap();
        assert!(
            matches!(&results[0], WriteResult::Failed(error) if error.code == "SQLITE_CONSTRAINT_FOREIGNKEY")
        );
    }
}

#[test]
fn a_rule_that_rolls_back_costs_one_record() {
    let world = World::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER CHECK (n < 10), m TEXT NOT NULL ON CONFLICT ROLLBACK DEFAULT '');
         CREATE TRIGGER no_seven BEFORE INSERT ON t WHEN NEW.n = 7 BEGIN SELECT RAISE(ROLLBACK, 'no sevens'); END;",
    );
    let mut store = world.open();
    let results = store
        .write(
            "t",
            &[
                create(&[("n", Value::Int(1))]),
                create(&[("n", Value::Int(7))]),
                create(&[("n", Value::Int(70))]),
                create(&[("m", Value::Null)]),
            ],
        )
        .unwrap();
    let codes: Vec<&str> = results
        .iter()
        .map(|result| match result {
            WriteResult::Failed(error) => error.code.as_str(),
            _ => "",
        })
        .collect();
    assert_eq!(
        codes,
        [
            "",
            "SQLITE_CONSTRAINT_TRIGGER",
            "SQLITE_CONSTRAINT_CHECK",
            "SQLITE_CONSTRAINT_NOTNULL"
        ]
    );
    assert!(matches!(&results[1], WriteResult::Failed(error) if error.message == "no sevens"));
    assert_eq!(all(&mut store, "t", &[]).len(), 1);
}

#[test]
fn stamps_keep_the_columns_own_form() {
    for (stamp, declared, example) in [
        ("'2024-06-01 10:00:00'", "TEXT", "2024-06-01 10:00:00"),
        (
            "'2024-06-01T10:00:00+02:00'",
            "TEXT",
            "2024-06-01T10:00:00+02:00",
        ),
        ("1717236000", "INTEGER", "1717236000"),
        ("1717236000123", "INTEGER", "1717236000123"),
        (
            "NULL",
            "INTEGER NOT NULL DEFAULT (unixepoch() * 1000)",
            "1717236000123",
        ),
        (
            "NULL",
            "TEXT DEFAULT CURRENT_TIMESTAMP",
            "2024-06-01 10:00:00",
        ),
        ("NULL", "INTEGER", "1717236000"),
        ("NULL", "TEXT", "2024-06-01T10:00:00.000Z"),
    ] {
        let world = World::new(&format!(
            "CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at {declared})"
        ));
        if stamp != "NULL" {
            world
                .outside()
                .execute_batch(&format!("INSERT INTO t VALUES (1, {stamp})"))
                .unwrap();
        }
        let mut store = world.open();
        let now = store.now().unwrap();
        let written = store.write("t", &[create(&[])]).unwrap();
        let [WriteResult::Done { id, stamp }] = &written[..] else {
            panic!("{written:?}")
        };
        assert_eq!(
            StampFormat::of(stamp),
            StampFormat::of(&match declared.split(' ').next() {
                Some("INTEGER") => Value::Int(example.parse().unwrap()),
                Some("REAL") => Value::Decimal(example.parse().unwrap()),
                _ => text(example),
            }),
            "{declared}"
        );
        assert!(StampFormat::parse(stamp).is_some_and(|at| (at - now).num_seconds().abs() < 5));
        let record = store
            .get(&projection("t", &[]), std::slice::from_ref(id))
            .unwrap()
            .remove(0);
        assert_eq!(record.map(|record| record.stamp).as_ref(), Some(stamp));
    }
}

#[test]
fn deleted_times_are_times() {
    let world = World::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, deleted_at TEXT); INSERT INTO t VALUES (1, NULL), (2, '')",
    );
    let mut store = world.open();
    store.write("t", &[delete(Value::Int(1))]).unwrap();
    let rows = all(&mut store, "t", &["deleted_at"]);
    assert!(rows[0].deleted && !rows[1].deleted);
    assert!(StampFormat::parse(&rows[0].values[0]).is_some());
}

#[test]
fn triggers_have_the_last_word_on_stamps() {
    let world = World::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, updated_at TEXT);
         CREATE TRIGGER touch AFTER UPDATE OF a ON t BEGIN UPDATE t SET updated_at = '2030-01-01T00:00:00.000Z' WHERE id = NEW.id; END;",
    );
    let mut store = world.open();
    assert!(store.rewrites("t"));
    store.write("t", &[create(&[])]).unwrap();
    let written = store
        .write("t", &[update(Value::Int(1), &[("a", text("x"))])])
        .unwrap();
    assert_eq!(
        written,
        [WriteResult::Done {
            id: Value::Int(1),
            stamp: text("2030-01-01T00:00:00.000Z")
        }]
    );
}

#[test]
fn equal_stamps_are_paged_by_index() {
    let world = World::new(
        "CREATE TABLE t (id TEXT PRIMARY KEY, updated_at TEXT) WITHOUT ROWID; CREATE INDEX m ON t(updated_at);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50)
         INSERT INTO t SELECT printf('%03d', i), '2024-06-01T10:00:0' || (i % 3) || '.000Z' FROM n;",
    );
    let mut store = world.open();
    let mut seen = Vec::new();
    let mut token = None;
    loop {
        let page = store
            .read(
                &projection("t", &[]),
                &Since::Stamp(text("2024-06-01T10:00:01.000Z")),
                token.as_ref(),
                4,
            )
            .unwrap();
        seen.extend(
            page.records
                .into_iter()
                .map(|record| (record.stamp.to_string(), record.id.to_string())),
        );
        token = page.next;
        if token.is_none() {
            break;
        }
    }
    let mut sorted = seen.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!((seen.len(), &seen), (34, &sorted));
}

#[test]
fn null_stamps_are_read_always() {
    let world = World::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, updated_at TEXT); CREATE INDEX m ON t(updated_at);
         INSERT INTO t VALUES (1, NULL), (2, '2024-01-01T00:00:00.000Z'), (3, '2024-06-01T00:00:00.000Z')",
    );
    let mut store = world.open();
    let since = Since::Stamp(text("2024-06-01T00:00:00.000Z"));
    let ids = |page: Page| {
        page.records
            .into_iter()
            .map(|record| record.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        ids(store.read(&projection("t", &[]), &since, None, 10).unwrap()),
        [Value::Int(1), Value::Int(3)]
    );
}

#[test]
fn keys_without_an_index_cost_one_pass() {
    let world = World::new(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE NOCASE, d DATETIME, n NUMERIC);
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
         INSERT INTO t SELECT i, 'name ' || i, '2024-06-01T00:00:00.000Z', i / 2.0 FROM n;",
    );
    let mut store = world.open();
    let keys: Vec<Vec<Value>> = (1..=10_000)
        .map(|number| {
            vec![text(&format!(
                "{} {number}",
                if number % 2 == 0 { "name" } else { "NAME" }
            ))]
        })
        .collect();
    let found = store
        .find(&projection("t", &[]), &["a".into()], &keys)
        .unwrap();
    for (at, records) in found.iter().enumerate() {
        assert_eq!(records.len(), at % 2, "key {}", at + 1);
    }
    let pairs = vec![
        vec![
            text("name 3"),
            Value::Decimal(rust_decimal::Decimal::new(15, 1)),
        ],
        vec![text("name 3"), Value::Int(2)],
    ];
    let found = store
        .find(&projection("t", &[]), &["a".into(), "n".into()], &pairs)
        .unwrap();
    assert_eq!(found.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0]);
    let day = vec![vec![
        crate::value::parse_instant("2024-06-01T00:00:00Z").map_or(Value::Null, Value::Instant),
    ]];
    assert_eq!(
        store
            .find(&projection("t", &[]), &["d".into()], &day)
            .unwrap()[0]
            .len(),
        20_000
    );
}

#[test]
fn an_index_serves_keys_and_stamps() {
    let world = World::new(
        "CREATE TABLE t (id TEXT PRIMARY KEY, a TEXT, updated_at TEXT NOT NULL); CREATE INDEX a ON t(a); CREATE INDEX m ON t(updated_at)",
    );
    let mut store = world.open();
    store
        .find(
            &projection("t", &["id"]),
            &["a".into()],
            &[vec![text("x")], vec![text("y")]],
        )
        .unwrap();
    store.get(&projection("t", &["a"]), &[text("x")]).unwrap();
    store
        .read(
            &projection("t", &["a"]),
            &Since::Stamp(text("2024-06-01T00:00:00.000Z")),
            None,
            5,
        )
        .unwrap();
    let plan = |sql: &str| -> String {
        let mut statement = store
            .connection
            .prepare(&format!("EXPLAIN QUERY PLAN {}", sql.replace('?', "'x'")))
            .unwrap();
        let steps: Vec<String> = statement
            .query_map([], |row| row.get(3))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        steps.join("; ")
    };
    let keys = "WITH k(n, k0) AS (VALUES (0, ?), (1, ?)) SELECT t.id, k.n FROM k CROSS JOIN \"t\" AS t ON t.\"a\" = k.k0";
    assert!(
        plan(keys).contains("SEARCH t USING INDEX a (a=?)"),
        "{}",
        plan(keys)
    );
    let stamps =
        "SELECT \"id\" FROM \"t\" WHERE \"updated_at\" >= ? ORDER BY \"updated_at\", rowid LIMIT 5";
    assert!(
        plan(stamps).contains("USING INDEX m (updated_at>?)") && !plan(stamps).contains("B-TREE"),
        "{}",
        plan(stamps)
    );
}

mod laws {
    use super::*;
    use crate::value::samples::any_scalar;
    use crate::value::{convert, same_in};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_fits_a_column_comes_back_the_same(values in prop::collection::vec(any_scalar(), 1..20)) {
            let world = World::new("CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(30), b INTEGER, c NUMERIC, d BOOLEAN, e DATE, f DATETIME, g JSON)");
            let mut store = world.open();
            let schema = store.describe().unwrap();
            let fields = schema.objects["t"].fields.values().skip(1);
            let fits: Vec<(&Field, Value)> = fields
                .flat_map(|field| values.iter().filter_map(move |value| Some((field, convert(value.clone(), &field.ty).ok()?))))
                .collect();
            let writes: Vec<Write> = fits.iter().map(|(field, value)| create(&[(field.name.as_str(), value.clone())])).collect();
            let results = store.write("t", &writes).unwrap();
            for ((field, value), result) in fits.into_iter().zip(results) {
                let WriteResult::Done { id, .. } = &result else {
                    // Only a number that SQLite can't keep is refused.
                    prop_assert!(matches!(value, Value::Decimal(_)), "{result:?}");
                    continue;
                };
                let record = store.get(&projection("t", &[&field.name]), std::slice::from_ref(id)).unwrap().remove(0).unwrap();
                let expected = if value.is_null() { Value::Null } else { value };
                prop_assert!(same_in(&field.ty, &record.values[0], &expected), "{expected:?} came back as {:?}", record.values[0]);
            }
        }
    }
}

#[test]
fn writes_that_belong_together_are_seen_together() {
    let world = World::new("CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER CHECK (n < 10))");
    let mut store = world.open();
    let count = || -> i64 {
        world
            .outside()
            .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
            .unwrap()
    };
    store.begin();
    store
        .write("t", &[create(&[("n", Value::Int(1))])])
        .unwrap();
    let results = store
        .write(
            "t",
            &[
                create(&[("n", Value::Int(70))]),
                create(&[("n", Value::Int(2))]),
            ],
        )
        .unwrap();
    assert!(matches!(
        &results[..],
        [WriteResult::Failed(_), WriteResult::Done { .. }]
    ));
    assert_eq!((count(), all(&mut store, "t", &[]).len()), (0, 2));
    assert!(store.commit().unwrap());
    assert_eq!(count(), 2);

    store.begin();
    store.write("t", &[create(&[])]).unwrap();
    store.roll_back();
    assert_eq!(count(), 2);
    store.write("t", &[create(&[])]).unwrap();
    assert_eq!(count(), 3);
}

#[test]
fn a_record_that_undoes_writes_that_belong_together_is_told_at_the_end() {
    let world = World::new(
        "CREATE TABLE a (id INTEGER PRIMARY KEY);
         CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a(id) DEFERRABLE INITIALLY DEFERRED);
         CREATE TRIGGER no_seven BEFORE INSERT ON a WHEN NEW.id = 7 BEGIN SELECT RAISE(ROLLBACK, 'no sevens'); END;",
    );
    let mut store = world.open();
    for (object, bad) in [("t", ("a", Value::Int(5))), ("a", ("id", Value::Int(7)))] {
        store.begin();
        store.write("t", &[create(&[])]).unwrap();
        store.write(object, &[create(&[bad])]).unwrap();
        store.write("t", &[create(&[])]).unwrap();
        assert!(!store.commit().unwrap(), "{object}");
        assert_eq!(all(&mut store, "t", &[]).len(), 0, "{object}");
    }
    store.write("t", &[create(&[])]).unwrap();
    assert_eq!(all(&mut store, "t", &[]).len(), 1);
}

#[test]
fn a_text_that_a_column_makes_a_number_is_told_as_the_number() {
    let world = World::new("CREATE TABLE t (id UUID PRIMARY KEY, n INTEGER)");
    let mut store = world.open();
    for (id, told) in [("x1", text("x1")), (" 12 ", Value::Int(12))] {
        let write = Write {
            kind: WriteKind::Create { id: Some(text(id)) },
            ..create(&[])
        };
        let results = store.write("t", &[write]).unwrap();
        assert!(
            matches!(&results[0], WriteResult::Done { id, .. } if *id == told),
            "{results:?}"
        );
    }
}
