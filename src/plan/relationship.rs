//! The plan of one relationship: which records to look at, and for each of them which decision applies.

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::base::{Layouts, LineBase, layout};
use super::create::{Creation, plan_create};
use super::ids::IdKey;
use super::lines::Lines;
use super::matching::{Matches, Matching};
use super::merge::{FieldFailure, Merged, Missing};
use super::pair::{Found, Pairing, failing_filter, leaving, plan_pair};
use super::reading::{self, Start};
use super::standing::Standing;
use super::world::{Rec, World};
use super::{
    Because, Change, Decision, LinkOutcome, Operation, OperationKind, Phase, PlanError, Progress,
    Request, SourceRecord, Summary, To, Unit,
};
use crate::ledger::{Conflict, Cursor, Effect, Failure, Held, Link, Revisit};
use crate::program::{Conversion, Direction, Expr, Follow, RelId, Relationship, Rule, Side};
use crate::store::Since;
use crate::value::Value;

/// Which links of a run have been looked at: a bit for each link number.
#[derive(Default)]
struct Seen(Vec<u64>);

impl Seen {
    /// Whether it is seen for the first time.
    fn insert(&mut self, number: i64) -> bool {
        let (word, bit) = (number as usize / 64, 1u64 << (number as usize % 64));
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        let fresh = self.0[word] & bit == 0;
        self.0[word] |= bit;
        fresh
    }
    fn contains(&self, number: i64) -> bool {
        self.0
            .get(number as usize / 64)
            .is_some_and(|w| w >> (number as usize % 64) & 1 == 1)
    }
}

