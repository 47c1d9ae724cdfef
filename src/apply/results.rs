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

const DONE: u8 = 0;
const FAILED: u8 = 1;
const STALE: u8 = 2;
const SKIPPED: u8 = 3;
/// Done, with the stamp of the one that was done before.
const DONE_TOO: u8 = 4;

/// The results of the operations of a batch, in order, as bytes.
#[derive(Default)]
pub struct Results {
    bytes: Vec<u8>,
    /// That of the last one that was done.
    stamp: Option<Value>,
}

impl Results {
    pub fn done(&mut self, id: &Value, stamp: &Value) {
        if self.stamp.as_ref() == Some(stamp) {
            self.bytes.push(DONE_TOO);
            encode(id, &mut self.bytes);
        } else {
            self.bytes.push(DONE);
            encode(id, &mut self.bytes);
            encode(stamp, &mut self.bytes);
            self.stamp = Some(stamp.clone());
        }
    }

    pub fn failed(&mut self) {
        self.bytes.push(FAILED);
    }

    pub fn stale(&mut self) {
        self.bytes.push(STALE);
    }

    pub fn skipped(&mut self) {
        self.bytes.push(SKIPPED);
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// `None` for bytes that are no results.
pub fn decode_results(bytes: &[u8]) -> Option<Vec<OperationResult>> {
    let mut at = 0;
    let mut results = Vec::new();
    let mut last = None;
    while at < bytes.len() {
        at += 1;
        results.push(match bytes[at - 1] {
            code @ (DONE | DONE_TOO) => {
                let id = decode(bytes, &mut at)?;
                if code == DONE {
                    last = Some(decode(bytes, &mut at)?);
                }
                OperationResult::Done {
                    id,
                    stamp: last.clone()?,
                }
            }
            FAILED => OperationResult::Failed,
            STALE => OperationResult::Stale,
            SKIPPED => OperationResult::Skipped,
            _ => return None,
        });
    }
    Some(results)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::samples::any_value;
    use proptest::prelude::*;

    fn any_result() -> impl Strategy<Value = OperationResult> {
        let stamp = prop_oneof![2 => Just(Value::Null), 2 => Just(Value::Int(7)), 1 => any_value()];
        prop_oneof![
            4 => (any_value(), stamp).prop_map(|(id, stamp)| OperationResult::Done { id, stamp }),
            1 => Just(OperationResult::Failed),
            1 => Just(OperationResult::Stale),
            1 => Just(OperationResult::Skipped),
        ]
    }

    proptest! {
        #[test]
        fn results_survive_their_bytes(all in proptest::collection::vec(any_result(), 0..8)) {
            let mut results = Results::default();
            for result in &all {
                match result {
                    OperationResult::Done { id, stamp } => results.done(id, stamp),
                    OperationResult::Failed => results.failed(),
                    OperationResult::Stale => results.stale(),
                    OperationResult::Skipped => results.skipped(),
                }
            }
            prop_assert_eq!(decode_results(results.bytes()), Some(all));
        }
    }
}
