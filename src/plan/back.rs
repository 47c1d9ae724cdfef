//! What a created record gives back: the other direction's lines, over the record as its store made it (language reference, 5.3).

use smol_str::SmolStr;

use super::lines::Lines;
use super::pair::{Found, Pairing, plan_pair};
use super::reading;
use super::world::{Rec, World};
use super::{Because, OperationKind, PlanError, Unit};
use crate::ledger::Link;
use crate::program::Side;
use crate::value::Value;

pub fn read_back(
    world: &World<'_>,
    units: &mut [Unit],
    places: &[(usize, Side, SmolStr, Value)],
) -> Result<(), PlanError> {
    for (place, side, object, id) in places {
        let unit = &mut units[*place];
        let rules = &world.program[unit.relationship];
        let Some(alternative) = rules.sides[side.index()]
            .objects
            .iter()
            .position(|o| o.name == *object)
        else {
            continue;
        };
        let Some(source) = unit.records[side.other().index()].clone() else {
            continue;
        };
        let read = |side: Side, alternative: usize, id: &Value| -> Result<Option<Rec>, PlanError> {
            let projection = reading::whole(rules, side, alternative);
            Ok(reading::get(
                world,
                side,
                alternative,
                &projection,
                std::slice::from_ref(id),
            )?
            .pop()
            .flatten())
        };
        let (Some(made), Some(from)) = (
            read(*side, alternative, id)?,
            read(side.other(), source.alternative as usize, &source.id)?,
        ) else {
            continue;
        };
        let (left, right) = if *side == Side::Right {
            (&from, &made)
        } else {
            (&made, &from)
        };
        let link = Link {
            number: 0,
            ids: [left.id().clone(), right.id().clone()],
            objects: [SmolStr::default(), SmolStr::default()],
            stamps: [left.record.stamp.clone(), right.record.stamp.clone()],
            base: Box::default(),
            closed: false,
        };
        let lines = Lines {
            world,
            relationship: unit.relationship,
            rules,
            sides: [Some(left), Some(right)],
            kept: &[],
        };
        let pairing = Pairing {
            old: unit.base.clone(),
            tolerance: 0,
            settled: None,
            yields: false,
        };
        let plan = plan_pair(&lines, left, right, &Found::Linked(&link), pairing)?;
        let mut merged = plan.merged;
        merged.drop_writes(*side, &unit.base);
        if !unit
            .operations
            .iter()
            .any(|o| o.because == Because::ReadBack)
        {
            merged.drop_writes(side.other(), &unit.base);
        }
        let changes = std::mem::take(&mut merged.writes[side.other().index()]);
        unit.base = merged.base;
        if let Some(plan) = plan.unit {
            unit.kept = plan.kept;
        }
        for operation in unit
            .operations
            .iter_mut()
            .filter(|o| o.kind == OperationKind::WriteBack && o.because == Because::ReadBack)
        {
            operation.changes = changes.clone();
            operation.expect = from.record.stamp.clone();
        }
    }
    Ok(())
}
