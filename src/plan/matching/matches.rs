//! What matching came to.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::plan::ids::{IdKey, RecordKey};
use crate::plan::merge::FieldFailure;
use crate::plan::world::Rec;
use crate::program::{Rule, Side};
use crate::value::Value;

/// The partners that were found, and why others were not.
#[derive(Debug, Default)]
pub struct Matches {
    /// By side, from a record to its partner: alternative, id and the key that found it.
    pub(super) partners: [FxHashMap<RecordKey, Match>; 2],
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

#[derive(Debug, Clone)]
pub struct Match {
    pub id: Value,
    pub rule: Rule,
    alternative: u16,
}

impl Match {
    pub(super) fn new(alternative: usize, id: Value, rule: Rule) -> Match {
        Match {
            id,
            rule,
            alternative: alternative as u16,
        }
    }

    pub fn alternative(&self) -> usize {
        self.alternative.into()
    }
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
