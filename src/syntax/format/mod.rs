//! The canonical layout of a rule file. There are no options.
//!
//! The formatter moves blanks and line ends, never words: it writes the tokens of each statement with canonical gaps, keeps the line breaks
//! inside a statement where the author put them, aligns arrows and modifiers within a group, and leaves what does not parse as it stands.
//! It reads its own output again and refuses to give it out when the tree, the comments or the findings differ.

mod align;
mod spacing;
mod write;

#[cfg(test)]
mod tests;

use crate::diagnostic::{FileId, codes};

use super::layout::lex;
use super::read::{Reading, read};

/// Why a file was not formatted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The new text would not mean what the old one means: a defect of the formatter, never of the file.
    #[error("formatting would change what the file means, so it is left as it is")]
    MeaningChanged,
}

/// The canonical layout of `text`. Lines that do not parse are left exactly as they stand; line endings are kept.
///
/// # Errors
/// If the result would not read as `text` does.
pub fn format(text: &str) -> Result<String, FormatError> {
    let before = read(FileId(0), text);
    let formatted = write::written(text, &before, Care::Statements);
    let after = read(FileId(0), &formatted);
    if meaning(&before) == meaning(&after) && settled(&formatted, &after) {
        return Ok(formatted);
    }
    // A broken line that stays where it is can come to belong to a neighbour that moves: then none of them moves.
    let careful = write::written(text, &before, Care::Blocks);
    let after = read(FileId(0), &careful);
    if meaning(&before) == meaning(&after) {
        Ok(careful)
    } else {
        Err(FormatError::MeaningChanged)
    }
}

/// A part of a rule, such as an expression, on one line with canonical gaps and without comments: for documents and messages.
pub fn one_line(text: &str) -> String {
    let tokens = lex(FileId(0), text);
    spacing::joined(&tokens, text, 0, 0..tokens.tokens.len())
}

/// What is left as it stands where something does not parse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Care {
    Statements,
    Blocks,
}

/// Only what does not parse can keep a layout from settling.
fn settled(formatted: &str, reading: &Reading) -> bool {
    reading.broken.is_empty() || write::written(formatted, reading, Care::Statements) == formatted
}

/// The tree, the comments and the findings without their places.
fn meaning(reading: &Reading) -> (String, Vec<&str>, Vec<(&'static str, &str)>) {
    let file = &reading.parsed.file;
    let comments = file
        .comments
        .iter()
        .map(|comment| comment.text.trim())
        .collect();
    // Canonical blanks and line ends mend an odd blank between statements, and two items on one line.
    let findings = reading
        .parsed
        .findings
        .iter()
        .filter(|finding| !matches!(finding.code, codes::INVISIBLE | codes::ONE_LINE));
    let findings = findings
        .map(|finding| (finding.code.code, finding.message.as_str()))
        .collect();
    (
        without_spans(&format!("{:?}", file.items)),
        comments,
        findings,
    )
}

/// The printed tree without the places in it: whatever the tree learns to hold is compared without a line of code more.
fn without_spans(tree: &str) -> String {
    const SPAN: &str = "Span { file: FileId(";
    let mut out = String::with_capacity(tree.len() / 2);
    let mut rest = tree;
    while let Some(start) = rest.find(SPAN) {
        out.push_str(&rest[..start]);
        rest = rest[start..].split_once('}').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}
