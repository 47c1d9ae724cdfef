//! What lanes promise, on clocks that are made up.

use std::str::FromStr;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use croner::{Cron, JobType};
use proptest::prelude::*;

use super::*;
use crate::program::Pace;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn every(seconds: i64) -> Pace {
    Pace::Every {
        millis: seconds * 1000,
    }
}

fn cron(line: &str, zone: &str) -> Pace {
    Pace::Cron {
        line: Box::new(Cron::from_str(line).unwrap()),
        zone: Tz::from_str(zone).unwrap(),
    }
}

fn noon() -> DateTime<Utc> {
    at("2024-06-01T12:00:00Z")
}

fn seconds(seconds: i64) -> TimeDelta {
    TimeDelta::seconds(seconds)
}

/// The lane runs, and the run takes this long.
fn run(lane: &mut Lane, now: DateTime<Utc>, took: i64) -> DateTime<Utc> {
    lane.start(now);
    lane.end(now + seconds(took), false);
    now + seconds(took)
}

#[test]
fn an_interval_begins_at_once_and_keeps_its_grid() {
    let mut lane = Lane::new("a".into(), every(1200), None, noon());
    assert_eq!(lane.due(), Some(noon()));
    run(&mut lane, noon(), 5);
    assert_eq!(lane.due(), Some(noon() + seconds(1200)));
    // A run that began late does not move the later ones.
    run(&mut lane, noon() + seconds(1290), 5);
    assert_eq!(lane.due(), Some(noon() + seconds(2400)));
}

#[test]
fn what_was_missed_runs_once() {
    let mut lane = Lane::new("a".into(), every(60), None, noon());
    run(&mut lane, noon(), 1);
    let morning = noon() + seconds(20 * 3600 + 7);
    assert!(lane.due().unwrap() <= morning);
    run(&mut lane, morning, 1);
    assert_eq!(lane.due(), Some(noon() + seconds(20 * 3600 + 60)));

    let mut lane = Lane::new("b".into(), cron("0 9 * * *", "UTC"), None, noon());
    assert_eq!(lane.due(), Some(at("2024-06-02T09:00:00Z")));
    run(&mut lane, at("2024-06-02T09:00:00Z"), 1);
    let later = at("2024-06-05T10:30:00Z");
    assert!(lane.due().unwrap() <= later);
    run(&mut lane, later, 1);
    assert_eq!(lane.due(), Some(at("2024-06-06T09:00:00Z")));
}

#[test]
fn a_failure_is_tried_again_after_pauses_that_grow() {
    let mut lane = Lane::new("a".into(), every(7200), None, noon());
    let mut now = noon();
    let mut pauses = Vec::new();
    for _ in 0..10 {
        lane.start(now);
        lane.end(now, true);
        let due = lane.due().unwrap();
        pauses.push((due - now).num_seconds());
        now = due;
    }
    assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]);
    // One that works is back on its grid.
    run(&mut lane, now, 1);
    assert_eq!(lane.due(), Some(noon() + seconds(7200)));
}

#[test]
fn a_time_of_the_day_is_kept_whatever_failed_before() {
    let mut lane = Lane::new("a".into(), cron("* * * * *", "UTC"), None, noon());
    for failures in 0..12 {
        let now = noon() + seconds(60 * failures);
        lane.start(now);
        lane.end(now, true);
        assert!(lane.due().unwrap() <= now + seconds(60));
    }
}

#[test]
fn what_failed_is_tried_at_once_when_something_was_mended() {
    let mut lane = Lane::new("a".into(), every(7200), None, noon());
    for _ in 0..8 {
        lane.start(noon());
        lane.end(noon(), true);
    }
    let mended = noon() + seconds(1);
    assert!(lane.due().unwrap() > mended);
    lane.try_now(mended);
    assert_eq!(lane.due(), Some(mended));
    // A lane without a failure does not run more often for that.
    run(&mut lane, mended, 1);
    lane.try_now(mended + seconds(2));
    assert_eq!(lane.due(), Some(noon() + seconds(7200)));
}

#[test]
fn a_run_that_was_cut_off_goes_on_at_the_next_start() {
    let past = Past {
        anchor: noon(),
        started: noon(),
        ended: None,
        failures: 0,
    };
    let lane = Lane::new("a".into(), every(7200), Some(past), noon() + seconds(9));
    assert!(lane.due().unwrap() <= noon() + seconds(9));
}

