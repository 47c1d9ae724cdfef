//! The mistakes that have a name, and their mends.

use super::lines::parted_arrow;
use super::members::missing_comma;
use super::words::{
    else_direction, if_for_when, misspelt_beginning, near_keyword, near_word, reserved_word,
};
use super::{ACTIONS, EXPRESSION, Failure, STATEMENTS, ends_operand};
use crate::diagnostic::{Applicability, Finding, Span, codes};
use crate::syntax::findings::{error, shown};
use crate::syntax::layout::{Context, Form, Kind, Piece, begins_item, written_unit};

/// The mistakes that have a name.
pub(super) fn known_slip(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    let kind = failure.tokens.kind(at)?;
    let written = failure.word(at);
    let here = failure.place(at);
    if at == failure.piece.start
        && let Some(finding) = misspelt_beginning(failure, at)
    {
        return Some(finding);
    }
    match kind {
        Kind::Operator if follows_arrow(failure, at) => parted_arrow(
            failure.file,
            failure.text,
            failure.tokens,
            Piece {
                start: at - 1,
                ..failure.piece
            },
        ),
        Kind::Arrow => Some(arrow_in_expression(failure, at)),
        Kind::Comma if matches!(failure.piece.form, Form::ValuesEntry | Form::ValuesElse) => Some(
            error(
                codes::STRAY_COMMA,
                here,
                "entries of `values` have no commas",
            )
            .help("remove it")
            .fix(Applicability::Safe, here, ""),
        ),
        Kind::Comma if at + 1 == failure.piece.end => Some(
            error(codes::STRAY_COMMA, here, "nothing follows this `,`")
                .help("remove it")
                .fix(Applicability::Safe, here, ""),
        ),
        Kind::Unknown if written == ";" => {
            let finding = error(codes::UNEXPECTED, here, "`;` cannot stand here")
                .help("a statement ends with its line");
            Some(if at + 1 == failure.piece.end {
                finding.fix(Applicability::Safe, here, "")
            } else {
                finding
            })
        }
        Kind::Open(b'[')
            if at > failure.piece.start
                && !failure.tokens.touches(at)
                && ends_operand(failure, at - 1) =>
        {
            let gap = Span {
                start: failure.place(at - 1).end,
                end: here.start,
                ..here
            };
            Some(
                error(
                    codes::UNEXPECTED,
                    here,
                    "`[` does not touch the name that it reads from",
                )
                .help(format!("write `{}[`", shown(failure.word(at - 1))))
                .fix(Applicability::Safe, gap, ""),
            )
        }
        Kind::Open(b'{') if failure.piece.form == Form::UnknownItem => None,
        Kind::Operator if written == "/" => Some(
            error(
                codes::BAD_REGEX_LITERAL,
                here,
                "this regular expression has no closing `/`",
            )
            .help("it ends on the line on which it begins"),
        )
        .filter(|_| failure.expected().contains(&EXPRESSION)),
        _ => second_statement(failure, at)
            .or_else(|| missing_comma(failure, at))
            .or_else(|| aggregate_of_value(failure, at))
            .or_else(|| reserved_word(failure, at))
            .or_else(|| unquoted_value(failure, at))
            .or_else(|| parted_duration(failure, at))
            .or_else(|| else_direction(failure, at))
            .or_else(|| missing_mark(failure, at))
            .or_else(|| if_for_when(failure, at))
            .or_else(|| near_word(failure, at))
            .or_else(|| near_keyword(failure, at)),
    }
}

/// Whether a token is what a blank parted from the arrow before it: `<- >`.
fn follows_arrow(failure: &Failure<'_>, at: usize) -> bool {
    at > failure.piece.start && failure.word(at - 1) == "<-" && failure.word(at) == ">"
}

fn arrow_in_expression(failure: &Failure<'_>, at: usize) -> Finding {
    let written = failure.word(at);
    let here = failure.place(at);
    let finding = error(
        codes::ARROW_IN_EXPRESSION,
        here,
        format!("`{written}` is an arrow, and this is an expression"),
    );
    if failure.piece.form == Form::Match && failure.expected().contains(&"`=`") {
        return finding
            .help("the two sides of a key are joined by `=`")
            .fix(Applicability::Safe, here, "=");
    }
    if written != "<-" || at == failure.piece.start {
        return finding.help("a statement has one arrow at most");
    }
    let (before, after) = (failure.word(at - 1), failure.word(at + 1));
    let space = |touches: bool| if touches { " " } else { "" };
    let text = format!("{}< -", space(failure.tokens.touches(at)));
    let meant = format!("{} < -{}", shown(before), shown(after));
    let end = if failure.tokens.touches(at + 1) {
        here.end
    } else {
        failure
            .tokens
            .tokens
            .get(at + 1)
            .map_or(here.end, |next| next.start)
    };
    finding
        .help(format!("write `{meant}`"))
        .fix(Applicability::Safe, Span { end, ..here }, text)
}

