//! `match` lines and `duplicates`.

use super::Build;
use crate::check::Checker;
use crate::check::expression::Scope;
use crate::check::facts::KeyFact;
use crate::check::types::{self, article};
use crate::diagnostic::{Span, codes};
use crate::program::{Alternatives, Duplicates, Key, Rule, Side};
use crate::syntax::ast::{self, StatementKind};

const NO_QUERIES: &str = "the sides of `match` and its `where` hold no queries";

impl<'a> Checker<'a> {
    pub(super) fn keys(&mut self, build: &mut Build<'a>) {
        let default = self.default_duplicates(build);
        for statement in &build.item.statements {
            let StatementKind::Match {
                keys,
                filter,
                duplicates,
            } = &statement.kind
            else {
                continue;
            };
            let mark = self.findings.mark();
            let mut alternatives = None;
            let mut columns = Vec::with_capacity(keys.len());
            for pair in keys {
                let (one, other) = if self.key_is_exchanged(build, pair) {
                    (&pair.right, &pair.left)
                } else {
                    (&pair.left, &pair.right)
                };
                let left = self.expr(&mut build.frame, &key_side(Side::Left), one);
                let right = self.expr(&mut build.frame, &key_side(Side::Right), other);
                if !types::comparable(&left.ty, &right.ty) {
                    let message = format!(
                        "`{}` is {}, and `{}` is {}",
                        self.text(one.span),
                        article(&left.ty),
                        self.text(other.span),
                        article(&right.ty)
                    );
                    self.findings
                        .error(codes::OPERAND_TYPES, other.span, message)
                        .label(one.span, format!("this is {}", article(&left.ty)))
                        .maybe_help(crate::check::expression::conversion_help(
                            &left.ty, &right.ty,
                        ));
                }
                for side in [&left, &right] {
                    alternatives = narrowed(alternatives, side.alternatives);
                }
                self.facts.keys.push(KeyFact {
                    relationship: build.name.clone(),
                    key: build.keys.len(),
                    column: columns.len(),
                    spans: [one.span, other.span],
                });
                columns.push((left.expr, right.expr));
            }
            let filter = filter.as_ref().map(|filter| {
                let typed = self.condition(&mut build.frame, &key_side(Side::Right), filter);
                alternatives = narrowed(alternatives, typed.alternatives);
                typed.expr
            });
            let duplicates = duplicates.map_or(default, |(d, _)| policy(d));
            build.gaps.keys |= self.findings.lost_since(mark);
            let alternatives = alternatives.unwrap_or(Alternatives::ALL);
            build.keys.push(Key {
                rule: Rule(statement.span),
                columns,
                filter,
                duplicates,
                alternatives,
            });
        }
    }

    fn default_duplicates(&mut self, build: &mut Build<'a>) -> Duplicates {
        let mut first: Option<(Duplicates, Span)> = None;
        for statement in &build.item.statements {
            let StatementKind::Duplicates(duplicates, _) = statement.kind else {
                continue;
            };
            match first {
                Some((_, before)) => {
                    self.findings
                        .error(
                            codes::DUPLICATE_STATEMENT,
                            statement.span,
                            "a second `duplicates` for the relationship",
                        )
                        .label(before, "the first one is here");
                }
                None => first = Some((policy(duplicates), statement.span)),
            }
        }
        first.map_or(Duplicates::Error, |(d, _)| d)
    }
}

fn policy(duplicates: ast::Duplicates) -> Duplicates {
    match duplicates {
        ast::Duplicates::Error => Duplicates::Error,
        ast::Duplicates::Oldest => Duplicates::Oldest,
        ast::Duplicates::Newest => Duplicates::Newest,
        ast::Duplicates::Create => Duplicates::Create,
        ast::Duplicates::Merge => Duplicates::Merge,
    }
}

fn key_side(side: Side) -> Scope {
    Scope {
        only: Some(side),
        no_queries: Some(NO_QUERIES),
        ..Scope::of(side)
    }
}

/// The alternatives for which both hold.
pub(super) fn narrowed(a: Option<Alternatives>, b: Option<Alternatives>) -> Option<Alternatives> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Alternatives(a.0 & b.0)),
        (a, b) => a.or(b),
    }
}
