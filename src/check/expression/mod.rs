//! Expressions: names to slots, functions inlined, queries numbered, types agreed (language reference, section 6).

mod call;
mod constant;
mod functions;
mod operator;
mod path;
mod query;
mod structured;
mod typed;

use smol_str::SmolStr;

use super::facts::NeverNull;
use super::sink::Findings;
use super::types::{self, article};
use super::{Checker, Frame};
use crate::diagnostic::{Span, codes};
use crate::program::{Alternatives, Expr, Side, TextPart};
use crate::syntax::ast::{self, ExprKind};
use crate::value::{Type, Value};

pub(crate) use constant::constant_value;
pub(crate) use functions::FunctionStates;
pub(crate) use operator::conversion_help;
pub(crate) use path::CONSTANT;
pub(crate) use typed::Typed;

/// Levels of one expression with the functions that it calls: the stack bears them many times over.
const MOST_NESTING: u32 = 400;

/// Which record unqualified names are of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Bare {
    Side(Side),
    /// Of none, and why not: "a plain `when` on a two-way line reads settings and qualified fields only".
    None(&'static str),
    /// There are no fields at all: in `let`, `fn` and lenses.
    NoFields(&'static str),
    /// In a function that is inlined: no fields, but `linked` starts from the record of this side.
    Inlined(Side),
}

/// What an expression may use where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Scope {
    pub bare: Bare,
    /// The one side that may be read at all.
    pub only: Option<Side>,
    /// The alternatives that unqualified names of the side with alternatives are sought in.
    pub within: Alternatives,
    pub params: Vec<(SmolStr, Typed)>,
    /// The type of the value in a lens.
    pub it: Option<Type>,
    /// Why queries are not allowed here.
    pub no_queries: Option<&'static str>,
    pub round_robin: bool,
    pub env: bool,
    /// How deep functions are inlined here.
    pub depth: u32,
}

impl Scope {
    pub fn of(side: Side) -> Scope {
        Scope {
            bare: Bare::Side(side),
            only: None,
            within: Alternatives::ALL,
            params: Vec::new(),
            it: None,
            no_queries: None,
            round_robin: false,
            env: false,
            depth: 0,
        }
    }

    pub fn without_fields(what: &'static str) -> Scope {
        Scope {
            bare: Bare::NoFields(what),
            ..Scope::of(Side::Left)
        }
    }

    pub fn source(&self) -> Option<Side> {
        match self.bare {
            Bare::Side(side) | Bare::Inlined(side) => Some(side),
            Bare::None(_) | Bare::NoFields(_) => None,
        }
    }
}

