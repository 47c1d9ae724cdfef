//! The times of a pace.

use chrono::{DateTime, TimeDelta, Utc};

use super::cron;
use crate::program::Pace;

/// The first time after `after`; intervals count from `anchor`. `None`: never.
pub fn next_time(
    pace: &Pace,
    anchor: DateTime<Utc>,
    after: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    match pace {
        Pace::Every { millis } => {
            let millis = (*millis).max(1);
            let gone = after
                .timestamp_millis()
                .checked_sub(anchor.timestamp_millis())?;
            let times = gone.div_euclid(millis).checked_add(1)?;
            anchor.checked_add_signed(TimeDelta::try_milliseconds(times.checked_mul(millis)?)?)
        }
        Pace::Cron { line, zone } => cron::next_time(line, *zone, after),
    }
}

/// Milliseconds between two times, at the least.
pub fn shortest(pace: &Pace) -> i64 {
    match pace {
        Pace::Every { millis } => *millis,
        Pace::Cron { .. } => 60_000,
    }
}
