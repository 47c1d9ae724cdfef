//! Fingerprints and record ids.

use std::borrow::Cow;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::arguments::text;
use crate::program::evaluate::{EvalError, Val};
use crate::value::{self, Value};

pub(super) fn sha256(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    let digest = Sha256::digest(text(&first)?.as_bytes());
    let mut hex = String::with_capacity(64);
    for byte in digest {
        // Writing to a String does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    Ok(Cow::Owned(Value::Text(hex.into())))
}

pub(super) fn id18(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    let long = match &*first {
        Value::Text(text) => value::id18(text),
        _ => None,
    };
    Ok(long.map_or(first, |long| Cow::Owned(Value::Text(long))))
}
