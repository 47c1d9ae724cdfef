//! Operations of a relationship and their clauses; `batch`, `purge`, `convert`.

use super::Lower;
use crate::diagnostic::codes;
use crate::syntax::ast::{
    Clause, ClauseKind, ConvertLine, Disposal, Leave, Literal, OperationLine, OperationName,
    SetAssign, StatementKind,
};
use crate::syntax::grammar::{Node, Rule, children};

impl Lower<'_> {
    pub fn operation(&mut self, node: Node<'_>) -> Option<StatementKind> {
        let mut parts = children(node);
        let direction = parts.next()?;
        let op = parts.next()?;
        let operation_span = self.span(&op);
        let op = children(op).next()?;
        let rule = op.as_rule();
        let mut alternative = None;
        let mut field = None;
        for part in children(op) {
            match part.as_rule() {
                Rule::path => field = Some(self.path(part)),
                _ => alternative = children(part).next().map(|name| self.name(&name)),
            }
        }
        let operation = match rule {
            Rule::op_create => OperationName::Create,
            Rule::op_create_once => OperationName::CreateOnce,
            Rule::op_create_never => OperationName::CreateNever,
            Rule::op_update_never => OperationName::UpdateNever,
            Rule::op_update => OperationName::Update,
            Rule::op_delete => OperationName::Delete,
            Rule::op_change => OperationName::Change(field?),
            Rule::op_done => OperationName::Done,
            _ => OperationName::Filter,
        };
        let (direction_span, direction) = (self.span(&direction), self.direction(&direction));
        let clauses = self.clauses(parts);
        Some(StatementKind::Operation(Box::new(OperationLine {
            direction,
            direction_span,
            operation,
            operation_span,
            alternative,
            clauses,
        })))
    }

    fn clauses<'n>(&mut self, nodes: impl Iterator<Item = Node<'n>>) -> Vec<Clause> {
        nodes
            .filter_map(|node| {
                let place = self.span(&node);
                self.clause(node).map(|kind| Clause { span: place, kind })
            })
            .collect()
    }

    fn clause(&mut self, node: Node<'_>) -> Option<ClauseKind> {
        match node.as_rule() {
            Rule::clause_when => children(node)
                .next()
                .map(|condition| ClauseKind::When(self.expr(condition))),
            Rule::clause_require => self.require(node),
            Rule::clause_set => {
                let assigns = children(node).filter_map(|assign| {
                    let mut parts = children(assign);
                    let (field, value) = (parts.next()?, parts.next()?);
                    Some(SetAssign {
                        field: self.path(field),
                        value: self.expr(value),
                    })
                });
                Some(ClauseKind::Set(assigns.collect()))
            }
            Rule::clause_with => Some(ClauseKind::With(
                children(node)
                    .filter_map(|option| self.assign(option))
                    .collect(),
            )),
            _ => {
                let word = children(node).next()?;
                let place = self.span(&word);
                let known = [
                    ("keep", Leave::Keep),
                    ("unlink", Leave::Unlink),
                    ("delete", Leave::Delete),
                ];
                self.word(&word, "way to treat records that leave", &known)
                    .map(|leave| ClauseKind::Leave(leave, place))
            }
        }
    }

    fn require(&mut self, node: Node<'_>) -> Option<ClauseKind> {
        let mut wanted = Vec::new();
        let mut reason = None;
        for child in children(node) {
            if child.as_rule() == Rule::expr {
                wanted.push(self.expr(child));
            } else {
                reason = Some(self.plain_text(child));
            }
        }
        let Some(reason) = reason else {
            return Some(ClauseKind::Require(wanted));
        };
        if wanted.len() > 1 {
            self.complain(
                codes::UNEXPECTED,
                reason.span,
                "`else` gives the reason of one condition, not of a list",
                "give each its own `require`",
            );
            return None;
        }
        wanted
            .pop()
            .map(|condition| ClauseKind::RequireElse { condition, reason })
    }

    pub fn batch_line(&mut self, node: Node<'_>) -> Option<StatementKind> {
        let mut parts = children(node);
        let direction = self.direction(&parts.next()?);
        let number = parts.next()?;
        let place = self.span(&number);
        let value = super::literal::number(number.as_str())?;
        Some(StatementKind::Batch {
            direction,
            size: Literal { value, span: place },
        })
    }

    pub fn purge_line(&mut self, node: Node<'_>) -> Option<StatementKind> {
        let mut parts = children(node);
        let object = self.name(&parts.next()?);
        let when = self.expr(parts.next()?);
        Some(StatementKind::Purge { object, when })
    }

    pub fn convert_line(&mut self, node: Node<'_>) -> Option<StatementKind> {
        let mut parts = children(node).peekable();
        let every = parts
            .next_if(|part| part.as_rule() == Rule::convert_every)
            .is_some();
        let from = self.name(&parts.next()?);
        let to = self.name(&parts.next()?);
        let disposal = parts
            .next_if(|part| part.as_rule() == Rule::disposal)
            .map(|word| {
                let way = if word.as_str() == "keep" {
                    Disposal::Keep
                } else {
                    Disposal::Delete
                };
                (way, self.span(&word))
            });
        let clauses = self.clauses(parts);
        Some(StatementKind::Convert(Box::new(ConvertLine {
            every,
            from,
            to,
            disposal,
            clauses,
        })))
    }
}
