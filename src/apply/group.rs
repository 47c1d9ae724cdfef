//! Several batches in one transaction of each store and of the ledger: what they share of the databases' pages is written once.
//!
//! What holds for a batch holds for the group: all of it is noted as sent, durably, before its first write, and its results are noted in
//! one transaction after the stores have answered for them. A crash in between leaves sent batches, which the next run looks for. Nothing
//! that one store is given in a group follows from what the other one made of its part, since either may be all that stands.

use std::sync::Mutex;
use std::thread;

use chrono::{DateTime, Utc};
use rustc_hash::FxHashSet;

use super::batch::{Counts, Writer};
use super::outage::Outage;
use super::resume::Recovery;
use super::scribe::Scribe;
use super::settle::Settled;
use super::{ApplyError, PlanError};
use crate::ledger::{Batch, BatchState, Ledger};
use crate::program::Side;
use crate::store::{Store, StoreError};

/// Batches of one group at most: what a crash leaves to be looked for, and how long a store stays locked.
const BATCHES: usize = 32;

/// The outbox of one run, carried out.
pub struct Groups<'g> {
    pub run: &'g str,
    pub began: DateTime<Utc>,
    /// Batches that no group may hold.
    pub alone: &'g FxHashSet<i64>,
    /// The stores that do not answer.
    pub outage: &'g mut Outage,
    /// Told of what became of each batch.
    pub told: &'g mut dyn FnMut(Counts),
    /// Whether to stop after the batch at hand.
    pub stop: &'g dyn Fn() -> bool,
}

/// How the batches of a group came out.
enum Ended {
    Together,
    /// Nothing of them is written: a record does not let the others stand.
    Undone,
    /// One store has written its part, the other one nothing.
    Half,
}

