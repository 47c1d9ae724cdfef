//! ## What it does
//! Finds a `match` key that changes the case or the form of one side only.
//!
//! ## Why is this bad?
//! `lower(email) = Email` finds nothing wherever the right side has a capital letter.
//!
//! ## Example
//! ```sync
//! match lower(email) = Email
//! ```
//!
//! ## Use instead
//! ```sync
//! match lower(email) = lower(Email)
//! ```
//!
//! ## Fix safety
//! Unsafe: the function is written around the other side too, so that more records are found.

use crate::check::Findings;
use crate::diagnostic::{Applicability, codes};
use crate::program::{Expr, Function, signature};

use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for fact in &context.facts.keys {
        let Some(relationship) = context.relationship(&fact.relationship) else {
            continue;
        };
        let Some((left, right)) = relationship
            .keys
            .get(fact.key)
            .and_then(|k| k.columns.get(fact.column))
        else {
            continue;
        };
        let (Some(left), Some(right)) = (normalised(left), normalised(right)) else {
            continue;
        };
        let (missing, bare, at, other, side) = match right.lacks(&left) {
            missing if !missing.is_empty() => {
                let bare = right.outer.is_empty();
                (missing, bare, fact.spans[1], fact.spans[0], "right")
            }
            _ => {
                let bare = left.outer.is_empty();
                let missing = left.lacks(&right);
                (missing, bare, fact.spans[0], fact.spans[1], "left")
            }
        };
        if missing.is_empty() {
            continue;
        }
        let names: Vec<String> = missing
            .iter()
            .map(|f| format!("`{}`", signature(*f).name))
            .collect();
        let message = format!(
            "the {side} side of this key is compared without {}",
            names.join(", ")
        );
        let described = findings
            .warning(codes::KEY_NORMALISATION, at, message)
            .label(other, "the other side has it");
        if bare {
            let whole = missing.iter().fold(context.text(at), |inner, f| {
                format!("{}({inner})", signature(*f).name)
            });
            described
                .help(format!("write `{whole}`"))
                .fix(Applicability::Unsafe, at, whole);
        }
    }
}

/// What brings a side of a key into one form.
#[derive(Default)]
struct Normal {
    /// It is of one field.
    plain: bool,
    /// Around all of it, the innermost first.
    outer: Vec<Function>,
    /// Around some of its parts.
    inner: Vec<Function>,
}

impl Normal {
    /// What the other side has around all of it, and this one nowhere.
    fn lacks(&self, other: &Normal) -> Vec<Function> {
        let own = |f: &Function| self.outer.contains(f) || self.inner.contains(f);
        other.outer.iter().filter(|f| !own(f)).copied().collect()
    }
}

/// Of a field, or of what is chosen among fields or put together from them; `None` for any other expression.
fn normalised(expr: &Expr) -> Option<Normal> {
    match expr {
        Expr::Field(..) => Some(Normal {
            plain: true,
            ..Normal::default()
        }),
        Expr::Call(function, args) if normalises(*function) => match args.as_slice() {
            [one] => {
                let mut normal = normalised(one)?;
                // `trim` around what is put together takes away what the joints left, and makes no other form.
                let tidies =
                    !normal.plain && !matches!(function, Function::Lower | Function::Upper);
                let place = if tidies {
                    &mut normal.inner
                } else {
                    &mut normal.outer
                };
                place.push(*function);
                Some(normal)
            }
            _ => None,
        },
        Expr::Coalesce(..) | Expr::If(..) | Expr::Interpolate(_) => {
            let mut inner = Vec::new();
            expr.visit(&mut |e| {
                if let Expr::Call(function, _) = e
                    && normalises(*function)
                {
                    inner.push(*function);
                }
            });
            Some(Normal {
                inner,
                ..Normal::default()
            })
        }
        _ => None,
    }
}

/// Functions that give many forms of one value one form.
fn normalises(function: Function) -> bool {
    matches!(
        function,
        Function::Lower
            | Function::Upper
            | Function::Trim
            | Function::Title
            | Function::Digits
            | Function::NormalizePhone
    )
}
