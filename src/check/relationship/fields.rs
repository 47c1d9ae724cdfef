//! Field lines: which way they go, what they convert by, what they write.

use super::Build;
use super::flow::FlowSource;
use super::keys::narrowed;
use super::modifiers::Modifiers;
use super::pairs::{BuiltLine, first_prefer};
use super::target::Target;
use crate::check::Checker;
use crate::check::expression::{Bare, Scope, Typed};
use crate::diagnostic::{Applicability, Span, codes};
use crate::program::{Alternatives, Blanks, Direction, Expr, Line, On, Prefer, Rule};
use crate::syntax::ast::{self, Arrow, ExprKind, StatementKind};
use crate::value::Type;

const TWO_WAY_WHEN: &str =
    "a plain `when` on a two-way line reads settings and qualified fields only";

impl<'a> Checker<'a> {
    pub(super) fn fields(&mut self, build: &mut Build<'a>) {
        for statement in &build.item.statements {
            let mark = self.findings.mark();
            match &statement.kind {
                StatementKind::Field(line) => {
                    if let Some(built) = self.line(build, line, statement.span) {
                        build.lines.push(built);
                    }
                }
                StatementKind::Star {
                    arrow,
                    arrow_span,
                    except,
                } => self.star(build, *arrow, *arrow_span, except, statement.span),
                _ => continue,
            }
            build.gaps.lines |= self.findings.lost_since(mark);
        }
    }

    fn line(
        &mut self,
        build: &mut Build<'a>,
        line: &'a ast::FieldLine,
        span: Span,
    ) -> Option<BuiltLine> {
        let modifiers = self.modifiers(line);
        if self.line_is_exchanged(build, line) {
            return None;
        }
        match line.arrow {
            Arrow::Both => self.two_way(build, line, &modifiers, span),
            Arrow::Push => self.one_way(build, line, &modifiers, Direction::Push, span),
            Arrow::Pull => self.one_way(build, line, &modifiers, Direction::Pull, span),
        }
    }

    fn two_way(
        &mut self,
        build: &mut Build<'a>,
        line: &'a ast::FieldLine,
        modifiers: &Modifiers<'a>,
        span: Span,
    ) -> Option<BuiltLine> {
        for side in [&line.left, &line.right] {
            if !matches!(side.kind, ExprKind::Path(_) | ExprKind::Broken) {
                let message = format!(
                    "`<->` joins two fields, and `{}` is none",
                    self.text(side.span)
                );
                self.findings
                    .error(codes::TWO_WAY_EXPRESSION, side.span, message)
                    .help("write a line for each direction, or convert with `using` a lens");
                return None;
            }
        }
        if let Some(missing) = Direction::BOTH.into_iter().find(|d| !build.enabled(*d)) {
            let keeps = missing.other().arrow();
            let message = format!(
                "`{}` {}, and this line goes both ways",
                build.name,
                build.only()
            );
            self.findings
                .error(codes::WRONG_DIRECTION, line.arrow_span, message)
                .label(build.item.arrow_span, "the relationship's direction")
                .help(format!("write `{keeps}`"))
                .fix(Applicability::Safe, line.arrow_span, keeps);
            return self.one_way(build, line, modifiers, missing.other(), span);
        }
        let left = self.target(build, crate::program::Side::Left, &line.left);
        let right = self.target(build, crate::program::Side::Right, &line.right);
        let (left, right) = (left?, right?);
        let sources = [
            FlowSource {
                typed: self.plain(build, &left),
                span: line.left.span,
                slot: Some(left.slot),
                two_way: true,
            },
            FlowSource {
                typed: self.plain(build, &right),
                span: line.right.span,
                slot: Some(right.slot),
                two_way: true,
            },
        ];
        if let Some((prefer, at)) = modifiers.prefer {
            self.check_merge(prefer, at, [&sources[0].typed.ty, &sources[1].typed.ty]);
        }
        let when = modifiers.when.map(|condition| {
            let scope = Scope {
                bare: Bare::None(TWO_WAY_WHEN),
                ..Scope::of(crate::program::Side::Left)
            };
            self.condition(&mut build.frame, &scope, condition)
        });
        let mut alternatives = Some(Alternatives(left.alternatives.0 & right.alternatives.0));
        if let Some(when) = &when {
            alternatives = narrowed(alternatives, when.alternatives);
        }
        let mut conditions = [modifiers.when.cloned(), modifiers.when.cloned()];
        let mut whens = [when.clone().map(|w| w.expr), when.map(|w| w.expr)];
        for direction in Direction::BOTH {
            let Some((condition, _)) = modifiers.directed[direction.index()] else {
                continue;
            };
            let typed = self.condition(&mut build.frame, &Scope::of(direction.source()), condition);
            alternatives = narrowed(alternatives, typed.alternatives);
            let both = |a: Option<Expr>| {
                a.map_or(typed.expr.clone(), |a| {
                    Expr::And(vec![a, typed.expr.clone()])
                })
            };
            let place = &mut whens[direction.index()];
            *place = Some(both(place.take()));
            conditions[direction.index()] = Some(condition.clone());
        }
        let alternatives = alternatives.unwrap_or(Alternatives::ALL);
        let conversions = self.conversion(
            modifiers,
            &[
                (Direction::Push, &sources[0]),
                (Direction::Pull, &sources[1]),
            ],
        );
        let [push_source, pull_source] = sources;
        let [push_when, pull_when] = whens;
        let before = self.findings.list.len();
        let push = self.flow(
            build,
            Direction::Push,
            &push_source,
            &right,
            modifiers,
            conversions.as_ref(),
            push_when,
            alternatives,
            span,
        );
        let there = self.findings.list.len();
        let pull = self.flow(
            build,
            Direction::Pull,
            &pull_source,
            &left,
            modifiers,
            conversions.as_ref(),
            pull_when,
            alternatives,
            span,
        );
        if modifiers.using.is_none() && modifiers.via.is_none() {
            self.told_once(before, there);
        }
        conversions?;
        let line = self.finished(build, modifiers, alternatives, span);
        let mut built = line;
        built.line.push = push;
        built.line.pull = pull;
        built.conditions = conditions;
        built.targets = [Some(right.name.span), Some(left.name.span)];
        Some(built)
    }

