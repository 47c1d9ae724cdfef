//! Equality, order and truth as conditions see them.

use std::cmp::Ordering;

use super::Moment;
use crate::program::Comparison;
use crate::value::Value;

/// Whether a value used as a condition holds.
pub(in crate::program) fn truth(value: &Value) -> bool {
    match value {
        Value::Bool(holds) => *holds,
        Value::Int(number) => *number != 0,
        Value::Decimal(number) => !number.is_zero(),
        _ => false,
    }
}

/// False with null on either side; an order between values that have none is false too.
pub(super) fn compare(comparison: Comparison, a: &Value, b: &Value) -> bool {
    if a.is_null() || b.is_null() {
        return false;
    }
    match comparison {
        Comparison::Equal => equal(a, b),
        Comparison::NotEqual => !equal(a, b),
        Comparison::Less => order(a, b).is_some_and(Ordering::is_lt),
        Comparison::LessEqual => order(a, b).is_some_and(Ordering::is_le),
        Comparison::Greater => order(a, b).is_some_and(Ordering::is_gt),
        Comparison::GreaterEqual => order(a, b).is_some_and(Ordering::is_ge),
    }
}

/// Equality as `=`, `in` and `contains` mean it; null equals nothing.
pub(in crate::program) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Null | Value::Absent, _) | (_, Value::Null | Value::Absent) => false,
        (Value::List(_) | Value::Object(_), _) | (_, Value::List(_) | Value::Object(_)) => {
            a.same(b)
        }
        _ => match order(a, b) {
            Some(order) => order.is_eq(),
            None => a.same(b),
        },
    }
}

/// The order of two values; a number against a boolean counts as its truth, a text against a date or instant as the moment it holds.
pub(in crate::program) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => Some(a.as_str().cmp(b.as_str())),
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Int(_) | Value::Decimal(_)) => Some(a.cmp(&truth(b))),
        (Value::Int(_) | Value::Decimal(_), Value::Bool(b)) => Some(truth(a).cmp(b)),
        (Value::Text(text), Value::Date(_) | Value::Instant(_)) => Some(
            Moment::parse(text)?
                .instant()
                .cmp(&Moment::of(b)?.instant()),
        ),
        (Value::Date(_) | Value::Instant(_), Value::Text(text)) => Some(
            Moment::of(a)?
                .instant()
                .cmp(&Moment::parse(text)?.instant()),
        ),
        _ => a.order(b),
    }
}
