//! Findings drawn for people, as rustc draws them. The only file that knows annotate-snippets.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Patch, Renderer, Snippet};

use super::{Edit, Finding, Fix, Label, Severity, Source, SourceMap, Span};

/// The finding with its lines of rules, the other places that take part, its help and its fix; no line end after it.
pub fn render(finding: &Finding, sources: &SourceMap, color: bool) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let id = format!("{} {}", finding.code.code, finding.code.name);
    let mut problem = Group::with_title(level.primary_title(&*finding.message).id(id));
    for place in places(finding, sources) {
        problem = problem.element(place);
    }
    let more = finding.labels.len().saturating_sub(MOST);
    if more > 0 {
        let what = format!("{more} other places are not shown");
        problem = problem.element(Level::NOTE.message(what));
    }
    let mut report = Vec::with_capacity(2);
    match (&finding.fix, &finding.help) {
        (None, None) => report.push(problem),
        (None, Some(help)) => report.push(problem.element(Level::HELP.message(&**help))),
        (Some(fix), help) => {
            report.push(problem);
            report.push(mend(fix, help.as_deref().unwrap_or("write"), sources));
        }
    }
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    renderer.render(&report)
}

/// Places that are drawn of a finding, and edits of a fix: a name may be misspelt everywhere.
const MOST: usize = 20;

/// Bytes of lines that are drawn; of longer ones only the place is told.
const LONG: usize = 64 << 10;

/// Bytes between two places of one file from which on they are drawn apart.
const FAR: u32 = 16 << 10;

/// One snippet a file, that of the finding's own span first; of places that are far from each other one each.
fn places<'a>(finding: &'a Finding, sources: &'a SourceMap) -> Vec<Element<'a>> {
    let mut groups: Vec<Vec<&Label>> = vec![Vec::new()];
    let mut near: Vec<Span> = vec![finding.span];
    let mut labels: Vec<&Label> = finding.labels.iter().collect();
    // The nearest first, so that what lies between two places joins them.
    labels.sort_by_key(|l| {
        (
            l.span.file != finding.span.file,
            distance(l.span, finding.span),
        )
    });
    for label in labels.into_iter().take(MOST) {
        let joins = |at: &Span| at.file == label.span.file && distance(*at, label.span) < FAR;
        match near.iter().position(joins) {
            Some(group) => {
                groups[group].push(label);
                near[group] = joined(near[group], label.span);
            }
            None => {
                groups.push(vec![label]);
                near.push(label.span);
            }
        }
    }
    let own = std::iter::once(Some(finding.span)).chain(std::iter::repeat(None));
    groups
        .into_iter()
        .zip(near)
        .zip(own)
        .filter_map(|((labels, whole), own)| {
            let places = labels.iter().map(|label| label.span).chain(own);
            let excerpt = Excerpt::of(sources.file(whole.file)?, places);
            if excerpt.bytes.len() > LONG {
                let position = sources.position(own.unwrap_or(whole));
                let origin = Origin::path(&*excerpt.source.path)
                    .line(position.line as usize)
                    .char_column(position.column as usize);
                return Some(origin.into());
            }
            let primary = own.map(|span| AnnotationKind::Primary.span(excerpt.range(span)));
            let others = labels.into_iter().map(|label| {
                AnnotationKind::Context
                    .span(excerpt.range(label.span))
                    .label(&*label.message)
            });
            let annotations: Vec<_> = primary.into_iter().chain(others).collect();
            Some(excerpt.snippet().annotations(annotations).into())
        })
        .collect()
}

/// The bytes between two places of one file.
fn distance(a: Span, b: Span) -> u32 {
    a.start
        .saturating_sub(b.end)
        .max(b.start.saturating_sub(a.end))
}

fn joined(a: Span, b: Span) -> Span {
    Span {
        start: a.start.min(b.start),
        end: a.end.max(b.end),
        ..a
    }
}

/// The fix as it changes the lines, under its help; edits that are far from each other are drawn apart.
fn mend<'a>(fix: &'a Fix, help: &'a str, sources: &'a SourceMap) -> Group<'a> {
    let mut edits: Vec<&Edit> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| edit.span);
    let near = |a: &&Edit, b: &&Edit| a.span.file == b.span.file && distance(a.span, b.span) < FAR;
    let mut group = Group::with_title(Level::HELP.secondary_title(help));
    edits.truncate(MOST);
    for edits in edits.chunk_by(near) {
        let Some(source) = edits.first().and_then(|e| sources.file(e.span.file)) else {
            continue;
        };
        let excerpt = Excerpt::of(source, edits.iter().map(|edit| edit.span));
        if excerpt.bytes.len() > LONG {
            continue;
        }
        let patches = edits
            .iter()
            .map(|edit| Patch::new(excerpt.range(edit.span), &*edit.text));
        group = group.element(excerpt.snippet().patches(patches));
    }
    group
}

/// The lines of a file from the first to the last that a finding needs, so that drawing does not depend on the file's length.
struct Excerpt<'a> {
    source: &'a Source,
    bytes: Range<usize>,
    line: usize,
}

