//! Counts of a plan, by relationship and direction.

use super::{OperationKind, Unit};
use crate::program::{Program, RelId};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub create: u64,
    pub update: u64,
    pub delete: u64,
    /// External actions.
    pub action: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RelationshipSummary {
    /// Push, pull.
    pub directions: [Counts; 2],
    pub held: u64,
    pub conflicts: u64,
    pub errors: u64,
    /// Operations of every kind: link, unlink, alter and write_back too.
    pub operations: u64,
    /// Fields that lose their value.
    pub blanked: u64,
}

/// By relationship in run order, then by trigger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    pub relationships: Vec<RelationshipSummary>,
}

impl Summary {
    pub fn new(program: &Program) -> Summary {
        Summary {
            relationships: vec![RelationshipSummary::default(); program.all_rules().count()],
        }
    }
    pub fn of(&mut self, relationship: RelId) -> &mut RelationshipSummary {
        &mut self.relationships[relationship.0 as usize]
    }
    pub fn add(&mut self, unit: &Unit) {
        let summary = self.of(unit.relationship);
        for operation in &unit.operations {
            summary.operations += 1;
            let counts = &mut summary.directions[operation.direction.index()];
            match operation.kind {
                OperationKind::Create => counts.create += 1,
                OperationKind::Update => counts.update += 1,
                OperationKind::Delete => counts.delete += 1,
                OperationKind::Action => counts.action += 1,
                OperationKind::Link
                | OperationKind::Unlink
                | OperationKind::Alter
                | OperationKind::WriteBack
                | OperationKind::Merge
                | OperationKind::Convert => {}
            }
            if operation.kind == OperationKind::Update {
                let blanks = |c: &&super::Change| {
                    !c.from.is_blank() && matches!(&c.to, super::To::Value(v) if v.is_blank())
                };
                summary.blanked += operation.changes.iter().filter(blanks).count() as u64;
            }
        }
    }
    /// Whether anything would be done.
    pub fn is_empty(&self) -> bool {
        self.relationships.iter().all(|r| r.operations == 0)
    }
}
