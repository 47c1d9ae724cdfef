//! Equality, hashing and order of values. One law binds them: `a.same(b)` means equal hashes, and that [`Value::order`] says equal where
//! it says anything.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::Value;

/// Seeds of the hash, one a kind; part of the ledger's format, never to change.
mod seed {
    pub const ABSENT: u64 = 1;
    pub const NULL: u64 = 2;
    pub const INTEGER: u64 = 3;
    pub const DECIMAL: u64 = 4;
    pub const TEXT: u64 = 5;
    pub const TIME: u64 = 6;
    pub const DURATION: u64 = 7;
    pub const LIST: u64 = 8;
    pub const OBJECT: u64 = 9;
    pub const MEMBER: u64 = 10;
}

impl Value {
    /// Null, absent, or text that is empty or only white space.
    pub fn is_blank(&self) -> bool {
        match self {
            Value::Null | Value::Absent => true,
            Value::Text(text) => text.chars().all(char::is_whitespace),
            _ => false,
        }
    }

    /// Null or absent.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null | Value::Absent)
    }

    /// Equal as values: 1, 1.0 and true are the same; instants whatever their zone, a date as its midnight UTC; texts byte for byte.
    pub fn same(&self, other: &Value) -> bool {
        match (self, other) {
            (Value::Absent, Value::Absent) | (Value::Null, Value::Null) => true,
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Duration(a), Value::Duration(b)) => a == b,
            (Value::List(a), Value::List(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.same(b))
            }
            (Value::Object(a), Value::Object(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .all(|(name, a)| b.get(name).is_some_and(|b| a.same(b)))
            }
            (Value::Int(a), Value::Int(b)) => a == b,
            (a, b) => match (a.number(), b.number()) {
                (Some(a), Some(b)) => a == b,
                (None, None) => a.time().is_some_and(|a| b.time() == Some(a)),
                _ => false,
            },
        }
    }

    /// A stable hash that agrees with [`Value::same`]; kept in ledgers, so it never changes. Allocates nothing.
    pub fn hash64(&self) -> u64 {
        match self {
            Value::Absent => xxh3_64_with_seed(&[], seed::ABSENT),
            Value::Null => xxh3_64_with_seed(&[], seed::NULL),
            Value::Bool(truth) => integer_hash((*truth).into()),
            Value::Int(number) => integer_hash(*number),
            Value::Decimal(number) => decimal_hash(*number),
            Value::Text(text) => xxh3_64_with_seed(text.as_bytes(), seed::TEXT),
            Value::Date(date) => time_hash(midnight(*date)),
            Value::Instant(instant) => time_hash(*instant),
            Value::Duration(millis) => xxh3_64_with_seed(&millis.to_le_bytes(), seed::DURATION),
            Value::List(items) => {
                let start = items.len() as u64;
                items.iter().fold(start, |hash, item| {
                    pair_hash(hash, item.hash64(), seed::LIST)
                })
            }
            Value::Object(members) => {
                // A sum, as the order of the members does not count.
                let sum = members.iter().fold(0_u64, |sum, (name, member)| {
                    let name = xxh3_64_with_seed(name.as_bytes(), seed::TEXT);
                    sum.wrapping_add(pair_hash(name, member.hash64(), seed::MEMBER))
                });
                pair_hash(sum, members.len() as u64, seed::OBJECT)
            }
        }
    }

    /// Order of two comparable values (numbers, texts, dates, instants, durations, booleans); `None` across kinds.
    /// A date against an instant is its midnight UTC.
    pub fn order(&self, other: &Value) -> Option<Ordering> {
        match (self, other) {
            (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
            (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
            (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
            (a, b) => match (a.number(), b.number()) {
                (Some(a), Some(b)) => Some(a.cmp(&b)),
                _ => Some(a.time()?.cmp(&b.time()?)),
            },
        }
    }

    pub(crate) fn number(&self) -> Option<Decimal> {
        match self {
            Value::Bool(truth) => Some(Decimal::from(u8::from(*truth))),
            Value::Int(number) => Some(Decimal::from(*number)),
            Value::Decimal(number) => Some(*number),
            _ => None,
        }
    }

    fn time(&self) -> Option<DateTime<Utc>> {
        match self {
            Value::Date(date) => Some(midnight(*date)),
            Value::Instant(instant) => Some(*instant),
            _ => None,
        }
    }
}

pub(super) fn midnight(date: NaiveDate) -> DateTime<Utc> {
    date.and_time(NaiveTime::MIN).and_utc()
}

fn integer_hash(number: i64) -> u64 {
    xxh3_64_with_seed(&number.to_le_bytes(), seed::INTEGER)
}

fn decimal_hash(number: Decimal) -> u64 {
    let number = number.normalize();
    if number.scale() == 0
        && let Some(integer) = number.to_i64()
    {
        return integer_hash(integer);
    }
    let mut bytes = [0; 17];
    bytes[..16].copy_from_slice(&number.mantissa().to_le_bytes());
    // A scale is at most 28.
    bytes[16] = number.scale() as u8;
    xxh3_64_with_seed(&bytes, seed::DECIMAL)
}

fn time_hash(instant: DateTime<Utc>) -> u64 {
    let mut bytes = [0; 12];
    bytes[..8].copy_from_slice(&instant.timestamp().to_le_bytes());
    bytes[8..].copy_from_slice(&instant.timestamp_subsec_nanos().to_le_bytes());
    xxh3_64_with_seed(&bytes, seed::TIME)
}

fn pair_hash(a: u64, b: u64, seed: u64) -> u64 {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&a.to_le_bytes());
    bytes[8..].copy_from_slice(&b.to_le_bytes());
    xxh3_64_with_seed(&bytes, seed)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{any_value, twin};
    use super::super::{parse_date, parse_instant};
    use super::*;
    use proptest::prelude::*;

    fn instant(text: &str) -> Value {
        parse_instant(text).map_or(Value::Null, Value::Instant)
    }

    #[test]
    fn one_is_one_in_every_guise() {
        let ones = [
            Value::Int(1),
            Value::Bool(true),
            Value::Decimal(Decimal::new(10, 1)),
            Value::Decimal(Decimal::ONE),
        ];
        for (a, b) in ones.iter().flat_map(|a| ones.iter().map(move |b| (a, b))) {
            assert!(
                a.same(b) && a.hash64() == b.hash64() && a.order(b) == Some(Ordering::Equal),
                "{a:?} {b:?}"
            );
        }
        assert!(!Value::Int(1).same(&Value::Text("1".into())));
        assert!(Value::Decimal(-Decimal::ZERO).same(&Value::Int(0)));
        assert_eq!(
            Value::Decimal(-Decimal::ZERO).hash64(),
            Value::Bool(false).hash64()
        );
    }

    #[test]
    fn null_absent_and_empty_are_three_things() {
        let three = [Value::Null, Value::Absent, Value::Text("".into())];
        for (at, a) in three.iter().enumerate() {
            assert!(a.is_blank());
            for (other, b) in three.iter().enumerate() {
                assert_eq!(a.same(b), at == other);
                assert_eq!(a.hash64() == b.hash64(), at == other);
            }
        }
        assert!(Value::Text("\u{a0}\t ".into()).is_blank());
        assert!(!Value::Int(0).is_blank());
    }

    #[test]
    fn times_compare_whatever_their_zone() {
        let date = parse_date("2024-06-01").map_or(Value::Null, Value::Date);
        assert!(instant("2024-06-01T02:00:00+02:00").same(&date));
        assert_eq!(instant("2024-06-01T02:00:00+02:00").hash64(), date.hash64());
        assert_eq!(
            instant("2024-06-01T00:00:01Z").order(&date),
            Some(Ordering::Greater)
        );
        assert_eq!(date.order(&Value::Int(1)), None);
        assert_eq!(Value::Text("a".into()).order(&Value::Int(1)), None);
    }

    #[test]
    fn hashes_never_change() {
        let hashes = [
            Value::Null,
            Value::Int(42),
            Value::Text("Ada".into()),
            Value::Decimal(Decimal::new(15, 1)),
        ]
        .map(|value| value.hash64());
        assert_eq!(
            hashes,
            [
                17_540_667_245_208_599_968,
                3_841_704_182_514_426_698,
                13_101_728_708_721_432_345,
                9_343_524_424_504_338_588
            ]
        );
    }

    proptest! {
        #[test]
        fn same_agrees_with_the_hash(a in any_value(), b in any_value()) {
            prop_assert!(a.same(&a));
            prop_assert_eq!(a.same(&b), b.same(&a));
            prop_assert_eq!(a.same(&b), a.hash64() == b.hash64());
        }

        #[test]
        fn a_twin_is_the_same((a, b) in any_value().prop_flat_map(|a| { let b = twin(&a); (Just(a), b) })) {
            prop_assert!(a.same(&b), "{:?} {:?}", a, b);
            prop_assert_eq!(a.hash64(), b.hash64());
            prop_assert!(matches!(a.order(&b), None | Some(Ordering::Equal)));
        }

        #[test]
        fn order_is_antisymmetric(a in any_value(), b in any_value()) {
            prop_assert_eq!(a.order(&b), b.order(&a).map(Ordering::reverse));
            if a.order(&b) == Some(Ordering::Equal) {
                prop_assert!(a.same(&b));
            }
        }
    }
}
