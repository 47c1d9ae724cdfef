//! Expressions that read no record.

use chrono::{DateTime, Utc};

use super::{EvalError, Scope};
use crate::program::{QueryRef, Side, Slot};
use crate::value::Value;

/// What a constant sees, which is the clock, and a half of a lens, which sees a value too. All else is null.
pub struct NoRecord<'v> {
    pub it: &'v Value,
    pub now: DateTime<Utc>,
}

impl NoRecord<'_> {
    /// Without a value.
    pub fn at(now: DateTime<Utc>) -> NoRecord<'static> {
        NoRecord {
            it: &Value::Null,
            now,
        }
    }
}

impl Scope for NoRecord<'_> {
    fn field(&self, _: Side, _: Slot) -> &Value {
        &Value::Null
    }
    fn was(&self, _: Side, _: Slot) -> Value {
        Value::Null
    }
    fn alternative(&self) -> &str {
        ""
    }
    fn by_hand(&self) -> bool {
        false
    }
    fn now(&self) -> DateTime<Utc> {
        self.now
    }
    fn it(&self) -> &Value {
        self.it
    }
    fn query(&self, _: QueryRef) -> Result<Value, EvalError> {
        Err(EvalError::Query("no records are read here".to_owned()))
    }
    fn round_robin(&self, _: u16, _: &[Value]) -> Value {
        Value::Null
    }
}
