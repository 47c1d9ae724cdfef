//! `push …` and `pull …` lines: creates, updates, deletes, filters and their clauses (language reference, section 5.3).

use smol_str::SmolStr;

use super::keys::narrowed;
use super::writes::{FieldWrite, Operations};
use super::{Build, direction};
use crate::check::expression::{Scope, Typed};
use crate::check::{Checker, codes};
use crate::diagnostic::Span;
use crate::program::{
    Alternatives, ChangeHook, Direction, DoneHook, Expr, Filter, Leave, OperationRule, Require,
    Rule, Set, Side,
};
use crate::syntax::ast::{self, ClauseKind, ExprKind, OperationName, StatementKind};
use crate::value::Value;

/// The compiled clauses of an operation line.
#[derive(Debug, Default)]
struct Clauses {
    when: Option<Expr>,
    require: Vec<Require>,
    set: Vec<Set>,
    options: Vec<(SmolStr, Expr)>,
    leave: Option<Leave>,
    /// What the conditions read.
    alternatives: Option<Alternatives>,
}

/// What an operation's `set` writes.
struct SetTarget {
    side: Side,
    operations: Operations,
    /// The alternatives that the operation is for.
    within: Alternatives,
}

impl<'a> Checker<'a> {
    pub(super) fn operations(&mut self, build: &mut Build<'a>) {
        for statement in &build.item.statements {
            match &statement.kind {
                StatementKind::Operation(line) => self.operation(build, line, statement.span),
                StatementKind::Batch { direction, size } => {
                    self.batch(build, super::direction(*direction), size, statement.span)
                }
                _ => {}
            }
        }
        for direction in Direction::BOTH {
            self.alternatives_named(build, direction);
        }
    }

    /// A create towards alternatives is made by a line that names one.
    fn alternatives_named(&mut self, build: &mut Build<'a>, direction: Direction) {
        let several = build.frame.side(direction.target()).has_alternatives();
        let item = build.item;
        let rules = &mut build.directions[direction.index()];
        if several && rules.creates && rules.create.is_empty() {
            rules.creates = false;
            let lines = item.statements.iter().any(|s| matches!(&s.kind, StatementKind::Operation(o) if matches!(o.operation, OperationName::Create | OperationName::CreateOnce) && super::direction(o.direction) == direction));
            if !lines && !build.incomplete {
                let word = direction.word();
                let message = format!(
                    "`{}` never makes a record in a {word}: no `{word} create` names the alternative to make",
                    build.name
                );
                self.facts.silent_creates.push((item.name.span, message));
            }
        }
    }

    fn batch(
        &mut self,
        build: &mut Build<'a>,
        direction: Direction,
        size: &ast::Literal,
        span: Span,
    ) {
        if !self.has_direction(build, direction, span) {
            return;
        }
        let number = match size.value {
            Value::Int(n) => u32::try_from(n).ok().filter(|n| *n > 0),
            _ => None,
        };
        let Some(number) = number else {
            self.findings.error(
                codes::BAD_BATCH,
                size.span,
                "a batch holds at least one record: `push batch 500`",
            );
            return;
        };
        let place = &mut build.directions[direction.index()].batch;
        if place.is_some() {
            self.findings.error(
                codes::DUPLICATE_STATEMENT,
                span,
                format!("a second `{} batch`", direction.word()),
            );
            return;
        }
        *place = Some(number);
    }

    fn has_direction(&mut self, build: &Build<'a>, direction: Direction, span: Span) -> bool {
        if build.enabled(direction) {
            return true;
        }
        let message = format!(
            "`{}` {}, and this is a clause for a {}",
            build.name,
            build.only(),
            direction.word()
        );
        self.findings
            .error(codes::CLAUSE_DIRECTION, span, message)
            .label(build.item.arrow_span, "the relationship's direction");
        false
    }

    fn operation(&mut self, build: &mut Build<'a>, line: &'a ast::OperationLine, span: Span) {
        let way = direction(line.direction);
        if !self.has_direction(build, way, line.direction_span) {
            return;
        }
        let named = match self.named_alternative(build, line, way) {
            Ok(named) => named,
            Err(()) => return,
        };
        let within = named.unwrap_or_else(|| build.all());
        self.misplaced_clauses(line);
        match &line.operation {
            OperationName::Create | OperationName::CreateOnce => {
                self.create(build, line, way, named, span);
            }
            OperationName::CreateNever => build.directions[way.index()].creates = false,
            OperationName::UpdateNever => build.directions[way.index()].updates = false,
            OperationName::Update => {
                let rule = self.rule(build, line, way, within, Operations::Update, span);
                build.directions[way.index()].update.push(rule);
            }
            OperationName::Delete => {
                let rule = self.rule(build, line, way, within, Operations::Update, span);
                build.directions[way.index()].delete.push(rule);
            }
            OperationName::Filter => {
                let clauses = self.clauses(build, line, way, within, Operations::Update);
                let Some(when) = clauses.when else { return };
                let alternatives = narrowed(Some(within), clauses.alternatives).unwrap_or(within);
                let leave = clauses.leave.unwrap_or(Leave::Keep);
                build.directions[way.index()].filters.push(Filter {
                    rule: Rule(span),
                    when,
                    leave,
                    alternatives,
                });
            }
            OperationName::Change(path) => {
                let Some(target) = self.target_path(build, way.target(), path, within) else {
                    return;
                };
                let clauses = self.clauses(build, line, way, within, Operations::Update);
                let hook = ChangeHook {
                    rule: Rule(span),
                    target: target.slot,
                    when: clauses.when,
                    set: clauses.set,
                };
                self.change_is_mapped(build, way, &target, path.span);
                build.directions[way.index()].change.push(hook);
            }
            OperationName::Done => {
                let clauses = self.clauses(build, line, way, within, Operations::Update);
                let alternatives = narrowed(Some(within), clauses.alternatives).unwrap_or(within);
                build.directions[way.index()].done.push(DoneHook {
                    rule: Rule(span),
                    when: clauses.when,
                    set: clauses.set,
                    alternatives,
                });
            }
        }
    }

