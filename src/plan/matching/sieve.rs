//! Which keys many records have, nearly.

use super::candidate::Candidate;
use super::candidates::Candidates;
use super::keys::KeyHash;

/// Words of a block: one line of the processor's cache.
const WORDS: usize = 8;
/// Bits for each key: of 10,000 keys that are not there about one is let through.
const BITS: usize = 24;
/// Blocks of a small sieve, which lets next to nothing through.
const FEWEST: usize = 64;

/// The keys that candidates of one side have, three bytes for each (a Bloom filter of blocks). It answers for all that are there, and lets
/// a few others through: only for where these are harmless.
#[derive(Debug)]
pub struct Sieve {
    blocks: Vec<[u64; WORDS]>,
}

impl Sieve {
    pub fn of(candidates: &Candidates) -> Sieve {
        let bits = candidates.keys().count() * BITS;
        let blocks = bits.div_ceil(WORDS * 64).max(FEWEST);
        let mut sieve = Sieve {
            blocks: vec![[0; WORDS]; blocks],
        };
        for (level, hash) in candidates.keys() {
            let (block, bits) = sieve.place(level, hash);
            for (word, bit) in sieve.blocks[block].iter_mut().zip(bits) {
                *word |= bit;
            }
        }
        sieve
    }

    /// Whether a candidate has the key.
    pub fn has(&self, level: usize, hash: KeyHash) -> bool {
        let (block, bits) = self.place(level, hash);
        let words = self.blocks[block].iter().zip(bits);
        words.fold(true, |has, (word, bit)| has & (word & bit != 0))
    }

    /// Takes those of its keys away that no candidate has; whether one is left.
    pub fn narrow(&self, candidate: &mut Candidate) -> bool {
        let keys = candidate.keys.iter_mut().enumerate();
        keys.fold(false, |left, (level, key)| {
            *key = key.filter(|hash| self.has(level, *hash));
            left | key.is_some()
        })
    }

    /// The block, and one bit for each of its words.
    fn place(&self, level: usize, hash: KeyHash) -> (usize, [u64; WORDS]) {
        const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
        let upper = (hash.get() >> 64) as u64;
        let lower = (hash.get() as u64).wrapping_add((level as u64).wrapping_mul(ODD));
        let block = (u128::from(upper) * self.blocks.len() as u128) >> 64;
        let bits = std::array::from_fn(|word| 1 << (lower >> (word * 6) & 63));
        (block as usize, bits)
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::tests::hash;
    use super::*;
    use crate::value::Value;

    #[test]
    fn a_sieve_has_its_keys_and_hardly_any_other() {
        for count in [0_u64, 1, 50, 20_000] {
            let mut candidates = Candidates::new(2, false);
            for number in 0..count {
                let keys = [None, Some(hash(number))];
                candidates.push(Candidate::new(0, Value::Int(number as i64), keys.into()));
            }
            let sieve = Sieve::of(&candidates);
            assert!((0..count).all(|number| sieve.has(1, hash(number))));
            let others = (count..count + 100_000).filter(|number| sieve.has(1, hash(*number)));
            let of_another_key = (0..count).filter(|number| sieve.has(0, hash(*number)));
            assert!(others.count() < 50 && of_another_key.count() < 50);
            let mut one = Candidate::new(0, Value::Null, [Some(hash(0)), Some(hash(0))].into());
            assert_eq!(sieve.narrow(&mut one), count > 0);
            assert_eq!(*one.keys, [None, (count > 0).then(|| hash(0))]);
        }
    }
}
