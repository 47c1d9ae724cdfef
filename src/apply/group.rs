//! Several batches in one transaction of each store and of the ledger: what they share of the databases' pages is written once.
//!
//! What holds for a batch holds for the group: all of it is noted as sent, durably, before any of its writes can stand, and its results are
//! noted in one transaction after the stores have answered for them. A crash in between leaves sent batches, which the next run looks for.
//! What one store is told of the other one's part stands last, and is nothing but that this part stands: all else was known before.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::batch::{Counts, Writer, decode_units};
use super::creates::Made;
use super::journaling::Particular;
use super::outage::Outage;
use super::packing::Apart;
use super::reading::{Content, Reading};
use super::recovery::Recovery;
use super::scribe::Scribe;
use super::settle::Written;
use super::{ApplyError, PlanError};
use crate::ledger::{BatchState, Ledger};
use crate::plan::Unit;
use crate::program::Side;
use crate::store::{Store, StoreError};

/// Batches of one group at most: what a crash leaves to be looked for.
const BATCHES: usize = 2560;

/// The outbox of one run, carried out.
pub struct Groups<'g> {
    pub run: &'g str,
    pub began: DateTime<Utc>,
    /// After this the batches of a group that have not begun leave with the next one.
    pub lock: Duration,
    pub particular: &'g Particular,
    /// The stores that do not answer.
    pub outage: &'g mut Outage,
    /// Told of what became of each batch, once that is durable.
    pub told: &'g mut dyn FnMut(Counts),
    /// Operations so far.
    pub written: u64,
    /// Told of them as they are written.
    pub wrote: &'g mut dyn FnMut(u64),
    /// Whether to stop after the batch at hand.
    pub stop: &'g dyn Fn() -> bool,
}

/// How a group came out.
enum Ended {
    Together,
    /// Nothing of it is written: a record does not let the others stand, or a store is down.
    Undone,
    /// One store has written its part, the other one nothing.
    Half,
}

