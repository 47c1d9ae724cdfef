//! Functions over texts. A text that stays as it is is handed on, not copied.

use std::borrow::Cow;
use std::sync::Arc;

use smol_str::{SmolStr, StrExt, ToSmolStr};

use super::arguments::{count_at, text as text_of, text_at};
use crate::program::evaluate::{EvalError, LONGEST, LongText, Val, equal, too_long};
use crate::value::Value;

fn of<'a>(text: impl Into<SmolStr>) -> Result<Val<'a>, EvalError> {
    Ok(Cow::Owned(Value::Text(text.into())))
}

fn is<'a>(holds: bool) -> Result<Val<'a>, EvalError> {
    Ok(Cow::Owned(Value::Bool(holds)))
}

pub(super) fn lower(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    if let Value::Text(text) = &*first
        && text.is_ascii()
        && !text.bytes().any(|byte| byte.is_ascii_uppercase())
    {
        return Ok(first);
    }
    of(lowered(&text_of(&first)?))
}

pub(super) fn upper(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    if let Value::Text(text) = &*first
        && text.is_ascii()
        && !text.bytes().any(|byte| byte.is_ascii_lowercase())
    {
        return Ok(first);
    }
    of(uppered(&text_of(&first)?))
}

pub(super) fn lowered(text: &str) -> SmolStr {
    if text.is_ascii() {
        text.to_ascii_lowercase_smolstr()
    } else {
        text.to_lowercase().into()
    }
}

pub(super) fn uppered(text: &str) -> SmolStr {
    if text.is_ascii() {
        text.to_ascii_uppercase_smolstr()
    } else {
        text.to_uppercase().into()
    }
}

pub(super) fn trim(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    part(first, str::trim)
}

/// The part of the first argument that `cut` leaves.
fn part<'a>(first: Val<'a>, cut: impl FnOnce(&str) -> &str) -> Result<Val<'a>, EvalError> {
    if let Value::Text(text) = &*first {
        let left = cut(text);
        if left.len() == text.len() {
            return Ok(first);
        }
        return of(left);
    }
    let text = text_of(&first)?;
    of(cut(&text))
}

pub(super) fn title(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    of(title_case(&text_of(&first)?))
}

pub(super) fn title_case(text: &str) -> String {
    let mut title = String::with_capacity(text.len());
    let mut within_word = false;
    for c in text.chars() {
        if within_word {
            title.extend(c.to_lowercase());
        } else {
            title.extend(c.to_uppercase());
        }
        within_word = c.is_alphanumeric() || matches!(c, '\'' | '\u{2019}');
    }
    title
}

pub(super) fn length(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    let length = match &*first {
        Value::List(members) => members.len(),
        other => text_of(other)?.chars().count(),
    };
    Ok(Cow::Owned(Value::Int(
        i64::try_from(length).unwrap_or(i64::MAX),
    )))
}

/// The byte at which the character number `count` starts, or the text's end.
fn byte_at(text: &str, count: usize) -> usize {
    text.char_indices()
        .nth(count)
        .map_or(text.len(), |(at, _)| at)
}

pub(super) fn left<'a>(first: Val<'a>, rest: &[Val<'a>]) -> Result<Val<'a>, EvalError> {
    let count = count_at(rest, 0)?.unwrap_or(usize::MAX);
    part(first, |text| &text[..byte_at(text, count)])
}

pub(super) fn right<'a>(first: Val<'a>, rest: &[Val<'a>]) -> Result<Val<'a>, EvalError> {
    let count = count_at(rest, 0)?.unwrap_or(usize::MAX);
    part(first, |text| {
        &text[byte_at(text, text.chars().count().saturating_sub(count))..]
    })
}

pub(super) fn substring<'a>(first: Val<'a>, rest: &[Val<'a>]) -> Result<Val<'a>, EvalError> {
    let start = count_at(rest, 0)?.unwrap_or(0);
    let length = count_at(rest, 1)?.unwrap_or(usize::MAX);
    part(first, |text| {
        let tail = &text[byte_at(text, start)..];
        &tail[..byte_at(tail, length)]
    })
}

pub(super) fn replace<'a>(first: Val<'a>, rest: &[Val<'a>]) -> Result<Val<'a>, EvalError> {
    let (Some(part), Some(by)) = (text_at(rest, 0)?, text_at(rest, 1)?) else {
        return Ok(first);
    };
    let text = text_of(&first)?;
    let times = if part.is_empty() {
        0
    } else {
        text.matches(&*part).count()
    };
    if times == 0 {
        drop(text);
        return Ok(first);
    }
    if times.saturating_mul(by.len()).saturating_add(text.len()) > LONGEST {
        return Err(too_long());
    }
    of(text.replace_smolstr(&part, &by))
}

pub(super) fn split<'a>(first: Val<'a>, rest: &[Val<'a>]) -> Result<Val<'a>, EvalError> {
    let separator = text_at(rest, 0)?.unwrap_or_default();
    let text = text_of(&first)?;
    let parts: Vec<Value> = if text.is_empty() {
        Vec::new()
    } else if separator.is_empty() {
        text.chars().map(|c| Value::Text(c.to_smolstr())).collect()
    } else {
        text.split(&*separator)
            .map(|part| Value::Text(part.into()))
            .collect()
    };
    Ok(Cow::Owned(Value::List(Arc::new(parts))))
}

pub(super) fn join<'a>(first: Val<'a>, rest: &[Val<'a>]) -> Result<Val<'a>, EvalError> {
    let Value::List(members) = &*first else {
        return Err(EvalError::is_not(&first, "a list"));
    };
    let separator = text_at(rest, 0)?.unwrap_or_default();
    let mut text = LongText::default();
    let mut following = false;
    for member in members.iter().filter(|member| !member.is_null()) {
        if following {
            text.push(&separator)?;
        }
        text.push_value(member)?;
        following = true;
    }
    of(text.finish())
}

pub(super) fn contains<'a>(first: Val<'a>, rest: &[Val<'a>]) -> Result<Val<'a>, EvalError> {
    match (&*first, rest.first()) {
        (_, None) => is(false),
        (Value::List(members), Some(member)) => {
            is(members.iter().any(|other| equal(other, member)))
        }
        (text, Some(part)) => is(text_of(text)?.contains(&*text_of(part)?)),
    }
}

pub(super) fn starts_with<'a>(first: Val<'a>, rest: &[Val<'a>]) -> Result<Val<'a>, EvalError> {
    is(text_of(&first)?.starts_with(&*text_at(rest, 0)?.unwrap_or_default()))
}

pub(super) fn ends_with<'a>(first: Val<'a>, rest: &[Val<'a>]) -> Result<Val<'a>, EvalError> {
    is(text_of(&first)?.ends_with(&*text_at(rest, 0)?.unwrap_or_default()))
}

pub(super) fn digits(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    of(text_of(&first)?
        .chars()
        .filter(char::is_ascii_digit)
        .collect::<SmolStr>())
}

pub(super) fn text(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    if matches!(&*first, Value::Text(_)) {
        return Ok(first);
    }
    let mut text = LongText::default();
    text.push_value(&first)?;
    of(text.finish())
}
