//! What is held, failed, in conflict or waiting, told and noted.

use super::Planner;
use crate::ledger::{Conflict, Effect, Failure, Held, Link, Revisit};
use crate::plan::PlanError;
use crate::plan::ids::IdKey;
use crate::plan::merge::{FieldFailure, Merged, Missing};
use crate::plan::world::Rec;
use crate::program::{Direction, Side};
use crate::value::Value;
use smol_str::SmolStr;

impl<'a> Planner<'_, '_, 'a> {
    /// A record that is gone is listed nowhere.
    pub(super) fn forget(
        &mut self,
        side: Side,
        object: &SmolStr,
        id: &Value,
    ) -> Result<(), PlanError> {
        self.standing
            .unhold(&self.rules.name, side.sends(), object, id, false, self.sink)?;
        self.standing
            .unfail(&self.rules.name, side, object, id, false, self.sink)?;
        if self
            .waiting
            .remove(&(side, object.clone(), IdKey(id.clone())))
        {
            let revisit = Revisit {
                side,
                object: object.clone(),
                id: id.clone(),
            };
            self.sink.effect(Effect::Unwait {
                relationship: self.rules.name.clone(),
                revisit,
            })?;
        }
        Ok(())
    }

    /// Tells and notes what of a pair is held, failed or in conflict, and takes back what no longer is.
    pub(super) fn list(
        &mut self,
        merged: &Merged,
        records: [&Rec; 2],
        link: Option<&Link>,
    ) -> Result<(), PlanError> {
        if merged.lists_nothing() && self.standing.is_empty() {
            return Ok(());
        }
        for direction in Direction::BOTH {
            let source = records[direction.source().index()];
            let object = self.object(direction.source(), source);
            let all = merged.holds[direction.index()]
                .iter()
                .chain(&merged.field_holds[direction.index()]);
            let mut held: Option<Missing> = None;
            for missing in all {
                match &mut held {
                    None => held = Some(missing.clone()),
                    Some(h) => {
                        h.names.extend(missing.names.iter().cloned());
                        h.because = format!("{}; {}", h.because, missing.because);
                        h.waits |= missing.waits;
                    }
                }
            }
            self.standing.unhold(
                &self.rules.name,
                direction,
                &object,
                source.id(),
                held.is_some(),
                self.sink,
            )?;
            if let Some(missing) = held {
                self.hold(direction, &object, source.id(), missing)?;
            }
            let failures: Vec<&FieldFailure> = merged
                .failures
                .iter()
                .filter(|f| f.side == direction.source())
                .collect();
            self.standing.unfail(
                &self.rules.name,
                direction.source(),
                &object,
                source.id(),
                !failures.is_empty(),
                self.sink,
            )?;
            for failure in failures {
                self.fail(direction.source(), &object, source.id(), failure)?;
            }
        }
        let still: Vec<SmolStr> = merged.conflicts.iter().map(|c| c.field.clone()).collect();
        if let Some(link) = link {
            self.standing.settle(link.number, &still, self.sink)?;
        }
        for conflict in &merged.conflicts {
            self.summary.of(self.id).conflicts += 1;
            let row = Conflict {
                relationship: self.rules.name.clone(),
                link: link.map_or(0, |l| l.number),
                objects: [
                    self.object(Side::Left, records[0]),
                    self.object(Side::Right, records[1]),
                ],
                ids: [records[0].id().clone(), records[1].id().clone()],
                field: conflict.field.clone(),
                left: conflict.values[0].clone(),
                right: conflict.values[1].clone(),
                because: conflict.because.clone(),
                rule: self.world.program.location(conflict.rule),
                frozen: conflict.frozen,
                take: None,
            };
            self.sink.conflict(row, false)?;
        }
        Ok(())
    }

    pub(super) fn hold(
        &mut self,
        direction: Direction,
        object: &SmolStr,
        id: &Value,
        missing: Missing,
    ) -> Result<(), PlanError> {
        let side = direction.source();
        if self.brought && !self.world.note_held(self.id, side, object, id) {
            return Ok(());
        }
        self.summary.of(self.id).held += 1;
        let (because, rule) = (missing.because.clone(), missing.rule);
        self.tell(|| format!("held: {because}"), Some(rule));
        let held = Held {
            relationship: self.rules.name.clone(),
            direction,
            object: object.clone(),
            id: id.clone(),
            missing: missing.names,
            because: missing.because,
            rule: self.world.program.location(missing.rule),
            waits: missing.waits,
        };
        self.sink.held(held, false)
    }

    pub(super) fn fail(
        &mut self,
        side: Side,
        object: &SmolStr,
        id: &Value,
        failure: &FieldFailure,
    ) -> Result<(), PlanError> {
        self.summary.of(self.id).errors += 1;
        let (message, rule) = (failure.message.clone(), failure.rule);
        self.tell(|| format!("failed: {message}"), Some(rule));
        let failure = Failure {
            relationship: self.rules.name.clone(),
            side,
            object: object.clone(),
            id: id.clone(),
            field: Some(failure.field.clone()).filter(|f| !f.is_empty()),
            code: "value".to_string(),
            message: failure.message.clone(),
            sent: "{}".to_string(),
            rule: self.world.program.location(failure.rule),
            transient: false,
        };
        self.sink.failure(failure, false)
    }

    /// A record that could not see something is looked at again in every run until it can.
    pub(super) fn note_waiting(
        &mut self,
        side: Side,
        rec: &Rec,
        waits: bool,
    ) -> Result<(), PlanError> {
        if self.request.explain.is_some() || (!waits && self.waiting.is_empty()) {
            return Ok(());
        }
        let object = self.object(side, rec);
        let key = (side, object.clone(), IdKey(rec.id().clone()));
        let revisit = Revisit {
            side,
            object,
            id: rec.id().clone(),
        };
        let relationship = self.rules.name.clone();
        match (waits, self.waiting.contains(&key)) {
            (true, _) => self.sink.effect(Effect::Wait {
                relationship,
                revisit,
            }),
            (false, true) => {
                self.waiting.remove(&key);
                self.sink.effect(Effect::Unwait {
                    relationship,
                    revisit,
                })
            }
            (false, false) => Ok(()),
        }
    }
}
