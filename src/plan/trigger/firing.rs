//! A firing in front of its trigger's expressions.

use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::Triggers;
use crate::ledger::{Firing, FiringState};
use crate::plan::lines::Lines;
use crate::plan::merge::{FieldFailure, instant_of};
use crate::plan::reading;
use crate::plan::world::Rec;
use crate::plan::{Because, PlanError};
use crate::program::{EvalError, Happens, RelId, Relationship, Rule, Side, Source, Trigger};
use crate::store::Record;
use crate::value::{Value, decode, encode};

/// A firing with what its trigger reads.
#[derive(Debug, Clone)]
pub struct Pending {
    pub firing: Firing,
    pub rec: Rec,
    /// The values of the `was()` fields before.
    pub kept: Vec<Value>,
    /// How many actions its trigger has.
    pub actions: usize,
    /// It failed before and is tried again.
    pub retried: bool,
}

impl Pending {
    /// A firing that the ledger does not know.
    pub fn new(
        trigger: &Trigger,
        key: String,
        (side, object, id): (Side, SmolStr, Value),
        rec: Rec,
        kept: Vec<Value>,
        at: chrono::DateTime<chrono::Utc>,
    ) -> Pending {
        let record = snapshot(&trigger.rules, side, &rec, &kept);
        Pending {
            firing: Firing {
                trigger: trigger.name().clone(),
                key: key.into(),
                side,
                object,
                id,
                record,
                decided: false,
                next: 0,
                state: FiringState::Open,
                at,
            },
            rec,
            kept,
            actions: trigger.actions.len(),
            retried: false,
        }
    }

    /// A firing with its record as it is now; without one, as it was.
    pub fn of(trigger: &Trigger, firing: Firing, rec: Option<Rec>) -> Pending {
        let (then, kept) = past(&trigger.rules, &firing);
        Pending {
            rec: rec.unwrap_or(then),
            kept,
            actions: trigger.actions.len(),
            retried: firing.state == FiringState::Failed,
            firing,
        }
    }
}

impl<'a> Triggers<'_, '_, 'a> {
    pub(super) fn lines<'l>(&'l self, id: RelId, firing: &'l Pending) -> Lines<'l, 'a> {
        let mut sides = [None, None];
        sides[firing.firing.side.index()] = Some(&firing.rec);
        Lines {
            world: self.world,
            relationship: id,
            rules: &self.trigger(id).rules,
            sides,
            kept: &firing.kept,
        }
    }

    /// Whether the firing stands: its condition holds, or is yet to be decided.
    pub(super) fn decide(&mut self, id: RelId, firing: &mut Pending) -> Result<bool, PlanError> {
        self.world.begin_record();
        let trigger = self.trigger(id);
        match self.lines(id, firing).holds(&trigger.when) {
            Ok(holds) => {
                firing.firing.decided = holds;
                Ok(holds)
            }
            Err(EvalError::NotYet) => Ok(true),
            Err(error) => {
                firing.firing.state = FiringState::Failed;
                self.fail(id, firing, trigger.rules.rule, error.to_string())?;
                Ok(true)
            }
        }
    }

    /// Lists the firing among the errors.
    pub(super) fn fail(
        &mut self,
        id: RelId,
        firing: &Pending,
        rule: Rule,
        message: String,
    ) -> Result<(), PlanError> {
        self.fail_field(
            id,
            firing,
            FieldFailure {
                side: firing.firing.side,
                field: SmolStr::default(),
                message,
                rule,
            },
        )
    }

    pub(super) fn fail_field(
        &mut self,
        id: RelId,
        firing: &Pending,
        failure: FieldFailure,
    ) -> Result<(), PlanError> {
        self.summary.of(id).errors += 1;
        let f = &firing.firing;
        if let Some(standing) = self.standing.get_mut(&id) {
            standing.unfail(&f.trigger, f.side, &f.object, &f.id, true, self.sink)?;
        }
        self.sink.effect(crate::ledger::Effect::Advance {
            trigger: f.trigger.clone(),
            key: f.key.clone(),
            next: f.next,
            state: FiringState::Failed,
        })?;
        self.sink.failure(
            crate::ledger::Failure {
                relationship: f.trigger.clone(),
                side: f.side,
                object: f.object.clone(),
                id: f.id.clone(),
                field: Some(failure.field).filter(|field| !field.is_empty()),
                code: "value".to_string(),
                message: failure.message,
                sent: "{}".to_string(),
                rule: self.world.program.location(failure.rule),
                transient: false,
            },
            false,
        )
    }

    /// Firings of the ledger with their records as they are now, or as they were where they are gone.
    pub(super) fn read_again(
        &mut self,
        id: RelId,
        firings: Vec<Firing>,
    ) -> Result<Vec<Pending>, PlanError> {
        let trigger = self.trigger(id);
        let found = match trigger.record() {
            Some((side, ..)) if !firings.is_empty() => {
                let ids: Vec<Value> = firings.iter().map(|f| f.id.clone()).collect();
                let projection = reading::whole(&trigger.rules, side, 0);
                reading::get(self.world, side, 0, &projection, &ids)?
            }
            _ => vec![None; firings.len()],
        };
        let pending = firings.into_iter().zip(found);
        Ok(pending
            .map(|(firing, found)| Pending::of(trigger, firing, found))
            .collect())
    }
}

