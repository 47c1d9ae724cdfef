//! ## What it does
//! Finds a two-way field whose other side holds less: fewer digits after the point, or a date without a time of day.
//!
//! ## Why is this bad?
//! Nothing is rounded silently: each value that does not fit is an error of its record, and rounding by hand would come back over.
//!
//! ## Example
//! ```sync
//! relationship Deal: deal <-> Deal {
//!   match crm_id = Id
//!   due <-> Due__c              # a moment, and a date without a time of day
//! }
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship Deal: deal <-> Deal {
//!   match crm_id = Id
//!   date(due) -> Due__c
//! }
//! ```

use crate::check::Findings;
use crate::diagnostic::codes;
use crate::program::{Conversion, Direction, Relationship, Side, Slot};
use crate::value::Type;

use super::context::{Context, slot_name};

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for relationship in &context.program.relationships {
        for line in relationship.lines.iter().filter(|l| l.two_way()) {
            let loss = Direction::BOTH.into_iter().find_map(|direction| {
                let flow = line.flow(direction)?;
                if !matches!(flow.conversion, Conversion::None) {
                    return None;
                }
                let from = types(relationship, direction.source(), flow.source_slot?);
                let to = types(relationship, direction.target(), flow.target);
                let loss = from
                    .into_iter()
                    .find_map(|from| to.iter().find_map(|to| loss(from, to)))?;
                Some((direction, flow, loss))
            });
            let Some((direction, flow, loss)) = loss else {
                continue;
            };
            let source = flow
                .source_slot
                .map_or("", |s| slot_name(relationship, direction.source(), s));
            let target = slot_name(relationship, direction.target(), flow.target);
            let message = format!("`{target}` holds less than `{source}`: {loss}");
            let described = match context.ends(flow.rule.0, direction) {
                Some((from, at)) => findings
                    .warning(codes::LOSSY_TARGET, at, message)
                    .label(from, "what it holds comes from here, and goes back"),
                None => findings.warning(codes::LOSSY_TARGET, flow.rule.0, message),
            };
            described
                .help("say how it is made to fit: `using` a lens, or a line for each direction");
        }
    }
}

/// The types of a slot in the alternatives that have it.
fn types(relationship: &Relationship, side: Side, slot: Slot) -> Vec<&Type> {
    let slots = &relationship.sides[side.index()].slots;
    let rule = slots.get(usize::from(slot.0)).into_iter();
    rule.flat_map(|rule| rule.types.iter().zip(&rule.present))
        .filter(|(_, present)| **present)
        .map(|(ty, _)| ty)
        .collect()
}

fn loss(from: &Type, to: &Type) -> Option<String> {
    match (from, to) {
        (Type::Number { scale: Some(from) }, Type::Number { scale: Some(to) }) if from > to => {
            Some(format!("{to} digits after the point, not {from}"))
        }
        (Type::Instant, Type::Date) => Some("a date has no time of day".to_owned()),
        _ => None,
    }
}
