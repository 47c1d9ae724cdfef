//! Members of lists and records that nothing parts.

use super::{Failure, ends_operand};
use crate::diagnostic::{Applicability, Finding, Span, codes};
use crate::syntax::findings::{error, nearest, shown};
use crate::syntax::layout::{Form, Kind, Piece};

/// Members of a list or record that only a line end or blank parts.
pub(super) fn missing_comma(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    let start = failure.piece.start;
    if at <= start + 1 || !ends_operand(failure, at - 1) {
        return None;
    }
    if !(begins_member(failure, at)) {
        return None;
    }
    let end = failure.place(at - 1).end;
    let here = failure.place(at);
    Some(
        error(
            codes::MISSING_COMMA,
            here,
            format!("a `,` is missing before `{}`", shown(failure.word(at))),
        )
        .help("put a `,` between the two")
        .fix(
            Applicability::Safe,
            Span {
                start: end,
                end,
                ..here
            },
            ",",
        ),
    )
}

/// Whether a token reads as the next member of what it stands in, where an operand ends before it.
fn begins_member(failure: &Failure<'_>, at: usize) -> bool {
    let start = failure.piece.start;
    let mut depth = 0;
    let inside = (start..at)
        .rev()
        .find_map(|index| match failure.tokens.kind(index) {
            Some(Kind::Close(_)) => {
                depth += 1;
                None
            }
            Some(Kind::Open(bracket)) if depth == 0 => Some(bracket),
            Some(Kind::Open(_)) => {
                depth -= 1;
                None
            }
            _ => None,
        });
    let is_name = matches!(failure.tokens.kind(at), Some(Kind::Word | Kind::Quoted));
    let assigns = is_name && failure.word(at + 1) == "=";
    match inside {
        Some(b'{') => assigns,
        Some(b'[' | b'(') => {
            is_name || matches!(failure.tokens.kind(at), Some(Kind::Text | Kind::Number))
        }
        Some(_) => false,
        None => match list_word(failure, at) {
            Some("require") => is_name && !is_near_clause(failure, at),
            Some("set" | "with" | "match") => assigns,
            Some("sync" | "push" | "pull") => is_name && !is_near_clause(failure, at),
            _ => false,
        },
    }
}

/// The word that begins the list in which a token stands, outside of all brackets.
fn list_word<'t>(failure: &Failure<'t>, at: usize) -> Option<&'t str> {
    let Piece { start, form, .. } = failure.piece;
    let words: &[&str] = match form {
        Form::Operation | Form::Convert => &["when", "require", "set", "with", "leave"],
        Form::Match => &["match", "where", "duplicates"],
        Form::Schedule => &["sync", "push", "pull", "in"],
        Form::Set => &["set", "when"],
        _ => return None,
    };
    let mut depth = 0;
    for index in (start..at).rev() {
        match failure.tokens.kind(index) {
            Some(Kind::Close(_)) => depth += 1,
            Some(Kind::Open(_)) => depth -= 1,
            Some(Kind::Word) if depth == 0 && words.contains(&failure.word(index)) => {
                return Some(failure.word(index));
            }
            _ => {}
        }
    }
    None
}

fn is_near_clause(failure: &Failure<'_>, at: usize) -> bool {
    nearest(failure.word(at), failure.piece.form.clause_words()).is_some()
}
