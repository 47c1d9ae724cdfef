//! One record alone: which triggers it fired, and what became of that.

use smol_str::SmolStr;

use super::Triggers;
use super::firing::Pending;
use crate::ledger::{FiringState, Selection};
use crate::plan::reading;
use crate::plan::{Decision, PlanError};
use crate::program::{RelId, Side};
use crate::value::Value;

/// Firings that are told of one record.
const TOLD: usize = 5;

impl Triggers<'_, '_, '_> {
    pub(super) fn explain(
        &mut self,
        side: Side,
        object: &SmolStr,
        record: &Value,
    ) -> Result<(), PlanError> {
        for id in self.wanted.clone() {
            let watches = |(of, watched, _): (Side, &std::sync::Arc<crate::schema::Object>, _)| {
                of == side && watched.name == *object
            };
            if self.trigger(id).record().is_some_and(watches) {
                self.explain_one(id, side, object, record)?;
            }
        }
        Ok(())
    }

    fn explain_one(
        &mut self,
        id: RelId,
        side: Side,
        object: &SmolStr,
        record: &Value,
    ) -> Result<(), PlanError> {
        let (world, trigger) = (self.world, self.trigger(id));
        let rule = Some(trigger.rules.rule);
        let firings = world.ledger.firings_of(side, object, record, TOLD)?;
        let own: Vec<_> = firings
            .into_iter()
            .filter(|f| f.trigger == *trigger.name())
            .collect();
        for firing in &own {
            let at = firing.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
            let text = match firing.state {
                FiringState::Done => format!("fired at {at}: done"),
                FiringState::Open => format!(
                    "fired at {at}: waits at action {} of {}",
                    firing.next + 1,
                    trigger.actions.len()
                ),
                FiringState::Failed => format!(
                    "fired at {at}: action {} of {} failed",
                    firing.next + 1,
                    trigger.actions.len()
                ),
            };
            self.tell(id, text, rule);
        }
        let selection = Selection {
            relationship: Some(trigger.name().clone()),
            ids: vec![record.to_string()],
        };
        for held in world.ledger.held(&selection)? {
            self.tell(id, format!("held: {}", held.because), rule);
        }
        for row in world.ledger.failures(&selection)? {
            self.tell(id, format!("failed: {}", row.failure.message), rule);
        }
        if !own.is_empty() {
            return Ok(());
        }
        let Some(when) = &trigger.when else {
            self.tell(id, "has not fired for this record".to_string(), rule);
            return Ok(());
        };
        let projection = reading::whole(&trigger.rules, side, 0);
        let ids = std::slice::from_ref(record);
        let found = reading::get(world, side, 0, &projection, ids)?;
        let Some(rec) = found.into_iter().next().flatten() else {
            return Ok(());
        };
        let nothing = vec![Value::Null; trigger.rules.was.len()];
        let place = (side, object.clone(), record.clone());
        let pending = Pending::new(trigger, String::new(), place, rec, nothing, world.now);
        let lines = self.lines(id, &pending);
        let read = lines.reads(when);
        let text = match lines.holds(&trigger.when) {
            Ok(false) => format!("its `when` does not hold: {read}"),
            Ok(true) => format!("has not fired for this record; its `when` would hold: {read}"),
            Err(error) => format!("its `when` has no value: {error}"),
        };
        self.tell(id, text, rule);
        Ok(())
    }

    fn tell(&mut self, id: RelId, text: String, rule: Option<crate::program::Rule>) {
        self.sink.decision(Decision {
            relationship: id,
            text,
            rule,
        });
    }
}
