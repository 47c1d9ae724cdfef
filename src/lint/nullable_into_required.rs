//! ## What it does
//! Finds a field that may be null on its way into a field that must not be.
//!
//! ## Why is this bad?
//! A blank never goes into a required field: for each such record the field is held in every run, until someone fills it in.
//!
//! ## Example
//! ```sync
//! last_name -> LastName            # `last_name` may be null, `LastName` is required
//! ```
//!
//! ## Use instead
//! Say that records without it wait, or give a value for those:
//! ```sync
//! push create require last_name
//! last_name ?? "unknown" -> LastName
//! ```

use std::collections::HashSet;

use crate::check::Findings;
use crate::check::facts::WriteFact;
use crate::program::{Expr, Require};

use super::context::{Context, slot_name};
use crate::diagnostic::codes;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    let mut told = HashSet::new();
    for write in context.facts.writes.iter().filter(|w| w.nullable) {
        let Some(relationship) = context.relationship(&write.relationship) else {
            continue;
        };
        let Some(object) = relationship.sides[write.side.index()]
            .objects
            .iter()
            .find(|o| o.name == write.object)
        else {
            continue;
        };
        let arriving = write.side.other().sends();
        if context.gaps(&write.relationship).operations[arriving.index()] {
            continue;
        }
        let required = object
            .fields
            .get(&write.field)
            .is_some_and(|f| f.required());
        if required
            && !is_required(relationship, write)
            && told.insert((write.source, write.target))
        {
            let store = &context.program.stores[write.side.index()].name;
            let message = format!(
                "`{}` is required in `{store}.{}`, and what is written into it may be null",
                write.field, write.object
            );
            findings
                .warning(codes::NULLABLE_INTO_REQUIRED, write.source, message)
                .label(write.target, "the required field")
                .help("say what records without it wait for (`require`), or give a value for those (`??`)");
        }
    }
}

/// Whether every create of the object says `require` of the field.
fn is_required(relationship: &crate::program::Relationship, write: &WriteFact) -> bool {
    let source = write.side.other();
    let objects = &relationship.sides[write.side.index()].objects;
    let place = objects
        .iter()
        .position(|o| o.name == write.object)
        .filter(|_| objects.len() > 1);
    let creates = &relationship.directions[source.sends().index()].create;
    let mut creates = creates
        .iter()
        .filter(|c| place.is_none_or(|p| c.alternatives.has(p)))
        .peekable();
    let Some(slot) = write.slot else { return false };
    let name = slot_name(relationship, source, slot);
    let names_it = |r: &Require| match r {
        Require::Field {
            value: Expr::Field(side, s),
            ..
        } => *side == source && slot_name(relationship, source, *s) == name,
        Require::Field { .. } | Require::Condition { .. } => false,
    };
    creates.peek().is_some() && creates.all(|c| c.require.iter().any(names_it))
}
