//! `via … or sync`: the records that a page refers to are brought over first, as `send` would (language reference, 5.2).

use rustc_hash::FxHashMap;

use super::Planner;
use crate::plan::PlanError;
use crate::plan::ids::IdKey;
use crate::plan::reading;
use crate::plan::world::{Partner, Rec};
use crate::program::{Conversion, Expr, Fallback, RelId, Side};
use crate::store::Since;
use crate::value::Value;

impl Planner<'_, '_, '_> {
    /// Brings over what the page's records and their partners refer to by `or sync` and what is not linked yet.
    pub(super) fn bring_references(
        &mut self,
        side: Side,
        records: &[Rec],
        partners: &FxHashMap<(usize, IdKey), Rec>,
    ) -> Result<(), PlanError> {
        let mut wanted: Vec<(RelId, Side, Vec<Value>)> = Vec::new();
        for (flow, source) in self
            .rules
            .lines
            .iter()
            .flat_map(|l| [(&l.push, Side::Left), (&l.pull, Side::Right)])
        {
            let Some(flow) = flow else { continue };
            let (Conversion::Via(via), Expr::Field(_, slot)) = (&flow.conversion, &flow.source)
            else {
                continue;
            };
            if via.fallback != Fallback::Sync || !self.rules.enabled[source.sends().index()] {
                continue;
            }
            let of: Vec<&Rec> = match source == side {
                true => records.iter().collect(),
                false => partners.values().collect(),
            };
            let mut ids = Vec::new();
            for id in of.into_iter().map(|r| r.slot(*slot)) {
                if !id.is_blank()
                    && matches!(
                        self.world
                            .partner(via.relationship, source, id, via.alternative)?,
                        Partner::None
                    )
                    && self.world.first_bringing(via.relationship, source, id)
                {
                    ids.push(id.clone());
                }
            }
            if !ids.is_empty() {
                wanted.push((via.relationship, source, ids));
            }
        }
        for (relationship, side, mut ids) in wanted {
            ids.sort_by_key(Value::to_string);
            let (world, request) = (self.world, self.request);
            let mut planner = Planner::new(
                world,
                request,
                &mut *self.sink,
                &mut *self.summary,
                relationship,
            )?;
            let before = world.set_by_hand(true);
            let brought = planner.alone(side, &ids);
            world.set_by_hand(before);
            brought?;
        }
        Ok(())
    }

    /// Plans these records and no others; what is not there is passed over.
    fn alone(&mut self, side: Side, ids: &[Value]) -> Result<(), PlanError> {
        for alternative in 0..self.rules.sides[side.index()].objects.len() {
            let projection = reading::whole(self.rules, side, alternative);
            let found = reading::get(self.world, side, alternative, &projection, ids)?;
            self.look_at(side, alternative, found.into_iter().flatten().collect())?;
        }
        Ok(())
    }

    /// Matches and plans records without a read of anything else; their partners are looked for everywhere.
    pub(super) fn look_at(
        &mut self,
        side: Side,
        alternative: usize,
        records: Vec<Rec>,
    ) -> Result<(), PlanError> {
        let mut extra: [Vec<(usize, Value)>; 2] = Default::default();
        extra[side.index()] = records
            .iter()
            .map(|r| (alternative, r.id().clone()))
            .collect();
        let mut starts = reading::starts(self.world, self.rules, self.request, false)?;
        starts
            .iter_mut()
            .for_each(|s| s.since = Since::Stamp(Value::Text("~".into())));
        self.find_partners(&starts, &extra)?;
        self.page(side, records)
    }
}
