//! Operators and the types that they take.

use super::{Scope, Typed};
use crate::check::facts::NotMember;
use crate::check::types::{self, article, describe};
use crate::check::{Checker, Frame};
use crate::diagnostic::{Span, codes};
use crate::program::{Arithmetic, Comparison, Expr, Function};
use crate::syntax::ast::{self, BinaryOp, ExprKind, UnaryOp};
use crate::value::{Type, Value};

impl Checker<'_> {
    pub(super) fn unary(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        op: UnaryOp,
        operand: &ast::Expr,
    ) -> Typed {
        match op {
            UnaryOp::Not => {
                let mut typed = self.boolean(frame, scope, operand);
                Typed::new(Expr::Not(Box::new(typed.take())), Type::Bool).with(&typed)
            }
            UnaryOp::Minus => {
                let mut typed = self.expr(frame, scope, operand);
                if !(types::is_number(&typed.ty)
                    || types::open(&typed.ty)
                    || matches!(typed.ty, Type::Duration))
                {
                    let message = format!(
                        "`-` takes a number or a duration, and this is {}",
                        article(&typed.ty)
                    );
                    self.findings
                        .error(codes::OPERAND_TYPES, operand.span, message);
                    return Typed::unknown();
                }
                let expr = match &typed.expr {
                    Expr::Const(Value::Int(n)) => {
                        n.checked_neg().map(|n| Expr::Const(Value::Int(n)))
                    }
                    Expr::Const(Value::Decimal(d)) => Some(Expr::Const(Value::Decimal(-*d))),
                    _ => None,
                };
                let expr = expr.unwrap_or_else(|| Expr::Negate(Box::new(typed.take())));
                Typed::new(expr, typed.ty.clone())
                    .nullable(typed.nullable)
                    .with(&typed)
            }
        }
    }

    pub(super) fn binary(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Typed {
        match op {
            BinaryOp::And | BinaryOp::Or => self.logical(frame, scope, op, left, right),
            BinaryOp::Equal | BinaryOp::NotEqual if is_null(left) || is_null(right) => {
                let mut operand =
                    self.expr(frame, scope, if is_null(right) { left } else { right });
                let whole = Span {
                    end: right.span.end,
                    ..left.span
                };
                let holds = op == BinaryOp::NotEqual;
                self.never_null(frame, scope, &operand, whole, holds);
                let expr = Expr::IsNull {
                    operand: Box::new(operand.take()),
                    negated: holds,
                };
                Typed::new(expr, Type::Bool).with(&operand)
            }
            BinaryOp::Equal => self.compare(frame, scope, Comparison::Equal, op_span, left, right),
            BinaryOp::NotEqual => {
                self.compare(frame, scope, Comparison::NotEqual, op_span, left, right)
            }
            BinaryOp::Less => self.compare(frame, scope, Comparison::Less, op_span, left, right),
            BinaryOp::LessEqual => {
                self.compare(frame, scope, Comparison::LessEqual, op_span, left, right)
            }
            BinaryOp::Greater => {
                self.compare(frame, scope, Comparison::Greater, op_span, left, right)
            }
            BinaryOp::GreaterEqual => {
                self.compare(frame, scope, Comparison::GreaterEqual, op_span, left, right)
            }
            BinaryOp::In | BinaryOp::NotIn => {
                self.membership(frame, scope, op == BinaryOp::NotIn, op_span, left, right)
            }
            BinaryOp::Matches => self.matches(frame, scope, left, right),
            BinaryOp::Coalesce => self.coalesce(frame, scope, op_span, left, right),
            BinaryOp::Add => self.arithmetic(frame, scope, Arithmetic::Add, op_span, left, right),
            BinaryOp::Subtract => {
                self.arithmetic(frame, scope, Arithmetic::Subtract, op_span, left, right)
            }
            BinaryOp::Multiply => {
                self.arithmetic(frame, scope, Arithmetic::Multiply, op_span, left, right)
            }
            BinaryOp::Divide => {
                self.arithmetic(frame, scope, Arithmetic::Divide, op_span, left, right)
            }
            BinaryOp::Remainder => {
                self.arithmetic(frame, scope, Arithmetic::Remainder, op_span, left, right)
            }
        }
    }

    fn logical(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        op: BinaryOp,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Typed {
        let mut a = self.boolean(frame, scope, left);
        let mut b = self.boolean(frame, scope, right);
        let mut parts = Vec::new();
        for part in [a.take(), b.take()] {
            match (part, op) {
                (Expr::And(inner), BinaryOp::And) | (Expr::Or(inner), BinaryOp::Or) => {
                    parts.extend(inner);
                }
                (other, _) => parts.push(other),
            }
        }
        let expr = if op == BinaryOp::And {
            Expr::And(parts)
        } else {
            Expr::Or(parts)
        };
        Typed::new(expr, Type::Bool).with(&a).with(&b)
    }

    fn compare(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        comparison: Comparison,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Typed {
        let a = self.expr(frame, scope, left);
        let b = self.expr(frame, scope, right);
        let (mut a, mut b) = as_times(a, b);
        let by_order = !matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if !types::comparable(&a.ty, &b.ty) {
            self.findings
                .error(
                    codes::OPERAND_TYPES,
                    op_span,
                    format!("{} is compared with {}", article(&a.ty), article(&b.ty)),
                )
                .label(left.span, format!("this is {}", article(&a.ty)))
                .label(right.span, format!("this is {}", article(&b.ty)))
                .maybe_help(conversion_help(&a.ty, &b.ty));
        } else if by_order && !(types::ordered(&a.ty) && types::ordered(&b.ty)) {
            let ty = if types::ordered(&a.ty) { &b.ty } else { &a.ty };
            self.findings.error(
                codes::OPERAND_TYPES,
                op_span,
                format!("values of type {} have no order", describe(ty)),
            );
        }
        if matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
            self.not_members(&a, left.span, &b, right);
            self.not_members(&b, right.span, &a, left);
        }
        let expr = Expr::Compare(comparison, Box::new(a.take()), Box::new(b.take()));
        Typed::new(expr, Type::Bool).with(&a).with(&b)
    }

    /// Remembers texts that are compared with a picklist which does not have them.
    fn not_members(&mut self, of: &Typed, operand: Span, with: &Typed, written: &ast::Expr) {
        let Type::Enum(members) = &of.ty else { return };
        if with.setting || matches!(of.expr, Expr::Const(_)) {
            return;
        }
        let texts: Vec<&ast::Expr> = match &written.kind {
            ExprKind::List(all) => all.iter().collect(),
            _ => vec![written],
        };
        for text in texts {
            if let ExprKind::Literal(Value::Text(value)) = &text.kind
                && !value.trim().is_empty()
                && !members.contains(value)
            {
                self.facts.not_members.push(NotMember {
                    span: text.span,
                    text: value.clone(),
                    operand,
                    members: members.clone(),
                });
            }
        }
    }

    fn membership(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        negated: bool,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Typed {
        let mut a = self.expr(frame, scope, left);
        let mut b = self.expr(frame, scope, right);
        match &b.ty {
            Type::List(member) if types::comparable(&a.ty, member) => {}
            Type::List(member) => {
                self.findings
                    .error(
                        codes::OPERAND_TYPES,
                        op_span,
                        format!(
                            "{} is sought in a list of {}",
                            article(&a.ty),
                            describe(member)
                        ),
                    )
                    .label(left.span, format!("this is {}", article(&a.ty)))
                    .maybe_help(conversion_help(&a.ty, member));
            }
            Type::Any | Type::Null => {}
            other => {
                let message = format!("`in` takes a list, and this is {}", article(other));
                let described = self
                    .findings
                    .error(codes::OPERAND_TYPES, right.span, message);
                if types::is_text(other) {
                    described.help("to seek a part of a text use `contains(text, part)`");
                }
            }
        }
        self.not_members(&a, left.span, &b, right);
        let expr = Expr::In {
            operand: Box::new(a.take()),
            list: Box::new(b.take()),
            negated,
        };
        Typed::new(expr, Type::Bool).with(&a).with(&b)
    }

    fn matches(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Typed {
        let mut operand = self.expr(frame, scope, left);
        if !(types::is_text(&operand.ty) || types::open(&operand.ty)) {
            let message = format!("`matches` takes text, and this is {}", article(&operand.ty));
            self.findings
                .error(codes::OPERAND_TYPES, left.span, message);
        }
        let ExprKind::Regex {
            pattern,
            case_insensitive,
        } = &right.kind
        else {
            if !matches!(right.kind, ExprKind::Broken) {
                self.findings
                    .error(
                        codes::MISPLACED,
                        right.span,
                        "`matches` takes a regular expression",
                    )
                    .help("write `TEXT matches /…/`");
            }
            return Typed::new(Expr::Const(Value::Bool(false)), Type::Any);
        };
        let regex = regex::RegexBuilder::new(pattern)
            .case_insensitive(*case_insensitive)
            .size_limit(1 << 20)
            .build();
        match regex {
            Ok(regex) => Typed::new(Expr::Matches(Box::new(operand.take()), regex), Type::Bool)
                .with(&operand),
            Err(error) => {
                self.bad_regex(right.span, pattern, &error);
                Typed::new(Expr::Const(Value::Bool(false)), Type::Any)
            }
        }
    }

    fn bad_regex(&mut self, span: Span, pattern: &str, error: &regex::Error) {
        let message = match error {
            regex::Error::CompiledTooBig(_) => "this regular expression is too large".to_string(),
            regex::Error::Syntax(text) => {
                let cause = text
                    .lines()
                    .rev()
                    .find_map(|l| l.strip_prefix("error: "))
                    .unwrap_or("it does not parse");
                format!("this regular expression does not work: {cause}")
            }
            _ => "this regular expression does not work".to_string(),
        };
        let around = ["(?=", "(?!", "(?<=", "(?<!"]
            .iter()
            .any(|mark| pattern.contains(mark));
        let described = self.findings.error(codes::BAD_REGEX, span, message);
        if around {
            described.help("looking around is not linear in time, and so not part of the language");
        }
    }

    fn coalesce(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Typed {
        let mut a = self.expr(frame, scope, left);
        let mut b = self.expr(frame, scope, right);
        let ty = types::join(&a.ty, &b.ty).unwrap_or_else(|| {
            self.findings
                .error(
                    codes::OPERAND_TYPES,
                    op_span,
                    format!(
                        "`??` takes two values of one type, not {} and {}",
                        article(&a.ty),
                        article(&b.ty)
                    ),
                )
                .label(left.span, format!("this is {}", article(&a.ty)))
                .label(right.span, format!("this is {}", article(&b.ty)))
                .maybe_help(conversion_help(&a.ty, &b.ty));
            Type::Any
        });
        let nullable = a.nullable && b.nullable;
        let expr = Expr::Coalesce(Box::new(a.take()), Box::new(b.take()));
        Typed::new(expr, ty).nullable(nullable).with(&a).with(&b)
    }

    fn arithmetic(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        op: Arithmetic,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
    ) -> Typed {
        let mut a = self.expr(frame, scope, left);
        let mut b = self.expr(frame, scope, right);
        let ty = arithmetic_type(op, &a.ty, &b.ty).unwrap_or_else(|| {
            let word = word(op);
            let message = format!(
                "`{word}` does not take {} and {}",
                article(&a.ty),
                article(&b.ty)
            );
            let described = self
                .findings
                .error(codes::OPERAND_TYPES, op_span, message)
                .label(left.span, format!("this is {}", article(&a.ty)))
                .label(right.span, format!("this is {}", article(&b.ty)));
            let times = types::is_text(&a.ty)
                && matches!(b.ty, Type::Duration | Type::Date | Type::Instant);
            if times {
                described.help("read the text as a date with `date(…)` or `instant(…)`");
            } else if op == Arithmetic::Add && (types::is_text(&a.ty) || types::is_text(&b.ty)) {
                described.help("texts are joined by interpolation: `\"{a}{b}\"`");
            } else if types::is_text(&a.ty) || types::is_text(&b.ty) {
                described.help("read the text as a number with `number(…)`");
            }
            Type::Any
        });
        let nullable = a.nullable || b.nullable;
        let expr = Expr::Arithmetic(op, Box::new(a.take()), Box::new(b.take()));
        Typed::new(expr, ty).nullable(nullable).with(&a).with(&b)
    }
}

fn is_null(expr: &ast::Expr) -> bool {
    matches!(&expr.kind, ExprKind::Literal(Value::Null))
}

/// A text column against a date or an instant is read as an instant, for it holds ISO text.
fn as_times(a: Typed, b: Typed) -> (Typed, Typed) {
    let plain_text = |t: &Typed| matches!(t.ty, Type::Text { .. });
    match (types::is_time(&a.ty), types::is_time(&b.ty)) {
        (true, false) if plain_text(&b) => (a, as_instant(b)),
        (false, true) if plain_text(&a) => (as_instant(a), b),
        _ => (a, b),
    }
}

fn as_instant(typed: Typed) -> Typed {
    Typed {
        expr: Expr::Call(Function::Instant, vec![typed.expr]),
        ty: Type::Instant,
        size: typed.size.saturating_add(1),
        ..typed
    }
}

pub(crate) fn conversion_help(a: &Type, b: &Type) -> Option<String> {
    let meets = |x: fn(&Type) -> bool, y: fn(&Type) -> bool| x(a) && y(b) || y(a) && x(b);
    if meets(types::is_text, types::is_number) {
        return Some("there is no implicit conversion: read the text with `number(…)`, or write the number with `text(…)`".into());
    }
    meets(types::is_text, |t| matches!(t, Type::Bool))
        .then(|| "compare the text with a text: `= \"true\"`".into())
}

fn word(op: Arithmetic) -> &'static str {
    match op {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => "/",
        Arithmetic::Remainder => "%",
    }
}

fn arithmetic_type(op: Arithmetic, a: &Type, b: &Type) -> Option<Type> {
    let number = Type::Number { scale: None };
    Some(match (op, a, b) {
        (_, Type::Any | Type::Null, Type::Any | Type::Null) => Type::Any,
        (Arithmetic::Add | Arithmetic::Subtract, Type::Any | Type::Null, Type::Duration) => {
            Type::Any
        }
        (_, Type::Any | Type::Null, other) | (_, other, Type::Any | Type::Null) => match other {
            Type::Number { .. } | Type::Date | Type::Instant | Type::Duration => Type::Any,
            _ => return None,
        },
        (_, a, b) if types::is_number(a) && types::is_number(b) => number,
        (Arithmetic::Add | Arithmetic::Subtract, time, Type::Duration) if types::is_time(time) => {
            time.clone()
        }
        (Arithmetic::Add, Type::Duration, time) if types::is_time(time) => time.clone(),
        (Arithmetic::Subtract, a, b) if types::is_time(a) && types::is_time(b) => Type::Duration,
        (
            Arithmetic::Add | Arithmetic::Subtract | Arithmetic::Remainder,
            Type::Duration,
            Type::Duration,
        ) => Type::Duration,
        (Arithmetic::Divide, Type::Duration, Type::Duration) => number,
        (Arithmetic::Multiply | Arithmetic::Divide, Type::Duration, b) if types::is_number(b) => {
            Type::Duration
        }
        (Arithmetic::Multiply, a, Type::Duration) if types::is_number(a) => Type::Duration,
        _ => return None,
    })
}