#[test]
fn clocks_that_go_back_run_a_fixed_time_once_and_an_interval_on() {
    // In Berlin the hour from 02:00 to 03:00 came twice on 2024-10-27: from 00:00 and from 01:00 UTC.
    let fixed = cron("30 2 * * *", "Europe/Berlin");
    let times = times(&fixed, at("2024-10-26T12:00:00Z"), 2);
    assert_eq!(
        times,
        [at("2024-10-27T00:30:00Z"), at("2024-10-28T01:30:00Z")]
    );
    let repeated = cron("*/30 * * * *", "Europe/Berlin");
    let times = self::times(&repeated, at("2024-10-26T23:45:00Z"), 6);
    let expected: Vec<_> = (0..6)
        .map(|half| at("2024-10-27T00:00:00Z") + TimeDelta::minutes(30 * half))
        .collect();
    assert_eq!(times, expected);
}

#[test]
fn clocks_that_go_forward_skip_no_fixed_time() {
    // In Berlin the hour from 02:00 to 03:00 was left out on 2024-03-31, at 01:00 UTC.
    let fixed = cron("30 2 * * *", "Europe/Berlin");
    let times = times(&fixed, at("2024-03-30T12:00:00Z"), 2);
    assert_eq!(
        times,
        [at("2024-03-31T01:00:00Z"), at("2024-04-01T00:30:00Z")]
    );
}

#[test]
fn a_zone_moves_the_times_of_the_day() {
    let nine = |zone: &str| next_time(&cron("0 9 * * 1-5", zone), noon(), noon());
    // 2024-06-01 is a Saturday.
    assert_eq!(nine("UTC"), Some(at("2024-06-03T09:00:00Z")));
    assert_eq!(nine("Europe/Berlin"), Some(at("2024-06-03T07:00:00Z")));
    assert_eq!(nine("America/New_York"), Some(at("2024-06-03T13:00:00Z")));
}

fn times(pace: &Pace, from: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
    let mut found = Vec::new();
    let mut now = from;
    for _ in 0..count {
        now = next_time(pace, from, now).unwrap();
        found.push(now);
    }
    found
}

/// Lines that name something in every hour or day, in zones with all kinds of clocks.
fn lines() -> impl Strategy<Value = (String, &'static str)> {
    let minute = prop_oneof![
        Just("*".to_owned()),
        (2..31u32).prop_map(|n| format!("*/{n}")),
        (0..60u32).prop_map(|n| n.to_string()),
        (0..30u32, 30..60u32).prop_map(|(a, b)| format!("{a},{b}")),
    ];
    let hour = prop_oneof![
        Just("*".to_owned()),
        (1..12u32).prop_map(|n| format!("*/{n}")),
        (0..24u32).prop_map(|n| n.to_string()),
        Just("1-3".to_owned()),
    ];
    let zone = prop_oneof![
        Just("UTC"),
        Just("Europe/Berlin"),
        Just("America/New_York"),
        Just("Australia/Lord_Howe"),
        Just("Asia/Kolkata"),
    ];
    (minute, hour, zone).prop_map(|(m, h, zone)| (format!("{m} {h} * * *"), zone))
}

