//! How records find each other and who wins: `match`, `duplicates`, `follow`, `prefer`.

use super::Lower;
use crate::diagnostic::Span;
use crate::syntax::ast::{Duplicates, KeyPair, Prefer, Preference, StatementKind};
use crate::syntax::grammar::{Node, Rule, children};

impl Lower<'_> {
    pub fn match_line(&mut self, node: Node<'_>) -> Option<StatementKind> {
        let mut keys = Vec::new();
        let mut filter: Option<(_, Span)> = None;
        let mut duplicates: Option<(Duplicates, Span)> = None;
        for child in children(node) {
            let place = self.span(&child);
            match child.as_rule() {
                Rule::key_pair => {
                    let mut sides = children(child);
                    let (left, right) = (sides.next()?, sides.next()?);
                    keys.push(KeyPair {
                        left: self.expr(left),
                        right: self.expr(right),
                    });
                }
                Rule::match_where => match filter {
                    Some((_, first)) => self.repeated("where", first, place),
                    None => {
                        filter = children(child)
                            .next()
                            .map(|condition| (self.expr(condition), place))
                    }
                },
                _ => match duplicates {
                    Some((_, first)) => self.repeated("duplicates", first, place),
                    None => duplicates = Some((self.duplicates(child)?, place)),
                },
            }
        }
        Some(StatementKind::Match {
            keys,
            filter: filter.map(|(condition, _)| condition),
            duplicates,
        })
    }

    pub fn duplicates_line(&mut self, node: Node<'_>) -> Option<StatementKind> {
        let inner = children(node).next()?;
        let place = self.span(&inner);
        self.duplicates(inner)
            .map(|way| StatementKind::Duplicates(way, place))
    }

    fn duplicates(&mut self, node: Node<'_>) -> Option<Duplicates> {
        let known = [
            ("error", Duplicates::Error),
            ("oldest", Duplicates::Oldest),
            ("newest", Duplicates::Newest),
            ("create", Duplicates::Create),
            ("merge", Duplicates::Merge),
        ];
        let word = children(node).next()?;
        self.word(&word, "way to treat duplicates", &known)
    }

    pub fn follow_line(&mut self, node: Node<'_>) -> Option<StatementKind> {
        let mut parts = children(node);
        let field = self.path(parts.next()?);
        let to = self.name(&parts.next()?);
        Some(StatementKind::Follow { field, to })
    }

    pub fn prefer_line(&mut self, node: Node<'_>) -> Option<StatementKind> {
        let inner = children(node).next()?;
        let place = self.span(&inner);
        let is_first = inner.as_rule() == Rule::first_prefer;
        let kind = self.preference(inner)?;
        Some(if is_first {
            StatementKind::FirstPrefer(kind)
        } else {
            StatementKind::Prefer(Prefer { span: place, kind })
        })
    }

    /// The word after `prefer`; any other than the fixed ones names a store.
    pub(super) fn preference(&mut self, node: Node<'_>) -> Option<Preference> {
        let word = children(node).next()?;
        let place = self.span(&word);
        Some(match word.as_str() {
            "newest" => Preference::Newest(place),
            "manual" => Preference::Manual(place),
            "true" => Preference::True(place),
            "false" => Preference::False(place),
            "max" => Preference::Max(place),
            "min" => Preference::Min(place),
            _ => Preference::Store(self.name(&word)),
        })
    }
}
