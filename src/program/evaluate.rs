//! Evaluation of compiled expressions: total, deterministic, without input or output (language reference, section 6).

use chrono::{DateTime, Utc};

use super::{Expr, QueryRef, Side, Slot};
use crate::value::Value;

/// What an expression can see.
pub trait Scope {
    /// The field's value; null where there is no record on that side.
    fn field(&self, side: Side, slot: Slot) -> &Value;
    fn was(&self, side: Side, slot: Slot) -> Value;
    /// The name of the alternative at hand.
    fn alternative(&self) -> &str;
    fn by_hand(&self) -> bool;
    /// The run's clock.
    fn now(&self) -> DateTime<Utc>;
    /// The value that a lens converts.
    fn it(&self) -> &Value;
    /// The answer of a query, fetched beforehand or now.
    ///
    /// # Errors
    /// Several records found where one is meant; a store that does not answer.
    fn query(&self, query: QueryRef) -> Result<Value, EvalError>;
    /// The next member of the list, in turn.
    fn round_robin(&self, number: u16, list: &[Value]) -> Value;
}

/// Why an expression has no value: an error of that record and field.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EvalError {
    #[error("division by zero")]
    DivisionByZero,
    /// What does not parse and as what: "`abc` is not a number".
    #[error("{0}")]
    Value(String),
    #[error("{0}")]
    Query(String),
    /// The answer exists only once an operation of this run is done; see `plan`.
    #[error("known once the record is made")]
    NotYet,
}

/// The value of `expr` in `scope`.
///
/// # Errors
/// See [`EvalError`]; no input makes it panic or loop.
pub fn evaluate(_expr: &Expr, _scope: &dyn Scope) -> Result<Value, EvalError> {
    todo!()
}

/// Whether a condition holds: comparisons with null are false; an integer column is true unless 0.
///
/// # Errors
/// As [`evaluate`].
pub fn is_true(_expr: &Expr, _scope: &dyn Scope) -> Result<bool, EvalError> {
    todo!()
}
