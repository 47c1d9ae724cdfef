//! Writes, from outside (nothing is required) and by the engine (the schema is enforced).

use std::sync::Arc;

use smol_str::{SmolStr, format_smolstr};

use super::rows::{Row, Rows};
use super::{World, kept, slot};
use crate::schema::Object;
use crate::store::columns::holds_time;
use crate::store::stamp::StampFormat;
use crate::store::{
    Expect, RecordError, Step, StoreError, StoreOutcome, Write, WriteKind, WriteResult, undone,
};
use crate::value::{Type, Value, convert, format_instant, same_in};

fn refused(code: &str, field: &SmolStr, message: String) -> RecordError {
    RecordError {
        code: code.into(),
        message,
        field: Some(field.clone()),
        transient: false,
    }
}

impl World {
    /// The next integer id, or the next text id of 18 characters, that is not taken.
    fn make_id(&mut self, shape: &Object) -> Option<Value> {
        let ty = &shape.fields.get(shape.id.as_ref()?)?.ty;
        let prefix = self.tables.get_index_of(&shape.name)? + 1;
        loop {
            let rows = self.tables.get_mut(&shape.name)?;
            rows.made += 1;
            let id = match ty {
                Type::Number { .. } => Value::Int(i64::try_from(rows.made).ok()?),
                _ => Value::Text(format_smolstr!("{prefix:03}{:012}AAA", rows.made)),
            };
            if rows.by_id(shape, &id).is_none() {
                return Some(id);
            }
        }
    }

    pub(super) fn make_text_id(&mut self, object: &str) -> Option<Value> {
        let shape = self.shape(object).ok()?;
        let numeric = matches!(
            shape.fields.get(shape.id.as_ref()?)?.ty,
            Type::Number { .. }
        );
        if numeric { None } else { self.make_id(&shape) }
    }

    /// A new row of defaults, created now.
    fn blank_row(shape: &Object, stamp: &Value) -> Row {
        let created = shape.created.as_ref();
        shape
            .fields
            .values()
            .map(|field| {
                if created == Some(&field.name) {
                    kept(stamp, &field.ty)
                } else {
                    field.default.clone().unwrap_or_default()
                }
            })
            .collect()
    }

    fn set(shape: &Object, row: &mut Row, fields: &[(SmolStr, Value)]) -> StoreOutcome<()> {
        for (name, value) in fields.iter().filter(|(_, value)| *value != Value::Absent) {
            let at = Self::field(shape, name)?;
            row[at] = match value {
                // A stamp is compared byte for byte: it is kept as text.
                Value::Instant(instant) if shape.modified.as_ref() == Some(name) => {
                    Value::Text(format_instant(*instant).into())
                }
                stamp if shape.modified.as_ref() == Some(name) => stamp.clone(),
                value => kept(value, &shape.fields[at].ty),
            };
        }
        Ok(())
    }

    /// The stamp of a change that is made now.
    fn next_stamp(&mut self, shape: &Object) -> Value {
        let format = self.stamp_format(shape);
        format.format(self.tick())
    }

    pub(super) fn insert(
        &mut self,
        object: &str,
        fields: &[(SmolStr, Value)],
    ) -> StoreOutcome<Value> {
        let shape = self.shape(object)?;
        let stamp = self.next_stamp(&shape);
        let mut row = Self::blank_row(&shape, &stamp);
        if let Some(at) = slot(&shape, shape.modified.as_ref()) {
            row[at] = stamp;
        }
        Self::set(&shape, &mut row, fields)?;
        let Some(at) = slot(&shape, shape.id.as_ref()) else {
            self.add(&shape, None, row);
            return Ok(Value::Null);
        };
        if row[at].is_null() {
            row[at] = self.make_id(&shape).unwrap_or_default();
        }
        let id = row[at].clone();
        if self.rows(object)?.by_id(&shape, &id).is_some() {
            return Err(StoreError::Data(format!(
                "`{object}` has a record {id} already"
            )));
        }
        self.add(&shape, Some(&id), row);
        Ok(id)
    }

    fn add(&mut self, shape: &Object, id: Option<&Value>, row: Row) {
        if let Some(rows) = self.tables.get_mut(&shape.name) {
            rows.add(id, row);
        }
    }

