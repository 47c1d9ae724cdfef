//! Stores: one small trait, its kinds, and the conformance suite that all of them pass (engine, section 8).
//!
//! `store/<kind>` is the only place that knows its wire format. Knows schemas and values, nothing of rules or ledgers.

mod columns;
pub mod config;
#[cfg(test)]
mod conformance;
mod counted;
pub mod memory;
pub mod sqlite;
mod stamp;

pub use columns::ObjectConfig;
pub use config::{Config, StoreConfig, open};
pub use counted::Calls;
pub use memory::MemoryStore;
pub use sqlite::SqliteStore;

use chrono::{DateTime, Utc};
use smol_str::SmolStr;

use crate::schema::{Field, StoreSchema};
use crate::value::Value;

/// A record as a store reads it: the values of a [`Projection`], in its order.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub id: Value,
    /// The modification stamp byte for byte as stored; null where the object has no modification column (then it is a hash of all
    /// columns read, as an integer).
    pub stamp: Value,
    /// By the deleted column: neither null, 0 nor empty.
    pub deleted: bool,
    pub values: Box<[Value]>,
}

/// What to read of an object: its name and, slot by slot, the field (`None`: the slot stays null).
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    pub object: SmolStr,
    pub fields: Vec<Option<SmolStr>>,
}

/// Where a read begins and goes on.
#[derive(Debug, Clone, PartialEq)]
pub enum Since {
    /// Every record, by id or row order.
    Start,
    /// Records whose stamp is at or after this one (in the column's own format).
    Stamp(Value),
}

/// An opaque place in a read, from one page to the next. Reading on after the data changed neither repeats nor loses an unchanged row.
#[derive(Debug, Clone, PartialEq)]
pub struct PageToken(pub Vec<Value>);

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Page {
    pub records: Vec<Record>,
    /// `None`: this was the last page.
    pub next: Option<PageToken>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum WriteKind {
    /// `id: None` leaves it to the store.
    Create {
        id: Option<Value>,
    },
    Update {
        id: Value,
    },
    /// Sets the deleted column where the object has one, else removes the record.
    Delete {
        id: Value,
    },
}

/// One record's write. A write succeeds or fails alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    pub kind: WriteKind,
    /// The fields to set; never the modification column (the store sets it).
    pub fields: Vec<(SmolStr, Value)>,
    /// The record must still be as it was read.
    pub expect: Expect,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Expect {
    Anything,
    /// The stamp, byte for byte.
    Stamp(Value),
    /// Without a modification column: these fields have these values.
    Fields(Vec<(SmolStr, Value)>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum WriteResult {
    /// The record's id and its new stamp.
    Done {
        id: Value,
        stamp: Value,
    },
    /// It is no longer as expected, or gone: nothing was written.
    Stale,
    Failed(RecordError),
}

/// Why several writes happen together: a store with a call of its own for that uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Together {
    /// Several records become one: references to the others are repointed, the others deleted, the one that stays filled in.
    Merge,
    /// A record goes on as one of another object, which is made first where it is not there.
    Convert,
}

/// One of several writes that happen together.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub object: SmolStr,
    pub write: Write,
    /// Fields that take the id of the first record that an earlier step makes.
    pub made: Vec<SmolStr>,
}

impl Step {
    fn makes(&self) -> bool {
        matches!(self.write.kind, WriteKind::Create { .. })
    }

    /// The write with the id that an earlier step made; `None` where it needs one and there is none.
    fn with_made(&self, made: Option<&Value>) -> Option<Write> {
        let mut write = self.write.clone();
        for field in &self.made {
            write.fields.push((field.clone(), made?.clone()));
        }
        Some(write)
    }
}

impl RecordError {
    fn not_made() -> RecordError {
        RecordError {
            code: "NOT_MADE".into(),
            message: "the record that it names was not made".into(),
            field: None,
            transient: false,
        }
    }
}

/// The results of steps of which the one at `at` came to nothing: none was written.
fn undone(steps: usize, at: usize, result: WriteResult) -> Vec<WriteResult> {
    let mut results = vec![WriteResult::Stale; steps];
    if let Some(place) = results.get_mut(at) {
        *place = result;
    }
    results
}

/// Why one record was refused: the store's own code and message.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordError {
    pub code: String,
    pub message: String,
    pub field: Option<SmolStr>,
    /// Of a kind that passes (locks, limits, time-outs).
    pub transient: bool,
}

