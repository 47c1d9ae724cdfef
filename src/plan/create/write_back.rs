//! What a create brings back to the record that it is made of.

use std::cell::LazyCell;

use crate::plan::base::LineBase;
use crate::plan::fields::Changes;
use crate::plan::lines::{Desire, Lines};
use crate::plan::pair::{created_base, expectation, failing_filter};
use crate::plan::world::Rec;
use crate::plan::{Because, Change, Operation, OperationKind, PlanError, SourceRecord, To};
use crate::program::{Blanks, Conversion, Direction, Expr, On, Side, Slot, SlotRule};
use crate::store::Record;
use crate::value::{Value, same_in};

/// What the created record will give back: its id, defaults that the store fills in, and what the other direction's lines make of it.
pub(super) fn write_back(
    lines: &Lines<'_, '_>,
    direction: Direction,
    alternative: usize,
    source: &Rec,
    sent: &Changes<'_>,
    base: &mut [LineBase],
) -> Result<Option<Operation>, PlanError> {
    let back = direction.other();
    let target = direction.target();
    let object = &lines.rules.sides[target.index()].objects[alternative];
    let slots = &lines.rules.sides[target.index()].slots;
    let fields = lines.world.fields(lines.relationship);
    let made = LazyCell::new(|| made(lines, target, alternative, sent.list()));
    let pair = || {
        let mut sides = [Some(source), Some(source)];
        sides[target.index()] = Some(&*made);
        Lines {
            world: lines.world,
            relationship: lines.relationship,
            rules: lines.rules,
            sides,
            kept: &[],
        }
    };
    let open = lines.rules.enabled[back.index()]
        && (lines.rules.directions[back.index()].filters.is_empty()
            || matches!(failing_filter(&pair(), back), Ok(None)));
    let mut changes = Vec::new();
    let mut rule = None;
    let varied = lines.varied(target, alternative, source);
    for (index, line) in lines.rules.lines.iter().enumerate() {
        let Some(flow) = line
            .flow(back)
            .filter(|f| f.on != On::Create && line.alternatives.has(varied))
        else {
            continue;
        };
        if !flow.write_back && !open {
            continue;
        }
        let is_id = |slot: Slot| fields.is_id(target, alternative, slot);
        // Only the store knows these: the id, defaults, and references that this run is yet to make.
        let unknown = |slot: Slot| {
            let name = &slots[slot.0 as usize].field;
            match sent.of(slot) {
                Some(change) => !matches!(change.to, To::Value(_)),
                None => {
                    object.fields.get(name).is_some_and(|f| f.has_default)
                        && Some(name) != object.modified.as_ref()
                }
            }
        };
        let to = match (&flow.source, &flow.conversion) {
            (Expr::Field(side, slot), Conversion::None) if *side == target && is_id(*slot) => {
                To::CreatedId
            }
            (expr, _) => {
                let sent_by = flow.source_slot.and_then(|s| sent.of(s)).map(|c| c.line);
                if line.two_way() && matches!(sent_by, Some(Some(_))) {
                    continue;
                }
                let mut reads = false;
                expr.visit(&mut |e| {
                    if let Expr::Field(side, slot) = e {
                        reads |= *side == target
                            && slots[slot.0 as usize].present[alternative]
                            && (is_id(*slot) || unknown(*slot));
                    }
                });
                // What a `set` put in place of a two-way line comes back as the store's own defaults do.
                let overridden = matches!(sent_by, Some(None));
                match (reads, line.two_way() && !overridden) {
                    (true, _) => To::Unknown,
                    (false, true) => continue,
                    (false, false) => {
                        let pair = pair();
                        if !matches!(pair.holds(&flow.when), Ok(true)) {
                            continue;
                        }
                        let (value, desire) = pair.desire(flow, back, source.alternative)?;
                        let Desire::Write(to) = desire else { continue };
                        let present = source.slot(flow.target);
                        let ty = pair.target_type(flow, back.target(), source.alternative);
                        let blank = matches!(&to, To::Value(v) if v.is_blank());
                        let equal = matches!(&to, To::Value(v) if same_in(ty, v, present));
                        let stays = equal
                            || (blank && (line.blanks == Blanks::Ignore || !present.is_blank()))
                            || (flow.if_empty && !present.is_blank());
                        if stays {
                            base[index] = created_base(back, &value, &To::Value(present.clone()));
                            continue;
                        }
                        if !line.two_way() {
                            base[index] = created_base(back, &value, &to);
                        }
                        to
                    }
                }
            }
        };
        let field = lines.target_field(flow, direction.source());
        changes.push(Change {
            field,
            from: source.slot(flow.target).clone(),
            to,
            line: Some(index as u16),
        });
        rule.get_or_insert(flow.rule);
    }
    let Some(rule) = rule else { return Ok(None) };
    let (expect, expect_fields) = expectation(lines.rules, direction.source(), source);
    Ok(Some(Operation {
        direction: back,
        kind: OperationKind::WriteBack,
        side: direction.source(),
        object: lines.rules.sides[direction.source().index()].objects[source.alternative]
            .name
            .clone(),
        id: Some(source.id().clone()),
        source: Some(SourceRecord {
            side: Some(direction.target()),
            object: object.name.clone(),
            id: Value::Null,
        }),
        changes,
        expect,
        expect_fields,
        because: Because::ReadBack,
        rule,
        together: Vec::new(),
    }))
}

/// The record that a create makes, as far as it is known before.
pub(super) fn made(lines: &Lines<'_, '_>, side: Side, alternative: usize, sent: &[Change]) -> Rec {
    let value = |slot: &SlotRule| match sent.iter().find(|c| c.field == slot.field).map(|c| &c.to) {
        Some(To::Value(value)) if slot.present.get(alternative) == Some(&true) => value.clone(),
        _ => Value::Null,
    };
    let values = lines.rules.sides[side.index()]
        .slots
        .iter()
        .map(value)
        .collect();
    Rec {
        alternative,
        record: Record {
            id: Value::Null,
            stamp: Value::Null,
            deleted: false,
            values,
        },
    }
}
