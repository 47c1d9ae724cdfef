//! The forms in which modification columns hold their time, found by a sample.

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta, Utc};

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::value::{Value, parse_instant};

/// How a modification column writes a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StampFormat {
    Text(TextFormat),
    /// Numbers since 1970, so many to the second: 1, 1 000 or 1 000 000.
    Epoch {
        per_second: i64,
    },
    /// Seconds since 1970 with a fraction.
    DecimalSeconds,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TextFormat {
    separator: char,
    /// Digits after the second: 0, 3, 6 or 9.
    fraction: u8,
    zone: Zone,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Zone {
    /// Nothing is written: UTC.
    Bare,
    Z,
    Offset(FixedOffset),
}

impl StampFormat {
    /// ISO-8601 with milliseconds and `Z`.
    pub(super) const ISO: Self = StampFormat::Text(TextFormat {
        separator: 'T',
        fraction: 3,
        zone: Zone::Z,
    });
    pub(super) const EPOCH_SECONDS: Self = StampFormat::Epoch { per_second: 1 };
    pub(super) const EPOCH_MILLIS: Self = StampFormat::Epoch { per_second: 1_000 };

    /// The form that `stamp` has.
    pub(super) fn of(stamp: &Value) -> Option<Self> {
        match stamp {
            Value::Text(text) => {
                parse_instant(text)?;
                TextFormat::of(text).map(StampFormat::Text)
            }
            Value::Int(number) => Some(StampFormat::Epoch {
                per_second: match number.unsigned_abs() {
                    0..100_000_000_000 => 1,
                    100_000_000_000..100_000_000_000_000 => 1_000,
                    _ => 1_000_000,
                },
            }),
            Value::Decimal(number) => {
                // From 1973 on: a smaller number is a day count or a version, no time that is known here.
                let known = Decimal::from(100_000_000)..Decimal::from(100_000_000_000_i64);
                known
                    .contains(number)
                    .then_some(StampFormat::DecimalSeconds)
            }
            _ => None,
        }
    }

    /// The time that `stamp` says.
    pub(super) fn parse(stamp: &Value) -> Option<DateTime<Utc>> {
        match (stamp, StampFormat::of(stamp)?) {
            (Value::Text(text), _) => parse_instant(text),
            (Value::Int(number), StampFormat::Epoch { per_second }) => {
                DateTime::from_timestamp_micros(number.checked_mul(1_000_000 / per_second)?)
            }
            (Value::Decimal(number), _) => {
                DateTime::from_timestamp_millis((number * Decimal::ONE_THOUSAND).to_i64()?)
            }
            _ => None,
        }
    }

    /// `instant` in this form; what is finer than the form goes down to it.
    pub(super) fn format(self, instant: DateTime<Utc>) -> Value {
        match self {
            StampFormat::Epoch { per_second } => Value::Int(
                instant
                    .timestamp_micros()
                    .div_euclid(1_000_000 / per_second),
            ),
            StampFormat::DecimalSeconds => {
                Value::Decimal(Decimal::new(instant.timestamp_millis(), 3))
            }
            StampFormat::Text(format) => Value::Text(format.write(instant).into()),
        }
    }

    /// `stamp` less so many milliseconds, in its own form; `None` where it does not parse.
    pub(super) fn before(stamp: &Value, millis: i64) -> Option<Value> {
        let earlier =
            StampFormat::parse(stamp)?.checked_sub_signed(TimeDelta::try_milliseconds(millis)?)?;
        Some(StampFormat::of(stamp)?.format(earlier))
    }
}

impl TextFormat {
    fn of(text: &str) -> Option<Self> {
        let separator = text.chars().nth(10)?;
        let rest = text.get(19..)?;
        let (digits, zone) = match rest.strip_prefix('.') {
            Some(rest) => rest.split_at(rest.bytes().take_while(u8::is_ascii_digit).count()),
            None => ("", rest),
        };
        let zone = match zone {
            "" => Zone::Bare,
            "Z" => Zone::Z,
            // An ISO text with an offset is also RFC 3339 once it has its `T` and its colon.
            offset => {
                let (hours, minutes) = (offset.get(..3)?, offset.get(3..)?.trim_start_matches(':'));
                let minutes = if minutes.is_empty() { "00" } else { minutes };
                let sample = format!("2000-01-01T00:00:00{hours}:{minutes}");
                Zone::Offset(*DateTime::parse_from_rfc3339(&sample).ok()?.offset())
            }
        };
        let fraction = match digits.len() {
            0 => 0,
            1..=3 => 3,
            4..=6 => 6,
            _ => 9,
        };
        Some(TextFormat {
            separator,
            fraction,
            zone,
        })
    }

    fn write(self, instant: DateTime<Utc>) -> String {
        let seconds = match self.fraction {
            0 => SecondsFormat::Secs,
            3 => SecondsFormat::Millis,
            6 => SecondsFormat::Micros,
            _ => SecondsFormat::Nanos,
        };
        let mut text = match self.zone {
            Zone::Offset(offset) => instant
                .with_timezone(&offset)
                .to_rfc3339_opts(seconds, false),
            Zone::Bare | Zone::Z => instant.to_rfc3339_opts(seconds, true),
        };
        if self.zone == Zone::Bare {
            text.pop();
        }
        if self.separator != 'T' {
            text.replace_range(10..11, " ");
        }
        text
    }
}

/// Where texts of the form with a space, on the day of an ISO stamp with `T`, are at or after it: from the first text, before the second.
/// A space sorts before `T`, so that `2024-06-01 11:00:00` would else count as older than `2024-06-01T10:00:00Z`.
pub(super) fn spaced_range(stamp: &Value) -> Option<(Value, Value)> {
    let Value::Text(text) = stamp else {
        return None;
    };
    let instant = parse_instant(text)?;
    if text.as_bytes().get(10) != Some(&b'T') {
        return None;
    }
    let spaced = TextFormat {
        separator: ' ',
        fraction: 0,
        zone: Zone::Bare,
    }
    .write(instant);
    let end = format!("{}T", spaced.get(..10)?);
    Some((Value::Text(spaced.into()), Value::Text(end.into())))
}

/// What stands for the stamp of a record without a modification column: a hash of the columns read.
pub(super) fn content_stamp(values: &[Value]) -> Value {
    let hash = values.iter().fold(0_u64, |hash, value| {
        hash.rotate_left(5).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ value.hash64()
    });
    Value::Int(hash.cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn a_stamp_keeps_its_form() {
        for (stamp, earlier) in [
            ("2024-06-01T10:00:00.000Z", "2024-06-01T09:59:00.000Z"),
            ("2024-06-01 10:00:00", "2024-06-01 09:59:00"),
            ("2024-06-01T10:00:00Z", "2024-06-01T09:59:00Z"),
            ("2024-06-01T00:00:30+02:00", "2024-05-31T23:59:30+02:00"),
            ("2024-06-01 10:00:00.123456", "2024-06-01 09:59:00.123456"),
        ] {
            assert_eq!(
                StampFormat::before(&text(stamp), 60_000),
                Some(text(earlier))
            );
        }
        assert_eq!(
            StampFormat::before(&Value::Int(1_717_236_000), 60_000),
            Some(Value::Int(1_717_235_940))
        );
        assert_eq!(
            StampFormat::before(&Value::Int(1_717_236_000_000), 1),
            Some(Value::Int(1_717_235_999_999))
        );
    }

    #[test]
    fn seconds_may_have_a_fraction() {
        let stamp = Value::Decimal(Decimal::new(1_717_236_000_250, 3));
        assert_eq!(
            StampFormat::before(&stamp, 500),
            Some(Value::Decimal(Decimal::new(1_717_235_999_750, 3)))
        );
        assert_eq!(
            StampFormat::of(&Value::Decimal(Decimal::new(2_460_000_500, 3))),
            None
        );
    }

    #[test]
    fn what_is_no_time_has_no_form() {
        for stamp in [
            text("yesterday"),
            text("2024-06-01"),
            text("2024-06-0é10:00:00"),
            Value::Null,
            Value::Bool(true),
        ] {
            assert_eq!(StampFormat::before(&stamp, 1), None, "{stamp:?}");
        }
        assert_eq!(
            StampFormat::before(&text("2024-06-01T10:00:00Z"), i64::MAX),
            None
        );
    }

    #[test]
    fn the_spaced_form_of_the_day_is_seen() {
        let range = spaced_range(&text("2024-06-01T10:00:00.500Z"));
        assert_eq!(
            range,
            Some((text("2024-06-01 10:00:00"), text("2024-06-01T")))
        );
        assert_eq!(spaced_range(&text("2024-06-01 10:00:00")), None);
        assert_eq!(spaced_range(&Value::Int(5)), None);
    }
}
