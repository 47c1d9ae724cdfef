//! How types meet: what may be compared, joined, and written into a field (language reference, section 6).

use std::sync::Arc;

use crate::value::{Type, Value};

/// A type as findings name it.
pub(crate) fn describe(ty: &Type) -> String {
    match ty {
        Type::Text { max: Some(max) } => format!("text({max})"),
        Type::Text { max: None } => "text".into(),
        Type::Number { .. } => "number".into(),
        Type::Bool => "bool".into(),
        Type::Date => "date".into(),
        Type::Instant => "instant".into(),
        Type::Duration => "duration".into(),
        Type::Id => "id".into(),
        Type::Enum(_) => "enum".into(),
        Type::List(_) => "list".into(),
        Type::Object => "object".into(),
        Type::Null => "null".into(),
        Type::Any => "unknown".into(),
    }
}

/// A type with its article, for sentences.
pub(crate) fn article(ty: &Type) -> String {
    match ty {
        Type::Id | Type::Object | Type::Instant | Type::Enum(_) => format!("an {}", describe(ty)),
        Type::Number { .. } | Type::Date | Type::Duration | Type::List(_) | Type::Bool => {
            format!("a {}", describe(ty))
        }
        _ => describe(ty),
    }
}

pub(crate) fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::Text { .. } | Type::Enum(_) | Type::Id)
}

pub(crate) fn is_number(ty: &Type) -> bool {
    matches!(ty, Type::Number { .. })
}

pub(crate) fn is_time(ty: &Type) -> bool {
    matches!(ty, Type::Date | Type::Instant)
}

/// An integer column, which SQL stores also use for true and false.
pub(crate) fn is_integer_column(ty: &Type) -> bool {
    matches!(ty, Type::Number { scale: Some(0) })
}

pub(crate) fn open(ty: &Type) -> bool {
    matches!(ty, Type::Any | Type::Null)
}

pub(crate) fn of_value(value: &Value) -> Type {
    match value {
        Value::Absent | Value::Null => Type::Null,
        Value::Bool(_) => Type::Bool,
        Value::Int(_) | Value::Decimal(_) => Type::Number { scale: None },
        Value::Text(_) => Type::Text { max: None },
        Value::Date(_) => Type::Date,
        Value::Instant(_) => Type::Instant,
        Value::Duration(_) => Type::Duration,
        Value::List(items) => {
            let item = items
                .iter()
                .map(of_value)
                .reduce(|a, b| join(&a, &b).unwrap_or(Type::Any));
            Type::List(Box::new(item.unwrap_or(Type::Any)))
        }
        Value::Object(_) => Type::Object,
    }
}

/// Whether `=` between the two can hold.
pub(crate) fn comparable(a: &Type, b: &Type) -> bool {
    match (a, b) {
        (a, b) if open(a) || open(b) => true,
        (Type::Id, b) | (b, Type::Id) => is_text(b) || is_number(b),
        (Type::Bool, b) | (b, Type::Bool) => matches!(b, Type::Bool) || is_integer_column(b),
        (Type::List(a), Type::List(b)) => comparable(a, b),
        (a, b) => {
            is_text(a) && is_text(b)
                || is_number(a) && is_number(b)
                || is_time(a) && is_time(b)
                || a == b
        }
    }
}

/// Whether values of the type have an order.
pub(crate) fn ordered(ty: &Type) -> bool {
    open(ty) || is_text(ty) || is_number(ty) || is_time(ty) || matches!(ty, Type::Duration)
}

/// The type of a value that is one or the other; `None` where they differ.
pub(crate) fn join(a: &Type, b: &Type) -> Option<Type> {
    Some(match (a, b) {
        (a, b) if a == b => a.clone(),
        (Type::Null, other) | (other, Type::Null) => other.clone(),
        (Type::Any, _) | (_, Type::Any) => Type::Any,
        (Type::Text { max: a }, Type::Text { max: b }) => Type::Text {
            max: a.zip(*b).map(|(a, b)| a.max(b)),
        },
        (Type::Number { .. }, Type::Number { .. }) => Type::Number { scale: None },
        (Type::Enum(a), Type::Enum(b)) => {
            let more = b.iter().filter(|m| !a.contains(m)).cloned();
            Type::Enum(Arc::new(a.iter().cloned().chain(more).collect()))
        }
        (Type::Bool, other) | (other, Type::Bool) if is_integer_column(other) => Type::Bool,
        (Type::Id, Type::Number { .. }) | (Type::Number { .. }, Type::Id) => Type::Id,
        (Type::Id, other) | (other, Type::Id) if is_text(other) => Type::Id,
        (Type::Enum(members), text @ Type::Text { .. })
        | (text @ Type::Text { .. }, Type::Enum(members)) => join(
            text,
            &Type::Text {
                max: longest(members),
            },
        )?,
        (Type::Date, Type::Instant) | (Type::Instant, Type::Date) => Type::Instant,
        (Type::List(a), Type::List(b)) => Type::List(Box::new(join(a, b)?)),
        _ => return None,
    })
}

