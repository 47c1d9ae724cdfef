//! ## What it does
//! Finds relationships that refer to each other by `via`, so that none can come first.
//!
//! ## Why is this bad?
//! Of two new records that refer to each other, each waits until the other one is there.
//!
//! ## Example
//! ```sync
//! relationship Account: account <-> Account {
//!   match crm_id = Id
//!   lead_id <-> Lead__c via Lead
//! }
//! relationship Lead: lead <-> Lead {
//!   match email = Email
//!   account_id <-> Account__c via Account
//! }
//! ```
//!
//! ## Use instead
//! Let one of them be filled in later:
//! ```sync
//! relationship Account: account <-> Account {
//!   match crm_id = Id
//!   lead_id <-> Lead__c via Lead or null
//! }
//! relationship Lead: lead <-> Lead {
//!   match email = Email
//!   account_id <-> Account__c via Account
//! }
//! ```

use crate::check::Findings;
use crate::diagnostic::codes;

use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for cycle in &context.facts.via_cycles {
        let at: Vec<_> = cycle.lines.iter().map(|l| context.via_span(*l)).collect();
        let Some((first, others)) = at.split_first() else {
            continue;
        };
        let message = match others {
            [] => format!(
                "`{}` refers to itself by `via`, so that no record can come first",
                cycle.names[0]
            ),
            _ => {
                let names: Vec<String> = cycle.names.iter().map(|n| format!("`{n}`")).collect();
                format!(
                    "relationships refer to each other by `via`: {}",
                    names.join(" → ")
                )
            }
        };
        let described = findings.warning(codes::VIA_CYCLE, *first, message);
        let described = others
            .iter()
            .zip(&cycle.names[1..])
            .fold(described, |described, (line, name)| {
                described.label(*line, format!("`{name}` refers on here"))
            });
        described.help("let one of them be filled in later: `via … or null`");
    }
}
