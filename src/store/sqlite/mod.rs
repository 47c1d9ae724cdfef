//! A SQLite file as a store. The only place that knows SQL of this kind.
//!
//! The file is never created, and none of its persistent settings (such as the journal mode) is changed. No read transaction outlives a
//! call: a page is one short statement.

mod cell;
mod create;
mod declared;
mod fault;
mod find;
mod id;
mod read;
mod select;
mod statement;
mod table;
#[cfg(test)]
mod tests;
mod together;
mod write;

use std::path::Path;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};
use indexmap::IndexMap;
use rusqlite::{Connection, OpenFlags};
use smol_str::SmolStr;

use self::cell::{Bound, Decode};
use self::fault::Place;
use self::statement::Forms;
use self::table::{DescribeError, Table, quote};
use super::columns::{ObjectConfig, holds_time};
use super::stamp::StampFormat;
use super::{
    Capabilities, Page, PageToken, Projection, Record, Since, Step, Store, StoreOutcome, Together,
    Write, WriteResult,
};
use crate::schema::{Field, StoreSchema};
use crate::value::{Type, Value};

/// How long a statement waits for another program's lock.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Memory for pages of the file while it is read, in KiB: most of them are met once.
const CACHE_KIB: i64 = 2 * 1024;

/// From the first write on, 16 MiB: what a transaction changes is written once, unless it has to leave the cache before the commit. Two
/// stores and a ledger share the memory of a run.
const BEGIN: &str = "PRAGMA cache_size = -16384; BEGIN IMMEDIATE";

/// An open SQLite file.
pub struct SqliteStore {
    connection: Connection,
    place: Place,
    config: IndexMap<SmolStr, ObjectConfig>,
    tables: IndexMap<SmolStr, Table>,
    /// How long a statement waits for another program's lock.
    patience: Duration,
    /// The file as the system knows it.
    file: SmolStr,
    group: Group,
    forms: Forms,
}

/// Whether writes are kept for one commit ([`Store::begin`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    No,
    /// Nothing is written yet, and nothing locked.
    Wanted,
    /// The transaction is open.
    Open,
    /// A record undid the transaction.
    Undone,
}

impl SqliteStore {
    /// Opens the existing file at `path` as the store `name`; `objects` is what the configuration says of its tables.
    ///
    /// # Errors
    /// A file that is missing, locked, unreadable or not a database; a table or column that `objects` names and that is not there.
    pub fn open(
        name: &str,
        path: &Path,
        objects: IndexMap<SmolStr, ObjectConfig>,
    ) -> StoreOutcome<Self> {
        Self::open_with(name, path, objects, BUSY_TIMEOUT)
    }

