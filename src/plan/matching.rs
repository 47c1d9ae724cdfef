//! Finding partners for records without a link, key by key, in both directions (engine, section 4; language reference, 5.1).

use std::cmp::Ordering;

use super::PlanError;
use super::ids::{IdKey, RecordKey, record_key};
use super::lines::Lines;
use super::merge::FieldFailure;
use super::reading::{self, Start};
use super::world::{Rec, World};
use crate::program::{Duplicates, Expr, RelId, Relationship, Rule, Side};
use crate::store::Since;
use crate::value::{Value, encode};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

/// A record without a link that may find a partner.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub alternative: usize,
    pub id: Value,
    /// By key: the hash of its values; `None` where one is blank or the key is not for it.
    keys: Vec<Option<u128>>,
    /// When it was made (or changed); null where the store does not tell.
    age: Value,
}

impl Candidate {
    fn claims(&self) -> impl Iterator<Item = (usize, u128)> {
        let keys = self.keys.iter().enumerate();
        keys.filter_map(|(level, hash)| hash.map(|hash| (level, hash)))
    }
    fn key(&self) -> RecordKey {
        record_key(self.alternative, &self.id)
    }
}

/// What matching came to.
#[derive(Debug, Default)]
pub struct Matches {
    /// By side, from a record to its partner: alternative, id and the key that found it.
    partners: [FxHashMap<RecordKey, Match>; 2],
    /// By side: records whose key finds several.
    ambiguous: [FxHashMap<RecordKey, Ambiguous>; 2],
    /// By side: records of which a key has no value.
    failed: [FxHashMap<RecordKey, FieldFailure>; 2],
    /// `many`: records of that side whose new partner another record of this plan makes.
    sharers: FxHashSet<RecordKey>,
    /// Records that a live link is about to move to (`follow`), by side.
    followed: [FxHashSet<RecordKey>; 2],
    /// By side: what becomes one, under the record that stays.
    merges: [FxHashMap<IdKey, Group>; 2],
    /// By side: records that another one takes in, with that one's id.
    taken_in: [FxHashMap<IdKey, Value>; 2],
}

#[derive(Debug, Clone)]
pub struct Match {
    pub alternative: usize,
    pub id: Value,
    pub rule: Rule,
}

/// What a key finds.
#[derive(Debug, Clone)]
pub struct Hits {
    /// Its place among the keys.
    pub key: usize,
    /// Ids, with when each was made (or changed).
    pub records: Vec<(Value, Value)>,
}

/// Records that `duplicates merge` makes one.
#[derive(Debug, Clone)]
pub struct Group {
    /// Oldest first, without the one that stays.
    pub losers: Vec<Value>,
    pub rule: Rule,
}

#[derive(Debug, Clone)]
pub struct Ambiguous {
    pub because: String,
    pub rule: Rule,
}

impl Matches {
    pub fn partner(&self, side: Side, rec: &Rec) -> Option<&Match> {
        self.partners[side.index()].get(&rec.key())
    }
    /// `many`: the last one that changed makes the partner that several share.
    pub fn shares(&self, rec: &Rec) -> bool {
        self.sharers.contains(&rec.key())
    }
    pub fn merge(&self, side: Side, id: &Value) -> Option<&Group> {
        self.merges[side.index()].get(&IdKey(id.clone()))
    }
    /// The record that this one becomes part of.
    pub fn taken_in(&self, side: Side, id: &Value) -> Option<&Value> {
        self.taken_in[side.index()].get(&IdKey(id.clone()))
    }
    pub fn is_followed(&self, side: Side, rec: &Rec) -> bool {
        self.followed[side.index()].contains(&rec.key())
    }
    pub fn failed(&self, side: Side, rec: &Rec) -> Option<&FieldFailure> {
        self.failed[side.index()].get(&rec.key())
    }
    pub fn ambiguous(&self, side: Side, rec: &Rec) -> Option<&Ambiguous> {
        self.ambiguous[side.index()].get(&rec.key())
    }
}

/// The keys that candidates of one side have, by their place among the keys.
#[derive(Debug, Default)]
pub struct Claims(FxHashSet<(usize, u128)>);

impl Claims {
    pub fn of(candidates: &[Candidate]) -> Claims {
        Claims(candidates.iter().flat_map(Candidate::claims).collect())
    }

