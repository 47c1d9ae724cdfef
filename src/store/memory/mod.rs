//! A store in memory, for rule tests and the simulator: deterministic, its clock set from outside.

mod rows;
mod write;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use indexmap::IndexMap;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use self::rows::Rows;
use super::columns::marks_deleted;
use super::stamp::{StampFormat, content_stamp, spaced_range};
use super::{
    Capabilities, Page, PageToken, Projection, Record, Since, Step, Store, StoreError,
    StoreOutcome, Together, Wake, Write, WriteResult,
};
use crate::schema::{Field, Object, StoreSchema};
use crate::value::{Type, Value, convert};

/// Records in memory. A clone is another handle to the same records: a rule test edits them while the engine holds the store.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    world: Arc<Mutex<World>>,
}

#[derive(Debug)]
struct World {
    schema: StoreSchema,
    tables: IndexMap<SmolStr, Rows>,
    /// Moves on by a millisecond with each write, so that stamps strictly increase.
    now: DateTime<Utc>,
    /// How often records were changed from outside.
    changes: u64,
    watchers: Watchers,
}

/// Who waits for changes from outside.
#[derive(Default)]
struct Watchers(Vec<Wake>);

impl std::fmt::Debug for Watchers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Watchers({})", self.0.len())
    }
}

impl MemoryStore {
    /// An empty store of this shape. Its clock stands at 1970 until it is set.
    pub fn new(schema: StoreSchema) -> Self {
        let tables = schema
            .objects
            .keys()
            .map(|name| (name.clone(), Rows::default()))
            .collect();
        MemoryStore {
            world: Arc::new(Mutex::new(World {
                schema,
                tables,
                now: DateTime::UNIX_EPOCH,
                changes: 0,
                watchers: Watchers::default(),
            })),
        }
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A change from outside; then whoever waits for one is told.
    fn change<T>(&self, act: impl FnOnce(&mut World) -> StoreOutcome<T>) -> StoreOutcome<T> {
        let mut world = self.world();
        let outcome = act(&mut world)?;
        world.changes += 1;
        let watchers = world.watchers.0.clone();
        drop(world);
        watchers.iter().for_each(|wake| wake());
        Ok(outcome)
    }

    /// Sets the clock. It never goes back behind a stamp that was given.
    pub fn set_now(&self, now: DateTime<Utc>) {
        let mut world = self.world();
        world.now = world.now.max(now);
    }

    /// Puts a record in from outside, as another program would: id, defaults and stamp are filled in where they are left out, and
    /// nothing is required. The new record's id.
    ///
    /// # Errors
    /// An object or field that is not there, or an id that is taken.
    pub fn insert(&self, object: &str, fields: &[(SmolStr, Value)]) -> StoreOutcome<Value> {
        self.change(|world| world.insert(object, fields))
    }

    /// Changes a record from outside; whether it was there.
    ///
    /// # Errors
    /// An object or field that is not there.
    pub fn update(
        &self,
        object: &str,
        id: &Value,
        fields: &[(SmolStr, Value)],
    ) -> StoreOutcome<bool> {
        self.change(|world| world.update(object, id, fields))
    }

    /// Deletes a record from outside: marks it where the object has a deleted column, else removes it. Whether it was there.
    ///
    /// # Errors
    /// An object that is not there.
    pub fn delete(&self, object: &str, id: &Value) -> StoreOutcome<bool> {
        self.change(|world| world.delete(object, id))
    }

    /// The object's records that are not deleted, in the order of their creation, by field.
    pub fn rows(&self, object: &str) -> Vec<IndexMap<SmolStr, Value>> {
        let world = self.world();
        let (Some(shape), Some(rows)) =
            (world.schema.objects.get(object), world.tables.get(object))
        else {
            return Vec::new();
        };
        rows.all()
            .filter(|(_, row)| !is_deleted(shape, row))
            .map(|(_, row)| {
                shape
                    .fields
                    .keys()
                    .cloned()
                    .zip(row.iter().cloned())
                    .collect()
            })
            .collect()
    }
}

fn slot(shape: &Object, field: Option<&SmolStr>) -> Option<usize> {
    shape.fields.get_index_of(field?)
}

fn is_deleted(shape: &Object, row: &[Value]) -> bool {
    slot(shape, shape.deleted.as_ref())
        .and_then(|at| row.get(at))
        .is_some_and(marks_deleted)
}

/// A value as the field keeps it, or as it is where the field can't.
fn kept(value: &Value, ty: &Type) -> Value {
    convert(value.clone(), ty).unwrap_or_else(|_| value.clone())
}

impl World {
    fn shape(&self, object: &str) -> StoreOutcome<Arc<Object>> {
        self.schema
            .objects
            .get(object)
            .cloned()
            .ok_or_else(|| StoreError::Shape(format!("there is no object `{object}`")))
    }

