//! Every change is one transaction that moves the generation on.

use super::{Effect, Ledger, LedgerError, LedgerOutcome};

impl Ledger {
    /// Grows with every change; a saved plan of another generation is stale.
    pub fn generation(&self) -> LedgerOutcome<u64> {
        self.answer(self.read_generation()).map(i64::cast_unsigned)
    }

    /// Effects that belong to no batch, in one durable transaction.
    pub fn record(&mut self, effects: &[Effect]) -> LedgerOutcome<()> {
        if effects.is_empty() {
            return self.commit_journal();
        }
        self.write(|ledger| effects.iter().try_for_each(|effect| ledger.apply(effect)))
    }

    /// From now on changes become durable together, with [`Ledger::commit_together`]; one that fails takes back all of them.
    pub fn begin_together(&mut self) -> LedgerOutcome<()> {
        self.commit_journal()?;
        let outcome = self.begin();
        self.together = outcome.is_ok();
        self.finish(outcome)
    }

    pub fn commit_together(&mut self) -> LedgerOutcome<()> {
        if !std::mem::take(&mut self.together) {
            return Ok(());
        }
        let outcome = self.commit();
        self.finish(outcome)
    }

    /// Takes back the changes since [`Ledger::begin_together`].
    pub fn roll_back_together(&mut self) {
        if std::mem::take(&mut self.together) {
            self.roll_back();
        }
    }

    /// Carries out `act` in one durable transaction, after committing what was journaled; when it fails, nothing of it stays.
    pub(super) fn write<T>(
        &mut self,
        act: impl FnOnce(&Ledger) -> rusqlite::Result<T>,
    ) -> LedgerOutcome<T> {
        if self.together {
            let outcome = act(self);
            return self.finish(outcome);
        }
        self.commit_journal()?;
        let outcome = self.begin().and_then(|()| act(self)).and_then(|found| {
            self.commit()?;
            Ok(found)
        });
        self.finish(outcome)
    }

    /// Carries out `act`, which reads often, under one read lock instead of one for each query.
    pub(super) fn read<T>(&self, act: impl FnOnce() -> rusqlite::Result<T>) -> LedgerOutcome<T> {
        let outcome = if self.connection.is_autocommit() {
            self.connection
                .unchecked_transaction()
                .and_then(|_lock| act())
        } else {
            act()
        };
        self.answer(outcome)
    }

    pub(super) fn begin(&self) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("BEGIN IMMEDIATE")?
            .execute([])
            .map(drop)
    }

    pub(super) fn commit(&self) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("UPDATE meta SET generation = generation + 1")?
            .execute([])?;
        self.connection
            .prepare_cached("COMMIT")?
            .execute([])
            .map(drop)
    }

    /// Rolls back what failed.
    pub(super) fn finish<T>(&mut self, outcome: rusqlite::Result<T>) -> LedgerOutcome<T> {
        if outcome.is_err() {
            self.journaling = None;
            self.together = false;
            self.roll_back();
        }
        self.answer(outcome)
    }

    fn roll_back(&self) {
        self.names.forget();
        if !self.connection.is_autocommit() {
            // The first error is the one to tell; a rollback that fails leaves nothing either.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
    }

    pub(super) fn answer<T>(&self, outcome: rusqlite::Result<T>) -> LedgerOutcome<T> {
        outcome.map_err(|error| LedgerError::sqlite(&self.path, &error))
    }

    pub(super) fn read_generation(&self) -> rusqlite::Result<i64> {
        self.connection
            .prepare_cached("SELECT generation FROM meta")?
            .query_row([], |row| row.get(0))
    }
}
