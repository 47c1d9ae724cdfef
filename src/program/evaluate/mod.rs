//! Evaluation of compiled expressions: total, deterministic, without input or output (language reference, section 6).

mod arithmetic;
mod compare;
mod moment;
mod no_record;
mod text;

pub use no_record::NoRecord;

use std::borrow::Cow;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::functions;
use super::{Expr, Function, PathStep, QueryRef, Side, Slot};
use crate::value::{Type, Value, convert};

pub(super) use compare::{equal, order, truth};
pub(super) use moment::Moment;
pub(super) use text::{LONGEST, LongText, too_long};

/// A value that is borrowed from the record or the program where it can be.
pub(super) type Val<'a> = Cow<'a, Value>;

/// Null for borrowing.
pub(super) static NULL: Value = Value::Null;

/// How deep expressions may nest; beyond, evaluation is an error rather than an overflow of the stack.
const DEEPEST: u32 = 512;

/// What an expression can see.
pub trait Scope {
    /// The field's value; null where there is no record on that side.
    fn field(&self, side: Side, slot: Slot) -> &Value;
    fn was(&self, side: Side, slot: Slot) -> Value;
    /// The name of the alternative at hand.
    fn alternative(&self) -> &str;
    fn by_hand(&self) -> bool;
    /// The run's clock.
    fn now(&self) -> DateTime<Utc>;
    /// The value that a lens converts.
    fn it(&self) -> &Value;
    /// The answer of a query, fetched beforehand or now.
    ///
    /// # Errors
    /// Several records found where one is meant; a store that does not answer.
    fn query(&self, query: QueryRef) -> Result<Value, EvalError>;
    /// The next member of the list, in turn.
    fn round_robin(&self, number: u16, list: &[Value]) -> Value;
}

/// Why an expression has no value: an error of that record and field.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EvalError {
    #[error("division by zero")]
    DivisionByZero,
    /// What does not parse and as what: "`abc` is not a number".
    #[error("{0}")]
    Value(String),
    #[error("{0}")]
    Query(String),
    /// The answer exists only once an operation of this run is done; see `plan`.
    #[error("known once the record is made")]
    NotYet,
}

impl EvalError {
    /// "`abc` is not a number"
    pub(super) fn is_not(value: &Value, what: &str) -> EvalError {
        EvalError::Value(format!("`{}` is not {what}", shown(value)))
    }
}

/// The value for a message, cut where it is long.
pub(super) fn shown(value: &Value) -> String {
    const SHOWN: usize = 60;
    let mut text = value.to_string();
    if let Some((end, _)) = text.char_indices().nth(SHOWN) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// The value of `expr` in `scope`.
///
/// # Errors
/// See [`EvalError`]; no input makes it panic or loop.
pub fn evaluate(expr: &Expr, scope: &dyn Scope) -> Result<Value, EvalError> {
    value(expr, scope, 0).map(Cow::into_owned)
}

/// As [`evaluate`], borrowing the value where the expression only passes it on.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_ref<'a>(expr: &'a Expr, scope: &'a dyn Scope) -> Result<Cow<'a, Value>, EvalError> {
    value(expr, scope, 0)
}

/// Whether a condition holds: comparisons with null are false; an integer column is true unless 0.
///
/// # Errors
/// As [`evaluate`].
pub fn is_true(expr: &Expr, scope: &dyn Scope) -> Result<bool, EvalError> {
    holds(expr, scope, 0)
}

