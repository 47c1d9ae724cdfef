//! The tokens of a file: just enough to find where statements begin and end.

use crate::diagnostic::Finding;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Word,
    /// A name in backticks.
    Quoted,
    /// A text with all that is inside it.
    Text,
    /// A number, date, instant or duration.
    Number,
    Regex,
    /// `->`, `<-`, `<->`, and the slips that can only mean one of them.
    Arrow,
    /// `=>`: an arrow or `>=`, whichever the statement needs.
    FatArrow,
    Comma,
    Dot,
    Colon,
    Pipe,
    /// `(`, `[`, `{`
    Open(u8),
    /// `)`, `]`, `}`
    Close(u8),
    Operator,
    /// A character that is nothing.
    Unknown,
}

/// One token; positions are bytes of the file.
#[derive(Debug, Clone, Copy)]
pub struct Token {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
    /// Index into [`Tokens::lines`].
    pub line: u32,
}

/// One physical line.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// Its first token, and the one after its last.
    pub first: u32,
    pub end: u32,
    /// Columns of blank before the first token or comment; a tab reaches the next multiple of four.
    pub indent: u32,
    /// Index into [`Tokens::comments`].
    pub comment: Option<u32>,
}

impl Line {
    pub fn is_empty(&self) -> bool {
        self.first == self.end
    }

    pub fn is_blank(&self) -> bool {
        self.is_empty() && self.comment.is_none()
    }
}

/// Bytes that read differently than they are written: as many of them, so that spans stay true.
#[derive(Debug, Clone, Copy)]
pub struct Patch {
    pub start: u32,
    pub text: &'static str,
}

/// What a finding of the lexer means for the statement that it stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// The statement cannot be read.
    Fatal,
    /// The statement can be read as it was meant.
    Slip,
    /// Beside the matter (in a comment, inside a text).
    Aside,
}

#[derive(Debug)]
pub struct Noted {
    pub weight: Weight,
    pub finding: Finding,
}

/// A file as tokens and lines.
#[derive(Debug, Default)]
pub struct Tokens {
    pub tokens: Vec<Token>,
    pub lines: Vec<Line>,
    /// Byte ranges from `#` to the end of the line.
    pub comments: Vec<(u32, u32)>,
    /// What is wrong with single tokens and characters.
    pub noted: Vec<Noted>,
    pub patches: Vec<Patch>,
    /// How deep the expressions inside a text may nest, by token, where it is not 0.
    pub text_depths: Vec<(u32, u32)>,
}

impl Tokens {
    pub fn kind(&self, index: usize) -> Option<Kind> {
        self.tokens.get(index).map(|token| token.kind)
    }

    pub fn text<'t>(&self, text: &'t str, index: usize) -> &'t str {
        self.tokens
            .get(index)
            .map_or("", |token| &text[token.start as usize..token.end as usize])
    }

    /// Whether a token touches the one before it.
    pub fn touches(&self, index: usize) -> bool {
        index > 0
            && index < self.tokens.len()
            && self.tokens[index - 1].end == self.tokens[index].start
    }

    pub fn is_first_of_line(&self, index: usize) -> bool {
        self.tokens
            .get(index)
            .is_some_and(|token| self.lines[token.line as usize].first as usize == index)
    }

    /// The columns of blank before the first token of the line on which this token stands.
    pub fn indent(&self, index: usize) -> u32 {
        self.tokens
            .get(index)
            .map_or(0, |token| self.lines[token.line as usize].indent)
    }
}
