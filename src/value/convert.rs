//! Conversion of values into a field's type, and what such a field holds as equal.

use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveTime, Utc};
use rust_decimal::prelude::ToPrimitive;
use smol_str::{SmolStr, ToSmolStr};

use super::compare::midnight;
use super::{Type, Value, from_json, id18, parse_date, parse_instant};

/// Why a value does not fit a type: a fact for the user ("`abc` is not a number", "12 characters do not fit text(10)").
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct ConvertError(pub String);

/// `value` as a field of type `ty` stores it; nothing is cut or rounded. Null and absent fit every type. Converting twice changes nothing.
///
/// # Errors
/// A value that the type does not hold.
pub fn convert(value: Value, ty: &Type) -> Result<Value, ConvertError> {
    if value.is_null() {
        return Ok(value);
    }
    let year = match &value {
        Value::Date(date) => date.year(),
        Value::Instant(instant) => instant.year(),
        _ => 0,
    };
    // Others have no text form that reads back.
    if !(0..=9999).contains(&year) {
        return Err(ConvertError(format!(
            "{value} is not in the years 0000 to 9999"
        )));
    }
    match ty {
        Type::Any => Ok(value),
        Type::Null => Err(mismatch(&value, "null")),
        Type::Text { max } => text(value, *max),
        Type::Number { scale } => number(value, *scale),
        Type::Bool => boolean(value),
        Type::Date => date(value),
        Type::Instant => instant(&value)
            .map(Value::Instant)
            .ok_or_else(|| mismatch(&value, "an instant")),
        Type::Duration => match value {
            Value::Duration(_) => Ok(value),
            _ => Err(mismatch(&value, "a duration")),
        },
        Type::Id => id(value),
        Type::Enum(members) => member(value, members),
        Type::List(item) => list(value, item),
        Type::Object => object(value),
    }
}

/// Whether [`convert`] gives the value back as it is; `false` also where that takes a closer look.
pub fn fits(value: &Value, ty: &Type) -> bool {
    match (value, ty) {
        (Value::Null | Value::Absent, _) => true,
        (Value::Text(_), Type::Any | Type::Text { max: None }) => true,
        (Value::Text(text), Type::Text { max: Some(max) }) => text.len() <= *max as usize,
        (Value::Int(_), Type::Any | Type::Number { .. }) => true,
        _ => false,
    }
}

/// Whether a field of type `ty` would hold the same value: 15- and 18-character ids, dates and instants in text, trailing zeros, 1 and true.
pub fn same_in(ty: &Type, a: &Value, b: &Value) -> bool {
    if a.same(b) {
        return true;
    }
    match (ty, a, b) {
        (Type::Id, Value::Text(a), Value::Text(b)) => canonical_id(a) == canonical_id(b),
        (Type::Instant | Type::Date, Value::Text(_), Value::Text(_))
        | (_, Value::Instant(_) | Value::Date(_), _)
        | (_, _, Value::Instant(_) | Value::Date(_)) => {
            matches!((instant(a), instant(b)), (Some(a), Some(b)) if a == b)
        }
        (Type::Object | Type::Enum(_) | Type::List(_), a, b) => {
            match (convert(a.clone(), ty), convert(b.clone(), ty)) {
                (Ok(a), Ok(b)) => a.same(&b),
                _ => false,
            }
        }
        _ => false,
    }
}

fn canonical_id(text: &SmolStr) -> SmolStr {
    id18(text).unwrap_or_else(|| text.clone())
}

fn text(value: Value, max: Option<u32>) -> Result<Value, ConvertError> {
    let text = match value {
        Value::Text(text) => text,
        Value::Date(_) | Value::Instant(_) => value.to_smolstr(),
        _ => return Err(mismatch(&value, "text")),
    };
    if let Some(max) = max.map(|max| max as usize) {
        // Characters are at most as many as bytes: most texts are not counted.
        let length = if text.len() <= max {
            text.len()
        } else {
            text.chars().count()
        };
        if length > max {
            return Err(ConvertError(format!(
                "{length} characters do not fit text({max})"
            )));
        }
    }
    Ok(Value::Text(text))
}

