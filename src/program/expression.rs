//! Compiled expressions: names are slots, functions are inlined, queries are numbered so that they can be answered in batches.

use smol_str::SmolStr;

use super::{RelId, Rule, Side, Slot};
use crate::value::Value;

/// An expression over one left and one right record (language reference, section 6).
#[derive(Debug, Clone)]
pub enum Expr {
    Const(Value),
    /// A field of the record on that side; null where there is none.
    Field(Side, Slot),
    /// `was(field)`: the value at the base.
    Was(Side, Slot),
    /// The value at hand in a lens.
    It,
    /// `object()`: the name of the alternative at hand.
    Alternative,
    /// `by_hand()`: true in a `send`.
    ByHand,
    Now,
    Today,
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    /// `= null` (`negated`: `!= null`)
    IsNull {
        operand: Box<Expr>,
        negated: bool,
    },
    IsEmpty {
        operand: Box<Expr>,
        negated: bool,
    },
    In {
        operand: Box<Expr>,
        list: Box<Expr>,
        negated: bool,
    },
    Matches(Box<Expr>, regex::Regex),
    Coalesce(Box<Expr>, Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    Negate(Box<Expr>),
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    Interpolate(Vec<TextPart>),
    /// `billing.city`, `items[0].sku`, `name_from_email(x).first`
    Path(Box<Expr>, Vec<PathStep>),
    List(Vec<Expr>),
    Call(Function, Vec<Expr>),
    /// Answered before evaluation from the query's batch.
    Query(QueryRef),
    /// `round_robin(list)`; the number tells the uses of a program apart.
    RoundRobin(Box<Expr>, u16),
}

#[derive(Debug, Clone)]
pub enum TextPart {
    Text(SmolStr),
    Expr(Expr),
}

#[derive(Debug, Clone)]
pub enum PathStep {
    Member(SmolStr),
    Index(Expr),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    Count,
    Sum,
    Max,
    Min,
}

/// The functions that a call compiles to; those with a form of their own (`now`, `today`, `object`, `by_hand`, `round_robin`, `was`)
/// are variants of [`Expr`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Function {
    Lower,
    Upper,
    Trim,
    Title,
    Length,
    Left,
    Right,
    Substring,
    Replace,
    Split,
    Join,
    Contains,
    StartsWith,
    EndsWith,
    Digits,
    NormalizePhone,
    NameFromEmail,
    DomainOf,
    HtmlToText,
    Sha256,
    Id18,
    Round,
    Floor,
    Ceil,
    Abs,
    Min,
    Max,
    Number,
    Text,
    Date,
    Instant,
    FormatDate,
    AddDays,
    DaysBetween,
    Year,
    Month,
    Day,
    First,
    Last,
    Any,
    All,
}

/// A query of a relationship: its place in [`super::Relationship::queries`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueryRef(pub u16);

/// `lookup`, `count`, `sum`, `max`, `min` over an object, or `linked`. A query's keys may hold queries of smaller number only.
#[derive(Debug, Clone)]
pub struct Query {
    pub kind: QueryKind,
    pub rule: Rule,
}

#[derive(Debug, Clone)]
pub enum QueryKind {
    /// The id of the record found, or one of its fields.
    Lookup {
        side: Side,
        object: SmolStr,
        /// Field names of the object and the expressions they must equal.
        keys: Vec<(SmolStr, Expr)>,
        /// `lookup first`: the oldest of several.
        first: bool,
        field: Option<SmolStr>,
        /// `or create { f = EXPR }`: the fields besides the keys.
        or_create: Option<Vec<(SmolStr, Expr)>>,
    },
    Aggregate {
        function: Aggregate,
        side: Side,
        object: SmolStr,
        keys: Vec<(SmolStr, Expr)>,
        field: Option<SmolStr>,
    },
    /// `linked(REL)` (`key: None`: this record's own partner there) or `linked(REL, KEY)`: the id, or a field, of the record linked to
    /// the record of `from` with that id in REL. The answer lives on the side other than `from`.
    Linked {
        relationship: RelId,
        from: Side,
        key: Option<Expr>,
        field: Option<SmolStr>,
    },
}

impl Expr {
    /// Calls `see` for this expression and every one inside it; queries are not followed into their keys.
    pub fn visit(&self, see: &mut dyn FnMut(&Expr)) {
        see(self);
        match self {
            Expr::Const(_)
            | Expr::Field(..)
            | Expr::Was(..)
            | Expr::It
            | Expr::Alternative
            | Expr::ByHand
            | Expr::Now
            | Expr::Today
            | Expr::Query(_) => {}
            Expr::Not(e) | Expr::Negate(e) | Expr::Matches(e, _) | Expr::RoundRobin(e, _) => {
                e.visit(see)
            }
            Expr::IsNull { operand, .. } | Expr::IsEmpty { operand, .. } => operand.visit(see),
            Expr::And(all) | Expr::Or(all) | Expr::List(all) | Expr::Call(_, all) => {
                all.iter().for_each(|e| e.visit(see))
            }
            Expr::Compare(_, a, b) | Expr::Coalesce(a, b) | Expr::Arithmetic(_, a, b) => {
                a.visit(see);
                b.visit(see);
            }
            Expr::In { operand, list, .. } => {
                operand.visit(see);
                list.visit(see);
            }
            Expr::If(c, a, b) => {
                c.visit(see);
                a.visit(see);
                b.visit(see);
            }
            Expr::Interpolate(parts) => parts.iter().for_each(|p| {
                if let TextPart::Expr(e) = p {
                    e.visit(see);
                }
            }),
            Expr::Path(of, steps) => {
                of.visit(see);
                steps.iter().for_each(|s| {
                    if let PathStep::Index(e) = s {
                        e.visit(see);
                    }
                });
            }
        }
    }
}
