//! A document as Markdown, as code hosts read it: tables with pipes, links to headings.

use std::collections::HashMap;

use super::model::{Block, Document, Inline, Phrase, Row, Section, Table};

/// The whole document.
pub fn page(document: &Document) -> String {
    let mut out = format!("# {}\n", escaped(&document.title));
    let writer = Writer {
        headings: headings(document),
    };
    for block in &document.lead {
        writer.block(block, &mut out);
    }
    for section in &document.sections {
        writer.section(section, 2, &mut out);
    }
    out
}

/// What stands under a section's heading, and the sections in it under headings of the level `level`, for a place in another document:
/// nothing in it leads anywhere.
pub fn part(section: &Section, level: usize, inner: bool) -> String {
    let writer = Writer {
        headings: HashMap::new(),
    };
    let mut out = String::new();
    for block in &section.blocks {
        writer.block(block, &mut out);
    }
    if inner {
        for section in &section.sections {
            writer.section(section, level, &mut out);
        }
    }
    out.trim_start_matches('\n').to_owned()
}

/// Where the headings of a page are found, by the names of their sections: hosts make it from the heading's text, and number repetitions.
fn headings(document: &Document) -> HashMap<&str, String> {
    let mut used: HashMap<String, usize> = HashMap::new();
    used.insert(slug(&document.title), 1);
    let mut headings = HashMap::new();
    for section in document.all_sections() {
        let texts = section.title.0.iter().map(|inline| match inline {
            Inline::Text(text) | Inline::Code(text) | Inline::Default(text) => text.as_str(),
            Inline::Link { text, .. } => text,
            Inline::Arrow(arrow) => arrow.sign(),
            Inline::Break => " ",
        });
        let slug = slug(&texts.collect::<String>());
        let count = used.entry(slug.clone()).or_default();
        let anchor = match *count {
            0 => slug,
            number => format!("{slug}-{number}"),
        };
        *count += 1;
        headings.insert(section.name.as_str(), anchor);
    }
    headings
}

fn slug(heading: &str) -> String {
    let kept = heading.chars().filter_map(|c| match c {
        ' ' => Some('-'),
        c if c.is_alphanumeric() || matches!(c, '-' | '_') => Some(c),
        _ => None,
    });
    kept.flat_map(char::to_lowercase).collect()
}

struct Writer<'a> {
    headings: HashMap<&'a str, String>,
}

impl Writer<'_> {
    fn section(&self, section: &Section, level: usize, out: &mut String) {
        out.push_str(&format!(
            "\n{} {}\n",
            "#".repeat(level.min(6)),
            self.phrase(&section.title, Place::Line)
        ));
        for block in &section.blocks {
            self.block(block, out);
        }
        for inner in &section.sections {
            self.section(inner, level + 1, out);
        }
    }

    /// A block after an empty line.
    fn block(&self, block: &Block, out: &mut String) {
        out.push('\n');
        match block {
            Block::Paragraph(phrase) => {
                out.push_str(&paragraph(&self.phrase(phrase, Place::Line)));
                out.push('\n');
            }
            Block::Code(lines) => fenced("", lines, out),
            Block::Numbered(items) => {
                for (number, item) in (1..).zip(items) {
                    out.push_str(&format!("{number}. {}\n", self.phrase(item, Place::Line)));
                }
            }
            Block::Table(table) => self.table(table, out),
            Block::Picture(picture) => fenced("mermaid", &picture.mermaid(), out),
        }
    }

    fn table(&self, table: &Table, out: &mut String) {
        let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let cells = |phrases: &[Phrase]| {
            let cells = phrases.iter().map(|cell| self.phrase(cell, Place::Cell));
            row(cells.collect())
        };
        out.push_str(&cells(&table.head));
        out.push_str(&row(vec!["---".to_owned(); table.head.len()]));
        for line in &table.rows {
            match line {
                Row::Cells(phrases) => out.push_str(&cells(phrases)),
                Row::Note(note) => {
                    let mut all = vec![String::new(); table.head.len()];
                    if let Some(first) = all.first_mut() {
                        *first = format!("*{}*", self.phrase(note, Place::Cell));
                    }
                    out.push_str(&row(all));
                }
            }
        }
    }

    fn phrase(&self, phrase: &Phrase, place: Place) -> String {
        let inline = |inline: &Inline| match inline {
            Inline::Text(text) | Inline::Default(text) => escaped(text),
            Inline::Code(text) => code(text, place),
            Inline::Link { section, text } => match self.headings.get(section.as_str()) {
                Some(anchor) => format!("[{}](#{anchor})", code(text, place)),
                None => code(text, place),
            },
            Inline::Arrow(arrow) => arrow.sign().to_owned(),
            Inline::Break => "<br>".to_owned(),
        };
        phrase.0.iter().map(inline).collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Line,
    /// In a table, where a `|` ends the cell, also in code.
    Cell,
}

