//! How far a relationship has come: cursors, its first complete run, what was made once, what waits.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, params};

use super::column::{self, Column, Time};
use super::{Cursor, Ledger, LedgerOutcome, Revisit};
use crate::program::{Direction, Side};
use crate::value::Value;

impl Ledger {
    pub fn cursor(
        &self,
        relationship: &str,
        side: Side,
        object: &str,
    ) -> LedgerOutcome<Option<Cursor>> {
        self.answer(self.find_cursor(relationship, side, object))
    }

    /// The hash of the rules of the relationship's last complete run, if it has had one.
    pub fn completed_rules(&self, relationship: &str) -> LedgerOutcome<Option<u64>> {
        self.answer(self.find_completed(relationship))
    }

    /// The numbered layouts of the relationship's bases.
    pub fn layouts(&self, relationship: &str) -> LedgerOutcome<Vec<(u32, Vec<u64>)>> {
        self.answer(self.find_layouts(relationship))
    }

    /// Which of these source records `create once` has already made a record of.
    pub fn made_once(
        &self,
        relationship: &str,
        direction: Direction,
        ids: &[Value],
    ) -> LedgerOutcome<Vec<bool>> {
        self.read(|| self.find_made_once(relationship, direction, ids))
    }

    /// Held records that wait, waits, failures to try again by `now`, conflicts with a `take` (by their left records): each record once.
    pub fn revisits(&self, relationship: &str, now: DateTime<Utc>) -> LedgerOutcome<Vec<Revisit>> {
        self.answer(self.find_revisits(relationship, now))
    }

    /// The next position of a `round_robin`, 0 at first.
    pub fn round_robin(&self, number: u16) -> LedgerOutcome<u64> {
        self.answer(self.find_round_robin(number))
    }

    fn find_cursor(
        &self,
        relationship: &str,
        side: Side,
        object: &str,
    ) -> rusqlite::Result<Option<Cursor>> {
        let relationship = self.names.number(&self.connection, relationship)?;
        let object = self.names.number(&self.connection, object)?;
        self.connection
            .prepare_cached(
                "SELECT stamp, read_at FROM cursors WHERE relationship = ?1 AND side = ?2 AND object = ?3",
            )?
            .query_row(params![relationship, side, object], |row| {
                Ok(Cursor { stamp: column::value(row, 0)?, read_at: column::time(row, 1)? })
            })
            .optional()
    }

    fn find_completed(&self, relationship: &str) -> rusqlite::Result<Option<u64>> {
        let relationship = self.names.number(&self.connection, relationship)?;
        let rules: Option<i64> = self
            .connection
            .prepare_cached("SELECT rules FROM completed WHERE relationship = ?1")?
            .query_row([relationship], |row| row.get(0))
            .optional()?;
        Ok(rules.map(i64::cast_unsigned))
    }

