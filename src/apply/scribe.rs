//! The ledger on a thread of its own: it reads the next batch and notes the last one while the stores write.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard};
use std::thread::Scope;

use super::ApplyError;
use super::batch::decode_units;
use super::settle::{Settled, Settler, Written};
use crate::ledger::Ledger;
use crate::plan::{PlanError, Unit};
use crate::program::Program;

/// Batches that wait to be noted at most: they are held in memory.
const WAITING: usize = 1;

enum Job {
    Read(i64),
    Note(i64, Written),
}

/// Does one job after the other, in the order in which they were given.
pub struct Scribe<'e, 'l> {
    ledger: &'e Mutex<&'l mut Ledger>,
    jobs: Sender<Job>,
    batches: Receiver<Result<Vec<Unit>, ApplyError>>,
    notes: Receiver<Result<Settled, ApplyError>>,
    waiting: usize,
    pub settled: Vec<Settled>,
}

impl<'e, 'l> Scribe<'e, 'l> {
    /// Works until it is dropped.
    pub fn begin<'s>(
        scope: &'s Scope<'s, 'e>,
        program: &'e Program,
        ledger: &'e Mutex<&'l mut Ledger>,
        run: &'e str,
    ) -> Scribe<'e, 'l> {
        let (jobs, given) = channel();
        let (read, batches) = channel();
        let (noted, notes) = channel();
        scope.spawn(move || {
            let mut settler = Settler::new(program);
            for job in given {
                let Ok(mut ledger) = ledger.lock() else {
                    return;
                };
                let heard = match job {
                    Job::Read(number) => read.send(read_batch(&ledger, run, number)).is_ok(),
                    Job::Note(number, written) => {
                        let settled = settler.settle(&mut ledger, number, written);
                        drop(ledger);
                        noted.send(settled).is_ok()
                    }
                };
                if !heard {
                    return;
                }
            }
        });
        Scribe {
            ledger,
            jobs,
            batches,
            notes,
            waiting: 0,
            settled: Vec::new(),
        }
    }

    /// Asks for a batch, to be taken with [`Scribe::batch`].
    pub fn read(&self, number: i64) -> Result<(), ApplyError> {
        self.jobs.send(Job::Read(number)).map_err(|_| gone())
    }

    /// The next batch that was asked for.
    pub fn batch(&self) -> Result<Vec<Unit>, ApplyError> {
        self.batches.recv().map_err(|_| gone())?
    }

    pub fn note(&mut self, number: i64, written: Written) -> Result<(), ApplyError> {
        self.wait(WAITING)?;
        self.waiting += 1;
        self.jobs
            .send(Job::Note(number, written))
            .map_err(|_| gone())
    }

    /// The ledger, once all that was given is noted.
    pub fn ledger(&mut self) -> Result<MutexGuard<'e, &'l mut Ledger>, ApplyError> {
        self.wait(0)?;
        self.ledger.lock().map_err(|_| gone())
    }

    /// Until no more than so many batches are yet to be noted.
    fn wait(&mut self, most: usize) -> Result<(), ApplyError> {
        while self.waiting > most {
            self.settled.push(self.notes.recv().map_err(|_| gone())??);
            self.waiting -= 1;
        }
        Ok(())
    }
}

fn read_batch(ledger: &Ledger, run: &str, number: i64) -> Result<Vec<Unit>, ApplyError> {
    let found = ledger.batches(run, number - 1, 1)?;
    found
        .first()
        .filter(|b| b.number == number)
        .map_or(Ok(Vec::new()), decode_units)
}

/// Its thread has ended before its time.
fn gone() -> ApplyError {
    ApplyError::Plan(PlanError::Output(
        "the thread that writes the ledger has ended".to_string(),
    ))
}