fn value<'a>(expr: &'a Expr, scope: &'a dyn Scope, depth: u32) -> Result<Val<'a>, EvalError> {
    if depth > DEEPEST {
        return Err(too_deep());
    }
    let depth = depth + 1;
    match expr {
        Expr::Const(constant) => Ok(Cow::Borrowed(constant)),
        Expr::Field(side, slot) => Ok(Cow::Borrowed(scope.field(*side, *slot))),
        Expr::It => Ok(Cow::Borrowed(scope.it())),
        Expr::Interpolate(parts) => text::interpolate(parts, scope, depth),
        Expr::Call(function, args) => call(*function, args, scope, depth),
        Expr::If(condition, then, otherwise) => branch(condition, then, otherwise, scope, depth),
        Expr::Coalesce(first, second) => {
            let first = value(first, scope, depth)?;
            if first.is_null() {
                value(second, scope, depth)
            } else {
                Ok(first)
            }
        }
        Expr::Arithmetic(operator, a, b) => {
            let (a, b) = (value(a, scope, depth)?, value(b, scope, depth)?);
            arithmetic::apply(*operator, &a, &b).map(Cow::Owned)
        }
        Expr::Negate(operand) => {
            arithmetic::negate(&*value(operand, scope, depth)?).map(Cow::Owned)
        }
        Expr::Path(base, steps) => path(value(base, scope, depth)?, steps, scope, depth),
        Expr::List(members) => {
            list(members, scope, depth).map(|members| Cow::Owned(Value::List(Arc::new(members))))
        }
        Expr::Not(_)
        | Expr::And(_)
        | Expr::Or(_)
        | Expr::Compare(..)
        | Expr::IsNull { .. }
        | Expr::IsEmpty { .. }
        | Expr::In { .. }
        | Expr::Matches(..) => {
            holds(expr, scope, depth).map(|holds| Cow::Owned(Value::Bool(holds)))
        }
        Expr::Was(..)
        | Expr::Alternative
        | Expr::ByHand
        | Expr::Now
        | Expr::Today
        | Expr::Query(_)
        | Expr::RoundRobin(..) => surroundings(expr, scope, depth).map(Cow::Owned),
    }
}

fn holds(expr: &Expr, scope: &dyn Scope, depth: u32) -> Result<bool, EvalError> {
    if depth > DEEPEST {
        return Err(too_deep());
    }
    let depth = depth + 1;
    match expr {
        Expr::Not(operand) => holds(operand, scope, depth).map(|holds| !holds),
        Expr::And(operands) => {
            for operand in operands {
                if !holds(operand, scope, depth)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Expr::Or(operands) => {
            for operand in operands {
                if holds(operand, scope, depth)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Expr::Compare(comparison, a, b) => see(a, scope, depth, |a| {
            see(b, scope, depth, |b| compare::compare(*comparison, a, b))
        })?,
        Expr::IsNull { operand, negated } => {
            see(operand, scope, depth, |value| value.is_null() != *negated)
        }
        Expr::IsEmpty { operand, negated } => {
            see(operand, scope, depth, |value| is_empty(value) != *negated)
        }
        Expr::In {
            operand,
            list,
            negated,
        } => is_in(operand, list, *negated, scope, depth),
        Expr::Matches(operand, regex) => match &*value(operand, scope, depth)? {
            Value::Text(text) => Ok(regex.is_match(text)),
            Value::Null | Value::Absent | Value::List(_) | Value::Object(_) => Ok(false),
            other => Ok(regex.is_match(&other.to_string())),
        },
        _ => Ok(truth(&*value(expr, scope, depth)?)),
    }
}

/// Looks at an expression's value. What only names one is looked at where it stands: moving it through results costs more than most looks.
#[inline]
fn see<T>(
    expr: &Expr,
    scope: &dyn Scope,
    depth: u32,
    look: impl FnOnce(&Value) -> T,
) -> Result<T, EvalError> {
    match expr {
        Expr::Const(constant) if depth <= DEEPEST => Ok(look(constant)),
        Expr::Field(side, slot) if depth <= DEEPEST => Ok(look(scope.field(*side, *slot))),
        _ => value(expr, scope, depth).map(|value| look(&value)),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::List(members) => members.is_empty(),
        other => other.is_blank(),
    }
}

/// As every comparison with null, `in` and `not in` are false where the operand or the list is null.
fn is_in(
    operand: &Expr,
    list: &Expr,
    negated: bool,
    scope: &dyn Scope,
    depth: u32,
) -> Result<bool, EvalError> {
    let operand = value(operand, scope, depth)?;
    if operand.is_null() {
        return Ok(false);
    }
    let found = match list {
        Expr::List(members) => {
            let mut found = false;
            for member in members {
                if equal(&operand, &*value(member, scope, depth)?) {
                    found = true;
                    break;
                }
            }
            found
        }
        list => match &*value(list, scope, depth)? {
            Value::List(members) => members.iter().any(|member| equal(&operand, member)),
            Value::Null | Value::Absent => return Ok(false),
            other => return Err(EvalError::is_not(other, "a list")),
        },
    };
    Ok(found != negated)
}

/// A chain of `else if` takes no depth.
fn branch<'a>(
    mut condition: &'a Expr,
    mut then: &'a Expr,
    mut otherwise: &'a Expr,
    scope: &'a dyn Scope,
    depth: u32,
) -> Result<Val<'a>, EvalError> {
    loop {
        if holds(condition, scope, depth)? {
            return value(then, scope, depth);
        }
        match otherwise {
            Expr::If(next_condition, next_then, next_otherwise) => {
                (condition, then, otherwise) = (next_condition, next_then, next_otherwise);
            }
            last => return value(last, scope, depth),
        }
    }
}

fn list(members: &[Expr], scope: &dyn Scope, depth: u32) -> Result<Vec<Value>, EvalError> {
    members
        .iter()
        .map(|member| value(member, scope, depth).map(Cow::into_owned))
        .collect()
}

/// What is not there is null: a member, an index, the structure itself. A text column may hold the structure as JSON.
fn path<'a>(
    base: Val<'a>,
    steps: &'a [PathStep],
    scope: &'a dyn Scope,
    depth: u32,
) -> Result<Val<'a>, EvalError> {
    match base {
        Cow::Borrowed(Value::Text(_)) | Cow::Owned(Value::Text(_)) => {
            match convert(base.into_owned(), &Type::Object) {
                Ok(base) => walk(&base, steps, scope, depth).map(|found| Cow::Owned(found.clone())),
                Err(_) => Ok(Cow::Borrowed(&NULL)),
            }
        }
        Cow::Borrowed(base) => walk(base, steps, scope, depth).map(Cow::Borrowed),
        Cow::Owned(base) => walk(&base, steps, scope, depth).map(|found| Cow::Owned(found.clone())),
    }
}

