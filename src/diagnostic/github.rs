//! Findings as annotations of a GitHub workflow run.

use std::fmt::Write as _;

use super::{Finding, Severity, SourceMap};

/// `::error file=…,line=…::message`, one line a finding; `::notice` for what could not be checked.
pub fn to_github(findings: &[Finding], sources: &SourceMap, not_checked: &[String]) -> String {
    let mut out = String::new();
    for finding in findings {
        let (start, end) = (
            sources.position(finding.span),
            sources.end_position(finding.span),
        );
        let file = sources
            .file(finding.span.file)
            .map_or("", |s| s.path.as_str());
        let level = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let title = format!("{} {}", finding.code.code, finding.code.name);
        let mut message = finding.message.clone();
        if let Some(help) = &finding.help {
            let _ = write!(message, "\nhelp: {help}");
        }
        let _ = write!(
            out,
            "::{level} file={},line={},col={},endLine={}",
            property(file),
            start.line,
            start.column,
            end.line
        );
        // Columns of two lines can't be told apart there.
        if start.line == end.line {
            let _ = write!(out, ",endColumn={}", end.column);
        }
        let _ = writeln!(out, ",title={}::{}", property(&title), data(&message));
    }
    for reason in not_checked {
        let _ = writeln!(out, "::notice title=not checked::{}", data(reason));
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::{Code, Span};
    use super::*;

    #[test]
    fn one_line_a_finding_with_its_special_characters_escaped() {
        let mut sources = SourceMap::default();
        let file = sources.add("rules/a,b.sync", "let x = 1\n");
        let span = Span {
            file,
            start: 4,
            end: 5,
        };
        let code = Code {
            code: "W201",
            name: "unused-let",
        };
        let finding = Finding::warning(code, span, "nothing uses 100% of `x`").help("leave it out");
        assert_eq!(
            to_github(
                &[finding],
                &sources,
                &["no schema: nothing\nchecked".to_owned()]
            ),
            "::warning file=rules/a%2Cb.sync,line=1,col=5,endLine=1,endColumn=6,title=W201 unused-let::nothing uses 100%25 of `x`%0Ahelp: leave it out\n::notice title=not checked::no schema: nothing%0Achecked\n"
        );
    }
}
