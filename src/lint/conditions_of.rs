//! Every condition that the rules write, for the proofs about them.

use crate::syntax::ast::{
    self, Action, ActionKind, Assign, Clause, ClauseKind, Expr, ExprKind, ItemKind, ModifierKind,
    StatementKind, TextPart,
};

/// The conditions of all files: of `when`, `require … else`, `where`, `purge` and `if`, wherever they stand.
pub(super) fn conditions(files: &[ast::File]) -> Vec<&Expr> {
    let mut found = Found(Vec::new());
    for item in files.iter().flat_map(|f| &f.items) {
        match &item.kind {
            ItemKind::Let(i) => found.value(&i.value),
            ItemKind::Fn(i) => found.value(&i.body),
            ItemKind::Lens(i) => i.push.iter().chain(&i.pull).for_each(|e| found.value(e)),
            ItemKind::Relationship(r) => {
                r.statements.iter().for_each(|s| found.statement(&s.kind));
            }
            ItemKind::Trigger(t) => {
                t.when.iter().for_each(|w| found.condition(w));
                t.actions.iter().for_each(|a| found.action(a));
            }
            ItemKind::Sync(_) | ItemKind::Values(_) | ItemKind::Schedule(_) | ItemKind::Broken => {}
        }
    }
    found.0
}

struct Found<'a>(Vec<&'a Expr>);

impl<'a> Found<'a> {
    fn condition(&mut self, expr: &'a Expr) {
        self.0.push(expr);
        self.value(expr);
    }

    fn statement(&mut self, kind: &'a StatementKind) {
        match kind {
            StatementKind::Match { keys, filter, .. } => {
                filter.iter().for_each(|f| self.condition(f));
                keys.iter().for_each(|k| {
                    self.value(&k.left);
                    self.value(&k.right);
                });
            }
            StatementKind::Field(line) => {
                self.value(&line.left);
                self.value(&line.right);
                for modifier in &line.modifiers {
                    if let ModifierKind::When { condition, .. } = &modifier.kind {
                        self.condition(condition);
                    }
                }
            }
            StatementKind::Operation(line) => line.clauses.iter().for_each(|c| self.clause(c)),
            StatementKind::Convert(line) => line.clauses.iter().for_each(|c| self.clause(c)),
            StatementKind::Purge { when, .. } => self.condition(when),
            StatementKind::Duplicates(..)
            | StatementKind::Follow { .. }
            | StatementKind::Prefer(_)
            | StatementKind::FirstPrefer(_)
            | StatementKind::Star { .. }
            | StatementKind::Batch { .. }
            | StatementKind::Broken => {}
        }
    }

    fn clause(&mut self, clause: &'a Clause) {
        match &clause.kind {
            ClauseKind::When(condition) | ClauseKind::RequireElse { condition, .. } => {
                self.condition(condition);
            }
            ClauseKind::Require(values) => values.iter().for_each(|v| self.value(v)),
            ClauseKind::Set(sets) => sets.iter().for_each(|s| self.value(&s.value)),
            ClauseKind::With(options) => self.assigns(options),
            ClauseKind::Leave(..) => {}
        }
    }

    fn action(&mut self, action: &'a Action) {
        action.when.iter().for_each(|w| self.condition(w));
        match &action.kind {
            ActionKind::Create { fields, .. } | ActionKind::Set(fields) => self.assigns(fields),
            ActionKind::Upsert { keys, fields, .. } | ActionKind::Update { keys, fields, .. } => {
                self.assigns(keys);
                self.assigns(fields);
            }
            ActionKind::Delete { keys, .. } => self.assigns(keys),
            ActionKind::Post { url, body } => {
                self.value(url);
                self.assigns(body);
            }
            ActionKind::Run { .. } | ActionKind::Broken => {}
        }
    }

    fn assigns(&mut self, assigns: &'a [Assign]) {
        assigns.iter().for_each(|a| self.value(&a.value));
    }

    /// Looks for `if` inside a value.
    fn value(&mut self, expr: &'a Expr) {
        match &expr.kind {
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.condition(condition);
                self.value(then);
                self.value(otherwise);
            }
            ExprKind::Interpolation(parts) => parts.iter().for_each(|p| {
                if let TextPart::Expr(e) = p {
                    self.value(e);
                }
            }),
            ExprKind::List(all) | ExprKind::Call { args: all, .. } => {
                all.iter().for_each(|e| self.value(e));
            }
            ExprKind::Index { of, index } => {
                self.value(of);
                self.value(index);
            }
            ExprKind::Member { of, .. } => self.value(of),
            ExprKind::Unary { operand, .. } | ExprKind::IsEmpty { operand, .. } => {
                self.value(operand);
            }
            ExprKind::Binary { left, right, .. } => {
                self.value(left);
                self.value(right);
            }
            ExprKind::Lookup(lookup) => {
                self.assigns(&lookup.keys);
                lookup.or_create.iter().for_each(|a| self.assigns(a));
            }
            ExprKind::Aggregate(aggregate) => self.assigns(&aggregate.keys),
            ExprKind::Literal(_)
            | ExprKind::Regex { .. }
            | ExprKind::Path(_)
            | ExprKind::Broken => {}
        }
    }
}
