//! `convert`: a record goes on as one of another alternative (language reference, 5.5).

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use super::Planner;
use super::merging::{get, image, versioned};
use crate::ledger::Link;
use crate::plan::base::LineBase;
use crate::plan::create::{Creation, plan_converted};
use crate::plan::lines::Lines;
use crate::plan::matching::Matching;
use crate::plan::merge::{FieldFailure, Missing};
use crate::plan::pair::{expectation, pair_record, set_value};
use crate::plan::world::Rec;
use crate::plan::{
    Because, Change, LinkOutcome, Operation, OperationKind, Part, PlanError, SourceRecord, To, Unit,
};
use crate::program::{Convert, Duplicates, Side};
use crate::schema::Object;
use crate::store::Record;
use crate::value::{Value, convert, same_in};

/// What a converted record goes on as.
enum Becomes {
    /// One that is there: its whole record.
    Existing(Record),
    /// One that is made with these fields.
    Made(Option<Value>, Vec<Change>),
    /// None for now: what keeps it is told.
    Nothing,
}

impl<'a> Planner<'_, '_, 'a> {
    /// Whether the linked record is converted by this plan, or kept from it.
    pub(super) fn converts(
        &mut self,
        records: [&Rec; 2],
        link: &Link,
        old: &[LineBase],
    ) -> Result<bool, PlanError> {
        let kept = self.layouts.kept(&link.base);
        let Some(rule) = self.conversion(records, &kept)? else {
            return Ok(false);
        };
        let (side, other) = (rule.side, rule.side.other());
        let rec = records[side.index()];
        let becomes = self.becomes(rule, records, link)?;
        if matches!(becomes, Becomes::Nothing) {
            return Ok(true);
        }
        let operation = self.conversion_of(rule, records, becomes)?;
        let unit = Unit {
            relationship: self.id,
            link: Some(link.number),
            records: [Some(pair_record(records[0])), Some(pair_record(records[1]))],
            operations: vec![operation],
            base: vec![None; self.rules.lines.len()],
            old_base: old.to_vec(),
            kept: Default::default(),
            outcome: LinkOutcome::Linked,
            moved: Some(side),
            step: None,
        };
        if self.puts_off(&unit) {
            self.seen.forget(link.number);
            return Ok(true);
        }
        for part in unit.operations.iter().flat_map(|o| &o.together) {
            for id in part.id.iter().filter(|_| part.kind == OperationKind::Link) {
                self.paired.insert(&self.matches, side, rule.to, id);
            }
        }
        self.make_for(Some(&unit))?;
        let source = records[other.index()];
        let object = self.object(other, source);
        self.forget(other, &object, source.id())?;
        let (from, at) = (rec.id().clone(), rule.rule);
        self.tell(|| format!("{from} is converted"), Some(at));
        self.emit(unit)?;
        Ok(true)
    }

    /// `convert every`: whether the unlinked record is one that a key finds for a partner, which goes on as that one's record.
    pub(super) fn converts_unlinked(&mut self, side: Side, rec: &Rec) -> Result<bool, PlanError> {
        let rules = self.rules.convert.iter();
        let mut every = rules.filter(|c| c.every && c.side == side && c.from == rec.alternative);
        let Some(rule) = every.next() else {
            return Ok(false);
        };
        let other = side.other();
        let Some(found) = self.matching(|m| m.others_of(side, rec, 0))? else {
            return Ok(false);
        };
        let ids: Vec<Value> = found.records.into_iter().map(|(id, _)| id).collect();
        let links = self.world.ledger.links(&self.rules.name, other, &ids)?;
        let live: Vec<(usize, Link)> = links.into_iter().filter(|(_, l)| !l.closed).collect();
        let [(place, link)] = &live[..] else {
            return Ok(false);
        };
        let objects = &self.rules.sides[side.index()].objects;
        if link.objects[side.index()] != objects[rule.to].name {
            // Its partner is not converted yet.
            self.note_waiting(side, rec, true)?;
            return Ok(true);
        }
        let projection = crate::plan::reading::whole(self.rules, other, 0);
        let partner =
            crate::plan::reading::get(self.world, other, 0, &projection, &[ids[*place].clone()])?;
        let Some(partner) = partner.into_iter().flatten().next() else {
            return Ok(false);
        };
        let records = if side == Side::Right {
            [&partner, rec]
        } else {
            [rec, &partner]
        };
        let chosen = self.conversion(records, &[])?;
        if chosen.is_none_or(|c| c.rule != rule.rule) {
            self.note_waiting(side, rec, true)?;
            return Ok(true);
        }
        let object = objects[rule.to].clone();
        let id = link.ids[side.index()].clone();
        let Some(existing) = self.record(side, &object, &id)? else {
            return Ok(false);
        };
        let operation = self.conversion_of(rule, records, Becomes::Existing(existing))?;
        self.note_waiting(side, rec, false)?;
        self.emit(Unit {
            records: [Some(pair_record(records[0])), Some(pair_record(records[1]))],
            ..Unit::alone(self.id, operation)
        })?;
        Ok(true)
    }

