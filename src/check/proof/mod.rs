//! Whether conditions can hold together: equality, membership, ranges, null-ness and blanks, and the negations of one another.
//!
//! The proof looks at conditions as they are written: two expressions that are written the same have the same value in one record.
//! A name that may be a setting is no constant here, and neither is a call. What is not understood may hold and may not, so that
//! "can't hold" is always true, and "can hold" is sometimes too careful.

mod domain;
mod same;
mod state;

use crate::syntax::ast::{BinaryOp, Expr, ExprKind, UnaryOp};
use crate::value::Value;

use state::State;

/// A condition, and whether it is to hold.
pub(crate) type Part<'e> = (&'e Expr, bool);

/// How many conditions and branches one proof looks at, before it gives up.
const EFFORT: u32 = 512;

/// Whether all parts may be as said at once, in some record.
pub(crate) fn possible(parts: &[Part<'_>]) -> bool {
    let mut effort = EFFORT;
    branch(parts.to_vec(), State::default(), &mut effort)
}

/// The smallest set of parts that can't hold together, by their places; `None` where all of them can.
pub(crate) fn conflict(parts: &[Part<'_>]) -> Option<Vec<usize>> {
    if possible(parts) {
        return None;
    }
    let mut core: Vec<usize> = (0..parts.len()).collect();
    // The first ones go first, so that what stands later is what is reported.
    for at in 0..parts.len() {
        let without: Vec<usize> = core.iter().copied().filter(|i| *i != at).collect();
        let rest: Vec<Part<'_>> = without
            .iter()
            .filter_map(|i| parts.get(*i).copied())
            .collect();
        if !possible(&rest) {
            core = without;
        }
    }
    Some(core)
}

/// The conditions that an `and` joins, from left to right.
pub(crate) fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    joined(expr, BinaryOp::And)
}

/// The conditions that an `or` joins, from left to right.
pub(crate) fn disjuncts(expr: &Expr) -> Vec<&Expr> {
    joined(expr, BinaryOp::Or)
}

fn joined(expr: &Expr, by: BinaryOp) -> Vec<&Expr> {
    let mut parts = Vec::new();
    let mut open = vec![expr];
    while let Some(next) = open.pop() {
        match &next.kind {
            ExprKind::Binary {
                op, left, right, ..
            } if *op == by => {
                open.push(right);
                open.push(left);
            }
            _ => parts.push(next),
        }
    }
    parts
}

/// Whether what is still open may be so, given the state.
fn branch<'e>(mut open: Vec<Part<'e>>, mut state: State<'e>, effort: &mut u32) -> bool {
    while let Some((expr, holds)) = open.pop() {
        if *effort == 0 {
            return true;
        }
        *effort -= 1;
        match &expr.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                operand,
                ..
            } => open.push((operand, !holds)),
            ExprKind::Binary {
                op: op @ (BinaryOp::And | BinaryOp::Or),
                left,
                right,
                ..
            } => {
                if (*op == BinaryOp::And) == holds {
                    open.push((right, holds));
                    open.push((left, holds));
                } else {
                    let mut first = open.clone();
                    first.push((left, holds));
                    if branch(first, state.clone(), effort) {
                        return true;
                    }
                    open.push((right, holds));
                }
            }
            ExprKind::Literal(Value::Bool(truth)) => {
                if *truth != holds {
                    return false;
                }
            }
            _ => {
                if !state.add(expr, holds) {
                    return false;
                }
            }
        }
    }
    state.possible()
}

/// A constant as it is written: a literal, or one with a minus before it.
fn constant(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        ExprKind::Literal(value) => Some(value.clone()),
        ExprKind::Unary {
            op: UnaryOp::Minus,
            operand,
            ..
        } => match constant(operand)? {
            Value::Int(n) => n.checked_neg().map(Value::Int),
            Value::Decimal(d) => Some(Value::Decimal(-d)),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::FileId;

    fn parsed(text: &str) -> Expr {
        crate::syntax::parse_expression(FileId(0), text).unwrap_or_else(|_| panic!("{text}"))
    }

    fn never(text: &str) -> bool {
        !possible(&[(&parsed(text), true)])
    }

    fn always(text: &str) -> bool {
        !possible(&[(&parsed(text), false)])
    }

    #[test]
    fn contradictions_are_proved() {
        for text in [
            "x = 1 and x = 2",
            "x = 1 and x != 1",
            "x > 5 and x < 3",
            "x >= 5 and x < 5",
            "x > 5 and x in [1, 2, 5]",
            "x in [\"a\", \"b\"] and x not in [\"b\", \"a\", \"c\"]",
            "x is empty and x = \"a\"",
            "x is empty and x is not empty",
            "x = null and lower(x) = \"a\"",
            "x is empty and trim(x) = \"a\"",
            "lower(x) = \"A\"",
            "length(x) < 0",
            "x and not x",
            "x = true and not x",
            "x = true and x = false",
            "x < y and x > y",
            "x = y and x != y",
            "x != null and x = null",
            "(x = 1 or x = 2) and x = 3",
            "not (x = 1 or y) and y",
            "x = 2024-01-01 and x > 2024-06-01",
            "x < null",
            "x = -1 and x > 0",
            "x matches /^a/ and x = \"b\"",
            "f(x) and not f(x)",
            "x = \"a\" and lower(x) = \"b\"",
            "object() = \"Lead\" and object() = \"Contact\"",
            "x != x",
            "1 = 2",
        ] {
            assert!(never(text), "{text}");
            assert!(always(&format!("not ({text})")), "{text}");
        }
    }

    #[test]
    fn what_may_hold_is_left_alone() {
        for text in [
            "x = 1 and y = 2",
            "x >= 5 and x <= 5",
            "not (x = 1) and not (x != 1)",
            "not (x > 5) and not (x <= 5)",
            "x > LIMIT and x < 3",
            "x = LIMIT and x = 3",
            "x is empty and x = \"\"",
            "x in [1, LIMIT] and x = 7",
            "x matches /a/ and x matches /b/",
            "f(x) and not f(y)",
            "x = 5 and x = true",
            "x != \"a\" and x != \"b\"",
            "x = \"2024-01-01\" and x = 2024-01-01",
            "lower(x) = \"a\" and x = \"A\"",
            "x or not y",
        ] {
            assert!(!never(text), "{text}");
        }
        // `not` of a comparison with null is true, so that neither side of a tie is certain.
        for text in [
            "x = 1 or x != 1",
            "x > 5 or x <= 5",
            "x in [1] or x not in [1]",
        ] {
            assert!(!always(text), "{text}");
        }
        assert!(always("x is empty or x is not empty"));
        assert!(always("x = null or x != null"));
    }

    #[test]
    fn the_parts_at_fault_are_few() {
        let parts = ["a = 1", "b = 2", "c", "b > 5"].map(parsed);
        let parts: Vec<Part<'_>> = parts.iter().map(|p| (p, true)).collect();
        assert_eq!(conflict(&parts), Some(vec![1, 3]));
        assert_eq!(conflict(&parts[..3]), None);
    }

    #[test]
    fn a_large_condition_costs_little() {
        let text = (0..40)
            .map(|i| format!("(a{i} = 1 or b{i} = 2)"))
            .collect::<Vec<_>>()
            .join(" and ");
        assert!(!never(&text));
    }
}
