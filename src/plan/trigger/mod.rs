//! Triggers: what has happened since the last look fires them, and each firing becomes operations, action by action (language
//! reference, section 8).

mod act;
mod explain;
mod firing;
mod hear;
mod keyed;
mod set;
mod watch;
mod write;

use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use self::firing::Pending;
pub use self::firing::message;
use super::ask::Asks;
use super::ids::IdKey;
use super::relationship::Planner;
use super::standing::Standing;
use super::world::World;
use super::{PlanError, Request, Sink, Summary, Unit};
use crate::ledger::{Effect, FiringState};
use crate::program::{RelId, Side, Trigger};
use crate::value::Value;

/// Firings that are looked at together.
const PAGE: usize = 500;

/// Records that an action brings over: the relationship and its directions, and the records by side, object and id.
type Brought = FxHashSet<(RelId, [bool; 2], Side, SmolStr, IdKey)>;

/// The plan of all triggers that a request is for.
pub struct Triggers<'p, 'w, 'a> {
    world: &'w World<'a>,
    request: &'p Request,
    sink: &'p mut dyn Sink,
    summary: &'p mut Summary,
    /// The triggers whose actions are planned.
    wanted: Vec<RelId>,
    standing: FxHashMap<RelId, Standing>,
    /// Firings of this plan, by trigger and key: the ledger does not know them yet.
    fresh: FxHashSet<(RelId, SmolStr)>,
    brought: Brought,
    /// Deletes of the relationships that actions run, for the end of the plan.
    deferred: Vec<Unit>,
}

impl<'p, 'w, 'a> Triggers<'p, 'w, 'a> {
    pub fn new(
        world: &'w World<'a>,
        request: &'p Request,
        sink: &'p mut dyn Sink,
        summary: &'p mut Summary,
    ) -> Self {
        let wanted = |id: &RelId| request.only.is_empty() || request.only.contains(id);
        let wanted = world.program.trigger_ids().filter(wanted).collect();
        Triggers {
            world,
            request,
            sink,
            summary,
            wanted,
            standing: FxHashMap::default(),
            fresh: FxHashSet::default(),
            brought: Brought::default(),
            deferred: Vec::new(),
        }
    }

    /// Gives the deletes that are to come last.
    ///
    /// # Errors
    /// A store or the ledger that does not answer, or a sink that takes no more.
    pub fn run(mut self) -> Result<Vec<Unit>, PlanError> {
        if self.wanted.is_empty() || !self.request.send.is_empty() {
            return Ok(Vec::new());
        }
        if let Some((side, object, id)) = self.request.explain.clone() {
            self.explain(side, &object, &id)?;
            return Ok(Vec::new());
        }
        for id in self.wanted.clone() {
            let name = self.trigger(id).name();
            let standing = Standing::load(self.world.ledger, name, self.world.now)?;
            self.standing.insert(id, standing);
        }
        for id in self.wanted.clone() {
            self.go_on(id)?;
        }
        self.hear()?;
        self.watch()?;
        for id in self.wanted.clone() {
            let standing = self.standing.remove(&id).unwrap_or_default();
            let name = self.trigger(id).name();
            let (held, failures, conflicts) = standing.tell(self.world.ledger, name, self.sink)?;
            let summary = self.summary.of(id);
            summary.held += held;
            summary.errors += failures;
            summary.conflicts += conflicts;
        }
        Ok(self.deferred)
    }

