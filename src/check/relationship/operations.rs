//! `push …` and `pull …` lines: creates, updates, deletes, filters and their clauses (language reference, section 5.3).

use super::clauses::named_operation;
use super::keys::narrowed;
use super::writes::Operations;
use super::{Build, direction};
use crate::check::Checker;
use crate::diagnostic::{Span, codes};
use crate::program::{
    Alternatives, ChangeHook, Direction, DoneHook, Filter, Leave, OperationRule, Rule,
};
use crate::syntax::ast::{self, OperationName, StatementKind};
use crate::value::Value;

impl<'a> Checker<'a> {
    pub(super) fn operations(&mut self, build: &mut Build<'a>) {
        for statement in &build.item.statements {
            match &statement.kind {
                StatementKind::Operation(line) => {
                    let mark = self.findings.mark();
                    self.operation(build, line, statement.span);
                    let place = direction(line.direction).index();
                    build.gaps.operations[place] |= self.findings.lost_since(mark);
                }
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
            if !lines && !build.gaps.operations[direction.index()] && !build.gaps.header {
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
            self.findings
                .error(
                    codes::BAD_BATCH,
                    size.span,
                    "a batch holds at least one record",
                )
                .help("as in `push batch 500`");
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
        if build.turned {
            return false;
        }
        let message = format!(
            "`{}` {}, and this is a clause for a {}",
            build.name,
            build.only(),
            direction.word()
        );
        self.findings
            .error(codes::CLAUSE_DIRECTION, span, message)
            .label(build.item.arrow_span, "the relationship's direction")
            .help(format!(
                "write `{}`, or let the relationship go both ways",
                direction.other().word()
            ));
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
        target: &super::target::Target,
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
        if !written && !build.gaps.lines {
            self.findings
                .error(
                    codes::MISPLACED_CLAUSE,
                    span,
                    format!(
                        "no line of a {} writes `{}`, so that no {} changes it",
                        way.word(),
                        target.name.text,
                        way.word()
                    ),
                )
                .help("map the field by a line, or name one that is mapped");
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
}
