//! Expressions that are written the same.

use crate::syntax::ast::{Expr, ExprKind};

/// Whether two expressions are written the same, wherever they stand.
pub(crate) fn same(a: &Expr, b: &Expr) -> bool {
    match (&a.kind, &b.kind) {
        (ExprKind::Literal(x), ExprKind::Literal(y)) => x == y,
        (ExprKind::Path(x), ExprKind::Path(y)) => x
            .names
            .iter()
            .map(|n| &n.text)
            .eq(y.names.iter().map(|n| &n.text)),
        (ExprKind::List(x), ExprKind::List(y)) => all_same(x, y),
        (
            ExprKind::Call {
                function: f,
                args: x,
            },
            ExprKind::Call {
                function: g,
                args: y,
            },
        ) => f.text == g.text && all_same(x, y),
        (
            ExprKind::Unary {
                op: f, operand: x, ..
            },
            ExprKind::Unary {
                op: g, operand: y, ..
            },
        ) => f == g && same(x, y),
        (
            ExprKind::Binary {
                op: f,
                left: x,
                right: z,
                ..
            },
            ExprKind::Binary {
                op: g,
                left: y,
                right: w,
                ..
            },
        ) => f == g && same(x, y) && same(z, w),
        (
            ExprKind::IsEmpty {
                operand: x,
                negated: n,
            },
            ExprKind::IsEmpty {
                operand: y,
                negated: m,
            },
        ) => n == m && same(x, y),
        (
            ExprKind::Regex {
                pattern: p,
                case_insensitive: i,
            },
            ExprKind::Regex {
                pattern: q,
                case_insensitive: j,
            },
        ) => p == q && i == j,
        (ExprKind::Member { of: x, name: n }, ExprKind::Member { of: y, name: m }) => {
            n.text == m.text && same(x, y)
        }
        (ExprKind::Index { of: x, index: i }, ExprKind::Index { of: y, index: j }) => {
            same(x, y) && same(i, j)
        }
        _ => false,
    }
}

fn all_same(a: &[Expr], b: &[Expr]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| same(x, y))
}
