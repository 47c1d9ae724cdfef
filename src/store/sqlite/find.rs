//! Records by id and by key, in batches.
//!
//! Where an index answers, the keys are a table of their own that the query walks, and each answer names its key. Where none does, one
//! scan looks every row up in the set of keys.

use std::ops::Range;

use rusqlite::types::Null;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::SqliteStore;
use super::cell::{Bound, Decode};
use super::table::{Table, quote};
use crate::store::{Projection, Record, StoreOutcome};
use crate::value::{Type, Value, convert, same_in};

/// Keys to a query, where an index answers each. Few sizes, so that few statements are prepared.
const SIZES: [usize; 4] = [1, 8, 64, 512];

/// Keys to a query that looks through the whole table.
const SCAN_SIZE: usize = 8192;

/// What SQLite binds at most.
const MAX_BOUND: usize = 32_000;

/// The keys of one call.
struct Keys<'v, F: Fn(usize, usize) -> &'v Value> {
    count: usize,
    /// The value of a key for a field, both by number.
    value: F,
}

/// A field that keys name.
struct KeyField {
    name: SmolStr,
    ty: Type,
    decode: Decode,
}

impl SqliteStore {
    pub(super) fn get_records(
        &self,
        projection: &Projection,
        ids: &[Value],
    ) -> StoreOutcome<Vec<Option<Record>>> {
        let table = self.table(&projection.object)?;
        let id = std::slice::from_ref(self.id_of(table)?);
        let keys = Keys {
            count: ids.len(),
            value: |key, _| &ids[key],
        };
        let mut found: Vec<Option<Record>> = vec![None; ids.len()];
        self.each(table, projection, id, &keys, |key, record| {
            if found[key].is_some() {
                let (object, id) = (&table.object.name, &record.id);
                return Err(self
                    .place
                    .data(format_args!("`{object}` has several rows whose id is {id}")));
            }
            found[key] = Some(record);
            Ok(())
        })?;
        Ok(found)
    }

