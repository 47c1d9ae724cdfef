//! The plan of one relationship: which records to look at, and for each of them which decision applies.

mod apart;
mod by_hand;
mod compare;
mod conversion;
mod explain;
mod linked;
mod listing;
mod merging;
mod page;
mod paired;
mod seen;
mod sweep;
mod unlinked;

use std::sync::Arc;

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use crate::ledger::{Cursor, Effect, Revisit};
use crate::plan::ask::Asks;
use crate::plan::base::{Layouts, layout};
use crate::plan::create::Alike;
use crate::plan::ids::IdKey;
use crate::plan::lines::Lines;
use crate::plan::matching::{Matches, Matching};
use crate::plan::reading::{self, Start};
use crate::plan::standing::Standing;
use crate::plan::world::{Rec, Wish, World};
use crate::plan::{
    Because, Change, Decision, Operation, OperationKind, Phase, PlanError, Progress, Request, Sink,
    Summary, To, Unit,
};
use crate::program::{Addition, Direction, RelId, Relationship, Rule, Side};
use crate::store::Since;
use crate::value::Value;
use paired::Paired;
use seen::Seen;

pub struct Planner<'p, 'w, 'a> {
    world: &'w World<'a>,
    request: &'p Request,
    sink: &'p mut dyn super::Sink,
    summary: &'p mut Summary,
    id: RelId,
    rules: &'a Relationship,
    layouts: Layouts,
    standing: Standing,
    matches: Arc<Matches>,
    alike: Alike,
    /// The links that have been looked at.
    seen: Seen,
    /// Records that got a partner in this plan.
    paired: Paired,
    waiting: FxHashSet<(Side, SmolStr, IdKey)>,
    /// Of the records to look at again, those that a read has brought already.
    looked_at: FxHashSet<(Side, SmolStr, IdKey)>,
    /// By direction: its lines or filters read the record that they write to.
    reads_target: [bool; 2],
    /// Some relationship asks for the links of this one.
    referred: bool,
    any_link: bool,
    /// Every record is compared, whatever its stamp.
    full: bool,
    /// Links that this plan ends.
    ended: FxHashSet<i64>,
    /// Deletes, for the end of the plan.
    deferred: Vec<Unit>,
    /// Tombstones of records that are sent by hand.
    lifted: FxHashSet<i64>,
    /// Some line brings over what it refers to (`or sync`).
    brings: bool,
    /// Some relationship brings records of this one over.
    brought: bool,
    /// What the records that are put off want brought over first.
    wishes: Vec<Wish>,
    /// The record at hand is planned again once they are.
    put_off: bool,
    /// Its queries, by when they are asked.
    asks: Asks,
    /// What was told of the record that is explained.
    told: FxHashSet<String>,
}

impl<'p, 'w, 'a> Planner<'p, 'w, 'a> {
    pub fn new(
        world: &'w World<'a>,
        request: &'p Request,
        sink: &'p mut dyn super::Sink,
        summary: &'p mut Summary,
        id: RelId,
    ) -> Result<Self, PlanError> {
        let rules = &world.program[id];
        let standing = Standing::load(world.ledger, &rules.name, world.now)?;
        let (layouts, fresh) = Layouts::new(&layout(rules), &world.ledger.layouts(&rules.name)?);
        if let Some((number, lines)) = fresh {
            sink.effect(Effect::Layout {
                relationship: rules.name.clone(),
                number,
                lines,
            })?;
        }
        let referred = world
            .program
            .all_rules()
            .any(|r| reading::referred(r).contains(&id));
        let waiting = standing
            .revisits
            .iter()
            .map(|r| (r.side, r.object.clone(), IdKey(r.id.clone())))
            .collect();
        Ok(Planner {
            world,
            request,
            sink,
            summary,
            id,
            rules,
            layouts,
            standing,
            matches: Arc::default(),
            alike: Alike::default(),
            seen: Seen::default(),
            paired: Paired::default(),
            waiting,
            looked_at: FxHashSet::default(),
            reads_target: Direction::BOTH.map(|d| reading::reads_target(rules, d)),
            referred,
            any_link: world.ledger.any_link(&rules.name)?,
            full: request.full,
            ended: FxHashSet::default(),
            deferred: Vec::new(),
            lifted: FxHashSet::default(),
            brings: !reading::brought_by(rules).is_empty(),
            brought: (world.program.relationships.iter())
                .any(|r| reading::brought_by(r).contains(&id)),
            wishes: Vec::new(),
            put_off: false,
            asks: Asks::of(rules),
            told: FxHashSet::default(),
        })
    }

