//! Lines of the output, and the columns that neighbours share.

/// One line of the output.
#[derive(Debug)]
pub struct Line {
    pub indent: usize,
    pub body: Body,
    /// A comment at its end, from `#` on.
    pub comment: Option<String>,
}

#[derive(Debug)]
pub enum Body {
    Blank,
    /// As it stands in the source, with its indentation.
    Verbatim(String),
    Text(String),
    /// A comment on a line of its own.
    Comment(String),
    /// A line with an arrow, whose parts share columns with those of its neighbours.
    Arrow(Cells),
    /// The next line of a statement whose first line has an arrow: it does not part the group.
    Continued(String),
}

/// The parts of a line with an arrow.
#[derive(Debug)]
pub struct Cells {
    pub left: String,
    pub arrow: &'static str,
    pub right: String,
    /// Modifiers and what else follows.
    pub rest: String,
    /// Blanks between the longest left side and the arrows.
    pub gap: usize,
}

/// Longer sides stand by themselves: they do not push the arrows of their neighbours away.
const WIDEST_LEFT: usize = 24;
const WIDEST_RIGHT: usize = 40;

/// The text of the lines, each ended by `line_end`.
pub fn text(lines: &[Line], line_end: &str) -> String {
    let mut bodies: Vec<String> = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        let group = lines[at..]
            .iter()
            .take_while(|line| matches!(line.body, Body::Arrow(_) | Body::Continued(_)))
            .count();
        if group == 0 {
            bodies.push(body(&lines[at], 0, 0));
            at += 1;
            continue;
        }
        let members = &lines[at..at + group];
        let left = widest(members, |cells| Some(&cells.left), WIDEST_LEFT);
        let right = widest(
            members,
            |cells| (!cells.rest.is_empty()).then_some(&cells.right),
            WIDEST_RIGHT,
        );
        bodies.extend(members.iter().map(|line| body(line, left, right)));
        at += group;
    }
    with_comments(lines, bodies, line_end)
}

fn widest(lines: &[Line], cell: impl Fn(&Cells) -> Option<&String>, limit: usize) -> usize {
    lines
        .iter()
        .filter_map(|line| match &line.body {
            Body::Arrow(cells) => cell(cells).map(|text| width(text)),
            _ => None,
        })
        .filter(|width| *width <= limit)
        .max()
        .unwrap_or(0)
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn body(line: &Line, left: usize, right: usize) -> String {
    let text = match &line.body {
        Body::Blank => return String::new(),
        Body::Verbatim(text) => return text.clone(),
        Body::Text(text) | Body::Comment(text) | Body::Continued(text) => text.clone(),
        Body::Arrow(cells) => arrow(cells, left, right),
    };
    format!("{}{text}", " ".repeat(line.indent))
}

fn arrow(cells: &Cells, left: usize, right: usize) -> String {
    let own = width(&cells.left);
    let mut out = if own > left {
        format!("{} {} {}", cells.left, cells.arrow, cells.right)
    } else {
        let arrow = match cells.arrow {
            "->" => " ->",
            "<-" => "<- ",
            both => both,
        };
        format!(
            "{}{}{arrow} {}",
            cells.left,
            " ".repeat(left - own + cells.gap),
            cells.right
        )
    };
    if !cells.rest.is_empty() {
        out.push_str(&" ".repeat(right.saturating_sub(width(&cells.right)) + 2));
        out.push_str(&cells.rest);
    }
    out
}

/// Comments at the ends of neighbouring lines share a column.
fn with_comments(lines: &[Line], bodies: Vec<String>, line_end: &str) -> String {
    let mut out = String::new();
    let mut at = 0;
    while at < lines.len() {
        let run = lines[at..]
            .iter()
            .take_while(|line| line.comment.is_some())
            .count();
        let column = bodies[at..at + run]
            .iter()
            .map(|body| width(body))
            .max()
            .unwrap_or(0)
            + 2;
        for (line, body) in lines[at..at + run.max(1)].iter().zip(&bodies[at..]) {
            out.push_str(body);
            if let Some(comment) = &line.comment {
                out.push_str(&" ".repeat(column - width(body)));
                out.push_str(comment);
            }
            out.push_str(line_end);
        }
        at += run.max(1);
    }
    out
}