    /// The line whose condition holds for a pair.
    fn conversion(
        &mut self,
        records: [&Rec; 2],
        kept: &[Value],
    ) -> Result<Option<&'a Convert>, PlanError> {
        for rule in &self.rules.convert {
            let rec = records[rule.side.index()];
            let direction = rule.side.other().sends();
            if rec.alternative != rule.from || !self.directions()[direction.index()] {
                continue;
            }
            let lines = Lines {
                kept,
                ..self.lines(Some(records[0]), Some(records[1]))
            };
            match lines.holds(&rule.when) {
                Ok(true) => return Ok(Some(rule)),
                Ok(false) => {}
                Err(error) => {
                    let source = records[rule.side.other().index()];
                    let object = self.object(rule.side.other(), source);
                    let failure = FieldFailure {
                        side: rule.side.other(),
                        field: SmolStr::default(),
                        message: format!("`convert`: {error}"),
                        rule: rule.rule,
                    };
                    self.fail(rule.side.other(), &object, source.id(), &failure)?;
                }
            }
        }
        Ok(None)
    }

    /// The record that a key finds, or one that is made.
    fn becomes(
        &mut self,
        rule: &Convert,
        records: [&Rec; 2],
        link: &Link,
    ) -> Result<Becomes, PlanError> {
        let (side, other) = (rule.side, rule.side.other());
        let source = records[other.index()];
        let object = self.rules.sides[side.index()].objects[rule.to].clone();
        let found = self.matching(|m| m.others_of(other, source, rule.to))?;
        if let Some(hits) = found {
            let key = &self.rules.keys[hits.key];
            let mut found = hits.records;
            let newest = key.duplicates == Duplicates::Newest;
            found.sort_by(|a, b| a.1.order(&b.1).unwrap_or(std::cmp::Ordering::Equal));
            if newest {
                found.reverse();
            }
            let by_age = matches!(key.duplicates, Duplicates::Oldest | Duplicates::Newest);
            let tie = found.len() > 1 && (!by_age || found[0].1.same(&found[1].1));
            if tie && key.duplicates != Duplicates::Create {
                let names: Vec<String> = found.iter().map(|(id, _)| id.to_string()).collect();
                let missing = Missing {
                    names: Vec::new(),
                    because: format!("its key finds several to convert to: {}", names.join(", ")),
                    rule: key.rule,
                    waits: true,
                };
                self.held_from(rule, source, missing)?;
                return Ok(Becomes::Nothing);
            }
            if !tie {
                let id = found.swap_remove(0).0;
                let taken =
                    self.world
                        .ledger
                        .links(&self.rules.name, side, std::slice::from_ref(&id))?;
                let taken = taken.iter().any(|(_, l)| {
                    !l.closed && l.number != link.number && l.objects[side.index()] == object.name
                });
                if taken {
                    let because = format!(
                        "{} is to be converted to {id}, which is linked already",
                        link.ids[side.index()]
                    );
                    self.disputed(link, because, rule.rule)?;
                    return Ok(Becomes::Nothing);
                }
                if self.paired.contains(&self.matches, side, rule.to, &id) {
                    // It gets a partner by this plan.
                    self.note_waiting(other, source, true)?;
                    return Ok(Becomes::Nothing);
                }
                if let Some(record) = self.record(side, &object, &id)? {
                    return Ok(Becomes::Existing(record));
                }
            }
        }
        let (left, right) = match other {
            Side::Left => (Some(source), None),
            Side::Right => (None, Some(source)),
        };
        let creation = plan_converted(&self.lines(left, right), other.sends(), source, rule.to)?;
        match creation {
            Creation::Unit(unit, _) => {
                let create = unit.operations.into_iter().next();
                Ok(create.map_or(Becomes::Nothing, |o| Becomes::Made(o.id, o.changes)))
            }
            Creation::No(..) => Ok(Becomes::Nothing),
            Creation::Held(missing) => {
                self.held_from(rule, source, missing)?;
                Ok(Becomes::Nothing)
            }
            Creation::Failed(failures) => {
                let object = self.object(other, source);
                for failure in &failures {
                    self.fail(other, &object, source.id(), failure)?;
                }
                Ok(Becomes::Nothing)
            }
        }
    }

    fn held_from(
        &mut self,
        rule: &Convert,
        source: &Rec,
        missing: Missing,
    ) -> Result<(), PlanError> {
        let other = rule.side.other();
        let object = self.object(other, source);
        let (name, direction) = (&self.rules.name, other.sends());
        self.standing
            .unhold(name, direction, &object, source.id(), true, self.sink)?;
        self.hold(direction, &object, source.id(), missing)
    }

    fn conversion_of(
        &self,
        rule: &Convert,
        records: [&Rec; 2],
        becomes: Becomes,
    ) -> Result<Operation, PlanError> {
        let (side, other) = (rule.side, rule.side.other());
        let rec = records[side.index()];
        let objects = &self.rules.sides[side.index()].objects;
        let (object, target) = (&objects[rule.from], &objects[rule.to]);
        let fields: Vec<SmolStr> = object.fields.keys().cloned().collect();
        let ids = std::slice::from_ref(rec.id());
        let whole = get(self.world, side, object, &fields, ids)?.pop().flatten();
        let mut together = match &becomes {
            Becomes::Existing(record) => vec![Part {
                kind: OperationKind::Link,
                object: target.name.clone(),
                id: Some(record.id.clone()),
                changes: Vec::new(),
                expect: Value::Null,
            }],
            Becomes::Made(id, changes) => vec![Part {
                kind: OperationKind::Create,
                object: target.name.clone(),
                id: id.clone(),
                changes: changes.clone(),
                expect: Value::Null,
            }],
            Becomes::Nothing => Vec::new(),
        };
        let mut changes = Vec::new();
        if let (true, Some(whole)) = (rule.delete, &whole) {
            together.push(Part {
                kind: OperationKind::Delete,
                object: object.name.clone(),
                id: Some(rec.id().clone()),
                changes: image(&fields, whole),
                expect: versioned(object, whole),
            });
        } else if let Some(whole) = &whole {
            changes = self.traces(object, target, &fields, whole, &becomes);
            self.sets(rule, records, &mut changes);
        }
        let source = records[other.index()];
        let (expect, expect_fields) = expectation(self.rules, side, rec);
        Ok(Operation {
            direction: other.sends(),
            kind: OperationKind::Convert,
            side,
            object: object.name.clone(),
            id: Some(rec.id().clone()),
            source: Some(SourceRecord {
                side: Some(other),
                object: self.object(other, source),
                id: source.id().clone(),
            }),
            changes,
            expect,
            expect_fields,
            because: Because::Converted,
            rule: rule.rule,
            together,
        })
    }

    /// The record's own fields that tell what it was converted to: `IsConverted`, `ConvertedDate`, `ConvertedContactId` …
    fn traces(
        &self,
        object: &Object,
        target: &Object,
        fields: &[SmolStr],
        whole: &Record,
        becomes: &Becomes,
    ) -> Vec<Change> {
        let own = plain(&target.name);
        let mut changes = Vec::new();
        for (place, name) in fields.iter().enumerate() {
            let Some(field) = object.fields.get(name) else {
                continue;
            };
            let known = plain(name);
            let to = match known.as_str() {
                "isconverted" => To::Value(Value::Bool(true)),
                "converteddate" | "convertedat" => To::Value(Value::Instant(self.world.now)),
                other => {
                    let named = other
                        .strip_prefix("converted")
                        .and_then(|n| n.strip_suffix("id"));
                    let Some(named) = named.filter(|n| !n.is_empty()) else {
                        continue;
                    };
                    match becomes {
                        Becomes::Existing(record) if named == own => To::Value(record.id.clone()),
                        Becomes::Made(..) if named == own => To::CreatedId,
                        becomes => match reference(target, becomes, named) {
                            Some(to) => to,
                            None => continue,
                        },
                    }
                }
            };
            let to = match to {
                To::Value(value) => match convert(value, &field.ty) {
                    Ok(value) if !same_in(&field.ty, &value, &whole.values[place]) => {
                        To::Value(value)
                    }
                    _ => continue,
                },
                open => open,
            };
            changes.push(Change {
                field: name.clone(),
                from: whole.values[place].clone(),
                to,
                line: None,
            });
        }
        changes
    }

    /// The `set` of the line, which beats the traces.
    fn sets(&self, rule: &Convert, records: [&Rec; 2], changes: &mut Vec<Change>) {
        let rec = records[rule.side.index()];
        let lines = self.lines(Some(records[0]), Some(records[1]));
        for set in &rule.set {
            let slot = &self.rules.sides[rule.side.index()].slots[set.target.0 as usize];
            let Some(ty) = slot.types.get(rec.alternative) else {
                continue;
            };
            let Ok(value) = set_value(&lines, set, ty) else {
                continue;
            };
            changes.retain(|c| c.field != slot.field);
            if !same_in(ty, &value, rec.slot(set.target)) {
                changes.push(Change {
                    field: slot.field.clone(),
                    from: rec.slot(set.target).clone(),
                    to: To::Value(value),
                    line: None,
                });
            }
        }
    }

    fn record(&self, side: Side, object: &Object, id: &Value) -> Result<Option<Record>, PlanError> {
        let fields: Vec<SmolStr> = object.fields.keys().cloned().collect();
        let found = get(self.world, side, object, &fields, std::slice::from_ref(id))?;
        Ok(found.into_iter().flatten().next().filter(|r| !r.deleted))
    }

    /// Asks the match keys outside of the matching of a plan.
    fn matching<T>(&self, ask: impl FnOnce(&Matching<'_, '_, 'a>) -> T) -> T {
        let lifted = FxHashSet::default();
        ask(&Matching {
            world: self.world,
            relationship: self.id,
            rules: self.rules,
            unlinked: false,
            extra_is_all: false,
            lifted: &lifted,
            follows: Default::default(),
            failed: Default::default(),
            progress: &mut |_, _| {},
        })
    }
}

/// A name without its case and underscores.
fn plain(name: &str) -> String {
    name.to_lowercase().replace('_', "")
}

/// What the record that it becomes says of `named`: its account, for `ConvertedAccountId`.
fn reference(target: &Object, becomes: &Becomes, named: &str) -> Option<To> {
    let (place, field) = target
        .fields
        .keys()
        .enumerate()
        .find(|(_, name)| plain(name) == format!("{named}id"))?;
    match becomes {
        Becomes::Existing(record) => {
            let value = record.values[place].clone();
            (!value.is_blank()).then_some(To::Value(value))
        }
        Becomes::Made(_, changes) => {
            let change = changes.iter().find(|c| c.field == *field)?;
            Some(change.to.clone())
        }
        Becomes::Nothing => None,
    }
}
