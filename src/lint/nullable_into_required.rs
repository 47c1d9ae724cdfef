//! ## What it does
//! Finds a null, or a field that may be null, on its way into a field that must not be.
//!
//! ## Why is this bad?
//! A blank never goes into a required field: for each such record the field is held in every run, until someone fills it in.
//!
//! ## Example
//! ```sync
//! last_name -> LastName            # `last_name` may be null, `LastName` is required
//! ```
//!
//! ## Use instead
//! Say that records without it wait, or give a value for those:
//! ```sync
//! push create require last_name
//! last_name ?? "unknown" -> LastName
//! ```

use std::collections::HashSet;

use crate::check::Findings;
use crate::check::facts::WriteFact;
use crate::check::proof::{Part, possible};
use crate::diagnostic::{Span, codes};
use crate::program::{Expr, OperationRule, Relationship, Require};
use crate::schema::Field;
use crate::syntax::ast::{self, ClauseKind, ExprKind, StatementKind};

use super::context::{Context, slot_name};

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    lines(context, findings);
    nulls(context, findings);
}

/// Nulls that are assigned.
fn nulls(context: &Context<'_>, findings: &mut Findings) {
    let mut told = HashSet::new();
    for write in &context.facts.null_writes {
        let schema = &context.program.stores[write.side.index()].schema;
        let Some(object) = schema.objects.get(&write.object) else {
            continue;
        };
        let required = object.fields.get(&write.field).is_some_and(Field::required);
        if required && told.insert(write.source) {
            let message = format!(
                "`{}` is required in `{}`, and this is null",
                write.field,
                context.full_name(write.side, object)
            );
            let place = context.schema_place(write.side, &write.object, &write.field);
            findings
                .warning(codes::NULLABLE_INTO_REQUIRED, write.source, message)
                .label(write.target, "the required field")
                .maybe_label(place, "its schema says so")
                .help("write a value, or leave the field out");
        }
    }
}

fn lines(context: &Context<'_>, findings: &mut Findings) {
    let mut told = HashSet::new();
    for write in context.facts.writes.iter().filter(|w| w.nullable) {
        let Some(relationship) = context.relationship(&write.relationship) else {
            continue;
        };
        let Some(object) = relationship.sides[write.side.index()]
            .objects
            .iter()
            .find(|o| o.name == write.object)
        else {
            continue;
        };
        let arriving = write.side.other().sends();
        if context.gaps(&write.relationship).operations[arriving.index()] {
            continue;
        }
        let required = object
            .fields
            .get(&write.field)
            .is_some_and(|f| f.required());
        let lacking = lacking(context, relationship, write);
        if required && !lacking.is_empty() && told.insert((write.source, write.target)) {
            let store = &context.program.stores[write.side.index()].name;
            let message = format!(
                "`{}` is required in `{store}.{}`, and what is written into it may be null",
                write.field, write.object
            );
            let described = findings
                .warning(codes::NULLABLE_INTO_REQUIRED, write.source, message)
                .label(write.target, "the required field")
                .maybe_label(
                    context.schema_place(write.side, &write.object, &write.field),
                    "its schema says so",
                );
            lacking
                .iter()
                .flatten()
                .fold(described, |described, create| {
                    described.label(context.require_span(*create), "this create does not ask for it")
                })
                .help("say what records without it wait for (`require`), or give a value for those (`??`)");
        }
    }
}

/// The creates of the object that do not say `require` of the field; `None` stands for a create without a line.
fn lacking(
    context: &Context<'_>,
    relationship: &Relationship,
    write: &WriteFact,
) -> Vec<Option<Span>> {
    let source = write.side.other();
    let objects = &relationship.sides[write.side.index()].objects;
    let place = objects
        .iter()
        .position(|o| o.name == write.object)
        .filter(|_| objects.len() > 1);
    let creates = &relationship.directions[source.sends().index()].create;
    let mut creates = creates
        .iter()
        .filter(|c| place.is_none_or(|p| c.alternatives.has(p)))
        .peekable();
    if creates.peek().is_none() {
        return vec![None];
    }
    let names: Option<Vec<&str>> = write.reads.as_ref().map(|slots| {
        let named = slots.iter().map(|s| slot_name(relationship, source, *s));
        named.collect()
    });
    let requires = |create: &OperationRule, name: &str| {
        create.require.iter().any(|r| match r {
            Require::Field {
                value: Expr::Field(side, s),
                ..
            } => *side == source && slot_name(relationship, source, *s) == name,
            Require::Field { .. } | Require::Condition { .. } => false,
        })
    };
    let filters = relationship.directions[source.sends().index()]
        .filters
        .iter();
    let filters: Vec<Span> = filters.map(|f| f.rule.0).collect();
    let lines = |create: &OperationRule| [&[create.rule.0], filters.as_slice()].concat();
    let given = |create: &OperationRule| {
        names.as_ref().is_some_and(|names| {
            names
                .iter()
                .all(|n| requires(create, n) || guarded(context, &lines(create), n))
        })
    };
    creates
        .filter(|c| !given(c))
        .map(|c| Some(c.rule.0))
        .collect()
}

/// Whether the `when` of an operation line, and of the filters of its direction, hold only for records whose field is not blank.
fn guarded(context: &Context<'_>, lines: &[Span], field: &str) -> bool {
    let Some(at) = lines.first().copied() else {
        return false;
    };
    let name = ast::Name {
        text: field.into(),
        span: at,
    };
    let path = ast::Path {
        names: vec![name],
        span: at,
    };
    let blank = ast::Expr {
        span: at,
        kind: ExprKind::IsEmpty {
            operand: Box::new(ast::Expr {
                span: at,
                kind: ExprKind::Path(path),
            }),
            negated: false,
        },
    };
    let mut parts: Vec<Part<'_>> = vec![(&blank, true)];
    for line in lines {
        let Some(StatementKind::Operation(operation)) = context.statement(*line).map(|s| &s.kind)
        else {
            continue;
        };
        parts.extend(operation.clauses.iter().filter_map(|c| match &c.kind {
            ClauseKind::When(condition) | ClauseKind::RequireElse { condition, .. } => {
                Some((condition, true))
            }
            _ => None,
        }));
    }
    parts.len() > 1 && !possible(&parts)
}
