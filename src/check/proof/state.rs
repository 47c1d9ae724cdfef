//! What is known of a record while a proof goes on.

use std::cmp::Ordering;

use super::constant;
use super::domain::{Domain, differ, order, same as equal};
use super::same::same;
use crate::syntax::ast::{Aggregate, BinaryOp, Expr, ExprKind};
use crate::value::Value;

/// How two expressions may compare, as bits.
const LESS: u8 = 1;
const EQUAL: u8 = 2;
const GREATER: u8 = 4;
const ANY: u8 = LESS | EQUAL | GREATER;

/// Two expressions, where both are something.
#[derive(Debug, Clone)]
struct Relation<'e> {
    a: &'e Expr,
    b: &'e Expr,
    may: u8,
}

#[derive(Debug, Clone, Default)]
pub(super) struct State<'e> {
    terms: Vec<(&'e Expr, Domain)>,
    relations: Vec<Relation<'e>>,
}

impl<'e> State<'e> {
    /// Learns that a condition holds, or does not; `false` where that can't be.
    pub fn add(&mut self, expr: &'e Expr, holds: bool) -> bool {
        match &expr.kind {
            ExprKind::Binary {
                op, left, right, ..
            } if is_comparison(*op) => self.comparison(*op, left, right, holds),
            ExprKind::Binary {
                op: op @ (BinaryOp::In | BinaryOp::NotIn),
                left,
                right,
                ..
            } => self.membership(left, right, (*op == BinaryOp::In) == holds, holds),
            ExprKind::Binary {
                op: BinaryOp::Matches,
                left,
                right,
                ..
            } => {
                let pattern = pattern(right);
                let term = self.term(left);
                if holds {
                    term.not_null();
                }
                if let Some(pattern) = pattern {
                    term.matches(pattern, holds);
                }
                true
            }
            ExprKind::IsEmpty { operand, negated } => {
                let term = self.term(operand);
                if holds == *negated {
                    term.not_null();
                    term.blank(false);
                } else {
                    term.blank(true);
                }
                true
            }
            // Where it stands as a condition, it is neither null, false nor 0; or it is one of these.
            _ => {
                let term = self.term(expr);
                if holds {
                    term.not_null();
                    term.none_of(&[Value::Bool(false)]);
                } else {
                    term.among(&[Value::Bool(false)]);
                }
                true
            }
        }
    }

    fn comparison(&mut self, op: BinaryOp, left: &'e Expr, right: &'e Expr, holds: bool) -> bool {
        match (constant(left), constant(right)) {
            (Some(a), Some(b)) => match constants(op, &a, &b) {
                Some(truth) => truth == holds,
                None => true,
            },
            (None, Some(b)) => self.against(left, op, &b, holds),
            (Some(a), None) => self.against(right, turned(op), &a, holds),
            (None, None) => {
                if holds {
                    self.term(left).not_null();
                    self.term(right).not_null();
                }
                let may = if holds { bits(op) } else { ANY & !bits(op) };
                self.relate(left, right, may);
                true
            }
        }
    }

    fn against(&mut self, term: &'e Expr, op: BinaryOp, constant: &Value, holds: bool) -> bool {
        let domain = self.term(term);
        if constant.is_null() {
            match (op, holds) {
                (BinaryOp::Equal, true) | (BinaryOp::NotEqual, false) => domain.only_null(),
                (BinaryOp::Equal, false) | (BinaryOp::NotEqual, true) => domain.not_null(),
                (_, holds) => return !holds,
            }
            return true;
        }
        if holds {
            domain.not_null();
        }
        domain.compare(if holds { op } else { negated(op) }, constant);
        true
    }

    fn membership(&mut self, term: &'e Expr, list: &'e Expr, within: bool, holds: bool) -> bool {
        let ExprKind::List(members) = &list.kind else {
            // The same list is one value: `x in L` and `x not in L` exclude each other.
            self.relate(term, list, if within { EQUAL } else { LESS | GREATER });
            if holds {
                self.term(term).not_null();
                self.term(list).not_null();
            }
            return true;
        };
        let all: Option<Vec<Value>> = members.iter().map(constant).collect();
        let domain = self.term(term);
        if holds {
            domain.not_null();
        }
        let Some(all) = all else { return true };
        let all: Vec<Value> = all.into_iter().filter(|v| !v.is_null()).collect();
        if within {
            domain.among(&all);
        } else {
            domain.none_of(&all);
        }
        true
    }

    fn relate(&mut self, a: &'e Expr, b: &'e Expr, may: u8) {
        for known in &mut self.relations {
            if same(known.a, a) && same(known.b, b) {
                known.may &= may;
                return;
            }
            if same(known.a, b) && same(known.b, a) {
                known.may &= mirrored(may);
                return;
            }
        }
        let may = if same(a, b) { may & EQUAL } else { may };
        self.relations.push(Relation { a, b, may });
    }

    fn place(&self, expr: &Expr) -> Option<usize> {
        self.terms.iter().position(|(term, _)| same(term, expr))
    }

    fn term(&mut self, expr: &'e Expr) -> &mut Domain {
        let at = self.place(expr).unwrap_or_else(|| {
            self.terms.push((expr, first(expr)));
            self.terms.len() - 1
        });
        &mut self.terms[at].1
    }

    /// Whether some record is like this.
    pub fn possible(mut self) -> bool {
        self.look_into_calls();
        let open = |expr: &Expr| self.place(expr).is_none_or(|at| self.terms[at].1.null);
        self.terms.iter().all(|(_, domain)| domain.possible())
            && self
                .relations
                .iter()
                .all(|r| r.may != 0 || open(r.a) || open(r.b))
    }