/// Moments of 2024, most of them near a change of some zone's clocks.
fn moments() -> impl Strategy<Value = DateTime<Utc>> {
    let near = |text: &'static str| {
        (-6 * 3600..6 * 3600i64).prop_map(move |offset| at(text) + seconds(offset))
    };
    prop_oneof![
        near("2024-03-31T01:00:00Z"),
        near("2024-10-27T01:00:00Z"),
        near("2024-11-03T06:00:00Z"),
        near("2024-03-10T07:00:00Z"),
        near("2024-04-06T15:00:00Z"),
        near("2024-10-05T15:30:00Z"),
        (0..366 * 86_400i64).prop_map(|offset| at("2024-01-01T00:00:00Z") + seconds(offset)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// The next time is the first minute that the line names on the wall clock; one of a fixed time is not run twice in an hour that
    /// comes twice, and one that falls into a gap runs at its end.
    #[test]
    fn a_cron_line_comes_at_the_first_minute_that_it_names((line, zone) in lines(), after in moments()) {
        let pace = cron(&line, zone);
        let Pace::Cron { line: parsed, zone } = &pace else { unreachable!() };
        let fixed = parsed.determine_job_type() == JobType::FixedTime;
        let begin = after - TimeDelta::nanoseconds(i64::from(after.timestamp_subsec_nanos()));
        let begin = begin - seconds(begin.timestamp().rem_euclid(60));
        let named = (1..=3 * 1440).map(|minute| begin + TimeDelta::minutes(minute)).find(|at| {
            let local = at.with_timezone(zone);
            let again = zone.from_local_datetime(&local.naive_local()).earliest().is_some_and(|first| first < local);
            parsed.is_time_matching(&local).unwrap() && !(fixed && again)
        });
        let found = next_time(&pace, after, after);
        prop_assert!(found.is_some_and(|found| found > after));
        if found != named {
            let gap = found.unwrap().with_timezone(zone);
            let before = (gap - seconds(1)).with_timezone(zone);
            prop_assert!(fixed && gap.naive_local() - before.naive_local() > seconds(1), "{line}: {found:?}, not {named:?}");
            prop_assert!(named.is_none_or(|named| found.unwrap() < named));
        }
    }

    /// However long a machine sleeps and however long runs take, an interval has at most one run in each step of its grid, and never
    /// waits for longer than a step and its spread.
    #[test]
    fn an_interval_runs_once_a_step(
        interval in 1..5000i64,
        seed in proptest::option::of(any::<u64>()),
        sleeps in proptest::collection::vec((0..20_000i64, 0..9000i64), 1..40),
    ) {
        let mut lane = Lane::new("every".into(), every(interval), None, noon());
        lane.seed = seed;
        let mut now = noon();
        let mut steps = Vec::new();
        for (sleep, took) in sleeps {
            lane.see(now);
            let due = lane.due().unwrap();
            let spread = TimeDelta::milliseconds(lane.spread_ms());
            if let Some(past) = lane.past() {
                prop_assert!(due > past.started);
                prop_assert!(due <= past.started + seconds(interval) + spread);
            }
            if due <= now {
                steps.push((now - noon()).num_seconds() / interval);
                now = run(&mut lane, now, took);
            }
            now += seconds(sleep);
        }
        // The spread may put a run of one step at the beginning of the next.
        let same = steps.windows(2).filter(|pair| pair[0] == pair[1]).count();
        prop_assert!(seed.is_some() || same == 0, "{steps:?}");
    }

    /// A clock that was ahead and is put right keeps no lane from running.
    #[test]
    fn a_clock_that_is_put_back_delays_by_one_step_at_most(interval in 1..5000i64, back in 0..10_000_000i64, seed in any::<u64>()) {
        let mut lane = Lane::new("every".into(), every(interval), None, noon());
        lane.seed = Some(seed);
        run(&mut lane, noon(), 1);
        let now = noon() - seconds(back);
        lane.see(now);
        prop_assert!(lane.due().unwrap() <= now.max(noon()) + seconds(interval + 31));
        prop_assert!(lane.due().unwrap() <= now + seconds(interval + 31) || back == 0);
    }

    /// Whatever others there are and however long their runs take: a lane that is due waits for one run of each other lane at most.
    #[test]
    fn no_lane_starves(lanes in proptest::collection::vec((1..600i64, 0..900i64), 2..6)) {
        let mut list: Vec<Lane> = lanes.iter().enumerate()
            .map(|(number, (interval, _))| Lane::new(format!("{number}").into(), every(*interval), None, noon()))
            .collect();
        let mut now = noon();
        let mut waiting = vec![0usize; list.len()];
        for _ in 0..200 {
            list.iter_mut().for_each(|lane| lane.see(now));
            let (place, due) = first(&list).unwrap();
            now = now.max(due);
            for (other, lane) in list.iter().enumerate() {
                if other != place && lane.due().is_some_and(|due| due <= now) {
                    waiting[other] += 1;
                    prop_assert!(waiting[other] < list.len(), "lane {other} of {lanes:?}");
                }
            }
            waiting[place] = 0;
            now = run(&mut list[place], now, lanes[place].1);
        }
    }
}
