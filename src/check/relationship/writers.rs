//! A field has one writer per direction (language reference, section 5.2).

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::Build;
use super::pairs::BuiltLine;
use crate::check::{Checker, proof};
use crate::diagnostic::{Applicability, Span, codes};
use crate::program::{Direction, On};
use crate::syntax::ast::{self, ClauseKind, OperationName, StatementKind};

const EXCLUDE: &str = "let them exclude each other: `on create` and `on update`, or `when x = \"a\"` and `when x = \"b\"`";

impl<'a> Checker<'a> {
    /// Two lines that write one field: one finding for the two, whichever way they go.
    pub(super) fn two_writers(&mut self, build: &Build<'a>) {
        // By direction and field: the lines before that write it.
        let mut before: FxHashMap<(Direction, SmolStr), Vec<&BuiltLine>> = FxHashMap::default();
        for second in build.lines.iter().filter(|line| !line.turned) {
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

    /// Sets of different lines that may both apply to one record: those of `change`, of `done`, and of an `update` with a `change`.
    pub(super) fn two_sets(&mut self, build: &Build<'a>) {
        for direction in Direction::BOTH {
            let sets = set_writers(build, direction);
            let mut before: FxHashMap<&SmolStr, Vec<&SetWriter<'_>>> = FxHashMap::default();
            for second in &sets {
                let earlier = before.entry(second.field).or_default();
                let clash = earlier.iter().find(|first| {
                    first.line != second.line
                        && first.hook.meets(second.hook)
                        && first
                            .present
                            .iter()
                            .zip(second.present)
                            .any(|(a, b)| *a && *b)
                        && self.text(first.value) != self.text(second.value)
                        && proof::possible(
                            &first
                                .when
                                .iter()
                                .chain(&second.when)
                                .map(|w| (*w, true))
                                .collect::<Vec<_>>(),
                        )
                });
                if let Some(first) = clash {
                    let message = format!(
                        "`{}` is also set by another line, and both may apply to one record",
                        second.field
                    );
                    self.findings
                        .error(codes::TWO_WRITERS, second.at, message)
                        .label(first.at, "the first one is here")
                        .help("let one of them set it, or let their `when` exclude each other");
                }
                earlier.push(second);
            }
        }
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

/// What a line with a `set` belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hook {
    Update,
    Change,
    Done,
}

impl Hook {
    /// Whether lines of the two may both apply to one record: of several `update` lines the first one counts.
    fn meets(self, other: Hook) -> bool {
        match (self, other) {
            (Hook::Update, Hook::Update) => false,
            (Hook::Done, other) | (other, Hook::Done) => other == Hook::Done,
            _ => true,
        }
    }
}

struct SetWriter<'b> {
    field: &'b SmolStr,
    present: &'b [bool],
    hook: Hook,
    /// Its line, its target and its value.
    line: Span,
    at: Span,
    value: Span,
    when: Vec<&'b ast::Expr>,
}

/// The sets of a direction's `update`, `change` and `done` lines.
fn set_writers<'b>(build: &'b Build<'_>, direction: Direction) -> Vec<SetWriter<'b>> {
    let mut found = Vec::new();
    for statement in &build.item.statements {
        let StatementKind::Operation(line) = &statement.kind else {
            continue;
        };
        let hook = match &line.operation {
            OperationName::Update => Hook::Update,
            OperationName::Change(_) => Hook::Change,
            OperationName::Done => Hook::Done,
            _ => continue,
        };
        if super::direction(line.direction) != direction {
            continue;
        }
        let rules = &build.directions[direction.index()];
        let sets = match hook {
            Hook::Update => rules
                .update
                .iter()
                .find(|r| r.rule.0 == statement.span)
                .map(|r| &r.set),
            Hook::Change => rules
                .change
                .iter()
                .find(|r| r.rule.0 == statement.span)
                .map(|r| &r.set),
            Hook::Done => rules
                .done
                .iter()
                .find(|r| r.rule.0 == statement.span)
                .map(|r| &r.set),
        };
        let side = match hook {
            Hook::Done => direction.source(),
            Hook::Update | Hook::Change => direction.target(),
        };
        let slots = &build.frame.side(side).slots;
        let when: Vec<&ast::Expr> = line
            .clauses
            .iter()
            .filter_map(|c| match &c.kind {
                ClauseKind::When(condition) => Some(condition),
                _ => None,
            })
            .collect();
        let assigns = line.clauses.iter().flat_map(|c| match &c.kind {
            ClauseKind::Set(assigns) => assigns.as_slice(),
            _ => &[],
        });
        for assign in assigns {
            let built = sets
                .into_iter()
                .flatten()
                .find(|s| s.rule.0.start == assign.field.span.start);
            let Some(slot) = built.and_then(|s| slots.get(usize::from(s.target.0))) else {
                continue;
            };
            found.push(SetWriter {
                field: &slot.field,
                present: &slot.present,
                hook,
                line: statement.span,
                at: assign.field.span,
                value: assign.value.span,
                when: when.clone(),
            });
        }
    }
    found
}