    /// The layouts of bases, for `apply`.
    pub fn run(mut self) -> Result<Vec<Unit>, PlanError> {
        if let Some((side, object, id)) = self.request.explain.clone() {
            self.explain(side, &object, &id)?;
            return Ok(Vec::new());
        }
        if !self.request.send.is_empty() {
            return self.send();
        }
        self.alter()?;
        let rules_now = self.world.program.rules_hash();
        let before = self.world.ledger.completed_rules(&self.rules.name)?;
        self.full |= before.is_some_and(|b| b != rules_now);
        let queried = self.queried_changed()?;
        self.full |= queried.1 && before.is_some();
        let mut starts = reading::starts(self.world, self.rules, self.request, self.full)?;
        // Whoever reads everything anyhow sees which links have lost both their records: none may be passed over as known.
        self.full |= starts.iter().all(Start::complete);
        let extra = Side::BOTH.map(|side| self.extra(side));
        // A conversion takes a record before that one is made a partner of its own.
        let first = (self.rules.convert.first()).map_or(Side::Right, |c| c.side.other());
        let order = [first, first.other()];
        if self.mostly_linked(&starts)? {
            let rest = self.read_linked(&mut starts)?;
            self.find_partners(&[], &rest, true)?;
            for side in order {
                self.take_up(side, rest[side.index()].iter().cloned())?;
                self.revisit(side, &extra[side.index()])?;
            }
        } else if let Some(large) = self.larger(&starts, &extra)? {
            self.read_apart(&mut starts, large)?;
        } else {
            self.find_partners(&starts, &extra, false)?;
            for side in order {
                for start in starts.iter_mut().filter(|s| s.side == side) {
                    self.read(start)?;
                }
                self.revisit(side, &extra[side.index()])?;
            }
        }
        if self.full {
            self.missing()?;
        }
        if self.full {
            self.gone_listed()?;
        }
        for side in Side::BOTH {
            self.purge(side)?;
        }
        self.finish(starts, queried.0, rules_now)
    }

    fn alter(&mut self) -> Result<(), PlanError> {
        if !self.world.alters(self.id) {
            return Ok(());
        }
        for addition in &self.rules.additions {
            let there = self.world.program.stores[addition.side.index()]
                .schema
                .objects
                .get(&addition.object);
            if there.is_none() || self.is_added_before(addition) {
                continue;
            }
            let direction = addition.side.other().sends();
            let operation = Operation {
                direction,
                kind: OperationKind::Alter,
                side: addition.side,
                object: addition.object.clone(),
                id: None,
                source: None,
                changes: vec![Change {
                    field: addition.field.name.clone(),
                    from: Value::Null,
                    to: To::Unknown,
                    line: None,
                }],
                expect: Value::Null,
                expect_fields: Vec::new(),
                because: Because::Added,
                rule: addition.rule,
                together: Vec::new(),
            };
            self.emit(Unit::alone(self.id, operation))?;
        }
        Ok(())
    }

    /// Whether a relationship that runs before this one adds the same field.
    fn is_added_before(&self, addition: &Addition) -> bool {
        let only = &self.request.only;
        let before = self.world.program.relationships.iter().enumerate();
        before.take(usize::from(self.id.0)).any(|(at, other)| {
            (only.is_empty() || only.contains(&RelId(at as u16)))
                && other.additions.iter().any(|a| {
                    a.side == addition.side
                        && a.object == addition.object
                        && a.field.name == addition.field.name
                })
        })
    }

