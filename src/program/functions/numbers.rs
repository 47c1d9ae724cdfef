//! Functions over numbers.

use std::borrow::Cow;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::arguments::{decimal, whole};
use crate::program::evaluate::{EvalError, Val};
use crate::value::Value;

/// Places beyond which a decimal has no digits.
const PLACES: i64 = 28;

/// A whole number as an integer where it fits.
fn of<'a>(number: Decimal) -> Result<Val<'a>, EvalError> {
    let integer = if number.scale() == 0 {
        number.to_i64()
    } else {
        None
    };
    Ok(Cow::Owned(
        integer.map_or(Value::Decimal(number), Value::Int),
    ))
}

pub(super) fn round<'a>(first: Val<'a>, rest: &[Val<'a>]) -> Result<Val<'a>, EvalError> {
    let places = rest
        .first()
        .map(|arg| whole(arg))
        .transpose()?
        .flatten()
        .unwrap_or(0);
    if matches!(&*first, Value::Int(_)) && places >= 0 {
        return Ok(first);
    }
    let number = decimal(&first)?;
    let nearest = |number: Decimal, places: u32| {
        number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
    };
    let Ok(left) = u32::try_from(places.saturating_neg()) else {
        return of(nearest(number, places.min(PLACES) as u32));
    };
    if left == 0 {
        return of(nearest(number, 0));
    }
    // To tens, hundreds, …: `round(1234, -2) = 1200`
    let Some(unit) = 10i128
        .checked_pow(left)
        .and_then(|unit| Decimal::try_from_i128_with_scale(unit, 0).ok())
    else {
        return of(Decimal::ZERO);
    };
    let rounded = number
        .checked_div(unit)
        .and_then(|units| nearest(units, 0).checked_mul(unit));
    of(rounded
        .ok_or_else(|| EvalError::Value(format!("`{number}` cannot be rounded to {unit}")))?)
}

pub(super) fn floor(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    of(decimal(&first)?.floor())
}

pub(super) fn ceil(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    of(decimal(&first)?.ceil())
}

pub(super) fn abs(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    of(decimal(&first)?.abs())
}

pub(super) fn number(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    let parsed = match &*first {
        Value::Int(_) | Value::Decimal(_) => return Ok(first),
        Value::Bool(holds) => Some(Value::Int(i64::from(*holds))),
        Value::Text(text) if text.trim().is_empty() => Some(Value::Null),
        Value::Text(text) => parse(text.trim()),
        _ => None,
    };
    parsed
        .map(Cow::Owned)
        .ok_or_else(|| EvalError::is_not(&first, "a number"))
}

/// A sign, digits, and a point with digits; no other form, and no digit lost.
fn parse(text: &str) -> Option<Value> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, places) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let all_digits =
        |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(places) {
        return None;
    }
    if let Ok(integer) = text.parse() {
        return Some(Value::Int(integer));
    }
    Decimal::from_str_exact(text).ok().map(Value::Decimal)
}
