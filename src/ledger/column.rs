//! Values, times and names as columns.

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use smol_str::SmolStr;

use crate::program::{Direction, Side};
use crate::value::{self, Value};

/// A value on its way into a column: numbers and texts as they are, every other kind as a blob. Equal values have equal columns.
pub(super) struct Column<'a>(pub &'a Value);

impl ToSql for Column<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self.0 {
            Value::Int(number) => ToSqlOutput::from(*number),
            Value::Text(text) => ToSqlOutput::from(text.as_str()),
            Value::Decimal(number) => blob(&Value::Decimal(number.normalize())),
            other => blob(other),
        })
    }
}

fn blob(value: &Value) -> ToSqlOutput<'static> {
    let mut bytes = Vec::new();
    value::encode(value, &mut bytes);
    ToSqlOutput::from(bytes)
}

/// A value out of a column.
pub(super) struct Stored(pub Value);

impl FromSql for Stored {
    fn column_result(column: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Stored(match column {
            ValueRef::Integer(number) => Value::Int(number),
            ValueRef::Text(_) => Value::Text(column.as_str()?.into()),
            ValueRef::Blob(bytes) => {
                value::decode(bytes, &mut 0).ok_or_else(|| damaged("bytes that are no value"))?
            }
            ValueRef::Null | ValueRef::Real(_) => return Err(FromSqlError::InvalidType),
        }))
    }
}

/// A time as text of fixed width, in UTC with nanoseconds: later times are greater texts.
pub(super) struct Time(pub DateTime<Utc>);

impl ToSql for Time {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(
            self.0.to_rfc3339_opts(SecondsFormat::Nanos, true),
        ))
    }
}

impl FromSql for Time {
    fn column_result(column: ValueRef<'_>) -> FromSqlResult<Self> {
        DateTime::parse_from_rfc3339(column.as_str()?)
            .map(|time| Time(time.to_utc()))
            .map_err(|error| FromSqlError::Other(Box::new(error)))
    }
}

impl ToSql for Side {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(i64::from(*self == Side::Right)))
    }
}

impl FromSql for Side {
    fn column_result(column: ValueRef<'_>) -> FromSqlResult<Self> {
        match column.as_i64()? {
            0 => Ok(Side::Left),
            1 => Ok(Side::Right),
            other => Err(FromSqlError::OutOfRange(other)),
        }
    }
}

impl ToSql for Direction {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(i64::from(*self == Direction::Pull)))
    }
}

impl FromSql for Direction {
    fn column_result(column: ValueRef<'_>) -> FromSqlResult<Self> {
        Side::column_result(column).map(Side::sends)
    }
}

pub(super) fn damaged(what: impl Into<String>) -> FromSqlError {
    FromSqlError::Other(what.into().into())
}

pub(super) fn value(row: &Row<'_>, index: usize) -> rusqlite::Result<Value> {
    Ok(row.get::<_, Stored>(index)?.0)
}

pub(super) fn text(row: &Row<'_>, index: usize) -> rusqlite::Result<SmolStr> {
    Ok(row.get_ref(index)?.as_str()?.into())
}

pub(super) fn time(row: &Row<'_>, index: usize) -> rusqlite::Result<DateTime<Utc>> {
    Ok(row.get::<_, Time>(index)?.0)
}

pub(super) fn time_or_none(row: &Row<'_>, index: usize) -> rusqlite::Result<Option<DateTime<Utc>>> {
    Ok(row.get::<_, Option<Time>>(index)?.map(|time| time.0))
}

pub(super) fn bytes(row: &Row<'_>, index: usize) -> rusqlite::Result<Box<[u8]>> {
    Ok(row.get_ref(index)?.as_bytes()?.into())
}
