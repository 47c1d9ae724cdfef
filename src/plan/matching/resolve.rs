//! From the keys of candidates to partners.

use std::cmp::Ordering;

use super::Matching;
use super::candidate::{Candidate, KeyHash};
use super::matches::{Ambiguous, Group, Match, Matches};
use crate::plan::ids::IdKey;
use crate::program::{Duplicates, Rule, Side};

impl Matching<'_, '_, '_> {
    pub(super) fn resolve(&self, left: &[Candidate], right: &[Candidate], matches: &mut Matches) {
        let mut settled: [Vec<bool>; 2] = [vec![false; left.len()], vec![false; right.len()]];
        for (level, key) in self.rules.keys.iter().enumerate() {
            let mut claims: Vec<(KeyHash, u8, u32)> = Vec::new();
            for (side, list) in [left, right].into_iter().enumerate() {
                for (i, candidate) in list.iter().enumerate() {
                    if let (Some(hash), false) = (candidate.keys[level], settled[side][i]) {
                        claims.push((hash, side as u8, i as u32));
                    }
                }
            }
            claims.sort_unstable();
            for same in claims.chunk_by(|a, b| a.0 == b.0) {
                let of_left = same.partition_point(|(_, side, _)| *side == 0);
                let (of_left, of_right) = same.split_at(of_left);
                if self.rules.many.is_none() && (of_left.is_empty() || of_right.is_empty()) {
                    continue;
                }
                let group = [of_left, of_right]
                    .map(|side| side.iter().map(|(.., i)| *i as usize).collect::<Vec<_>>());
                if let Some(many) = self.rules.many.map(Side::index)
                    && group[1 - many].is_empty()
                    && group[many].len() > 1
                {
                    let list = [left, right][many];
                    let latest = group[many].iter().copied().reduce(|a, b| {
                        if list[b].age.order(&list[a].age) == Some(Ordering::Less) {
                            a
                        } else {
                            b
                        }
                    });
                    let others = group[many].iter().filter(|i| Some(**i) != latest);
                    matches.sharers.extend(others.map(|i| list[*i].key()));
                }
                if group.iter().any(Vec::is_empty) {
                    continue;
                }
                self.settle(
                    [left, right],
                    group,
                    key.rule,
                    key.duplicates,
                    &mut settled,
                    matches,
                );
            }
        }
    }

    fn settle(
        &self,
        lists: [&[Candidate]; 2],
        mut group: [Vec<usize>; 2],
        rule: Rule,
        duplicates: Duplicates,
        settled: &mut [Vec<bool>; 2],
        matches: &mut Matches,
    ) {
        let shared = self.rules.many.map(Side::index);
        let mut pair = |left: usize, right: usize, settled: &mut [Vec<bool>; 2]| {
            for (side, (from, to)) in [(left, right), (right, left)].into_iter().enumerate() {
                // What several share is found again by a further key.
                settled[side][from] = shared != Some(1 - side);
                let partner = &lists[1 - side][to];
                let found = Match::new(partner.alternative(), partner.id.clone(), rule);
                matches.partners[side]
                    .entry(lists[side][from].key())
                    .or_insert(found);
            }
        };
        // Within a key the alternatives are tried in the order of the header; those that may share one all have it.
        let mut firsts: [Vec<usize>; 2] = Default::default();
        for (side, list) in group.iter_mut().enumerate() {
            if shared == Some(side) {
                firsts[side].clone_from(list);
            } else if let Some(first) = list.iter().map(|i| lists[side][*i].alternative()).min() {
                let of_first = |i: &usize| lists[side][*i].alternative() == first;
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
                .map(|i| lists[1 - side][*i].id.to_string())
                .collect();
            let rivals: Vec<String> = group[side]
                .iter()
                .map(|i| lists[side][*i].id.to_string())
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
                matches.ambiguous[side].insert(lists[side][*i].key(), ambiguous);
            }
        }
    }
}

/// Notes that the other records of a key become part of the one that stays.
fn take_in(
    list: &[Candidate],
    side: usize,
    group: &[usize],
    stays: usize,
    rule: Rule,
    matches: &mut Matches,
) {
    let mut others: Vec<&Candidate> = group
        .iter()
        .filter(|i| **i != stays)
        .map(|i| &list[*i])
        .collect();
    if others.is_empty() {
        return;
    }
    others.sort_by(|a, b| {
        let by_age = a.age.order(&b.age).unwrap_or(Ordering::Equal);
        by_age.then_with(|| a.id.order(&b.id).unwrap_or(Ordering::Equal))
    });
    let survivor = &list[stays].id;
    for other in &others {
        matches.taken_in[side].insert(IdKey(other.id.clone()), survivor.clone());
    }
    let losers = others.into_iter().map(|c| c.id.clone()).collect();
    matches.merges[side].insert(IdKey(survivor.clone()), Group { losers, rule });
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
fn best(list: &[Candidate], group: &[usize], wanted: Ordering) -> Option<usize> {
    let mut best = *group.first()?;
    let mut tie = false;
    for &i in &group[1..] {
        match list[i].age.order(&list[best].age) {
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