fn longest(members: &[smol_str::SmolStr]) -> Option<u32> {
    members
        .iter()
        .map(|m| u32::try_from(m.chars().count()).ok())
        .max()
        .flatten()
}

/// Why a value of one type does not go into a field of another.
#[derive(Debug, PartialEq)]
pub(crate) enum Misfit {
    Kind,
    /// A limited text into a field that holds less: the two lengths.
    Length(u32, u32),
    /// The members that the target's picklist lacks.
    Members(Vec<smol_str::SmolStr>),
}

/// Whether values of type `from` fit a field of type `to`.
pub(crate) fn fits(from: &Type, to: &Type) -> Result<(), Misfit> {
    match (from, to) {
        (a, b) if open(a) || open(b) => Ok(()),
        (Type::Text { max: Some(from) }, Type::Text { max: Some(to) }) if from > to => {
            Err(Misfit::Length(*from, *to))
        }
        (Type::Enum(members), Type::Text { max: Some(to) }) => match longest(members) {
            Some(from) if from > *to => Err(Misfit::Length(from, *to)),
            _ => Ok(()),
        },
        (Type::Enum(from), Type::Enum(to)) => {
            let missing: Vec<_> = from.iter().filter(|m| !to.contains(m)).cloned().collect();
            if missing.is_empty() {
                Ok(())
            } else {
                Err(Misfit::Members(missing))
            }
        }
        (Type::Id, to) => {
            if is_text(to) || is_number(to) {
                Ok(())
            } else {
                Err(Misfit::Kind)
            }
        }
        (from, Type::Id) => {
            if is_text(from) || is_number(from) {
                Ok(())
            } else {
                Err(Misfit::Kind)
            }
        }
        (Type::Bool, to) if is_integer_column(to) => Ok(()),
        (from, Type::Bool) if is_integer_column(from) => Ok(()),
        // A text column takes dates and instants in ISO form, and gives them back.
        (Type::Text { .. }, to) if is_time(to) => Ok(()),
        (from, Type::Text { .. }) if is_time(from) => Ok(()),
        (Type::List(from), Type::List(to)) => fits(from, to),
        (a, b)
            if is_text(a) && is_text(b)
                || is_number(a) && is_number(b)
                || is_time(a) && is_time(b)
                || a == b =>
        {
            Ok(())
        }
        _ => Err(Misfit::Kind),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: Type = Type::Text { max: None };
    const NUMBER: Type = Type::Number { scale: None };
    const INTEGER: Type = Type::Number { scale: Some(0) };

    fn text(max: u32) -> Type {
        Type::Text { max: Some(max) }
    }

    #[test]
    fn text_and_number_never_meet() {
        assert_eq!(fits(&TEXT, &NUMBER), Err(Misfit::Kind));
        assert_eq!(fits(&NUMBER, &TEXT), Err(Misfit::Kind));
        assert!(!comparable(&TEXT, &NUMBER));
        assert_eq!(join(&TEXT, &NUMBER), None);
    }

    #[test]
    fn only_a_limited_text_is_too_long() {
        assert_eq!(fits(&text(80), &text(40)), Err(Misfit::Length(80, 40)));
        assert_eq!(fits(&TEXT, &text(40)), Ok(()));
        assert_eq!(fits(&text(40), &text(80)), Ok(()));
    }

    #[test]
    fn an_integer_column_stands_for_true_and_false_and_a_plain_number_does_not() {
        assert!(comparable(&INTEGER, &Type::Bool));
        assert_eq!(fits(&Type::Bool, &INTEGER), Ok(()));
        assert_eq!(fits(&Type::Bool, &NUMBER), Err(Misfit::Kind));
    }

    #[test]
    fn a_text_column_takes_dates() {
        assert_eq!(fits(&Type::Instant, &TEXT), Ok(()));
        assert_eq!(fits(&TEXT, &Type::Date), Ok(()));
    }
}
