//! One cell of a table: to a value, and from one.

use std::io::Write as _;

use rusqlite::types::{ToSqlOutput, Value as Stored, ValueRef};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use smol_str::SmolStr;

use crate::value::{Type, Value, decimal, parse_date, parse_instant, structured, to_json};

/// How a column's cells are read, by its declared type. Whatever does not read so stays as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decode {
    Plain,
    Bool,
    Date,
    Instant,
    Structured,
}

/// A cell that is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    NotUtf8,
    Blob,
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Unreadable::NotUtf8 => "text that is not UTF-8",
            Unreadable::Blob => "binary data, which no field can carry",
        })
    }
}

impl Decode {
    pub(super) fn of(ty: &Type) -> Self {
        match ty {
            Type::Bool => Decode::Bool,
            Type::Date => Decode::Date,
            Type::Instant => Decode::Instant,
            Type::Object => Decode::Structured,
            _ => Decode::Plain,
        }
    }

    #[inline]
    pub(super) fn value(self, cell: ValueRef<'_>) -> Result<Value, Unreadable> {
        let ValueRef::Text(bytes) = cell else {
            return self.no_text(cell);
        };
        let text = std::str::from_utf8(bytes).map_err(|_| Unreadable::NotUtf8)?;
        let parsed = match self {
            Decode::Plain | Decode::Bool => None,
            Decode::Date => parse_date(text).map(Value::Date),
            Decode::Instant => parse_instant(text).map(Value::Instant),
            Decode::Structured => structured(text),
        };
        Ok(parsed.unwrap_or_else(|| Value::Text(SmolStr::new(text))))
    }

    fn no_text(self, cell: ValueRef<'_>) -> Result<Value, Unreadable> {
        Ok(match cell {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(truth @ (0 | 1)) if self == Decode::Bool => Value::Bool(truth == 1),
            ValueRef::Integer(number) => Value::Int(number),
            ValueRef::Real(number) => real(number),
            ValueRef::Text(_) | ValueRef::Blob(_) => return Err(Unreadable::Blob),
        })
    }
}

/// The shortest decimal that reads back as this binary number; its text where no decimal holds it.
fn real(number: f64) -> Value {
    // Room for the shortest form of every binary number: `-1.7976931348623157e308`.
    let mut buffer = [0_u8; 32];
    let mut rest = &mut buffer[..];
    let written = match write!(rest, "{number:e}") {
        Ok(()) => 32 - rest.len(),
        Err(_) => 0,
    };
    let text = std::str::from_utf8(&buffer[..written]).unwrap_or_default();
    decimal(text).map_or_else(|| Value::Text(text.into()), Value::Decimal)
}

/// A value as SQLite binds it.
pub(super) struct Bound<'a>(pub(super) &'a Value);

impl rusqlite::ToSql for Bound<'_> {
    #[inline]
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Absent | Value::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Value::Bool(truth) => ToSqlOutput::Owned(Stored::Integer((*truth).into())),
            Value::Int(number) => ToSqlOutput::Owned(Stored::Integer(*number)),
            Value::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Value::Decimal(number) => ToSqlOutput::Owned(stored_decimal(number)),
            Value::Date(_) | Value::Instant(_) | Value::Duration(_) => {
                ToSqlOutput::Owned(Stored::Text(self.0.to_string()))
            }
            Value::List(_) | Value::Object(_) => {
                ToSqlOutput::Owned(Stored::Text(to_json(self.0).to_string()))
            }
        })
    }
}

/// Whether SQLite keeps the value as it is: its numbers are 64-bit integers and binary numbers.
pub(super) fn is_exact(value: &Value) -> bool {
    !matches!(value, Value::Decimal(number) if matches!(stored_decimal(number), Stored::Text(_)))
}

/// An integer, else the binary number that reads back as this decimal, else its text (which equals no number).
fn stored_decimal(number: &Decimal) -> Stored {
    if number.is_integer()
        && let Some(integer) = number.to_i64()
    {
        return Stored::Integer(integer);
    }
    let text = number.normalize().to_string();
    match text.parse::<f64>() {
        Ok(binary) if real(binary).same(&Value::Decimal(*number)) => Stored::Real(binary),
        _ => Stored::Text(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binary_numbers_read_as_their_shortest_decimal() {
        assert_eq!(real(0.1), Value::Decimal(Decimal::new(1, 1)));
        assert_eq!(real(1234.56), Value::Decimal(Decimal::new(123_456, 2)));
        assert_eq!(real(3.0), Value::Decimal(Decimal::from(3)));
        assert_eq!(real(1e300), Value::Text("1e300".into()));
        assert_eq!(
            real(-f64::MAX),
            Value::Text("-1.7976931348623157e308".into())
        );
        assert_eq!(real(f64::INFINITY), Value::Text("inf".into()));
    }

    #[test]
    fn decimals_stay_exact() {
        assert_eq!(stored_decimal(&Decimal::new(150, 2)), Stored::Real(1.5));
        assert_eq!(stored_decimal(&Decimal::new(300, 2)), Stored::Integer(3));
        let long = Decimal::from_i128_with_scale(12_345_678_901_234_567_890_123, 10);
        assert_eq!(
            stored_decimal(&long),
            Stored::Text("1234567890123.4567890123".into())
        );
    }

    #[test]
    fn cells_read_by_their_column() {
        let read = |decode: Decode, text: &str| decode.value(ValueRef::Text(text.as_bytes()));
        assert_eq!(read(Decode::Plain, "0.1"), Ok(Value::Text("0.1".into())));
        assert_eq!(
            read(Decode::Instant, "soon"),
            Ok(Value::Text("soon".into()))
        );
        assert_eq!(Decode::Bool.value(ValueRef::Integer(2)), Ok(Value::Int(2)));
        assert_eq!(
            Decode::Plain.value(ValueRef::Blob(b"x")),
            Err(Unreadable::Blob)
        );
        assert_eq!(
            Decode::Plain.value(ValueRef::Text(b"\xff")),
            Err(Unreadable::NotUtf8)
        );
    }
}
