//! ## What it does
//! Finds a filter on a whole direction by a regular expression, or by a function that no store has.
//!
//! ## Why is this bad?
//! The store can't evaluate it itself, so that every record is read to leave most of them out.
//!
//! ## Example
//! ```sync
//! push when sha256(email) != "0"
//! ```
//!
//! ## Use instead
//! ```sync
//! push when email is not empty
//! ```

use crate::check::Findings;
use crate::program::{Direction, Expr, Function, signature};

use super::codes;
use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for relationship in &context.program.relationships {
        for filter in Direction::BOTH
            .iter()
            .flat_map(|d| &relationship.directions[d.index()].filters)
        {
            let mut costly: Option<String> = None;
            filter.when.visit(&mut |e| match e {
                Expr::Matches(..) => costly = Some("a regular expression".to_owned()),
                Expr::Call(function, _) if heavy(*function) => {
                    costly = Some(format!("`{}`", signature(*function).name));
                }
                _ => {}
            });
            if let Some(what) = costly {
                findings
                    .warning(
                        codes::COSTLY_FILTER,
                        filter.rule.0,
                        format!("no store evaluates {what} itself: this filter reads every record"),
                    )
                    .help("filter by a plain comparison too, so that fewer are read");
            }
        }
    }
}

fn heavy(function: Function) -> bool {
    matches!(
        function,
        Function::HtmlToText
            | Function::Sha256
            | Function::NameFromEmail
            | Function::NormalizePhone
            | Function::Digits
    )
}
