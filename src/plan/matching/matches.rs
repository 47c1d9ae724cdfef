//! What matching came to.

use std::hash::Hash;

use rustc_hash::{FxHashMap, FxHashSet};

use super::partners::{Match, Partners};
#[cfg(test)]
use super::{column::Column, partners::Pair, records::Records};
use crate::plan::ids::{IdKey, RecordKey};
use crate::plan::merge::FieldFailure;
use crate::plan::world::Rec;
use crate::program::{Rule, Side};
use crate::value::Value;

/// The partners that were found, and why others were not.
#[derive(Debug, Default)]
pub struct Matches {
    pub(super) partners: Partners,
    /// By side: records whose key finds several.
    pub(super) ambiguous: [FxHashMap<RecordKey, Ambiguous>; 2],
    /// By side: records of which a key has no value.
    pub(super) failed: [FxHashMap<RecordKey, FieldFailure>; 2],
    /// `many`: records of that side whose new partner another record of this plan makes.
    pub(super) sharers: FxHashSet<RecordKey>,
    /// Records that a live link is about to move to (`follow`), by side.
    pub(super) followed: [FxHashSet<RecordKey>; 2],
    /// By side: what becomes one, under the record that stays.
    pub(super) merges: [FxHashMap<IdKey, Group>; 2],
    /// By side: records that another one takes in, with that one's id.
    pub(super) taken_in: [FxHashMap<IdKey, Value>; 2],
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
    pub fn partner(&self, side: Side, rec: &Rec) -> Option<Match> {
        self.partners.partner(side, rec.alternative, rec.id())
    }
    /// The number of the record's first pair; pairs count from 0.
    pub fn pair(&self, side: Side, alternative: usize, id: &Value) -> Option<u32> {
        self.partners.pair(side, alternative, id)
    }
    /// The record of a pair.
    pub fn paired(&self, side: Side, pair: u32) -> Option<RecordKey> {
        self.partners.record(side, pair)
    }
    // Of most plans these are empty: no key is made then.

    /// `many`: the last one that changed makes the partner that several share.
    pub fn shares(&self, rec: &Rec) -> bool {
        !self.sharers.is_empty() && self.sharers.contains(&rec.key())
    }
    pub fn merge(&self, side: Side, id: &Value) -> Option<&Group> {
        of(&self.merges[side.index()], || IdKey(id.clone()))
    }
    /// The record that this one becomes part of.
    pub fn taken_in(&self, side: Side, id: &Value) -> Option<&Value> {
        of(&self.taken_in[side.index()], || IdKey(id.clone()))
    }
    pub fn is_followed(&self, side: Side, rec: &Rec) -> bool {
        let followed = &self.followed[side.index()];
        !followed.is_empty() && followed.contains(&rec.key())
    }
    pub fn failed(&self, side: Side, rec: &Rec) -> Option<&FieldFailure> {
        of(&self.failed[side.index()], || rec.key())
    }
    pub fn ambiguous(&self, side: Side, rec: &Rec) -> Option<&Ambiguous> {
        of(&self.ambiguous[side.index()], || rec.key())
    }

    /// Pairs of ids of the first alternatives.
    #[cfg(test)]
    pub fn of(pairs: impl Iterator<Item = [Value; 2]>) -> Matches {
        let mut lists: [Records; 2] = Default::default();
        let mut found = Column::default();
        for ids in pairs {
            found.push(Pair::new(lists[0].len(), lists[1].len(), 0));
            for (list, id) in lists.iter_mut().zip(&ids) {
                list.push(0, id);
            }
        }
        Matches {
            partners: Partners::new(found, [&lists[0], &lists[1]], Vec::new()),
            ..Matches::default()
        }
    }
}

fn of<K: Eq + Hash, V>(map: &FxHashMap<K, V>, key: impl FnOnce() -> K) -> Option<&V> {
    if map.is_empty() {
        None
    } else {
        map.get(&key())
    }
}
