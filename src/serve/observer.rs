//! Nobody looks on while a lane runs; but it can be told to stop.

use chrono::{DateTime, Utc};

use super::world::World;
use crate::apply::Observer;
use crate::ledger::{Conflict, Effect, Failure, Held};
use crate::plan::{PlanError, Sink, Summary, Unit};

pub struct Unwatched<'w>(pub &'w dyn World);

impl Unwatched<'_> {
    fn go_on(&self) -> Result<(), PlanError> {
        if self.0.stopping() {
            Err(PlanError::Interrupted)
        } else {
            Ok(())
        }
    }
}

impl Sink for Unwatched<'_> {
    fn unit(&mut self, _unit: Unit) -> Result<(), PlanError> {
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
}

impl Observer for Unwatched<'_> {
    /// The limits of `guard:` are the only question here, and the run has asked it.
    fn confirm(&mut self, _summary: &Summary) -> Result<bool, PlanError> {
        self.go_on().map(|()| true)
    }
    fn clock(&self) -> DateTime<Utc> {
        self.0.now()
    }
    fn interrupted(&self) -> bool {
        self.0.stopping()
    }
}
