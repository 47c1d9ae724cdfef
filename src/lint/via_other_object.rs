//! ## What it does
//! Finds a `via` to a relationship that is not about what the field refers to, as the schema says.
//!
//! ## Why is this bad?
//! The reference names a record of another object: it is never found among the relationship's links, and the record is held for ever.
//!
//! ## Example
//! ```sync
//! relationship Account: account <-> Account { … }
//! owner_id <-> OwnerId via Account        # `owner_id` refers to `user`
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship User: user <-> User { … }
//! owner_id <-> OwnerId via User
//! ```

use crate::check::Findings;
use crate::diagnostic::Span;
use crate::program::{Conversion, Flow, Relationship};
use crate::syntax::ast::{ItemKind, ModifierKind, StatementKind};

use super::codes;
use super::context::{Context, flows, objects, slot_field};

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for relationship in &context.program.relationships {
        for (direction, alternatives, flow) in flows(relationship) {
            let side = direction.source();
            let (Conversion::Via(via), Some(slot)) = (&flow.conversion, flow.source_slot) else {
                continue;
            };
            let through = &context.program[via.relationship];
            let known = &through.sides[side.index()].objects;
            let odd = objects(relationship, side, alternatives).find_map(|(_, object)| {
                let field = slot_field(relationship, side, slot, object)?;
                let fits = field.references.is_empty()
                    || field
                        .references
                        .iter()
                        .any(|r| known.iter().any(|o| o.name == *r));
                (!fits).then_some(field)
            });
            if let Some(field) = odd {
                let refers = field
                    .references
                    .iter()
                    .map(|r| format!("`{r}`"))
                    .collect::<Vec<_>>()
                    .join(", ");
                let message = format!(
                    "`{}` refers to {refers}, which `{}` does not relate",
                    field.name, through.name
                );
                findings.warning(
                    codes::VIA_OTHER_OBJECT,
                    via_span(context, relationship, flow),
                    message,
                );
            }
        }
    }
}

/// Where the line names the relationship.
fn via_span(context: &Context<'_>, relationship: &Relationship, flow: &Flow) -> Span {
    let items = context.items().filter_map(|i| match &i.kind {
        ItemKind::Relationship(r) if r.name.text == relationship.name => Some(r),
        _ => None,
    });
    let mut lines = items
        .flat_map(|r| &r.statements)
        .filter(|s| s.span == flow.rule.0)
        .filter_map(|s| match &s.kind {
            StatementKind::Field(line) => Some(line),
            _ => None,
        });
    let via = lines.find_map(|l| {
        l.modifiers.iter().find_map(|m| match &m.kind {
            ModifierKind::Via { relationship, .. } => Some(relationship.span),
            _ => None,
        })
    });
    via.unwrap_or(flow.rule.0)
}