    /// Whether a candidate of the other side has one of them.
    pub fn claim(&self, candidate: &Candidate) -> bool {
        candidate.claims().any(|claim| self.0.contains(&claim))
    }
}

pub struct Matching<'p, 'w, 'a> {
    pub world: &'w World<'a>,
    pub relationship: RelId,
    pub rules: &'a Relationship,
    /// No record of this relationship is linked yet.
    pub unlinked: bool,
    /// The single records are all that have no link: nothing else is a partner of theirs.
    pub extra_is_all: bool,
    /// Tombstones of records that are sent by hand.
    pub lifted: &'p FxHashSet<i64>,
    /// Records that go on as another one: their side, object, id and that one's id.
    pub follows: std::cell::RefCell<Vec<(Side, usize, Value, RecordKey)>>,
    /// By side: records of which a key has no value.
    pub failed: std::cell::RefCell<[FxHashMap<RecordKey, FieldFailure>; 2]>,
    /// Tells how many records were looked at.
    pub progress: &'p mut dyn FnMut(Side, u64),
}

impl<'a> Matching<'_, '_, 'a> {
    /// The partners of all unlinked records that these reads (and single records) bring.
    pub fn run(
        &mut self,
        starts: &[Start],
        extra: [&[(usize, Value)]; 2],
    ) -> Result<Matches, PlanError> {
        let mut matches = Matches::default();
        if self.rules.keys.is_empty() && self.rules.follow.is_empty() {
            return Ok(matches);
        }
        let complete = Side::BOTH.map(|side| {
            self.extra_is_all
                || (starts
                    .iter()
                    .filter(|s| s.side == side)
                    .all(Start::complete)
                    && !starts.is_empty())
        });
        let mut left = Vec::new();
        self.survey(starts, Side::Left, extra[0], &mut |c| left.push(c))?;
        // Where both sides are read whole, only right records that a left one could claim are kept.
        let claims = match complete {
            [true, true] => Claims::of(&left),
            _ => Claims::default(),
        };
        let mut right = Vec::new();
        self.survey(starts, Side::Right, extra[1], &mut |c| {
            // Records that share a partner find one another, too.
            let claimed = complete != [true, true]
                || self.rules.many == Some(Side::Right)
                || claims.claim(&c);
            if claimed {
                right.push(c);
            }
        })?;
        if !complete[1] && !left.is_empty() {
            self.pool(Side::Right, &left, &mut right)?;
        }
        if !complete[0] && !right.is_empty() {
            self.pool(Side::Left, &right, &mut left)?;
        }
        self.resolve(&left, &right, &mut matches);
        matches.followed = self.follow_targets()?;
        matches.failed = self.failed.take();
        Ok(matches)
    }

    /// The records of a side, read whole, that may look for a partner.
    pub fn one_side(&mut self, starts: &[Start], side: Side) -> Result<Vec<Candidate>, PlanError> {
        let mut all = Vec::new();
        self.survey(starts, side, &[], &mut |c| all.push(c))?;
        Ok(all)
    }

    /// The partners of two sides' candidates.
    pub fn partners(&self, candidates: [&[Candidate]; 2]) -> Matches {
        let mut matches = Matches::default();
        self.resolve(candidates[0], candidates[1], &mut matches);
        matches.failed = self.failed.take();
        matches
    }

    fn survey(
        &mut self,
        starts: &[Start],
        side: Side,
        extra: &[(usize, Value)],
        keep: &mut dyn FnMut(Candidate),
    ) -> Result<(), PlanError> {
        let mut seen = FxHashSet::default();
        let track = !extra.is_empty();
        let mut count = 0;
        for start in starts.iter().filter(|s| s.side == side) {
            let projection = reading::survey(self.rules, side, start.alternative);
            reading::read(
                self.world,
                side,
                start.alternative,
                &projection,
                &start.since,
                &mut |records| {
                    count += records.len() as u64;
                    (self.progress)(side, count);
                    for candidate in self.candidates(side, records)? {
                        if track {
                            seen.insert(IdKey(candidate.id.clone()));
                        }
                        keep(candidate);
                    }
                    Ok(())
                },
            )?;
        }
        for alternative in 0..self.rules.sides[side.index()].objects.len() {
            let ids: Vec<Value> = extra
                .iter()
                .filter(|(a, id)| *a == alternative && !seen.contains(&IdKey(id.clone())))
                .map(|(_, id)| id.clone())
                .collect();
            if ids.is_empty() {
                continue;
            }
            let projection = reading::survey(self.rules, side, alternative);
            for ids in ids.chunks(reading::PAGE) {
                let records = reading::get(self.world, side, alternative, &projection, ids)?;
                self.candidates(side, records.into_iter().flatten().collect())?
                    .into_iter()
                    .for_each(&mut *keep);
            }
        }
        Ok(())
    }

