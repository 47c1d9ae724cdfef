//! The batches of an outbox, read ahead of whoever writes them: on a thread, with a ledger of its own, so that it need not wait for what is
//! made durable meanwhile.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Scope;

use super::ApplyError;
use super::batch::decode_units;
use crate::ledger::{Batch, Ledger};
use crate::plan::{PlanError, Unit};

/// Batches that are read before they are asked for: they are held in memory.
const AHEAD: usize = 1;

/// The units of some batches, in order.
pub struct Reading(Receiver<Result<Vec<Unit>, ApplyError>>);

impl Reading {
    /// Reads until the last of them, or until it is dropped.
    pub fn begin<'s, 'e>(
        scope: &'s Scope<'s, 'e>,
        ledger: Ledger,
        run: &'e str,
        numbers: &'e [i64],
    ) -> Reading {
        let (send, batches) = sync_channel(AHEAD);
        scope.spawn(move || {
            for number in numbers {
                let units = batch(&ledger, run, *number)
                    .and_then(|batch| batch.as_ref().map_or(Ok(Vec::new()), decode_units));
                let failed = units.is_err();
                if send.send(units).is_err() || failed {
                    return;
                }
            }
        });
        Reading(batches)
    }

    /// The next one.
    ///
    /// # Errors
    /// A ledger that can't be read.
    pub fn next(&mut self) -> Result<Vec<Unit>, ApplyError> {
        self.0.recv().unwrap_or_else(|_| Err(gone()))
    }
}

/// A batch of a run by its number.
///
/// # Errors
/// A ledger that can't be read.
pub fn batch(ledger: &Ledger, run: &str, number: i64) -> Result<Option<Batch>, ApplyError> {
    let found = ledger.batches(run, number - 1, 1)?;
    Ok(found.into_iter().find(|b| b.number == number))
}

/// Its thread has ended before its time.
fn gone() -> ApplyError {
    ApplyError::Plan(PlanError::Output(
        "the thread that reads the ledger has ended".to_string(),
    ))
}
