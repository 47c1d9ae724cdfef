//! A document as one self-contained page: no script, nothing from elsewhere, all text escaped.

use std::fmt::{self, Display, Formatter, Write};

use rustc_hash::{FxHashMap, FxHashSet};

use super::model::{Arrow, Block, Document, Inline, Phrase, Row, Section, Table};
use super::picture;

/// Text that means nothing in HTML, neither between tags nor in quotes.
pub struct Escaped<'a>(pub &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => out.write_str("&amp;")?,
                '<' => out.write_str("&lt;")?,
                '>' => out.write_str("&gt;")?,
                '"' => out.write_str("&quot;")?,
                '\'' => out.write_str("&#39;")?,
                '\n' | '\t' => out.write_char(c)?,
                // No page may hold them.
                c if c.is_control() => out.write_char(char::REPLACEMENT_CHARACTER)?,
                c => out.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// Code that, where it is long, may go on in the next line behind its dots and opening brackets.
struct Breakable<'a>(&'a str);

impl Display for Breakable<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        const SHORT: usize = 24;
        if self.0.len() <= SHORT {
            return write!(out, "{}", Escaped(self.0));
        }
        for piece in self.0.split_inclusive(['.', '(', '[']) {
            write!(out, "{}", Escaped(piece))?;
            if piece.len() > 1 && piece.ends_with(['.', '(', '[']) {
                out.write_str("<wbr>")?;
            }
        }
        Ok(())
    }
}

/// The beginning of a page up to its body: title, style, and the policy that keeps everything else out.
pub struct Head<'a> {
    pub title: &'a str,
    /// Besides the page's own style.
    pub style: &'a str,
}

/// How every page looks.
const STYLE: &str = include_str!("page.css");

impl Display for Head<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(
            out,
            r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{}</title>
<style>
{STYLE}{}</style>
</head>
"#,
            Escaped(self.title),
            self.style
        )
    }
}

/// The whole page.
pub fn page(document: &Document) -> String {
    let mut out = String::new();
    // Writing into a String never fails.
    let _ = written(document, &mut out);
    out
}

fn written(document: &Document, out: &mut String) -> fmt::Result {
    let ids = Ids::of(document);
    let title = &document.title;
    let head = Head {
        title,
        style: picture::STYLE,
    };
    write!(
        out,
        "{head}<body>\n<nav aria-label=\"Contents\">\n<p><a href=\"#top\">{}</a></p>\n",
        Escaped(title)
    )?;
    contents(&document.sections, &ids, 2, out)?;
    writeln!(
        out,
        "</nav>\n<main id=\"top\">\n<h1>{}</h1>",
        Escaped(title)
    )?;
    for block in &document.lead {
        ids.block(block, out)?;
    }
    for section in &document.sections {
        ids.section(section, 2, out)?;
    }
    out.push_str("</main>\n</body>\n</html>\n");
    Ok(())
}

/// The headings of two levels, as links.
fn contents(sections: &[Section], ids: &Ids, levels: usize, out: &mut String) -> fmt::Result {
    out.push_str("<ul>\n");
    for section in sections {
        let title = plain(&section.title);
        write!(
            out,
            "<li><a href=\"#{}\">{}</a>",
            ids.of_section(&section.name),
            Escaped(&title)
        )?;
        if levels > 1 && !section.sections.is_empty() {
            out.push('\n');
            contents(&section.sections, ids, levels - 1, out)?;
        }
        out.push_str("</li>\n");
    }
    out.push_str("</ul>\n");
    Ok(())
}

/// A phrase without its marks.
fn plain(phrase: &Phrase) -> String {
    let texts = phrase.0.iter().map(|inline| match inline {
        Inline::Text(text) | Inline::Code(text) | Inline::Default(text) => text.as_str(),
        Inline::Link { text, .. } => text,
        Inline::Arrow(arrow) => arrow.sign(),
        Inline::Break => " ",
    });
    texts.collect()
}

/// The ids of the sections, by name: letters and digits of the name, and a number where that is not enough to tell two apart.
struct Ids<'a> {
    names: FxHashMap<&'a str, String>,
}

