//! Records without a partner: created on the other side, or not, with the reason.

use super::Planner;
use super::explain::describe;
use crate::plan::create::{Creation, plan_create};
use crate::plan::ids::IdKey;
use crate::plan::merge::{FieldFailure, Missing};
use crate::plan::pair::{Found, done, failing_filter, pair_record};
use crate::plan::world::Rec;
use crate::plan::{OperationKind, PlanError, Unit, lookup_unit};
use crate::program::{EvalError, Side};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

impl<'a> Planner<'_, '_, 'a> {
    pub(super) fn unlinked(
        &mut self,
        side: Side,
        rec: &Rec,
        object: &SmolStr,
        partners: &FxHashMap<(usize, IdKey), Rec>,
        once: bool,
    ) -> Result<(), PlanError> {
        if self
            .paired
            .contains(&self.matches, side, rec.alternative, rec.id())
            || self.world.is_brought(self.id, side, object, rec.id())
        {
            return Ok(());
        }
        if self.matches.is_followed(side, rec) {
            self.tell(
                || "the link of a converted or merged record moves to it".to_string(),
                Some(self.rules.rule),
            );
            return Ok(());
        }
        if let Some(survivor) = self.matches.taken_in(side, rec.id()).cloned() {
            self.tell(
                || format!("it becomes part of {survivor}: `duplicates merge`"),
                Some(self.rules.rule),
            );
            return self.forget(side, object, rec.id());
        }
        if rec.record.deleted {
            self.tell(
                || "it is deleted and was never linked: nothing to do".to_string(),
                None,
            );
            return self.forget(side, object, rec.id());
        }
        if let Some((follow, target)) = self.followed(side, rec) {
            let (target, rule) = (target.clone(), follow.rule);
            self.tell(
                || format!("it goes on as {target}: never matched, created or held"),
                Some(rule),
            );
            return self.forget(side, object, rec.id());
        }
        let direction = side.sends();
        let (mut left, mut right) = (Some(rec), None);
        if side == Side::Right {
            (left, right) = (right, left);
        }
        match failing_filter(&self.lines(left, right), direction) {
            Ok(None) => {}
            Ok(Some(filter)) => {
                let read = self.lines(left, right).reads(&filter.when);
                self.tell(
                    || format!("`{} when` does not hold: {read}", direction.word()),
                    Some(filter.rule),
                );
                self.forget(side, object, rec.id())?;
                return match self.world.was_unanswered() {
                    true => self.note_waiting(side, rec, true),
                    false => Ok(()),
                };
            }
            Err(EvalError::NotYet) => return self.note_waiting(side, rec, true),
            Err(error) => {
                let rule = self.rules.directions[direction.index()].filters[0].rule;
                let failure = FieldFailure {
                    side,
                    field: SmolStr::default(),
                    message: error.to_string(),
                    rule,
                };
                self.standing
                    .unfail(&self.rules.name, side, object, rec.id(), true, self.sink)?;
                return self.fail(side, object, rec.id(), &failure);
            }
        }
        if let Some(failed) = self.matches.failed(side, rec).cloned() {
            self.standing
                .unfail(&self.rules.name, side, object, rec.id(), true, self.sink)?;
            return self.fail(side, object, rec.id(), &failed);
        }
        if self.converts_unlinked(side, rec)? {
            return Ok(());
        }
        if let Some(ambiguous) = self.matches.ambiguous(side, rec).cloned() {
            self.standing.unhold(
                &self.rules.name,
                direction,
                object,
                rec.id(),
                true,
                self.sink,
            )?;
            if !self.rules.enabled[direction.index()] {
                return Ok(());
            }
            let missing = Missing {
                names: Vec::new(),
                because: ambiguous.because,
                rule: ambiguous.rule,
                waits: true,
            };
            return self.hold(direction, object, rec.id(), missing);
        }
        if let Some(found) = self.matches.partner(side, rec) {
            let partner = partners.get(&(found.alternative, IdKey(found.id.clone())));
            if let Some(partner) = partner.filter(|p| !p.record.deleted) {
                let matches = &self.matches;
                (self.paired).insert(matches, side, rec.alternative, rec.id());
                (self.paired).insert(matches, side.other(), found.alternative, &found.id);
                let store = self.store_name(side.other());
                self.tell(
                    || format!("a match key finds {store} {}", found.id),
                    Some(found.rule),
                );
                let (left, right) = if side == Side::Right {
                    (partner, rec)
                } else {
                    (rec, partner)
                };
                let old = vec![None; self.rules.lines.len()];
                return self.pair(left, right, Found::Matched(found.rule), old);
            }
        }
        if once {
            self.tell(
                || "`create once` has made its record already".to_string(),
                Some(self.rules.rule),
            );
            self.done_again(side, rec)?;
            return self.forget(side, object, rec.id());
        }
        if !self.rules.keys.is_empty() {
            self.tell(
                || "no link, and no match key finds a partner".to_string(),
                self.rules.keys.first().map(|k| k.rule),
            );
        }
        if self.rules.many == Some(side) && self.matches.shares(rec) {
            self.tell(
                || "another record of this plan makes the partner that it shares".to_string(),
                Some(self.rules.rule),
            );
            return self.note_waiting(side, rec, true);
        }
        let mut alike = std::mem::take(&mut self.alike);
        let creation = plan_create(&self.lines(left, right), direction, rec, &mut alike);
        self.alike = alike;
        let creation = creation?;
        if matches!(&creation, Creation::Unit(unit, _) if self.puts_off(unit)) {
            return Ok(());
        }
        self.created(side, rec, object, creation)
    }

