//! `prefer` and `first prefer`: who wins.

use super::Build;
use crate::check::Checker;
use crate::check::sink::meant;
use crate::check::types::{self, article};
use crate::diagnostic::{Span, codes};
use crate::program::Prefer;
use crate::syntax::ast::{Preference, StatementKind};
use crate::value::Type;

impl<'a> Checker<'a> {
    /// The relationship's own `prefer` and `first prefer`.
    pub(super) fn defaults(&mut self, build: &mut Build<'a>) {
        for statement in &build.item.statements {
            let (preference, first) = match &statement.kind {
                StatementKind::Prefer(prefer) => (&prefer.kind, false),
                StatementKind::FirstPrefer(preference) => (preference, true),
                _ => continue,
            };
            let Some(prefer) = self.preference(preference, first) else {
                continue;
            };
            let place = if first {
                &mut build.first_prefer
            } else {
                &mut build.prefer
            };
            if let Some((_, before)) = place {
                let word = if first { "first prefer" } else { "prefer" };
                self.findings
                    .error(
                        codes::DUPLICATE_STATEMENT,
                        statement.span,
                        format!("a second `{word}` for the relationship"),
                    )
                    .label(*before, "the first one is here");
                continue;
            }
            *place = Some((prefer, statement.span));
        }
    }

    pub(super) fn preference(&mut self, preference: &Preference, first: bool) -> Option<Prefer> {
        let prefer = match preference {
            Preference::Store(name) => {
                if self.stores.iter().any(|s| s.name.is_empty()) {
                    return Some(Prefer::Newest);
                }
                return match self.side_of(&name.text) {
                    Some(side) => Some(Prefer::Side(side)),
                    None => {
                        let mut known = vec![
                            self.stores[0].name.as_str(),
                            self.stores[1].name.as_str(),
                            "newest",
                        ];
                        if !first {
                            known.extend(["manual", "true", "false", "max", "min"]);
                        }
                        self.findings
                            .error(codes::UNKNOWN_STORE, name.span, format!("`prefer` names a store or a way to decide, and `{}` is neither", name.text))
                            .suggest(&name.text, known.iter().copied());
                        let meant = meant(&name.text, known)?;
                        self.side_of(&meant)
                            .map(Prefer::Side)
                            .or(Some(Prefer::Newest))
                    }
                };
            }
            Preference::Newest(_) => Prefer::Newest,
            Preference::Manual(_) => Prefer::Manual,
            Preference::True(_) => Prefer::True,
            Preference::False(_) => Prefer::False,
            Preference::Max(_) => Prefer::Max,
            Preference::Min(_) => Prefer::Min,
        };
        if first && prefer != Prefer::Newest {
            self.findings.error(
                codes::BAD_PREFER,
                span(preference),
                "`first prefer` names a store, or `newest`",
            );
            return None;
        }
        Some(prefer)
    }

    /// Merges that need values of a kind.
    pub(super) fn check_merge(&mut self, prefer: Prefer, at: Span, types: [&Type; 2]) {
        for ty in types {
            let (fits, wants) = match prefer {
                Prefer::True | Prefer::False => (
                    matches!(ty, Type::Bool) || types::open(ty) || types::is_integer_column(ty),
                    "true or false",
                ),
                Prefer::Max | Prefer::Min => (types::ordered(ty), "a value that has an order"),
                Prefer::Side(_) | Prefer::Newest | Prefer::Manual => return,
            };
            if !fits {
                let message = format!(
                    "this `prefer` needs {wants}, and the field is {}",
                    article(ty)
                );
                self.findings
                    .error(codes::BAD_PREFER, at, message)
                    .help("`newest`, `manual` or the name of a store fit every field");
                return;
            }
        }
    }
}

pub(super) fn span(preference: &Preference) -> Span {
    match preference {
        Preference::Store(name) => name.span,
        Preference::Newest(span)
        | Preference::Manual(span)
        | Preference::True(span)
        | Preference::False(span)
        | Preference::Max(span)
        | Preference::Min(span) => *span,
    }
}
