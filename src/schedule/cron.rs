//! The next time of a cron line, also where the clocks of its zone are put forward or back.

use chrono::{DateTime, Offset, TimeDelta, TimeZone, Timelike, Utc};
use chrono_tz::Tz;
use croner::{Cron, JobType};

/// Clocks are put forward or back by less than this.
const SHIFT: TimeDelta = TimeDelta::hours(3);

/// The first time after `after` that the line names. A line that names hours and minutes runs once where the clocks go back, and right
/// after the gap where they skip its time; one that repeats goes on at its pace.
pub fn next_time(line: &Cron, zone: Tz, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let offset = |at: DateTime<Utc>| zone.offset_from_utc_datetime(&at.naive_utc()).fix();
    if offset(after - SHIFT) == offset(after + SHIFT) {
        return search(line, zone, after);
    }
    // Wall clocks are no guide here: minutes of the same name come twice, and the search would take the wrong ones.
    let begin = after.with_second(0)?.with_nanosecond(0)?;
    let fixed = line.determine_job_type() == JobType::FixedTime;
    let named = (1..=SHIFT.num_minutes())
        .map(|minute| begin + TimeDelta::minutes(minute))
        .find(|at| {
            let local = at.with_timezone(&zone);
            line.is_time_matching(&local).unwrap_or(false) && !(fixed && is_second(&local))
        });
    let found = search(line, zone, after).filter(|found| *found > after);
    match (named, found) {
        (Some(named), Some(found)) => Some(named.min(found)),
        (None, None) => search(line, zone, after + SHIFT),
        (named, found) => named.or(found),
    }
}

fn search(line: &Cron, zone: Tz, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let local = after.with_timezone(&zone);
    let found = line.find_next_occurrence(&local, false).ok()?;
    // What it finds stands at the fraction of a second that the search began with.
    found.with_timezone(&Utc).with_nanosecond(0)
}

/// A time of the wall clock that was there an hour ago already.
fn is_second(local: &DateTime<Tz>) -> bool {
    let same = local.timezone().from_local_datetime(&local.naive_local());
    same.earliest().is_some_and(|first| first < *local)
}
