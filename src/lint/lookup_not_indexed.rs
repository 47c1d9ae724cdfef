//! ## What it does
//! Finds a query by fields of which none is unique or indexed.
//!
//! ## Why is this bad?
//! The store reads all its records for each batch of questions.
//!
//! ## Example
//! ```sync
//! relationship Lead: lead -> Lead {
//!   match email = Email
//!   email   -> Email
//!   company -> Company
//!   company -> Grade when lookup crm.Account(Name = company) is not empty
//! }
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship Lead: lead -> Lead {
//!   match email = Email
//!   email   -> Email
//!   company -> Company
//!   company -> Grade when lookup crm.Account(Id = company) is not empty
//! }
//! ```
//! or index the field in the store, and say so in the schema file.

use smol_str::SmolStr;

use crate::check::Findings;
use crate::diagnostic::codes;
use crate::program::{Expr, QueryKind, Side};

use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    let mut told = rustc_hash::FxHashSet::default();
    for relationship in &context.program.relationships {
        for query in &relationship.queries {
            let (QueryKind::Lookup {
                side, object, keys, ..
            }
            | QueryKind::Aggregate {
                side, object, keys, ..
            }) = &query.kind
            else {
                continue;
            };
            if let Some(field) = unindexed(context, *side, object, keys)
                && told.insert(query.rule.0)
            {
                let message = format!(
                    "`{field}` of `{}.{object}` is neither unique nor indexed: the query reads all records",
                    context.program.stores[side.index()].name
                );
                findings
                    .warning(codes::LOOKUP_NOT_INDEXED, query.rule.0, message)
                    .maybe_label(
                        context.schema_place(*side, object, &field),
                        "its schema knows no index",
                    )
                    .help("make an index on it in the store, then `bilateral schema pull`");
            }
        }
    }
}

/// The first key, where no key is indexed.
fn unindexed(
    context: &Context<'_>,
    side: Side,
    object: &SmolStr,
    keys: &[(SmolStr, Expr)],
) -> Option<SmolStr> {
    let object = context.program.stores[side.index()]
        .schema
        .objects
        .get(object)?;
    let fields: Option<Vec<_>> = keys
        .iter()
        .map(|(name, _)| object.fields.get(name))
        .collect();
    let fields = fields?;
    let cheap = fields
        .iter()
        .any(|f| f.unique || f.indexed || object.id.as_ref() == Some(&f.name));
    if cheap {
        return None;
    }
    fields.first().map(|f| f.name.clone())
}
