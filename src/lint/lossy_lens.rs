//! ## What it does
//! Finds a lens on a two-way field that does not give every value back as it was, though it settles after one trip. The example shown
//! is a value of the field's type.
//!
//! ## Why is this bad?
//! Whoever changes the field on one side finds it changed again on the same side after the next change on the other.
//!
//! ## Example
//! ```sync
//! lens shout { push upper(it) pull lower(it) }
//! relationship Account: account <-> Account {
//!   match crm_id = Id
//!   name <-> Name using shout
//! }
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship Account: account -> Account {
//!   match crm_id = Id
//!   upper(name) -> Name
//! }
//! ```

use crate::check::Findings;
use crate::diagnostic::codes;

use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for lens in &context.facts.lossy_lenses {
        let message = format!(
            "`{}` does not give every value back: {}",
            lens.name, lens.shown
        );
        findings
            .warning(codes::LOSSY_LENS, lens.span, message)
            .label(lens.used, "this field goes both ways")
            .help("let each half undo the other, or let the field go one way");
    }
}
