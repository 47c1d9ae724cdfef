//! The lines of a file in canonical layout: statement by statement, comment by comment.

use super::Care;
use super::align::{Body, Cells, Line, text as lines_text};
use super::spacing::joined;
use crate::syntax::ast::{ItemKind, StatementKind};
use crate::syntax::layout::{Form, Kind, Piece, Section, Tokens};
use crate::syntax::read::Reading;

/// Columns by which the statements of a block are indented.
const INDENT: usize = 2;

/// The file in canonical layout, whatever it means then.
pub fn written(text: &str, reading: &Reading, care: Care) -> String {
    let mut writer = Writer {
        text,
        reading,
        tokens: &reading.tokens,
        lines: Vec::new(),
        next_line: 0,
        care,
    };
    for (index, section) in reading.sections.iter().enumerate() {
        writer.section(index, section);
    }
    writer.lines_before(writer.tokens.lines.len(), 0);
    while matches!(writer.lines.last(), Some(line) if matches!(line.body, Body::Blank)) {
        writer.lines.pop();
    }
    let line_end = if text
        .split_once('\n')
        .is_some_and(|(first, _)| first.ends_with('\r'))
    {
        "\r\n"
    } else {
        "\n"
    };
    let body = lines_text(&writer.lines, line_end);
    if text.starts_with('\u{FEFF}') {
        format!("\u{FEFF}{body}")
    } else {
        body
    }
}

struct Writer<'r> {
    text: &'r str,
    reading: &'r Reading,
    tokens: &'r Tokens,
    lines: Vec<Line>,
    /// The first physical line whose comment or blank has not been written.
    next_line: usize,
    care: Care,
}

