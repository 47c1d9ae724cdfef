//! ## What it does
//! Finds clauses of one operation that can't hold together: the filter of a direction, and the `when` and `require` of an operation or
//! of a field line in it.
//!
//! ## Why is this bad?
//! The operation never happens, or holds every record, and nothing says so.
//!
//! ## Example
//! ```sync
//! push when status = "working"
//! push create when status = "new"
//! ```
//!
//! ## Use instead
//! ```sync
//! push create when status = "new"
//! push update when status = "working"
//! ```

use rustc_hash::FxHashMap;

use crate::check::Findings;
use crate::check::proof::{Part, conflict, conjuncts, possible};
use crate::diagnostic::{Span, codes};
use crate::program::{Alternatives, Direction, Relationship};
use crate::syntax::ast::{
    self, Clause, ClauseKind, Expr, ExprKind, ItemKind, ModifierKind, OperationName, StatementKind,
};

use super::context::Context;

/// A clause's condition, and the piece of it that findings show.
struct Condition<'a> {
    expr: std::borrow::Cow<'a, Expr>,
    at: Span,
}

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for item in context.items() {
        let ItemKind::Relationship(written) = &item.kind else {
            continue;
        };
        let Some(relationship) = context.relationship(&written.name.text) else {
            continue;
        };
        // Looked up once: a relationship may have many lines.
        let filter_lines: Vec<&ast::Statement> = written
            .statements
            .iter()
            .filter(|s| {
                matches!(&s.kind, StatementKind::Operation(o) if matches!(o.operation, OperationName::Filter))
                    && !context.has_error(s.span)
            })
            .collect();
        let places = places(relationship);
        for statement in &written.statements {
            if context.has_error(statement.span) {
                continue;
            }
            match &statement.kind {
                StatementKind::Operation(line)
                    if !matches!(line.operation, OperationName::Filter | OperationName::Done) =>
                {
                    let direction = direction(line.direction);
                    let within = places
                        .get(&statement.span)
                        .copied()
                        .unwrap_or(Alternatives::ALL);
                    let filters = filters(&filter_lines, relationship, direction, within);
                    let own = conditions(&line.clauses);
                    judge(context, findings, filters, own);
                }
                StatementKind::Field(line) => {
                    for direction in Direction::BOTH {
                        let own: Vec<Condition<'_>> = line
                            .modifiers
                            .iter()
                            .filter_map(|m| match &m.kind {
                                ModifierKind::When {
                                    direction: of,
                                    condition,
                                } if applies(*of, line.arrow, direction) => Some(condition),
                                _ => None,
                            })
                            .flat_map(parts)
                            .collect();
                        if own.is_empty() {
                            continue;
                        }
                        let within = places
                            .get(&statement.span)
                            .copied()
                            .unwrap_or(Alternatives::ALL);
                        let filters = filters(&filter_lines, relationship, direction, within);
                        judge(context, findings, filters, own);
                    }
                }
                _ => {}
            }
        }
    }
}

fn direction(direction: ast::Direction) -> Direction {
    match direction {
        ast::Direction::Push => Direction::Push,
        ast::Direction::Pull => Direction::Pull,
    }
}

/// Whether a line's `when` is about this direction. A plain one on a two-way line names its sides, and is left to each.
fn applies(of: Option<ast::Direction>, arrow: ast::Arrow, at: Direction) -> bool {
    match (of, arrow) {
        (Some(of), _) => direction(of) == at,
        (None, ast::Arrow::Push) => at == Direction::Push,
        (None, ast::Arrow::Pull) => at == Direction::Pull,
        (None, ast::Arrow::Both) => false,
    }
}

/// What the operations and field lines of a relationship apply to, by their places.
fn places(relationship: &Relationship) -> FxHashMap<Span, Alternatives> {
    let of_lines = relationship.lines.iter().flat_map(|line| {
        let flows = Direction::BOTH.into_iter().filter_map(|d| line.flow(d));
        flows.map(|flow| (flow.rule.0, line.alternatives))
    });
    let of_operations = relationship.directions.iter().flat_map(|rules| {
        let all = [&rules.create, &rules.update, &rules.delete];
        all.into_iter()
            .flatten()
            .map(|o| (o.rule.0, o.alternatives))
    });
    of_lines.chain(of_operations).collect()
}

