//! Writing a batch: one transaction (or one with other batches), in which each record succeeds or fails alone.

use chrono::{DateTime, Utc};
use rusqlite::Row;
use smol_str::SmolStr;

use super::cell::{Bound, Decode, is_exact};
use super::create::AT_ONCE;
use super::fault::record_error;
use super::statement::{DELETE, LastStatement, MARK, UPDATE};
use super::table::{Table, quote};
use super::{BEGIN, Group, SqliteStore, clock};
use crate::store::stamp::StampFormat;
use crate::store::{Expect, RecordError, StoreError, StoreOutcome, Write, WriteKind, WriteResult};
use crate::value::{Type, Value, same_in};

/// Writes that have one stamp, at most: whoever goes on from a stamp reads all of them again.
pub(super) const STAMPED: usize = 500;

/// What all writes of one batch share.
pub(super) struct Batch {
    pub(super) table: Table,
    pub(super) id: SmolStr,
    /// The modification column and what it is set to.
    pub(super) stamp: Option<(SmolStr, Value)>,
    /// The deleted column and what marks a record as deleted.
    pub(super) mark: Option<(SmolStr, Value)>,
    /// Whether the id's column holds texts; `None` where it is no field.
    pub(super) id_is_text: Option<bool>,
}

/// The writes of one call.
struct Writes<'w> {
    list: &'w [Write],
    /// By place: it sets the same fields as the one before it.
    alike: Vec<bool>,
}

impl<'w> Writes<'w> {
    fn of(list: &'w [Write]) -> Writes<'w> {
        let mut before: &[(SmolStr, Value)] = &[];
        let alike = list.iter().map(|write| {
            let own = write.fields.iter().map(|(name, _)| name);
            let alike = own.eq(before.iter().map(|(name, _)| name));
            before = &write.fields;
            alike
        });
        Writes {
            alike: alike.collect(),
            list,
        }
    }
}

/// Why a whole transaction came to nothing.
enum Undone {
    /// A record undid it: a deferred foreign key, or a rule of the table that rolls back.
    ByRecord(RecordError),
    ByStore(StoreError),
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
        let writes = Writes::of(writes);
        for (write, _) in writes
            .list
            .iter()
            .zip(&writes.alike)
            .filter(|(_, alike)| !**alike)
        {
            for (field, _) in &write.fields {
                self.known(&table, field)?;
            }
        }
        let format = self.stamp_format(object)?;
        let mut batch = Batch::new(table, id);
        if self.group != Group::No {
            return self.write_grouped(object, format, &mut batch, &writes);
        }
        match self.transaction(object, format, &mut batch, &writes) {
            Ok(results) => Ok(results),
            Err(Undone::ByStore(error)) => Err(error),
            Err(Undone::ByRecord(error)) if writes.list.len() == 1 => {
                Ok(vec![WriteResult::Failed(error)])
            }
            Err(Undone::ByRecord(_)) => self.one_by_one(object, format, &mut batch, writes.list),
        }
    }

    /// As part of the transaction that `begin` asked for. Once a record has undone it, nothing more is written.
    fn write_grouped(
        &mut self,
        object: &str,
        format: StampFormat,
        batch: &mut Batch,
        writes: &Writes<'_>,
    ) -> StoreOutcome<Vec<WriteResult>> {
        if self.group == Group::Wanted {
            self.connection
                .execute_batch(BEGIN)
                .map_err(|error| self.place.error(error))?;
            self.group = Group::Open;
        }
        if self.group == Group::Open {
            match self.fill(object, format, batch, writes) {
                Ok(results) => return Ok(results),
                Err(Undone::ByStore(error)) => return Err(error),
                Err(Undone::ByRecord(_)) => self.group = Group::Undone,
            }
        }
        Ok(vec![WriteResult::Stale; writes.list.len()])
    }

