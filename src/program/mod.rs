//! The checked program: what the planner reads. Only `check` makes one; every name in it is resolved, every type agreed.
//!
//! Knows values, schemas and positions; nothing of syntax, stores' wire formats or ledgers.

mod evaluate;
mod expression;
mod functions;
mod maps;
mod relationship;
mod schedule;
mod trigger;

pub use evaluate::{EvalError, NoRecord, Scope, evaluate, evaluate_ref, is_true};
pub use expression::{
    Aggregate, Arithmetic, Comparison, Expr, Function, PathStep, Query, QueryKind, QueryRef,
    TextPart,
};
pub use functions::{Nulls, Param, ParamKind, ResultKind, Signature, signature};
pub use maps::{ElseRule, Lens, MapError, ValueMap};
pub use relationship::*;
pub use schedule::{Pace, Schedule};
pub use trigger::{Action, ActionKind, Happens, RUN_MEMBERS, Source, Trigger};

use std::sync::Arc;

use smol_str::SmolStr;

use crate::diagnostic::{SourceMap, Span};
use crate::schema::StoreSchema;

/// `0` is left, `1` is right wherever an array has two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    Left,
    Right,
}

/// Push is left to right, pull is right to left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    Push,
    Pull,
}

impl Side {
    pub const BOTH: [Side; 2] = [Side::Left, Side::Right];
    pub fn other(self) -> Side {
        match self {
            Side::Left => Side::Right,
            Side::Right => Side::Left,
        }
    }
    /// The direction whose source this side is.
    pub fn sends(self) -> Direction {
        match self {
            Side::Left => Direction::Push,
            Side::Right => Direction::Pull,
        }
    }
    pub fn index(self) -> usize {
        self as usize
    }
}

impl Direction {
    pub const BOTH: [Direction; 2] = [Direction::Push, Direction::Pull];
    pub fn source(self) -> Side {
        match self {
            Direction::Push => Side::Left,
            Direction::Pull => Side::Right,
        }
    }
    pub fn target(self) -> Side {
        self.source().other()
    }
    pub fn other(self) -> Direction {
        self.target().sends()
    }
    pub fn index(self) -> usize {
        self as usize
    }
    pub fn arrow(self) -> &'static str {
        match self {
            Direction::Push => "->",
            Direction::Pull => "<-",
        }
    }
    pub fn word(self) -> &'static str {
        match self {
            Direction::Push => "push",
            Direction::Pull => "pull",
        }
    }
}

/// A relationship of the program, by its place in [`Program::relationships`]; after these, the triggers by theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelId(pub u16);

/// A record slot of one side of a relationship: its place in [`SideRules::slots`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u16);

/// The rule line that an operation or a decision comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rule(pub Span);

/// A whole program, ready to plan.
#[derive(Debug, Clone)]
pub struct Program {
    /// `name:` in stores.yaml, else the rules folder's base name.
    pub name: SmolStr,
    /// Store name and schema, left and right.
    pub stores: [ProgramStore; 2],
    /// In the order in which they run (engine, section 5).
    pub relationships: Vec<Relationship>,
    /// In the order of files and lines.
    pub schedules: Vec<Schedule>,
    /// In file order.
    pub triggers: Vec<Trigger>,
    pub sources: SourceMap,
    /// blake3 of all that changes the meaning: rule texts, settings, schemas. A saved plan of another hash is stale.
    pub hash: [u8; 32],
}

#[derive(Debug, Clone)]
pub struct ProgramStore {
    pub name: SmolStr,
    pub schema: Arc<StoreSchema>,
}

impl Program {
    /// `people.sync:12` of a rule.
    pub fn location(&self, rule: Rule) -> String {
        self.sources.location(rule.0)
    }
    /// The part of [`Program::hash`] that the ledger keeps.
    pub fn rules_hash(&self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|i| self.hash[i]))
    }
    pub fn relationship(&self, name: &str) -> Option<RelId> {
        self.relationships
            .iter()
            .position(|r| r.name == name)
            .map(|i| RelId(i as u16))
    }
    /// The rules of relationships, then of triggers.
    pub fn all_rules(&self) -> impl Iterator<Item = &Relationship> {
        let triggers = self.triggers.iter().map(|t| &t.rules);
        self.relationships.iter().chain(triggers)
    }
    /// The objects that actions of triggers write to other than through relationships, by side; perhaps some more than once.
    pub fn acted_on(&self) -> impl Iterator<Item = (Side, &SmolStr)> {
        self.triggers.iter().flat_map(Trigger::acts_on)
    }
    /// Whether records of the object fire triggers.
    pub fn watches(&self, side: Side, object: &str) -> bool {
        let watched = |t: &Trigger| {
            t.record()
                .is_some_and(|(of, watched, _)| of == side && watched.name == object)
        };
        self.triggers.iter().any(watched)
    }
    /// The triggers, as what a run can be asked for.
    pub fn trigger_ids(&self) -> impl Iterator<Item = RelId> + use<> {
        let first = self.relationships.len();
        (first..first + self.triggers.len()).map(|at| RelId(at as u16))
    }
    /// The trigger that the id stands for, if it is one's.
    pub fn trigger(&self, id: RelId) -> Option<&Trigger> {
        let at = usize::from(id.0).checked_sub(self.relationships.len())?;
        self.triggers.get(at)
    }
    /// A relationship or trigger by its name: no two have the same.
    pub fn named(&self, name: &str) -> Option<RelId> {
        let trigger = || {
            let mut all = self.triggers.iter().zip(self.trigger_ids());
            all.find(|(t, _)| t.name() == name).map(|(_, id)| id)
        };
        self.relationship(name).or_else(trigger)
    }
    /// Whether `*` adds a field to a store of this side that is not there yet.
    pub fn adds_fields(&self, side: Side) -> bool {
        let mut additions = self.relationships.iter().flat_map(|r| &r.additions);
        additions.any(|addition| addition.side == side)
    }
    /// Makes the additions that a store has by now into fields like all others: nothing adds them again, and they are read.
    pub fn settle_additions(&mut self, side: Side, described: &StoreSchema) {
        let schema = Arc::make_mut(&mut self.stores[side.index()].schema);
        for relationship in &mut self.relationships {
            relationship.additions.retain(|addition| {
                let is_there = addition.side == side
                    && described
                        .objects
                        .get(&addition.object)
                        .is_some_and(|o| o.fields.contains_key(&addition.field.name));
                if is_there && let Some(object) = schema.objects.get_mut(&addition.object) {
                    let field = &addition.field;
                    Arc::make_mut(object)
                        .fields
                        .entry(field.name.clone())
                        .or_insert_with(|| field.clone());
                }
                !is_there
            });
        }
    }
}

impl std::ops::Index<RelId> for Program {
    type Output = Relationship;
    fn index(&self, id: RelId) -> &Relationship {
        match self.trigger(id) {
            Some(trigger) => &trigger.rules,
            None => &self.relationships[id.0 as usize],
        }
    }
}
