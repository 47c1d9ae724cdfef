//! Declared column types, which SQLite keeps as free text.

use rust_decimal::prelude::ToPrimitive;

use crate::value::{Type, Value, decimal};

/// The type that a column's declaration names.
pub(super) fn column_type(declared: &str) -> Type {
    let declared = declared.trim().to_ascii_uppercase();
    let (name, arguments) = match declared.split_once('(') {
        Some((name, rest)) => (name.trim(), rest.split(')').next().unwrap_or_default()),
        None => (declared.as_str(), ""),
    };
    let mut arguments = arguments
        .split(',')
        .map(|argument| argument.trim().parse::<u32>().ok());
    let (first, second) = (arguments.next().flatten(), arguments.next().flatten());
    match name {
        "BOOL" | "BOOLEAN" => Type::Bool,
        "DATE" => Type::Date,
        "JSON" | "JSONB" => Type::Object,
        "UUID" | "TIME" => Type::Text { max: None },
        "DECIMAL" | "NUMERIC" => Type::Number {
            scale: first.map(|_| second.unwrap_or(0)),
        },
        "NUMBER" | "REAL" => Type::Number { scale: None },
        _ if name.starts_with("DATETIME") || name.starts_with("TIMESTAMP") => Type::Instant,
        // The order of SQLite's own affinity rules.
        _ if name.contains("INT") => Type::Number { scale: Some(0) },
        _ if ["CHAR", "CLOB", "TEXT"]
            .iter()
            .any(|part| name.contains(part)) =>
        {
            Type::Text { max: first }
        }
        _ if ["FLOA", "DOUB", "REAL"]
            .iter()
            .any(|part| name.contains(part)) =>
        {
            Type::Number { scale: None }
        }
        _ => Type::Any,
    }
}

/// The constant that a column's default expression is; `None` for null and for what SQLite computes.
pub(super) fn constant(expression: &str, ty: &Type) -> Option<Value> {
    let expression = expression.trim();
    if let Some(quoted) = expression.strip_prefix('\'') {
        let text = quoted.strip_suffix('\'')?;
        // A quote inside stands doubled; a single one ends the text, and then this is a longer expression.
        if text.replace("''", "").contains('\'') {
            return None;
        }
        return Some(Value::Text(text.replace("''", "'").into()));
    }
    let number = match expression.to_ascii_uppercase().as_str() {
        "TRUE" => return Some(Value::Bool(true)),
        "FALSE" => return Some(Value::Bool(false)),
        _ => decimal(expression)?,
    };
    match (number.to_i64(), ty) {
        (Some(truth @ (0 | 1)), Type::Bool) if number.is_integer() => Some(Value::Bool(truth == 1)),
        (Some(integer), _) if number.is_integer() => Some(Value::Int(integer)),
        _ => Some(Value::Decimal(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_name_types() {
        let number = |scale| Type::Number { scale };
        let text = |max| Type::Text { max };
        for (declared, expected) in [
            ("VARCHAR(80)", text(Some(80))),
            ("nvarchar ( 12 )", text(Some(12))),
            ("CHARACTER VARYING(9)", text(Some(9))),
            ("TEXT", text(None)),
            ("INTEGER", number(Some(0))),
            ("BIGINT UNSIGNED", number(Some(0))),
            ("NUMERIC", number(None)),
            ("DECIMAL(10,2)", number(Some(2))),
            ("DECIMAL(10)", number(Some(0))),
            ("DOUBLE PRECISION", number(None)),
            ("BOOLEAN", Type::Bool),
            ("DATE", Type::Date),
            ("TIMESTAMP WITH TIME ZONE", Type::Instant),
            ("DATETIME(3)", Type::Instant),
            ("JSON", Type::Object),
            ("BLOB", Type::Any),
            ("", Type::Any),
            ("VARCHAR(", text(None)),
        ] {
            assert_eq!(column_type(declared), expected, "{declared}");
        }
    }

    #[test]
    fn constant_defaults_are_known() {
        let integer = Type::Number { scale: Some(0) };
        assert_eq!(
            constant("'it''s'", &Type::Any),
            Some(Value::Text("it's".into()))
        );
        assert_eq!(constant("1", &integer), Some(Value::Int(1)));
        assert_eq!(constant("0", &Type::Bool), Some(Value::Bool(false)));
        for computed in [
            "strftime('%s','now')",
            "CURRENT_TIMESTAMP",
            "'a' || 'b'",
            "NULL",
            "",
        ] {
            assert_eq!(constant(computed, &integer), None, "{computed}");
        }
    }
}
