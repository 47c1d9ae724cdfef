//! What happened to the records of watched objects since they were last seen.

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use super::Triggers;
use super::firing::{Pending, message_record, stamp_text};
use crate::ledger::{Cursor, Effect, Sighting};
use crate::plan::reading::{self, Start};
use crate::plan::world::Rec;
use crate::plan::{Phase, PlanError, Progress};
use crate::program::{Happens, RelId, Side, SlotRule};
use crate::schema::Object;
use crate::store::{Projection, Since};
use crate::value::{Value, decode, encode};

/// Stands for the relationship in the cursors of watched objects.
const WATCHED: &str = " (triggers)";

/// An object that triggers watch.
struct Watched<'a> {
    side: Side,
    object: &'a Object,
    /// All triggers that it fires: a record counts as seen by all of them.
    triggers: Vec<RelId>,
    /// What is read of every record: for `was()`, and where nothing else tells a change, everything.
    fields: Vec<SmolStr>,
    /// How many of `fields` are kept.
    kept: usize,
}

/// Something that happened to a record.
struct Happened {
    rec: Rec,
    happens: Happens,
    stamp: Value,
    /// The values kept of it before, by field.
    before: FxHashMap<SmolStr, Value>,
}

impl<'a> Triggers<'_, '_, 'a> {
    pub(super) fn watch(&mut self) -> Result<(), PlanError> {
        for watched in self.watched() {
            self.look_at(&watched)?;
        }
        Ok(())
    }

