//! Records with a link, or with a partner that a key found: merged, followed, ended.

use std::borrow::Cow;

use super::Planner;
use super::explain::describe;
use super::merging::Merging;
use crate::ledger::{Conflict, Link};
use crate::plan::PlanError;
use crate::plan::base::LineBase;
use crate::plan::ids::IdKey;
use crate::plan::lines::Lines;
use crate::plan::merge::{Merged, Settled, agrees};
use crate::plan::pair::{Found, Pairing, leaving, plan_pair};
use crate::plan::reading::{self};
use crate::plan::remove::{self, Gone};
use crate::plan::world::Rec;
use crate::program::{Direction, Follow, Rule, Side};
use crate::value::Value;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

impl<'a> Planner<'_, '_, 'a> {
    pub(super) fn linked(
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
            let taken = match self.standing.settled(Some(link.number), "") {
                Some(Settled::Take(side)) => Some(side),
                Some(Settled::Frozen | Settled::Listed | Settled::Turning(_)) | None => None,
            };
            let decision = remove::Decision {
                tolerance: self.request.tolerance,
                taken,
                shared: self.is_shared(link, gone)?,
            };
            let lines = self.lines(left, right);
            let end = remove::deleted(&lines, link, gone, rest, &old, &at, decision);
            self.tell(|| "its partner or itself was deleted".to_string(), None);
            self.forget(side, object, rec.id())?;
            return match end {
                Gone::Ended(unit) => {
                    self.ended.insert(link.number);
                    self.standing.settle(link.number, &[], self.sink)?;
                    self.later(*unit)
                }
                Gone::Disputed { because, rule } => self.disputed(link, because, rule),
            };
        }
        let (Some(left), Some(right)) = (left, right) else {
            return Ok(());
        };
        let kept = self.layouts.kept(&link.base);
        let lines = Lines {
            kept: &kept,
            ..self.lines(Some(left), Some(right))
        };
        if let Some((direction, filter)) = leaving(&lines) {
            let shared = self.is_shared(link, direction.source())?;
            let unit = crate::plan::remove::left_filter(
                &lines,
                link,
                direction,
                filter,
                [left, right],
                shared,
            );
            self.ended.insert(link.number);
            let rule = filter.rule;
            self.tell(
                || format!("it left the `{} when` filter", direction.word()),
                Some(rule),
            );
            self.forget(side, object, rec.id())?;
            return self.later(unit);
        }
        if self.converts([left, right], link, &old)? {
            return Ok(());
        }
        self.pair(left, right, Found::Linked(link), old)
    }

    pub(super) fn followed<'r>(&self, side: Side, rec: &'r Rec) -> Option<(&'a Follow, &'r Value)> {
        let follow = self.rules.follow.iter().find(|f| {
            f.side == side && f.from == rec.alternative && !rec.slot(f.slot).is_blank()
        })?;
        Some((follow, rec.slot(follow.slot)))
    }

    /// The record of `side` was converted or merged: its link goes on with the record that it names.
    pub(super) fn follow(
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
            return self.disputed(link, because, follow.rule);
        }
        self.paired.insert(&self.matches, side, follow.to, &target);
        let old = vec![None; self.rules.lines.len()];
        let (left, right) = if side == Side::Right {
            (partner, &found)
        } else {
            (&found, partner)
        };
        self.pair(left, right, Found::Moved(link, side, follow.rule), old)
    }

    /// `many`: whether other records of `side` are linked to the same partner.
    fn is_shared(&self, link: &Link, side: Side) -> Result<bool, PlanError> {
        if self.rules.many != Some(side) {
            return Ok(false);
        }
        let partner = std::slice::from_ref(&link.ids[side.other().index()]);
        let links = self
            .world
            .ledger
            .links(&self.rules.name, side.other(), partner)?;
        let other =
            |l: &Link| l.number != link.number && !l.closed && !self.ended.contains(&l.number);
        Ok(links.iter().any(|(_, l)| other(l)))
    }

    /// A link that a person is to decide about, as a whole.
    pub(super) fn disputed(
        &mut self,
        link: &Link,
        because: String,
        rule: Rule,
    ) -> Result<(), PlanError> {
        let whole = SmolStr::default();
        self.standing
            .settle(link.number, std::slice::from_ref(&whole), self.sink)?;
        let conflict = Conflict {
            relationship: self.rules.name.clone(),
            link: link.number,
            objects: link.objects.clone(),
            ids: link.ids.clone(),
            field: whole,
            left: link.ids[0].clone(),
            right: link.ids[1].clone(),
            because,
            rule: self.world.program.location(rule),
            frozen: false,
            take: None,
        };
        self.summary.of(self.id).conflicts += 1;
        self.sink.conflict(conflict, false)
    }

    pub(super) fn pair(
        &mut self,
        left: &Rec,
        right: &Rec,
        found: Found<'_>,
        old: Vec<LineBase>,
    ) -> Result<(), PlanError> {
        if let Found::Linked(link) = &found
            && self.agrees(left, right, link, &old)
        {
            return self.agreed(left, right, link);
        }
        let mut merges = Vec::new();
        let mut filled = [Cow::Borrowed(left), Cow::Borrowed(right)];
        if matches!(found, Found::Matched(_)) {
            for side in Side::BOTH {
                match self.merging(side, &filled[side.index()])? {
                    Merging::None => {}
                    Merging::Done(rec, operation) => {
                        filled[side.index()] = Cow::Owned(rec);
                        merges.push(*operation);
                    }
                    Merging::Held(missing) => {
                        let source = side.other();
                        let object = self.object(source, &filled[source.index()]);
                        let id = filled[source.index()].id().clone();
                        return self.hold(source.sends(), &object, &id, missing);
                    }
                }
            }
        }
        let (left, right) = (&*filled[0], &*filled[1]);
        let link = match &found {
            Found::Linked(l) | Found::Moved(l, ..) => Some(*l),
            Found::Matched(_) => None,
        };
        let number = link.map(|l| l.number);
        let yields = self.yields(left, right, number)?;
        let settled = |field: &str| self.standing.settled(number, field);
        let disputed = number.is_some_and(|n| self.standing.is_disputed(n));
        let pairing = Pairing {
            old,
            tolerance: self.request.tolerance,
            settled: disputed.then_some(&settled),
            yields,
        };
        let kept = match &found {
            Found::Linked(link) => self.layouts.kept(&link.base),
            Found::Moved(..) | Found::Matched(_) => Vec::new(),
        };
        let lines = Lines {
            kept: &kept,
            ..self.lines(Some(left), Some(right))
        };
        let mut plan = plan_pair(&lines, left, right, &found, pairing)?;
        if let Some(unit) = &mut plan.unit {
            unit.operations.splice(0..0, merges);
        }
        if plan.unit.as_ref().is_some_and(|unit| self.puts_off(unit)) {
            for (side, rec) in [(Side::Left, left), (Side::Right, right)] {
                self.paired
                    .remove(&self.matches, side, rec.alternative, rec.id());
            }
            number.into_iter().for_each(|n| self.seen.forget(n));
            return Ok(());
        }
        let waits = self.world.was_unanswered();
        self.make_for(plan.unit.as_ref())?;
        if self.referred && link.is_none() {
            self.world
                .note_coming(self.id, Side::Left, left.key(), Some(right.id().clone()));
            self.world
                .note_coming(self.id, Side::Right, right.key(), Some(left.id().clone()));
        }
        self.listed(&plan.merged, [left, right], link, waits)?;
        if self.request.explain.is_some() {
            let text = match &plan.unit {
                Some(unit) if !unit.operations.is_empty() => unit
                    .operations
                    .iter()
                    .map(|o| describe(self.world.program, o))
                    .collect::<Vec<_>>(),
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
        self.planned_by_hand(Side::Left, left);
        self.planned_by_hand(Side::Right, right);
        match plan.unit {
            Some(unit) => self.emit(unit),
            None => Ok(()),
        }
    }

    /// Tells and notes what is listed of a pair, and whether it waits.
    fn listed(
        &mut self,
        merged: &Merged,
        records: [&Rec; 2],
        link: Option<&Link>,
        waits: bool,
    ) -> Result<(), PlanError> {
        self.list(merged, records, link)?;
        let source = if self.rules.enabled[Direction::Pull.index()] {
            Side::Right
        } else {
            Side::Left
        };
        self.note_waiting(source, records[source.index()], waits)?;
        // It may have waited on its other side, before it was linked.
        let other = source.other();
        self.note_waiting(other, records[other.index()], false)
    }

    /// Whether it can be seen at once that both records are as the link knows them.
    fn agrees(&self, left: &Rec, right: &Rec, link: &Link, old: &[LineBase]) -> bool {
        let lines = self.lines(Some(left), Some(right));
        let versions = [left, right].map(|r| &r.record.stamp);
        self.request.explain.is_none()
            && self.rules.was.is_empty()
            && self.rules.many.is_none()
            && !self.world.is_by_hand()
            && Side::BOTH
                .into_iter()
                .all(|s| link.stamps[s.index()].same(versions[s.index()]))
            && !self.standing.is_disputed(link.number)
            && Direction::BOTH
                .into_iter()
                .all(|d| self.rules.directions[d.index()].filters.is_empty())
            && agrees(&lines, left, right, old)
    }

    fn agreed(&mut self, left: &Rec, right: &Rec, link: &Link) -> Result<(), PlanError> {
        let waits = self.world.was_unanswered();
        self.listed(&Merged::default(), [left, right], Some(link), waits)
    }

    /// `many`: whether another partner of the shared record changed after this one.
    pub(super) fn yields(
        &self,
        left: &Rec,
        right: &Rec,
        link: Option<i64>,
    ) -> Result<bool, PlanError> {
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
}
