//! ## What it does
//! Finds a `let`, `fn`, `values` or `lens` that nothing uses.
//!
//! ## Why is this bad?
//! It looks as if it mattered: someone will change it and wonder why nothing happens. Often a name that should use it is misspelt.
//!
//! ## Example
//! ```sync
//! let REGION = "EU"
//! fn tidy(x) = trim(lower(x))
//! values grade { "a" <-> "A" }
//! lens cents { push it * 100 pull it / 100 }
//! ```
//!
//! ## Use instead
//! ```sync
//! let REGION = "EU"
//! relationship Lead: lead <-> Lead {
//!   match email = Email
//!   email <-> Email
//!   pull when LeadSource = "Web" and REGION = "EU"
//! }
//! ```
//! or leave it out.
//!
//! ## Fix safety
//! Safe: it is removed. Not where an error may hide what uses it.

use crate::check::Findings;
use crate::diagnostic::{Applicability, codes};
use crate::syntax::ast::{ItemKind, Name};

use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    if context.incomplete {
        return;
    }
    let facts = context.facts;
    for item in context.items() {
        let (name, kind, code, used): (&Name, _, _, bool) = match &item.kind {
            ItemKind::Let(i) => (
                &i.name,
                "`let`",
                codes::UNUSED_LET,
                facts.used_lets.contains(&i.name.text),
            ),
            ItemKind::Fn(i) => {
                let used = facts.used_functions.contains(&i.name.text)
                    || facts.used_by_functions.contains(&i.name.text);
                (&i.name, "function", codes::UNUSED_FN, used)
            }
            ItemKind::Values(i) => (
                &i.name,
                "value map",
                codes::UNUSED_VALUES,
                facts.used_conversions.contains(&i.name.text),
            ),
            ItemKind::Lens(i) => (
                &i.name,
                "lens",
                codes::UNUSED_LENS,
                facts.used_conversions.contains(&i.name.text),
            ),
            _ => continue,
        };
        let hidden =
            || context.may_be_meant(&name.text) || context.mentioned_besides(&name.text, name.span);
        if !used && !hidden() {
            findings
                .warning(
                    code,
                    name.span,
                    format!("nothing uses the {kind} `{}`", name.text),
                )
                .help("remove it")
                .fix(Applicability::Safe, context.whole_lines(item.span), "");
        }
    }
}
