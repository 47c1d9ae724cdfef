//! Words that are misspelt, reserved, or stand for another one.

use super::{ACTIONS, Failure, ITEMS, RESERVED, STATEMENTS, ends_operand};
use crate::diagnostic::{Applicability, Finding, codes};
use crate::syntax::findings::{error, nearest, one_of};
use crate::syntax::layout::{Context, Form, Kind};

/// `mtach email = Email`: the line was taken for the statement that is meant.
pub(super) fn misspelt_beginning(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    if failure.tokens.kind(at) != Some(Kind::Word) {
        return None;
    }
    let (known, what): (&[&str], _) = match failure.piece.context {
        Context::File => (&ITEMS, "item"),
        Context::Relationship => (&STATEMENTS, "statement"),
        Context::Trigger => (&ACTIONS, "action"),
        Context::Values => return None,
    };
    let written = failure.word(at);
    let meant = nearest(written, known).filter(|meant| *meant != written)?;
    let here = failure.place(at);
    Some(
        error(
            codes::UNKNOWN_STATEMENT,
            here,
            format!("`{written}` begins no {what}"),
        )
        .did_you_mean(meant),
    )
}

pub(super) fn reserved_word(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    let written = failure.word(at);
    // The grammar stops behind `count` and `lookup`, since a query could have followed.
    let (at, written) = if RESERVED.contains(&written) {
        (at, written)
    } else if at > failure.piece.start && matches!(failure.word(at - 1), "count" | "sum" | "lookup")
    {
        (at - 1, failure.word(at - 1))
    } else {
        return None;
    };
    if written == "lookup" && failure.tokens.kind(at + 1) == Some(Kind::Word) {
        return Some(
            error(
                codes::UNEXPECTED,
                failure.place(at + 1),
                "`lookup` needs an object and its key",
            )
            .help("as in `lookup salesforce.Account(Name = company)`"),
        );
    }
    if written == "if"
        && failure
            .tokens
            .kind(at + 1)
            .is_some_and(|kind| kind != Kind::Arrow)
    {
        return None;
    }
    if ends_operand(failure, at.saturating_sub(1))
        && at > failure.piece.start
        && !matches!(failure.word(at - 1), "when" | "set" | "require" | "where")
    {
        return None;
    }
    let here = failure.place(at);
    Some(
        error(
            codes::RESERVED_WORD,
            here,
            format!("`{written}` is a reserved word"),
        )
        .help(format!(
            "write `` `{written}` `` in backticks if it is a field"
        ))
        .fix(Applicability::Safe, here, format!("`{written}`")),
    )
}

/// A word that is close to a keyword that the grammar waits for: `is emtpy`.
pub(super) fn near_keyword(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    if failure.tokens.kind(at) != Some(Kind::Word) {
        return None;
    }
    let expected = failure.expected();
    let keywords: Vec<&str> = expected
        .iter()
        .filter_map(|word| word.strip_prefix('`')?.strip_suffix('`'))
        .collect();
    let written = failure.word(at);
    let meant = nearest(written, &keywords).filter(|meant| *meant != written)?;
    let here = failure.place(at);
    Some(
        error(
            codes::UNKNOWN_WORD,
            here,
            format!("`{written}` cannot stand here"),
        )
        .did_you_mean(meant),
    )
}

/// A word that is close to one that could stand here.
pub(super) fn near_word(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    if failure.tokens.kind(at) != Some(Kind::Word) {
        return None;
    }
    let written = failure.word(at);
    let is_operation = failure.piece.form == Form::Operation && at == failure.piece.start + 1;
    let known: &[&str] = match failure.piece.form {
        Form::Operation if is_operation => &[
            "create", "update", "delete", "change", "done", "when", "batch",
        ],
        Form::TriggerHead => &["on", "change", "create", "delete", "event", "run", "when"],
        form => form.clause_words(),
    };
    let expected = failure.expected();
    let fits = |word: &str| {
        is_operation
            || failure.piece.form == Form::TriggerHead
            || expected
                .iter()
                .any(|e| known.iter().any(|k| *e == format!("`{k}`")) || e.contains(word))
    };
    let here = failure.place(at);
    match nearest(written, known).filter(|meant| *meant != written && fits(meant)) {
        Some(meant) => Some(
            error(
                codes::UNKNOWN_WORD,
                here,
                format!("`{written}` cannot stand here"),
            )
            .did_you_mean(meant),
        ),
        None if is_operation => Some(
            error(
                codes::UNKNOWN_WORD,
                here,
                format!("`{written}` is no operation"),
            )
            .help(format!("write {}", one_of(known))),
        ),
        None => None,
    }
}

/// `push create if …`
pub(super) fn if_for_when(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    let takes_when = failure.piece.form.clause_words().contains(&"when");
    if failure.word(at) != "if" || !takes_when || at <= failure.piece.start {
        return None;
    }
    let here = failure.place(at);
    Some(
        error(codes::UNKNOWN_WORD, here, "`if` cannot stand here")
            .help("a condition begins with `when`")
            .fix(Applicability::Safe, here, "when"),
    )
}

/// `else pul "x"`
pub(super) fn else_direction(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    let word = failure.piece.start + 1;
    if failure.piece.form != Form::ValuesElse || at != word + 1 {
        return None;
    }
    let written = failure.word(word);
    let meant = nearest(written, &["push", "pull"]).filter(|meant| *meant != written)?;
    let here = failure.place(word);
    Some(
        error(
            codes::UNKNOWN_WORD,
            here,
            format!("`{written}` cannot stand here"),
        )
        .did_you_mean(meant),
    )
}
