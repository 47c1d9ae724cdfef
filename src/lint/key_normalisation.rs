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

use crate::check::Findings;
use crate::program::{Expr, Function, signature};

use super::codes;
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
        if left != right {
            let (with, without, at, other) = if left.len() > right.len() {
                (&left, "right", fact.spans[1], fact.spans[0])
            } else {
                (&right, "left", fact.spans[0], fact.spans[1])
            };
            let names: Vec<String> = with
                .iter()
                .map(|f| format!("`{}`", signature(*f).name))
                .collect();
            let message = format!(
                "the {without} side of this key is compared without {}",
                names.join(", ")
            );
            findings
                .warning(codes::KEY_NORMALISATION, at, message)
                .label(other, "the other side has it");
        }
    }
}

/// The functions around a plain field; `None` for any other expression.
fn normalised(expr: &Expr) -> Option<Vec<Function>> {
    match expr {
        Expr::Field(..) => Some(Vec::new()),
        Expr::Call(function, args) => match args.as_slice() {
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
