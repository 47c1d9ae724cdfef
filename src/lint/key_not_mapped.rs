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
use crate::diagnostic::codes;
use crate::program::{Direction, Relationship, Side, Slot};

use super::context::{Context, flows, is_id, reads, slot_name};

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for fact in &context.facts.keys {
        let gaps = context.gaps(&fact.relationship);
        let Some(relationship) = context.relationship(&fact.relationship) else {
            continue;
        };
        if Direction::BOTH.into_iter().any(|d| gaps.writes(d)) {
            continue;
        }
        let Some((left, right)) = relationship
            .keys
            .get(fact.key)
            .and_then(|k| k.columns.get(fact.column))
        else {
            continue;
        };
        if fact.spans.iter().any(|side| context.has_error(*side)) {
            continue;
        }
        let mut unmapped: Vec<(Side, &str)> = Vec::new();
        for (side, expr) in Side::BOTH.into_iter().zip([left, right]) {
            let mut fields = Vec::new();
            reads(expr, &mut fields);
            let missing = fields.iter().find(|(_, slot)| {
                !is_id(relationship, side, *slot) && !is_mapped(relationship, side, *slot)
            });
            unmapped.extend(missing.map(|(_, slot)| (side, slot_name(relationship, side, *slot))));
        }
        // One column is one key, whichever of its sides no line maps.
        let Some((first, rest)) = unmapped.split_first() else {
            continue;
        };
        let names: Vec<String> = unmapped.iter().map(|(_, n)| format!("`{n}`")).collect();
        let described = findings.warning(
            codes::KEY_NOT_MAPPED,
            fact.spans[first.0.index()],
            format!(
                "no line maps {}, which this key is about",
                names.join(" or ")
            ),
        );
        let described = rest.iter().fold(described, |d, (side, _)| {
            d.label(fact.spans[side.index()], "this side of the key")
        });
        described.help(
            "map it by a line, so that records that are made here can be found by it, or leave the key out",
        );
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
