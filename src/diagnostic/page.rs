//! The reference page of a code.

use std::fmt;

use super::{Code, Severity};

/// What `explain` prints about a code. It stands beside the check that emits the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub code: Code,
    pub severity: Severity,
    /// What it is, in a sentence or two.
    pub what: &'static str,
    /// Why it is bad.
    pub why: &'static str,
    /// Rules that have it.
    pub bad: &'static str,
    /// The same rules, mended.
    pub good: &'static str,
    /// What `--fix` does about it, and how safe that is; empty where it has no fix.
    pub fix: &'static str,
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} {} ({})\n",
            self.code.code,
            self.code.name,
            self.severity.word()
        )?;
        writeln!(f, "{}\n\n{}", self.what.trim(), self.why.trim())?;
        for (title, rules) in [("Bad", self.bad), ("Good", self.good)] {
            writeln!(f, "\n{title}:\n")?;
            for line in rules.trim_matches('\n').lines() {
                writeln!(f, "{}", format_args!("    {line}").to_string().trim_end())?;
            }
        }
        if !self.fix.is_empty() {
            writeln!(f, "\nFix: {}", self.fix.trim())?;
        }
        Ok(())
    }
}

/// The page that a user asks for by code (in any case) or by name.
pub fn by_code_or_name<'p>(
    pages: impl IntoIterator<Item = &'p Page>,
    text: &str,
) -> Option<&'p Page> {
    pages
        .into_iter()
        .find(|page| page.code.code.eq_ignore_ascii_case(text) || page.code.name == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: Page = Page {
        code: Code {
            code: "E302",
            name: "wrong-direction",
        },
        severity: Severity::Error,
        what: "A field line points against the arrow of its relationship.",
        why: "The line would never run.",
        bad: "\nrelationship A: a <- A {\n  x -> X\n}\n",
        good: "relationship A: a <- A {\n\n  x <- X\n}",
        fix: "Safe: it turns the arrow.",
    };

    #[test]
    fn a_page_shows_both_examples() {
        let shown = "\
E302 wrong-direction (error)

A field line points against the arrow of its relationship.

The line would never run.

Bad:

    relationship A: a <- A {
      x -> X
    }

Good:

    relationship A: a <- A {

      x <- X
    }

Fix: Safe: it turns the arrow.
";
        assert_eq!(PAGE.to_string(), shown);
    }

    #[test]
    fn pages_are_found_by_code_and_by_name() {
        for text in ["E302", "e302", "wrong-direction"] {
            assert_eq!(by_code_or_name(&[PAGE], text), Some(&PAGE));
        }
        assert_eq!(by_code_or_name(&[PAGE], "E30"), None);
    }
}
