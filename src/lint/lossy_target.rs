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
use crate::program::{Conversion, Direction, Relationship, Slot};
use crate::value::Type;

use super::codes;
use super::context::{Context, slot_name};

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for relationship in &context.program.relationships {
        for line in relationship.lines.iter().filter(|l| l.two_way()) {
            let loss = Direction::BOTH.into_iter().find_map(|direction| {
                let flow = line.flow(direction)?;
                if !matches!(flow.conversion, Conversion::None) {
                    return None;
                }
                let from = ty(relationship, direction, true, flow.source_slot?)?;
                let to = ty(relationship, direction, false, flow.target)?;
                Some((direction, flow, loss(from, to)?))
            });
            let Some((direction, flow, loss)) = loss else {
                continue;
            };
            let source = flow
                .source_slot
                .map_or("", |s| slot_name(relationship, direction.source(), s));
            let target = slot_name(relationship, direction.target(), flow.target);
            findings
                .warning(
                    codes::LOSSY_TARGET,
                    flow.rule.0,
                    format!("`{target}` holds less than `{source}`: {loss}"),
                )
                .help("say how it is made to fit: `using` a lens, or a line for each direction");
        }
    }
}

fn ty(
    relationship: &Relationship,
    direction: Direction,
    source: bool,
    slot: Slot,
) -> Option<&Type> {
    let side = if source {
        direction.source()
    } else {
        direction.target()
    };
    let rule = relationship.sides[side.index()]
        .slots
        .get(usize::from(slot.0))?;
    let mut present = rule.types.iter().zip(&rule.present).filter(|(_, p)| **p);
    present.next().map(|(ty, _)| ty)
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
