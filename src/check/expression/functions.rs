//! The program's own functions: checked once where they are declared, and inlined where they are called.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::call::counted;
use super::{Bare, Scope, Typed, count};
use crate::check::{Checker, Frame};
use crate::diagnostic::{Finding, Label, Span, codes};
use crate::syntax::ast::{self, Name};
use crate::value::Type;

/// How far each function is checked.
#[derive(Debug, Default)]
pub(crate) struct FunctionStates(FxHashMap<SmolStr, State>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Being checked: a call of it now is a recursion.
    Open,
    Sound,
    /// It has a finding: calls of it get none.
    Broken,
}

/// Nodes of one inlined call.
const MOST_NODES: u32 = 10_000;
/// Levels of one inlined call.
const MOST_LEVELS: u32 = 500;
/// Functions that call functions.
const MOST_DEPTH: u32 = 64;

/// What a name in a function is, as findings say that it is none.
const FUNCTION: &str = "parameter of this function, and no `let`";

impl<'a> Checker<'a> {
    /// Checks every function by itself, so that its own mistakes are told once, where it is declared.
    pub fn check_functions(&mut self) {
        let names: Vec<SmolStr> = self.names.functions.keys().cloned().collect();
        for name in names {
            self.function_state(&name, 0);
        }
    }

    fn function_state(&mut self, name: &SmolStr, depth: u32) -> State {
        if let Some(state) = self.functions.0.get(name) {
            return *state;
        }
        let Some(item) = self.names.functions.get(name).copied() else {
            return State::Broken;
        };
        self.functions.0.insert(name.clone(), State::Open);
        let before = count(&self.findings);
        for (i, param) in item.params.iter().enumerate() {
            if let Some(first) = item.params[..i].iter().find(|p| p.text == param.text) {
                crate::check::names::duplicate(
                    &mut self.findings,
                    codes::DUPLICATE_NAME,
                    "parameter",
                    param,
                    first.span,
                );
            }
        }
        let params = item
            .params
            .iter()
            .map(|p| (p.text.clone(), Typed::unknown()))
            .collect();
        let scope = Scope {
            params,
            depth: depth + 1,
            ..Scope::without_fields(FUNCTION)
        };
        let mut frame = Frame::default();
        let round_robins = self.round_robins;
        self.expr(&mut frame, &scope, &item.body);
        self.round_robins = round_robins;
        // A recursion that was found meanwhile has made this one broken already.
        let found =
            count(&self.findings) > before || self.functions.0.get(name) == Some(&State::Broken);
        let state = if found { State::Broken } else { State::Sound };
        self.functions.0.insert(name.clone(), state);
        state
    }

    pub(super) fn inlined(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        name: &Name,
        args: &[ast::Expr],
        span: Span,
    ) -> Typed {
        if !matches!(scope.bare, Bare::NoFields(FUNCTION)) {
            self.facts.used_functions.insert(name.text.clone());
        } else {
            self.facts.used_by_functions.insert(name.text.clone());
        }
        let typed: Vec<Typed> = args.iter().map(|a| self.expr(frame, scope, a)).collect();
        let Some(item) = self.names.functions.get(&name.text).copied() else {
            return Typed::unknown();
        };
        match self.function_state(&name.text, scope.depth) {
            State::Open => {
                self.findings
                    .error(
                        codes::RECURSION,
                        name.span,
                        format!("`{}` calls itself, and functions do not recurse", name.text),
                    )
                    .label(item.name.span, "the function is here");
                self.functions.0.insert(name.text.clone(), State::Broken);
                return Typed::unknown();
            }
            State::Broken | State::Sound if typed.len() != item.params.len() => {
                self.other_arity(name, item, typed.len(), span);
                return Typed::unknown();
            }
            State::Broken => return Typed::unknown(),
            State::Sound => {}
        }
        if scope.depth >= MOST_DEPTH {
            self.findings.error(
                codes::TOO_LARGE,
                name.span,
                format!(
                    "`{}` is called through more than {MOST_DEPTH} functions",
                    name.text
                ),
            );
            return Typed::unknown();
        }
        self.body(frame, scope, item, typed, span)
    }

    fn body(
        &mut self,
        frame: &mut Frame,
        scope: &Scope,
        item: &'a ast::FnItem,
        args: Vec<Typed>,
        span: Span,
    ) -> Typed {
        let params = item
            .params
            .iter()
            .map(|p| p.text.clone())
            .zip(args)
            .collect();
        let inner = Scope {
            params,
            it: None,
            env: false,
            bare: match scope.bare {
                Bare::Side(side) => Bare::Inlined(side),
                other => other,
            },
            depth: scope.depth + 1,
            ..scope.clone()
        };
        let before = count(&self.findings);
        let typed = self.expr(frame, &inner, &item.body);
        if count(&self.findings) > before {
            let mut found = self.findings.list.split_off(before);
            found.truncate(1);
            let place = format!("in `{}`", item.name.text);
            if let Some(first) = found.pop()
                && !self.told_of(&first, &place, span)
            {
                self.findings
                    .error(first.code, span, first.message)
                    .label(first.span, place)
                    .maybe_help(first.help);
            }
            return Typed {
                ty: Type::Any,
                unknown: true,
                ..typed
            };
        }
        if typed.size > MOST_NODES || typed.depth > MOST_LEVELS {
            let message = format!(
                "this call grows to more than {MOST_NODES} operations, or {MOST_LEVELS} levels"
            );
            self.findings
                .error(codes::TOO_LARGE, span, message)
                .label(item.name.span, "the function is here");
            return Typed::unknown();
        }
        typed
    }

    /// A call with another number of arguments than the function has parameters; several that agree have one finding, since it may be the
    /// function that changed.
    fn other_arity(&mut self, name: &Name, item: &ast::FnItem, given: usize, span: Span) {
        let takes = counted(item.params.len());
        let message = format!("`{}` takes {takes}, not {given}", name.text);
        let told = self
            .findings
            .list
            .iter_mut()
            .find(|f| f.code == codes::WRONG_ARITY && f.message == message);
        if let Some(told) = told {
            if told.span != span {
                told.labels.push(Label {
                    span,
                    message: "and here".to_owned(),
                });
            }
            return;
        }
        let params = item.params.iter().map(|p| p.text.as_str());
        let params: Vec<&str> = params.collect();
        self.findings
            .error(codes::WRONG_ARITY, span, message)
            .label(item.name.span, "the function is here")
            .help(format!("it is `{}({})`", name.text, params.join(", ")));
    }

    /// Whether another call of the function has the same finding: it then speaks for this call too.
    fn told_of(&mut self, found: &Finding, place: &str, call: Span) -> bool {
        let same = |f: &&mut Finding| {
            f.code == found.code
                && f.message == found.message
                && f.labels
                    .first()
                    .is_some_and(|l| l.span == found.span && l.message == place)
        };
        let Some(told) = self.findings.list.iter_mut().find(same) else {
            return false;
        };
        if told.span != call {
            told.labels.push(Label {
                span: call,
                message: "and called here".to_owned(),
            });
        }
        true
    }
}
