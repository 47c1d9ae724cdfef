//! Expressions: the operators ranked, and their operands.

use std::sync::LazyLock;

use pest::pratt_parser::{Assoc, Op, PrattParser};

use super::Lower;
use crate::diagnostic::{Span, codes};
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Name, Path, UnaryOp};
use crate::syntax::findings::error;
use crate::syntax::grammar::{Node, Rule, children};

/// Loosest first (language reference, section 6).
static PRECEDENCE: LazyLock<PrattParser<Rule>> = LazyLock::new(|| {
    PrattParser::new()
        .op(Op::infix(Rule::op_or, Assoc::Left))
        .op(Op::infix(Rule::op_and, Assoc::Left))
        .op(Op::prefix(Rule::op_not))
        .op(Op::infix(Rule::op_equal, Assoc::Left)
            | Op::infix(Rule::op_not_equal, Assoc::Left)
            | Op::infix(Rule::op_less, Assoc::Left)
            | Op::infix(Rule::op_less_equal, Assoc::Left)
            | Op::infix(Rule::op_greater, Assoc::Left)
            | Op::infix(Rule::op_greater_equal, Assoc::Left)
            | Op::infix(Rule::op_in, Assoc::Left)
            | Op::infix(Rule::op_not_in, Assoc::Left)
            | Op::infix(Rule::op_matches, Assoc::Left)
            | Op::postfix(Rule::is_empty))
        .op(Op::infix(Rule::op_coalesce, Assoc::Left))
        .op(Op::infix(Rule::op_add, Assoc::Left) | Op::infix(Rule::op_subtract, Assoc::Left))
        .op(Op::infix(Rule::op_multiply, Assoc::Left)
            | Op::infix(Rule::op_divide, Assoc::Left)
            | Op::infix(Rule::op_remainder, Assoc::Left))
        .op(Op::prefix(Rule::op_negate))
});

