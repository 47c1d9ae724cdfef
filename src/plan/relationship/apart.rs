//! A first read of two sides of which one is far larger: the smaller one is looked through for what its records match by, so that the
//! larger one need be read only once. Whatever no key of the smaller one claims has no partner and is decided about as it comes.

use super::{Planner, matching, read_so_far};
use crate::plan::PlanError;
use crate::plan::ids::RecordKey;
use crate::plan::matching::{Candidate, Candidates, Matching, Sieve};
use crate::plan::merge::FieldFailure;
use crate::plan::reading::{self, Start};
use crate::plan::world::Rec;
use crate::program::Side;
use crate::value::Value;
use rustc_hash::{FxHashMap, FxHashSet};

/// How many times as large one side must be: what it has in common with the other one is read twice.
const LARGER: u64 = 2;

/// Records of the larger side that may have a partner: they are decided about once all of them are known.
pub struct Aside {
    /// What the smaller side's records match by.
    sieve: Sieve,
    /// Only with the keys that the smaller side may have; those of which a key has no value are among them.
    candidates: Candidates,
    failed: [FxHashMap<RecordKey, FieldFailure>; 2],
}

impl<'a> Planner<'_, '_, 'a> {
    /// The side that is worth reading only once, where there is one.
    pub(super) fn larger(
        &self,
        starts: &[Start],
        extra: &[Vec<(usize, Value)>; 2],
    ) -> Result<Option<Side>, PlanError> {
        if self.any_link
            || self.brings
            || self.brought
            || self.rules.keys.is_empty()
            || !self.rules.follow.is_empty()
            || !self.rules.convert.is_empty()
            || self.rules.many.is_some()
            || reading::ages_count(self.rules)
            || !starts.iter().all(Start::complete)
            || extra.iter().any(|ids| !ids.is_empty())
        {
            return Ok(None);
        }
        let mut counts = [0u64; 2];
        for side in Side::BOTH {
            for object in &self.rules.sides[side.index()].objects {
                counts[side.index()] += self.world.store(side, |s| s.estimate(&object.name))?;
            }
        }
        let larger = |side: Side| {
            let [own, other] = [side, side.other()].map(|s| counts[s.index()]);
            own > reading::PAGE as u64 && own / LARGER >= other
        };
        Ok(Side::BOTH.into_iter().find(|side| larger(*side)))
    }

    /// Reads both sides, `large` first.
    pub(super) fn read_apart(
        &mut self,
        starts: &mut [Start],
        large: Side,
    ) -> Result<(), PlanError> {
        let small = large.other();
        let id = self.id;
        let none = FxHashSet::default();
        let (own, failed) = {
            let mut progress = read_so_far(self.sink, id);
            let mut matching = matching(self.world, id, self.rules, &none, &mut progress);
            let own = matching.one_side(starts, small)?;
            (own, matching.failed.take())
        };
        let mut aside = Aside {
            sieve: Sieve::of(&own),
            candidates: Candidates::new(self.rules.keys.len(), false),
            failed,
        };
        for start in starts.iter_mut().filter(|s| s.side == large) {
            self.read_start(start, None, Some(&mut aside))?;
        }
        drop(aside.sieve);
        let mut quiet = |_, _| {};
        let matching = Matching {
            failed: aside.failed.into(),
            ..self::matching(self.world, id, self.rules, &none, &mut quiet)
        };
        let mut lists = [own.shared_with(&aside.candidates), aside.candidates];
        if large == Side::Left {
            lists.reverse();
        }
        let (matches, mut records) = matching.partners(lists);
        self.matched(matches);
        let records = std::mem::take(&mut records[large.index()]);
        self.take_up(large, records.iter())?;
        drop(records);
        for start in starts.iter_mut().filter(|s| s.side == small) {
            self.read(start)?;
        }
        Ok(())
    }

    /// Those that nothing claims; the others wait.
    pub(super) fn set_aside(&self, side: Side, records: Vec<Rec>, aside: &mut Aside) -> Vec<Rec> {
        let none = FxHashSet::default();
        let mut quiet = |_, _| {};
        let matching = matching(self.world, self.id, self.rules, &none, &mut quiet);
        let mut bytes = Vec::new();
        let mut free = Vec::with_capacity(records.len());
        for rec in records {
            let candidate = matching.candidate(side, &rec, &mut bytes);
            let claimed = candidate.and_then(|mut c| aside.sieve.narrow(&mut c).then_some(c));
            if let Some(candidate) = claimed {
                aside.candidates.push(candidate);
            } else if matching.has_failed(side, &rec) {
                let keyless = Candidate::keyless(rec.alternative, rec.record.id);
                aside.candidates.push(keyless);
            } else {
                free.push(rec);
            }
        }
        for (all, new) in aside.failed.iter_mut().zip(matching.failed.take()) {
            all.extend(new);
        }
        free
    }
}
