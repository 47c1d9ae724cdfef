//! A checked relationship (language reference, section 5).

use std::sync::Arc;

use smol_str::SmolStr;

use super::{Direction, Expr, Lens, Query, RelId, Rule, Side, Slot, ValueMap};
use crate::schema::{Field, Object};
use crate::value::Type;

#[derive(Debug, Clone)]
pub struct Relationship {
    pub name: SmolStr,
    /// The header.
    pub rule: Rule,
    pub sides: [SideRules; 2],
    /// The header's arrow allows push, pull.
    pub enabled: [bool; 2],
    /// `many`: several records of this side may share one partner.
    pub many: Option<Side>,
    pub keys: Vec<Key>,
    /// `follow` lines, and the store's own merges.
    pub follow: Vec<Follow>,
    pub lines: Vec<Line>,
    /// Push, pull.
    pub directions: [DirectionRules; 2],
    /// `purge LEFT when`, `purge RIGHT when`, by side.
    pub purge: [Vec<Purge>; 2],
    pub convert: Vec<Convert>,
    /// Fields that `*` adds to a target before anything is written. The object's schema here already has them.
    pub additions: Vec<Addition>,
    pub queries: Vec<Query>,
    /// Fields of which the ledger keeps the values at the base: those that expressions read with `was()`, and those that a `prefer` never
    /// lets lose a value.
    pub was: Vec<(Side, Slot)>,
    /// The default of `prefer` for what is no field: a delete against a change.
    pub prefer: Prefer,
}

impl Relationship {
    /// The side that may list alternatives: the left one where it has several objects, else the right one.
    pub fn varied(&self) -> Side {
        match self.sides[Side::Left.index()].objects.len() {
            0 | 1 => Side::Right,
            _ => Side::Left,
        }
    }
}

/// One side of a relationship: its object or alternatives, and what is read of a record.
#[derive(Debug, Clone)]
pub struct SideRules {
    /// In the order of the header; one, but for alternatives.
    pub objects: Vec<Arc<Object>>,
    /// What a record of this side carries. A slot is a field name, for one alternative (`Lead.Company`) or for all that have it.
    pub slots: Vec<SlotRule>,
}

#[derive(Debug, Clone)]
pub struct SlotRule {
    /// The field's name.
    pub field: SmolStr,
    /// As the rules say it (`Lead.Company` where qualified).
    pub label: SmolStr,
    /// By alternative: whether this slot is read from it; where not, its value is null.
    pub present: Vec<bool>,
    /// The field's type by alternative (`Type::Null` where not present).
    pub types: Vec<Type>,
}

/// A set of the alternatives of a relationship, as bits in header order; bit 0 where there are none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alternatives(pub u32);

impl Alternatives {
    pub const ALL: Alternatives = Alternatives(u32::MAX);
    pub fn has(self, alternative: usize) -> bool {
        self.0 >> alternative & 1 == 1
    }
}