impl<'a> Ids<'a> {
    fn of(document: &'a Document) -> Ids<'a> {
        let mut names = FxHashMap::default();
        let mut used: FxHashSet<String> = FxHashSet::from_iter(["top".to_owned()]);
        for (number, section) in document.all_sections().into_iter().enumerate() {
            let letters = section.name.chars();
            let mut id: String = letters
                .map(|c| {
                    if c.is_alphanumeric() || c == '_' {
                        c
                    } else {
                        '-'
                    }
                })
                .collect();
            while !used.insert(id.clone()) {
                id = format!("{id}-{number}");
            }
            names.insert(section.name.as_str(), id);
        }
        Ids { names }
    }

    /// Empty where the document has no such section.
    fn of_section(&self, name: &str) -> &str {
        self.names.get(name).map_or("", String::as_str)
    }

    fn section(&self, section: &Section, level: usize, out: &mut String) -> fmt::Result {
        let id = self.of_section(&section.name);
        write!(out, "<section id=\"{id}\">\n<h{level}>")?;
        self.phrase(&section.title, out)?;
        writeln!(
            out,
            " <a class=\"anchor\" href=\"#{id}\" aria-label=\"link to this section\">#</a></h{level}>"
        )?;
        for block in &section.blocks {
            self.block(block, out)?;
        }
        for inner in &section.sections {
            self.section(inner, (level + 1).min(6), out)?;
        }
        out.push_str("</section>\n");
        Ok(())
    }

    fn block(&self, block: &Block, out: &mut String) -> fmt::Result {
        match block {
            Block::Paragraph(phrase) => {
                out.push_str("<p>");
                self.phrase(phrase, out)?;
                out.push_str("</p>\n");
            }
            Block::Code(lines) => {
                writeln!(
                    out,
                    "<pre><code>{}</code></pre>",
                    Escaped(&lines.join("\n"))
                )?;
            }
            Block::Numbered(items) => {
                out.push_str("<ol>\n");
                for item in items {
                    out.push_str("<li>");
                    self.phrase(item, out)?;
                    out.push_str("</li>\n");
                }
                out.push_str("</ol>\n");
            }
            Block::Table(table) => self.table(table, out)?,
            Block::Picture(picture) => {
                let link = |name: &str| {
                    let id = self.of_section(&super::rules::section_of(name));
                    (!id.is_empty()).then(|| format!("#{id}"))
                };
                writeln!(
                    out,
                    "<figure class=\"wide\">\n{}<figcaption>Arrows show where the data goes; dashed lines show which objects name others.</figcaption>\n</figure>",
                    picture.svg(link)
                )?;
            }
        }
        Ok(())
    }

    fn table(&self, table: &Table, out: &mut String) -> fmt::Result {
        writeln!(
            out,
            "<div class=\"wide\"><table class=\"{}\">\n<thead><tr>",
            table.kind
        )?;
        for cell in &table.head {
            if cell.is_empty() {
                out.push_str("<td></td>");
            } else {
                out.push_str("<th scope=\"col\">");
                self.phrase(cell, out)?;
                out.push_str("</th>");
            }
        }
        out.push_str("</tr></thead>\n<tbody>\n");
        for row in &table.rows {
            match row {
                Row::Cells(cells) => {
                    out.push_str("<tr>");
                    for cell in cells {
                        out.push_str("<td>");
                        self.phrase(cell, out)?;
                        out.push_str("</td>");
                    }
                }
                Row::Note(note) => {
                    let width = table.head.len();
                    write!(out, "<tr class=\"note\"><td colspan=\"{width}\">")?;
                    self.phrase(note, out)?;
                    out.push_str("</td>");
                }
            }
            out.push_str("</tr>\n");
        }
        out.push_str("</tbody>\n</table></div>\n");
        Ok(())
    }

    fn phrase(&self, phrase: &Phrase, out: &mut String) -> fmt::Result {
        for inline in &phrase.0 {
            match inline {
                Inline::Text(text) => write!(out, "{}", Escaped(text))?,
                Inline::Code(code) => write!(out, "<code>{}</code>", Breakable(code))?,
                Inline::Default(text) => {
                    write!(out, "<span class=\"default\">{}</span>", Escaped(text))?;
                }
                Inline::Link { section, text } => match self.of_section(section) {
                    "" => write!(out, "<code>{}</code>", Escaped(text))?,
                    id => write!(
                        out,
                        "<a class=\"name\" href=\"#{id}\"><code>{}</code></a>",
                        Escaped(text)
                    )?,
                },
                Inline::Arrow(arrow) => write!(out, "{}", Drawn(*arrow))?,
                Inline::Break => out.push_str("<br>"),
            }
        }
        Ok(())
    }
}

/// An arrow in its colour.
struct Drawn(Arrow);

impl Display for Drawn {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Drawn(arrow) = self;
        write!(
            out,
            "<span class=\"arrow {word}\" role=\"img\" aria-label=\"{word}\">{}</span>",
            arrow.sign(),
            word = arrow.word()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_means_nothing() {
        let wild = "<script>alert('x')</script> & \"\u{0}\u{1b}\"";
        assert_eq!(
            Escaped(wild).to_string(),
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;\u{FFFD}\u{FFFD}&quot;"
        );
    }
}
