//! ## What it does
//! Finds two relationships that write one field of one table.
//!
//! ## Why is this bad?
//! Each of them takes the other's write for a user's change, and the field may go back and forth for ever.
//!
//! ## Example
//! ```sync
//! relationship Lead: lead <-> Lead {
//!   match email = Email
//!   company <- Company
//! }
//! relationship Person: lead <-> Contact {
//!   match email = Email
//!   company <- Display_Name__c
//! }
//! ```
//!
//! ## Use instead
//! Let one relationship write the field, or let filters keep their records apart, and say so:
//! ```sync
//! relationship Lead: lead <-> Lead {
//!   match email = Email
//!   company <- Company
//! }
//! relationship Person: lead <-> Contact {
//!   match email = Email
//!   company <- Display_Name__c   # allow(written-twice): contacts are never leads too
//! }
//! ```

use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use crate::check::Findings;
use crate::check::facts::WriteFact;
use crate::diagnostic::codes;

use super::context::Context;

/// Two relationships over one table are one finding, at the first field that both write.
pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    let mut first = FxHashMap::default();
    let mut shared: IndexMap<_, Vec<(&WriteFact, &WriteFact)>> = IndexMap::new();
    for write in context.facts.writes.iter().filter(|w| rewrites(context, w)) {
        let before: &WriteFact = first
            .entry((write.side, &write.object, &write.field))
            .or_insert(write);
        if before.relationship != write.relationship && before.target != write.target {
            let pair = (
                write.side,
                &write.object,
                &before.relationship,
                &write.relationship,
            );
            shared.entry(pair).or_default().push((before, write));
        }
    }
    for fields in shared.values() {
        let Some((before, write)) = fields.first() else {
            continue;
        };
        let store = &context.program.stores[write.side.index()].name;
        let others = match fields.len() - 1 {
            0 => String::new(),
            1 => ", and so is another field".to_owned(),
            n => format!(", and so are {n} other fields"),
        };
        let message = format!(
            "`{store}.{}.{}` is also written by `{}`{others}",
            write.object, write.field, before.relationship
        );
        let mut finding = findings
            .warning(codes::WRITTEN_TWICE, write.target, message)
            .label(
                before.target,
                format!("`{}` writes it here", before.relationship),
            );
        for (_, other) in &fields[1..] {
            finding = finding.label(other.target, "another field that both write");
        }
        finding.help("let one of them write it, or let their filters exclude each other and say so in an `allow`");
    }
}

/// Whether the relationship writes into records that are there already. One that only creates in that direction touches
/// no record of another.
fn rewrites(context: &Context<'_>, write: &WriteFact) -> bool {
    context
        .relationship(&write.relationship)
        .is_none_or(|relationship| {
            let direction = write.side.other().sends().index();
            let rules = &relationship.directions[direction];
            !relationship.enabled[direction] || (rules.updates && !rules.once)
        })
}
