//! New records: several a statement, where nothing of one of them depends on another.

use std::borrow::Cow;

use smol_str::SmolStr;

use super::SqliteStore;
use super::cell::is_exact;
use super::fault::record_error;
use super::id;
use super::statement::{CREATE, LastStatement, SEVERAL};
use super::table::quote;
use super::write::{Batch, Fault, STAMPED, returned};
use crate::store::{RecordError, Write, WriteKind, WriteResult};
use crate::value::Value;

/// Records that one statement makes. What a statement costs besides its rows is then small, and the ends of indexes that grow at their end are
/// looked for once.
pub(super) const AT_ONCE: usize = 10;

const _: () = assert!(STAMPED.is_multiple_of(AT_ONCE));

/// Where the row ids are near their end, SQLite gives new ones at random. No call makes so many records as are left then.
const LAST_ROW_ID: i64 = i64::MAX - (1 << 32);

/// Where a new record's id comes from.
struct NewId<'w> {
    /// It is bound, and none of the fields.
    bound: Option<Cow<'w, Value>>,
    told: Option<Told<'w>>,
}

/// An id that need not be read back.
enum Told<'w> {
    Given(Cow<'w, Value>),
    RowId,
}

impl SqliteStore {
    /// The first [`AT_ONCE`] writes in one statement: the results of those that it made, which are fewer where the next one failed. `None`
    /// where they are not creates of one form whose ids need not be read back. Of each is told whether it sets the same fields as the one
    /// before it.
    pub(super) fn create_several<'c>(
        &'c self,
        batch: &Batch,
        (writes, alike): (&[Write], &[bool]),
        last: &mut LastStatement<'c>,
    ) -> Result<Option<Vec<WriteResult>>, Fault> {
        let Some(writes) = writes.first_chunk::<AT_ONCE>() else {
            return Ok(None);
        };
        if !batch.table.takes_several || !writes.iter().all(is_whole) {
            return Ok(None);
        }
        let one_form = alike[1..AT_ONCE].iter().all(|alike| *alike);
        // Records without a field are made of `DEFAULT VALUES`, which makes one.
        let Some(form) = batch
            .form_of(writes, one_form)
            .filter(|f| !f.fields.is_empty())
        else {
            return Ok(None);
        };
        let own = one_form.then(|| batch.place_of_id(form));
        let ids = writes.each_ref().map(|write| {
            let own = own.unwrap_or_else(|| batch.place_of_id(write));
            batch.new_id(write, own)
        });
        let [first, ..] = &ids;
        let alike = |id: &NewId<'_>| {
            id.bound.is_some() == first.bound.is_some()
                && matches!(
                    (&id.told, &first.told),
                    (Some(Told::RowId), Some(Told::RowId))
                        | (Some(Told::Given(_)), Some(Told::Given(_)))
                )
        };
        if !ids.iter().all(alike) {
            return Ok(None);
        }
        if matches!(first.told, Some(Told::RowId)) {
            let follow = match last.row_ids_follow {
                Some(follow) => follow,
                None => self.row_ids_follow(batch)?,
            };
            last.row_ids_follow = Some(follow);
            if !follow {
                return Ok(None);
            }
        }
        let kind = (SEVERAL, true, first.bound.is_some());
        let shape = last.of(self, batch, form, kind)?;
        for (row, (write, id)) in writes.iter().zip(&ids).enumerate() {
            shape.bind_row(row, batch, write, [id.bound.as_deref(), None])?;
        }
        let made = match shape.statement().raw_execute() {
            Ok(made) => made,
            Err(error) => self.made_before(error)?,
        };
        let row_id = self.connection.last_insert_rowid() - made as i64;
        let made = ids
            .into_iter()
            .take(made)
            .zip(1..)
            .map(|(id, place)| match id.told {
                Some(Told::Given(id)) => batch.done(id.into_owned()),
                Some(Told::RowId) | None => batch.done(Value::Int(row_id + place)),
            });
        Ok(Some(made.collect()))
    }

    /// How many records stay of a statement that failed at the one behind them.
    fn made_before(&self, error: rusqlite::Error) -> Result<usize, Fault> {
        if record_error(&error).is_none() || self.connection.is_autocommit() {
            return Err(error.into());
        }
        if !counts_what_stays(&error) {
            // What it left is not known: all is written anew, each record alone.
            self.undo_transaction();
            return Err(error.into());
        }
        Ok(self.connection.changes() as usize)
    }

    /// Whether the row ids that the next records get follow each other.
    fn row_ids_follow(&self, batch: &Batch) -> Result<bool, Fault> {
        let sql = format!(
            "SELECT ifnull(max({}), 0) < {LAST_ROW_ID} FROM {}",
            quote(&batch.id),
            batch.table.quoted
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row([], |row| row.get(0))?)
    }

    pub(super) fn create<'c>(
        &'c self,
        batch: &Batch,
        write: &Write,
        last: &mut LastStatement<'c>,
    ) -> Result<WriteResult, Fault> {
        let NewId { bound, told } = batch.new_id(write, batch.place_of_id(write));
        if !matches!(told, Some(Told::RowId)) {
            last.row_ids_follow = None;
        }
        let kind = (CREATE, told.is_some(), bound.is_some());
        let shape = last.of(self, batch, write, kind)?;
        let statement = shape.bind(batch, write, [bound.as_deref(), None])?;
        if let Some(told) = told {
            if statement.raw_execute()? == 0 {
                return Ok(ignored());
            }
            return Ok(batch.done(match told {
                Told::Given(id) => id.into_owned(),
                Told::RowId => Value::Int(self.connection.last_insert_rowid()),
            }));
        }
        let mut rows = statement.raw_query();
        let Some(row) = rows.next()? else {
            return Ok(ignored());
        };
        let id = returned(row, 0)?;
        let mut stamp = if batch.stamp.is_some() {
            returned(row, 1)?
        } else {
            Value::Null
        };
        // The statement ends, and its constraints are checked, only after its last row.
        while rows.next()?.is_some() {}
        drop(rows);
        if let Some((modified, _)) = batch.stamp.as_ref().filter(|_| batch.table.rewrites) {
            stamp = self.stamp_now(batch, modified, &id)?;
        }
        Ok(WriteResult::Done { id, stamp })
    }
}

