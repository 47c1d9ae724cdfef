//! Records in front of an expression.

use chrono::{DateTime, Utc};

use super::{Answer, Rec, World};
use crate::plan::SourceRecord;
use crate::program::{EvalError, Expr, QueryRef, RelId, Relationship, Scope, Side, Slot, evaluate};
use crate::value::Value;

/// A pair of records, or one record, in front of an expression.
pub struct PairScope<'s, 'a> {
    pub world: &'s World<'a>,
    pub relationship: RelId,
    pub sides: [Option<&'s Rec>; 2],
    /// The values at the base of the fields that `was()` reads.
    pub kept: &'s [Value],
    pub it: Option<&'s Value>,
}

impl PairScope<'_, '_> {
    fn rules(&self) -> &Relationship {
        &self.world.program[self.relationship]
    }

    /// The record whose link a `linked` asks for: its key, else this side's record; null where there is none.
    pub(in crate::plan) fn linked_id(
        &self,
        from: Side,
        key: Option<&Expr>,
    ) -> Result<Value, EvalError> {
        match key {
            Some(key) => evaluate(key, self),
            None => Ok(self.sides[from.index()].map_or(Value::Null, |r| r.id().clone())),
        }
    }

    /// The record of this side, else that of the other one.
    pub(super) fn source(&self, side: Side) -> Option<SourceRecord> {
        let both = [side, side.other()].into_iter();
        let (side, rec) = both
            .filter_map(|s| self.sides[s.index()].map(|r| (s, r)))
            .next()?;
        let object = self.rules().sides[side.index()]
            .objects
            .get(rec.alternative)?;
        let trigger = self.world.program.trigger(self.relationship);
        Some(SourceRecord {
            side: Some(side).filter(|_| trigger.is_none_or(|t| t.record().is_some())),
            object: object.name.clone(),
            id: rec.id().clone(),
        })
    }
}

static NULL: Value = Value::Null;

impl Scope for PairScope<'_, '_> {
    fn field(&self, side: Side, slot: Slot) -> &Value {
        self.sides[side.index()].map_or(&NULL, |r| r.slot(slot))
    }
    fn was(&self, side: Side, slot: Slot) -> Value {
        let place = self.rules().was.iter().position(|w| *w == (side, slot));
        place
            .and_then(|p| self.kept.get(p).cloned())
            .unwrap_or_default()
    }
    fn alternative(&self) -> &str {
        let rules = self.rules();
        let side = rules.varied().index();
        let alternative = self.sides[side].map_or(0, |r| r.alternative);
        rules.sides[side]
            .objects
            .get(alternative)
            .map_or("", |o| o.name.as_str())
    }
    fn by_hand(&self) -> bool {
        self.world.is_by_hand()
    }
    fn now(&self) -> DateTime<Utc> {
        self.world.now
    }
    fn it(&self) -> &Value {
        self.it.unwrap_or(&NULL)
    }
    fn query(&self, query: QueryRef) -> Result<Value, EvalError> {
        match self.world.answer(self.relationship, query, self)? {
            Answer::Value(value) => Ok(value),
            Answer::Coming(_) => Err(EvalError::NotYet),
        }
    }
    fn round_robin(&self, number: u16, list: &[Value]) -> Value {
        match list.len() {
            0 => Value::Null,
            n => list[(self.world.turn(number) % n as u64) as usize].clone(),
        }
    }
}
