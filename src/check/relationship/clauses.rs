//! The clauses of operations: `when`, `require`, `set`, `with`, `leave`.

use smol_str::SmolStr;

use super::Build;
use super::keys::narrowed;
use super::writes::{FieldWrite, Operations};
use crate::check::Checker;
use crate::check::expression::{Scope, Typed};
use crate::diagnostic::{Span, codes};
use crate::program::{Alternatives, Direction, Expr, Leave, Require, Rule, Set, Side};
use crate::syntax::ast::{self, ClauseKind, ExprKind, OperationName};

/// The compiled clauses of an operation line.
#[derive(Debug, Default)]
pub(super) struct Clauses {
    pub when: Option<Expr>,
    pub require: Vec<Require>,
    pub set: Vec<Set>,
    pub options: Vec<(SmolStr, Expr)>,
    pub leave: Option<Leave>,
    /// What the conditions read.
    pub alternatives: Option<Alternatives>,
}

/// What an operation's `set` writes.
pub(super) struct SetTarget {
    pub side: Side,
    pub operations: Operations,
    /// The alternatives that the operation is for.
    pub within: Alternatives,
}

impl<'a> Checker<'a> {
    /// Clauses that the operation can't take.
    pub(super) fn misplaced_clauses(&mut self, line: &ast::OperationLine) {
        for clause in &line.clauses {
            let (word, fits) = match &clause.kind {
                ClauseKind::When(_) => (
                    "when",
                    !matches!(
                        line.operation,
                        OperationName::CreateNever | OperationName::UpdateNever
                    ),
                ),
                ClauseKind::Require(_) | ClauseKind::RequireElse { .. } => (
                    "require",
                    matches!(
                        line.operation,
                        OperationName::Create
                            | OperationName::CreateOnce
                            | OperationName::Update
                            | OperationName::Delete
                    ),
                ),
                ClauseKind::Set(_) => (
                    "set",
                    !matches!(
                        line.operation,
                        OperationName::CreateNever
                            | OperationName::UpdateNever
                            | OperationName::Filter
                    ),
                ),
                ClauseKind::With(_) => (
                    "with",
                    matches!(
                        line.operation,
                        OperationName::Create
                            | OperationName::CreateOnce
                            | OperationName::Update
                            | OperationName::Delete
                    ),
                ),
                ClauseKind::Leave(..) => ("leave", matches!(line.operation, OperationName::Filter)),
            };
            if !fits {
                let message = format!("`{}` takes no `{word}`", operation_word(&line.operation));
                self.findings
                    .error(codes::MISPLACED_CLAUSE, clause.span, message)
                    .label(named_operation(line), "the operation");
            }
        }
    }

    pub(super) fn clauses(
        &mut self,
        build: &mut Build<'a>,
        line: &'a ast::OperationLine,
        way: Direction,
        within: Alternatives,
        operations: Operations,
    ) -> Clauses {
        let scope = Scope {
            within,
            ..Scope::of(way.source())
        };
        let mut result = Clauses::default();
        let mut conditions = Vec::new();
        for clause in &line.clauses {
            match &clause.kind {
                ClauseKind::When(condition) => {
                    let typed = self.condition(&mut build.frame, &scope, condition);
                    result.alternatives = narrowed(result.alternatives, typed.alternatives);
                    conditions.push(typed.expr);
                }
                ClauseKind::Require(fields) => {
                    for field in fields {
                        let typed = self.expr(&mut build.frame, &scope, field);
                        let name = match &field.kind {
                            ExprKind::Path(path) => path
                                .names
                                .iter()
                                .map(|n| n.text.as_str())
                                .collect::<Vec<_>>()
                                .join("."),
                            _ => self.text(field.span),
                        };
                        result.require.push(Require::Field {
                            name: name.into(),
                            value: typed.expr,
                            rule: Rule(field.span),
                        });
                    }
                }
                ClauseKind::RequireElse { condition, reason } => {
                    let condition = self.required_condition(build, &scope, condition);
                    result.require.push(Require::Condition {
                        condition,
                        reason: reason.text.clone(),
                        rule: Rule(clause.span),
                    });
                }
                ClauseKind::Set(assigns) => {
                    let side = if matches!(line.operation, OperationName::Done) {
                        way.source()
                    } else {
                        way.target()
                    };
                    let target = SetTarget {
                        side,
                        operations,
                        within,
                    };
                    self.sets(build, &scope, assigns, &target, &mut result.set);
                }
                ClauseKind::With(options) => {
                    self.options(build, &scope, way.target(), options, &mut result.options)
                }
                ClauseKind::Leave(leave, span) => {
                    let first = line.clauses.iter().find_map(|c| match c.kind {
                        ClauseKind::Leave(_, first) if first != *span => Some(first),
                        _ => None,
                    });
                    if let (Some(first), true) = (first, result.leave.is_some()) {
                        self.findings
                            .error(
                                codes::DUPLICATE_STATEMENT,
                                *span,
                                "a second `leave` in one filter",
                            )
                            .label(first, "the first one is here")
                            .help("keep one of them");
                    }
                    result.leave = Some(match leave {
                        ast::Leave::Keep => Leave::Keep,
                        ast::Leave::Unlink => Leave::Unlink,
                        ast::Leave::Delete => Leave::Delete,
                    });
                }
            }
        }
        result.when = match conditions.len() {
            0 | 1 => conditions.pop(),
            _ => Some(Expr::And(conditions)),
        };
        result
    }

