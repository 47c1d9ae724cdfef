//! Value maps: their entries and their `else`.

use super::Lower;
use crate::syntax::ast::{ElseAction, ValuesElse, ValuesEntry, ValuesItem};
use crate::syntax::grammar::{Node, Rule, children};

impl Lower<'_> {
    pub fn values_head(&mut self, node: Node<'_>) -> Option<ValuesItem> {
        let name = children(node).next()?;
        Some(ValuesItem {
            name: self.name(&name),
            entries: Vec::new(),
            elses: Vec::new(),
        })
    }

    pub fn values_entry(&mut self, node: Node<'_>) -> Option<ValuesEntry> {
        let place = self.span(&node);
        let mut parts = children(node);
        let left = self.values_literal(parts.next()?)?;
        let (arrow, arrow_span) = self.arrow(parts.next()?);
        let right = self.values_literal(parts.next()?)?;
        Some(ValuesEntry {
            span: place,
            left,
            arrow,
            arrow_span,
            right,
        })
    }

    pub fn values_else(&mut self, node: Node<'_>) -> Option<ValuesElse> {
        let place = self.span(&node);
        let mut direction = None;
        let mut action = None;
        for child in children(node) {
            match child.as_rule() {
                Rule::direction => direction = Some(self.direction(&child)),
                Rule::values_literal => {
                    action = Some(ElseAction::Value(self.values_literal(child)?))
                }
                _ => {
                    let keeps = self.word(
                        &child,
                        "way to treat other values",
                        &[("error", false), ("keep", true)],
                    )?;
                    action = Some(if keeps {
                        ElseAction::Keep
                    } else {
                        ElseAction::Error
                    });
                }
            }
        }
        Some(ValuesElse {
            span: place,
            direction,
            action: action?,
        })
    }
}