    /// Those of the records that have no link and may look for a partner.
    fn candidates(&self, side: Side, records: Vec<Rec>) -> Result<Vec<Candidate>, PlanError> {
        let many = self.rules.many == Some(side.other());
        let linked = if self.unlinked || many {
            FxHashSet::default()
        } else {
            self.linked(side, &records)?
        };
        let mut bytes = Vec::new();
        let mut candidates = Vec::new();
        for (place, mut rec) in records.into_iter().enumerate() {
            if let Some(target) = self.followed(side, &rec) {
                self.follows
                    .borrow_mut()
                    .push((side, rec.alternative, rec.record.id, target));
                continue;
            }
            if linked.contains(&place) {
                continue;
            }
            let Some(mut candidate) = self.candidate(side, &rec, &mut bytes) else {
                continue;
            };
            candidate.age = match self.rules.many == Some(side) {
                true => rec.record.stamp,
                false => rec
                    .record
                    .values
                    .last_mut()
                    .map(std::mem::take)
                    .unwrap_or_default(),
            };
            candidates.push(candidate);
        }
        Ok(candidates)
    }

    /// The record, which has no link, where it may look for a partner; its age is not told.
    pub fn candidate(&self, side: Side, rec: &Rec, bytes: &mut Vec<u8>) -> Option<Candidate> {
        let object = &self.rules.sides[side.index()].objects[rec.alternative].name;
        if rec.record.deleted
            || !self.passes(side, rec)
            || self
                .world
                .is_brought(self.relationship, side, object, rec.id())
        {
            return None;
        }
        let keys: Vec<_> = (0..self.rules.keys.len())
            .map(|level| self.key(level, side, rec, bytes))
            .collect();
        keys.iter().any(Option::is_some).then(|| Candidate {
            alternative: rec.alternative,
            id: rec.record.id.clone(),
            keys,
            age: Value::Null,
        })
    }

    /// Whether a key of the record has no value.
    pub fn has_failed(&self, side: Side, rec: &Rec) -> bool {
        let failed = &self.failed.borrow()[side.index()];
        !failed.is_empty() && failed.contains_key(&rec.key())
    }

    /// The records that live links move to.
    fn follow_targets(&self) -> Result<[FxHashSet<RecordKey>; 2], PlanError> {
        let mut targets: [FxHashSet<RecordKey>; 2] = Default::default();
        for side in Side::BOTH {
            let of_side = self.follows.take();
            let (here, rest): (Vec<_>, Vec<_>) =
                of_side.into_iter().partition(|(s, ..)| *s == side);
            self.follows.replace(rest);
            let ids: Vec<Value> = here.iter().map(|(_, _, id, _)| id.clone()).collect();
            for (place, link) in self.world.ledger.links(&self.rules.name, side, &ids)? {
                let (_, alternative, _, target) = &here[place];
                if !link.closed
                    && self.rules.sides[side.index()].objects[*alternative].name
                        == link.objects[side.index()]
                {
                    targets[side.index()].insert(target.clone());
                }
            }
        }
        Ok(targets)
    }

    /// The places of records that have a link.
    fn linked(&self, side: Side, records: &[Rec]) -> Result<FxHashSet<usize>, PlanError> {
        let mut linked = FxHashSet::default();
        for (alternative, object) in self.rules.sides[side.index()].objects.iter().enumerate() {
            let (places, ids): (Vec<usize>, Vec<Value>) = records
                .iter()
                .enumerate()
                .filter(|(_, r)| r.alternative == alternative)
                .map(|(place, r)| (place, r.id().clone()))
                .unzip();
            let ledger = self.world.ledger;
            let numbers = ledger.link_numbers(&self.rules.name, side, &object.name, &ids)?;
            let tied = numbers
                .into_iter()
                .filter(|(_, n)| !self.lifted.contains(n));
            linked.extend(tied.map(|(at, _)| places[at]));
        }
        Ok(linked)
    }

