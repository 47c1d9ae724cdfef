//! ## What it does
//! Finds a reference that is written into a reference of the other store as it is.
//!
//! ## Why is this bad?
//! The id of a record is another one in each store: what arrives names no record, or a wrong one.
//!
//! ## Example
//! ```sync
//! relationship Lead: lead <-> Lead {
//!   match email = Email
//!   email     <-> Email
//!   owner_key -> OwnerId
//! }
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship User: user <-> User {
//!   match email = Email
//!   email <-> Email
//! }
//! relationship Lead: lead <-> Lead {
//!   match email = Email
//!   email     <-> Email
//!   owner_key -> OwnerId via User
//! }
//! ```

use crate::check::Findings;
use crate::diagnostic::codes;
use crate::program::Conversion;

use super::context::{Context, flows, objects, slot_field};

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    let mut told = rustc_hash::FxHashSet::default();
    for relationship in &context.program.relationships {
        for (direction, alternatives, flow) in flows(relationship) {
            let (Conversion::None, Some(source)) = (&flow.conversion, flow.source_slot) else {
                continue;
            };
            let reference = |side: crate::program::Side, slot| {
                objects(relationship, side, alternatives).find_map(|(_, object)| {
                    let field = slot_field(relationship, side, slot, object)?;
                    (!field.references.is_empty()).then_some(field)
                })
            };
            let from = reference(direction.source(), source);
            let to = reference(direction.target(), flow.target);
            let (Some(from), Some(to)) = (from, to) else {
                continue;
            };
            // A type that does not fit says that the reference is not translated, too.
            if !context.has_error(flow.rule.0) && told.insert(flow.rule.0) {
                let message = format!(
                    "`{}` and `{}` refer to records, whose ids differ between the stores",
                    from.name, to.name
                );
                let described = match context.ends(flow.rule.0, direction) {
                    Some((at, target)) => findings
                        .warning(codes::REFERENCE_WITHOUT_VIA, at, message)
                        .label(target, "the other store's reference"),
                    None => findings.warning(codes::REFERENCE_WITHOUT_VIA, flow.rule.0, message),
                };
                described.help("translate it: `via` the relationship of what it refers to");
            }
        }
    }
}