/// One `match` line.
#[derive(Debug, Clone)]
pub struct Key {
    pub rule: Rule,
    /// Expressions over the left record and over the right record, column by column.
    pub columns: Vec<(Expr, Expr)>,
    /// `where`: over the right record.
    pub filter: Option<Expr>,
    pub duplicates: Duplicates,
    pub alternatives: Alternatives,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Duplicates {
    Error,
    Oldest,
    Newest,
    Create,
    /// Made one in their store; the oldest stays.
    Merge,
}

/// `follow Lead.ConvertedContactId to Contact`
#[derive(Debug, Clone)]
pub struct Follow {
    pub rule: Rule,
    pub side: Side,
    /// The alternative that has the field.
    pub from: usize,
    /// The field that names the record to follow to.
    pub slot: Slot,
    pub to: usize,
}

/// A field line, or a pair of lines `a -> B` and `a <- B`. Its place in [`Relationship::lines`] is its place in the base of a link.
#[derive(Debug, Clone)]
pub struct Line {
    pub rule: Rule,
    pub push: Option<Flow>,
    pub pull: Option<Flow>,
    pub prefer: Prefer,
    pub first_prefer: Prefer,
    pub blanks: Blanks,
    pub alternatives: Alternatives,
}

impl Line {
    pub fn flow(&self, direction: Direction) -> Option<&Flow> {
        match direction {
            Direction::Push => self.push.as_ref(),
            Direction::Pull => self.pull.as_ref(),
        }
    }
    pub fn two_way(&self) -> bool {
        self.push.is_some() && self.pull.is_some()
    }
}

/// How a line writes in one direction.
#[derive(Debug, Clone)]
pub struct Flow {
    pub rule: Rule,
    /// Over the source record; a plain `Expr::Field` in two-way lines.
    pub source: Expr,
    /// The plain field that feeds it, if there is one: for messages and `missing`.
    pub source_slot: Option<Slot>,
    pub target: Slot,
    pub conversion: Conversion,
    pub when: Option<Expr>,
    pub on: On,
    pub if_empty: bool,
    /// A one-way relationship's line against its arrow: the other record's id or reference.
    pub write_back: bool,
    /// `x -> Id on create`: the target's id itself is given.
    pub gives_id: bool,
}

#[derive(Debug, Clone)]
pub enum Conversion {
    None,
    Values(Arc<ValueMap>),
    Lens(Arc<Lens>),
    Via(Via),
}

#[derive(Debug, Clone)]
pub struct Via {
    pub relationship: RelId,
    /// `via REL.Contact`: the alternative that the reference names.
    pub alternative: Option<usize>,
    pub fallback: Fallback,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    Hold,
    Skip,
    Null,
    Sync,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    Both,
    Create,
    Update,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blanks {
    Write,
    Ignore,
}

/// Who wins when both sides changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefer {
    Side(Side),
    Newest,
    Manual,
    True,
    False,
    Max,
    Min,
}

impl Prefer {
    /// Never loses a value, whichever side changed.
    pub fn merges(self) -> bool {
        matches!(
            self,
            Prefer::True | Prefer::False | Prefer::Max | Prefer::Min
        )
    }
}

#[derive(Debug, Clone, Default)]
pub struct DirectionRules {
    /// `push when …`
    pub filters: Vec<Filter>,
    /// `push create …` lines in file order; empty with `creates` true is the bare default.
    pub create: Vec<OperationRule>,
    /// The arrow allows creates and no `create never` switches them off.
    pub creates: bool,
    /// `create once` lines; where there is one, `create` is empty.
    pub once: bool,
    pub update: Vec<OperationRule>,
    pub updates: bool,
    pub delete: Vec<OperationRule>,
    pub change: Vec<ChangeHook>,
    /// Sets on the source record after success.
    pub done: Vec<DoneHook>,
    pub batch: Option<u32>,
}

/// `push when …` with its `leave`.
#[derive(Debug, Clone)]
pub struct Filter {
    pub rule: Rule,
    pub when: Expr,
    pub leave: Leave,
    pub alternatives: Alternatives,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    Keep,
    Unlink,
    Delete,
}

/// A line of `create`, `update` or `delete` with its clauses.
#[derive(Debug, Clone)]
pub struct OperationRule {
    pub rule: Rule,
    /// The alternatives it is for; for a create towards alternatives the one it makes.
    pub alternatives: Alternatives,
    pub when: Option<Expr>,
    pub require: Vec<Require>,
    pub set: Vec<Set>,
    /// `with KEY = VALUE`
    pub options: Vec<(SmolStr, Expr)>,
}

#[derive(Debug, Clone)]
pub enum Require {
    /// `require F`: the name as written and its expression.
    Field {
        name: SmolStr,
        value: Expr,
        rule: Rule,
    },
    Condition {
        condition: Expr,
        reason: SmolStr,
        rule: Rule,
    },
}

/// `F = EXPR`, over the source record.
#[derive(Debug, Clone)]
pub struct Set {
    pub rule: Rule,
    pub target: Slot,
    pub value: Expr,
}

#[derive(Debug, Clone)]
pub struct ChangeHook {
    pub rule: Rule,
    pub target: Slot,
    pub when: Option<Expr>,
    pub set: Vec<Set>,
}

/// `done set …`: `Set::target` is a slot of the source side.
#[derive(Debug, Clone)]
pub struct DoneHook {
    pub rule: Rule,
    pub when: Option<Expr>,
    pub set: Vec<Set>,
    pub alternatives: Alternatives,
}

#[derive(Debug, Clone)]
pub struct Purge {
    pub rule: Rule,
    pub object: usize,
    pub when: Expr,
}

/// `convert A to B when … set …`: of the side that has alternatives.
#[derive(Debug, Clone)]
pub struct Convert {
    pub rule: Rule,
    pub side: Side,
    /// Unlinked records that a key finds are converted too.
    pub every: bool,
    pub from: usize,
    pub to: usize,
    /// The record that was converted is deleted.
    pub delete: bool,
    /// Over both records.
    pub when: Option<Expr>,
    /// On the record that is converted, over both.
    pub set: Vec<Set>,
}

/// A field that `* <- *` adds to a target object.
#[derive(Debug, Clone)]
pub struct Addition {
    pub rule: Rule,
    pub side: Side,
    pub object: SmolStr,
    pub field: Field,
}