    /// What `done` sets did not get to a record that waits since: nothing but this is left of its `create once`.
    fn done_again(&mut self, side: Side, rec: &Rec) -> Result<(), PlanError> {
        if self.request.explain.is_some() || !self.is_waiting(side, rec) {
            return Ok(());
        }
        let mut sides = [None, None];
        sides[side.index()] = Some(rec);
        let mut base = vec![None; self.rules.lines.len()];
        let lines = self.lines(sides[0], sides[1]);
        let Some(mut done) = done(&lines, side.sends(), rec, &mut base) else {
            return Ok(());
        };
        // No operation stands before it.
        done.kind = OperationKind::Update;
        let mut records = [None, None];
        records[side.index()] = Some(pair_record(rec));
        self.emit(Unit {
            records,
            ..Unit::alone(self.id, done)
        })
    }

    pub(super) fn created(
        &mut self,
        side: Side,
        rec: &Rec,
        object: &SmolStr,
        creation: Creation,
    ) -> Result<(), PlanError> {
        let direction = side.sends();
        let waits = self.world.was_unanswered();
        let (held, failed) = (
            matches!(creation, Creation::Held(_)),
            matches!(creation, Creation::Failed(_)),
        );
        self.standing.unhold(
            &self.rules.name,
            direction,
            object,
            rec.id(),
            held,
            self.sink,
        )?;
        self.standing
            .unfail(&self.rules.name, side, object, rec.id(), failed, self.sink)?;
        match creation {
            Creation::Unit(mut unit, form) => {
                self.make_for(Some(&unit))?;
                let waits = waits || self.reads_target[direction.index()];
                self.note_waiting(side, rec, waits)?;
                if self.referred {
                    self.world.note_coming(self.id, side, rec.key(), None);
                }
                if self.request.explain.is_some() {
                    for operation in &unit.operations {
                        let (text, rule) =
                            (describe(self.world.program, operation), operation.rule);
                        self.tell(|| text, Some(rule));
                    }
                }
                self.planned_by_hand(side, rec);
                self.emit_again(&mut unit)?;
                if let Some(form) = form {
                    self.alike.keep(unit, form);
                }
                Ok(())
            }
            Creation::No(why, rule) => {
                self.tell(|| why, rule);
                self.note_waiting(side, rec, waits)
            }
            Creation::Held(missing) => self.hold(direction, object, rec.id(), missing),
            Creation::Failed(failures) => {
                for failure in &failures {
                    self.fail(side, object, rec.id(), failure)?;
                }
                Ok(())
            }
        }
    }

    /// A `lookup … or create` that found nothing.
    pub(super) fn make(&mut self, wanted: crate::plan::world::Wanted) -> Result<(), PlanError> {
        match lookup_unit(self.rules, self.id, wanted) {
            Some(mut unit) => self.put(&mut unit),
            None => Ok(()),
        }
    }
}
