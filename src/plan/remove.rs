//! Links that end: deleted partners, filters that are left, purges (language reference, 5.2, 5.3 and 5.5).

use super::base::{LineBase, hash};
use super::lines::Lines;
use super::merge::instant_of;
use super::pair::{alternative, expectation, pair_record};
use super::world::Rec;
use super::{Because, Change, LinkOutcome, Operation, OperationKind, SourceRecord, To, Unit};
use crate::ledger::Link;
use crate::program::{Direction, Filter, Leave, OperationRule, Prefer, Rule, Side};
use crate::value::{Value, same_in};

/// What a deleted record comes to.
pub enum Gone {
    /// The link ends, with or without its partner's deletion.
    Ended(Box<Unit>),
    /// `prefer manual`: the partner was changed, and a person decides.
    Disputed { because: String, rule: Rule },
}

/// What else decides about a delete against a change.
#[derive(Debug, Clone, Copy)]
pub struct Decision {
    /// Milliseconds within which two modification times count as equal.
    pub tolerance: i64,
    /// What a person chose.
    pub taken: Option<Side>,
    /// `many`: other records share the partner, which stays for them.
    pub shared: bool,
}

/// Neither record of a link is there any more.
pub fn both_gone(lines: &Lines<'_, '_>, link: &Link) -> Unit {
    ended(lines, link, LinkOutcome::Closed, Vec::new(), [None, None])
}

/// A linked record of `gone` side is deleted; `partner` is what is left.
pub fn deleted(
    lines: &Lines<'_, '_>,
    link: &Link,
    gone: Side,
    partner: Option<&Rec>,
    old: &[LineBase],
    deleted_at: &Value,
    decision: Decision,
) -> Gone {
    let rules = lines.rules;
    let direction = gone.sends();
    let Some(partner) = partner.filter(|p| !p.record.deleted) else {
        return Gone::Ended(Box::new(both_gone(lines, link)));
    };
    let mut records = [None, None];
    records[gone.other().index()] = Some(pair_record(partner));
    let unlink = |rule: Rule| {
        let operation = change_of_link(
            lines,
            OperationKind::Unlink,
            direction,
            link,
            Because::Deleted(gone),
            rule,
        );
        let records = records.clone();
        let unit = ended(lines, link, LinkOutcome::Closed, vec![operation], records);
        Gone::Ended(Box::new(unit))
    };
    let allowed = rules.directions[direction.index()].delete.iter().find(|r| {
        rules.enabled[direction.index()]
            && r.alternatives.has(alternative(lines))
            && lines.holds(&r.when).unwrap_or(false)
    });
    let Some(rule) = allowed.filter(|_| !decision.shared) else {
        return unlink(rules.rule);
    };
    if changed_since(lines, link, gone.other(), partner, old) {
        match winner(lines, gone, partner, deleted_at, decision) {
            Some(side) if side == gone => {}
            Some(_) => return unlink(rule.rule),
            None => {
                return Gone::Disputed {
                    because: format!(
                        "{} was deleted and {} was changed, and `prefer manual` leaves it to a person",
                        link.ids[gone.index()],
                        link.ids[gone.other().index()]
                    ),
                    rule: rule.rule,
                };
            }
        }
    }
    let operation = match marks(lines, direction, rule, partner) {
        Some(operation) => operation,
        None => write(
            lines,
            OperationKind::Delete,
            direction,
            partner,
            link,
            Vec::new(),
            Because::Deleted(gone),
            rule.rule,
        ),
    };
    let unit = ended(lines, link, LinkOutcome::Closed, vec![operation], records);
    Gone::Ended(Box::new(unit))
}

/// `delete set F = …`: marks the record instead of deleting it.
fn marks(
    lines: &Lines<'_, '_>,
    direction: Direction,
    rule: &OperationRule,
    partner: &Rec,
) -> Option<Operation> {
    if rule.set.is_empty() {
        return None;
    }
    let target = direction.target();
    let mut changes = Vec::new();
    for set in &rule.set {
        let slot = &lines.rules.sides[target.index()].slots[set.target.0 as usize];
        let Some(ty) = slot.types.get(partner.alternative) else {
            continue;
        };
        let Ok(value) = super::pair::set_value(lines, set, ty) else {
            continue;
        };
        if !same_in(ty, &value, partner.slot(set.target)) {
            changes.push(Change {
                field: slot.field.clone(),
                from: partner.slot(set.target).clone(),
                to: To::Value(value),
                line: None,
            });
        }
    }
    let mut operation = base_operation(
        lines,
        OperationKind::Update,
        direction,
        partner,
        Because::Deleted(direction.source()),
        rule.rule,
    );
    operation.changes = changes;
    Some(operation)
}

fn changed_since(
    lines: &Lines<'_, '_>,
    link: &Link,
    side: Side,
    partner: &Rec,
    old: &[LineBase],
) -> bool {
    if link.stamps[side.index()].same(&partner.record.stamp) && !partner.record.stamp.is_null() {
        return false;
    }
    lines.rules.lines.iter().zip(old).any(|(line, base)| {
        let slot = line.flow(side.sends()).and_then(|f| f.source_slot).or_else(|| line.flow(side.other().sends()).map(|f| f.target));
        matches!((slot, base), (Some(slot), Some(base)) if hash(partner.slot(slot)) != base[side.index()])
    })
}

