//! Two records that are the same thing: what crosses, and the unit that does it.

use smol_str::SmolStr;

use super::base::{LineBase, hash};
use super::lines::{Desire, Lines, failed, hash_of};
use super::merge::{Merged, Missing, PairFacts, SettledBy, merge};
use super::world::Rec;
use super::{
    Because, Change, LinkOutcome, Operation, OperationKind, PairRecord, PlanError, SourceRecord,
    To, Unit,
};
use crate::ledger::Link;
use crate::program::{
    Direction, EvalError, Filter, Leave, OperationRule, Relationship, Require, Rule, Set, Side,
    Slot, is_true,
};
use crate::value::{Value, convert, same_in};

/// What a pair comes to, with what kept parts of it from being done.
pub struct PairPlan {
    pub unit: Option<Unit>,
    pub merged: Merged,
}

/// How a pair came to be.
pub enum Found<'l> {
    Linked(&'l Link),
    /// By this key.
    Matched(Rule),
    /// The link followed the record of this side to another one.
    Moved(&'l Link, Side, Rule),
}

/// A filter that does not hold, by direction.
pub fn failing_filter<'r>(
    lines: &Lines<'_, 'r>,
    direction: Direction,
) -> Result<Option<&'r Filter>, EvalError> {
    let alternative = alternative(lines);
    for filter in &lines.rules.directions[direction.index()].filters {
        if filter.alternatives.has(alternative) && !is_true(&filter.when, &lines.scope(None))? {
            return Ok(Some(filter));
        }
    }
    Ok(None)
}

/// The alternative at hand: of the side that has several.
pub fn alternative(lines: &Lines<'_, '_>) -> usize {
    lines.sides[lines.rules.varied().index()].map_or(0, |r| r.alternative)
}

pub struct Pairing<'p> {
    pub old: Vec<LineBase>,
    pub tolerance: i64,
    pub settled: Option<SettledBy<'p>>,
    /// `many`: another of the target's partners changed later.
    pub yields: bool,
}

/// The direction that a `leave unlink|delete` filter ends, if one does.
pub fn leaving<'r>(lines: &Lines<'_, 'r>) -> Option<(Direction, &'r Filter)> {
    Direction::BOTH.into_iter().find_map(|direction| {
        let filter = failing_filter(lines, direction).ok().flatten()?;
        (filter.leave != Leave::Keep).then_some((direction, filter))
    })
}

pub fn plan_pair(
    lines: &Lines<'_, '_>,
    left: &Rec,
    right: &Rec,
    found: &Found<'_>,
    pairing: Pairing<'_>,
) -> Result<PairPlan, PlanError> {
    let rules = lines.rules;
    let mut filter_failures = Vec::new();
    let passes = Direction::BOTH.map(|d| match failing_filter(lines, d) {
        Ok(filter) => filter.is_none(),
        Err(error) => {
            filter_failures.push((d, error));
            false
        }
    });
    let open = Direction::BOTH.map(|d| {
        rules.enabled[d.index()] && passes[d.index()] && rules.directions[d.index()].updates
    });
    let link = match found {
        Found::Linked(link) | Found::Moved(link, ..) => Some(*link),
        Found::Matched(_) => None,
    };
    // A link that moved, or that a person made, has agreed on nothing yet.
    let first = !matches!(found, Found::Linked(_)) || pairing.old.iter().all(Option::is_none);
    let facts = PairFacts {
        old: &pairing.old,
        open,
        link_stamps: link.filter(|_| !first).map(|l| &l.stamps),
        tolerance: pairing.tolerance,
        settled: pairing.settled,
        first,
        shared: rules.many.is_some(),
        yields: pairing.yields,
    };
    let mut merged = merge(lines, left, right, &facts)?;
    for (direction, error) in filter_failures {
        let filter = &rules.directions[direction.index()].filters[0];
        fail(&mut merged, direction.source(), "", error, filter.rule);
    }
    for direction in Direction::BOTH {
        if rules.enabled[direction.index()] && !merged.writes[direction.target().index()].is_empty()
        {
            update_rules(lines, direction, [left, right], &mut merged, &pairing.old)?;
        }
    }
    let unit = unit(lines, left, right, found, link, &merged, pairing.old);
    Ok(PairPlan { unit, merged })
}