    fn rows(&self, object: &str) -> StoreOutcome<&Rows> {
        self.tables
            .get(object)
            .ok_or_else(|| StoreError::Shape(format!("there is no object `{object}`")))
    }

    fn id_of(shape: &Object) -> StoreOutcome<usize> {
        slot(shape, shape.id.as_ref())
            .ok_or_else(|| StoreError::Shape(format!("`{}` has no primary key", shape.name)))
    }

    /// The next moment.
    fn tick(&mut self) -> DateTime<Utc> {
        self.now += TimeDelta::milliseconds(1);
        self.now
    }

    /// The form of the modification column: by its newest stamp, else by its type.
    fn stamp_format(&self, shape: &Object) -> StampFormat {
        let Some(modified) = &shape.modified else {
            return StampFormat::ISO;
        };
        let at = slot(shape, Some(modified));
        let newest = self.tables.get(&shape.name).and_then(|rows| {
            rows.all()
                .rev()
                .filter_map(|(_, row)| row.get(at?))
                .find_map(StampFormat::of)
        });
        let numeric = matches!(
            shape.fields.get(modified).map(|field| &field.ty),
            Some(Type::Number { .. })
        );
        newest.unwrap_or(if numeric {
            StampFormat::EPOCH_MILLIS
        } else {
            StampFormat::ISO
        })
    }

    fn record(shape: &Object, row: &[Value], slots: &[Option<usize>]) -> Record {
        let modified = slot(shape, shape.modified.as_ref());
        let values: Vec<Value> = slots
            .iter()
            .map(|slot| match slot {
                // A stamp is kept as it was written; as a value it is of its field's type.
                Some(at) if Some(*at) == modified => kept(&row[*at], &shape.fields[*at].ty),
                Some(at) => row[*at].clone(),
                None => Value::Null,
            })
            .collect();
        let id = slot(shape, shape.id.as_ref()).map_or(Value::Null, |at| row[at].clone());
        let stamp = modified.map_or_else(|| content_stamp(&values), |at| row[at].clone());
        Record {
            id,
            stamp,
            deleted: is_deleted(shape, row),
            values: values.into_boxed_slice(),
        }
    }

    fn slots(shape: &Object, projection: &Projection) -> StoreOutcome<Vec<Option<usize>>> {
        projection
            .fields
            .iter()
            .map(|field| {
                field
                    .as_ref()
                    .map(|field| Self::field(shape, field))
                    .transpose()
            })
            .collect()
    }

    fn field(shape: &Object, field: &SmolStr) -> StoreOutcome<usize> {
        shape
            .fields
            .get_index_of(field)
            .ok_or_else(|| StoreError::Shape(format!("`{}` has no field `{field}`", shape.name)))
    }

    fn read(
        &self,
        projection: &Projection,
        since: &Since,
        after: Option<&PageToken>,
        limit: usize,
    ) -> StoreOutcome<Page> {
        let shape = self.shape(&projection.object)?;
        Self::id_of(&shape)?;
        let slots = Self::slots(&shape, projection)?;
        let modified = slot(&shape, shape.modified.as_ref());
        let since = match (since, modified) {
            (Since::Stamp(stamp), Some(at)) if !stamp.is_null() => {
                Some((at, stamp, spaced_range(stamp)))
            }
            _ => None,
        };
        let fresh = |row: &[Value]| match &since {
            None => true,
            Some((at, from, spaced)) => {
                let stamp = &row[*at];
                let within = |(from, before): &(Value, Value)| {
                    stamp.order(from).is_some_and(|it| it.is_ge())
                        && stamp.order(before).is_some_and(|it| it.is_lt())
                };
                stamp.order(from).is_none_or(|it| it.is_ge()) || spaced.as_ref().is_some_and(within)
            }
        };
        let start = match after.map(|token| &token.0[..]) {
            Some([Value::Int(row)]) => u64::try_from(*row).map_or(0, |row| row + 1),
            _ => 0,
        };
        let mut page = Page::default();
        for (number, row) in self
            .rows(&projection.object)?
            .from(start)
            .filter(|(_, row)| fresh(row))
        {
            page.records.push(Self::record(&shape, row, &slots));
            if page.records.len() >= limit {
                page.next = Some(PageToken(vec![Value::Int(number.cast_signed())]));
                break;
            }
        }
        Ok(page)
    }