    pub(super) fn update(
        &mut self,
        object: &str,
        id: &Value,
        fields: &[(SmolStr, Value)],
    ) -> StoreOutcome<bool> {
        let shape = self.shape(object)?;
        let stamp = self.next_stamp(&shape);
        let Some((number, row)) = self.rows(object)?.by_id(&shape, id) else {
            return Ok(false);
        };
        let mut row = row.clone();
        if let Some(at) = slot(&shape, shape.modified.as_ref()) {
            row[at] = stamp;
        }
        Self::set(&shape, &mut row, fields)?;
        self.replace(object, number, row);
        Ok(true)
    }

    fn replace(&mut self, object: &str, number: u64, row: Row) {
        if let Some(place) = self
            .tables
            .get_mut(object)
            .and_then(|rows| rows.get_mut(number))
        {
            *place = row;
        }
    }

    pub(super) fn delete(&mut self, object: &str, id: &Value) -> StoreOutcome<bool> {
        let write = Write {
            kind: WriteKind::Delete { id: id.clone() },
            fields: Vec::new(),
            expect: Expect::Anything,
        };
        Ok(matches!(
            self.write(object, &[write])?[..],
            [WriteResult::Done { .. }]
        ))
    }

    pub(super) fn write(
        &mut self,
        object: &str,
        writes: &[Write],
    ) -> StoreOutcome<Vec<WriteResult>> {
        let shape = self.shape(object)?;
        Self::id_of(&shape)?;
        for (name, _) in writes.iter().flat_map(|write| &write.fields) {
            Self::field(&shape, name)?;
        }
        writes
            .iter()
            .map(|write| self.write_one(&shape, write))
            .collect()
    }

    pub(super) fn write_together(&mut self, steps: &[Step]) -> StoreOutcome<Vec<WriteResult>> {
        let mut before: Vec<(SmolStr, Rows)> = Vec::new();
        for step in steps.iter() {
            if !before.iter().any(|(object, _)| *object == step.object) {
                let rows = self.rows(&step.object)?.clone();
                before.push((step.object.clone(), rows));
            }
        }
        let mut results = Vec::with_capacity(steps.len());
        let mut made: Option<Value> = None;
        for (at, step) in steps.iter().enumerate() {
            let result = match step.with_made(made.as_ref()) {
                Some(write) => self
                    .write(&step.object, &[write])
                    .map(|mut done| done.pop().unwrap_or(WriteResult::Stale)),
                None => Ok(WriteResult::Failed(RecordError::not_made())),
            };
            match result {
                Ok(WriteResult::Done { id, stamp }) => {
                    if step.makes() {
                        made.get_or_insert_with(|| id.clone());
                    }
                    results.push(WriteResult::Done { id, stamp });
                }
                other => {
                    self.tables.extend(before);
                    return other.map(|result| undone(steps.len(), at, result));
                }
            }
        }
        Ok(results)
    }

    fn write_one(&mut self, shape: &Arc<Object>, write: &Write) -> StoreOutcome<WriteResult> {
        let stamp = self.next_stamp(shape);
        let outcome = match &write.kind {
            WriteKind::Create { id } => self.create(shape, write, id.clone(), &stamp)?,
            WriteKind::Update { id } => self.change(shape, write, id, &stamp, false)?,
            WriteKind::Delete { id } => self.change(shape, write, id, &stamp, true)?,
        };
        Ok(outcome.unwrap_or_else(WriteResult::Failed))
    }

    fn create(
        &mut self,
        shape: &Object,
        write: &Write,
        id: Option<Value>,
        stamp: &Value,
    ) -> StoreOutcome<Result<WriteResult, RecordError>> {
        let mut row = Self::blank_row(shape, stamp);
        let id_at = Self::id_of(shape)?;
        row[id_at] = id.unwrap_or_default();
        if let Err(error) = Self::put(shape, &mut row, write, stamp) {
            return Ok(Err(error));
        }
        if row[id_at].is_null() {
            row[id_at] = self.make_id(shape).unwrap_or_default();
        }
        if let Err(error) = self.check(shape, &row, None, None) {
            return Ok(Err(error));
        }
        let id = row[id_at].clone();
        let stamp = slot(shape, shape.modified.as_ref()).map_or(Value::Null, |at| row[at].clone());
        self.add(shape, Some(&id), row);
        Ok(Ok(WriteResult::Done { id, stamp }))
    }