fn fail(merged: &mut Merged, side: Side, field: &str, error: EvalError, rule: Rule) {
    let field = SmolStr::from(field);
    match failed(error) {
        Desire::Fail { message } => merged.failures.push(super::merge::FieldFailure {
            side,
            field,
            message,
            rule,
        }),
        Desire::Hold { because } => {
            merged.holds[side.sends().index()].push(Missing {
                names: Vec::new(),
                because,
                rule,
                waits: true,
            });
        }
        Desire::Write(_) | Desire::Blank | Desire::Skip => {}
    }
}

/// The `update` line that applies: its conditions, and the sets of it and of the `change` lines.
fn update_rules(
    lines: &Lines<'_, '_>,
    direction: Direction,
    records: [&Rec; 2],
    merged: &mut Merged,
    old: &[LineBase],
) -> Result<(), PlanError> {
    let rules = &lines.rules.directions[direction.index()];
    let target = direction.target();
    let alternative = alternative(lines);
    let mut sets: Vec<&Set> = Vec::new();
    // A line that names an alternative is about that one alone.
    let own: Vec<&OperationRule> = rules
        .update
        .iter()
        .filter(|r| r.alternatives.has(alternative))
        .collect();
    if !own.is_empty() {
        let mut applies = None;
        for rule in own {
            match lines.holds(&rule.when) {
                Ok(true) => {
                    applies = Some(rule);
                    break;
                }
                Ok(false) => {}
                Err(error) => fail(merged, direction.source(), "", error, rule.rule),
            }
        }
        let Some(rule) = applies else {
            merged.drop_writes(target, old);
            return Ok(());
        };
        let missing = missing(lines, rule);
        if let Some(missing) = missing {
            merged.holds[direction.index()].push(missing);
            merged.drop_writes(target, old);
            return Ok(());
        }
        sets.extend(&rule.set);
    }
    for hook in &rules.change {
        let field = &lines.rules.sides[target.index()].slots[hook.target.0 as usize].field;
        let changes = merged.writes[target.index()]
            .iter()
            .any(|c| c.field == *field);
        if changes && lines.holds(&hook.when).unwrap_or(false) {
            sets.extend(&hook.set);
        }
    }
    let record = records[target.index()];
    for set in sets {
        let slot = &lines.rules.sides[target.index()].slots[set.target.0 as usize];
        if !slot
            .present
            .get(record.alternative)
            .copied()
            .unwrap_or(false)
        {
            continue;
        }
        match set_value(lines, set, &slot.types[record.alternative]) {
            Ok(value) => {
                let present = record.slot(set.target);
                overridden(
                    lines,
                    direction,
                    alternative,
                    &slot.field,
                    &value,
                    &mut merged.base,
                );
                let writes = &mut merged.writes[target.index()];
                writes.retain(|c| c.field != slot.field);
                if !same_in(&slot.types[record.alternative], &value, present) {
                    writes.push(Change {
                        field: slot.field.clone(),
                        from: present.clone(),
                        to: To::Value(value),
                        line: None,
                    });
                }
            }
            Err(error) => fail(merged, direction.source(), &slot.field, error, set.rule),
        }
    }
    Ok(())
}

/// A `set` writes `value` in place of the line of its field: the line's base follows, so that the write is no echo.
pub fn overridden(
    lines: &Lines<'_, '_>,
    direction: Direction,
    alternative: usize,
    field: &str,
    value: &Value,
    base: &mut [LineBase],
) {
    let target = direction.target();
    for (line, base) in lines.rules.lines.iter().zip(base) {
        let writes = line.alternatives.has(alternative)
            && line
                .flow(direction)
                .is_some_and(|f| lines.target_field(f, target) == field);
        if let (true, Some(hashes)) = (writes, base) {
            hashes[target.index()] = hash(value);
        }
    }
}

/// The value of a `set` in its field's terms.
pub fn set_value(
    lines: &Lines<'_, '_>,
    set: &Set,
    ty: &crate::value::Type,
) -> Result<Value, EvalError> {
    convert(lines.value(&set.value)?, ty).map_err(|e| EvalError::Value(e.to_string()))
}

