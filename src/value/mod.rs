//! Values as both stores and the rule language see them: their kinds, types, equality, hashing and conversion.
//!
//! Knows nothing of stores, rules or records.

mod codec;
mod compare;
mod convert;
mod display;
mod id;
mod json;
#[cfg(test)]
pub(crate) mod samples;
mod time;
mod types;

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use indexmap::IndexMap;
use rust_decimal::Decimal;
use smol_str::SmolStr;

pub use codec::{decode, encode};
pub(crate) use convert::structured;
pub use convert::{ConvertError, convert, fits, same_in};
pub use id::id18;
pub(crate) use json::decimal;
pub use json::{from_json, to_json};
pub use time::{format_instant, parse_date, parse_duration, parse_instant};
pub use types::Type;

/// One value of one field (engine, section 4: absent, null, empty and a value are never confused).
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Value {
    /// Not read, hidden, or not in this page: never overwrites anything.
    Absent,
    #[default]
    Null,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Text(SmolStr),
    Date(NaiveDate),
    Instant(DateTime<Utc>),
    /// Milliseconds.
    Duration(i64),
    List(Arc<Vec<Value>>),
    Object(Arc<IndexMap<SmolStr, Value>>),
}
