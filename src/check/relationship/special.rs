//! `follow`, `purge` and `convert`.

use super::Build;
use super::clauses::SetTarget;
use super::writes::Operations;
use crate::check::Checker;
use crate::check::expression::Scope;
use crate::diagnostic::{Span, codes};
use crate::program::{Alternatives, Convert, Direction, Expr, Follow, Purge, Rule, Side};
use crate::syntax::ast::{self, ClauseKind, Name, StatementKind};

impl<'a> Checker<'a> {
    pub(super) fn special(&mut self, build: &mut Build<'a>) {
        for statement in &build.item.statements {
            match &statement.kind {
                StatementKind::Follow { field, to } => {
                    self.follow(build, field, to, statement.span)
                }
                StatementKind::Purge { object, when } => {
                    self.purge(build, object, when, statement.span)
                }
                StatementKind::Convert(line) => self.convert(build, line, statement.span),
                _ => {}
            }
        }
    }

    fn follow(&mut self, build: &mut Build<'a>, field: &'a ast::Path, to: &Name, span: Span) {
        let Some(side) = build.frame.alternatives_side() else {
            if build.gaps.header {
                return;
            }
            self.findings
                .error(
                    codes::UNKNOWN_ALTERNATIVE,
                    to.span,
                    format!("`{}` has no alternatives to follow between", build.name),
                )
                .label(build.item.arrow_span, "both sides have one object");
            return;
        };
        let scope = Scope::of(side);
        let typed = match field.names.as_slice() {
            [_, ..] => {
                let expr = ast::Expr {
                    span: field.span,
                    kind: ast::ExprKind::Path(field.clone()),
                };
                self.expr(&mut build.frame, &scope, &expr)
            }
            [] => return,
        };
        let to_at = self.alternative(build, side, to);
        let Expr::Field(of, slot) = typed.expr else {
            if !matches!(typed.ty, crate::value::Type::Any) {
                self.findings.error(
                    codes::NOT_A_TARGET,
                    field.span,
                    "`follow` takes a field that names the record to move to",
                );
            }
            return;
        };
        if of != side {
            self.findings.error(
                codes::WRONG_SIDE,
                field.span,
                "`follow` takes a field of the side that has alternatives",
            );
            return;
        }
        let mask = build.frame.side(side).alternatives_of(slot);
        let holders: Vec<usize> = (0..build.frame.side(side).objects.len())
            .filter(|i| mask.has(*i))
            .collect();
        let Some(at) = to_at else { return };
        match holders.as_slice() {
            [from] if *from != at => build.follow.push(Follow {
                rule: Rule(span),
                side,
                from: *from,
                slot,
                to: at,
            }),
            [_] => {
                self.findings.error(
                    codes::WRONG_SIDE,
                    to.span,
                    format!(
                        "`follow` leads from `{}` to itself",
                        to_name(build, side, at)
                    ),
                );
            }
            _ => {
                let name = field.names.last().map_or("", |n| n.text.as_str());
                self.findings
                    .error(
                        codes::AMBIGUOUS_NAME,
                        field.span,
                        format!("several alternatives have `{name}`"),
                    )
                    .help("name the one that is left: `follow Lead.ConvertedContactId to Contact`");
            }
        }
    }

