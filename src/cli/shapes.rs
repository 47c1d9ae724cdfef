//! The JSON shapes that lists and plans share (interfaces, "plan --format json"): borrowed views, written without detours.

use std::collections::hash_map::Entry;
use std::rc::Rc;

use rustc_hash::FxHashMap;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::diagnostic::Span;
use crate::ledger::{Conflict, Failure, FailureRow, Held};
use crate::plan::{Change, Operation, OperationKind, Part, To};
use crate::program::{Program, Rule, Side};
use crate::value::{Value, format_instant, to_json};

/// A value as JSON.
pub struct JsonValue<'a>(pub &'a Value);

impl Serialize for JsonValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null | Value::Absent => serializer.serialize_unit(),
            Value::Bool(truth) => serializer.serialize_bool(*truth),
            Value::Int(number) => serializer.serialize_i64(*number),
            Value::Text(text) => serializer.serialize_str(text),
            other => to_json(other).serialize(serializer),
        }
    }
}

/// `file.sync:line` of rules: counting lines for each of a million operations would cost more than all the rest.
pub struct Locations<'a> {
    program: &'a Program,
    known: FxHashMap<Span, Rc<str>>,
}

impl<'a> Locations<'a> {
    pub fn new(program: &'a Program) -> Locations<'a> {
        Locations {
            program,
            known: FxHashMap::default(),
        }
    }
    pub fn of(&mut self, rule: Rule) -> Rc<str> {
        match self.known.entry(rule.0) {
            Entry::Occupied(entry) => Rc::clone(entry.get()),
            Entry::Vacant(entry) => Rc::clone(entry.insert(self.program.location(rule).into())),
        }
    }
}

#[derive(serde::Serialize)]
pub struct OperationShape<'a> {
    pub relationship: &'a str,
    pub direction: &'static str,
    pub op: &'static str,
    /// None for an external action: its address is the object.
    pub store: Option<&'a str>,
    pub object: &'a str,
    pub id: Option<JsonValue<'a>>,
    pub source: SourceShape<'a>,
    pub fields: Fields<'a>,
    pub because: String,
    pub rule: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub together: Vec<PartShape<'a>>,
}

/// What a merge or conversion writes besides the record itself.
#[derive(serde::Serialize)]
pub struct PartShape<'a> {
    pub op: &'static str,
    pub object: &'a str,
    pub id: Option<JsonValue<'a>>,
    pub fields: Fields<'a>,
}

impl<'a> PartShape<'a> {
    fn new(part: &'a Part) -> PartShape<'a> {
        let changes: &[Change] = match part.kind {
            OperationKind::Delete => &[],
            _ => &part.changes,
        };
        PartShape {
            op: part.kind.word(),
            object: &part.object,
            id: part.id.as_ref().map(JsonValue),
            fields: Fields(changes),
        }
    }
}

impl<'a> OperationShape<'a> {
    pub fn new(
        program: &'a Program,
        relationship: &'a str,
        operation: &'a Operation,
        rule: &'a str,
    ) -> OperationShape<'a> {
        OperationShape {
            relationship,
            direction: operation.direction.word(),
            op: operation.kind.word(),
            store: match operation.kind {
                OperationKind::Action => None,
                _ => Some(&program.stores[operation.side.index()].name),
            },
            object: &operation.object,
            id: operation.id.as_ref().map(JsonValue),
            source: SourceShape::of(operation),
            fields: Fields(&operation.changes),
            because: operation.because.in_words(program),
            rule,
            together: operation.together.iter().map(PartShape::new).collect(),
        }
    }
}

#[derive(serde::Serialize)]
pub struct SourceShape<'a> {
    pub object: &'a str,
    pub id: JsonValue<'a>,
}

