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

use super::codes;
use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for (span, message) in &context.facts.via_cycles {
        findings
            .warning(codes::VIA_CYCLE, *span, message.clone())
            .help("let one of them be filled in later: `via … or null`");
    }
}