    fn find_layouts(&self, relationship: &str) -> rusqlite::Result<Vec<(u32, Vec<u64>)>> {
        let relationship = self.names.number(&self.connection, relationship)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT number, lines FROM layouts WHERE relationship = ?1 ORDER BY number",
        )?;
        let rows = statement.query_map([relationship], |row| {
            let bytes: Vec<u8> = row.get(1)?;
            let (lines, _) = bytes.as_chunks::<8>();
            Ok((
                row.get(0)?,
                lines.iter().map(|l| u64::from_le_bytes(*l)).collect(),
            ))
        })?;
        rows.collect()
    }

    fn find_made_once(
        &self,
        relationship: &str,
        direction: Direction,
        ids: &[Value],
    ) -> rusqlite::Result<Vec<bool>> {
        let relationship = self.names.number(&self.connection, relationship)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT 1 FROM once WHERE relationship = ?1 AND direction = ?2 AND id = ?3",
        )?;
        ids.iter()
            .map(|id| statement.exists(params![relationship, direction, Column(id)]))
            .collect()
    }

    fn find_revisits(
        &self,
        relationship: &str,
        now: DateTime<Utc>,
    ) -> rusqlite::Result<Vec<Revisit>> {
        let relationship = self.names.number(&self.connection, relationship)?;
        let mut statement = self.connection.prepare_cached(
            // The number of a direction is the one of its source's side.
            "SELECT direction, object, id FROM held WHERE relationship = ?1 AND waits = 1
             UNION SELECT side, object, id FROM waits WHERE relationship = ?1
             UNION SELECT side, object, id FROM failures WHERE relationship = ?1 AND next_try <= ?2
             UNION SELECT side, object, id FROM failures WHERE relationship = ?1 AND retry = 1
             UNION SELECT 0, left_object, left_id FROM conflicts WHERE relationship = ?1 AND winner IS NOT NULL
             UNION SELECT 1, right_object, right_id FROM conflicts WHERE relationship = ?1 AND winner IS NOT NULL
             ORDER BY 1, 2, 3",
        )?;
        let mut rows = statement.query(params![relationship, Time(now)])?;
        let mut revisits = Vec::new();
        while let Some(row) = rows.next()? {
            revisits.push(Revisit {
                side: row.get(0)?,
                object: self.names.name(&self.connection, row.get(1)?)?,
                id: column::value(row, 2)?,
            });
        }
        Ok(revisits)
    }

    fn find_round_robin(&self, number: u16) -> rusqlite::Result<u64> {
        let next: Option<i64> = self
            .connection
            .prepare_cached("SELECT next FROM round_robin WHERE number = ?1")?
            .query_row([number], |row| row.get(0))
            .optional()?;
        Ok(next.unwrap_or_default().cast_unsigned())
    }

    pub(super) fn set_cursor(
        &self,
        relationship: &str,
        side: Side,
        object: &str,
        cursor: &Cursor,
    ) -> rusqlite::Result<()> {
        let relationship = self.names.intern(&self.connection, relationship)?;
        let object = self.names.intern(&self.connection, object)?;
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO cursors (relationship, side, object, stamp, read_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![relationship, side, object, Column(&cursor.stamp), Time(cursor.read_at)])
            .map(drop)
    }

    pub(super) fn set_completed(&self, relationship: &str, rules: u64) -> rusqlite::Result<()> {
        let relationship = self.names.intern(&self.connection, relationship)?;
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO completed (relationship, rules) VALUES (?1, ?2)",
            )?
            .execute(params![relationship, rules.cast_signed()])
            .map(drop)
    }

    pub(super) fn add_layout(
        &self,
        relationship: &str,
        number: u32,
        lines: &[u64],
    ) -> rusqlite::Result<()> {
        let relationship = self.names.intern(&self.connection, relationship)?;
        let bytes: Vec<u8> = lines.iter().flat_map(|l| l.to_le_bytes()).collect();
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO layouts (relationship, number, lines) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![relationship, number, bytes])
            .map(drop)
    }

    pub(super) fn add_once(
        &self,
        relationship: &str,
        direction: Direction,
        id: &Value,
    ) -> rusqlite::Result<()> {
        let relationship = self.names.intern(&self.connection, relationship)?;
        self.connection
            .prepare_cached(
                "INSERT OR IGNORE INTO once (relationship, direction, id) VALUES (?1, ?2, ?3)",
            )?
            .execute(params![relationship, direction, Column(id)])
            .map(drop)
    }

    pub(super) fn wait(&self, relationship: &str, revisit: &Revisit) -> rusqlite::Result<()> {
        let relationship = self.names.intern(&self.connection, relationship)?;
        let object = self.names.intern(&self.connection, &revisit.object)?;
        self.connection
            .prepare_cached(
                "INSERT OR IGNORE INTO waits (relationship, side, object, id) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![relationship, revisit.side, object, Column(&revisit.id)])
            .map(drop)
    }

    pub(super) fn unwait(&self, relationship: &str, revisit: &Revisit) -> rusqlite::Result<()> {
        let relationship = self.names.number(&self.connection, relationship)?;
        let object = self.names.number(&self.connection, &revisit.object)?;
        self.connection
            .prepare_cached(
                "DELETE FROM waits WHERE relationship = ?1 AND side = ?2 AND object = ?3 AND id = ?4",
            )?
            .execute(params![relationship, revisit.side, object, Column(&revisit.id)])
            .map(drop)
    }

    pub(super) fn set_round_robin(&self, number: u16, next: u64) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO round_robin (number, next) VALUES (?1, ?2)")?
            .execute(params![number, next.cast_signed()])
            .map(drop)
    }
}
