//! Reading ahead: while a page is looked at, the next ones are read on other threads, through handles of their own.

use std::sync::mpsc::sync_channel;
use std::thread::{self, ScopedJoinHandle};

use rustc_hash::FxHashMap;

use super::PlanError;
use super::ids::IdKey;
use super::matching::Matches;
use super::reading::{PAGE, by_id, whole};
use super::world::{Rec, World};
use crate::ledger::{Ledger, Link};
use crate::program::{Program, RelId, Relationship, Side};
use crate::store::{PageToken, Projection, Record, Since, Store, StoreError};
use crate::value::Value;

/// Pages that are read ahead.
const AHEAD: usize = 2;

/// A read that goes on on a thread of its own, and what stands beside its records on another one.
pub struct Ahead {
    reader: Box<dyn Store>,
    fetcher: Option<Fetcher>,
    alternative: usize,
    next: PageToken,
}

/// A page that was read ahead.
type ReadAhead = Result<(Vec<Record>, Option<Beside>), PlanError>;

impl Ahead {
    /// Goes on at `next`.
    pub fn new(
        reader: Box<dyn Store>,
        fetcher: Option<Fetcher>,
        alternative: usize,
        next: PageToken,
    ) -> Ahead {
        Ahead {
            reader,
            fetcher,
            alternative,
            next,
        }
    }

    /// Calls `take` with every page, while the next ones are read.
    pub fn read(
        self,
        world: &World<'_>,
        side: Side,
        (projection, since): (&Projection, &Since),
        take: &mut dyn FnMut(Vec<Record>, Option<Beside>) -> Result<(), PlanError>,
    ) -> Result<(), PlanError> {
        let Ahead {
            mut reader,
            fetcher,
            alternative,
            mut next,
        } = self;
        let program = world.program;
        let mut take_one = |got: ReadAhead| got.and_then(|(records, beside)| take(records, beside));
        thread::scope(|scope| {
            let (send, pages) = sync_channel(AHEAD);
            let reading = scope.spawn(move || {
                loop {
                    let got = reader.read(projection, since, Some(&next), PAGE);
                    let following = got.as_ref().ok().and_then(|page| page.next.clone());
                    let got = got.map(|page| page.records);
                    let heard = send.send(got.map_err(|e| store_error(program, side, e)));
                    match (heard, following) {
                        (Ok(()), Some(token)) => next = token,
                        _ => return reader,
                    }
                }
            });
            let outcome = match fetcher {
                None => pages
                    .into_iter()
                    .try_for_each(|got| take_one(got.map(|r| (r, None)))),
                Some(mut fetcher) => {
                    let (send, complete) = sync_channel(AHEAD);
                    let fetching = scope.spawn(move || {
                        let rules = &program[fetcher.relationship];
                        for got in pages {
                            let got = got.and_then(|records| {
                                let beside =
                                    fetcher.fetch(program, rules, alternative, &records)?;
                                Ok((records, Some(beside)))
                            });
                            if send.send(got).is_err() {
                                break;
                            }
                        }
                        fetcher
                    });
                    let outcome = complete.into_iter().try_for_each(&mut take_one);
                    world.give_reader(side.other(), joined(fetching).store);
                    outcome
                }
            };
            world.give_reader(side, joined(reading));
            outcome
        })
    }
}

/// Records by their ids with the partners that matching found, fetched on a thread of its own.
pub struct ById {
    readers: [Box<dyn Store>; 2],
    relationship: RelId,
    side: Side,
}

impl ById {
    /// Of records of `side`. `None` where a store can't be read from two places.
    pub fn new(
        world: &World<'_>,
        relationship: RelId,
        side: Side,
    ) -> Result<Option<ById>, PlanError> {
        let [left, right] = [
            world.take_reader(Side::Left)?,
            world.take_reader(Side::Right)?,
        ];
        match (left, right) {
            (Some(left), Some(right)) => Ok(Some(ById {
                readers: [left, right],
                relationship,
                side,
            })),
            (left, right) => {
                for (side, reader) in Side::BOTH.into_iter().zip([left, right]) {
                    reader.into_iter().for_each(|r| world.give_reader(side, r));
                }
                Ok(None)
            }
        }
    }

