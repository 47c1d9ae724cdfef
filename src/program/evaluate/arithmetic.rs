//! `+ - * / %` and unary `-`: exact decimals, and dates, instants and durations.

use chrono::TimeDelta;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{EvalError, Moment, shown};
use crate::program::Arithmetic;
use crate::value::Value;

/// Milliseconds.
const DAY: i64 = 86_400_000;

/// Null with anything is null.
pub(super) fn apply(operator: Arithmetic, a: &Value, b: &Value) -> Result<Value, EvalError> {
    use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract};
    match (operator, a, b) {
        (_, a, _) if a.is_null() => Ok(a.clone()),
        (_, _, b) if b.is_null() => Ok(b.clone()),
        (_, Value::Int(a), Value::Int(b)) => integers(operator, *a, *b),
        (_, Value::Int(_) | Value::Decimal(_), Value::Int(_) | Value::Decimal(_)) => {
            decimals(operator, decimal(a), decimal(b)).map(Value::Decimal)
        }
        (Add, Value::Duration(a), Value::Duration(b)) => duration(a.checked_add(*b)),
        (Subtract, Value::Duration(a), Value::Duration(b)) => duration(a.checked_sub(*b)),
        (Divide, Value::Duration(a), Value::Duration(b)) => integers(operator, *a, *b),
        (Multiply | Divide, Value::Duration(a), Value::Int(_) | Value::Decimal(_)) => duration(
            decimals(operator, Decimal::from(*a), decimal(b))?
                .round()
                .to_i64(),
        ),
        (Multiply, Value::Int(_) | Value::Decimal(_), Value::Duration(b)) => duration(
            decimals(operator, decimal(a), Decimal::from(*b))?
                .round()
                .to_i64(),
        ),
        (Remainder, Value::Duration(a), Value::Duration(b)) if *b != 0 => {
            duration(a.checked_rem(*b))
        }
        _ => moments(operator, a, b),
    }
}

pub(super) fn negate(value: &Value) -> Result<Value, EvalError> {
    match value {
        Value::Null | Value::Absent => Ok(value.clone()),
        Value::Int(number) => Ok(match number.checked_neg() {
            Some(negative) => Value::Int(negative),
            None => Value::Decimal(-Decimal::from(*number)),
        }),
        Value::Decimal(number) => Ok(Value::Decimal(-*number)),
        Value::Duration(millis) => duration(millis.checked_neg()),
        other => Err(EvalError::is_not(other, "a number")),
    }
}

/// A date stays a date as long as whole days are added to it.
fn moments(operator: Arithmetic, a: &Value, b: &Value) -> Result<Value, EvalError> {
    let later = |moment: Moment, millis: i64| {
        let delta = TimeDelta::try_milliseconds(millis);
        match moment {
            Moment::Date(date) if millis % DAY == 0 => delta
                .and_then(|delta| date.checked_add_signed(delta))
                .map(Value::Date),
            moment => delta
                .and_then(|delta| moment.instant().checked_add_signed(delta))
                .map(Value::Instant),
        }
        .ok_or_else(out_of_range)
    };
    match (operator, a, b) {
        (Arithmetic::Add, moment, Value::Duration(millis))
        | (Arithmetic::Add, Value::Duration(millis), moment) => later(
            Moment::of(moment).ok_or_else(|| mismatch(operator, a, b))?,
            *millis,
        ),
        (Arithmetic::Subtract, moment, Value::Duration(millis)) => {
            let moment = Moment::of(moment).ok_or_else(|| mismatch(operator, a, b))?;
            later(moment, millis.checked_neg().ok_or_else(out_of_range)?)
        }
        (Arithmetic::Subtract, a @ (Value::Date(_) | Value::Instant(_)), b)
        | (Arithmetic::Subtract, a, b @ (Value::Date(_) | Value::Instant(_))) => {
            let (Some(from), Some(to)) = (Moment::of(b), Moment::of(a)) else {
                return Err(mismatch(operator, a, b));
            };
            Ok(Value::Duration(
                to.instant()
                    .signed_duration_since(from.instant())
                    .num_milliseconds(),
            ))
        }
        _ => Err(mismatch(operator, a, b)),
    }
}