/// Why an operation of a firing is there.
pub fn because(trigger: &Trigger) -> Because {
    match &trigger.source {
        Source::Record {
            happens: Happens::Create,
            ..
        } => Because::FiredByCreate,
        Source::Record {
            happens: Happens::Change,
            ..
        } => Because::FiredByChange,
        Source::Record {
            happens: Happens::Delete,
            ..
        } => Because::FiredByDelete,
        Source::Event(_) => Because::FiredByEvent,
        Source::RunFailed => Because::FiredByFailedRun,
    }
}

/// What a trigger reads, by name: bytes that outlive a change of the rules.
fn snapshot(rules: &Relationship, side: Side, rec: &Rec, kept: &[Value]) -> Box<[u8]> {
    let slots = &rules.sides[side.index()].slots;
    let values = slots.iter().zip(rec.record.values.iter());
    let values = values.map(|(slot, value)| (slot.field.clone(), value.clone()));
    let was = rules.was.iter().zip(kept);
    let was = was.filter_map(|((side, slot), value)| {
        let slot = rules.sides[side.index()].slots.get(slot.0 as usize)?;
        Some((slot.field.clone(), value.clone()))
    });
    pack(values.collect(), was.collect())
}

/// The bytes of what a message says: all of its members, whatever its triggers read.
pub fn pack(values: IndexMap<SmolStr, Value>, was: IndexMap<SmolStr, Value>) -> Box<[u8]> {
    let parts = [values, was].map(|part| Value::Object(Arc::new(part)));
    let mut bytes = Vec::new();
    encode(&Value::List(Arc::new(parts.into())), &mut bytes);
    bytes.into()
}

/// A firing of a trigger by a message that no record stands for: what it is called, what makes it one, and its members.
pub fn message(
    trigger: &Trigger,
    (object, key): (&str, &str),
    members: IndexMap<SmolStr, Value>,
    at: chrono::DateTime<chrono::Utc>,
) -> Firing {
    Firing {
        trigger: trigger.name().clone(),
        key: key.into(),
        side: Side::Left,
        object: object.into(),
        id: Value::Text(key.into()),
        record: pack(members, IndexMap::new()),
        decided: false,
        next: 0,
        state: FiringState::Open,
        at,
    }
}

/// The record and the `was()` values of a firing as it was.
fn past(rules: &Relationship, firing: &Firing) -> (Rec, Vec<Value>) {
    let parts = match decode(&firing.record, &mut 0) {
        Some(Value::List(parts)) => parts,
        _ => Arc::default(),
    };
    let member = |part: usize, name: &SmolStr| match parts.get(part) {
        Some(Value::Object(members)) => members.get(name).cloned().unwrap_or_default(),
        _ => Value::Null,
    };
    let kept = rules.was.iter().map(|(side, slot)| {
        let slot = rules.sides[side.index()].slots.get(slot.0 as usize);
        slot.map_or(Value::Null, |slot| member(1, &slot.field))
    });
    let values = rules.sides[firing.side.index()].slots.iter();
    let rec = message_record(
        firing.id.clone(),
        values.map(|s| member(0, &s.field)).collect(),
    );
    (rec, kept.collect())
}

/// What fired, as a record without a version.
pub fn message_record(id: Value, values: Box<[Value]>) -> Rec {
    Rec {
        alternative: 0,
        record: Record {
            id,
            stamp: Value::Null,
            deleted: false,
            values,
        },
    }
}

/// A stamp for keys: the same instant is the same text.
pub fn stamp_text(stamp: &Value) -> String {
    match instant_of(stamp) {
        Some(instant) => instant.to_rfc3339(),
        None => stamp.to_string(),
    }
}