    fn change(
        &mut self,
        shape: &Object,
        write: &Write,
        id: &Value,
        stamp: &Value,
        delete: bool,
    ) -> StoreOutcome<Result<WriteResult, RecordError>> {
        let modified = slot(shape, shape.modified.as_ref());
        let Some((number, row)) = self.rows(&shape.name)?.by_id(shape, id) else {
            return Ok(Ok(WriteResult::Stale));
        };
        let expected = match (&write.expect, modified) {
            (Expect::Stamp(stamp), Some(at)) => row[at] == *stamp,
            (Expect::Fields(fields), _) => fields.iter().all(|(name, value)| {
                shape
                    .fields
                    .get_full(name)
                    .is_some_and(|(at, _, field)| same_in(&field.ty, &row[at], value))
            }),
            _ => true,
        };
        if !expected {
            return Ok(Ok(WriteResult::Stale));
        }
        let mut row = row.clone();
        let deleted = slot(shape, shape.deleted.as_ref());
        if delete && deleted.is_none() {
            if let Some(rows) = self.tables.get_mut(&shape.name) {
                let id = row[Self::id_of(shape)?].clone();
                rows.remove(number, &id);
            }
            return Ok(Ok(WriteResult::Done {
                id: id.clone(),
                stamp: Value::Null,
            }));
        }
        if let (true, Some(at), Some(name)) = (delete, deleted, &shape.deleted) {
            let ty = &shape.fields[at].ty;
            let mark = match (holds_time(name), ty) {
                (false, _) => Value::Int(1),
                (true, Type::Number { .. }) => StampFormat::parse(stamp)
                    .map_or(Value::Int(1), |now| StampFormat::EPOCH_MILLIS.format(now)),
                (true, _) => StampFormat::parse(stamp).map_or(Value::Int(1), Value::Instant),
            };
            row[at] = kept(&mark, ty);
        }
        if let Err(error) = Self::put(shape, &mut row, write, stamp)
            .and_then(|()| self.check(shape, &row, Some(number), Some(&write.fields)))
        {
            return Ok(Err(error));
        }
        let stamp = modified.map_or(Value::Null, |at| row[at].clone());
        self.replace(&shape.name, number, row);
        Ok(Ok(WriteResult::Done {
            id: id.clone(),
            stamp,
        }))
    }

    /// Sets the write's fields, each converted to its type, and the modification column.
    fn put(shape: &Object, row: &mut Row, write: &Write, stamp: &Value) -> Result<(), RecordError> {
        for (name, value) in write
            .fields
            .iter()
            .filter(|(_, value)| *value != Value::Absent)
        {
            if let Some((at, _, field)) = shape.fields.get_full(name) {
                row[at] = convert(value.clone(), &field.ty)
                    .map_err(|error| refused("INVALID_VALUE", name, error.to_string()))?;
            }
        }
        if let Some(at) = slot(shape, shape.modified.as_ref()) {
            row[at] = stamp.clone();
        }
        Ok(())
    }

    /// Required fields and unique ones, of all fields or of those `written`. `number` is the row's own, where it has one.
    fn check(
        &self,
        shape: &Object,
        row: &Row,
        number: Option<u64>,
        written: Option<&[(SmolStr, Value)]>,
    ) -> Result<(), RecordError> {
        for (at, field) in shape.fields.values().enumerate() {
            let name = &field.name;
            if written.is_some_and(|written| !written.iter().any(|(written, _)| written == name)) {
                continue;
            }
            let made = number.is_none() && field.has_default && field.default.is_none();
            if row[at].is_null() {
                if !field.nullable && !made {
                    return Err(refused(
                        "REQUIRED_FIELD_MISSING",
                        name,
                        format!("`{name}` is required"),
                    ));
                }
                continue;
            }
            let id = shape.id.as_ref() == Some(name);
            let rows = self.tables.get(&shape.name);
            let taken = match rows {
                Some(rows) if id => rows
                    .by_id(shape, &row[at])
                    .is_some_and(|(other, _)| Some(other) != number),
                Some(rows) if field.unique => rows
                    .all()
                    .any(|(other, there)| Some(other) != number && there[at].same(&row[at])),
                _ => false,
            };
            if taken {
                return Err(refused(
                    "DUPLICATE_VALUE",
                    name,
                    format!("another record has the same `{name}`: {}", row[at]),
                ));
            }
        }
        Ok(())
    }
}
