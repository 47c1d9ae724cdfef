//! The records of one side that have no link.

use super::candidate::Candidate;
use super::column::Column;
use super::keys::{KeyHash, Keys};
use super::records::Records;
use super::sieve::Sieve;
use crate::plan::ids::RecordKey;
use crate::value::Value;

/// Candidates of one side, in the order in which they came. Of a first sync there may be as many as records, so they are kept as columns:
/// a few bytes for each, and 16 for each of its keys. Places are 32 bits wide.
#[derive(Debug)]
pub struct Candidates {
    records: Records,
    /// By key of the rules.
    keys: Vec<Keys>,
    /// None where they don't count.
    ages: Option<Column<Value>>,
}

impl Candidates {
    /// `levels`: how many keys the rules have. Without `aged` every age is null.
    pub fn new(levels: usize, aged: bool) -> Candidates {
        Candidates {
            records: Records::default(),
            keys: vec![Keys::default(); levels],
            ages: aged.then(Column::default),
        }
    }

    pub fn push(&mut self, candidate: Candidate) {
        self.records.push(candidate.alternative, &candidate.id);
        for (level, keys) in self.keys.iter_mut().enumerate() {
            keys.push(candidate.keys.get(level).copied().flatten());
        }
        if let Some(ages) = &mut self.ages {
            ages.push(candidate.age);
        }
    }

    pub fn len(&self) -> usize {
        self.records.len()
    }

    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Alternative and id.
    pub fn record(&self, place: usize) -> (usize, Value) {
        self.records.get(place)
    }

    pub fn id(&self, place: usize) -> Value {
        self.records.get(place).1
    }

    pub fn alternative(&self, place: usize) -> usize {
        self.records.get(place).0
    }

    pub fn record_key(&self, place: usize) -> RecordKey {
        self.records.key(place)
    }

    /// Alternatives and ids, in order.
    pub fn iter(&self) -> impl Iterator<Item = (usize, Value)> {
        self.records.iter()
    }

    /// `None` where a value of the key is blank or the key is not for the record.
    pub fn key(&self, level: usize, place: usize) -> Option<KeyHash> {
        self.keys.get(level)?.get(place)
    }

    /// Places and hashes of those that have the key, in order.
    pub fn with_key(&self, level: usize) -> impl Iterator<Item = (usize, KeyHash)> {
        self.keys.get(level).into_iter().flat_map(Keys::iter)
    }

    /// How many have the key.
    pub fn count(&self, level: usize) -> usize {
        self.keys.get(level).map_or(0, Keys::count)
    }

    /// All keys, with which of the rules' they are.
    pub fn keys(&self) -> impl Iterator<Item = (usize, KeyHash)> {
        let levels = self.keys.iter().enumerate();
        levels.flat_map(|(level, keys)| keys.iter().map(move |(_, hash)| (level, hash)))
    }

    /// When the record was made (or changed); null where that does not count or the store does not tell.
    pub fn age(&self, place: usize) -> &Value {
        let age = self.ages.as_ref().and_then(|ages| ages.get(place));
        age.unwrap_or(&Value::Null)
    }

    /// Those that share a key with one of the others, and hardly any more.
    pub fn shared_with(self, others: &Candidates) -> Candidates {
        let sieve = Sieve::of(others);
        let mut keep = vec![false; self.len()];
        for (level, keys) in self.keys.iter().enumerate() {
            for (place, _) in keys.iter().filter(|(_, hash)| sieve.has(level, *hash)) {
                keep[place] = true;
            }
        }
        let ages = self.ages.map(|ages| {
            let mut kept = Column::default();
            let ages = ages.into_iter().zip(&keep).filter(|(_, keep)| **keep);
            ages.for_each(|(age, _)| kept.push(age));
            kept
        });
        Candidates {
            records: self.records.thinned(&keep),
            keys: (self.keys.into_iter())
                .map(|keys| keys.thinned(&keep))
                .collect(),
            ages,
        }
    }

    /// Without what they match by.
    pub fn into_records(self) -> Records {
        self.records
    }
}

#[cfg(test)]
mod tests {
    use super::super::keys::tests::hash;
    use super::super::records::tests::any_id;
    use super::*;
    use proptest::prelude::*;

    fn any_candidate() -> impl Strategy<Value = Candidate> {
        let key = || prop::option::of(prop_oneof![0_u64..40, any::<u64>()].prop_map(hash));
        (0_usize..3, any_id(), any_id(), key(), key()).prop_map(|(alternative, id, age, a, b)| {
            Candidate {
                age,
                ..Candidate::new(alternative, id, [a, b].into())
            }
        })
    }

    fn filled(all: &[Candidate], aged: bool) -> Candidates {
        let mut candidates = Candidates::new(2, aged);
        all.iter().cloned().for_each(|c| candidates.push(c));
        candidates
    }

    fn are(candidates: &Candidates, all: &[Candidate], aged: bool) -> bool {
        candidates.len() == all.len()
            && all.iter().enumerate().all(|(place, one)| {
                candidates.id(place) == one.id
                    && candidates.alternative(place) == one.alternative
                    && (0..2).all(|level| candidates.key(level, place) == one.keys[level])
                    && *candidates.age(place) == if aged { one.age.clone() } else { Value::Null }
            })
    }

    proptest! {
        #[test]
        fn candidates_come_back_as_they_were(
            all in prop::collection::vec(any_candidate(), 0..70),
            aged in any::<bool>(),
        ) {
            let candidates = filled(&all, aged);
            prop_assert!(are(&candidates, &all, aged));
            for level in 0..2 {
                let with: Vec<_> = candidates.with_key(level).collect();
                let model: Vec<_> = (all.iter().enumerate())
                    .filter_map(|(place, one)| one.keys[level].map(|hash| (place, hash)))
                    .collect();
                prop_assert_eq!(candidates.count(level), model.len());
                prop_assert_eq!(with, model);
            }
        }

        #[test]
        fn those_that_share_a_key_stay(
            all in prop::collection::vec(any_candidate(), 0..70),
            others in prop::collection::vec(any_candidate(), 0..10),
        ) {
            let shared = filled(&all, true).shared_with(&filled(&others, false));
            let model: Vec<Candidate> = (all.into_iter())
                .filter(|one| others.iter().any(|other| {
                    (0..2).any(|level| one.keys[level].is_some() && one.keys[level] == other.keys[level])
                }))
                .collect();
            prop_assert!(are(&shared, &model, true));
        }
    }

    #[test]
    fn a_keyless_candidate_has_no_key() {
        let all = [Candidate::keyless(1, Value::Int(7))];
        let candidates = filled(&all, false);
        assert_eq!((candidates.key(0, 0), candidates.keys().count()), (None, 0));
        assert_eq!(
            (candidates.alternative(0), candidates.id(0)),
            (1, Value::Int(7))
        );
    }
}
