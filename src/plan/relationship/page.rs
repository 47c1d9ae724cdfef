//! Pages of records: those that need no look are dropped, partners, links and references are fetched for the rest in one go.

use super::Planner;
use super::apart::Aside;
use crate::ledger::Link;
use crate::plan::ahead::{Beside, Fetcher};
use crate::plan::ids::IdKey;
use crate::plan::reading::{self, Start};
use crate::plan::world::Rec;
use crate::plan::{Phase, PlanError, Progress};
use crate::program::{Conversion, Expr, Side};
use crate::store::Projection;
use crate::value::Value;
use rustc_hash::FxHashMap;

impl<'a> Planner<'_, '_, 'a> {
    pub(super) fn read(&mut self, start: &mut Start) -> Result<(), PlanError> {
        self.read_start(start, None, None)
    }

    /// With `unlinked`, records without a link are put there and not decided about; with `aside`, those that it takes.
    pub(super) fn read_start(
        &mut self,
        start: &mut Start,
        mut unlinked: Option<&mut Vec<(usize, Value)>>,
        mut aside: Option<&mut Aside>,
    ) -> Result<(), PlanError> {
        let side = start.side;
        let (world, alternative, since) = (self.world, start.alternative, start.since.clone());
        let mut projection = reading::whole(self.rules, side, alternative);
        let total = world.store(side, |s| s.estimate(&projection.object))?;
        let total = start.complete().then_some(total);
        let mut read = 0;
        let skip = !self.full
            && self.any_link
            && self.rules.sides[side.index()].objects[alternative]
                .modified
                .is_some();
        // Most pairs are decided about already: their records are known by their ids.
        let known = unlinked.is_some() && !self.seen.is_empty();
        let whole = known.then(|| projection.clone());
        if known {
            projection.fields.clear();
        }
        // The partners of a full comparison are fetched while others are compared.
        let id = self.id;
        let beside = unlinked.is_some() && aside.is_none() && !known && !skip;
        let fetcher = || match beside {
            true => Fetcher::new(world, id, side),
            false => Ok(None),
        };
        reading::read_with(
            world,
            side,
            alternative,
            &projection,
            &since,
            &mut |mut records, beside| {
                read += records.len() as u64;
                self.sink.progress(Progress {
                    relationship: self.id,
                    side,
                    read,
                    total,
                    phase: Phase::Merge,
                });
                start.saw(records.iter().map(|r| &r.record.stamp));
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
                if let Some(whole) = &whole {
                    records = self.undecided(side, alternative, records, whole)?;
                }
                if let Some(aside) = &mut aside {
                    records = self.set_aside(side, records, aside);
                }
                self.page_of(side, records, unlinked.as_deref_mut(), beside)
            },
            fetcher,
        )
    }

    /// Of the records, read without their fields, those whole that no pair has decided about.
    fn undecided(
        &self,
        side: Side,
        alternative: usize,
        records: Vec<Rec>,
        whole: &Projection,
    ) -> Result<Vec<Rec>, PlanError> {
        let ids: Vec<Value> = records.into_iter().map(|r| r.record.id).collect();
        let ledger = self.world.ledger;
        let links = ledger.link_numbers(&self.rules.name, side, &whole.object, &ids)?;
        let mut decided = vec![false; ids.len()];
        for (place, _) in &links {
            decided[*place] = true;
        }
        for (place, number) in links {
            decided[place] &= self.seen.contains(number);
        }
        let mut decided = decided.into_iter();
        let ids: Vec<Value> = ids
            .into_iter()
            .filter(|_| !decided.next().unwrap_or(false))
            .collect();
        let found = reading::get(self.world, side, alternative, whole, &ids)?;
        Ok(found.into_iter().flatten().collect())
    }

    pub(super) fn is_waiting(&self, side: Side, rec: &Rec) -> bool {
        !self.waiting.is_empty()
            && self
                .waiting
                .contains(&(side, self.object(side, rec), IdKey(rec.id().clone())))
    }