fn integers(operator: Arithmetic, a: i64, b: i64) -> Result<Value, EvalError> {
    let exact = match operator {
        Arithmetic::Add => a.checked_add(b),
        Arithmetic::Subtract => a.checked_sub(b),
        Arithmetic::Multiply => a.checked_mul(b),
        Arithmetic::Divide | Arithmetic::Remainder if b == 0 => {
            return Err(EvalError::DivisionByZero);
        }
        Arithmetic::Divide if a.checked_rem(b) == Some(0) => a.checked_div(b),
        Arithmetic::Divide => None,
        Arithmetic::Remainder => a.checked_rem(b).or(Some(0)),
    };
    match exact {
        Some(number) => Ok(Value::Int(number)),
        None => decimals(operator, Decimal::from(a), Decimal::from(b)).map(Value::Decimal),
    }
}

/// Sums, differences and products are exact or an error; a quotient has up to 28 digits.
fn decimals(operator: Arithmetic, a: Decimal, b: Decimal) -> Result<Decimal, EvalError> {
    let too_long = || {
        EvalError::Value(format!(
            "`{a} {} {b}` has more digits than a number holds",
            sign(operator)
        ))
    };
    let exact = |result: Option<Decimal>, places: u32| {
        result
            .filter(|number| number.scale() >= places)
            .ok_or_else(too_long)
    };
    let (whole_a, whole_b) = (a.normalize().scale(), b.normalize().scale());
    match operator {
        Arithmetic::Add => exact(a.checked_add(b), whole_a.max(whole_b)),
        Arithmetic::Subtract => exact(a.checked_sub(b), whole_a.max(whole_b)),
        Arithmetic::Multiply if a.is_zero() || b.is_zero() => Ok(Decimal::ZERO),
        Arithmetic::Multiply => exact(a.checked_mul(b), whole_a + whole_b),
        Arithmetic::Divide | Arithmetic::Remainder if b.is_zero() => Err(EvalError::DivisionByZero),
        Arithmetic::Divide => a.checked_div(b).ok_or_else(too_long),
        Arithmetic::Remainder => a.checked_rem(b).ok_or_else(too_long),
    }
}

/// Zero for what is not a number; callers match on numbers.
fn decimal(value: &Value) -> Decimal {
    match value {
        Value::Int(number) => Decimal::from(*number),
        Value::Decimal(number) => *number,
        _ => Decimal::ZERO,
    }
}

fn duration(millis: Option<i64>) -> Result<Value, EvalError> {
    millis
        .map(Value::Duration)
        .ok_or_else(|| EvalError::Value("the duration is too long".to_owned()))
}

fn out_of_range() -> EvalError {
    EvalError::Value("the date is out of range".to_owned())
}

fn mismatch(operator: Arithmetic, a: &Value, b: &Value) -> EvalError {
    let not_a_number = [a, b]
        .into_iter()
        .find(|value| !matches!(value, Value::Int(_) | Value::Decimal(_)));
    match (operator, a, b) {
        (_, Value::Int(_) | Value::Decimal(_), _) | (_, _, Value::Int(_) | Value::Decimal(_)) => {
            EvalError::is_not(not_a_number.unwrap_or(a), "a number")
        }
        _ => EvalError::Value(format!(
            "`{} {} {}` has no value",
            shown(a),
            sign(operator),
            shown(b)
        )),
    }
}

fn sign(operator: Arithmetic) -> char {
    match operator {
        Arithmetic::Add => '+',
        Arithmetic::Subtract => '-',
        Arithmetic::Multiply => '*',
        Arithmetic::Divide => '/',
        Arithmetic::Remainder => '%',
    }
}
