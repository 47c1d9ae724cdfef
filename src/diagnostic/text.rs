//! Findings drawn for people, as rustc draws them. The only file that knows annotate-snippets.

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Renderer, Snippet};

use super::{Finding, Fix, Severity, Source, SourceMap, Span};

/// The finding with its lines of rules, the other places that take part, its help and its fix; no line end after it.
pub fn render(finding: &Finding, sources: &SourceMap, color: bool) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let id = format!("{} {}", finding.code.code, finding.code.name);
    let mut problem = Group::with_title(level.primary_title(&*finding.message).id(id));
    for snippet in snippets(finding, sources) {
        problem = problem.element(snippet);
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

/// One snippet a file, that of the finding's own span first.
fn snippets<'a>(finding: &'a Finding, sources: &'a SourceMap) -> Vec<Snippet<'a, Annotation<'a>>> {
    let mut files = vec![finding.span.file];
    for label in &finding.labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    files
        .into_iter()
        .filter_map(|file| {
            let labels = || {
                finding
                    .labels
                    .iter()
                    .filter(move |label| label.span.file == file)
            };
            let own = (finding.span.file == file).then_some(finding.span);
            let excerpt = Excerpt::of(
                sources.file(file)?,
                own.into_iter().chain(labels().map(|label| label.span)),
            );
            let primary = own.map(|span| AnnotationKind::Primary.span(excerpt.range(span)));
            let others = labels().map(|label| {
                AnnotationKind::Context
                    .span(excerpt.range(label.span))
                    .label(&*label.message)
            });
            Some(
                excerpt
                    .snippet()
                    .annotations(primary.into_iter().chain(others)),
            )
        })
        .collect()
}

/// The fix as it changes the lines, under its help.
fn mend<'a>(fix: &'a Fix, help: &'a str, sources: &'a SourceMap) -> Group<'a> {
    let mut group = Group::with_title(Level::HELP.secondary_title(help));
    let mut files: Vec<_> = fix.edits.iter().map(|edit| edit.span.file).collect();
    files.sort_unstable();
    files.dedup();
    for file in files {
        let Some(source) = sources.file(file) else {
            continue;
        };
        let edits = || fix.edits.iter().filter(move |edit| edit.span.file == file);
        let excerpt = Excerpt::of(source, edits().map(|edit| edit.span));
        let patches = edits().map(|edit| Patch::new(excerpt.range(edit.span), &*edit.text));
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
            .map_or(0, |newline| newline + 1);
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