    pub(super) fn revisit(
        &mut self,
        side: Side,
        extra: &[(usize, Value)],
    ) -> Result<(), PlanError> {
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

    /// Decides about a page of records of one side; again about those that wait for records which are brought over first.
    pub(super) fn page(&mut self, side: Side, records: Vec<Rec>) -> Result<(), PlanError> {
        self.page_of(side, records, None, None)
    }

    /// With `unlinked`, records without a link are put there and not decided about.
    pub(super) fn page_of(
        &mut self,
        side: Side,
        mut records: Vec<Rec>,
        mut unlinked: Option<&mut Vec<(usize, Value)>>,
        mut beside: Option<Beside>,
    ) -> Result<(), PlanError> {
        while !records.is_empty() {
            records = self.decide(side, records, unlinked.as_deref_mut(), beside.take())?;
            self.bring()?;
        }
        Ok(())
    }

    /// The records that are put off.
    fn decide(
        &mut self,
        side: Side,
        records: Vec<Rec>,
        mut unlinked: Option<&mut Vec<(usize, Value)>>,
        beside: Option<Beside>,
    ) -> Result<Vec<Rec>, PlanError> {
        let mut links: FxHashMap<usize, Vec<Link>> = FxHashMap::default();
        let mut linked = vec![false; records.len()];
        let fetched = beside.is_some();
        let Beside {
            links: found,
            mut partners,
        } = match beside {
            Some(beside) => beside,
            None if self.any_link => {
                let ids: Vec<Value> = records.iter().map(|r| r.id().clone()).collect();
                Beside {
                    links: self.world.ledger.links(&self.rules.name, side, &ids)?,
                    ..Beside::default()
                }
            }
            None => Beside::default(),
        };
        if self.any_link {
            let objects = &self.rules.sides[side.index()].objects;
            for (place, link) in found {
                if objects[records[place].alternative].name == link.objects[side.index()]
                    && !self.lifted.contains(&link.number)
                {
                    linked[place] = true;
                    // What the partner's read has decided about needs no second look, and no partner.
                    if link.closed || self.rules.many.is_some() || !self.seen.contains(link.number)
                    {
                        links.entry(place).or_default().push(link);
                    }
                }
            }
        }
        if !fetched {
            partners = self.fetch_partners(side, &records, &links)?;
        }
        self.fetch_references(&records, &partners, side)?;
        self.ask_ahead(side, &records, &links, &partners)?;
        let once = self.made_once(side, &records)?;
        let mut put_off = Vec::new();
        for (place, rec) in records.into_iter().enumerate() {
            let turns = self.brings.then(|| self.world.turns_now());
            let found = links.remove(&place).unwrap_or_default();
            let object = self.object(side, &rec);
            self.world.begin_record();
            if !linked[place] {
                if let Some(unlinked) = &mut unlinked {
                    unlinked.push((rec.alternative, rec.record.id));
                    continue;
                }
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
            if std::mem::take(&mut self.put_off) {
                turns.into_iter().for_each(|t| self.world.turn_back(t));
                put_off.push(rec);
            }
        }
        Ok(put_off)
    }

    pub(super) fn made_once(&self, side: Side, records: &[Rec]) -> Result<Vec<bool>, PlanError> {
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
    pub(super) fn fetch_partners(
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
            // What the partner's read has decided about needs no partner.
            if self
                .paired
                .contains(&self.matches, side, rec.alternative, rec.id())
            {
                continue;
            }
            if let Some(found) = self.matches.partner(side, rec) {
                wanted[found.alternative].push(found.id);
            }
        }
        reading::by_id(self.rules, other, &wanted, |projection, ids| {
            self.world.store(other, |s| s.get(projection, ids))
        })
    }

    /// What the queries of a page's records need, in one go for each query.
    fn ask_ahead(
        &self,
        side: Side,
        records: &[Rec],
        links: &FxHashMap<usize, Vec<Link>>,
        partners: &FxHashMap<(usize, IdKey), Rec>,
    ) -> Result<(), PlanError> {
        if self.rules.queries.is_empty() {
            return Ok(());
        }
        let other = side.other();
        let objects = &self.rules.sides[other.index()].objects;
        let linked = |place: usize| {
            let link = links.get(&place)?.iter().find(|l| !l.closed)?;
            let name = &link.objects[other.index()];
            let at = objects.iter().position(|o| o.name == *name)?;
            partners.get(&(at, IdKey(link.ids[other.index()].clone())))
        };
        let matched = |rec: &Rec| {
            let found = self.matches.partner(side, rec)?;
            partners.get(&(found.alternative, IdKey(found.id)))
        };
        let pairs = records.iter().enumerate().map(|(place, rec)| {
            let mut sides = [None, None];
            sides[side.index()] = Some(rec);
            sides[other.index()] = linked(place).or_else(|| matched(rec));
            sides
        });
        self.world.ask_ahead(self.id, &self.asks, &pairs.collect())
    }

    /// The links that the `via` lines of a page need, in one go for each relationship.
    pub(super) fn fetch_references(
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
}
