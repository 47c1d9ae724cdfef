//! The picture as SVG: text, lines and a title, no script, nothing from elsewhere.

use std::fmt::Write;

use super::Picture;
use super::layout::{Boxed, Layout, Line, Way, layout};
use crate::doc::html::Escaped;

/// How the picture looks; also a part of the page's style.
pub const STYLE: &str = include_str!("picture.css");

/// Half of an arrow head.
const HEAD: f64 = 4.5;

impl Picture {
    /// The picture as a part of a page that has [`STYLE`]; each relationship leads to what `link` says.
    pub fn svg(&self, link: impl Fn(&str) -> Option<String>) -> String {
        self.drawn("", link)
    }

    /// The picture as a file of its own.
    pub fn svg_file(&self) -> String {
        let background = "svg.picture { background: var(--paper); }\n";
        self.drawn(&format!("<style>\n{STYLE}{background}</style>\n"), |_| None)
    }

    fn drawn(&self, style: &str, link: impl Fn(&str) -> Option<String>) -> String {
        let layout = layout(self);
        let mut out = String::new();
        // Writing into a String never fails.
        let _ = self.draw(&layout, style, &link, &mut out);
        out
    }

    fn draw(
        &self,
        layout: &Layout,
        style: &str,
        link: &dyn Fn(&str) -> Option<String>,
        out: &mut String,
    ) -> std::fmt::Result {
        let (width, height) = (layout.width.ceil(), layout.height.ceil());
        writeln!(
            out,
            r#"<svg class="picture" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-labelledby="picture-title picture-desc">"#
        )?;
        writeln!(
            out,
            r#"<title id="picture-title">The relationships between {} and {}</title>"#,
            Escaped(&self.stores[0]),
            Escaped(&self.stores[1])
        )?;
        let words = self.in_words();
        writeln!(out, r#"<desc id="picture-desc">{}</desc>"#, Escaped(&words))?;
        out.push_str(style);
        for way in &layout.ways {
            reference(way, out)?;
        }
        for line in &layout.lines {
            self.line(line, out)?;
        }
        for (column, name) in [(0, &self.stores[0]), (2, &self.stores[1])] {
            let x = layout.columns[column];
            writeln!(
                out,
                r#"<text class="store" x="{x:.1}" y="34">{}</text>"#,
                Escaped(name)
            )?;
        }
        for boxed in layout.objects.iter().flatten() {
            node("object", boxed, 4.0, out)?;
        }
        for (boxed, tie) in layout.relationships.iter().zip(&self.relationships) {
            let target = link(&tie.name);
            if let Some(target) = &target {
                write!(out, r#"<a href="{}">"#, Escaped(target))?;
            }
            node(tie.arrow.word(), boxed, boxed.height / 2.0, out)?;
            if target.is_some() {
                out.push_str("</a>\n");
            }
        }
        out.push_str("</svg>\n");
        Ok(())
    }

    fn line(&self, line: &Line, out: &mut String) -> std::fmt::Result {
        let arrow = self.relationships[line.relationship].arrow.word();
        let ((x, y), (end, to)) = (line.object, line.tie);
        let inward = if line.side == 0 { 1.0 } else { -1.0 };
        let start = if line.arrives { x + inward * HEAD } else { x };
        let middle = (x + line.column) / 2.0;
        writeln!(
            out,
            r#"<path class="line {arrow}" d="M{start:.1} {y:.1}H{:.1}C{middle:.1} {y:.1} {middle:.1} {to:.1} {:.1} {to:.1}H{end:.1}"/>"#,
            x + inward * 2.0 * HEAD,
            line.column
        )?;
        if line.arrives {
            head(&format!("head {arrow}"), (x, y), -inward, out)?;
        }
        Ok(())
    }
}

fn node(class: &str, boxed: &Boxed, radius: f64, out: &mut String) -> std::fmt::Result {
    let Boxed {
        x,
        y,
        width,
        height,
        ..
    } = boxed;
    write!(out, r#"<g class="{class}">"#)?;
    if let Some(whole) = &boxed.whole {
        write!(out, "<title>{}</title>", Escaped(whole))?;
    }
    writeln!(
        out,
        r#"<rect x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" rx="{radius:.0}"/><text x="{:.1}" y="{:.1}">{}</text></g>"#,
        x + width / 2.0,
        boxed.middle() + 4.5,
        Escaped(&boxed.text)
    )
}

/// Out to its lane, along it and back in, with round corners.
fn reference(way: &Way, out: &mut String) -> std::fmt::Result {
    let outward = (way.lane - way.from.0).signum();
    let down = if way.to.1 >= way.from.1 { 1.0 } else { -1.0 };
    let round = ((way.to.1 - way.from.1).abs() / 2.0).min(5.0);
    let (x, lane) = (way.from.0, way.lane);
    let bend = lane - outward * round;
    writeln!(
        out,
        r#"<g class="reference"><title>{}</title><path class="line" d="M{x:.1} {:.1}H{bend:.1}Q{lane:.1} {:.1} {lane:.1} {:.1}V{:.1}Q{lane:.1} {:.1} {bend:.1} {:.1}H{:.1}"/>"#,
        Escaped(&way.title),
        way.from.1,
        way.from.1,
        way.from.1 + down * round,
        way.to.1 - down * round,
        way.to.1,
        way.to.1,
        way.to.0 + outward * HEAD
    )?;
    head("head", way.to, -outward, out)?;
    out.push_str("</g>\n");
    Ok(())
}

/// An arrow head whose tip is at `tip` and that points right (1) or left (-1).
fn head(class: &str, tip: (f64, f64), towards: f64, out: &mut String) -> std::fmt::Result {
    let back = tip.0 - towards * 2.0 * HEAD;
    writeln!(
        out,
        r#"<path class="{class}" d="M{:.1} {:.1}L{back:.1} {:.1}V{:.1}Z"/>"#,
        tip.0,
        tip.1,
        tip.1 - HEAD,
        tip.1 + HEAD
    )
}
