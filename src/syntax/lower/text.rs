//! Texts: their escapes and what stands in their braces.

use smol_str::SmolStr;

use super::Lower;
use crate::diagnostic::codes;
use crate::syntax::ast::{ExprKind, TextPart};
use crate::syntax::findings::shown;
use crate::syntax::grammar::{Node, Rule};
use crate::value::Value;

impl Lower<'_> {
    /// A text literal: a plain value, or parts where it has interpolations.
    pub(super) fn text(&mut self, node: Node<'_>) -> ExprKind {
        let mut parts = Vec::new();
        let mut run = String::new();
        for piece in node.into_inner() {
            if piece.as_rule() == Rule::interpolation {
                if !run.is_empty() {
                    parts.push(TextPart::Text(SmolStr::new(std::mem::take(&mut run))));
                }
                if let Some(inner) = piece.into_inner().next() {
                    parts.push(TextPart::Expr(self.expr(inner)));
                }
            } else {
                self.append(&mut run, &piece);
            }
        }
        if parts.is_empty() {
            return ExprKind::Literal(Value::Text(SmolStr::new(run)));
        }
        if !run.is_empty() {
            parts.push(TextPart::Text(SmolStr::new(run)));
        }
        ExprKind::Interpolation(parts)
    }

    /// The value of a text that is not interpolated.
    pub(super) fn plain_value(&mut self, node: Node<'_>) -> SmolStr {
        let mut run = String::new();
        for piece in node.into_inner() {
            self.append(&mut run, &piece);
        }
        SmolStr::new(run)
    }

    fn append(&mut self, run: &mut String, piece: &Node<'_>) {
        let written = piece.as_str();
        if piece.as_rule() != Rule::escape {
            run.push_str(written);
            return;
        }
        match unescape(written) {
            Some(c) => run.push(c),
            None => {
                let place = self.span(piece);
                let message = format!("`{}` is no escape", shown(written));
                let help = if written.starts_with("\\u") {
                    "write the code point in hexadecimal, as in `\\u{1F600}`"
                } else {
                    "escapes are `\\\"`, `\\\\`, `\\t`, `\\n`, `\\{` and `\\u{1F600}`; write `\\\\` for a backslash"
                };
                self.complain(codes::UNKNOWN_ESCAPE, place, message, help);
            }
        }
    }
}

fn unescape(written: &str) -> Option<char> {
    match written {
        "\\\"" => Some('"'),
        "\\\\" => Some('\\'),
        "\\t" => Some('\t'),
        "\\n" => Some('\n'),
        "\\{" => Some('{'),
        _ => {
            let digits = written.strip_prefix("\\u{")?.strip_suffix('}')?;
            let valid = (1..=6).contains(&digits.len())
                && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
            valid
                .then(|| u32::from_str_radix(digits, 16).ok())
                .flatten()
                .and_then(char::from_u32)
        }
    }
}
