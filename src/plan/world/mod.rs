//! What planning can see: the program, both stores, the ledger, and what this run has planned already.

mod answer;
mod scope;

use std::cell::{Cell, RefCell};

use chrono::{DateTime, Utc};
use rustc_hash::{FxHashMap, FxHashSet};
use smol_str::SmolStr;

use super::fields::Fields;
use super::ids::{IdKey, RecordKey, record_key};
use super::makes::Makes;
use super::{PlanError, SourceRecord, To};
use crate::ledger::{Ledger, Link};
use crate::program::{EvalError, Program, QueryRef, RelId, Side, Slot};
use crate::store::{Record, Store};
use crate::value::Value;
pub use scope::PairScope;

/// A record as the planner holds it: which alternative of its side it is, and its slots.
#[derive(Debug, Clone)]
pub struct Rec {
    pub alternative: usize,
    pub record: Record,
}

impl Rec {
    pub fn key(&self) -> RecordKey {
        record_key(self.alternative, &self.record.id)
    }
    pub fn id(&self) -> &Value {
        &self.record.id
    }
    pub fn slot(&self, slot: Slot) -> &Value {
        self.record
            .values
            .get(slot.0 as usize)
            .unwrap_or(&Value::Null)
    }
}

/// A record of a `lookup … or create` that this run makes.
#[derive(Debug, Clone)]
pub struct Wanted {
    pub query: QueryRef,
    pub keys: Vec<Value>,
    pub fields: Vec<(SmolStr, Value)>,
    /// The first record that needs it.
    pub source: Option<SourceRecord>,
}

/// Answers are kept for a run, but no more than this many.
const ANSWERS: usize = 100_000;

/// A query with its keys.
type Asked = (RelId, QueryRef, Vec<IdKey>);
/// A record's partner, where it is known already.
type Partners = FxHashMap<RecordKey, Option<Value>>;

/// A store's second handle.
#[derive(Default)]
enum Reader {
    #[default]
    NotOpened,
    Free(Box<dyn Store>),
    /// In use, or not to be had.
    Taken,
}

pub struct World<'a> {
    pub program: &'a Program,
    pub ledger: &'a Ledger,
    pub now: DateTime<Utc>,
    stores: [RefCell<&'a mut Box<dyn Store>>; 2],
    readers: [Cell<Reader>; 2],
    answers: RefCell<FxHashMap<Asked, Result<Value, EvalError>>>,
    /// Fields of linked records.
    read: RefCell<FxHashMap<(RelId, Side, IdKey, SmolStr), Value>>,
    turns: RefCell<FxHashMap<u16, u64>>,
    links: RefCell<FxHashMap<(RelId, Side, IdKey), Vec<Link>>>,
    /// Records that this run links: by relationship and side, the id and (where it is known already) its partner's.
    coming: RefCell<FxHashMap<(RelId, Side), Partners>>,
    wanted: RefCell<Vec<Wanted>>,
    made: RefCell<FxHashSet<Asked>>,
    makes: RefCell<Makes>,
    /// Records that this plan writes, of the objects that triggers act on.
    touched: RefCell<FxHashMap<(Side, SmolStr), FxHashSet<IdKey>>>,
    fields: Vec<Fields>,
    unanswered: Cell<bool>,
    /// Relationships whose missing fields are added by this plan.
    altered: RefCell<FxHashSet<RelId>>,
    bring: Bring,
}

/// What `send` and `or sync` bring over by hand.
#[derive(Default)]
struct Bring {
    /// `by_hand()`
    by_hand: Cell<bool>,
    /// How many more records may be brought for one that is brought; none outside planning.
    depth: Cell<u8>,
    /// What the record at hand wants brought first.
    wishes: RefCell<Vec<Wish>>,
    /// Decided about already, or on its way: not wished for again.
    decided: RefCell<FxHashSet<(RelId, Side, IdKey)>>,
    /// Planned by hand: the ordinary plan of their relationship passes them by.
    done: RefCell<FxHashSet<(RelId, Side, SmolStr, IdKey)>>,
    /// Held records that are told already.
    held: RefCell<FxHashSet<(RelId, Side, SmolStr, IdKey)>>,
}

/// A record that `or sync` wants brought over first.
#[derive(Debug, Clone)]
pub struct Wish {
    pub relationship: RelId,
    pub side: Side,
    /// Its object, where the rules say which.
    pub alternative: Option<usize>,
    pub id: Value,
}

/// How long a chain of references is followed at once; the rest is brought over in the passes after.
const DEEPEST: u8 = 16;

