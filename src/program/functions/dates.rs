//! Functions over dates and instants; all reckoning is in UTC.

use std::borrow::Cow;
use std::fmt::Write;

use chrono::format::{Item, StrftimeItems};
use chrono::{Datelike, TimeDelta};

use super::arguments::{moment, text_at, whole};
use crate::program::evaluate::{EvalError, Moment, Val};
use crate::value::Value;

fn of<'a>(number: impl Into<i64>) -> Result<Val<'a>, EvalError> {
    Ok(Cow::Owned(Value::Int(number.into())))
}

pub(super) fn date(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    parsed(first, "a date", |moment| Value::Date(moment.date()))
}

pub(super) fn instant(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    parsed(first, "an instant", |moment| {
        Value::Instant(moment.instant())
    })
}

/// Null for a blank text.
fn parsed<'a>(
    first: Val<'a>,
    what: &str,
    of: impl FnOnce(Moment) -> Value,
) -> Result<Val<'a>, EvalError> {
    let found = match &*first {
        Value::Text(text) if text.trim().is_empty() => Some(Value::Null),
        Value::Text(text) => Moment::parse(text.trim()).map(of),
        other => Moment::of(other).map(of),
    };
    found
        .map(Cow::Owned)
        .ok_or_else(|| EvalError::is_not(&first, what))
}

pub(super) fn format_date<'a>(first: Val<'a>, rest: &[Val<'a>]) -> Result<Val<'a>, EvalError> {
    let pattern = text_at(rest, 0)?.unwrap_or_default();
    let unknown = || EvalError::Value(format!("`{pattern}` is not a pattern for dates"));
    let items: Vec<Item<'_>> = StrftimeItems::new(&pattern).collect();
    if items.contains(&Item::Error) {
        return Err(unknown());
    }
    let mut formatted = String::new();
    write!(
        formatted,
        "{}",
        moment(&first)?.instant().format_with_items(items.iter())
    )
    .map_err(|_| unknown())?;
    Ok(Cow::Owned(Value::Text(formatted.into())))
}

pub(super) fn add_days<'a>(first: Val<'a>, rest: &[Val<'a>]) -> Result<Val<'a>, EvalError> {
    let days = rest
        .first()
        .map(|arg| whole(arg))
        .transpose()?
        .flatten()
        .unwrap_or(0);
    let delta = TimeDelta::try_days(days);
    let later = match moment(&first)? {
        Moment::Date(date) => delta
            .and_then(|delta| date.checked_add_signed(delta))
            .map(Value::Date),
        Moment::Instant(instant) => delta
            .and_then(|delta| instant.checked_add_signed(delta))
            .map(Value::Instant),
    };
    later
        .map(Cow::Owned)
        .ok_or_else(|| EvalError::Value("the date is out of range".to_owned()))
}

pub(super) fn days_between<'a>(first: Val<'a>, rest: &[Val<'a>]) -> Result<Val<'a>, EvalError> {
    let from = moment(&first)?.date();
    let to = rest
        .first()
        .map(|arg| moment(arg))
        .transpose()?
        .map_or(from, Moment::date);
    of(to.signed_duration_since(from).num_days())
}

pub(super) fn year(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    of(moment(&first)?.date().year())
}

pub(super) fn month(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    of(moment(&first)?.date().month())
}

pub(super) fn day(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    of(moment(&first)?.date().day())
}
