//! The checked program: what the planner reads. Only `check` makes one; every name in it is resolved, every type agreed.
//!
//! Knows values, schemas and positions; nothing of syntax, stores' wire formats or ledgers.

mod evaluate;
mod expression;
mod functions;
mod maps;
mod relationship;

pub use evaluate::{EvalError, Scope, evaluate, evaluate_ref, is_true};
pub use expression::{
    Aggregate, Arithmetic, Comparison, Expr, Function, PathStep, Query, QueryKind, QueryRef,
    TextPart,
};
pub use functions::{Nulls, Param, ParamKind, ResultKind, Signature, signature};
pub use maps::{ElseRule, Lens, MapError, ValueMap};
pub use relationship::*;

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

/// A relationship of the program: its place in [`Program::relationships`].
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
    /// Parts that are checked but not run by this version: planning refuses the program with them.
    pub not_run: Vec<NotRun>,
    pub sources: SourceMap,
    /// blake3 of all that changes the meaning: rule texts, settings, schemas. A saved plan of another hash is stale.
    pub hash: [u8; 32],
}

#[derive(Debug, Clone)]
pub struct ProgramStore {
    pub name: SmolStr,
    pub schema: Arc<StoreSchema>,
}

/// A `convert`, `duplicates merge` or trigger.
#[derive(Debug, Clone)]
pub struct NotRun {
    /// "`convert`", "`duplicates merge`", "trigger `hot_lead`"
    pub what: String,
    pub rule: Rule,
}

impl Program {
    /// `people.sync:12` of a rule.
    pub fn location(&self, rule: Rule) -> String {
        let path = self
            .sources
            .file(rule.0.file)
            .map_or("", |source| source.path.as_str());
        format!("{path}:{}", self.sources.line_of(rule.0))
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
        &self.relationships[id.0 as usize]
    }
}
