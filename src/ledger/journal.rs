//! The outbox: planned operations in batches, noted before they leave and settled with their effects.

use chrono::{DateTime, Utc};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{OptionalExtension, Row, params};
use smol_str::SmolStr;

use super::column::{self, Time};
use super::{Batch, BatchState, Effect, Ledger, LedgerOutcome, NewBatch};

/// The batches of an open journal whose operations are written.
///
/// Their rows follow at the commit, all at once: a page that has left the cache and is then written to once more has SQLite sum up again, at
/// the commit, all that it wrote to its log since; and the pages of small rows that are written between large ones leave it many times.
#[derive(Default)]
pub(super) struct Appended(Vec<BatchRow>);

struct BatchRow {
    number: i64,
    /// The number of the run.
    run: i64,
    relationship: SmolStr,
    count: u32,
}

impl Ledger {
    /// Appends to the outbox of a run; durable after [`Ledger::commit_journal`], or with the next change of another kind. Gives the
    /// batch's number.
    pub fn journal(&mut self, run: &str, batch: &NewBatch) -> LedgerOutcome<i64> {
        let outcome = self.append(run, batch);
        self.finish(outcome)
    }

    pub fn commit_journal(&mut self) -> LedgerOutcome<()> {
        self.commit_journal_with(&[])
    }

    /// Commits what was journaled and, in the same transaction, what was planned to be noted with it.
    pub fn commit_journal_with(&mut self, effects: &[Effect]) -> LedgerOutcome<()> {
        let outcome = match (self.journaling.take(), effects) {
            (None, []) => return Ok(()),
            (None, _) => self.begin(),
            (Some(appended), _) => self.enter(appended),
        };
        // The plan may be large, and whoever carries it out need not wait until it is folded in: see `folder`.
        let outcome = outcome
            .and_then(|()| effects.iter().try_for_each(|effect| self.apply(effect)))
            .and_then(|()| self.set_folds(false))
            .and_then(|()| self.commit());
        let folds = self.set_folds(true);
        self.finish(outcome.and(folds))
    }

    /// Notes a change with what is journaled: durable, or forgotten, together with it.
    pub fn note(&mut self, effect: &Effect) -> LedgerOutcome<()> {
        let outcome = self.begin_journal().and_then(|()| self.apply(effect));
        self.finish(outcome)
    }

