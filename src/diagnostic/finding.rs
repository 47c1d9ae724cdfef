//! The finding: one problem, the places that take part in it, and its mend.

use super::{Code, SourceMap, Span};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applicability {
    /// The rules mean the same, or what was evidently meant.
    Safe,
    /// A person should look at it.
    Unsafe,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub applicability: Applicability,
    pub edits: Vec<Edit>,
}

/// Another place that takes part in a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub message: String,
}

/// One problem: a lower-case fact about the smallest span, with the user's text in backticks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    pub message: String,
    pub span: Span,
    pub labels: Vec<Label>,
    pub help: Option<String>,
    pub fix: Option<Fix>,
}

impl Finding {
    pub fn error(code: Code, span: Span, message: impl Into<String>) -> Finding {
        Finding::new(code, Severity::Error, span, message.into())
    }

    pub fn warning(code: Code, span: Span, message: impl Into<String>) -> Finding {
        Finding::new(code, Severity::Warning, span, message.into())
    }

    fn new(code: Code, severity: Severity, span: Span, message: String) -> Finding {
        Finding {
            code,
            severity,
            message,
            span,
            labels: Vec::new(),
            help: None,
            fix: None,
        }
    }

    /// Another place that takes part, and how.
    pub fn label(mut self, span: Span, message: impl Into<String>) -> Finding {
        self.labels.push(Label {
            span,
            message: message.into(),
        });
        self
    }

    /// What to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    /// The word that is meant, in the place of what is underlined: a safe mend.
    pub fn did_you_mean(self, meant: &str) -> Finding {
        let here = self.span;
        self.help(format!("did you mean `{meant}`?"))
            .fix(Applicability::Safe, here, meant)
    }

    /// The one obvious mend: `text` in the place of `span`. Called again, one more edit of the same fix; it is safe if all are.
    pub fn fix(
        mut self,
        applicability: Applicability,
        span: Span,
        text: impl Into<String>,
    ) -> Finding {
        let fix = self.fix.get_or_insert(Fix {
            applicability,
            edits: Vec::new(),
        });
        if applicability == Applicability::Unsafe {
            fix.applicability = applicability;
        }
        fix.edits.push(Edit {
            span,
            text: text.into(),
        });
        self
    }
}

/// Puts findings in the order in which people read them: by file, then by position.
pub fn sort(findings: &mut [Finding], sources: &SourceMap) {
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| {
            (
                sources
                    .file(finding.span.file)
                    .map(|source| source.path.clone()),
                finding.span,
                finding.code.code,
            )
        };
        key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: Code = Code {
        code: "E302",
        name: "wrong-direction",
    };

    #[test]
    fn findings_are_read_file_by_file() {
        let mut sources = SourceMap::default();
        let (z, a) = (sources.add("z.sync", "zzzz"), sources.add("a.sync", "aaaa"));
        let finding = |file, start| {
            Finding::error(
                CODE,
                Span {
                    file,
                    start,
                    end: start + 1,
                },
                "x",
            )
        };
        let mut findings = vec![finding(z, 1), finding(a, 3), finding(a, 2)];
        sort(&mut findings, &sources);
        assert_eq!(findings, [finding(a, 2), finding(a, 3), finding(z, 1)]);
    }

    #[test]
    fn one_unsafe_edit_makes_a_fix_unsafe() {
        let span = Span {
            file: super::super::FileId(0),
            start: 0,
            end: 1,
        };
        let fixed = Finding::warning(CODE, span, "x")
            .fix(Applicability::Safe, span, "a")
            .fix(Applicability::Unsafe, span, "b");
        assert_eq!(
            fixed.fix.map(|fix| (fix.applicability, fix.edits.len())),
            Some((Applicability::Unsafe, 2))
        );
    }
}