    /// The cursors of the objects that queries read, and whether one of these objects changed.
    fn queried_changed(&mut self) -> Result<(Vec<Effect>, bool), PlanError> {
        let mut effects = Vec::new();
        let mut changed = false;
        for (side, name) in reading::queried(self.rules, self.world.program) {
            let Some(object) = self.world.program.stores[side.index()]
                .schema
                .objects
                .get(&name)
            else {
                continue;
            };
            if object.modified.is_none() || object.id.is_none() {
                changed = true;
                continue;
            }
            let key = format!("{}{}", self.rules.name, reading::QUERIED);
            let read_at = self.world.store(side, |s| s.now())?;
            let cursor = self.world.ledger.cursor(&key, side, &name)?;
            let since = cursor
                .as_ref()
                .map_or(Since::Start, |c| Since::Stamp(c.stamp.clone()));
            let mut start = Start {
                side,
                alternative: 0,
                since,
                read_at,
                greatest: cursor
                    .as_ref()
                    .map(|c| c.stamp.clone())
                    .filter(|s| !s.is_null()),
            };
            let before = start.greatest.clone();
            let projection = crate::store::Projection {
                object: name.clone(),
                fields: Vec::new(),
            };
            let since = start.since.clone();
            reading::read(self.world, side, 0, &projection, &since, &mut |records| {
                start.saw(records.iter().map(|r| &r.record.stamp));
                Ok(())
            })?;
            changed |= match (&before, &start.greatest) {
                (Some(before), Some(now)) => !before.same(now),
                (None, None) => false,
                _ => true,
            };
            let cursor = Cursor {
                stamp: start.greatest.unwrap_or_default(),
                read_at,
            };
            effects.push(Effect::Cursor {
                relationship: key.into(),
                side,
                object: name,
                cursor,
            });
        }
        Ok((effects, changed))
    }

    /// Records to look at again although they may not have changed: alternative and id.
    fn extra(&self, side: Side) -> Vec<(usize, Value)> {
        let objects = &self.rules.sides[side.index()].objects;
        let of = |r: &Revisit| {
            objects
                .iter()
                .position(|o| o.name == r.object)
                .map(|a| (a, r.id.clone()))
        };
        self.standing
            .revisits
            .iter()
            .filter(|r| r.side == side)
            .filter_map(of)
            .collect()
    }

    fn find_partners(
        &mut self,
        starts: &[Start],
        extra: &[Vec<(usize, Value)>; 2],
        extra_is_all: bool,
    ) -> Result<(), PlanError> {
        let matches = {
            let id = self.id;
            let mut progress = read_so_far(self.sink, id);
            let mut matching = Matching {
                unlinked: !self.any_link,
                extra_is_all,
                ..matching(self.world, id, self.rules, &self.lifted, &mut progress)
            };
            matching.run(starts, [&extra[0], &extra[1]])?
        };
        self.matched(matches);
        Ok(())
    }

    /// Goes on with these partners.
    fn matched(&mut self, matches: Matches) {
        let before = std::mem::replace(&mut self.matches, Arc::new(matches));
        self.paired.release(&before);
    }

    fn object(&self, side: Side, rec: &Rec) -> SmolStr {
        self.rules.sides[side.index()].objects[rec.alternative]
            .name
            .clone()
    }

