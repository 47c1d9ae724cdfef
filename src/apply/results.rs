//! What became of each operation of a batch, as bytes beside the operations: what `undo` and `history` read.

use crate::value::{Value, decode, encode};

#[derive(Debug, Clone, PartialEq)]
pub enum OperationResult {
    /// The record's id and its stamp after the write (null where there is none).
    Done {
        id: Value,
        stamp: Value,
    },
    Failed,
    Stale,
    /// Not tried: its unit was held or failed before it.
    Skipped,
}

/// The results of all operations of a batch, in order.
pub fn encode_results(results: &[OperationResult]) -> Vec<u8> {
    let mut out = Vec::with_capacity(results.len() * 16);
    for result in results {
        match result {
            OperationResult::Done { id, stamp } => {
                out.push(0);
                encode(id, &mut out);
                encode(stamp, &mut out);
            }
            OperationResult::Failed => out.push(1),
            OperationResult::Stale => out.push(2),
            OperationResult::Skipped => out.push(3),
        }
    }
    out
}

/// `None` for bytes that are no results.
pub fn decode_results(bytes: &[u8]) -> Option<Vec<OperationResult>> {
    let mut at = 0;
    let mut results = Vec::new();
    while at < bytes.len() {
        at += 1;
        results.push(match bytes[at - 1] {
            0 => OperationResult::Done {
                id: decode(bytes, &mut at)?,
                stamp: decode(bytes, &mut at)?,
            },
            1 => OperationResult::Failed,
            2 => OperationResult::Stale,
            3 => OperationResult::Skipped,
            _ => return None,
        });
    }
    Some(results)
}
