//! The manual: a page for every code of the syntax, the checks and the lints.

use std::sync::LazyLock;

use super::{LINTS, codes};
use crate::diagnostic::{Code, Page, Severity};

static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
    let mut pages = Vec::new();
    for lint in LINTS {
        pages.extend(lint.codes.iter().map(|code| from_head(*code, lint.source)));
    }
    pages
});

/// Every page.
pub fn pages() -> impl Iterator<Item = &'static Page> {
    PAGES.iter()
}

/// The page of a finding, by its code or its name.
pub fn page(code_or_name: &str) -> Option<&'static Page> {
    crate::diagnostic::by_code_or_name(PAGES.iter(), code_or_name)
}

/// Every code that a program can have.
pub(super) fn all_codes() -> impl Iterator<Item = Code> {
    let tables = [
        crate::syntax::codes::ALL,
        crate::check::codes::ALL,
        codes::ALL,
    ];
    tables.into_iter().flatten().copied()
}

/// The page that stands at the head of a lint's file.
fn from_head(code: Code, source: &str) -> Page {
    let head = source.lines().take_while(|l| l.starts_with("//!"));
    let lines: Vec<&str> = head.map(|l| l.strip_prefix("//! ").unwrap_or("")).collect();
    let section = |title: &str| -> &'static str {
        let body = lines
            .iter()
            .skip_while(|l| l.strip_prefix("## ") != Some(title))
            .skip(1);
        let body: Vec<&str> = body
            .take_while(|l| !l.starts_with("## "))
            .filter(|l| !l.starts_with("```"))
            .copied()
            .collect();
        // Made once for each page of a program that runs: it lives as long as the program.
        String::leak(body.join("\n").trim().to_owned())
    };
    Page {
        code,
        severity: if code.code.starts_with('E') {
            Severity::Error
        } else {
            Severity::Warning
        },
        what: section("What it does"),
        why: section("Why is this bad?"),
        bad: section("Example"),
        good: section("Use instead"),
    }
}
