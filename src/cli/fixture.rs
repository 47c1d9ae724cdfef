//! A small program and plan made by hand, for the tests of what users see.

use std::sync::Arc;

use smol_str::SmolStr;

use crate::diagnostic::{FileId, Source, SourceMap, Span};
use crate::ledger::{Conflict, Failure, Held};
use crate::plan::{
    Because, Change, LinkOutcome, Operation, OperationKind, Sink, SourceRecord, Summary, To, Unit,
};
use crate::program::{
    Direction, DirectionRules, Prefer, Program, ProgramStore, RelId, Relationship, Rule, Side,
    SideRules,
};
use crate::schema::{Object, StoreSchema};
use crate::value::Value;

pub fn program() -> Program {
    let sources = SourceMap {
        files: vec![Source::new(
            "people.sync",
            "sync marketing with salesforce\n\nrelationship Lead: lead <-> Lead {\n}\n",
        )],
    };
    let store = |name: &str| ProgramStore {
        name: name.into(),
        schema: Arc::new(StoreSchema::default()),
    };
    Program {
        name: "people".into(),
        stores: [store("marketing"), store("salesforce")],
        relationships: vec![relationship()],
        schedules: Vec::new(),
        triggers: Vec::new(),
        sources,
        hash: [7; 32],
    }
}

fn rule(line: u32) -> Rule {
    // Byte 0 stands on line 1, byte 32 on line 3.
    let start = if line == 1 { 0 } else { 32 };
    Rule(Span {
        file: FileId(0),
        start,
        end: start + 4,
    })
}

fn relationship() -> Relationship {
    let side = |object: &str| SideRules {
        objects: vec![Arc::new(Object {
            name: object.into(),
            fields: Default::default(),
            id: Some("id".into()),
            modified: None,
            deleted: None,
            created: None,
        })],
        slots: Vec::new(),
    };
    Relationship {
        name: "Lead".into(),
        rule: rule(3),
        sides: [side("lead"), side("Lead")],
        enabled: [true, true],
        many: None,
        keys: Vec::new(),
        follow: Vec::new(),
        lines: Vec::new(),
        directions: [DirectionRules::default(), DirectionRules::default()],
        purge: [Vec::new(), Vec::new()],
        convert: Vec::new(),
        additions: Vec::new(),
        queries: Vec::new(),
        was: Vec::new(),
        prefer: Prefer::Newest,
    }
}

fn change(field: &str, from: Value, to: To) -> Change {
    Change {
        field: field.into(),
        from,
        to,
        line: None,
    }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

pub fn operation(
    direction: Direction,
    kind: OperationKind,
    id: Option<Value>,
    changes: Vec<Change>,
    because: Because,
) -> Operation {
    let side = direction.target();
    let names = ["lead", "Lead"];
    Operation {
        direction,
        kind,
        side,
        object: names[side.index()].into(),
        id,
        source: Some(SourceRecord {
            side: Some(direction.source()),
            object: names[side.other().index()].into(),
            id: Value::Int(7),
        }),
        changes,
        expect: Value::Null,
        expect_fields: Vec::new(),
        because,
        rule: rule(3),
        together: Vec::new(),
    }
}

pub fn unit(operations: Vec<Operation>) -> Unit {
    Unit {
        relationship: RelId(0),
        link: None,
        records: [None, None],
        operations,
        base: Vec::new(),
        old_base: Vec::new(),
        kept: Default::default(),
        outcome: LinkOutcome::Linked,
        moved: None,
        step: None,
    }
}

pub fn create() -> Unit {
    let create = operation(
        Direction::Push,
        OperationKind::Create,
        None,
        vec![
            change("LastName", Value::Null, To::Value(text("Lovelace"))),
            change("Score", Value::Null, To::Value(Value::Int(42))),
            change("OwnerId", Value::Null, To::Unknown),
        ],
        Because::New,
    );
    let back = operation(
        Direction::Pull,
        OperationKind::WriteBack,
        Some(Value::Int(7)),
        vec![change("crm_id", Value::Null, To::Unknown)],
        Because::ReadBack,
    );
    unit(vec![create, back])
}

pub fn update(id: i64) -> Unit {
    unit(vec![operation(
        Direction::Push,
        OperationKind::Update,
        Some(text(&format!("00Q{id}"))),
        vec![
            change("Company", text("Engines"), To::Value(text("Engines Ltd"))),
            change("Phone", text("030"), To::Value(Value::Null)),
        ],
        Because::Changed(Side::Left),
    )])
}

/// The units of a plan with one of everything.
pub fn units() -> Vec<Unit> {
    let delete = operation(
        Direction::Pull,
        OperationKind::Delete,
        Some(Value::Int(9)),
        Vec::new(),
        Because::Deleted(Side::Right),
    );
    let link = operation(
        Direction::Push,
        OperationKind::Link,
        Some(text("00Q5")),
        Vec::new(),
        Because::Matched(rule(3)),
    );
    let mut units = vec![create(), unit(vec![delete]), unit(vec![link])];
    units.extend((0..12).map(update));
    units
}

/// Sends a plan with one of everything; its summary.
pub fn send(program: &Program, sink: &mut dyn Sink) -> Summary {
    let mut summary = Summary::new(program);
    for mut unit in units() {
        summary.add(&unit);
        sink.unit(&mut unit).unwrap();
    }
    sink.held(held(), false).unwrap();
    sink.conflict(conflict(), false).unwrap();
    sink.failure(failure(), true).unwrap();
    let counts = summary.of(RelId(0));
    counts.held = 1;
    counts.conflicts = 1;
    counts.errors = 1;
    summary
}

pub fn held() -> Held {
    Held {
        relationship: "Lead".into(),
        direction: Direction::Push,
        object: "lead".into(),
        id: Value::Int(8),
        missing: vec!["company".into(), "email".into()],
        because: "`push create` requires them".into(),
        rule: "people.sync:3".into(),
        waits: false,
    }
}

pub fn conflict() -> Conflict {
    Conflict {
        relationship: "Lead".into(),
        link: 1,
        objects: ["lead".into(), "Lead".into()],
        ids: [Value::Int(3), text("00Q3")],
        field: SmolStr::new("email"),
        left: text("a@x.org"),
        right: text("b@x.org"),
        because: "changed on both sides".into(),
        rule: "people.sync:3".into(),
        frozen: false,
        take: None,
    }
}

pub fn failure() -> Failure {
    Failure {
        relationship: "Lead".into(),
        side: Side::Left,
        object: "lead".into(),
        id: Value::Int(4),
        field: Some("Email".into()),
        code: "TOO_LONG".into(),
        message: "90 characters do not fit text(80)".into(),
        sent: "{}".into(),
        rule: "people.sync:3".into(),
        transient: false,
    }
}
