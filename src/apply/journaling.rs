//! A plan on its way into the ledger, on a thread of its own where it is large.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, ScopedJoinHandle};

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::ended;
use super::packing::{Apart, Packed};
use crate::ledger::{Effect, Ledger};
use crate::plan::PlanError;

/// Batches that wait for the thread at most: they are held in memory, with up to 4 MiB each.
const WAITING: usize = 4;

/// The batches, by number, that no group may hold without a second thought.
pub type Particular = FxHashMap<i64, Apart>;

/// What the ledger takes of a plan.
pub enum Entry {
    Batch(Packed),
    /// To be noted with the batches.
    Effects(Vec<Effect>),
}

/// Where batches go.
pub struct Journaling<'scope, 'env> {
    scope: &'scope Scope<'scope, 'env>,
    /// Until there is a thread.
    journal: Option<Journal<'scope>>,
    thread: Option<Running<'scope>>,
}

/// The way to the thread, and what comes of it.
type Running<'scope> = (
    SyncSender<Entry>,
    ScopedJoinHandle<'scope, Result<Particular, PlanError>>,
);

impl<'scope, 'env> Journaling<'scope, 'env> {
    pub fn new(
        scope: &'scope Scope<'scope, 'env>,
        journal: Journal<'scope>,
    ) -> Journaling<'scope, 'env> {
        Journaling {
            scope,
            journal: Some(journal),
            thread: None,
        }
    }

    /// # Errors
    /// The ledger takes no more.
    pub fn take(&mut self, entry: Entry) -> Result<(), PlanError> {
        if let Some(journal) = self.journal.take() {
            let (send, given) = sync_channel(WAITING);
            let handle = self.scope.spawn(move || journal.run(&given));
            self.thread = Some((send, handle));
        }
        match &self.thread {
            Some((send, _)) if send.send(entry).is_ok() => Ok(()),
            // It has met an error, which it tells when asked.
            _ => self.end().and(Err(ended("writes"))),
        }
    }

    /// With the last ones.
    ///
    /// # Errors
    /// The ledger takes no more.
    pub fn finish(
        mut self,
        last: impl IntoIterator<Item = Entry>,
    ) -> Result<Particular, PlanError> {
        let mut last = last.into_iter();
        match self.journal.take() {
            Some(mut journal) => {
                last.try_for_each(|entry| journal.take(entry))?;
                Ok(journal.particular)
            }
            None => {
                last.try_for_each(|entry| self.take(entry))?;
                self.end()
            }
        }
    }

    fn end(&mut self) -> Result<Particular, PlanError> {
        let Some((send, handle)) = self.thread.take() else {
            return Err(ended("writes"));
        };
        drop(send);
        handle
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

/// Journals batches of a run.
pub struct Journal<'l> {
    ledger: &'l mut Ledger,
    run: SmolStr,
    particular: Particular,
}

impl<'l> Journal<'l> {
    pub fn new(ledger: &'l mut Ledger, run: SmolStr) -> Self {
        Journal {
            ledger,
            run,
            particular: Particular::default(),
        }
    }

    fn run(mut self, given: &Receiver<Entry>) -> Result<Particular, PlanError> {
        for entry in given {
            self.take(entry)?;
        }
        Ok(self.particular)
    }

    fn take(&mut self, entry: Entry) -> Result<(), PlanError> {
        match entry {
            Entry::Batch((batch, apart)) => {
                let number = self.ledger.journal(&self.run, &batch)?;
                self.particular.extend(apart.map(|apart| (number, apart)));
            }
            Entry::Effects(effects) => {
                for effect in &effects {
                    self.ledger.note(effect)?;
                }
            }
        }
        Ok(())
    }
}
