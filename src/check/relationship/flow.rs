//! One direction of a line: its conversion and its target.

use super::Build;
use super::fields::operations;
use super::modifiers::Modifiers;
use super::target::Target;
use super::writes::{FieldWrite, Operations, fits_constant};
use crate::check::Checker;
use crate::check::conversions::{kept, outputs};
use crate::check::expression::Typed;
use crate::check::facts::WriteFact;
use crate::check::frame::ObjectRef;
use crate::check::sink::meant;
use crate::check::types::{self, article};
use crate::diagnostic::{Span, codes};
use crate::program::{
    Alternatives, Conversion, Direction, Expr, Fallback, Flow, On, Rule, Side, Slot, Via,
};
use crate::syntax::ast;
use crate::value::Type;

/// What a line writes in one direction, before conversion.
#[derive(Debug)]
pub(super) struct FlowSource {
    pub typed: Typed,
    pub span: Span,
    pub slot: Option<Slot>,
    pub two_way: bool,
}

/// A line's conversion, and for each of its directions what comes out.
#[derive(Debug)]
pub(super) struct Converted {
    pub conversion: Conversion,
    pub results: Vec<(Direction, Typed)>,
}

impl<'a> Checker<'a> {
    /// The conversion of a line; `None` where it has a finding.
    pub(super) fn conversion(
        &mut self,
        modifiers: &Modifiers<'a>,
        flows: &[(Direction, &FlowSource)],
    ) -> Option<Converted> {
        let plain = |results: Vec<Typed>| {
            flows
                .iter()
                .map(|(d, _)| *d)
                .zip(results)
                .collect::<Vec<_>>()
        };
        if let Some(via) = modifiers.via {
            let named = self.relationship_meant(via.relationship)?;
            let relationship = self.relationship_id(&named)?;
            let alternative = match via.alternative {
                Some(name) => Some(self.via_alternative(&named, name)?),
                None => None,
            };
            let results = flows
                .iter()
                .map(|(d, source)| self.via_result(&named, alternative, *d, source, via.fallback))
                .collect();
            let fallback = match via.fallback {
                ast::Fallback::Hold => Fallback::Hold,
                ast::Fallback::Skip => Fallback::Skip,
                ast::Fallback::Null => Fallback::Null,
                ast::Fallback::Sync => Fallback::Sync,
            };
            let conversion = Conversion::Via(Via {
                relationship,
                alternative: alternative.map(|(_, at)| at),
                fallback,
            });
            return Some(Converted {
                conversion,
                results: plain(results),
            });
        }
        if let Some(name) = modifiers.using {
            let given: Vec<(Direction, Typed, Span)> = flows
                .iter()
                .map(|(d, s)| (*d, s.typed.clone(), s.span))
                .collect();
            let (conversion, results) = self.using(name, &given)?;
            return Some(Converted {
                conversion,
                results: plain(results),
            });
        }
        let results = flows.iter().map(|(_, s)| s.typed.clone()).collect();
        Some(Converted {
            conversion: Conversion::None,
            results: plain(results),
        })
    }

    fn via_alternative(
        &mut self,
        relationship: &ast::Name,
        name: &ast::Name,
    ) -> Option<(crate::program::Side, usize)> {
        let mut known = Vec::new();
        for side in crate::program::Side::BOTH {
            let objects = self.relationship_objects(relationship, side);
            if objects.len() > 1 {
                if let Some(at) = objects.iter().position(|o| o.object.name == name.text) {
                    return Some((side, at));
                }
                known.extend(objects.into_iter().map(|o| o.object.name.clone()));
            }
        }
        if self.is_unsure(relationship) {
            return None;
        }
        self.findings
            .error(
                codes::UNKNOWN_ALTERNATIVE,
                name.span,
                format!("`{}` has no alternative `{}`", relationship.text, name.text),
            )
            .suggest(&name.text, known.iter().map(|k| k.as_str()));
        let text = meant(&name.text, known.iter().map(|k| k.as_str()))?;
        let name = ast::Name {
            text,
            span: name.span,
        };
        self.via_alternative(relationship, &name)
    }

    /// What `via` makes of a reference: the id of the linked record's object.
    fn via_result(
        &mut self,
        relationship: &ast::Name,
        alternative: Option<(crate::program::Side, usize)>,
        direction: Direction,
        source: &FlowSource,
        fallback: ast::Fallback,
    ) -> Typed {
        let id_type = |objects: &[ObjectRef], at: Option<usize>| {
            let chosen = objects
                .iter()
                .enumerate()
                .filter(|(i, _)| at.is_none_or(|a| a == *i))
                .map(|(_, o)| o);
            let ids = chosen.map(|o| {
                o.object
                    .id
                    .as_ref()
                    .and_then(|id| o.field(id))
                    .map_or(Type::Any, |f| f.ty.clone())
            });
            ids.reduce(|a, b| types::join(&a, &b).unwrap_or(Type::Any))
                .unwrap_or(Type::Any)
        };
        let on = |side| alternative.filter(|(s, _)| *s == side).map(|(_, at)| at);
        let from = self.relationship_objects(relationship, direction.source());
        let given = id_type(&from, on(direction.source()));
        if !types::comparable(&given, &source.typed.ty) {
            let message = format!(
                "`via {}` takes the id of {}, which is {}, and `{}` is {}",
                relationship.text,
                from.first().map_or_else(String::new, |o| format!(
                    "`{}`",
                    self.object_name(direction.source(), o)
                )),
                article(&given),
                self.text(source.span),
                article(&source.typed.ty)
            );
            self.findings
                .error(codes::TYPE_MISMATCH, source.span, message)
                .label(relationship.span, "through this relationship");
            return Typed {
                ty: Type::Any,
                ..source.typed.clone()
            };
        }
        let to = self.relationship_objects(relationship, direction.target());
        let ty = id_type(&to, on(direction.target()));
        let nullable = source.typed.nullable || matches!(fallback, ast::Fallback::Null);
        Typed {
            ty,
            nullable,
            expr: Expr::It,
            ..source.typed.clone()
        }
    }

