//! Short ways to make the findings of the syntax.

use crate::diagnostic::{Code, FileId, Finding, Span};

/// An error about `span`, without help.
pub fn error(code: Code, span: Span, message: impl Into<String>) -> Finding {
    Finding::error(code, span, message)
}

/// Bytes `start..end` of `file`. Files are at most 4 GiB (the loader refuses far smaller ones).
pub fn span(file: FileId, start: usize, end: usize) -> Span {
    Span {
        file,
        start: u32::try_from(start).unwrap_or(u32::MAX),
        end: u32::try_from(end).unwrap_or(u32::MAX),
    }
}

/// The word of `known` that `text` is close to (a third of the length), as a "did you mean".
pub fn nearest<'k>(text: &str, known: &[&'k str]) -> Option<&'k str> {
    // One letter is close to nothing.
    if text.len() < 2 {
        return None;
    }
    let lower = text.to_lowercase();
    let limit = |word: &str| (word.len().max(text.len()) / 3).max(1);
    known
        .iter()
        .filter(|word| word.len().abs_diff(text.len()) <= limit(word))
        .map(|word| (strsim::osa_distance(&lower, word), *word))
        .filter(|(distance, word)| *distance <= limit(word))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// `` `a`, `b` or `c` ``
pub fn one_of(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [init @ .., last] => {
            let init: Vec<String> = init.iter().map(|word| format!("`{word}`")).collect();
            format!("{} or `{last}`", init.join(", "))
        }
    }
}

/// The user's text as a message shows it: one line, at most 40 characters.
pub fn shown(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() <= 40 {
        return line.to_owned();
    }
    let mut short: String = line.chars().take(39).collect();
    short.push('…');
    short
}
