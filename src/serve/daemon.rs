//! The loop: it waits for what is due, runs it, and writes down what came of it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use smol_str::SmolStr;

use super::adopt::{self, Track};
use super::board::{Board, LaneNote, RulesNote};
use super::immediate::Immediate;
use super::log::{Level, Log};
use super::metrics::Metrics;
use super::project::{Origin, Project};
use super::reload::Reload;
use super::run::{self, Ended, Standing};
use super::watch::Watch;
use super::world::World;
use crate::ledger::{LaneOutcome, LaneRun, Ledger, LedgerError};
use crate::plan::Request;
use crate::schedule::Lane;
use crate::schema::StoreSchema;
use crate::store::Calls;

/// What runs of triggers at once are called where lanes are named.
pub const TRIGGERS: &str = "triggers";

/// Before a ledger that somebody else's command holds is asked for again.
const HELD: TimeDelta = TimeDelta::seconds(1);

/// No wait is longer than this, whatever is due.
const LONGEST: TimeDelta = TimeDelta::seconds(30);

pub struct Daemon<'d> {
    project: Project,
    origin: &'d mut dyn Origin,
    world: &'d dyn World,
    board: Arc<Board>,
    metrics: Arc<Metrics>,
    log: Arc<dyn Log>,
    tracks: Vec<Track>,
    immediate: Immediate,
    watch: Watch,
    reload: Reload,
    standing: Standing,
    /// Left, right: what the stores described when the project was loaded.
    described: [StoreSchema; 2],
    calls: [Calls; 2],
    /// The last run of triggers.
    triggers: Option<LaneRun>,
    /// A store failed in a way that opening it again may mend.
    reopen: bool,
    /// The ledger is somebody else's until then, at least.
    held_until: Option<DateTime<Utc>>,
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Triggers,
    /// The place of its track.
    Lane(usize),
}

