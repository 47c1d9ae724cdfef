//! A plan's text is written on a thread of its own, while planning goes on.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use super::console::Console;
use super::exit::Exit;
use super::header::Header;
use super::json::{Calls, JsonPlan};
use crate::ledger::{Conflict, Failure, Held};
use crate::plan::{PlanError, Sink, Summary, Unit};
use crate::program::Program;

/// What is handed over at once.
const CHUNK: usize = 256;

/// Chunks that wait to be written at most: they are held in memory.
const WAITING: usize = 2;

enum Part {
    Unit(Unit),
    Held(Held, bool),
    Failure(Failure, bool),
    Conflict(Conflict, bool),
    End(Summary, Calls),
}

/// Hands a plan over to its writer.
pub struct Behind {
    send: SyncSender<Vec<Part>>,
    parts: Vec<Part>,
}

/// The other end: see [`Behind`].
pub struct Ahead(Receiver<Vec<Part>>);

impl Behind {
    pub fn new() -> (Behind, Ahead) {
        let (send, parts) = sync_channel(WAITING);
        let behind = Behind {
            send,
            parts: Vec::with_capacity(CHUNK),
        };
        (behind, Ahead(parts))
    }

    /// The plan is whole. Without this its writer leaves it unfinished.
    ///
    /// # Errors
    /// The writer has ended: it tells why.
    pub fn end(mut self, summary: Summary, calls: Calls) -> Result<(), PlanError> {
        self.parts.push(Part::End(summary, calls));
        self.send_on()
    }

    fn put(&mut self, part: Part) -> Result<(), PlanError> {
        self.parts.push(part);
        if self.parts.len() < CHUNK {
            return Ok(());
        }
        self.send_on()
    }

    fn send_on(&mut self) -> Result<(), PlanError> {
        let parts = std::mem::replace(&mut self.parts, Vec::with_capacity(CHUNK));
        let gone = |_| PlanError::Output("the thread that writes the plan has ended".to_string());
        self.send.send(parts).map_err(gone)
    }
}

impl Sink for Behind {
    fn unit(&mut self, unit: &mut Unit) -> Result<(), PlanError> {
        self.put(Part::Unit(unit.clone()))
    }
    fn held(&mut self, held: Held, standing: bool) -> Result<(), PlanError> {
        self.put(Part::Held(held, standing))
    }
    fn failure(&mut self, failure: Failure, standing: bool) -> Result<(), PlanError> {
        self.put(Part::Failure(failure, standing))
    }
    fn conflict(&mut self, conflict: Conflict, standing: bool) -> Result<(), PlanError> {
        self.put(Part::Conflict(conflict, standing))
    }
}

impl Ahead {
    /// Writes the plan to standard output as JSON until it ends or is given up.
    ///
    /// # Errors
    /// The output takes no more.
    pub fn write(self, program: &Program, header: &Header, console: Console) -> Result<(), Exit> {
        let mut json = JsonPlan::new(program, header, console.stdout())?;
        for part in self.0.into_iter().flatten() {
            match part {
                Part::Unit(mut unit) => json.unit(&mut unit)?,
                Part::Held(held, standing) => json.held(held, standing)?,
                Part::Failure(failure, standing) => json.failure(failure, standing)?,
                Part::Conflict(conflict, standing) => json.conflict(conflict, standing)?,
                Part::End(summary, calls) => {
                    json.finish(&summary, calls)?;
                    break;
                }
            }
        }
        Ok(())
    }
}