    fn lines<'r>(&'r self, side: Side, rec: &'r Rec) -> Lines<'r, 'a> {
        let mut sides = [None, None];
        sides[side.index()] = Some(rec);
        Lines {
            world: self.world,
            relationship: self.relationship,
            rules: self.rules,
            sides,
            kept: &[],
        }
    }

    fn followed(&self, side: Side, rec: &Rec) -> Option<RecordKey> {
        let mut targets = self
            .rules
            .follow
            .iter()
            .filter(|f| f.side == side && f.from == rec.alternative)
            .map(|f| (f.to, rec.slot(f.slot)));
        let (to, target) = targets.find(|(_, t)| !t.is_blank())?;
        Some(record_key(to, target))
    }

    /// The filter of the direction that this side sends.
    fn passes(&self, side: Side, rec: &Rec) -> bool {
        let filters = &self.rules.directions[side.sends().index()].filters;
        filters
            .iter()
            .filter(|f| {
                f.alternatives.has(rec.alternative)
                    || self.rules.sides[side.index()].objects.len() == 1
            })
            .all(|f| {
                crate::program::is_true(&f.when, &self.lines(side, rec).scope(None))
                    .unwrap_or(false)
            })
    }

    /// The hash of a record's values for a key; `None` where one is blank or the key is not for it.
    fn key(&self, level: usize, side: Side, rec: &Rec, bytes: &mut Vec<u8>) -> Option<u128> {
        let key = &self.rules.keys[level];
        if self.rules.sides[side.index()].objects.len() > 1
            && !key.alternatives.has(rec.alternative)
        {
            return None;
        }
        let lines = self.lines(side, rec);
        if side == Side::Right && !lines.holds(&key.filter).unwrap_or(false) {
            return None;
        }
        bytes.clear();
        for (left, right) in &key.columns {
            let value = match lines.value(if side == Side::Left { left } else { right }) {
                Ok(value) => value,
                Err(error) => {
                    let failure = FieldFailure {
                        side,
                        field: SmolStr::default(),
                        message: format!("a match key: {error}"),
                        rule: key.rule,
                    };
                    self.failed.borrow_mut()[side.index()].insert(rec.key(), failure);
                    return None;
                }
            };
            if value.is_blank() {
                return None;
            }
            match &value {
                // E-mail addresses match without regard to case (engine, section 4).
                Value::Text(text)
                    if text.contains('@')
                        && !text
                            .bytes()
                            .all(|b| b.is_ascii() && !b.is_ascii_uppercase()) =>
                {
                    encode(&Value::Text(text.to_lowercase().into()), bytes)
                }
                Value::Text(_) => encode(&value, bytes),
                other => bytes.extend_from_slice(&other.hash64().to_le_bytes()),
            }
        }
        Some(xxhash_rust::xxh3::xxh3_128(bytes))
    }

    /// The records of an alternative that share a key with `rec`, linked ones too: of the first key that finds any.
    pub fn others_of(
        &self,
        side: Side,
        rec: &Rec,
        alternative: usize,
    ) -> Result<Option<Hits>, PlanError> {
        let mut bytes = Vec::new();
        let keys: Vec<Option<u128>> = (0..self.rules.keys.len())
            .map(|level| self.key(level, side, rec, &mut bytes))
            .collect();
        if keys.iter().all(Option::is_none) {
            return Ok(None);
        }
        let wanted = [Candidate {
            alternative: rec.alternative,
            id: rec.id().clone(),
            keys,
            age: Value::Null,
        }];
        let other = side.other();
        let mut found: Vec<Vec<(Value, Value)>> = vec![Vec::new(); self.rules.keys.len()];
        let mut add = |records: Vec<Rec>| {
            for mut each in records.into_iter().filter(|r| !r.record.deleted) {
                let mut bytes = Vec::new();
                let level = (0..self.rules.keys.len()).find(|l| {
                    let key = self.key(*l, other, &each, &mut bytes);
                    key.is_some() && key == wanted[0].keys[*l]
                });
                let age = each.record.values.last_mut().map(std::mem::take);
                let entry = (each.record.id, age.unwrap_or_default());
                if let Some(place) = level.and_then(|l| found.get_mut(l))
                    && !place.iter().any(|(id, _)| id.same(&entry.0))
                {
                    place.push(entry);
                }
            }
            Ok(())
        };
        let projection = reading::survey(self.rules, other, alternative);
        match self.lookups(other, alternative, &wanted)? {
            Some(lookups) => {
                for (fields, keys) in lookups {
                    let hits = self
                        .world
                        .store(other, |s| s.find(&projection, &fields, &keys))?;
                    let hits = hits.into_iter().flatten();
                    add(hits
                        .map(|record| Rec {
                            alternative,
                            record,
                        })
                        .collect())?;
                }
            }
            None => reading::read(
                self.world,
                other,
                alternative,
                &projection,
                &Since::Start,
                &mut add,
            )?,
        }
        let level = found.iter().position(|f| !f.is_empty());
        Ok(level.map(|key| Hits {
            key,
            records: std::mem::take(&mut found[key]),
        }))
    }

    /// Unlinked records of `side`, changed or not, that share a key with one of `wanted`: by lookups where an index answers them, else
    /// by one pass over the object.
    fn pool(
        &self,
        side: Side,
        wanted: &[Candidate],
        into: &mut Vec<Candidate>,
    ) -> Result<(), PlanError> {
        let claims: FxHashSet<(usize, u128)> = wanted.iter().flat_map(Candidate::claims).collect();
        if claims.is_empty() {
            return Ok(());
        }
        let mut known: FxHashSet<(usize, IdKey)> = into
            .iter()
            .map(|c| (c.alternative, IdKey(c.id.clone())))
            .collect();
        for alternative in 0..self.rules.sides[side.index()].objects.len() {
            let projection = reading::survey(self.rules, side, alternative);
            let mut add = |records: Vec<Rec>| {
                let hits = records
                    .into_iter()
                    .filter(|rec| {
                        let mut bytes = Vec::new();
                        (0..self.rules.keys.len()).any(|l| {
                            self.key(l, side, rec, &mut bytes)
                                .is_some_and(|h| claims.contains(&(l, h)))
                        })
                    })
                    .collect::<Vec<_>>();
                for candidate in self.candidates(side, hits)? {
                    if known.insert((candidate.alternative, IdKey(candidate.id.clone()))) {
                        into.push(candidate);
                    }
                }
                Ok(())
            };
            match self.lookups(side, alternative, wanted)? {
                Some(lookups) => {
                    for (fields, keys) in lookups {
                        let found = self
                            .world
                            .store(side, |s| s.find(&projection, &fields, &keys))?;
                        add(found
                            .into_iter()
                            .flatten()
                            .map(|record| Rec {
                                alternative,
                                record,
                            })
                            .collect())?;
                    }
                }
                None => reading::read(
                    self.world,
                    side,
                    alternative,
                    &projection,
                    &Since::Start,
                    &mut add,
                )?,
            }
        }
        Ok(())
    }

    /// Every key as an indexed lookup of plain fields with the values of the wanted records; `None` where one key is more than that.
    #[allow(clippy::type_complexity)]
    fn lookups(
        &self,
        side: Side,
        alternative: usize,
        wanted: &[Candidate],
    ) -> Result<Option<Vec<(Vec<smol_str::SmolStr>, Vec<Vec<Value>>)>>, PlanError> {
        let mut lookups = Vec::new();
        let object = &self.rules.sides[side.index()].objects[alternative].name;
        let other = side.other();
        let mut read: FxHashMap<usize, Vec<Rec>> = FxHashMap::default();
        for (level, key) in self.rules.keys.iter().enumerate() {
            let mut fields = Vec::new();
            for (left, right) in &key.columns {
                let Expr::Field(of, slot) = (if side == Side::Left { left } else { right }) else {
                    return Ok(None);
                };
                if *of != side {
                    return Ok(None);
                }
                fields.push(
                    self.rules.sides[side.index()].slots[slot.0 as usize]
                        .field
                        .clone(),
                );
            }
            if !self.world.store(side, |s| Ok(s.indexed(object, &fields)))? {
                return Ok(None);
            }
            let mut keys = Vec::new();
            for candidate in wanted.iter().filter(|c| c.keys[level].is_some()) {
                let records = match read.entry(candidate.alternative) {
                    std::collections::hash_map::Entry::Occupied(e) => e.into_mut(),
                    std::collections::hash_map::Entry::Vacant(e) => {
                        let ids: Vec<Value> = wanted
                            .iter()
                            .filter(|c| c.alternative == candidate.alternative)
                            .map(|c| c.id.clone())
                            .collect();
                        let projection = reading::survey(self.rules, other, candidate.alternative);
                        e.insert(
                            reading::get(
                                self.world,
                                other,
                                candidate.alternative,
                                &projection,
                                &ids,
                            )?
                            .into_iter()
                            .flatten()
                            .collect(),
                        )
                    }
                };
                let Some(rec) = records.iter().find(|r| r.id().same(&candidate.id)) else {
                    continue;
                };
                let lines = self.lines(other, rec);
                let values: Option<Vec<Value>> = key
                    .columns
                    .iter()
                    .map(|(l, r)| lines.value(if other == Side::Left { l } else { r }).ok())
                    .collect();
                let Some(values) = values else { continue };
                if values
                    .iter()
                    .any(|v| matches!(v, Value::Text(t) if t.contains('@')))
                    || wanted.len() > 5_000
                {
                    return Ok(None);
                }
                keys.push(values);
            }
            lookups.push((fields, keys));
        }
        Ok(Some(lookups))
    }

    fn resolve(&self, left: &[Candidate], right: &[Candidate], matches: &mut Matches) {
        let mut settled: [Vec<bool>; 2] = [vec![false; left.len()], vec![false; right.len()]];
        for (level, key) in self.rules.keys.iter().enumerate() {
            let mut groups: FxHashMap<u128, [Vec<usize>; 2]> = FxHashMap::default();
            for (side, list) in [left, right].into_iter().enumerate() {
                for (i, candidate) in list.iter().enumerate() {
                    if let (Some(hash), false) = (candidate.keys[level], settled[side][i]) {
                        groups.entry(hash).or_default()[side].push(i);
                    }
                }
            }
            for (_, group) in groups {
                if let Some(many) = self.rules.many.map(Side::index)
                    && group[1 - many].is_empty()
                    && group[many].len() > 1
                {
                    let list = [left, right][many];
                    let latest = group[many].iter().copied().reduce(|a, b| {
                        if list[b].age.order(&list[a].age) == Some(Ordering::Less) {
                            a
                        } else {
                            b
                        }
                    });
                    let others = group[many].iter().filter(|i| Some(**i) != latest);
                    matches.sharers.extend(others.map(|i| list[*i].key()));
                }
                if group.iter().any(Vec::is_empty) {
                    continue;
                }
                self.settle(
                    [left, right],
                    group,
                    key.rule,
                    key.duplicates,
                    &mut settled,
                    matches,
                );
            }
        }
    }

    fn settle(
        &self,
        lists: [&[Candidate]; 2],
        mut group: [Vec<usize>; 2],
        rule: Rule,
        duplicates: Duplicates,
        settled: &mut [Vec<bool>; 2],
        matches: &mut Matches,
    ) {
        let shared = self.rules.many.map(Side::index);
        let mut pair = |left: usize, right: usize, settled: &mut [Vec<bool>; 2]| {
            for (side, (from, to)) in [(left, right), (right, left)].into_iter().enumerate() {
                // What several share is found again by a further key.
                settled[side][from] = shared != Some(1 - side);
                let partner = &lists[1 - side][to];
                let found = Match {
                    alternative: partner.alternative,
                    id: partner.id.clone(),
                    rule,
                };
                matches.partners[side]
                    .entry(lists[side][from].key())
                    .or_insert(found);
            }
        };
        // Within a key the alternatives are tried in the order of the header; those that may share one all have it.
        let mut firsts: [Vec<usize>; 2] = Default::default();
        for (side, list) in group.iter_mut().enumerate() {
            if shared == Some(side) {
                firsts[side].clone_from(list);
            } else if let Some(first) = list.iter().map(|i| lists[side][*i].alternative).min() {
                let of_first = |i: &usize| lists[side][*i].alternative == first;
                firsts[side] = list.iter().copied().filter(of_first).collect();
                if firsts[side].len() == 1 {
                    list.clone_from(&firsts[side]);
                }
            }
        }
        let plural = |side: usize| group[side].len() > 1 && shared != Some(side);
        if !plural(0) && !plural(1) {
            match shared {
                Some(many) => {
                    let one = group[1 - many][0];
                    for each in &group[many] {
                        if many == 0 {
                            pair(*each, one, settled)
                        } else {
                            pair(one, *each, settled)
                        }
                    }
                }
                None => pair(group[0][0], group[1][0], settled),
            }
            return;
        }
        let choice = match duplicates {
            Duplicates::Oldest => Some(Ordering::Less),
            Duplicates::Newest => Some(Ordering::Greater),
            Duplicates::Create => {
                for (side, list) in group.iter().enumerate() {
                    list.iter().for_each(|i| settled[side][*i] = true);
                }
                return;
            }
            // Of those that become one the oldest stays.
            Duplicates::Merge => Some(Ordering::Less),
            Duplicates::Error => None,
        };
        let chosen = choice.and_then(|wanted| {
            let of_side = |side: usize| match shared {
                Some(many) if many == side => firsts[side].first().copied(),
                _ => best(lists[side], &firsts[side], wanted),
            };
            Some([of_side(0)?, of_side(1)?])
        });
        if let Some([left, right]) = chosen {
            if duplicates == Duplicates::Merge {
                for (each, one) in [(left, right)].into_iter().chain(
                    (shared.into_iter())
                        .flat_map(|many| group[many].iter().map(move |i| (many, *i)))
                        .map(|(many, i)| if many == 0 { (i, right) } else { (left, i) }),
                ) {
                    pair(each, one, settled);
                }
                for (side, stays) in [left, right].into_iter().enumerate() {
                    if shared != Some(side) {
                        take_in(lists[side], side, &firsts[side], stays, rule, matches);
                        firsts[side].iter().for_each(|i| settled[side][*i] = true);
                    }
                }
                return;
            }
            match shared {
                Some(0) => group[0].iter().for_each(|each| pair(*each, right, settled)),
                Some(_) => group[1].iter().for_each(|each| pair(left, *each, settled)),
                None => pair(left, right, settled),
            }
            return;
        }
        for side in 0..2 {
            let names: Vec<String> = group[1 - side]
                .iter()
                .map(|i| lists[1 - side][*i].id.to_string())
                .collect();
            let rivals: Vec<String> = group[side]
                .iter()
                .map(|i| lists[side][*i].id.to_string())
                .collect();
            let because = match (names.len(), rivals.len()) {
                (1, _) => format!(
                    "its key finds {}, which {} claim too",
                    names[0],
                    listed(&rivals)
                ),
                _ => format!("its key finds several: {}", listed(&names)),
            };
            for i in &group[side] {
                settled[side][*i] = true;
                let ambiguous = Ambiguous {
                    because: because.clone(),
                    rule,
                };
                matches.ambiguous[side].insert(lists[side][*i].key(), ambiguous);
            }
        }
    }
}

