//! Queries: `lookup`, `count`, `sum`, `max`, `min` over records of a store, and the records in braces.

use super::Lower;
use crate::syntax::ast::{Aggregate, AggregateExpr, Assign, ExprKind, LookupExpr, Name, Path};
use crate::syntax::grammar::{Node, Rule, children};

/// `STORE.OBJECT(key = EXPR, …).field`
struct Query {
    object: Path,
    keys: Vec<Assign>,
    field: Option<Name>,
}

impl Lower<'_> {
    pub(super) fn lookup(&mut self, node: Node<'_>) -> ExprKind {
        let mut first = false;
        let mut query = None;
        let mut or_create = None;
        for child in children(node) {
            match child.as_rule() {
                Rule::lookup_first => first = true,
                Rule::query => query = self.query(child),
                _ => or_create = children(child).next().map(|record| self.record(record)),
            }
        }
        let Some(Query {
            object,
            keys,
            field,
        }) = query
        else {
            return ExprKind::Broken;
        };
        ExprKind::Lookup(Box::new(LookupExpr {
            first,
            object,
            keys,
            field,
            or_create,
        }))
    }

    pub(super) fn aggregate(&mut self, node: Node<'_>) -> ExprKind {
        let mut function = Aggregate::Count;
        let mut query = None;
        for child in children(node) {
            match (child.as_rule(), child.as_str()) {
                (Rule::query, _) => query = self.query(child),
                (_, "sum") => function = Aggregate::Sum,
                (_, "max") => function = Aggregate::Max,
                (_, "min") => function = Aggregate::Min,
                _ => {}
            }
        }
        let Some(Query {
            object,
            keys,
            field,
        }) = query
        else {
            return ExprKind::Broken;
        };
        ExprKind::Aggregate(Box::new(AggregateExpr {
            function,
            object,
            keys,
            field,
        }))
    }

    fn query(&mut self, node: Node<'_>) -> Option<Query> {
        let mut object = None;
        let mut keys = Vec::new();
        let mut field = None;
        for child in children(node) {
            match child.as_rule() {
                Rule::path => object = Some(self.path(child)),
                Rule::member => field = child.into_inner().next().map(|name| self.name(&name)),
                _ => keys.extend(self.assign(child)),
            }
        }
        Some(Query {
            object: object?,
            keys,
            field,
        })
    }

    /// `STORE.OBJECT(key = EXPR, …)` of an action.
    pub(super) fn target(&mut self, node: Node<'_>) -> Option<(Path, Vec<Assign>)> {
        self.query(node).map(|query| (query.object, query.keys))
    }

    /// `{ name = EXPR, … }`
    pub(super) fn record(&mut self, node: Node<'_>) -> Vec<Assign> {
        children(node)
            .filter_map(|child| self.assign(child))
            .collect()
    }

    /// `name = EXPR`; the value of a store option may be a text that is not interpolated.
    pub(super) fn assign(&mut self, node: Node<'_>) -> Option<Assign> {
        let mut parts = children(node);
        let name = self.name(&parts.next()?);
        let value = parts.next()?;
        let value = match value.as_rule() {
            Rule::plain_text => {
                let text = self.plain_text(value);
                crate::syntax::ast::Expr {
                    span: text.span,
                    kind: ExprKind::Literal(crate::value::Value::Text(text.text)),
                }
            }
            _ => self.expr(value),
        };
        Some(Assign { name, value })
    }
}
