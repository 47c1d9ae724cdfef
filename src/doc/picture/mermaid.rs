//! The picture as a Mermaid flowchart: what code hosts draw in Markdown, and what is still readable where nobody does.

use super::Picture;
use crate::doc::model::Arrow;

impl Picture {
    /// The lines of the chart.
    pub fn mermaid(&self) -> Vec<String> {
        let mut lines = vec!["flowchart LR".to_owned()];
        for (side, letter) in [(0, 'l'), (1, 'r')] {
            let store = quoted(&self.stores[side]);
            lines.push(format!("  subgraph {letter}[{store}]"));
            for (place, object) in self.objects[side].iter().enumerate() {
                lines.push(format!("    {letter}{place}[{}]", quoted(object)));
            }
            lines.push("  end".to_owned());
        }
        for tie in &self.relationships {
            let arrow = match tie.arrow {
                Arrow::Both => "<-->",
                Arrow::Push => "-->",
                Arrow::Pull => "<--",
            };
            for left in &tie.ends[0] {
                for right in &tie.ends[1] {
                    let (from, to) = (format!("l{left}"), format!("r{right}"));
                    // There is no arrow that only points back: the ends change places.
                    let (from, arrow, to) = match arrow {
                        "<--" => (to, "-->", from),
                        arrow => (from, arrow, to),
                    };
                    lines.push(format!("  {from} {arrow}|{}| {to}", quoted(&tie.name)));
                }
            }
        }
        for reference in &self.references {
            let letter = ['l', 'r'][reference.side];
            let (from, to) = (reference.from, reference.to);
            lines.push(format!("  {letter}{from} -.-> {letter}{to}"));
        }
        lines
    }
}

/// A label in quotes: all that could mean something in it is named by its number.
fn quoted(label: &str) -> String {
    let mut out = String::from("\"");
    for c in label.chars() {
        if c.is_alphanumeric() || matches!(c, ' ' | '_' | '.') {
            out.push(c);
        } else {
            out.push_str(&format!("#{};", u32::from(c)));
        }
    }
    out.push('"');
    out
}
