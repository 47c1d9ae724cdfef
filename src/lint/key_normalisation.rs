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
        let lacks = |here: &[Function], there: &[Function]| -> Vec<Function> {
            there
                .iter()
                .filter(|f| !here.contains(f))
                .copied()
                .collect()
        };
        let (missing, bare, at, other, side) = match lacks(&right, &left) {
            missing if !missing.is_empty() => (
                missing,
                right.is_empty(),
                fact.spans[1],
                fact.spans[0],
                "right",
            ),
            _ => (
                lacks(&left, &right),
                left.is_empty(),
                fact.spans[0],
                fact.spans[1],
                "left",
            ),
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

/// The functions around a plain field that bring it into one form, the innermost first; `None` for any other expression.
fn normalised(expr: &Expr) -> Option<Vec<Function>> {
    match expr {
        Expr::Field(..) => Some(Vec::new()),
        Expr::Call(function, args) if normalises(*function) => match args.as_slice() {
            [one] => {
                let mut inner = normalised(one)?;
                inner.push(*function);
                Some(inner)
            }
            _ => None,
        },
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
