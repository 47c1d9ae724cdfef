//! Parts of a document in other files, between markers:
//!
//! ```text
//! <!-- bilateral doc: relationships -->
//! …
//! <!-- end -->
//! ```

use super::markdown;
use super::model::Document;

const OPEN: &str = "<!-- bilateral doc:";
const CLOSE: &str = "<!-- end -->";

/// A text with its parts as they should be.
#[derive(Debug, Clone, PartialEq)]
pub struct Updated {
    pub text: String,
    /// How many parts there are.
    pub parts: usize,
    /// The names of those that were not as they should be.
    pub stale: Vec<String>,
}

/// What keeps a file from being updated; lines are 1-based.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PartError {
    #[error(
        "it has no part to write: put `<!-- bilateral doc: relationships -->` and `<!-- end -->` where the table shall stand"
    )]
    None,
    #[error("line {line}: the program has no part `{name}`; it has {known}")]
    Unknown {
        line: usize,
        name: String,
        known: String,
    },
    #[error(
        "line {line}: the part is never closed: write `<!-- end -->` on a line of its own below it"
    )]
    Unclosed { line: usize },
}

/// Writes every part of `text` anew. Markers in code blocks are text like any other.
///
/// # Errors
/// Markers that name nothing, are not closed, or are not there.
pub fn updated(document: &Document, text: &str) -> Result<Updated, PartError> {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut out = String::with_capacity(text.len());
    let mut updated = Updated {
        text: String::new(),
        parts: 0,
        stale: Vec::new(),
    };
    let mut level = 1;
    let mut fence: Option<&str> = None;
    let mut lines = text.split_inclusive('\n').enumerate();
    while let Some((place, line)) = lines.next() {
        out.push_str(line);
        let content = line.trim();
        match fence {
            Some(open) => {
                if content.starts_with(open) && content.trim_start_matches(&open[..1]).is_empty() {
                    fence = None;
                }
                continue;
            }
            None => fence = fence_of(content),
        }
        if content.starts_with('#') {
            level = content.bytes().take_while(|byte| *byte == b'#').count();
        }
        let Some(name) = content
            .strip_prefix(OPEN)
            .and_then(|rest| rest.strip_suffix("-->"))
        else {
            continue;
        };
        let name = name.trim();
        let made = made(document, name, level).ok_or_else(|| PartError::Unknown {
            line: place + 1,
            name: name.to_owned(),
            known: known(document),
        })?;
        let made = format!("\n{}\n", made.trim_end()).replace('\n', end);
        let mut old = String::new();
        let close = loop {
            match lines.next() {
                None => return Err(PartError::Unclosed { line: place + 1 }),
                Some((_, line)) if line.trim() == CLOSE => break line,
                Some((_, line)) if line.trim_start().starts_with(OPEN) => {
                    return Err(PartError::Unclosed { line: place + 1 });
                }
                Some((_, line)) => old.push_str(line),
            }
        };
        let made = format!("{made}{end}");
        if old != made {
            updated.stale.push(name.to_owned());
        }
        updated.parts += 1;
        out.push_str(&made);
        out.push_str(close);
    }
    if updated.parts == 0 {
        return Err(PartError::None);
    }
    updated.text = out;
    Ok(updated)
}

/// The marks with which a code block begins.
fn fence_of(line: &str) -> Option<&str> {
    ['`', '~'].into_iter().find_map(|mark| {
        let length = line.len() - line.trim_start_matches(mark).len();
        (length >= 3).then(|| &line[..length])
    })
}

/// A part as Markdown. Tables of all relationships or triggers come without the sections of each: those are parts of their own.
fn made(document: &Document, name: &str, level: usize) -> Option<String> {
    let section = document.section(name)?;
    let inner = !matches!(name, "relationships" | "triggers");
    Some(markdown::part(section, level + 1, inner))
}

fn known(document: &Document) -> String {
    let names = document.sections.iter().flat_map(|section| {
        let inner = section.sections.iter().map(|inner| inner.name.as_str());
        std::iter::once(section.name.as_str()).chain(inner)
    });
    let quoted: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
