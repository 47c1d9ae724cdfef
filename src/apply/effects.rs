//! What the ledger learns from a unit once its writes are answered.

use std::borrow::Cow;

use smol_str::SmolStr;

use crate::ledger::{Effect, Held, Revisit};
use crate::plan::base::{LineBase, hash};
use crate::plan::{
    Because, Layouts, LinkOutcome, Operation, OperationKind, To, Unit, name_of, turn,
};
use crate::program::{Direction, Program, Relationship, Side};
use crate::store::WriteResult;
use crate::value::Value;

/// The effects of one unit with the results of its operations (`None`: not a write, or not tried).
pub fn effects(
    program: &Program,
    layouts: &Layouts,
    unit: &Unit,
    outcomes: &[Option<WriteResult>],
    all: &mut Vec<Effect>,
) {
    let rules = &program[unit.relationship];
    let mut base = Cow::Borrowed(&unit.base[..]);
    let mut stamps = [0, 1].map(|i| unit.records[i].as_ref().map(|r| &r.stamp));
    let mut ids = [0, 1].map(|i| unit.records[i].as_ref().map(|r| &r.id));
    let mut objects: [Option<&SmolStr>; 2] = [0, 1].map(|side| {
        let record = unit.records[side].as_ref()?;
        rules.sides[side]
            .objects
            .get(record.alternative as usize)
            .map(|o| &o.name)
    });
    if unit
        .operations
        .iter()
        .any(|o| matches!(o.because, Because::Undone(_)))
    {
        wait(program, unit, all);
    }
    let mut kept = unit.kept[1].as_slice();
    let mut lost = false;
    let mut ended = true;
    for (operation, outcome) in unit.operations.iter().zip(outcomes) {
        let side = operation.side.index();
        match outcome {
            Some(WriteResult::Done { id, stamp }) if operation.kind != OperationKind::Alter => {
                stamps[side] = Some(stamp);
                if operation.kind == OperationKind::Convert {
                    stamps[side] = Some(&Value::Null);
                    converted(program, unit, operation, all);
                    let made = operation.together.iter();
                    let becomes = [OperationKind::Create, OperationKind::Link];
                    if let Some(made) = made.into_iter().find(|p| becomes.contains(&p.kind)) {
                        ids[side] = made.id.as_ref();
                        objects[side] = Some(&made.object);
                    }
                }
                if let (OperationKind::Update, Some(link)) = (operation.kind, unit.link) {
                    turns(program, unit, link, operation, all);
                }
                if operation.kind == OperationKind::Create && unit.outcome != LinkOutcome::None {
                    ids[side] = Some(id);
                    objects[side] = Some(&operation.object);
                }
            }
            Some(WriteResult::Failed(_) | WriteResult::Stale) => {
                lost |= operation.kind == OperationKind::Create || operation.kind.is_joint();
                ended = false;
                kept = &unit.kept[0];
                for line in operation.changes.iter().filter_map(|c| c.line) {
                    if let Some(place) = base.to_mut().get_mut(line as usize) {
                        *place = unit.old_base.get(line as usize).copied().flatten();
                    }
                }
                if matches!(outcome, Some(WriteResult::Stale)) {
                    wait(program, unit, all);
                }
            }
            _ => {}
        }
    }
    let stamps = Side::BOTH.map(|side| {
        let versioned = objects[side.index()].is_some_and(|name| is_versioned(rules, side, name));
        stamps[side.index()].filter(|_| versioned).cloned()
    });
    match (unit.outcome, unit.link) {
        (LinkOutcome::Linked, None) if !lost => {
            let ([Some(left), Some(right)], [Some(left_object), Some(right_object)]) = (
                ids.map(Option::<&Value>::cloned),
                objects.map(Option::<&SmolStr>::cloned),
            ) else {
                return;
            };
            all.push(Effect::Link {
                relationship: rules.name.clone(),
                objects: [left_object, right_object],
                ids: [left, right],
                stamps: stamps.map(Option::unwrap_or_default),
                base: layouts.encode(&base, kept),
                closed: false,
            });
        }
        (LinkOutcome::Linked, Some(link)) if !(lost && unit.moved.is_some()) => {
            if let (Some(side), true) = (unit.moved, true)
                && let (Some(id), Some(object)) =
                    (ids[side.index()].cloned(), objects[side.index()].cloned())
            {
                let stamp = stamps[side.index()].clone().unwrap_or_default();
                all.push(Effect::Move {
                    link,
                    side,
                    object,
                    id,
                    stamp,
                    base: layouts.encode(&base, kept),
                });
            }
            let changed =
                base[..] != unit.old_base[..] || kept != unit.kept[0] || unit.moved.is_some();
            let base = changed.then(|| layouts.encode(&base, kept));
            all.push(Effect::Touch { link, stamps, base });
        }
        (LinkOutcome::Closed, Some(link)) if ended => all.push(Effect::Close { link }),
        (LinkOutcome::Removed, Some(link)) if ended => all.push(Effect::Remove { link }),
        (LinkOutcome::Once, _) if !lost => {
            let source = unit
                .records
                .iter()
                .enumerate()
                .find_map(|(i, r)| r.as_ref().map(|r| (i, r)));
            if let Some((side, record)) = source {
                let direction = if side == 0 {
                    Direction::Push
                } else {
                    Direction::Pull
                };
                all.push(Effect::Once {
                    relationship: rules.name.clone(),
                    direction,
                    id: record.id.clone(),
                });
            }
        }
        _ => {}
    }
}

