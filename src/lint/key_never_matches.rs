//! ## What it does
//! Finds a key whose two sides never have the same value: picklists without a common member, a text that is longer than the other side
//! ever is, a constant that the other side can't be.
//!
//! ## Why is this bad?
//! Records that are the same are not found, and are made again.
//!
//! ## Example
//! ```sync
//! relationship Lead: lead <-> Lead {
//!   match status = Status           # new, working, …, and Open, Working, …
//!   status <-> Status using lead_status
//! }
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship Lead: lead <-> Lead {
//!   match email = Email
//!   email  <-> Email
//!   status <-> Status using lead_status
//! }
//! ```

use crate::check::Findings;
use crate::program::{Expr, Function, Relationship, Side};
use crate::value::{Type, Value};

use super::context::Context;
use crate::diagnostic::codes;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for fact in &context.facts.keys {
        let Some(relationship) = context.relationship(&fact.relationship) else {
            continue;
        };
        let Some((left, right)) = relationship
            .keys
            .get(fact.key)
            .and_then(|k| k.columns.get(fact.column))
        else {
            continue;
        };
        let sides = [
            known(relationship, Side::Left, left),
            known(relationship, Side::Right, right),
        ];
        let [Some(a), Some(b)] = sides else { continue };
        if let Some(why) = apart(&a, &b) {
            findings
                .warning(
                    codes::KEY_NEVER_MATCHES,
                    fact.spans[1],
                    format!("the two sides of this key are never the same: {why}"),
                )
                .label(fact.spans[0], "the other side");
        }
    }
}

/// What one side of a key can be.
struct Known {
    /// All its values, where they are few.
    members: Option<Vec<String>>,
    /// Its text has been brought to one case.
    case: Option<Function>,
}

fn known(relationship: &Relationship, side: Side, expr: &Expr) -> Option<Known> {
    match expr {
        Expr::Const(Value::Text(text)) => Some(Known {
            members: Some(vec![text.to_string()]),
            case: None,
        }),
        Expr::Field(of, slot) if *of == side => {
            let slot = relationship.sides[side.index()]
                .slots
                .get(usize::from(slot.0))?;
            let mut members = Vec::new();
            for (ty, present) in slot.types.iter().zip(&slot.present) {
                match ty {
                    _ if !present => {}
                    Type::Enum(all) => members.extend(all.iter().map(|m| m.to_string())),
                    _ => {
                        return Some(Known {
                            members: None,
                            case: None,
                        });
                    }
                }
            }
            Some(Known {
                members: Some(members),
                case: None,
            })
        }
        Expr::Call(case @ (Function::Lower | Function::Upper), args) => {
            let inner = known(relationship, side, args.first()?)?;
            let turn = |m: String| match case {
                Function::Lower => m.to_lowercase(),
                _ => m.to_uppercase(),
            };
            Some(Known {
                members: inner.members.map(|all| all.into_iter().map(turn).collect()),
                case: Some(*case),
            })
        }
        _ => None,
    }
}

fn apart(a: &Known, b: &Known) -> Option<String> {
    match (&a.members, &b.members, a.case, b.case) {
        (Some(a), Some(b), ..) if !a.iter().any(|m| b.contains(m)) => {
            Some("they have no value in common".to_owned())
        }
        (.., Some(x), Some(y)) if x != y => {
            Some("one is in lower case, the other in upper case".to_owned())
        }
        (Some(members), None, _, Some(case)) | (None, Some(members), Some(case), _) => {
            let fits = |m: &String| match case {
                Function::Lower => m.to_lowercase() == *m,
                _ => m.to_uppercase() == *m,
            };
            (!members.iter().any(fits)).then(|| "the case of their letters differs".to_owned())
        }
        _ => None,
    }
}
