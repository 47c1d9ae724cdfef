//! The world of one test: two stores in memory, a ledger that is thrown away, a clock, and what the names stand for.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tempfile::TempDir;

use super::Checked;
use super::values::Names;
use crate::apply::post::{Answer, Message, Poster};
use crate::apply::{self, Observer, Options};
use crate::ledger::{Identity, Inbox, Ledger, NewEvent};
use crate::plan::{PlanError, Request, Sent, Sink, Summary, Unit};
use crate::program::{Program, RelId, Side, Source};
use crate::schedule::{self, Lane, Past};
use crate::schema::Object;
use crate::store::Store;
use crate::store::config::Guards;
use crate::store::memory::MemoryStore;

/// So many runs are more than a test can mean.
const MOST_RUNS: usize = 10_000;

/// The ledger's file.
const LEDGER: &str = "ledger.db";

/// As in stores.yaml without a word about it.
const OVERLAP: i64 = 60_000;

pub struct World {
    pub program: Program,
    /// Names of the program's findings.
    pub findings: Vec<String>,
    pub names: Names,
    /// What the last run planned in its first pass.
    pub planned: Option<Summary>,
    pub now: DateTime<Utc>,
    pub ledger: Ledger,
    /// Of the program's schedules, in their order.
    lanes: Vec<Lane>,
    /// What external actions have posted.
    pub posts: Arc<Posts>,
    /// Events so far.
    events: u64,
    handles: [MemoryStore; 2],
    stores: [Box<dyn Store>; 2],
    /// Holds the ledger's file; removed with the world.
    folder: TempDir,
}

impl World {
    /// # Errors
    /// No room for a ledger; rules that this version does not run.
    pub fn new(checked: Checked, now: DateTime<Utc>) -> Result<World, String> {
        let Checked { program, findings } = checked;
        let folder =
            tempfile::tempdir().map_err(|error| format!("no room for a ledger: {error}"))?;
        let identity = Identity {
            program: program.name.clone(),
            left: program.stores[0].name.clone(),
            right: program.stores[1].name.clone(),
        };
        let ledger = Ledger::open(&folder.path().join(LEDGER), &identity)
            .map_err(|error| error.to_string())?;
        let handle = |side: Side| {
            let schema = &program.stores[side.index()].schema;
            MemoryStore::new(schema.as_ref().clone())
        };
        let handles = [handle(Side::Left), handle(Side::Right)];
        let stores: [Box<dyn Store>; 2] =
            [Box::new(handles[0].clone()), Box::new(handles[1].clone())];
        let lanes = lanes(&program, now);
        let world = World {
            program,
            lanes,
            findings,
            names: Names::default(),
            planned: None,
            now,
            ledger,
            posts: Arc::default(),
            events: 0,
            handles,
            stores,
            folder,
        };
        world.tell_time(now - TimeDelta::seconds(1));
        Ok(world)
    }

    /// Moves the clock to the next step.
    pub fn advance(&mut self, by: TimeDelta) {
        self.now += by;
        self.tell_time(self.now);
    }

    /// Lets so much time pass, and each schedule run whenever it is due. They count from the beginning of the test.
    ///
    /// # Errors
    /// A run that fails; more runs than a test can mean.
    pub fn let_schedules_fire(&mut self, by: TimeDelta) -> Result<(), String> {
        let too_far = || format!("advance: {by} leads beyond the end of time");
        let until = self.now.checked_add_signed(by).ok_or_else(too_far)?;
        let next = |lanes: &[Lane]| schedule::first(lanes).filter(|(_, due)| *due <= until);
        let mut foreseen = self.lanes.clone();
        let mut runs = 0;
        while let Some((place, due)) = next(&foreseen) {
            runs += 1;
            if runs > MOST_RUNS {
                return Err(format!(
                    "advance: schedules would run more than {MOST_RUNS} times; advance by less"
                ));
            }
            let at = due.max(self.now);
            foreseen[place].start(at);
            foreseen[place].end(at, false);
        }
        while let Some((place, due)) = next(&self.lanes) {
            // What came due during the seconds of other steps runs now.
            self.now = self.now.max(due);
            self.tell_time(self.now);
            let schedule = &self.program.schedules[place];
            let name = schedule.name.clone();
            let (only, directions) = (schedule.relationships.clone(), schedule.directions);
            self.lanes[place].start(self.now);
            self.apply(only, directions)
                .map_err(|error| format!("`{name}` at {}: {error}", self.now))?;
            self.lanes[place].end(self.now, false);
        }
        self.now = until;
        self.tell_time(self.now);
        Ok(())
    }

    /// Sets the stores' clocks to the world's.
    pub fn tell_time(&self, now: DateTime<Utc>) {
        for handle in &self.handles {
            handle.set_now(now);
        }
    }

    pub fn store(&self, side: Side) -> &MemoryStore {
        &self.handles[side.index()]
    }

    /// The side that a store's name stands for.
    pub fn side(&self, store: &str) -> Result<Side, String> {
        let [left, right] = [0, 1].map(|side| self.program.stores[side].name.as_str());
        match store {
            name if name == left => Ok(Side::Left),
            name if name == right => Ok(Side::Right),
            _ => Err(format!(
                "there is no store `{store}`: the stores are `{left}` and `{right}`"
            )),
        }
    }