/// Notes that the other records of a key become part of the one that stays.
fn take_in(
    list: &[Candidate],
    side: usize,
    group: &[usize],
    stays: usize,
    rule: Rule,
    matches: &mut Matches,
) {
    let mut others: Vec<&Candidate> = group
        .iter()
        .filter(|i| **i != stays)
        .map(|i| &list[*i])
        .collect();
    if others.is_empty() {
        return;
    }
    others.sort_by(|a, b| {
        let by_age = a.age.order(&b.age).unwrap_or(Ordering::Equal);
        by_age.then_with(|| a.id.order(&b.id).unwrap_or(Ordering::Equal))
    });
    let survivor = &list[stays].id;
    for other in &others {
        matches.taken_in[side].insert(IdKey(other.id.clone()), survivor.clone());
    }
    let losers = others.into_iter().map(|c| c.id.clone()).collect();
    matches.merges[side].insert(IdKey(survivor.clone()), Group { losers, rule });
}

fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let mut sorted = names.to_vec();
    sorted.sort();
    let more = sorted.len().saturating_sub(SHOWN);
    sorted.truncate(SHOWN);
    let text = sorted.join(", ");
    if more > 0 {
        format!("{text} and {more} more")
    } else {
        text
    }
}

/// The one that is oldest (or newest); `None` where two are equally so, or a record's age is not known.
fn best(list: &[Candidate], group: &[usize], wanted: Ordering) -> Option<usize> {
    let mut best = *group.first()?;
    let mut tie = false;
    for &i in &group[1..] {
        match list[i].age.order(&list[best].age) {
            Some(Ordering::Equal) | None => tie = true,
            Some(order) if order == wanted => {
                best = i;
                tie = false;
            }
            Some(_) => {}
        }
    }
    (!tie).then_some(best)
}
