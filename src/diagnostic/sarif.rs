//! Findings as a SARIF 2.1.0 log, for code scanning.

use serde_json::{Value, json};

use super::{Edit, Finding, Page, Severity, SourceMap, Span};

/// One program's findings, and what of it was not checked.
pub struct SarifPart<'a> {
    pub findings: &'a [Finding],
    pub sources: &'a SourceMap,
    pub not_checked: &'a [String],
}

/// The results and notifications of some programs, collected one by one: each has files of its own.
#[derive(Debug, Default)]
pub struct Sarif {
    results: Vec<Value>,
    notifications: Vec<Value>,
    /// The codes that occur, in the order of their first finding.
    codes: Vec<&'static str>,
}

impl Sarif {
    pub fn add(&mut self, part: &SarifPart<'_>) {
        for finding in part.findings {
            let code = finding.code.code;
            let index = match self.codes.iter().position(|c| *c == code) {
                Some(at) => at,
                None => {
                    self.codes.push(code);
                    self.codes.len() - 1
                }
            };
            self.results.push(result(finding, index, part.sources));
        }
        for reason in part.not_checked {
            self.notifications.push(json!({
                "level": "note",
                "message": { "text": format!("not checked: {reason}") },
            }));
        }
    }

    /// The whole log; `page` gives the manual page of a code.
    pub fn log<'p>(&self, page: &dyn Fn(&str) -> Option<&'p Page>) -> Value {
        let rules: Vec<Value> = self
            .codes
            .iter()
            .map(|code| rule(code, page(code)))
            .collect();
        json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": { "driver": {
                    "name": "bilateral",
                    "version": env!("CARGO_PKG_VERSION"),
                    "rules": rules,
                } },
                "columnKind": "unicodeCodePoints",
                "invocations": [{
                    "executionSuccessful": true,
                    "toolExecutionNotifications": self.notifications,
                }],
                "results": self.results,
            }],
        })
    }
}

fn rule(code: &str, page: Option<&Page>) -> Value {
    let Some(page) = page else {
        return json!({ "id": code });
    };
    json!({
        "id": code,
        "name": page.code.name,
        "shortDescription": { "text": page.what.trim() },
        "fullDescription": { "text": format!("{} {}", page.what.trim(), page.why.trim()) },
        "help": { "text": page.to_string() },
        "defaultConfiguration": { "level": level(page.severity) },
    })
}

fn level(severity: Severity) -> &'static str {
    severity.word()
}

fn result(finding: &Finding, index: usize, sources: &SourceMap) -> Value {
    let message = match &finding.help {
        Some(help) => format!("{}\nhelp: {help}", finding.message),
        None => finding.message.clone(),
    };
    let mut result = json!({
        "ruleId": finding.code.code,
        "ruleIndex": index,
        "level": level(finding.severity),
        "message": { "text": message },
        "locations": [{ "physicalLocation": location(finding.span, sources) }],
    });
    let related: Vec<Value> = finding
        .labels
        .iter()
        .enumerate()
        .map(|(id, label)| {
            json!({
                "id": id,
                "physicalLocation": location(label.span, sources),
                "message": { "text": label.message },
            })
        })
        .collect();
    if let Some(object) = result.as_object_mut() {
        if !related.is_empty() {
            object.insert("relatedLocations".into(), related.into());
        }
        if let Some(fix) = &finding.fix {
            let description = finding.help.as_deref().unwrap_or("mend it");
            object.insert(
                "fixes".into(),
                json!([{
                    "description": { "text": description },
                    "artifactChanges": changes(&fix.edits, sources),
                }]),
            );
        }
    }
    result
}

fn changes(edits: &[Edit], sources: &SourceMap) -> Vec<Value> {
    let mut files: Vec<_> = edits.iter().map(|e| e.span.file).collect();
    files.sort_unstable();
    files.dedup();
    let of = |file| {
        let replacements: Vec<Value> = edits
            .iter()
            .filter(|e| e.span.file == file)
            .map(|e| {
                json!({
                    "deletedRegion": region(e.span, sources),
                    "insertedContent": { "text": e.text },
                })
            })
            .collect();
        let path = sources.file(file).map_or("", |s| s.path.as_str());
        json!({ "artifactLocation": { "uri": uri(path) }, "replacements": replacements })
    };
    files.into_iter().map(of).collect()
}

fn location(span: Span, sources: &SourceMap) -> Value {
    let path = sources.file(span.file).map_or("", |s| s.path.as_str());
    json!({ "artifactLocation": { "uri": uri(path) }, "region": region(span, sources) })
}

fn region(span: Span, sources: &SourceMap) -> Value {
    let (start, end) = (sources.position(span), sources.end_position(span));
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    })
}

/// A path as a URI reference.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    uri
}
