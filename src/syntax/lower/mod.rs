//! From the grammar's nodes to the tree, one construct per file. The grammar is loose where a precise complaint can be made here.

mod action;
mod expression;
mod field;
mod item;
mod literal;
mod matching;
mod operation;
mod query;
mod text;
mod values;

use smol_str::SmolStr;

use super::ast::{Arrow, Direction, Name, Path, PlainText};
use super::findings::{error, nearest, one_of, span};
use super::grammar::{Node, Rule, children};
use crate::diagnostic::{Applicability, Code, FileId, Finding, Span, codes};

/// What lowering needs of a statement: where it stands, and where its findings go.
pub struct Lower<'f> {
    pub place: Placement,
    pub findings: &'f mut Vec<Finding>,
}

/// Where the text that is lowered stands in its file.
#[derive(Debug, Clone, Copy)]
pub struct Placement {
    pub file: FileId,
    /// The byte at which the statement begins.
    pub base: usize,
    /// The text was mended before it was read, in one place.
    pub mend: Option<Mend>,
}

/// Bytes of a statement that read differently than they are written, and not as many.
#[derive(Debug, Clone, Copy)]
pub struct Mend {
    /// From the statement's beginning.
    pub at: usize,
    /// How many are written, and how many are read in their place.
    pub written: usize,
    pub read: usize,
}

impl Placement {
    fn span(&self, node: &Node<'_>) -> Span {
        let place = node.as_span();
        let end = place.start() + written_length(place.as_str());
        let start = self.base + self.written(place.start(), false);
        span(self.file, start, self.base + self.written(end, true))
    }

    /// The byte as it is written of one that is read; within the mended bytes their beginning or their end.
    fn written(&self, read: usize, is_end: bool) -> usize {
        match self.mend {
            Some(mend) if read >= mend.at + mend.read => read - mend.read + mend.written,
            Some(mend) if read > mend.at => mend.at + if is_end { mend.written } else { 0 },
            _ => read,
        }
    }
}

impl Lower<'_> {
    fn span(&self, node: &Node<'_>) -> Span {
        self.place.span(node)
    }

    fn complain(
        &mut self,
        code: Code,
        place: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.findings.push(error(code, place, message).help(help));
    }

    fn name(&self, node: &Node<'_>) -> Name {
        let written = node.as_str();
        let text = match node.as_rule() {
            Rule::quoted => &written[1..written.len() - 1],
            _ => written,
        };
        Name {
            text: SmolStr::new(text),
            span: self.span(node),
        }
    }

    fn names(&self, node: Node<'_>) -> Vec<Name> {
        children(node).map(|child| self.name(&child)).collect()
    }

    fn path(&self, node: Node<'_>) -> Path {
        Path {
            span: self.span(&node),
            names: self.names(node),
        }
    }

    fn arrow(&self, node: Node<'_>) -> (Arrow, Span) {
        let place = self.span(&node);
        let arrow = match children(node).next().map(|child| child.as_rule()) {
            Some(Rule::arrow_both) => Arrow::Both,
            Some(Rule::arrow_push) => Arrow::Push,
            _ => Arrow::Pull,
        };
        (arrow, place)
    }

    fn direction(&self, node: &Node<'_>) -> Direction {
        if node.as_str() == "push" {
            Direction::Push
        } else {
            Direction::Pull
        }
    }

    fn plain_text(&mut self, node: Node<'_>) -> PlainText {
        PlainText {
            span: self.span(&node),
            text: self.plain_value(node),
        }
    }

    /// The member of a closed set of words that a node names; for another word a finding, and the member that it is close to.
    fn word<T: Copy>(
        &mut self,
        node: &Node<'_>,
        what: &str,
        known: &[(&'static str, T)],
    ) -> Option<T> {
        let written = node.as_str();
        if let Some((_, value)) = known.iter().find(|(word, _)| *word == written) {
            return Some(*value);
        }
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        let place = self.span(node);
        let finding = error(
            codes::UNKNOWN_WORD,
            place,
            format!("`{written}` is no {what}"),
        );
        let meant = nearest(written, &words);
        self.findings.push(match meant {
            Some(meant) => finding.help(format!("did you mean `{meant}`?")).fix(
                Applicability::Safe,
                place,
                meant,
            ),
            None => finding.help(format!("write {}", one_of(&words))),
        });
        let (_, value) = known.iter().find(|(word, _)| Some(*word) == meant)?;
        Some(*value)
    }

    /// A finding where something is given a second time.
    fn repeated(&mut self, what: &str, first: Span, second: Span) {
        self.findings.push(
            error(codes::REPEATED, second, format!("`{what}` is given twice"))
                .label(first, "first here")
                .help("keep one of them"),
        );
    }
}

/// A rule with an optional end has looked for it behind blanks and comments: they are no part of what is written.
fn written_length(text: &str) -> usize {
    let mut written = text.trim_end();
    while let Some(line) = written.rfind('\n')
        && written[line..].trim_start().starts_with('#')
    {
        written = written[..line].trim_end();
    }
    written.len()
}
