//! ## What it does
//! Finds a name that is both a `let` (or a parameter) and a field of the record at hand. The `let` is read.
//!
//! ## Why is this bad?
//! A reader takes it for the field. A field that is added to the store later changes nothing, though its name stands in the rules.
//!
//! ## Example
//! ```sync
//! let score = 100
//! relationship Lead: lead <-> Lead {
//!   push when score > 50          # the let, not the field `score`
//! }
//! ```
//!
//! ## Use instead
//! ```sync
//! let MINIMUM_SCORE = 100
//! relationship Lead: lead <-> Lead {
//!   push when score > MINIMUM_SCORE
//! }
//! ```

use crate::check::Findings;
use crate::diagnostic::codes;

use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for shadow in &context.facts.shadows {
        let message = format!("`{}` hides {} of the same name", shadow.name, shadow.hidden);
        let described = findings.warning(codes::SHADOWING, shadow.span, message);
        if let Some(declared) = shadow.declared {
            described
                .label(declared, "it is declared here")
                .help("give it a name of its own, or name the field by its store");
        }
    }
}
