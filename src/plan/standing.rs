//! What the ledger lists for a relationship: held records, failures, conflicts; each is told again unless this plan settles it.

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::ids::IdKey;
use super::merge::Settled;
use super::{PlanError, Sink};
use crate::ledger::{Conflict, Effect, FailureRow, Ledger, Revisit, Selection, Turning};
use crate::program::{Direction, Side};
use crate::value::Value;

#[derive(Debug, Default)]
pub struct Standing {
    held: FxHashSet<(Direction, SmolStr, IdKey)>,
    failures: FxHashMap<(Side, SmolStr, IdKey), FailureRow>,
    conflicts: FxHashMap<i64, Vec<Conflict>>,
    turning: Vec<Turning>,
    pub revisits: Vec<Revisit>,
}

impl Standing {
    pub fn load(
        ledger: &Ledger,
        relationship: &SmolStr,
        now: chrono::DateTime<chrono::Utc>,
    ) -> Result<Standing, PlanError> {
        let selection = Selection {
            relationship: Some(relationship.clone()),
            ids: Vec::new(),
        };
        let mut standing = Standing {
            revisits: ledger.revisits(relationship, now)?,
            turning: ledger.turning(now)?,
            ..Standing::default()
        };
        let held = ledger.held_records(relationship)?.into_iter();
        standing.held = held.map(|(d, o, id)| (d, o, IdKey(id))).collect();
        for row in ledger.failures(&selection)? {
            let failure = &row.failure;
            standing.failures.insert(
                (
                    failure.side,
                    failure.object.clone(),
                    IdKey(failure.id.clone()),
                ),
                row,
            );
        }
        for conflict in ledger.conflicts(&selection)? {
            standing
                .conflicts
                .entry(conflict.link)
                .or_default()
                .push(conflict);
        }
        Ok(standing)
    }

    /// Nothing is listed, or not any more.
    pub fn is_empty(&self) -> bool {
        self.held.is_empty() && self.failures.is_empty() && self.conflicts.is_empty()
    }

    /// Whether a field of the link is in conflict, or must not turn once more.
    pub fn is_disputed(&self, link: i64) -> bool {
        self.conflicts.contains_key(&link) || self.turning.iter().any(|t| t.link == link)
    }

    pub fn settled(&self, link: Option<i64>, field: &str) -> Option<Settled> {
        let link = link?;
        let listed = self.conflicts.get(&link).into_iter().flatten();
        let Some(conflict) = listed.into_iter().find(|c| c.field == field) else {
            let turning = self
                .turning
                .iter()
                .find(|t| t.link == link && t.field == field)?;
            return Some(Settled::Turning(turning.values));
        };
        Some(match conflict.take {
            Some(side) => Settled::Take(side),
            None if conflict.frozen => Settled::Frozen,
            None => Settled::Listed,
        })
    }

    /// The records that are held: source side, object, id.
    pub fn held(&self) -> impl Iterator<Item = (Side, &SmolStr, &Value)> {
        let keys = self.held.iter();
        keys.map(|(direction, object, id)| (direction.source(), object, &id.0))
    }

    /// The record was looked at again: what was listed for it in this direction is gone unless it is listed anew.
    pub fn unhold(
        &mut self,
        relationship: &SmolStr,
        direction: Direction,
        object: &SmolStr,
        id: &Value,
        anew: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), PlanError> {
        if self.held.is_empty()
            || !self
                .held
                .remove(&(direction, object.clone(), IdKey(id.clone())))
            || anew
        {
            return Ok(());
        }
        sink.effect(Effect::Unhold {
            relationship: relationship.clone(),
            direction,
            object: object.clone(),
            id: id.clone(),
        })
    }

    pub fn unfail(
        &mut self,
        relationship: &SmolStr,
        side: Side,
        object: &SmolStr,
        id: &Value,
        anew: bool,
        sink: &mut dyn Sink,
    ) -> Result<(), PlanError> {
        if self.failures.is_empty()
            || self
                .failures
                .remove(&(side, object.clone(), IdKey(id.clone())))
                .is_none()
            || anew
        {
            return Ok(());
        }
        sink.effect(Effect::Unfail {
            relationship: relationship.clone(),
            side,
            object: object.clone(),
            id: id.clone(),
        })
    }

    /// The listed records that this plan has not looked at, by side and object.
    pub fn unseen(&self) -> Vec<(Side, SmolStr, Vec<Value>)> {
        let held = self.held.iter().map(|(d, o, id)| (d.source(), o, id));
        let failed = self.failures.keys().map(|(s, o, id)| (*s, o, id));
        let mut ids: FxHashMap<(Side, SmolStr), Vec<Value>> = FxHashMap::default();
        for (side, object, id) in held.chain(failed) {
            ids.entry((side, object.clone()))
                .or_default()
                .push(id.0.clone());
        }
        let mut unseen: Vec<_> = ids.into_iter().map(|((s, o), i)| (s, o, i)).collect();
        unseen.sort_by(|a, b| (a.0.index(), &a.1).cmp(&(b.0.index(), &b.1)));
        unseen
    }

    /// The fields of a link that are in conflict no longer.
    pub fn settle(
        &mut self,
        link: i64,
        still: &[SmolStr],
        sink: &mut dyn Sink,
    ) -> Result<(), PlanError> {
        for conflict in self.conflicts.remove(&link).unwrap_or_default() {
            if !still.contains(&conflict.field) {
                sink.effect(Effect::Settle {
                    link,
                    field: Some(conflict.field),
                })?;
            }
        }
        Ok(())
    }

    /// Tells what still stands of what was loaded.
    pub fn tell(
        mut self,
        ledger: &Ledger,
        relationship: &SmolStr,
        sink: &mut dyn Sink,
    ) -> Result<(u64, u64, u64), PlanError> {
        let counts = (
            self.held.len() as u64,
            self.failures.len() as u64,
            self.conflicts.values().map(|c| c.len() as u64).sum(),
        );
        if !self.held.is_empty() {
            let selection = Selection {
                relationship: Some(relationship.clone()),
                ids: Vec::new(),
            };
            for row in ledger.held(&selection)? {
                let key = (row.direction, row.object.clone(), IdKey(row.id.clone()));
                if self.held.remove(&key) {
                    sink.held(row, true)?;
                }
            }
        }
        let mut failures: Vec<FailureRow> = self.failures.into_values().collect();
        failures.sort_by_cached_key(|a| (a.failure.object.clone(), a.failure.id.to_string()));
        for row in failures {
            sink.failure(row.failure, true)?;
        }
        let mut conflicts: Vec<Conflict> = self.conflicts.into_values().flatten().collect();
        conflicts.sort_by(|a, b| (a.link, &a.field).cmp(&(b.link, &b.field)));
        for conflict in conflicts {
            sink.conflict(conflict, true)?;
        }
        Ok(counts)
    }
}