    /// The objects of the triggers that are asked for, each with all the triggers that it fires.
    fn watched(&self) -> Vec<Watched<'a>> {
        let mut all: Vec<Watched<'a>> = Vec::new();
        for id in self.world.program.trigger_ids() {
            let trigger = self.trigger(id);
            let Some((side, object, happens)) = trigger.record() else {
                continue;
            };
            let slots = &trigger.rules.sides[side.index()].slots;
            let was = trigger.rules.was.iter().filter(|(of, _)| *of == side);
            let was = was.filter_map(|(_, slot)| slots.get(slot.0 as usize));
            // Once a record is gone, nothing else tells what it was.
            let all_of = slots.iter().filter(|_| happens == Happens::Delete);
            let kept = was.chain(all_of).map(|slot| slot.field.clone());
            let same = |w: &&mut Watched<'_>| w.side == side && w.object.name == object.name;
            let watched = match all.iter_mut().find(same) {
                Some(watched) => watched,
                None => {
                    all.push(Watched {
                        side,
                        object,
                        triggers: Vec::new(),
                        fields: Vec::new(),
                        kept: 0,
                    });
                    match all.last_mut() {
                        Some(watched) => watched,
                        None => continue,
                    }
                }
            };
            watched.triggers.push(id);
            watched.fields.extend(kept);
        }
        all.retain(|w| w.triggers.iter().any(|t| self.wanted.contains(t)));
        for watched in &mut all {
            watched.fields.sort();
            watched.fields.dedup();
            watched.kept = watched.fields.len();
            if watched.object.modified.is_none() {
                let rest = watched.object.fields.keys();
                let rest: Vec<_> = rest
                    .filter(|f| !watched.fields.contains(f))
                    .cloned()
                    .collect();
                watched.fields.extend(rest);
            }
        }
        all
    }

    /// What is read of a watched object to see its records, in that order.
    pub(super) fn seen_fields(&self, side: Side, object: &Object) -> Vec<SmolStr> {
        let watched = self.watched().into_iter();
        let mut own = watched.filter(|w| w.side == side && w.object.name == object.name);
        own.next().map(|w| w.fields).unwrap_or_default()
    }

    fn look_at(&mut self, watched: &Watched<'a>) -> Result<(), PlanError> {
        let (world, side, name) = (self.world, watched.side, &watched.object.name);
        if watched.object.id.is_none() {
            return Ok(());
        }
        let kept = &watched.fields[..watched.kept];
        let before = world.ledger.watch(side, name)?;
        let first = before.is_none();
        let same_fields = before.as_deref() == Some(kept);
        let cursor = world.ledger.cursor(WATCHED, side, name)?;
        let read_at = world.store(side, |s| s.now())?;
        let whole = self.request.full
            || first
            || !same_fields
            || watched.object.modified.is_none()
            || cursor.is_none();
        let since = match &cursor {
            Some(cursor) if !whole => reading::since(
                world,
                side,
                name,
                cursor,
                self.request.overlap[side.index()],
            )?,
            _ => Since::Start,
        };
        let mut start = Start {
            side,
            alternative: 0,
            since: since.clone(),
            read_at,
            greatest: cursor.map(|c| c.stamp).filter(|s| !s.is_null()),
        };
        if !same_fields {
            self.sink.effect(Effect::Watch {
                side,
                object: name.clone(),
                fields: kept.to_vec(),
            })?;
        }
        let projection = Projection {
            object: name.clone(),
            fields: watched.fields.iter().cloned().map(Some).collect(),
        };
        let mut read = 0;
        reading::read(world, side, 0, &projection, &since, &mut |records| {
            read += records.len() as u64;
            if let Some(relationship) = watched.triggers.first() {
                self.sink.progress(Progress {
                    relationship: *relationship,
                    side,
                    read,
                    total: None,
                    phase: Phase::Match,
                });
            }
            start.saw(records.iter().map(|r| &r.record.stamp));
            let happened = self.see(watched, records, (first, !same_fields), before.as_deref())?;
            self.fire_all(watched, happened)
        })?;
        if whole && !first {
            self.gone(watched, before.as_deref().unwrap_or_default())?;
        }
        self.sink.effect(Effect::Cursor {
            relationship: WATCHED.into(),
            side,
            object: name.clone(),
            cursor: Cursor {
                stamp: start.greatest.unwrap_or_default(),
                read_at,
            },
        })
    }

    /// Compares records with how they were last seen, and notes how they are now. At the first read of an object nothing has happened.
    fn see(
        &mut self,
        watched: &Watched<'a>,
        records: Vec<Rec>,
        (first, keep_anew): (bool, bool),
        fields_before: Option<&[SmolStr]>,
    ) -> Result<Vec<Happened>, PlanError> {
        let (side, name) = (watched.side, &watched.object.name);
        let ids: Vec<Value> = records.iter().map(|r| r.id().clone()).collect();
        let seen = match first {
            true => vec![None; ids.len()],
            false => self.world.ledger.sightings(side, name, &ids)?,
        };
        let mut happened = Vec::new();
        for (rec, seen) in records.into_iter().zip(seen) {
            let stamp = stamp_of(watched.object, &rec);
            if rec.record.deleted {
                if let Some(seen) = seen {
                    self.sink.effect(Effect::Unsee {
                        side,
                        object: name.clone(),
                        id: rec.id().clone(),
                    })?;
                    happened.push(Happened {
                        rec,
                        happens: Happens::Delete,
                        stamp: seen.stamp.clone(),
                        before: kept_before(&seen, fields_before),
                    });
                }
                continue;
            }
            let same = seen.as_ref().is_some_and(|s| s.stamp.same(&stamp));
            if same && !keep_anew {
                continue;
            }
            let kept = &rec.record.values[..watched.kept.min(rec.record.values.len())];
            self.sink.effect(Effect::See(Sighting {
                side,
                object: name.clone(),
                id: rec.id().clone(),
                stamp: stamp.clone(),
                kept: encode_kept(kept),
            }))?;
            if first || same {
                continue;
            }
            happened.push(Happened {
                happens: match seen {
                    None => Happens::Create,
                    Some(_) => Happens::Change,
                },
                before: seen.map_or_else(FxHashMap::default, |s| kept_before(&s, fields_before)),
                rec,
                stamp,
            });
        }
        Ok(happened)
    }

    /// After a whole read: what was seen before and is there no longer was deleted.
    fn gone(&mut self, watched: &Watched<'a>, fields: &[SmolStr]) -> Result<(), PlanError> {
        let (world, side, name) = (self.world, watched.side, &watched.object.name);
        let projection = Projection {
            object: name.clone(),
            fields: Vec::new(),
        };
        let mut after: Option<Value> = None;
        loop {
            let seen = world
                .ledger
                .all_sightings(side, name, after.as_ref(), reading::PAGE)?;
            let Some(last) = seen.last() else {
                return Ok(());
            };
            after = Some(last.id.clone());
            let ids: Vec<Value> = seen.iter().map(|s| s.id.clone()).collect();
            let found = reading::get(world, side, 0, &projection, &ids)?;
            let mut happened = Vec::new();
            for (seen, _) in seen
                .into_iter()
                .zip(found)
                .filter(|(_, found)| found.is_none())
            {
                self.sink.effect(Effect::Unsee {
                    side,
                    object: name.clone(),
                    id: seen.id.clone(),
                })?;
                let before = kept_before(&seen, Some(fields));
                happened.push(Happened {
                    rec: message_record(seen.id, Box::default()),
                    happens: Happens::Delete,
                    stamp: seen.stamp,
                    before,
                });
            }
            self.fire_all(watched, happened)?;
        }
    }

    /// Fires every trigger for what happened to these records.
    fn fire_all(
        &mut self,
        watched: &Watched<'a>,
        happened: Vec<Happened>,
    ) -> Result<(), PlanError> {
        if happened.is_empty() {
            return Ok(());
        }
        for id in &watched.triggers {
            let trigger = self.trigger(*id);
            let Some((side, object, happens)) = trigger.record() else {
                continue;
            };
            let own: Vec<&Happened> = happened.iter().filter(|h| h.happens == happens).collect();
            if own.is_empty() {
                continue;
            }
            let ids: Vec<Value> = own.iter().map(|h| h.rec.id().clone()).collect();
            let projection = reading::whole(&trigger.rules, side, 0);
            let found = reading::get(self.world, side, 0, &projection, &ids)?;
            let slots = &trigger.rules.sides[side.index()].slots;
            let fired = own.into_iter().zip(found).map(|(happened, found)| {
                let kept: Vec<Value> = trigger
                    .rules
                    .was
                    .iter()
                    .map(|(of, slot)| {
                        let slot = slots.get(slot.0 as usize).filter(|_| *of == side);
                        let before = slot.and_then(|slot| happened.before.get(&slot.field));
                        before.cloned().unwrap_or_default()
                    })
                    .collect();
                let record = happened.rec.id().clone();
                let key = self.key(object, happened);
                let rec = found.unwrap_or_else(|| gone_record(object, slots, happened));
                let of = (side, object.name.clone(), record);
                Pending::new(trigger, key, of, rec, kept, self.world.now)
            });
            let fired = fired.collect();
            self.fire(*id, fired)?;
        }
        Ok(())
    }

    /// What makes the firing one: what happened to which version of the record.
    fn key(&self, object: &Object, happened: &Happened) -> String {
        let version = stamp_text(&happened.stamp);
        let id = happened.rec.id();
        let word = happened.happens.word();
        // A version without a stamp may come back, as may a record that was deleted.
        let again = object.modified.is_none() || happened.happens == Happens::Delete;
        match again {
            true => format!("{word} {id} {version} {}", self.world.now.to_rfc3339()),
            false => format!("{word} {id} {version}"),
        }
    }
}

