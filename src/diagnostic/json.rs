//! Findings as JSON (interfaces, lint --format json).

use serde::Serialize;

use super::{Applicability, Finding, SourceMap, Span};

/// The object that `lint --format json` prints.
#[derive(Debug, Clone, Serialize)]
pub struct FindingsJson {
    pub version: u32,
    findings: Vec<FindingJson>,
    checked: Checked,
    not_checked: Vec<String>,
}

#[derive(Debug, Clone, Serialize)]
struct Checked {
    files: usize,
    relationships: usize,
}

#[derive(Debug, Clone, Serialize)]
struct FindingJson {
    code: &'static str,
    name: &'static str,
    severity: &'static str,
    message: String,
    #[serde(flatten)]
    place: Place,
    labels: Vec<LabelJson>,
    help: Option<String>,
    fix: Option<FixJson>,
}

#[derive(Debug, Clone, Serialize)]
struct Place {
    file: String,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
}

#[derive(Debug, Clone, Serialize)]
struct LabelJson {
    #[serde(flatten)]
    place: Place,
    message: String,
}

#[derive(Debug, Clone, Serialize)]
struct FixJson {
    applicability: &'static str,
    edits: Vec<EditJson>,
}

#[derive(Debug, Clone, Serialize)]
struct EditJson {
    #[serde(flatten)]
    place: Place,
    text: String,
}

impl FindingsJson {
    /// Adds the findings of another program.
    pub fn append(&mut self, mut other: FindingsJson) {
        self.findings.append(&mut other.findings);
        self.checked.files += other.checked.files;
        self.checked.relationships += other.checked.relationships;
        self.not_checked.append(&mut other.not_checked);
    }
}

/// `files` and `relationships` are how many were checked; `not_checked` says why something could not be.
pub fn to_json(
    findings: &[Finding],
    sources: &SourceMap,
    files: usize,
    relationships: usize,
    not_checked: &[String],
) -> FindingsJson {
    FindingsJson {
        version: 1,
        findings: findings
            .iter()
            .map(|finding| finding_json(finding, sources))
            .collect(),
        checked: Checked {
            files,
            relationships,
        },
        not_checked: not_checked.to_vec(),
    }
}

fn finding_json(finding: &Finding, sources: &SourceMap) -> FindingJson {
    FindingJson {
        code: finding.code.code,
        name: finding.code.name,
        severity: finding.severity.word(),
        message: finding.message.clone(),
        place: place(finding.span, sources),
        labels: finding
            .labels
            .iter()
            .map(|label| LabelJson {
                place: place(label.span, sources),
                message: label.message.clone(),
            })
            .collect(),
        help: finding.help.clone(),
        fix: finding.fix.as_ref().map(|fix| FixJson {
            applicability: match fix.applicability {
                Applicability::Safe => "safe",
                Applicability::Unsafe => "unsafe",
            },
            edits: fix
                .edits
                .iter()
                .map(|edit| EditJson {
                    place: place(edit.span, sources),
                    text: edit.text.clone(),
                })
                .collect(),
        }),
    }
}

fn place(span: Span, sources: &SourceMap) -> Place {
    let (start, end) = (sources.position(span), sources.end_position(span));
    Place {
        file: sources
            .file(span.file)
            .map(|source| source.path.clone())
            .unwrap_or_default(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Code;
    use super::*;

    #[test]
    fn keys_and_their_order_are_the_contract() {
        let mut sources = SourceMap::default();
        let file = sources.add(
            "rules/people.sync",
            "relationship Lead: lead <- Lead {\n  né -> Née\n}\n",
        );
        let (header, arrow) = (
            Span {
                file,
                start: 24,
                end: 26,
            },
            Span {
                file,
                start: 40,
                end: 42,
            },
        );
        let code = Code {
            code: "E302",
            name: "wrong-direction",
        };
        let finding = Finding::error(code, arrow, "`né -> Née` pushes, but `Lead` only pulls")
            .label(header, "this arrow only pulls")
            .help("turn the arrow round")
            .fix(Applicability::Unsafe, arrow, "<-");
        let warning = Finding {
            code: Code {
                code: "W501",
                name: "not-indexed",
            },
            ..Finding::warning(code, header, "x")
        };
        let json = to_json(
            &[finding, warning],
            &sources,
            1,
            1,
            &["`lead` has no schema".to_owned()],
        );
        insta::assert_snapshot!(serde_json::to_string_pretty(&json).unwrap(), @r#"
        {
          "version": 1,
          "findings": [
            {
              "code": "E302",
              "name": "wrong-direction",
              "severity": "error",
              "message": "`né -> Née` pushes, but `Lead` only pulls",
              "file": "rules/people.sync",
              "line": 2,
              "column": 6,
              "end_line": 2,
              "end_column": 8,
              "labels": [
                {
                  "file": "rules/people.sync",
                  "line": 1,
                  "column": 25,
                  "end_line": 1,
                  "end_column": 27,
                  "message": "this arrow only pulls"
                }
              ],
              "help": "turn the arrow round",
              "fix": {
                "applicability": "unsafe",
                "edits": [
                  {
                    "file": "rules/people.sync",
                    "line": 2,
                    "column": 6,
                    "end_line": 2,
                    "end_column": 8,
                    "text": "<-"
                  }
                ]
              }
            },
            {
              "code": "W501",
              "name": "not-indexed",
              "severity": "warning",
              "message": "x",
              "file": "rules/people.sync",
              "line": 1,
              "column": 25,
              "end_line": 1,
              "end_column": 27,
              "labels": [],
              "help": null,
              "fix": null
            }
          ],
          "checked": {
            "files": 1,
            "relationships": 1
          },
          "not_checked": [
            "`lead` has no schema"
          ]
        }
        "#);
    }
}