fn number(value: Value, scale: Option<u32>) -> Result<Value, ConvertError> {
    match (value, scale) {
        (Value::Int(number), _) => Ok(Value::Int(number)),
        (Value::Bool(truth), Some(0)) => Ok(Value::Int(truth.into())),
        (Value::Decimal(number), Some(scale)) => {
            let plain = number.normalize();
            if plain.scale() > scale {
                let allowed = match scale {
                    0 => "is not an integer".to_owned(),
                    1 => "has more than one decimal place".to_owned(),
                    _ => format!("has more than {scale} decimal places"),
                };
                return Err(ConvertError(format!("{plain} {allowed}")));
            }
            match plain.to_i64() {
                Some(integer) if scale == 0 => Ok(Value::Int(integer)),
                None if scale == 0 => {
                    Err(ConvertError(format!("{plain} is too large for an integer")))
                }
                _ => Ok(Value::Decimal(number)),
            }
        }
        (Value::Decimal(number), None) => Ok(Value::Decimal(number)),
        (value, _) => Err(mismatch(&value, "a number")),
    }
}

fn boolean(value: Value) -> Result<Value, ConvertError> {
    match &value {
        Value::Bool(_) => Ok(value),
        Value::Int(_) | Value::Decimal(_) if value.same(&Value::Int(0)) => Ok(Value::Bool(false)),
        Value::Int(_) | Value::Decimal(_) if value.same(&Value::Int(1)) => Ok(Value::Bool(true)),
        _ => Err(mismatch(&value, "true or false")),
    }
}

fn date(value: Value) -> Result<Value, ConvertError> {
    match instant(&value) {
        Some(instant) if instant.time() == NaiveTime::MIN => Ok(Value::Date(instant.date_naive())),
        Some(_) => Err(ConvertError(format!(
            "{value} has a time of day, which a date does not hold"
        ))),
        None => Err(mismatch(&value, "a date")),
    }
}

/// The instant that a date, an instant or an ISO text denotes.
fn instant(value: &Value) -> Option<DateTime<Utc>> {
    match value {
        Value::Instant(instant) => Some(*instant),
        Value::Date(date) => Some(midnight(*date)),
        Value::Text(text) => parse_instant(text).or_else(|| parse_date(text).map(midnight)),
        _ => None,
    }
}

fn id(value: Value) -> Result<Value, ConvertError> {
    match value {
        Value::Text(text) => Ok(Value::Text(id18(&text).unwrap_or(text))),
        Value::Int(_) => Ok(value),
        Value::Decimal(number) if number.is_integer() => {
            self::number(Value::Decimal(number), Some(0))
        }
        _ => Err(mismatch(&value, "an id")),
    }
}

fn member(value: Value, members: &[SmolStr]) -> Result<Value, ConvertError> {
    match value {
        // A picklist has no empty member: empty text clears it.
        Value::Text(text) if text.is_empty() && !members.contains(&text) => Ok(Value::Null),
        Value::Text(text) if members.is_empty() || members.contains(&text) => Ok(Value::Text(text)),
        Value::Text(text) => {
            let shown: Vec<String> = members
                .iter()
                .take(5)
                .map(|member| format!("`{member}`"))
                .collect();
            let more = if members.len() > shown.len() {
                ", …"
            } else {
                ""
            };
            Err(ConvertError(format!(
                "`{text}` is not one of {}{more}",
                shown.join(", ")
            )))
        }
        _ => Err(mismatch(&value, "text")),
    }
}

fn list(value: Value, item: &Type) -> Result<Value, ConvertError> {
    match value {
        Value::List(items) => {
            let items: Result<Vec<Value>, ConvertError> = items
                .iter()
                .map(|value| convert(value.clone(), item))
                .collect();
            Ok(Value::List(Arc::new(items?)))
        }
        _ => Err(mismatch(&value, "a list")),
    }
}

