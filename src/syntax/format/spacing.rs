//! The blanks between two tokens.

use std::ops::Range;

use crate::syntax::layout::{Kind, Tokens};

/// Words after which an operand begins: a parenthesis behind them is no call.
const WORDS: [&str; 44] = [
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "then",
    "else",
    "matches",
    "when",
    "where",
    "require",
    "set",
    "with",
    "match",
    "push",
    "pull",
    "prefer",
    "via",
    "using",
    "on",
    "let",
    "fn",
    "post",
    "lookup",
    "first",
    "create",
    "update",
    "delete",
    "upsert",
    "to",
    "purge",
    "convert",
    "change",
    "done",
    "leave",
    "keep",
    "empty",
    "duplicates",
    "follow",
    "blanks",
    "except",
    "sync",
    "every",
];

/// Tokens of the statement that begins at `start` with canonical gaps, without a comma that nothing follows.
pub fn joined(tokens: &Tokens, text: &str, start: usize, range: Range<usize>) -> String {
    let mut out = String::new();
    for at in range.clone() {
        let before_close = matches!(tokens.kind(at + 1), Some(Kind::Close(_)));
        if at > range.start
            && tokens.kind(at) == Some(Kind::Comma)
            && before_close
            && at + 1 < range.end
        {
            continue;
        }
        if at > range.start && gap(tokens, text, start, at) {
            out.push(' ');
        }
        out.push_str(tokens.text(text, at));
    }
    out
}

/// Whether a blank stands between the tokens `at - 1` and `at` of the statement that begins at `start`.
fn gap(tokens: &Tokens, text: &str, start: usize, at: usize) -> bool {
    let (Some(before), Some(here)) = (tokens.kind(at - 1), tokens.kind(at)) else {
        return false;
    };
    match (before, here) {
        (Kind::Comma, Kind::Close(b'}')) => true,
        (_, Kind::Comma | Kind::Dot | Kind::Colon | Kind::Close(b')' | b']')) => false,
        (Kind::Dot | Kind::Open(b'(' | b'['), _) => false,
        (Kind::Open(b'{'), Kind::Close(b'}')) => false,
        (Kind::Word | Kind::Quoted | Kind::Close(b')' | b']'), Kind::Open(b'[')) => {
            !tokens.touches(at)
        }
        (Kind::Quoted, Kind::Open(b'(')) => false,
        (Kind::Word, Kind::Open(b'(')) => after_word(tokens, text, start, at),
        (Kind::Operator, _) if is_sign(tokens, text, start, at - 1) => false,
        _ => true,
    }
}

fn after_word(tokens: &Tokens, text: &str, start: usize, at: usize) -> bool {
    let word = tokens.text(text, at - 1);
    if at >= start + 2 && tokens.kind(at - 2) == Some(Kind::Dot) {
        return false;
    }
    match word {
        "and" | "or" | "not" | "in" | "if" | "then" | "else" | "matches" => true,
        _ => WORDS.contains(&word) && !tokens.touches(at),
    }
}

/// Whether a `-` is the sign of what follows, not a subtraction.
fn is_sign(tokens: &Tokens, text: &str, start: usize, at: usize) -> bool {
    if tokens.text(text, at) != "-" {
        return false;
    }
    if at == start {
        return true;
    }
    match tokens.kind(at - 1) {
        Some(Kind::Operator | Kind::Comma | Kind::Open(_) | Kind::Arrow | Kind::FatArrow) => true,
        Some(Kind::Word) => {
            let is_path = at >= start + 2 && tokens.kind(at - 2) == Some(Kind::Dot);
            !is_path && WORDS.contains(&tokens.text(text, at - 1))
        }
        _ => false,
    }
}