/// What of an operation's `require` is not met.
pub fn missing(lines: &Lines<'_, '_>, rule: &OperationRule) -> Option<Missing> {
    let mut names = Vec::new();
    let mut because = Vec::new();
    let mut at = rule.rule;
    let mut waits = false;
    for require in &rule.require {
        match require {
            Require::Field { name, value, rule } => {
                let value = lines.value(value);
                waits |= matches!(value, Err(EvalError::NotYet));
                if value.map_or(true, |v| v.is_blank()) {
                    if names.is_empty() {
                        at = *rule;
                    }
                    names.push(name.clone());
                }
            }
            Require::Condition {
                condition,
                reason,
                rule,
            } => {
                let held = is_true(condition, &lines.scope(None));
                waits |= matches!(held, Err(EvalError::NotYet));
                if !held.unwrap_or(false) {
                    because.push(reason.to_string());
                    at = *rule;
                }
            }
        }
    }
    if names.is_empty() && because.is_empty() {
        return None;
    }
    if !names.is_empty() {
        because.insert(
            0,
            format!(
                "{} {} missing",
                names.join(", "),
                if names.len() == 1 { "is" } else { "are" }
            ),
        );
    }
    Some(Missing {
        names,
        because: because.join("; "),
        rule: at,
        waits: waits || lines.world.was_unanswered(),
    })
}

pub fn pair_record(rec: &Rec) -> PairRecord {
    PairRecord {
        alternative: rec.alternative as u16,
        id: rec.record.id.clone(),
        stamp: rec.record.stamp.clone(),
    }
}

/// What a write expects of its target: the stamp, or without a modification column all fields read.
pub fn expectation(rules: &Relationship, side: Side, rec: &Rec) -> (Value, Vec<(SmolStr, Value)>) {
    let object = &rules.sides[side.index()].objects[rec.alternative];
    if object.modified.is_some() {
        return (rec.record.stamp.clone(), Vec::new());
    }
    let slots = rules.sides[side.index()]
        .slots
        .iter()
        .zip(rec.record.values.iter());
    let read = slots.filter(|(s, _)| s.present.get(rec.alternative).copied().unwrap_or(false));
    (
        Value::Null,
        read.map(|(s, v)| (s.field.clone(), v.clone())).collect(),
    )
}

fn unit(
    lines: &Lines<'_, '_>,
    left: &Rec,
    right: &Rec,
    found: &Found<'_>,
    link: Option<&Link>,
    merged: &Merged,
    old: Vec<LineBase>,
) -> Option<Unit> {
    let rules = lines.rules;
    let records = [left, right];
    let mut base = merged.base.clone();
    let mut operations = Vec::new();
    let linking = match found {
        Found::Linked(_) => None,
        Found::Matched(rule) => Some((Because::Matched(*rule), *rule)),
        Found::Moved(_, _, rule) => Some((Because::Followed, *rule)),
    };
    if let Some((because, rule)) = linking {
        let direction = if rules.enabled[Direction::Pull.index()] {
            Direction::Pull
        } else {
            Direction::Push
        };
        operations.push(operation(
            lines,
            OperationKind::Link,
            direction,
            records,
            Vec::new(),
            because,
            rule,
        ));
    }
    for direction in Direction::BOTH {
        let changes = merged.writes[direction.target().index()].clone();
        let Some((because, rule)) = merged.reasons[direction.target().index()]
            .clone()
            .filter(|_| !changes.is_empty())
        else {
            continue;
        };
        operations.push(operation(
            lines,
            OperationKind::Update,
            direction,
            records,
            changes,
            because,
            rule,
        ));
        let source = records[direction.source().index()];
        operations.extend(done(lines, direction, source, &mut base));
    }
    let quiet = operations.is_empty()
        && link.is_some_and(|l| {
            l.stamps[0].same(&left.record.stamp) && l.stamps[1].same(&right.record.stamp)
        });
    let kept = kept(lines, records, &operations, &base);
    if quiet && base == old && lines.kept == kept {
        return None;
    }
    Some(Unit {
        relationship: lines.relationship,
        link: link.map(|l| l.number),
        records: [Some(pair_record(left)), Some(pair_record(right))],
        operations,
        base,
        old_base: old,
        kept: [lines.kept.to_vec(), kept],
        outcome: LinkOutcome::Linked,
        moved: match found {
            Found::Moved(_, side, _) => Some(*side),
            _ => None,
        },
        step: None,
    })
}

