//! Records by id and by key, in batches: the keys are a table of their own that the query walks, so that each answer names its key.

use rusqlite::types::Value as Stored;
use smol_str::SmolStr;

use super::SqliteStore;
use super::cell::{Bound, Decode};
use super::table::{Table, quote};
use crate::store::{Projection, Record, StoreOutcome};
use crate::value::{Type, Value, same_in};

/// Keys to a query, where an index answers each. Few sizes, so that few statements are prepared.
const SIZES: [usize; 4] = [1, 8, 64, 512];

/// Keys to a query that looks through the whole table.
const SCAN_SIZE: usize = 8192;

/// What SQLite binds at most.
const MAX_BOUND: usize = 32_000;

impl SqliteStore {
    pub(super) fn get_records(
        &self,
        projection: &Projection,
        ids: &[Value],
    ) -> StoreOutcome<Vec<Option<Record>>> {
        let table = self.table(&projection.object)?;
        let id = self.id_of(table)?;
        let mut found: Vec<Option<Record>> = vec![None; ids.len()];
        self.each(
            table,
            projection,
            std::slice::from_ref(id),
            ids.len(),
            |key, _| &ids[key],
            |key, record| {
                if found[key].is_some() {
                    return Err(self.place.data(format_args!(
                        "`{}` has several rows whose {} is {}",
                        table.object.name,
                        quote(id),
                        record.id
                    )));
                }
                found[key] = Some(record);
                Ok(())
            },
        )?;
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
        self.each(
            table,
            projection,
            fields,
            keys.len(),
            |key, field| keys[key].get(field).unwrap_or(&Value::Null),
            |key, record| {
                if !record.deleted {
                    found[key].push(record);
                }
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Calls `take` with the number of the key and each record whose `fields` equal it.
    fn each<'v>(
        &self,
        table: &Table,
        projection: &Projection,
        fields: &[SmolStr],
        count: usize,
        key: impl Fn(usize, usize) -> &'v Value,
        mut take: impl FnMut(usize, Record) -> StoreOutcome<()>,
    ) -> StoreOutcome<()> {
        if fields.is_empty() || count == 0 {
            return Ok(());
        }
        let (selection, places) = self.select(table, projection, fields, "t.")?;
        let types: Vec<(Type, Decode)> = fields
            .iter()
            .map(|field| {
                (
                    table
                        .object
                        .fields
                        .get(field)
                        .map_or(Type::Any, |field| field.ty.clone()),
                    table.decode(field),
                )
            })
            .collect();
        let indexed = table.indexed(fields)
            || fields
                .iter()
                .any(|field| table.indexed(std::slice::from_ref(field)));
        let most = (MAX_BOUND / fields.len()).max(1);
        let fault = |error| self.place.error(error);
        let mut from = 0;
        while from < count {
            let left = count - from;
            let size = match SIZES.into_iter().find(|size| left <= *size) {
                Some(size) => size,
                None if indexed => 512,
                None => SCAN_SIZE,
            }
            .min(most);
            let sql = query(table, fields, &selection.sql, size);
            let keys = from..count.min(from + size);
            let bound = keys
                .clone()
                .flat_map(|at| (0..fields.len()).map(move |field| (at, field)));
            let nulls = (keys.len() * fields.len()..size * fields.len()).map(|_| Stored::Null);
            let mut statement = self.connection.prepare_cached(&sql).map_err(fault)?;
            let mut place = 0;
            for (at, field) in bound {
                place += 1;
                statement
                    .raw_bind_parameter(place, Bound(key(at, field)))
                    .map_err(fault)?;
            }
            for null in nulls {
                place += 1;
                statement.raw_bind_parameter(place, null).map_err(fault)?;
            }
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next().map_err(fault)? {
                // The key's number is the last column.
                let number: u32 = row.get(row.as_ref().column_count() - 1).map_err(fault)?;
                let at = from + number as usize;
                // SQLite's equality is wider than the contract's (collations, text against numbers).
                let mut exact = true;
                for (field, (place, (ty, decode))) in places.iter().zip(&types).enumerate() {
                    exact = exact
                        && same_in(
                            ty,
                            &self.cell(&selection, row, *place, *decode)?,
                            key(at, field),
                        );
                }
                if exact {
                    take(at, self.record(&selection, row)?)?;
                }
            }
            from = keys.end;
        }
        Ok(())
    }
}

fn query(table: &Table, fields: &[SmolStr], columns: &str, size: usize) -> String {
    let holes = vec!["?"; fields.len()].join(", ");
    let mut keys = String::with_capacity(size * (holes.len() + 10));
    for number in 0..size {
        if number > 0 {
            keys.push(',');
        }
        keys.push_str(&format!("({number},{holes})"));
    }
    let names: Vec<String> = (0..fields.len()).map(|field| format!("k{field}")).collect();
    let equal: Vec<String> = fields
        .iter()
        .zip(&names)
        .map(|(field, name)| format!("t.{} = k.{name}", quote(field)))
        .collect();
    format!(
        "WITH k(n, {}) AS (VALUES {keys}) SELECT {columns}, k.n FROM k CROSS JOIN {} AS t ON {}",
        names.join(", "),
        table.quoted,
        equal.join(" AND ")
    )
}
