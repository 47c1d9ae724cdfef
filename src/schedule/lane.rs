//! One schedule on its way through time.

use chrono::{DateTime, TimeDelta, Utc};
use smol_str::SmolStr;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::pace::{next_time, shortest};
use crate::program::Pace;

/// Runs of many engines, or of many lanes, that would all begin at the same moment are spread over a tenth of their interval, at most
/// over this many milliseconds.
const SPREAD: i64 = 30_000;

/// The first pause after a failure, in milliseconds; each further failure doubles it.
const PAUSE: i64 = 5_000;
const LONGEST_PAUSE: i64 = 15 * 60_000;

/// The last run of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// A time of the schedule: intervals count from it.
    pub anchor: DateTime<Utc>,
    pub started: DateTime<Utc>,
    /// `None`: it is going on, or was cut off.
    pub ended: Option<DateTime<Utc>>,
    /// Runs that failed since the last one that did not.
    pub failures: u32,
}

#[derive(Debug, Clone)]
pub struct Lane {
    pub name: SmolStr,
    pub pace: Pace,
    /// Makes the spread of one engine differ from another's; `None`: no spread.
    pub seed: Option<u64>,
    /// When the lane was first seen.
    since: DateTime<Utc>,
    past: Option<Past>,
}

impl Lane {
    /// A lane that the clock meets at `now`. Without a past an interval begins at once, a cron line waits for its time.
    pub fn new(name: SmolStr, pace: Pace, past: Option<Past>, now: DateTime<Utc>) -> Lane {
        let mut lane = Lane {
            name,
            pace,
            seed: None,
            since: now,
            past,
        };
        lane.see(now);
        lane
    }

    pub fn past(&self) -> Option<&Past> {
        self.past.as_ref()
    }

    /// Tells the time. A past that lies in the future (a clock that was wrong and is put right) does not keep the lane from running.
    pub fn see(&mut self, now: DateTime<Utc>) {
        self.since = self.since.min(now);
        if let Some(past) = &mut self.past {
            past.started = past.started.min(now);
            past.ended = past.ended.map(|ended| ended.min(now));
        }
    }

    /// When it is to run next; a moment that is over means at once. `None`: never.
    pub fn due(&self) -> Option<DateTime<Utc>> {
        let Some(past) = &self.past else {
            return match &self.pace {
                Pace::Every { .. } => Some(self.since),
                pace @ Pace::Cron { .. } => self.spread(next_time(pace, self.since, self.since)?),
            };
        };
        let Some(ended) = past.ended else {
            // It was cut off: the next run goes on with what it left.
            return Some(past.started);
        };
        let regular = next_time(&self.pace, past.anchor, past.started)
            .and_then(|nominal| self.spread(nominal));
        if past.failures == 0 {
            return regular;
        }
        let again = ended + self.pause(past.failures);
        Some(match (&self.pace, regular) {
            // A time of the day is kept, whatever failed before.
            (Pace::Cron { .. }, Some(regular)) => regular.min(again),
            _ => again,
        })
    }

    /// A run begins.
    pub fn start(&mut self, now: DateTime<Utc>) {
        let past = self.past.get_or_insert(Past {
            anchor: now,
            started: now,
            ended: None,
            failures: 0,
        });
        past.started = now;
        past.ended = None;
    }

    /// The run is over; one that failed is tried again after a pause.
    pub fn end(&mut self, now: DateTime<Utc>, failed: bool) {
        if let Some(past) = &mut self.past {
            past.ended = Some(now);
            past.failures = if failed {
                past.failures.saturating_add(1)
            } else {
                0
            };
        }
    }

    /// A lane that failed does not wait out its pause: what it failed of may be mended.
    pub fn try_now(&mut self, now: DateTime<Utc>) {
        if let Some(past) = self.past.filter(|past| past.failures > 0) {
            let ended = now - self.pause(past.failures);
            self.past = Some(Past {
                ended: Some(ended),
                ..past
            });
        }
    }

    /// How far a run may begin after its time, in milliseconds.
    pub fn spread_ms(&self) -> i64 {
        if self.seed.is_some() {
            (shortest(&self.pace) / 10).clamp(0, SPREAD)
        } else {
            0
        }
    }

    fn spread(&self, nominal: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let (Some(seed), spread @ 1..) = (self.seed, self.spread_ms()) else {
            return Some(nominal);
        };
        let mut bytes = self.name.as_bytes().to_vec();
        bytes.extend(nominal.timestamp_millis().to_le_bytes());
        let late = xxh3_64_with_seed(&bytes, seed) % spread.unsigned_abs();
        nominal.checked_add_signed(TimeDelta::milliseconds(late.cast_signed()))
    }

    fn pause(&self, failures: u32) -> TimeDelta {
        let longest = match &self.pace {
            Pace::Every { millis } => (*millis).clamp(60_000, LONGEST_PAUSE),
            Pace::Cron { .. } => LONGEST_PAUSE,
        };
        let doubled = PAUSE << failures.saturating_sub(1).min(20);
        TimeDelta::milliseconds(doubled.min(longest))
    }
}
