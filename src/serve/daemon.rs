//! The loop: it waits for what is due, runs it, and writes down what came of it.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;
use smol_str::SmolStr;

use super::adopt::{self, Track};
use super::board::Board;
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

/// Between two looks at what triggers that fired wait for, where nothing tells of it.
const WAITING: TimeDelta = TimeDelta::seconds(60);

const CHAIN: &str =
    "what triggers write makes triggers fire, again and again: they are slowed down";

/// No wait is longer than this, whatever is due.
const LONGEST: TimeDelta = TimeDelta::seconds(30);

pub struct Daemon<'d> {
    pub(super) project: Project,
    pub(super) origin: &'d mut dyn Origin,
    pub(super) world: &'d dyn World,
    pub(super) board: Arc<Board>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) log: Arc<dyn Log>,
    pub(super) tracks: Vec<Track>,
    pub(super) immediate: Immediate,
    pub(super) watch: Watch,
    pub(super) reload: Reload,
    pub(super) standing: Standing,
    /// Left, right: what the stores described when the project was loaded.
    pub(super) described: [StoreSchema; 2],
    pub(super) calls: [Calls; 2],
    /// The last run of triggers.
    pub(super) triggers: Option<LaneRun>,
    /// A store failed in a way that opening it again may mend.
    pub(super) reopen: bool,
    /// The ledger is somebody else's until then, at least.
    pub(super) held_until: Option<DateTime<Utc>>,
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
        self.tracks.iter_mut().for_each(|track| track.lane.see(now));
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
    pub(super) fn listens(&self) -> bool {
        !self.project.program.triggers.is_empty()
    }

    /// What has been due for longest; what is equal, triggers before lanes.
    fn next(&self) -> Option<(Due, DateTime<Utc>)> {
        let lanes = self.tracks.iter().enumerate();
        let lanes = lanes.filter_map(|(place, track)| Some((Due::Lane(place), track.lane.due()?)));
        let triggers = self.immediate.due().map(|at| (Due::Triggers, at));
        let first = triggers
            .into_iter()
            .chain(lanes)
            .min_by_key(|(_, at)| *at)?;
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
            self.load("the files were loaded anew", now);
        }
    }

    fn run_triggers(&mut self, now: DateTime<Utc>) {
        if self.freshen(now) {
            return;
        }
        let request = Request {
            now,
            only: self.project.program.trigger_ids().collect(),
            ..self.project.request.clone()
        };
        self.immediate.start();
        let name = SmolStr::new_static(TRIGGERS);
        match self.carry_out(&name, &request, None, &mut |_| None) {
            Some(ended) => {
                let over = self.world.now();
                self.immediate.end(over, ended.failed(), ended.wrote());
                if self.immediate.is_slowed_now() {
                    self.log.say(Level::Warning, CHAIN, &[]);
                }
                self.triggers = Some(LaneRun {
                    lane: name,
                    anchor: now,
                    started_at: now,
                    ended_at: Some(over),
                    failures: self.immediate.failures(),
                    outcome: Some(ended.outcome),
                    message: ended.message.clone(),
                });
                self.follow(over);
            }
            None => self.immediate.want(now),
        }
    }

    fn run_lane(&mut self, place: usize, now: DateTime<Utc>) {
        if self.freshen(now) {
            return;
        }
        let track = &self.tracks[place];
        let schedule = &self.project.program.schedules[track.schedule];
        let mut only = schedule.relationships.clone();
        only.extend(self.project.program.trigger_ids());
        let request = Request {
            now,
            only,
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
            let over = self.world.now();
            if self.listens() {
                self.immediate.follow_up(over, ended.wrote());
            }
            self.follow(over);
        }
    }

    /// What a trigger's action failed of, or waits for, is tried again when its time comes.
    fn follow(&mut self, now: DateTime<Utc>) {
        if self.listens() {
            let again = self.standing.retry;
            let waiting = (self.standing.firings > 0).then(|| now + WAITING);
            for at in [again, waiting].into_iter().flatten() {
                self.immediate.want_later(at);
            }
        }
        self.show();
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
        let runner = run::Runner {
            world: self.world,
            log: self.log.as_ref(),
            lane: name,
        };
        let result = run::run(&mut self.project, request, &runner, begun, end);
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
        self.tell(name, &ended, began);
        Some(ended)
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
