//! ## What it does
//! Finds a relationship that is on no schedule, though others are.
//!
//! ## Why is this bad?
//! The daemon never runs it.
//!
//! ## Example
//! ```sync
//! relationship User: user <-> User {
//!   match email = Email
//!   email <-> Email
//! }
//! relationship Lead: lead <-> Lead {
//!   match email = Email
//!   email <-> Email
//! }
//! every 15m sync User            # and Lead?
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship User: user <-> User {
//!   match email = Email
//!   email <-> Email
//! }
//! relationship Lead: lead <-> Lead {
//!   match email = Email
//!   email <-> Email
//! }
//! every 15m sync User, Lead
//! ```

use crate::check::Findings;
use crate::diagnostic::codes;
use crate::syntax::ast::ItemKind;

use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    if context.facts.scheduled.is_empty() || context.incomplete || context.facts.schedule_gap {
        return;
    }
    for item in context.items() {
        let ItemKind::Relationship(relationship) = &item.kind else {
            continue;
        };
        if !context.facts.scheduled.contains(&relationship.name.text) {
            let message = format!(
                "`{}` is on no schedule, though others are",
                relationship.name.text
            );
            findings
                .warning(codes::NOT_SCHEDULED, relationship.name.span, message)
                .help(format!(
                    "put it on one: `every 1h sync {}`",
                    relationship.name.text
                ));
        }
    }
}
