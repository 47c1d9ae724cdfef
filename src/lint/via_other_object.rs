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
//!
//! ## Fix safety
//! Unsafe, where one relationship relates the object: it is written in its place.

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use crate::check::Findings;
use crate::diagnostic::{Applicability, codes};
use crate::program::{Conversion, Relationship, Side};

use super::context::{Context, flows, objects, slot_field};

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    let mut told = FxHashSet::default();
    for relationship in &context.program.relationships {
        for (direction, alternatives, flow) in flows(relationship) {
            let (Conversion::Via(via), Some(source)) = (&flow.conversion, flow.source_slot) else {
                continue;
            };
            let through = &context.program[via.relationship];
            let ends = [
                (direction.source(), source),
                (direction.target(), flow.target),
            ];
            let odd = ends.into_iter().find_map(|(side, slot)| {
                let known = &through.sides[side.index()].objects;
                objects(relationship, side, alternatives).find_map(|(_, object)| {
                    let field = slot_field(relationship, side, slot, object)?;
                    let related = |r: &SmolStr| known.iter().any(|o| o.name == *r);
                    let fits = field.references.is_empty() || field.references.iter().any(related);
                    (!fits).then_some((side, object.name.clone(), field))
                })
            });
            let at = context.via_span(flow.rule.0);
            if let Some((side, object, field)) = odd
                && told.insert(at)
            {
                let refers: Vec<String> =
                    field.references.iter().map(|r| format!("`{r}`")).collect();
                let message = format!(
                    "`{}` refers to {}, which `{}` does not relate",
                    field.name,
                    refers.join(", "),
                    through.name
                );
                let described = findings
                    .warning(codes::VIA_OTHER_OBJECT, at, message)
                    .maybe_label(
                        context.schema_place(side, &object, &field.name),
                        "its schema says so",
                    );
                match through_which(context, side, &field.references).as_slice() {
                    [] => described.help("relate it: it has no relationship of its own"),
                    [one] => described.help(format!("`{one}` relates it")).fix(
                        Applicability::Unsafe,
                        at,
                        one.as_str(),
                    ),
                    several => described.help(format!(
                        "these relate it: {}",
                        several
                            .iter()
                            .map(|name| format!("`{name}`"))
                            .collect::<Vec<_>>()
                            .join(", ")
                    )),
                };
            }
        }
    }
}

/// The relationships of an object on a side that one of these references names.
fn through_which(context: &Context<'_>, side: Side, references: &[SmolStr]) -> Vec<SmolStr> {
    let relates = |r: &&Relationship| {
        let objects = &r.sides[side.index()].objects;
        objects.iter().any(|o| references.contains(&o.name))
    };
    let all = context.program.relationships.iter().filter(relates);
    all.map(|r| r.name.clone()).collect()
}