    fn change_is_mapped(
        &mut self,
        build: &Build<'a>,
        way: Direction,
        target: &super::target::Target<'a>,
        span: Span,
    ) {
        let side = build.frame.side(way.target());
        let written = build
            .lines
            .iter()
            .filter_map(|l| l.line.flow(way))
            .any(|f| {
                side.slots
                    .get(f.target.0 as usize)
                    .is_some_and(|s| s.field == target.name.text)
            });
        if !written && !build.incomplete {
            self.findings.error(
                codes::MISPLACED_CLAUSE,
                span,
                format!(
                    "no line of a {} writes `{}`, so that no {} changes it",
                    way.word(),
                    target.name.text,
                    way.word()
                ),
            );
        }
    }

    /// The alternative that a line names, as bits.
    fn named_alternative(
        &mut self,
        build: &Build<'a>,
        line: &'a ast::OperationLine,
        way: Direction,
    ) -> Result<Option<Alternatives>, ()> {
        let Some(name) = &line.alternative else {
            return Ok(None);
        };
        let sides = [way.target(), way.source()];
        let side = build.frame.alternatives_side().unwrap_or(way.target());
        if !build.frame.side(side).has_alternatives() {
            let known = sides.iter().any(|s| {
                build
                    .frame
                    .side(*s)
                    .objects
                    .iter()
                    .any(|o| o.object.name == name.text)
            });
            if known {
                return Ok(None);
            }
        }
        match self.alternative(build, side, name) {
            Some(at) if build.frame.side(side).has_alternatives() => {
                Ok(Some(Alternatives(1 << at)))
            }
            Some(_) => Ok(None),
            None => Err(()),
        }
    }

    fn create(
        &mut self,
        build: &mut Build<'a>,
        line: &'a ast::OperationLine,
        way: Direction,
        named: Option<Alternatives>,
        span: Span,
    ) {
        let once = matches!(line.operation, OperationName::CreateOnce);
        let target = build.frame.side(way.target());
        if target.has_alternatives() && named.is_none() {
            let names: Vec<String> = target
                .objects
                .iter()
                .map(|o| format!("`{} create {}`", way.word(), o.object.name))
                .collect();
            self.findings
                .error(
                    codes::CREATE_ALTERNATIVE,
                    named_operation(line),
                    "a create towards alternatives names the one to make",
                )
                .help(format!("write {}", names.join(" or ")));
        }
        let within = named.unwrap_or_else(|| build.all());
        let rule = self.rule(build, line, way, within, Operations::Create, span);
        let rules = &mut build.directions[way.index()];
        rules.once |= once;
        rules.create.push(rule);
    }

    fn rule(
        &mut self,
        build: &mut Build<'a>,
        line: &'a ast::OperationLine,
        way: Direction,
        within: Alternatives,
        operations: Operations,
        span: Span,
    ) -> OperationRule {
        let clauses = self.clauses(build, line, way, within, operations);
        let alternatives = narrowed(Some(within), clauses.alternatives).unwrap_or(within);
        OperationRule {
            rule: Rule(span),
            alternatives,
            when: clauses.when,
            require: clauses.require,
            set: clauses.set,
            options: clauses.options,
        }
    }

    /// Clauses that the operation can't take.
    fn misplaced_clauses(&mut self, line: &ast::OperationLine) {
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

    fn clauses(
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
                    if result.leave.is_some() {
                        self.findings.error(
                            codes::DUPLICATE_STATEMENT,
                            *span,
                            "a second `leave` in one filter",
                        );
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

    fn sets(
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
        field: &super::target::Target<'a>,
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
                field: field.name,
                source: assign.value.span,
                operations: target.operations,
                converted: false,
                may_give_id: target.operations == Operations::Create,
            };
            let sound = self.check_write(&write, typed);
            self.facts.writes.push(crate::check::facts::WriteFact {
                relationship: build.name.clone(),
                side: target.side,
                object: object.object.name.clone(),
                field: field.name.text.clone(),
                target: assign.field.span,
                source: assign.value.span,
                slot: None,
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
fn named_operation(line: &ast::OperationLine) -> Span {
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
