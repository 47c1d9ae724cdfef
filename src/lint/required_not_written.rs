//! ## What it does
//! Finds a create that leaves out a field that the target requires, and that the store does not fill in itself.
//!
//! ## Why is this bad?
//! The store refuses every such record.
//!
//! ## Example
//! ```sync
//! relationship Lead: lead -> Lead {
//!   match email = Email
//!   email -> Email              # Lead also requires LastName and Company
//! }
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship Lead: lead -> Lead {
//!   match email = Email
//!   email     -> Email
//!   last_name -> LastName
//!   push create set Company = "unknown"
//! }
//! ```

use crate::check::Findings;
use crate::diagnostic::Span;
use crate::program::{Alternatives, Direction, On, Relationship, Set};
use crate::schema::{Field, Object};

use super::context::{Context, flows, objects, slot_name};
use crate::diagnostic::codes;

/// How many fields are shown in the schema.
const SHOWN: usize = 3;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for relationship in &context.program.relationships {
        for direction in Direction::BOTH {
            let rules = &relationship.directions[direction.index()];
            if !rules.creates || context.gaps(&relationship.name).writes(direction) {
                continue;
            }
            if rules.create.is_empty() {
                report(
                    context,
                    findings,
                    relationship,
                    direction,
                    Alternatives::ALL,
                    &[],
                    relationship.rule.0,
                );
            }
            for create in &rules.create {
                let at = context.operation_span(create.rule.0);
                report(
                    context,
                    findings,
                    relationship,
                    direction,
                    create.alternatives,
                    &create.set,
                    at,
                );
            }
        }
    }
}

fn report(
    context: &Context<'_>,
    findings: &mut Findings,
    relationship: &Relationship,
    direction: Direction,
    within: Alternatives,
    sets: &[Set],
    at: Span,
) {
    let side = direction.target();
    let within = if relationship.sides[side.index()].objects.len() > 1 {
        within
    } else {
        Alternatives::ALL
    };
    for (place, object) in objects(relationship, side, within) {
        let missing = missing(relationship, direction, place, object, sets);
        if !missing.is_empty() {
            let names: Vec<String> = missing.iter().map(|f| format!("`{}`", f.name)).collect();
            let message = format!(
                "a create of `{}` leaves out {}, which it requires",
                context.full_name(side, object),
                names.join(", ")
            );
            let described = findings.warning(codes::REQUIRED_NOT_WRITTEN, at, message);
            missing
                .iter()
                .take(SHOWN)
                .fold(described, |described, field| {
                    let place = context.schema_place(side, &object.name, &field.name);
                    described.maybe_label(place, "required here")
                })
                .help(format!(
                    "write it by a line, or by `{} create … set`",
                    direction.word()
                ));
        }
    }
}

fn missing<'o>(
    relationship: &Relationship,
    direction: Direction,
    place: usize,
    object: &'o Object,
    sets: &[Set],
) -> Vec<&'o Field> {
    let side = direction.target();
    let several = relationship.sides[side.index()].objects.len() > 1;
    let written = |name: &str| {
        let by_line = flows(relationship).any(|(d, alternatives, flow)| {
            d == direction
                && flow.on != On::Update
                && (!several || alternatives.has(place))
                && slot_name(relationship, side, flow.target) == name
        });
        by_line
            || sets
                .iter()
                .any(|s| slot_name(relationship, side, s.target) == name)
    };
    let own = [&object.id, &object.modified, &object.deleted];
    let required = object.fields.values().filter(|f| {
        f.required() && f.createable && !own.into_iter().any(|o| o.as_ref() == Some(&f.name))
    });
    required.filter(|f| !written(&f.name)).collect()
}
