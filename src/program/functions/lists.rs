//! Functions over lists, and the smallest and greatest of several values.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::program::evaluate::{EvalError, NULL, Val, order, shown, truth};
use crate::value::Value;

pub(super) fn min<'a>(first: Val<'a>, rest: &[Val<'a>]) -> Result<Val<'a>, EvalError> {
    extreme(first, rest, Ordering::Less)
}

pub(super) fn max<'a>(first: Val<'a>, rest: &[Val<'a>]) -> Result<Val<'a>, EvalError> {
    extreme(first, rest, Ordering::Greater)
}

/// Of equal values the first.
fn extreme<'a>(first: Val<'a>, rest: &[Val<'a>], wanted: Ordering) -> Result<Val<'a>, EvalError> {
    match (first, rest) {
        (Cow::Borrowed(Value::List(members)), []) => Ok(Cow::Borrowed(best(members, wanted)?)),
        (Cow::Owned(Value::List(members)), []) => Ok(Cow::Owned(best(&members, wanted)?.clone())),
        (first, rest) => {
            let mut best = first;
            for value in rest {
                if beats(value, &best, wanted)? {
                    best = value.clone();
                }
            }
            Ok(best)
        }
    }
}

fn best(values: &[Value], wanted: Ordering) -> Result<&Value, EvalError> {
    let mut best = &NULL;
    for value in values {
        if beats(value, best, wanted)? {
            best = value;
        }
    }
    Ok(best)
}

/// Every value beats null, null beats none.
fn beats(value: &Value, best: &Value, wanted: Ordering) -> Result<bool, EvalError> {
    if value.is_null() || best.is_null() {
        return Ok(!value.is_null());
    }
    match order(value, best) {
        Some(order) => Ok(order == wanted),
        None => Err(EvalError::Value(format!(
            "`{}` and `{}` have no order",
            shown(best),
            shown(value)
        ))),
    }
}

fn members(value: &Value) -> Result<&[Value], EvalError> {
    match value {
        Value::List(members) => Ok(members),
        Value::Null | Value::Absent => Ok(&[]),
        other => Err(EvalError::is_not(other, "a list")),
    }
}

pub(super) fn first(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    member(first, <[Value]>::first)
}

pub(super) fn last(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    member(first, <[Value]>::last)
}

fn member<'a>(
    list: Val<'a>,
    pick: impl FnOnce(&[Value]) -> Option<&Value>,
) -> Result<Val<'a>, EvalError> {
    match list {
        Cow::Borrowed(list) => Ok(Cow::Borrowed(pick(members(list)?).unwrap_or(&NULL))),
        Cow::Owned(list) => Ok(Cow::Owned(
            pick(members(&list)?).cloned().unwrap_or_default(),
        )),
    }
}

pub(super) fn any(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    Ok(Cow::Owned(Value::Bool(members(&first)?.iter().any(truth))))
}

/// A list that is null has no members to be true, and is itself not true.
pub(super) fn all(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    Ok(Cow::Owned(Value::Bool(
        !first.is_null() && members(&first)?.iter().all(truth),
    )))
}
