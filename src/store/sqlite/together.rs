//! Merges and conversions: writes to several tables in one transaction.

use super::fault::record_error;
use super::statement::LastStatement;
use super::write::{Batch, Fault};
use super::{BEGIN, SqliteStore};
use crate::store::{RecordError, Step, StoreError, StoreOutcome, WriteResult, undone};
use crate::value::Value;

/// Why nothing of it was written.
enum Given {
    Up(WriteResult),
    Store(StoreError),
}

impl SqliteStore {
    pub(super) fn write_steps(&mut self, steps: &[Step]) -> StoreOutcome<Vec<WriteResult>> {
        for step in steps {
            let table = self.table(&step.object)?.clone();
            self.id_of(&table)?;
            let made = step.made.iter();
            for field in step.write.fields.iter().map(|(name, _)| name).chain(made) {
                self.known(&table, field)?;
            }
        }
        self.connection
            .execute_batch(BEGIN)
            .map_err(|error| self.place.error(error))?;
        let outcome = self.steps(steps).and_then(|results| {
            let committed = self.connection.execute_batch("COMMIT");
            committed.map_err(|error| self.given_up(error))?;
            Ok(results)
        });
        match outcome {
            Ok(results) => Ok(results),
            Err(given) => {
                self.undo_transaction();
                match given {
                    Given::Up(result) => Ok(undone(steps.len(), 0, result)),
                    Given::Store(error) => Err(error),
                }
            }
        }
    }

    fn given_up(&self, error: rusqlite::Error) -> Given {
        match record_error(&error) {
            Some(error) => Given::Up(WriteResult::Failed(error)),
            None => Given::Store(self.place.error(error)),
        }
    }

    fn steps(&mut self, steps: &[Step]) -> Result<Vec<WriteResult>, Given> {
        let mut results = Vec::with_capacity(steps.len());
        let mut made: Option<Value> = None;
        for step in steps {
            let format = self.stamp_format(&step.object).map_err(Given::Store)?;
            let batch = self.batch(&step.object, format).map_err(Given::Store)?;
            let Some(write) = step.with_made(made.as_ref()) else {
                return Err(Given::Up(WriteResult::Failed(RecordError::not_made())));
            };
            let result = self.write_one(&batch, &write, &mut LastStatement::default());
            match result {
                Ok(WriteResult::Done { id, stamp }) => {
                    if step.makes() {
                        made.get_or_insert_with(|| id.clone());
                    }
                    results.push(WriteResult::Done { id, stamp });
                }
                Ok(other) => return Err(Given::Up(other)),
                Err(Fault::Store(error)) => return Err(Given::Store(error)),
                Err(Fault::Sqlite(error)) => return Err(self.given_up(error)),
            }
        }
        Ok(results)
    }

    /// What a write to the object shares with others of this moment.
    fn batch(
        &mut self,
        object: &str,
        format: crate::store::stamp::StampFormat,
    ) -> StoreOutcome<Batch> {
        let table = self.table(object)?.clone();
        let id = self.id_of(&table)?.clone();
        let mut batch = Batch::new(table, id);
        self.date(object, format, &mut batch)?;
        Ok(batch)
    }
}
