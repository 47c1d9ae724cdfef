//! Writing a batch: one transaction, in which each record succeeds or fails alone.

use rusqlite::{CachedStatement, Row};
use smol_str::SmolStr;

use super::SqliteStore;
use super::cell::{Bound, Decode, is_exact};
use super::fault::record_error;
use super::id;
use super::table::{Table, quote};
use crate::store::stamp::StampFormat;
use crate::store::{Expect, RecordError, StoreError, StoreOutcome, Write, WriteKind, WriteResult};
use crate::value::{Type, Value, same_in};

/// What all writes of one batch share.
pub(super) struct Batch {
    table: Table,
    id: SmolStr,
    /// The modification column and what it is set to.
    stamp: Option<(SmolStr, Value)>,
    /// The deleted column and what marks a record as deleted.
    mark: Option<(SmolStr, Value)>,
}

/// Why a whole transaction came to nothing.
enum Undone {
    /// A record undid it: a deferred foreign key, or a rule of the table that rolls back.
    ByRecord(RecordError),
    ByStore(StoreError),
}

/// A statement's text, kept while the writes have the same form.
#[derive(Default)]
pub(super) struct LastStatement {
    form: u8,
    checked: bool,
    names: Vec<SmolStr>,
    sql: String,
}

impl SqliteStore {
    pub(super) fn write_batch(
        &mut self,
        object: &str,
        writes: &[Write],
    ) -> StoreOutcome<Vec<WriteResult>> {
        if writes.is_empty() {
            return Ok(Vec::new());
        }
        let table = self.table(object)?.clone();
        let id = self.id_of(&table)?.clone();
        for (field, _) in writes.iter().flat_map(|write| &write.fields) {
            self.known(&table, field)?;
        }
        let format = self.stamp_format(object)?;
        let mut batch = Batch::new(table, id);
        match self.transaction(object, format, &mut batch, writes) {
            Ok(results) => Ok(results),
            Err(Undone::ByStore(error)) => Err(error),
            Err(Undone::ByRecord(error)) if writes.len() == 1 => {
                Ok(vec![WriteResult::Failed(error)])
            }
            Err(Undone::ByRecord(_)) => self.one_by_one(object, format, &mut batch, writes),
        }
    }

    /// Each write in a transaction of its own: some of them undo the one they are in.
    fn one_by_one(
        &mut self,
        object: &str,
        format: StampFormat,
        batch: &mut Batch,
        writes: &[Write],
    ) -> StoreOutcome<Vec<WriteResult>> {
        let mut results = Vec::with_capacity(writes.len());
        for write in writes {
            match self.transaction(object, format, batch, std::slice::from_ref(write)) {
                Ok(done) => results.extend(done),
                Err(Undone::ByRecord(error)) => results.push(WriteResult::Failed(error)),
                Err(Undone::ByStore(error)) if results.is_empty() => return Err(error),
                Err(Undone::ByStore(error)) => results.push(WriteResult::Failed(RecordError {
                    code: "SQLITE_UNAVAILABLE".into(),
                    message: error.to_string(),
                    field: None,
                    transient: true,
                })),
            }
        }
        Ok(results)
    }

    fn transaction(
        &mut self,
        object: &str,
        format: StampFormat,
        batch: &mut Batch,
        writes: &[Write],
    ) -> Result<Vec<WriteResult>, Undone> {
        self.connection
            .execute_batch("BEGIN IMMEDIATE")
            .map_err(|error| Undone::ByStore(self.place.error(error)))?;
        let outcome = self.fill(object, format, batch, writes);
        match outcome {
            Ok(results) => match self.connection.execute_batch("COMMIT") {
                Ok(()) => Ok(results),
                Err(error) => {
                    self.roll_back();
                    Err(match record_error(&error) {
                        Some(error) => Undone::ByRecord(error),
                        None => Undone::ByStore(self.place.error(error)),
                    })
                }
            },
            Err(undone) => {
                self.roll_back();
                Err(undone)
            }
        }
    }