/// Whether the records of an object have stamps, which links keep.
pub fn is_versioned(rules: &Relationship, side: Side, object: &SmolStr) -> bool {
    let mut objects = rules.sides[side.index()].objects.iter();
    objects.any(|o| o.name == *object && o.modified.is_some())
}

/// The record that was converted is never matched or made again for its partner, which is looked at once more: its link has moved.
fn converted(program: &Program, unit: &Unit, operation: &Operation, all: &mut Vec<Effect>) {
    let (Some(source), Some(id)) = (&operation.source, &operation.id) else {
        return;
    };
    let rules = &program[unit.relationship];
    let side = operation.side;
    let gone = operation.together.iter();
    let gone = gone
        .into_iter()
        .any(|p| p.kind == OperationKind::Delete && p.id.as_ref().is_some_and(|i| i.same(id)));
    if !gone {
        let mut objects = [source.object.clone(), source.object.clone()];
        objects[side.index()] = operation.object.clone();
        let mut ids = [source.id.clone(), source.id.clone()];
        ids[side.index()] = id.clone();
        all.push(Effect::Link {
            relationship: rules.name.clone(),
            objects,
            ids,
            stamps: [Value::Null, Value::Null],
            base: Box::default(),
            closed: true,
        });
    }
    all.push(Effect::Wait {
        relationship: rules.name.clone(),
        revisit: Revisit {
            side: side.other(),
            object: source.object.clone(),
            id: source.id.clone(),
        },
    });
}

/// The fields that an update of linked records turned.
fn turns(program: &Program, unit: &Unit, link: i64, update: &Operation, all: &mut Vec<Effect>) {
    let rules = &program[unit.relationship];
    for change in &update.changes {
        let (Some(at), To::Value(to)) = (change.line.map(usize::from), &change.to) else {
            continue;
        };
        let of = |base: &[LineBase]| base.get(at).copied().flatten();
        let target = [hash(&change.from), hash(to)];
        if let Some(line) = rules.lines.get(at)
            && let Some(values) = turn(line, of(&unit.old_base), of(&unit.base), target)
        {
            let field = name_of(rules, line);
            all.push(Effect::Turn {
                link,
                field,
                values,
            });
        }
    }
}

/// Both records are planned again in the next run, whatever their stamps.
fn wait(program: &Program, unit: &Unit, all: &mut Vec<Effect>) {
    let rules = &program[unit.relationship];
    for side in Side::BOTH {
        let Some(record) = &unit.records[side.index()] else {
            continue;
        };
        let Some(object) = rules.sides[side.index()]
            .objects
            .get(record.alternative as usize)
        else {
            continue;
        };
        let revisit = Revisit {
            side,
            object: object.name.clone(),
            id: record.id.clone(),
        };
        all.push(Effect::Wait {
            relationship: rules.name.clone(),
            revisit,
        });
    }
}

/// The unit waits: what one of its fields refers to was not linked after all.
pub fn hold(program: &Program, unit: &Unit, field: &SmolStr, all: &mut Vec<Effect>) {
    let rules = &program[unit.relationship];
    let Some(operation) = unit
        .operations
        .iter()
        .find(|o| o.changes.iter().any(|c| c.field == *field))
    else {
        return;
    };
    let Some(source) = operation.source.clone() else {
        return;
    };
    let line = operation
        .changes
        .iter()
        .find(|c| c.field == *field)
        .and_then(|c| c.line)
        .and_then(|l| rules.lines.get(l as usize));
    let slot = line
        .and_then(|l| l.flow(operation.direction))
        .and_then(|f| f.source_slot);
    let name = slot.map_or(field.clone(), |s| {
        rules.sides[operation.direction.source().index()].slots[s.0 as usize]
            .field
            .clone()
    });
    let because = format!("what `{name}` refers to was not linked in this run");
    all.push(Effect::Hold(Held {
        relationship: rules.name.clone(),
        direction: operation.direction,
        object: source.object,
        id: source.id,
        missing: vec![name],
        because,
        rule: program.location(operation.rule),
        waits: true,
    }));
}
