//! Reading the records that may have changed, page by page (engine, section 3).

use rustc_hash::{FxHashMap, FxHashSet};

use super::ahead::{Ahead, Beside, Fetcher};
use super::ids::IdKey;
use super::merge::instant_of;
use super::world::{Rec, World};
use super::{PlanError, Request};
use crate::ledger::Cursor;
use crate::program::{
    Conversion, Direction, Duplicates, Expr, Fallback, QueryKind, RelId, Relationship, Side, Slot,
};
use crate::store::{Projection, Record, Since};
use crate::value::Value;

/// What follows a relationship's name in the cursors of the objects that its queries read.
pub const QUERIED: &str = " (queried)";

/// Records of one page.
pub const PAGE: usize = 1000;

/// Where the read of one object begins, and where its cursor goes when all is done.
#[derive(Debug, Clone)]
pub struct Start {
    pub side: Side,
    pub alternative: usize,
    pub since: Since,
    /// The store's time when the read began.
    pub read_at: chrono::DateTime<chrono::Utc>,
    /// The greatest stamp that was read and does not lie in the future.
    pub greatest: Option<Value>,
}

impl Start {
    pub fn complete(&self) -> bool {
        self.since == Since::Start
    }

    /// The greatest of the stamps, but for those of records that changed after the read began.
    pub fn saw<'s>(&mut self, stamps: impl Iterator<Item = &'s Value> + Clone) {
        let greatest = stamps.clone().fold(None, |greatest, stamp| {
            let later = is_later(stamp, greatest.or(self.greatest.as_ref()));
            if later { Some(stamp) } else { greatest }
        });
        match greatest {
            Some(stamp) if self.is_past(stamp) => self.greatest = Some(stamp.clone()),
            Some(_) => {
                for stamp in stamps {
                    if is_later(stamp, self.greatest.as_ref()) && self.is_past(stamp) {
                        self.greatest = Some(stamp.clone());
                    }
                }
            }
            None => {}
        }
    }

    fn is_past(&self, stamp: &Value) -> bool {
        instant_of(stamp).is_none_or(|instant| instant <= self.read_at)
    }
}

fn is_later(stamp: &Value, than: Option<&Value>) -> bool {
    !stamp.is_null() && than.is_none_or(|t| stamp.order(t) == Some(std::cmp::Ordering::Greater))
}

/// Where to begin for every object of a relationship; from the start where `full`.
pub fn starts(
    world: &World<'_>,
    rules: &Relationship,
    request: &Request,
    full: bool,
) -> Result<Vec<Start>, PlanError> {
    let mut starts = Vec::new();
    for side in Side::BOTH {
        let read_at = world.store(side, |s| s.now())?;
        for (alternative, object) in rules.sides[side.index()].objects.iter().enumerate() {
            let cursor = world.ledger.cursor(&rules.name, side, &object.name)?;
            let since = match &cursor {
                Some(cursor) if !full && object.modified.is_some() => since(
                    world,
                    side,
                    &object.name,
                    cursor,
                    request.overlap[side.index()],
                )?,
                _ => Since::Start,
            };
            starts.push(Start {
                side,
                alternative,
                since,
                read_at,
                greatest: cursor
                    .as_ref()
                    .map(|c| c.stamp.clone())
                    .filter(|s| !s.is_null()),
            });
        }
    }
    Ok(starts)
}

/// The smaller of the cursor and the start of the last complete read minus the overlap.
pub fn since(
    world: &World<'_>,
    side: Side,
    object: &str,
    cursor: &Cursor,
    overlap: i64,
) -> Result<Since, PlanError> {
    let late = world.store(side, |s| s.stamp_of(object, cursor.read_at))?;
    let Some(late) = world.store(side, |s| s.stamp_before(object, &late, overlap))? else {
        return Ok(Since::Start);
    };
    if cursor.stamp.is_null() {
        return Ok(Since::Stamp(late));
    }
    let earlier = if cursor.stamp.order(&late) == Some(std::cmp::Ordering::Less) {
        cursor.stamp.clone()
    } else {
        late
    };
    Ok(Since::Stamp(earlier))
}

