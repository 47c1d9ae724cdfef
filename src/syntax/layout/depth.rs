//! How deep a statement nests. The grammar and all that walks the tree recurse, so the depth is capped before the grammar sees the text.

use super::token::{Kind, Tokens};

/// Brackets, interpolations and `if`s inside one another.
pub const MAX_NESTING: u32 = 48;

/// Operators that chain without a bracket or comma between them, counted over all open brackets.
pub const MAX_CHAIN: u32 = 256;

/// The token at which the statement `start..end` nests too deep.
pub fn is_too_deep(tokens: &Tokens, text: &str, start: usize, end: usize) -> Option<usize> {
    let mut open: Vec<Level> = vec![Level::default()];
    let mut total = Level::default();
    let mut inner = tokens
        .text_depths
        .partition_point(|(token, _)| (*token as usize) < start);
    for at in start..end {
        let mut inside = 0;
        match tokens.tokens[at].kind {
            Kind::Open(_) => {
                open.push(Level::default());
                total.nesting += 1;
            }
            Kind::Close(_) if open.len() > 1 => {
                total = total.without(open.pop().unwrap_or_default());
                total.nesting -= 1;
            }
            Kind::Comma => {
                if let Some(level) = open.last_mut() {
                    total = total.without(std::mem::take(level));
                }
            }
            Kind::Operator => add(
                &mut open,
                &mut total,
                Level {
                    nesting: 0,
                    chain: 1,
                },
            ),
            Kind::Word => match tokens.text(text, at) {
                "if" if at > start && tokens.text(text, at - 1) == "else" => add(
                    &mut open,
                    &mut total,
                    Level {
                        nesting: 0,
                        chain: 1,
                    },
                ),
                "if" => add(
                    &mut open,
                    &mut total,
                    Level {
                        nesting: 1,
                        chain: 0,
                    },
                ),
                "and" | "or" | "not" => add(
                    &mut open,
                    &mut total,
                    Level {
                        nesting: 0,
                        chain: 1,
                    },
                ),
                _ => {}
            },
            Kind::Text => {
                if let Some((token, depth)) = tokens.text_depths.get(inner).copied()
                    && token as usize == at
                {
                    inner += 1;
                    inside = depth;
                }
            }
            _ => {}
        }
        if total.nesting + inside > MAX_NESTING || total.chain > MAX_CHAIN {
            return Some(at);
        }
    }
    None
}

#[derive(Debug, Clone, Copy, Default)]
struct Level {
    nesting: u32,
    chain: u32,
}

impl Level {
    fn without(self, other: Level) -> Level {
        Level {
            nesting: self.nesting - other.nesting,
            chain: self.chain - other.chain,
        }
    }
}

fn add(open: &mut [Level], total: &mut Level, more: Level) {
    if let Some(level) = open.last_mut() {
        level.nesting += more.nesting;
        level.chain += more.chain;
        total.nesting += more.nesting;
        total.chain += more.chain;
    }
}
