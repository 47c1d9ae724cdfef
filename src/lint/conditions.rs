//! ## What it does
//! Finds a condition that is always true or always false. Settings are no constants: a condition on a `let` is never found.
//!
//! ## Why is this bad?
//! It looks as if it decided something.
//!
//! ## Example
//! ```sync
//! push when 1 = 1
//! ```
//!
//! ## Use instead
//! Leave it out, or make it a setting:
//! ```sync
//! let PUSH_ALL = true
//! push when PUSH_ALL
//! ```

use crate::check::Findings;

use super::codes;
use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for (span, holds) in &context.facts.constant_conditions {
        let (code, word) = if *holds {
            (codes::ALWAYS_TRUE, "true")
        } else {
            (codes::ALWAYS_FALSE, "false")
        };
        findings
            .warning(code, *span, format!("this condition is always {word}"))
            .help("to switch something by hand, make it a setting: a `let`");
    }
}
