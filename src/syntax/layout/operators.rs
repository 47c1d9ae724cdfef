//! Operators and arrows, and the characters that are taken for them.

use super::lexer::Lexer;
use super::text_scan::is_name_byte;
use super::token::{Kind, Weight};
use crate::diagnostic::{Applicability, codes};
use crate::syntax::findings::{error, shown};
use crate::syntax::lookalike;

impl Lexer<'_> {
    pub(super) fn operator(&mut self, at: usize) -> usize {
        let rest = &self.bytes[at..];
        let three = rest.get(..3).unwrap_or_default();
        let two = rest.get(..2).unwrap_or_default();
        match (three, two) {
            (b"<->", _) => return self.push(Kind::Arrow, at, at + 3),
            (b"<=>", _) => return self.arrow_slip(at, at + 3, "<->"),
            (b"-->", _) => return self.arrow_slip(at, at + 3, "-> "),
            (_, b"<-" | b"->") => return self.push(Kind::Arrow, at, at + 2),
            (_, b"=>") => return self.push(Kind::FatArrow, at, at + 2),
            (_, b"==") => self.operator_slip(at, at + 2, "=", Some("= ")),
            (_, b"<>") => self.operator_slip(at, at + 2, "!=", Some("!=")),
            (_, b"=<") => self.operator_slip(at, at + 2, "<=", Some("<=")),
            (_, b"&&") => self.operator_slip(at, at + 2, "and", None),
            (_, b"||") => self.operator_slip(at, at + 2, "or", None),
            (_, b"<=" | b">=" | b"!=" | b"??") => {}
            _ => {
                match rest[0] {
                    b'|' => return self.push(Kind::Pipe, at, at + 1),
                    b'&' | b'?' => return self.push(Kind::Unknown, at, at + 1),
                    b'!' => self.operator_slip(at, at + 1, "not", None),
                    _ => {}
                }
                return self.push(Kind::Operator, at, at + 1);
            }
        }
        self.push(Kind::Operator, at, at + 2)
    }

    fn operator_slip(
        &mut self,
        at: usize,
        end: usize,
        meant: &'static str,
        patch: Option<&'static str>,
    ) {
        let written = &self.text[at..end];
        let is_word = meant.bytes().all(|byte| byte.is_ascii_alphabetic());
        let before = is_word && at > 0 && is_name_byte(self.bytes[at - 1])
            || is_word && matches!(self.bytes.get(at.wrapping_sub(1)), Some(b')' | b']' | b'"'));
        let after = is_word
            && self
                .bytes
                .get(end)
                .is_some_and(|byte| !byte.is_ascii_whitespace());
        let text = format!(
            "{}{meant}{}",
            if before { " " } else { "" },
            if after { " " } else { "" }
        );
        let finding = error(
            codes::OPERATOR_SLIP,
            self.span(at, end),
            format!("`{written}` is no operator of this language"),
        )
        .help(format!("write `{meant}`"))
        .fix(Applicability::Safe, self.span(at, end), text);
        self.slip(finding);
        if let Some(patch) = patch {
            self.patch(at, patch);
        }
    }

    /// What can only mean an arrow; `read_as` has the length of what is written.
    fn arrow_slip(&mut self, at: usize, end: usize, read_as: &'static str) -> usize {
        let meant = read_as.trim();
        let finding = error(
            codes::ARROW_SLIP,
            self.span(at, end),
            format!("`{}` is no arrow of this language", &self.text[at..end]),
        )
        .help(format!("write `{meant}`"))
        .fix(Applicability::Safe, self.span(at, end), meant);
        self.slip(finding);
        self.patch(at, read_as);
        self.push(Kind::Arrow, at, end)
    }

    pub(super) fn beyond_ascii(&mut self, at: usize) -> usize {
        let Some(c) = self.text[at..].chars().next() else {
            return at + 1;
        };
        let end = at + c.len_utf8();
        match c {
            _ if c.is_alphabetic() => self.word(at),
            '→' => self.arrow_slip(at, end, "-> "),
            '←' => self.arrow_slip(at, end, "<- "),
            '↔' => self.arrow_slip(at, end, "<->"),
            '≠' | '≤' | '≥' | '−' | '–' => {
                let (meant, patch) = match c {
                    '≠' => ("!=", "!= "),
                    '≤' => ("<=", "<= "),
                    '≥' => (">=", ">= "),
                    _ => ("-", "-  "),
                };
                self.operator_slip(at, end, meant, Some(patch));
                self.push(Kind::Operator, at, end)
            }
            '“' | '”' | '„' | '‘' | '’' | '«' | '»' => self.curly_quoted(at, end, c),
            _ if lookalike::turns_direction(c) || lookalike::has_no_width(c) => {
                self.hidden_character(at, c, Weight::Fatal, "");
                self.push(Kind::Unknown, at, end)
            }
            _ if lookalike::is_odd_blank(c) => {
                self.hidden_character(at, c, Weight::Slip, " ");
                self.patch(at, if c.len_utf8() == 2 { "  " } else { "   " });
                end
            }
            _ => self.push(Kind::Unknown, at, end),
        }
    }

    fn curly_quoted(&mut self, at: usize, open_end: usize, quote: char) -> usize {
        let line_end = self.end_of_line(at);
        let close = self.text[open_end..line_end]
            .char_indices()
            .find(|(_, c)| matches!(c, '“' | '”' | '’' | '‘' | '»' | '«' | '"'));
        let end = close.map_or(line_end, |(offset, c)| open_end + offset + c.len_utf8());
        let mut finding = error(
            codes::WRONG_QUOTE,
            self.span(at, end),
            format!("`{quote}` is no quote of this language"),
        );
        if let Some((offset, _)) = close {
            let text = format!("\"{}\"", &self.text[open_end..open_end + offset]);
            finding = finding.help(format!("write `{}`", shown(&text))).fix(
                Applicability::Safe,
                self.span(at, end),
                text,
            );
        }
        self.note(Weight::Fatal, finding);
        self.push(Kind::Text, at, end)
    }
}
