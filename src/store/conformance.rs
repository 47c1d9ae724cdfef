//! One suite for every kind of store: what the doc comments of [`Store`] promise.
//!
//! A kind brings a world of three objects: `person` (integer id, required name of at most 20 characters, unique e-mail, number, bool,
//! modification, deleted and created columns), `Account` (text id, no deleted column) and `note` (no modification column).

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use indexmap::IndexMap;
use rust_decimal::Decimal;
use smol_str::SmolStr;

use super::*;
use crate::schema::Object;
use crate::value::Type;

/// The world's shape, as the memory store takes it; other kinds describe the same.
pub(super) fn world() -> StoreSchema {
    let required = |name: &str, ty: Type| Field {
        nullable: false,
        ..Field::new(name, ty)
    };
    let id = |name: &str, ty: Type| Field {
        nullable: false,
        has_default: true,
        updateable: false,
        unique: true,
        indexed: true,
        ..Field::new(name, ty)
    };
    let text = || Type::Text { max: None };
    let integer = || Type::Number { scale: Some(0) };
    let object = |name: &str, fields: Vec<Field>, roles: [Option<&str>; 3]| {
        let [modified, deleted, created] = roles.map(|role| role.map(SmolStr::new));
        let id = fields.first().map(|field| field.name.clone());
        let fields = fields
            .into_iter()
            .map(|field| (field.name.clone(), field))
            .collect();
        (
            SmolStr::new(name),
            Arc::new(Object {
                name: name.into(),
                fields,
                id,
                modified,
                deleted,
                created,
            }),
        )
    };
    let now = |name: &str| Field {
        has_default: true,
        ..required(name, text())
    };
    StoreSchema {
        objects: IndexMap::from_iter([
            object(
                "person",
                vec![
                    id("id", integer()),
                    required("name", Type::Text { max: Some(20) }),
                    Field {
                        unique: true,
                        indexed: true,
                        ..Field::new("email", text())
                    },
                    Field::new("score", Type::Number { scale: None }),
                    Field {
                        has_default: true,
                        default: Some(Value::Bool(true)),
                        ..required("active", Type::Bool)
                    },
                    now("updated_at"),
                    Field {
                        has_default: true,
                        default: Some(Value::Int(0)),
                        ..required("is_deleted", integer())
                    },
                    now("created_at"),
                ],
                [Some("updated_at"), Some("is_deleted"), Some("created_at")],
            ),
            object(
                "Account",
                vec![
                    id("Id", text()),
                    Field::new("Name", text()),
                    now("SystemModstamp"),
                ],
                [Some("SystemModstamp"), None, None],
            ),
            object(
                "note",
                vec![id("id", integer()), Field::new("text", text())],
                [None; 3],
            ),
        ]),
    }
}

