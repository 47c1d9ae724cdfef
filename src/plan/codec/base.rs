//! How a unit's base is told: most hashes are those of what the unit writes, and are made again where they are read.

use crate::plan::Change;
use crate::plan::base::{AS_WRITTEN, LineBase, hash};
use crate::value::Value;

/// Nothing is agreed on.
pub(super) const NONE: u8 = 0;
/// One hash for both sides.
pub(super) const ONE: u8 = 1;
pub(super) const TWO: u8 = 2;
/// Both sides have the value that the unit's first operation writes for the line.
pub(super) const WRITTEN: u8 = 3;
/// Both sides have null.
pub(super) const NULLS: u8 = 4;

/// What stands for hashes in a form that is read, beside [`AS_WRITTEN`]; whatever else stands there is meant.
pub(super) const OPEN_ONE: [u64; 2] = [0, 0];
pub(super) const OPEN_TWO: [u64; 2] = [0, 1];

/// The changes of an operation, found by line: one after the other, where they are in order.
pub(super) struct ByLine<'u> {
    changes: &'u [Change],
    next: usize,
}

impl<'u> ByLine<'u> {
    pub(super) fn of(changes: &'u [Change]) -> ByLine<'u> {
        ByLine { changes, next: 0 }
    }

    /// The place of the line's change.
    pub(super) fn place(&mut self, line: usize) -> Option<usize> {
        let of_line = |change: &Change| change.line.map(usize::from) == Some(line);
        let place = match self.changes.get(self.next).is_some_and(of_line) {
            true => self.next,
            false => self.changes.iter().position(of_line)?,
        };
        self.next = place + 1;
        Some(place)
    }

    /// The value that is written for the line.
    pub(super) fn value(&mut self, line: usize) -> Option<&'u Value> {
        let place = self.place(line)?;
        self.changes[place].value()
    }

    /// How the line's hashes are told.
    pub(super) fn code(&mut self, line: usize, hashes: &LineBase) -> u8 {
        match hashes {
            None => NONE,
            Some(hashes) if *hashes == AS_WRITTEN => self.place(line).map_or(NONE, |_| WRITTEN),
            Some([left, right]) if left != right => TWO,
            Some([both, _]) if *both == hash(&Value::Null) => NULLS,
            Some([both, _]) if self.value(line).map(hash) == Some(*both) => WRITTEN,
            Some(_) => ONE,
        }
    }
}
