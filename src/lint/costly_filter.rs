//! ## What it does
//! Finds a filter on a whole direction by a regular expression, or by a function that no store has.
//!
//! ## Why is this bad?
//! The store can't evaluate it itself, so that every record is read to leave most of them out.
//!
//! ## Example
//! ```sync
//! push when sha256(email) != "0"
//! ```
//!
//! ## Use instead
//! ```sync
//! push when email is not empty
//! ```

use crate::check::Findings;
use crate::diagnostic::{Span, codes};
use crate::program::{Direction, Expr, Function, signature};
use crate::syntax::ast::{self, BinaryOp, ClauseKind, ExprKind, StatementKind};

use super::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    for relationship in &context.program.relationships {
        for filter in Direction::BOTH
            .iter()
            .flat_map(|d| &relationship.directions[d.index()].filters)
        {
            let mut costly: Option<String> = None;
            filter.when.visit(&mut |e| match e {
                Expr::Matches(..) => costly = Some("a regular expression".to_owned()),
                Expr::Call(function, _) if heavy(*function) => {
                    costly = Some(format!("`{}`", signature(*function).name));
                }
                _ => {}
            });
            if let Some(what) = costly {
                findings
                    .warning(
                        codes::COSTLY_FILTER,
                        place(context, filter.rule.0),
                        format!("no store evaluates {what} itself: this filter reads every record"),
                    )
                    .help("filter by a plain comparison too, so that fewer are read");
            }
        }
    }
}

/// The piece of a filter's line that costs; its condition where that is in a function.
fn place(context: &Context<'_>, line: Span) -> Span {
    let Some(StatementKind::Operation(operation)) = context.statement(line).map(|s| &s.kind) else {
        return line;
    };
    let conditions = operation.clauses.iter().filter_map(|c| match &c.kind {
        ClauseKind::When(condition) => Some(condition),
        _ => None,
    });
    let conditions: Vec<&ast::Expr> = conditions.collect();
    let piece = conditions.iter().find_map(|c| costly_piece(c));
    let whole = conditions.first().map(|c| c.span);
    piece.or(whole).unwrap_or(line)
}

fn costly_piece(expr: &ast::Expr) -> Option<Span> {
    let here = match &expr.kind {
        ExprKind::Binary { op, .. } => *op == BinaryOp::Matches,
        ExprKind::Call { function, .. } => Function::by_name(&function.text).is_some_and(heavy),
        _ => false,
    };
    if here {
        return Some(expr.span);
    }
    match &expr.kind {
        ExprKind::Binary { left, right, .. } => costly_piece(left).or_else(|| costly_piece(right)),
        ExprKind::Unary { operand, .. } | ExprKind::IsEmpty { operand, .. } => {
            costly_piece(operand)
        }
        ExprKind::Call { args, .. } => args.iter().find_map(costly_piece),
        _ => None,
    }
}

fn heavy(function: Function) -> bool {
    matches!(
        function,
        Function::HtmlToText
            | Function::Sha256
            | Function::NameFromEmail
            | Function::NormalizePhone
            | Function::Digits
    )
}
