//! Numbers, dates, instants and durations as tokens; what looks like one and is none.

use crate::diagnostic::{Applicability, codes};

use super::lexer::Lexer;
use super::text_scan::is_name_byte;
use super::token::{Kind, Weight};
use crate::syntax::findings::error;

impl Lexer<'_> {
    pub(super) fn number(&mut self, at: usize) -> usize {
        if let Some(end) = date_end(self.bytes, at) {
            return self.date(at, end);
        }
        let mut end = self.digits(at);
        if self.bytes.get(end) == Some(&b'.')
            && self.bytes.get(end + 1).is_some_and(u8::is_ascii_digit)
        {
            end = self.digits(end + 1);
        } else if self.bytes.get(end) == Some(&b'.')
            && !self
                .bytes
                .get(end + 1)
                .is_some_and(|byte| is_name_byte(*byte))
        {
            let whole = self.text[at..end].to_owned();
            self.bad_number(at, end + 1, Some(whole));
            return self.push(Kind::Number, at, end + 1);
        }
        let run = self.name_run(end);
        if run > end {
            let written = &self.text[at..run];
            let unit = &self.text[end..run];
            if !matches!(unit, "s" | "m" | "h" | "d") || self.text[at..end].contains('.') {
                let plain: String = written.chars().filter(|c| *c != '_').collect();
                let only_separators = plain
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'.')
                    && !written.ends_with('_');
                let duration = written_unit(unit)
                    .filter(|_| !self.text[at..end].contains('.'))
                    .map(|unit| format!("{}{unit}", &self.text[at..end]));
                self.bad_number(at, run, duration.or(only_separators.then_some(plain)));
            }
        }
        self.push(Kind::Number, at, run)
    }

    fn date(&mut self, at: usize, day_end: usize) -> usize {
        let end = instant_end(self.bytes, day_end).unwrap_or(day_end);
        let run = self.name_run(end);
        if run > end {
            let finding = error(
                codes::BAD_DATE,
                self.span(at, run),
                format!("`{}` is no date and no instant", &self.text[at..run]),
            )
            .help("a date is `2024-06-01`, an instant `2024-06-01T10:00:00Z`");
            self.note(Weight::Fatal, finding);
        }
        self.push(Kind::Number, at, run)
    }

    fn digits(&self, at: usize) -> usize {
        at + self.bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    }

    fn name_run(&self, at: usize) -> usize {
        at + self.bytes[at..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
            .count()
    }

    /// `meant` is what the fix writes.
    pub(super) fn bad_number(&mut self, at: usize, end: usize, meant: Option<String>) {
        let place = self.span(at, end);
        let what = if self.text[at..end].contains(|c: char| c.is_ascii_alphabetic()) {
            "neither a number nor a duration"
        } else {
            "no number"
        };
        let finding = error(
            codes::BAD_NUMBER,
            place,
            format!("`{}` is {what}", &self.text[at..end]),
        );
        let finding = match meant {
            Some(meant) => finding.help(format!("write `{meant}`")).fix(Applicability::Safe, place, meant),
            None => finding.help("numbers are digits with an optional fraction (`3.50`); durations are digits and one of `s`, `m`, `h`, `d` (`20m`)"),
        };
        self.note(Weight::Fatal, finding);
    }
}

/// The unit that a word for one stands for.
pub fn written_unit(word: &str) -> Option<&'static str> {
    Some(match word {
        "s" | "sec" | "secs" | "second" | "seconds" => "s",
        "m" | "min" | "mins" | "minute" | "minutes" => "m",
        "h" | "hr" | "hrs" | "hour" | "hours" => "h",
        "d" | "day" | "days" => "d",
        _ => return None,
    })
}

fn matches_shape(bytes: &[u8], at: usize, shape: &[u8]) -> bool {
    bytes.get(at..at + shape.len()).is_some_and(|window| {
        window.iter().zip(shape).all(|(byte, wanted)| {
            if *wanted == b'0' {
                byte.is_ascii_digit()
            } else {
                byte == wanted
            }
        })
    })
}

/// The end of `2024-06-01`: exactly four, two and two digits.
fn date_end(bytes: &[u8], at: usize) -> Option<usize> {
    matches_shape(bytes, at, b"0000-00-00").then_some(at + 10)
}

fn instant_end(bytes: &[u8], day_end: usize) -> Option<usize> {
    if !matches_shape(bytes, day_end, b"T00:00") {
        return None;
    }
    let mut end = day_end + 6;
    if matches_shape(bytes, end, b":00") {
        end += 3;
        if matches_shape(bytes, end, b".0") {
            end += 1 + bytes[end + 1..]
                .iter()
                .take_while(|byte| byte.is_ascii_digit())
                .count();
        }
    }
    if bytes.get(end) == Some(&b'Z') {
        end += 1;
    } else if matches_shape(bytes, end, b"+00:00") || matches_shape(bytes, end, b"-00:00") {
        end += 6;
    }
    Some(end)
}
