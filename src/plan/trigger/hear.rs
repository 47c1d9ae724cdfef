//! Events that were posted fire the triggers of their name.

use indexmap::IndexMap;
use smol_str::SmolStr;

use super::Triggers;
use super::firing::{Pending, message};
use crate::ledger::{Effect, Event};
use crate::plan::PlanError;
use crate::program::{RelId, Source};
use crate::value::{Value, from_json};

/// Events that are read together.
const PAGE: usize = 500;

impl Triggers<'_, '_, '_> {
    /// Every event of the inbox that was not heard yet.
    pub(super) fn hear(&mut self) -> Result<(), PlanError> {
        let listens = |id: &RelId| matches!(self.trigger(*id).source, Source::Event(_));
        if !self.wanted.iter().any(listens) {
            return Ok(());
        }
        let Some(inbox) = self.world.ledger.inbox()? else {
            return Ok(());
        };
        let mut heard = self.world.ledger.heard()?;
        loop {
            let events = inbox.events(heard, PAGE)?;
            let Some(last) = events.last() else {
                return Ok(());
            };
            heard = last.number;
            // Another trigger that a run is not for keeps its firing for a run that is.
            for id in self.world.program.trigger_ids() {
                let Source::Event(name) = &self.trigger(id).source else {
                    continue;
                };
                let own = events.iter().filter(|e| e.name == *name);
                let fired = own.map(|event| self.fired_by(id, name, event)).collect();
                self.fire(id, fired)?;
            }
            self.sink.effect(Effect::Hear { number: heard })?;
        }
    }

    fn fired_by(&self, id: RelId, name: &SmolStr, event: &Event) -> Pending {
        let trigger = self.trigger(id);
        let members = match serde_json::from_str(&event.body).map(|json| from_json(&json)) {
            Ok(Value::Object(members)) => members.as_ref().clone(),
            _ => IndexMap::new(),
        };
        let firing = message(trigger, (name, &event.key), members, event.at);
        Pending::of(trigger, firing, None)
    }
}
