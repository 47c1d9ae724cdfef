//! Which brackets belong together, and which belong to nothing.

use super::token::{Kind, Tokens};

/// The brackets of a file.
#[derive(Debug, Default)]
pub struct Brackets {
    /// For each token: the bracket that it opens or closes, or `NONE`.
    partner: Vec<u32>,
    /// Openers without a closer, in order, with the token before which they must have been meant to close.
    pub unclosed: Vec<(usize, usize)>,
    /// Closers without an opener.
    pub stray: Vec<usize>,
}

const NONE: u32 = u32::MAX;

impl Brackets {
    pub fn partner(&self, index: usize) -> Option<usize> {
        self.partner
            .get(index)
            .copied()
            .filter(|partner| *partner != NONE)
            .map(|partner| partner as usize)
    }

    /// Where an unclosed opener must have been meant to close.
    pub fn implied_end(&self, index: usize) -> Option<usize> {
        let at = self
            .unclosed
            .binary_search_by_key(&index, |(open, _)| *open)
            .ok()?;
        Some(self.unclosed[at].1)
    }

    /// Pairs the brackets. Where they do not balance, indentation decides which of them is the odd one.
    pub fn of(tokens: &Tokens, text: &str) -> Brackets {
        let strict = pair(tokens, text, false);
        if strict.unclosed.is_empty() && strict.stray.is_empty() {
            return strict;
        }
        pair(tokens, text, true)
    }
}

fn pair(tokens: &Tokens, text: &str, by_indent: bool) -> Brackets {
    let mut out = Brackets {
        partner: vec![NONE; tokens.tokens.len()],
        ..Brackets::default()
    };
    let mut stack: Vec<(usize, u8)> = Vec::new();
    for (index, token) in tokens.tokens.iter().enumerate() {
        if !stack.is_empty() && tokens.is_first_of_line(index) && begins_item(tokens, text, index) {
            let outermost = stack.first().map_or(0, |(open, _)| tokens.indent(*open));
            if tokens.indent(index) <= outermost {
                out.unclosed
                    .extend(stack.drain(..).map(|(open, _)| (open, index)));
            }
        }
        match token.kind {
            Kind::Open(bracket) => stack.push((index, bracket)),
            Kind::Close(bracket) => {
                let opener = opener_of(bracket);
                if by_indent && bracket == b'}' && tokens.is_first_of_line(index) {
                    leave_deeper(tokens, index, &mut stack, &mut out);
                }
                match depth_of(&stack, opener) {
                    Some(depth) => {
                        out.unclosed
                            .extend(stack.drain(depth + 1..).map(|(open, _)| (open, index)));
                        if let Some((open, _)) = stack.pop() {
                            out.partner[open] = index as u32;
                            out.partner[index] = open as u32;
                        }
                    }
                    None => out.stray.push(index),
                }
            }
            _ => {}
        }
    }
    let end = tokens.tokens.len();
    out.unclosed
        .extend(stack.drain(..).map(|(open, _)| (open, end)));
    out.unclosed.sort_unstable();
    out
}

/// A `}` that begins a line closes the brace whose line it is level with, if there is one; deeper ones were left open.
fn leave_deeper(tokens: &Tokens, close: usize, stack: &mut Vec<(usize, u8)>, out: &mut Brackets) {
    let indent = tokens.indent(close);
    let level = stack
        .iter()
        .rev()
        .take(LOOK_BACK)
        .position(|(open, bracket)| *bracket == b'{' && tokens.indent(*open) == indent);
    if let Some(distance) = level {
        let keep = stack.len() - distance;
        out.unclosed
            .extend(stack.drain(keep..).map(|(open, _)| (open, close)));
    }
}

/// How far back a closer looks for its opener, so that hostile input stays linear.
const LOOK_BACK: usize = 128;

/// The innermost opener of this kind; `)` and `]` never look past a brace.
fn depth_of(stack: &[(usize, u8)], opener: u8) -> Option<usize> {
    if let Some((_, top)) = stack.last()
        && *top == opener
    {
        return Some(stack.len() - 1);
    }
    let distance = stack
        .iter()
        .rev()
        .take(LOOK_BACK)
        .take_while(|(_, bracket)| opener == b'{' || *bracket != b'{')
        .position(|(_, bracket)| *bracket == opener)?;
    Some(stack.len() - 1 - distance)
}

fn opener_of(close: u8) -> u8 {
    match close {
        b')' => b'(',
        b']' => b'[',
        _ => b'{',
    }
}

/// Whether an item begins here beyond doubt: nothing that can stand inside braces reads so.
pub fn begins_item(tokens: &Tokens, text: &str, index: usize) -> bool {
    if tokens.kind(index) != Some(Kind::Word) {
        return false;
    }
    reads_as_item(tokens, text, index, tokens.text(text, index))
}

/// Whether what stands behind a token goes on as an item does that begins with `word`.
pub fn reads_as_item(tokens: &Tokens, text: &str, index: usize, word: &str) -> bool {
    let second = tokens.kind(index + 1);
    let third = tokens.kind(index + 2);
    let named = matches!(second, Some(Kind::Word | Kind::Quoted));
    match word {
        "relationship" => named && third == Some(Kind::Colon),
        "trigger" => named && tokens.text(text, index + 2) == "on",
        "values" | "lens" => named && third == Some(Kind::Open(b'{')),
        "let" => named && (third == Some(Kind::Colon) || tokens.text(text, index + 2) == "="),
        "fn" => named && third == Some(Kind::Open(b'(')),
        "every" => second == Some(Kind::Number),
        "cron" => second == Some(Kind::Text),
        "sync" => named && tokens.text(text, index + 2) == "with",
        _ => false,
    }
}
