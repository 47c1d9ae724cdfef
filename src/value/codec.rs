//! A compact, stable byte form of values, for the ledger.

use super::Value;

/// Appends the value's byte form to `out`.
pub fn encode(_value: &Value, _out: &mut Vec<u8>) {
    todo!()
}

/// The value at `at`, which moves past it; `None` for bytes that are no value's.
pub fn decode(_bytes: &[u8], _at: &mut usize) -> Option<Value> {
    todo!()
}
