//! From the keys of candidates to partners.

use std::cmp::Ordering;

use super::Matching;
use super::candidates::Candidates;
use super::column::Column;
use super::keys::KeyHash;
use super::matches::{Ambiguous, Group, Matches};
use super::partners::Pair;
use crate::plan::ids::IdKey;
use crate::program::{Duplicates, Rule, Side};
use crate::value::Value;

/// A candidate that looks for a partner, 8 bytes: the first 31 bits of its key, its side, its place.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Seeker(u64);

impl Seeker {
    fn new(hash: KeyHash, side: usize, place: usize) -> Seeker {
        let start = (hash.get() >> (128 - 31)) as u64;
        Seeker(start << 33 | (side as u64) << 32 | u64::from(place as u32))
    }

    fn start(self) -> u64 {
        self.0 >> 33
    }

    fn side(self) -> usize {
        (self.0 >> 32 & 1) as usize
    }

    fn place(self) -> usize {
        self.0 as u32 as usize
    }
}

/// What is found so far.
struct Found {
    /// By side and place: no further key is tried.
    settled: [Vec<bool>; 2],
    pairs: Column<Pair>,
}

impl Matching<'_, '_, '_> {
    /// The pairs, by their places, in the order in which they are found; what else is found goes into `matches`.
    pub(super) fn resolve(&self, lists: [&Candidates; 2], matches: &mut Matches) -> Column<Pair> {
        let mut found = Found {
            settled: lists.map(|list| vec![false; list.len()]),
            pairs: Column::default(),
        };
        for level in 0..self.rules.keys.len() {
            let mut seekers = self.seekers(lists, level, &found.settled);
            let key = |one: &Seeker| lists[one.side()].key(level, one.place());
            for alike in seekers.chunk_by_mut(|a, b| a.start() == b.start()) {
                if alike.len() > 1 {
                    alike.sort_unstable_by_key(|one| (key(one), *one));
                }
                for same in alike.chunk_by(|a, b| key(a) == key(b)) {
                    let of_left = same.partition_point(|one| one.side() == 0);
                    let (of_left, of_right) = same.split_at(of_left);
                    self.resolve_group(lists, [of_left, of_right], level, &mut found, matches);
                }
            }
        }
        found.pairs
    }

    /// Those that have the key and are not settled, by the key; none where they can't find anything.
    fn seekers(
        &self,
        lists: [&Candidates; 2],
        level: usize,
        settled: &[Vec<bool>; 2],
    ) -> Vec<Seeker> {
        let counts = lists.map(|list| list.count(level));
        if self.rules.many.is_none() && counts.contains(&0) {
            return Vec::new();
        }
        let mut seekers = Vec::with_capacity(counts.iter().sum());
        for (side, list) in lists.into_iter().enumerate() {
            let open = list
                .with_key(level)
                .filter(|(place, _)| !settled[side][*place]);
            seekers.extend(open.map(|(place, hash)| Seeker::new(hash, side, place)));
        }
        seekers.sort_unstable();
        seekers
    }

    /// Decides about all that share a value of a key.
    fn resolve_group(
        &self,
        lists: [&Candidates; 2],
        same: [&[Seeker]; 2],
        level: usize,
        found: &mut Found,
        matches: &mut Matches,
    ) {
        let lonely = same.iter().any(|side| side.is_empty());
        if lonely && self.rules.many.is_none() {
            return;
        }
        let group = same.map(|side| side.iter().map(|one| one.place()).collect::<Vec<_>>());
        if let Some(many) = self.rules.many.map(Side::index)
            && group[1 - many].is_empty()
            && group[many].len() > 1
        {
            let list = lists[many];
            let latest = group[many].iter().copied().reduce(|a, b| {
                if list.age(b).order(list.age(a)) == Some(Ordering::Less) {
                    a
                } else {
                    b
                }
            });
            let others = group[many].iter().filter(|i| Some(**i) != latest);
            matches.sharers.extend(others.map(|i| list.record_key(*i)));
        }
        if !lonely {
            self.settle(lists, group, level, found, matches);
        }
    }

    fn settle(
        &self,
        lists: [&Candidates; 2],
        mut group: [Vec<usize>; 2],
        level: usize,
        Found { settled, pairs }: &mut Found,
        matches: &mut Matches,
    ) {
        let (rule, duplicates) = (
            self.rules.keys[level].rule,
            self.rules.keys[level].duplicates,
        );
        let shared = self.rules.many.map(Side::index);
        let mut pair = |left: usize, right: usize, settled: &mut [Vec<bool>; 2]| {
            // What several share is found again by a further key.
            settled[0][left] = shared != Some(1);
            settled[1][right] = shared != Some(0);
            pairs.push(Pair::new(left, right, level));
        };
        // Within a key the alternatives are tried in the order of the header; those that may share one all have it.
        let mut firsts: [Vec<usize>; 2] = Default::default();
        for (side, list) in group.iter_mut().enumerate() {
            if shared == Some(side) || list.len() == 1 {
                firsts[side].clone_from(list);
            } else if let Some(first) = list.iter().map(|i| lists[side].alternative(*i)).min() {
                let of_first = |i: &usize| lists[side].alternative(*i) == first;
                firsts[side] = list.iter().copied().filter(of_first).collect();
                if firsts[side].len() == 1 {
                    list.clone_from(&firsts[side]);
                }
            }
        }
        let plural = |side: usize| group[side].len() > 1 && shared != Some(side);
        if !plural(0) && !plural(1) {
            match shared {
                Some(many) => {
                    let one = group[1 - many][0];
                    for each in &group[many] {
                        if many == 0 {
                            pair(*each, one, settled)
                        } else {
                            pair(one, *each, settled)
                        }
                    }
                }
                None => pair(group[0][0], group[1][0], settled),
            }
            return;
        }
        let choice = match duplicates {
            Duplicates::Oldest => Some(Ordering::Less),
            Duplicates::Newest => Some(Ordering::Greater),
            Duplicates::Create => {
                for (side, list) in group.iter().enumerate() {
                    list.iter().for_each(|i| settled[side][*i] = true);
                }
                return;
            }
            // Of those that become one the oldest stays.
            Duplicates::Merge => Some(Ordering::Less),
            Duplicates::Error => None,
        };
        let chosen = choice.and_then(|wanted| {
            let of_side = |side: usize| match shared {
                Some(many) if many == side => firsts[side].first().copied(),
                _ => best(lists[side], &firsts[side], wanted),
            };
            Some([of_side(0)?, of_side(1)?])
        });
        if let Some([left, right]) = chosen {
            if duplicates == Duplicates::Merge {
                for (each, one) in [(left, right)].into_iter().chain(
                    (shared.into_iter())
                        .flat_map(|many| group[many].iter().map(move |i| (many, *i)))
                        .map(|(many, i)| if many == 0 { (i, right) } else { (left, i) }),
                ) {
                    pair(each, one, settled);
                }
                for (side, stays) in [left, right].into_iter().enumerate() {
                    if shared != Some(side) {
                        take_in(lists[side], side, &firsts[side], stays, rule, matches);
                        firsts[side].iter().for_each(|i| settled[side][*i] = true);
                    }
                }
                return;
            }
            match shared {
                Some(0) => group[0].iter().for_each(|each| pair(*each, right, settled)),
                Some(_) => group[1].iter().for_each(|each| pair(left, *each, settled)),
                None => pair(left, right, settled),
            }
            return;
        }
        for side in 0..2 {
            let names: Vec<String> = group[1 - side]
                .iter()
                .map(|i| lists[1 - side].id(*i).to_string())
                .collect();
            let rivals: Vec<String> = group[side]
                .iter()
                .map(|i| lists[side].id(*i).to_string())
                .collect();
            let because = match (names.len(), rivals.len()) {
                (1, _) => format!(
                    "its key finds {}, which {} claim too",
                    names[0],
                    listed(&rivals)
                ),
                _ => format!("its key finds several: {}", listed(&names)),
            };
            for i in &group[side] {
                settled[side][*i] = true;
                let ambiguous = Ambiguous {
                    because: because.clone(),
                    rule,
                };
                matches.ambiguous[side].insert(lists[side].record_key(*i), ambiguous);
            }
        }
    }
}