    pub fn object(&self, side: Side, name: &str) -> Result<std::sync::Arc<Object>, String> {
        let store = &self.program.stores[side.index()];
        store.schema.objects.get(name).cloned().ok_or_else(|| {
            let known: Vec<&str> = store
                .schema
                .objects
                .keys()
                .map(|name| name.as_str())
                .collect();
            format!(
                "{} has no object `{name}`: it has {}",
                store.name,
                known.join(", ")
            )
        })
    }

    pub fn relationship(&self, name: &str) -> Result<RelId, String> {
        self.program.relationship(name).ok_or_else(|| {
            let known: Vec<&str> = self
                .program
                .relationships
                .iter()
                .map(|relationship| relationship.name.as_str())
                .collect();
            format!(
                "there is no relationship `{name}`: there is {}",
                known.join(", ")
            )
        })
    }

    /// A relationship or trigger.
    pub fn named(&self, name: &str) -> Result<RelId, String> {
        self.program.named(name).ok_or_else(|| {
            let known: Vec<&str> = self.program.all_rules().map(|r| r.name.as_str()).collect();
            format!(
                "there is no relationship or trigger `{name}`: there is {}",
                known.join(", ")
            )
        })
    }

    /// One run, as the daemon makes it: of these relationships (all where none is named), and of the triggers.
    pub fn apply(&mut self, mut only: Vec<RelId>, directions: [bool; 2]) -> Result<(), String> {
        if !only.is_empty() {
            only.extend(self.program.trigger_ids());
        }
        self.run(only, directions, Vec::new())
    }

    /// An event arrives and is acted on at once.
    pub fn event(&mut self, name: &str, body: &serde_json::Value) -> Result<(), String> {
        let known = self
            .program
            .triggers
            .iter()
            .filter_map(|t| match &t.source {
                Source::Event(name) => Some(name.as_str()),
                _ => None,
            });
        let known: Vec<&str> = known.collect();
        if !known.contains(&name) {
            let there = match known.is_empty() {
                true => "no trigger is for an event".to_owned(),
                false => format!("there is {}", known.join(", ")),
            };
            return Err(format!("event: no trigger is for `{name}`: {there}"));
        }
        self.events += 1;
        let path = self.folder.path().join(LEDGER);
        let event = NewEvent {
            name,
            key: &format!("event {}", self.events),
            body: &body.to_string(),
            at: self.now,
        };
        Inbox::open(&path)
            .and_then(|inbox| inbox.add(&event))
            .map_err(|error| error.to_string())?;
        self.run(
            self.program.trigger_ids().collect(),
            [true, true],
            Vec::new(),
        )
    }

    /// One run of these records alone, as `send` makes it.
    pub fn send(&mut self, records: Vec<Sent>) -> Result<(), String> {
        self.run(Vec::new(), [true, true], records)
    }

    fn run(
        &mut self,
        only: Vec<RelId>,
        directions: [bool; 2],
        send: Vec<Sent>,
    ) -> Result<(), String> {
        let request = Request {
            now: self.now,
            only,
            directions,
            full: false,
            overlap: [OVERLAP, OVERLAP],
            tolerance: 0,
            explain: None,
            send,
        };
        let outcome = apply::run(
            &self.program,
            &mut self.stores,
            &mut self.ledger,
            &request,
            &options(&self.posts),
            &mut Unwatched,
        )
        .map_err(|error| error.to_string())?;
        apply::settle_additions(&mut self.program, &mut self.stores)
            .map_err(|error| error.to_string())?;
        self.planned = Some(outcome.planned);
        Ok(())
    }
}

/// The schedules as if each had run when the test begins.
fn lanes(program: &Program, now: DateTime<Utc>) -> Vec<Lane> {
    let past = Past {
        anchor: now,
        started: now,
        ended: Some(now),
        failures: 0,
    };
    program
        .schedules
        .iter()
        .map(|s| Lane::new(s.name.clone(), s.pace.clone(), Some(past), now))
        .collect()
}

/// A test states what it expects: it needs no guard.
fn options(posts: &Arc<Posts>) -> Options {
    Options {
        guards: Guards::default(),
        allow_large: true,
        batch: 500,
        lock: Duration::from_secs(2),
        poster: posts.clone(),
    }
}

/// Takes every message.
#[derive(Default)]
pub struct Posts(Mutex<Vec<Message>>);

impl Posts {
    pub fn all(&self) -> Vec<Message> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Poster for Posts {
    fn post(&self, message: &Message) -> Answer {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(message.clone());
        Answer::Status(200, String::new())
    }
}

/// Nobody looks on.
struct Unwatched;

impl Sink for Unwatched {
    fn unit(&mut self, _unit: &mut Unit) -> Result<(), PlanError> {
        Ok(())
    }
}

impl Observer for Unwatched {
    fn confirm(&mut self, _summary: &Summary) -> Result<bool, PlanError> {
        Ok(true)
    }
}