    fn purge(&mut self, build: &mut Build<'a>, object: &Name, when: &ast::Expr, span: Span) {
        let mut found = None;
        for side in Side::BOTH {
            if let Some(at) = build
                .frame
                .side(side)
                .objects
                .iter()
                .position(|o| o.object.name == object.text)
            {
                found = found.or(Some((side, Some(at))));
            }
        }
        let found = found.or_else(|| self.side_of(&object.text).map(|side| (side, None)));
        let Some((side, at)) = found else {
            if build.gaps.header {
                return;
            }
            let objects = build
                .frame
                .sides
                .iter()
                .flat_map(|s| &s.objects)
                .map(|o| o.object.name.as_str());
            let known: Vec<&str> = objects
                .chain(self.stores.iter().map(|s| s.name.as_str()))
                .collect();
            self.findings
                .error(
                    codes::UNKNOWN_OBJECT,
                    object.span,
                    format!("`{}` is no object of `{}`", object.text, build.name),
                )
                .suggest(&object.text, known);
            return;
        };
        let arriving = Direction::BOTH.into_iter().find(|d| d.target() == side);
        if let Some(direction) = arriving.filter(|d| !build.enabled(*d)) {
            let message = format!(
                "`{}` {}, and this purges at the end of a {}",
                build.name,
                build.only(),
                direction.word()
            );
            self.findings
                .error(codes::CLAUSE_DIRECTION, object.span, message)
                .label(build.item.arrow_span, "the relationship's direction");
            return;
        }
        let within = at
            .filter(|_| build.frame.side(side).has_alternatives())
            .map_or(Alternatives::ALL, |at| Alternatives(1 << at));
        let scope = Scope {
            within,
            ..Scope::of(side)
        };
        let when = self.condition(&mut build.frame, &scope, when);
        let objects: Vec<usize> = match at {
            Some(at) => vec![at],
            None => (0..build.frame.side(side).objects.len()).collect(),
        };
        for object in objects {
            build.purge[side.index()].push(Purge {
                rule: Rule(span),
                object,
                when: when.expr.clone(),
            });
        }
    }

    fn convert(&mut self, build: &mut Build<'a>, line: &'a ast::ConvertLine, span: Span) {
        let Some(side) = build.frame.alternatives_side() else {
            if build.gaps.header {
                return;
            }
            self.findings
                .error(
                    codes::UNKNOWN_ALTERNATIVE,
                    line.from.span,
                    format!("`{}` has no alternatives to convert between", build.name),
                )
                .label(build.item.arrow_span, "both sides have one object");
            return;
        };
        let from = self.alternative(build, side, &line.from);
        let to = self.alternative(build, side, &line.to);
        // Unqualified names are the left record's, qualified ones the right's.
        let scope = Scope::of(Side::Left);
        let (mut when, mut set) = (Vec::new(), Vec::new());
        for clause in &line.clauses {
            match &clause.kind {
                ClauseKind::When(condition) => {
                    when.push(self.condition(&mut build.frame, &scope, condition).expr);
                }
                ClauseKind::Set(assigns) => {
                    let target = SetTarget {
                        side,
                        operations: Operations::Update,
                        within: from.map_or(Alternatives::ALL, |at| Alternatives(1 << at)),
                    };
                    self.sets(build, &scope, assigns, &target, &mut set);
                }
                ClauseKind::With(options) => {
                    self.options(build, &scope, side, options, &mut Vec::new())
                }
                ClauseKind::Require(_) | ClauseKind::RequireElse { .. } | ClauseKind::Leave(..) => {
                    self.findings.error(
                        codes::MISPLACED_CLAUSE,
                        clause.span,
                        "`convert` takes `when`, `set` and `with`",
                    );
                }
            }
        }
        let (Some(from), Some(to)) = (from, to) else {
            return;
        };
        // A misspelt name has a finding already.
        if line.from.text == line.to.text {
            let objects = build.frame.side(side).objects.iter().enumerate();
            let others = objects.filter(|(at, _)| *at != from);
            let others: Vec<String> = others
                .map(|(_, o)| format!("`{}`", o.object.name))
                .collect();
            self.findings
                .error(
                    codes::CONVERT_TO_ITSELF,
                    line.to.span,
                    format!("`{}` is converted to itself", line.to.text),
                )
                .label(line.from.span, "the same alternative")
                .help(format!("write {}", others.join(" or ")));
            return;
        }
        let when = match when.len() {
            0 => None,
            1 => when.pop(),
            _ => Some(Expr::And(when)),
        };
        build.convert.push(Convert {
            rule: Rule(span),
            side,
            every: line.every,
            from,
            to,
            delete: matches!(line.disposal, Some((ast::Disposal::Delete, _))),
            when,
            set,
        });
    }
}

fn to_name(build: &Build<'_>, side: Side, at: usize) -> String {
    build
        .frame
        .side(side)
        .objects
        .get(at)
        .map_or_else(String::new, |o| o.object.name.to_string())
}
