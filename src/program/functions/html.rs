//! HTML fragments as plain text, in one pass over the text.

use std::borrow::Cow;

use super::arguments::text;
use crate::program::evaluate::{EvalError, Val};
use crate::value::Value;

pub(super) fn html_to_text(first: Val<'_>) -> Result<Val<'_>, EvalError> {
    let plain = plain(&text(&first)?);
    Ok(Cow::Owned(Value::Text(plain.into())))
}

/// Tags after which a line ends.
const LINES: &[&str] = &[
    "address",
    "article",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];

const ENTITIES: &[(&str, &str)] = &[
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("copy", "©"),
    ("reg", "®"),
    ("trade", "™"),
    ("euro", "€"),
    ("pound", "£"),
    ("sect", "§"),
    ("deg", "°"),
    ("middot", "·"),
    ("bull", "•"),
    ("hellip", "…"),
    ("ndash", "–"),
    ("mdash", "—"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("sbquo", "‚"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("bdquo", "„"),
    ("laquo", "«"),
    ("raquo", "»"),
    ("auml", "ä"),
    ("ouml", "ö"),
    ("uuml", "ü"),
    ("Auml", "Ä"),
    ("Ouml", "Ö"),
    ("Uuml", "Ü"),
    ("szlig", "ß"),
    ("agrave", "à"),
    ("aacute", "á"),
    ("acirc", "â"),
    ("aring", "å"),
    ("aelig", "æ"),
    ("ccedil", "ç"),
    ("egrave", "è"),
    ("eacute", "é"),
    ("Eacute", "É"),
    ("ecirc", "ê"),
    ("euml", "ë"),
    ("iacute", "í"),
    ("iuml", "ï"),
    ("ntilde", "ñ"),
    ("oacute", "ó"),
    ("ocirc", "ô"),
    ("oslash", "ø"),
    ("uacute", "ú"),
    ("ugrave", "ù"),
];

/// Text that is being made: white space runs are one space, lines have none at their ends, and no line is empty.
#[derive(Default)]
struct Lines {
    text: String,
    space: bool,
    line: bool,
}

impl Lines {
    fn push(&mut self, c: char) {
        if c.is_whitespace() {
            self.space = true;
            return;
        }
        if !self.text.is_empty() {
            if self.line {
                self.text.push('\n');
            } else if self.space {
                self.text.push(' ');
            }
        }
        (self.space, self.line) = (false, false);
        self.text.push(c);
    }
}

fn plain(html: &str) -> String {
    let small = html.to_ascii_lowercase();
    let mut lines = Lines::default();
    let mut at = 0;
    // Where a search for the end of a tag fails, no later one succeeds.
    let mut tags = true;
    while let Some(c) = html[at..].chars().next() {
        let rest = &small[at..];
        if c == '<' && tags {
            match tag(rest) {
                Tag::None => {}
                Tag::Open => tags = false,
                Tag::Skip(bytes) => {
                    at += bytes;
                    continue;
                }
                Tag::Line(bytes) => {
                    lines.line = true;
                    at += bytes;
                    continue;
                }
                Tag::Space(bytes) => {
                    lines.space = true;
                    at += bytes;
                    continue;
                }
            }
        }
        if c == '&'
            && let Some((decoded, bytes)) = entity(&html[at..])
        {
            decoded.chars().for_each(|c| lines.push(c));
            at += bytes;
            continue;
        }
        lines.push(c);
        at += c.len_utf8();
    }
    lines.text
}

/// What starts at a `<`, and how many bytes it takes.
enum Tag {
    /// Plain text.
    None,
    /// A tag that does not end.
    Open,
    Skip(usize),
    Line(usize),
    /// A cell of a table.
    Space(usize),
}

fn tag(small: &str) -> Tag {
    let end_after = |end: &str| small.find(end).map_or(small.len(), |at| at + end.len());
    if small.starts_with("<!--") {
        return Tag::Skip(end_after("-->"));
    }
    let inner = &small[1..];
    if !inner.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?')) {
        return Tag::None;
    }
    let Some(end) = small.find('>') else {
        return Tag::Open;
    };
    let name = inner.trim_start_matches('/');
    let name = &name[..name
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(name.len())];
    match name {
        "script" | "style" if !inner.starts_with('/') => {
            let close = if name == "script" {
                "</script"
            } else {
                "</style"
            };
            let closed = end_after(close);
            Tag::Skip(
                small[closed..]
                    .find('>')
                    .map_or(small.len(), |at| closed + at + 1),
            )
        }
        "td" | "th" => Tag::Space(end + 1),
        name if LINES.contains(&name) => Tag::Line(end + 1),
        _ => Tag::Skip(end + 1),
    }
}

/// The characters that an entity at the start stands for, and its bytes.
fn entity(html: &str) -> Option<(Cow<'static, str>, usize)> {
    // The longest name known, and the longest number of a character.
    let end = html.bytes().take(12).position(|byte| byte == b';')?;
    let name = &html[1..end];
    let decoded = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            Cow::Owned(char::from_u32(code)?.to_string())
        }
        None => Cow::Borrowed(ENTITIES.iter().find(|(known, _)| *known == name)?.1),
    };
    Some((decoded, end + 1))
}
