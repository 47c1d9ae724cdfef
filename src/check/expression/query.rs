//! Queries: `lookup`, `count`, `sum`, `max`, `min` and `linked`, each numbered so that they can be answered in batches.

use smol_str::SmolStr;

use super::{Bare, Scope, Typed};
use crate::check::frame::ObjectRef;
use crate::check::relationship::writes::FieldWrite;
use crate::check::types::{self, article};
use crate::check::{Checker, Frame};
use crate::diagnostic::{Span, codes};
use crate::program::{Aggregate, Expr, Query, QueryKind, Rule, Side};
use crate::syntax::ast::{self, ExprKind, Name};
use crate::value::{Type, Value};

impl Checker<'_> {
    fn queries_allowed(&mut self, scope: &Scope, span: Span) -> bool {
        if let Some(why) = scope.no_queries {
            self.findings
                .error(codes::QUERY_IN_MATCH, span, why)
                .help("keep what it looks up in a field of the record, and read that");
            return false;
        }
        if matches!(scope.bare, Bare::NoFields(super::path::CONSTANT)) {
            self.findings
                .error(codes::NOT_CONSTANT, span, "a constant holds no query");
            return false;
        }
        true
    }

    pub(super) fn lookup(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        lookup: &ast::LookupExpr,
        span: Span,
    ) -> Typed {
        if !self.queries_allowed(scope, span) {
            return Typed::unknown();
        }
        let Some((side, object)) = self.store_object(&lookup.object) else {
            return Typed::unknown();
        };
        let mut result = Typed::new(Expr::Const(Value::Null), Type::Any);
        let keys = self.query_keys(frame, scope, side, &object, &lookup.keys, &mut result);
        if lookup.keys.is_empty() {
            self.findings.error(
                codes::WRONG_ARITY,
                lookup.object.span,
                "a `lookup` needs a key: `lookup STORE.OBJECT(key = EXPR)`",
            );
        }
        let ty = match &lookup.field {
            Some(field) => self.query_field(side, &object, field),
            None => self.id_type(side, &object, lookup.object.span),
        };
        let or_create = lookup.or_create.as_ref().map(|fields| {
            let mut compiled = Vec::new();
            for assign in fields {
                let typed = self.expr(frame, scope, &assign.value);
                let write = FieldWrite::create(side, &object, &assign.name, assign.value.span);
                self.check_assigned(&write, &typed);
                result = result.clone().with(&typed);
                compiled.push((assign.name.text.clone(), typed.expr));
            }
            compiled
        });
        let kind = QueryKind::Lookup {
            side,
            object: object.object.name.clone(),
            keys,
            first: lookup.first,
            field: lookup.field.as_ref().map(|f| f.text.clone()),
            or_create,
        };
        finish(frame, kind, span, result, ty)
    }

    pub(super) fn aggregate(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        aggregate: &ast::AggregateExpr,
        span: Span,
    ) -> Typed {
        if !self.queries_allowed(scope, span) {
            return Typed::unknown();
        }
        let Some((side, object)) = self.store_object(&aggregate.object) else {
            return Typed::unknown();
        };
        let mut result = Typed::new(Expr::Const(Value::Null), Type::Any);
        let keys = self.query_keys(frame, scope, side, &object, &aggregate.keys, &mut result);
        let field_type = aggregate
            .field
            .as_ref()
            .map(|f| self.query_field(side, &object, f));
        let (function, word) = match aggregate.function {
            ast::Aggregate::Count => (Aggregate::Count, "count"),
            ast::Aggregate::Sum => (Aggregate::Sum, "sum"),
            ast::Aggregate::Max => (Aggregate::Max, "max"),
            ast::Aggregate::Min => (Aggregate::Min, "min"),
        };
        let ty = match (function, field_type) {
            (Aggregate::Count, _) => Type::Number { scale: None },
            (_, None) => {
                let example = format!("`{word}(STORE.OBJECT(…).field)`");
                self.findings.error(
                    codes::WRONG_ARITY,
                    aggregate.object.span,
                    format!("`{word}` needs a field: {example}"),
                );
                Type::Any
            }
            (Aggregate::Sum, Some(ty))
                if !(types::is_number(&ty) || types::open(&ty) || matches!(ty, Type::Duration)) =>
            {
                let at = aggregate.field.as_ref().map_or(span, |f| f.span);
                self.findings.error(
                    codes::ARGUMENT_TYPE,
                    at,
                    format!("`sum` adds numbers, and this is {}", article(&ty)),
                );
                Type::Any
            }
            (_, Some(ty)) if !types::ordered(&ty) => {
                let at = aggregate.field.as_ref().map_or(span, |f| f.span);
                self.findings.error(
                    codes::ARGUMENT_TYPE,
                    at,
                    format!(
                        "`{word}` needs values that have an order, and this is {}",
                        article(&ty)
                    ),
                );
                Type::Any
            }
            (_, Some(ty)) => ty,
        };
        let field = aggregate.field.as_ref().map(|f| f.text.clone());
        let kind = QueryKind::Aggregate {
            function,
            side,
            object: object.object.name.clone(),
            keys,
            field,
        };
        let typed = finish(frame, kind, span, result, ty);
        Typed {
            nullable: !matches!(function, Aggregate::Count),
            ..typed
        }
    }

    /// `linked(REL)`, `linked(REL, KEY)`, each with or without `.field`.
    pub(super) fn linked(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        args: &[ast::Expr],
        field: Option<&Name>,
        span: Span,
    ) -> Typed {
        if !self.queries_allowed(scope, span) {
            return Typed::unknown();
        }
        let (target, key) = match args {
            [target] => (target, None),
            [target, key] => (target, Some(key)),
            _ => {
                let name = Name {
                    text: SmolStr::new_static("linked"),
                    span,
                };
                self.arity(&name, args.len(), 1, Some(2), span);
                return Typed::unknown();
            }
        };
        let key = key.map(|k| (self.expr(frame, scope, k), k.span));
        let ExprKind::Path(path) = &target.kind else {
            self.findings.error(
                codes::UNKNOWN_RELATIONSHIP,
                target.span,
                "`linked` takes the name of a relationship",
            );
            return Typed::unknown();
        };
        let [name] = path.names.as_slice() else {
            self.findings.error(
                codes::UNKNOWN_RELATIONSHIP,
                target.span,
                "`linked` takes the name of a relationship",
            );
            return Typed::unknown();
        };
        let Some(name) = &self.relationship_meant(name) else {
            return Typed::unknown();
        };
        let Some(relationship) = self.relationship_id(name) else {
            return Typed::unknown();
        };
        let from = match (&key, scope.source()) {
            (
                Some((
                    Typed {
                        expr: Expr::Field(side, _),
                        ..
                    },
                    _,
                )),
                _,
            ) => *side,
            (_, Some(side)) => side,
            (_, None) => match scope.bare {
                // In a function by itself it is not known yet what calls it.
                Bare::NoFields(_) => return Typed::unknown(),
                _ => return self.misplaced(span, "`linked` needs the record that it starts from"),
            },
        };
        if key.is_none() && !self.relates(frame, from, name) {
            let objects: Vec<String> = frame
                .side(from)
                .objects
                .iter()
                .map(|o| format!("`{}`", self.object_name(from, o)))
                .collect();
            let message = format!("`{}` does not relate {}", name.text, objects.join(", "));
            self.findings
                .error(codes::UNKNOWN_RELATIONSHIP, name.span, message)
                .help("name the record by a reference: `linked(REL, FIELD)`");
        }
        let to = from.other();
        let objects = self.relationship_objects(name, to);
        let ty = match field {
            Some(field) => {
                let known: Vec<Type> = objects
                    .iter()
                    .filter(|o| o.has(&field.text))
                    .map(|o| o.field(&field.text).map_or(Type::Any, |f| f.ty.clone()))
                    .collect();
                if known.is_empty() {
                    let side = crate::check::frame::FrameSide::new(objects.clone());
                    let mut other = Frame::default();
                    *other.side_mut(to) = side;
                    self.unknown_field(&other, to, None, crate::program::Alternatives::ALL, field);
                }
                known
                    .into_iter()
                    .reduce(|a, b| types::join(&a, &b).unwrap_or(Type::Any))
                    .unwrap_or(Type::Any)
            }
            None => {
                let ids = objects.iter().map(|o| {
                    o.object
                        .id
                        .as_ref()
                        .and_then(|id| o.field(id))
                        .map_or(Type::Any, |f| f.ty.clone())
                });
                ids.reduce(|a, b| types::join(&a, &b).unwrap_or(Type::Any))
                    .unwrap_or(Type::Any)
            }
        };
        let nothing = Typed::new(Expr::Const(Value::Null), Type::Any);
        let result = key
            .as_ref()
            .map_or(nothing.clone(), |(k, _)| nothing.with(k));
        let kind = QueryKind::Linked {
            relationship,
            from,
            key: key.map(|(k, _)| k.expr),
            field: field.map(|f| f.text.clone()),
        };
        finish(frame, kind, span, result, ty)
    }

    /// Whether the record at hand on `side` is one that the relationship is about.
    fn relates(&self, frame: &Frame, side: Side, name: &Name) -> bool {
        let Some(item) = self.names.relationships.get(&name.text) else {
            return true;
        };
        let theirs = if side == Side::Left {
            &item.left
        } else {
            &item.right
        };
        let ours = &frame.side(side).objects;
        ours.is_empty()
            || ours
                .iter()
                .any(|o| theirs.iter().any(|t| t.text == o.object.name))
    }

    pub(crate) fn query_keys(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        side: Side,
        object: &ObjectRef,
        keys: &[ast::Assign],
        result: &mut Typed,
    ) -> Vec<(SmolStr, Expr)> {
        let mut compiled: Vec<(SmolStr, Expr)> = Vec::with_capacity(keys.len());
        for key in keys {
            let typed = self.expr(frame, scope, &key.value);
            let ty = self.query_field(side, object, &key.name);
            if !types::comparable(&ty, &typed.ty) && types::fits(&typed.ty, &ty).is_err() {
                let message = format!(
                    "`{}` is {}, and the key given is {}",
                    key.name.text,
                    article(&ty),
                    article(&typed.ty)
                );
                self.findings
                    .error(codes::OPERAND_TYPES, key.value.span, message)
                    .label(key.name.span, format!("this is {}", article(&ty)))
                    .maybe_help(super::conversion_help(&ty, &typed.ty));
            }
            if compiled.iter().any(|(name, _)| *name == key.name.text) {
                self.findings.error(
                    codes::DUPLICATE_NAME,
                    key.name.span,
                    format!("a second key `{}`", key.name.text),
                );
                continue;
            }
            *result = result.clone().with(&typed);
            compiled.push((key.name.text.clone(), typed.expr));
        }
        compiled
    }

    fn query_field(&mut self, side: Side, object: &ObjectRef, name: &Name) -> Type {
        if !object.has(&name.text) {
            let mut frame = Frame::default();
            frame.side_mut(side).objects.push(object.clone());
            let all = crate::program::Alternatives::ALL;
            if let Some(meant) = self.unknown_field(&frame, side, None, all, name) {
                return self.query_field(side, object, &meant);
            }
        }
        object.field(&name.text).map_or(Type::Any, |f| f.ty.clone())
    }

    fn id_type(&mut self, side: Side, object: &ObjectRef, span: Span) -> Type {
        match &object.object.id {
            Some(id) => object.field(id).map_or(Type::Id, |f| f.ty.clone()),
            None if object.open => Type::Any,
            None => {
                let message = format!(
                    "`{}` has no primary key, so that its records have no id",
                    self.object_name(side, object)
                );
                self.findings
                    .error(codes::NO_PRIMARY_KEY, span, message)
                    .help("read one of its fields: `lookup STORE.OBJECT(…).field`");
                Type::Any
            }
        }
    }
}

fn finish(frame: &mut Frame, kind: QueryKind, span: Span, parts: Typed, ty: Type) -> Typed {
    let query = frame.query(Query {
        kind,
        rule: Rule(span),
    });
    Typed {
        queries: true,
        nullable: true,
        ..Typed::new(Expr::Query(query), ty).with(&parts)
    }
}
