//! The manual: a page for every code of the syntax, the checks and the lints.

mod allow;
mod directions;
mod files;
mod matching;
mod names;
mod operations;
mod syntax;
mod types;

use std::sync::LazyLock;

use super::LINTS;
use crate::diagnostic::{Code, Page, Severity, codes};

/// A page as the files here write it.
type Entry = Page;

const fn entry(
    code: Code,
    what: &'static str,
    why: &'static str,
    bad: &'static str,
    good: &'static str,
) -> Entry {
    Page {
        code,
        severity: severity(code),
        what,
        why,
        bad,
        good,
        fix: "",
    }
}

/// The page of a finding that has a fix, with what is said of it.
const fn fixed(page: Entry, fix: &'static str) -> Entry {
    Page { fix, ..page }
}

/// By the code's letter.
const fn severity(code: Code) -> Severity {
    match code.code.as_bytes() {
        [b'W', ..] => Severity::Warning,
        _ => Severity::Error,
    }
}

static PAGES: LazyLock<Vec<Page>> = LazyLock::new(|| {
    let written = [
        files::ENTRIES,
        syntax::ENTRIES,
        names::ENTRIES,
        directions::ENTRIES,
        types::ENTRIES,
        matching::ENTRIES,
        operations::ENTRIES,
        allow::ENTRIES,
    ];
    let mut pages = written.concat();
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
    codes::ALL.iter().copied()
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
        severity: severity(code),
        what: section("What it does"),
        why: section("Why is this bad?"),
        bad: section("Example"),
        good: section("Use instead"),
        fix: section("Fix safety"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::repeated;

    #[test]
    fn every_code_has_one_page() {
        let codes: Vec<Code> = all_codes().collect();
        assert_eq!(repeated(&codes), None);
        let with_page: Vec<Code> = pages().map(|p| p.code).collect();
        assert_eq!(repeated(&with_page), None);
        let without: Vec<_> = codes.iter().filter(|c| !with_page.contains(c)).collect();
        assert!(without.is_empty(), "{without:?}");
        assert_eq!(codes.len(), with_page.len());
    }

    #[test]
    fn a_page_says_everything() {
        for page in pages() {
            for part in [page.what, page.why, page.bad, page.good] {
                assert!(!part.trim().is_empty(), "{}", page.code.name);
            }
        }
    }

    #[test]
    fn a_lint_page_is_the_head_of_its_file() {
        let bad = page("unused-let").map(|p| p.bad).unwrap_or_default();
        assert!(bad.starts_with("let REGION = \"EU\"\n"), "{bad}");
    }
}
