//! A field has one writer per direction (language reference, section 5.2).

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::Build;
use super::pairs::BuiltLine;
use crate::check::{Checker, proof};
use crate::diagnostic::codes;
use crate::diagnostic::{Applicability, Span};
use crate::program::{Direction, On};
use crate::syntax::ast;

const EXCLUDE: &str = "let them exclude each other: `on create` and `on update`, or `when x = \"a\"` and `when x = \"b\"`";

impl<'a> Checker<'a> {
    /// Two lines that write one field: one finding for the two, whichever way they go.
    pub(super) fn two_writers(&mut self, build: &Build<'a>) {
        // By direction and field: the lines before that write it.
        let mut before: FxHashMap<(Direction, SmolStr), Vec<&BuiltLine>> = FxHashMap::default();
        for second in &build.lines {
            let mut told: Vec<Span> = Vec::new();
            for direction in Direction::BOTH {
                let slots = &build.frame.side(direction.target()).slots;
                let flow = second.line.flow(direction);
                let Some(slot) = flow.and_then(|f| slots.get(f.target.0 as usize)) else {
                    continue;
                };
                let earlier = before.entry((direction, slot.field.clone())).or_default();
                let clash = earlier
                    .iter()
                    .find(|first| clash(build, first, second, direction));
                if let Some(first) = clash
                    && !told.contains(&first.line.rule.0)
                {
                    told.push(first.line.rule.0);
                    self.second_writer(build, first, second, direction);
                }
                earlier.push(second);
            }
        }
    }

    fn second_writer(
        &mut self,
        build: &Build<'a>,
        first: &BuiltLine,
        second: &BuiltLine,
        direction: Direction,
    ) {
        let Some(at) = second.targets[direction.index()] else {
            return;
        };
        let line = |built: &BuiltLine| built.line.rule.0;
        let same = self.text(line(first)) == self.text(line(second));
        let both = clash(build, first, second, direction.other());
        let name = |direction: Direction| {
            let slots = &build.frame.side(direction.target()).slots;
            let flow = second.line.flow(direction);
            flow.and_then(|f| slots.get(f.target.0 as usize))
                .map_or("", |s| s.field.as_str())
        };
        if same {
            let message = "this line stands twice in the relationship";
            let whole = self.with_its_end(line(second));
            self.findings
                .error(codes::TWO_WRITERS, line(second), message)
                .label(line(first), "the first one is here")
                .help("leave it out")
                .fix(Applicability::Safe, whole, "");
            return;
        }
        let message = if both {
            format!(
                "a second line writes `{}`, and `{}` on the way back",
                name(direction),
                name(direction.other())
            )
        } else {
            format!(
                "a second line writes `{}` in a {}",
                name(direction),
                direction.word()
            )
        };
        let described = self.findings.error(codes::TWO_WRITERS, at, message);
        let described = match first.targets[direction.index()] {
            Some(span) => described.label(span, "the first one is here"),
            None => described,
        };
        described.help(EXCLUDE);
    }

    /// A statement with the line end before it, so that nothing of its line is left; a comment behind it stays.
    fn with_its_end(&self, span: Span) -> Span {
        let Some(source) = self.input.sources.file(span.file) else {
            return span;
        };
        let range = source.range(span);
        let before = source.text[..range.start].trim_end_matches([' ', '\t']);
        let alone = source.text[range.end..]
            .trim_start_matches([' ', '\t', '\r'])
            .starts_with('\n');
        if !alone || !before.ends_with('\n') {
            return span;
        }
        let start = before.trim_end_matches(['\n', '\r']).len();
        // Blank lines before it stay.
        let start = start + before[start..].rfind('\n').unwrap_or(0);
        Span {
            start: u32::try_from(start).unwrap_or(span.start),
            ..span
        }
    }
}

/// Whether both write one field of one record in this direction.
fn clash(build: &Build<'_>, first: &BuiltLine, second: &BuiltLine, direction: Direction) -> bool {
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
