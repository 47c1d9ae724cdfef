//! ## What it does
//! Finds an alternative that no record is ever linked to: no key finds it, and no line makes it.
//!
//! ## Why is this bad?
//! Its field lines and clauses look as if they did something.
//!
//! ## Example
//! ```sync
//! relationship Person: lead -> Contact | Lead {
//!   match company = Lead.Company
//!   last_name -> LastName
//!   company   -> Lead.Company
//!   push create Lead require last_name, company
//! }
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship Person: lead -> Contact | Lead {
//!   match email = Email
//!   email     -> Email
//!   last_name -> LastName
//!   company   -> Lead.Company
//!   push create Lead require last_name, company
//! }
//! ```

use crate::check::Findings;
use crate::diagnostic::codes;
use crate::program::{Relationship, Side};
use crate::syntax::ast::{ItemKind, Name};

use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for item in context.items() {
        let ItemKind::Relationship(written) = &item.kind else {
            continue;
        };
        let gaps = context.gaps(&written.name.text);
        let Some(relationship) = context.relationship(&written.name.text) else {
            continue;
        };
        if gaps.header || gaps.keys || gaps.operations.contains(&true) {
            continue;
        }
        for (side, names) in Side::BOTH.into_iter().zip([&written.left, &written.right]) {
            if names.len() < 2 || relationship.keys.is_empty() {
                continue;
            }
            for (at, name) in names.iter().enumerate() {
                if !reached(relationship, side, at) {
                    tell(findings, name);
                }
            }
        }
    }
}

fn tell(findings: &mut Findings, name: &Name) {
    findings
        .warning(
            codes::ALTERNATIVE_UNREACHED,
            name.span,
            format!(
                "nothing ever links a record to `{}`: no key finds it, and no line makes it",
                name.text
            ),
        )
        .help("match it by a key that it has, or leave it out");
}

fn reached(relationship: &Relationship, side: Side, at: usize) -> bool {
    let found = relationship.keys.iter().any(|k| k.alternatives.has(at));
    let toward = &relationship.directions[side.other().sends().index()];
    let made =
        (toward.creates || toward.once) && toward.create.iter().any(|c| c.alternatives.has(at));
    // A record of this alternative makes its partner itself.
    let makes = relationship.directions[side.sends().index()].creates;
    let followed = relationship.follow.iter().any(|f| f.to == at);
    found || made || makes || followed
}