    pub(super) fn find_records(
        &self,
        projection: &Projection,
        fields: &[SmolStr],
        keys: &[Vec<Value>],
    ) -> StoreOutcome<Vec<Vec<Record>>> {
        let table = self.table(&projection.object)?;
        let mut found: Vec<Vec<Record>> = vec![Vec::new(); keys.len()];
        let value = |key: usize, field| keys[key].get(field).unwrap_or(&Value::Null);
        let keys = Keys {
            count: keys.len(),
            value,
        };
        self.each(table, projection, fields, &keys, |key, record| {
            if !record.deleted {
                found[key].push(record);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Calls `take` with the number of the key and each record whose `fields` equal it.
    fn each<'v, F: Fn(usize, usize) -> &'v Value>(
        &self,
        table: &Table,
        projection: &Projection,
        fields: &[SmolStr],
        keys: &Keys<'v, F>,
        mut take: impl FnMut(usize, Record) -> StoreOutcome<()>,
    ) -> StoreOutcome<()> {
        let (selection, places) = self.select(table, projection, fields, "t.")?;
        if fields.is_empty() {
            return Ok(());
        }
        let fields: Vec<KeyField> = fields
            .iter()
            .map(|name| KeyField {
                name: name.clone(),
                ty: table
                    .object
                    .fields
                    .get(name)
                    .map_or(Type::Any, |field| field.ty.clone()),
                decode: table.decode(name),
            })
            .collect();
        // Any one indexed field narrows the search enough.
        let indexed = fields
            .iter()
            .any(|field| table.indexed(std::slice::from_ref(&field.name)));
        let most = (MAX_BOUND / fields.len()).max(1);
        let fault = |error| self.place.error(error);
        let (mut sql, mut made) = (String::new(), 0);
        let mut from = 0;
        while from < keys.count {
            let left = keys.count - from;
            let usual = if indexed {
                SIZES[SIZES.len() - 1]
            } else {
                SCAN_SIZE
            };
            let size = SIZES
                .into_iter()
                .find(|size| left <= *size)
                .unwrap_or(usual)
                .min(most);
            let batch = from..keys.count.min(from + size);
            if made != size {
                made = size;
                sql = if indexed {
                    walk(table, &fields, &selection.sql, size)
                } else {
                    scan(table, &fields, &selection.sql, size)
                };
            }
            let by_hash = if indexed {
                FxHashMap::default()
            } else {
                keys.by_hash(&fields, batch.clone())
            };
            let mut statement = self.connection.prepare_cached(&sql).map_err(fault)?;
            for place in 0..size * fields.len() {
                let (key, field) = (from + place / fields.len(), place % fields.len());
                let bound = if batch.contains(&key) {
                    statement.raw_bind_parameter(place + 1, Bound((keys.value)(key, field)))
                } else {
                    statement.raw_bind_parameter(place + 1, Null)
                };
                bound.map_err(fault)?;
            }
            let mut rows = statement.raw_query();
            let mut cells = Vec::with_capacity(fields.len());
            while let Some(row) = rows.next().map_err(fault)? {
                cells.clear();
                for (field, place) in fields.iter().zip(&places) {
                    cells.push(self.cell(&selection, row, *place, field.decode)?);
                }
                let walked;
                let candidates = if indexed {
                    // The key's number is the last column.
                    let number: u32 = row.get(row.as_ref().column_count() - 1).map_err(fault)?;
                    walked = [from + number as usize];
                    &walked[..]
                } else {
                    by_hash
                        .get(&hash(cells.iter()))
                        .map_or(&[][..], Vec::as_slice)
                };
                // SQLite's equality is wider than the contract's (collations, text against numbers).
                let equal = |key: usize| {
                    let mut fields = fields.iter().zip(&cells).enumerate();
                    fields
                        .all(|(at, (field, cell))| same_in(&field.ty, cell, (keys.value)(key, at)))
                };
                for key in candidates.iter().copied().filter(|key| equal(*key)) {
                    take(key, self.record(&selection, row)?)?;
                }
            }
            from = batch.end;
        }
        Ok(())
    }
}

impl<'v, F: Fn(usize, usize) -> &'v Value> Keys<'v, F> {
    /// The numbers of the keys by their hashes, each value as its field holds it.
    fn by_hash(&self, fields: &[KeyField], batch: Range<usize>) -> FxHashMap<u64, Vec<usize>> {
        let mut by_hash: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
        for key in batch {
            let values: Vec<Value> = fields
                .iter()
                .enumerate()
                .map(|(at, field)| {
                    let value = (self.value)(key, at);
                    convert(value.clone(), &field.ty).unwrap_or_else(|_| value.clone())
                })
                .collect();
            if !values.iter().any(Value::is_null) {
                by_hash.entry(hash(values.iter())).or_default().push(key);
            }
        }
        by_hash
    }
}

fn hash<'v>(values: impl Iterator<Item = &'v Value>) -> u64 {
    values.fold(0, |hash: u64, value| hash.rotate_left(7) ^ value.hash64())
}

/// One step in the index for each of `size` keys, whose number is the last column.
fn walk(table: &Table, fields: &[KeyField], columns: &str, size: usize) -> String {
    let holes = vec!["?"; fields.len()].join(", ");
    let keys: Vec<String> = (0..size)
        .map(|number| format!("({number}, {holes})"))
        .collect();
    let names: Vec<String> = (0..fields.len()).map(|field| format!("k{field}")).collect();
    let equal: Vec<String> = fields
        .iter()
        .zip(&names)
        .map(|(field, name)| format!("t.{} = k.{name}", quote(&field.name)))
        .collect();
    format!(
        "WITH k(n, {}) AS (VALUES {}) SELECT {columns}, k.n FROM k CROSS JOIN {} AS t ON {}",
        names.join(", "),
        keys.join(", "),
        table.quoted,
        equal.join(" AND ")
    )
}

/// One pass over the table for all of `size` keys.
fn scan(table: &Table, fields: &[KeyField], columns: &str, size: usize) -> String {
    let names: Vec<String> = fields
        .iter()
        .map(|field| format!("t.{}", quote(&field.name)))
        .collect();
    let (left, keys) = match &names[..] {
        [name] => (name.clone(), vec!["?"; size].join(", ")),
        _ => {
            let holes = format!("({})", vec!["?"; fields.len()].join(", "));
            (
                format!("({})", names.join(", ")),
                format!("VALUES {}", vec![holes.as_str(); size].join(", ")),
            )
        }
    };
    format!(
        "SELECT {columns} FROM {} AS t WHERE {left} IN ({keys})",
        table.quoted
    )
}
