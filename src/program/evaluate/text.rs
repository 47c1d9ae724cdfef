//! Interpolation, and the cap on how long a text can get.

use std::borrow::Cow;
use std::fmt::Write;

use smol_str::{SmolStr, SmolStrBuilder};

use super::{EvalError, Scope, Val, value};
use crate::program::TextPart;
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
            TextPart::Expr(expr) => text.push_value(&*value(expr, scope, depth)?)?,
        }
    }
    Ok(Cow::Owned(Value::Text(text.finish())))
}
