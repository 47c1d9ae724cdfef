//! Which records got a partner.

use rustc_hash::FxHashSet;

use super::seen::Seen;
use crate::plan::ids::{RecordKey, record_key};
use crate::plan::matching::Matches;
use crate::program::Side;
use crate::value::Value;

/// Records, by side, that got a partner in a plan: a bit for each that matching found a pair for, an entry for the few others. Everything
/// that is asked or told names the record by alternative and id, and the plan's matches.
#[derive(Debug, Default)]
pub(super) struct Paired {
    /// The numbers of their pairs.
    matched: [Seen; 2],
    others: [FxHashSet<RecordKey>; 2],
}

impl Paired {
    pub(super) fn insert(&mut self, matches: &Matches, side: Side, alternative: usize, id: &Value) {
        match matches.pair(side, alternative, id) {
            Some(pair) => {
                self.matched[side.index()].insert(pair.into());
            }
            None => {
                self.others[side.index()].insert(record_key(alternative, id));
            }
        }
    }

    pub(super) fn remove(&mut self, matches: &Matches, side: Side, alternative: usize, id: &Value) {
        if let Some(pair) = matches.pair(side, alternative, id) {
            self.matched[side.index()].forget(pair.into());
        }
        if !self.others[side.index()].is_empty() {
            self.others[side.index()].remove(&record_key(alternative, id));
        }
    }

    pub(super) fn contains(
        &self,
        matches: &Matches,
        side: Side,
        alternative: usize,
        id: &Value,
    ) -> bool {
        let (matched, others) = (&self.matched[side.index()], &self.others[side.index()]);
        let pair = || matches.pair(side, alternative, id);
        (!matched.is_empty() && pair().is_some_and(|pair| matched.contains(pair.into())))
            || (!others.is_empty() && others.contains(&record_key(alternative, id)))
    }

    /// What is known by the pairs of these matches stays, whatever matches come after them.
    pub(super) fn release(&mut self, matches: &Matches) {
        for side in Side::BOTH {
            let matched = std::mem::take(&mut self.matched[side.index()]);
            let pairs = matched.iter().filter_map(|pair| u32::try_from(pair).ok());
            let records = pairs.filter_map(|pair| matches.paired(side, pair));
            self.others[side.index()].extend(records);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug, Clone)]
    enum Step {
        Insert(Side, i64),
        Remove(Side, i64),
        /// New matches, with the pairs of these records.
        Match(Vec<(i64, i64)>),
    }

    fn any_step() -> impl Strategy<Value = Step> {
        let record = || (prop::sample::select(&Side::BOTH[..]), 0_i64..8);
        prop_oneof![
            6 => record().prop_map(|(side, id)| Step::Insert(side, id)),
            3 => record().prop_map(|(side, id)| Step::Remove(side, id)),
            1 => prop::collection::vec((0_i64..8, 0_i64..8), 0..6).prop_map(Step::Match),
        ]
    }

    proptest! {
        #[test]
        fn paired_records_are_a_set(steps in prop::collection::vec(any_step(), 0..40)) {
            let mut matches = Matches::default();
            let mut paired = Paired::default();
            let mut model: [FxHashSet<i64>; 2] = Default::default();
            for step in steps {
                match step {
                    Step::Insert(side, id) => {
                        paired.insert(&matches, side, 0, &Value::Int(id));
                        model[side.index()].insert(id);
                    }
                    Step::Remove(side, id) => {
                        paired.remove(&matches, side, 0, &Value::Int(id));
                        model[side.index()].remove(&id);
                    }
                    Step::Match(pairs) => {
                        let pairs = pairs.iter().map(|(left, right)| [left, right].map(|id| Value::Int(*id)));
                        let before = std::mem::replace(&mut matches, Matches::of(pairs));
                        paired.release(&before);
                    }
                }
                for side in Side::BOTH {
                    for id in 0..8 {
                        let contains = paired.contains(&matches, side, 0, &Value::Int(id));
                        prop_assert_eq!(contains, model[side.index()].contains(&id));
                        prop_assert!(!paired.contains(&matches, side, 1, &Value::Int(id)));
                    }
                }
            }
        }
    }
}
