//! The actions of firings become operations, in their order: each firing stops at the first one that waits or fails.

use smol_str::SmolStr;

use super::Triggers;
use super::firing::Pending;
use super::write::refused;
use crate::plan::merge::{FieldFailure, Missing};
use crate::plan::{Operation, PlanError, Step, Unit, lookup_unit};
use crate::program::{Action, ActionKind, RelId};
use crate::value::Value;

/// A firing on its way through the actions.
pub(super) struct Going {
    pub pending: Pending,
    /// The action that comes next.
    pub at: usize,
    /// It waits or failed: nothing more of it is planned now.
    pub stopped: bool,
    /// What was planned of it, with the places of the actions.
    pub units: Vec<(usize, Unit)>,
    /// Listed as held by this plan.
    pub held: bool,
}

/// What an action comes to for one firing.
pub(super) enum Acted {
    /// Nothing is to be done.
    Nothing,
    Operation(Box<Operation>, Option<[Value; 2]>),
    /// A later pass sees what it needs.
    PutOff,
    Waits(Missing),
    Fails(FieldFailure),
}

impl<'a> Triggers<'_, '_, 'a> {
    /// Plans the actions of decided firings; of the others a later pass decides.
    pub(super) fn act(&mut self, id: RelId, pending: Vec<Pending>) -> Result<(), PlanError> {
        let trigger = self.trigger(id);
        let mut going: Vec<Going> = pending
            .into_iter()
            .map(|pending| Going {
                at: usize::from(pending.firing.next),
                stopped: !pending.firing.decided,
                units: Vec::new(),
                held: false,
                pending,
            })
            .collect();
        for (place, action) in trigger.actions.iter().enumerate() {
            let mut here: Vec<&mut Going> = Vec::new();
            for firing in going.iter_mut().filter(|g| g.at == place && !g.stopped) {
                if self.applies(id, firing, action)? {
                    here.push(firing);
                }
            }
            if here.is_empty() {
                continue;
            }
            if let ActionKind::Run {
                relationship,
                directions,
            } = &action.kind
            {
                self.run_relationship(*relationship, *directions, here)?;
                continue;
            }
            self.carry_on(id, action, here)?;
        }
        self.settle(id, going)
    }

    /// Whether the action is for this firing; where its `when` does not hold, the firing goes on to the next one.
    fn applies(
        &mut self,
        id: RelId,
        going: &mut Going,
        action: &Action,
    ) -> Result<bool, PlanError> {
        self.world.begin_record();
        match self.lines(id, &going.pending).holds(&action.when) {
            Ok(true) => Ok(true),
            Ok(false) => {
                going.at += 1;
                Ok(false)
            }
            Err(error) => {
                let acted = refused(error, going.pending.firing.side, action.rule, None);
                self.took(id, action, going, acted)?;
                Ok(false)
            }
        }
    }

    fn run_relationship(
        &mut self,
        relationship: RelId,
        directions: [bool; 2],
        here: Vec<&mut Going>,
    ) -> Result<(), PlanError> {
        let mut records: [Vec<(SmolStr, Value)>; 2] = Default::default();
        for going in here {
            // What comes before it is to be done first.
            if !going.units.is_empty() {
                going.stopped = true;
                continue;
            }
            let firing = &going.pending.firing;
            records[firing.side.index()].push((firing.object.clone(), firing.id.clone()));
            going.at += 1;
        }
        self.bring(relationship, directions, &records)
    }

    fn carry_on(
        &mut self,
        id: RelId,
        action: &'a Action,
        here: Vec<&mut Going>,
    ) -> Result<(), PlanError> {
        match &action.kind {
            ActionKind::Create {
                side,
                object,
                fields,
            } => {
                for going in here {
                    self.world.begin_record();
                    let at = (*side, object);
                    let acted = self.creation(id, action, &going.pending, at, fields, Vec::new());
                    self.took(id, action, going, acted)?;
                }
                Ok(())
            }
            ActionKind::Post { url, body } => {
                for going in here {
                    self.world.begin_record();
                    let acted = self.post(id, action, &going.pending, url, body);
                    self.took(id, action, going, acted)?;
                }
                Ok(())
            }
            ActionKind::Set { fields } => self.set(id, action, here, fields),
            ActionKind::Upsert { .. } | ActionKind::Update { .. } | ActionKind::Delete { .. } => {
                self.keyed(id, action, here)
            }
            ActionKind::Run { .. } => Ok(()),
        }
    }

