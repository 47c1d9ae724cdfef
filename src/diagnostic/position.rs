//! Files, spans, lines and columns. A span that does not fit its file is cut to it: positions are total.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// A file of a [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// Bytes `start..end` of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    pub file: FileId,
    pub start: u32,
    pub end: u32,
}

/// The text of one rule or schema file. `path` is what messages show.
#[derive(Debug, Clone)]
pub struct Source {
    pub path: String,
    pub text: Arc<str>,
    /// Where each line begins; found when first asked for.
    lines: OnceLock<Arc<[u32]>>,
    /// How many characters begin before each [`STEP`]th byte; found when a long line is first asked about.
    characters: OnceLock<Arc<[u32]>>,
}

/// The files of one program.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    pub files: Vec<Source>,
}

/// 1-based; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub line: u32,
    pub column: u32,
}

const BOM: char = '\u{feff}';

impl Source {
    pub fn new(path: impl Into<String>, text: impl Into<Arc<str>>) -> Source {
        Source {
            path: path.into(),
            text: text.into(),
            lines: OnceLock::new(),
            characters: OnceLock::new(),
        }
    }

    /// The bytes of a byte order mark at the beginning.
    pub(super) fn mark_len(&self) -> usize {
        self.text.len() - self.text.trim_start_matches(BOM).len()
    }

    /// Where each line begins.
    fn lines(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = self.text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
            std::iter::once(0)
                .chain(ends.map(|(at, _)| saturated(at + 1)))
                .collect()
        })
    }

    /// The span's bytes, within the text and between characters.
    pub fn range(&self, span: Span) -> Range<usize> {
        let end = boundary(&self.text, span.end);
        let start = boundary(&self.text, span.start).min(end);
        start..end
    }

    /// The characters from one byte to another one: in a line of a megabyte with many findings none of them is counted for each.
    fn characters(&self, from: usize, to: usize) -> usize {
        let bytes = self.text.as_bytes();
        if to - from < 4 * STEP {
            return begin(&bytes[from..to]);
        }
        let before = self.characters.get_or_init(|| {
            let mut count = 0;
            let steps = bytes.chunks(STEP).map(|step| {
                let before = count;
                count += begin(step);
                saturated(before)
            });
            steps.collect()
        });
        let until = |at: usize| {
            let step = at / STEP;
            let known = before.get(step).map_or(0, |count| *count as usize);
            known + begin(&bytes[(step * STEP).min(at)..at])
        };
        until(to) - until(from)
    }

    /// Where the byte `at` is; a byte order mark is no column.
    pub fn position(&self, at: u32) -> Position {
        let at = boundary(&self.text, at);
        let lines = self.lines();
        let line = lines.partition_point(|start| *start as usize <= at);
        let start = lines.get(line - 1).map_or(0, |start| *start as usize);
        let marks = match start {
            0 => self.mark_len().min(at) / BOM.len_utf8(),
            _ => 0,
        };
        let column = self.characters(start, at) - marks + 1;
        Position {
            line: saturated(line),
            column: saturated(column),
        }
    }
}

/// Bytes between the places at which characters are counted beforehand.
const STEP: usize = 1024;

fn begin(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

/// The last place between characters that is not after `at`.
fn boundary(text: &str, at: u32) -> usize {
    let mut at = text.len().min(at as usize);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Files are smaller than 4 GiB.
fn saturated(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

impl SourceMap {
    /// Adds a file; its id is its place.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.files.push(Source::new(path, text));
        FileId(saturated(self.files.len() - 1))
    }

    pub fn file(&self, file: FileId) -> Option<&Source> {
        self.files.get(file.0 as usize)
    }

    /// The text under a span.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file)
            .map_or("", |source| &source.text[source.range(span)])
    }

    /// Where a span starts.
    pub fn position(&self, span: Span) -> Position {
        self.at(span.file, span.start)
    }

    /// The first place after a span.
    pub fn end_position(&self, span: Span) -> Position {
        self.at(span.file, span.end)
    }

    /// `people.sync:12`, where a span starts.
    pub fn location(&self, span: Span) -> String {
        let path = self
            .file(span.file)
            .map_or("", |source| source.path.as_str());
        format!("{path}:{}", self.line_of(span))
    }

    /// The line on which a span starts.
    pub fn line_of(&self, span: Span) -> u32 {
        self.position(span).line
    }

    fn at(&self, file: FileId, at: u32) -> Position {
        self.file(file)
            .map_or(Position { line: 1, column: 1 }, |source| {
                source.position(at)
            })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str, at: u32) -> (u32, u32) {
        let mut sources = SourceMap::default();
        let file = sources.add("a.sync", text);
        let position = sources.position(Span {
            file,
            start: at,
            end: at,
        });
        (position.line, position.column)
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(at("é = ü\nb", 5), (1, 5));
        assert_eq!(at("é = ü\nb", 8), (2, 1));
        assert_eq!(at("a\r\nbc", 4), (2, 2));
        assert_eq!(at("\u{feff}ab", 4), (1, 2));
        assert_eq!(at("", 0), (1, 1));
    }

    #[test]
    fn a_file_that_is_not_there_has_no_text() {
        let span = Span {
            file: FileId(7),
            start: 1,
            end: 3,
        };
        assert_eq!(SourceMap::default().text(span), "");
        assert_eq!(SourceMap::default().line_of(span), 1);
    }

    #[test]
    fn long_lines_have_columns_too() {
        let text = "aé😀".repeat(5_000);
        let mut sources = SourceMap::default();
        let file = sources.add("a.sync", format!("é\n{text}"));
        for count in (0..text.chars().count()).step_by(97) {
            let at = 3 + text.chars().take(count).map(char::len_utf8).sum::<usize>();
            let start = u32::try_from(at).unwrap();
            let end = start;
            let position = sources.position(Span { file, start, end });
            assert_eq!((position.line, position.column as usize), (2, count + 1));
        }
    }

    proptest! {
        #[test]
        fn every_span_has_positions_and_text(text in "[aé\n\r😀]{0,20}", start in 0..40u32, end in 0..40u32) {
            let mut sources = SourceMap::default();
            let file = sources.add("a.sync", text.as_str());
            let span = Span { file, start, end };
            prop_assert!(text.contains(sources.text(span)));
            prop_assert!(sources.position(span).line <= saturated(text.matches('\n').count()) + 1);
        }
    }
}
