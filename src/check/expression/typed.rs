//! What is known of a compiled expression.

use crate::check::types;
use crate::program::{Alternatives, Expr};
use crate::value::{Type, Value};

/// A compiled expression and what is known of it.
#[derive(Debug, Clone)]
pub(crate) struct Typed {
    pub expr: Expr,
    pub ty: Type,
    /// The value may be null.
    pub nullable: bool,
    /// The alternatives that it reads by a qualified or alternative-only field; `None`: it reads no such field.
    pub alternatives: Option<Alternatives>,
    /// It depends on a `let`: its value is a setting, no constant.
    pub setting: bool,
    /// A part of it has a finding: nothing is known of its value.
    pub unknown: bool,
    /// It reads through a query.
    pub queries: bool,
    /// Nodes and levels, for the cap on inlining.
    pub size: u32,
    pub depth: u32,
}

impl Typed {
    /// What fits everywhere: for a part that has a finding already.
    pub fn unknown() -> Typed {
        Typed {
            unknown: true,
            ..Typed::new(Expr::Const(Value::Null), Type::Any)
        }
    }

    pub fn new(expr: Expr, ty: Type) -> Typed {
        Typed {
            expr,
            ty,
            nullable: false,
            alternatives: None,
            setting: false,
            unknown: false,
            queries: false,
            size: 1,
            depth: 1,
        }
    }

    pub fn constant(value: Value) -> Typed {
        let nullable = value.is_null();
        let ty = types::of_value(&value);
        Typed {
            nullable,
            ..Typed::new(Expr::Const(value), ty)
        }
    }

    /// Its expression, which it gives away: what is known of it stays.
    pub fn take(&mut self) -> Expr {
        std::mem::replace(&mut self.expr, Expr::Const(Value::Null))
    }

    /// Takes over what is known of a part.
    pub fn with(mut self, part: &Typed) -> Typed {
        self.alternatives = union(self.alternatives, part.alternatives);
        self.setting |= part.setting;
        self.unknown |= part.unknown;
        self.queries |= part.queries;
        self.size = self.size.saturating_add(part.size);
        self.depth = self.depth.max(part.depth.saturating_add(1));
        self
    }

    pub fn nullable(mut self, nullable: bool) -> Typed {
        self.nullable = nullable;
        self
    }
}

pub(crate) fn union(a: Option<Alternatives>, b: Option<Alternatives>) -> Option<Alternatives> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Alternatives(a.0 | b.0)),
        (a, b) => a.or(b),
    }
}
