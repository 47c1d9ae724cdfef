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
use crate::diagnostic::codes;
use crate::program::{Expr, Function, Relationship, ResultKind, Side, signature};
use crate::value::{Type, Value};

use super::context::Context;

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
                .label(fact.spans[0], "the other side")
                .help("compare what can be the same, or leave the key out");
        }
    }
}

/// What one side of a key can be.
struct Known {
    /// All its values, where they are few.
    members: Option<Vec<String>>,
    /// Its text has been brought to one case.
    case: Option<Function>,
    /// The fewest and the most characters that it has where it is not blank.
    length: (u32, Option<u32>),
}

impl Known {
    fn any(max: Option<u32>) -> Known {
        Known {
            members: None,
            case: None,
            length: (1, max),
        }
    }

    fn one_of(members: Vec<String>) -> Known {
        let lengths = || {
            members
                .iter()
                .filter_map(|m| u32::try_from(m.chars().count()).ok())
        };
        Known {
            case: None,
            length: (lengths().min().unwrap_or(1), lengths().max()),
            members: Some(members),
        }
    }
}

fn known(relationship: &Relationship, side: Side, expr: &Expr) -> Option<Known> {
    match expr {
        Expr::Const(Value::Text(text)) => Some(Known::one_of(vec![text.to_string()])),
        Expr::Field(of, slot) if *of == side => {
            let slot = relationship.sides[side.index()]
                .slots
                .get(usize::from(slot.0))?;
            let present = slot.types.iter().zip(&slot.present).filter(|(_, p)| **p);
            let types: Vec<&Type> = present.map(|(ty, _)| ty).collect();
            let mut members = Vec::new();
            for ty in &types {
                match ty {
                    Type::Enum(all) => members.extend(all.iter().map(|m| m.to_string())),
                    _ => return Some(Known::any(longest(&types))),
                }
            }
            Some(Known::one_of(members))
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
                ..inner
            })
        }
        Expr::Call(Function::Trim, args) => {
            let inner = known(relationship, side, args.first()?)?;
            Some(Known::any(inner.length.1))
        }
        Expr::Call(Function::Left | Function::Right, args) => match args.get(1)? {
            Expr::Const(Value::Int(count)) => Some(Known::any(u32::try_from(*count).ok())),
            _ => None,
        },
        Expr::Call(function, _) => match signature(*function).result {
            ResultKind::TextOf(length) => Some(Known {
                length: (length, Some(length)),
                ..Known::any(None)
            }),
            _ => None,
        },
        _ => None,
    }
}

/// The most characters of a field of one of these types, if all of them are limited.
fn longest(types: &[&Type]) -> Option<u32> {
    let lengths = types.iter().map(|ty| match ty {
        Type::Text { max } => *max,
        Type::Enum(members) => members
            .iter()
            .filter_map(|m| u32::try_from(m.chars().count()).ok())
            .max(),
        _ => None,
    });
    lengths.collect::<Option<Vec<u32>>>()?.into_iter().max()
}

fn apart(a: &Known, b: &Known) -> Option<String> {
    for (one, other) in [(a, b), (b, a)] {
        if let (fewest, Some(most)) = (one.length.0, other.length.1)
            && fewest > most
        {
            return Some(format!(
                "one has {fewest} characters or more, the other at most {most}"
            ));
        }
    }
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