impl Writer<'_> {
    fn line_of(&self, token: usize) -> usize {
        self.tokens
            .tokens
            .get(token)
            .map_or(self.tokens.lines.len(), |token| token.line as usize)
    }

    /// Writes the comment lines and blank lines that stand before a physical line.
    fn lines_before(&mut self, line: usize, indent: usize) {
        for at in self.next_line..line {
            let physical = self.tokens.lines[at];
            if physical.is_blank() {
                let after_text = self
                    .lines
                    .last()
                    .is_some_and(|line| !matches!(line.body, Body::Blank) && !opens_block(line));
                if after_text {
                    self.lines.push(Line {
                        indent: 0,
                        body: Body::Blank,
                        comment: None,
                    });
                }
            } else if physical.is_empty()
                && let Some(comment) = self.comment(at)
            {
                self.lines.push(Line {
                    indent,
                    body: Body::Comment(comment),
                    comment: None,
                });
            }
        }
        self.next_line = self.next_line.max(line);
    }

    fn comment(&self, line: usize) -> Option<String> {
        let index = self.tokens.lines[line].comment?;
        let (start, end) = self.tokens.comments[index as usize];
        Some(
            self.text[start as usize..end as usize]
                .trim_end()
                .to_owned(),
        )
    }

    /// The comment behind a token, if the token ends its line.
    fn comment_after(&self, token: usize) -> Option<String> {
        let line = self.line_of(token);
        if self.tokens.lines[line].end as usize != token + 1 {
            return None;
        }
        self.comment(line)
    }

    fn section(&mut self, index: usize, section: &Section) {
        let Some(block) = &section.block else {
            self.piece(section.head, 0, None);
            return;
        };
        let broken = &self.reading.broken;
        let is_left = broken.contains(&section.head.start)
            || self.care == Care::Blocks
                && block
                    .pieces
                    .iter()
                    .any(|piece| broken.contains(&piece.start));
        let (Some(close), false) = (block.close, is_left) else {
            self.verbatim(section.head.start, section.end());
            return;
        };
        self.piece(section.head, 0, None);
        let item = self
            .reading
            .parsed
            .file
            .items
            .get(index)
            .map(|item| &item.kind);
        for (at, piece) in block.pieces.iter().enumerate() {
            let statement = match item {
                Some(ItemKind::Relationship(item)) => {
                    item.statements.get(at).map(|statement| &statement.kind)
                }
                _ => None,
            };
            self.piece(*piece, INDENT, statement);
        }
        self.lines_before(self.line_of(close), INDENT);
        while matches!(self.lines.last(), Some(line) if matches!(line.body, Body::Blank)) {
            self.lines.pop();
        }
        let empty = block.pieces.is_empty();
        match self.lines.last_mut() {
            Some(Line {
                body: Body::Text(text),
                comment: None,
                ..
            }) if empty && text.ends_with('{') => {
                text.push('}');
            }
            _ => self.lines.push(Line {
                indent: 0,
                body: Body::Text("}".to_owned()),
                comment: None,
            }),
        }
        let comment = self.comment_after(close);
        if let Some(line) = self.lines.last_mut() {
            line.comment = comment;
        }
        self.next_line = self.next_line.max(self.line_of(close) + 1);
    }

    /// Leaves the tokens `start..end` as they stand, with the whole of the lines that they have for themselves.
    fn verbatim(&mut self, start: usize, end: usize) {
        self.lines_before(
            self.line_of(start),
            if self.tokens.indent(start) > 0 {
                INDENT
            } else {
                0
            },
        );
        let tokens = &self.tokens.tokens;
        let (first, last) = (tokens[start], tokens[end - 1]);
        let mut from = first.start as usize;
        let mut to = last.end as usize;
        if self.tokens.is_first_of_line(start) {
            from = self.text[..from]
                .rfind('\n')
                .map_or(0, |newline| newline + 1);
            if from == 0 && self.text.starts_with('\u{FEFF}') {
                from = '\u{FEFF}'.len_utf8();
            }
        }
        if self.tokens.lines[last.line as usize].end as usize == end {
            to = self.text[to..]
                .find('\n')
                .map_or(self.text.len(), |length| to + length);
        }
        for line in self.text[from..to].split('\n') {
            let line = line.strip_suffix('\r').unwrap_or(line);
            self.lines.push(Line {
                indent: 0,
                body: Body::Verbatim(line.to_owned()),
                comment: None,
            });
        }
        self.next_line = self.next_line.max(last.line as usize + 1);
    }

    /// One statement, or the head of a block with its `{`.
    fn piece(&mut self, piece: Piece, indent: usize, statement: Option<&StatementKind>) {
        if self.reading.broken.contains(&piece.start) {
            self.verbatim(piece.start, piece.end);
            return;
        }
        self.lines_before(self.line_of(piece.start), indent);
        let mut brackets: Vec<usize> = Vec::new();
        let mut clause: Option<usize> = None;
        let mut start = piece.start;
        let mut line_indent = indent;
        while start < piece.end {
            let end = (start + 1..piece.end)
                .find(|at| self.line_of(*at) != self.line_of(start))
                .unwrap_or(piece.end);
            if start > piece.start {
                line_indent = self.continued_indent(piece, indent, start, &brackets, &mut clause);
                self.lines_before(self.line_of(start), line_indent);
            }
            for at in start..end {
                match self.tokens.kind(at) {
                    Some(Kind::Open(_)) => brackets.push(line_indent),
                    Some(Kind::Close(_)) => {
                        brackets.pop();
                    }
                    _ => {}
                }
            }
            let body = self.line_body(piece, start, end, statement);
            let comment = self.comment_after(end - 1);
            self.lines.push(Line {
                indent: line_indent,
                body,
                comment,
            });
            self.next_line = self.next_line.max(self.line_of(end - 1) + 1);
            start = end;
        }
    }

    /// The indentation of a line inside a statement.
    fn continued_indent(
        &self,
        piece: Piece,
        indent: usize,
        start: usize,
        brackets: &[usize],
        clause: &mut Option<usize>,
    ) -> usize {
        match (brackets.last(), self.tokens.kind(start)) {
            (Some(opened), Some(Kind::Close(_))) => *opened,
            (Some(opened), _) => opened + INDENT,
            (None, Some(Kind::Word))
                if piece
                    .form
                    .clause_words()
                    .contains(&self.tokens.text(self.text, start)) =>
            {
                let column = indent + clause_indent(piece.form);
                *clause = Some(column);
                column
            }
            _ => clause.unwrap_or(indent + clause_indent(piece.form) - INDENT) + INDENT,
        }
    }

    fn line_body(
        &self,
        piece: Piece,
        start: usize,
        end: usize,
        statement: Option<&StatementKind>,
    ) -> Body {
        let has_arrow = matches!(piece.form, Form::Field | Form::ValuesEntry);
        if !has_arrow {
            return Body::Text(self.joined(piece.start, start, end));
        }
        if start > piece.start {
            return Body::Continued(self.joined(piece.start, start, end));
        }
        self.cells(piece, end, statement).map_or_else(
            || Body::Continued(self.joined(piece.start, start, end)),
            Body::Arrow,
        )
    }

    /// The parts of a line with an arrow, if its arrow and right side stand on its first line.
    fn cells(&self, piece: Piece, end: usize, statement: Option<&StatementKind>) -> Option<Cells> {
        let mut depth = 0_usize;
        let arrow = (piece.start..end).find(|at| {
            match self.tokens.kind(*at) {
                Some(Kind::Open(_)) => depth += 1,
                Some(Kind::Close(_)) => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && self.tokens.kind(*at) == Some(Kind::Arrow)
        })?;
        let rest = match statement {
            Some(StatementKind::Field(field)) => {
                field.modifiers.first().map_or(piece.end, |modifier| {
                    self.tokens
                        .tokens
                        .partition_point(|token| token.start < modifier.span.start)
                })
            }
            _ => piece.end,
        };
        if arrow + 1 >= end
            || rest < piece.end && rest > end
            || rest == piece.end && end < piece.end
        {
            return None;
        }
        Some(Cells {
            left: self.joined(piece.start, piece.start, arrow),
            arrow: match self.tokens.text(self.text, arrow) {
                "->" => "->",
                "<-" => "<-",
                _ => "<->",
            },
            right: self.joined(piece.start, arrow + 1, rest),
            rest: if rest < end {
                self.joined(piece.start, rest, end)
            } else {
                String::new()
            },
            gap: if piece.form == Form::Field { 2 } else { 1 },
        })
    }

    fn joined(&self, piece_start: usize, start: usize, end: usize) -> String {
        joined(self.tokens, self.text, piece_start, start..end)
    }
}

fn opens_block(line: &Line) -> bool {
    matches!(&line.body, Body::Text(text) if line.indent == 0 && text.ends_with('{'))
}

/// How far the clauses of a statement stand behind its first word: below what they belong to.
fn clause_indent(form: Form) -> usize {
    match form {
        Form::Operation => "push ".len(),
        Form::Match => "match ".len(),
        Form::Convert => "convert ".len(),
        Form::Sync | Form::Let | Form::Fn | Form::Lens | Form::Schedule | Form::TriggerHead => {
            INDENT
        }
        _ => 2 * INDENT,
    }
}
