//! ## What it does
//! Finds a `create` line that is never reached: the lines before it take every record for which its `when` holds.
//!
//! ## Why is this bad?
//! The first line whose `when` holds makes the record. This one makes none.
//!
//! ## Example
//! ```sync
//! relationship Person: lead <-> Contact | Lead {
//!   match email = Email
//!   push create Contact when is_contact
//!   push create Lead
//!   push create Contact when score > 100
//! }
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship Person: lead <-> Contact | Lead {
//!   match email = Email
//!   push create Contact when is_contact or score > 100
//!   push create Lead
//! }
//! ```

use crate::check::Findings;
use crate::check::proof::{Part, possible};
use crate::diagnostic::Span;
use crate::syntax::ast::{
    ClauseKind, Direction, Expr, ItemKind, OperationLine, OperationName, StatementKind,
};

use super::context::Context;
use crate::diagnostic::codes;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for item in context.items() {
        let ItemKind::Relationship(relationship) = &item.kind else {
            continue;
        };
        let gaps = context.gaps(&relationship.name.text);
        for direction in [Direction::Push, Direction::Pull] {
            if gaps.operations[usize::from(direction == Direction::Pull)] {
                continue;
            }
            let lines = relationship
                .statements
                .iter()
                .filter_map(|s| match &s.kind {
                    StatementKind::Operation(o)
                        if o.direction == direction && creates(&o.operation) =>
                    {
                        Some(o.as_ref())
                    }
                    _ => None,
                });
            lines_in_turn(findings, lines);
        }
    }
}

fn creates(operation: &OperationName) -> bool {
    matches!(operation, OperationName::Create | OperationName::CreateOnce)
}

fn lines_in_turn<'a>(findings: &mut Findings, lines: impl Iterator<Item = &'a OperationLine>) {
    let mut before: Vec<&OperationLine> = Vec::new();
    for line in lines {
        let own = whens(line);
        // What contradicts itself is told as such.
        let sound =
            !own.is_empty() && possible(&own.iter().map(|w| (*w, true)).collect::<Vec<_>>());
        let taken = |earlier: &&&OperationLine| {
            let mut parts: Vec<Part<'_>> = own.iter().map(|w| (*w, true)).collect();
            // A line of one condition is passed over where that does not hold; of several, where one of them does not.
            match whens(earlier).as_slice() {
                [] => return true,
                [one] => parts.push((one, false)),
                _ => return false,
            }
            sound && !possible(&parts)
        };
        let by = before.iter().find(taken).copied();
        let all = || {
            let mut parts: Vec<Part<'_>> = own.iter().map(|w| (*w, true)).collect();
            for earlier in &before {
                match whens(earlier).as_slice() {
                    [one] => parts.push((one, false)),
                    _ => return false,
                }
            }
            !before.is_empty() && sound && !possible(&parts)
        };
        if let Some(by) = by {
            let described = findings.warning(
                codes::UNREACHABLE_CREATE,
                named(line),
                "this create is never reached: an earlier one takes every record that it is for",
            );
            described
                .label(
                    named(by),
                    "the first line whose `when` holds makes the record",
                )
                .help("put the narrower line first, or leave this one out");
        } else if all() {
            let mut described = findings.warning(
                codes::UNREACHABLE_CREATE,
                named(line),
                "this create is never reached: the ones before it take every record that it is for",
            );
            for earlier in &before {
                described = described.label(named(earlier), "this one comes first");
            }
            described.help("narrow the lines before it, or leave this one out");
        }
        before.push(line);
    }
}

fn whens(line: &OperationLine) -> Vec<&Expr> {
    line.clauses
        .iter()
        .filter_map(|c| match &c.kind {
            ClauseKind::When(condition) => Some(condition),
            _ => None,
        })
        .collect()
}

fn named(line: &OperationLine) -> Span {
    let end = line
        .alternative
        .as_ref()
        .map_or(line.operation_span.end, |a| a.span.end);
    Span {
        end: end.max(line.operation_span.end),
        ..line.direction_span
    }
}
