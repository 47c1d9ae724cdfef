//! `* <- *`: every field that no other line maps, by its name, with the fields that the target lacks.

use indexmap::IndexSet;
use smol_str::SmolStr;
use std::sync::Arc;

use super::pairs::BuiltLine;
use super::{Build, flow::FlowSource, modifiers::Modifiers};
use crate::check::Checker;
use crate::check::frame::ObjectRef;
use crate::check::sink::meant;
use crate::diagnostic::{Applicability, Span, codes};
use crate::program::{Addition, Alternatives, Direction, On, Rule, Side};
use crate::schema::{Field, Object};
use crate::syntax::ast::{self, Arrow, ExprKind, Name, StatementKind};

/// The columns that `*` never maps.
pub(super) fn is_own_column(object: &Object, field: &SmolStr) -> bool {
    [&object.id, &object.modified, &object.deleted]
        .into_iter()
        .any(|column| column.as_ref() == Some(field))
}

fn direction_of(arrow: Arrow) -> Option<Direction> {
    match arrow {
        Arrow::Push => Some(Direction::Push),
        Arrow::Pull => Some(Direction::Pull),
        Arrow::Both => None,
    }
}

/// The names that the lines of a relationship map on a side: plain fields, read or written.
fn mapped(item: &ast::RelationshipItem, side: Side) -> IndexSet<SmolStr> {
    let mut names = IndexSet::new();
    for statement in &item.statements {
        let StatementKind::Field(line) = &statement.kind else {
            continue;
        };
        let expr = if side == Side::Left {
            &line.left
        } else {
            &line.right
        };
        if let ExprKind::Path(path) = &expr.kind {
            names.extend(path.names.last().map(|n| n.text.clone()));
        }
    }
    names
}

impl<'a> Checker<'a> {
    /// Finds the fields that each `*` adds, before any other line is looked at: they are fields like all others afterwards.
    pub fn add_missing_fields(&mut self) {
        for at in 0..self.headers.len() {
            let Some((_, item)) = self.names.relationships.get_index(at) else {
                continue;
            };
            let item: &'a ast::RelationshipItem = item;
            for statement in &item.statements {
                let StatementKind::Star { arrow, except, .. } = &statement.kind else {
                    continue;
                };
                let Some(direction) = direction_of(*arrow) else {
                    continue;
                };
                self.additions_of(at, item, direction, except, statement.span);
            }
        }
        // Every header sees every addition, whichever relationship makes it.
        for header in &mut self.headers {
            for side in Side::BOTH {
                for object in &mut header.sides[side.index()] {
                    if let Some(grown) = self.stores[side.index()]
                        .objects
                        .get(&object.object.name)
                        .filter(|_| !object.open)
                    {
                        object.object = grown.clone();
                    }
                }
            }
        }
    }

    fn additions_of(
        &mut self,
        at: usize,
        item: &ast::RelationshipItem,
        direction: Direction,
        except: &[Name],
        span: Span,
    ) {
        let Some(header) = self.headers.get(at) else {
            return;
        };
        let sources = header.sides[direction.source().index()].clone();
        let targets = header.sides[direction.target().index()].clone();
        let fields = star_fields(item, &sources, &targets, direction, except);
        for target in targets.iter().filter(|t| !t.open) {
            let name = target.object.name.clone();
            for (field, source) in &fields {
                let Some(object) = self.stores[direction.target().index()]
                    .objects
                    .get_mut(&name)
                else {
                    continue;
                };
                let known = object.fields.contains_key(field);
                let added = known
                    .then(|| {
                        self.headers.iter().flat_map(|h| &h.additions).find(|a| {
                            a.side == direction.target()
                                && a.object == name
                                && a.field.name == *field
                        })
                    })
                    .flatten()
                    .cloned();
                let addition = match (known, added) {
                    (true, None) => continue,
                    (true, Some(added)) => Addition {
                        rule: Rule(span),
                        ..added
                    },
                    (false, _) => {
                        let field = Field::new(field.clone(), source.ty.clone());
                        Arc::make_mut(object)
                            .fields
                            .insert(field.name.clone(), field.clone());
                        Addition {
                            rule: Rule(span),
                            side: direction.target(),
                            object: name.clone(),
                            field,
                        }
                    }
                };
                if let Some(header) = self.headers.get_mut(at) {
                    header.additions.push(addition);
                }
            }
        }
    }

    /// The lines that a `*` stands for.
    pub(super) fn star(
        &mut self,
        build: &mut Build<'a>,
        arrow: Arrow,
        arrow_span: Span,
        except: &'a [Name],
        span: Span,
    ) {
        let Some(direction) = direction_of(arrow) else {
            self.findings
                .error(codes::TWO_WAY_EXPRESSION, arrow_span, "`*` goes one way")
                .help("write `* -> *` or `* <- *`")
                .fix(
                    Applicability::Unsafe,
                    arrow_span,
                    if build.enabled(Direction::Pull) {
                        "<-"
                    } else {
                        "->"
                    },
                );
            return;
        };
        if !build.enabled(direction) {
            if build.turned {
                return;
            }
            let message = format!(
                "`{}` {}, and this line {}",
                build.name,
                build.only(),
                if direction == Direction::Push {
                    "pushes"
                } else {
                    "pulls"
                }
            );
            self.findings
                .error(codes::WRONG_DIRECTION, arrow_span, message)
                .label(build.item.arrow_span, "the relationship's direction");
            return;
        }
        let sources = build.frame.side(direction.source()).objects.clone();
        let targets = build.frame.side(direction.target()).objects.clone();
        for name in except {
            if !sources.iter().any(|o| o.has(&name.text)) {
                self.unknown_field(
                    &build.frame,
                    direction.source(),
                    None,
                    Alternatives::ALL,
                    name,
                );
            }
        }
        for (field, _) in star_fields(build.item, &sources, &targets, direction, except) {
            let name = Name {
                text: field,
                span: arrow_span,
            };
            if let Some(line) = self.star_line(build, direction, name, span) {
                build.lines.push(line);
            }
        }
    }