    fn find(
        &self,
        projection: &Projection,
        fields: &[SmolStr],
        keys: &[Vec<Value>],
    ) -> StoreOutcome<Vec<Vec<Record>>> {
        let shape = self.shape(&projection.object)?;
        let slots = Self::slots(&shape, projection)?;
        let places: Vec<usize> = fields
            .iter()
            .map(|field| Self::field(&shape, field))
            .collect::<StoreOutcome<_>>()?;
        let hash = |values: &mut dyn Iterator<Item = Value>| {
            values.fold(0_u64, |hash, value| hash.rotate_left(7) ^ value.hash64())
        };
        let mut wanted: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
        for (number, key) in keys
            .iter()
            .enumerate()
            .filter(|(_, key)| key.len() == places.len() && !key.iter().any(Value::is_null))
        {
            let kept = hash(
                &mut key
                    .iter()
                    .zip(&places)
                    .map(|(value, at)| kept(value, &shape.fields[*at].ty)),
            );
            wanted.entry(kept).or_default().push(number);
        }
        let mut found = vec![Vec::new(); keys.len()];
        for (_, row) in self
            .rows(&projection.object)?
            .all()
            .filter(|(_, row)| !is_deleted(&shape, row))
        {
            for number in wanted
                .get(&hash(&mut places.iter().map(|at| row[*at].clone())))
                .into_iter()
                .flatten()
            {
                let equal = places
                    .iter()
                    .zip(&keys[*number])
                    .all(|(at, key)| row[*at].same(&kept(key, &shape.fields[*at].ty)));
                if equal {
                    found[*number].push(Self::record(&shape, row, &slots));
                }
            }
        }
        Ok(found)
    }
}

impl Store for MemoryStore {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            kind: "memory",
            batch: 1000,
            alter: true,
            options: &[],
            transactions: None,
        }
    }

    fn describe(&mut self) -> StoreOutcome<StoreSchema> {
        Ok(self.world().schema.clone())
    }

    fn now(&mut self) -> StoreOutcome<DateTime<Utc>> {
        Ok(self.world().now)
    }

    fn stamp_before(
        &mut self,
        object: &str,
        stamp: &Value,
        millis: i64,
    ) -> StoreOutcome<Option<Value>> {
        self.world().shape(object)?;
        Ok(StampFormat::before(stamp, millis))
    }

    fn stamp_of(&mut self, object: &str, instant: DateTime<Utc>) -> StoreOutcome<Value> {
        let world = self.world();
        let shape = world.shape(object)?;
        Ok(world.stamp_format(&shape).format(instant))
    }

    fn read(
        &mut self,
        projection: &Projection,
        since: &Since,
        after: Option<&PageToken>,
        limit: usize,
    ) -> StoreOutcome<Page> {
        self.world().read(projection, since, after, limit)
    }

    fn get(&mut self, projection: &Projection, ids: &[Value]) -> StoreOutcome<Vec<Option<Record>>> {
        let world = self.world();
        let shape = world.shape(&projection.object)?;
        World::id_of(&shape)?;
        let slots = World::slots(&shape, projection)?;
        let rows = world.rows(&projection.object)?;
        Ok(ids
            .iter()
            .map(|id| {
                rows.by_id(&shape, id)
                    .map(|(_, row)| World::record(&shape, row, &slots))
            })
            .collect())
    }

    fn find(
        &mut self,
        projection: &Projection,
        fields: &[SmolStr],
        keys: &[Vec<Value>],
    ) -> StoreOutcome<Vec<Vec<Record>>> {
        self.world().find(projection, fields, keys)
    }

    fn indexed(&self, object: &str, fields: &[SmolStr]) -> bool {
        let world = self.world();
        let Some(shape) = world.schema.objects.get(object) else {
            return false;
        };
        fields.iter().any(|name| {
            shape.id.as_ref() == Some(name)
                || shape
                    .fields
                    .get(name)
                    .is_some_and(|field| field.indexed || field.unique)
        })
    }

    fn estimate(&mut self, object: &str) -> StoreOutcome<u64> {
        Ok(self.world().rows(object)?.all().count() as u64)
    }

    fn rewrites(&self, _object: &str) -> bool {
        false
    }

    fn make_id(&mut self, object: &str) -> Option<Value> {
        self.world().make_text_id(object)
    }

    fn write(&mut self, object: &str, writes: &[Write]) -> StoreOutcome<Vec<WriteResult>> {
        self.world().write(object, writes)
    }

    fn write_together(
        &mut self,
        _purpose: Together,
        steps: &[Step],
    ) -> StoreOutcome<Vec<WriteResult>> {
        self.world().write_together(steps)
    }

    fn add_field(&mut self, object: &str, field: &Field) -> StoreOutcome<()> {
        let mut world = self.world();
        let mut shape = world.shape(object)?;
        if shape.fields.contains_key(&field.name) {
            return Err(StoreError::Shape(format!(
                "`{object}` has a field `{}` already",
                field.name
            )));
        }
        Arc::make_mut(&mut shape)
            .fields
            .insert(field.name.clone(), field.clone());
        world.schema.objects.insert(object.into(), shape);
        if let Some(rows) = world.tables.get_mut(object) {
            rows.widen(field.default.clone().unwrap_or_default());
        }
        Ok(())
    }

    fn outside_changes(&mut self) -> StoreOutcome<Option<u64>> {
        Ok(Some(self.world().changes))
    }

    fn notify(&mut self, wake: Wake) {
        self.world().watchers.0.push(wake);
    }
}

