//! Nobody looks on while a lane runs; but it can be told to stop, and a long run tells the log how far it is.

use chrono::{DateTime, Utc};

use serde_json::json;

use super::log::Level;
use super::run::Runner;
use crate::apply::Observer;
use crate::apply::pace::{Pace, WRITING, phase_of};
use crate::ledger::{Conflict, Effect, Failure, Held};
use crate::plan::{PlanError, Progress, Sink, Summary, Unit};
use crate::program::Program;

pub struct LaneObserver<'r> {
    program: &'r Program,
    runner: &'r Runner<'r>,
    pace: Pace,
}

impl<'r> LaneObserver<'r> {
    pub fn new(program: &'r Program, runner: &'r Runner<'r>) -> LaneObserver<'r> {
        LaneObserver {
            program,
            runner,
            pace: Pace::new(runner.world.now()),
        }
    }

    fn go_on(&self) -> Result<(), PlanError> {
        if self.runner.world.stopping() {
            Err(PlanError::Interrupted)
        } else {
            Ok(())
        }
    }

    fn tell(&mut self, phase: &str, done: u64, total: Option<u64>) {
        let now = self.runner.world.now();
        let Some(report) = self.pace.at(now, phase, done, total) else {
            return;
        };
        let mut fields = vec![
            ("lane", json!(self.runner.lane)),
            ("done", json!(report.done)),
            ("per_second", json!(report.per_second)),
        ];
        fields.extend(report.total.map(|total| ("total", json!(total))));
        fields.extend(report.left.map(|left| ("seconds_left", json!(left))));
        self.runner.log.say(Level::Info, &report.phase, &fields);
    }
}

impl Sink for LaneObserver<'_> {
    fn unit(&mut self, _unit: &mut Unit) -> Result<(), PlanError> {
        self.go_on()
    }
    fn held(&mut self, _held: Held, _standing: bool) -> Result<(), PlanError> {
        self.go_on()
    }
    fn failure(&mut self, _failure: Failure, _standing: bool) -> Result<(), PlanError> {
        self.go_on()
    }
    fn conflict(&mut self, _conflict: Conflict, _standing: bool) -> Result<(), PlanError> {
        self.go_on()
    }
    fn effect(&mut self, _effect: Effect) -> Result<(), PlanError> {
        self.go_on()
    }
    fn progress(&mut self, progress: Progress) {
        let phase = phase_of(self.program, &progress);
        self.tell(&phase, progress.read, progress.total);
    }
}

impl Observer for LaneObserver<'_> {
    /// The limits of `guard:` are the only question here, and the run has asked it.
    fn confirm(&mut self, _summary: &Summary) -> Result<bool, PlanError> {
        self.go_on().map(|()| true)
    }
    fn wrote(&mut self, done: u64, total: u64) {
        self.tell(WRITING, done, Some(total));
    }
    fn clock(&self) -> DateTime<Utc> {
        self.runner.world.now()
    }
    fn interrupted(&self) -> bool {
        self.runner.world.stopping()
    }
}
