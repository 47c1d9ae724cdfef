//! Runs: what was done when, and how it ended.

use chrono::{DateTime, Utc};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Row, params};

use super::column::{self, Time};
use super::{Ledger, LedgerOutcome, Run, RunState};

/// The run that is going on in this process.
pub(super) struct Current {
    pub number: i64,
    pub now: DateTime<Utc>,
}

/// The columns of a run, as [`run_of`] reads them.
macro_rules! select_runs {
    ($rest:literal) => {
        concat!(
            "SELECT id, command, started_at, finished_at, state, summary, rules FROM runs ",
            $rest
        )
    };
}

impl Ledger {
    /// Newest first.
    pub fn runs(&self, limit: usize) -> LedgerOutcome<Vec<Run>> {
        self.answer(self.find_runs(limit))
    }

    pub fn run(&self, id: &str) -> LedgerOutcome<Option<Run>> {
        self.answer(self.find_run(id))
    }

    /// The last run that never finished. Under a ledger opened for writing it is dead: its process was killed.
    pub fn unfinished(&self) -> LedgerOutcome<Option<Run>> {
        self.answer(self.find_unfinished())
    }

    /// Notes that a run by the rules with this hash begins, or that an unfinished one of this id goes on; failures are dated by `now`
    /// until it finishes.
    pub fn begin_run(
        &mut self,
        id: &str,
        command: &str,
        rules: u64,
        now: DateTime<Utc>,
    ) -> LedgerOutcome<()> {
        let number = self.write(|ledger| {
            ledger
                .connection
                .prepare_cached(
                    "INSERT INTO runs (id, command, started_at, state, summary, rules) VALUES (?1, ?2, ?3, ?4, '', ?5)
                     ON CONFLICT (id) DO UPDATE SET state = excluded.state, finished_at = NULL RETURNING number",
                )?
                .query_row(params![id, command, Time(now), RunState::Running, rules.cast_signed()], |row| row.get(0))
        })?;
        self.current = Some(Current { number, now });
        Ok(())
    }

    pub fn finish_run(
        &mut self,
        id: &str,
        state: RunState,
        summary: &str,
        now: DateTime<Utc>,
    ) -> LedgerOutcome<()> {
        self.write(|ledger| {
            // By the run's own clock, as they are counted.
            let clock = ledger.current.as_ref().map_or(now, |run| run.now);
            ledger.forget_old_turns(clock)?;
            ledger
                .connection
                .prepare_cached(
                    "UPDATE runs SET state = ?2, summary = ?3, finished_at = ?4 WHERE id = ?1",
                )?
                .execute(params![id, state, summary, Time(now)])
        })?;
        self.current = None;
        Ok(())
    }

    /// Takes back a run that was given up before its first write: no trace of it stays.
    pub fn abandon_run(&mut self, id: &str) -> LedgerOutcome<()> {
        self.write(|ledger| {
            let run = "(SELECT number FROM runs WHERE id = ?1)";
            let batches = format!("(SELECT number FROM batches WHERE run = {run})");
            for table in ["results", "operations"] {
                let delete = format!("DELETE FROM {table} WHERE batch IN {batches}");
                ledger.connection.execute(&delete, [id])?;
            }
            let delete = format!("DELETE FROM batches WHERE run = {run}");
            ledger.connection.execute(&delete, [id])?;
            ledger
                .connection
                .execute("DELETE FROM runs WHERE id = ?1", [id])
        })?;
        self.current = None;
        Ok(())
    }

    fn find_runs(&self, limit: usize) -> rusqlite::Result<Vec<Run>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.connection
            .prepare_cached(select_runs!("ORDER BY number DESC LIMIT ?1"))?
            .query_map([limit], run_of)?
            .collect()
    }

    fn find_run(&self, id: &str) -> rusqlite::Result<Option<Run>> {
        self.connection
            .prepare_cached(select_runs!("WHERE id = ?1"))?
            .query_row([id], run_of)
            .optional()
    }

    fn find_unfinished(&self) -> rusqlite::Result<Option<Run>> {
        self.connection
            .prepare_cached(select_runs!(
                "WHERE state = 'running' ORDER BY number DESC LIMIT 1"
            ))?
            .query_row([], run_of)
            .optional()
    }
}

fn run_of(row: &Row<'_>) -> rusqlite::Result<Run> {
    Ok(Run {
        id: column::text(row, 0)?,
        command: column::text(row, 1)?,
        started_at: column::time(row, 2)?,
        finished_at: column::time_or_none(row, 3)?,
        state: row.get(4)?,
        summary: row.get(5)?,
        rules: row.get::<_, i64>(6)?.cast_unsigned(),
    })
}

impl ToSql for RunState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(match self {
            RunState::Running => "running",
            RunState::Done => "done",
            RunState::Failed => "failed",
            RunState::Interrupted => "interrupted",
        }))
    }
}

impl FromSql for RunState {
    fn column_result(column: ValueRef<'_>) -> FromSqlResult<Self> {
        match column.as_str()? {
            "running" => Ok(RunState::Running),
            "done" => Ok(RunState::Done),
            "failed" => Ok(RunState::Failed),
            "interrupted" => Ok(RunState::Interrupted),
            other => Err(column::damaged(format!("`{other}` is no state of a run"))),
        }
    }
}