    /// What a call says of its argument, and its argument of the call.
    fn look_into_calls(&mut self) {
        for at in (0..self.terms.len()).rev() {
            let (expr, domain) = &self.terms[at];
            let expr: &'e Expr = expr;
            let ExprKind::Call { function, args } = &expr.kind else {
                continue;
            };
            let Some(argument) = args.first() else {
                continue;
            };
            let name = function.text.as_str();
            let case = Case::of(name);
            if !(case.is_some() || NULL_OF_NULL.contains(&name)) {
                continue;
            }
            let (null, blank) = (domain.null, domain.is_blank());
            let inner = self.term(argument);
            if !null {
                inner.not_null();
            }
            let Some(case) = case else { continue };
            if blank == Some(false) && !null {
                inner.blank(false);
            }
            let (inner_blank, inner_null) = (inner.is_blank(), inner.null);
            let images: Option<Vec<Value>> = inner
                .constants()
                .map(|all| all.iter().map(|v| case.apply(v)).collect());
            let outer = &mut self.terms[at].1;
            outer.retain(|v| !differ(v, &case.apply(v)));
            if let Some(images) = images {
                outer.among(&images);
            }
            if let Some(blank) = inner_blank {
                outer.blank(blank);
            }
            if !inner_null {
                outer.not_null();
            }
        }
    }
}

/// Functions that give null for null alone, and no other thing of which something follows.
const NULL_OF_NULL: &[&str] = &[
    "length",
    "digits",
    "html_to_text",
    "sha256",
    "id18",
    "abs",
    "floor",
    "ceil",
];

/// Functions after which a text is blank just where it was.
#[derive(Debug, Clone, Copy)]
enum Case {
    Lower,
    Upper,
    Trim,
}

impl Case {
    fn of(name: &str) -> Option<Case> {
        match name {
            "lower" => Some(Case::Lower),
            "upper" => Some(Case::Upper),
            "trim" => Some(Case::Trim),
            _ => None,
        }
    }

    fn apply(self, value: &Value) -> Value {
        match (self, value) {
            (Case::Lower, Value::Text(t)) => Value::Text(t.to_lowercase().into()),
            (Case::Upper, Value::Text(t)) => Value::Text(t.to_uppercase().into()),
            (Case::Trim, Value::Text(t)) => Value::Text(t.trim().into()),
            _ => value.clone(),
        }
    }
}

/// What is known of an expression before any condition.
fn first(expr: &Expr) -> Domain {
    let mut domain = Domain::default();
    if let ExprKind::Aggregate(aggregate) = &expr.kind
        && aggregate.function == Aggregate::Count
    {
        domain.not_null();
        domain.compare(BinaryOp::GreaterEqual, &Value::Int(0));
    }
    if let ExprKind::Call { function, .. } = &expr.kind
        && matches!(function.text.as_str(), "length" | "abs")
    {
        domain.compare(BinaryOp::GreaterEqual, &Value::Int(0));
    }
    domain
}

fn pattern(expr: &Expr) -> Option<regex::Regex> {
    match &expr.kind {
        ExprKind::Regex {
            pattern,
            case_insensitive,
        } => regex::RegexBuilder::new(pattern)
            .case_insensitive(*case_insensitive)
            .size_limit(1 << 20)
            .build()
            .ok(),
        _ => None,
    }
}

fn is_comparison(op: BinaryOp) -> bool {
    bits(op) != 0
}

fn bits(op: BinaryOp) -> u8 {
    match op {
        BinaryOp::Equal => EQUAL,
        BinaryOp::NotEqual => LESS | GREATER,
        BinaryOp::Less => LESS,
        BinaryOp::LessEqual => LESS | EQUAL,
        BinaryOp::Greater => GREATER,
        BinaryOp::GreaterEqual => GREATER | EQUAL,
        _ => 0,
    }
}

fn mirrored(may: u8) -> u8 {
    may & EQUAL | (may & LESS) << 2 | (may & GREATER) >> 2
}

/// With its sides exchanged.
fn turned(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Less => BinaryOp::Greater,
        BinaryOp::LessEqual => BinaryOp::GreaterEqual,
        BinaryOp::Greater => BinaryOp::Less,
        BinaryOp::GreaterEqual => BinaryOp::LessEqual,
        other => other,
    }
}

fn negated(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Equal => BinaryOp::NotEqual,
        BinaryOp::NotEqual => BinaryOp::Equal,
        BinaryOp::Less => BinaryOp::GreaterEqual,
        BinaryOp::LessEqual => BinaryOp::Greater,
        BinaryOp::Greater => BinaryOp::LessEqual,
        BinaryOp::GreaterEqual => BinaryOp::Less,
        other => other,
    }
}

/// A comparison of two constants.
fn constants(op: BinaryOp, a: &Value, b: &Value) -> Option<bool> {
    match (op, a.is_null(), b.is_null()) {
        (BinaryOp::Equal, a, b) if a || b => return Some(a && b),
        (BinaryOp::NotEqual, a, b) if a || b => return Some(!(a && b)),
        (_, a, b) if a || b => return Some(false),
        _ => {}
    }
    match op {
        BinaryOp::Equal if equal(a, b) => Some(true),
        BinaryOp::Equal if differ(a, b) => Some(false),
        BinaryOp::NotEqual if equal(a, b) => Some(false),
        BinaryOp::NotEqual if differ(a, b) => Some(true),
        _ => order(a, b).map(|order| {
            let bit = match order {
                Ordering::Less => LESS,
                Ordering::Equal => EQUAL,
                Ordering::Greater => GREATER,
            };
            bits(op) & bit != 0
        }),
    }
}