/// The same world as SQL.
pub(super) const WORLD_SQL: &str = "
    CREATE TABLE person (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL, email TEXT UNIQUE, score NUMERIC, active BOOLEAN NOT NULL DEFAULT 1,
      updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')), is_deleted INTEGER NOT NULL DEFAULT 0,
      created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
    CREATE TABLE Account (Id TEXT PRIMARY KEY, Name TEXT, SystemModstamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')));
    CREATE TABLE note (id INTEGER PRIMARY KEY, text TEXT);";

/// Sets the stamp of a person, as a program outside would: the engine's own writes always set the time.
pub(super) type Touch = Box<dyn Fn(&Value, &str)>;

/// Runs every check, each on a fresh store of the kind. `enforces_length`: the store itself refuses texts that are too long.
pub(super) fn suite(fresh: impl Fn() -> (Box<dyn Store>, Touch), enforces_length: bool) {
    describes_the_world(&mut *fresh().0);
    creates_and_gets(&mut *fresh().0);
    keeps_the_kinds_of_values(&mut *fresh().0);
    pages_through_everything(&mut *fresh().0);
    let (mut store, touch) = fresh();
    reads_since_a_stamp(&mut *store, &touch);
    pages_survive_changes(&mut *fresh().0);
    finds_exactly(&mut *fresh().0);
    one_bad_record_fails_alone(&mut *fresh().0, enforces_length);
    let (mut store, touch) = fresh();
    nothing_is_overwritten_unseen(&mut *store, &touch);
    compares_fields_where_there_is_no_stamp(&mut *fresh().0);
    deletes_by_mark_or_for_good(&mut *fresh().0);
    gives_text_ids(&mut *fresh().0);
    what_is_not_there_is_said(&mut *fresh().0);
    writes_together(&mut *fresh().0);
    writes_together_or_not_at_all(&mut *fresh().0);
    adds_fields(&mut *fresh().0);
    tells_its_time(&mut *fresh().0);
    let (mut store, touch) = fresh();
    tells_what_others_change(&mut *store, &touch);
}

fn text(text: &str) -> Value {
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

fn fields(fields: &[(&str, Value)]) -> Vec<(SmolStr, Value)> {
    fields
        .iter()
        .map(|(name, value)| (SmolStr::new(name), value.clone()))
        .collect()
}

fn create(set: &[(&str, Value)]) -> Write {
    Write {
        kind: WriteKind::Create { id: None },
        fields: fields(set),
        expect: Expect::Anything,
    }
}

fn update(id: Value, set: &[(&str, Value)], expect: Expect) -> Write {
    Write {
        kind: WriteKind::Update { id },
        fields: fields(set),
        expect,
    }
}

fn done(result: &WriteResult) -> (Value, Value) {
    match result {
        WriteResult::Done { id, stamp } => (id.clone(), stamp.clone()),
        other => panic!("{other:?}"),
    }
}

fn write(store: &mut dyn Store, object: &str, writes: &[Write]) -> Vec<WriteResult> {
    let results = store.write(object, writes).unwrap();
    assert_eq!(results.len(), writes.len());
    results
}

fn add(store: &mut dyn Store, object: &str, set: &[(&str, Value)]) -> (Value, Value) {
    done(&write(store, object, &[create(set)])[0])
}

fn get(store: &mut dyn Store, object: &str, id: &Value, names: &[&str]) -> Option<Record> {
    store
        .get(&projection(object, names), std::slice::from_ref(id))
        .unwrap()
        .remove(0)
}

fn read_all(store: &mut dyn Store, object: &str, since: &Since, limit: usize) -> Vec<Record> {
    let projection = projection(object, &[]);
    let (mut records, mut token) = (Vec::new(), None);
    loop {
        let page = store
            .read(&projection, since, token.as_ref(), limit)
            .unwrap();
        assert!(page.records.len() <= limit);
        records.extend(page.records);
        token = page.next;
        if token.is_none() {
            return records;
        }
    }
}

fn describes_the_world(store: &mut dyn Store) {
    let (described, expected) = (store.describe().unwrap(), world());
    assert_eq!(described.objects.len(), expected.objects.len());
    for (name, object) in &expected.objects {
        let mut described = Object::clone(&described.objects[name]);
        // The suite runs with an index on the stamps and without.
        if let Some(stamp) = described.fields.get_mut("updated_at") {
            stamp.indexed = false;
        }
        assert_eq!(&described, &**object, "{name}");
    }
    assert!(store.indexed("person", &["id".into()]) && store.indexed("person", &["email".into()]));
    assert!(!store.indexed("person", &["score".into()]));
    assert!(!store.rewrites("person"));
    assert_eq!(store.estimate("person").unwrap(), 0);
}

fn creates_and_gets(store: &mut dyn Store) {
    let (id, stamp) = add(
        store,
        "person",
        &[("name", text("Ada")), ("email", Value::Absent)],
    );
    assert_eq!(id, Value::Int(1));
    let record = get(
        store,
        "person",
        &id,
        &["email", "name", "active", "id", "updated_at"],
    )
    .unwrap();
    assert_eq!(
        *record.values,
        [
            Value::Null,
            text("Ada"),
            Value::Bool(true),
            Value::Int(1),
            stamp.clone()
        ]
    );
    assert_eq!((record.stamp, record.deleted), (stamp, false));
    let slots = Projection {
        object: "person".into(),
        fields: vec![None, Some("name".into())],
    };
    let many = store
        .get(&slots, &[Value::Int(7), id.clone(), Value::Null, id])
        .unwrap();
    assert_eq!(
        many.iter().map(Option::is_some).collect::<Vec<_>>(),
        [false, true, false, true]
    );
    assert_eq!(
        many[3].as_ref().map(|record| &*record.values),
        Some(&[Value::Null, text("Ada")][..])
    );
}

fn keeps_the_kinds_of_values(store: &mut dyn Store) {
    let score = Value::Decimal(Decimal::new(1_234_567, 2));
    let (id, _) = add(
        store,
        "person",
        &[
            ("name", text("Zoë \"quoted\"; --")),
            ("score", score.clone()),
            ("active", Value::Bool(false)),
        ],
    );
    let record = get(store, "person", &id, &["name", "score", "active", "email"]).unwrap();
    assert_eq!(
        *record.values,
        [
            text("Zoë \"quoted\"; --"),
            score,
            Value::Bool(false),
            Value::Null
        ]
    );
    write(
        store,
        "person",
        &[update(
            id.clone(),
            &[("email", text("")), ("score", Value::Int(i64::MAX))],
            Expect::Anything,
        )],
    );
    assert_eq!(
        *get(store, "person", &id, &["email", "score"])
            .unwrap()
            .values,
        [text(""), Value::Int(i64::MAX)]
    );
}

fn people(store: &mut dyn Store, count: usize) -> Vec<Value> {
    let writes: Vec<Write> = (0..count)
        .map(|number| {
            create(&[
                ("name", text(&format!("p{number}"))),
                ("email", text(&format!("p{number}@x.org"))),
            ])
        })
        .collect();
    write(store, "person", &writes)
        .iter()
        .map(|result| done(result).0)
        .collect()
}

fn pages_through_everything(store: &mut dyn Store) {
    let ids = people(store, 25);
    for limit in [1, 7, 25, 100] {
        let read: Vec<Value> = read_all(store, "person", &Since::Start, limit)
            .into_iter()
            .map(|record| record.id)
            .collect();
        assert_eq!(read, ids, "limit {limit}");
    }
    assert_eq!(read_all(store, "note", &Since::Start, 10), []);
    assert!(store.estimate("person").unwrap() >= 25);
}

fn reads_since_a_stamp(store: &mut dyn Store, touch: &Touch) {
    let ids = people(store, 6);
    for (id, stamp) in ids.iter().zip([
        "2024-01-01T00:00:00.000Z",
        "2024-06-01T10:00:00.000Z",
        "2024-06-01 11:00:00",
        "2024-06-01 09:00:00",
        "2024-06-02T00:00:00Z",
        "",
    ]) {
        touch(id, stamp);
    }
    let since = |store: &mut dyn Store, stamp: &str| -> BTreeSet<String> {
        let all = read_all(store, "person", &Since::Stamp(text(stamp)), 2);
        let ids: BTreeSet<String> = all.iter().map(|record| record.id.to_string()).collect();
        assert_eq!(all.len(), ids.len(), "a record came twice");
        ids
    };
    assert_eq!(
        since(store, "2024-06-01T10:00:00.000Z"),
        ["2", "3", "5"].map(String::from).into()
    );
    assert_eq!(since(store, "2024-06-03T00:00:00Z"), BTreeSet::new());
    let before = store
        .stamp_before("person", &text("2024-06-01T10:00:00.000Z"), 60_000)
        .unwrap();
    assert_eq!(before, Some(text("2024-06-01T09:59:00.000Z")));
    assert_eq!(
        store.stamp_before("person", &text("soon"), 1).unwrap(),
        None
    );
}

fn pages_survive_changes(store: &mut dyn Store) {
    let ids = people(store, 9);
    let projection = projection("person", &[]);
    let first = store.read(&projection, &Since::Start, None, 4).unwrap();
    write(
        store,
        "person",
        &[update(
            ids[0].clone(),
            &[("name", text("changed"))],
            Expect::Anything,
        )],
    );
    people_named(store, "late");
    let rest = store
        .read(&projection, &Since::Start, first.next.as_ref(), 100)
        .unwrap();
    let seen: Vec<Value> = first
        .records
        .into_iter()
        .chain(rest.records)
        .map(|record| record.id)
        .collect();
    assert_eq!(seen[..9], ids[..]);
}

fn people_named(store: &mut dyn Store, name: &str) -> Value {
    add(store, "person", &[("name", text(name))]).0
}

fn finds_exactly(store: &mut dyn Store) {
    let ids = people(store, 700);
    let find = |store: &mut dyn Store, names: &[&str], keys: Vec<Vec<Value>>| -> Vec<Vec<Value>> {
        let names: Vec<SmolStr> = names.iter().map(SmolStr::new).collect();
        let found = store
            .find(&projection("person", &["name"]), &names, &keys)
            .unwrap();
        assert_eq!(found.len(), keys.len());
        found
            .into_iter()
            .map(|records| records.into_iter().map(|record| record.id).collect())
            .collect()
    };
    let keys: Vec<Vec<Value>> = (0..700)
        .map(|number| vec![text(&format!("p{number}@x.org"))])
        .collect();
    assert_eq!(
        find(store, &["email"], keys),
        ids.iter().map(|id| vec![id.clone()]).collect::<Vec<_>>()
    );
    let odd = vec![
        vec![text("P1@x.org")],
        vec![Value::Null],
        vec![text("p1@x.org")],
        vec![text("p1@x.org")],
        vec![text("p1@x.org ")],
    ];
    assert_eq!(
        find(store, &["email"], odd),
        [
            vec![],
            vec![],
            vec![ids[1].clone()],
            vec![ids[1].clone()],
            vec![]
        ]
    );
    let pairs = vec![
        vec![text("p3"), Value::Bool(true)],
        vec![text("p3"), Value::Bool(false)],
        vec![text("p3"), Value::Null],
    ];
    assert_eq!(
        find(store, &["name", "active"], pairs),
        [vec![ids[3].clone()], vec![], vec![]]
    );
    assert_eq!(
        find(store, &["active"], vec![vec![Value::Int(1)]])[0].len(),
        700
    );
    assert_eq!(
        find(store, &["id"], vec![vec![text("1")], vec![Value::Int(1)]]),
        [vec![], vec![Value::Int(1)]]
    );
    write(
        store,
        "person",
        &[Write {
            kind: WriteKind::Delete { id: ids[1].clone() },
            fields: vec![],
            expect: Expect::Anything,
        }],
    );
    assert_eq!(
        find(store, &["email"], vec![vec![text("p1@x.org")]]),
        [Vec::<Value>::new()]
    );
}

fn one_bad_record_fails_alone(store: &mut dyn Store, enforces_length: bool) {
    let mut writes = vec![
        create(&[("name", text("a")), ("email", text("a@x.org"))]),
        create(&[("email", text("b@x.org"))]),
        create(&[("name", text("c")), ("email", text("a@x.org"))]),
        Write {
            kind: WriteKind::Create {
                id: Some(Value::Int(1)),
            },
            ..create(&[("name", text("same id"))])
        },
        create(&[("name", text("d"))]),
    ];
    if enforces_length {
        writes.push(create(&[(
            "name",
            text("a name of more than twenty characters"),
        )]));
    }
    let results = write(store, "person", &writes);
    for (at, result) in results.iter().enumerate() {
        match (at, result) {
            (0 | 4, WriteResult::Done { .. }) => {}
            (1, WriteResult::Failed(error)) => assert_eq!(error.field.as_deref(), Some("name")),
            (2, WriteResult::Failed(error)) => assert_eq!(error.field.as_deref(), Some("email")),
            (3 | 5, WriteResult::Failed(error)) => {
                assert!(!error.code.is_empty() && !error.transient)
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(read_all(store, "person", &Since::Start, 10).len(), 2);
}

fn nothing_is_overwritten_unseen(store: &mut dyn Store, touch: &Touch) {
    let (id, _) = add(store, "person", &[("name", text("Ada"))]);
    touch(&id, "2024-06-01T10:00:00.000Z");
    let at = |stamp: &str| Expect::Stamp(text(stamp));
    let rename = |name: &str, expect: Expect| update(id.clone(), &[("name", text(name))], expect);
    assert_eq!(
        write(store, "person", &[rename("B", at("2024-06-01T10:00:00Z"))]),
        [WriteResult::Stale]
    );
    let (_, stamp) = done(
        &write(
            store,
            "person",
            &[rename("B", at("2024-06-01T10:00:00.000Z"))],
        )[0],
    );
    assert_ne!(stamp, text("2024-06-01T10:00:00.000Z"));
    assert_eq!(
        get(store, "person", &id, &["name"]).map(|record| (record.values[0].clone(), record.stamp)),
        Some((text("B"), stamp))
    );
    assert_eq!(
        write(
            store,
            "person",
            &[rename("C", at("2024-06-01T10:00:00.000Z"))]
        ),
        [WriteResult::Stale]
    );
    assert_eq!(
        write(
            store,
            "person",
            &[update(
                Value::Int(99),
                &[("name", text("x"))],
                Expect::Anything
            )]
        ),
        [WriteResult::Stale]
    );
}

fn compares_fields_where_there_is_no_stamp(store: &mut dyn Store) {
    let (id, _) = add(store, "note", &[("text", text("one"))]);
    let first = get(store, "note", &id, &["text"]).unwrap();
    let expect = |value: Value| Expect::Fields(fields(&[("text", value)]));
    let results = write(
        store,
        "note",
        &[
            update(id.clone(), &[("text", text("x"))], expect(text("other"))),
            update(id.clone(), &[("text", Value::Null)], expect(text("one"))),
        ],
    );
    assert!(
        matches!(results[..], [WriteResult::Stale, WriteResult::Done { .. }]),
        "{results:?}"
    );
    let second = get(store, "note", &id, &["text"]).unwrap();
    assert_ne!(first.stamp, second.stamp);
    assert!(matches!(second.stamp, Value::Int(_)));
    assert_eq!(
        get(store, "note", &id, &["text"]).unwrap().stamp,
        second.stamp
    );
    assert!(matches!(
        write(
            store,
            "note",
            &[update(id, &[("text", text("y"))], expect(Value::Null))]
        )[..],
        [WriteResult::Done { .. }]
    ));
}

fn deletes_by_mark_or_for_good(store: &mut dyn Store) {
    let delete = |id: &Value| Write {
        kind: WriteKind::Delete { id: id.clone() },
        fields: vec![],
        expect: Expect::Anything,
    };
    let id = people_named(store, "Ada");
    let before = get(store, "person", &id, &[]).unwrap();
    let (_, stamp) = done(&write(store, "person", &[delete(&id)])[0]);
    let after = get(store, "person", &id, &["is_deleted"]).unwrap();
    assert!(!before.deleted && after.deleted);
    assert_eq!(
        (after.values[0].clone(), after.stamp),
        (Value::Int(1), stamp)
    );
    assert!(read_all(store, "person", &Since::Start, 10)[0].deleted);

    let (note, _) = add(store, "note", &[("text", text("gone"))]);
    assert!(matches!(
        write(store, "note", &[delete(&note), delete(&note)])[..],
        [WriteResult::Done { .. }, WriteResult::Stale]
    ));
    assert_eq!(get(store, "note", &note, &[]), None);
}

fn gives_text_ids(store: &mut dyn Store) {
    let made = store.make_id("Account").unwrap();
    assert_ne!(store.make_id("Account"), Some(made.clone()));
    assert_eq!(store.make_id("person"), None);
    let named = Write {
        kind: WriteKind::Create {
            id: Some(made.clone()),
        },
        ..create(&[("Name", text("Acme"))])
    };
    assert_eq!(done(&write(store, "Account", &[named])[0]).0, made);
    let (other, _) = add(store, "Account", &[("Name", text("Acme"))]);
    assert!(matches!(&other, Value::Text(id) if id.len() >= 16) && other != made);
}

fn what_is_not_there_is_said(store: &mut dyn Store) {
    let shape = |error: StoreError, word: &str| matches!(&error, StoreError::Shape(text) if text.contains(word));
    assert!(shape(
        store
            .read(&projection("perso", &[]), &Since::Start, None, 1)
            .unwrap_err(),
        "`perso`"
    ));
    assert!(shape(
        store
            .get(&projection("person", &["nmae"]), &[Value::Int(1)])
            .unwrap_err(),
        "`nmae`"
    ));
    assert!(shape(
        store
            .find(
                &projection("person", &[]),
                &["nmae".into()],
                &[vec![Value::Int(1)]]
            )
            .unwrap_err(),
        "`nmae`"
    ));
    assert!(shape(
        store
            .write("person", &[create(&[("nmae", text("x"))])])
            .unwrap_err(),
        "`nmae`"
    ));
}

fn step(object: &str, write: Write, made: &[&str]) -> Step {
    Step {
        object: object.into(),
        write,
        made: made.iter().map(SmolStr::new).collect(),
    }
}

fn writes_together(store: &mut dyn Store) {
    let id = people_named(store, "Ada");
    let kept = update(id.clone(), &[("name", text("Adah"))], Expect::Anything);
    let steps = [
        step("Account", create(&[("Name", text("Engines"))]), &[]),
        step("person", kept, &["email"]),
    ];
    let results = store.write_together(Together::Convert, &steps).unwrap();
    let [WriteResult::Done { id: made, .. }, WriteResult::Done { .. }] = &results[..] else {
        panic!("{results:?}")
    };
    assert_eq!(
        *get(store, "person", &id, &["name", "email"])
            .unwrap()
            .values,
        [text("Adah"), made.clone()],
        "a later step names the record that an earlier one made"
    );
}

fn writes_together_or_not_at_all(store: &mut dyn Store) {
    let id = people_named(store, "Ada");
    let gone = Write {
        kind: WriteKind::Delete { id: id.clone() },
        fields: Vec::new(),
        expect: Expect::Anything,
    };
    let refused = create(&[("email", text("no name"))]);
    let steps = [
        step("person", gone.clone(), &[]),
        step("person", refused, &[]),
    ];
    let results = store.write_together(Together::Merge, &steps).unwrap();
    assert!(
        results.iter().any(|r| matches!(r, WriteResult::Failed(_))),
        "{results:?}"
    );
    let stale = Write {
        expect: Expect::Stamp(text("1999-01-01T00:00:00.000Z")),
        ..gone.clone()
    };
    let renamed = update(id.clone(), &[("name", text("Adah"))], Expect::Anything);
    let steps = [step("person", renamed, &[]), step("person", stale, &[])];
    let results = store.write_together(Together::Merge, &steps).unwrap();
    assert!(
        results.iter().all(|r| matches!(r, WriteResult::Stale)),
        "{results:?}"
    );
    let record = get(store, "person", &id, &["name"]).unwrap();
    assert!(!record.deleted);
    assert_eq!(*record.values, [text("Ada")]);
}

fn adds_fields(store: &mut dyn Store) {
    let id = people_named(store, "Ada");
    let new = Field {
        has_default: true,
        default: Some(text("it's")),
        ..Field::new("Custom Field", Type::Text { max: Some(30) })
    };
    store.add_field("person", &new).unwrap();
    let described = store.describe().unwrap();
    assert_eq!(described.objects["person"].fields["Custom Field"], new);
    write(
        store,
        "person",
        &[update(
            id.clone(),
            &[("Custom Field", text("v"))],
            Expect::Anything,
        )],
    );
    assert_eq!(
        *get(store, "person", &id, &["Custom Field"]).unwrap().values,
        [text("v")]
    );
    let second = people_named(store, "Bob");
    assert_eq!(
        *get(store, "person", &second, &["Custom Field"])
            .unwrap()
            .values,
        [text("it's")]
    );
}

fn tells_its_time(store: &mut dyn Store) {
    let (_, first) = add(store, "person", &[("name", text("Ada"))]);
    let (_, second) = add(store, "person", &[("name", text("Bob"))]);
    assert!(first.order(&second).is_some_and(std::cmp::Ordering::is_le));
    let now = store.now().unwrap();
    let at_now = store.stamp_of("person", now).unwrap();
    assert!(
        second.order(&at_now).is_some_and(std::cmp::Ordering::is_le),
        "{second} {at_now}"
    );
    let minute_before = store.stamp_before("person", &at_now, 60_000).unwrap();
    assert_eq!(
        minute_before,
        Some(
            store
                .stamp_of("person", now - TimeDelta::minutes(1))
                .unwrap()
        )
    );
}

/// For a store that can tell at all.
fn tells_what_others_change(store: &mut dyn Store, touch: &Touch) {
    let (id, _) = add(store, "person", &[("name", text("Ada"))]);
    let Some(before) = store.outside_changes().unwrap() else {
        return;
    };
    write(
        store,
        "person",
        &[update(
            id.clone(),
            &[("name", text("Grace"))],
            Expect::Anything,
        )],
    );
    read_all(store, "person", &Since::Start, 10);
    assert_eq!(store.outside_changes().unwrap(), Some(before), "its own");
    touch(&id, "2024-06-01T10:00:00.000Z");
    let after = store.outside_changes().unwrap();
    assert_ne!(after, Some(before), "somebody else's");
    assert_eq!(store.outside_changes().unwrap(), after);
}
