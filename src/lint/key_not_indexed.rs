//! ## What it does
//! Finds a `match` key on a field that is neither unique nor indexed in its store.
//!
//! ## Why is this bad?
//! Each search reads the whole table; with many records a run takes hours instead of minutes.
//!
//! ## Example
//! ```sync
//! match company = Company           # no index on either side
//! ```
//!
//! ## Use instead
//! Match by a field with an index, or make one:
//! ```sql
//! CREATE INDEX lead_company ON lead (company);
//! ```

use crate::check::Findings;
use crate::diagnostic::codes;
use crate::program::{Alternatives, Side};

use super::context::{Context, objects, reads, slot_field};

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for fact in &context.facts.keys {
        let Some(relationship) = context.relationship(&fact.relationship) else {
            continue;
        };
        let Some(key) = relationship.keys.get(fact.key) else {
            continue;
        };
        let Some((left, right)) = key.columns.get(fact.column) else {
            continue;
        };
        if fact.spans.iter().any(|side| context.has_error(*side)) {
            continue;
        }
        for (side, expr) in Side::BOTH.into_iter().zip([left, right]) {
            // One indexed column of several narrows the search enough.
            let columns = key
                .columns
                .iter()
                .map(|(l, r)| if side == Side::Left { l } else { r });
            let found = |expr| {
                let mut fields = Vec::new();
                reads(expr, &mut fields);
                objects(
                    relationship,
                    side,
                    alternatives(side, relationship, key.alternatives),
                )
                .find_map(|(_, object)| {
                    let field = fields
                        .iter()
                        .find_map(|(_, slot)| slot_field(relationship, side, *slot, object))?;
                    let indexed =
                        field.unique || field.indexed || object.id.as_ref() == Some(&field.name);
                    (!indexed).then_some((object, field))
                })
            };
            if columns.clone().count() > 1 && columns.into_iter().any(|c| found(c).is_none()) {
                continue;
            }
            if let Some((object, field)) = found(expr) {
                let message = format!(
                    "`{}` of `{}` is neither unique nor indexed: each search reads all records",
                    field.name,
                    context.full_name(side, object)
                );
                findings
                    .warning(codes::KEY_NOT_INDEXED, fact.spans[side.index()], message)
                    .maybe_label(
                        context.schema_place(side, &object.name, &field.name),
                        "its schema knows no index",
                    )
                    .help("make an index on it in the store, then `bilateral schema pull`");
            }
        }
    }
}

fn alternatives(
    side: Side,
    relationship: &crate::program::Relationship,
    key: Alternatives,
) -> Alternatives {
    if relationship.sides[side.index()].objects.len() > 1 {
        key
    } else {
        Alternatives::ALL
    }
}