impl Checker<'_> {
    /// Compiles an expression. What is wrong with it has a finding, and the result fits everywhere.
    pub fn expr(&mut self, frame: &mut Frame, scope: &Scope, expr: &ast::Expr) -> Typed {
        if self.nesting >= MOST_NESTING {
            if !self
                .findings
                .list
                .iter()
                .any(|f| f.code == codes::TOO_LARGE)
            {
                self.findings.error(
                    codes::TOO_LARGE,
                    expr.span,
                    "functions and expressions nest too deep here",
                );
            }
            return Typed::unknown();
        }
        self.nesting += 1;
        let typed = self.compiled(frame, scope, expr);
        self.nesting -= 1;
        typed
    }

    fn compiled(&mut self, frame: &mut Frame, scope: &Scope, expr: &ast::Expr) -> Typed {
        match &expr.kind {
            ExprKind::Literal(value) => Typed::constant(value.clone()),
            ExprKind::Interpolation(parts) => self.interpolation(frame, scope, parts),
            ExprKind::List(items) => self.list(frame, scope, items),
            ExprKind::Regex { .. } => {
                self.findings
                    .error(
                        codes::MISPLACED,
                        expr.span,
                        "a regular expression stands only after `matches`",
                    )
                    .help("write `TEXT matches /…/`");
                Typed::unknown()
            }
            ExprKind::Path(path) => self.path(frame, scope, path),
            ExprKind::Index { of, index } => self.index(frame, scope, of, index),
            ExprKind::Member { of, name } => self.member(frame, scope, of, name),
            ExprKind::Call { function, args } => self.call(frame, scope, function, args, expr.span),
            ExprKind::Unary { op, operand, .. } => self.unary(frame, scope, *op, operand),
            ExprKind::Binary {
                op,
                op_span,
                left,
                right,
            } => self.binary(frame, scope, *op, *op_span, left, right),
            ExprKind::IsEmpty { operand, negated } => {
                let mut operand = self.expr(frame, scope, operand);
                // A text that is not null may still be blank.
                if !(types::is_text(&operand.ty) || types::open(&operand.ty)) {
                    self.never_null(frame, scope, &operand, expr.span, *negated);
                }
                let expr = Expr::IsEmpty {
                    operand: Box::new(operand.take()),
                    negated: *negated,
                };
                Typed::new(expr, Type::Bool).with(&operand)
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => self.choice(frame, scope, condition, then, otherwise),
            ExprKind::Lookup(lookup) => self.lookup(frame, scope, lookup, expr.span),
            ExprKind::Aggregate(aggregate) => self.aggregate(frame, scope, aggregate, expr.span),
            ExprKind::Broken => Typed::unknown(),
        }
    }

    /// Compiles an expression that must be true or false.
    pub fn condition(&mut self, frame: &mut Frame, scope: &Scope, expr: &ast::Expr) -> Typed {
        let typed = self.boolean(frame, scope, expr);
        let known = match constant_value(&typed.expr, &typed) {
            _ if types::open(&typed.ty) || typed.unknown => None,
            Some(Ok(value)) if !typed.setting => Some(value.same(&Value::Bool(true))),
            _ => None,
        };
        if let Some(holds) = known {
            self.facts.constant_conditions.push((expr.span, holds));
        }
        typed
    }

    /// Remembers a test for null of a field that its schema says is none; `holds` is what the test then always gives.
    fn never_null(
        &mut self,
        frame: &Frame,
        scope: &Scope,
        operand: &Typed,
        span: Span,
        holds: bool,
    ) {
        let (Expr::Field(side, slot), Bare::Side(_)) = (&operand.expr, scope.bare) else {
            return;
        };
        let here = frame.side(*side);
        // A field of the alternatives that are not at hand reads as null.
        if operand.nullable || operand.unknown || operand.alternatives.is_some() {
            return;
        }
        let slot = here.slots.get(usize::from(slot.0));
        if let (Some(slot), Some(object)) = (slot, here.objects.first()) {
            self.facts.never_null.push(NeverNull {
                span,
                holds,
                side: *side,
                object: object.object.name.clone(),
                field: slot.field.clone(),
            });
        }
    }

    /// An operand of `and`, `or`, `not`, or a condition.
    fn boolean(&mut self, frame: &mut Frame, scope: &Scope, expr: &ast::Expr) -> Typed {
        let typed = self.expr(frame, scope, expr);
        if !(matches!(typed.ty, Type::Bool)
            || types::open(&typed.ty)
            || types::is_integer_column(&typed.ty))
        {
            let text = self.text(expr.span);
            let message = format!(
                "a condition is true or false, and `{text}` is {}",
                article(&typed.ty)
            );
            let help = match &typed.ty {
                Type::Text { .. } | Type::Enum(_) | Type::Id => {
                    format!("compare it: `{text} is not empty`")
                }
                _ => format!("compare it: `{text} != 0`"),
            };
            let described = self
                .findings
                .error(codes::NOT_A_CONDITION, expr.span, message);
            if types::is_text(&typed.ty) || types::is_number(&typed.ty) {
                described.help(help);
            }
            return Typed {
                ty: Type::Any,
                unknown: true,
                ..typed
            };
        }
        typed
    }

    /// The user's text of a place, on one line.
    pub fn text(&self, span: Span) -> String {
        let text = super::names::text_of(self.input.sources, span).unwrap_or_default();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn interpolation(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        parts: &[ast::TextPart],
    ) -> Typed {
        let mut compiled = Vec::with_capacity(parts.len());
        let mut result = Typed::new(Expr::Const(Value::Null), Type::Text { max: None });
        for part in parts {
            match part {
                ast::TextPart::Text(text) => compiled.push(TextPart::Text(text.clone())),
                ast::TextPart::Expr(expr) => {
                    let typed = self.expr(frame, scope, expr);
                    if matches!(typed.ty, Type::List(_) | Type::Object) {
                        let message = format!(
                            "`{}` is {}, which has no text form",
                            self.text(expr.span),
                            article(&typed.ty)
                        );
                        self.findings
                            .error(codes::OPERAND_TYPES, expr.span, message)
                            .help("name one of its members, or `join` a list");
                    }
                    result = result.with(&typed);
                    compiled.push(TextPart::Expr(typed.expr));
                }
            }
        }
        result.expr = Expr::Interpolate(compiled);
        result
    }

    fn list(&mut self, frame: &mut Frame, scope: &Scope, items: &[ast::Expr]) -> Typed {
        let mut result = Typed::new(Expr::Const(Value::Null), Type::Any);
        let mut member: Option<(Type, Span)> = None;
        let mut compiled = Vec::with_capacity(items.len());
        for item in items {
            let typed = self.expr(frame, scope, item);
            member = match member {
                None => Some((typed.ty.clone(), item.span)),
                Some((so_far, first)) => match types::join(&so_far, &typed.ty) {
                    Some(joined) => Some((joined, first)),
                    None => {
                        let message = format!(
                            "a list has members of one type: this is {}",
                            article(&typed.ty)
                        );
                        self.findings
                            .error(codes::OPERAND_TYPES, item.span, message)
                            .label(first, format!("this is {}", article(&so_far)));
                        Some((Type::Any, first))
                    }
                },
            };
            result = result.with(&typed);
            compiled.push(typed.expr);
        }
        result.ty = Type::List(Box::new(member.map_or(Type::Any, |(ty, _)| ty)));
        let constants: Option<Vec<Value>> = compiled
            .iter()
            .map(|e| match e {
                Expr::Const(value) => Some(value.clone()),
                _ => None,
            })
            .collect();
        result.expr = match constants {
            Some(values) => Expr::Const(Value::List(std::sync::Arc::new(values))),
            None => Expr::List(compiled),
        };
        result
    }

    fn choice(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        condition: &ast::Expr,
        then: &ast::Expr,
        otherwise: &ast::Expr,
    ) -> Typed {
        let mut condition = self.boolean(frame, scope, condition);
        let mut yes = self.expr(frame, scope, then);
        let mut no = self.expr(frame, scope, otherwise);
        let ty = types::join(&yes.ty, &no.ty).unwrap_or_else(|| {
            let message = format!(
                "the branches of this `if` differ: this one is {}",
                article(&no.ty)
            );
            self.findings
                .error(codes::BRANCH_TYPES, otherwise.span, message)
                .label(then.span, format!("this one is {}", article(&yes.ty)));
            Type::Any
        });
        let nullable = yes.nullable || no.nullable;
        let expr = Expr::If(
            Box::new(condition.take()),
            Box::new(yes.take()),
            Box::new(no.take()),
        );
        Typed::new(expr, ty)
            .nullable(nullable)
            .with(&condition)
            .with(&yes)
            .with(&no)
    }
}

/// How many findings there are: to see whether a step added some.
pub(crate) fn count(findings: &Findings) -> usize {
    findings.list.len()
}
