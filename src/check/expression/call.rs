//! Calls: of the program's own functions (inlined), of the language's, and of those with a form of their own.

use std::sync::Arc;

use smol_str::SmolStr;

use super::{Scope, Typed};
use crate::check::types::{self, article};
use crate::check::{Checker, Frame};
use crate::diagnostic::{Span, codes};
use crate::program::{Expr, Function, Nulls, ParamKind, signature};
use crate::syntax::ast::{self, ExprKind, Name};
use crate::value::{Type, Value};

/// Functions that are no plain calls: name, fewest and most arguments.
const FORMS: &[(&str, usize, usize)] = &[
    ("now", 0, 0),
    ("today", 0, 0),
    ("object", 0, 0),
    ("by_hand", 0, 0),
    ("was", 1, 1),
    ("round_robin", 1, 1),
    ("linked", 1, 2),
    ("env", 1, 2),
];

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        name: &Name,
        args: &[ast::Expr],
        span: Span,
    ) -> Typed {
        if self.names.functions.contains_key(&name.text) {
            return self.inlined(frame, scope, name, args, span);
        }
        if let Some((_, fewest, most)) = FORMS.iter().find(|(form, ..)| *form == name.text) {
            if !self.arity(name, args.len(), *fewest, Some(*most), span) {
                return Typed::unknown();
            }
            return self.form(frame, scope, name, args, span);
        }
        match Function::by_name(&name.text) {
            Some(function) => self.builtin(frame, scope, function, name, args, span),
            None => {
                if let Some(text) = self.unknown_function(name) {
                    let name = Name {
                        text,
                        span: name.span,
                    };
                    return self.call(frame, scope, &name, args, span);
                }
                for arg in args {
                    self.expr(frame, scope, arg);
                }
                Typed::unknown()
            }
        }
    }

    /// A function that nothing declares; gives the one that was evidently meant.
    fn unknown_function(&mut self, name: &Name) -> Option<SmolStr> {
        let own: Vec<SmolStr> = self.names.functions.keys().cloned().collect();
        let own = own.iter().map(SmolStr::as_str);
        let builtin = Function::ALL.iter().map(|f| signature(*f).name);
        let forms = FORMS.iter().map(|(form, ..)| *form);
        self.undeclared(
            codes::UNKNOWN_FUNCTION,
            "function",
            name,
            own.chain(builtin).chain(forms),
            Some(format!("declare it: `fn {}(…) = …`", name.text)),
        )
    }

    /// Whether a call has as many arguments as it must; if not, it has a finding.
    pub(super) fn arity(
        &mut self,
        name: &Name,
        given: usize,
        fewest: usize,
        most: Option<usize>,
        span: Span,
    ) -> bool {
        if given >= fewest && most.is_none_or(|most| given <= most) {
            return true;
        }
        let takes = match most {
            Some(most) if most == fewest => counted(fewest),
            Some(most) => format!("{fewest} to {}", counted(most)),
            None => format!("at least {}", counted(fewest)),
        };
        let message = format!("`{}` takes {takes}, not {given}", name.text);
        let described = self.findings.error(codes::WRONG_ARITY, span, message);
        if let Some(function) = Function::by_name(&name.text) {
            described.help(format!("it is `{}`", signature(function).shape()));
        }
        false
    }

    fn builtin(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        function: Function,
        name: &Name,
        args: &[ast::Expr],
        span: Span,
    ) -> Typed {
        let signature = signature(function);
        let mut typed: Vec<Typed> = args.iter().map(|a| self.expr(frame, scope, a)).collect();
        let (fewest, most) = signature.arity();
        if !self.arity(name, args.len(), fewest, most, span) {
            return Typed::unknown();
        }
        let mut fits = true;
        for (index, (arg, source)) in typed.iter().zip(args).enumerate() {
            let Some(param) = signature.param(index) else {
                continue;
            };
            if param.kind.accepts(&arg.ty) {
                continue;
            }
            fits = false;
            let message = format!(
                "`{}` takes {} here, and `{}` is {}",
                name.text,
                param.kind.word(),
                self.text(source.span),
                article(&arg.ty)
            );
            let described = self
                .findings
                .error(codes::ARGUMENT_TYPE, source.span, message);
            if types::is_number(&arg.ty)
                && matches!(param.kind, ParamKind::Text | ParamKind::TextOrList)
            {
                described.help(format!(
                    "write it as text: `text({})`",
                    super::super::names::text_of(self.input.sources, source.span).unwrap_or("…")
                ));
            }
        }
        let types: Vec<Type> = typed.iter().map(|t| t.ty.clone()).collect();
        let mut ty = if fits {
            signature.result_type(&types)
        } else {
            Type::Any
        };
        if let (Function::Left | Function::Right, Some(count)) =
            (function, typed.get(1).and_then(small_count))
        {
            ty = match ty {
                Type::Text { max } => Type::Text {
                    max: Some(max.map_or(count, |m| m.min(count))),
                },
                other => other,
            };
        }
        if let (Function::Substring, Some(count)) = (function, typed.get(2).and_then(small_count)) {
            ty = match ty {
                Type::Text { max } => Type::Text {
                    max: Some(max.map_or(count, |m| m.min(count))),
                },
                other => other,
            };
        }
        let nullable = match signature.nulls {
            Nulls::AnyArgument => typed.iter().any(|t| t.nullable),
            Nulls::AllArguments => typed.iter().all(|t| t.nullable),
            Nulls::Possible => true,
            Nulls::Never => false,
        };
        let expr = Expr::Call(function, typed.iter_mut().map(Typed::take).collect());
        typed
            .iter()
            .fold(Typed::new(expr, ty).nullable(nullable), Typed::with)
    }

    fn form(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        name: &Name,
        args: &[ast::Expr],
        span: Span,
    ) -> Typed {
        match name.text.as_str() {
            "now" => Typed::new(Expr::Now, Type::Instant),
            "today" => Typed::new(Expr::Today, Type::Date),
            "object" => {
                if frame.sides.iter().all(|s| s.objects.is_empty()) {
                    return self.misplaced(
                        span,
                        "`object()` names the alternative at hand, and there is no record here",
                    );
                }
                let varied = frame.sides.iter().find(|s| s.has_alternatives());
                let known = varied.filter(|s| s.objects.iter().all(|o| !o.open));
                let ty = known.map_or(Type::Text { max: None }, |side| {
                    let names = side.objects.iter().map(|o| o.object.name.clone());
                    Type::Enum(Arc::new(names.collect()))
                });
                Typed::new(Expr::Alternative, ty)
            }
            "by_hand" => Typed::new(Expr::ByHand, Type::Bool),
            "was" => self.was(frame, scope, args),
            "round_robin" => self.round_robin(frame, scope, args, span),
            "linked" => self.linked(frame, scope, args, None, span),
            _ => self.environment(frame, scope, args, span),
        }
    }

    pub(super) fn misplaced(&mut self, span: Span, message: &str) -> Typed {
        self.findings.error(codes::MISPLACED, span, message);
        Typed::unknown()
    }

    fn was(&mut self, frame: &mut Frame, scope: &Scope, args: &[ast::Expr]) -> Typed {
        let Some(arg) = args.first() else {
            return Typed::unknown();
        };
        let typed = self.expr(frame, scope, arg);
        match typed.expr {
            Expr::Field(side, slot) => {
                frame.keep(side, slot);
                Typed {
                    expr: Expr::Was(side, slot),
                    nullable: true,
                    ..typed
                }
            }
            _ if matches!(typed.ty, Type::Any) => Typed::unknown(),
            _ => {
                let message = format!("`was` takes a field, and `{}` is none", self.text(arg.span));
                self.misplaced(arg.span, &message)
            }
        }
    }

    fn round_robin(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        args: &[ast::Expr],
        span: Span,
    ) -> Typed {
        let Some(arg) = args.first() else {
            return Typed::unknown();
        };
        let mut list = self.expr(frame, scope, arg);
        if !scope.round_robin {
            return self.misplaced(span, "`round_robin` stands in `set` only");
        }
        let ty = match &list.ty {
            Type::List(member) => (**member).clone(),
            Type::Any | Type::Null => Type::Any,
            other => {
                let message = format!(
                    "`round_robin` takes a list, and `{}` is {}",
                    self.text(arg.span),
                    article(other)
                );
                self.findings.error(codes::ARGUMENT_TYPE, arg.span, message);
                Type::Any
            }
        };
        let number = self.round_robins;
        self.round_robins = number.saturating_add(1);
        Typed::new(Expr::RoundRobin(Box::new(list.take()), number), ty)
            .nullable(true)
            .with(&list)
    }

    fn environment(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        args: &[ast::Expr],
        span: Span,
    ) -> Typed {
        if !scope.env {
            self.findings
                .error(codes::MISPLACED, span, "`env` stands in a `let` only")
                .help("declare a setting: `let NAME = env(\"NAME\")`");
            return Typed::unknown();
        }
        let [variable, default @ ..] = args else {
            return Typed::unknown();
        };
        let ExprKind::Literal(Value::Text(variable_name)) = &variable.kind else {
            return self.misplaced(
                variable.span,
                "`env` takes the name of a variable, as a text",
            );
        };
        let default = default.first().map(|d| self.expr(frame, scope, d));
        let typed = match ((self.input.environment)(variable_name), default) {
            (Some(text), _) => Typed::constant(Value::Text(text.into())),
            (None, Some(default)) => default,
            (None, None) => {
                self.missing_variable(variable_name, span);
                Typed {
                    nullable: true,
                    ..Typed::unknown()
                }
            }
        };
        Typed {
            setting: true,
            ..typed
        }
    }
}

/// A constant count of characters.
fn small_count(typed: &Typed) -> Option<u32> {
    match typed.expr {
        Expr::Const(Value::Int(n)) => u32::try_from(n).ok(),
        _ => None,
    }
}

pub(super) fn counted(n: usize) -> String {
    match n {
        0 => "no argument".into(),
        1 => "1 argument".into(),
        n => format!("{n} arguments"),
    }
}
