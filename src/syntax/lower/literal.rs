//! Numbers, dates, instants, durations and regular expressions.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use rust_decimal::Decimal;
use smol_str::SmolStr;

use super::Lower;
use crate::diagnostic::codes;
use crate::syntax::ast::{ExprKind, Literal};
use crate::syntax::grammar::{Node, Rule};
use crate::value::Value;

impl Lower<'_> {
    /// A literal as an expression; one that has no value is broken, with a finding.
    pub(super) fn literal(&mut self, node: &Node<'_>) -> ExprKind {
        self.literal_value(node)
            .map_or(ExprKind::Broken, ExprKind::Literal)
    }

    fn literal_value(&mut self, node: &Node<'_>) -> Option<Value> {
        let written = node.as_str();
        let (value, code, message, help) = match node.as_rule() {
            Rule::null => (Some(Value::Null), codes::BAD_NUMBER, "null", ""),
            Rule::boolean => (
                Some(Value::Bool(written == "true")),
                codes::BAD_NUMBER,
                "a truth value",
                "",
            ),
            Rule::number => (
                number(written),
                codes::BAD_NUMBER,
                "has more digits than a number can hold",
                "numbers hold 28 digits",
            ),
            Rule::duration => (
                duration(written).map(Value::Duration),
                codes::BAD_NUMBER,
                "is longer than a duration can be",
                "write a shorter one",
            ),
            Rule::date => (
                date(written).map(Value::Date),
                codes::BAD_DATE,
                "is no day of the calendar",
                "dates are year, month and day",
            ),
            _ => (
                instant(written).map(Value::Instant),
                codes::BAD_DATE,
                "is no moment of the calendar",
                "an instant is `2024-06-01T10:00:00Z`",
            ),
        };
        if value.is_none() {
            let place = self.span(node);
            self.complain(code, place, format!("`{written}` {message}"), help);
        }
        value
    }

    /// A literal of `values`: a text, a number with its sign, a truth value or null.
    pub(super) fn values_literal(&mut self, node: Node<'_>) -> Option<Literal> {
        let place = self.span(&node);
        let mut negative = false;
        for child in node.into_inner() {
            match child.as_rule() {
                Rule::op_negate => negative = true,
                Rule::plain_text => {
                    return Some(Literal {
                        value: Value::Text(self.plain_value(child)),
                        span: place,
                    });
                }
                _ => {
                    let value = self.literal_value(&child)?;
                    let value = match value {
                        Value::Int(number) if negative => Value::Int(-number),
                        Value::Decimal(number) if negative => Value::Decimal(-number),
                        other => other,
                    };
                    return Some(Literal { value, span: place });
                }
            }
        }
        None
    }

    pub(super) fn regex(&self, node: &Node<'_>) -> ExprKind {
        let written = node.as_str();
        let case_insensitive = written.ends_with('i');
        let body = written
            .trim_end_matches('i')
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'))
            .unwrap_or_default();
        ExprKind::Regex {
            pattern: SmolStr::new(body.replace("\\/", "/")),
            case_insensitive,
        }
    }
}

/// A whole number, or a decimal with as many places as are written.
pub(super) fn number(written: &str) -> Option<Value> {
    if let Ok(whole) = written.parse::<i64>() {
        return Some(Value::Int(whole));
    }
    Decimal::from_str_exact(written).ok().map(Value::Decimal)
}

/// Milliseconds.
pub(super) fn duration(written: &str) -> Option<i64> {
    let (digits, unit) = written.split_at(written.len().checked_sub(1)?);
    let millis: i64 = match unit {
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    digits.parse::<i64>().ok()?.checked_mul(millis)
}

fn date(written: &str) -> Option<NaiveDate> {
    let mut parts = written.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// Without `Z` or an offset it is UTC.
fn instant(written: &str) -> Option<DateTime<Utc>> {
    let (day, rest) = written.split_once('T')?;
    let zone_at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(zone_at);
    let clock = if clock.len() == 5 {
        format!("{clock}:00")
    } else {
        clock.to_owned()
    };
    let local = NaiveDateTime::new(
        date(day)?,
        NaiveTime::parse_from_str(&clock, "%H:%M:%S%.f").ok()?,
    );
    let offset = match zone {
        "" | "Z" => chrono::TimeDelta::zero(),
        _ => {
            let (hours, minutes) = zone[1..].split_once(':')?;
            let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let size = chrono::TimeDelta::try_minutes(hours * 60 + minutes)?;
            if zone.starts_with('-') { -size } else { size }
        }
    };
    local.checked_sub_signed(offset).map(|utc| utc.and_utc())
}
