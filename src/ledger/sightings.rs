//! The records of objects that triggers watch, as they were last seen: so that a trigger knows what is new and what has changed.

use rusqlite::{OptionalExtension, params};
use smol_str::SmolStr;

use super::column::{self, Column};
use super::{Ledger, LedgerOutcome};
use crate::program::Side;
use crate::value::Value;

/// A record as it was last seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    pub side: Side,
    pub object: SmolStr,
    pub id: Value,
    /// Its stamp then.
    pub stamp: Value,
    /// The values that are kept of it; the planner's bytes.
    pub kept: Box<[u8]>,
}

impl Ledger {
    /// The fields whose values are kept of a watched object; `None` for one that was never read.
    pub fn watch(&self, side: Side, object: &str) -> LedgerOutcome<Option<Vec<SmolStr>>> {
        self.answer(self.find_watch(side, object))
    }

    /// How the records with these ids were last seen, each in its place.
    pub fn sightings(
        &self,
        side: Side,
        object: &str,
        ids: &[Value],
    ) -> LedgerOutcome<Vec<Option<Sighting>>> {
        self.read(|| self.find_sightings(side, object, ids))
    }

    /// Every record of an object that was seen, in the order of ids, after `after`.
    pub fn all_sightings(
        &self,
        side: Side,
        object: &str,
        after: Option<&Value>,
        limit: usize,
    ) -> LedgerOutcome<Vec<Sighting>> {
        self.answer(self.find_all_sightings(side, object, after, limit))
    }

    fn find_watch(&self, side: Side, object: &str) -> rusqlite::Result<Option<Vec<SmolStr>>> {
        let object = self.names.number(&self.connection, object)?;
        let text: Option<String> = self
            .connection
            .prepare_cached("SELECT fields FROM watches WHERE side = ?1 AND object = ?2")?
            .query_row(params![side, object], |row| row.get(0))
            .optional()?;
        text.map(|text| {
            serde_json::from_str(&text)
                .map_err(|error| column::damaged(format!("the fields of a watch: {error}")).into())
        })
        .transpose()
    }

    fn find_sightings(
        &self,
        side: Side,
        object: &str,
        ids: &[Value],
    ) -> rusqlite::Result<Vec<Option<Sighting>>> {
        let number = self.names.number(&self.connection, object)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT stamp, kept FROM sightings WHERE side = ?1 AND object = ?2 AND id = ?3",
        )?;
        ids.iter()
            .map(|id| {
                statement
                    .query_row(params![side, number, Column(id)], |row| {
                        Ok(Sighting {
                            side,
                            object: object.into(),
                            id: id.clone(),
                            stamp: column::value(row, 0)?,
                            kept: column::bytes(row, 1)?,
                        })
                    })
                    .optional()
            })
            .collect()
    }

    fn find_all_sightings(
        &self,
        side: Side,
        object: &str,
        after: Option<&Value>,
        limit: usize,
    ) -> rusqlite::Result<Vec<Sighting>> {
        let number = self.names.number(&self.connection, object)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(match after {
            Some(_) => {
                "SELECT id, stamp, kept FROM sightings WHERE side = ?1 AND object = ?2 AND id > ?4 ORDER BY id LIMIT ?3"
            }
            None => {
                "SELECT id, stamp, kept FROM sightings WHERE side = ?1 AND object = ?2 AND ?4 IS NULL ORDER BY id LIMIT ?3"
            }
        })?;
        let rows = statement.query_map(params![side, number, limit, after.map(Column)], |row| {
            Ok(Sighting {
                side,
                object: object.into(),
                id: column::value(row, 0)?,
                stamp: column::value(row, 1)?,
                kept: column::bytes(row, 2)?,
            })
        })?;
        rows.collect()
    }

    pub(super) fn set_watch(
        &self,
        side: Side,
        object: &str,
        fields: &[SmolStr],
    ) -> rusqlite::Result<()> {
        let object = self.names.intern(&self.connection, object)?;
        let fields: serde_json::Value = fields.iter().map(SmolStr::as_str).collect();
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO watches (side, object, fields) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![side, object, fields.to_string()])
            .map(drop)
    }

    pub(super) fn see(&self, sighting: &Sighting) -> rusqlite::Result<()> {
        let object = self.names.intern(&self.connection, &sighting.object)?;
        self.connection
            .prepare_cached(
                "INSERT INTO sightings (side, object, id, stamp, kept) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (side, object, id) DO UPDATE SET stamp = excluded.stamp, kept = excluded.kept",
            )?
            .execute(params![
                sighting.side,
                object,
                Column(&sighting.id),
                Column(&sighting.stamp),
                sighting.kept
            ])
            .map(drop)
    }

    /// A write that fires no trigger moved the record's stamp; only where it was last seen as it was before the write.
    pub(super) fn see_own(
        &self,
        side: Side,
        object: &str,
        id: &Value,
        [from, to]: [&Value; 2],
    ) -> rusqlite::Result<()> {
        let object = self.names.number(&self.connection, object)?;
        self.connection
            .prepare_cached(
                "UPDATE sightings SET stamp = ?5 WHERE side = ?1 AND object = ?2 AND id = ?3 AND stamp = ?4",
            )?
            .execute(params![side, object, Column(id), Column(from), Column(to)])
            .map(drop)
    }

    pub(super) fn unsee(&self, side: Side, object: &str, id: &Value) -> rusqlite::Result<()> {
        let object = self.names.number(&self.connection, object)?;
        self.connection
            .prepare_cached("DELETE FROM sightings WHERE side = ?1 AND object = ?2 AND id = ?3")?
            .execute(params![side, object, Column(id)])
            .map(drop)
    }
}
