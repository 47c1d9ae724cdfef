//! `duplicates merge`: several records that a key finds become one, in their own store (language reference, 5.1).

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::Planner;
use crate::plan::merge::Missing;
use crate::plan::pair::expectation;
use crate::plan::world::{Rec, World};
use crate::plan::{Because, Change, Operation, OperationKind, Part, PlanError, SourceRecord, To};
use crate::program::{Conversion, Direction, Relationship, Side};
use crate::schema::Object;
use crate::store::{Projection, Record};
use crate::value::Value;

pub(super) enum Merging {
    /// No other record has its key.
    None,
    /// The record as it will be, and what makes it so.
    Done(Rec, Box<Operation>),
    Held(Missing),
}

impl<'a> Planner<'_, '_, 'a> {
    /// What makes one of the records that share a key with `rec`, the oldest of them.
    pub(super) fn merging(&self, side: Side, rec: &Rec) -> Result<Merging, PlanError> {
        let Some(group) = self.matches.merge(side, rec.id()) else {
            return Ok(Merging::None);
        };
        let object = &self.rules.sides[side.index()].objects[rec.alternative];
        let ids: Vec<Value> = std::iter::once(rec.id().clone())
            .chain(group.losers.iter().cloned())
            .collect();
        if let Some(because) = self.joins_links(side, object, &ids)? {
            return Ok(Merging::Held(Missing {
                names: Vec::new(),
                because,
                rule: group.rule,
                waits: true,
            }));
        }
        let fields: Vec<SmolStr> = object.fields.keys().cloned().collect();
        let mut records = get(self.world, side, object, &fields, &ids)?.into_iter();
        let Some(survivor) = records.next().flatten() else {
            return Ok(Merging::None);
        };
        let losers: Vec<Record> = records.flatten().filter(|r| !r.deleted).collect();
        let mut together = self.repoint(side, object, rec.id(), &losers)?;
        together.extend(losers.iter().map(|loser| Part {
            kind: OperationKind::Delete,
            object: object.name.clone(),
            id: Some(loser.id.clone()),
            changes: image(&fields, loser),
            expect: versioned(object, loser),
        }));
        let changes = fill(object, &fields, &survivor, &losers);
        let filled = self.filled(side, rec, &changes);
        let direction = side.other().sends();
        let (expect, expect_fields) = expectation(self.rules, side, rec);
        let operation = Operation {
            direction,
            kind: OperationKind::Merge,
            side,
            object: object.name.clone(),
            id: Some(rec.id().clone()),
            source: None::<SourceRecord>,
            changes,
            expect,
            expect_fields,
            because: Because::Duplicates,
            rule: group.rule,
            together,
        };
        Ok(Merging::Done(filled, Box::new(operation)))
    }

    /// Why the records can't become one: two of them are linked in another relationship, to different records.
    fn joins_links(
        &self,
        side: Side,
        object: &Object,
        ids: &[Value],
    ) -> Result<Option<String>, PlanError> {
        for rules in related(self.world, side, object) {
            if rules.many == Some(side) {
                continue;
            }
            let links = self.world.ledger.links(&rules.name, side, ids)?;
            let live = links
                .iter()
                .filter(|(_, l)| !l.closed && l.objects[side.index()] == object.name);
            let places: FxHashSet<usize> = live.map(|(place, _)| *place).collect();
            if places.len() > 1 {
                let mut linked: Vec<String> = places.iter().map(|p| ids[*p].to_string()).collect();
                linked.sort();
                return Ok(Some(format!(
                    "its key finds {}, which can't be merged: they are linked to different records in {}",
                    linked.join(", "),
                    rules.name
                )));
            }
        }
        Ok(None)
    }

    /// References to the losers, which will name the survivor.
    fn repoint(
        &self,
        side: Side,
        object: &Object,
        survivor: &Value,
        losers: &[Record],
    ) -> Result<Vec<Part>, PlanError> {
        let mut parts: Vec<Part> = Vec::new();
        let keys: Vec<Vec<Value>> = losers.iter().map(|l| vec![l.id.clone()]).collect();
        for (name, field) in references(self.world, side, object) {
            let Some(other) = self.world.program.stores[side.index()]
                .schema
                .objects
                .get(&name)
            else {
                continue;
            };
            if other.id.is_none() {
                continue;
            }
            let projection = Projection {
                object: name.clone(),
                fields: vec![Some(field.clone())],
            };
            let fields = [field.clone()];
            let found = self
                .world
                .store(side, |s| s.find(&projection, &fields, &keys))?;
            for record in found.into_iter().flatten() {
                let change = Change {
                    field: field.clone(),
                    from: record.values[0].clone(),
                    to: To::Value(survivor.clone()),
                    line: None,
                };
                let known = |p: &&mut Part| p.object == name && p.id.as_ref() == Some(&record.id);
                match parts.iter_mut().find(known) {
                    Some(part) => part.changes.push(change),
                    None => parts.push(Part {
                        kind: OperationKind::Update,
                        object: name.clone(),
                        expect: versioned(other, &record),
                        id: Some(record.id),
                        changes: vec![change],
                    }),
                }
            }
        }
        Ok(parts)
    }

