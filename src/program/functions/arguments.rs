//! Arguments as functions want them. The checker has agreed the types; what a store gives all the same is an error, not a panic.

use std::borrow::Cow;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::program::evaluate::{EvalError, Moment, Val};
use crate::value::Value;

/// The text of an argument; ids may be numbers in a store.
pub(super) fn text(value: &Value) -> Result<Cow<'_, str>, EvalError> {
    match value {
        Value::Text(text) => Ok(Cow::Borrowed(text)),
        Value::Null | Value::Absent => Ok(Cow::Borrowed("")),
        Value::List(_) | Value::Object(_) => Err(EvalError::is_not(value, "text")),
        other => Ok(Cow::Owned(other.to_string())),
    }
}

/// The text of the argument at `index`, where it is given.
pub(super) fn text_at<'v>(
    rest: &'v [Val<'_>],
    index: usize,
) -> Result<Option<Cow<'v, str>>, EvalError> {
    rest.get(index)
        .filter(|arg| !arg.is_null())
        .map(|arg| text(arg))
        .transpose()
}

pub(super) fn decimal(value: &Value) -> Result<Decimal, EvalError> {
    match value {
        Value::Int(number) => Ok(Decimal::from(*number)),
        Value::Decimal(number) => Ok(*number),
        other => Err(EvalError::is_not(other, "a number")),
    }
}

/// A whole number, as a count or an index is; `None` for null.
pub(in crate::program) fn whole(value: &Value) -> Result<Option<i64>, EvalError> {
    match value {
        Value::Null | Value::Absent => Ok(None),
        Value::Int(number) => Ok(Some(*number)),
        other => {
            let number = decimal(other)?;
            if number.fract().is_zero() {
                // Beyond 64 bits is beyond every text and list as well.
                Ok(Some(number.to_i64().unwrap_or(
                    if number.is_sign_negative() {
                        i64::MIN
                    } else {
                        i64::MAX
                    },
                )))
            } else {
                Err(EvalError::is_not(other, "a whole number"))
            }
        }
    }
}

/// The count at `index`, where it is given; a negative one is 0.
pub(super) fn count_at(rest: &[Val<'_>], index: usize) -> Result<Option<usize>, EvalError> {
    let count = rest.get(index).map(|arg| whole(arg)).transpose()?.flatten();
    Ok(count.map(|count| usize::try_from(count.max(0)).unwrap_or(usize::MAX)))
}

pub(super) fn moment(value: &Value) -> Result<Moment, EvalError> {
    Moment::of(value).ok_or_else(|| EvalError::is_not(value, "a date"))
}
