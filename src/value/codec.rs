//! A compact, stable byte form of values, for the ledger: a tag byte, then the payload; integers are zigzag varints.

use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveDate};
use indexmap::IndexMap;
use rust_decimal::Decimal;
use smol_str::SmolStr;

use super::Value;

/// Lists and objects nested deeper than this are no value's bytes: garbage can't exhaust the stack.
const MAX_DEPTH: u32 = 200;

const ABSENT: u8 = 0;
const NULL: u8 = 1;
const FALSE: u8 = 2;
const TRUE: u8 = 3;
const INT: u8 = 4;
const DECIMAL: u8 = 5;
const TEXT: u8 = 6;
const DATE: u8 = 7;
const INSTANT: u8 = 8;
const DURATION: u8 = 9;
const LIST: u8 = 10;
const OBJECT: u8 = 11;

/// Appends the value's byte form to `out`.
#[inline]
pub fn encode(value: &Value, out: &mut Vec<u8>) {
    // Most values are short texts.
    if let Value::Text(text) = value
        && let length @ 0..0x80 = text.len()
    {
        out.reserve(2 + length);
        out.extend_from_slice(&[TEXT, length as u8]);
        out.extend_from_slice(text.as_bytes());
    } else {
        encode_any(value, out);
    }
}

fn encode_any(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Absent => out.push(ABSENT),
        Value::Null => out.push(NULL),
        Value::Bool(false) => out.push(FALSE),
        Value::Bool(true) => out.push(TRUE),
        Value::Int(number) => {
            out.push(INT);
            put_signed((*number).into(), out);
        }
        Value::Decimal(number) => {
            out.push(DECIMAL);
            // A scale is at most 28.
            out.push(number.scale() as u8);
            put_signed(number.mantissa(), out);
        }
        Value::Text(text) => {
            out.push(TEXT);
            put_text(text, out);
        }
        Value::Date(date) => {
            out.push(DATE);
            put_signed(date.num_days_from_ce().into(), out);
        }
        Value::Instant(instant) => {
            out.push(INSTANT);
            put_signed(instant.timestamp().into(), out);
            put_unsigned(instant.timestamp_subsec_nanos().into(), out);
        }
        Value::Duration(millis) => {
            out.push(DURATION);
            put_signed((*millis).into(), out);
        }
        Value::List(items) => {
            out.push(LIST);
            put_unsigned(items.len() as u128, out);
            items.iter().for_each(|item| encode(item, out));
        }
        Value::Object(members) => {
            out.push(OBJECT);
            put_unsigned(members.len() as u128, out);
            for (name, member) in members.iter() {
                put_text(name, out);
                encode(member, out);
            }
        }
    }
}

/// The value at `at`, which moves past it; `None` for bytes that are no value's.
pub fn decode(bytes: &[u8], at: &mut usize) -> Option<Value> {
    // Most values are short texts.
    if let Some([TEXT, length @ 0..0x80]) = bytes.get(*at..*at + 2) {
        let end = *at + 2 + usize::from(*length);
        let text = std::str::from_utf8(bytes.get(*at + 2..end)?).ok()?;
        *at = end;
        return Some(Value::Text(SmolStr::new(text)));
    }
    let mut reader = Reader { bytes, at: *at };
    let value = reader.value(MAX_DEPTH)?;
    *at = reader.at;
    Some(value)
}

fn put_unsigned(mut number: u128, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_signed(number: i128, out: &mut Vec<u8>) {
    put_unsigned(((number << 1) ^ (number >> 127)) as u128, out);
}

fn put_text(text: &str, out: &mut Vec<u8>) {
    put_unsigned(text.len() as u128, out);
    out.extend_from_slice(text.as_bytes());
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn unsigned(&mut self) -> Option<u128> {
        if let Some(small) = self.bytes.get(self.at).filter(|byte| **byte < 0x80) {
            self.at += 1;
            return Some(u128::from(*small));
        }
        let mut number = 0_u128;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            number |= u128::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i128> {
        let number = self.unsigned()?;
        Some((number >> 1) as i128 ^ -((number & 1) as i128))
    }

    fn int(&mut self) -> Option<i64> {
        i64::try_from(self.signed()?).ok()
    }

    /// A count of things that take at least one byte each.
    fn count(&mut self) -> Option<usize> {
        let small = self.bytes.get(self.at).filter(|byte| **byte < 0x80);
        let count = match small {
            Some(byte) => {
                self.at += 1;
                usize::from(*byte)
            }
            None => usize::try_from(self.unsigned()?).ok()?,
        };
        (count <= self.bytes.len() - self.at).then_some(count)
    }

    fn text(&mut self) -> Option<SmolStr> {
        let length = self.count()?;
        let text = std::str::from_utf8(self.bytes.get(self.at..self.at + length)?).ok()?;
        self.at += length;
        Some(SmolStr::new(text))
    }

    fn value(&mut self, depth: u32) -> Option<Value> {
        Some(match self.byte()? {
            ABSENT => Value::Absent,
            NULL => Value::Null,
            FALSE => Value::Bool(false),
            TRUE => Value::Bool(true),
            INT => Value::Int(self.int()?),
            DECIMAL => {
                let scale = self.byte()?;
                Value::Decimal(
                    Decimal::try_from_i128_with_scale(self.signed()?, scale.into()).ok()?,
                )
            }
            TEXT => Value::Text(self.text()?),
            DATE => Value::Date(NaiveDate::from_num_days_from_ce_opt(
                i32::try_from(self.signed()?).ok()?,
            )?),
            INSTANT => {
                let seconds = self.int()?;
                Value::Instant(DateTime::from_timestamp(
                    seconds,
                    u32::try_from(self.unsigned()?).ok()?,
                )?)
            }
            DURATION => Value::Duration(self.int()?),
            LIST => {
                let depth = depth.checked_sub(1)?;
                let count = self.count()?;
                // Grown as the items arrive: a false count reserves nothing.
                let mut items = Vec::new();
                for _ in 0..count {
                    items.push(self.value(depth)?);
                }
                Value::List(Arc::new(items))
            }
            OBJECT => {
                let depth = depth.checked_sub(1)?;
                let count = self.count()?;
                let mut members = IndexMap::new();
                for _ in 0..count {
                    let name = self.text()?;
                    members.insert(name, self.value(depth)?);
                }
                Value::Object(Arc::new(members))
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::any_value;
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_form_is_stable() {
        let mut bytes = Vec::new();
        for value in [
            Value::Null,
            Value::Int(-3),
            Value::Text("hé".into()),
            Value::Decimal(Decimal::new(350, 2)),
            Value::Bool(true),
        ] {
            encode(&value, &mut bytes);
        }
        assert_eq!(bytes, [1, 4, 5, 6, 3, b'h', 0xc3, 0xa9, 5, 2, 0xbc, 5, 3]);
    }

    #[test]
    fn depth_is_capped() {
        let bytes: Vec<u8> = [LIST, 1].repeat(100_000);
        assert_eq!(decode(&bytes, &mut 0), None);
    }

    proptest! {
        #[test]
        fn a_value_survives_its_bytes(values in prop::collection::vec(any_value(), 0..4)) {
            let mut bytes = Vec::new();
            values.iter().for_each(|value| encode(value, &mut bytes));
            let mut at = 0;
            for value in &values {
                prop_assert_eq!(decode(&bytes, &mut at), Some(value.clone()));
            }
            prop_assert_eq!(at, bytes.len());
        }

        #[test]
        fn garbage_is_no_value_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let mut at = 0;
            while decode(&bytes, &mut at).is_some() {}
            prop_assert!(at <= bytes.len());
        }
    }
}
