//! The batches of an outbox, read ahead of whoever writes them: on a thread, with a ledger of its own, so that it need not wait for what is
//! made durable meanwhile.

use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::Scope;

use super::batch::decode_units;
use super::{ApplyError, ended};
use crate::ledger::{Batch, Ledger};
use crate::plan::Unit;
use crate::plan::codec::{Creates, decode_creates};

/// Batches that are read before they are asked for: they are held in memory.
const AHEAD: usize = 4;

/// Some batches, in order.
pub struct Reading(Receiver<Result<Content, ApplyError>>);

/// What a batch holds.
pub enum Content {
    /// Nothing but creates; and the batch, should more be asked of it.
    Creates(Creates, Batch),
    Units(Vec<Unit>),
}

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
                let content = ledger
                    .batch(run, *number)
                    .map_err(ApplyError::from)
                    .and_then(content);
                let failed = content.is_err();
                if send.send(content).is_err() || failed {
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
    pub fn next(&mut self) -> Result<Content, ApplyError> {
        self.0.recv().unwrap_or_else(|_| Err(ended("reads").into()))
    }
}

fn content(batch: Option<Batch>) -> Result<Content, ApplyError> {
    let Some(batch) = batch else {
        return Ok(Content::Units(Vec::new()));
    };
    match decode_creates(&batch.operations) {
        Some(creates) => Ok(Content::Creates(creates, batch)),
        None => decode_units(&batch).map(Content::Units),
    }
}