impl Batch {
    /// The one of the writes that sets all fields that any of them sets, where null in place of what the others leave out comes to the same.
    fn form_of<'w>(&self, writes: &'w [Write], one_form: bool) -> Option<&'w Write> {
        if one_form {
            return writes.first();
        }
        let form = writes.iter().max_by_key(|write| write.fields.len())?;
        let fits = |write: &Write| {
            let mut own = write.fields.iter().peekable();
            let left_out = form.fields.iter().filter(|(name, _)| {
                let set = own.next_if(|(field, _)| field == name).is_some();
                !set && self.has_default(name)
            });
            left_out.count() == 0 && own.peek().is_none()
        };
        writes.iter().all(fits).then_some(form)
    }

    /// Whether a field that is left out can be anything but null.
    fn has_default(&self, name: &SmolStr) -> bool {
        let object = &self.table.object;
        let field = object.fields.get(name);
        self.id == *name || field.is_none_or(|field| field.has_default)
    }

    /// The place of the id among the fields.
    fn place_of_id(&self, write: &Write) -> Option<usize> {
        let mut fields = write.fields.iter();
        fields.position(|(name, value)| *name == self.id && !matches!(value, Value::Absent))
    }

    fn new_id<'w>(&self, write: &'w Write, own: Option<usize>) -> NewId<'w> {
        let given = match &write.kind {
            WriteKind::Create { id } => id.as_ref(),
            WriteKind::Update { .. } | WriteKind::Delete { .. } => None,
        };
        if let Some((_, own)) = own.and_then(|own| write.fields.get(own)) {
            let told = self.told(Some(Cow::Borrowed(own)));
            return NewId { bound: None, told };
        }
        let made = || {
            self.table
                .client_id
                .map(|max| Cow::Owned(Value::Text(id::make(max))))
        };
        let bound = given.map(Cow::Borrowed).or_else(made);
        let told = self.told(bound.clone());
        NewId { bound, told }
    }

    /// The id of a new record where it need not be asked for: nothing rewrites it, and it is a text in a text column or the row id.
    fn told<'w>(&self, given: Option<Cow<'w, Value>>) -> Option<Told<'w>> {
        if self.table.rewrites {
            return None;
        }
        match (given, self.id_is_text?) {
            // A number in quotes would become one in a column of another affinity.
            (Some(id), true) if matches!(&*id, Value::Text(text) if text.trim().parse::<f64>().is_err()) => {
                Some(Told::Given(id))
            }
            (None, _) if self.table.row_id => Some(Told::RowId),
            _ => None,
        }
    }

    fn done(&self, id: Value) -> WriteResult {
        let stamp = self.stamp.as_ref().map(|(_, stamp)| stamp.clone());
        WriteResult::Done {
            id,
            stamp: stamp.unwrap_or_default(),
        }
    }
}

/// A create that sets all its fields, to what SQLite keeps as it is.
fn is_whole(write: &Write) -> bool {
    matches!(write.kind, WriteKind::Create { .. })
        && (write.fields.iter())
            .all(|(_, value)| !matches!(value, Value::Absent) && is_exact(value))
}

/// Errors after which SQLite keeps the rows before the one that failed, or none, and tells how many; others may leave some untold.
fn counts_what_stays(error: &rusqlite::Error) -> bool {
    use rusqlite::ffi;
    matches!(
        error.sqlite_extended_error_code(),
        Some(
            ffi::SQLITE_CONSTRAINT_CHECK
                | ffi::SQLITE_CONSTRAINT_FOREIGNKEY
                | ffi::SQLITE_CONSTRAINT_NOTNULL
                | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
                | ffi::SQLITE_CONSTRAINT_UNIQUE
        )
    )
}

/// `ON CONFLICT IGNORE`
fn ignored() -> WriteResult {
    WriteResult::Failed(RecordError {
        code: "SQLITE_CONSTRAINT".into(),
        message: "the table ignored the new record".into(),
        field: None,
        transient: false,
    })
}

#[cfg(test)]
mod tests;
