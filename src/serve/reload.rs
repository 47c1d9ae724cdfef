//! When to load the files anew.

use chrono::{DateTime, TimeDelta, Utc};

/// Between two looks at the files.
const PAUSE: TimeDelta = TimeDelta::seconds(1);
/// Before the same files are tried again, where a store did not answer.
const AGAIN: TimeDelta = TimeDelta::seconds(30);

#[derive(Debug)]
pub struct Reload {
    /// The files that run, or that were refused.
    settled: u64,
    /// Changed ones, as they were at the last look.
    seen: Option<u64>,
    next: DateTime<Utc>,
    again: Option<DateTime<Utc>>,
}

impl Reload {
    pub fn new(mark: u64, now: DateTime<Utc>) -> Reload {
        Reload {
            settled: mark,
            seen: None,
            next: now + PAUSE,
            again: None,
        }
    }

    pub fn due(&self) -> DateTime<Utc> {
        self.next
    }

    /// Whether to load: the files have changed, and not again since the last look, so that nothing half written is taken for whole.
    pub fn look(&mut self, mark: impl FnOnce() -> u64, now: DateTime<Utc>) -> bool {
        if now < self.next {
            return false;
        }
        self.next = now + PAUSE;
        let mark = mark();
        if mark == self.settled {
            self.seen = None;
            return self.again.is_some_and(|again| again <= now);
        }
        self.seen.replace(mark) == Some(mark)
    }

    /// They were loaded, or refused.
    pub fn settle(&mut self, mark: u64, passes: bool, now: DateTime<Utc>) {
        self.settled = mark;
        self.seen = None;
        self.again = passes.then(|| now + AGAIN);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_717_200_000 + second, 0).unwrap()
    }

    #[test]
    fn files_are_loaded_once_they_rest() {
        let mut reload = Reload::new(1, at(0));
        assert!(!reload.look(|| 1, at(1)));
        assert!(!reload.look(|| 2, at(2)), "perhaps it is half written");
        assert!(!reload.look(|| 3, at(3)), "it was");
        assert!(reload.look(|| 3, at(4)));
        reload.settle(3, false, at(4));
        assert!(!reload.look(|| 3, at(5)), "refused or not, once");
        // Back to what runs before anybody looked twice.
        assert!(!reload.look(|| 4, at(6)));
        assert!(!reload.look(|| 3, at(7)));
        assert!(!reload.look(|| 4, at(8)));
    }

    #[test]
    fn a_store_that_did_not_answer_is_asked_again() {
        let mut reload = Reload::new(1, at(0));
        reload.settle(2, true, at(10));
        assert!(!reload.look(|| 2, at(20)));
        assert!(reload.look(|| 2, at(40)));
    }
}