    /// The record with these fields filled in.
    fn filled(&self, side: Side, rec: &Rec, changes: &[Change]) -> Rec {
        let mut rec = rec.clone();
        let slots = &self.rules.sides[side.index()].slots;
        for (slot, value) in slots.iter().zip(rec.record.values.iter_mut()) {
            let here = slot.present.get(rec.alternative).copied().unwrap_or(false);
            let change = changes.iter().find(|c| here && c.field == slot.field);
            if let Some(To::Value(filled)) = change.map(|c| &c.to) {
                *value = filled.clone();
            }
        }
        rec
    }
}

/// The relationships that are about this object.
pub(crate) fn related<'a>(
    world: &World<'a>,
    side: Side,
    object: &Object,
) -> impl Iterator<Item = &'a Relationship> {
    let name = object.name.clone();
    world.program.relationships.iter().filter(move |r| {
        let objects = &r.sides[side.index()].objects;
        objects.iter().any(|o| o.name == name)
    })
}

/// The fields of this store that refer to the object: by its schema, and by the `via` lines of the rules.
fn references(world: &World<'_>, side: Side, object: &Object) -> Vec<(SmolStr, SmolStr)> {
    let store = &world.program.stores[side.index()];
    let mut all: Vec<(SmolStr, SmolStr)> = Vec::new();
    for other in store.schema.objects.values() {
        let refer = other
            .fields
            .values()
            .filter(|f| f.references.contains(&object.name));
        all.extend(refer.map(|f| (other.name.clone(), f.name.clone())));
    }
    for rules in &world.program.relationships {
        for line in &rules.lines {
            for direction in Direction::BOTH {
                let Some(flow) = line.flow(direction) else {
                    continue;
                };
                let Conversion::Via(via) = &flow.conversion else {
                    continue;
                };
                let theirs = &world.program[via.relationship].sides[side.index()].objects;
                if !theirs.iter().any(|o| o.name == object.name) {
                    continue;
                }
                let slot = if direction.source() == side {
                    flow.source_slot
                } else {
                    Some(flow.target)
                };
                let Some(slot) = slot else { continue };
                let slot = &rules.sides[side.index()].slots[slot.0 as usize];
                let holders = rules.sides[side.index()].objects.iter().zip(&slot.present);
                all.extend(
                    holders
                        .filter(|(_, present)| **present)
                        .map(|(o, _)| (o.name.clone(), slot.field.clone())),
                );
            }
        }
    }
    all.sort();
    all.dedup();
    all
}

/// The survivor's blank fields take the first value that another one has.
fn fill(object: &Object, fields: &[SmolStr], survivor: &Record, losers: &[Record]) -> Vec<Change> {
    let own = [
        &object.id,
        &object.modified,
        &object.deleted,
        &object.created,
    ];
    let mut changes = Vec::new();
    for (place, name) in fields.iter().enumerate() {
        let writable = object.fields.get(name).is_some_and(|f| f.updateable);
        if !writable || own.contains(&&Some(name.clone())) || !survivor.values[place].is_blank() {
            continue;
        }
        let value = losers
            .iter()
            .map(|l| &l.values[place])
            .find(|v| !v.is_blank());
        changes.extend(value.map(|value| Change {
            field: name.clone(),
            from: survivor.values[place].clone(),
            to: To::Value(value.clone()),
            line: None,
        }));
    }
    changes
}

/// The whole record, as a delete's journal keeps it.
pub(super) fn image(fields: &[SmolStr], record: &Record) -> Vec<Change> {
    let values = fields.iter().zip(&record.values);
    values
        .map(|(field, value)| Change {
            field: field.clone(),
            from: value.clone(),
            to: To::Value(Value::Null),
            line: None,
        })
        .collect()
}

pub(super) fn versioned(object: &Object, record: &Record) -> Value {
    match object.modified {
        Some(_) => record.stamp.clone(),
        None => Value::Null,
    }
}

/// Whole records, in their places.
pub(super) fn get(
    world: &World<'_>,
    side: Side,
    object: &Object,
    fields: &[SmolStr],
    ids: &[Value],
) -> Result<Vec<Option<Record>>, PlanError> {
    let projection = Projection {
        object: object.name.clone(),
        fields: fields.iter().cloned().map(Some).collect(),
    };
    world.store(side, |s| s.get(&projection, ids))
}