/// A record that is gone, as far as it is known.
fn gone_record(object: &Object, slots: &[SlotRule], happened: &Happened) -> Rec {
    let id = happened.rec.id();
    let known = |slot: &SlotRule| match Some(&slot.field) == object.id.as_ref() {
        true => id.clone(),
        false => happened
            .before
            .get(&slot.field)
            .cloned()
            .unwrap_or_default(),
    };
    message_record(id.clone(), slots.iter().map(known).collect())
}

/// What tells one version of a record from another: its stamp, or without a modification column a hash of all its fields.
pub(super) fn stamp_of(object: &Object, rec: &Rec) -> Value {
    if object.modified.is_some() {
        return rec.record.stamp.clone();
    }
    let mut bytes = Vec::new();
    rec.record.values.iter().for_each(|v| encode(v, &mut bytes));
    Value::Int(xxhash_rust::xxh3::xxh3_64(&bytes).cast_signed())
}

fn encode_kept(values: &[Value]) -> Box<[u8]> {
    let mut bytes = Vec::new();
    values.iter().for_each(|v| encode(v, &mut bytes));
    bytes.into()
}

fn kept_before(seen: &Sighting, fields: Option<&[SmolStr]>) -> FxHashMap<SmolStr, Value> {
    let mut at = 0;
    let fields = fields.unwrap_or_default().iter();
    fields
        .map_while(|field| Some((field.clone(), decode(&seen.kept, &mut at)?)))
        .collect()
}
