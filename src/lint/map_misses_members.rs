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

use indexmap::IndexMap;

use crate::check::Findings;
use crate::diagnostic::{Span, codes};
use crate::program::Direction;
use crate::syntax::ast::{self, Arrow};
use crate::value::{Type, Value};

use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    // A two-way line uses its map in both directions: one finding tells what is missing in either.
    let mut missing: IndexMap<Span, (&ast::ValuesItem, Vec<String>)> = IndexMap::new();
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
        let without: Vec<String> = members
            .iter()
            .filter(|m| !is_mapped(map, used.direction, m))
            .map(|m| format!("`{m}`"))
            .collect();
        if !without.is_empty() {
            let (_, told) = missing.entry(used.span).or_insert((map, Vec::new()));
            told.push(format!(
                "for {} in a {}",
                without.join(", "),
                used.direction.word()
            ));
        }
    }
    for (span, (map, told)) in missing {
        let message = format!(
            "`{}` has no entry {}, and no `else`",
            map.name.text,
            told.join(", none ")
        );
        findings
            .warning(codes::MAP_MISSES_MEMBERS, span, message)
            .label(map.name.span, "the value map is here")
            .help("add entries, or say what becomes of the others: `else error`, `else keep` or `else \"…\"`");
    }
}

fn is_mapped(map: &ast::ValuesItem, direction: Direction, member: &str) -> bool {
    map.entries.iter().any(|e| {
        let from = match (e.arrow, direction) {
            (Arrow::Both | Arrow::Push, Direction::Push) => &e.left,
            (Arrow::Both | Arrow::Pull, Direction::Pull) => &e.right,
            _ => return false,
        };
        matches!(&from.value, Value::Text(text) if text == member)
    })
}

fn covers(of: Option<ast::Direction>, direction: Direction) -> bool {
    match of {
        None => true,
        Some(ast::Direction::Push) => direction == Direction::Push,
        Some(ast::Direction::Pull) => direction == Direction::Pull,
    }
}
