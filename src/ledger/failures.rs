//! Records that failed: what the store said, and when they are tried again.

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{OptionalExtension, Row, params};

use super::column::{self, Column, Time};
use super::{Failure, FailureRow, Ledger, LedgerOutcome, Selection};
use crate::program::Side;
use crate::value::Value;

/// After so many attempts a failure is left to the user.
const MOST_ATTEMPTS: u32 = 10;

impl Ledger {
    /// In the order relationship, side, object, id, field.
    pub fn failures(&self, selection: &Selection) -> LedgerOutcome<Vec<FailureRow>> {
        let found = self.answer(self.find_failures(selection))?;
        Ok(found.into_iter().map(|(_, row)| row).collect())
    }

    /// Marks failures to be tried in the next run; how many.
    pub fn retry(&mut self, selection: &Selection) -> LedgerOutcome<usize> {
        self.change_failures(selection, "UPDATE failures SET retry = 1 WHERE number = ?1")
    }

    /// Takes failures off the list; how many. They come back if the records change and fail again.
    pub fn dismiss(&mut self, selection: &Selection) -> LedgerOutcome<usize> {
        self.change_failures(selection, "DELETE FROM failures WHERE number = ?1")
    }

    fn change_failures(&mut self, selection: &Selection, change: &str) -> LedgerOutcome<usize> {
        self.write(|ledger| {
            let found = ledger.find_failures(selection)?;
            let mut statement = ledger.connection.prepare_cached(change)?;
            for (number, _) in &found {
                statement.execute([number])?;
            }
            Ok(found.len())
        })
    }

    fn find_failures(&self, selection: &Selection) -> rusqlite::Result<Vec<(i64, FailureRow)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT f.number, r.name, f.side, o.name, f.id, f.field, f.code, f.message, f.sent, u.name, f.transient, f.at, f.attempts,
             f.next_try, f.retry
             FROM failures f JOIN names r ON r.number = f.relationship JOIN names o ON o.number = f.object
             JOIN names u ON u.number = f.rule
             WHERE ?1 IS NULL OR r.name = ?1 ORDER BY r.name, f.side, o.name, f.id, f.field",
        )?;
        let mut rows = statement.query([selection.relationship.as_deref()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let failed = failure_of(row)?;
            if selection.names(std::slice::from_ref(&failed.failure.id)) {
                found.push((row.get(0)?, failed));
            }
        }
        Ok(found)
    }

    /// A record's failure replaces those of its earlier attempts; several fields that fail in one attempt stand side by side.
    pub(super) fn fail(&self, failure: &Failure) -> rusqlite::Result<()> {
        let name = |name: &str| self.names.intern(&self.connection, name);
        let relationship = name(&failure.relationship)?;
        let object = name(&failure.object)?;
        let field = failure.field.as_deref().unwrap_or_default();
        let (attempt, now) = self.attempt()?;
        let before: Option<u32> = self
            .connection
            .prepare_cached(
                "SELECT max(attempts - (attempt = ?5 AND field <> ?6)) FROM failures
                 WHERE relationship = ?1 AND side = ?2 AND object = ?3 AND id = ?4",
            )?
            .query_row(
                params![
                    relationship,
                    failure.side,
                    object,
                    Column(&failure.id),
                    attempt,
                    field
                ],
                |row| row.get(0),
            )
            .optional()?
            .flatten();
        let attempts = before.unwrap_or_default().saturating_add(1);
        self.connection
            .prepare_cached(
                "DELETE FROM failures WHERE relationship = ?1 AND side = ?2 AND object = ?3 AND id = ?4 AND attempt <> ?5",
            )?
            .execute(params![relationship, failure.side, object, Column(&failure.id), attempt])?;
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO failures (relationship, side, object, id, field, code, message, sent, rule, transient, at, attempt,
                 attempts, next_try, retry) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 0)",
            )?
            .execute(params![
                relationship,
                failure.side,
                object,
                Column(&failure.id),
                field,
                failure.code,
                failure.message,
                failure.sent,
                name(&failure.rule)?,
                failure.transient,
                Time(now),
                attempt,
                attempts,
                next_try(failure.transient, attempts, now).map(Time)
            ])
            .map(drop)
    }

    pub(super) fn unfail(
        &self,
        relationship: &str,
        side: Side,
        object: &str,
        id: &Value,
    ) -> rusqlite::Result<()> {
        let relationship = self.names.number(&self.connection, relationship)?;
        let object = self.names.number(&self.connection, object)?;
        self.connection
            .prepare_cached(
                "DELETE FROM failures WHERE relationship = ?1 AND side = ?2 AND object = ?3 AND id = ?4",
            )?
            .execute(params![relationship, side, object, Column(id)])
            .map(drop)
    }

    /// What tells this attempt from others, and its time.
    fn attempt(&self) -> rusqlite::Result<(i64, DateTime<Utc>)> {
        match &self.current {
            Some(run) => Ok((run.number, run.now)),
            None => Ok((-1 - self.read_generation()?, Utc::now())),
        }
    }
}

/// One minute after the first attempt, then twice as long each time, up to six hours.
fn next_try(transient: bool, attempts: u32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if !transient || attempts >= MOST_ATTEMPTS {
        return None;
    }
    let minutes = (1_i64 << attempts.saturating_sub(1).min(9)).min(6 * 60);
    now.checked_add_signed(TimeDelta::minutes(minutes))
}

fn failure_of(row: &Row<'_>) -> rusqlite::Result<FailureRow> {
    Ok(FailureRow {
        failure: Failure {
            relationship: column::text(row, 1)?,
            side: row.get(2)?,
            object: column::text(row, 3)?,
            id: column::value(row, 4)?,
            field: Some(column::text(row, 5)?).filter(|field| !field.is_empty()),
            code: row.get(6)?,
            message: row.get(7)?,
            sent: row.get(8)?,
            rule: row.get(9)?,
            transient: row.get(10)?,
        },
        at: column::time(row, 11)?,
        attempts: row.get(12)?,
        next_try: column::time_or_none(row, 13)?,
        retry: row.get(14)?,
    })
}
