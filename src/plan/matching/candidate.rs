//! Records without a link, by what they match by.

use std::num::NonZero;

use rustc_hash::FxHashSet;

use crate::plan::ids::{RecordKey, record_key};
use crate::value::Value;

/// The hash of a record's values for a key.
pub type KeyHash = NonZero<u128>;

/// A record without a link that may find a partner. Of a first sync there may be as many as records.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub id: Value,
    /// By key; `None` where a value is blank or the key is not for it.
    pub(super) keys: Box<[Option<KeyHash>]>,
    /// When it was made (or changed); null where the store does not tell.
    pub(super) age: Value,
    alternative: u16,
}

impl Candidate {
    pub(super) fn new(alternative: usize, id: Value, keys: Box<[Option<KeyHash>]>) -> Candidate {
        Candidate {
            id,
            keys,
            age: Value::Null,
            alternative: alternative as u16,
        }
    }

    fn claims(&self) -> impl Iterator<Item = u64> {
        let keys = self.keys.iter().enumerate();
        keys.filter_map(|(level, hash)| hash.map(|hash| claim(level, hash)))
    }

    pub(super) fn key(&self) -> RecordKey {
        record_key(self.alternative(), &self.id)
    }

    pub fn alternative(&self) -> usize {
        self.alternative.into()
    }
}

/// Half of a hash: two keys have the same now and then.
fn claim(level: usize, hash: KeyHash) -> u64 {
    (hash.get() as u64).wrapping_add(level as u64)
}

/// The keys that candidates of one side have.
#[derive(Debug, Default)]
pub struct Claims(FxHashSet<u64>);

impl Claims {
    pub fn of(candidates: &[Candidate]) -> Claims {
        Claims(candidates.iter().flat_map(Candidate::claims).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a candidate of the other side has one of them; where it has none, this may be `true` too, though hardly ever.
    pub fn claim(&self, candidate: &Candidate) -> bool {
        candidate.claims().any(|claim| self.0.contains(&claim))
    }

    /// As [`Claims::claim`], of one key.
    pub(super) fn has(&self, level: usize, hash: KeyHash) -> bool {
        self.0.contains(&claim(level, hash))
    }
}