impl<'a> Excerpt<'a> {
    fn of(source: &'a Source, spans: impl Iterator<Item = Span>) -> Excerpt<'a> {
        let text = &*source.text;
        let needed = spans
            .map(|span| source.range(span))
            .reduce(|a, b| a.start.min(b.start)..a.end.max(b.end));
        let needed = needed.unwrap_or(0..0);
        let start = text[..needed.start]
            .rfind('\n')
            // A byte order mark is no column.
            .map_or_else(
                || source.mark_len().min(needed.start),
                |newline| newline + 1,
            );
        let end = text[needed.end..]
            .find('\n')
            .map_or(text.len(), |newline| needed.end + newline + 1);
        let line = source
            .position(u32::try_from(start).unwrap_or(u32::MAX))
            .line as usize;
        Excerpt {
            source,
            bytes: start..end,
            line,
        }
    }

    /// A span's bytes within the excerpt.
    fn range(&self, span: Span) -> Range<usize> {
        let range = self.source.range(span);
        range.start - self.bytes.start..range.end - self.bytes.start
    }

    fn snippet<T: Clone>(&self) -> Snippet<'a, T> {
        Snippet::source(&self.source.text[self.bytes.clone()])
            .line_start(self.line)
            .path(&*self.source.path)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Applicability, Code, FileId};
    use super::*;

    const CODE: Code = Code {
        code: "E302",
        name: "wrong-direction",
    };

    fn program() -> SourceMap {
        let mut sources = SourceMap::default();
        sources.add(
            "rules/people.sync",
            "# people\nrelationship Lead: lead <- Lead {\n  né -> Née\n}\n",
        );
        sources.add("rules/users.sync", "let REPS = []\n");
        sources
    }

    fn span(file: u32, start: u32, end: u32) -> Span {
        Span {
            file: FileId(file),
            start,
            end,
        }
    }

    #[test]
    fn labels_may_stand_in_other_files() {
        let finding = Finding::error(
            CODE,
            span(0, 49, 51),
            "`né -> Née` pushes, but `Lead` only pulls",
        )
        .label(span(0, 33, 35), "this arrow only pulls")
        .label(span(1, 4, 8), "as does this")
        .help("turn the arrow round");
        insta::assert_snapshot!(render(&finding, &program(), false), @r"
        error[E302 wrong-direction]: `né -> Née` pushes, but `Lead` only pulls
         --> rules/people.sync:3:6
          |
        2 | relationship Lead: lead <- Lead {
          |                         -- this arrow only pulls
        3 |   né -> Née
          |      ^^
          |
         ::: rules/users.sync:1:5
          |
        1 | let REPS = []
          |     ---- as does this
          |
          = help: turn the arrow round
        ");
    }

    #[test]
    fn a_fix_shows_the_lines_that_it_makes() {
        let finding = Finding::warning(
            CODE,
            span(0, 49, 51),
            "`né -> Née` pushes, but `Lead` only pulls",
        )
        .help("turn the arrow round")
        .fix(Applicability::Unsafe, span(0, 49, 51), "<-");
        insta::assert_snapshot!(render(&finding, &program(), false), @r"
        warning[E302 wrong-direction]: `né -> Née` pushes, but `Lead` only pulls
         --> rules/people.sync:3:6
          |
        3 |   né -> Née
          |      ^^
          |
        help: turn the arrow round
          |
        3 -   né -> Née
        3 +   né <- Née
          |
        ");
    }

    /// What lies between two places is not gone through: a program may have many findings that point back at its first line.
    #[test]
    fn places_far_from_each_other_are_drawn_apart() {
        let mut sources = SourceMap::default();
        let lines = "# a comment\n".repeat(FAR as usize / 10);
        let text = format!("let A = 1\n{lines}let A = 2\n");
        let at = u32::try_from(text.len()).unwrap() - 6;
        sources.add("rules.sync", text);
        let finding = Finding::error(CODE, span(0, at, at + 1), "a second let `A`")
            .label(span(0, 4, 5), "the first one is here");
        insta::assert_snapshot!(render(&finding, &sources, false), @r"
        error[E302 wrong-direction]: a second let `A`
            --> rules.sync:1640:5
             |
        1640 | let A = 2
             |     ^
             |
            ::: rules.sync:1:5
             |
           1 | let A = 1
             |     - the first one is here
        ");
    }

    #[test]
    fn a_byte_order_mark_is_no_column() {
        let mut sources = SourceMap::default();
        sources.add("rules.sync", "\u{feff}sinc a with b\n");
        let shown = render(&Finding::error(CODE, span(0, 3, 7), "x"), &sources, false);
        assert!(shown.contains("rules.sync:1:1"), "{shown}");
    }

    #[test]
    fn colour_is_only_drawn_when_asked_for() {
        let finding = Finding::error(CODE, span(0, 0, 1), "x");
        assert!(render(&finding, &program(), true).contains('\u{1b}'));
        assert!(!render(&finding, &program(), false).contains('\u{1b}'));
    }

    #[test]
    fn a_finding_without_its_file_is_still_told() {
        let shown = render(
            &Finding::error(CODE, span(9, 0, 1), "the file is empty"),
            &program(),
            false,
        );
        assert_eq!(shown, "error[E302 wrong-direction]: the file is empty");
    }

    proptest! {
        #[test]
        fn every_finding_can_be_drawn(
            text in "[aé\t\n\r😀\u{202e}\u{0}]{0,20}",
            spans in prop::collection::vec((0..30u32, 0..30u32), 3),
            message in ".{0,20}",
        ) {
            let mut sources = SourceMap::default();
            sources.add("a.sync", text);
            let at = |i: usize| span(0, spans[i].0, spans[i].1);
            let finding = Finding::error(CODE, at(0), &*message)
                .label(at(1), &*message)
                .fix(Applicability::Safe, at(2), &*message);
            let shown = render(&finding, &sources, false);
            prop_assert!(shown.starts_with("error[E302 wrong-direction]"));
        }
    }
}
