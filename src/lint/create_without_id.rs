//! ## What it does
//! Finds creates after which neither record has the id of the other.
//!
//! ## Why is this bad?
//! When the answer to a create is lost, the engine looks for the record before it makes another one: by an id that it carries, else by the
//! match keys and the values sent. Without an id a lost answer can leave a duplicate.
//!
//! ## Example
//! ```sync
//! relationship Call: call -> Task {
//!   subject -> Subject
//!   push create once
//! }
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship Call: call -> Task {
//!   subject  -> Subject
//!   text(id) -> External_Id__c
//!   push create once
//! }
//! ```

use crate::check::Findings;
use crate::diagnostic::{Span, codes};
use crate::program::{Direction, Expr, Relationship, Side};

use super::context::{Context, flows, is_id, reads};

/// One line that carries an id mends both directions, so that they are one finding.
pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for relationship in &context.program.relationships {
        let gaps = context.gaps(&relationship.name);
        let open = relationship
            .sides
            .iter()
            .any(|s| s.objects.iter().any(|o| o.id.is_none()));
        // An id may come with the record, or be written back.
        if open || Direction::BOTH.into_iter().any(|d| gaps.writes(d)) {
            continue;
        }
        let lacking: Vec<Direction> = Direction::BOTH
            .into_iter()
            .filter(|d| relationship.directions[d.index()].creates && !carries_id(relationship, *d))
            .collect();
        let places: Vec<Span> = lacking
            .iter()
            .map(|d| {
                let first = relationship.directions[d.index()].create.first();
                first.map_or(relationship.rule.0, |c| context.operation_span(c.rule.0))
            })
            .collect();
        let (Some(first), Some(at)) = (lacking.first(), places.first()) else {
            continue;
        };
        let when = match lacking.len() {
            1 => format!("a {}", first.word()),
            _ => "a push or a pull".to_owned(),
        };
        let message = format!(
            "no field carries an id after a create of `{}` in {when}",
            relationship.name
        );
        let described = findings.warning(codes::CREATE_WITHOUT_ID, *at, message);
        let others = places.iter().skip(1).filter(|p| *p != at);
        let described = others.fold(described, |d, p| d.label(*p, "nor after this create"));
        described.help(
            "map the source's id to a field of the target, or the target's id to a field of the source",
        );
    }
}

fn carries_id(relationship: &Relationship, direction: Direction) -> bool {
    let reads_id = |side: Side, expr: &Expr| {
        let mut fields = Vec::new();
        reads(expr, &mut fields);
        fields
            .into_iter()
            .any(|(of, slot)| of == side && is_id(relationship, of, slot))
    };
    let by_line =
        flows(relationship).any(|(d, _, flow)| reads_id(d.source(), &flow.source) || flow.gives_id);
    let rules = &relationship.directions[direction.index()];
    by_line
        || rules
            .create
            .iter()
            .flat_map(|c| &c.set)
            .any(|s| reads_id(direction.source(), &s.value))
}