fn object(value: Value) -> Result<Value, ConvertError> {
    match &value {
        Value::Object(_) | Value::List(_) => Ok(value),
        Value::Text(text) => structured(text).ok_or_else(|| mismatch(&value, "a JSON object")),
        _ => Err(mismatch(&value, "a JSON object")),
    }
}

/// The list or object that a JSON text describes.
pub(crate) fn structured(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(text).ok().map(|json| from_json(&json))
}

fn mismatch(value: &Value, wanted: &str) -> ConvertError {
    const SHOWN: usize = 60;
    let mut text = value.to_string();
    if let Some((end, _)) = text.char_indices().nth(SHOWN) {
        text.truncate(end);
        text.push('…');
    }
    let value = match value {
        Value::Text(_) => format!("the text `{text}`"),
        Value::Int(_) | Value::Decimal(_) => format!("the number {text}"),
        Value::Date(_) => format!("the date {text}"),
        Value::Instant(_) => format!("the instant {text}"),
        Value::Duration(_) => format!("the duration {text}"),
        Value::List(_) => format!("the list {text}"),
        Value::Object(_) => format!("the object {text}"),
        Value::Bool(_) => format!("`{text}`"),
        Value::Null | Value::Absent => "null".to_owned(),
    };
    ConvertError(format!("{value} is not {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{any_type, any_value};
    use super::*;
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    const TEXT: Type = Type::Text { max: None };
    const INTEGER: Type = Type::Number { scale: Some(0) };

    fn value(text: &str) -> Value {
        Value::Text(text.into())
    }

    fn at(text: &str) -> Value {
        parse_instant(text).map_or(Value::Null, Value::Instant)
    }

    fn refused(value: Value, ty: &Type) -> String {
        convert(value, ty).map_or_else(
            |error| error.to_string(),
            |value| format!("held: {value:?}"),
        )
    }

    #[test]
    fn lengths_are_in_characters() {
        assert_eq!(
            convert(value("éèê"), &Type::Text { max: Some(3) }),
            Ok(value("éèê"))
        );
        assert_eq!(
            refused(value("éèêë"), &Type::Text { max: Some(3) }),
            "4 characters do not fit text(3)"
        );
    }

    #[test]
    fn nothing_is_rounded() {
        let half = Value::Decimal(Decimal::new(15, 1));
        assert_eq!(refused(half.clone(), &INTEGER), "1.5 is not an integer");
        assert_eq!(
            convert(Value::Decimal(Decimal::new(20, 1)), &INTEGER),
            Ok(Value::Int(2))
        );
        assert_eq!(
            convert(half.clone(), &Type::Number { scale: Some(1) }),
            Ok(half.clone())
        );
        assert_eq!(
            refused(
                Value::Decimal(Decimal::new(1234, 3)),
                &Type::Number { scale: Some(2) }
            ),
            "1.234 has more than 2 decimal places"
        );
        assert_eq!(
            refused(Value::Decimal(Decimal::MAX), &INTEGER),
            "79228162514264337593543950335 is too large for an integer"
        );
        assert_eq!(convert(Value::Bool(true), &INTEGER), Ok(Value::Int(1)));
        assert_eq!(
            refused(Value::Bool(true), &Type::Number { scale: None }),
            "`true` is not a number"
        );
    }

    #[test]
    fn text_and_numbers_do_not_mix() {
        assert_eq!(
            refused(value("12"), &INTEGER),
            "the text `12` is not a number"
        );
        assert_eq!(refused(Value::Int(12), &TEXT), "the number 12 is not text");
        assert_eq!(
            refused(Value::Int(2), &Type::Bool),
            "the number 2 is not true or false"
        );
        assert_eq!(convert(Value::Int(1), &Type::Bool), Ok(Value::Bool(true)));
    }

    #[test]
    fn times_cross_as_iso_text() {
        assert_eq!(
            convert(at("2024-06-01 12:00:00+02:00"), &TEXT),
            Ok(value("2024-06-01T10:00:00.000Z"))
        );
        assert_eq!(
            convert(value("2024-06-01T12:00:00+02:00"), &Type::Instant),
            Ok(at("2024-06-01T10:00:00Z"))
        );
        assert_eq!(
            convert(value("2024-06-01"), &Type::Date).map(|date| date.to_string()),
            Ok("2024-06-01".into())
        );
        assert_eq!(
            refused(at("2024-06-01T10:00:00Z"), &Type::Date),
            "2024-06-01T10:00:00.000Z has a time of day, which a date does not hold"
        );
        assert_eq!(
            refused(value("yesterday"), &Type::Instant),
            "the text `yesterday` is not an instant"
        );
    }

    #[test]
    fn picklists_hold_their_members() {
        let stages = Type::Enum(Arc::new(vec!["new".into(), "won".into()]));
        assert_eq!(convert(value("won"), &stages), Ok(value("won")));
        assert_eq!(convert(value(""), &stages), Ok(Value::Null));
        assert_eq!(
            refused(value("lost"), &stages),
            "`lost` is not one of `new`, `won`"
        );
    }

    #[test]
    fn ids_get_their_full_length() {
        assert_eq!(
            convert(value("001D000000IqhSL"), &Type::Id),
            Ok(value("001D000000IqhSLIAZ"))
        );
        assert_eq!(convert(Value::Int(7), &Type::Id), Ok(Value::Int(7)));
        assert_eq!(convert(value("c-12"), &Type::Id), Ok(value("c-12")));
    }

    #[test]
    fn json_text_becomes_structured() {
        assert_eq!(
            convert(value(r#"{"city": "Rome"}"#), &Type::Object).map(|it| it.to_string()),
            Ok(r#"{"city":"Rome"}"#.into())
        );
        assert_eq!(
            refused(value("Rome"), &Type::Object),
            "the text `Rome` is not a JSON object"
        );
    }

    #[test]
    fn what_the_target_stores_as_equal_is_equal() {
        assert!(same_in(
            &Type::Id,
            &value("001D000000IqhSL"),
            &value("001D000000IqhSLIAZ")
        ));
        assert!(!same_in(
            &TEXT,
            &value("001D000000IqhSL"),
            &value("001D000000IqhSLIAZ")
        ));
        assert!(same_in(
            &Type::Instant,
            &value("2024-06-01T10:00:00Z"),
            &value("2024-06-01 12:00:00+02:00")
        ));
        assert!(!same_in(
            &TEXT,
            &value("2024-06-01T10:00:00Z"),
            &value("2024-06-01 12:00:00+02:00")
        ));
        assert!(same_in(
            &TEXT,
            &at("2024-06-01T10:00:00Z"),
            &value("2024-06-01 12:00:00+02:00")
        ));
        assert!(same_in(&INTEGER, &Value::Bool(true), &Value::Int(1)));
        assert!(same_in(
            &Type::Object,
            &value(r#"{"a":1.0}"#),
            &from_json(&serde_json::json!({"a": 1}))
        ));
        assert!(!same_in(&Type::Instant, &Value::Null, &value("")));
    }

    proptest! {
        #[test]
        fn converting_twice_changes_nothing(value in any_value(), ty in any_type()) {
            if let Ok(once) = convert(value, &ty) {
                prop_assert_eq!(convert(once.clone(), &ty), Ok(once));
            }
        }

        #[test]
        fn the_converted_is_the_same_in_its_type(value in any_value(), ty in any_type()) {
            if let Ok(converted) = convert(value.clone(), &ty)
                && (!converted.is_null() || value.is_null())
            {
                prop_assert!(same_in(&ty, &value, &converted), "{:?} {:?}", value, converted);
            }
        }
    }
}
