//! Which lane is due: schedules of the rules against a clock that is given. No input or output of its own.
//!
//! A lane is one schedule at its own pace. Lanes are run one after the other, the one that has waited longest first, so that no
//! relationship is ever run twice at once. However often a lane was missed (a machine that slept, a long run of another lane), it runs
//! once and goes on with its next time.

mod cron;
mod lane;
mod pace;

pub use lane::{Lane, Past};
pub use pace::next_time;

use chrono::{DateTime, Utc};

/// The lane that is due first, and when; of several the first of the list.
pub fn first(lanes: &[Lane]) -> Option<(usize, DateTime<Utc>)> {
    lanes
        .iter()
        .enumerate()
        .filter_map(|(place, lane)| Some((place, lane.due()?)))
        .min_by_key(|(place, due)| (*due, *place))
}

#[cfg(test)]
mod tests;