/// The filters of a direction that apply to all of these alternatives.
fn filters<'a>(
    lines: &[&'a ast::Statement],
    relationship: &Relationship,
    direction: Direction,
    within: Alternatives,
) -> Vec<Condition<'a>> {
    let several = relationship.sides.iter().map(|s| s.objects.len()).max();
    let all = match several {
        Some(n) if n > 1 && n < 32 => (1_u32 << n) - 1,
        _ => 1,
    };
    let covers = |at: Span| {
        relationship.directions[direction.index()]
            .filters
            .iter()
            .any(|f| f.rule.0 == at && within.0 & all & !f.alternatives.0 == 0)
    };
    lines
        .iter()
        .filter_map(|s| match &s.kind {
            StatementKind::Operation(o)
                if self::direction(o.direction) == direction && covers(s.span) =>
            {
                Some(conditions(&o.clauses))
            }
            _ => None,
        })
        .flatten()
        .collect()
}

fn conditions(clauses: &[Clause]) -> Vec<Condition<'_>> {
    let mut found = Vec::new();
    for clause in clauses {
        match &clause.kind {
            ClauseKind::When(condition) | ClauseKind::RequireElse { condition, .. } => {
                found.extend(parts(condition));
            }
            ClauseKind::Require(values) => found.extend(values.iter().map(present)),
            ClauseKind::Set(_) | ClauseKind::With(_) | ClauseKind::Leave(..) => {}
        }
    }
    found
}

fn parts(condition: &Expr) -> impl Iterator<Item = Condition<'_>> {
    conjuncts(condition).into_iter().map(|part| Condition {
        expr: std::borrow::Cow::Borrowed(part),
        at: part.span,
    })
}

/// `require F`: F is not empty.
fn present(value: &Expr) -> Condition<'_> {
    let kind = ExprKind::IsEmpty {
        operand: Box::new(value.clone()),
        negated: true,
    };
    Condition {
        at: value.span,
        expr: std::borrow::Cow::Owned(Expr {
            span: value.span,
            kind,
        }),
    }
}

/// Tells what contradicts across clauses; what contradicts itself is told elsewhere.
fn judge(
    context: &Context<'_>,
    findings: &mut Findings,
    filters: Vec<Condition<'_>>,
    own: Vec<Condition<'_>>,
) {
    if own.is_empty() || filters.len() + own.len() < 2 {
        return;
    }
    let all: Vec<&Condition<'_>> = filters.iter().chain(&own).collect();
    let holding: Vec<Part<'_>> = all.iter().map(|c| (c.expr.as_ref(), true)).collect();
    if possible(&holding) {
        return;
    }
    let Some(core) = conflict(&holding) else {
        return;
    };
    let places: Vec<Span> = core
        .iter()
        .filter_map(|i| all.get(*i))
        .map(|c| c.at)
        .collect();
    let Some((last, others)) = places.split_last() else {
        return;
    };
    // A text that is no member of its picklist has a finding of its own.
    let no_member = |place: &Span| {
        let mut facts = context.facts.not_members.iter();
        facts.any(|f| {
            place.file == f.span.file && place.start <= f.span.start && f.span.end <= place.end
        })
    };
    if places.iter().any(no_member) {
        return;
    }
    let clause = |span: Span| context.clause_of(span);
    if others.is_empty() || others.iter().all(|o| clause(*o) == clause(*last)) {
        return;
    }
    let named: Vec<String> = others
        .iter()
        .map(|s| format!("`{}`", context.text(*s)))
        .collect();
    let message = format!(
        "`{}` can't hold where {} must",
        context.text(*last),
        named.join(" and ")
    );
    let described = findings
        .warning(codes::CONTRADICTING_CLAUSES, *last, message)
        .help("the operation never happens: one of the two is wrong");
    others
        .iter()
        .fold(described, |d, s| d.label(*s, "this must hold too"));
}