fn walk<'v>(
    base: &'v Value,
    steps: &[PathStep],
    scope: &dyn Scope,
    depth: u32,
) -> Result<&'v Value, EvalError> {
    let mut at = base;
    for step in steps {
        let next = match (step, at) {
            (PathStep::Member(name), Value::Object(members)) => members.get(name),
            (PathStep::Index(index), Value::List(members)) => {
                let index = functions::whole(&*value(index, scope, depth)?)?;
                index
                    .and_then(|index| usize::try_from(index).ok())
                    .and_then(|index| members.get(index))
            }
            _ => None,
        };
        let Some(next) = next else { return Ok(&NULL) };
        at = next;
    }
    Ok(at)
}

fn call<'a>(
    function: Function,
    args: &'a [Expr],
    scope: &'a dyn Scope,
    depth: u32,
) -> Result<Val<'a>, EvalError> {
    match args {
        [] => Err(EvalError::Value(format!(
            "`{}` without a value",
            functions::signature(function).name
        ))),
        [first] => {
            if let Some(part) = text::trimmed(first, scope, depth)
                && let Some(text) = functions::of_part(function, part)
            {
                return Ok(Cow::Owned(Value::Text(text)));
            }
            functions::call(function, value(first, scope, depth)?, &[])
        }
        [first, second] => {
            let first = value(first, scope, depth)?;
            functions::call(function, first, &[value(second, scope, depth)?])
        }
        [first, rest @ ..] => {
            let first = value(first, scope, depth)?;
            let rest = rest
                .iter()
                .map(|arg| value(arg, scope, depth))
                .collect::<Result<Vec<_>, _>>()?;
            functions::call(function, first, &rest)
        }
    }
}

/// What comes from the run and the record's surroundings.
fn surroundings(expr: &Expr, scope: &dyn Scope, depth: u32) -> Result<Value, EvalError> {
    Ok(match expr {
        Expr::Was(side, slot) => scope.was(*side, *slot),
        Expr::Alternative => Value::Text(scope.alternative().into()),
        Expr::ByHand => Value::Bool(scope.by_hand()),
        Expr::Now => Value::Instant(scope.now()),
        Expr::Today => Value::Date(scope.now().date_naive()),
        Expr::Query(query) => scope.query(*query)?,
        Expr::RoundRobin(list, number) => match &*value(list, scope, depth)? {
            Value::List(members) if !members.is_empty() => scope.round_robin(*number, members),
            Value::List(_) | Value::Null | Value::Absent => Value::Null,
            other => return Err(EvalError::is_not(other, "a list")),
        },
        _ => Value::Null,
    })
}

fn too_deep() -> EvalError {
    EvalError::Value("the expression nests too deeply".to_owned())
}

#[cfg(test)]
mod tests;
