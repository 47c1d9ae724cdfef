//! ## What it does
//! Finds relationships that refer to each other by `via`, so that none can come first.
//!
//! ## Why is this bad?
//! Of two new records that refer to each other, each waits until the other one is there.
//!
//! ## Example
//! ```sync
//! relationship Account: account <-> Account { … owner_contact <-> Owner__c via Contact }
//! relationship Contact: contact <-> Contact { … account_id <-> AccountId via Account }
//! ```
//!
//! ## Use instead
//! Let one of them be filled in later:
//! ```sync
//! owner_contact <-> Owner__c via Contact or null
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
