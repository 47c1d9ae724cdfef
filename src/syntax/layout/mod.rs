//! A file cut into statements: where each begins and ends, and which braces it stands in.
//!
//! A statement ends with its line unless something continues it (language reference, section 3). Deciding that before the grammar is asked
//! means that a line that does not parse costs its own statement and no other.

mod brackets;
mod characters;
mod depth;
mod form;
mod lexer;
mod numbers;
mod operators;
mod text_scan;
mod token;

use rustc_hash::FxHashSet;

use crate::diagnostic::{Applicability, FileId, codes};

use brackets::Brackets;
pub use brackets::begins_item;
pub use depth::is_too_deep;
use form::is_path_and_arrow;
pub use form::{ACTIONS, Context, Form, ITEMS, STATEMENTS};
pub use lexer::lex;
pub use numbers::written_unit;
pub use token::{Kind, Noted, Token, Tokens, Weight};

use super::findings::{error, span};

/// Tokens `start..end`, which are one statement (or the head of a block, with its `{`).
#[derive(Debug, Clone, Copy)]
pub struct Piece {
    pub form: Form,
    pub context: Context,
    pub start: usize,
    pub end: usize,
}

/// An item of a file: a statement, or the head of a block with the statements in its braces.
#[derive(Debug)]
pub struct Section {
    pub head: Piece,
    pub block: Option<Block>,
}

#[derive(Debug)]
pub struct Block {
    pub open: usize,
    /// Its `}`, if there is one.
    pub close: Option<usize>,
    pub pieces: Vec<Piece>,
}

impl Section {
    /// One past its last token.
    pub fn end(&self) -> usize {
        let Some(block) = &self.block else {
            return self.head.end;
        };
        block.close.map_or_else(
            || block.pieces.last().map_or(self.head.end, |piece| piece.end),
            |close| close + 1,
        )
    }
}

/// A file as sections. Findings about brackets are noted among the tokens'.
pub fn sections(file: FileId, text: &str, tokens: &mut Tokens) -> Vec<Section> {
    let brackets = Brackets::of(tokens, text);
    let cutter = Cutter {
        text,
        tokens,
        brackets,
    };
    let sections = cutter.sections();
    let brackets = cutter.brackets;
    note_brackets(file, text, tokens, &brackets, &sections);
    tokens.noted.sort_by_key(|noted| noted.finding.span.start);
    tokens.patches.sort_by_key(|patch| patch.start);
    sections
}

fn note_brackets(
    file: FileId,
    text: &str,
    tokens: &mut Tokens,
    brackets: &Brackets,
    sections: &[Section],
) {
    let place = |token: &Token| span(file, token.start as usize, token.end as usize);
    for (open, implied) in &brackets.unclosed {
        let is_block = sections
            .binary_search_by_key(open, |section| {
                section
                    .block
                    .as_ref()
                    .map_or(section.head.start, |block| block.open)
            })
            .is_ok_and(|at| sections[at].block.is_some());
        let token = tokens.tokens[*open];
        let written = tokens.text(text, *open);
        let mut finding = error(
            codes::UNCLOSED,
            place(&token),
            format!("`{written}` is never closed"),
        )
        .help(format!("add `{}`", closer_of(written)));
        if let Some(next) = tokens.tokens.get(*implied).filter(|_| is_block) {
            finding = finding.label(place(next), "it must end before this");
        }
        tokens.noted.push(Noted {
            weight: if is_block {
                Weight::Aside
            } else {
                Weight::Fatal
            },
            finding,
        });
    }
    let closes: FxHashSet<usize> = sections
        .iter()
        .filter_map(|section| section.block.as_ref()?.close)
        .collect();
    for stray in &brackets.stray {
        if closes.contains(stray) {
            continue;
        }
        let token = tokens.tokens[*stray];
        let written = tokens.text(text, *stray);
        let finding = error(
            codes::STRAY_CLOSE,
            place(&token),
            format!("`{written}` closes nothing"),
        )
        .help("remove it")
        .fix(Applicability::Unsafe, place(&token), "");
        tokens.noted.push(Noted {
            weight: Weight::Fatal,
            finding,
        });
    }
    for pair in sections.windows(2) {
        let (before, after) = (&pair[0], &pair[1]);
        let start = tokens.tokens[after.head.start];
        if tokens.tokens[before.end() - 1].line == start.line
            && after.head.form != Form::UnknownItem
            && before.block.is_some()
        {
            let at = span(file, start.start as usize, start.start as usize);
            let finding = error(
                codes::ONE_LINE,
                place(&start),
                "two items stand on one line",
            )
            .help("begin a new line here")
            .fix(Applicability::Safe, at, "\n");
            tokens.noted.push(Noted {
                weight: Weight::Aside,
                finding,
            });
        }
    }
}

