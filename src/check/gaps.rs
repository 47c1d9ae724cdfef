//! What of a relationship is not known because it has a finding already: nothing is said about what it lacks there.

use crate::program::Direction;
use crate::syntax::ast::{RelationshipItem, Statement, StatementKind};

/// The parts of a relationship in which a statement has an error, or did not parse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Gaps {
    /// An object of the header.
    pub header: bool,
    pub keys: bool,
    /// Field lines: what is mapped, and by which of them.
    pub lines: bool,
    /// `push …` and `pull …` lines, by direction: what an operation requires and sets.
    pub operations: [bool; 2],
}

impl Gaps {
    pub const ALL: Gaps = Gaps {
        header: true,
        keys: true,
        lines: true,
        operations: [true, true],
    };

    /// What the statements that did not parse leave open; `text` is a statement's text.
    pub fn of<'t>(item: &RelationshipItem, text: impl Fn(&Statement) -> &'t str) -> Gaps {
        let broken = item
            .statements
            .iter()
            .filter(|s| matches!(s.kind, StatementKind::Broken));
        broken.fold(Gaps::default(), |gaps, s| gaps.and(Gaps::left_by(text(s))))
    }

    /// What a statement may have said that did not parse, by what it begins with.
    fn left_by(text: &str) -> Gaps {
        let word = text
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
            .unwrap_or_default();
        let mut gaps = Gaps::default();
        match word {
            "match" => gaps.keys = true,
            "push" => gaps.operations[Direction::Push.index()] = true,
            "pull" => gaps.operations[Direction::Pull.index()] = true,
            "duplicates" | "prefer" | "purge" => {}
            _ => return Gaps::ALL,
        }
        gaps
    }

    fn and(self, other: Gaps) -> Gaps {
        Gaps {
            header: self.header | other.header,
            keys: self.keys | other.keys,
            lines: self.lines | other.lines,
            operations: [0, 1].map(|d| self.operations[d] | other.operations[d]),
        }
    }

    pub fn any(self) -> bool {
        self != Gaps::default()
    }

    /// Whether something that writes into records in this direction is not known.
    pub fn writes(self, direction: Direction) -> bool {
        self.header || self.lines || self.operations[direction.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_that_did_not_parse_leaves_open_what_it_may_have_said() {
        assert!(!Gaps::left_by("match email = ").lines);
        assert!(Gaps::left_by("push create requre x").writes(Direction::Push));
        assert!(!Gaps::left_by("push create requre x").writes(Direction::Pull));
        assert_eq!(Gaps::left_by("requires email"), Gaps::ALL);
        assert!(!Gaps::left_by("prefer newst newst").any());
    }
}
