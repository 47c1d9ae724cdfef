//! One plan, several readers: what is shown, what is saved, what is counted, and how far it is.

use super::calls::CallCounter;
use super::interrupt;
use super::progress::Meter;
use super::saved::SavedPlan;
use crate::ledger::{Conflict, Effect, Failure, Held};
use crate::plan::{PlanError, Progress, Sink, Unit};
use crate::program::Program;

pub struct Tee<'a> {
    program: &'a Program,
    shown: &'a mut dyn Sink,
    saved: Option<&'a mut SavedPlan>,
    calls: Option<&'a mut CallCounter>,
    meter: &'a mut Meter,
}

impl<'a> Tee<'a> {
    pub fn new(
        program: &'a Program,
        shown: &'a mut dyn Sink,
        saved: Option<&'a mut SavedPlan>,
        meter: &'a mut Meter,
    ) -> Tee<'a> {
        Tee {
            program,
            shown,
            saved,
            calls: None,
            meter,
        }
    }
    pub fn counting(mut self, calls: &'a mut CallCounter) -> Tee<'a> {
        self.calls = Some(calls);
        self
    }
}

impl Sink for Tee<'_> {
    fn unit(&mut self, unit: &mut Unit) -> Result<(), PlanError> {
        interrupt::check()?;
        if let Some(saved) = &mut self.saved {
            saved.unit(unit)?;
        }
        if let Some(calls) = &mut self.calls {
            calls.add(unit);
        }
        self.shown.unit(unit)
    }
    fn held(&mut self, held: Held, standing: bool) -> Result<(), PlanError> {
        self.shown.held(held, standing)
    }
    fn failure(&mut self, failure: Failure, standing: bool) -> Result<(), PlanError> {
        self.shown.failure(failure, standing)
    }
    fn conflict(&mut self, conflict: Conflict, standing: bool) -> Result<(), PlanError> {
        self.shown.conflict(conflict, standing)
    }
    fn effect(&mut self, effect: Effect) -> Result<(), PlanError> {
        interrupt::check()?;
        self.shown.effect(effect)
    }
    fn progress(&mut self, progress: Progress) {
        self.meter.planned(self.program, &progress);
    }
}