/// Calls `page` with every page of an object's records since `since`. Where the store can be read from two places, the next page is read
/// while one is looked at.
pub fn read(
    world: &World<'_>,
    side: Side,
    alternative: usize,
    projection: &Projection,
    since: &Since,
    page: &mut dyn FnMut(Vec<Rec>) -> Result<(), PlanError>,
) -> Result<(), PlanError> {
    let mut take = |records, _| page(records);
    read_with(
        world,
        side,
        alternative,
        projection,
        since,
        &mut take,
        || Ok(None),
    )
}

/// As [`read`]; what is read ahead comes with what the fetcher finds for it.
pub fn read_with(
    world: &World<'_>,
    side: Side,
    alternative: usize,
    projection: &Projection,
    since: &Since,
    page: &mut Take<'_>,
    fetcher: impl FnOnce() -> Result<Option<Fetcher>, PlanError>,
) -> Result<(), PlanError> {
    let mut take = |records: Vec<Record>, beside| {
        if records.is_empty() {
            return Ok(());
        }
        let recs = records.into_iter().map(|record| Rec {
            alternative,
            record,
        });
        page(recs.collect(), beside)
    };
    let mut after = None;
    loop {
        let got = world.store(side, |s| s.read(projection, since, after.as_ref(), PAGE))?;
        take(got.records, None)?;
        let Some(next) = got.next else {
            return Ok(());
        };
        if let Some(reader) = world.take_reader(side)? {
            let reading = Ahead::new(reader, fetcher()?, alternative, next);
            return reading.read(world, side, (projection, since), &mut take);
        }
        after = Some(next);
    }
}

/// Takes a page, and what was fetched beside it.
pub type Take<'t> = dyn FnMut(Vec<Rec>, Option<Beside>) -> Result<(), PlanError> + 't;

/// The records with these ids; in their places.
pub fn get(
    world: &World<'_>,
    side: Side,
    alternative: usize,
    projection: &Projection,
    ids: &[Value],
) -> Result<Vec<Option<Rec>>, PlanError> {
    let found = world.store(side, |s| s.get(projection, ids))?;
    Ok(found
        .into_iter()
        .map(|r| {
            r.map(|record| Rec {
                alternative,
                record,
            })
        })
        .collect())
}

/// The records of a side with these ids, which are given by alternative; each under what it was asked for by.
pub fn by_id(
    rules: &Relationship,
    side: Side,
    ids: &[Vec<Value>],
    mut get: impl FnMut(&Projection, &[Value]) -> Result<Vec<Option<Record>>, PlanError>,
) -> Result<FxHashMap<(usize, IdKey), Rec>, PlanError> {
    let mut all = FxHashMap::default();
    for (alternative, ids) in ids.iter().enumerate().filter(|(_, ids)| !ids.is_empty()) {
        let found = get(&whole(rules, side, alternative), ids)?;
        all.reserve(ids.len());
        for (id, record) in ids.iter().zip(found) {
            if let Some(record) = record {
                let rec = Rec {
                    alternative,
                    record,
                };
                all.insert((alternative, IdKey(id.clone())), rec);
            }
        }
    }
    Ok(all)
}

/// All that a relationship reads of one alternative; fields that `*` is yet to add are left out.
pub fn whole(rules: &Relationship, side: Side, alternative: usize) -> Projection {
    projection(rules, side, alternative, |_| true)
}

/// What the matching of one alternative needs: keys, filters, follow fields; and as last slot what tells the age of a record, where that
/// counts.
pub fn survey(rules: &Relationship, side: Side, alternative: usize) -> Projection {
    let mut needed = FxHashSet::default();
    for key in &rules.keys {
        for (left, right) in &key.columns {
            slots(
                rules,
                if side == Side::Left { left } else { right },
                side,
                &mut needed,
            );
        }
        if let Some(filter) = &key.filter {
            slots(rules, filter, side, &mut needed);
        }
    }
    for filter in &rules.directions[side.sends().index()].filters {
        slots(rules, &filter.when, side, &mut needed);
    }
    for follow in rules.follow.iter().filter(|f| f.side == side) {
        needed.insert(follow.slot);
    }
    let mut projection = projection(rules, side, alternative, |slot| needed.contains(&slot));
    let object = &rules.sides[side.index()].objects[alternative];
    let age = || object.created.clone().or_else(|| object.modified.clone());
    projection
        .fields
        .push(if ages_count(rules) { age() } else { None });
    projection
}

