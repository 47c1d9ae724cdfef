//! Firings of triggers: rows with a key of their own, so that nothing fires twice and each action is carried out once.

use chrono::{DateTime, Utc};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Row, params};
use smol_str::SmolStr;

use super::column::{self, Column, Time};
use super::{Ledger, LedgerOutcome};
use crate::program::Side;
use crate::value::Value;

/// A trigger that fired.
#[derive(Debug, Clone, PartialEq)]
pub struct Firing {
    pub trigger: SmolStr,
    /// What makes it one: the same key never fires the trigger again.
    pub key: SmolStr,
    /// The record that fired; for an event its name and key, for a run "run" and its id.
    pub side: Side,
    pub object: SmolStr,
    pub id: Value,
    /// What the trigger reads, as it was when it fired; the planner's bytes.
    pub record: Box<[u8]>,
    /// Its condition holds. Else it is yet to be asked, because it reads what a run had not made yet.
    pub decided: bool,
    /// The place of the action that comes next.
    pub next: u16,
    pub state: FiringState,
    pub at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FiringState {
    /// New, or waiting for what an action needs.
    Open,
    /// An action failed: it is tried again when its failure is.
    Failed,
    /// Every action is carried out, or was not applicable.
    Done,
}

/// The columns of a firing, as [`Ledger::firing_of`] reads them.
macro_rules! select_firings {
    ($rest:literal) => {
        concat!(
            "SELECT trigger, key, side, object, id, record, decided, next, state, at, number FROM firings ",
            $rest
        )
    };
}

impl Ledger {
    /// The firings of a trigger that are not done, oldest first, after the one with the number `after` (0: from the first); each with
    /// its number.
    pub fn open_firings(
        &self,
        trigger: &str,
        after: i64,
        limit: usize,
    ) -> LedgerOutcome<Vec<(i64, Firing)>> {
        self.answer(self.find_open_firings(trigger, after, limit))
    }

    /// Whether any trigger of these names has a firing that is open.
    pub fn any_open_firing(&self, triggers: &[&str]) -> LedgerOutcome<bool> {
        self.answer(self.find_any_open_firing(triggers))
    }

    /// How many firings are open or failed.
    pub fn count_open_firings(&self) -> LedgerOutcome<u64> {
        self.answer(
            self.connection
                .prepare_cached("SELECT count(*) FROM firings WHERE state <> 'done'")
                .and_then(|mut s| s.query_row([], |row| row.get::<_, i64>(0)))
                .map(i64::cast_unsigned),
        )
    }

    /// The last firings of a record, newest first.
    pub fn firings_of(
        &self,
        side: Side,
        object: &str,
        id: &Value,
        limit: usize,
    ) -> LedgerOutcome<Vec<Firing>> {
        self.answer(self.find_firings_of(side, object, id, limit))
    }

    /// A firing by its trigger and key.
    pub fn firing(&self, trigger: &str, key: &str) -> LedgerOutcome<Option<Firing>> {
        self.answer(self.find_firing(trigger, key))
    }

    fn find_open_firings(
        &self,
        trigger: &str,
        after: i64,
        limit: usize,
    ) -> rusqlite::Result<Vec<(i64, Firing)>> {
        let trigger = self.names.number(&self.connection, trigger)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(select_firings!(
            "INDEXED BY firings_open WHERE trigger = ?1 AND state <> 'done' AND number > ?2 ORDER BY number LIMIT ?3"
        ))?;
        let mut rows = statement.query(params![trigger, after, limit])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push((row.get(10)?, self.firing_of(row)?));
        }
        Ok(found)
    }