pub struct Planner<'p, 'w, 'a> {
    world: &'w World<'a>,
    request: &'p Request,
    sink: &'p mut dyn super::Sink,
    summary: &'p mut Summary,
    id: RelId,
    rules: &'a Relationship,
    layouts: Layouts,
    standing: Standing,
    matches: Matches,
    seen: Seen,
    /// Records of each side that got a partner in this plan.
    paired: [FxHashSet<IdKey>; 2],
    waiting: FxHashSet<(Side, SmolStr, IdKey)>,
    /// Of the records to look at again, those that a read has brought already.
    looked_at: FxHashSet<(Side, SmolStr, IdKey)>,
    /// Some relationship asks for the links of this one.
    referred: bool,
    any_link: bool,
    /// Every record is compared, whatever its stamp.
    full: bool,
    /// Deletes, for the end of the plan.
    deferred: Vec<Unit>,
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
            .relationships
            .iter()
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
            matches: Matches::default(),
            seen: Seen::default(),
            paired: Default::default(),
            waiting,
            looked_at: FxHashSet::default(),
            referred,
            any_link: world.ledger.any_link(&rules.name)?,
            full: request.full,
            deferred: Vec::new(),
        })
    }

    /// The layouts of bases, for `apply`.
    pub fn run(mut self) -> Result<Vec<Unit>, PlanError> {
        if let Some((side, object, id)) = self.request.explain.clone() {
            self.explain(side, &object, &id)?;
            return Ok(Vec::new());
        }
        self.alter()?;
        let rules_now = self.world.program.rules_hash();
        let before = self.world.ledger.completed_rules(&self.rules.name)?;
        self.full |= before.is_some_and(|b| b != rules_now);
        let queried = self.queried_changed()?;
        self.full |= queried.1 && before.is_some();
        let mut starts = reading::starts(self.world, self.rules, self.request, self.full)?;
        let extra = Side::BOTH.map(|side| self.extra(side));
        self.find_partners(&starts, &extra)?;
        for side in [Side::Right, Side::Left] {
            for start in starts.iter_mut().filter(|s| s.side == side) {
                self.read(start)?;
            }
            self.revisit(side, &extra[side.index()])?;
        }
        if self.full || starts.iter().all(Start::complete) {
            self.missing()?;
        }
        for side in Side::BOTH {
            self.purge(side)?;
        }
        self.finish(starts, queried.0, rules_now)
    }

    fn alter(&mut self) -> Result<(), PlanError> {
        for addition in &self.rules.additions {
            let there = self.world.program.stores[addition.side.index()]
                .schema
                .objects
                .get(&addition.object);
            if there.is_none() {
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
            };
            self.emit(Unit {
                relationship: self.id,
                link: None,
                records: [None, None],
                operations: vec![operation],
                base: Vec::new(),
                old_base: Vec::new(),
                outcome: LinkOutcome::None,
                moved: None,
            })?;
        }
        Ok(())
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
            let key = format!("{} (queried)", self.rules.name);
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
                greatest: cursor.as_ref().map(|c| c.stamp.clone()),
                cursor,
            };
            let before = start.greatest.clone();
            let projection = crate::store::Projection {
                object: name.clone(),
                fields: Vec::new(),
            };
            let since = start.since.clone();
            reading::read(self.world, side, 0, &projection, &since, &mut |records| {
                records.iter().for_each(|r| start.saw(&r.record.stamp));
                Ok(())
            })?;
            changed |= !matches!((&before, &start.greatest), (Some(a), Some(b)) if a.same(b));
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
    ) -> Result<(), PlanError> {
        let (id, sink) = (self.id, &mut *self.sink);
        let mut progress = |side, read| {
            sink.progress(Progress {
                relationship: id,
                side,
                read,
                total: None,
                phase: Phase::Match,
            })
        };
        let mut matching = Matching {
            world: self.world,
            relationship: id,
            rules: self.rules,
            unlinked: !self.any_link,
            follows: Default::default(),
            progress: &mut progress,
        };
        self.matches = matching.run(starts, [&extra[0], &extra[1]])?;
        Ok(())
    }

    fn read(&mut self, start: &mut Start) -> Result<(), PlanError> {
        let side = start.side;
        let projection = reading::whole(self.rules, side, start.alternative);
        let total = self.world.store(side, |s| s.estimate(&projection.object))?;
        let total = start.complete().then_some(total);
        let (world, alternative, since) = (self.world, start.alternative, start.since.clone());
        let mut read = 0;
        let skip = !self.full
            && self.any_link
            && self.rules.sides[side.index()].objects[alternative]
                .modified
                .is_some();
        reading::read(
            world,
            side,
            alternative,
            &projection,
            &since,
            &mut |mut records| {
                read += records.len() as u64;
                self.sink.progress(Progress {
                    relationship: self.id,
                    side,
                    read,
                    total,
                    phase: Phase::Merge,
                });
                records.iter().for_each(|r| start.saw(&r.record.stamp));
                if skip {
                    let pairs: Vec<(Value, Value)> = records
                        .iter()
                        .map(|r| (r.record.id.clone(), r.record.stamp.clone()))
                        .collect();
                    let known =
                        world
                            .ledger
                            .known(&self.rules.name, side, &projection.object, &pairs)?;
                    let mut known = known.into_iter();
                    records.retain(|r| !known.next().unwrap_or(false) || self.is_waiting(side, r));
                }
                if !self.waiting.is_empty() {
                    let waiting = records.iter().filter(|r| self.is_waiting(side, r));
                    let keys: Vec<_> = waiting
                        .map(|r| (side, self.object(side, r), IdKey(r.id().clone())))
                        .collect();
                    self.looked_at.extend(keys);
                }
                self.page(side, records)
            },
        )
    }

    fn is_waiting(&self, side: Side, rec: &Rec) -> bool {
        !self.waiting.is_empty()
            && self
                .waiting
                .contains(&(side, self.object(side, rec), IdKey(rec.id().clone())))
    }

    fn object(&self, side: Side, rec: &Rec) -> SmolStr {
        self.rules.sides[side.index()].objects[rec.alternative]
            .name
            .clone()
    }

    fn revisit(&mut self, side: Side, extra: &[(usize, Value)]) -> Result<(), PlanError> {
        for alternative in 0..self.rules.sides[side.index()].objects.len() {
            let name = self.rules.sides[side.index()].objects[alternative]
                .name
                .clone();
            let again = |id: &Value| {
                !self
                    .looked_at
                    .contains(&(side, name.clone(), IdKey(id.clone())))
            };
            let ids: Vec<Value> = extra
                .iter()
                .filter(|(a, id)| *a == alternative && again(id))
                .map(|(_, id)| id.clone())
                .collect();
            let projection = reading::whole(self.rules, side, alternative);
            for chunk in ids.chunks(reading::PAGE) {
                let found = reading::get(self.world, side, alternative, &projection, chunk)?;
                for (id, _) in chunk.iter().zip(&found).filter(|(_, f)| f.is_none()) {
                    self.forget(side, &name, id)?;
                }
                self.page(side, found.into_iter().flatten().collect())?;
            }
        }
        Ok(())
    }

    /// A record that is gone is listed nowhere.
    fn forget(&mut self, side: Side, object: &SmolStr, id: &Value) -> Result<(), PlanError> {
        self.standing
            .unhold(&self.rules.name, side.sends(), object, id, false, self.sink)?;
        self.standing
            .unfail(&self.rules.name, side, object, id, false, self.sink)?;
        if self
            .waiting
            .remove(&(side, object.clone(), IdKey(id.clone())))
        {
            let revisit = Revisit {
                side,
                object: object.clone(),
                id: id.clone(),
            };
            self.sink.effect(Effect::Unwait {
                relationship: self.rules.name.clone(),
                revisit,
            })?;
        }
        Ok(())
    }

    /// Decides about a page of records of one side.
    fn page(&mut self, side: Side, records: Vec<Rec>) -> Result<(), PlanError> {
        if records.is_empty() {
            return Ok(());
        }
        let mut links: FxHashMap<usize, Vec<Link>> = FxHashMap::default();
        if self.any_link {
            let ids: Vec<Value> = records.iter().map(|r| r.id().clone()).collect();
            let objects = &self.rules.sides[side.index()].objects;
            for (place, link) in self.world.ledger.links(&self.rules.name, side, &ids)? {
                if objects[records[place].alternative].name == link.objects[side.index()] {
                    links.entry(place).or_default().push(link);
                }
            }
        }
        let partners = self.fetch_partners(side, &records, &links)?;
        self.fetch_references(&records, &partners, side)?;
        let once = self.made_once(side, &records)?;
        for (place, rec) in records.into_iter().enumerate() {
            let found = links.remove(&place).unwrap_or_default();
            let object = self.object(side, &rec);
            self.world.begin_record();
            if found.is_empty() {
                self.unlinked(
                    side,
                    &rec,
                    &object,
                    &partners,
                    once.get(place).copied().unwrap_or(false),
                )?;
            }
            for link in found {
                self.linked(side, &rec, &object, &link, &partners)?;
            }
        }
        Ok(())
    }

    fn made_once(&self, side: Side, records: &[Rec]) -> Result<Vec<bool>, PlanError> {
        if !self.rules.directions[side.sends().index()].once {
            return Ok(Vec::new());
        }
        let ids: Vec<Value> = records.iter().map(|r| r.id().clone()).collect();
        Ok(self
            .world
            .ledger
            .made_once(&self.rules.name, side.sends(), &ids)?)
    }

    /// The partners of the page's records, by alternative and id.
    fn fetch_partners(
        &self,
        side: Side,
        records: &[Rec],
        links: &FxHashMap<usize, Vec<Link>>,
    ) -> Result<FxHashMap<(usize, IdKey), Rec>, PlanError> {
        let other = side.other();
        let objects = &self.rules.sides[other.index()].objects;
        let mut wanted: Vec<Vec<Value>> = vec![Vec::new(); objects.len()];
        for link in links.values().flatten().filter(|l| !l.closed) {
            if let Some(alternative) = objects
                .iter()
                .position(|o| o.name == link.objects[other.index()])
            {
                wanted[alternative].push(link.ids[other.index()].clone());
            }
        }
        for rec in records {
            if let Some(found) = self.matches.partner(side, rec.id()) {
                wanted[found.alternative].push(found.id.clone());
            }
        }
        let mut partners = FxHashMap::default();
        for (alternative, ids) in wanted.iter().enumerate().filter(|(_, ids)| !ids.is_empty()) {
            let projection = reading::whole(self.rules, other, alternative);
            for (id, rec) in ids.iter().zip(reading::get(
                self.world,
                other,
                alternative,
                &projection,
                ids,
            )?) {
                if let Some(rec) = rec {
                    partners.insert((alternative, IdKey(id.clone())), rec);
                }
            }
        }
        Ok(partners)
    }

    fn followed<'r>(&self, side: Side, rec: &'r Rec) -> Option<(&'a Follow, &'r Value)> {
        let follow = self.rules.follow.iter().find(|f| {
            f.side == side && f.from == rec.alternative && !rec.slot(f.slot).is_blank()
        })?;
        Some((follow, rec.slot(follow.slot)))
    }

    /// The links that the `via` lines of a page need, in one go for each relationship.
    fn fetch_references(
        &self,
        records: &[Rec],
        partners: &FxHashMap<(usize, IdKey), Rec>,
        side: Side,
    ) -> Result<(), PlanError> {
        self.world.forget_links();
        for flow in self
            .rules
            .lines
            .iter()
            .flat_map(|l| [(&l.push, Side::Left), (&l.pull, Side::Right)])
        {
            let (Some(flow), source) = flow else { continue };
            let (Conversion::Via(via), Expr::Field(_, slot)) = (&flow.conversion, &flow.source)
            else {
                continue;
            };
            let here = records
                .iter()
                .filter(|_| source == side)
                .map(|r| r.slot(*slot));
            let there = partners
                .values()
                .filter(|_| source != side)
                .map(|r| r.slot(*slot));
            let ids = here
                .chain(there)
                .filter(|v| !v.is_blank())
                .cloned()
                .collect();
            self.world.fetch_links(via.relationship, source, ids)?;
        }
        Ok(())
    }

    fn lines<'r>(&'r self, left: Option<&'r Rec>, right: Option<&'r Rec>) -> Lines<'r, 'a> {
        Lines {
            world: self.world,
            relationship: self.id,
            rules: self.rules,
            sides: [left, right],
        }
    }

    fn tell(&mut self, text: impl FnOnce() -> String, rule: Option<Rule>) {
        if self.request.explain.is_some() {
            self.sink.decision(Decision {
                relationship: self.id,
                text: text(),
                rule,
            });
        }
    }

    fn linked(
        &mut self,
        side: Side,
        rec: &Rec,
        object: &SmolStr,
        link: &Link,
        partners: &FxHashMap<(usize, IdKey), Rec>,
    ) -> Result<(), PlanError> {
        let other = side.other();
        if link.closed {
            self.seen.insert(link.number);
            let (store, partner) = (self.store_name(other), link.ids[other.index()].clone());
            self.tell(|| format!("its link to {store}.{} {partner} is closed: neither record is made or matched again", link.objects[other.index()]), Some(self.rules.rule));
            return self.forget(side, object, rec.id());
        }
        if !self.seen.insert(link.number) && self.rules.many.is_none() {
            return Ok(());
        }
        let store = self.store_name(other);
        self.tell(
            || {
                format!(
                    "linked to {store}.{} {}",
                    link.objects[other.index()],
                    link.ids[other.index()]
                )
            },
            Some(self.rules.rule),
        );
        let alternative = self.rules.sides[other.index()]
            .objects
            .iter()
            .position(|o| o.name == link.objects[other.index()]);
        let partner =
            alternative.and_then(|a| partners.get(&(a, IdKey(link.ids[other.index()].clone()))));
        if let Some((follow, target)) = self.followed(side, rec) {
            return self.follow(side, follow, target.clone(), link, partner);
        }
        if let Some(partner) = partner
            && let Some((follow, target)) = self.followed(other, partner)
        {
            let target = target.clone();
            return self.follow(other, follow, target, link, Some(rec));
        }
        let old = self.layouts.decode(&link.base);
        let (mut left, mut right) = (Some(rec), partner);
        if side == Side::Right {
            (left, right) = (right, left);
        }
        let gone = if rec.record.deleted {
            Some((side, partner))
        } else if partner.is_none_or(|p| p.record.deleted) {
            Some((other, Some(rec)))
        } else {
            None
        };
        if let Some((gone, rest)) = gone {
            let at = match gone == side {
                true => rec.record.stamp.clone(),
                false => partner.map(|p| p.record.stamp.clone()).unwrap_or_default(),
            };
            let unit =
                super::remove::deleted(&self.lines(left, right), link, gone, rest, &old, &at);
            self.tell(|| "its partner or itself was deleted".to_string(), None);
            self.forget(side, object, rec.id())?;
            return self.later(unit);
        }
        let (Some(left), Some(right)) = (left, right) else {
            return Ok(());
        };
        let lines = self.lines(Some(left), Some(right));
        if let Some((direction, filter)) = leaving(&lines) {
            let unit = super::remove::left_filter(&lines, link, direction, filter, [left, right]);
            let rule = filter.rule;
            self.tell(
                || format!("it left the `{} when` filter", direction.word()),
                Some(rule),
            );
            self.forget(side, object, rec.id())?;
            return self.later(unit);
        }
        self.pair(left, right, Found::Linked(link), old)
    }

    /// The record of `side` was converted or merged: its link goes on with the record that it names.
    fn follow(
        &mut self,
        side: Side,
        follow: &Follow,
        target: Value,
        link: &Link,
        partner: Option<&Rec>,
    ) -> Result<(), PlanError> {
        let projection = reading::whole(self.rules, side, follow.to);
        let found = reading::get(
            self.world,
            side,
            follow.to,
            &projection,
            std::slice::from_ref(&target),
        )?
        .pop()
        .flatten();
        let store = self.store_name(side);
        let to = self.rules.sides[side.index()].objects[follow.to]
            .name
            .clone();
        self.tell(
            || format!("followed to {store}.{to} {target}"),
            Some(follow.rule),
        );
        let (Some(found), Some(partner)) = (
            found.filter(|f| !f.record.deleted),
            partner.filter(|p| !p.record.deleted),
        ) else {
            return Ok(());
        };
        let taken =
            self.world
                .ledger
                .links(&self.rules.name, side, std::slice::from_ref(&target))?;
        if taken
            .iter()
            .any(|(_, l)| !l.closed && l.number != link.number && l.objects[side.index()] == to)
        {
            let because = format!(
                "{} was converted or merged into {target}, which is linked already",
                link.ids[side.index()]
            );
            let conflict = Conflict {
                relationship: self.rules.name.clone(),
                link: link.number,
                objects: link.objects.clone(),
                ids: link.ids.clone(),
                field: SmolStr::default(),
                left: link.ids[0].clone(),
                right: link.ids[1].clone(),
                because,
                rule: self.world.program.location(follow.rule),
                frozen: false,
                take: None,
            };
            self.summary.of(self.id).conflicts += 1;
            return self.sink.conflict(conflict, false);
        }
        self.paired[side.index()].insert(IdKey(target));
        let old = vec![None; self.rules.lines.len()];
        let (left, right) = if side == Side::Right {
            (partner, &found)
        } else {
            (&found, partner)
        };
        self.pair(left, right, Found::Moved(link, side, follow.rule), old)
    }

    fn store_name(&self, side: Side) -> SmolStr {
        self.world.program.stores[side.index()].name.clone()
    }

    fn pair(
        &mut self,
        left: &Rec,
        right: &Rec,
        found: Found<'_>,
        old: Vec<LineBase>,
    ) -> Result<(), PlanError> {
        let link = match &found {
            Found::Linked(l) | Found::Moved(l, ..) => Some((*l).clone()),
            Found::Matched(_) => None,
        };
        let number = link.as_ref().map(|l| l.number);
        let yields = self.yields(left, right, number)?;
        let settled = |field: &str| self.standing.settled(number, field);
        let pairing = Pairing {
            old,
            tolerance: self.request.tolerance,
            settled: &settled,
            yields,
        };
        let lines = self.lines(Some(left), Some(right));
        let plan = plan_pair(&lines, left, right, &found, pairing)?;
        let waits = self.world.was_unanswered();
        for wanted in self.world.take_wanted(self.id) {
            self.make(wanted)?;
        }
        if self.referred && link.is_none() {
            self.world.note_coming(
                self.id,
                Side::Left,
                left.id().clone(),
                Some(right.id().clone()),
            );
            self.world.note_coming(
                self.id,
                Side::Right,
                right.id().clone(),
                Some(left.id().clone()),
            );
        }
        self.list(&plan.merged, [left, right], link.as_ref())?;
        let source = if self.rules.enabled[Direction::Pull.index()] {
            Side::Right
        } else {
            Side::Left
        };
        let rec = [left, right][source.index()];
        self.note_waiting(source, rec, waits)?;
        if self.request.explain.is_some() {
            let text = match &plan.unit {
                Some(unit) if !unit.operations.is_empty() => {
                    unit.operations.iter().map(describe).collect::<Vec<_>>()
                }
                _ => vec!["both sides agree: nothing to do".to_string()],
            };
            let rules: Vec<Option<Rule>> = plan
                .unit
                .iter()
                .flat_map(|u| u.operations.iter().map(|o| Some(o.rule)))
                .collect();
            for (i, line) in text.into_iter().enumerate() {
                self.tell(|| line, rules.get(i).copied().flatten());
            }
        }
        match plan.unit {
            Some(unit) => self.emit(unit),
            None => Ok(()),
        }
    }

    /// Tells and notes what of a pair is held, failed or in conflict, and takes back what no longer is.
    fn list(
        &mut self,
        merged: &Merged,
        records: [&Rec; 2],
        link: Option<&Link>,
    ) -> Result<(), PlanError> {
        for direction in Direction::BOTH {
            let source = records[direction.source().index()];
            let object = self.object(direction.source(), source);
            let all = merged.holds[direction.index()]
                .iter()
                .chain(&merged.field_holds[direction.index()]);
            let mut held: Option<Missing> = None;
            for missing in all {
                match &mut held {
                    None => held = Some(missing.clone()),
                    Some(h) => {
                        h.names.extend(missing.names.iter().cloned());
                        h.because = format!("{}; {}", h.because, missing.because);
                        h.waits |= missing.waits;
                    }
                }
            }
            self.standing.unhold(
                &self.rules.name,
                direction,
                &object,
                source.id(),
                held.is_some(),
                self.sink,
            )?;
            if let Some(missing) = held {
                self.hold(direction, &object, source.id(), missing)?;
            }
            let failures: Vec<&FieldFailure> = merged
                .failures
                .iter()
                .filter(|f| f.side == direction.source())
                .collect();
            self.standing.unfail(
                &self.rules.name,
                direction.source(),
                &object,
                source.id(),
                !failures.is_empty(),
                self.sink,
            )?;
            for failure in failures {
                self.fail(direction.source(), &object, source.id(), failure)?;
            }
        }
        let still: Vec<SmolStr> = merged.conflicts.iter().map(|c| c.field.clone()).collect();
        if let Some(link) = link {
            self.settle(link, &still, merged)?;
        }
        for conflict in &merged.conflicts {
            self.summary.of(self.id).conflicts += 1;
            let row = Conflict {
                relationship: self.rules.name.clone(),
                link: link.map_or(0, |l| l.number),
                objects: [
                    self.object(Side::Left, records[0]),
                    self.object(Side::Right, records[1]),
                ],
                ids: [records[0].id().clone(), records[1].id().clone()],
                field: conflict.field.clone(),
                left: conflict.values[0].clone(),
                right: conflict.values[1].clone(),
                because: conflict.because.clone(),
                rule: self.world.program.location(conflict.rule),
                frozen: conflict.frozen,
                take: None,
            };
            self.sink.conflict(row, false)?;
        }
        Ok(())
    }

    /// Fields that agree again are conflicts no more; those that nobody touched since stay listed.
    fn settle(&mut self, link: &Link, still: &[SmolStr], merged: &Merged) -> Result<(), PlanError> {
        let old = self.layouts.decode(&link.base);
        let untouched = self
            .rules
            .lines
            .iter()
            .enumerate()
            .filter(|(i, _)| old.get(*i).copied().flatten() == merged.base[*i]);
        let mut keep: Vec<SmolStr> = still.to_vec();
        for (_, line) in untouched {
            let field = line
                .pull
                .as_ref()
                .map(|f| &self.rules.sides[0].slots[f.target.0 as usize].field);
            if let Some(field) = field
                && matches!(
                    self.standing.settled(Some(link.number), field),
                    Some(super::merge::Settled::Listed | super::merge::Settled::Frozen)
                )
            {
                keep.push(field.clone());
            }
        }
        let _ = &keep;
        self.standing.settle(link.number, still, self.sink)
    }

    fn hold(
        &mut self,
        direction: Direction,
        object: &SmolStr,
        id: &Value,
        missing: Missing,
    ) -> Result<(), PlanError> {
        self.summary.of(self.id).held += 1;
        let (because, rule) = (missing.because.clone(), missing.rule);
        self.tell(|| format!("held: {because}"), Some(rule));
        let held = Held {
            relationship: self.rules.name.clone(),
            direction,
            object: object.clone(),
            id: id.clone(),
            missing: missing.names,
            because: missing.because,
            rule: self.world.program.location(missing.rule),
            waits: missing.waits,
        };
        self.sink.held(held, false)
    }

    fn fail(
        &mut self,
        side: Side,
        object: &SmolStr,
        id: &Value,
        failure: &FieldFailure,
    ) -> Result<(), PlanError> {
        self.summary.of(self.id).errors += 1;
        let (message, rule) = (failure.message.clone(), failure.rule);
        self.tell(|| format!("failed: {message}"), Some(rule));
        let failure = Failure {
            relationship: self.rules.name.clone(),
            side,
            object: object.clone(),
            id: id.clone(),
            field: Some(failure.field.clone()).filter(|f| !f.is_empty()),
            code: "value".to_string(),
            message: failure.message.clone(),
            sent: "{}".to_string(),
            rule: self.world.program.location(failure.rule),
            transient: false,
        };
        self.sink.failure(failure, false)
    }

    fn unlinked(
        &mut self,
        side: Side,
        rec: &Rec,
        object: &SmolStr,
        partners: &FxHashMap<(usize, IdKey), Rec>,
        once: bool,
    ) -> Result<(), PlanError> {
        if self.paired[side.index()].contains(&IdKey(rec.id().clone())) {
            return Ok(());
        }
        if self.matches.is_followed(side, rec.id()) {
            self.tell(
                || "the link of a converted or merged record moves to it".to_string(),
                Some(self.rules.rule),
            );
            return Ok(());
        }
        if rec.record.deleted {
            self.tell(
                || "it is deleted and was never linked: nothing to do".to_string(),
                None,
            );
            return self.forget(side, object, rec.id());
        }
        if let Some((follow, target)) = self.followed(side, rec) {
            let (target, rule) = (target.clone(), follow.rule);
            self.tell(
                || format!("it goes on as {target}: never matched, created or held"),
                Some(rule),
            );
            return self.forget(side, object, rec.id());
        }
        let direction = side.sends();
        let (mut left, mut right) = (Some(rec), None);
        if side == Side::Right {
            (left, right) = (right, left);
        }
        match failing_filter(&self.lines(left, right), direction) {
            Ok(None) => {}
            Ok(Some(filter)) => {
                let rule = filter.rule;
                self.tell(
                    || format!("the `{} when` filter does not hold", direction.word()),
                    Some(rule),
                );
                return self.forget(side, object, rec.id());
            }
            Err(error) => {
                let rule = self.rules.directions[direction.index()].filters[0].rule;
                let failure = FieldFailure {
                    side,
                    field: SmolStr::default(),
                    message: error.to_string(),
                    rule,
                };
                self.standing
                    .unfail(&self.rules.name, side, object, rec.id(), true, self.sink)?;
                return self.fail(side, object, rec.id(), &failure);
            }
        }
        if let Some(ambiguous) = self.matches.ambiguous(side, rec.id()).cloned() {
            self.standing.unhold(
                &self.rules.name,
                direction,
                object,
                rec.id(),
                true,
                self.sink,
            )?;
            if !self.rules.enabled[direction.index()] {
                return Ok(());
            }
            let missing = Missing {
                names: Vec::new(),
                because: ambiguous.because,
                rule: ambiguous.rule,
                waits: true,
            };
            return self.hold(direction, object, rec.id(), missing);
        }
        if let Some(found) = self.matches.partner(side, rec.id()).cloned() {
            let partner = partners.get(&(found.alternative, IdKey(found.id.clone())));
            if let Some(partner) = partner.filter(|p| !p.record.deleted) {
                self.paired[side.index()].insert(IdKey(rec.id().clone()));
                self.paired[side.other().index()].insert(IdKey(found.id.clone()));
                let store = self.store_name(side.other());
                self.tell(
                    || format!("a match key finds {store} {}", found.id),
                    Some(found.rule),
                );
                let (left, right) = if side == Side::Right {
                    (partner, rec)
                } else {
                    (rec, partner)
                };
                let old = vec![None; self.rules.lines.len()];
                return self.pair(left, right, Found::Matched(found.rule), old);
            }
        }
        if once {
            self.tell(
                || "`create once` has made its record already".to_string(),
                Some(self.rules.rule),
            );
            return self.forget(side, object, rec.id());
        }
        if !self.rules.keys.is_empty() {
            self.tell(
                || "no link, and no match key finds a partner".to_string(),
                self.rules.keys.first().map(|k| k.rule),
            );
        }
        if self.rules.many == Some(side) && self.matches.shares(rec.id()) {
            self.tell(
                || "another record of this plan makes the partner that it shares".to_string(),
                Some(self.rules.rule),
            );
            return self.note_waiting(side, rec, true);
        }
        let creation = plan_create(&self.lines(left, right), direction, rec)?;
        self.created(side, rec, object, creation)
    }

    /// `many`: whether another partner of the shared record changed after this one.
    fn yields(&self, left: &Rec, right: &Rec, link: Option<i64>) -> Result<bool, PlanError> {
        let Some(many) = self.rules.many else {
            return Ok(false);
        };
        let (own, shared) = if many == Side::Left {
            (left, right)
        } else {
            (right, left)
        };
        let links = self.world.ledger.links(
            &self.rules.name,
            many.other(),
            std::slice::from_ref(shared.id()),
        )?;
        let later = |l: &Link| {
            !l.closed
                && Some(l.number) != link
                && l.stamps[many.index()].order(&own.record.stamp)
                    == Some(std::cmp::Ordering::Greater)
        };
        Ok(links.iter().any(|(_, l)| later(l)))
    }

    fn created(
        &mut self,
        side: Side,
        rec: &Rec,
        object: &SmolStr,
        creation: Creation,
    ) -> Result<(), PlanError> {
        let direction = side.sends();
        let waits = self.world.was_unanswered();
        let (held, failed) = (
            matches!(creation, Creation::Held(_)),
            matches!(creation, Creation::Failed(_)),
        );
        self.standing.unhold(
            &self.rules.name,
            direction,
            object,
            rec.id(),
            held,
            self.sink,
        )?;
        self.standing
            .unfail(&self.rules.name, side, object, rec.id(), failed, self.sink)?;
        match creation {
            Creation::Unit(unit) => {
                for wanted in self.world.take_wanted(self.id) {
                    self.make(wanted)?;
                }
                self.note_waiting(side, rec, waits)?;
                if self.referred {
                    self.world
                        .note_coming(self.id, side, rec.id().clone(), None);
                }
                if self.request.explain.is_some() {
                    for operation in &unit.operations {
                        let (text, rule) = (describe(operation), operation.rule);
                        self.tell(|| text, Some(rule));
                    }
                }
                self.emit(*unit)
            }
            Creation::No(why, rule) => {
                self.tell(|| why, rule);
                self.note_waiting(side, rec, waits)
            }
            Creation::Held(missing) => self.hold(direction, object, rec.id(), missing),
            Creation::Failed(failures) => {
                for failure in &failures {
                    self.fail(side, object, rec.id(), failure)?;
                }
                Ok(())
            }
        }
    }

    /// A record that could not see something is looked at again in every run until it can.
    fn note_waiting(&mut self, side: Side, rec: &Rec, waits: bool) -> Result<(), PlanError> {
        if self.request.explain.is_some() {
            return Ok(());
        }
        let object = self.object(side, rec);
        let key = (side, object.clone(), IdKey(rec.id().clone()));
        let revisit = Revisit {
            side,
            object,
            id: rec.id().clone(),
        };
        let relationship = self.rules.name.clone();
        match (waits, self.waiting.contains(&key)) {
            (true, _) => self.sink.effect(Effect::Wait {
                relationship,
                revisit,
            }),
            (false, true) => {
                self.waiting.remove(&key);
                self.sink.effect(Effect::Unwait {
                    relationship,
                    revisit,
                })
            }
            (false, false) => Ok(()),
        }
    }

    /// A `lookup … or create` that found nothing.
    fn make(&mut self, wanted: super::world::Wanted) -> Result<(), PlanError> {
        let query = &self.rules.queries[wanted.query.0 as usize];
        let crate::program::QueryKind::Lookup {
            side, object, keys, ..
        } = &query.kind
        else {
            return Ok(());
        };
        let fields = keys
            .iter()
            .map(|(n, _)| n.clone())
            .zip(wanted.keys)
            .chain(wanted.fields)
            .filter(|(_, v)| !v.is_null());
        let changes = fields
            .map(|(field, value)| Change {
                field,
                from: Value::Null,
                to: To::Value(value),
                line: None,
            })
            .collect();
        let operation = Operation {
            direction: side.other().sends(),
            kind: OperationKind::Create,
            side: *side,
            object: object.clone(),
            id: None,
            source: None::<SourceRecord>,
            changes,
            expect: Value::Null,
            expect_fields: Vec::new(),
            because: Because::LookedUp,
            rule: query.rule,
        };
        self.emit(Unit {
            relationship: self.id,
            link: None,
            records: [None, None],
            operations: vec![operation],
            base: Vec::new(),
            old_base: Vec::new(),
            outcome: LinkOutcome::None,
            moved: None,
        })
    }

    /// Links of which a complete read saw neither record: both are gone.
    fn missing(&mut self) -> Result<(), PlanError> {
        if !self.any_link {
            return Ok(());
        }
        let mut after = 0;
        loop {
            let links = self
                .world
                .ledger
                .link_page(&self.rules.name, after, reading::PAGE)?;
            let Some(last) = links.last() else {
                return Ok(());
            };
            after = last.number;
            for link in links {
                if self.seen.contains(link.number) {
                    continue;
                }
                let unit = super::remove::deleted(
                    &self.lines(None, None),
                    &link,
                    Side::Right,
                    None,
                    &[],
                    &Value::Null,
                );
                self.later(unit)?;
            }
        }
    }

    fn purge(&mut self, side: Side) -> Result<(), PlanError> {
        let direction = side.other().sends();
        for purge in &self.rules.purge[side.index()] {
            if !self.request.directions[direction.index()] {
                continue;
            }
            let projection = reading::whole(self.rules, side, purge.object);
            let world = self.world;
            reading::read(
                world,
                side,
                purge.object,
                &projection,
                &Since::Start,
                &mut |records| {
                    let mut hits = Vec::new();
                    for rec in records.into_iter().filter(|r| !r.record.deleted) {
                        let mut sides = [None, None];
                        sides[side.index()] = Some(&rec);
                        let lines = Lines {
                            world,
                            relationship: self.id,
                            rules: self.rules,
                            sides,
                        };
                        if crate::program::is_true(&purge.when, &lines.scope(None)).unwrap_or(false)
                        {
                            hits.push(rec);
                        }
                    }
                    let ids: Vec<Value> = hits.iter().map(|r| r.id().clone()).collect();
                    let links = world.ledger.links(&self.rules.name, side, &ids)?;
                    for (place, rec) in hits.iter().enumerate() {
                        let link = links
                            .iter()
                            .find(|(p, l)| *p == place && !l.closed)
                            .map(|(_, l)| l);
                        let unit = super::remove::purged(
                            &self.lines(None, None),
                            side,
                            rec,
                            link,
                            purge.rule,
                        );
                        self.later(unit)?;
                    }
                    Ok(())
                },
            )?;
        }
        Ok(())
    }

    fn emit(&mut self, unit: Unit) -> Result<(), PlanError> {
        let wanted = self.request.directions;
        if wanted != [true, true]
            && unit
                .operations
                .iter()
                .any(|o| !wanted[o.direction.index()] && o.kind != OperationKind::WriteBack)
        {
            return Ok(());
        }
        self.summary.add(&unit);
        self.sink.unit(unit)
    }

    /// Deletes come last, in the reverse order of the relationships.
    fn later(&mut self, unit: Unit) -> Result<(), PlanError> {
        if unit
            .operations
            .iter()
            .any(|o| o.kind == OperationKind::Delete)
        {
            let wanted = self.request.directions;
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
        let (held, failures, conflicts) = std::mem::take(&mut self.standing).tell(self.sink)?;
        let summary = self.summary.of(self.id);
        summary.held += held;
        summary.errors += failures;
        summary.conflicts += conflicts;
        if self.request.directions != [true, true] {
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

    fn explain(&mut self, side: Side, object: &SmolStr, id: &Value) -> Result<(), PlanError> {
        let Some(alternative) = self.rules.sides[side.index()]
            .objects
            .iter()
            .position(|o| o.name == *object)
        else {
            return Ok(());
        };
        let projection = reading::whole(self.rules, side, alternative);
        let found = reading::get(
            self.world,
            side,
            alternative,
            &projection,
            std::slice::from_ref(id),
        )?
        .pop()
        .flatten();
        let Some(rec) = found else {
            let store = self.store_name(side);
            self.tell(
                || format!("{store}.{object} has no record {id}"),
                Some(self.rules.rule),
            );
            return Ok(());
        };
        let mut extra: [Vec<(usize, Value)>; 2] = Default::default();
        extra[side.index()].push((alternative, id.clone()));
        let mut starts = reading::starts(self.world, self.rules, self.request, false)?;
        // Nothing is read but this record; its partners are looked for everywhere.
        starts
            .iter_mut()
            .for_each(|s| s.since = Since::Stamp(Value::Text("~".into())));
        self.find_partners(&starts, &extra)?;
        self.page(side, vec![rec])
    }
}

/// An operation in a few words, for `why`.
fn describe(operation: &Operation) -> String {
    let changes: Vec<String> = operation
        .changes
        .iter()
        .map(|c| match &c.to {
            To::Value(value) => format!("{}: {} → {}", c.field, shown(&c.from), shown(value)),
            _ => format!("{}: {} → (known once it is made)", c.field, shown(&c.from)),
        })
        .collect();
    let fields = if changes.is_empty() {
        String::new()
    } else {
        format!(" ({})", changes.join(", "))
    };
    format!(
        "{} {}{fields}, because {}",
        operation.kind.word(),
        operation.object,
        operation.because
    )
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null | Value::Absent => "null".to_string(),
        Value::Text(text) => format!("\"{text}\""),
        other => other.to_string(),
    }
}