#[cfg(test)]
mod tests {
    use super::super::conformance;
    use super::*;

    #[test]
    fn conforms() {
        conformance::suite(
            || {
                let store = MemoryStore::new(conformance::world());
                let outside = store.clone();
                let touch = move |id: &Value, stamp: &str| {
                    assert_eq!(
                        outside.update(
                            "person",
                            id,
                            &[("updated_at".into(), Value::Text(stamp.into()))]
                        ),
                        Ok(true)
                    );
                };
                (Box::new(store), Box::new(touch))
            },
            true,
        );
    }

    #[test]
    fn who_waits_for_a_change_is_told_at_once() {
        use std::sync::atomic::{AtomicU32, Ordering};
        let store = MemoryStore::new(conformance::world());
        let told = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&told);
        let wake: Wake = Arc::new(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        store.clone().notify(wake);
        store.insert("person", &[]).unwrap();
        assert_eq!(told.load(Ordering::SeqCst), 1);
        assert!(store.insert("nobody", &[]).is_err());
        assert_eq!(told.load(Ordering::SeqCst), 1, "nothing changed");
    }

    #[test]
    fn a_handle_edits_from_outside() {
        let store = MemoryStore::new(conformance::world());
        store.set_now(DateTime::UNIX_EPOCH + TimeDelta::days(1));
        let id = store.insert("person", &[("id".into(), Value::Int(7))]);
        assert_eq!(id, Ok(Value::Int(7)));
        assert!(
            store
                .insert("person", &[("id".into(), Value::Int(7))])
                .is_err()
        );
        assert!(
            store
                .insert("person", &[("nmae".into(), Value::Null)])
                .is_err()
        );
        assert_eq!(store.update("person", &Value::Int(8), &[]), Ok(false));
        let rows = store.clone().rows("person");
        assert_eq!(
            rows[0]["updated_at"],
            Value::Text("1970-01-02T00:00:00.001Z".into())
        );
        assert_eq!(rows[0]["active"], Value::Bool(true));
        assert_eq!(store.delete("person", &Value::Int(7)), Ok(true));
        assert_eq!(store.rows("person").len(), 0);
    }
}
