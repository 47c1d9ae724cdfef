//! Characters that deserve a finding wherever they stand: hidden ones, and look-alikes inside texts.

use crate::diagnostic::{Applicability, Finding, codes};

use super::lexer::Lexer;
use super::token::Weight;
use crate::syntax::findings::error;
use crate::syntax::lookalike;

impl Lexer<'_> {
    /// A character that cannot be seen; `instead` is what the fix writes.
    pub(super) fn hidden_character(&mut self, at: usize, c: char, weight: Weight, instead: &str) {
        let place = self.span(at, at + c.len_utf8());
        let point = lookalike::code_point(c);
        let (code, message) = if lookalike::turns_direction(c) {
            (
                codes::BIDI,
                format!("{point} turns the direction of the text that follows"),
            )
        } else if lookalike::is_odd_blank(c) {
            (
                codes::INVISIBLE,
                format!("{point} looks like a blank but is none"),
            )
        } else {
            (codes::INVISIBLE, format!("{point} cannot be seen"))
        };
        let help = match instead {
            "" => "remove it".to_owned(),
            " " => "write a plain blank".to_owned(),
            other => format!("write `{other}` if it is meant"),
        };
        self.note(
            weight,
            error(code, place, message)
                .help(help)
                .fix(Applicability::Safe, place, instead),
        );
    }

    /// Characters in a comment or name that turn the direction of text.
    pub(super) fn direction_characters(&mut self, start: usize, end: usize, escape: bool) {
        if self.text.is_char_boundary(end) && self.text[start..end].is_ascii() {
            return;
        }
        for (offset, c) in self.text[start..end].char_indices() {
            if lookalike::turns_direction(c) {
                let instead = if escape {
                    format!("\\u{{{:X}}}", c as u32)
                } else {
                    String::new()
                };
                self.hidden_character(start + offset, c, Weight::Aside, &instead);
            }
        }
    }

    /// Hidden characters inside a text are written as escapes; a word that mixes scripts there is a warning.
    pub(super) fn text_characters(&mut self, start: usize, end: usize) {
        let text = &self.text[start..end];
        if text.is_ascii() {
            return;
        }
        self.direction_characters(start, end, true);
        for (offset, c) in text.char_indices() {
            if lookalike::has_no_width(c) || lookalike::is_odd_blank(c) {
                let instead = format!("\\u{{{:X}}}", c as u32);
                self.hidden_character(start + offset, c, Weight::Aside, &instead);
                if let Some(noted) = self.out.noted.last_mut() {
                    noted.finding.severity = crate::diagnostic::Severity::Warning;
                }
            }
        }
        let mut word_start = 0;
        for (offset, separator) in text.char_indices().filter(|(_, c)| !c.is_alphanumeric()) {
            let word = &text[word_start..offset];
            if word.chars().any(|c| c.is_ascii_alphabetic())
                && let Some(pretended) = lookalike::pretended(word)
            {
                let place = self.span(start + word_start, start + offset);
                let finding = Finding::warning(
                    codes::LOOKALIKE,
                    place,
                    format!("`{word}` mixes Latin letters with others that look like them"),
                )
                .help(format!("write `{pretended}` in Latin letters"))
                .fix(Applicability::Unsafe, place, pretended);
                self.note(Weight::Aside, finding);
            }
            word_start = offset + separator.len_utf8();
        }
    }
}
