//! Generated values and types for the laws of this folder and of the stores.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate};
use proptest::prelude::*;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::{Type, Value};

pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    any_scalar().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|items| Value::List(Arc::new(items))),
            prop::collection::vec(("[a-c]{1,2}", inner), 0..4).prop_map(|members| Value::Object(
                Arc::new(
                    members
                        .into_iter()
                        .map(|(name, member)| (name.into(), member))
                        .collect()
                )
            )),
        ]
    })
}

pub(crate) fn any_scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(Value::Absent),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        (-3_i64..3).prop_map(Value::Int),
        (-300_i64..300, 0_u32..3)
            .prop_map(|(mantissa, scale)| Value::Decimal(Decimal::new(mantissa, scale))),
        (any::<i64>(), 0_u32..28)
            .prop_map(|(mantissa, scale)| Value::Decimal(Decimal::new(mantissa, scale))),
        prop_oneof![
            ".{0,30}",
            "[0-9]{1,4}",
            "20[0-9]{2}-0[1-9]-1[0-9]",
            "[0-9A-Za-z]{15}",
            r"20[0-9]{2}-0[1-9]-1[0-9]T00:00:0[0-9]Z",
            r#"\{"a": ?[0-9]\}"#
        ]
        .prop_map(|text| Value::Text(text.into())),
        (-10_000_i32..800_000).prop_map(
            |days| NaiveDate::from_num_days_from_ce_opt(days).map_or(Value::Null, Value::Date)
        ),
        (
            0_i64..4_000_000_000,
            prop_oneof![Just(0), 0_u32..1_000_000_000]
        )
            .prop_map(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos)
                .map_or(Value::Null, Value::Instant)),
        any::<i64>().prop_map(Value::Duration),
    ]
}

/// A value that is the same as `value`, where there is one in another guise.
pub(crate) fn twin(value: &Value) -> impl Strategy<Value = Value> + use<> {
    let twin = match value {
        Value::Bool(truth) => Value::Decimal(Decimal::new(i64::from(*truth) * 100, 2)),
        Value::Int(number) => Value::Decimal(Decimal::from_i128_with_scale(
            i128::from(*number) * 1_000,
            3,
        )),
        Value::Decimal(number) => number
            .is_integer()
            .then(|| number.to_i64())
            .flatten()
            .map_or(Value::Decimal(number.normalize()), Value::Int),
        Value::Date(date) => Value::Instant(super::compare::midnight(*date)),
        Value::Object(members) => Value::Object(Arc::new(
            members
                .iter()
                .rev()
                .map(|(name, member)| (name.clone(), member.clone()))
                .collect(),
        )),
        other => other.clone(),
    };
    Just(twin)
}

pub(crate) fn any_type() -> impl Strategy<Value = Type> {
    prop_oneof![
        prop::option::of(0_u32..20).prop_map(|max| Type::Text { max }),
        prop::option::of(0_u32..4).prop_map(|scale| Type::Number { scale }),
        Just(Type::Bool),
        Just(Type::Date),
        Just(Type::Instant),
        Just(Type::Duration),
        Just(Type::Id),
        Just(Type::Enum(Arc::new(vec!["1".into(), "2".into()]))),
        Just(Type::List(Box::new(Type::Object))),
        Just(Type::Object),
        Just(Type::Null),
        Just(Type::Any),
    ]
}