/// The values that `was()` gives from now on: as the operations leave them, but what a line did not let cross stays as it was.
pub fn kept(
    lines: &Lines<'_, '_>,
    records: [&Rec; 2],
    operations: &[Operation],
    base: &[LineBase],
) -> Vec<Value> {
    let rules = lines.rules;
    let value = |(place, (side, slot)): (usize, &(Side, Slot))| {
        let field = &rules.sides[side.index()].slots[slot.0 as usize].field;
        let written = operations
            .iter()
            .filter(|o| o.side == *side)
            .flat_map(|o| &o.changes)
            .filter(|c| c.field == *field)
            .find_map(|c| match &c.to {
                To::Value(value) => Some(value.clone()),
                _ => None,
            });
        if let Some(written) = written {
            return written;
        }
        let present = records[side.index()].slot(*slot);
        let stopped = rules.lines.iter().zip(base).any(|(line, base)| {
            let sends = line.flow(side.sends());
            sends.is_some_and(|f| f.source_slot == Some(*slot))
                && base.is_some_and(|hashes| hashes[side.index()] != hash(present))
        });
        match stopped {
            true => lines.kept.get(place).cloned().unwrap_or_default(),
            false => present.clone(),
        }
    };
    rules.was.iter().enumerate().map(value).collect()
}

fn operation(
    lines: &Lines<'_, '_>,
    kind: OperationKind,
    direction: Direction,
    records: [&Rec; 2],
    changes: Vec<Change>,
    because: Because,
    rule: Rule,
) -> Operation {
    let (source, target) = (
        records[direction.source().index()],
        records[direction.target().index()],
    );
    let object = |side: Side, rec: &Rec| {
        lines.rules.sides[side.index()].objects[rec.alternative]
            .name
            .clone()
    };
    let (expect, expect_fields) = expectation(lines.rules, direction.target(), target);
    Operation {
        direction,
        kind,
        side: direction.target(),
        object: object(direction.target(), target),
        id: Some(target.id().clone()),
        source: Some(SourceRecord {
            side: Some(direction.source()),
            object: object(direction.source(), source),
            id: source.id().clone(),
        }),
        changes,
        expect,
        expect_fields,
        because,
        rule,
        together: Vec::new(),
    }
}

/// What `done` sets on the source record once the operation of this direction has succeeded; the base follows, so that it is no echo.
pub fn done(
    lines: &Lines<'_, '_>,
    direction: Direction,
    source: &Rec,
    base: &mut [LineBase],
) -> Option<Operation> {
    let rules = lines.rules;
    let side = direction.source();
    let mut changes: Vec<Change> = Vec::new();
    let mut rule = None;
    for hook in &rules.directions[direction.index()].done {
        if !hook.alternatives.has(alternative(lines)) || !lines.holds(&hook.when).unwrap_or(false) {
            continue;
        }
        for set in &hook.set {
            let slot = &rules.sides[side.index()].slots[set.target.0 as usize];
            let Some(ty) = slot.types.get(source.alternative) else {
                continue;
            };
            let Ok(value) = set_value(lines, set, ty) else {
                continue;
            };
            let present = source.slot(set.target);
            changes.retain(|c| c.field != slot.field);
            if !same_in(ty, &value, present) {
                let line = own_line(rules, side, set);
                if let Some(Some(hashes)) = line.and_then(|l| base.get_mut(l)) {
                    hashes[side.index()] = hash(&value);
                }
                let line = line.map(|l| l as u16);
                changes.push(Change {
                    field: slot.field.clone(),
                    from: present.clone(),
                    to: To::Value(value),
                    line,
                });
            }
            rule.get_or_insert(set.rule);
        }
    }
    let rule = rule.filter(|_| !changes.is_empty())?;
    let object = rules.sides[side.index()].objects[source.alternative]
        .name
        .clone();
    let (expect, expect_fields) = expectation(rules, side, source);
    Some(Operation {
        direction: direction.other(),
        kind: OperationKind::WriteBack,
        side,
        object: object.clone(),
        id: Some(source.id().clone()),
        source: Some(SourceRecord {
            side: Some(side),
            object,
            id: source.id().clone(),
        }),
        changes,
        expect,
        expect_fields,
        because: Because::Done,
        rule,
        together: Vec::new(),
    })
}

/// The line that reads the field that `done` sets: its base follows, so that the write is no echo.
fn own_line(rules: &Relationship, side: Side, set: &Set) -> Option<usize> {
    rules.lines.iter().position(|l| {
        l.flow(side.sends())
            .is_some_and(|f| f.source_slot == Some(set.target))
    })
}

/// The base that a create leaves: for each line that it writes, the source's hash and the target's.
pub fn created_base(direction: Direction, source: &Value, to: &To) -> LineBase {
    let mut base = [hash(source); 2];
    base[direction.target().index()] = hash_of(to);
    Some(base)
}