/// The batches that were dealt with in groups.
struct Dealt<'n> {
    /// Done together.
    done: usize,
    /// Those behind them, where they ended otherwise.
    last: &'n [i64],
    ended: Ended,
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
        let numbers = ledger.planned(self.run, 0, usize::MAX)?;
        let mut left = &numbers[..];
        while !left.is_empty() {
            if (self.stop)() {
                return Err(ApplyError::Plan(PlanError::Interrupted));
            }
            let alone = |number| self.particular.get(number) == Some(&Apart::Alone);
            let alone = left.iter().position(alone);
            let free = match together {
                true => alone.unwrap_or(left.len()),
                false => 0,
            };
            if free < 2 {
                let (one, rest) = left.split_at(1);
                self.one_by_one(writer, ledger, one, None)?;
                left = rest;
            } else {
                let dealt_with = self.groups(writer, ledger, &left[..free])?;
                left = &left[dealt_with..];
            }
        }
        Ok(())
    }

    fn one_by_one(
        &mut self,
        writer: &mut Writer<'_>,
        ledger: &mut Ledger,
        numbers: &[i64],
        mut recovery: Option<&mut Recovery>,
    ) -> Result<(), ApplyError> {
        for number in numbers {
            if let Some(batch) = ledger.batch(self.run, *number)? {
                if (self.stop)() {
                    return Err(ApplyError::Plan(PlanError::Interrupted));
                }
                if let Some(recovery) = recovery.as_deref_mut() {
                    recovery.relationship = batch.relationship.clone();
                }
                let recovery = recovery.as_deref_mut();
                let counts = self.outage.carry_out(writer, ledger, &batch, recovery)?;
                if let Some(counts) = counts {
                    self.advance(counts.done + counts.failed + counts.stale);
                    (self.told)(counts);
                }
            }
        }
        Ok(())
    }

    /// One group after the other, until one of them does not end well: how many batches were dealt with.
    fn groups(
        &mut self,
        writer: &mut Writer<'_>,
        ledger: &mut Ledger,
        numbers: &[i64],
    ) -> Result<usize, ApplyError> {
        let (program, run) = (writer.program, self.run);
        let (folder, reader) = (ledger.folder(), ledger.reader()?);
        ledger.folds(false)?;
        let shared = Mutex::new(&mut *ledger);
        let outcome = thread::scope(|scope| {
            let mut scribe = Scribe::begin(scope, program, &shared, folder);
            let mut reading = Reading::begin(scope, reader, run, numbers);
            self.in_turn(writer, &mut scribe, &mut reading, numbers)
        });
        let folds = ledger.folds(true);
        let Dealt { done, last, ended } = outcome?;
        folds?;
        match ended {
            Ended::Together => {}
            Ended::Undone => {
                ledger.mark(last, BatchState::Planned)?;
                self.one_by_one(writer, ledger, last, None)?;
            }
            Ended::Half => {
                let mut recovery = Recovery::new(ledger.reader()?, self.run, self.began);
                self.one_by_one(writer, ledger, last, Some(&mut recovery))?;
            }
        }
        Ok(done + last.len())
    }

    /// Until a group ends otherwise than together.
    fn in_turn<'n>(
        &mut self,
        writer: &mut Writer<'_>,
        scribe: &mut Scribe<'_, '_>,
        reading: &mut Reading,
        numbers: &'n [i64],
    ) -> Result<Dealt<'n>, ApplyError> {
        let mut place = 0;
        let (mut group, mut first) = self.group(numbers);
        scribe.turn(group)?;
        while !group.is_empty() {
            let before = self.written;
            writer.begin_group();
            writer.stores.iter_mut().for_each(|s| s.begin());
            let (written, stopped) = match self.write(writer, scribe, reading, group) {
                Ok(ended) => ended,
                // One by one, what needs a store that is down is told from what does not.
                Err(ApplyError::Plan(PlanError::Store {
                    error: StoreError::Unavailable(_),
                    ..
                })) => {
                    self.written = before;
                    take_back(writer, scribe);
                    self.tell(writer, scribe);
                    return Ok(Dealt {
                        done: place,
                        last: group,
                        ended: Ended::Undone,
                    });
                }
                Err(error) => {
                    take_back(writer, scribe);
                    // Nothing of the group has left: it need not be looked for. The first error is the one to tell.
                    if let Ok(mut ledger) = scribe.ledger() {
                        let _ = ledger.mark(group, BatchState::Planned);
                    }
                    return Err(error);
                }
            };
            let ended = commit(writer, first);
            if !matches!(ended, Ok(Ended::Together)) {
                self.written = before;
                take_back(writer, scribe);
                self.tell(writer, scribe);
                return ended.map(|ended| Dealt {
                    done: place,
                    last: &group[..written],
                    ended,
                });
            }
            writer.end_group(true);
            place += written;
            (group, first) = self.group(&numbers[place..]);
            scribe.turn(if stopped { &[] } else { group })?;
            if stopped {
                scribe.wait(0)?;
                self.tell(writer, scribe);
                return Err(ApplyError::Plan(PlanError::Interrupted));
            }
            self.tell(writer, scribe);
        }
        scribe.wait(0)?;
        self.tell(writer, scribe);
        Ok(Dealt {
            done: place,
            last: &[],
            ended: Ended::Together,
        })
    }

    fn advance(&mut self, operations: u64) {
        self.written += operations;
        (self.wrote)(self.written);
    }

    /// The next group, and the side whose transaction is to stand first.
    fn group<'n>(&self, numbers: &'n [i64]) -> (&'n [i64], Side) {
        let mut told = None;
        let mut count = 0;
        for number in numbers.iter().take(BATCHES) {
            match (self.particular.get(number), told) {
                (Some(Apart::Backs(side)), Some(told)) if *side != told => break,
                (Some(Apart::Backs(side)), _) => told = Some(*side),
                (Some(Apart::Alone) | None, _) => {}
            }
            count += 1;
        }
        (&numbers[..count], told.map_or(Side::Left, Side::other))
    }

    /// Of the batches whose results are durable by now.
    fn tell(&mut self, writer: &mut Writer<'_>, scribe: &mut Scribe<'_, '_>) {
        for settled in scribe.durable() {
            writer.listed.extend(settled.listed);
            (self.told)(settled.counts);
        }
    }

    /// Gives how many operations they were.
    fn write_units(
        &self,
        writer: &mut Writer<'_>,
        scribe: &mut Scribe<'_, '_>,
        number: i64,
        units: Vec<Unit>,
    ) -> Result<u64, ApplyError> {
        let operations: usize = units.iter().map(|u| u.operations.len()).sum();
        let written = if writer.needs_ledger(&units) {
            let ledger = scribe.ledger()?;
            writer.write_units(Some(&**ledger), units, None)?
        } else {
            writer.write_units(None, units, None)?
        };
        scribe.note(number, written)?;
        Ok(operations as u64)
    }

    /// While one batch is written the one before is noted and the next one read. Before it returns the group is noted as sent, durably; its
    /// last results may be noted later. How many batches were written, and whether the user wants to stop: those that are left are planned
    /// again.
    fn write(
        &mut self,
        writer: &mut Writer<'_>,
        scribe: &mut Scribe<'_, '_>,
        reading: &mut Reading,
        group: &[i64],
    ) -> Result<(usize, bool), ApplyError> {
        let began = Instant::now();
        let mut stopped = false;
        let mut written = 0;
        for number in group {
            stopped = (self.stop)();
            if stopped || (written > 0 && began.elapsed() >= self.lock) {
                let mut ledger = scribe.ledger()?;
                ledger.mark(&group[written..], BatchState::Planned)?;
                break;
            }
            let content = reading.next()?;
            let operations = match content {
                Content::Creates(mut creates, batch) if writer.takes(&creates) => {
                    let (count, results) = (creates.count(), writer.write_creates(&creates)?);
                    reading.spent(std::mem::take(&mut creates.writes));
                    match Made::of(creates, results) {
                        Ok(made) => scribe.link(*number, made)?,
                        Err(results) => {
                            scribe.note(*number, Written::of(decode_units(&batch)?, results))?
                        }
                    }
                    count as u64
                }
                Content::Creates(_, batch) => {
                    self.write_units(writer, scribe, *number, decode_units(&batch)?)?
                }
                Content::Units(units) => self.write_units(writer, scribe, *number, units)?,
            };
            self.advance(operations);
            written += 1;
        }
        scribe.wait_for_turn()?;
        Ok((written, stopped))
    }
}

/// Whether both stores keep transactions that do not wait for each other.
fn keep_transactions(stores: &[Box<dyn Store>; 2]) -> bool {
    let [left, right] = stores.each_ref().map(|s| s.capabilities().transactions);
    left.is_some() && right.is_some() && left != right
}

fn commit(writer: &mut Writer<'_>, first: Side) -> Result<Ended, ApplyError> {
    for (side, otherwise) in [(first, Ended::Undone), (first.other(), Ended::Half)] {
        let stands = writer.stores[side.index()].commit();
        if !stands.map_err(|error| writer.error(side, error))? {
            return Ok(otherwise);
        }
    }
    Ok(Ended::Together)
}

fn take_back(writer: &mut Writer<'_>, scribe: &mut Scribe<'_, '_>) {
    writer.stores.iter_mut().for_each(|s| s.roll_back());
    writer.end_group(false);
    // What it can not note any more is an error that was told already.
    let _ = scribe.wait(0);
    if let Ok(mut ledger) = scribe.ledger() {
        ledger.roll_back_together();
    }
}
