//! How fast a long run goes: told every ten seconds, to whoever keeps a log.

use chrono::{DateTime, TimeDelta, Utc};

use crate::plan::{Phase, Progress};
use crate::program::Program;

/// Between two reports.
const PAUSE: TimeDelta = TimeDelta::seconds(10);

/// The phase of a run in words: `Lead: comparing crm`.
pub fn phase_of(program: &Program, progress: &Progress) -> String {
    let store = &program.stores[progress.side.index()].name;
    let relationship = &program[progress.relationship].name;
    let doing = match progress.phase {
        Phase::Match => "reading",
        Phase::Merge => "comparing",
    };
    format!("{relationship}: {doing} {store}")
}

/// What writing is called.
pub const WRITING: &str = "writing";

/// How far a phase is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub phase: String,
    /// Records that were read, operations that were written.
    pub done: u64,
    /// About how many there are.
    pub total: Option<u64>,
    /// Since the phase began.
    pub per_second: u64,
    /// At that rate, in seconds.
    pub left: Option<u64>,
}

/// Follows the phases of one run.
#[derive(Debug)]
pub struct Pace {
    phase: String,
    began: DateTime<Utc>,
    /// Done when the phase was first heard of.
    before: u64,
    spoken: DateTime<Utc>,
}

impl Pace {
    /// A run that begins now.
    pub fn new(now: DateTime<Utc>) -> Pace {
        Pace {
            phase: String::new(),
            began: now,
            before: 0,
            spoken: now,
        }
    }

    /// Something to tell: ten seconds after the begin of the run and after the report before.
    pub fn at(
        &mut self,
        now: DateTime<Utc>,
        phase: &str,
        done: u64,
        total: Option<u64>,
    ) -> Option<Report> {
        if self.phase != phase {
            phase.clone_into(&mut self.phase);
            (self.began, self.before) = (now, done);
        }
        if now - self.spoken < PAUSE {
            return None;
        }
        self.spoken = now;
        let took = (now - self.began).num_milliseconds().max(0).cast_unsigned();
        let since = done.saturating_sub(self.before);
        let per_second = (since * 1000).checked_div(took).unwrap_or_default();
        let rest = total.map(|total| total.saturating_sub(done));
        Some(Report {
            phase: phase.to_owned(),
            done,
            total,
            per_second,
            left: rest.and_then(|rest| rest.checked_div(per_second)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn a_long_phase_is_told_every_ten_seconds() {
        let mut pace = Pace::new(at(0));
        assert_eq!(pace.at(at(1), "reading", 0, Some(4_000)), None);
        assert_eq!(pace.at(at(9), "reading", 800, Some(4_000)), None);
        let told = pace.at(at(11), "reading", 1_000, Some(4_000)).unwrap();
        assert_eq!(
            (told.done, told.per_second, told.left),
            (1_000, 100, Some(30))
        );
        assert_eq!(pace.at(at(20), "reading", 1_900, Some(4_000)), None);
        assert!(pace.at(at(21), "reading", 2_000, None).is_some());
    }

    #[test]
    fn a_new_phase_has_a_rate_of_its_own() {
        let mut pace = Pace::new(at(0));
        assert_eq!(pace.at(at(2), "reading", 50_000, None), None);
        assert_eq!(pace.at(at(8), WRITING, 100, Some(1_000)), None);
        let told = pace.at(at(18), WRITING, 300, Some(1_000)).unwrap();
        assert_eq!((told.per_second, told.left), (20, Some(35)));
        assert_eq!(told.phase, WRITING);
    }

    #[test]
    fn nothing_done_yet_tells_no_time_left() {
        let mut pace = Pace::new(at(0));
        let told = pace.at(at(10), "reading", 0, Some(9)).unwrap();
        assert_eq!((told.per_second, told.left), (0, None));
    }
}
