//! Runs at once: of the program's triggers, when an event comes or a store is changed.

use chrono::{DateTime, TimeDelta, Utc};

/// What wrote something is followed by another run, which sees what that led to. After so many in a row each waits longer: rules whose
/// triggers make one another fire for ever do no harm.
const FREE_RUNS: u32 = 8;
const LONGEST_PAUSE: TimeDelta = TimeDelta::seconds(60);

#[derive(Debug, Default)]
pub struct Immediate {
    due: Option<DateTime<Utc>>,
    /// Something outside asked for the next run.
    asked: bool,
    /// Something outside asked for the run that is going on.
    outside: bool,
    /// Runs in a row that wrote something though nothing outside had asked for them.
    chain: u32,
    failures: u32,
}

impl Immediate {
    pub fn due(&self) -> Option<DateTime<Utc>> {
        self.due
    }

    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Something happened outside. A pause after failures is waited out all the same.
    pub fn want(&mut self, now: DateTime<Utc>) {
        self.asked = true;
        if self.failures == 0 || self.due.is_none() {
            self.want_later(now);
        }
    }

    /// Something is to be tried again then.
    pub fn want_later(&mut self, at: DateTime<Utc>) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    pub fn start(&mut self) {
        self.due = None;
        self.outside = std::mem::take(&mut self.asked);
    }

    pub fn end(&mut self, now: DateTime<Utc>, failed: bool, wrote: bool) {
        if failed {
            self.failures = self.failures.saturating_add(1);
            let pause = TimeDelta::seconds(1 << self.failures.min(6)).min(LONGEST_PAUSE);
            self.due = Some(now + pause);
            return;
        }
        self.failures = 0;
        if !wrote {
            self.chain = 0;
        } else if !self.outside {
            self.chain = self.chain.saturating_add(1);
        }
        self.follow_up(now, wrote);
    }

    /// After a run (of a lane, too): one that had nothing to do leaves it quiet.
    pub fn follow_up(&mut self, now: DateTime<Utc>, wrote: bool) {
        if !wrote {
            return;
        }
        let pause = match self.chain.checked_sub(FREE_RUNS) {
            None | Some(0) => TimeDelta::zero(),
            Some(more) => TimeDelta::seconds(1 << more.min(6)).min(LONGEST_PAUSE),
        };
        self.want_later(now + pause);
    }

    /// From now on its runs are put off.
    pub fn is_slowed_now(&self) -> bool {
        self.chain == FREE_RUNS + 1
    }

    /// What it failed of may be mended.
    pub fn try_now(&mut self, now: DateTime<Utc>) {
        if self.failures > 0 {
            self.due = Some(now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_717_200_000 + second, 0).unwrap()
    }

    #[test]
    fn what_had_nothing_to_do_leaves_it_quiet() {
        let mut immediate = Immediate::default();
        immediate.want(at(0));
        immediate.start();
        immediate.end(at(0), false, true);
        assert_eq!(immediate.due(), Some(at(0)));
        immediate.start();
        immediate.end(at(1), false, false);
        assert_eq!(immediate.due(), None);
        // Whatever wrote something, triggers may watch it.
        immediate.follow_up(at(2), true);
        assert_eq!(immediate.due(), Some(at(2)));
    }

    /// Each run writes something, until `to`; how many there were, and how often it was told that they are slowed down.
    fn writes_always(
        immediate: &mut Immediate,
        to: i64,
        asked: impl Fn(i64) -> bool,
    ) -> (u32, u32) {
        let (mut runs, mut told) = (0, 0);
        for second in 0..to {
            let now = at(second);
            if asked(second) {
                immediate.want(now);
            }
            for _ in 0..100 {
                if immediate.due().is_none_or(|due| due > now) {
                    break;
                }
                immediate.start();
                immediate.end(now, false, true);
                runs += 1;
                told += u32::from(immediate.is_slowed_now());
            }
        }
        (runs, told)
    }

    #[test]
    fn a_chain_without_end_gets_slower_and_slower() {
        let (runs, told) = writes_always(&mut Immediate::default(), 3600, |second| second == 0);
        assert!((60..90).contains(&runs), "{runs}");
        assert_eq!(told, 1);
    }

    #[test]
    fn what_comes_from_outside_is_never_put_off() {
        let mut immediate = Immediate::default();
        writes_always(&mut immediate, 600, |second| second == 0);
        immediate.want(at(601));
        assert_eq!(immediate.due(), Some(at(601)));
        // Nor does it make the chain faster.
        let (runs, _) = writes_always(&mut immediate, 3600, |second| second % 10 == 0);
        assert!((360..480).contains(&runs), "{runs}");
    }

    #[test]
    fn a_failure_is_tried_again_after_a_pause_whatever_comes_in() {
        let mut immediate = Immediate::default();
        immediate.want(at(0));
        immediate.start();
        immediate.end(at(0), true, false);
        immediate.want(at(1));
        assert_eq!(immediate.due(), Some(at(2)));
        immediate.try_now(at(1));
        assert_eq!(immediate.due(), Some(at(1)));
    }
}