impl Groups<'_> {
    /// Carries out all planned batches.
    ///
    /// # Errors
    /// Of a store or the ledger; what was not written stays planned, what may have been written stays sent. A store that is down stops
    /// what needs it only: that is the outage's.
    pub fn carry_out(
        &mut self,
        writer: &mut Writer<'_>,
        ledger: &mut Ledger,
    ) -> Result<(), ApplyError> {
        let together = keep_transactions(writer.stores);
        let mut after = 0;
        loop {
            let mut numbers =
                ledger.planned(self.run, after, if together { BATCHES } else { 1 })?;
            let Some(first) = numbers.first() else {
                return Ok(());
            };
            if (self.stop)() {
                return Err(ApplyError::Plan(PlanError::Interrupted));
            }
            let alone = match self.alone.contains(first) {
                true => 0,
                false => numbers
                    .iter()
                    .position(|n| self.alone.contains(n))
                    .unwrap_or(numbers.len()),
            };
            numbers.truncate(alone.max(1));
            after = numbers.last().copied().unwrap_or(after);
            if !together || numbers.len() == 1 {
                self.one_by_one(writer, ledger, &numbers, None)?;
                continue;
            }
            match self.group(writer, ledger, &numbers)? {
                Ended::Together => {}
                Ended::Undone => {
                    ledger.mark(&numbers, BatchState::Planned)?;
                    self.one_by_one(writer, ledger, &numbers, None)?;
                }
                Ended::Half => {
                    let mut recovery = Recovery::new(ledger.reader()?, self.began);
                    self.one_by_one(writer, ledger, &numbers, Some(&mut recovery))?;
                }
            }
        }
    }

    fn one_by_one(
        &mut self,
        writer: &mut Writer<'_>,
        ledger: &mut Ledger,
        numbers: &[i64],
        mut recovery: Option<&mut Recovery>,
    ) -> Result<(), ApplyError> {
        for number in numbers {
            if let Some(batch) = self.batch(ledger, *number)? {
                if (self.stop)() {
                    return Err(ApplyError::Plan(PlanError::Interrupted));
                }
                if let Some(recovery) = recovery.as_deref_mut() {
                    recovery.relationship = batch.relationship.clone();
                }
                let recovery = recovery.as_deref_mut();
                let counts = self.outage.carry_out(writer, ledger, &batch, recovery)?;
                counts.into_iter().for_each(&mut self.told);
            }
        }
        Ok(())
    }

    fn group(
        &mut self,
        writer: &mut Writer<'_>,
        ledger: &mut Ledger,
        numbers: &[i64],
    ) -> Result<Ended, ApplyError> {
        ledger.mark(numbers, BatchState::Sent)?;
        ledger.begin_together()?;
        writer.begin_group();
        writer.stores.iter_mut().for_each(|s| s.begin());
        let (settled, stopped) = match self.write(writer, ledger, numbers) {
            Ok(written) => written,
            // One by one, what needs a store that is down is told from what does not.
            Err(ApplyError::Plan(PlanError::Store {
                error: StoreError::Unavailable(_),
                ..
            })) => {
                take_back(writer, ledger);
                return Ok(Ended::Undone);
            }
            Err(error) => {
                take_back(writer, ledger);
                // Nothing of the group has left: it need not be looked for. The first error is the one to tell.
                let _ = ledger.mark(numbers, BatchState::Planned);
                return Err(error);
            }
        };
        let ended = commit(writer);
        if !matches!(ended, Ok(Ended::Together)) {
            take_back(writer, ledger);
            return ended;
        }
        writer.end_group(true);
        ledger.commit_together()?;
        for settled in settled {
            writer.listed.extend(settled.listed);
            (self.told)(settled.counts);
        }
        if stopped {
            return Err(ApplyError::Plan(PlanError::Interrupted));
        }
        Ok(Ended::Together)
    }

    /// While one batch is written the one before is noted and the next one read. Stops early (`true`) where the user wants it: the
    /// batches that are left are planned again.
    fn write(
        &self,
        writer: &mut Writer<'_>,
        ledger: &mut Ledger,
        numbers: &[i64],
    ) -> Result<(Vec<Settled>, bool), ApplyError> {
        let (program, run) = (writer.program, self.run);
        let ledger = Mutex::new(ledger);
        thread::scope(|scope| {
            let mut stopped = false;
            let mut scribe = Scribe::begin(scope, program, &ledger, run);
            if let Some(first) = numbers.first() {
                scribe.read(*first)?;
            }
            for (place, number) in numbers.iter().enumerate() {
                let units = scribe.batch()?;
                stopped = (self.stop)();
                if stopped {
                    scribe
                        .ledger()?
                        .mark(&numbers[place..], BatchState::Planned)?;
                    break;
                }
                if let Some(next) = numbers.get(place + 1) {
                    scribe.read(*next)?;
                }
                let written = if writer.needs_ledger(&units) {
                    let ledger = scribe.ledger()?;
                    writer.write_units(Some(&**ledger), units, None)?
                } else {
                    writer.write_units(None, units, None)?
                };
                scribe.note(*number, written)?;
            }
            drop(scribe.ledger()?);
            Ok((scribe.settled, stopped))
        })
    }

    fn batch(&self, ledger: &Ledger, number: i64) -> Result<Option<Batch>, ApplyError> {
        let found = ledger.batches(self.run, number - 1, 1)?;
        Ok(found.into_iter().find(|b| b.number == number))
    }
}

/// Whether both stores keep transactions that do not wait for each other.
fn keep_transactions(stores: &[Box<dyn Store>; 2]) -> bool {
    let [left, right] = stores.each_ref().map(|s| s.capabilities().transactions);
    left.is_some() && right.is_some() && left != right
}

fn commit(writer: &mut Writer<'_>) -> Result<Ended, ApplyError> {
    for side in Side::BOTH {
        let stands = writer.stores[side.index()].commit();
        match (stands.map_err(|error| writer.error(side, error))?, side) {
            (true, _) => {}
            (false, Side::Left) => return Ok(Ended::Undone),
            (false, Side::Right) => return Ok(Ended::Half),
        }
    }
    Ok(Ended::Together)
}

fn take_back(writer: &mut Writer<'_>, ledger: &mut Ledger) {
    writer.stores.iter_mut().for_each(|s| s.roll_back());
    writer.end_group(false);
    ledger.roll_back_together();
}
