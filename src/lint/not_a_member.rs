//! ## What it does
//! Finds a comparison of a picklist field, or of `object()`, with a text that it never is.
//!
//! ## Why is this bad?
//! It never holds. Most often the text is misspelt, or the picklist was changed.
//!
//! ## Example
//! ```sync
//! push create when status = "nwe"
//! ```
//!
//! ## Use instead
//! ```sync
//! push create when status = "new"
//! ```
//!
//! ## Fix safety
//! Safe where one member is close: that is written.

use crate::check::Findings;
use crate::diagnostic::codes;

use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    let mut told = rustc_hash::FxHashSet::default();
    for fact in &context.facts.not_members {
        if !told.insert(fact.span) {
            continue;
        }
        let operand = context.text(fact.operand);
        let message = if operand == "object()" {
            format!("`object()` is never `{}`", fact.text)
        } else {
            format!("the picklist of `{operand}` has no `{}`", fact.text)
        };
        findings
            .warning(codes::NOT_A_MEMBER, fact.span, message)
            .suggest_text(&fact.text, fact.members.iter().map(|m| m.as_str()));
    }
}
