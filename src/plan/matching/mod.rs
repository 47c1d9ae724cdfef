//! Finding partners for records without a link, key by key, in both directions (engine, section 4; language reference, 5.1).

mod candidate;
mod candidates;
mod claims;
mod column;
mod index;
mod keys;
mod lookups;
mod matches;
mod partners;
mod records;
mod resolve;
mod sieve;

use super::PlanError;
use super::ids::{IdKey, RecordKey, record_key};
use super::lines::Lines;
use super::merge::FieldFailure;
use super::reading::{self, Start};
use super::world::{Rec, World};
use crate::program::{RelId, Relationship, Side, evaluate_ref};
use crate::value::{Value, encode};
pub use candidate::Candidate;
pub use candidates::Candidates;
use keys::{KeyHash, key_hash};
pub use matches::Matches;
use partners::Partners;
pub use records::Records;
use rustc_hash::{FxHashMap, FxHashSet};
pub use sieve::Sieve;
use smol_str::SmolStr;

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
        if self.rules.keys.is_empty() && self.rules.follow.is_empty() {
            return Ok(Matches::default());
        }
        let complete = Side::BOTH.map(|side| {
            self.extra_is_all
                || (starts
                    .iter()
                    .filter(|s| s.side == side)
                    .all(Start::complete)
                    && !starts.is_empty())
        });
        let mut left = self.nobody(Side::Left);
        self.survey(starts, Side::Left, extra[0], &mut |c| left.push(c))?;
        // Where both sides are read whole, only right records that a left one could claim are kept. Records that share a partner find
        // one another, too.
        let thin = complete == [true, true] && self.rules.many != Some(Side::Right);
        let sieve = thin.then(|| Sieve::of(&left));
        let mut right = self.nobody(Side::Right);
        self.survey(starts, Side::Right, extra[1], &mut |mut c| {
            if sieve.as_ref().is_none_or(|sieve| sieve.narrow(&mut c)) {
                right.push(c);
            }
        })?;
        drop(sieve);
        if !complete[1] && !left.is_empty() {
            self.pool(Side::Right, &left, &mut right)?;
        }
        if !complete[0] && !right.is_empty() {
            self.pool(Side::Left, &right, &mut left)?;
        }
        if self.rules.many.is_none() {
            left = left.shared_with(&right);
        }
        let (mut matches, _) = self.partners([left, right]);
        matches.followed = self.follow_targets()?;
        Ok(matches)
    }

    /// The records of a side, read whole, that may look for a partner.
    pub fn one_side(&mut self, starts: &[Start], side: Side) -> Result<Candidates, PlanError> {
        let mut all = self.nobody(side);
        self.survey(starts, side, &[], &mut |c| all.push(c))?;
        Ok(all)
    }

    /// The partners of two sides' candidates, and who these are.
    pub fn partners(&self, candidates: [Candidates; 2]) -> (Matches, [Records; 2]) {
        let mut matches = Matches::default();
        let pairs = self.resolve([&candidates[0], &candidates[1]], &mut matches);
        let records = candidates.map(Candidates::into_records);
        let rules = self.rules.keys.iter().map(|key| key.rule).collect();
        matches.partners = Partners::new(pairs, [&records[0], &records[1]], rules);
        matches.failed = self.failed.take();
        (matches, records)
    }

    /// No candidates of a side yet.
    pub fn nobody(&self, side: Side) -> Candidates {
        let aged = reading::ages_count(self.rules) || self.rules.many == Some(side);
        Candidates::new(self.rules.keys.len(), aged)
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
        let keys: Box<[_]> = (0..self.rules.keys.len())
            .map(|level| self.key(level, side, rec, bytes))
            .collect();
        keys.iter()
            .any(Option::is_some)
            .then(|| Candidate::new(rec.alternative, rec.record.id.clone(), keys))
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
    fn key(&self, level: usize, side: Side, rec: &Rec, bytes: &mut Vec<u8>) -> Option<KeyHash> {
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
        let scope = lines.scope(None);
        bytes.clear();
        for (left, right) in &key.columns {
            let column = if side == Side::Left { left } else { right };
            let value = match evaluate_ref(column, &scope) {
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
            match &*value {
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
        Some(key_hash(bytes))
    }
}
