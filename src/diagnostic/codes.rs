//! Codes: one a kind of finding, stable, never reused.
//!
//! They are listed beside what emits them (`syntax/codes.rs`, `check/codes.rs`, each lint), the first digit by subject: 0 syntax, 2 names,
//! 3 directions, 4 types and writing, 5 matching and relationships, 6 operations, schedules and triggers. Warnings (`W`) take the same ranges.

use std::collections::HashSet;

/// A kind of finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code {
    /// `E302`, `W501`
    pub code: &'static str,
    /// Its kebab name, as in `# allow(name): reason`.
    pub name: &'static str,
}

/// The first code whose code or name another one before it has: a table of codes has none.
pub fn repeated<'c>(codes: impl IntoIterator<Item = &'c Code>) -> Option<&'c Code> {
    let mut seen = HashSet::new();
    codes
        .into_iter()
        .find(|code| !seen.insert(code.code) | !seen.insert(code.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_codes_nor_names_repeat() {
        let [a, b] = [("E302", "wrong-direction"), ("E303", "two-writers")]
            .map(|(code, name)| Code { code, name });
        assert_eq!(repeated(&[a, b]), None);
        assert_eq!(
            repeated(&[
                a,
                b,
                Code {
                    code: "E302",
                    name: "other"
                }
            ])
            .map(|code| code.name),
            Some("other")
        );
        assert_eq!(
            repeated(&[
                a,
                b,
                Code {
                    code: "E304",
                    name: "two-writers"
                }
            ])
            .map(|code| code.code),
            Some("E304")
        );
    }
}
