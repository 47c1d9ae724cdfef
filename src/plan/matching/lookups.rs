//! Records that share a key with given ones, whether they changed or not.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Matching;
use super::candidate::Candidate;
use super::candidates::Candidates;
use super::claims::Claims;
use super::keys::KeyHash;
use super::matches::Hits;
use crate::plan::PlanError;
use crate::plan::ids::IdKey;
use crate::plan::reading;
use crate::plan::world::Rec;
use crate::program::{Expr, Side};
use crate::store::{Projection, Since};
use crate::value::Value;

impl Matching<'_, '_, '_> {
    /// The records of an alternative that share a key with `rec`, linked ones too: of the first key that finds any.
    pub fn others_of(
        &self,
        side: Side,
        rec: &Rec,
        alternative: usize,
    ) -> Result<Option<Hits>, PlanError> {
        let mut bytes = Vec::new();
        let keys: Box<[Option<KeyHash>]> = (0..self.rules.keys.len())
            .map(|level| self.key(level, side, rec, &mut bytes))
            .collect();
        if keys.iter().all(Option::is_none) {
            return Ok(None);
        }
        let mut wanted = Candidates::new(keys.len(), false);
        wanted.push(Candidate::new(rec.alternative, rec.id().clone(), keys));
        let other = side.other();
        let mut found: Vec<Vec<(Value, Value)>> = vec![Vec::new(); self.rules.keys.len()];
        let mut add = |records: Vec<Rec>| {
            for mut each in records.into_iter().filter(|r| !r.record.deleted) {
                let mut bytes = Vec::new();
                let level = (0..self.rules.keys.len()).find(|l| {
                    let key = self.key(*l, other, &each, &mut bytes);
                    key.is_some() && key == wanted.key(*l, 0)
                });
                let age = each.record.values.last_mut().map(std::mem::take);
                let entry = (each.record.id, age.unwrap_or_default());
                if let Some(place) = level.and_then(|l| found.get_mut(l))
                    && !place.iter().any(|(id, _)| id.same(&entry.0))
                {
                    place.push(entry);
                }
            }
            Ok(())
        };
        let projection = reading::survey(self.rules, other, alternative);
        self.sharing(other, alternative, &projection, &wanted, &mut add)?;
        let level = found.iter().position(|f| !f.is_empty());
        Ok(level.map(|key| Hits {
            key,
            records: std::mem::take(&mut found[key]),
        }))
    }

    /// Unlinked records of `side`, changed or not, that share a key with one of `wanted`.
    pub(super) fn pool(
        &self,
        side: Side,
        wanted: &Candidates,
        into: &mut Candidates,
    ) -> Result<(), PlanError> {
        let claims = Claims::of(wanted);
        if claims.is_empty() {
            return Ok(());
        }
        let mut known: FxHashSet<(usize, IdKey)> = into
            .iter()
            .map(|(alternative, id)| (alternative, IdKey(id)))
            .collect();
        for alternative in 0..self.rules.sides[side.index()].objects.len() {
            let projection = reading::survey(self.rules, side, alternative);
            let mut add = |records: Vec<Rec>| {
                let hits = records
                    .into_iter()
                    .filter(|rec| {
                        let mut bytes = Vec::new();
                        (0..self.rules.keys.len()).any(|l| {
                            self.key(l, side, rec, &mut bytes)
                                .is_some_and(|h| claims.has(l, h))
                        })
                    })
                    .collect::<Vec<_>>();
                for candidate in self.candidates(side, hits)? {
                    if known.insert((candidate.alternative, IdKey(candidate.id.clone()))) {
                        into.push(candidate);
                    }
                }
                Ok(())
            };
            self.sharing(side, alternative, &projection, wanted, &mut add)?;
        }
        Ok(())
    }

    /// Records of an object among which are all that share a key with one of `wanted`: those that lookups find where an index answers
    /// them, else all there are.
    fn sharing(
        &self,
        side: Side,
        alternative: usize,
        projection: &Projection,
        wanted: &Candidates,
        take: &mut dyn FnMut(Vec<Rec>) -> Result<(), PlanError>,
    ) -> Result<(), PlanError> {
        let Some(lookups) = self.lookups(side, alternative, wanted)? else {
            let since = &Since::Start;
            return reading::read(self.world, side, alternative, projection, since, take);
        };
        for (fields, keys) in lookups {
            let found = self
                .world
                .store(side, |s| s.find(projection, &fields, &keys))?;
            let records = found.into_iter().flatten().map(|record| Rec {
                alternative,
                record,
            });
            take(records.collect())?;
        }
        Ok(())
    }

    /// Every key as an indexed lookup of plain fields with the values of the wanted records; `None` where one key is more than that.
    #[allow(clippy::type_complexity)]
    fn lookups(
        &self,
        side: Side,
        alternative: usize,
        wanted: &Candidates,
    ) -> Result<Option<Vec<(Vec<smol_str::SmolStr>, Vec<Vec<Value>>)>>, PlanError> {
        let mut lookups = Vec::new();
        let object = &self.rules.sides[side.index()].objects[alternative].name;
        let other = side.other();
        let mut read: FxHashMap<usize, Vec<Rec>> = FxHashMap::default();
        for (level, key) in self.rules.keys.iter().enumerate() {
            let mut fields = Vec::new();
            for (left, right) in &key.columns {
                let Expr::Field(of, slot) = (if side == Side::Left { left } else { right }) else {
                    return Ok(None);
                };
                if *of != side {
                    return Ok(None);
                }
                fields.push(
                    self.rules.sides[side.index()].slots[slot.0 as usize]
                        .field
                        .clone(),
                );
            }
            if !self.world.store(side, |s| Ok(s.indexed(object, &fields)))? {
                return Ok(None);
            }
            let mut keys = Vec::new();
            for (place, _) in wanted.with_key(level) {
                let (here, id) = wanted.record(place);
                let records = match read.entry(here) {
                    std::collections::hash_map::Entry::Occupied(e) => e.into_mut(),
                    std::collections::hash_map::Entry::Vacant(e) => {
                        let ids = wanted.iter().filter(|(a, _)| *a == here);
                        let ids: Vec<Value> = ids.map(|(_, id)| id).collect();
                        let projection = reading::survey(self.rules, other, here);
                        let found = reading::get(self.world, other, here, &projection, &ids)?;
                        e.insert(found.into_iter().flatten().collect())
                    }
                };
                let Some(rec) = records.iter().find(|r| r.id().same(&id)) else {
                    continue;
                };
                let lines = self.lines(other, rec);
                let values: Option<Vec<Value>> = key
                    .columns
                    .iter()
                    .map(|(l, r)| lines.value(if other == Side::Left { l } else { r }).ok())
                    .collect();
                let Some(values) = values else { continue };
                if values
                    .iter()
                    .any(|v| matches!(v, Value::Text(t) if t.contains('@')))
                    || wanted.len() > 5_000
                {
                    return Ok(None);
                }
                keys.push(values);
            }
            lookups.push((fields, keys));
        }
        Ok(Some(lookups))
    }
}
