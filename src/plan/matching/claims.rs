//! The keys of a few records.

use rustc_hash::FxHashSet;

use super::candidates::Candidates;
use super::keys::KeyHash;

/// The keys that candidates of one side have: half of each hash, which two keys share now and then.
#[derive(Debug)]
pub struct Claims(FxHashSet<u64>);

impl Claims {
    pub fn of(candidates: &Candidates) -> Claims {
        let keys = candidates.keys();
        Claims(keys.map(|(level, hash)| claim(level, hash)).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a candidate has the key; where none has, this may be `true` too, though hardly ever.
    pub fn has(&self, level: usize, hash: KeyHash) -> bool {
        self.0.contains(&claim(level, hash))
    }
}

fn claim(level: usize, hash: KeyHash) -> u64 {
    (hash.get() as u64).wrapping_add(level as u64)
}