/// Notes that the other records of a key become part of the one that stays.
fn take_in(
    list: &Candidates,
    side: usize,
    group: &[usize],
    stays: usize,
    rule: Rule,
    matches: &mut Matches,
) {
    let mut others: Vec<(&Value, Value)> = group
        .iter()
        .filter(|i| **i != stays)
        .map(|i| (list.age(*i), list.id(*i)))
        .collect();
    if others.is_empty() {
        return;
    }
    others.sort_by(|(age, id), (other_age, other_id)| {
        let by_age = age.order(other_age).unwrap_or(Ordering::Equal);
        by_age.then_with(|| id.order(other_id).unwrap_or(Ordering::Equal))
    });
    let survivor = list.id(stays);
    let losers: Vec<Value> = others.into_iter().map(|(_, id)| id).collect();
    for loser in &losers {
        matches.taken_in[side].insert(IdKey(loser.clone()), survivor.clone());
    }
    matches.merges[side].insert(IdKey(survivor), Group { losers, rule });
}

fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let mut sorted = names.to_vec();
    sorted.sort();
    let more = sorted.len().saturating_sub(SHOWN);
    sorted.truncate(SHOWN);
    let text = sorted.join(", ");
    if more > 0 {
        format!("{text} and {more} more")
    } else {
        text
    }
}

/// The one that is oldest (or newest); `None` where two are equally so, or a record's age is not known.
fn best(list: &Candidates, group: &[usize], wanted: Ordering) -> Option<usize> {
    let mut best = *group.first()?;
    let mut tie = false;
    for &i in &group[1..] {
        match list.age(i).order(list.age(best)) {
            Some(Ordering::Equal) | None => tie = true,
            Some(order) if order == wanted => {
                best = i;
                tie = false;
            }
            Some(_) => {}
        }
    }
    (!tie).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_seeker_tells_side_and_place(
            hash in any::<u128>(), side in 0_usize..2, place in any::<u32>(), other in any::<u128>(),
        ) {
            let [hash, other] = [hash, other].map(|hash| KeyHash::new(hash).unwrap_or(KeyHash::MIN));
            let seeker = Seeker::new(hash, side, place as usize);
            prop_assert_eq!((seeker.side(), seeker.place()), (side, place as usize));
            let alike = hash.get() >> 97 == other.get() >> 97;
            prop_assert_eq!(seeker.start() == Seeker::new(other, 1 - side, 0).start(), alike);
            prop_assert!(alike || (hash < other) == (seeker < Seeker::new(other, side, 0)));
        }
    }
}
