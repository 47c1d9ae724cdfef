//! `let`: the program's constants, with the environment and `--set` over them.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::expression::{CONSTANT, Scope, Typed, constant_value};
use super::types::article;
use super::{Checker, Frame, Setting};
use crate::diagnostic::{Span, codes};
use crate::program::Expr;
use crate::syntax::ast::{self, ExprKind, Name};
use crate::value::{Type, Value};

/// The values of the lets, found when first asked for.
#[derive(Debug, Default)]
pub(crate) struct Lets {
    values: FxHashMap<SmolStr, State>,
    /// The let that is being evaluated.
    open: Vec<SmolStr>,
}

#[derive(Debug, Clone)]
enum State {
    Open,
    Done(Typed),
}

/// Lets that lets are made of.
const MOST_DEPTH: usize = 200;

impl<'a> Checker<'a> {
    /// Evaluates every let, and complains of settings that are none.
    pub fn check_lets(&mut self) {
        for setting in self.input.settings {
            if !self.names.lets.contains_key(&setting.name)
                && !self.names.may_be_broken(&setting.name)
            {
                let known: Vec<SmolStr> = self.names.lets.keys().cloned().collect();
                self.findings
                    .error(
                        codes::UNKNOWN_SETTING,
                        setting.span,
                        format!("the program has no setting `{}`", setting.name),
                    )
                    .suggest(&setting.name, known.iter().map(SmolStr::as_str));
                self.findings
                    .list
                    .last_mut()
                    .into_iter()
                    .for_each(|f| f.fix = None);
            }
        }
        let names: Vec<SmolStr> = self.names.lets.keys().cloned().collect();
        for name in &names {
            self.let_named(name, None);
        }
    }

    /// The hash's view of the settings: their names and values.
    pub fn setting_values(&mut self) -> Vec<(SmolStr, String)> {
        let names: Vec<SmolStr> = self.names.lets.keys().cloned().collect();
        names
            .into_iter()
            .map(|name| {
                (
                    name.clone(),
                    format!("{:?}", self.let_named(&name, None).expr),
                )
            })
            .collect()
    }

    /// The value of the let that a path names.
    pub(super) fn let_value(&mut self, name: &Name) -> Typed {
        if self.lets.open.last() != Some(&name.text) {
            self.facts.used_lets.insert(name.text.clone());
        }
        self.let_named(&name.text, Some(name.span))
    }

    fn let_named(&mut self, name: &SmolStr, used_at: Option<Span>) -> Typed {
        match self.lets.values.get(name) {
            Some(State::Done(typed)) => return typed.clone(),
            Some(State::Open) => {
                let span = used_at.or_else(|| self.names.lets.get(name).map(|l| l.name.span));
                if let Some(span) = span {
                    self.findings.error(
                        codes::RECURSION,
                        span,
                        format!("`{name}` is made of itself"),
                    );
                }
                return Typed::unknown();
            }
            None => {}
        }
        let Some(item) = self.names.lets.get(name).copied() else {
            return Typed::unknown();
        };
        if self.lets.open.len() >= MOST_DEPTH {
            self.findings.error(
                codes::TOO_LARGE,
                item.name.span,
                format!("`{name}` is made of more than {MOST_DEPTH} lets"),
            );
            return Typed::unknown();
        }
        self.lets.values.insert(name.clone(), State::Open);
        self.lets.open.push(name.clone());
        let typed = self.evaluated(item);
        self.lets.open.pop();
        let typed = Typed {
            setting: true,
            ..typed
        };
        self.lets
            .values
            .insert(name.clone(), State::Done(typed.clone()));
        typed
    }

    fn evaluated(&mut self, item: &'a ast::LetItem) -> Typed {
        let declared = item.ty.as_ref().and_then(|ty| self.declared_type(ty));
        let setting = self
            .input
            .settings
            .iter()
            .rev()
            .find(|s| s.name == item.name.text);
        let default_needed = setting.is_none();
        let default = if default_needed || item.ty.is_none() {
            self.default_of(item, default_needed)
        } else {
            Typed::unknown()
        };
        let (typed, span) = match setting {
            Some(setting) => (self.overridden(setting), setting.span),
            None => (default.clone(), item.value.span),
        };
        let wanted = match (&declared, setting) {
            (Some((ty, or_null)), _) => Some((ty.clone(), *or_null)),
            // Without a declaration a setting keeps the kind of its default.
            (None, Some(_)) => Some((widened(&default.ty), true)),
            (None, None) => None,
        };
        let Some((ty, or_null)) = wanted else {
            return Typed {
                ty: widened(&typed.ty),
                ..typed
            };
        };
        let null = matches!(typed.ty, Type::Null);
        let fits = if null {
            or_null
        } else {
            of_kind(&typed.ty, &ty)
        };
        if !fits {
            let wants = if or_null && declared.is_some() {
                format!("{} or null", article(&ty))
            } else {
                article(&ty)
            };
            let message = format!(
                "`{}` is {}, and its value {} is {}",
                item.name.text,
                wants,
                self.value_text(setting, item),
                article(&typed.ty)
            );
            let described = self.findings.error(codes::SETTING_TYPE, span, message);
            match (&item.ty, setting) {
                (Some(ty), _) => described.label(ty.span, "its type is declared here"),
                (None, Some(_)) => described.label(item.value.span, "its default is here"),
                (None, None) => described,
            };
            return Typed::unknown();
        }
        Typed {
            ty,
            nullable: or_null || typed.nullable,
            ..typed
        }
    }