    /// Two types that differ, or two picklists, differ both ways: the finding of the push, from `before` on, speaks for that of the pull,
    /// from `there` on.
    fn told_once(&mut self, before: usize, there: usize) {
        let symmetric = |code| code == codes::TYPE_MISMATCH || code == codes::NOT_IN_PICKLIST;
        let list = &self.findings.list;
        let (Some(push), Some(pull)) = (list[before..there].first(), list[there..].first()) else {
            return;
        };
        if push.code == pull.code && symmetric(push.code) {
            self.findings.list.truncate(there);
        }
    }

    fn one_way(
        &mut self,
        build: &mut Build<'a>,
        line: &'a ast::FieldLine,
        modifiers: &Modifiers<'a>,
        direction: Direction,
        span: Span,
    ) -> Option<BuiltLine> {
        let (source, target) = match direction {
            Direction::Push => (&line.left, &line.right),
            Direction::Pull => (&line.right, &line.left),
        };
        let scope = Scope::of(direction.source());
        let before = self.findings.list.len();
        let typed = self.expr(&mut build.frame, &scope, source);
        let target = self.target(build, direction.target(), target);
        let sound = self.findings.list.len() == before;
        let write_back = !build.enabled(direction);
        if write_back && !self.is_write_back(build, direction, &typed) {
            if build.turned {
                return None;
            }
            let away = direction.other().arrow();
            let message = format!(
                "`{}` {}, and this line {}es",
                build.name,
                build.only(),
                direction.word()
            )
            .replace("pulles", "pulls");
            let described = self
                .findings
                .error(codes::WRONG_DIRECTION, line.arrow_span, message)
                .label(build.item.arrow_span, "the relationship's direction")
                .help(format!(
                    "against the relationship's direction only an id or a reference is written back; turn the arrow to `{away}`, or let the relationship go both ways"
                ));
            if matches!(source.kind, ExprKind::Path(_)) {
                described.fix(Applicability::Safe, line.arrow_span, away);
                // What it says with its arrow turned; a second mistake on the line is not told twice.
                if sound {
                    let built = self.one_way(build, line, modifiers, direction.other(), span)?;
                    return Some(BuiltLine {
                        turned: true,
                        ..built
                    });
                }
            }
            build.gaps.lines = true;
            return None;
        }
        for other in Direction::BOTH {
            let Some((_, at)) = modifiers.directed[other.index()] else {
                continue;
            };
            if other != direction {
                let message = format!(
                    "this line has no {} for `{} when`",
                    other.word(),
                    other.word()
                );
                self.findings
                    .error(codes::CLAUSE_DIRECTION, at, message)
                    .label(line.arrow_span, "the line's direction");
            }
        }
        let target = target?;
        let condition = modifiers
            .when
            .or(modifiers.directed[direction.index()].map(|(c, _)| c));
        let when = condition.map(|c| self.condition(&mut build.frame, &scope, c));
        let mut alternatives = narrowed(Some(target.alternatives), typed.alternatives);
        if let Some(when) = &when {
            alternatives = narrowed(alternatives, when.alternatives);
        }
        let alternatives = alternatives.unwrap_or(Alternatives::ALL);
        let slot = match typed.expr {
            Expr::Field(side, slot) if side == direction.source() => Some(slot),
            _ => None,
        };
        let source = FlowSource {
            typed,
            span: source.span,
            slot,
            two_way: false,
        };
        if let Some((prefer, at)) = modifiers.prefer {
            self.check_merge(prefer, at, [&source.typed.ty, &Type::Any]);
        }
        let conversions = self.conversion(modifiers, &[(direction, &source)]);
        let flow = self.flow(
            build,
            direction,
            &source,
            &target,
            modifiers,
            conversions.as_ref(),
            when.map(|w| w.expr),
            alternatives,
            span,
        );
        conversions?;
        let mut built = self.finished(build, modifiers, alternatives, span);
        let flow = flow.map(|f| crate::program::Flow { write_back, ..f });
        match direction {
            Direction::Push => built.line.push = flow,
            Direction::Pull => built.line.pull = flow,
        }
        built.conditions[direction.index()] = condition.cloned();
        built.targets[direction.index()] = Some(target.name.span);
        Some(built)
    }