/// A delete against a change, decided by the relationship's `prefer`; `None` where a person is to decide.
fn winner(
    lines: &Lines<'_, '_>,
    gone: Side,
    partner: &Rec,
    deleted_at: &Value,
    decision: Decision,
) -> Option<Side> {
    if let Some(side) = decision.taken {
        return Some(side);
    }
    match lines.rules.prefer {
        Prefer::Side(side) => Some(side),
        Prefer::Manual => None,
        Prefer::Newest => match (instant_of(deleted_at), instant_of(&partner.record.stamp)) {
            (Some(deleted), Some(changed))
                if (deleted - changed).num_milliseconds().abs() > decision.tolerance =>
            {
                Some(if deleted > changed {
                    gone
                } else {
                    gone.other()
                })
            }
            // At the same time, or unknown: the right side wins.
            _ => Some(Side::Right),
        },
        // A value is never lost.
        Prefer::True | Prefer::False | Prefer::Max | Prefer::Min => Some(gone.other()),
    }
}

/// A linked record no longer satisfies a filter of `direction` with `leave unlink` or `leave delete`.
pub fn left_filter(
    lines: &Lines<'_, '_>,
    link: &Link,
    direction: Direction,
    filter: &Filter,
    records: [&Rec; 2],
    shared: bool,
) -> Unit {
    let pair = [Some(pair_record(records[0])), Some(pair_record(records[1]))];
    let target = records[direction.target().index()];
    match filter.leave {
        Leave::Delete if shared => {
            let kind = OperationKind::Unlink;
            let because = Because::Left;
            let operation = change_of_link(lines, kind, direction, link, because, filter.rule);
            ended(lines, link, LinkOutcome::Closed, vec![operation], pair)
        }
        Leave::Delete => {
            let operation = write(
                lines,
                OperationKind::Delete,
                direction,
                target,
                link,
                Vec::new(),
                Because::Left,
                filter.rule,
            );
            ended(lines, link, LinkOutcome::Closed, vec![operation], pair)
        }
        Leave::Keep | Leave::Unlink => {
            let operation = change_of_link(
                lines,
                OperationKind::Unlink,
                direction,
                link,
                Because::Left,
                filter.rule,
            );
            ended(lines, link, LinkOutcome::Removed, vec![operation], pair)
        }
    }
}

/// A record that a `purge` deletes, with its link if it has one.
pub fn purged(
    lines: &Lines<'_, '_>,
    side: Side,
    record: &Rec,
    link: Option<&Link>,
    rule: Rule,
) -> Unit {
    let operation = base_operation(
        lines,
        OperationKind::Delete,
        side.other().sends(),
        record,
        Because::Purged,
        rule,
    );
    let mut records = [None, None];
    records[side.index()] = Some(pair_record(record));
    let mut unit = Unit {
        records,
        ..Unit::alone(lines.relationship, operation)
    };
    if let Some(link) = link {
        unit.link = Some(link.number);
        unit.outcome = LinkOutcome::Closed;
    }
    unit
}

fn ended(
    lines: &Lines<'_, '_>,
    link: &Link,
    outcome: LinkOutcome,
    operations: Vec<Operation>,
    records: [Option<super::PairRecord>; 2],
) -> Unit {
    Unit {
        relationship: lines.relationship,
        link: Some(link.number),
        records,
        operations,
        base: Vec::new(),
        old_base: Vec::new(),
        kept: Default::default(),
        outcome,
        moved: None,
        step: None,
    }
}

/// An operation on the record of the target side; its source is filled in by [`write`].
fn base_operation(
    lines: &Lines<'_, '_>,
    kind: OperationKind,
    direction: Direction,
    target: &Rec,
    because: Because,
    rule: Rule,
) -> Operation {
    let side = direction.target();
    let (expect, expect_fields) = expectation(lines.rules, side, target);
    Operation {
        direction,
        kind,
        side,
        object: lines.rules.sides[side.index()].objects[target.alternative]
            .name
            .clone(),
        id: Some(target.id().clone()),
        source: None,
        changes: Vec::new(),
        expect,
        expect_fields,
        because,
        rule,
        together: Vec::new(),
    }
}

#[allow(clippy::too_many_arguments)]
fn write(
    lines: &Lines<'_, '_>,
    kind: OperationKind,
    direction: Direction,
    target: &Rec,
    link: &Link,
    changes: Vec<Change>,
    because: Because,
    rule: Rule,
) -> Operation {
    let source = direction.source().index();
    let mut operation = base_operation(lines, kind, direction, target, because, rule);
    operation.changes = changes;
    operation.source = Some(SourceRecord {
        side: Some(direction.source()),
        object: link.objects[source].clone(),
        id: link.ids[source].clone(),
    });
    operation
}

/// An operation that writes to no store.
fn change_of_link(
    _lines: &Lines<'_, '_>,
    kind: OperationKind,
    direction: Direction,
    link: &Link,
    because: Because,
    rule: Rule,
) -> Operation {
    let (source, target) = (direction.source().index(), direction.target().index());
    Operation {
        direction,
        kind,
        side: direction.target(),
        object: link.objects[target].clone(),
        id: Some(link.ids[target].clone()),
        source: Some(SourceRecord {
            side: Some(direction.source()),
            object: link.objects[source].clone(),
            id: link.ids[source].clone(),
        }),
        changes: Vec::new(),
        expect: Value::Null,
        expect_fields: Vec::new(),
        because,
        rule,
        together: Vec::new(),
    }
}
