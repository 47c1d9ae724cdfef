//! ## What it does
//! Finds a `create` or `update` line that is never reached: the lines before it take every record for which its `when` holds, or another
//! line says `never`.
//!
//! ## Why is this bad?
//! Of several lines the first whose `when` holds counts. This one never does.
//!
//! ## Example
//! ```sync
//! relationship Person: lead <-> Contact | Lead {
//!   match email = Email
//!   push create Contact when is_contact
//!   push create Lead
//!   push create Contact when score > 100
//!   push update
//!   push update when score > 100 set Grade = "A"
//! }
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship Person: lead <-> Contact | Lead {
//!   match email = Email
//!   push create Contact when is_contact or score > 100
//!   push create Lead
//!   push update when score > 100 set Grade = "A"
//!   push update
//! }
//! ```

use crate::check::Findings;
use crate::check::proof::{Part, possible};
use crate::diagnostic::{Code, Span, codes};
use crate::syntax::ast::{
    ClauseKind, Direction, Expr, ItemKind, OperationLine, OperationName, StatementKind,
};

use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for item in context.items() {
        let ItemKind::Relationship(relationship) = &item.kind else {
            continue;
        };
        if context.gaps(&relationship.name.text).header {
            continue;
        }
        for direction in [Direction::Push, Direction::Pull] {
            let source = match direction {
                Direction::Push => &relationship.left,
                Direction::Pull => &relationship.right,
            };
            for kind in [CREATE, UPDATE] {
                let lines = relationship
                    .statements
                    .iter()
                    .filter_map(|s| match &s.kind {
                        StatementKind::Operation(o)
                            if o.direction == direction
                                && (kind.is)(&o.operation)
                                && !context.has_error(s.span) =>
                        {
                            Some(o.as_ref())
                        }
                        _ => None,
                    });
                let of_source = source.len() > 1 || kind.code == codes::UNREACHABLE_UPDATE;
                let never = relationship.statements.iter().find_map(|s| match &s.kind {
                    StatementKind::Operation(o)
                        if o.direction == direction && (kind.never)(&o.operation) =>
                    {
                        Some(o.as_ref())
                    }
                    _ => None,
                });
                match never {
                    Some(never) => switched_off(findings, kind, never, lines),
                    None => lines_in_turn(findings, kind, of_source, lines),
                }
            }
        }
    }
}

/// Lines of one operation that are looked at: people write a few.
const MOST: usize = 100;

/// Operations whose lines are tried in turn.
#[derive(Clone, Copy)]
struct Kind {
    word: &'static str,
    code: Code,
    is: fn(&OperationName) -> bool,
    never: fn(&OperationName) -> bool,
    counts: &'static str,
}

const CREATE: Kind = Kind {
    word: "create",
    code: codes::UNREACHABLE_CREATE,
    is: |operation| matches!(operation, OperationName::Create | OperationName::CreateOnce),
    never: |operation| matches!(operation, OperationName::CreateNever),
    counts: "the first line whose `when` holds makes the record",
};
const UPDATE: Kind = Kind {
    word: "update",
    code: codes::UNREACHABLE_UPDATE,
    is: |operation| matches!(operation, OperationName::Update),
    never: |operation| matches!(operation, OperationName::UpdateNever),
    counts: "the first line whose `when` holds counts",
};

/// Lines beside a `create never` or `update never`.
fn switched_off<'a>(
    findings: &mut Findings,
    kind: Kind,
    never: &OperationLine,
    lines: impl Iterator<Item = &'a OperationLine>,
) {
    for line in lines {
        let message = format!("this {} is never reached: it is switched off", kind.word);
        findings
            .warning(kind.code, named(line), message)
            .label(named(never), "here")
            .help("leave one of the two out");
    }
}

/// `of_source`: an alternative that a line names says which records it is for, and not which ones it makes.
fn lines_in_turn<'a>(
    findings: &mut Findings,
    kind: Kind,
    of_source: bool,
    lines: impl Iterator<Item = &'a OperationLine>,
) {
    let mut before: Vec<&OperationLine> = Vec::new();
    // Each line is held against each one before it.
    for line in lines.take(MOST) {
        let own = whens(line);
        // What contradicts itself is told as such.
        let sound = possible(&own.iter().map(|w| (*w, true)).collect::<Vec<_>>());
        let earlier: Vec<&OperationLine> = before
            .iter()
            .copied()
            .filter(|earlier| !of_source || takes_alternative(earlier, line))
            .collect();
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
        let by = earlier.iter().find(taken).copied();
        let all = || {
            let mut parts: Vec<Part<'_>> = own.iter().map(|w| (*w, true)).collect();
            for earlier in &earlier {
                match whens(earlier).as_slice() {
                    [one] => parts.push((one, false)),
                    _ => return false,
                }
            }
            !earlier.is_empty() && sound && !possible(&parts)
        };
        if let Some(by) = by {
            let message = format!(
                "this {} is never reached: an earlier one takes every record that it is for",
                kind.word
            );
            findings
                .warning(kind.code, named(line), message)
                .label(named(by), kind.counts)
                .help("put the narrower line first, or leave this one out");
        } else if all() {
            let message = format!(
                "this {} is never reached: the ones before it take every record that it is for",
                kind.word
            );
            let described = findings.warning(kind.code, named(line), message);
            earlier
                .iter()
                .fold(described, |d, line| {
                    d.label(named(line), "this one comes first")
                })
                .help("narrow the lines before it, or leave this one out");
        }
        before.push(line);
    }
}

/// Whether a line is for all the kinds of records that another one is for.
fn takes_alternative(earlier: &OperationLine, line: &OperationLine) -> bool {
    match (&earlier.alternative, &line.alternative) {
        (None, _) => true,
        (Some(a), Some(b)) => a.text == b.text,
        (Some(_), None) => false,
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
