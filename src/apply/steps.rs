//! The actions of firings: each is carried out only in its turn, and moves its firing on.

use rustc_hash::FxHashSet;

use super::ApplyError;
use super::batch::Writer;
use super::post::{message, refusal};
use crate::ledger::{Effect, FiringState, Ledger};
use crate::plan::{Because, OperationKind, Step, Unit};
use crate::program::Program;
use crate::store::WriteResult;
use crate::value::Value;

/// The units whose firing does not stand at their action: one before it has failed, is stale, or this one is done.
///
/// # Errors
/// A ledger that can not be read.
pub fn out_of_turn(
    program: &Program,
    ledger: &Ledger,
    units: &[Unit],
) -> Result<FxHashSet<usize>, ApplyError> {
    let mut out = FxHashSet::default();
    for (place, unit) in units.iter().enumerate() {
        let Some(step) = &unit.step else { continue };
        let trigger = &program[unit.relationship].name;
        let firing = ledger.firing(trigger, &step.key)?;
        let in_turn =
            firing.is_some_and(|f| f.next == step.expects && f.state != FiringState::Done);
        if !in_turn {
            out.insert(place);
        }
    }
    Ok(out)
}

impl Writer<'_> {
    /// External actions, one after the other.
    pub(super) fn post(
        &mut self,
        units: &[Unit],
        outcomes: &mut [Vec<Option<WriteResult>>],
        wanted: &dyn Fn(usize) -> bool,
    ) {
        for (place, unit) in units.iter().enumerate().filter(|(u, _)| wanted(*u)) {
            for (index, operation) in unit.operations.iter().enumerate() {
                if operation.kind != OperationKind::Action {
                    continue;
                }
                let answer = self.poster.post(&message(self.program, unit, operation));
                outcomes[place][index] = Some(match refusal(&answer) {
                    Some(error) => WriteResult::Failed(error),
                    None => WriteResult::Done {
                        id: Value::Null,
                        stamp: Value::Null,
                    },
                });
            }
        }
    }
}

/// What a firing learns of an action of it.
pub fn firing_effects(
    program: &Program,
    unit: &Unit,
    outcomes: &[Option<WriteResult>],
    all: &mut Vec<Effect>,
) {
    let Some(step) = &unit.step else { return };
    let trigger = &program[unit.relationship].name;
    let advance = |next: u16, state: FiringState| Effect::Advance {
        trigger: trigger.clone(),
        key: step.key.clone(),
        next,
        state,
    };
    let is = |wanted: fn(&WriteResult) -> bool| outcomes.iter().flatten().any(wanted);
    if is(|r| matches!(r, WriteResult::Failed(_))) {
        all.push(advance(step.expects, FiringState::Failed));
    } else if !outcomes.is_empty()
        && outcomes
            .iter()
            .all(|r| matches!(r, Some(WriteResult::Done { .. })))
    {
        let state = match step.ends {
            true => FiringState::Done,
            false => FiringState::Open,
        };
        all.push(advance(step.next, state));
        seen_own(unit, step, outcomes, all);
    }
}

/// A `set` does not fire again: its record counts as seen as the write left it.
fn seen_own(unit: &Unit, step: &Step, outcomes: &[Option<WriteResult>], all: &mut Vec<Effect>) {
    let (Some([from, to]), Some(operation)) = (&step.own, unit.operations.first()) else {
        return;
    };
    let Some(Some(WriteResult::Done { id, stamp })) = outcomes.first() else {
        return;
    };
    let to = if to.is_null() { stamp } else { to };
    all.push(Effect::SeeOwn {
        side: operation.side,
        object: operation.object.clone(),
        id: id.clone(),
        from: from.clone(),
        to: to.clone(),
    });
}

/// What `done` sets fires no trigger either.
pub fn done_effects(
    program: &Program,
    unit: &Unit,
    outcomes: &[Option<WriteResult>],
    all: &mut Vec<Effect>,
) {
    if program.triggers.is_empty() {
        return;
    }
    for (operation, outcome) in unit.operations.iter().zip(outcomes) {
        let Some(WriteResult::Done { id, stamp }) = outcome else {
            continue;
        };
        if operation.because == Because::Done
            && !operation.expect.is_null()
            && program.watches(operation.side, &operation.object)
        {
            all.push(Effect::SeeOwn {
                side: operation.side,
                object: operation.object.clone(),
                id: id.clone(),
                from: operation.expect.clone(),
                to: stamp.clone(),
            });
        }
    }
}
