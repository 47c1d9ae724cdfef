//! Fingerprints and record ids.

use std::borrow::Cow;
use std::fmt::Write;

use sha2::{Digest, Sha256};

use super::arguments::text;
use crate::program::evaluate::{EvalError, Val};
use crate::value::Value;

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
    let short = match &*first {
        Value::Text(text)
            if text.len() == 15 && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            text
        }
        _ => return Ok(first),
    };
    let mut long = short.to_string();
    // Each of the three characters tells which of five are capitals, the first being the lowest bit.
    for five in short.as_bytes().chunks(5) {
        let bits = five.iter().rev().fold(0u8, |bits, byte| {
            bits << 1 | u8::from(byte.is_ascii_uppercase())
        });
        long.push(char::from(if bits < 26 {
            b'A' + bits
        } else {
            b'0' + bits - 26
        }));
    }
    Ok(Cow::Owned(Value::Text(long.into())))
}
