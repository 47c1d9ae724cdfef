//! Field lines, their modifiers, and `* <- *`.

use super::Lower;
use crate::diagnostic::{Span, codes};
use crate::syntax::ast::{
    Blanks, Direction, Fallback, FieldLine, Modifier, ModifierKind, StatementKind,
};
use crate::syntax::grammar::{Node, Rule, children};

impl Lower<'_> {
    pub fn field_line(&mut self, node: Node<'_>) -> Option<StatementKind> {
        let mut parts = children(node);
        let left = self.expr(parts.next()?);
        let (arrow, arrow_span) = self.arrow(parts.next()?);
        let right = self.expr(parts.next()?);
        let mut modifiers: Vec<Modifier> = Vec::new();
        for part in parts {
            let place = self.span(&part);
            let Some(kind) = self.modifier(part) else {
                continue;
            };
            let word = modifier_word(&kind);
            match modifiers
                .iter()
                .find(|other| modifier_word(&other.kind) == word)
            {
                Some(first) => {
                    let first = first.span;
                    self.repeated(word, first, place);
                }
                None => modifiers.push(Modifier { span: place, kind }),
            }
        }
        Some(StatementKind::Field(Box::new(FieldLine {
            left,
            arrow,
            arrow_span,
            right,
            modifiers,
        })))
    }

    fn modifier(&mut self, node: Node<'_>) -> Option<ModifierKind> {
        match node.as_rule() {
            Rule::via => self.via(node),
            Rule::using => children(node)
                .next()
                .map(|name| ModifierKind::Using(self.name(&name))),
            Rule::prefer => self.preference(node).map(ModifierKind::Prefer),
            Rule::first_prefer => self.preference(node).map(ModifierKind::FirstPrefer),
            Rule::blanks => {
                let word = children(node).next()?;
                let way = self.word(
                    &word,
                    "way to treat blanks",
                    &[("ignore", Blanks::Ignore), ("write", Blanks::Write)],
                )?;
                Some(ModifierKind::Blanks(way))
            }
            Rule::on_word => {
                let word = children(node).next()?;
                let creates = self.word(
                    &word,
                    "operation of `on`",
                    &[("create", true), ("update", false)],
                )?;
                Some(if creates {
                    ModifierKind::OnCreate
                } else {
                    ModifierKind::OnUpdate
                })
            }
            Rule::if_empty => Some(ModifierKind::IfEmpty),
            _ => {
                let mut direction = None;
                for child in children(node) {
                    match child.as_rule() {
                        Rule::direction => direction = Some(self.direction(&child)),
                        _ => {
                            return Some(ModifierKind::When {
                                direction,
                                condition: self.expr(child),
                            });
                        }
                    }
                }
                None
            }
        }
    }

    fn via(&mut self, node: Node<'_>) -> Option<ModifierKind> {
        let mut parts = children(node);
        let path = self.path(parts.next()?);
        let fallback = match parts.next() {
            None => None,
            Some(word) => {
                let known = [
                    ("hold", Fallback::Hold),
                    ("skip", Fallback::Skip),
                    ("null", Fallback::Null),
                    ("sync", Fallback::Sync),
                ];
                let place = self.span(&word);
                self.word(&word, "fallback of `via`", &known)
                    .map(|fallback| (fallback, place))
            }
        };
        let too_long = path.names.get(2).map(|name| Span {
            end: path.span.end,
            ..name.span
        });
        if let Some(place) = too_long {
            self.complain(
                codes::UNEXPECTED,
                place,
                "`via` names a relationship and at most one alternative",
                "write `via REL` or `via REL.Contact`",
            );
        }
        let mut names = path.names.into_iter();
        Some(ModifierKind::Via {
            relationship: names.next()?,
            alternative: names.next(),
            fallback,
        })
    }

    pub fn star_line(&mut self, node: Node<'_>) -> Option<StatementKind> {
        let mut parts = children(node);
        let (arrow, arrow_span) = self.arrow(parts.next()?);
        let except = parts
            .next()
            .map(|names| self.names(names))
            .unwrap_or_default();
        Some(StatementKind::Star {
            arrow,
            arrow_span,
            except,
        })
    }
}

/// The word that a modifier may be given with only once.
fn modifier_word(kind: &ModifierKind) -> &'static str {
    match kind {
        ModifierKind::Via { .. } => "via",
        ModifierKind::Using(_) => "using",
        ModifierKind::Prefer(_) => "prefer",
        ModifierKind::FirstPrefer(_) => "first prefer",
        ModifierKind::Blanks(_) => "blanks",
        ModifierKind::OnCreate | ModifierKind::OnUpdate => "on",
        ModifierKind::IfEmpty => "if empty",
        ModifierKind::When {
            direction: None, ..
        } => "when",
        ModifierKind::When {
            direction: Some(Direction::Push),
            ..
        } => "push when",
        ModifierKind::When {
            direction: Some(Direction::Pull),
            ..
        } => "pull when",
    }
}
