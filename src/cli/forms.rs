//! Operations as JSON, in bulk: those of a plan differ in little but their values, so the text between the values is made once for each
//! form of operation.

use std::io;

use smol_str::SmolStr;

use super::shapes::{JsonValue, Locations, OperationShape};
use crate::plan::{Because, Change, Operation, OperationKind, SourceRecord, To};
use crate::program::{Direction, Program, RelId, Rule, Side};
use crate::value::Value;

/// Forms that are remembered.
const MOST: usize = 64;

#[derive(Default)]
pub struct Forms(Vec<Form>);

/// What the operations of one form share, and the text before the id, before the source's id, before and after the fields.
struct Form {
    relationship: RelId,
    direction: Direction,
    kind: OperationKind,
    side: Side,
    object: SmolStr,
    source: Option<SmolStr>,
    because: Because,
    rule: Rule,
    text: [Vec<u8>; 4],
}

impl Forms {
    /// Appends the operation as `plan --format json` shows it.
    pub fn write(
        &mut self,
        program: &Program,
        locations: &mut Locations<'_>,
        relationship: RelId,
        operation: &Operation,
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let Some(source) = plain(operation) else {
            let rule = locations.of(operation.rule);
            let name = &program[relationship].name;
            let shape = OperationShape::new(program, name, operation, &rule);
            return Ok(serde_json::to_writer(out, &shape)?);
        };
        let known = self.0.iter().position(|f| f.fits(relationship, operation));
        let place = match known {
            Some(place) => place,
            None => {
                if self.0.len() == MOST {
                    self.0.clear();
                }
                self.0
                    .push(Form::of(program, locations, relationship, operation)?);
                self.0.len() - 1
            }
        };
        let [before_id, before_source, before_fields, after] = &self.0[place].text;
        out.extend_from_slice(before_id);
        put_value(operation.id.as_ref().unwrap_or(&Value::Null), out)?;
        out.extend_from_slice(before_source);
        put_value(source, out)?;
        out.extend_from_slice(before_fields);
        for (place, change) in operation.changes.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            put_change(change, out)?;
        }
        out.extend_from_slice(after);
        Ok(())
    }
}

/// The id of the operation's source, where all but its ids and fields belongs to its form.
fn plain(operation: &Operation) -> Option<&Value> {
    let kind = matches!(
        operation.kind,
        OperationKind::Create
            | OperationKind::Update
            | OperationKind::Delete
            | OperationKind::Link
            | OperationKind::WriteBack
    );
    let source = operation.source.as_ref()?;
    (kind && operation.together.is_empty()).then_some(&source.id)
}

impl Form {
    fn fits(&self, relationship: RelId, operation: &Operation) -> bool {
        self.rule == operation.rule
            && self.kind == operation.kind
            && self.direction == operation.direction
            && self.side == operation.side
            && self.relationship == relationship
            && self.object == operation.object
            && self.source.as_ref() == operation.source.as_ref().map(|s| &s.object)
            && self.because == operation.because
    }

    fn of(
        program: &Program,
        locations: &mut Locations<'_>,
        relationship: RelId,
        operation: &Operation,
    ) -> io::Result<Form> {
        let source = operation.source.as_ref().map(|s| s.object.clone());
        let empty = Operation {
            id: None,
            source: source.clone().map(|object| SourceRecord {
                side: None,
                object,
                id: Value::Null,
            }),
            changes: Vec::new(),
            because: operation.because.clone(),
            object: operation.object.clone(),
            expect: Value::Null,
            expect_fields: Vec::new(),
            together: Vec::new(),
            ..*operation
        };
        let rule = locations.of(operation.rule);
        let name = &program[relationship].name;
        let shape = OperationShape::new(program, name, &empty, &rule);
        let text = serde_json::to_string(&shape)?;
        // No text inside of a string reads so: its quotes are escaped there.
        let parts = text
            .split_once("\"id\":null")
            .and_then(|(head, rest)| Some((head, rest.split_once("\"id\":null")?)))
            .and_then(|(head, (middle, rest))| Some((head, middle, rest.split_once("{}")?)));
        let Some((head, middle, (fields, tail))) = parts else {
            return Err(io::Error::other("an operation without ids or fields"));
        };
        let text = [
            format!("{head}\"id\":"),
            format!("{middle}\"id\":"),
            format!("{fields}{{"),
            format!("}}{tail}"),
        ];
        Ok(Form {
            relationship,
            direction: operation.direction,
            kind: operation.kind,
            side: operation.side,
            object: operation.object.clone(),
            source,
            because: operation.because.clone(),
            rule: operation.rule,
            text: text.map(String::into_bytes),
        })
    }
}

fn put_change(change: &Change, out: &mut Vec<u8>) -> io::Result<()> {
    put_text(&change.field, out)?;
    out.extend_from_slice(b":{\"from\":");
    put_value(&change.from, out)?;
    out.extend_from_slice(b",\"to\":");
    match &change.to {
        To::Value(value) => put_value(value, out)?,
        To::Linked { .. } | To::Made { .. } | To::CreatedId | To::Unknown => {
            out.extend_from_slice(b"null,\"unknown\":true");
        }
    }
    out.push(b'}');
    Ok(())
}

fn put_value(value: &Value, out: &mut Vec<u8>) -> io::Result<()> {
    match value {
        Value::Null | Value::Absent => out.extend_from_slice(b"null"),
        Value::Text(text) => put_text(text, out)?,
        other => serde_json::to_writer(out, &JsonValue(other))?,
    }
    Ok(())
}

fn put_text(text: &str, out: &mut Vec<u8>) -> io::Result<()> {
    if text.bytes().any(|b| b < 0x20 || b == b'"' || b == b'\\') {
        return Ok(serde_json::to_writer(out, text)?);
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::fixture;

    #[test]
    fn every_operation_is_written_as_its_shape() {
        let program = fixture::program();
        let (mut forms, mut locations) = (Forms::default(), Locations::new(&program));
        for mut unit in fixture::units() {
            for _ in 0..2 {
                for operation in &unit.operations {
                    let rule = locations.of(operation.rule);
                    let name = &program[unit.relationship].name;
                    let shape = OperationShape::new(&program, name, operation, &rule);
                    let mut out = Vec::new();
                    forms
                        .write(
                            &program,
                            &mut locations,
                            unit.relationship,
                            operation,
                            &mut out,
                        )
                        .unwrap();
                    assert_eq!(
                        String::from_utf8(out).unwrap(),
                        serde_json::to_string(&shape).unwrap()
                    );
                }
                // The same form, with texts that need escapes.
                for operation in &mut unit.operations {
                    operation.id = Some(Value::Text("\"id\":null\\\u{1}{}".into()));
                    for change in &mut operation.changes {
                        change.to = To::Value(Value::Text("a\"b\nc".into()));
                    }
                }
            }
        }
    }
}
