//! Equality, hashing, blankness, display, and conversion into a field's type.

use std::fmt;

use super::{Type, Value};

/// Why a value does not fit a type: a fact for the user ("`abc` is not a number", "12 characters do not fit text(10)").
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct ConvertError(pub String);

impl Value {
    /// Null, absent, or text that is empty or only white space.
    pub fn is_blank(&self) -> bool {
        todo!()
    }
    /// Null or absent.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null | Value::Absent)
    }
    /// Equal as values: 1, 1.0 and true are the same; instants whatever their zone; texts byte for byte.
    pub fn same(&self, _other: &Value) -> bool {
        todo!()
    }
    /// A stable hash that agrees with [`Value::same`]; kept in ledgers, so it never changes.
    pub fn hash64(&self) -> u64 {
        todo!()
    }
    /// Order of two comparable values (numbers, texts, dates, instants, durations, booleans); `None` across kinds.
    /// A date against an instant is its midnight UTC.
    pub fn order(&self, _other: &Value) -> Option<std::cmp::Ordering> {
        todo!()
    }
}

impl fmt::Display for Value {
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}

/// `value` as a field of type `ty` stores it; nothing is cut or rounded.
///
/// # Errors
/// A value that the type does not hold.
pub fn convert(_value: Value, _ty: &Type) -> Result<Value, ConvertError> {
    todo!()
}

/// Whether a field of type `ty` would hold the same value (15- and 18-character ids, dates and instants in text, trailing zeros).
pub fn same_in(_ty: &Type, _a: &Value, _b: &Value) -> bool {
    todo!()
}
