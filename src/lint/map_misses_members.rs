//! ## What it does
//! Finds a value map over a picklist that has no entry for some of its members, and no `else`.
//!
//! ## Why is this bad?
//! A record with such a value fails, in every run.
//!
//! ## Example
//! ```sync
//! values stage {                # the picklist also has `converted`
//!   "new"     <-> "Open"
//!   "working" <-> "Working"
//! }
//! relationship Lead: lead -> Lead {
//!   match email = Email
//!   status -> Status using stage
//! }
//! ```
//!
//! ## Use instead
//! ```sync
//! values stage {
//!   "new"       <-> "Open"
//!   "working"   <-> "Working"
//!   "converted" <-> "Closed"
//!   else error                  # or `keep`, or a value
//! }
//! relationship Lead: lead -> Lead {
//!   match email = Email
//!   status -> Status using stage
//! }
//! ```

use crate::check::Findings;
use crate::diagnostic::codes;
use crate::program::Direction;
use crate::syntax::ast::{self, Arrow};
use crate::value::{Type, Value};

use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for used in &context.facts.mapped {
        let Type::Enum(members) = &used.source else {
            continue;
        };
        let map = context.values(&used.map);
        let Some(map) =
            map.filter(|m| !m.elses.iter().any(|e| covers(e.direction, used.direction)))
        else {
            continue;
        };
        let mapped = |member: &str| {
            map.entries.iter().any(|e| {
                let from = match (e.arrow, used.direction) {
                    (Arrow::Both | Arrow::Push, Direction::Push) => &e.left,
                    (Arrow::Both | Arrow::Pull, Direction::Pull) => &e.right,
                    _ => return false,
                };
                matches!(&from.value, Value::Text(text) if text == member)
            })
        };
        let missing: Vec<String> = members
            .iter()
            .filter(|m| !mapped(m))
            .map(|m| format!("`{m}`"))
            .collect();
        if !missing.is_empty() {
            let message = format!(
                "`{}` has no entry for {} in a {}, and no `else`",
                used.map,
                missing.join(", "),
                used.direction.word()
            );
            findings
                .warning(codes::MAP_MISSES_MEMBERS, used.span, message)
                .label(map.name.span, "the value map is here")
                .help("add entries, or say what becomes of the others: `else error`, `else keep` or `else \"…\"`");
        }
    }
}

fn covers(of: Option<ast::Direction>, direction: Direction) -> bool {
    match of {
        None => true,
        Some(ast::Direction::Push) => direction == Direction::Push,
        Some(ast::Direction::Pull) => direction == Direction::Pull,
    }
}
