//! Expressions whose value no record changes: settings, and conditions that are always true or false.

use chrono::DateTime;

use super::Typed;
use crate::program::{EvalError, Expr, NoRecord, PathStep, TextPart, evaluate};
use crate::value::Value;

/// The value of an expression that reads no record, no clock and no query; `None` for any other.
pub(crate) fn constant_value(expr: &Expr, typed: &Typed) -> Option<Result<Value, EvalError>> {
    match expr {
        Expr::Const(value) => Some(Ok(value.clone())),
        _ if typed.queries || !is_constant(expr) => None,
        _ => Some(evaluate(expr, &NoRecord::at(DateTime::UNIX_EPOCH))),
    }
}

fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Const(_) => true,
        Expr::Field(..)
        | Expr::Was(..)
        | Expr::It
        | Expr::Alternative
        | Expr::ByHand
        | Expr::Now
        | Expr::Today
        | Expr::Query(_)
        | Expr::RoundRobin(..) => false,
        Expr::Not(a) | Expr::Negate(a) | Expr::Matches(a, _) => is_constant(a),
        Expr::IsNull { operand, .. } | Expr::IsEmpty { operand, .. } => is_constant(operand),
        Expr::And(parts) | Expr::Or(parts) | Expr::List(parts) | Expr::Call(_, parts) => {
            parts.iter().all(is_constant)
        }
        Expr::Compare(_, a, b) | Expr::Coalesce(a, b) | Expr::Arithmetic(_, a, b) => {
            is_constant(a) && is_constant(b)
        }
        Expr::In { operand, list, .. } => is_constant(operand) && is_constant(list),
        Expr::If(c, a, b) => is_constant(c) && is_constant(a) && is_constant(b),
        Expr::Interpolate(parts) => parts.iter().all(|p| match p {
            TextPart::Text(_) => true,
            TextPart::Expr(e) => is_constant(e),
        }),
        Expr::Path(of, steps) => {
            is_constant(of)
                && steps.iter().all(|s| match s {
                    PathStep::Member(_) => true,
                    PathStep::Index(e) => is_constant(e),
                })
        }
    }
}
