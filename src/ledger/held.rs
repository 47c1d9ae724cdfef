//! Held records: a rule wanted to write them, but a precondition is not met.

use rusqlite::{Row, params};
use smol_str::SmolStr;

use super::column::{self, Column};
use super::{Held, Ledger, LedgerOutcome, Selection};
use crate::program::Direction;
use crate::value::Value;

impl Ledger {
    /// In the order relationship, direction, object, id.
    pub fn held(&self, selection: &Selection) -> LedgerOutcome<Vec<Held>> {
        self.answer(self.find_held(selection))
    }

    /// Which records of a relationship are held: direction, object, id.
    pub fn held_records(
        &self,
        relationship: &str,
    ) -> LedgerOutcome<Vec<(Direction, SmolStr, Value)>> {
        self.answer(self.find_held_records(relationship))
    }

    fn find_held_records(
        &self,
        relationship: &str,
    ) -> rusqlite::Result<Vec<(Direction, SmolStr, Value)>> {
        let Some(number) = self.names.number(&self.connection, relationship)? else {
            return Ok(Vec::new());
        };
        self.connection
            .prepare_cached("SELECT direction, object, id FROM held WHERE relationship = ?1")?
            .query_map([number], |row| {
                let object = self.names.name(&self.connection, row.get(1)?)?;
                Ok((row.get(0)?, object, column::value(row, 2)?))
            })?
            .collect()
    }

    fn find_held(&self, selection: &Selection) -> rusqlite::Result<Vec<Held>> {
        let relationships = match &selection.relationship {
            Some(name) => Vec::from_iter(self.names.number(&self.connection, name)?),
            None => self
                .connection
                .prepare_cached("SELECT DISTINCT relationship FROM held")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?,
        };
        // In the order of the index, which knows names as numbers.
        let mut statement = self.connection.prepare_cached(
            "SELECT relationship, direction, object, id, missing, because, rule, waits FROM held
             WHERE relationship = ?1 ORDER BY direction, object, id",
        )?;
        let mut found = Vec::new();
        for relationship in relationships {
            let mut rows = statement.query([relationship])?;
            while let Some(row) = rows.next()? {
                let held = self.held_of(row)?;
                if selection.names(std::slice::from_ref(&held.id)) {
                    found.push(held);
                }
            }
        }
        found.sort_by(|a, b| {
            (&a.relationship, a.direction.index(), &a.object).cmp(&(
                &b.relationship,
                b.direction.index(),
                &b.object,
            ))
        });
        Ok(found)
    }

    fn held_of(&self, row: &Row<'_>) -> rusqlite::Result<Held> {
        let name = |index| self.names.name(&self.connection, row.get(index)?);
        Ok(Held {
            relationship: name(0)?,
            direction: row.get(1)?,
            object: name(2)?,
            id: column::value(row, 3)?,
            missing: missing_from_json(row.get_ref(4)?.as_str()?)?,
            because: row.get(5)?,
            rule: name(6)?.to_string(),
            waits: row.get(7)?,
        })
    }

    pub(super) fn hold(&self, held: &Held) -> rusqlite::Result<()> {
        let name = |name: &str| self.names.intern(&self.connection, name);
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO held (relationship, direction, object, id, missing, because, rule, waits)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                name(&held.relationship)?,
                held.direction,
                name(&held.object)?,
                Column(&held.id),
                missing_to_json(&held.missing),
                held.because,
                name(&held.rule)?,
                held.waits
            ])
            .map(drop)
    }

    pub(super) fn unhold(
        &self,
        relationship: &str,
        direction: Direction,
        object: &str,
        id: &Value,
    ) -> rusqlite::Result<()> {
        let relationship = self.names.number(&self.connection, relationship)?;
        let object = self.names.number(&self.connection, object)?;
        self.connection
            .prepare_cached(
                "DELETE FROM held WHERE relationship = ?1 AND direction = ?2 AND object = ?3 AND id = ?4",
            )?
            .execute(params![relationship, direction, object, Column(id)])
            .map(drop)
    }
}

fn missing_to_json(missing: &[SmolStr]) -> String {
    missing
        .iter()
        .map(SmolStr::as_str)
        .collect::<serde_json::Value>()
        .to_string()
}

fn missing_from_json(text: &str) -> rusqlite::Result<Vec<SmolStr>> {
    Ok(serde_json::from_str(text)
        .map_err(|error| column::damaged(format!("missing fields of a held record: {error}")))?)
}