/// What a store kind can do.
#[derive(Debug, Clone, PartialEq)]
pub struct Capabilities {
    pub kind: &'static str,
    /// Records that one write call takes.
    pub batch: usize,
    pub alter: bool,
    /// Options that `with KEY = VALUE` may name.
    pub options: &'static [&'static str],
    /// It keeps transactions ([`Store::begin`]), and what one of them locks: stores that name the same would wait for each other.
    pub transactions: Option<SmolStr>,
}

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StoreError {
    /// Missing, locked, not readable, not a database (exit code 69).
    #[error("{0}")]
    Unavailable(String),
    /// A mapped object, column or primary key is missing (exit code 65).
    #[error("{0}")]
    Shape(String),
    /// A row that can't be read as its table says: a duplicate or null primary key, a value of the wrong kind.
    #[error("{0}")]
    Data(String),
}

pub type StoreOutcome<T> = Result<T, StoreError>;

/// A system that holds records.
pub trait Store: Send {
    fn capabilities(&self) -> Capabilities;

    /// The objects and fields as they are now.
    fn describe(&mut self) -> StoreOutcome<StoreSchema>;

    /// The store's own time.
    fn now(&mut self) -> StoreOutcome<DateTime<Utc>>;

    /// `stamp` minus `millis`, in the object's own stamp format; `None` where the stamp does not parse (then read all).
    fn stamp_before(
        &mut self,
        object: &str,
        stamp: &Value,
        millis: i64,
    ) -> StoreOutcome<Option<Value>>;

    /// `instant` in the object's own stamp format.
    fn stamp_of(&mut self, object: &str, instant: DateTime<Utc>) -> StoreOutcome<Value>;

    /// Up to `limit` records, deleted ones too (marked), in a stable order: by stamp since a stamp where an index serves that, else by
    /// row. Since a stamp, records that have none are read as well: they may have changed at any time.
    fn read(
        &mut self,
        projection: &Projection,
        since: &Since,
        after: Option<&PageToken>,
        limit: usize,
    ) -> StoreOutcome<Page>;

    /// A second handle to read through on another thread, beside this one; `None` where there is nothing to gain.
    ///
    /// # Errors
    /// As opening the store.
    fn reader(&self) -> StoreOutcome<Option<Box<dyn Store>>> {
        Ok(None)
    }

    /// The records with these ids, each in its place; `None` where there is none. Any number of ids.
    fn get(&mut self, projection: &Projection, ids: &[Value]) -> StoreOutcome<Vec<Option<Record>>>;

    /// For each key (a tuple of values for `fields`), the records, not deleted, whose fields equal it exactly. Null never equals.
    fn find(
        &mut self,
        projection: &Projection,
        fields: &[SmolStr],
        keys: &[Vec<Value>],
    ) -> StoreOutcome<Vec<Vec<Record>>>;

    /// Whether [`Store::find`] on these fields is answered by an index.
    fn indexed(&self, object: &str, fields: &[SmolStr]) -> bool;

    /// A rough number of records, cheaply; for progress and for choosing between a scan and lookups.
    fn estimate(&mut self, object: &str) -> StoreOutcome<u64>;

    /// Whether a write to the object can change fields besides those written (triggers, formulas), so that it must be read back.
    fn rewrites(&self, object: &str) -> bool;

    /// Makes an id for a create where the store leaves that to its client (a text primary key without a default); else `None`.
    fn make_id(&mut self, object: &str) -> Option<Value>;

    /// Writes the batch durably and answers for each record, in order. An `Err` means that nothing of it was written.
    fn write(&mut self, object: &str, writes: &[Write]) -> StoreOutcome<Vec<WriteResult>>;

    /// Writes all of the steps, in order and durably, or none of them: where one is stale or fails, its result says so and no other is
    /// `Done`.
    fn write_together(
        &mut self,
        purpose: Together,
        steps: &[Step],
    ) -> StoreOutcome<Vec<WriteResult>>;

    /// From now on writes become durable together, with [`Store::commit`]. For stores that keep transactions; others write as ever.
    ///
    /// Where a record undoes the whole transaction, the answers of all its writes are void: `commit` says so.
    fn begin(&mut self) {}

    /// Makes the writes since [`Store::begin`] durable; `false`: none of them stands, since a record undid them all.
    fn commit(&mut self) -> StoreOutcome<bool> {
        Ok(true)
    }

    /// Takes back the writes since [`Store::begin`].
    fn roll_back(&mut self) {}

    /// Adds a field to an object.
    fn add_field(&mut self, object: &str, field: &Field) -> StoreOutcome<()>;

    /// A number that is another one whenever somebody else has changed the store since it was told last; what this store itself writes
    /// does not count. `None` where that can't be known. Cheap enough to ask several times a second, but not amid a transaction.
    fn outside_changes(&mut self) -> StoreOutcome<Option<u64>> {
        Ok(None)
    }

    /// Has `wake` called whenever [`Store::outside_changes`] has a new answer, for stores that know at once.
    fn notify(&mut self, _wake: Wake) {}
}

/// Tells somebody who waits.
pub type Wake = std::sync::Arc<dyn Fn() + Send + Sync>;