    /// `require EXPR else "reason"`: a condition, or a value that must not be blank.
    fn required_condition(
        &mut self,
        build: &mut Build<'a>,
        scope: &Scope,
        expr: &ast::Expr,
    ) -> Expr {
        let before = self.findings.list.len();
        let typed = self.condition(&mut build.frame, scope, expr);
        let refused = self.findings.list.len() == before + 1
            && self
                .findings
                .list
                .last()
                .is_some_and(|f| f.code == codes::NOT_A_CONDITION && f.span == expr.span);
        if refused {
            self.findings.list.truncate(before);
            return Expr::IsEmpty {
                operand: Box::new(typed.expr),
                negated: true,
            };
        }
        typed.expr
    }

    pub(super) fn sets(
        &mut self,
        build: &mut Build<'a>,
        scope: &Scope,
        assigns: &'a [ast::SetAssign],
        target: &SetTarget,
        sets: &mut Vec<Set>,
    ) {
        let scope = Scope {
            round_robin: true,
            ..scope.clone()
        };
        for assign in assigns {
            let typed = self.expr(&mut build.frame, &scope, &assign.value);
            let Some(field) = self.target_path(build, target.side, &assign.field, target.within)
            else {
                continue;
            };
            if let Some(first) = sets.iter().find(|s| s.target == field.slot) {
                self.findings
                    .error(
                        codes::TWO_WRITERS,
                        assign.field.span,
                        format!("`{}` is set twice in one operation", field.name.text),
                    )
                    .label(first.rule.0, "the first one is here");
                continue;
            }
            self.check_set(build, target, &field, assign, &typed);
            let span = Span {
                end: assign.value.span.end,
                ..assign.field.span
            };
            sets.push(Set {
                rule: Rule(span),
                target: field.slot,
                value: typed.expr,
            });
        }
    }

    fn check_set(
        &mut self,
        build: &Build<'a>,
        target: &SetTarget,
        field: &super::target::Target,
        assign: &'a ast::SetAssign,
        typed: &Typed,
    ) {
        let covered = Alternatives(target.within.0 & field.alternatives.0);
        for object in build
            .frame
            .side(target.side)
            .objects_in(covered)
            .cloned()
            .collect::<Vec<_>>()
        {
            if !object.has(&field.name.text) {
                continue;
            }
            let write = FieldWrite {
                side: target.side,
                object: &object,
                field: &field.name,
                source: assign.value.span,
                operations: target.operations,
                converted: false,
                may_give_id: target.operations == Operations::Create,
                two_way: false,
            };
            let sound = self.check_assigned(&write, typed);
            self.facts.writes.push(crate::check::facts::WriteFact {
                relationship: build.name.clone(),
                side: target.side,
                object: object.object.name.clone(),
                field: field.name.text.clone(),
                target: assign.field.span,
                source: assign.value.span,
                reads: None,
                nullable: false,
            });
            if !sound {
                return;
            }
        }
    }

    /// `with KEY = VALUE`: an option of the target's kind; one of another kind is dropped, and told.
    pub(super) fn options(
        &mut self,
        build: &mut Build<'a>,
        scope: &Scope,
        side: Side,
        options: &'a [ast::Assign],
        result: &mut Vec<(SmolStr, Expr)>,
    ) {
        for option in options {
            let typed = self.expr(&mut build.frame, scope, &option.value);
            let name = option.name.text.as_str();
            if !self.input.all_options.contains(&name) {
                let known = self.input.all_options.iter().copied();
                self.findings
                    .error(
                        codes::UNKNOWN_OPTION,
                        option.name.span,
                        format!("no kind of store knows an option `{name}`"),
                    )
                    .suggest(name, known);
                continue;
            }
            if result.iter().any(|(known, _)| known == name) {
                self.findings.error(
                    codes::DUPLICATE_STATEMENT,
                    option.name.span,
                    format!("a second option `{name}`"),
                );
                continue;
            }
            let store = &self.stores[side.index()].name;
            match (self.input.options)(store) {
                Some(known) if !known.contains(&name) => {
                    self.notes.push(format!(
                        "the store `{store}` does not know the option `{name}`, and ignores it"
                    ));
                }
                _ => result.push((option.name.text.clone(), typed.expr)),
            }
        }
    }
}

/// The words that name an operation; `push` alone for a filter.
pub(super) fn named_operation(line: &ast::OperationLine) -> Span {
    Span {
        end: line.operation_span.end.max(line.direction_span.end),
        ..line.direction_span
    }
}

fn operation_word(operation: &OperationName) -> &'static str {
    match operation {
        OperationName::Create => "create",
        OperationName::CreateOnce => "create once",
        OperationName::CreateNever => "create never",
        OperationName::UpdateNever => "update never",
        OperationName::Update => "update",
        OperationName::Delete => "delete",
        OperationName::Filter => "when",
        OperationName::Change(_) => "change",
        OperationName::Done => "done",
    }
}