    /// As [`SqliteStore::open`], waiting for locks as long as `busy_timeout`.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn open_with(
        name: &str,
        path: &Path,
        objects: IndexMap<SmolStr, ObjectConfig>,
        busy_timeout: Duration,
    ) -> StoreOutcome<Self> {
        let place = Place {
            store: name.into(),
            path: path.to_owned(),
        };
        match std::fs::metadata(path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(place.unavailable(
                    "does not exist; check `path` in stores.yaml (a store's file is never created)",
                ));
            }
            Err(error) => return Err(place.unavailable(format_args!("cannot be read: {error}"))),
            Ok(metadata) if !metadata.is_file() => {
                return Err(place.unavailable("is not a file; check `path` in stores.yaml"));
            }
            Ok(_) => {}
        }
        let connection = connect(path, busy_timeout).map_err(|error| place.error(error))?;
        let mut store = SqliteStore {
            connection,
            place,
            config: objects,
            tables: IndexMap::new(),
            patience: busy_timeout,
            file: std::fs::canonicalize(path)
                .unwrap_or_else(|_| path.to_owned())
                .to_string_lossy()
                .into(),
            group: Group::No,
            forms: Forms::default(),
        };
        store.load()?;
        Ok(store)
    }

    fn load(&mut self) -> StoreOutcome<()> {
        self.tables =
            table::describe(&self.connection, &self.config).map_err(|error| match error {
                DescribeError::Sqlite(error) => self.place.error(error),
                DescribeError::Missing(what) => self.place.shape(what),
            })?;
        Ok(())
    }

    fn table(&self, object: &str) -> StoreOutcome<&Table> {
        self.tables.get(object).ok_or_else(|| {
            let hint = fault::hint(object, self.tables.keys());
            self.place
                .shape(format_args!("there is no table `{object}`{hint}"))
        })
    }

    /// Refuses a field that the table does not have.
    fn known(&self, table: &Table, field: &SmolStr) -> StoreOutcome<()> {
        if table.object.fields.contains_key(field) {
            return Ok(());
        }
        let hint = fault::hint(field, table.object.fields.keys());
        Err(self.place.shape(format_args!(
            "table {} has no column `{field}`{hint}",
            table.quoted
        )))
    }

    /// The object's id field.
    fn id_of<'a>(&self, table: &'a Table) -> StoreOutcome<&'a SmolStr> {
        table.object.id.as_ref().ok_or_else(|| {
            let object = &table.object.name;
            self.place.shape(match &table.composite[..] {
                [] => format!("`{object}` has no primary key; name a unique column as its `id` in stores.yaml"),
                columns => {
                    format!("`{object}` has a primary key of several columns ({}); name a unique column as its `id` in stores.yaml", columns.join(", "))
                }
            })
        })
    }

    fn row_key_of<'a>(&self, table: &'a Table) -> StoreOutcome<&'a str> {
        self.id_of(table)?;
        table.row_key.as_deref().ok_or_else(|| {
            self.place.shape(format_args!(
                "the rows of `{}` have no order to be read in",
                table.object.name
            ))
        })
    }

    /// The form of the object's modification column: by its greatest (or newest) stamp, else by its default, else by its type.
    fn stamp_format(&mut self, object: &str) -> StoreOutcome<StampFormat> {
        let table = self.table(object)?;
        if let Some(format) = table.format {
            return Ok(format);
        }
        let Some(modified) = &table.object.modified else {
            return Ok(StampFormat::ISO);
        };
        let column = quote(modified);
        let sample = match &table.row_key {
            Some(key) if !table.indexed(std::slice::from_ref(modified)) => {
                format!(
                    "SELECT {column} FROM {} WHERE {column} IS NOT NULL ORDER BY {key} DESC LIMIT 1",
                    table.quoted
                )
            }
            _ => format!("SELECT max({column}) FROM {}", table.quoted),
        };
        let by_default = table
            .modified_default
            .as_ref()
            .map(|expression| format!("SELECT {expression}"));
        let numeric = matches!(
            table.object.fields.get(modified).map(|field| &field.ty),
            Some(Type::Number { .. })
        );
        let known = self.sample(&sample)?.as_ref().and_then(StampFormat::of);
        if let (Some(format), Some(table)) = (known, self.tables.get_mut(object)) {
            table.format = Some(format);
            return Ok(format);
        }
        let guessed = match by_default {
            // A default that can't be evaluated by itself says nothing about the form.
            Some(sql) => self
                .sample(&sql)
                .ok()
                .flatten()
                .as_ref()
                .and_then(StampFormat::of),
            None => None,
        };
        Ok(guessed.unwrap_or(if numeric {
            StampFormat::EPOCH_SECONDS
        } else {
            StampFormat::ISO
        }))
    }

    fn sample(&self, sql: &str) -> StoreOutcome<Option<Value>> {
        let mut statement = self
            .connection
            .prepare_cached(sql)
            .map_err(|error| self.place.error(error))?;
        let mut rows = statement
            .query([])
            .map_err(|error| self.place.error(error))?;
        match rows.next().map_err(|error| self.place.error(error))? {
            Some(row) => Ok(row
                .get_ref(0)
                .ok()
                .and_then(|cell| Decode::Plain.value(cell).ok())),
            None => Ok(None),
        }
    }

    /// What a deleted column holds for a record that is deleted now.
    fn deletion_mark(
        &mut self,
        object: &str,
        deleted: &str,
        now: DateTime<Utc>,
    ) -> StoreOutcome<Value> {
        if !holds_time(deleted) {
            return Ok(Value::Int(1));
        }
        let numeric = matches!(
            self.table(object)?
                .object
                .fields
                .get(deleted)
                .map(|field| &field.ty),
            Some(Type::Number { .. })
        );
        let format = match self.stamp_format(object)? {
            StampFormat::Text(_) if numeric => StampFormat::EPOCH_SECONDS,
            StampFormat::Epoch { .. } | StampFormat::DecimalSeconds if !numeric => StampFormat::ISO,
            format => format,
        };
        Ok(format.format(now))
    }
}