impl Lower<'_> {
    /// An `expr` or `key_expr`.
    pub fn expr(&mut self, node: Node<'_>) -> Expr {
        let place = self.span(&node);
        let mut parts: Vec<Node<'_>> = node.into_inner().collect();
        if parts.len() == 1
            && let Some(only) = parts.pop()
        {
            return self.operand(only);
        }
        if let Some(second) = self.chained_comparison(&parts) {
            self.findings.push(
                error(
                    codes::CHAINED_COMPARISON,
                    second,
                    "comparisons are not chained",
                )
                .help("join two comparisons with `and`, or put one in parentheses"),
            );
            return Expr {
                span: place,
                kind: ExprKind::Broken,
            };
        }
        let placement = self.place;
        let locate = |node: &Node<'_>| placement.span(node);
        PRECEDENCE
            .map_primary(|operand| self.operand(operand))
            .map_prefix(|op, operand| {
                let op_span = locate(&op);
                let kind = if op.as_rule() == Rule::op_not {
                    UnaryOp::Not
                } else {
                    UnaryOp::Minus
                };
                Expr {
                    span: join(op_span, operand.span),
                    kind: ExprKind::Unary {
                        op: kind,
                        op_span,
                        operand: Box::new(operand),
                    },
                }
            })
            .map_postfix(|operand, op| {
                let place = join(operand.span, locate(&op));
                let negated = op
                    .into_inner()
                    .any(|child| child.as_rule() == Rule::negated);
                Expr {
                    span: place,
                    kind: ExprKind::IsEmpty {
                        operand: Box::new(operand),
                        negated,
                    },
                }
            })
            .map_infix(|left, op, right| {
                let op_span = locate(&op);
                Expr {
                    span: join(left.span, right.span),
                    kind: ExprKind::Binary {
                        op: binary(op.as_rule()),
                        op_span,
                        left: Box::new(left),
                        right: Box::new(right),
                    },
                }
            })
            .parse(parts.into_iter())
    }

    /// The second of two comparisons without `and`, `or` or `not` between them.
    fn chained_comparison(&self, parts: &[Node<'_>]) -> Option<Span> {
        let mut compared = false;
        for part in parts {
            match part.as_rule() {
                Rule::op_or | Rule::op_and => compared = false,
                Rule::is_empty
                | Rule::op_equal
                | Rule::op_not_equal
                | Rule::op_less
                | Rule::op_less_equal
                | Rule::op_greater
                | Rule::op_greater_equal
                | Rule::op_in
                | Rule::op_not_in
                | Rule::op_matches => {
                    if compared {
                        return Some(self.span(part));
                    }
                    compared = true;
                }
                _ => {}
            }
        }
        None
    }

    fn operand(&mut self, node: Node<'_>) -> Expr {
        let place = self.span(&node);
        let kind = match node.as_rule() {
            Rule::chain => return self.chain(node),
            Rule::group => {
                // The parentheses belong to the span, not to the tree.
                let inner = children(node).next().map(|inner| self.expr(inner).kind);
                inner.unwrap_or(ExprKind::Broken)
            }
            Rule::text => self.text(node),
            Rule::plain_text => {
                ExprKind::Literal(crate::value::Value::Text(self.plain_value(node)))
            }
            Rule::list => ExprKind::List(children(node).map(|item| self.expr(item)).collect()),
            Rule::regex => self.regex(&node),
            Rule::if_expr => self.if_expr(node, place),
            Rule::lookup => self.lookup(node),
            Rule::aggregate => self.aggregate(node),
            Rule::expr => return self.expr(node),
            _ => self.literal(&node),
        };
        Expr { span: place, kind }
    }

    /// `if C then A else if D then B else E`, built from its end so that it does not recurse.
    fn if_expr(&mut self, node: Node<'_>, place: Span) -> ExprKind {
        let mut parts: Vec<Expr> = children(node).map(|part| self.expr(part)).collect();
        let Some(mut result) = parts.pop() else {
            return ExprKind::Broken;
        };
        while let (Some(then), Some(condition)) = (parts.pop(), parts.pop()) {
            let whole = if parts.is_empty() {
                place
            } else {
                join(condition.span, result.span)
            };
            result = Expr {
                span: whole,
                kind: ExprKind::If {
                    condition: Box::new(condition),
                    then: Box::new(then),
                    otherwise: Box::new(result),
                },
            };
        }
        result.kind
    }

    /// A name, a path or a call, and what is read from it.
    fn chain(&mut self, node: Node<'_>) -> Expr {
        let mut names: Vec<Name> = Vec::new();
        let mut result: Option<Expr> = None;
        for part in node.into_inner() {
            let place = self.span(&part);
            match part.as_rule() {
                Rule::call => {
                    let args = children(part).map(|arg| self.expr(arg)).collect();
                    if let Some(function) = names.pop() {
                        result = Some(Expr {
                            span: join(function.span, place),
                            kind: ExprKind::Call { function, args },
                        });
                    }
                }
                Rule::index => {
                    let of = result
                        .take()
                        .unwrap_or_else(|| path_expr(std::mem::take(&mut names), place));
                    let index = children(part).next().map_or(
                        Expr {
                            span: place,
                            kind: ExprKind::Broken,
                        },
                        |inner| self.expr(inner),
                    );
                    result = Some(Expr {
                        span: join(of.span, place),
                        kind: ExprKind::Index {
                            of: Box::new(of),
                            index: Box::new(index),
                        },
                    });
                }
                Rule::member => {
                    let Some(name) = part.into_inner().next().map(|name| self.name(&name)) else {
                        continue;
                    };
                    match result.take() {
                        Some(of) => {
                            result = Some(Expr {
                                span: join(of.span, place),
                                kind: ExprKind::Member {
                                    of: Box::new(of),
                                    name,
                                },
                            })
                        }
                        None => names.push(name),
                    }
                }
                _ => names.push(self.name(&part)),
            }
        }
        result.unwrap_or_else(|| {
            let place = names.first().map_or(
                Span {
                    file: self.place.file,
                    start: 0,
                    end: 0,
                },
                |name| name.span,
            );
            path_expr(names, place)
        })
    }
}

fn path_expr(names: Vec<Name>, fallback: Span) -> Expr {
    let place = match (names.first(), names.last()) {
        (Some(first), Some(last)) => join(first.span, last.span),
        _ => fallback,
    };
    Expr {
        span: place,
        kind: ExprKind::Path(Path { span: place, names }),
    }
}

pub(super) fn join(first: Span, last: Span) -> Span {
    Span {
        file: first.file,
        start: first.start,
        end: last.end,
    }
}

fn binary(rule: Rule) -> BinaryOp {
    match rule {
        Rule::op_or => BinaryOp::Or,
        Rule::op_and => BinaryOp::And,
        Rule::op_equal => BinaryOp::Equal,
        Rule::op_not_equal => BinaryOp::NotEqual,
        Rule::op_less => BinaryOp::Less,
        Rule::op_less_equal => BinaryOp::LessEqual,
        Rule::op_greater => BinaryOp::Greater,
        Rule::op_greater_equal => BinaryOp::GreaterEqual,
        Rule::op_in => BinaryOp::In,
        Rule::op_not_in => BinaryOp::NotIn,
        Rule::op_matches => BinaryOp::Matches,
        Rule::op_coalesce => BinaryOp::Coalesce,
        Rule::op_add => BinaryOp::Add,
        Rule::op_subtract => BinaryOp::Subtract,
        Rule::op_multiply => BinaryOp::Multiply,
        Rule::op_divide => BinaryOp::Divide,
        _ => BinaryOp::Remainder,
    }
}
