//! Strict text forms of dates, instants and durations.

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};

/// `2024-06-01`: exactly four, two and two digits.
pub fn parse_date(text: &str) -> Option<NaiveDate> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 {
        return None;
    }
    date_at_start(bytes)
}

/// ISO-8601 with `T` or a space, optional fraction (up to nine digits), `Z`, an offset (`+02:00`, `+0200`, `+02`), or none (then UTC).
pub fn parse_instant(text: &str) -> Option<DateTime<Utc>> {
    let bytes = text.as_bytes();
    if bytes.len() < 19 || !matches!(bytes[10], b'T' | b' ') {
        return None;
    }
    let date = date_at_start(bytes)?;
    if bytes[13] != b':' || bytes[16] != b':' {
        return None;
    }
    let (hour, minute, second) = (
        digits(&bytes[11..13])?,
        digits(&bytes[14..16])?,
        digits(&bytes[17..19])?,
    );
    let (nanos, zone) = fraction(&bytes[19..])?;
    let time = NaiveTime::from_hms_nano_opt(hour, minute, second, nanos)?;
    let local = date.and_time(time).and_utc();
    local.checked_sub_signed(TimeDelta::seconds(offset(zone)?))
}

/// `90s`, `20m`, `2h`, `1d`, in milliseconds.
pub fn parse_duration(text: &str) -> Option<i64> {
    let unit = match text.as_bytes().last()? {
        b's' => 1_000,
        b'm' => 60_000,
        b'h' => 3_600_000,
        b'd' => 86_400_000,
        _ => return None,
    };
    let count = &text[..text.len() - 1];
    if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    count.parse::<i64>().ok()?.checked_mul(unit)
}

/// ISO-8601 with milliseconds and `Z`; with micro- or nanoseconds only where the instant has them, so that nothing is cut.
pub fn format_instant(instant: DateTime<Utc>) -> String {
    let nanos = instant.timestamp_subsec_nanos();
    let form = if nanos.is_multiple_of(1_000_000) {
        SecondsFormat::Millis
    } else if nanos.is_multiple_of(1_000) {
        SecondsFormat::Micros
    } else {
        SecondsFormat::Nanos
    };
    instant.to_rfc3339_opts(form, true)
}

/// A duration as the language writes it, in the greatest unit that divides it.
pub(super) fn format_duration(millis: i64) -> String {
    for (unit, name) in [
        (86_400_000, 'd'),
        (3_600_000, 'h'),
        (60_000, 'm'),
        (1_000, 's'),
    ] {
        if millis % unit == 0 && (millis != 0 || name == 's') {
            return format!("{}{name}", millis / unit);
        }
    }
    format!("{}s", rust_decimal::Decimal::new(millis, 3).normalize())
}

fn date_at_start(bytes: &[u8]) -> Option<NaiveDate> {
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let year = i32::try_from(digits(&bytes[..4])?).ok()?;
    NaiveDate::from_ymd_opt(year, digits(&bytes[5..7])?, digits(&bytes[8..10])?)
}

fn digits(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0_u32, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u32::from(byte - b'0'))
    })
}

/// The nanoseconds of a fraction at the start, and what follows it.
fn fraction(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let Some((b'.', rest)) = bytes.split_first() else {
        return Some((0, bytes));
    };
    let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if length == 0 || length > 9 {
        return None;
    }
    let (fraction, zone) = rest.split_at(length);
    let scale = 10_u32.pow(9 - u32::try_from(length).ok()?);
    Some((digits(fraction)? * scale, zone))
}

/// The zone's offset from UTC in seconds.
fn offset(zone: &[u8]) -> Option<i64> {
    let (sign, rest) = match zone {
        [] | [b'Z'] => return Some(0),
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = match rest {
        [_, _] => (digits(rest)?, 0),
        [_, _, b':', minutes @ ..] if minutes.len() == 2 => (digits(&rest[..2])?, digits(minutes)?),
        [_, _, _, _] => (digits(&rest[..2])?, digits(&rest[2..])?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then(|| sign * (i64::from(hours) * 3600 + i64::from(minutes) * 60))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_date_has_exactly_its_digits() {
        assert!(parse_date("2024-02-29").is_some());
        for wrong in [
            "2024-2-29",
            "2023-02-29",
            "24-02-29",
            "2024-02-29 ",
            "2024/02/29",
            "+024-02-29",
            "２024-02-2",
            "",
        ] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn one_instant_has_many_forms() {
        let expected = parse_instant("2024-06-01T10:00:00Z");
        assert!(expected.is_some());
        for form in [
            "2024-06-01 10:00:00",
            "2024-06-01T10:00:00.000Z",
            "2024-06-01T10:00:00.000000000",
            "2024-06-01T12:00:00+02:00",
            "2024-06-01T10:00:00.000+0000",
            "2024-06-01 05:30:00-0430",
            "2024-06-01 11:00:00+01",
        ] {
            assert_eq!(parse_instant(form), expected, "{form}");
        }
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for wrong in [
            "2024-06-01",
            "2024-06-01T10:00",
            "2024-06-01T24:00:00Z",
            "2024-06-01T10:00:60Z",
            "2024-06-01T10:00:00.Z",
            "2024-06-01T10:00:00.0000000000Z",
            "2024-06-01T10:00:00z",
            "2024-06-01T10:00:00+24:00",
            "2024-06-01T10:00:00+2",
            "2024-06-01T10:00:00 Z",
            "2024-06-01t10:00:00Z",
        ] {
            assert_eq!(parse_instant(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn durations_have_one_unit() {
        assert_eq!(parse_duration("90s"), Some(90_000));
        assert_eq!(parse_duration("1d"), Some(86_400_000));
        for wrong in [
            "",
            "s",
            "1",
            "-1s",
            "1.5h",
            "1w",
            "1h30m",
            "9223372036854775807d",
        ] {
            assert_eq!(parse_duration(wrong), None, "{wrong}");
        }
        assert_eq!(format_duration(5_400_000), "90m");
        assert_eq!(format_duration(1_500), "1.5s");
        assert_eq!(format_duration(0), "0s");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = (parse_date(&text), parse_instant(&text), parse_duration(&text));
        }

        #[test]
        fn an_instant_survives_its_text(seconds in -60_000_000_000_i64..250_000_000_000, nanos in 0_u32..1_000_000_000) {
            let instant = DateTime::from_timestamp(seconds, nanos);
            prop_assert_eq!(instant.and_then(|at| parse_instant(&format_instant(at))), instant);
        }
    }
}