    /// Forgets what was journaled and not committed yet.
    pub fn drop_journal(&mut self) {
        if self.journaling.take().is_some() {
            self.names.forget();
            // A rollback that fails leaves nothing either.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    /// The batches of a run in order, after the one numbered `after`.
    pub fn batches(&self, run: &str, after: i64, limit: usize) -> LedgerOutcome<Vec<Batch>> {
        self.answer(self.find_batches(run, after, limit))
    }

    /// A batch of a run by its number.
    pub fn batch(&self, run: &str, number: i64) -> LedgerOutcome<Option<Batch>> {
        let found = self.batches(run, number - 1, 1)?;
        Ok(found.into_iter().find(|b| b.number == number))
    }

    /// The numbers of the batches of a run that are yet to leave, in order, after the one numbered `after`.
    pub fn planned(&self, run: &str, after: i64, limit: usize) -> LedgerOutcome<Vec<i64>> {
        self.answer(self.find_planned(run, after, limit))
    }

    /// Notes that batches leave as they were planned, or (`Planned`) that nothing of them has left after all. Durable before it returns.
    pub fn mark(&mut self, batches: &[i64], state: BatchState) -> LedgerOutcome<()> {
        self.write(|ledger| {
            batches
                .iter()
                .try_for_each(|batch| ledger.set_batch_state(*batch, state))
        })
    }

    /// Notes that a batch leaves, with its operations as they leave where they differ from the planned ones. Durable before it returns.
    pub fn sent(&mut self, batch: i64, operations: Option<&[u8]>) -> LedgerOutcome<()> {
        self.write(|ledger| {
            ledger.set_batch_state(batch, BatchState::Sent)?;
            match operations {
                Some(operations) => ledger.set_operations(batch, operations),
                None => Ok(()),
            }
        })
    }

    /// Results of a batch and their effects, in one durable transaction; with the operations as they were done, where the answers
    /// changed them.
    pub fn complete(
        &mut self,
        batch: i64,
        state: BatchState,
        operations: Option<&[u8]>,
        results: &[u8],
        effects: &[Effect],
    ) -> LedgerOutcome<()> {
        self.write(|ledger| {
            ledger.set_batch_state(batch, state)?;
            if let Some(operations) = operations {
                ledger.set_operations(batch, operations)?;
            }
            ledger
                .connection
                .prepare_cached("INSERT OR REPLACE INTO results (batch, bytes) VALUES (?1, ?2)")?
                .execute(params![batch, results])?;
            ledger.apply_all(effects)
        })
    }

    /// Drops the operations and results (the before-images of `undo`) of runs that finished before `before`, of how many batches, and the
    /// firings that were done before.
    /// Batches whose outcome is still unknown are kept.
    pub fn forget_journal(&mut self, before: DateTime<Utc>) -> LedgerOutcome<usize> {
        self.write(|ledger| {
            ledger.forget_firings(before)?;
            ledger.forget(before)
        })
    }

    fn begin_journal(&mut self) -> rusqlite::Result<()> {
        if self.journaling.is_none() {
            self.begin()?;
            self.journaling = Some(Appended::default());
        }
        Ok(())
    }

    fn append(&mut self, run: &str, batch: &NewBatch) -> rusqlite::Result<i64> {
        self.begin_journal()?;
        let run = self
            .connection
            .prepare_cached("SELECT number FROM runs WHERE id = ?1")?
            .query_row([run], |row| row.get(0))?;
        let number = self.last_batch()? + 1;
        self.connection
            .prepare_cached("INSERT INTO operations (batch, bytes) VALUES (?1, ?2)")?
            .execute(params![number, batch.operations])?;
        self.journaling.get_or_insert_default().0.push(BatchRow {
            number,
            run,
            relationship: batch.relationship.clone(),
            count: batch.count,
        });
        Ok(number)
    }

    /// The greatest number that a batch ever had.
    fn last_batch(&self) -> rusqlite::Result<i64> {
        if let Some(row) = self.journaling.as_ref().and_then(|a| a.0.last()) {
            return Ok(row.number);
        }
        self.connection
            .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'batches'")?
            .query_row([], |row| row.get(0))
            .optional()
            .map(Option::unwrap_or_default)
    }

    /// Writes the rows of what was appended.
    fn enter(&self, appended: Appended) -> rusqlite::Result<()> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO batches (number, run, relationship, state, count) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for row in appended.0 {
            let relationship = self.names.intern(&self.connection, &row.relationship)?;
            let state = BatchState::Planned;
            insert.execute(params![row.number, row.run, relationship, state, row.count])?;
        }
        Ok(())
    }

    fn find_batches(&self, run: &str, after: i64, limit: usize) -> rusqlite::Result<Vec<Batch>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT b.number, b.relationship, b.state, b.count, coalesce(o.bytes, x''), coalesce(r.bytes, x'')
             FROM batches b LEFT JOIN operations o ON o.batch = b.number LEFT JOIN results r ON r.batch = b.number
             WHERE b.run = (SELECT number FROM runs WHERE id = ?1) AND b.number > ?2 ORDER BY b.number LIMIT ?3",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut rows = statement.query(params![run, after, limit])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(self.batch_of(row)?);
        }
        Ok(found)
    }

    fn find_planned(&self, run: &str, after: i64, limit: usize) -> rusqlite::Result<Vec<i64>> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.connection
            .prepare_cached(
                "SELECT number FROM batches WHERE run = (SELECT number FROM runs WHERE id = ?1) AND number > ?2 AND state = ?3
                 ORDER BY number LIMIT ?4",
            )?
            .query_map(params![run, after, BatchState::Planned, limit], |row| row.get(0))?
            .collect()
    }

    fn batch_of(&self, row: &Row<'_>) -> rusqlite::Result<Batch> {
        Ok(Batch {
            number: row.get(0)?,
            relationship: self.names.name(&self.connection, row.get(1)?)?,
            state: row.get(2)?,
            count: row.get(3)?,
            operations: column::bytes(row, 4)?,
            results: column::bytes(row, 5)?,
        })
    }

    fn set_operations(&self, batch: i64, operations: &[u8]) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO operations (batch, bytes) VALUES (?1, ?2)")?
            .execute(params![batch, operations])
            .map(drop)
    }

    fn set_batch_state(&self, batch: i64, state: BatchState) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("UPDATE batches SET state = ?2 WHERE number = ?1")?
            .execute(params![batch, state])
            .map(drop)
    }

    fn forget(&self, before: DateTime<Utc>) -> rusqlite::Result<usize> {
        // Runs end in the order in which they began, all but those that a crash ended: of all the runs there ever were only those are
        // looked at that lie between the first that still has its operations and the first that keeps them.
        let first = "(SELECT run FROM batches WHERE number = (SELECT min(batch) FROM operations))";
        let keeps = format!(
            "ifnull((SELECT number FROM runs WHERE number >= {first} AND finished_at >= ?1 ORDER BY number LIMIT 1), 9223372036854775807)"
        );
        let old: Vec<i64> = self
            .connection
            .prepare_cached(&format!(
                "SELECT b.number FROM runs r JOIN batches b ON b.run = r.number
                 WHERE r.number >= {first} AND r.number < {keeps}
                   AND r.finished_at < ?1 AND r.state <> 'running' AND b.state <> 'sent'"
            ))?
            .query_map([Time(before)], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut forgotten = 0;
        for number in &old {
            let of = |table| {
                self.connection
                    .prepare_cached(&format!("DELETE FROM {table} WHERE batch = ?1"))?
                    .execute([number])
            };
            of("results")?;
            forgotten += of("operations")?;
        }
        Ok(forgotten)
    }
}

impl ToSql for BatchState {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(match self {
            BatchState::Planned => "planned",
            BatchState::Sent => "sent",
            BatchState::Done => "done",
            BatchState::Stale => "stale",
        }))
    }
}

impl FromSql for BatchState {
    fn column_result(column: ValueRef<'_>) -> FromSqlResult<Self> {
        match column.as_str()? {
            "planned" => Ok(BatchState::Planned),
            "sent" => Ok(BatchState::Sent),
            "done" => Ok(BatchState::Done),
            "stale" => Ok(BatchState::Stale),
            other => Err(column::damaged(format!("`{other}` is no state of a batch"))),
        }
    }
}
