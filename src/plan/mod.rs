//! Read, match, merge, order: a program, a ledger and the records of two stores become operations with reasons (engine, 3 to 5).
//!
//! Does no input or output of its own: it reads through the `Store` trait and the ledger, and writes to neither.

mod ahead;
mod ask;
mod back;
pub mod base;
pub mod codec;
mod create;
mod fields;
mod ids;
mod lines;
mod makes;
mod matching;
mod merge;
mod operation;
mod pair;
mod reading;
mod relationship;
mod remove;
mod standing;
mod summary;
mod trigger;
mod world;

use chrono::{DateTime, Utc};

pub use base::{Layouts, layout, turn};
pub use lines::name_of;
use makes::lookup_unit;
pub use merge::instant_of;
pub use operation::*;
pub use reading::{PAGE, QUERIED, queried, referred};
pub use summary::{Counts, RelationshipSummary, Summary};
pub use trigger::message;

use smol_str::SmolStr;

use self::relationship::Planner;
use self::trigger::Triggers;
use self::world::World;
use crate::ledger::{Conflict, Effect, Failure, Held, Ledger, LedgerError};
use crate::program::{Program, RelId, Rule, Side};
use crate::store::{Store, StoreError};
use crate::value::Value;

/// What to plan.
#[derive(Debug, Clone)]
pub struct Request {
    /// The run's clock: `now()` and `today()`.
    pub now: DateTime<Utc>,
    /// These relationships and triggers only; all of them when empty.
    pub only: Vec<RelId>,
    /// These directions only (rule tests' `push` and `pull` steps); both by default.
    pub directions: [bool; 2],
    /// Compare everything, whatever the modification times say.
    pub full: bool,
    /// Milliseconds by which a read goes back behind its cursor, left and right store.
    pub overlap: [i64; 2],
    /// Milliseconds within which two modification times count as equal (the larger of both stores).
    pub tolerance: i64,
    /// Plan this record alone and tell every decision about it ([`Sink::decision`]).
    pub explain: Option<(Side, SmolStr, Value)>,
    /// Plan these records alone, by hand: whatever the `when` of a create says, and although their links are tombstones.
    pub send: Vec<Sent>,
}

/// A record that a user sends.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    pub side: Side,
    pub object: SmolStr,
    pub id: Value,
}

/// Receives a plan as it is made; what it does not look at it leaves out.
pub trait Sink {
    /// A unit of work: what is written and noted together for one pair of records. Whoever plans goes on with it: the receiver may give
    /// ids to what it creates, and no more.
    ///
    /// # Errors
    /// Whatever keeps the receiver from taking it; planning stops.
    fn unit(&mut self, unit: &mut Unit) -> Result<(), PlanError>;
    /// A record held now, or (`standing`) still held as the ledger says.
    fn held(&mut self, _held: Held, _standing: bool) -> Result<(), PlanError> {
        Ok(())
    }
    fn failure(&mut self, _failure: Failure, _standing: bool) -> Result<(), PlanError> {
        Ok(())
    }
    fn conflict(&mut self, _conflict: Conflict, _standing: bool) -> Result<(), PlanError> {
        Ok(())
    }
    /// A change of the ledger that no unit carries.
    fn effect(&mut self, _effect: crate::ledger::Effect) -> Result<(), PlanError> {
        Ok(())
    }
    /// One step of the explanation of the record of [`Request::explain`].
    fn decision(&mut self, _decision: Decision) {}
    fn progress(&mut self, _progress: Progress) {}
}

/// One clause that decided about a record, in the order in which the engine looked.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub relationship: RelId,
    /// "linked to salesforce.Lead 00Q…", "`push create when not is_contact` does not hold: is_contact = 1"
    pub text: String,
    pub rule: Option<Rule>,
}

/// How far planning is.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    pub relationship: RelId,
    pub side: Side,
    /// Records read so far in this pass, and about how many there are.
    pub read: u64,
    pub total: Option<u64>,
    pub phase: Phase,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Match,
    Merge,
}

#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error("store `{store}`: {error}")]
    Store { store: SmolStr, error: StoreError },
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The receiver of the plan failed: disk full, a closed pipe.
    #[error("{0}")]
    Output(String),
    #[error("interrupted")]
    Interrupted,
}

/// Makes the plan. Writes to neither store nor ledger.
///
/// # Errors
/// A store or the ledger that does not answer, or a sink that takes no more.
pub fn plan(
    program: &Program,
    stores: &mut [Box<dyn Store>; 2],
    ledger: &Ledger,
    request: &Request,
    sink: &mut dyn Sink,
) -> Result<Summary, PlanError> {
    let world = World::new(program, stores, ledger, request.now);
    world.plans(!request.send.is_empty());
    let mut summary = Summary::new(program);
    let mut deletes = Vec::new();
    for index in 0..program.relationships.len() {
        let id = RelId(index as u16);
        if !request.only.is_empty() && !request.only.contains(&id) {
            continue;
        }
        deletes.push(Planner::new(&world, request, sink, &mut summary, id)?.run()?);
    }
    deletes.push(Triggers::new(&world, request, sink, &mut summary).run()?);
    for mut unit in deletes.into_iter().rev().flatten() {
        sink.unit(&mut unit)?;
    }
    for (number, next) in world.turns() {
        sink.effect(Effect::RoundRobin { number, next })?;
    }
    Ok(summary)
}

/// After creates, in `apply`: reads the created records and their sources, and puts what crosses back into the units' write-backs.
/// `places` names units with the side, object and id of the record that each created.
///
/// # Errors
/// A store or the ledger that does not answer.
pub fn read_back(
    program: &Program,
    stores: &mut [Box<dyn Store>; 2],
    ledger: &Ledger,
    now: DateTime<Utc>,
    units: &mut [Unit],
    places: &[(usize, Side, SmolStr, Value)],
) -> Result<(), PlanError> {
    let world = World::new(program, stores, ledger, now);
    back::read_back(&world, units, places)
}
