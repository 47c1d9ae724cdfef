//! Batches of nothing but new records: written, and linked with what they are made of, without a unit for each. Whatever else than a new
//! record comes of one of the writes is left to what settles units.

use super::ApplyError;
use super::batch::{Counts, Writer};
use super::effects::is_versioned;
use super::results::Results;
use super::settle::{Settled, Settler, Written};
use crate::ledger::{BatchState, Effect, Ledger};
use crate::plan::Unit;
use crate::plan::codec::Creates;
use crate::store::WriteResult;
use crate::value::Value;

/// Creates that all made their record; their writes are not kept.
pub struct Made {
    creates: Creates,
    /// Ids and stamps.
    records: Vec<(Value, Value)>,
}

impl Made {
    /// Gives back the results where one of them is no new record.
    pub fn of(creates: Creates, results: Vec<WriteResult>) -> Result<Made, Vec<WriteResult>> {
        if results.len() != creates.count()
            || !results
                .iter()
                .all(|r| matches!(r, WriteResult::Done { .. }))
        {
            return Err(results);
        }
        let record = |result| match result {
            WriteResult::Done { id, stamp } => Some((id, stamp)),
            WriteResult::Stale | WriteResult::Failed(_) => None,
        };
        Ok(Made {
            creates,
            records: results.into_iter().filter_map(record).collect(),
        })
    }
}

impl Writer<'_> {
    /// Whether the records need not be read back once they are made.
    pub fn takes(&self, creates: &Creates) -> bool {
        !self.stores[creates.side().index()].rewrites(&creates.object)
    }

    /// The results in order.
    ///
    /// # Errors
    /// Of the store as a whole.
    pub fn write_creates(&mut self, creates: &Creates) -> Result<Vec<WriteResult>, ApplyError> {
        let (side, object) = (creates.side(), &creates.object);
        let most = self.at_once(side, creates.relationship, creates.direction);
        let mut results = Vec::with_capacity(creates.count());
        for writes in creates.writes.chunks(most) {
            let written = self.stores[side.index()].write(object, writes);
            let written = written.map_err(|error| self.error(side, error))?;
            let relationships = std::iter::repeat(creates.relationship);
            self.note(relationships, side, object, writes, &written);
            results.extend(written);
        }
        Ok(results)
    }
}

impl Written {
    /// Units with one write each.
    pub fn of(units: Vec<Unit>, results: Vec<WriteResult>) -> Written {
        Written {
            units,
            outcomes: results
                .into_iter()
                .map(|result| vec![Some(result)])
                .collect(),
            blocked: Default::default(),
            lost: Default::default(),
            read_back: false,
            recovered: false,
        }
    }
}

impl Settler<'_> {
    /// Results and new links, in one transaction.
    pub fn link(
        &mut self,
        ledger: &mut Ledger,
        batch: i64,
        made: Made,
    ) -> Result<Settled, ApplyError> {
        let Made {
            mut creates,
            records,
        } = made;
        let rules = &self.program[creates.relationship];
        let layouts = self.layouts(ledger, creates.relationship)?;
        let (side, object) = (creates.side(), creates.object.clone());
        let made_versioned = is_versioned(rules, side, &object);
        let mut results = Results::default();
        let mut links = Vec::with_capacity(records.len());
        let count = creates.count();
        let sources = std::mem::take(&mut creates.sources);
        for (place, (source, (id, stamp))) in sources.into_iter().zip(records).enumerate() {
            results.done(&id, &stamp);
            let other = side.other();
            let Some(from) = rules.sides[other.index()]
                .objects
                .get(usize::from(source.alternative))
            else {
                continue;
            };
            let versioned = |versioned: bool, stamp| if versioned { stamp } else { Value::Null };
            let mut objects = [object.clone(), object.clone()];
            objects[other.index()] = from.name.clone();
            let mut ids = [Value::Null, Value::Null];
            (ids[side.index()], ids[other.index()]) = (id, source.id);
            let mut stamps = [Value::Null, Value::Null];
            stamps[side.index()] = versioned(made_versioned, stamp);
            stamps[other.index()] = versioned(from.modified.is_some(), source.stamp);
            links.push(Effect::Link {
                relationship: rules.name.clone(),
                objects,
                ids,
                stamps,
                base: layouts.encode(creates.base(place), &[]),
                closed: false,
            });
        }
        let counts = Counts {
            done: count as u64,
            ..Counts::default()
        };
        ledger.complete(batch, BatchState::Done, None, results.bytes(), &links)?;
        Ok(Settled {
            counts,
            listed: Vec::new(),
        })
    }
}