    /// A plain field as the source of the other direction.
    pub(super) fn plain(&mut self, build: &mut Build<'a>, target: &Target) -> Typed {
        self.field(
            &mut build.frame,
            &Scope::of(target.side),
            target.side,
            target.alternative,
            &target.name,
        )
    }

    /// A line without its flows: what wins, and what it is for.
    pub(super) fn finished(
        &self,
        build: &Build<'a>,
        modifiers: &Modifiers<'a>,
        alternatives: Alternatives,
        span: Span,
    ) -> BuiltLine {
        let own = modifiers.prefer.map(|(p, _)| p);
        let prefer = own
            .or(build.prefer.map(|(p, _)| p))
            .unwrap_or(Prefer::Newest);
        let default_first = build.first_prefer.map(|(p, _)| p);
        let line = Line {
            rule: Rule(span),
            push: None,
            pull: None,
            prefer,
            first_prefer: first_prefer(modifiers.first_prefer, own, default_first, prefer),
            blanks: modifiers.blanks.unwrap_or(Blanks::Write),
            alternatives,
        };
        BuiltLine {
            line,
            own_prefer: own,
            own_first: modifiers.first_prefer,
            own_blanks: modifiers.blanks,
            default_first,
            conditions: [None, None],
            targets: [None, None],
            plain: false,
            turned: false,
        }
    }

    /// Whether a line against the relationship's arrow writes back an id or a reference.
    fn is_write_back(&self, build: &Build<'a>, direction: Direction, typed: &Typed) -> bool {
        let side = build.frame.side(direction.source());
        let Expr::Field(of, slot) = typed.expr else {
            return typed.unknown;
        };
        let Some(rule) = side
            .slots
            .get(slot.0 as usize)
            .filter(|_| of == direction.source())
        else {
            return false;
        };
        let follows = build.follow.iter().any(|f| {
            f.side == of
                && side
                    .slots
                    .get(f.slot.0 as usize)
                    .is_some_and(|s| s.field == rule.field)
        });
        follows
            || side.objects.iter().any(|o| {
                let reference =
                    |f: &crate::schema::Field| matches!(f.ty, Type::Id) || !f.references.is_empty();
                o.open
                    || o.object.id.as_ref() == Some(&rule.field)
                    || o.field(&rule.field).is_some_and(reference)
            })
    }
}

/// Where a line stands in the operations that it writes in.
pub(super) fn operations(on: On) -> super::writes::Operations {
    match on {
        On::Both => super::writes::Operations::Both,
        On::Create => super::writes::Operations::Create,
        On::Update => super::writes::Operations::Update,
    }
}
