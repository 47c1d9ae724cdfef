//! Where a text ends: its interpolations may hold texts again.

/// What [`scan`] found at a `"`.
pub struct Scanned {
    /// The byte after the closing quote.
    pub end: usize,
    /// The first `{` that has no `}` before the text ends.
    pub open_brace: Option<usize>,
    /// How deep the expressions inside nest, and how many operators they chain: an upper bound.
    pub depth: u32,
}

/// The end of the text that begins at `start` (a `"`), or nothing where the line ends first.
///
/// A text whose interpolation is not closed on its line ends at the next quote, so that the mistake costs no more than it must.
pub fn scan(bytes: &[u8], start: usize) -> Option<Scanned> {
    match scan_interpolated(bytes, start) {
        Ok(scanned) => Some(scanned),
        Err(open_brace) => scan_plain(bytes, start).map(|scanned| Scanned {
            open_brace,
            ..scanned
        }),
    }
}

/// The same for a text that is not interpolated.
pub fn scan_plain(bytes: &[u8], start: usize) -> Option<Scanned> {
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'"' => {
                return Some(Scanned {
                    end: at + 1,
                    open_brace: None,
                    depth: 0,
                });
            }
            b'\\' => at = after_escape(bytes, at),
            b'\n' | b'\r' => return None,
            _ => at += 1,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Text,
    /// Inside `{ }`, `( )` or `[ ]` of an interpolation.
    Code,
}

/// The end, or the outermost open brace where the line ends first.
fn scan_interpolated(bytes: &[u8], start: usize) -> Result<Scanned, Option<usize>> {
    let mut modes = vec![Mode::Text];
    let mut open_brace = None;
    let mut deepest = 1;
    let mut operators = 0;
    let mut last = b'(';
    let mut at = start + 1;
    while let Some(mode) = modes.last().copied() {
        let Some(byte) = bytes
            .get(at)
            .copied()
            .filter(|byte| !matches!(byte, b'\n' | b'\r'))
        else {
            return Err(open_brace);
        };
        match (mode, byte) {
            (Mode::Text, b'\\') => {
                at = after_escape(bytes, at);
                continue;
            }
            (_, b'"') => {
                if mode == Mode::Text {
                    modes.pop();
                } else {
                    modes.push(Mode::Text);
                }
            }
            (Mode::Text, b'{') => {
                if modes.len() == 1 {
                    open_brace = Some(at);
                }
                modes.push(Mode::Code);
            }
            (Mode::Code, b'{' | b'(' | b'[') => modes.push(Mode::Code),
            (Mode::Code, b'}' | b')' | b']') => {
                modes.pop();
            }
            (Mode::Code, b'/') if regex_may_follow(last) => {
                if let Some(end) = regex_end(bytes, at) {
                    at = end - 1;
                }
            }
            (Mode::Code, b'+' | b'-' | b'*' | b'/' | b'%' | b'?' | b'!' | b'&' | b'|') => {
                operators += 1
            }
            (Mode::Code, _) if is_chain_word(bytes, at) => operators += 1,
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            last = byte;
        }
        deepest = deepest.max(modes.len());
        at += 1;
    }
    let depth = u32::try_from(deepest - 1).unwrap_or(u32::MAX);
    Ok(Scanned {
        end: at,
        open_brace: None,
        depth: depth.saturating_add(operators),
    })
}

fn after_escape(bytes: &[u8], at: usize) -> usize {
    if bytes.get(at + 1) == Some(&b'u') && bytes.get(at + 2) == Some(&b'{') {
        let rest = &bytes[at + 3..];
        if let Some(close) = rest
            .iter()
            .position(|byte| matches!(byte, b'}' | b'"' | b'\n' | b'\r'))
            .filter(|close| rest[*close] == b'}')
        {
            return at + 3 + close + 1;
        }
        return at + 2;
    }
    match bytes.get(at + 1) {
        None | Some(b'\n' | b'\r') => at + 1,
        Some(_) => at + 2,
    }
}

fn is_chain_word(bytes: &[u8], at: usize) -> bool {
    let starts = at == 0 || !is_name_byte(bytes[at - 1]);
    starts
        && [&b"and"[..], b"or", b"not", b"if"].iter().any(|word| {
            bytes[at..].starts_with(word)
                && bytes
                    .get(at + word.len())
                    .is_none_or(|byte| !is_name_byte(*byte))
        })
}

pub fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Whether `/` after this byte begins a regular expression (an operand), not a division.
fn regex_may_follow(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b',' | b'[' | b'{' | b'=' | b'<' | b'>' | b'+' | b'-' | b'*' | b'%' | b'?'
    )
}

/// The byte after the closing `/` of the regular expression at `start`, if it closes on its line.
pub fn regex_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'/' => return (at > start + 1).then_some(at + 1),
            b'\n' | b'\r' => return None,
            b'\\' if matches!(bytes.get(at + 1), None | Some(b'\n' | b'\r')) => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}
