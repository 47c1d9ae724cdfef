//! Dates and instants, also in ISO form in a text.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use crate::value::{Value, parse_date, parse_instant};

/// A date or an instant.
#[derive(Debug, Clone, Copy)]
pub(in crate::program) enum Moment {
    Date(NaiveDate),
    Instant(DateTime<Utc>),
}

impl Moment {
    /// The moment that a value is, or that its text holds.
    pub(in crate::program) fn of(value: &Value) -> Option<Moment> {
        match value {
            Value::Date(date) => Some(Moment::Date(*date)),
            Value::Instant(instant) => Some(Moment::Instant(*instant)),
            Value::Text(text) => Moment::parse(text),
            _ => None,
        }
    }

    pub(in crate::program) fn parse(text: &str) -> Option<Moment> {
        parse_date(text)
            .map(Moment::Date)
            .or_else(|| parse_instant(text).map(Moment::Instant))
    }

    /// A date is its midnight UTC.
    pub(in crate::program) fn instant(self) -> DateTime<Utc> {
        match self {
            Moment::Date(date) => date.and_time(NaiveTime::MIN).and_utc(),
            Moment::Instant(instant) => instant,
        }
    }

    /// Of an instant, the date in UTC.
    pub(in crate::program) fn date(self) -> NaiveDate {
        match self {
            Moment::Date(date) => date,
            Moment::Instant(instant) => instant.date_naive(),
        }
    }
}
