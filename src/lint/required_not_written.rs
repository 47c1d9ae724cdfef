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

use rustc_hash::FxHashSet;
use smol_str::SmolStr;

use crate::check::Findings;
use crate::diagnostic::{Span, codes};
use crate::program::{Alternatives, Direction, On, QueryKind, Relationship, Set, Side};
use crate::schema::{Field, Object};
use crate::syntax::ast::{ActionKind, Assign, ItemKind};

use super::context::{Context, flows, objects, slot_name};

/// How many fields are shown in the schema.
const SHOWN: usize = 3;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    actions(context, findings);
    for relationship in &context.program.relationships {
        converts(context, findings, relationship);
        queries(context, findings, relationship);
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
        let help = format!(
            "write it by a line, or by `{} create … set`",
            direction.word()
        );
        tell(context, findings, side, object, &missing, at, help);
    }
}

fn tell(
    context: &Context<'_>,
    findings: &mut Findings,
    side: Side,
    object: &Object,
    missing: &[&Field],
    at: Span,
    help: String,
) {
    if missing.is_empty() {
        return;
    }
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
        .help(help);
}

/// What a `convert` makes of the field lines and the `set` of the `push create` of what it converts to.
fn converts(context: &Context<'_>, findings: &mut Findings, relationship: &Relationship) {
    for convert in &relationship.convert {
        let direction = convert.side.other().sends();
        let rules = &relationship.directions[direction.index()];
        let mut creates = rules
            .create
            .iter()
            .filter(|c| c.alternatives.has(convert.to));
        // A create of its own tells the same.
        if context.gaps(&relationship.name).writes(direction)
            || rules.creates && creates.next().is_some()
        {
            continue;
        }
        let sets: Vec<Set> = creates.flat_map(|c| c.set.clone()).collect();
        report(
            context,
            findings,
            relationship,
            direction,
            Alternatives(1 << convert.to),
            &sets,
            convert.rule.0,
        );
    }
}

/// `lookup … or create { … }`
fn queries(context: &Context<'_>, findings: &mut Findings, relationship: &Relationship) {
    let mut told = FxHashSet::default();
    for query in &relationship.queries {
        let QueryKind::Lookup {
            side,
            object,
            keys,
            or_create: Some(fields),
            ..
        } = &query.kind
        else {
            continue;
        };
        let names = || keys.iter().chain(fields).map(|(name, _)| name);
        let schema = &context.program.stores[side.index()].schema;
        if let Some(object) = schema.objects.get(object)
            && !context.has_error(query.rule.0)
            && told.insert(query.rule.0)
        {
            let missing = left_out(object, |name| names().any(|n| n == name));
            let help = "write it in the braces of `or create`".to_owned();
            tell(
                context,
                findings,
                *side,
                object,
                &missing,
                query.rule.0,
                help,
            );
        }
    }
}

/// `create` and `upsert` of triggers.
fn actions(context: &Context<'_>, findings: &mut Findings) {
    let triggers = context.items().filter_map(|item| match &item.kind {
        ItemKind::Trigger(trigger) => Some(trigger),
        _ => None,
    });
    for action in triggers.flat_map(|trigger| &trigger.actions) {
        let (path, keys, fields): (_, &[Assign], _) = match &action.kind {
            ActionKind::Create { object, fields } => (object, &[], fields),
            ActionKind::Upsert {
                object,
                keys,
                fields,
            } => (object, keys, fields),
            _ => continue,
        };
        let [store, name] = path.names.as_slice() else {
            continue;
        };
        let side = Side::BOTH
            .into_iter()
            .find(|s| context.program.stores[s.index()].name == store.text);
        let Some(side) = side.filter(|_| !context.has_error(action.span)) else {
            continue;
        };
        let schema = &context.program.stores[side.index()].schema;
        if let Some(object) = schema.objects.get(&name.text) {
            let written = |name: &SmolStr| keys.iter().chain(fields).any(|a| a.name.text == *name);
            let missing = left_out(object, written);
            let help = "write it in the braces of the action".to_owned();
            tell(context, findings, side, object, &missing, path.span, help);
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
    left_out(object, |name| written(name))
}

/// The fields that an object requires, that its store does not set itself, and that nothing writes.
fn left_out(object: &Object, written: impl Fn(&SmolStr) -> bool) -> Vec<&Field> {
    let own = [&object.id, &object.modified, &object.deleted];
    let required = object.fields.values().filter(|f| {
        f.required() && f.createable && !own.into_iter().any(|o| o.as_ref() == Some(&f.name))
    });
    required.filter(|f| !written(&f.name)).collect()
}
