//! A file cut into tokens. No token crosses a line, so a mistake in one never reaches the next line.

use crate::diagnostic::{Applicability, FileId, Finding, Span, codes};

use super::text_scan::{is_name_byte, regex_end, scan, scan_plain};
use super::token::{Kind, Line, Noted, Patch, Token, Tokens, Weight};
use crate::syntax::findings::{error, shown, span};
use crate::syntax::lookalike;

pub fn lex(file: FileId, text: &str) -> Tokens {
    let mut lexer = Lexer {
        file,
        text,
        bytes: text.as_bytes(),
        out: Tokens::default(),
        plain_texts: false,
        failed_line: None,
        line_end: 0,
    };
    lexer.file();
    lexer.out
}

pub(super) struct Lexer<'t> {
    pub(super) file: FileId,
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) out: Tokens,
    /// Inside `values NAME { … }`, whose texts are not interpolated.
    plain_texts: bool,
    /// The line on which a text had an open interpolation: not tried again there, so that the time stays linear.
    failed_line: Option<usize>,
    line_end: usize,
}

impl Lexer<'_> {
    fn file(&mut self) {
        let mut at = if self.text.starts_with('\u{FEFF}') {
            3
        } else {
            0
        };
        loop {
            at = self.line(at);
            if at >= self.bytes.len() {
                break;
            }
        }
    }

    /// Lexes one line and gives the start of the next.
    fn line(&mut self, start: usize) -> usize {
        let mut at = start;
        let mut indent = 0;
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b' ' => indent += 1,
                b'\t' => indent = (indent / 4 + 1) * 4,
                _ => break,
            }
            at += 1;
        }
        self.line_end = 0;
        let first = self.count();
        self.out.lines.push(Line {
            first,
            end: first,
            indent,
            comment: None,
        });
        while let Some(byte) = self.bytes.get(at).copied() {
            match byte {
                b'\n' => {
                    at += 1;
                    break;
                }
                b' ' | b'\t' | b'\r' => at += 1,
                b'#' => at = self.comment(at),
                _ => at = self.token(at, byte),
            }
        }
        let end = self.count();
        if let Some(line) = self.out.lines.last_mut() {
            line.end = end;
        }
        at
    }

    fn count(&self) -> u32 {
        u32::try_from(self.out.tokens.len()).unwrap_or(u32::MAX)
    }

    /// The end of the line that holds a byte, looked up once a line so that the time stays linear.
    pub(super) fn end_of_line(&mut self, at: usize) -> usize {
        if at > self.line_end || self.line_end == 0 {
            let rest = &self.bytes[at..];
            self.line_end = rest
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(self.bytes.len(), |length| at + length);
        }
        let end = self.line_end;
        if end > at && self.bytes[end - 1] == b'\r' {
            end - 1
        } else {
            end
        }
    }

    fn comment(&mut self, at: usize) -> usize {
        let end = self.end_of_line(at);
        let index = u32::try_from(self.out.comments.len()).unwrap_or(u32::MAX);
        self.out.comments.push((at as u32, end as u32));
        if let Some(line) = self.out.lines.last_mut() {
            line.comment = Some(index);
        }
        self.direction_characters(at, end, false);
        end
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        span(self.file, start, end)
    }

    pub(super) fn note(&mut self, weight: Weight, finding: Finding) {
        self.out.noted.push(Noted { weight, finding });
    }

    pub(super) fn push(&mut self, kind: Kind, start: usize, end: usize) -> usize {
        let line = self.out.lines.len().saturating_sub(1);
        self.out.tokens.push(Token {
            kind,
            start: start as u32,
            end: end as u32,
            line: line as u32,
        });
        end
    }

    pub(super) fn patch(&mut self, start: usize, text: &'static str) {
        self.out.patches.push(Patch {
            start: start as u32,
            text,
        });
    }

    pub(super) fn slip(&mut self, finding: Finding) {
        self.note(Weight::Slip, finding);
    }

    fn token(&mut self, at: usize, byte: u8) -> usize {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(at),
            b'"' => self.quoted_text(at),
            b'0'..=b'9' => self.number(at),
            b'`' => self.quoted_name(at),
            b'(' | b'[' => self.push(Kind::Open(byte), at, at + 1),
            b'{' => {
                self.plain_texts = self.plain_texts || self.opens_values();
                self.push(Kind::Open(byte), at, at + 1)
            }
            b')' | b']' => self.push(Kind::Close(byte), at, at + 1),
            b'}' => {
                self.plain_texts = false;
                self.push(Kind::Close(byte), at, at + 1)
            }
            b',' => self.push(Kind::Comma, at, at + 1),
            b':' => {
                // `relationship NAME:`: the braces of the values above were never closed.
                self.plain_texts = false;
                self.push(Kind::Colon, at, at + 1)
            }
            b'.' => self.dot(at),
            b'\'' => self.single_quoted(at),
            b'/' => self.slash(at),
            b'<' | b'>' | b'=' | b'-' | b'!' | b'&' | b'|' | b'?' | b'+' | b'*' | b'%' => {
                self.operator(at)
            }
            0x80.. => self.beyond_ascii(at),
            _ => self.push(Kind::Unknown, at, at + 1),
        }
    }

    /// `values NAME` stands before the brace: nothing else in the language reads so.
    fn opens_values(&self) -> bool {
        let [.., values, name] = self.out.tokens.as_slice() else {
            return false;
        };
        values.kind == Kind::Word
            && matches!(name.kind, Kind::Word | Kind::Quoted)
            && &self.text[values.start as usize..values.end as usize] == "values"
    }

    fn word_end(&self, at: usize) -> usize {
        let mut end = at;
        while end < self.bytes.len() && is_name_byte(self.bytes[end]) {
            if self.bytes[end].is_ascii() {
                end += 1;
                continue;
            }
            match self.text[end..].chars().next() {
                Some(c) if c.is_alphabetic() => end += c.len_utf8(),
                _ => break,
            }
        }
        end
    }

    pub(super) fn word(&mut self, at: usize) -> usize {
        let end = self.word_end(at);
        let word = &self.text[at..end];
        if !word.is_ascii()
            && let Some(pretended) = lookalike::pretended(word)
        {
            let odd: Vec<char> = word
                .chars()
                .filter(|c| lookalike::latin_twin(*c).is_some())
                .collect();
            let message = match odd.first() {
                Some(c) => format!(
                    "`{word}` is written with `{c}` ({}), which looks like a Latin letter",
                    lookalike::code_point(*c)
                ),
                None => format!("`{word}` is written with look-alike letters"),
            };
            let finding = error(codes::LOOKALIKE, self.span(at, end), message)
                .help(format!("write `{pretended}` in Latin letters, or put the name in backticks if it is spelt so in the store"))
                .fix(Applicability::Unsafe, self.span(at, end), pretended);
            self.note(Weight::Fatal, finding);
        }
        self.push(Kind::Word, at, end)
    }

    fn quoted_name(&mut self, at: usize) -> usize {
        let line_end = self.end_of_line(at);
        match self.text[at + 1..line_end].find('`') {
            Some(0) => {
                self.note(
                    Weight::Fatal,
                    error(
                        codes::BAD_NAME,
                        self.span(at, at + 2),
                        "a name in backticks is empty",
                    ),
                );
                self.push(Kind::Quoted, at, at + 2)
            }
            Some(length) => {
                let end = at + 1 + length + 1;
                self.direction_characters(at, end, false);
                self.push(Kind::Quoted, at, end)
            }
            None => {
                let finding = error(codes::BAD_NAME, self.span(at, line_end), "this name has no closing backtick")
                    .help("names that are not made of letters, digits and `_` stand between two backticks");
                self.note(Weight::Fatal, finding);
                self.push(Kind::Quoted, at, line_end)
            }
        }
    }

    fn quoted_text(&mut self, at: usize) -> usize {
        let line = self.out.lines.len();
        let scanned = if self.plain_texts || self.failed_line == Some(line) {
            scan_plain(self.bytes, at)
        } else {
            scan(self.bytes, at)
        };
        let Some(scanned) = scanned else {
            let end = self.end_of_line(at);
            let trimmed = at + self.text[at..end].trim_end().len();
            let finding = error(codes::UNTERMINATED_TEXT, self.span(at, trimmed), "this text has no closing quote")
                .help("texts end on the line on which they begin; write `\\\"` for a quote inside, `\\n` for a line break");
            self.note(Weight::Fatal, finding);
            return self.push(Kind::Text, at, end);
        };
        if let Some(brace) = scanned.open_brace {
            self.failed_line = Some(line);
            let finding = error(
                codes::UNCLOSED_INTERPOLATION,
                self.span(brace, brace + 1),
                "this `{` has no `}` before the text ends",
            )
            .help("write `\\{` for a brace that is part of the text")
            .fix(Applicability::Unsafe, self.span(brace, brace + 1), "\\{");
            self.note(Weight::Fatal, finding);
        }
        if scanned.depth > 0 {
            self.out.text_depths.push((self.count(), scanned.depth));
        }
        self.text_characters(at, scanned.end);
        self.push(Kind::Text, at, scanned.end)
    }

    fn single_quoted(&mut self, at: usize) -> usize {
        let line_end = self.end_of_line(at);
        let close = self.text[at + 1..line_end]
            .find('\'')
            .map(|length| at + 1 + length);
        let end = close.map_or(line_end, |close| close + 1);
        let mut finding = error(
            codes::WRONG_QUOTE,
            self.span(at, end),
            "texts stand between double quotes",
        );
        if let Some(close) = close {
            let inner = &self.text[at + 1..close];
            let text = format!(
                "\"{}\"",
                inner
                    .replace('\\', "\\\\")
                    .replace('"', "\\\"")
                    .replace('{', "\\{")
            );
            finding = finding.help(format!("write `{}`", shown(&text))).fix(
                Applicability::Safe,
                self.span(at, end),
                text,
            );
        }
        self.note(Weight::Fatal, finding);
        self.push(Kind::Text, at, end)
    }

    fn slash(&mut self, at: usize) -> usize {
        if self.bytes.get(at + 1) == Some(&b'/') {
            let finding = error(
                codes::COMMENT_SLIP,
                self.span(at, at + 2),
                "`//` does not begin a comment",
            )
            .help("comments begin with `#`")
            .fix(Applicability::Safe, self.span(at, at + 2), "#");
            self.slip(finding);
            self.patch(at, "# ");
            return self.comment(at);
        }
        let Some(end) = self
            .regex_may_follow()
            .then(|| regex_end(self.bytes, at))
            .flatten()
        else {
            return self.push(Kind::Operator, at, at + 1);
        };
        let flags = self.word_end(end);
        let written = &self.text[end..flags];
        if !matches!(written, "" | "i") {
            let finding = error(
                codes::BAD_REGEX_LITERAL,
                self.span(end, flags),
                format!("`{written}` is no flag of a regular expression"),
            )
            .help("the only flag is `i`: letters match in either case");
            self.note(Weight::Fatal, finding);
        }
        self.push(Kind::Regex, at, flags)
    }

    /// A regular expression stands where an operand is expected; after words only those that ask for one.
    fn regex_may_follow(&self) -> bool {
        let tokens = &self.out.tokens;
        let Some(last) = tokens.last() else {
            return true;
        };
        match last.kind {
            Kind::Operator
            | Kind::Comma
            | Kind::Arrow
            | Kind::FatArrow
            | Kind::Open(_)
            | Kind::Colon => true,
            Kind::Word => {
                let word = &self.text[last.start as usize..last.end as usize];
                let after_operand = tokens.len() > 1
                    && matches!(
                        tokens[tokens.len() - 2].kind,
                        Kind::Word
                            | Kind::Quoted
                            | Kind::Close(b')' | b']')
                            | Kind::Text
                            | Kind::Number
                    );
                matches!(word, "not" | "if")
                    || (after_operand
                        && matches!(word, "matches" | "and" | "or" | "in" | "then" | "else"))
            }
            _ => false,
        }
    }

    fn dot(&mut self, at: usize) -> usize {
        let joins = self.out.tokens.last().is_some_and(|token| {
            token.end as usize == at && !matches!(token.kind, Kind::Operator | Kind::Comma)
        });
        if !joins && self.bytes.get(at + 1).is_some_and(u8::is_ascii_digit) {
            let end = self.word_end(at + 1);
            self.bad_number(at, end, Some(format!("0{}", &self.text[at..end])));
            return self.push(Kind::Number, at, end);
        }
        self.push(Kind::Dot, at, at + 1)
    }
}