    fn value_text(&self, setting: Option<&Setting>, item: &ast::LetItem) -> String {
        match setting {
            Some(setting) => format!("`{}`", setting.text),
            None => format!("`{}`", self.text(item.value.span)),
        }
    }

    fn default_of(&mut self, item: &'a ast::LetItem, needed: bool) -> Typed {
        let before = self.findings.list.len();
        let typed = self.constant(&item.value);
        let missing = self.findings.list[before..]
            .iter()
            .position(|f| f.code == codes::MISSING_VARIABLE);
        if let Some(at) = missing {
            let or_null = item.ty.as_ref().is_some_and(|ty| ty.or_null);
            if or_null || !needed {
                self.findings.list.remove(before + at);
                return Typed {
                    expr: Expr::Const(Value::Null),
                    ty: if needed { Type::Null } else { Type::Any },
                    ..typed
                };
            }
        }
        typed
    }

    /// Compiles an expression without records, and evaluates what can be.
    fn constant(&mut self, expr: &ast::Expr) -> Typed {
        let scope = Scope {
            env: true,
            ..Scope::without_fields(CONSTANT)
        };
        let typed = self.expr(&mut Frame::default(), &scope, expr);
        match constant_value(&typed.expr, &typed) {
            Some(Ok(value)) => {
                let nullable = value.is_null();
                let ty = if nullable {
                    Type::Null
                } else {
                    typed.ty.clone()
                };
                let ty = if nullable
                    && matches!(typed.ty, Type::Any)
                    && !matches!(expr.kind, ExprKind::Literal(_))
                {
                    Type::Any
                } else {
                    ty
                };
                Typed {
                    expr: Expr::Const(value),
                    nullable,
                    size: 1,
                    ty,
                    ..typed
                }
            }
            Some(Err(error)) => {
                self.findings.error(
                    codes::FAILING_CONSTANT,
                    expr.span,
                    format!("this constant has no value: {error}"),
                );
                Typed::unknown()
            }
            None => typed,
        }
    }

    /// The value of a `--set`: an expression, or text where it does not parse or names nothing.
    fn overridden(&mut self, setting: &'a Setting) -> Typed {
        if let Some(expr) = &setting.expr {
            let before = self.findings.list.len();
            let typed = self.constant(expr);
            let found = self.findings.list.split_off(before);
            let names_nothing = |f: &crate::diagnostic::Finding| {
                [
                    codes::NOT_CONSTANT,
                    codes::UNKNOWN_NAME,
                    codes::UNKNOWN_FUNCTION,
                    codes::UNKNOWN_STORE,
                    codes::MISPLACED,
                ]
                .contains(&f.code)
            };
            if !found.iter().any(names_nothing) {
                self.findings.list.extend(found);
                return typed;
            }
        }
        self.notes.push(format!(
            "--set {}: `{}` is taken as text",
            setting.name, setting.text
        ));
        Typed::constant(Value::Text(setting.text.as_str().into()))
    }

    fn declared_type(&mut self, name: &ast::TypeName) -> Option<(Type, bool)> {
        let ty = match name.name.text.as_str() {
            "text" => Type::Text { max: None },
            "number" => Type::Number { scale: None },
            "bool" => Type::Bool,
            "date" => Type::Date,
            "instant" => Type::Instant,
            "duration" => Type::Duration,
            "id" => Type::Id,
            "list" => Type::List(Box::new(Type::Any)),
            other => {
                let known = [
                    "text", "number", "bool", "date", "instant", "duration", "id", "list",
                ];
                self.findings
                    .error(
                        codes::UNKNOWN_TYPE,
                        name.name.span,
                        format!("there is no type `{other}`"),
                    )
                    .suggest(other, known);
                let mut assumed = name.clone();
                assumed.name.text = super::sink::meant(other, known)?;
                return self.declared_type(&assumed);
            }
        };
        Some((ty, name.or_null))
    }

    pub(super) fn missing_variable(&mut self, name: &str, span: Span) {
        self.findings
            .error(codes::MISSING_VARIABLE, span, format!("the environment has no variable `{name}`"))
            .help(format!("set it, give a default: `env(\"{name}\", \"…\")`, or declare the `let` with `or null`"));
    }
}

/// The type of a setting whose value may be another one tomorrow: without the length of today's text.
fn widened(ty: &Type) -> Type {
    match ty {
        Type::Text { .. } => Type::Text { max: None },
        Type::List(member) => Type::List(Box::new(widened(member))),
        Type::Null => Type::Any,
        other => other.clone(),
    }
}

/// Whether a value of type `given` can stand in a setting of type `wanted`.
fn of_kind(given: &Type, wanted: &Type) -> bool {
    match (given, wanted) {
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::List(_), Type::List(_)) => true,
        (Type::Text { .. }, Type::Id) => true,
        (Type::Date, Type::Instant) => true,
        (given, wanted) => std::mem::discriminant(given) == std::mem::discriminant(wanted),
    }
}
