//! What no changed record tells: links of which both records are gone, and purges.

use super::Planner;
use crate::plan::PlanError;
use crate::plan::lines::Lines;
use crate::plan::merge::FieldFailure;
use crate::plan::reading::{self};
use crate::program::{EvalError, Side};
use crate::store::Since;
use crate::value::Value;
use smol_str::SmolStr;

impl<'a> Planner<'_, '_, 'a> {
    /// Links of which a complete read saw neither record: both are gone.
    pub(super) fn missing(&mut self) -> Result<(), PlanError> {
        if !self.any_link || self.seen.count == self.world.ledger.all_links(&self.rules.name)? {
            return Ok(());
        }
        let mut after = 0;
        loop {
            let unseen = |number| !self.seen.contains(number);
            let links =
                self.world
                    .ledger
                    .link_page_of(&self.rules.name, after, reading::PAGE, &unseen)?;
            let Some(last) = links.last() else {
                return Ok(());
            };
            after = last.number;
            for link in links {
                let unit = crate::plan::remove::both_gone(&self.lines(None, None), &link);
                self.later(unit)?;
            }
        }
    }

    /// Records that are listed but that a full comparison did not see, because they are gone.
    pub(super) fn gone_listed(&mut self) -> Result<(), PlanError> {
        for (side, object, ids) in self.standing.unseen() {
            let place = self.rules.sides[side.index()]
                .objects
                .iter()
                .position(|o| o.name == object);
            let Some(alternative) = place else { continue };
            let projection = reading::survey(self.rules, side, alternative);
            let found = reading::get(self.world, side, alternative, &projection, &ids)?;
            for (id, _) in ids.iter().zip(&found).filter(|(_, f)| f.is_none()) {
                self.forget(side, &object, id)?;
            }
        }
        Ok(())
    }

    pub(super) fn purge(&mut self, side: Side) -> Result<(), PlanError> {
        let direction = side.other().sends();
        for purge in &self.rules.purge[side.index()] {
            if !self.directions()[direction.index()] {
                continue;
            }
            let projection = reading::whole(self.rules, side, purge.object);
            let world = self.world;
            reading::read(
                world,
                side,
                purge.object,
                &projection,
                &Since::Start,
                &mut |records| {
                    let mut hits = Vec::new();
                    let mut failed = Vec::new();
                    for rec in records.into_iter().filter(|r| !r.record.deleted) {
                        let mut sides = [None, None];
                        sides[side.index()] = Some(&rec);
                        let lines = Lines {
                            world,
                            relationship: self.id,
                            rules: self.rules,
                            sides,
                            kept: &[],
                        };
                        match crate::program::is_true(&purge.when, &lines.scope(None)) {
                            Ok(true) => hits.push(rec),
                            Ok(false) | Err(EvalError::NotYet) => {}
                            Err(error) => failed.push((rec, error)),
                        }
                    }
                    for (rec, error) in failed {
                        let failure = FieldFailure {
                            side,
                            field: SmolStr::default(),
                            message: error.to_string(),
                            rule: purge.rule,
                        };
                        let object = self.object(side, &rec);
                        let name = &self.rules.name;
                        self.standing
                            .unfail(name, side, &object, rec.id(), true, self.sink)?;
                        self.fail(side, &object, rec.id(), &failure)?;
                    }
                    let ids: Vec<Value> = hits.iter().map(|r| r.id().clone()).collect();
                    let links = world.ledger.links(&self.rules.name, side, &ids)?;
                    for (place, rec) in hits.iter().enumerate() {
                        let link = links
                            .iter()
                            .find(|(p, l)| *p == place && !l.closed)
                            .map(|(_, l)| l);
                        let unit = crate::plan::remove::purged(
                            &self.lines(None, None),
                            side,
                            rec,
                            link,
                            purge.rule,
                        );
                        self.later(unit)?;
                    }
                    Ok(())
                },
            )?;
        }
        Ok(())
    }
}