    pub(super) fn commit_group(&mut self) -> StoreOutcome<bool> {
        match std::mem::replace(&mut self.group, Group::No) {
            Group::No | Group::Wanted => Ok(true),
            Group::Undone => Ok(false),
            Group::Open => match self.connection.execute_batch("COMMIT") {
                Ok(()) => Ok(true),
                Err(error) => {
                    self.undo_transaction();
                    match record_error(&error) {
                        Some(_) => Ok(false),
                        None => Err(self.place.error(error)),
                    }
                }
            },
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
            match self.transaction(
                object,
                format,
                batch,
                &Writes::of(std::slice::from_ref(write)),
            ) {
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
        writes: &Writes<'_>,
    ) -> Result<Vec<WriteResult>, Undone> {
        self.connection
            .execute_batch(BEGIN)
            .map_err(|error| Undone::ByStore(self.place.error(error)))?;
        let outcome = self.fill(object, format, batch, writes);
        match outcome {
            Ok(results) => match self.connection.execute_batch("COMMIT") {
                Ok(()) => Ok(results),
                Err(error) => {
                    self.undo_transaction();
                    Err(self.undone(error.into()))
                }
            },
            Err(undone) => {
                self.undo_transaction();
                Err(undone)
            }
        }
    }

    pub(super) fn undo_transaction(&self) {
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
        writes: &Writes<'_>,
    ) -> Result<Vec<WriteResult>, Undone> {
        // After the lock is held: no stamp of another program can be later and yet committed before.
        self.date(object, format, batch).map_err(Undone::ByStore)?;
        let mut last = LastStatement::default();
        let Writes { list, alike } = writes;
        let mut results = Vec::with_capacity(list.len());
        // Up to here one by one.
        let mut alone = 0;
        while results.len() < list.len() {
            let place = results.len();
            if place > 0 && place % STAMPED == 0 {
                batch.stamp(format, clock());
            }
            let one_stamp = STAMPED - place % STAMPED;
            let next = place..list.len().min(place + one_stamp);
            if place >= alone
                && let Some(made) = self
                    .create_several(batch, (&list[next.clone()], &alike[next]), &mut last)
                    .map_err(|fault| self.undone(fault))?
            {
                alone = place + AT_ONCE;
                results.extend(made);
                continue;
            }
            results.push(match self.write_one(batch, &list[place], &mut last) {
                Ok(result) => result,
                Err(fault) => WriteResult::Failed(self.refused(fault)?),
            });
        }
        Ok(results)
    }

    /// Why a record is not written; the transaction goes on without it.
    fn refused(&self, fault: Fault) -> Result<RecordError, Undone> {
        match self.undone(fault) {
            Undone::ByRecord(error) if !self.connection.is_autocommit() => Ok(error),
            undone => Err(undone),
        }
    }

    fn undone(&self, fault: Fault) -> Undone {
        match fault {
            Fault::Store(error) => Undone::ByStore(error),
            Fault::Sqlite(error) => match record_error(&error) {
                Some(error) => Undone::ByRecord(error),
                None => Undone::ByStore(self.place.error(error)),
            },
        }
    }

    /// What the modification and deleted columns are set to now.
    pub(super) fn date(
        &mut self,
        object: &str,
        format: StampFormat,
        batch: &mut Batch,
    ) -> StoreOutcome<()> {
        let now = clock();
        batch.stamp(format, now);
        if let Some(deleted) = batch.table.object.deleted.clone() {
            let mark = self.deletion_mark(object, &deleted, now)?;
            batch.mark = Some((deleted, mark));
        }
        Ok(())
    }

    pub(super) fn write_one<'c>(
        &'c self,
        batch: &Batch,
        write: &Write,
        last: &mut LastStatement<'c>,
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
            WriteKind::Create { .. } => return self.create(batch, write, last),
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
        let checked = expected.is_some();
        let shape = last.of(self, batch, write, (form, checked, true))?;
        let statement = shape.bind(batch, write, [Some(id), expected])?;
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

    /// The stamp that the record has after its triggers ran.
    pub(super) fn stamp_now(
        &self,
        batch: &Batch,
        modified: &str,
        id: &Value,
    ) -> Result<Value, Fault> {
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

impl Batch {
    pub(super) fn new(table: Table, id: SmolStr) -> Batch {
        let field = table.object.fields.get(&id);
        Batch {
            id_is_text: field.map(|field| matches!(field.ty, Type::Text { .. })),
            table,
            id,
            stamp: None,
            mark: None,
        }
    }

    fn stamp(&mut self, format: StampFormat, now: DateTime<Utc>) {
        let modified = self.table.object.modified.clone();
        self.stamp = modified.map(|modified| (modified, format.format(now)));
    }
}

pub(super) fn returned(row: &Row<'_>, at: usize) -> Result<Value, Fault> {
    Decode::Plain.value(row.get_ref(at)?).map_err(|fault| {
        Fault::Store(StoreError::Data(format!(
            "the id or stamp of a written record is {fault}"
        )))
    })
}