impl Store for SqliteStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            kind: "sqlite",
            batch: 10_000,
            alter: true,
            options: &[],
            transactions: Some(self.file.clone()),
        }
    }

    fn describe(&mut self) -> StoreOutcome<StoreSchema> {
        self.load()?;
        Ok(StoreSchema {
            objects: self
                .tables
                .iter()
                .map(|(name, table)| (name.clone(), table.object.clone()))
                .collect(),
        })
    }

    fn now(&mut self) -> StoreOutcome<DateTime<Utc>> {
        Ok(clock())
    }

    fn stamp_before(
        &mut self,
        object: &str,
        stamp: &Value,
        millis: i64,
    ) -> StoreOutcome<Option<Value>> {
        self.table(object)?;
        Ok(StampFormat::before(stamp, millis))
    }

    fn stamp_of(&mut self, object: &str, instant: DateTime<Utc>) -> StoreOutcome<Value> {
        Ok(self.stamp_format(object)?.format(instant))
    }

    fn read(
        &mut self,
        projection: &Projection,
        since: &Since,
        after: Option<&PageToken>,
        limit: usize,
    ) -> StoreOutcome<Page> {
        self.read_page(projection, since, after, limit)
    }

    fn reader(&self) -> StoreOutcome<Option<Box<dyn Store>>> {
        let connection = connect(&self.place.path, self.patience)
            .and_then(|connection| {
                connection.pragma_update(None, "query_only", true)?;
                Ok(connection)
            })
            .map_err(|error| self.place.error(error))?;
        Ok(Some(Box::new(SqliteStore {
            connection,
            place: self.place.clone(),
            config: self.config.clone(),
            tables: self.tables.clone(),
            patience: self.patience,
            file: self.file.clone(),
            group: Group::No,
            forms: Forms::default(),
        })))
    }

    fn get(&mut self, projection: &Projection, ids: &[Value]) -> StoreOutcome<Vec<Option<Record>>> {
        self.get_records(projection, ids)
    }

    fn find(
        &mut self,
        projection: &Projection,
        fields: &[SmolStr],
        keys: &[Vec<Value>],
    ) -> StoreOutcome<Vec<Vec<Record>>> {
        self.find_records(projection, fields, keys)
    }

    fn indexed(&self, object: &str, fields: &[SmolStr]) -> bool {
        self.tables
            .get(object)
            .is_some_and(|table| table.indexed(fields))
    }

    fn estimate(&mut self, object: &str) -> StoreOutcome<u64> {
        let table = self.table(object)?;
        let by_row_id = table.row_key.as_deref().is_some_and(|key| {
            let field = table
                .object
                .fields
                .values()
                .find(|field| quote(&field.name) == key);
            field.is_none_or(|field| matches!(field.ty, Type::Number { scale: Some(0) }))
        });
        let sql = match &table.row_key {
            // The ends of the row ids are two steps in the tree; counting reads all of it.
            Some(key) if by_row_id => {
                format!(
                    "SELECT coalesce((SELECT max({key}) FROM {0}) - (SELECT min({key}) FROM {0}) + 1, 0)",
                    table.quoted
                )
            }
            _ => format!("SELECT count(*) FROM {}", table.quoted),
        };
        Ok(match self.sample(&sql)? {
            Some(Value::Int(count)) => u64::try_from(count).unwrap_or_default(),
            _ => 0,
        })
    }

    fn rewrites(&self, object: &str) -> bool {
        self.tables.get(object).is_some_and(|table| table.rewrites)
    }

    fn make_id(&mut self, object: &str) -> Option<Value> {
        let max = self.tables.get(object)?.client_id?;
        Some(Value::Text(id::make(max)))
    }

    fn write(&mut self, object: &str, writes: &[Write]) -> StoreOutcome<Vec<WriteResult>> {
        self.write_batch(object, writes)
    }

    fn write_together(
        &mut self,
        _purpose: Together,
        steps: &[Step],
    ) -> StoreOutcome<Vec<WriteResult>> {
        self.write_steps(steps)
    }

    fn begin(&mut self) {
        self.group = Group::Wanted;
    }

    fn commit(&mut self) -> StoreOutcome<bool> {
        self.commit_group()
    }

    fn roll_back(&mut self) {
        self.group = Group::No;
        self.undo_transaction();
    }

    fn add_field(&mut self, object: &str, field: &Field) -> StoreOutcome<()> {
        let table = self.table(object)?;
        let mut sql = format!(
            "ALTER TABLE {} ADD COLUMN {} {}",
            table.quoted,
            quote(&field.name),
            declaration(&field.ty)
        );
        if let Some(default) = &field.default {
            let literal: String = self
                .connection
                .query_row("SELECT quote(?1)", [Bound(default)], |row| row.get(0))
                .map_err(|error| self.place.error(error))?;
            sql.push_str(&format!(" DEFAULT {literal}"));
        }
        self.connection
            .execute_batch(&sql)
            .map_err(|error| self.place.error(error))?;
        self.load()
    }

    /// SQLite counts the commits of all connections but this one.
    fn outside_changes(&mut self) -> StoreOutcome<Option<u64>> {
        self.connection
            .pragma_query_value(None, "data_version", |row| row.get::<_, i64>(0))
            .map(|version| Some(version.cast_unsigned()))
            .map_err(|error| self.place.error(error))
    }
}

/// As SQLite's own `'now'`: this machine's, in milliseconds.
fn clock() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(3)
}

fn connect(path: &Path, patience: Duration) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(patience)?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// How a column of this type is declared.
fn declaration(ty: &Type) -> String {
    match ty {
        Type::Text { max: Some(max) } => return format!("VARCHAR({max})"),
        Type::Number { scale: Some(0) } => "INTEGER",
        Type::Number { scale: Some(scale) } => return format!("DECIMAL(38,{scale})"),
        Type::Number { scale: None } => "NUMERIC",
        Type::Bool => "BOOLEAN",
        Type::Date => "DATE",
        Type::Instant => "DATETIME",
        Type::List(_) | Type::Object => "JSON",
        Type::Text { max: None } | Type::Duration | Type::Id | Type::Enum(_) | Type::Null => "TEXT",
        Type::Any => "",
    }
    .to_owned()
}
