//! What the daemon tells of its runs: log, metrics, board.

use chrono::{DateTime, Utc};
use serde_json::json;
use smol_str::SmolStr;

use super::board::LaneNote;
use super::daemon::{Daemon, TRIGGERS};
use super::log::Level;
use super::run::{self, Ended};
use crate::ledger::{LaneOutcome, LaneRun};
use crate::value::format_instant;

impl Daemon<'_> {
    /// Logs and counts a run.
    pub(super) fn tell(&self, name: &SmolStr, ended: &Ended, began: DateTime<Utc>) {
        let took = self.world.now() - began;
        let seconds = took.num_milliseconds().max(0) as f64 / 1000.0;
        self.metrics.run(name, ended.outcome, seconds);
        for (side, calls) in self.calls.iter().enumerate() {
            let store = &self.project.program.stores[side].name;
            self.metrics.calls(store, calls.take());
        }
        let mut fields = vec![
            ("lane", json!(name)),
            ("outcome", json!(ended.outcome.word())),
            ("began", json!(format_instant(began))),
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
                .say(Level::Detail, "ran: nothing to do", &fields[..4]);
        } else if did.failed > 0 {
            self.log.say(Level::Warning, "ran: records failed", &fields);
        } else {
            self.log.say(Level::Info, "ran", &fields);
        }
    }

    /// Writes on the board what there is.
    pub(super) fn show(&self) {
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
        notes.triggers = self.standing.triggers.clone();
        notes.firings = self.standing.firings;
        notes.runs = self.standing.runs.clone();
    }
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
