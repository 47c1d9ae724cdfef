//! The batches of an outbox, read ahead of whoever writes them: on a thread, with a ledger of its own, so that it need not wait for what is
//! made durable meanwhile.

use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::thread::Scope;

use super::batch::decode_units;
use super::{ApplyError, ended};
use crate::ledger::{Batch, Ledger};
use crate::plan::Unit;
use crate::plan::codec::{Creates, decode_creates};
use crate::store::Write;

/// Bunches that are read before they are asked for: they are held in memory.
const AHEAD: usize = 2;
/// Batches that are handed over at once, so that a thread which waits is woken less often; and bytes of theirs.
const BUNCH: usize = 4;
const BUNCH_BYTES: usize = 1 << 18;

type Read = Result<Content, ApplyError>;

/// Some batches, in order.
pub struct Reading {
    bunches: Receiver<Vec<Read>>,
    bunch: std::vec::IntoIter<Read>,
    spent: Sender<Vec<Write>>,
}

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
        let (send, bunches) = sync_channel(AHEAD);
        let (spent, written) = channel();
        scope.spawn(move || {
            let mut numbers = numbers.iter();
            loop {
                written.try_iter().for_each(drop);
                let (bunch, failed) = bunch(&ledger, run, &mut numbers);
                if bunch.is_empty() || send.send(bunch).is_err() || failed {
                    return;
                }
            }
        });
        Reading {
            bunches,
            bunch: Vec::new().into_iter(),
            spent,
        }
    }

    /// What was written of a batch, to be freed where it was made: whoever writes has no time for that.
    pub fn spent(&self, writes: Vec<Write>) {
        let _ = self.spent.send(writes);
    }

    /// The next one.
    ///
    /// # Errors
    /// A ledger that can't be read.
    pub fn next(&mut self) -> Result<Content, ApplyError> {
        if let Some(read) = self.bunch.next() {
            return read;
        }
        self.bunch = self.bunches.recv().unwrap_or_default().into_iter();
        let ended = || Err(ended("reads").into());
        self.bunch.next().unwrap_or_else(ended)
    }
}

/// The next batches, the last of which may have failed.
fn bunch(ledger: &Ledger, run: &str, numbers: &mut std::slice::Iter<'_, i64>) -> (Vec<Read>, bool) {
    let mut bunch = Vec::with_capacity(BUNCH);
    let mut bytes = 0;
    for number in numbers {
        let batch = ledger.batch(run, *number).map_err(ApplyError::from);
        if let Ok(Some(batch)) = &batch {
            bytes += batch.operations.len();
        }
        let read = batch.and_then(content);
        let failed = read.is_err();
        bunch.push(read);
        if failed || bunch.len() == BUNCH || bytes >= BUNCH_BYTES {
            return (bunch, failed);
        }
    }
    (bunch, false)
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
