//! A field has one writer per direction (language reference, section 5.2).

use super::Build;
use super::pairs::BuiltLine;
use crate::check::{Checker, codes};
use crate::program::{Direction, On};
use crate::syntax::ast::{self, BinaryOp, ExprKind, UnaryOp};

impl<'a> Checker<'a> {
    pub(super) fn two_writers(&mut self, build: &Build<'a>) {
        for direction in Direction::BOTH {
            for (i, second) in build.lines.iter().enumerate() {
                let clash = build.lines[..i]
                    .iter()
                    .find(|first| self.clash(build, first, second, direction));
                let Some(first) = clash else { continue };
                let (Some(flow), Some(at)) = (
                    second.line.flow(direction),
                    second.targets[direction.index()],
                ) else {
                    continue;
                };
                let side = build.frame.side(direction.target());
                let name = side
                    .slots
                    .get(flow.target.0 as usize)
                    .map_or("", |s| s.field.as_str());
                let message = format!("a second line writes `{name}` in a {}", direction.word());
                let described = self.findings.error(codes::TWO_WRITERS, at, message);
                let described = match first.targets[direction.index()] {
                    Some(span) => described.label(span, "the first one is here"),
                    None => described,
                };
                described.help("let them exclude each other: `on create` and `on update`, or `when x = \"a\"` and `when x = \"b\"`");
            }
        }
    }

    fn clash(
        &self,
        build: &Build<'a>,
        first: &BuiltLine,
        second: &BuiltLine,
        direction: Direction,
    ) -> bool {
        let (Some(a), Some(b)) = (first.line.flow(direction), second.line.flow(direction)) else {
            return false;
        };
        let slots = &build.frame.side(direction.target()).slots;
        let (Some(at), Some(bt)) = (
            slots.get(a.target.0 as usize),
            slots.get(b.target.0 as usize),
        ) else {
            return false;
        };
        let alternatives = first.line.alternatives.0 & second.line.alternatives.0;
        let shared = at.present.iter().zip(&bt.present).any(|(a, b)| *a && *b);
        at.field == bt.field
            && shared
            && alternatives != 0
            && !disjoint_operations(a.on, b.on)
            && !disjoint_conditions(
                &first.conditions[direction.index()],
                &second.conditions[direction.index()],
            )
    }
}

fn disjoint_operations(a: On, b: On) -> bool {
    matches!((a, b), (On::Create, On::Update) | (On::Update, On::Create))
}

/// Whether the two conditions exclude each other as they are written.
fn disjoint_conditions(a: &Option<ast::Expr>, b: &Option<ast::Expr>) -> bool {
    let (Some(a), Some(b)) = (a, b) else {
        return false;
    };
    let (a, b) = (parts(a), parts(b));
    a.iter().any(|x| b.iter().any(|y| exclude(x, y)))
}

/// Whether two conditions that an `and` joins exclude each other.
pub(crate) fn contradicts_itself(expr: &ast::Expr) -> bool {
    let parts = parts(expr);
    parts
        .iter()
        .enumerate()
        .any(|(i, a)| parts[..i].iter().any(|b| exclude(a, b)))
}

/// The conditions that an `and` joins.
fn parts(expr: &ast::Expr) -> Vec<&ast::Expr> {
    match &expr.kind {
        ExprKind::Binary {
            op: BinaryOp::And,
            left,
            right,
            ..
        } => [parts(left), parts(right)].concat(),
        _ => vec![expr],
    }
}

fn exclude(a: &ast::Expr, b: &ast::Expr) -> bool {
    let negates = |a: &ast::Expr, b: &ast::Expr| matches!(&a.kind, ExprKind::Unary { op: UnaryOp::Not, operand, .. } if same(operand, b));
    if negates(a, b) || negates(b, a) {
        return true;
    }
    match (&a.kind, &b.kind) {
        (
            ExprKind::Binary {
                op: BinaryOp::Equal,
                left: al,
                right: ar,
                ..
            },
            ExprKind::Binary {
                op: BinaryOp::Equal,
                left: bl,
                right: br,
                ..
            },
        ) => match (&ar.kind, &br.kind) {
            (ExprKind::Literal(x), ExprKind::Literal(y)) => same(al, bl) && !x.same(y),
            _ => false,
        },
        (
            ExprKind::Binary {
                op: BinaryOp::Equal,
                left: al,
                right: ar,
                ..
            },
            ExprKind::Binary {
                op: BinaryOp::NotEqual,
                left: bl,
                right: br,
                ..
            },
        )
        | (
            ExprKind::Binary {
                op: BinaryOp::NotEqual,
                left: al,
                right: ar,
                ..
            },
            ExprKind::Binary {
                op: BinaryOp::Equal,
                left: bl,
                right: br,
                ..
            },
        ) => same(al, bl) && same(ar, br),
        (
            ExprKind::IsEmpty {
                operand: x,
                negated: n,
            },
            ExprKind::IsEmpty {
                operand: y,
                negated: m,
            },
        ) => n != m && same(x, y),
        (
            ExprKind::Binary {
                op: BinaryOp::In,
                left: al,
                right: ar,
                ..
            },
            ExprKind::Binary {
                op: BinaryOp::NotIn,
                left: bl,
                right: br,
                ..
            },
        )
        | (
            ExprKind::Binary {
                op: BinaryOp::NotIn,
                left: al,
                right: ar,
                ..
            },
            ExprKind::Binary {
                op: BinaryOp::In,
                left: bl,
                right: br,
                ..
            },
        ) => same(al, bl) && same(ar, br),
        _ => false,
    }
}

/// Whether two expressions are written the same, wherever they stand.
pub(crate) fn same(a: &ast::Expr, b: &ast::Expr) -> bool {
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
        _ => false,
    }
}

fn all_same(a: &[ast::Expr], b: &[ast::Expr]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| same(x, y))
}
