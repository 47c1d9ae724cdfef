//! A complete read where most records are linked: the links decide first, and partners are looked for only for what is left.

use std::sync::Arc;

use super::Planner;
use crate::plan::PlanError;
use crate::plan::ahead::ById;
use crate::plan::reading::{self, Start};
use crate::program::Side;
use crate::value::Value;

/// Records without a link that a plan may hold the ids of.
const LEFT_OVER: u64 = 50_000;

impl Planner<'_, '_, '_> {
    /// Whether every record is read and so few of them have no link that their ids can be kept.
    pub(super) fn mostly_linked(&self, starts: &[Start]) -> Result<bool, PlanError> {
        if !self.any_link
            || self.brings
            || !self.lifted.is_empty()
            || !self.rules.follow.is_empty()
            || !self.rules.convert.is_empty()
            || self.rules.many.is_some()
            || !starts.iter().all(Start::complete)
        {
            return Ok(false);
        }
        let links = self.world.ledger.live_links(&self.rules.name)?;
        let mut most = 0;
        for side in Side::BOTH {
            let mut records = 0;
            for object in &self.rules.sides[side.index()].objects {
                records += self.world.store(side, |s| s.estimate(&object.name))?;
            }
            most = records.saturating_sub(links).max(most);
        }
        Ok(most <= LEFT_OVER)
    }

    /// Decides about all linked records; gives alternatives and ids of the others, left and right.
    pub(super) fn read_linked(
        &mut self,
        starts: &mut [Start],
    ) -> Result<[Vec<(usize, Value)>; 2], PlanError> {
        let mut rest: [Vec<(usize, Value)>; 2] = Default::default();
        for side in [Side::Right, Side::Left] {
            for start in starts.iter_mut().filter(|s| s.side == side) {
                self.read_start(start, Some(&mut rest[side.index()]), None)?;
            }
        }
        Ok(rest)
    }

    /// Records without a link, by their alternatives and ids.
    pub(super) fn take_up(
        &mut self,
        side: Side,
        records: impl Iterator<Item = (usize, Value)> + Clone + Send,
    ) -> Result<(), PlanError> {
        // Links would have to be fetched, too.
        if !self.any_link
            && let Some(reading) = ById::new(self.world, self.id, side)?
        {
            let (world, matches) = (self.world, Arc::clone(&self.matches));
            let mut take = |records, beside| self.page_of(side, records, None, Some(beside));
            return reading.read(world, records, &matches, &mut take);
        }
        for alternative in 0..self.rules.sides[side.index()].objects.len() {
            let here = records.clone().filter(|(a, _)| *a == alternative);
            let mut ids = here.map(|(_, id)| id);
            let projection = reading::whole(self.rules, side, alternative);
            loop {
                let page: Vec<Value> = ids.by_ref().take(reading::PAGE).collect();
                if page.is_empty() {
                    break;
                }
                let found = reading::get(self.world, side, alternative, &projection, &page)?;
                self.page(side, found.into_iter().flatten().collect())?;
            }
        }
        Ok(())
    }
}
