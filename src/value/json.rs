//! Values to JSON and back: numbers as JSON numbers without loss, dates and instants as ISO text.

use std::str::FromStr;
use std::sync::Arc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Number};

use super::Value;

/// The value as JSON. A decimal that no JSON number carries without loss is its text; absent is null.
pub fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Absent | Value::Null => serde_json::Value::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Int(number) => (*number).into(),
        Value::Decimal(number) => match json_number(number) {
            Some(json) => serde_json::Value::Number(json),
            None => number.normalize().to_string().into(),
        },
        Value::Text(text) => text.as_str().into(),
        Value::Date(_) | Value::Instant(_) | Value::Duration(_) => value.to_string().into(),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Object(members) => {
            let members: Map<_, _> = members
                .iter()
                .map(|(name, member)| (name.to_string(), to_json(member)))
                .collect();
            serde_json::Value::Object(members)
        }
    }
}

/// The value that JSON describes. Texts stay texts, also where they look like dates; a number that no decimal holds is its text.
pub fn from_json(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::Number(number) => match number.as_i64() {
            Some(number) => Value::Int(number),
            None => {
                let text = number.to_string();
                decimal(&text).map_or_else(|| Value::Text(text.into()), Value::Decimal)
            }
        },
        serde_json::Value::String(text) => Value::Text(text.into()),
        serde_json::Value::Array(items) => {
            Value::List(Arc::new(items.iter().map(from_json).collect()))
        }
        serde_json::Value::Object(members) => Value::Object(Arc::new(
            members
                .iter()
                .map(|(name, member)| (name.into(), from_json(member)))
                .collect(),
        )),
    }
}

/// The decimal that `text` (plain or with an exponent) denotes, if one holds it exactly.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let plain = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
    if plain {
        Decimal::from_str_exact(text).ok()
    } else {
        exact_scientific(text)
    }
}

/// `Decimal::from_scientific` rounds what is too small to hold; here that is no decimal.
fn exact_scientific(text: &str) -> Option<Decimal> {
    let (digits, exponent) = text.split_once(['e', 'E'])?;
    let exponent: i32 = exponent.parse().ok()?;
    let number = Decimal::from_str_exact(digits).ok()?.normalize();
    if number.is_zero() {
        return Some(Decimal::ZERO);
    }
    let scale = i32::try_from(number.scale()).ok()?.checked_sub(exponent)?;
    if scale >= 0 {
        return Decimal::try_from_i128_with_scale(number.mantissa(), u32::try_from(scale).ok()?)
            .ok();
    }
    let power = 10_i128.checked_pow(scale.unsigned_abs())?;
    Decimal::try_from_i128_with_scale(number.mantissa().checked_mul(power)?, 0).ok()
}

fn json_number(number: &Decimal) -> Option<Number> {
    if number.is_integer() {
        if let Some(integer) = number.to_i64() {
            return Some(integer.into());
        }
        if let Some(integer) = number.to_u64() {
            return Some(integer.into());
        }
    }
    let float = f64::from_str(&number.to_string()).ok()?;
    let json = Number::from_f64(float)?;
    (decimal(&json.to_string())? == *number).then_some(json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text_of(value: &Value) -> String {
        to_json(value).to_string()
    }

    #[test]
    fn numbers_lose_nothing() {
        assert_eq!(text_of(&Value::Decimal(Decimal::new(350, 2))), "3.5");
        assert_eq!(text_of(&Value::Decimal(Decimal::new(1, 1))), "0.1");
        assert_eq!(
            text_of(&Value::Decimal(Decimal::MAX)),
            "\"79228162514264337593543950335\""
        );
        assert_eq!(
            text_of(&Value::Decimal(Decimal::from(u64::MAX))),
            "18446744073709551615"
        );
    }

    #[test]
    fn json_numbers_become_integers_and_decimals() {
        let parse = |text: &str| serde_json::from_str(text).map(|json| from_json(&json)).ok();
        assert_eq!(parse("7"), Some(Value::Int(7)));
        assert_eq!(
            parse("1234.56"),
            Some(Value::Decimal(Decimal::new(123_456, 2)))
        );
        assert_eq!(parse("1e-7"), Some(Value::Decimal(Decimal::new(1, 7))));
        assert_eq!(
            parse("1.5e20"),
            Some(Value::Decimal(Decimal::from_i128_with_scale(
                150_000_000_000_000_000_000,
                0
            )))
        );
        assert_eq!(parse("1e300"), Some(Value::Text("1e+300".into())));
    }

    #[test]
    fn exponents_are_exact_or_refused() {
        assert_eq!(decimal("1.25e2"), Some(Decimal::from(125)));
        assert_eq!(decimal("0e400"), Some(Decimal::ZERO));
        for wrong in ["1e-29", "1e40", "1e", "e5", "1e99999999999", "abc", "inf"] {
            assert_eq!(decimal(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_decimal_survives_json(mantissa in any::<i64>(), scale in 0_u32..28) {
            let value = Value::Decimal(Decimal::new(mantissa, scale));
            match from_json(&to_json(&value)) {
                Value::Text(text) => prop_assert_eq!(text.as_str(), value.to_string()),
                back => prop_assert!(back.same(&value), "{back:?}"),
            }
        }
    }
}
