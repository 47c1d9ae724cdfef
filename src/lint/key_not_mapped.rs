//! ## What it does
//! Finds a `match` key on a field that no line of the relationship maps.
//!
//! ## Why is this bad?
//! A record that the sync makes has nothing in that field, so that the key never finds it again.
//!
//! ## Example
//! ```sync
//! match formula = Locked
//! company <-> Company                # nothing ever fills Locked
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship Lead: lead <-> Lead {
//!   match email = Email
//!   email <-> Email
//! }
//! ```

use crate::check::Findings;
use crate::program::{Direction, Relationship, Side, Slot};

use super::codes;
use super::context::{Context, flows, is_id, reads, slot_name};

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for fact in &context.facts.keys {
        let Some(relationship) = context.complete_one(&fact.relationship) else {
            continue;
        };
        let Some((left, right)) = relationship
            .keys
            .get(fact.key)
            .and_then(|k| k.columns.get(fact.column))
        else {
            continue;
        };
        for (side, expr) in Side::BOTH.into_iter().zip([left, right]) {
            let mut fields = Vec::new();
            reads(expr, &mut fields);
            let unmapped = fields.iter().find(|(_, slot)| {
                !is_id(relationship, side, *slot) && !is_mapped(relationship, side, *slot)
            });
            if let Some((_, slot)) = unmapped {
                let message = format!(
                    "no line maps `{}`, which this key is about",
                    slot_name(relationship, side, *slot)
                );
                findings.warning(codes::KEY_NOT_MAPPED, fact.spans[side.index()], message);
            }
        }
    }
}

fn is_mapped(relationship: &Relationship, side: Side, slot: Slot) -> bool {
    let name = slot_name(relationship, side, slot);
    let named = |of: Side, s: Slot| of == side && slot_name(relationship, of, s) == name;
    let in_lines = flows(relationship).any(|(direction, _, flow)| {
        let mut fields = Vec::new();
        reads(&flow.source, &mut fields);
        named(direction.target(), flow.target) || fields.into_iter().any(|(of, s)| named(of, s))
    });
    in_lines
        || Direction::BOTH.into_iter().any(|d| {
            let rules = &relationship.directions[d.index()];
            rules
                .create
                .iter()
                .flat_map(|c| &c.set)
                .any(|s| named(d.target(), s.target))
        })
}
