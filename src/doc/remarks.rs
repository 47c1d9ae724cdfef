//! What authors wrote about their rules: the comments above and beside them.

use std::collections::BTreeMap;

use super::model::{Block, Phrase};
use super::rules::Lines;
use crate::diagnostic::{SourceMap, Span};
use crate::syntax::ast::{Comment, File};

/// The comments of one rule file, by line.
pub struct Remarks<'a> {
    lines: BTreeMap<u32, Line<'a>>,
}

struct Line<'a> {
    /// `None` for one that silences a finding: it says nothing to readers.
    text: Option<&'a str>,
    /// Nothing else stands on its line.
    alone: bool,
}

/// A comment as it is read: paragraphs, and lines of rules that are indented in it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Remark {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Words(String),
    Rules(Vec<String>),
}

impl<'a> Remarks<'a> {
    pub fn of(file: &'a File, sources: &SourceMap, lines: &Lines) -> Remarks<'a> {
        let line = |comment: &'a Comment| {
            let line = Line {
                text: (!silences(&comment.text)).then_some(comment.text.as_str()),
                alone: stands_alone(comment.span, sources),
            };
            (lines.of_byte(comment.span.start), line)
        };
        Remarks {
            lines: file.comments.iter().map(line).collect(),
        }
    }

    /// The comment lines right above a line.
    pub fn above(&self, line: u32) -> Remark {
        let above = (1..line).rev();
        let mut lines: Vec<&str> = above.map_while(|line| self.alone(line)).flatten().collect();
        lines.reverse();
        Remark::read(&lines)
    }

    /// The comment behind what stands on a line.
    pub fn beside(&self, line: u32) -> Remark {
        let beside = self.lines.get(&line).filter(|line| !line.alone);
        Remark::read(beside.and_then(|line| line.text).as_slice())
    }

    /// The comment with which the file begins.
    pub fn first(&self) -> Remark {
        let lines = (1..).map_while(|line| self.alone(line)).flatten();
        Remark::read(&lines.collect::<Vec<_>>())
    }

    /// The comments after the line `first` and before the line `last` that stand above none of the lines that `begins` knows.
    pub fn loose(&self, first: u32, last: u32, begins: impl Fn(u32) -> bool) -> Vec<Remark> {
        let mut remarks = Vec::new();
        let mut lines = Vec::new();
        for line in first.saturating_add(1)..=last {
            match self.alone(line) {
                Some(text) => lines.extend(text),
                None if begins(line) => lines.clear(),
                None if !lines.is_empty() => {
                    remarks.push(Remark::read(&std::mem::take(&mut lines)));
                }
                None => {}
            }
        }
        remarks
    }

    /// What the comment on a line says if nothing else stands there.
    fn alone(&self, line: u32) -> Option<Option<&'a str>> {
        self.lines.get(&line).filter(|l| l.alone).map(|l| l.text)
    }
}

/// `# allow(name): reason`
fn silences(comment: &str) -> bool {
    comment.trim_start().starts_with("allow(")
}

fn stands_alone(comment: Span, sources: &SourceMap) -> bool {
    let Some(source) = sources.file(comment.file) else {
        return true;
    };
    let before = &source.text[..source.range(comment).start];
    let line = before.rsplit('\n').next().unwrap_or_default();
    line.trim_start_matches('\u{FEFF}').trim().is_empty()
}

impl Remark {
    /// Lines without their `#`: those that are indented by two blanks more are rules.
    fn read(lines: &[&str]) -> Remark {
        let mut parts: Vec<Part> = Vec::new();
        let mut begins = true;
        for line in lines {
            let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
            match (line.trim_start(), parts.last_mut()) {
                ("", _) => begins = true,
                (_, Some(Part::Rules(rules))) if line.starts_with("  ") => {
                    rules.push(line.to_owned());
                }
                (_, _) if line.starts_with("  ") => parts.push(Part::Rules(vec![line.to_owned()])),
                (words, Some(Part::Words(said))) if !begins => {
                    said.push(' ');
                    said.push_str(words);
                }
                (words, _) => {
                    parts.push(Part::Words(words.to_owned()));
                    begins = false;
                }
            }
        }
        Remark { parts }
    }

    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    pub fn and(mut self, other: Remark) -> Remark {
        self.parts.extend(other.parts);
        self
    }

    /// Each paragraph and each group of rules by itself.
    pub fn blocks(&self) -> Vec<Block> {
        let block = |part: &Part| match part {
            Part::Words(words) => Block::Paragraph(spoken(words)),
            Part::Rules(lines) => {
                let bare = |line: &String| line.strip_prefix("  ").unwrap_or(line).to_owned();
                Block::Code(lines.iter().map(bare).collect())
            }
        };
        self.parts.iter().map(block).collect()
    }

    /// All of it as one text, for a cell.
    pub fn phrase(&self) -> Phrase {
        self.parts
            .iter()
            .fold(Phrase::new(), |phrase, part| match part {
                Part::Words(words) => phrase.line().join(spoken(words)),
                Part::Rules(lines) => lines
                    .iter()
                    .fold(phrase, |phrase, line| phrase.line().code(line.trim())),
            })
    }
}

/// Words with `rules` between backticks.
fn spoken(words: &str) -> Phrase {
    let mut phrase = Phrase::new();
    let mut rest = words;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((code, behind)) = after.split_once('`') else {
            break;
        };
        if !before.is_empty() {
            phrase = phrase.text(before);
        }
        if !code.is_empty() {
            phrase = phrase.code(code);
        }
        rest = behind;
    }
    if rest.is_empty() {
        phrase
    } else {
        phrase.text(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::parse;

    const TEXT: &str = "\
# People, and
# `lead` records.
#
# By hand.
#   pull delete

let A = 1  # one
# allow(unused-let): kept
let B = 2
# the end
";

    fn with(check: impl Fn(&Remarks<'_>)) {
        let mut sources = SourceMap::default();
        let file = sources.add("a.sync", TEXT);
        let parsed = parse(file, TEXT).file;
        check(&Remarks::of(&parsed, &sources, &Lines::of(TEXT)));
    }

    #[test]
    fn a_comment_is_paragraphs_and_rules() {
        with(|remarks| {
            let blocks = remarks.first().blocks();
            let people = Phrase::of("People, and ").code("lead").text(" records.");
            assert_eq!(
                blocks,
                [
                    Block::Paragraph(people),
                    Block::Paragraph(Phrase::of("By hand.")),
                    Block::Code(vec!["pull delete".to_owned()]),
                ]
            );
        });
    }

    #[test]
    fn a_comment_belongs_to_what_it_stands_by() {
        with(|remarks| {
            assert!(remarks.above(7).is_empty(), "a blank line parts them");
            assert_eq!(remarks.beside(7).phrase(), Phrase::of("one"));
            assert!(remarks.above(9).is_empty(), "it silences a finding");
            let above_it = |line| line == 9;
            assert_eq!(
                remarks.loose(7, 11, above_it)[0].phrase(),
                Phrase::of("the end")
            );
            assert!(remarks.loose(7, 9, above_it).is_empty());
        });
    }
}