    pub(super) fn roll_back(&self) {
        // Where SQLite has rolled back by itself, there is nothing left to undo.
        if !self.connection.is_autocommit() {
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    fn fill(
        &mut self,
        object: &str,
        format: StampFormat,
        batch: &mut Batch,
        writes: &[Write],
    ) -> Result<Vec<WriteResult>, Undone> {
        // After the lock is held: no stamp of another program can be later and yet committed before.
        self.date(object, format, batch).map_err(Undone::ByStore)?;
        let mut last = LastStatement::default();
        let mut results = Vec::with_capacity(writes.len());
        for write in writes {
            match self.write_one(batch, write, &mut last) {
                Ok(result) => results.push(result),
                Err(Fault::Store(error)) => return Err(Undone::ByStore(error)),
                Err(Fault::Sqlite(error)) => match record_error(&error) {
                    Some(error) if self.connection.is_autocommit() => {
                        return Err(Undone::ByRecord(error));
                    }
                    Some(error) => results.push(WriteResult::Failed(error)),
                    None => return Err(Undone::ByStore(self.place.error(error))),
                },
            }
        }
        Ok(results)
    }

    /// What the modification and deleted columns are set to now.
    pub(super) fn date(
        &mut self,
        object: &str,
        format: StampFormat,
        batch: &mut Batch,
    ) -> StoreOutcome<()> {
        let now = self.clock()?;
        let modified = batch.table.object.modified.clone();
        batch.stamp = modified.map(|modified| (modified, format.format(now)));
        if let Some(deleted) = batch.table.object.deleted.clone() {
            let mark = self.deletion_mark(object, &deleted, now)?;
            batch.mark = Some((deleted, mark));
        }
        Ok(())
    }

    pub(super) fn write_one(
        &self,
        batch: &Batch,
        write: &Write,
        last: &mut LastStatement,
    ) -> Result<WriteResult, Fault> {
        if let Some((field, value)) = write.fields.iter().find(|(_, value)| !is_exact(value)) {
            return Ok(WriteResult::Failed(RecordError {
                code: "SQLITE_RANGE".into(),
                message: format!("{value} has more digits than SQLite keeps of a number"),
                field: Some(field.clone()),
                transient: false,
            }));
        }
        let (form, id) = match &write.kind {
            WriteKind::Create { id } => return self.create(batch, write, id.as_ref(), last),
            WriteKind::Update { id } => (UPDATE, id),
            WriteKind::Delete { id } if batch.mark.is_some() => (MARK, id),
            WriteKind::Delete { id } => (DELETE, id),
        };
        if let Expect::Fields(fields) = &write.expect
            && !self.holds(batch, id, fields)?
        {
            return Ok(WriteResult::Stale);
        }
        let expected = match (&write.expect, &batch.stamp) {
            (Expect::Stamp(stamp), Some(_)) => Some(stamp),
            _ => None,
        };
        let set = if form == DELETE {
            Vec::new()
        } else {
            batch.set(write, form == MARK)
        };
        last.prepare(form, expected.is_some(), &set, |names| {
            batch.change(form, names, expected.is_some())
        });
        let mut statement = self.connection.prepare_cached(&last.sql)?;
        bind(
            &mut statement,
            set.iter()
                .map(|(_, value)| *value)
                .chain([id])
                .chain(expected),
        )?;
        if statement.raw_execute()? == 0 {
            return Ok(WriteResult::Stale);
        }
        let stamp = match &batch.stamp {
            Some(_) if form == DELETE => Value::Null,
            Some((modified, _)) if batch.table.rewrites => self.stamp_now(batch, modified, id)?,
            Some((_, stamp)) => stamp.clone(),
            None => Value::Null,
        };
        Ok(WriteResult::Done {
            id: id.clone(),
            stamp,
        })
    }

    fn create(
        &self,
        batch: &Batch,
        write: &Write,
        id: Option<&Value>,
        last: &mut LastStatement,
    ) -> Result<WriteResult, Fault> {
        let mut set = batch.set(write, false);
        let made;
        if !set.iter().any(|(name, _)| **name == batch.id) {
            let id = match (id, batch.table.client_id) {
                (Some(id), _) => Some(id),
                (None, Some(max)) => {
                    made = Value::Text(id::make(max));
                    Some(&made)
                }
                (None, None) => None,
            };
            set.extend(id.map(|id| (&batch.id, id)));
        }
        last.prepare(CREATE, false, &set, |names| batch.insert(names));
        let mut statement = self.connection.prepare_cached(&last.sql)?;
        bind(&mut statement, set.iter().map(|(_, value)| *value))?;
        let mut rows = statement.raw_query();
        let Some(row) = rows.next()? else {
            return Ok(WriteResult::Failed(RecordError {
                code: "SQLITE_CONSTRAINT".into(),
                message: "the table ignored the new record".into(),
                field: None,
                transient: false,
            }));
        };
        let id = returned(row, 0)?;
        let mut stamp = if batch.stamp.is_some() {
            returned(row, 1)?
        } else {
            Value::Null
        };
        // The statement ends, and its constraints are checked, only after its last row.
        while rows.next()?.is_some() {}
        if let Some((modified, _)) = batch.stamp.as_ref().filter(|_| batch.table.rewrites) {
            stamp = self.stamp_now(batch, modified, &id)?;
        }
        Ok(WriteResult::Done { id, stamp })
    }

    /// The stamp that the record has after its triggers ran.
    fn stamp_now(&self, batch: &Batch, modified: &str, id: &Value) -> Result<Value, Fault> {
        let sql = format!(
            "SELECT {} FROM {} WHERE {} = ?",
            quote(modified),
            batch.table.quoted,
            quote(&batch.id)
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([Bound(id)])?;
        match rows.next()? {
            Some(row) => returned(row, 0),
            None => Ok(Value::Null),
        }
    }

    /// Whether the record still has these values. Compared here, not in SQL: a cell's text is one of several forms of its value.
    fn holds(&self, batch: &Batch, id: &Value, fields: &[(SmolStr, Value)]) -> Result<bool, Fault> {
        let columns: Vec<String> = fields.iter().map(|(name, _)| quote(name)).collect();
        let list = if columns.is_empty() {
            "1".to_owned()
        } else {
            columns.join(", ")
        };
        let sql = format!(
            "SELECT {list} FROM {} WHERE {} = ?",
            batch.table.quoted,
            quote(&batch.id)
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([Bound(id)])?;
        let Some(row) = rows.next()? else {
            return Ok(false);
        };
        for (at, (name, expected)) in fields.iter().enumerate() {
            let ty = batch
                .table
                .object
                .fields
                .get(name)
                .map_or(&Type::Any, |field| &field.ty);
            let Ok(actual) = batch.table.decode(name).value(row.get_ref(at)?) else {
                return Ok(false);
            };
            if !same_in(ty, &actual, expected) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

pub(super) enum Fault {
    Sqlite(rusqlite::Error),
    Store(StoreError),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Fault::Sqlite(error)
    }
}

const CREATE: u8 = 1;
const UPDATE: u8 = 2;
const MARK: u8 = 3;
const DELETE: u8 = 4;

impl Batch {
    pub(super) fn new(table: Table, id: SmolStr) -> Batch {
        Batch {
            table,
            id,
            stamp: None,
            mark: None,
        }
    }

    /// The columns to set: the write's own, the deletion mark, the modification column.
    fn set<'a>(&'a self, write: &'a Write, mark: bool) -> Vec<(&'a SmolStr, &'a Value)> {
        let modified = self.stamp.as_ref().map(|(modified, _)| modified);
        let mut set: Vec<(&SmolStr, &Value)> = write
            .fields
            .iter()
            .filter(|(name, value)| *value != Value::Absent && Some(name) != modified)
            .map(|(name, value)| (name, value))
            .collect();
        if let Some((deleted, value)) = self.mark.as_ref().filter(|_| mark)
            && !set.iter().any(|(name, _)| *name == deleted)
        {
            set.push((deleted, value));
        }
        set.extend(
            self.stamp
                .as_ref()
                .map(|(modified, stamp)| (modified, stamp)),
        );
        set
    }

    fn insert(&self, names: &[SmolStr]) -> String {
        let values = if names.is_empty() {
            "DEFAULT VALUES".to_owned()
        } else {
            let columns: Vec<String> = names.iter().map(|name| quote(name)).collect();
            format!(
                "({}) VALUES ({})",
                columns.join(", "),
                vec!["?"; names.len()].join(", ")
            )
        };
        let stamp = self
            .stamp
            .as_ref()
            .map(|(modified, _)| format!(", {}", quote(modified)))
            .unwrap_or_default();
        format!(
            "INSERT INTO {} {values} RETURNING {}{stamp}",
            self.table.quoted,
            quote(&self.id)
        )
    }

    fn change(&self, form: u8, names: &[SmolStr], checked: bool) -> String {
        let id = quote(&self.id);
        let expected = match &self.stamp {
            Some((modified, _)) if checked => {
                format!(" AND {} COLLATE BINARY IS ?", quote(modified))
            }
            _ => String::new(),
        };
        if form == DELETE {
            return format!("DELETE FROM {} WHERE {id} = ?{expected}", self.table.quoted);
        }
        let set = if names.is_empty() {
            // Nothing changes, but whether the record is there must be known.
            format!("{id} = {id}")
        } else {
            let set: Vec<String> = names
                .iter()
                .map(|name| format!("{} = ?", quote(name)))
                .collect();
            set.join(", ")
        };
        format!(
            "UPDATE {} SET {set} WHERE {id} = ?{expected}",
            self.table.quoted
        )
    }
}

impl LastStatement {
    fn prepare(
        &mut self,
        form: u8,
        checked: bool,
        set: &[(&SmolStr, &Value)],
        build: impl FnOnce(&[SmolStr]) -> String,
    ) {
        let same = self.form == form
            && self.checked == checked
            && self.names.iter().eq(set.iter().map(|(name, _)| *name));
        if !same {
            self.form = form;
            self.checked = checked;
            self.names = set.iter().map(|(name, _)| (*name).clone()).collect();
            self.sql = build(&self.names);
        }
    }
}

fn bind<'a>(
    statement: &mut CachedStatement<'_>,
    values: impl Iterator<Item = &'a Value>,
) -> rusqlite::Result<()> {
    for (place, value) in values.enumerate() {
        statement.raw_bind_parameter(place + 1, Bound(value))?;
    }
    Ok(())
}

fn returned(row: &Row<'_>, at: usize) -> Result<Value, Fault> {
    Decode::Plain.value(row.get_ref(at)?).map_err(|fault| {
        Fault::Store(StoreError::Data(format!(
            "the id or stamp of a written record is {fault}"
        )))
    })
}