    /// Calls `take` with every page of those that are still there, while the next ones are fetched. `records`: alternatives and ids, those
    /// of one alternative together.
    pub fn read(
        self,
        world: &World<'_>,
        records: impl Iterator<Item = (usize, Value)> + Send,
        matches: &Matches,
        take: &mut dyn FnMut(Vec<Rec>, Beside) -> Result<(), PlanError>,
    ) -> Result<(), PlanError> {
        let (program, side) = (world.program, self.side);
        let rules = &program[self.relationship];
        thread::scope(|scope| {
            let (send, pages) = sync_channel(AHEAD);
            let fetching = scope.spawn(move || {
                let mut readers = self.readers;
                let mut records = records.peekable();
                while let Some((alternative, _)) = records.peek() {
                    let alternative = *alternative;
                    let same = std::iter::from_fn(|| records.next_if(|(a, _)| *a == alternative));
                    let ids: Vec<Value> = same.take(PAGE).map(|(_, id)| id).collect();
                    let got = with_partners(
                        program,
                        rules,
                        (side, alternative),
                        &ids,
                        matches,
                        &mut readers,
                    );
                    let failed = got.is_err();
                    if send.send(got).is_err() || failed {
                        break;
                    }
                }
                readers
            });
            let mut pages = pages.into_iter();
            let outcome =
                pages.try_for_each(|got| got.and_then(|(records, beside)| take(records, beside)));
            drop(pages);
            for (side, reader) in Side::BOTH.into_iter().zip(joined(fetching)) {
                world.give_reader(side, reader);
            }
            outcome
        })
    }
}

fn with_partners(
    program: &Program,
    rules: &Relationship,
    (side, alternative): (Side, usize),
    ids: &[Value],
    matches: &Matches,
    readers: &mut [Box<dyn Store>; 2],
) -> Result<(Vec<Rec>, Beside), PlanError> {
    let other = side.other();
    let mut get = |side: Side, projection: &Projection, ids: &[Value]| {
        let found = readers[side.index()].get(projection, ids);
        found.map_err(|error| store_error(program, side, error))
    };
    let found = get(side, &whole(rules, side, alternative), ids)?;
    let records = found.into_iter().flatten().map(|record| Rec {
        alternative,
        record,
    });
    let records: Vec<Rec> = records.collect();
    let mut wanted: Vec<Vec<Value>> = vec![Vec::new(); rules.sides[other.index()].objects.len()];
    for found in records.iter().filter_map(|rec| matches.partner(side, rec)) {
        wanted[found.alternative].push(found.id);
    }
    let partners = by_id(rules, other, &wanted, |projection, ids| {
        get(other, projection, ids)
    })?;
    let beside = Beside {
        partners,
        ..Beside::default()
    };
    Ok((records, beside))
}

/// What a thread gives back. Should it have met its end early, the panic goes on here.
fn joined<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The links of a page's records and their partners.
#[derive(Default)]
pub struct Beside {
    /// Each with the place of its record.
    pub links: Vec<(usize, Link)>,
    /// By alternative and id.
    pub partners: FxHashMap<(usize, IdKey), Rec>,
}

/// Fetches them ahead.
pub struct Fetcher {
    relationship: RelId,
    /// Of the records.
    side: Side,
    ledger: Ledger,
    /// The other side's.
    store: Box<dyn Store>,
}

impl Fetcher {
    /// `None` where the other store can't be read from two places.
    pub fn new(
        world: &World<'_>,
        relationship: RelId,
        side: Side,
    ) -> Result<Option<Fetcher>, PlanError> {
        let Some(store) = world.take_reader(side.other())? else {
            return Ok(None);
        };
        Ok(Some(Fetcher {
            relationship,
            side,
            ledger: world.ledger.reader()?,
            store,
        }))
    }

    fn fetch(
        &mut self,
        program: &Program,
        rules: &Relationship,
        alternative: usize,
        records: &[Record],
    ) -> Result<Beside, PlanError> {
        let (side, other) = (self.side, self.side.other());
        let ids: Vec<Value> = records.iter().map(|r| r.id.clone()).collect();
        let own = &rules.sides[side.index()].objects[alternative].name;
        let mut links = self.ledger.links(&rules.name, side, &ids)?;
        links.retain(|(_, link)| link.objects[side.index()] == *own);
        let wanted: Vec<Vec<Value>> = (rules.sides[other.index()].objects.iter())
            .map(|object| {
                let live = links.iter().map(|(_, link)| link).filter(|l| !l.closed);
                live.filter(|link| link.objects[other.index()] == object.name)
                    .map(|link| link.ids[other.index()].clone())
                    .collect()
            })
            .collect();
        let partners = by_id(rules, other, &wanted, |projection, ids| {
            let found = self.store.get(projection, ids);
            found.map_err(|error| store_error(program, other, error))
        })?;
        Ok(Beside { links, partners })
    }
}

fn store_error(program: &Program, side: Side, error: StoreError) -> PlanError {
    PlanError::Store {
        store: program.stores[side.index()].name.clone(),
        error,
    }
}
