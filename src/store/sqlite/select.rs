//! The column list of a query, and its rows as records.

use std::sync::Arc;

use rusqlite::Row;
use rusqlite::types::ValueRef;
use smol_str::SmolStr;

use super::SqliteStore;
use super::cell::Decode;
use super::table::{Table, quote};
use crate::schema::Object;
use crate::store::columns::marks_deleted;
use crate::store::stamp::content_stamp;
use crate::store::{Projection, Record, StoreOutcome};
use crate::value::Value;

/// Which column of a query's rows holds what. Each column of the table is asked for once.
pub(super) struct Selection {
    object: Arc<Object>,
    /// The list, comma-separated.
    pub(super) sql: String,
    columns: Vec<SmolStr>,
    id: Option<usize>,
    stamp: Option<usize>,
    deleted: Option<usize>,
    slots: Vec<Option<(usize, Decode)>>,
    /// Where the row key stands.
    pub(super) row_key: usize,
}

impl SqliteStore {
    /// The columns of the projection and of a record's frame, and those of `extra`. `prefix` stands before each (`t.`).
    pub(super) fn select(
        &self,
        table: &Table,
        projection: &Projection,
        extra: &[SmolStr],
        prefix: &str,
    ) -> StoreOutcome<(Selection, Vec<usize>)> {
        let object = table.object.clone();
        let mut columns: Vec<SmolStr> = Vec::new();
        let mut place = |name: &SmolStr| {
            columns
                .iter()
                .position(|column| column == name)
                .unwrap_or_else(|| {
                    columns.push(name.clone());
                    columns.len() - 1
                })
        };
        let id = object.id.as_ref().map(&mut place);
        let stamp = object.modified.as_ref().map(&mut place);
        let deleted = object.deleted.as_ref().map(&mut place);
        let mut slots = Vec::with_capacity(projection.fields.len());
        for field in &projection.fields {
            slots.push(match field {
                Some(field) => {
                    self.known(table, field)?;
                    Some((place(field), table.decode(field)))
                }
                None => None,
            });
        }
        let mut places = Vec::with_capacity(extra.len());
        for field in extra {
            self.known(table, field)?;
            places.push(place(field));
        }
        let mut list: Vec<String> = columns
            .iter()
            .map(|column| format!("{prefix}{}", quote(column)))
            .collect();
        let row_key = match &table.row_key {
            Some(key) => columns
                .iter()
                .position(|column| quote(column) == *key)
                .unwrap_or_else(|| {
                    list.push(format!("{prefix}{key}"));
                    list.len() - 1
                }),
            None => 0,
        };
        if list.is_empty() {
            list.push("NULL".into());
        }
        Ok((
            Selection {
                object,
                sql: list.join(", "),
                columns,
                id,
                stamp,
                deleted,
                slots,
                row_key,
            },
            places,
        ))
    }

    pub(super) fn record(&self, selection: &Selection, row: &Row<'_>) -> StoreOutcome<Record> {
        let id = match selection.id {
            Some(at) => self.cell(selection, row, at, Decode::Plain)?,
            None => Value::Null,
        };
        if id.is_null() && selection.id.is_some() {
            let place = self.cell(selection, row, selection.row_key, Decode::Plain)?;
            return Err(self.place.data(format_args!(
                "`{}` has a row whose primary key is null (row {place})",
                selection.object.name
            )));
        }
        let deleted = match selection.deleted {
            Some(at) => marks_deleted(&self.cell(selection, row, at, Decode::Plain)?),
            None => false,
        };
        let mut values = Vec::with_capacity(selection.slots.len());
        for slot in &selection.slots {
            match slot {
                Some((at, Decode::Plain)) if Some(*at) == selection.id => values.push(id.clone()),
                // Made where it is to be: a value that goes from hand to hand takes longer than its text.
                Some((at, decode)) => match text(row, *at, *decode) {
                    Some(text) => values.push(Value::Text(SmolStr::new(text))),
                    None => values.push(self.cell(selection, row, *at, *decode)?),
                },
                None => values.push(Value::Null),
            }
        }
        let stamp = match selection.stamp {
            Some(at) => self.cell(selection, row, at, Decode::Plain)?,
            None => content_stamp(&values),
        };
        Ok(Record {
            id,
            stamp,
            deleted,
            values: values.into_boxed_slice(),
        })
    }

    pub(super) fn cell(
        &self,
        selection: &Selection,
        row: &Row<'_>,
        at: usize,
        decode: Decode,
    ) -> StoreOutcome<Value> {
        let cell = row.get_ref(at).map_err(|error| self.place.error(error))?;
        decode.value(cell).map_err(|fault| {
            let column = selection.columns.get(at).map_or("", SmolStr::as_str);
            let key = row
                .get_ref(selection.row_key)
                .ok()
                .and_then(|key| Decode::Plain.value(key).ok())
                .unwrap_or_default();
            self.place.data(format_args!(
                "`{}` row {key}, column `{column}`: {fault}",
                selection.object.name
            ))
        })
    }
}

/// The text of a cell that is the value as it stands, as most are.
#[inline]
fn text<'r>(row: &'r Row<'_>, at: usize, decode: Decode) -> Option<&'r str> {
    match (row.get_ref(at), decode) {
        (Ok(ValueRef::Text(bytes)), Decode::Plain | Decode::Bool) => {
            std::str::from_utf8(bytes).ok()
        }
        _ => None,
    }
}