/// A statement that begins on the line of another.
fn second_statement(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    let Piece {
        start,
        context,
        form,
        ..
    } = failure.piece;
    if at == start || failure.tokens.is_first_of_line(at) {
        return None;
    }
    let begins = match context {
        Context::File => begins_item(failure.tokens, failure.text, at),
        Context::Values => {
            failure.word(at) == "else"
                || form == Form::ValuesEntry
                    && failure.tokens.kind(at) == Some(Kind::Text)
                    && at >= start + 3
        }
        Context::Relationship => {
            let word = failure.word(at);
            let path_and_arrow = matches!(failure.tokens.kind(at), Some(Kind::Word | Kind::Quoted))
                && failure.tokens.kind(at + 1) == Some(Kind::Arrow);
            (STATEMENTS.contains(&word) || path_and_arrow) && ends_operand(failure, at - 1)
        }
        Context::Trigger => ACTIONS.contains(&failure.word(at)) && ends_operand(failure, at - 1),
    };
    if !begins {
        return None;
    }
    let here = failure.place(at);
    let before = failure.place(at - 1).end;
    let indent = " ".repeat(if context == Context::File { 0 } else { 2 });
    Some(
        error(codes::ONE_LINE, here, "two statements stand on one line")
            .label(failure.place(start), "the first begins here")
            .help("begin a new line here")
            .fix(
                Applicability::Safe,
                Span {
                    start: before,
                    end: here.start,
                    ..here
                },
                format!("\n{indent}"),
            ),
    )
}

/// `every 2 min`
fn parted_duration(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    let is_number = failure.tokens.kind(at) == Some(Kind::Number);
    if failure.piece.form != Form::Schedule || !is_number {
        return None;
    }
    let unit = written_unit(failure.word(at + 1))?;
    let here = Span {
        end: failure.place(at + 1).end,
        ..failure.place(at)
    };
    let meant = format!("{}{unit}", failure.word(at));
    Some(
        error(
            codes::BAD_NUMBER,
            here,
            format!(
                "`{} {}` is no duration",
                failure.word(at),
                failure.word(at + 1)
            ),
        )
        .help(format!("write `{meant}`"))
        .fix(Applicability::Safe, here, meant),
    )
}

/// A `=`, `:` or bracket that is all that is missing before a token.
fn missing_mark(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    let expected = failure.expected();
    let [mark @ ("`=`" | "`:`" | "`{`" | "`(`")] = expected.as_slice() else {
        return None;
    };
    if at <= failure.piece.start || !ends_operand(failure, at - 1) {
        return None;
    }
    let finding = error(
        codes::UNEXPECTED,
        failure.place(at),
        format!(
            "`{}` stands where the statement needs {mark}",
            shown(failure.word(at))
        ),
    );
    let end = failure.place(at - 1).end;
    let gap = Span {
        start: end,
        end,
        ..failure.place(at)
    };
    Some(match *mark {
        "`=`" => finding
            .help("put `=` before it")
            .fix(Applicability::Safe, gap, " ="),
        "`:`" => finding
            .help("put `:` before it")
            .fix(Applicability::Safe, gap, ":"),
        _ => match super::example(failure) {
            Some(example) => finding.help(format!("as in `{example}`")),
            None => finding,
        },
    })
}

/// `sum(score)`: the words that count read records, not values.
fn aggregate_of_value(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    let first = at.saturating_sub(4).max(failure.piece.start);
    let word = (first..at).rev().find(|index| {
        matches!(failure.word(*index), "count" | "sum") && failure.word(index + 1) == "("
    })?;
    let written = failure.word(word);
    let field = if written == "sum" { ".field" } else { "" };
    Some(
        error(
            codes::UNEXPECTED,
            failure.place(word),
            format!("`{written}` reads records of a store"),
        )
        .help(format!(
            "write `{written}(STORE.OBJECT(key = value){field})`"
        )),
    )
}

/// `new <-> "Open"`
fn unquoted_value(failure: &Failure<'_>, at: usize) -> Option<Finding> {
    let is_value = matches!(failure.piece.form, Form::ValuesEntry)
        && matches!(failure.tokens.kind(at), Some(Kind::Word | Kind::Quoted));
    if !is_value {
        return None;
    }
    // All the words up to the arrow are one text.
    let is_word = |index: &usize| {
        matches!(
            failure.tokens.kind(*index),
            Some(Kind::Word | Kind::Quoted | Kind::Number)
        )
    };
    let last = (at..failure.piece.end).take_while(is_word).last()?;
    let here = Span {
        end: failure.place(last).end,
        ..failure.place(at)
    };
    let words: Vec<&str> = (at..=last)
        .map(|index| failure.word(index).trim_matches('`'))
        .collect();
    let text = format!("\"{}\"", words.join(" "));
    Some(
        error(
            codes::UNEXPECTED,
            here,
            format!("`{}` is no value", shown(&words.join(" "))),
        )
        .help(format!("write `{text}`"))
        .fix(Applicability::Unsafe, here, text),
    )
}
