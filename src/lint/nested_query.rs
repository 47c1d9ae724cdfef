//! ## What it does
//! Finds queries within queries, three and more deep.
//!
//! ## Why is this bad?
//! Queries are answered in batches, but an outer one must wait for the inner: each level is one more round to the store for every page
//! of records.
//!
//! ## Example
//! ```sync
//! relationship Lead: lead -> Lead {
//!   match email = Email
//!   email -> Email
//!   lookup crm.User(Id = lookup crm.Account(Id = lookup crm.Contact(Id = crm_id).AccountId).Name).Name -> Company
//! }
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship Lead: lead -> Lead {
//!   match email = Email
//!   email -> Email
//!   lookup crm.Account(Id = crm_id).Name -> Company
//! }
//! ```

use crate::check::Findings;
use crate::diagnostic::codes;
use crate::program::{Expr, Query, QueryKind};

use super::context::Context;

/// Levels that are found.
const DEEP: usize = 3;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for relationship in &context.program.relationships {
        let mut levels: Vec<usize> = Vec::with_capacity(relationship.queries.len());
        for query in &relationship.queries {
            // The queries in a query's keys have smaller numbers.
            let mut level = 1;
            for key in keys(query) {
                key.visit(&mut |e| {
                    if let Expr::Query(inner) = e {
                        let inner = levels.get(usize::from(inner.0)).copied().unwrap_or(0);
                        level = level.max(inner + 1);
                    }
                });
            }
            levels.push(level);
            if level == DEEP {
                findings
                    .warning(
                        codes::NESTED_QUERY,
                        query.rule.0,
                        format!(
                            "this query waits for {} others, one after the other",
                            DEEP - 1
                        ),
                    )
                    .help("keep an id on the way in a field, and begin there");
            }
        }
    }
}

fn keys(query: &Query) -> Vec<&Expr> {
    match &query.kind {
        QueryKind::Lookup { keys, .. } | QueryKind::Aggregate { keys, .. } => {
            keys.iter().map(|(_, e)| e).collect()
        }
        QueryKind::Linked { key, .. } => key.iter().collect(),
    }
}