    fn trigger(&self, id: RelId) -> &'a Trigger {
        let first = self.world.program.relationships.len();
        &self.world.program.triggers[usize::from(id.0) - first]
    }

    /// The firings of earlier runs that are not done: those that wait, and those whose failure is to be tried again.
    fn go_on(&mut self, id: RelId) -> Result<(), PlanError> {
        let trigger = self.trigger(id);
        let mut after = 0;
        loop {
            let found = self
                .world
                .ledger
                .open_firings(trigger.name(), after, PAGE)?;
            let Some((last, _)) = found.last() else {
                return Ok(());
            };
            after = *last;
            let due = found.into_iter().map(|(_, firing)| firing);
            let due: Vec<_> = due
                .filter(|f| {
                    f.state == FiringState::Open || self.is_due(id, f.side, &f.object, &f.id)
                })
                .collect();
            let pending = self.read_again(id, due)?;
            self.ask_ahead(id, &pending)?;
            self.decide_and_act(id, pending)?;
        }
    }

    /// What the queries of a page of firings need, in one go for each query.
    fn ask_ahead(&self, id: RelId, pending: &[Pending]) -> Result<(), PlanError> {
        let rules = &self.trigger(id).rules;
        if rules.queries.is_empty() {
            return Ok(());
        }
        let pairs = pending.iter().map(|firing| {
            let mut sides = [None, None];
            sides[firing.firing.side.index()] = Some(&firing.rec);
            sides
        });
        self.world
            .ask_ahead(id, &Asks::all(rules), &pairs.collect())
    }

    /// Whether the failure of what fired is to be tried again.
    fn is_due(&self, id: RelId, side: Side, object: &SmolStr, record: &Value) -> bool {
        let standing = &self.standing[&id];
        standing
            .revisits
            .iter()
            .any(|r| r.side == side && r.object == *object && r.id.same(record))
    }

    /// What has just fired: noted, and acted on where its trigger is asked for.
    fn fire(&mut self, id: RelId, fired: Vec<Pending>) -> Result<(), PlanError> {
        self.ask_ahead(id, &fired)?;
        let mut pending = Vec::with_capacity(fired.len());
        for mut firing in fired {
            let known = self
                .world
                .ledger
                .firing(&firing.firing.trigger, &firing.firing.key)?;
            if known.is_some() || !self.fresh.insert((id, firing.firing.key.clone())) {
                continue;
            }
            if self.decide(id, &mut firing)? {
                self.sink.effect(Effect::Fire(firing.firing.clone()))?;
                pending.push(firing);
            }
        }
        if self.wanted.contains(&id) {
            self.act(id, pending)?;
        }
        Ok(())
    }

    fn decide_and_act(&mut self, id: RelId, pending: Vec<Pending>) -> Result<(), PlanError> {
        let mut decided = Vec::with_capacity(pending.len());
        for mut firing in pending {
            if !firing.firing.decided {
                let fires = self.decide(id, &mut firing)?;
                if !fires {
                    self.advance(&firing, usize::MAX)?;
                    continue;
                }
                if firing.firing.decided {
                    self.sink.effect(Effect::Fire(firing.firing.clone()))?;
                }
            }
            decided.push(firing);
        }
        self.act(id, decided)
    }

    /// Notes that a firing goes on at the action `next`; past the last one it is done.
    fn advance(&mut self, firing: &Pending, next: usize) -> Result<(), PlanError> {
        let actions = firing.actions;
        let state = match next >= actions {
            true => FiringState::Done,
            false => FiringState::Open,
        };
        self.sink.effect(Effect::Advance {
            trigger: firing.firing.trigger.clone(),
            key: firing.firing.key.clone(),
            next: next.min(actions) as u16,
            state,
        })
    }

    fn emit(&mut self, mut unit: Unit) -> Result<(), PlanError> {
        for operation in &unit.operations {
            self.world.note_planned(operation);
        }
        self.summary.add(&unit);
        self.sink.unit(&mut unit)
    }

    /// Brings records over through a relationship, unless this plan is about all of it anyhow.
    fn bring(
        &mut self,
        relationship: RelId,
        directions: [bool; 2],
        records: &[Vec<(SmolStr, Value)>; 2],
    ) -> Result<(), PlanError> {
        let only = &self.request.only;
        let whole = only.is_empty() || only.contains(&relationship);
        let every = |at: usize| !directions[at] || self.request.directions[at];
        if whole && every(0) && every(1) {
            return Ok(());
        }
        let request = Request {
            directions,
            ..self.request.clone()
        };
        let objects = |side: Side| &self.world.program[relationship].sides[side.index()].objects;
        let mut places: [Vec<(usize, Value)>; 2] = Default::default();
        for side in Side::BOTH {
            for (object, id) in &records[side.index()] {
                let place = objects(side).iter().position(|o| o.name == *object);
                let key = (
                    relationship,
                    directions,
                    side,
                    object.clone(),
                    IdKey(id.clone()),
                );
                if let (Some(place), true) = (place, self.brought.insert(key)) {
                    places[side.index()].push((place, id.clone()));
                }
            }
        }
        if places.iter().all(Vec::is_empty) {
            return Ok(());
        }
        let planner = Planner::new(self.world, &request, self.sink, self.summary, relationship)?;
        self.deferred.extend(planner.only(&places)?);
        Ok(())
    }
}
