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
use crate::program::{Direction, Expr, Relationship, Side};

use super::codes;
use super::context::{Context, flows, is_id, reads};

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for relationship in context.complete() {
        for direction in Direction::BOTH {
            let rules = &relationship.directions[direction.index()];
            let open = relationship
                .sides
                .iter()
                .any(|s| s.objects.iter().any(|o| o.id.is_none()));
            if rules.creates && !open && !carries_id(relationship, direction) {
                let at = rules
                    .create
                    .first()
                    .map_or(relationship.rule.0, |c| context.operation_span(c.rule.0));
                let message = format!(
                    "no field carries an id after a create of `{}` in a {}",
                    relationship.name,
                    direction.word()
                );
                findings
                    .warning(codes::CREATE_WITHOUT_ID, at, message)
                    .help("map the source's id to a field of the target, or the target's id to a field of the source");
            }
        }
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
