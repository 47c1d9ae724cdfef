//! The functions of the language (language reference, section 6), by subject.

mod arguments;
mod contact;
mod dates;
mod html;
mod ids;
mod lists;
mod numbers;
mod signatures;
mod texts;

pub use signatures::{Nulls, Param, ParamKind, ResultKind, Signature, signature};

use smol_str::SmolStr;

use super::Function;
use super::evaluate::{EvalError, Val};

pub(super) use arguments::whole;

/// The value of `function` for its arguments, at least one.
///
/// # Errors
/// A value that is not of the parameter's kind, and what the function's line in the table says.
pub(super) fn call<'a>(
    function: Function,
    first: Val<'a>,
    rest: &[Val<'a>],
) -> Result<Val<'a>, EvalError> {
    match signature(function).nulls {
        Nulls::AnyArgument => {
            if first.is_null() {
                return Ok(first);
            }
            if let Some(null) = rest.iter().find(|arg| arg.is_null()) {
                return Ok(null.clone());
            }
        }
        Nulls::Possible if first.is_null() => return Ok(first),
        _ => {}
    }
    match function {
        Function::Lower => texts::lower(first),
        Function::Upper => texts::upper(first),
        Function::Trim => texts::trim(first),
        Function::Title => texts::title(first),
        Function::Length => texts::length(first),
        Function::Left => texts::left(first, rest),
        Function::Right => texts::right(first, rest),
        Function::Substring => texts::substring(first, rest),
        Function::Replace => texts::replace(first, rest),
        Function::Split => texts::split(first, rest),
        Function::Join => texts::join(first, rest),
        Function::Contains => texts::contains(first, rest),
        Function::StartsWith => texts::starts_with(first, rest),
        Function::EndsWith => texts::ends_with(first, rest),
        Function::Digits => texts::digits(first),
        Function::NormalizePhone => contact::normalize_phone(first, rest),
        Function::NameFromEmail => contact::name_from_email(first),
        Function::DomainOf => contact::domain_of(first),
        Function::HtmlToText => html::html_to_text(first),
        Function::Sha256 => ids::sha256(first),
        Function::Id18 => ids::id18(first),
        Function::Round => numbers::round(first, rest),
        Function::Floor => numbers::floor(first),
        Function::Ceil => numbers::ceil(first),
        Function::Abs => numbers::abs(first),
        Function::Min => lists::min(first, rest),
        Function::Max => lists::max(first, rest),
        Function::Number => numbers::number(first),
        Function::Text => texts::text(first),
        Function::Date => dates::date(first),
        Function::Instant => dates::instant(first),
        Function::FormatDate => dates::format_date(first, rest),
        Function::AddDays => dates::add_days(first, rest),
        Function::DaysBetween => dates::days_between(first, rest),
        Function::Year => dates::year(first),
        Function::Month => dates::month(first),
        Function::Day => dates::day(first),
        Function::First => lists::first(first),
        Function::Last => lists::last(first),
        Function::Any => lists::any(first),
        Function::All => lists::all(first),
    }
}

/// As [`call`] with a part of a text, where the function is one that makes another text of it at once.
pub(super) fn of_part(function: Function, part: &str) -> Option<SmolStr> {
    match function {
        Function::Lower => Some(texts::lowered(part)),
        Function::Upper => Some(texts::uppered(part)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
