//! What checking learns and lints look at: uses, conditions, keys, writes.

use indexmap::IndexSet;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::SchemaPlaces;
use super::gaps::Gaps;
use crate::diagnostic::Span;
use crate::program::{Direction, Expr, Program, Side, Slot, SlotRule};
use crate::value::Type;

#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// What was built, errors or not; its unresolved parts are left out.
    pub draft: Option<Program>,
    /// Where the schema files say what findings are about.
    pub places: SchemaPlaces,
    /// What is not known of relationships that have errors: nothing is said about what they lack there.
    pub gaps: FxHashMap<SmolStr, Gaps>,
    /// A schedule names something that is not there.
    pub schedule_gap: bool,
    pub used_lets: IndexSet<SmolStr>,
    pub used_functions: IndexSet<SmolStr>,
    /// Functions that other functions call.
    pub used_by_functions: IndexSet<SmolStr>,
    pub used_conversions: IndexSet<SmolStr>,
    /// Lenses that have a finding: nothing more is tried on them.
    pub broken_lenses: IndexSet<SmolStr>,
    pub scheduled: IndexSet<SmolStr>,
    /// Conditions whose value does not depend on any record or setting.
    pub constant_conditions: Vec<(Span, bool)>,
    /// Tests for null of fields that are never null.
    pub never_null: Vec<NeverNull>,
    /// A name that hides a field of the record at hand: the name's use and what it is.
    pub shadows: Vec<Shadow>,
    pub keys: Vec<KeyFact>,
    pub writes: Vec<WriteFact>,
    pub null_writes: Vec<NullWrite>,
    /// Value maps over picklists: what each line feeds into which map.
    pub mapped: Vec<MapUse>,
    /// Lenses on two-way fields that change a value on its way over and back, and then no more.
    pub lossy_lenses: Vec<LossyLens>,
    /// Comparisons with a text that a picklist does not have.
    pub not_members: Vec<NotMember>,
    /// What the actions of triggers write.
    pub actions: Vec<ActionFact>,
    /// Cycles of `via` that no `or null` breaks.
    pub via_cycles: Vec<ViaCycle>,
    /// Creates towards alternatives that name none, so that nothing is made.
    pub silent_creates: Vec<(Span, String)>,
}

/// Relationships that refer to each other by `via`.
#[derive(Debug)]
pub(crate) struct ViaCycle {
    /// In the order in which they refer to each other, the first at the end again.
    pub names: Vec<SmolStr>,
    /// The lines that refer, each to the next one.
    pub lines: Vec<Span>,
}

#[derive(Debug)]
pub(crate) struct Shadow {
    pub span: Span,
    pub name: SmolStr,
    pub hidden: &'static str,
    pub declared: Option<Span>,
}

/// One column of a `match` line: its two expressions and where they stand.
#[derive(Debug)]
pub(crate) struct KeyFact {
    pub relationship: SmolStr,
    /// The place of the key in the relationship, and of the column in the key.
    pub key: usize,
    pub column: usize,
    pub spans: [Span; 2],
}

/// A field line or `set` that writes a field.
#[derive(Debug)]
pub(crate) struct WriteFact {
    pub relationship: SmolStr,
    pub side: Side,
    pub object: SmolStr,
    pub field: SmolStr,
    /// Where the target stands.
    pub target: Span,
    /// Where the value comes from.
    pub source: Span,
    /// The fields of the source record that it comes from; `None` where it reads more than these.
    pub reads: Option<Vec<Slot>>,
    /// The value may be null, and nothing but the target stops it then.
    pub nullable: bool,
}

/// `set F = null`, in an operation, an action or a query's create.
#[derive(Debug)]
pub(crate) struct NullWrite {
    pub side: Side,
    pub object: SmolStr,
    pub field: SmolStr,
    pub target: Span,
    /// The null.
    pub source: Span,
}

/// `score = null`, where the schema says that it is none.
#[derive(Debug)]
pub(crate) struct NeverNull {
    /// The test.
    pub span: Span,
    /// What it gives for every record.
    pub holds: bool,
    pub side: Side,
    pub object: SmolStr,
    pub field: SmolStr,
}

#[derive(Debug)]
pub(crate) struct LossyLens {
    pub name: SmolStr,
    /// The lens's name where it is declared.
    pub span: Span,
    /// The line that uses it.
    pub used: Span,
    /// `push "ADA" → "ada", pull "ada" → "ada"`
    pub shown: String,
}

#[derive(Debug)]
pub(crate) struct NotMember {
    /// The text.
    pub span: Span,
    pub text: SmolStr,
    /// What is compared with it.
    pub operand: Span,
    pub members: std::sync::Arc<Vec<SmolStr>>,
}

/// What makes a trigger fire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Firing {
    Change,
    Create,
    Delete,
}

/// How an action writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Writing {
    /// `create`
    Create,
    /// `upsert`, `update`: it can make a trigger fire again.
    Other,
    /// `set`: on the record that fired, which does not fire again.
    Own,
}

/// A field that a trigger's action writes.
#[derive(Debug)]
pub(crate) struct ActionFact {
    pub trigger: SmolStr,
    /// The object whose records fire it.
    pub fired: (Side, SmolStr),
    pub firing: Firing,
    /// What `value` reads, by side.
    pub slots: [Vec<SlotRule>; 2],
    /// The `when` of the trigger and of the action.
    pub when: Vec<Expr>,
    pub writing: Writing,
    pub target: (Side, SmolStr),
    pub field: SmolStr,
    pub value: Expr,
    pub span: Span,
}

/// A field that goes through a value map.
#[derive(Debug)]
pub(crate) struct MapUse {
    pub map: SmolStr,
    pub direction: Direction,
    pub source: Type,
    pub span: Span,
}
