//! Runs at once: of the program's triggers, when an event comes or a store is changed.

use chrono::{DateTime, TimeDelta, Utc};

/// What wrote something is followed by another run, which sees what that led to. After so many in a row each waits longer: rules whose
/// triggers make one another fire for ever do no harm.
const FREE_RUNS: u32 = 8;
const LONGEST_PAUSE: TimeDelta = TimeDelta::seconds(60);

#[derive(Debug, Default)]
pub struct Immediate {
    due: Option<DateTime<Utc>>,
    /// Runs in a row that wrote something, none of them asked for from outside.
    chain: u32,
    failures: u32,
    pub last: Option<DateTime<Utc>>,
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
        if self.failures == 0 {
            self.chain = 0;
            self.due = Some(self.due.map_or(now, |due| due.min(now)));
        } else if self.due.is_none() {
            self.due = Some(now);
        }
    }

    /// Something is to be tried again then.
    pub fn want_later(&mut self, at: DateTime<Utc>) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    pub fn start(&mut self, now: DateTime<Utc>) {
        self.due = None;
        self.last = Some(now);
    }

    /// A run (of a lane, too) is over that wrote something, or not. One that had nothing to do leaves it quiet.
    pub fn follow_up(&mut self, now: DateTime<Utc>, wrote: bool) {
        if !wrote {
            self.chain = 0;
            return;
        }
        self.chain = self.chain.saturating_add(1);
        let pause = match self.chain.checked_sub(FREE_RUNS) {
            None | Some(0) => TimeDelta::zero(),
            Some(more) => TimeDelta::seconds(1 << more.min(6)).min(LONGEST_PAUSE),
        };
        self.want_later(now + pause);
    }

    /// The chain is so long that its runs are put off.
    pub fn is_slowed(&self) -> bool {
        self.chain > FREE_RUNS
    }

    pub fn end(&mut self, now: DateTime<Utc>, failed: bool) {
        if failed {
            self.failures = self.failures.saturating_add(1);
            let pause = TimeDelta::seconds(1 << self.failures.min(6)).min(LONGEST_PAUSE);
            self.due = Some(now + pause);
        } else {
            self.failures = 0;
        }
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
        immediate.start(at(0));
        immediate.follow_up(at(0), true);
        assert_eq!(immediate.due(), Some(at(0)));
        immediate.start(at(0));
        immediate.follow_up(at(1), false);
        assert_eq!(immediate.due(), None);
    }

    #[test]
    fn a_chain_without_end_gets_slower_and_slower() {
        let mut immediate = Immediate::default();
        let mut now = at(0);
        let mut runs = 0;
        immediate.want(now);
        while let Some(due) = immediate.due().filter(|due| *due < at(3600)) {
            now = now.max(due);
            immediate.start(now);
            immediate.end(now, false);
            immediate.follow_up(now, true);
            runs += 1;
        }
        assert!((60..90).contains(&runs), "{runs}");
        assert!(immediate.is_slowed());
        // Something from outside is not put off.
        immediate.want(now);
        assert_eq!(immediate.due(), Some(now));
        assert!(!immediate.is_slowed());
    }

    #[test]
    fn a_failure_is_tried_again_after_a_pause_whatever_comes_in() {
        let mut immediate = Immediate::default();
        immediate.want(at(0));
        immediate.start(at(0));
        immediate.end(at(0), true);
        immediate.want(at(1));
        assert_eq!(immediate.due(), Some(at(2)));
        immediate.try_now(at(1));
        assert_eq!(immediate.due(), Some(at(1)));
    }
}