impl<'d> Daemon<'d> {
    pub fn new(
        project: Project,
        origin: &'d mut dyn Origin,
        world: &'d dyn World,
        board: Arc<Board>,
        metrics: Arc<Metrics>,
        log: Arc<dyn Log>,
    ) -> Daemon<'d> {
        let now = world.now();
        let reload = Reload::new(origin.mark(), now);
        Daemon {
            project,
            origin,
            world,
            board,
            metrics,
            log,
            tracks: Vec::new(),
            immediate: Immediate::default(),
            watch: Watch::new(now),
            reload,
            standing: Standing::default(),
            described: Default::default(),
            calls: Default::default(),
            triggers: None,
            reopen: false,
            held_until: None,
        }
    }

    /// Takes up what the ledger knows of earlier daemons.
    ///
    /// # Errors
    /// The ledger does not answer.
    pub fn begin(&mut self, ledger: &Ledger) -> Result<(), LedgerError> {
        let now = self.world.now();
        self.tracks = adopt::tracks(&self.project, &ledger.lanes()?, now);
        self.standing = run::standing(&self.project, ledger)?;
        self.settle_in(now);
        self.board.write().since = Some(now);
        if self.tracks.is_empty() && self.project.program.triggers.is_empty() {
            self.log.say(
                Level::Warning,
                "the rules have no schedule and no trigger: nothing runs by itself",
                &[],
            );
        }
        Ok(())
    }

    /// Until the world stops.
    pub fn run(&mut self) {
        self.log.say(
            Level::Info,
            "started",
            &[
                ("program", json!(self.project.program.name)),
                ("lanes", json!(self.tracks.len())),
                ("triggers", json!(self.project.program.triggers.len())),
            ],
        );
        while !self.world.stopping() {
            self.turn();
        }
        self.board.write().stopping = true;
        self.log.say(Level::Info, "stopped", &[]);
    }

    /// Does what is due, or waits for the next moment at which something may be.
    pub fn turn(&mut self) {
        let now = self.world.now();
        self.tracks
            .iter_mut()
            .for_each(|track| track.lane.see(now));
        self.look_at_the_files(now);
        self.look_at_the_stores(now);
        if self.world.bell().take_event() && self.listens() {
            self.immediate.want(now);
        }
        match self.next() {
            Some((due, at)) if at <= now => match due {
                Due::Triggers => self.run_triggers(now),
                Due::Lane(place) => self.run_lane(place, now),
            },
            next => {
                self.show();
                let next = next.map(|(_, at)| at);
                let until = [next, Some(self.reload.due()), self.watch_due()];
                let until = until.into_iter().flatten().min();
                let latest = now + LONGEST;
                self.world
                    .wait(until.map_or(latest, |until| until.min(latest)));
            }
        }
    }

    /// There are triggers that something may make fire.
    fn listens(&self) -> bool {
        !self.project.program.triggers.is_empty()
    }

    /// What has been due for longest; what is equal, triggers before lanes.
    fn next(&self) -> Option<(Due, DateTime<Utc>)> {
        let lanes = self.tracks.iter().enumerate();
        let lanes = lanes.filter_map(|(place, track)| Some((Due::Lane(place), track.lane.due()?)));
        let triggers = self.immediate.due().map(|at| (Due::Triggers, at));
        let first = triggers.into_iter().chain(lanes).min_by_key(|(_, at)| *at)?;
        Some(match self.held_until {
            Some(until) => (first.0, first.1.max(until)),
            None => first,
        })
    }

    fn watch_due(&self) -> Option<DateTime<Utc>> {
        self.watch.due().filter(|_| self.listens())
    }

    fn look_at_the_stores(&mut self, now: DateTime<Utc>) {
        let told = self.world.bell().take_store();
        if self.watch_due().is_none_or(|due| due > now && !told) {
            return;
        }
        let changed = self.watch.look(&mut self.project.stores, now);
        let watched = |side: usize| {
            let mut records = self.project.program.triggers.iter();
            records.any(|t| t.record().is_some_and(|(s, ..)| s.index() == side))
        };
        if (0..2).any(|side| changed[side] && (watched(side) || self.standing.waiting)) {
            self.immediate.want(now);
        }
    }

    fn look_at_the_files(&mut self, now: DateTime<Utc>) {
        if self.reload.look(|| self.origin.mark(), now) {
            self.load("the rules were loaded anew", now);
        }
    }

    /// Takes over the files as they are now, or says why not and goes on with what runs.
    fn load(&mut self, what: &str, now: DateTime<Utc>) -> bool {
        let mark = self.origin.mark();
        let loaded = self.origin.load().and_then(|project| {
            if project.ledger == self.project.ledger && project.identity == self.project.identity {
                return Ok(project);
            }
            Err(super::project::Refused {
                message: "another ledger, program or pair of stores: start the daemon anew for it"
                    .to_owned(),
                passes: false,
            })
        });
        match loaded {
            Ok(project) => {
                self.reload.settle(mark, false, now);
                self.metrics.reload(true);
                let known: Vec<LaneRun> = self
                    .tracks
                    .iter()
                    .filter_map(|track| track.last.clone())
                    .collect();
                self.project = project;
                let mut tracks = adopt::tracks(&self.project, &known, now);
                tracks.iter_mut().for_each(|track| track.lane.try_now(now));
                self.tracks = tracks;
                self.immediate.try_now(now);
                self.settle_in(now);
                let hash = adopt::short_hash(&self.project.program.hash);
                self.log.say(Level::Info, what, &[("rules", json!(hash))]);
                true
            }
            Err(refused) => {
                self.reload.settle(mark, refused.passes, now);
                let fields = [("reason", json!(refused.message))];
                if refused.passes {
                    let message = "a store does not answer: it is opened again later";
                    self.log.say(Level::Warning, message, &fields);
                } else {
                    self.metrics.reload(false);
                    let message = "the files have changed and do not check: the rules from before go on";
                    self.log.say(Level::Error, message, &fields);
                    self.board.write().rules.refused = Some(refused.message);
                }
                false
            }
        }
    }

    /// A project was loaded: its stores are watched and counted, its names shown, and what happened before it is looked for.
    fn settle_in(&mut self, now: DateTime<Utc>) {
        self.calls = Default::default();
        for side in 0..2 {
            let nothing: Box<dyn crate::store::Store> =
                Box::new(crate::store::MemoryStore::new(StoreSchema::default()));
            let mut store = std::mem::replace(&mut self.project.stores[side], nothing);
            if let Ok(described) = store.describe() {
                self.described[side] = described;
            }
            let bell = Arc::clone(self.world.bell());
            store.notify(Arc::new(move || bell.store()));
            self.project.stores[side] = self.calls[side].count(store);
        }
        self.watch = Watch::new(now);
        if self.listens() {
            self.immediate.want(now);
        }
        let program = &self.project.program;
        let mut notes = self.board.write();
        notes.program = program.name.clone();
        notes.stores = [0, 1].map(|side| program.stores[side].name.clone());
        notes.events = adopt::events(&self.project);
        notes.secret = self.project.events.clone();
        notes.rules = RulesNote {
            hash: adopt::short_hash(&program.hash),
            loaded: Some(now),
            refused: None,
        };
        drop(notes);
        self.show();
    }

    fn run_triggers(&mut self, now: DateTime<Utc>) {
        if self.freshen(now) {
            return;
        }
        let request = Request {
            now,
            only: Vec::new(),
            ..self.project.request.clone()
        };
        self.immediate.start(now);
        let name = SmolStr::new_static(TRIGGERS);
        match self.carry_out(&name, &request, None, &mut |_| None) {
            Some(ended) => {
                let over = self.world.now();
                self.immediate.end(over, ended.failed());
                self.triggers = Some(LaneRun {
                    lane: name,
                    anchor: now,
                    started_at: now,
                    ended_at: Some(over),
                    failures: self.immediate.failures(),
                    outcome: Some(ended.outcome),
                    message: ended.message.clone(),
                });
                self.follow(&ended, over);
            }
            None => self.immediate.want_later(now),
        }
    }

    fn run_lane(&mut self, place: usize, now: DateTime<Utc>) {
        if self.freshen(now) {
            return;
        }
        let track = &self.tracks[place];
        let schedule = &self.project.program.schedules[track.schedule];
        let request = Request {
            now,
            only: schedule.relationships.clone(),
            directions: schedule.directions,
            ..self.project.request.clone()
        };
        let name = schedule.name.clone();
        let mut lane = track.lane.clone();
        lane.start(now);
        let (outcome, message) = match &track.last {
            Some(last) => (last.outcome, last.message.clone()),
            None => (None, String::new()),
        };
        let begun = lane_run(&lane, outcome, message);
        let mut last = None;
        let world = self.world;
        let mut end = |ended: &Ended| {
            // What was cut off is due again at once.
            if ended.outcome != LaneOutcome::Interrupted {
                lane.end(world.now(), ended.failed());
            }
            last = lane_run(&lane, Some(ended.outcome), ended.message.clone());
            last.clone()
        };
        if let Some(ended) = self.carry_out(&name, &request, begun.as_ref(), &mut end) {
            let track = &mut self.tracks[place];
            track.lane = lane;
            track.last = last;
            self.follow(&ended, self.world.now());
        }
    }

    /// What a run wrote may make triggers fire; what failed in one is tried again when its time comes.
    fn follow(&mut self, ended: &Ended, now: DateTime<Utc>) {
        if self.listens() {
            self.immediate.follow_up(now, ended.wrote());
            if let Some(retry) = self.standing.retry {
                self.immediate.want_later(retry);
            }
            if self.immediate.is_slowed() {
                self.log.say(
                    Level::Warning,
                    "what triggers write makes triggers fire, again and again: they are slowed down",
                    &[],
                );
            }
        }
        self.show();
    }

    /// Loads the project anew where its stores are no longer what they were; whether it did.
    fn freshen(&mut self, now: DateTime<Utc>) -> bool {
        let mut changed = std::mem::take(&mut self.reopen);
        for (store, known) in self.project.stores.iter_mut().zip(&mut self.described) {
            // One that does not answer fails the run, which says why.
            if let Ok(described) = store.describe()
                && described != *known
            {
                *known = described;
                changed = true;
            }
        }
        changed && self.load("the stores were opened anew", now)
    }

    /// Runs it and tells. `None`: the ledger is somebody else's just now, and it is to be tried again.
    fn carry_out(
        &mut self,
        name: &SmolStr,
        request: &Request,
        begun: Option<&LaneRun>,
        end: &mut dyn FnMut(&Ended) -> Option<LaneRun>,
    ) -> Option<Ended> {
        let began = self.world.now();
        self.board.write().running = Some((name.clone(), began));
        let result = run::run(&mut self.project, request, self.world, begun, end);
        self.board.write().running = None;
        let ended = match result {
            Ok((ended, standing)) => {
                self.standing = standing;
                ended
            }
            Err(LedgerError::Held { .. }) => {
                if self.held_until.is_none() {
                    let message = "the ledger is held by another command: waiting for it";
                    self.log.say(Level::Info, message, &[("lane", json!(name))]);
                }
                self.held_until = Some(began + HELD);
                return None;
            }
            Err(error) => {
                let ended = Ended::error(error.to_string());
                end(&ended);
                ended
            }
        };
        self.held_until = None;
        self.reopen |= ended.stores_changed;
        self.tell(name, &ended, self.world.now() - began);
        Some(ended)
    }

    /// Logs and counts a run.
    fn tell(&self, name: &SmolStr, ended: &Ended, took: TimeDelta) {
        let seconds = took.num_milliseconds().max(0) as f64 / 1000.0;
        self.metrics.run(name, ended.outcome, seconds);
        for (side, calls) in self.calls.iter().enumerate() {
            let store = &self.project.program.stores[side].name;
            self.metrics.calls(store, calls.take());
        }
        let mut fields = vec![
            ("lane", json!(name)),
            ("outcome", json!(ended.outcome.word())),
            ("seconds", json!(seconds)),
        ];
        let Some(did) = &ended.did else {
            let level = match ended.outcome {
                LaneOutcome::Interrupted => Level::Info,
                _ => Level::Error,
            };
            fields.push(("reason", json!(ended.message)));
            self.log.say(level, "the run did not get through", &fields);
            return;
        };
        self.metrics.outcome(&self.project.program, did);
        fields.extend([
            ("run", json!(did.run)),
            ("done", json!(did.done + did.resumed)),
            ("failed", json!(did.failed)),
            ("stale", json!(did.stale)),
            ("held", json!(did.held)),
        ]);
        if run::is_idle(did) {
            self.log
                .say(Level::Detail, "ran: nothing to do", &fields[..3]);
        } else if did.failed > 0 {
            self.log
                .say(Level::Warning, "ran: records failed", &fields);
        } else {
            self.log.say(Level::Info, "ran", &fields);
        }
    }

    /// Writes on the board what there is.
    fn show(&self) {
        let program = &self.project.program;
        let mut lanes: Vec<LaneNote> = self
            .tracks
            .iter()
            .map(|track| LaneNote {
                rule: program.location(program.schedules[track.schedule].rule),
                next: track.lane.due(),
                ..lane_note(track.lane.name.clone(), track.last.as_ref())
            })
            .collect();
        if self.listens() {
            lanes.push(LaneNote {
                next: self.immediate.due(),
                ..lane_note(SmolStr::new_static(TRIGGERS), self.triggers.as_ref())
            });
        }
        let mut notes = self.board.write();
        notes.lanes = lanes;
        notes.relationships = self.standing.relationships.clone();
        notes.firings = self.standing.firings;
        notes.runs = self.standing.runs.clone();
    }
}

fn lane_run(lane: &Lane, outcome: Option<LaneOutcome>, message: String) -> Option<LaneRun> {
    let past = lane.past()?;
    Some(LaneRun {
        lane: lane.name.clone(),
        anchor: past.anchor,
        started_at: past.started,
        ended_at: past.ended,
        failures: past.failures,
        outcome,
        message,
    })
}

fn lane_note(name: SmolStr, last: Option<&LaneRun>) -> LaneNote {
    LaneNote {
        name,
        rule: String::new(),
        started: last.map(|run| run.started_at),
        ended: last.and_then(|run| run.ended_at),
        outcome: last.and_then(|run| run.outcome),
        message: last.map(|run| run.message.clone()).unwrap_or_default(),
        failures: last.map_or(0, |run| run.failures),
        next: None,
    }
}
