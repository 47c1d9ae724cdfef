//! The mistakes that have a name, and their mends.

use super::{ACTIONS, EXPRESSION, Failure, ITEMS, RESERVED, STATEMENTS, ends_operand};
use crate::diagnostic::{Applicability, Finding, Span, codes};
use crate::syntax::findings::{error, nearest, one_of, shown};
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

/// `mtach email = Email`: the line was taken for the statement that is meant.
fn misspelt_beginning(failure: &Failure<'_>, at: usize) -> Option<Finding> {
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
        .help(format!("did you mean `{meant}`?"))
        .fix(Applicability::Safe, here, meant),
    )
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

/// Members of a list or record that only a line end or blank parts.
fn missing_comma(failure: &Failure<'_>, at: usize) -> Option<Finding> {
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

/// `else pul "x"`
fn else_direction(failure: &Failure<'_>, at: usize) -> Option<Finding> {
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
        .help(format!("did you mean `{meant}`?"))
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
        _ => match super::example(failure.piece.form) {
            Some(example) => finding.help(format!("as in `{example}`")),
            None => finding,
        },
    })
}

/// `push create if …`
fn if_for_when(failure: &Failure<'_>, at: usize) -> Option<Finding> {
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

fn reserved_word(failure: &Failure<'_>, at: usize) -> Option<Finding> {
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

/// A word that is close to a keyword that the grammar waits for: `is emtpy`.
fn near_keyword(failure: &Failure<'_>, at: usize) -> Option<Finding> {
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
        .help(format!("did you mean `{meant}`?"))
        .fix(Applicability::Safe, here, meant),
    )
}

/// A word that is close to one that could stand here.
fn near_word(failure: &Failure<'_>, at: usize) -> Option<Finding> {
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
            .help(format!("did you mean `{meant}`?"))
            .fix(Applicability::Safe, here, meant),
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
