//! What was made of an object since a run began and may be what one of its creates has made: one look through the object serves all
//! batches that were sent.

use chrono::{DateTime, Timelike, Utc};
use rustc_hash::FxHashSet;

use super::twin::{Mark, marks_of};
use crate::plan::instant_of;
use crate::schema::Object;
use crate::store::{Projection, Record, Since, Store, StoreOutcome};
use crate::value::Value;

/// Creates whose answers are not known, by what their records are told by.
#[derive(Debug, Default, Clone)]
pub struct Sought {
    /// The store's time before the first of them left.
    first: Option<DateTime<Utc>>,
    marks: FxHashSet<Mark>,
    /// One of them sends nothing that tells it: any record may be its own.
    any: bool,
}

impl Sought {
    pub fn add(&mut self, sent_after: DateTime<Utc>, marks: Vec<Mark>) {
        self.any |= marks.is_empty();
        self.marks.extend(marks);
        self.begin_at(Some(sent_after));
    }

    pub fn add_all(&mut self, others: Sought) {
        self.any |= others.any;
        self.marks.extend(others.marks);
        self.begin_at(others.first);
    }

    fn begin_at(&mut self, sent_after: Option<DateTime<Utc>>) {
        self.first = self.first.into_iter().chain(sent_after).min();
    }

    pub fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    fn includes(&self, others: &Sought) -> bool {
        self.first <= others.first
            && (self.any || !others.any)
            && others.marks.is_subset(&self.marks)
    }

    /// Whether a record may be of one of them; `marks`: its own.
    pub fn may_have_made(&self, record: &Record, marks: &[Mark]) -> bool {
        let late = |at| self.first.is_some_and(|first| not_before(at, first));
        !record.deleted
            && instant_of(&record.stamp).is_none_or(late)
            && (self.any || marks.iter().any(|mark| self.marks.contains(mark)))
    }

    /// The places of the fields that tell them apart.
    pub fn fields(&self) -> FxHashSet<usize> {
        self.marks.iter().map(|(at, _)| *at).collect()
    }
}

/// Which of several records have a mark.
#[derive(Default)]
pub struct Marks {
    /// With the record's place, sorted.
    places: Vec<(Mark, u32)>,
    records: u32,
}

impl Marks {
    pub fn of(all: impl Iterator<Item = Vec<Mark>>) -> Marks {
        let mut marks = Marks::default();
        all.for_each(|own| marks.push(own));
        marks.places.sort_unstable();
        marks
    }

    fn push(&mut self, own: Vec<Mark>) {
        let place = self.records;
        self.places
            .extend(own.into_iter().map(|mark| (mark, place)));
        self.records += 1;
    }

    /// The places, in order, of those that share one of `marks`; of all where there is none.
    pub fn shared_by<'m>(&self, marks: impl IntoIterator<Item = &'m Mark>) -> Vec<usize> {
        let mut marks = marks.into_iter().peekable();
        if marks.peek().is_none() {
            return (0..self.records as usize).collect();
        }
        let with = |mark: &'m Mark| {
            let from = self.places.partition_point(|(m, _)| m < mark);
            let rest = self.places[from..].iter();
            rest.take_while(move |(m, _)| m == mark)
                .map(|(_, place)| *place as usize)
        };
        let mut places: Vec<usize> = marks.flat_map(with).collect();
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// The records that some creates may have made.
#[derive(Default)]
pub struct Made {
    of: Sought,
    /// The places of the fields that tell them apart.
    fields: FxHashSet<usize>,
    ids: Vec<Value>,
    marks: Marks,
}

impl Made {
    /// None yet.
    pub fn new(of: Sought) -> Made {
        Made {
            fields: of.fields(),
            of,
            ..Made::default()
        }
    }

    /// Where a read of what was made since the first of them left begins.
    ///
    /// # Errors
    /// Of the store.
    pub fn since(&self, store: &mut dyn Store, schema: &Object) -> StoreOutcome<Since> {
        Ok(match (&schema.modified, self.of.first) {
            (Some(_), Some(first)) => {
                Since::Stamp(store.stamp_of(&schema.name, whole_second(first))?)
            }
            _ => Since::Start,
        })
    }

    /// What is to be read of each record; the other slots stay null.
    pub fn projection(&self, schema: &Object) -> Projection {
        let names = schema.fields.keys().enumerate();
        Projection {
            object: schema.name.clone(),
            fields: names
                .map(|(at, name)| self.fields.contains(&at).then(|| name.clone()))
                .collect(),
        }
    }

    pub fn may_be_of(&self, record: &Record) -> bool {
        self.of
            .may_have_made(record, &marks_of(record, &self.fields))
    }

    pub fn add(&mut self, record: Record) {
        self.marks.push(marks_of(&record, &self.fields));
        self.ids.push(record.id);
    }

    /// All of them are there.
    pub fn complete(mut self) -> Made {
        self.marks.places.sort_unstable();
        self
    }

    /// Those whose records it holds.
    pub fn into_sought(self) -> Sought {
        self.of
    }

    /// Whether it tells of all of these.
    pub fn covers(&self, sought: &Sought) -> bool {
        self.of.includes(sought)
    }

    /// Those that one of these may have made.
    pub fn near(&self, sought: &Sought) -> Vec<Value> {
        let places = match sought.any {
            true => self.marks.shared_by([]),
            false => self.marks.shared_by(&sought.marks),
        };
        places.into_iter().map(|at| self.ids[at].clone()).collect()
    }
}

fn whole_second(at: DateTime<Utc>) -> DateTime<Utc> {
    at.with_nanosecond(0).unwrap_or(at)
}

/// Whether a stamp may be of `first` or later: stamps can be no finer than a second.
fn not_before(stamp: DateTime<Utc>, first: DateTime<Utc>) -> bool {
    stamp >= first || (stamp.nanosecond() == 0 && stamp >= whole_second(first))
}
