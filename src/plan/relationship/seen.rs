//! Sets of small numbers.

/// Which numbers (of links, of pairs) have been seen: a bit for each.
#[derive(Debug, Default)]
pub(super) struct Seen {
    bits: Vec<u64>,
    pub(super) count: u64,
}

impl Seen {
    /// Whether it is seen for the first time.
    pub(super) fn insert(&mut self, number: i64) -> bool {
        let (word, bit) = (number as usize / 64, 1u64 << (number as usize % 64));
        if self.bits.len() <= word {
            self.bits.resize(word + 1, 0);
        }
        let fresh = self.bits[word] & bit == 0;
        self.bits[word] |= bit;
        self.count += u64::from(fresh);
        fresh
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bits.is_empty()
    }

    pub(super) fn forget(&mut self, number: i64) {
        let seen = self.contains(number);
        if let Some(word) = self.bits.get_mut(number as usize / 64) {
            *word &= !(1 << (number as usize % 64));
            self.count -= u64::from(seen);
        }
    }

    pub(super) fn contains(&self, number: i64) -> bool {
        self.bits
            .get(number as usize / 64)
            .is_some_and(|w| w >> (number as usize % 64) & 1 == 1)
    }

    /// In their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = i64> {
        let words = self.bits.iter().enumerate();
        words.flat_map(|(at, word)| {
            let set = (0..64).filter(move |bit| word >> bit & 1 == 1);
            set.map(move |bit| (at * 64 + bit) as i64)
        })
    }
}
