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

/// The results of the operations of a batch, in order, as bytes.
#[derive(Default)]
pub struct Results(Vec<u8>);

impl Results {
    pub fn done(&mut self, id: &Value, stamp: &Value) {
        self.0.push(0);
        encode(id, &mut self.0);
        encode(stamp, &mut self.0);
    }

    pub fn failed(&mut self) {
        self.0.push(1);
    }

    pub fn stale(&mut self) {
        self.0.push(2);
    }

    pub fn skipped(&mut self) {
        self.0.push(3);
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
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
