//! Expressions (language reference, section 6).

use smol_str::SmolStr;

use super::{Assign, Name, Path};
use crate::diagnostic::Span;
use crate::value::Value;

#[derive(Debug, Clone)]
pub struct Expr {
    pub span: Span,
    pub kind: ExprKind,
}

#[derive(Debug, Clone)]
pub enum ExprKind {
    /// `42`, `3.50`, `true`, `null`, a date, instant or duration, or a text without `{…}`.
    Literal(Value),
    /// `"text {expr}"`
    Interpolation(Vec<TextPart>),
    /// `["a", "b"]`
    List(Vec<Expr>),
    /// `/regex/i`
    Regex {
        pattern: SmolStr,
        case_insensitive: bool,
    },
    /// `email`, `Lead.Company`, `billing.city`: a head and names joined by dots; which of them is a store, an alternative, a let or a
    /// structured value is decided in `check`.
    Path(Path),
    /// `X[0]`, and `X[0].sku` or `f(x).first` as `Member` of it
    Index {
        of: Box<Expr>,
        index: Box<Expr>,
    },
    Member {
        of: Box<Expr>,
        name: Name,
    },
    Call {
        function: Name,
        args: Vec<Expr>,
    },
    Unary {
        op: UnaryOp,
        op_span: Span,
        operand: Box<Expr>,
    },
    Binary {
        op: BinaryOp,
        op_span: Span,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    /// `x is empty`, `x is not empty`
    IsEmpty {
        operand: Box<Expr>,
        negated: bool,
    },
    If {
        condition: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    /// `lookup [first] STORE.OBJECT(key = EXPR, …)[.field] [or create { … }]`
    Lookup(Box<LookupExpr>),
    /// `count(STORE.OBJECT(…))`, `sum(STORE.OBJECT(…).field)`, `max`, `min` of a query
    Aggregate(Box<AggregateExpr>),
    /// Did not parse; it has a finding already.
    Broken,
}

#[derive(Debug, Clone)]
pub enum TextPart {
    Text(SmolStr),
    Expr(Expr),
}

#[derive(Debug, Clone)]
pub struct LookupExpr {
    pub first: bool,
    /// `STORE.OBJECT`
    pub object: Path,
    pub keys: Vec<Assign>,
    pub field: Option<Name>,
    pub or_create: Option<Vec<Assign>>,
}

#[derive(Debug, Clone)]
pub struct AggregateExpr {
    pub function: Aggregate,
    pub object: Path,
    pub keys: Vec<Assign>,
    pub field: Option<Name>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    Count,
    Sum,
    Max,
    Min,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnaryOp {
    Not,
    Minus,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    NotIn,
    Matches,
    /// `??`
    Coalesce,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}
