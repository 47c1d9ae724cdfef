//! Where checks put what they find.

use std::fmt::Write as _;

use smol_str::SmolStr;

use crate::diagnostic::{Applicability, Code, Edit, Finding, Fix, Label, Severity, Span};

/// The findings of one check, in the order in which they were found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub list: Vec<Finding>,
    /// Places that were added to a finding told before, where what was meant is not known.
    pub repeated: usize,
}

/// How much had been found at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    count: usize,
    repeated: usize,
}

/// A finding that is being described.
pub(crate) struct Described<'a>(&'a mut Finding);

impl Findings {
    pub fn mark(&self) -> Mark {
        Mark {
            count: self.list.len(),
            repeated: self.repeated,
        }
    }

    /// Whether something since then is lost: an error that is not read as what its safe fix would make of it.
    pub fn lost_since(&self, mark: Mark) -> bool {
        let since = self.list.iter().skip(mark.count);
        self.repeated > mark.repeated
            || since
                .into_iter()
                .any(|f| f.severity == Severity::Error && !is_mended(f))
    }

    pub fn error(&mut self, code: Code, span: Span, message: impl Into<String>) -> Described<'_> {
        self.add(code, Severity::Error, span, message.into())
    }

    pub fn warning(&mut self, code: Code, span: Span, message: impl Into<String>) -> Described<'_> {
        self.add(code, Severity::Warning, span, message.into())
    }

    fn add(
        &mut self,
        code: Code,
        severity: Severity,
        span: Span,
        message: String,
    ) -> Described<'_> {
        let at = self.list.len();
        self.list.push(Finding {
            code,
            severity,
            message,
            span,
            labels: Vec::new(),
            help: None,
            fix: None,
        });
        Described(&mut self.list[at])
    }
}

/// Whether what a finding is about is read as its fix would make it.
pub(crate) fn is_mended(finding: &Finding) -> bool {
    let fix = finding.fix.as_ref();
    fix.is_some_and(|fix| fix.applicability == Applicability::Safe)
}

impl Described<'_> {
    /// Another place that takes part.
    pub fn label(self, span: Span, message: impl Into<String>) -> Self {
        self.0.labels.push(Label {
            span,
            message: message.into(),
        });
        self
    }

    /// As [`Described::label`], where the place is known.
    pub fn maybe_label(self, span: Option<Span>, message: impl Into<String>) -> Self {
        match span {
            Some(span) => self.label(span, message),
            None => self,
        }
    }

    pub fn help(self, help: impl Into<String>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    pub fn maybe_help(self, help: Option<String>) -> Self {
        self.0.help = help;
        self
    }

    pub fn fix(self, applicability: Applicability, span: Span, text: impl Into<String>) -> Self {
        self.0.fix = Some(Fix {
            applicability,
            edits: vec![Edit {
                span,
                text: text.into(),
            }],
        });
        self
    }

    /// "did you mean `x`?", with the replacement as a fix where one name is close; else the few names there are.
    pub fn suggest<'n>(self, name: &str, names: impl IntoIterator<Item = &'n str>) -> Self {
        self.suggest_as(name, names, quoted_name)
    }

    /// As [`Described::suggest`], for a text in quotes.
    pub fn suggest_text<'n>(self, text: &str, texts: impl IntoIterator<Item = &'n str>) -> Self {
        let written = |close: &str| {
            let escaped = close.replace('\\', "\\\\").replace('"', "\\\"");
            format!("\"{}\"", escaped.replace('{', "\\{"))
        };
        self.suggest_as(text, texts, written)
    }

    /// As [`Described::suggest`]; `written` is how a name stands in the place of the finding.
    pub fn suggest_as<'n>(
        self,
        name: &str,
        names: impl IntoIterator<Item = &'n str>,
        written: impl Fn(&str) -> String,
    ) -> Self {
        let suggestion = suggest(name, names);
        if let Suggestion::Close(close, only) = &suggestion {
            let span = self.0.span;
            let text = written(close);
            let applicability = if *only {
                Applicability::Safe
            } else {
                Applicability::Unsafe
            };
            return self
                .help(suggestion.sentence())
                .fix(applicability, span, text);
        }
        let help = suggestion.sentence();
        if help.is_empty() {
            self
        } else {
            self.help(help)
        }
    }
}

/// What to offer for a name that is not known.
#[derive(Debug, PartialEq)]
pub(crate) enum Suggestion {
    /// The nearest name, and whether no other one is as near.
    Close(String, bool),
    /// All names, if they are few enough to list.
    Few(Vec<String>),
    None,
}

const FEW: usize = 8;

/// The one known name that a name is close to, if there is no other as close: what was meant, for all that follows.
pub(crate) fn meant<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<SmolStr> {
    match suggest(name, names) {
        Suggestion::Close(close, true) => Some(close.into()),
        _ => None,
    }
}

/// The known name that differs from `name` in case only, or by edits of at most a third of its length.
pub(crate) fn suggest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Suggestion {
    let mut known: Vec<&str> = names.into_iter().collect();
    known.dedup();
    let limit = name.chars().count() / 3;
    let distance = |known: &str| {
        let in_case = strsim::osa_distance(&known.to_lowercase(), &name.to_lowercase());
        if in_case == 0 {
            Some(0)
        } else {
            Some(strsim::osa_distance(known, name).min(in_case + 1)).filter(|d| *d <= limit)
        }
    };
    let near: Vec<(usize, &str)> = known
        .iter()
        .filter_map(|k| distance(k).map(|d| (d, *k)))
        .collect();
    let close = near.iter().min_by_key(|(d, _)| *d);
    match close {
        Some((least, close)) => {
            let only = !near.iter().any(|(d, k)| d == least && k != close);
            Suggestion::Close(close.to_string(), only)
        }
        None if !known.is_empty() && known.len() <= FEW => {
            known.sort_unstable();
            known.dedup();
            Suggestion::Few(known.into_iter().map(String::from).collect())
        }
        None => Suggestion::None,
    }
}

impl Suggestion {
    pub fn sentence(&self) -> String {
        match self {
            Suggestion::Close(name, _) => format!("did you mean `{name}`?"),
            Suggestion::Few(names) => {
                let mut text = String::from(if names.len() == 1 {
                    "there is only "
                } else {
                    "there are "
                });
                for (i, name) in names.iter().enumerate() {
                    let joint = match i {
                        0 => "",
                        i if i + 1 == names.len() => " and ",
                        _ => ", ",
                    };
                    let _ = write!(text, "{joint}`{name}`");
                }
                text
            }
            Suggestion::None => String::new(),
        }
    }
}

/// A name as a rule file writes it: in backticks where it is no plain name.
fn quoted_name(name: &str) -> String {
    let mut chars = name.chars();
    let plain = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || c == '_');
    if plain {
        name.to_string()
    } else {
        format!("`{name}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_name_is_offered_and_a_far_one_is_not() {
        assert_eq!(
            suggest("emial", ["email", "phone"]),
            Suggestion::Close("email".into(), true)
        );
        assert_eq!(
            suggest("EMAIL", ["email", "phone"]),
            Suggestion::Close("email".into(), true)
        );
        assert_eq!(
            suggest("zz", ["email"]),
            Suggestion::Few(vec!["email".into()])
        );
        let many: Vec<String> = (0..20).map(|i| format!("field{i}")).collect();
        assert_eq!(
            suggest("zz", many.iter().map(String::as_str)),
            Suggestion::None
        );
    }
}
