//! The rows of one object: by number in the order of creation, and by id.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::kept;
use crate::schema::Object;
use crate::value::Value;

/// The values of a row stand in the order of the object's fields.
pub(super) type Row = Vec<Value>;

#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    rows: BTreeMap<u64, Row>,
    by_id: FxHashMap<u64, u64>,
    next: u64,
    /// How many ids were made.
    pub(super) made: u64,
}

impl Rows {
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = (u64, &Row)> {
        self.rows.iter().map(|(number, row)| (*number, row))
    }

    pub(super) fn from(&self, number: u64) -> impl Iterator<Item = (u64, &Row)> {
        self.rows
            .range(number..)
            .map(|(number, row)| (*number, row))
    }

    pub(super) fn by_id(&self, shape: &Object, id: &Value) -> Option<(u64, &Row)> {
        let (at, _, field) = shape.fields.get_full(shape.id.as_ref()?)?;
        let id = kept(id, &field.ty);
        let number = *self.by_id.get(&id.hash64())?;
        let row = self.rows.get(&number)?;
        row[at].same(&id).then_some((number, row))
    }

    /// Adds a row whose id, if it has one, is not taken.
    pub(super) fn add(&mut self, id: Option<&Value>, row: Row) {
        if let Some(id) = id {
            self.by_id.insert(id.hash64(), self.next);
        }
        self.rows.insert(self.next, row);
        self.next += 1;
    }

    pub(super) fn get_mut(&mut self, number: u64) -> Option<&mut Row> {
        self.rows.get_mut(&number)
    }

    pub(super) fn remove(&mut self, number: u64, id: &Value) {
        self.rows.remove(&number);
        self.by_id.remove(&id.hash64());
    }

    /// Gives every row one more value.
    pub(super) fn widen(&mut self, value: Value) {
        self.rows
            .values_mut()
            .for_each(|row| row.push(value.clone()));
    }
}
