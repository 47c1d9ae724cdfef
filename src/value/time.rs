//! Strict text forms of dates, instants and durations.

use chrono::{DateTime, NaiveDate, Utc};

/// `2024-06-01`: exactly four, two and two digits.
pub fn parse_date(_text: &str) -> Option<NaiveDate> {
    todo!()
}

/// ISO-8601 with `T` or a space, optional fraction, `Z`, an offset, or none (then UTC).
pub fn parse_instant(_text: &str) -> Option<DateTime<Utc>> {
    todo!()
}

/// `90s`, `20m`, `2h`, `1d`, in milliseconds.
pub fn parse_duration(_text: &str) -> Option<i64> {
    todo!()
}

/// ISO-8601 with milliseconds and `Z`.
pub fn format_instant(_instant: DateTime<Utc>) -> String {
    todo!()
}
