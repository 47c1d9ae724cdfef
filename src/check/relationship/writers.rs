//! A field has one writer per direction (language reference, section 5.2).

use super::Build;
use super::pairs::BuiltLine;
use crate::check::{Checker, codes, proof};
use crate::program::{Direction, On};
use crate::syntax::ast;

impl<'a> Checker<'a> {
    pub(super) fn two_writers(&mut self, build: &Build<'a>) {
        for direction in Direction::BOTH {
            for (i, second) in build.lines.iter().enumerate() {
                let clash = build.lines[..i]
                    .iter()
                    .find(|first| self.clash(build, first, second, direction));
                let Some(first) = clash else { continue };
                let (Some(flow), Some(at)) = (
                    second.line.flow(direction),
                    second.targets[direction.index()],
                ) else {
                    continue;
                };
                let side = build.frame.side(direction.target());
                let name = side
                    .slots
                    .get(flow.target.0 as usize)
                    .map_or("", |s| s.field.as_str());
                let message = format!("a second line writes `{name}` in a {}", direction.word());
                let described = self.findings.error(codes::TWO_WRITERS, at, message);
                let described = match first.targets[direction.index()] {
                    Some(span) => described.label(span, "the first one is here"),
                    None => described,
                };
                described.help("let them exclude each other: `on create` and `on update`, or `when x = \"a\"` and `when x = \"b\"`");
            }
        }
    }

    fn clash(
        &self,
        build: &Build<'a>,
        first: &BuiltLine,
        second: &BuiltLine,
        direction: Direction,
    ) -> bool {
        let (Some(a), Some(b)) = (first.line.flow(direction), second.line.flow(direction)) else {
            return false;
        };
        let slots = &build.frame.side(direction.target()).slots;
        let (Some(at), Some(bt)) = (
            slots.get(a.target.0 as usize),
            slots.get(b.target.0 as usize),
        ) else {
            return false;
        };
        let alternatives = first.line.alternatives.0 & second.line.alternatives.0;
        let shared = at.present.iter().zip(&bt.present).any(|(a, b)| *a && *b);
        at.field == bt.field
            && shared
            && alternatives != 0
            && !disjoint_operations(a.on, b.on)
            && !disjoint_conditions(
                &first.conditions[direction.index()],
                &second.conditions[direction.index()],
            )
    }
}

fn disjoint_operations(a: On, b: On) -> bool {
    matches!((a, b), (On::Create, On::Update) | (On::Update, On::Create))
}

/// Whether the two conditions exclude each other as they are written.
fn disjoint_conditions(a: &Option<ast::Expr>, b: &Option<ast::Expr>) -> bool {
    let (Some(a), Some(b)) = (a, b) else {
        return false;
    };
    !proof::possible(&[(a, true), (b, true)])
}