    fn find_any_open_firing(&self, triggers: &[&str]) -> rusqlite::Result<bool> {
        for trigger in triggers {
            let number = self.names.number(&self.connection, trigger)?;
            let open = self
                .connection
                .prepare_cached("SELECT 1 FROM firings WHERE trigger = ?1 AND state = 'open'")?
                .exists([number])?;
            if open {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn find_firings_of(
        &self,
        side: Side,
        object: &str,
        id: &Value,
        limit: usize,
    ) -> rusqlite::Result<Vec<Firing>> {
        let object = self.names.number(&self.connection, object)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut statement = self.connection.prepare_cached(select_firings!(
            "WHERE side = ?1 AND object = ?2 AND id = ?3 ORDER BY number DESC LIMIT ?4"
        ))?;
        let mut rows = statement.query(params![side, object, Column(id), limit])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(self.firing_of(row)?);
        }
        Ok(found)
    }

    fn find_firing(&self, trigger: &str, key: &str) -> rusqlite::Result<Option<Firing>> {
        let trigger = self.names.number(&self.connection, trigger)?;
        let mut statement = self
            .connection
            .prepare_cached(select_firings!("WHERE trigger = ?1 AND key = ?2"))?;
        let mut rows = statement.query(params![trigger, key])?;
        rows.next()?.map(|row| self.firing_of(row)).transpose()
    }

    pub(super) fn fire(&self, firing: &Firing) -> rusqlite::Result<()> {
        let name = |name: &str| self.names.intern(&self.connection, name);
        self.connection
            .prepare_cached(
                "INSERT INTO firings (trigger, key, side, object, id, record, decided, next, state, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
                 ON CONFLICT (trigger, key) DO UPDATE SET decided = max(decided, excluded.decided)",
            )?
            .execute(params![
                name(&firing.trigger)?,
                firing.key.as_str(),
                firing.side,
                name(&firing.object)?,
                Column(&firing.id),
                firing.record,
                firing.decided,
                firing.next,
                firing.state,
                Time(firing.at)
            ])
            .map(drop)
    }

    /// The firing goes on at the action `next`, in this state; never back.
    pub(super) fn move_firing(
        &self,
        trigger: &str,
        key: &str,
        next: u16,
        state: FiringState,
    ) -> rusqlite::Result<()> {
        let trigger = self.names.number(&self.connection, trigger)?;
        self.connection
            .prepare_cached(
                "UPDATE firings SET next = ?3, state = ?4 WHERE trigger = ?1 AND key = ?2 AND next <= ?3 AND state <> 'done'",
            )?
            .execute(params![trigger, key, next, state])
            .map(drop)
    }

    pub(super) fn forget_firings(&self, before: DateTime<Utc>) -> rusqlite::Result<usize> {
        self.connection.execute(
            "DELETE FROM firings WHERE state = 'done' AND at < ?1",
            [Time(before)],
        )
    }

    /// The number of the last event of the inbox that was heard; 0 before the first.
    pub fn heard(&self) -> LedgerOutcome<i64> {
        let number = self
            .connection
            .prepare_cached("SELECT number FROM heard")
            .and_then(|mut s| s.query_row([], |row| row.get(0)).optional());
        self.answer(number).map(Option::unwrap_or_default)
    }

    pub(super) fn hear(&self, number: i64) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO heard (one, number) VALUES (1, ?1)")?
            .execute([number])
            .map(drop)
    }

    fn firing_of(&self, row: &Row<'_>) -> rusqlite::Result<Firing> {
        Ok(Firing {
            trigger: self.names.name(&self.connection, row.get(0)?)?,
            key: column::text(row, 1)?,
            side: row.get(2)?,
            object: self.names.name(&self.connection, row.get(3)?)?,
            id: column::value(row, 4)?,
            record: column::bytes(row, 5)?,
            decided: row.get(6)?,
            next: row.get(7)?,
            state: row.get(8)?,
            at: column::time(row, 9)?,
        })
    }
}

impl ToSql for FiringState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(match self {
            FiringState::Open => "open",
            FiringState::Failed => "failed",
            FiringState::Done => "done",
        }))
    }
}

impl FromSql for FiringState {
    fn column_result(column: ValueRef<'_>) -> FromSqlResult<Self> {
        match column.as_str()? {
            "open" => Ok(FiringState::Open),
            "failed" => Ok(FiringState::Failed),
            "done" => Ok(FiringState::Done),
            other => Err(column::damaged(format!(
                "`{other}` is no state of a firing"
            ))),
        }
    }
}
