//! What can be read from telephone numbers, e-mail and web addresses.

use std::borrow::Cow;
use std::sync::Arc;

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::arguments::{text, text_at};
use super::texts::title_case;
use crate::program::evaluate::{EvalError, Val};
use crate::value::Value;

pub(super) fn normalize_phone<'a>(first: Val<'a>, rest: &[Val<'a>]) -> Result<Val<'a>, EvalError> {
    let country = digits(&text_at(rest, 0)?.unwrap_or_default());
    let number = phone(&text(&first)?, &country);
    Ok(Cow::Owned(
        number.map_or(Value::Null, |number| Value::Text(number.into())),
    ))
}

/// `country`: digits, or empty where none is given.
fn phone(written: &str, country: &str) -> Option<String> {
    let start = written.find(|c: char| c.is_ascii_digit())?;
    let international = written[..start].contains('+');
    // What follows the number itself: "x12", "ext. 12", "#12", a dialling pause.
    let end = written[start..]
        .find(['x', 'X', '#', ';', ','])
        .map_or(written.len(), |at| start + at);
    let number = &written[start..end];
    let digits_of = |number: &str| digits(&number.replace("(0)", ""));
    if international {
        return Some(format!("+{}", digits_of(number)));
    }
    let all = digits(number);
    if all.len() > 2 && all.starts_with("00") {
        let dialled = digits_of(number);
        return Some(format!(
            "+{}",
            dialled.strip_prefix("00").unwrap_or(&all[2..])
        ));
    }
    if country.is_empty() {
        return Some(all);
    }
    // In North America the country code is dialled at home as well.
    if country == "1" && all.len() == 11 && all.starts_with('1') {
        return Some(format!("+{all}"));
    }
    Some(format!(
        "+{country}{}",
        all.strip_prefix('0').unwrap_or(&all)
    ))
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

pub(super) fn name_from_email(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    let email = text(&first)?;
    let local = email.trim().split(['@', '+']).next().unwrap_or_default();
    let separators: &[char] = if local.contains(['.', '_']) {
        &['.', '_']
    } else {
        &['-']
    };
    let mut words: Vec<String> = local
        .split(separators)
        .map(|word| title_case(word.trim_end_matches(|c: char| c.is_ascii_digit())))
        .filter(|word| !word.is_empty())
        .collect();
    if words.is_empty() && !local.is_empty() {
        words.push(local.to_owned());
    }
    if words.is_empty() {
        return Ok(Cow::Owned(Value::Null));
    }
    let given = (words.len() > 1).then(|| words.remove(0));
    let first = given.map_or(Value::Null, |word| Value::Text(word.into()));
    let last = Value::Text(words.join(" ").into());
    let name = IndexMap::from([
        (SmolStr::new_static("first"), first),
        (SmolStr::new_static("last"), last),
    ]);
    Ok(Cow::Owned(Value::Object(Arc::new(name))))
}

pub(super) fn domain_of(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    let domain = domain(&text(&first)?);
    Ok(Cow::Owned(
        domain.map_or(Value::Null, |domain| Value::Text(domain.into())),
    ))
}

fn domain(address: &str) -> Option<String> {
    let address = address.trim().to_lowercase();
    let after_scheme = address
        .split_once("://")
        .map_or(address.as_str(), |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?.trim_end_matches('>');
    let host = host.split(':').next()?.trim_end_matches('.');
    let host = host.strip_prefix("www.").unwrap_or(host);
    let is_domain =
        host.contains('.') && !host.starts_with('.') && !host.contains(char::is_whitespace);
    is_domain.then(|| host.to_owned())
}
