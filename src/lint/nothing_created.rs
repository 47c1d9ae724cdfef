//! ## What it does
//! Finds a relationship towards alternatives of which no `create` line names one, so that nothing is ever made there.
//!
//! ## Why is this bad?
//! Creates are on by default; here the engine cannot know which alternative to make, and makes none.
//!
//! ## Example
//! ```sync
//! relationship Person: lead <-> Contact | Lead {
//!   match email = Email
//!   email <-> Email
//! }
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship Person: lead <-> Contact | Lead {
//!   match email = Email
//!   email <-> Email
//!   push create Lead              # or `push create never`
//! }
//! ```

use crate::check::Findings;
use crate::diagnostic::codes;

use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for (span, message) in &context.facts.silent_creates {
        findings
            .warning(codes::NOTHING_CREATED, *span, message.clone())
            .help("name the alternative to make; or say that none is made: `create never`");
    }
}