/// Text that means nothing in Markdown.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let inside = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
        match c {
            '\n' | '\r' | '\t' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            // Within a word it is a letter.
            '_' if before.is_alphanumeric() && inside(rest.peek()) => out.push(c),
            '\\' | '`' | '*' | '_' | '[' | ']' | '>' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// A line that is not taken for a heading, a list or a rule, whatever it begins with.
fn paragraph(text: &str) -> String {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    match text.as_bytes().get(digits) {
        Some(b'.' | b')') if digits > 0 => {
            format!("{}\\{}", &text[..digits], &text[digits..])
        }
        Some(b'#' | b'-' | b'+' | b'=') if digits == 0 => format!("\\{text}"),
        _ => text.to_owned(),
    }
}

/// Code between as many backticks as it takes.
fn code(text: &str, place: Place) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let text = match place {
        Place::Cell if text.contains("\\|") => {
            // Backslashes before a pipe are read in more than one way: named by its number it is always one.
            let escaped: String = text.chars().map(numbered).collect();
            return format!("<code>{escaped}</code>");
        }
        Place::Cell => text.replace('|', "\\|"),
        Place::Line => text,
    };
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let gap = if text.starts_with('`') || text.ends_with('`') || text.trim().is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{gap}{text}{gap}{fence}")
}

/// What is no letter, digit or blank by its number.
fn numbered(c: char) -> String {
    if c.is_alphanumeric() || c == ' ' {
        c.to_string()
    } else {
        format!("&#{};", u32::from(c))
    }
}

fn fenced(language: &str, lines: &[String], out: &mut String) {
    let longest = lines
        .iter()
        .flat_map(|line| line.split(|c| c != '`').map(str::len))
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    out.push_str(&format!("{fence}{language}\n"));
    for line in lines {
        out.push_str(line);
        out.push('\n');
    }
    out.push_str(&fence);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_means_nothing() {
        assert_eq!(
            escaped("a_b *c* _d_ <e> [f](g) `h`"),
            "a_b \\*c\\* \\_d\\_ &lt;e\\> \\[f\\](g) \\`h\\`"
        );
        assert_eq!(paragraph("1. one"), "1\\. one");
        assert_eq!(paragraph("- one"), "\\- one");
        assert_eq!(paragraph("12 ones"), "12 ones");
    }

    #[test]
    fn code_stays_code() {
        assert_eq!(code("a ?? b", Place::Cell), "`a ?? b`");
        assert_eq!(code("`Deal Stage`", Place::Line), "`` `Deal Stage` ``");
        assert_eq!(code("x matches /a|b/", Place::Cell), "`x matches /a\\|b/`");
        assert_eq!(code("x matches /a|b/", Place::Line), "`x matches /a|b/`");
        assert_eq!(
            code("/\\|/", Place::Cell),
            "<code>&#47;&#92;&#124;&#47;</code>"
        );
    }
}
