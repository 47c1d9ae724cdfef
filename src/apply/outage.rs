//! A store that is down stops its own part of a run: what needs it waits in the outbox, the rest goes on (engine, section 6).

use smol_str::SmolStr;

use super::ApplyError;
use super::batch::{Counts, Writer};
use super::recovery::Recovery;
use crate::ledger::{Batch, Effect, Ledger};
use crate::plan::{OperationKind, PlanError, QUERIED, codec};
use crate::store::StoreError;

/// Which stores did not answer in this pass.
#[derive(Default)]
pub struct Outage {
    /// By side: its first error.
    down: [Option<PlanError>; 2],
    /// The relationships of which something was left undone.
    stopped: Vec<SmolStr>,
}

impl Outage {
    /// `None` where the batch needs a store that is down: it stays as it is, for the next run.
    pub fn carry_out(
        &mut self,
        writer: &mut Writer<'_>,
        ledger: &mut Ledger,
        batch: &Batch,
        recovery: Option<&mut Recovery>,
    ) -> Result<Option<Counts>, ApplyError> {
        if self.needs(batch) {
            self.stop(&batch.relationship);
            return Ok(None);
        }
        match writer.carry_out(ledger, batch, recovery) {
            Ok(counts) => Ok(Some(counts)),
            Err(ApplyError::Plan(PlanError::Store { store, error }))
                if matches!(error, StoreError::Unavailable(_)) =>
            {
                let side = usize::from(writer.program.stores[1].name == store);
                self.down[side].get_or_insert(PlanError::Store { store, error });
                self.stop(&batch.relationship);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the batch writes to a store that is down, or makes something there that its other writes need.
    fn needs(&self, batch: &Batch) -> bool {
        if self.down.iter().all(Option::is_none) {
            return false;
        }
        let units = codec::decode_all(&batch.operations).unwrap_or_default();
        units.iter().flat_map(|u| &u.operations).any(|o| {
            self.down[o.side.index()].is_some()
                && !matches!(
                    o.kind,
                    OperationKind::Link | OperationKind::Unlink | OperationKind::Action
                )
        })
    }

    fn stop(&mut self, relationship: &SmolStr) {
        if !self.stopped.contains(relationship) {
            self.stopped.push(relationship.clone());
        }
    }

    /// An effect of a relationship that did not get to its end: its cursors stay, and what is listed of it.
    pub fn stops(&self, effect: &Effect) -> bool {
        let name = match effect {
            Effect::Unhold { relationship, .. }
            | Effect::Unfail { relationship, .. }
            | Effect::Unwait { relationship, .. }
            | Effect::Cursor { relationship, .. }
            | Effect::Complete { relationship, .. } => relationship,
            _ => return false,
        };
        let name = name.strip_suffix(QUERIED).unwrap_or(name);
        self.stopped.iter().any(|s| s == name)
    }

    /// # Errors
    /// The first store's that did not answer.
    pub fn end(self) -> Result<(), ApplyError> {
        match self.down.into_iter().flatten().next() {
            Some(error) => Err(ApplyError::Plan(error)),
            None => Ok(()),
        }
    }
}