    /// One direction of a line, checked against each object that it writes.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn flow(
        &mut self,
        build: &mut Build<'a>,
        direction: Direction,
        source: &FlowSource,
        target: &Target,
        modifiers: &Modifiers<'a>,
        converted: Option<&Converted>,
        when: Option<Expr>,
        alternatives: Alternatives,
        span: Span,
    ) -> Option<Flow> {
        let unknown = Typed::unknown();
        let result = converted
            .and_then(|c| c.results.iter().find(|(d, _)| *d == direction))
            .map_or(&unknown, |(_, t)| t);
        let conversion = converted.map_or(Conversion::None, |c| c.conversion.clone());
        let gives_id = modifiers.on == On::Create && self.is_id(build, target);
        let objects: Vec<ObjectRef> = build
            .frame
            .side(target.side)
            .objects_in(alternatives)
            .cloned()
            .collect();
        let mut sound = true;
        for object in &objects {
            if !object.has(&target.name.text) {
                continue;
            }
            let write = FieldWrite {
                side: target.side,
                object,
                field: &target.name,
                source: source.span,
                operations: if build.enabled(direction) {
                    operations(modifiers.on)
                } else {
                    Operations::Update
                },
                converted: !matches!(conversion, Conversion::None),
                may_give_id: gives_id,
                two_way: source.two_way,
            };
            // One finding for one line: the alternatives mostly share their mistakes.
            if sound {
                sound = self.check_write(&write, result)
                    && self.check_outputs(
                        &write,
                        &conversion,
                        direction,
                        modifiers,
                        &source.typed.ty,
                    );
            }
            self.facts.writes.push(WriteFact {
                relationship: build.name.clone(),
                side: target.side,
                object: object.object.name.clone(),
                field: target.name.text.clone(),
                target: target.name.span,
                source: source.span,
                reads: source_fields(&source.typed, direction.source()),
                nullable: result.nullable
                    && !matches!(&conversion, Conversion::Via(v) if v.fallback != Fallback::Null),
            });
        }
        Some(Flow {
            rule: Rule(span),
            source: source.typed.expr.clone(),
            source_slot: source.slot,
            target: target.slot,
            conversion,
            when,
            on: modifiers.on,
            if_empty: modifiers.if_empty,
            write_back: false,
            gives_id,
        })
    }

    fn is_id(&self, build: &Build<'a>, target: &Target) -> bool {
        build
            .frame
            .side(target.side)
            .objects_in(target.alternatives)
            .any(|o| o.object.id.as_ref() == Some(&target.name.text))
    }

    /// The constants that a value map gives, against the field's picklist and length.
    fn check_outputs(
        &mut self,
        write: &FieldWrite<'_>,
        conversion: &Conversion,
        direction: Direction,
        modifiers: &Modifiers<'a>,
        from: &Type,
    ) -> bool {
        let Some(field) = write.object.field(&write.field.text) else {
            return true;
        };
        let made = outputs(conversion, direction);
        let kept = kept(conversion, direction, from);
        let odd = made
            .into_iter()
            .chain(kept)
            .find(|v| !fits_constant(v, &field.ty));
        let (Some(value), Some(using)) = (odd, modifiers.using) else {
            return true;
        };
        let (code, message) = match &field.ty {
            Type::Enum(_) => (
                codes::NOT_IN_PICKLIST,
                format!(
                    "`{}` gives `{value}`, which is not in the picklist of `{}`",
                    using.text, write.field.text
                ),
            ),
            Type::Text { max: Some(max) } => (
                codes::TEXT_TOO_LONG,
                format!(
                    "`{}` gives `{value}`, and `{}` takes {max} characters",
                    using.text, write.field.text
                ),
            ),
            other => (
                codes::TYPE_MISMATCH,
                format!(
                    "`{}` gives `{value}`, and `{}` is {}",
                    using.text,
                    write.field.text,
                    article(other)
                ),
            ),
        };
        let described_at = self.schema_place(write.side, &write.object.object, &write.field.text);
        self.findings
            .error(code, using.span, message)
            .label(write.field.span, format!("this is {}", article(&field.ty)))
            .maybe_label(described_at, "its schema says so");
        false
    }
}

/// The fields of the source record that a value is made of, if it is made of nothing else that may be null.
fn source_fields(typed: &Typed, source: Side) -> Option<Vec<Slot>> {
    if typed.queries {
        return None;
    }
    let mut fields = Vec::new();
    let mut only = true;
    typed.expr.visit(&mut |e| match e {
        Expr::Field(side, slot) if *side == source => fields.push(*slot),
        Expr::Field(..) | Expr::Was(..) | Expr::Path(..) => only = false,
        _ => {}
    });
    (only && !fields.is_empty()).then_some(fields)
}