fn closer_of(open: &str) -> &'static str {
    match open {
        "(" => ")",
        "[" => "]",
        _ => "}",
    }
}

struct Cutter<'t> {
    text: &'t str,
    tokens: &'t Tokens,
    brackets: Brackets,
}

impl Cutter<'_> {
    fn sections(&self) -> Vec<Section> {
        let mut sections = Vec::new();
        let count = self.tokens.tokens.len();
        let mut at = 0;
        while at < count {
            let head = self.piece(Context::File, at, count);
            at = head.end;
            let mut section = Section { head, block: None };
            let open = head.end - 1;
            if head.form.opens().is_some() && self.tokens.kind(open) != Some(Kind::Open(b'{')) {
                at = self.without_brace(&mut section);
                sections.push(section);
                continue;
            }
            if let Some(context) = head.form.opens()
                && self.tokens.kind(open) == Some(Kind::Open(b'{'))
            {
                let close = self.brackets.partner(open);
                let end = close
                    .or_else(|| self.brackets.implied_end(open))
                    .unwrap_or(count);
                section.block = Some(Block {
                    open,
                    close,
                    pieces: self.pieces(context, open + 1, end),
                });
                at = close.map_or(end, |close| close + 1);
            }
            sections.push(section);
        }
        sections
    }

    /// A head without its `{`: the lines below it that are indented deeper are read as if they stood in braces. Gives where to go on.
    fn without_brace(&self, section: &mut Section) -> usize {
        let head = section.head;
        let Some(context) = head.form.opens() else {
            return head.end;
        };
        let count = self.tokens.tokens.len();
        if self.tokens.kind(head.end) == Some(Kind::Open(b'{'))
            && let Some(close) = self.brackets.partner(head.end)
        {
            let pieces = self.pieces(context, head.end + 1, close);
            section.block = Some(Block {
                open: head.end,
                close: Some(close),
                pieces,
            });
            return close + 1;
        }
        let indent = self.tokens.indent(head.start);
        let level = (head.end..count)
            .find(|at| self.tokens.is_first_of_line(*at) && self.tokens.indent(*at) <= indent);
        let end = level.unwrap_or(count);
        let close = level.filter(|at| self.brackets.stray.binary_search(at).is_ok());
        let pieces = self.pieces(context, head.end, end);
        if pieces.is_empty() && close.is_none() {
            return head.end;
        }
        section.block = Some(Block {
            open: head.end - 1,
            close,
            pieces,
        });
        close.map_or(end, |close| close + 1)
    }

    fn pieces(&self, context: Context, start: usize, end: usize) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut at = start;
        while at < end {
            let piece = self.piece(context, at, end);
            at = piece.end;
            pieces.push(piece);
        }
        pieces
    }

    /// The statement that begins at a token; it ends at `limit` at the latest.
    fn piece(&self, context: Context, start: usize, limit: usize) -> Piece {
        let form = Form::at(self.tokens, &self.brackets, self.text, context, start);
        let mut at = start;
        let end = loop {
            let mut next = at + 1;
            if let Some(Kind::Open(bracket)) = self.tokens.kind(at) {
                if bracket == b'{' && form.opens().is_some() && !self.is_record(at) {
                    break next;
                }
                if let Some(close) = self.brackets.partner(at)
                    && close > at
                {
                    next = close + 1;
                }
            }
            if next >= limit {
                break limit;
            }
            if self.tokens.tokens[next].line != self.tokens.tokens[next - 1].line
                && !self.continues(form, start, next)
            {
                break next;
            }
            at = next;
        };
        Piece {
            form,
            context,
            start,
            end,
        }
    }

    /// `or create {`: the only record braces that can stand in the head of a block.
    fn is_record(&self, open: usize) -> bool {
        open >= 2 && self.word(open - 1) == "create" && self.word(open - 2) == "or"
    }

    fn word(&self, index: usize) -> &str {
        match self.tokens.kind(index) {
            Some(Kind::Word) => self.tokens.text(self.text, index),
            _ => "",
        }
    }

    /// Whether the line that begins at `next` continues the statement that began at `start`.
    fn continues(&self, form: Form, start: usize, next: usize) -> bool {
        let before = next - 1;
        let (first_line, last_line) = (
            self.tokens.tokens[before].line as usize,
            self.tokens.tokens[next].line as usize,
        );
        if self.tokens.lines[first_line + 1..last_line]
            .iter()
            .any(token::Line::is_blank)
        {
            return false;
        }
        let in_values = matches!(form, Form::ValuesEntry | Form::ValuesElse);
        let field_line = is_path_and_arrow(self.tokens, &self.brackets, next);
        if self.asks_for_more(start, before, in_values) {
            let is_new = field_line && self.has_its_arrow(form, start, next);
            return !(is_new || self.begins_beyond_doubt(form, next));
        }
        if field_line {
            return false;
        }
        let word = self.word(next);
        if matches!(word, "and" | "or" | "else") {
            return !in_values;
        }
        form.clause_words().contains(&word)
            && self.tokens.indent(next) > self.tokens.indent(start)
            && !self.is_call_line(next)
            && match word {
                "if" => self.word(next + 1) == "empty",
                "first" => self.word(next + 1) == "prefer",
                "push" | "pull" if form == Form::Field => self.word(next + 1) == "when",
                "sync" | "push" | "pull" => !(start..next)
                    .any(|at| at > start && matches!(self.word(at), "sync" | "push" | "pull")),
                _ => true,
            }
    }

    /// An expression has no arrows: a line with one is a new line, unless the open one still needs its arrow.
    fn has_its_arrow(&self, form: Form, start: usize, next: usize) -> bool {
        form != Form::Field
            || (start..next)
                .any(|at| matches!(self.tokens.kind(at), Some(Kind::Arrow | Kind::FatArrow)))
    }

    /// Two words in a row, the first of which begins a statement: no expression goes on so.
    fn begins_beyond_doubt(&self, form: Form, next: usize) -> bool {
        if begins_item(self.tokens, self.text, next) {
            return true;
        }
        let second = self.word(next + 1);
        let joins = matches!(
            second,
            "" | "and" | "or" | "in" | "is" | "not" | "matches" | "then" | "else"
        );
        !joins && !form.clause_words().contains(&second) && form.is_begun_by(self.word(next))
    }

    /// `first(items) -> X`: a field line, not a clause.
    fn is_call_line(&self, at: usize) -> bool {
        self.tokens.kind(at + 1) == Some(Kind::Open(b'('))
            && self.tokens.touches(at + 1)
            && self.brackets.partner(at + 1).is_some_and(|close| {
                matches!(
                    self.tokens.kind(close + 1),
                    Some(Kind::Arrow | Kind::FatArrow)
                )
            })
    }

    /// A line that ends with `,`, an operator, `=` or `then`.
    fn asks_for_more(&self, start: usize, last: usize, in_values: bool) -> bool {
        let before = (last > start).then(|| last - 1);
        let kind_before = before.and_then(|at| self.tokens.kind(at));
        match self.tokens.kind(last) {
            Some(Kind::Comma) => !in_values,
            Some(Kind::Operator) => {
                !(kind_before == Some(Kind::Arrow) && self.tokens.text(self.text, last) == "*")
            }
            Some(Kind::Arrow | Kind::FatArrow | Kind::Pipe) => true,
            Some(Kind::Word) => match self.word(last) {
                "and" | "or" | "in" | "matches" | "is" | "then" | "else" => {
                    self.ends_operand(before)
                }
                "not" => {
                    before.is_some()
                        && kind_before != Some(Kind::Dot)
                        && kind_before != Some(Kind::Arrow)
                }
                _ => false,
            },
            _ => false,
        }
    }

    fn ends_operand(&self, index: Option<usize>) -> bool {
        index
            .and_then(|at| self.tokens.kind(at))
            .is_some_and(|kind| {
                matches!(
                    kind,
                    Kind::Word
                        | Kind::Quoted
                        | Kind::Text
                        | Kind::Number
                        | Kind::Regex
                        | Kind::Close(b')' | b']' | b'}')
                )
            })
    }
}
