//! Taking over changed files and changed stores.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::adopt;
use super::board::RulesNote;
use super::daemon::Daemon;
use super::immediate::Immediate;
use super::log::Level;
use super::project::Refused;
use super::watch::Watch;
use crate::ledger::LaneRun;
use crate::schema::StoreSchema;
use crate::store::{MemoryStore, Store};

impl Daemon<'_> {
    /// Takes over the files as they are now, or says why not and goes on with what runs.
    pub(super) fn load(&mut self, what: &str, now: DateTime<Utc>) -> bool {
        let mark = self.origin.mark();
        let loaded = self.origin.load().and_then(|project| {
            if project.ledger == self.project.ledger && project.identity == self.project.identity {
                return Ok(project);
            }
            Err(Refused {
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
                self.reopen = false;
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
                    let message =
                        "the files have changed and do not check: the rules from before go on";
                    self.log.say(Level::Error, message, &fields);
                    self.board.write().rules.refused = Some(refused.message);
                }
                false
            }
        }
    }

    /// A project was loaded: its stores are watched and counted, its names shown, and what happened before it is looked for.
    pub(super) fn settle_in(&mut self, now: DateTime<Utc>) {
        self.calls = Default::default();
        for side in 0..2 {
            let nothing: Box<dyn Store> = Box::new(MemoryStore::new(StoreSchema::default()));
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
        } else {
            self.immediate = Immediate::default();
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

    /// Loads the project anew where its stores are no longer what they were; whether it did.
    pub(super) fn freshen(&mut self, now: DateTime<Utc>) -> bool {
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
}
