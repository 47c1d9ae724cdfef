//! Members and places of structured values.

use super::{Scope, Typed};
use crate::check::types::{self, article};
use crate::check::{Checker, Frame};
use crate::diagnostic::{Span, codes};
use crate::program::{Expr, PathStep};
use crate::syntax::ast::{self, ExprKind};
use crate::value::Type;

impl Checker<'_> {
    pub(super) fn index(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        of: &ast::Expr,
        index: &ast::Expr,
    ) -> Typed {
        let base = self.expr(frame, scope, of);
        let mut at = self.expr(frame, scope, index);
        if !(types::is_number(&at.ty) || types::open(&at.ty)) {
            let message = format!(
                "a place in a list is a number, and this is {}",
                article(&at.ty)
            );
            self.findings
                .error(codes::OPERAND_TYPES, index.span, message);
        }
        let ty = match &base.ty {
            Type::List(member) => (**member).clone(),
            Type::Object | Type::Any | Type::Null => Type::Any,
            other => {
                let message = format!(
                    "`{}` is {}, which has no places",
                    self.text(of.span),
                    article(other)
                );
                self.findings.error(codes::OPERAND_TYPES, of.span, message);
                Type::Any
            }
        };
        step(base, PathStep::Index(at.take()), ty).with(&at)
    }

    pub(super) fn member(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        of: &ast::Expr,
        name: &ast::Name,
    ) -> Typed {
        if let ExprKind::Call { function, args } = &of.kind
            && function.text == "linked"
        {
            return self.linked(frame, scope, args, Some(name), of.span);
        }

        let base = self.expr(frame, scope, of);
        self.structured_member(base, name, of.span)
    }

    /// Whether a structured value may have a member; of what a function gives the members are known.
    fn has_member(&mut self, base: &Typed, name: &ast::Name) -> bool {
        const NAME_FROM_EMAIL: [&str; 2] = ["first", "last"];
        let given = matches!(
            base.expr,
            Expr::Call(crate::program::Function::NameFromEmail, _)
        );
        if !given || NAME_FROM_EMAIL.contains(&name.text.as_str()) {
            return true;
        }
        self.findings
            .error(
                codes::UNKNOWN_FIELD,
                name.span,
                format!("`name_from_email` gives no `{}`", name.text),
            )
            .suggest(&name.text, NAME_FROM_EMAIL);
        false
    }

    /// `.name` of a structured value.
    pub(super) fn structured_member(&mut self, base: Typed, name: &ast::Name, of: Span) -> Typed {
        match &base.ty {
            Type::Object if !self.has_member(&base, name) => {
                return Typed {
                    ty: Type::Any,
                    unknown: true,
                    ..base
                };
            }
            Type::Object | Type::Any | Type::Null => {}
            other => {
                let message = format!(
                    "`{}` is {}, which has no member `{}`",
                    self.text(of),
                    article(other),
                    name.text
                );
                self.findings
                    .error(codes::UNKNOWN_FIELD, name.span, message);
                return Typed {
                    ty: Type::Any,
                    ..base
                };
            }
        }
        step(base, PathStep::Member(name.text.clone()), Type::Any)
    }
}

fn step(mut base: Typed, step: PathStep, ty: Type) -> Typed {
    let expr = match base.take() {
        Expr::Path(of, mut steps) => {
            steps.push(step);
            Expr::Path(of, steps)
        }
        other => Expr::Path(Box::new(other), vec![step]),
    };
    Typed::new(expr, ty).nullable(true).with(&base)
}
