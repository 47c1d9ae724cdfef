//! Values of a type to try things on: usual ones first, then those at its edges.

use chrono::{DateTime, NaiveDate};
use rust_decimal::Decimal;

use crate::value::{Type, Value};

/// Values of the type, none of them null; for a type that is not known, numbers.
pub(crate) fn samples(ty: &Type) -> Vec<Value> {
    match ty {
        Type::Text { max } => texts(*max),
        Type::Number { scale } => numbers(*scale),
        Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
        Type::Date => days().map(Value::Date).collect(),
        Type::Instant => instants(),
        Type::Duration => [60_000, 0, 1, 86_400_000].map(Value::Duration).to_vec(),
        Type::Id => vec![Value::Text("003000000000001AAA".into())],
        Type::Enum(members) => members.iter().cloned().map(Value::Text).collect(),
        Type::Any => numbers(None),
        Type::List(_) | Type::Object | Type::Null => Vec::new(),
    }
}

fn texts(max: Option<u32>) -> Vec<Value> {
    let limit = max.map_or(usize::MAX, |max| max as usize);
    let longest = "Lorem Ipsum "
        .chars()
        .cycle()
        .take(limit.min(300))
        .collect();
    let usual = [
        "Ada",
        "new",
        "LOVELACE",
        "Ada Lovelace",
        "ada@example.org",
        "10",
        "é-1",
        "2024-06-01",
        "+49 30 1234567",
        " a  b ",
    ];
    usual
        .into_iter()
        .map(str::to_owned)
        .chain([longest])
        .filter(|text: &String| text.chars().count() <= limit)
        .map(|text| Value::Text(text.into()))
        .collect()
}

fn numbers(scale: Option<u32>) -> Vec<Value> {
    let mut numbers: Vec<Value> = [10, 1, 0, -1, 7, 100, 999, 1_000_000]
        .map(Value::Int)
        .to_vec();
    let decimals = [(25, 1), (1234, 2), (-5, 1)];
    let fits = |places: u32| scale.is_none_or(|scale| places <= scale);
    let parts = decimals.into_iter().filter(|(_, places)| fits(*places));
    numbers.extend(parts.map(|(digits, places)| Value::Decimal(Decimal::new(digits, places))));
    if let Some(scale @ 1..=9) = scale {
        numbers.push(Value::Decimal(Decimal::new(1, scale)));
    }
    numbers
}

fn days() -> impl Iterator<Item = NaiveDate> {
    [(2024, 6, 1), (2024, 2, 29), (1999, 12, 31), (2000, 1, 1)]
        .into_iter()
        .filter_map(|(y, m, d)| NaiveDate::from_ymd_opt(y, m, d))
}

fn instants() -> Vec<Value> {
    // 2024-06-01T10:30:15Z, midnight of that day, and the last second of 1999.
    [1_717_237_815, 1_717_200_000, 946_684_799]
        .into_iter()
        .filter_map(|seconds| DateTime::from_timestamp(seconds, 0))
        .map(Value::Instant)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{convert, same_in};

    #[test]
    fn samples_are_values_of_their_type() {
        let types = [
            Type::Text { max: Some(5) },
            Type::Text { max: None },
            Type::Number { scale: Some(0) },
            Type::Number { scale: Some(2) },
            Type::Number { scale: None },
            Type::Bool,
            Type::Date,
            Type::Instant,
            Type::Duration,
            Type::Id,
        ];
        for ty in types {
            assert!(!samples(&ty).is_empty(), "{ty:?}");
            for value in samples(&ty) {
                let converted =
                    convert(value.clone(), &ty).unwrap_or_else(|e| panic!("{ty:?}: {e}"));
                assert!(same_in(&ty, &converted, &value), "{ty:?}: {value}");
            }
        }
    }
}