    fn lines<'r>(&'r self, left: Option<&'r Rec>, right: Option<&'r Rec>) -> Lines<'r, 'a> {
        Lines {
            world: self.world,
            relationship: self.id,
            rules: self.rules,
            sides: [left, right],
            kept: &[],
        }
    }

    fn store_name(&self, side: Side) -> SmolStr {
        self.world.program.stores[side.index()].name.clone()
    }

    fn tell(&mut self, text: impl FnOnce() -> String, rule: Option<Rule>) {
        if self.request.explain.is_none() {
            return;
        }
        let text = text();
        // A record that was put off is looked at twice.
        if self.told.insert(text.clone()) {
            self.sink.decision(Decision {
                relationship: self.id,
                text,
                rule,
            });
        }
    }

    fn emit(&mut self, mut unit: Unit) -> Result<(), PlanError> {
        self.emit_again(&mut unit)
    }

    /// As [`Planner::emit`], of one that is filled again.
    fn emit_again(&mut self, unit: &mut Unit) -> Result<(), PlanError> {
        if self.is_asked_for(unit) {
            self.put(unit)
        } else {
            Ok(())
        }
    }

    /// The ways that the run goes here. Where it goes every way that the relationship has, it is a whole one, which reads on from where
    /// it came to.
    fn directions(&self) -> [bool; 2] {
        let asked = self.request.directions;
        let whole = (0..2).all(|at| asked[at] || !self.rules.enabled[at]);
        if whole { [true, true] } else { asked }
    }

    /// Its operations go the way that the run goes; write-backs belong to what they follow.
    fn is_asked_for(&self, unit: &Unit) -> bool {
        let wanted = self.directions();
        unit.operations
            .iter()
            .all(|o| wanted[o.direction.index()] || o.kind == OperationKind::WriteBack)
    }

    /// Makes the records that the unit's lookups did not find, where the unit itself is carried out.
    fn make_for(&mut self, unit: Option<&Unit>) -> Result<(), PlanError> {
        if unit.is_some_and(|unit| !self.is_asked_for(unit)) {
            return Ok(());
        }
        for wanted in self.world.take_wanted(self.id) {
            self.make(wanted)?;
        }
        Ok(())
    }

    fn put(&mut self, unit: &mut Unit) -> Result<(), PlanError> {
        for operation in &unit.operations {
            self.world.note_planned(operation);
        }
        self.summary.add(unit);
        self.sink.unit(unit)
    }

    /// Deletes come last, in the reverse order of the relationships.
    fn later(&mut self, unit: Unit) -> Result<(), PlanError> {
        if unit
            .operations
            .iter()
            .any(|o| o.kind == OperationKind::Delete)
        {
            let wanted = self.directions();
            if unit.operations.iter().all(|o| wanted[o.direction.index()]) {
                self.summary.add(&unit);
                self.deferred.push(unit);
            }
            return Ok(());
        }
        self.emit(unit)
    }

    fn finish(
        mut self,
        starts: Vec<Start>,
        queried: Vec<Effect>,
        rules_now: u64,
    ) -> Result<Vec<Unit>, PlanError> {
        if self.brought {
            for (side, object, id) in self.standing.held() {
                self.world.note_held(self.id, side, object, id);
            }
        }
        let standing = std::mem::take(&mut self.standing);
        let (held, failures, conflicts) =
            standing.tell(self.world.ledger, &self.rules.name, self.sink)?;
        let summary = self.summary.of(self.id);
        summary.held += held;
        summary.errors += failures;
        summary.conflicts += conflicts;
        if self.directions() != [true, true] {
            return Ok(self.deferred);
        }
        for start in starts {
            let object = self.rules.sides[start.side.index()].objects[start.alternative]
                .name
                .clone();
            let cursor = Cursor {
                stamp: start.greatest.unwrap_or_default(),
                read_at: start.read_at,
            };
            self.sink.effect(Effect::Cursor {
                relationship: self.rules.name.clone(),
                side: start.side,
                object,
                cursor,
            })?;
        }
        for effect in queried {
            self.sink.effect(effect)?;
        }
        self.sink.effect(Effect::Complete {
            relationship: self.rules.name.clone(),
            rules: rules_now,
        })?;
        Ok(self.deferred)
    }
}

/// Tells how many records of each side matching has read.
fn read_so_far(sink: &mut dyn Sink, relationship: RelId) -> impl FnMut(Side, u64) {
    move |side, read| {
        sink.progress(Progress {
            relationship,
            side,
            read,
            total: None,
            phase: Phase::Match,
        })
    }
}

/// Of a relationship without links.
fn matching<'p, 'w, 'a>(
    world: &'w World<'a>,
    relationship: RelId,
    rules: &'a Relationship,
    lifted: &'p FxHashSet<i64>,
    progress: &'p mut dyn FnMut(Side, u64),
) -> Matching<'p, 'w, 'a> {
    Matching {
        world,
        relationship,
        rules,
        unlinked: true,
        extra_is_all: false,
        lifted,
        follows: Default::default(),
        failed: Default::default(),
        progress,
    }
}