/// Whether a match key goes by the age of records where it finds several.
pub fn ages_count(rules: &Relationship) -> bool {
    rules.keys.iter().any(|key| match key.duplicates {
        Duplicates::Oldest | Duplicates::Newest | Duplicates::Merge => true,
        Duplicates::Error | Duplicates::Create => false,
    })
}

fn projection(
    rules: &Relationship,
    side: Side,
    alternative: usize,
    wanted: impl Fn(Slot) -> bool,
) -> Projection {
    let object = &rules.sides[side.index()].objects[alternative];
    let missing = |field: &str| {
        rules
            .additions
            .iter()
            .any(|a| a.side == side && a.object == object.name && a.field.name == field)
    };
    let fields = rules.sides[side.index()]
        .slots
        .iter()
        .enumerate()
        .map(|(i, s)| {
            let present = s.present.get(alternative).copied().unwrap_or(false);
            (present && wanted(Slot(i as u16)) && !missing(&s.field)).then(|| s.field.clone())
        })
        .collect();
    Projection {
        object: object.name.clone(),
        fields,
    }
}

fn slots(rules: &Relationship, expr: &Expr, side: Side, into: &mut FxHashSet<Slot>) {
    expr.visit(&mut |e| match e {
        Expr::Field(of, slot) | Expr::Was(of, slot) if *of == side => {
            into.insert(*slot);
        }
        Expr::Query(query) => {
            let keys = match rules.queries.get(query.0 as usize).map(|q| &q.kind) {
                Some(QueryKind::Lookup { keys, .. } | QueryKind::Aggregate { keys, .. }) => {
                    keys.iter().map(|(_, e)| e).collect()
                }
                Some(QueryKind::Linked { key: Some(key), .. }) => vec![key],
                _ => Vec::new(),
            };
            keys.into_iter().for_each(|k| slots(rules, k, side, into));
        }
        _ => {}
    });
}

/// Whether the lines or filters of a direction read the record that they write to: what they say is known once it is made.
pub fn reads_target(rules: &Relationship, direction: Direction) -> bool {
    let target = direction.target();
    let mut read = FxHashSet::default();
    for flow in rules.lines.iter().filter_map(|l| l.flow(direction)) {
        slots(rules, &flow.source, target, &mut read);
        if let Some(when) = &flow.when {
            slots(rules, when, target, &mut read);
        }
    }
    for filter in &rules.directions[direction.index()].filters {
        slots(rules, &filter.when, target, &mut read);
    }
    !read.is_empty()
}

/// The objects that a relationship's queries read, besides its own, by side.
pub fn queried(
    rules: &Relationship,
    program: &crate::program::Program,
) -> Vec<(Side, smol_str::SmolStr)> {
    let mut objects = Vec::new();
    for query in &rules.queries {
        match &query.kind {
            QueryKind::Lookup { side, object, .. } | QueryKind::Aggregate { side, object, .. } => {
                objects.push((*side, object.clone()))
            }
            QueryKind::Linked {
                relationship,
                from,
                field: Some(_),
                ..
            } => {
                let side = from.other();
                objects.extend(
                    program[*relationship].sides[side.index()]
                        .objects
                        .iter()
                        .map(|o| (side, o.name.clone())),
                );
            }
            QueryKind::Linked { .. } => {}
        }
    }
    objects.sort();
    objects.dedup();
    objects
}

/// The relationships whose records this one brings over (`or sync`).
pub fn brought_by(rules: &Relationship) -> Vec<RelId> {
    let flows = rules
        .lines
        .iter()
        .flat_map(|l| [&l.push, &l.pull])
        .flatten();
    let via = flows.filter_map(|f| match &f.conversion {
        Conversion::Via(via) if via.fallback == Fallback::Sync => Some(via.relationship),
        _ => None,
    });
    via.collect()
}

/// The relationships whose links this one reads.
pub fn referred(rules: &Relationship) -> Vec<RelId> {
    let mut all: Vec<RelId> = rules
        .lines
        .iter()
        .flat_map(|l| [&l.push, &l.pull])
        .flatten()
        .filter_map(|f| match &f.conversion {
            Conversion::Via(via) => Some(via.relationship),
            _ => None,
        })
        .collect();
    all.extend(rules.queries.iter().filter_map(|q| match &q.kind {
        QueryKind::Linked { relationship, .. } => Some(*relationship),
        _ => None,
    }));
    all.sort_unstable();
    all.dedup();
    all
}
