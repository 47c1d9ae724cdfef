//! The ledger on a thread of its own: it notes the last batch while the stores write the next one, and makes a group's results durable while
//! they begin with the next group.

use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Mutex, MutexGuard};
use std::thread::Scope;

use super::creates::Made;
use super::settle::{Settled, Settler, Written};
use super::{ApplyError, ended};
use crate::ledger::{BatchState, Ledger};
use crate::program::Program;

/// Batches that wait to be noted at most: they are held in memory. While results are made durable nothing is noted.
const WAITING: usize = 12;
/// Where each needs little: new records by what they are made of.
const LINKS_WAITING: usize = 100;
/// Jobs that are handed over at once, so that the thread is woken less often.
const BUNCH: usize = 8;

enum Job {
    Note(i64, Written),
    Link(i64, Made),
    Turn(Vec<i64>),
}

/// What came of a job that changes the ledger.
enum Noted {
    Settled(Settled),
    Turned,
}

/// Does one job after the other, in the order in which they were given.
pub struct Scribe<'e, 'l> {
    ledger: &'e Mutex<&'l mut Ledger>,
    jobs: Sender<Vec<Job>>,
    /// Those that are yet to be handed over.
    bunch: Vec<Job>,
    noted: Receiver<Result<Noted, ApplyError>>,
    /// Jobs that are yet to be noted.
    waiting: usize,
    /// Turns among them.
    turning: usize,
    /// Noted, but not yet durable; and durable.
    settled: Vec<Settled>,
    durable: Vec<Settled>,
}

impl<'e, 'l> Scribe<'e, 'l> {
    /// Works until it is dropped.
    pub fn begin<'s>(
        scope: &'s Scope<'s, 'e>,
        program: &'e Program,
        ledger: &'e Mutex<&'l mut Ledger>,
        folder: impl FnMut() + Send + 's,
    ) -> Scribe<'e, 'l> {
        let fold = fold_aside(scope, folder);
        let (jobs, given) = channel();
        let (note, noted) = channel();
        scope.spawn(move || {
            let mut settler = Settler::new(program);
            for job in given.into_iter().flatten() {
                let Ok(mut ledger) = ledger.lock() else {
                    return;
                };
                let noted = match job {
                    Job::Note(number, written) => settler
                        .settle(&mut ledger, number, written)
                        .map(Noted::Settled),
                    Job::Link(number, made) => {
                        settler.link(&mut ledger, number, made).map(Noted::Settled)
                    }
                    Job::Turn(next) => turn(&mut ledger, &next).map(|()| Noted::Turned),
                };
                drop(ledger);
                if matches!(noted, Ok(Noted::Turned)) {
                    // Where it is at it still, the next one does this one's part.
                    let _ = fold.try_send(());
                }
                // What comes after a job that failed would be noted outside of its group's transaction.
                let failed = noted.is_err();
                if note.send(noted).is_err() || failed {
                    return;
                }
            }
        });
        Scribe {
            ledger,
            jobs,
            bunch: Vec::with_capacity(BUNCH),
            noted,
            waiting: 0,
            turning: 0,
            settled: Vec::new(),
            durable: Vec::new(),
        }
    }

    pub fn note(&mut self, number: i64, written: Written) -> Result<(), ApplyError> {
        self.wait(WAITING)?;
        self.give(Job::Note(number, written))
    }

    /// As [`Scribe::note`].
    pub fn link(&mut self, number: i64, made: Made) -> Result<(), ApplyError> {
        self.wait(LINKS_WAITING)?;
        self.give(Job::Link(number, made))
    }

    /// What was given to be noted so far becomes durable, together with that these batches leave next; what is noted from now on waits for
    /// its turn.
    pub fn turn(&mut self, next: &[i64]) -> Result<(), ApplyError> {
        self.give(Job::Turn(next.to_vec()))?;
        self.hand_over()?;
        self.turning += 1;
        Ok(())
    }

    /// Until the last turn is durable.
    pub fn wait_for_turn(&mut self) -> Result<(), ApplyError> {
        while self.turning > 0 {
            self.hear()?;
        }
        Ok(())
    }

    /// The ledger, once all that was given is noted.
    pub fn ledger(&mut self) -> Result<MutexGuard<'e, &'l mut Ledger>, ApplyError> {
        self.wait(0)?;
        self.ledger.lock().map_err(|_| gone())
    }

    /// The batches whose results became durable since the last call.
    pub fn durable(&mut self) -> Vec<Settled> {
        std::mem::take(&mut self.durable)
    }

    /// Until no more than so many jobs are yet to be noted.
    pub fn wait(&mut self, most: usize) -> Result<(), ApplyError> {
        while self.waiting > most {
            match self.noted.try_recv() {
                Ok(noted) => self.take(Some(noted))?,
                Err(_) => {
                    self.hand_over()?;
                    self.hear()?;
                }
            }
        }
        Ok(())
    }

    fn hear(&mut self) -> Result<(), ApplyError> {
        let noted = self.noted.recv().ok();
        self.take(noted)
    }

    /// `None`: the thread has ended.
    fn take(&mut self, noted: Option<Result<Noted, ApplyError>>) -> Result<(), ApplyError> {
        self.waiting = self.waiting.saturating_sub(1);
        match noted.unwrap_or_else(|| Err(gone())) {
            Ok(Noted::Settled(settled)) => self.settled.push(settled),
            Ok(Noted::Turned) => {
                self.turning -= 1;
                self.durable.append(&mut self.settled);
            }
            Err(error) => {
                (self.waiting, self.turning) = (0, 0);
                return Err(error);
            }
        }
        Ok(())
    }

    fn give(&mut self, job: Job) -> Result<(), ApplyError> {
        self.bunch.push(job);
        self.waiting += 1;
        match self.bunch.len() < BUNCH {
            true => Ok(()),
            false => self.hand_over(),
        }
    }

    fn hand_over(&mut self) -> Result<(), ApplyError> {
        if self.bunch.is_empty() {
            return Ok(());
        }
        let bunch = std::mem::replace(&mut self.bunch, Vec::with_capacity(BUNCH));
        self.jobs.send(bunch).map_err(|_| self.ended())
    }

    /// Why the thread has ended before its time: the error that it met, where it met one.
    fn ended(&mut self) -> ApplyError {
        self.wait(0).err().unwrap_or_else(gone)
    }
}

/// Folds on a thread of its own, each time that it is told to.
fn fold_aside<'s>(
    scope: &'s Scope<'s, '_>,
    mut folder: impl FnMut() + Send + 's,
) -> SyncSender<()> {
    let (fold, told) = sync_channel(1);
    scope.spawn(move || told.iter().for_each(|()| folder()));
    fold
}

fn turn(ledger: &mut Ledger, next: &[i64]) -> Result<(), ApplyError> {
    if !next.is_empty() {
        ledger.mark(next, BatchState::Sent)?;
    }
    ledger.commit_together()?;
    if !next.is_empty() {
        ledger.begin_together()?;
    }
    Ok(())
}

fn gone() -> ApplyError {
    ended("writes").into()
}
