//! Interpolation, and the cap on how long a text can get.

use std::borrow::Cow;
use std::fmt::Write;

use smol_str::{SmolStr, SmolStrBuilder};

use super::{DEEPEST, EvalError, Scope, Val, see};
use crate::program::{Expr, Function, TextPart};
use crate::value::Value;

/// Bytes of the longest text that an expression makes, so that texts that double at each step stay bounded.
pub(in crate::program) const LONGEST: usize = 16 << 20;

/// A text that is being made, of at most [`LONGEST`] bytes.
#[derive(Default)]
pub(in crate::program) struct LongText(SmolStrBuilder);

impl LongText {
    pub(in crate::program) fn push(&mut self, text: &str) -> Result<(), EvalError> {
        if self.0.len() + text.len() > LONGEST {
            return Err(too_long());
        }
        self.0.push_str(text);
        Ok(())
    }

    /// The value as text; nothing for null.
    pub(in crate::program) fn push_value(&mut self, value: &Value) -> Result<(), EvalError> {
        match value {
            Value::Null | Value::Absent => Ok(()),
            Value::Text(text) => self.push(text),
            other => write!(self, "{other}").map_err(|_| too_long()),
        }
    }

    pub(in crate::program) fn finish(self) -> SmolStr {
        self.0.finish()
    }
}

impl Write for LongText {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.push(text).map_err(|_| std::fmt::Error)
    }
}

pub(in crate::program) fn too_long() -> EvalError {
    EvalError::Value("the text gets longer than 16 MiB".to_owned())
}

pub(super) fn interpolate<'a>(
    parts: &'a [TextPart],
    scope: &'a dyn Scope,
    depth: u32,
) -> Result<Val<'a>, EvalError> {
    let mut text = LongText::default();
    for part in parts {
        match part {
            TextPart::Text(part) => text.push(part)?,
            TextPart::Expr(expr) => see(expr, scope, depth, |value| text.push_value(value))??,
        }
    }
    Ok(Cow::Owned(Value::Text(text.finish())))
}

/// What `trim` leaves of a text that stands in the record or the program, where it is not all of it: the function around needs no copy.
pub(super) fn trimmed<'a>(expr: &'a Expr, scope: &'a dyn Scope, depth: u32) -> Option<&'a str> {
    let Expr::Call(Function::Trim, args) = expr else {
        return None;
    };
    let whole = match args.as_slice() {
        [Expr::Field(side, slot)] if depth < DEEPEST => scope.field(*side, *slot),
        _ => return None,
    };
    let Value::Text(whole) = whole else {
        return None;
    };
    let left = whole.trim();
    (left.len() < whole.len()).then_some(left)
}
