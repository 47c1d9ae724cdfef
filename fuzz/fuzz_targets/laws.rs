//! What must hold of every text; the fuzz targets call these, and `tests/lint/corpus.rs` replays the corpus through them.

use bilateral::check::{Input, check};
use bilateral::diagnostic::{FileId, Finding, Severity, SourceMap};
use bilateral::lint::fix::settle;
use bilateral::syntax;

/// Parsing gives a tree and findings, all of whose places lie in the text.
pub fn parse(text: &str) {
    let parsed = syntax::parse(FileId(0), text);
    for finding in &parsed.findings {
        inside(finding, text);
    }
}

/// What is formatted stays as it is when it is formatted again, and keeps its comments.
pub fn format(text: &str) {
    let Ok(once) = syntax::format(text) else {
        return;
    };
    assert_eq!(
        syntax::format(&once).as_ref(),
        Ok(&once),
        "formatting twice"
    );
    let comments = |text: &str| -> Vec<String> {
        let parsed = syntax::parse(FileId(0), text);
        let all = parsed.file.comments.into_iter();
        all.map(|c| c.text.trim().to_owned()).collect()
    };
    assert_eq!(comments(text), comments(&once), "comments");
}

/// Linting gives findings in the order of their places, and places within the text.
pub fn lint(text: &str) {
    for finding in findings(text) {
        inside(&finding, text);
    }
}

/// Mending leaves as many findings, or fewer.
pub fn fix(text: &str) {
    let look = |texts: &[String]| findings(&texts[0]);
    let before = findings(text).len();
    let mended = settle(&[text.to_owned()], &look).remove(0);
    assert!(findings(&mended).len() <= before, "mending");
}

fn findings(text: &str) -> Vec<Finding> {
    let mut sources = SourceMap::default();
    let id = sources.add("fuzz.sync", text);
    let parsed = syntax::parse(id, text);
    let files = [parsed.file];
    let checked = check(&Input {
        name: "fuzz".into(),
        sources: &sources,
        files: &files,
        parsed: !parsed
            .findings
            .iter()
            .any(|f| f.severity == Severity::Error),
        stores: None,
        schema: &|_| None,
        places: &Default::default(),
        settings: &[],
        environment: &|_| None,
        options: &|_| None,
        all_options: &[],
    });
    bilateral::lint::lint(&files, &sources, &parsed.findings, &checked)
}

fn inside(finding: &Finding, text: &str) {
    let spans = std::iter::once(finding.span).chain(finding.labels.iter().map(|l| l.span));
    for span in spans {
        let range = span.start as usize..span.end as usize;
        assert!(
            text.get(range).is_some(),
            "{} at {span:?}",
            finding.code.name
        );
    }
}
