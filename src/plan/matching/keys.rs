//! The key hashes of many records for one key.

use std::num::NonZero;

use super::column::Column;

/// The hash of a record's values for a key.
pub type KeyHash = NonZero<u128>;

pub fn key_hash(bytes: &[u8]) -> KeyHash {
    KeyHash::new(xxhash_rust::xxh3::xxh3_128(bytes)).unwrap_or(KeyHash::MIN)
}

/// By place, the hash of each record that has one: 16 bytes for those, two bits for the others.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    words: Vec<Word>,
    hashes: Column<KeyHash>,
    len: usize,
}

/// Which of 64 records have a hash.
#[derive(Debug, Clone, Copy)]
struct Word {
    bits: u64,
    /// The hashes of all records before these.
    before: usize,
}

impl Keys {
    pub fn push(&mut self, hash: Option<KeyHash>) {
        let bit = self.len % 64;
        self.len += 1;
        if bit == 0 {
            self.words.push(Word {
                bits: 0,
                before: self.hashes.len(),
            });
        }
        if let (Some(hash), Some(word)) = (hash, self.words.last_mut()) {
            word.bits |= 1 << bit;
            self.hashes.push(hash);
        }
    }

    pub fn get(&self, place: usize) -> Option<KeyHash> {
        let Word { bits, before } = *self.words.get(place / 64)?;
        let bit = 1u64 << (place % 64);
        let rank = (bits & (bit - 1)).count_ones() as usize;
        (bits & bit != 0)
            .then(|| self.hashes.get(before + rank).copied())
            .flatten()
    }

    /// How many records have one.
    pub fn count(&self) -> usize {
        self.hashes.len()
    }

    /// Places and hashes, in order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, KeyHash)> {
        let places = self.words.iter().enumerate().flat_map(|(at, word)| {
            (0..64)
                .filter(|bit| word.bits >> bit & 1 == 1)
                .map(move |bit| at * 64 + bit)
        });
        places.zip(self.hashes.iter().copied())
    }

    /// Those of the records that are kept.
    pub fn thinned(self, keep: &[bool]) -> Keys {
        let mut thin = Keys::default();
        let words = self.words;
        let mut hashes = self.hashes.into_iter();
        for (place, keep) in keep.iter().enumerate() {
            let has = words
                .get(place / 64)
                .is_some_and(|word| word.bits >> (place % 64) & 1 == 1);
            let hash = if has { hashes.next() } else { None };
            if *keep {
                thin.push(hash);
            }
        }
        thin
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub fn hash(number: u64) -> KeyHash {
        key_hash(&number.to_le_bytes())
    }

    proptest! {
        #[test]
        fn hashes_keep_their_places(
            all in prop::collection::vec(prop::option::of(any::<u64>().prop_map(hash)), 0..300),
            keep in prop::collection::vec(any::<bool>(), 300),
        ) {
            let mut keys = Keys::default();
            all.iter().for_each(|hash| keys.push(*hash));
            prop_assert!((0..300).all(|place| keys.get(place) == all.get(place).copied().flatten()));
            let placed = |all: &[Option<KeyHash>]| -> Vec<(usize, KeyHash)> {
                let placed = all.iter().enumerate();
                placed.filter_map(|(place, hash)| hash.map(|hash| (place, hash))).collect()
            };
            prop_assert_eq!(keys.iter().collect::<Vec<_>>(), placed(&all));
            prop_assert_eq!(keys.count(), placed(&all).len());
            let kept: Vec<_> = all.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(hash, _)| *hash).collect();
            let thin = keys.thinned(&keep[..all.len()]);
            prop_assert_eq!(thin.iter().collect::<Vec<_>>(), placed(&kept));
        }
    }
}
