//! The pairs that matching found, by their records.

use super::column::Column;
use super::index::Index;
use super::records::Records;
use crate::plan::ids::RecordKey;
use crate::program::{Rule, Side};
use crate::value::Value;

/// Pairs of records, and from each record to its first pair. Of a first sync there may be as many as records: 24 bytes for each pair,
/// and its ids.
#[derive(Debug, Default)]
pub struct Partners {
    pairs: Column<Pair>,
    /// By side: those that are in a pair.
    records: [Records; 2],
    index: [Index; 2],
    /// By key.
    rules: Vec<Rule>,
}

/// Two records by their places, and which key found them.
#[derive(Debug, Clone, Copy)]
pub struct Pair {
    places: [u32; 2],
    key: u16,
}

impl Pair {
    pub fn new(left: usize, right: usize, key: usize) -> Pair {
        Pair {
            places: [left as u32, right as u32],
            key: key as u16,
        }
    }
}

/// The partner of a record, and the rule that found it.
#[derive(Debug, Clone, PartialEq)]
pub struct Match {
    pub alternative: usize,
    pub id: Value,
    pub rule: Rule,
}

impl Partners {
    /// `pairs` in the order in which they were found: the first one of a record tells its partner. `lists`: the records of both sides by
    /// place; `rules` by key.
    pub fn new(mut pairs: Column<Pair>, lists: [&Records; 2], rules: Vec<Rule>) -> Partners {
        let records = [0, 1].map(|side| keep_paired(&mut pairs, side, lists[side]));
        let mut partners = Partners {
            index: [0, 1].map(|_| Index::with_capacity(pairs.len())),
            pairs,
            records,
            rules,
        };
        for side in Side::BOTH {
            let mut index = std::mem::take(&mut partners.index[side.index()]);
            for (number, pair) in partners.pairs.iter().enumerate() {
                let place = pair.places[side.index()] as usize;
                let (alternative, id) = partners.records[side.index()].get(place);
                let hash = hash(alternative, &id);
                let same = |at| partners.is_of(at, side, alternative, &id);
                index.insert(hash, number as u32, same);
            }
            partners.index[side.index()] = index;
        }
        partners
    }

    /// The number of the record's first pair.
    pub fn pair(&self, side: Side, alternative: usize, id: &Value) -> Option<u32> {
        if self.pairs.is_empty() {
            return None;
        }
        let same = |at| self.is_of(at, side, alternative, id);
        self.index[side.index()].find(hash(alternative, id), same)
    }

    pub fn partner(&self, side: Side, alternative: usize, id: &Value) -> Option<Match> {
        let number = self.pair(side, alternative, id)?;
        let (alternative, id) = self.of(number, side.other())?;
        let key = self.pairs.get(number as usize)?.key;
        let rule = *self.rules.get(usize::from(key))?;
        Some(Match {
            alternative,
            id,
            rule,
        })
    }

    /// The record of a pair.
    pub fn record(&self, side: Side, number: u32) -> Option<RecordKey> {
        let pair = self.pairs.get(number as usize)?;
        Some(self.records[side.index()].key(pair.places[side.index()] as usize))
    }

    /// Alternative and id of a pair's record.
    fn of(&self, number: u32, side: Side) -> Option<(usize, Value)> {
        let pair = self.pairs.get(number as usize)?;
        Some(self.records[side.index()].get(pair.places[side.index()] as usize))
    }

    fn is_of(&self, number: u32, side: Side, alternative: usize, id: &Value) -> bool {
        let of = self.of(number, side);
        of.is_some_and(|(a, its)| a == alternative && its.same(id))
    }
}

/// Those records of a side that are in a pair; the pairs tell their new places.
fn keep_paired(pairs: &mut Column<Pair>, side: usize, list: &Records) -> Records {
    let mut places = vec![0_u32; list.len()];
    pairs
        .iter()
        .for_each(|pair| places[pair.places[side] as usize] = 1);
    let mut kept = Records::default();
    for ((alternative, id), place) in list.iter().zip(&mut places) {
        if *place == 1 {
            *place = kept.len() as u32;
            kept.push(alternative, &id);
        }
    }
    for pair in pairs.iter_mut() {
        pair.places[side] = places[pair.places[side] as usize];
    }
    kept
}

fn hash(alternative: usize, id: &Value) -> u64 {
    // In tests most records share their hash with others.
    let bits = if cfg!(test) { 3 << 62 | 1 } else { u64::MAX };
    id.hash64().wrapping_add(alternative as u64) & bits
}

#[cfg(test)]
mod tests {
    use super::super::records::tests::any_id;
    use super::*;
    use crate::diagnostic::{FileId, Span};
    use crate::plan::ids::record_key;
    use crate::value::samples::twin;
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn rule(start: u32) -> Rule {
        Rule(Span {
            file: FileId(0),
            start,
            end: start,
        })
    }

    fn any_records() -> impl Strategy<Value = Vec<(usize, Value)>> {
        let id = prop_oneof![any_id(), (0_i64..9).prop_map(Value::Int)];
        prop::collection::vec((0_usize..2, id), 1..40)
    }

    proptest! {
        #[test]
        fn partners_are_a_map(
            left in any_records(),
            right in any_records(),
            pairs in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_usize..3), 0..40),
        ) {
            let all = [left, right];
            let lists = all.each_ref().map(|records| {
                let mut list = Records::default();
                records.iter().for_each(|(alternative, id)| list.push(*alternative, id));
                list
            });
            let mut found = Column::default();
            let mut model: [HashMap<RecordKey, Match>; 2] = Default::default();
            for (left, right, key) in pairs {
                let places = [left.index(all[0].len()), right.index(all[1].len())];
                found.push(Pair::new(places[0], places[1], key));
                for side in 0..2 {
                    let (own, other) = (&all[side][places[side]], &all[1 - side][places[1 - side]]);
                    let partner = Match { alternative: other.0, id: other.1.clone(), rule: rule(key as u32) };
                    model[side].entry(record_key(own.0, &own.1)).or_insert(partner);
                }
            }
            let partners = Partners::new(found, [&lists[0], &lists[1]], (0..3).map(rule).collect());
            for side in Side::BOTH {
                for (alternative, id) in &all[side.index()] {
                    let key = record_key(*alternative, id);
                    let expected = model[side.index()].get(&key);
                    let partner = partners.partner(side, *alternative, id);
                    prop_assert_eq!(partner.as_ref(), expected);
                    let pair = partners.pair(side, *alternative, id);
                    prop_assert_eq!(pair.and_then(|pair| partners.record(side, pair)), expected.map(|_| key));
                }
            }
        }

        #[test]
        fn an_id_in_another_guise_finds_the_partner((id, other) in any_id().prop_flat_map(|id| (Just(id.clone()), twin(&id)))) {
            let mut records = Records::default();
            records.push(1, &id);
            let mut pairs = Column::default();
            pairs.push(Pair::new(0, 0, 0));
            let partners = Partners::new(pairs, [&records, &records], vec![rule(0)]);
            prop_assert!(partners.partner(Side::Left, 1, &other).is_some());
            prop_assert!(partners.partner(Side::Left, 0, &other).is_none());
        }
    }
}
