//! Records that are planned by hand: those that a user sends, and those that `or sync` brings over first.

use rustc_hash::FxHashMap;

use super::Planner;
use crate::ledger::Effect;
use crate::plan::reading;
use crate::plan::world::{Partner, Rec, Wish};
use crate::plan::{Change, PlanError, To, Unit};
use crate::program::{RelId, Side};
use crate::value::Value;

impl<'a> Planner<'_, '_, 'a> {
    /// The records of [`crate::plan::Request::send`] that this relationship is about. No cursor moves.
    pub(super) fn send(self) -> Result<Vec<Unit>, PlanError> {
        let of = |side: Side| {
            let objects = &self.rules.sides[side.index()].objects;
            let sent = self.request.send.iter().filter(|s| s.side == side);
            let place = |object: &str| objects.iter().position(|o| o.name == object);
            sent.filter_map(|s| place(&s.object).map(|at| (at, s.id.clone())))
                .collect::<Vec<_>>()
        };
        let records = Side::BOTH.map(of);
        match records.iter().any(|r| !r.is_empty()) {
            true => self.only(&records),
            false => Ok(Vec::new()),
        }
    }

    /// Plans these records (alternative and id, by side) alone, as a whole plan would; gives the deletes that are to come last.
    pub fn only(mut self, records: &[Vec<(usize, Value)>; 2]) -> Result<Vec<Unit>, PlanError> {
        self.alter()?;
        self.these(records)?;
        Ok(self.deferred)
    }

    /// Plans these records (alternative and id, by side) alone; their partners are looked for everywhere.
    fn these(&mut self, records: &[Vec<(usize, Value)>; 2]) -> Result<(), PlanError> {
        for side in Side::BOTH {
            self.lift(side, &records[side.index()])?;
        }
        self.find_partners(&[], records, false)?;
        for side in [Side::Right, Side::Left] {
            for alternative in 0..self.rules.sides[side.index()].objects.len() {
                let of = |(at, id): &(usize, Value)| (*at == alternative).then(|| id.clone());
                let ids: Vec<Value> = records[side.index()].iter().filter_map(of).collect();
                let projection = reading::whole(self.rules, side, alternative);
                for chunk in ids.chunks(reading::PAGE) {
                    let found = reading::get(self.world, side, alternative, &projection, chunk)?;
                    self.page(side, found.into_iter().flatten().collect())?;
                }
            }
        }
        Ok(())
    }

    /// A tombstone stands until one of its records is sent.
    fn lift(&mut self, side: Side, records: &[(usize, Value)]) -> Result<(), PlanError> {
        let ids: Vec<Value> = records.iter().map(|(_, id)| id.clone()).collect();
        for (place, link) in self.world.ledger.links(&self.rules.name, side, &ids)? {
            let object = &self.rules.sides[side.index()].objects[records[place].0].name;
            if link.closed
                && link.objects[side.index()] == *object
                && self.lifted.insert(link.number)
            {
                self.sink.effect(Effect::Remove { link: link.number })?;
            }
        }
        Ok(())
    }

    /// Whether the unit waits for records that are brought over first: it is planned again once they are.
    pub(super) fn puts_off(&mut self, unit: &Unit) -> bool {
        if !self.brings {
            return false;
        }
        let wishes = self.world.take_wishes();
        let needs = |wish: &Wish| {
            let open = |c: &Change| {
                matches!(&c.to, To::Linked { relationship, side, id }
                    if *relationship == wish.relationship && *side == wish.side && id.same(&wish.id))
            };
            unit.operations.iter().any(|o| {
                o.changes.iter().any(open) || o.together.iter().any(|p| p.changes.iter().any(open))
            })
        };
        let needed: Vec<Wish> = wishes.into_iter().filter(needs).collect();
        self.put_off |= !needed.is_empty();
        let puts_off = !needed.is_empty();
        self.wishes.extend(needed);
        puts_off
    }

    /// Brings over what the records that were put off refer to, relationship by relationship, as `send` would.
    pub(super) fn bring(&mut self) -> Result<(), PlanError> {
        let mut wanted: FxHashMap<RelId, Vec<Wish>> = FxHashMap::default();
        for wish in std::mem::take(&mut self.wishes) {
            if self.world.decide(&wish) {
                wanted.entry(wish.relationship).or_default().push(wish);
            }
        }
        let mut wanted: Vec<_> = wanted.into_iter().collect();
        wanted.sort_by_key(|(relationship, _)| *relationship);
        let world = self.world;
        for (relationship, wishes) in wanted {
            let mut records: [Vec<(usize, Value)>; 2] = Default::default();
            for wish in wishes {
                let objects = world.program[relationship].sides[wish.side.index()]
                    .objects
                    .len();
                let unlinked = !matches!(
                    world.partner(relationship, wish.side, &wish.id, None)?,
                    Partner::Coming
                );
                let named = |at: &usize| wish.alternative.is_none_or(|a| a == *at) && unlinked;
                let places = (0..objects).filter(named);
                records[wish.side.index()].extend(places.map(|at| (at, wish.id.clone())));
            }
            let deferred = world.by_hand(|| {
                let (request, sink) = (self.request, &mut *self.sink);
                Planner::new(world, request, sink, &mut *self.summary, relationship)?.only(&records)
            })?;
            self.deferred.extend(deferred);
        }
        world.forget_links();
        Ok(())
    }

    /// The ordinary plan of this relationship passes records by that were brought over.
    pub(super) fn planned_by_hand(&self, side: Side, rec: &Rec) {
        if self.brought && self.world.is_by_hand() {
            let object = self.object(side, rec);
            self.world.note_brought(self.id, side, &object, rec.id());
        }
    }
}
