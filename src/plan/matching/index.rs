//! Numbers by hashes.

/// From the hash of a thing to its number: six bytes for each. Whoever asks tells things with the same hash from each other.
#[derive(Debug, Clone, Default)]
pub struct Index {
    /// A number, which counts from 1 (0 is a free slot), under as many bits of its hash as there is room for. A hash has its slot by its
    /// upper bits, or the next free one.
    slots: Vec<u32>,
    /// Bits of a number.
    width: u32,
}

impl Index {
    /// For numbers below this one, which is at most `u32::MAX`.
    pub fn with_capacity(numbers: usize) -> Index {
        Index {
            slots: vec![0; numbers + numbers / 2 + 1],
            width: usize::BITS - numbers.leading_zeros(),
        }
    }

    /// Adds the thing unless the same one, as `same` tells it of a number, is there.
    pub fn insert(&mut self, hash: u64, number: u32, same: impl FnMut(u32) -> bool) {
        if let Err(Some(free)) = self.look(hash, same) {
            self.slots[free] = self.tag(hash) | (number + 1);
        }
    }

    pub fn find(&self, hash: u64, same: impl FnMut(u32) -> bool) -> Option<u32> {
        self.look(hash, same).ok()
    }

    /// The number, or the free slot where it would be.
    fn look(&self, hash: u64, mut same: impl FnMut(u32) -> bool) -> Result<u32, Option<usize>> {
        let start = ((u128::from(hash) * self.slots.len() as u128) >> 64) as usize;
        let tag = self.tag(hash);
        for slot in (start..self.slots.len()).chain(0..start) {
            let entry = self.slots[slot];
            if entry == 0 {
                return Err(Some(slot));
            }
            // Under its tag a number is smaller than the next tag.
            let number = entry.wrapping_sub(tag);
            if u64::from(number) >> self.width == 0 && same(number.wrapping_sub(1)) {
                return Ok(number.wrapping_sub(1));
            }
        }
        Err(None)
    }

    /// The lowest bits of the hash, above the number's.
    fn tag(&self, hash: u64) -> u32 {
        hash.checked_shl(self.width).unwrap_or(0) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    proptest! {
        /// With few hashes nearly all of them collide.
        #[test]
        fn an_index_is_a_map(
            things in prop::collection::vec(0_u64..200, 0..150),
            hashes in prop_oneof![Just(1_u64), Just(3), Just(u64::MAX)],
            spread in prop_oneof![Just(1_u64), Just(0x9E37_79B9_7F4A_7C15)],
        ) {
            let hash = |thing: u64| (thing % hashes).wrapping_mul(spread);
            let mut index = Index::with_capacity(things.len());
            let mut model = HashMap::new();
            for (number, thing) in things.iter().enumerate() {
                index.insert(hash(*thing), number as u32, |at| things[at as usize] == *thing);
                model.entry(*thing).or_insert(number as u32);
            }
            for thing in 0..200 {
                let found = index.find(hash(thing), |at| things[at as usize] == thing);
                prop_assert_eq!(found, model.get(&thing).copied());
            }
            prop_assert_eq!(Index::default().find(7, |_| true), None);
        }
    }
}