impl<'a> World<'a> {
    pub fn new(
        program: &'a Program,
        stores: &'a mut [Box<dyn Store>; 2],
        ledger: &'a Ledger,
        now: DateTime<Utc>,
    ) -> World<'a> {
        let [left, right] = stores;
        World {
            program,
            ledger,
            now,
            stores: [RefCell::new(left), RefCell::new(right)],
            readers: Default::default(),
            answers: RefCell::default(),
            read: RefCell::default(),
            turns: RefCell::default(),
            links: RefCell::default(),
            coming: RefCell::default(),
            wanted: RefCell::default(),
            made: RefCell::default(),
            unanswered: Cell::new(false),
            altered: RefCell::default(),
            bring: Bring::default(),
            makes: RefCell::new(Makes::of(program)),
            touched: RefCell::new(
                program
                    .acted_on()
                    .map(|(side, object)| ((side, object.clone()), FxHashSet::default()))
                    .collect(),
            ),
            fields: program.all_rules().map(Fields::of).collect(),
        }
    }

    pub fn fields(&self, relationship: RelId) -> &Fields {
        &self.fields[usize::from(relationship.0)]
    }

    /// Whether the fields that the relationship adds are planned for the first time.
    pub fn alters(&self, relationship: RelId) -> bool {
        self.altered.borrow_mut().insert(relationship)
    }

    /// A plan is being made, of all records or of those that a user sends.
    pub fn plans(&self, by_hand: bool) {
        self.bring.by_hand.set(by_hand);
        self.bring.depth.set(DEEPEST);
    }

    pub fn is_by_hand(&self) -> bool {
        self.bring.by_hand.get()
    }

    /// Carries out `act` by hand, one step deeper in a chain of references.
    pub fn by_hand<T>(&self, act: impl FnOnce() -> T) -> T {
        let before = (self.bring.by_hand.replace(true), self.bring.depth.get());
        self.bring.depth.set(before.1.saturating_sub(1));
        let outcome = act();
        self.bring.by_hand.set(before.0);
        self.bring.depth.set(before.1);
        outcome
    }

    /// Notes that the record should be brought over before the one at hand; `false` where that was tried already.
    pub fn wish(&self, wish: Wish) -> bool {
        let key = (wish.relationship, wish.side, IdKey(wish.id.clone()));
        if self.bring.depth.get() == 0 || self.bring.decided.borrow().contains(&key) {
            return false;
        }
        self.bring.wishes.borrow_mut().push(wish);
        true
    }

    /// What was wished for since [`World::begin_record`].
    pub fn take_wishes(&self) -> Vec<Wish> {
        std::mem::take(&mut *self.bring.wishes.borrow_mut())
    }

    /// Whether the wish is decided about for the first time.
    pub fn decide(&self, wish: &Wish) -> bool {
        let key = (wish.relationship, wish.side, IdKey(wish.id.clone()));
        self.bring.decided.borrow_mut().insert(key)
    }

    /// The record is planned by hand and needs no other plan.
    pub fn note_brought(&self, relationship: RelId, side: Side, object: &SmolStr, id: &Value) {
        let key = (relationship, side, object.clone(), IdKey(id.clone()));
        self.bring.done.borrow_mut().insert(key);
    }

    pub fn is_brought(
        &self,
        relationship: RelId,
        side: Side,
        object: &SmolStr,
        id: &Value,
    ) -> bool {
        let done = self.bring.done.borrow();
        !done.is_empty() && done.contains(&(relationship, side, object.clone(), IdKey(id.clone())))
    }

    /// Whether the record is told as held for the first time.
    pub fn note_held(&self, relationship: RelId, side: Side, object: &SmolStr, id: &Value) -> bool {
        let key = (relationship, side, object.clone(), IdKey(id.clone()));
        self.bring.held.borrow_mut().insert(key)
    }

    /// Where the round robins stand, and back to there: what is planned again takes no second turn.
    pub fn turns_now(&self) -> FxHashMap<u16, u64> {
        self.turns.borrow().clone()
    }

    pub fn turn_back(&self, turns: FxHashMap<u16, u64>) {
        self.turns.replace(turns);
    }

    /// # Errors
    /// The store's, with its name.
    pub fn store<T>(
        &self,
        side: Side,
        call: impl FnOnce(&mut dyn Store) -> crate::store::StoreOutcome<T>,
    ) -> Result<T, PlanError> {
        let mut store = self.stores[side.index()].borrow_mut();
        call(store.as_mut()).map_err(|error| PlanError::Store {
            store: self.program.stores[side.index()].name.clone(),
            error,
        })
    }

    /// A second handle of the store, for a read on another thread; to be given back. `None`: there is none, or it is taken.
    pub fn take_reader(&self, side: Side) -> Result<Option<Box<dyn Store>>, PlanError> {
        match self.readers[side.index()].replace(Reader::Taken) {
            Reader::NotOpened => self.store(side, |s| s.reader()),
            Reader::Free(reader) => Ok(Some(reader)),
            Reader::Taken => Ok(None),
        }
    }

    pub fn give_reader(&self, side: Side, reader: Box<dyn Store>) {
        self.readers[side.index()].set(Reader::Free(reader));
    }

    /// The links of these records in a relationship, closed ones too; kept until [`World::forget_links`].
    pub fn fetch_links(
        &self,
        relationship: RelId,
        side: Side,
        ids: Vec<Value>,
    ) -> Result<(), PlanError> {
        let mut cache = self.links.borrow_mut();
        let missing: Vec<Value> = ids
            .into_iter()
            .filter(|id| !cache.contains_key(&(relationship, side, IdKey(id.clone()))))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        let found = self
            .ledger
            .links(&self.program[relationship].name, side, &missing)?;
        for id in &missing {
            cache.insert((relationship, side, IdKey(id.clone())), Vec::new());
        }
        for (place, link) in found {
            cache
                .entry((relationship, side, IdKey(missing[place].clone())))
                .or_default()
                .push(link);
        }
        Ok(())
    }

    pub fn forget_links(&self) {
        self.links.borrow_mut().clear();
    }

    /// The live partner of a record in a relationship, of the alternative where one is named.
    pub fn partner(
        &self,
        relationship: RelId,
        side: Side,
        id: &Value,
        alternative: Option<usize>,
    ) -> Result<Partner, PlanError> {
        self.fetch_links(relationship, side, vec![id.clone()])?;
        let rules = &self.program[relationship];
        let fits = |link: &Link| {
            let Some(a) = alternative else { return true };
            let varied = rules.varied().index();
            rules.sides[varied]
                .objects
                .get(a)
                .is_some_and(|o| o.name == link.objects[varied])
        };
        let cache = self.links.borrow();
        let links = cache.get(&(relationship, side, IdKey(id.clone())));
        if let Some(link) = links.into_iter().flatten().find(|l| !l.closed && fits(l)) {
            return Ok(Partner::Linked(link.ids[side.other().index()].clone()));
        }
        let coming = self.coming.borrow();
        let places = 0..rules.sides[side.index()].objects.len();
        let named = |at: &usize| places.len() == 1 || alternative.is_none_or(|a| a == *at);
        Ok(
            match coming.get(&(relationship, side)).and_then(|c| {
                let mut keys = places.clone().filter(named).map(|at| record_key(at, id));
                keys.find_map(|key| c.get(&key))
            }) {
                Some(Some(partner)) => Partner::Linked(partner.clone()),
                Some(None) => Partner::Coming,
                None => Partner::None,
            },
        )
    }

    /// This run links the record: to a known partner, or to one that it makes.
    pub fn note_coming(
        &self,
        relationship: RelId,
        side: Side,
        record: RecordKey,
        partner: Option<Value>,
    ) {
        self.coming
            .borrow_mut()
            .entry((relationship, side))
            .or_default()
            .insert(record, partner);
    }

    /// Forgets what the record at hand wanted and could not see.
    pub fn begin_record(&self) {
        self.wanted.borrow_mut().clear();
        self.bring.wishes.borrow_mut().clear();
        self.unanswered.set(false);
    }

    /// Whether a query of the record at hand found nothing yet.
    pub fn was_unanswered(&self) -> bool {
        self.unanswered.get()
    }

    pub fn wait(&self) {
        self.unanswered.set(true);
    }

    /// The records that the record at hand wants made and that nothing has made before; they count as made from now on.
    pub fn take_wanted(&self, relationship: RelId) -> Vec<Wanted> {
        let mut made = self.made.borrow_mut();
        let wanted = std::mem::take(&mut *self.wanted.borrow_mut());
        wanted
            .into_iter()
            .filter(|w| made.insert((relationship, w.query, keys_of(&w.keys))))
            .collect()
    }

    /// An operation is planned: lookups after it see what it makes, and actions of triggers which records it writes.
    pub fn note_planned(&self, operation: &super::Operation) {
        self.makes.borrow_mut().note(operation);
        let mut touched = self.touched.borrow_mut();
        if touched.is_empty() {
            return;
        }
        let object = (operation.side, operation.object.clone());
        if let (Some(id), Some(records)) = (&operation.id, touched.get_mut(&object)) {
            records.insert(IdKey(id.clone()));
        }
    }

    /// Whether this plan writes the record, of an object that triggers act on.
    pub fn touches(&self, side: Side, object: &SmolStr, id: &Value) -> bool {
        let touched = self.touched.borrow();
        let records = touched.get(&(side, object.clone()));
        records.is_some_and(|records| records.contains(&IdKey(id.clone())))
    }

    /// Whether this plan makes a record with these values of `fields`, the key of an action.
    pub fn makes_by_key<'k>(
        &self,
        side: Side,
        object: &SmolStr,
        fields: impl Iterator<Item = &'k SmolStr> + Clone,
        values: &[Value],
    ) -> bool {
        let makes = self.makes.borrow();
        makes.find(side, object, fields, values).is_some()
    }

    fn turn(&self, number: u16) -> u64 {
        let mut turns = self.turns.borrow_mut();
        let next = turns
            .entry(number)
            .or_insert_with(|| self.ledger.round_robin(number).unwrap_or(0));
        *next += 1;
        *next - 1
    }

    /// The round robins that moved, with their next position.
    pub fn turns(&self) -> Vec<(u16, u64)> {
        let mut turns: Vec<_> = self.turns.borrow().iter().map(|(n, t)| (*n, *t)).collect();
        turns.sort_unstable();
        turns
    }
}

pub(super) fn keys_of(values: &[Value]) -> Vec<IdKey> {
    values.iter().cloned().map(IdKey).collect()
}

pub enum Partner {
    Linked(Value),
    /// Linked by an operation of this run.
    Coming,
    None,
}

pub enum Answer {
    Value(Value),
    Coming(To),
}