    pub(super) fn took(
        &mut self,
        id: RelId,
        action: &Action,
        going: &mut Going,
        acted: Acted,
    ) -> Result<(), PlanError> {
        match acted {
            Acted::Nothing => going.at += 1,
            Acted::PutOff => going.stopped = true,
            Acted::Operation(operation, own) => {
                self.make_wanted(id)?;
                self.world.note_planned(&operation);
                let firing = &going.pending.firing;
                let step = Step {
                    key: firing.key.clone(),
                    side: firing.side,
                    action: going.at as u16,
                    expects: 0,
                    next: 0,
                    ends: false,
                    own,
                };
                let unit = Unit::alone(id, *operation);
                let step = Some(step);
                going.units.push((going.at, Unit { step, ..unit }));
                going.at += 1;
            }
            Acted::Waits(missing) => {
                going.stopped = true;
                going.held = true;
                self.hold(id, &going.pending, missing)?;
            }
            // The pass that does what comes before it tells what fails.
            Acted::Fails(_) if !going.units.is_empty() => going.stopped = true,
            Acted::Fails(failure) => {
                going.stopped = true;
                going.pending.retried = false;
                let failure = FieldFailure {
                    rule: action.rule,
                    ..failure
                };
                self.fail_field(id, &going.pending, failure)?;
                going.at = usize::from(going.pending.firing.next);
            }
        }
        Ok(())
    }

    /// The units of a page of firings, action by action; firings of which nothing is to be done go on at once.
    fn settle(&mut self, id: RelId, going: Vec<Going>) -> Result<(), PlanError> {
        let mut units = Vec::new();
        for firing in going {
            let f = &firing.pending.firing;
            if let Some(standing) = self.standing.get_mut(&id) {
                let direction = f.side.sends();
                standing.unhold(
                    &f.trigger,
                    direction,
                    &f.object,
                    &f.id,
                    firing.held,
                    self.sink,
                )?;
                if firing.pending.retried {
                    standing.unfail(&f.trigger, f.side, &f.object, &f.id, false, self.sink)?;
                }
            }
            let started = usize::from(f.next);
            if firing.units.is_empty() && (firing.at > started || firing.pending.actions == 0) {
                self.advance(&firing.pending, firing.at)?;
            }
            let mut expects = f.next;
            let places: Vec<usize> = firing.units.iter().map(|(place, _)| *place).collect();
            let nexts = places.iter().skip(1).copied().chain([firing.at]);
            for ((place, mut unit), next) in firing.units.into_iter().zip(nexts) {
                if let Some(step) = &mut unit.step {
                    step.expects = expects;
                    step.next = next as u16;
                    step.ends = next >= firing.pending.actions;
                    expects = step.next;
                }
                units.push((place, unit));
            }
        }
        units.sort_by_key(|(place, _)| *place);
        for (_, mut unit) in units {
            self.summary.add(&unit);
            self.sink.unit(&mut unit)?;
        }
        Ok(())
    }

    fn hold(&mut self, id: RelId, firing: &Pending, missing: Missing) -> Result<(), PlanError> {
        self.summary.of(id).held += 1;
        let f = &firing.firing;
        self.sink.held(
            crate::ledger::Held {
                relationship: f.trigger.clone(),
                direction: f.side.sends(),
                object: f.object.clone(),
                id: f.id.clone(),
                missing: missing.names,
                because: missing.because,
                rule: self.world.program.location(missing.rule),
                waits: true,
            },
            false,
        )
    }

    /// Records that a `lookup … or create` of the firing at hand is to make.
    pub(super) fn make_wanted(&mut self, id: RelId) -> Result<(), PlanError> {
        for wanted in self.world.take_wanted(id) {
            if let Some(unit) = lookup_unit(&self.trigger(id).rules, id, wanted) {
                self.emit(unit)?;
            }
        }
        Ok(())
    }
}