impl<'a> SourceShape<'a> {
    /// What has no source (a purge, a new field) is its own.
    fn of(operation: &'a Operation) -> SourceShape<'a> {
        match &operation.source {
            Some(source) => SourceShape {
                object: &source.object,
                id: JsonValue(&source.id),
            },
            None => SourceShape {
                object: &operation.object,
                id: JsonValue(operation.id.as_ref().unwrap_or(&Value::Null)),
            },
        }
    }
}

/// `{"Name": {"from": old, "to": new}}`
pub struct Fields<'a>(&'a [Change]);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for change in self.0 {
            let (to, unknown) = match &change.to {
                To::Value(value) => (Some(JsonValue(value)), None),
                To::Linked { .. } | To::Made { .. } | To::CreatedId | To::Unknown => {
                    (None, Some(true))
                }
            };
            let from = JsonValue(&change.from);
            map.serialize_entry(change.field.as_str(), &FieldShape { from, to, unknown })?;
        }
        map.end()
    }
}

#[derive(serde::Serialize)]
struct FieldShape<'a> {
    from: JsonValue<'a>,
    to: Option<JsonValue<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unknown: Option<bool>,
}

#[derive(serde::Serialize)]
pub struct HeldShape<'a> {
    relationship: &'a str,
    direction: &'static str,
    object: &'a str,
    id: JsonValue<'a>,
    missing: &'a [smol_str::SmolStr],
    because: &'a str,
    rule: &'a str,
}

impl<'a> From<&'a Held> for HeldShape<'a> {
    fn from(held: &'a Held) -> HeldShape<'a> {
        HeldShape {
            relationship: &held.relationship,
            direction: held.direction.word(),
            object: &held.object,
            id: JsonValue(&held.id),
            missing: &held.missing,
            because: &held.because,
            rule: &held.rule,
        }
    }
}

#[derive(serde::Serialize)]
pub struct FailureShape<'a> {
    relationship: &'a str,
    object: &'a str,
    id: JsonValue<'a>,
    field: Option<&'a str>,
    code: &'a str,
    message: &'a str,
    rule: &'a str,
}

impl<'a> From<&'a Failure> for FailureShape<'a> {
    fn from(failure: &'a Failure) -> FailureShape<'a> {
        FailureShape {
            relationship: &failure.relationship,
            object: &failure.object,
            id: JsonValue(&failure.id),
            field: failure.field.as_deref(),
            code: &failure.code,
            message: &failure.message,
            rule: &failure.rule,
        }
    }
}

/// A failure as `errors` lists it: also what was sent, and when it is tried again.
#[derive(serde::Serialize)]
pub struct FailureRowShape<'a> {
    #[serde(flatten)]
    failure: FailureShape<'a>,
    sent: Option<&'a serde_json::value::RawValue>,
    at: String,
    attempts: u32,
    next_try: Option<String>,
    retry: bool,
}

impl<'a> From<&'a FailureRow> for FailureRowShape<'a> {
    fn from(row: &'a FailureRow) -> FailureRowShape<'a> {
        FailureRowShape {
            failure: (&row.failure).into(),
            sent: serde_json::from_str(&row.failure.sent).ok(),
            at: format_instant(row.at),
            attempts: row.attempts,
            next_try: row.next_try.map(format_instant),
            retry: row.retry,
        }
    }
}

/// `object` and `id` are the left record's; `partner` is the right one.
#[derive(serde::Serialize)]
pub struct ConflictShape<'a> {
    relationship: &'a str,
    object: &'a str,
    id: JsonValue<'a>,
    partner: SourceShape<'a>,
    /// Null for a delete against a change.
    field: Option<&'a str>,
    left: JsonValue<'a>,
    right: JsonValue<'a>,
    because: &'a str,
    rule: &'a str,
    frozen: bool,
    take: Option<&'static str>,
}

impl<'a> From<&'a Conflict> for ConflictShape<'a> {
    fn from(conflict: &'a Conflict) -> ConflictShape<'a> {
        ConflictShape {
            relationship: &conflict.relationship,
            object: &conflict.objects[0],
            id: JsonValue(&conflict.ids[0]),
            partner: SourceShape {
                object: &conflict.objects[1],
                id: JsonValue(&conflict.ids[1]),
            },
            field: (!conflict.field.is_empty()).then_some(conflict.field.as_str()),
            left: JsonValue(&conflict.left),
            right: JsonValue(&conflict.right),
            because: &conflict.because,
            rule: &conflict.rule,
            frozen: conflict.frozen,
            take: conflict.take.map(side_word),
        }
    }
}

pub fn side_word(side: Side) -> &'static str {
    match side {
        Side::Left => "left",
        Side::Right => "right",
    }
}