    fn star_line(
        &mut self,
        build: &mut Build<'a>,
        direction: Direction,
        name: Name,
        span: Span,
    ) -> Option<BuiltLine> {
        let scope = crate::check::expression::Scope::of(direction.source());
        let typed = self.field(&mut build.frame, &scope, direction.source(), None, &name);
        let crate::program::Expr::Field(_, source_slot) = typed.expr else {
            return None;
        };
        let here = build.frame.side_mut(direction.target());
        if !here
            .present(&name.text, None, Alternatives::ALL)
            .contains(&true)
        {
            return None;
        }
        let slot = here.slot(&name.text, None);
        let target_mask = here.alternatives_of(slot);
        let source_mask = typed.alternatives.unwrap_or(Alternatives::ALL);
        let alternatives = Alternatives(target_mask.0 & source_mask.0);
        let modifiers = Modifiers {
            via: None,
            using: None,
            prefer: None,
            first_prefer: None,
            blanks: None,
            on: On::Both,
            on_span: None,
            if_empty: false,
            when: None,
            directed: [None, None],
        };
        let misfit = {
            let side = build.frame.side(direction.target());
            let present = side.present(&name.text, None, Alternatives::ALL);
            let ty = side.type_of(&name.text, &present);
            crate::check::types::fits(&typed.ty, &ty)
                .is_err()
                .then_some(ty)
        };
        if let Some(ty) = misfit {
            let described = crate::check::types::describe;
            let message = format!(
                "`*` maps `{}`, which is {} here and {} there",
                name.text,
                described(&typed.ty),
                described(&ty)
            );
            self.findings
                .error(codes::TYPE_MISMATCH, name.span, message)
                .help(format!(
                    "map it by a line of its own, or leave it out: `except {}`",
                    name.text
                ));
            return None;
        }
        let source = FlowSource {
            typed,
            span: name.span,
            slot: Some(source_slot),
            two_way: false,
        };
        let mut built = self.finished(build, &modifiers, alternatives, span);
        let flow = crate::program::Flow {
            rule: Rule(span),
            source: source.typed.expr.clone(),
            source_slot: source.slot,
            target: slot,
            conversion: crate::program::Conversion::None,
            when: None,
            on: On::Both,
            if_empty: false,
            write_back: false,
            gives_id: false,
        };
        match direction {
            Direction::Push => built.line.push = Some(flow),
            Direction::Pull => built.line.pull = Some(flow),
        }
        built.targets[direction.index()] = Some(name.span);
        built.plain = true;
        for object in build
            .frame
            .side(direction.target())
            .objects_in(alternatives)
        {
            self.facts.writes.push(crate::check::facts::WriteFact {
                relationship: build.name.clone(),
                side: direction.target(),
                object: object.object.name.clone(),
                field: name.text.clone(),
                target: name.span,
                source: name.span,
                reads: Some(vec![source_slot]),
                nullable: false,
            });
        }
        Some(built)
    }
}

/// The names after `except`, those that nothing has as the ones that were evidently meant.
fn left_out(sources: &[ObjectRef], except: &[Name]) -> Vec<SmolStr> {
    let fields = || sources.iter().flat_map(|o| o.object.fields.keys());
    let read = |name: &Name| {
        if sources.iter().any(|o| o.has(&name.text)) {
            return name.text.clone();
        }
        meant(&name.text, fields().map(SmolStr::as_str)).unwrap_or_else(|| name.text.clone())
    };
    except.iter().map(read).collect()
}

/// The fields that a `*` maps: those of the source that nothing else maps in either direction.
fn star_fields(
    item: &ast::RelationshipItem,
    sources: &[ObjectRef],
    targets: &[ObjectRef],
    direction: Direction,
    except: &[Name],
) -> Vec<(SmolStr, Field)> {
    let except = left_out(sources, except);
    let here = mapped(item, direction.source());
    let there = mapped(item, direction.target());
    let mut fields: Vec<(SmolStr, Field)> = Vec::new();
    for object in sources {
        for (name, field) in &object.object.fields {
            let left_out = is_own_column(&object.object, name)
                || targets.iter().any(|t| is_own_column(&t.object, name))
                || here.contains(name)
                || there.contains(name)
                || except.contains(name)
                || fields.iter().any(|(f, _)| f == name)
                || targets.iter().any(|t| {
                    t.field(name)
                        .is_some_and(|f| !f.createable && !f.updateable)
                });
            if !left_out {
                fields.push((name.clone(), field.clone()));
            }
        }
    }
    fields
}
