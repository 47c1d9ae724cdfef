//! The places of a unit that differ between units of one form.

use smol_str::SmolStr;

use crate::plan::{Change, Operation, To, Unit};
use crate::value::Value;

/// One such place.
pub(super) enum Slot<'u> {
    Link(&'u mut i64),
    Value(&'u mut Value),
    /// An id or a stamp of a record, which operations name again: the left id, the right id, the left stamp, the right stamp.
    Known(&'u mut Value, usize),
    Hashes(&'u mut [u64; 2]),
    /// A firing's.
    Key(&'u mut SmolStr),
}

/// Visits every place of the unit, in the order in which the codec writes them; stops where `visit` gives `None`.
pub(super) fn each<'u>(
    unit: &'u mut Unit,
    visit: &mut impl FnMut(Slot<'u>) -> Option<()>,
) -> Option<()> {
    if let Some(link) = &mut unit.link {
        visit(Slot::Link(link))?;
    }
    for (side, record) in unit.records.iter_mut().enumerate() {
        if let Some(record) = record {
            visit(Slot::Known(&mut record.id, side))?;
            visit(Slot::Known(&mut record.stamp, 2 + side))?;
        }
    }
    for operation in &mut unit.operations {
        of_operation(operation, visit)?;
    }
    for hashes in unit.base.iter_mut().chain(&mut unit.old_base).flatten() {
        visit(Slot::Hashes(hashes))?;
    }
    for value in unit.kept.iter_mut().flatten() {
        visit(Slot::Value(value))?;
    }
    if let Some(step) = &mut unit.step {
        visit(Slot::Key(&mut step.key))?;
        for version in step.own.iter_mut().flatten() {
            visit(Slot::Value(version))?;
        }
    }
    Some(())
}

fn of_operation<'u>(
    operation: &'u mut Operation,
    visit: &mut impl FnMut(Slot<'u>) -> Option<()>,
) -> Option<()> {
    if let Some(id) = &mut operation.id {
        visit(Slot::Value(id))?;
    }
    if let Some(source) = &mut operation.source {
        visit(Slot::Value(&mut source.id))?;
    }
    of_changes(&mut operation.changes, visit)?;
    visit(Slot::Value(&mut operation.expect))?;
    for (_, value) in &mut operation.expect_fields {
        visit(Slot::Value(value))?;
    }
    for part in &mut operation.together {
        if let Some(id) = &mut part.id {
            visit(Slot::Value(id))?;
        }
        of_changes(&mut part.changes, visit)?;
        visit(Slot::Value(&mut part.expect))?;
    }
    Some(())
}

fn of_changes<'u>(
    changes: &'u mut [Change],
    visit: &mut impl FnMut(Slot<'u>) -> Option<()>,
) -> Option<()> {
    for change in changes {
        visit(Slot::Value(&mut change.from))?;
        match &mut change.to {
            To::Value(value) | To::Linked { id: value, .. } => visit(Slot::Value(value))?,
            To::Made { keys, .. } => {
                for key in keys {
                    visit(Slot::Value(key))?;
                }
            }
            To::CreatedId | To::Unknown => {}
        }
    }
    Some(())
}
