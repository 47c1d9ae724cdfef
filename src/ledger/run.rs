//! Ids that follow each other: one walk along an index finds them, in place of a search for each.

use std::cmp::Ordering;

use rusqlite::types::ValueRef;
use rusqlite::{Row, Rows};

use crate::value::Value;

/// Fewer are looked up one by one.
const FEWEST: usize = 32;

/// Ids in ascending order, all of them numbers or all texts.
pub(super) struct Run<'v>(&'v [Value]);

impl<'v> Run<'v> {
    pub(super) fn of(ids: &'v [Value]) -> Option<Run<'v>> {
        let ascending = |pair: &[Value]| match (&pair[0], &pair[1]) {
            (Value::Int(a), Value::Int(b)) => a < b,
            (Value::Text(a), Value::Text(b)) => a < b,
            _ => false,
        };
        (ids.len() >= FEWEST && ids.windows(2).all(ascending)).then_some(Run(ids))
    }

    pub(super) fn ends(&self) -> [&'v Value; 2] {
        [&self.0[0], &self.0[self.0.len() - 1]]
    }

    /// What `take` makes of the rows whose id, in this column, is one of the run: each with its place. The rows are all between the ends,
    /// in ascending order. `None` where there are too many others among them: then a search for each id is faster.
    pub(super) fn walk<T>(
        &self,
        mut rows: Rows<'_>,
        column: usize,
        take: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<Vec<(usize, T)>>> {
        let mut found = Vec::with_capacity(self.0.len());
        let (mut place, mut others) = (0, 0);
        while let Some(row) = rows.next()? {
            let id = row.get_ref(column)?;
            while self
                .0
                .get(place)
                .is_some_and(|own| order(own, id) == Ordering::Less)
            {
                place += 1;
            }
            match self.0.get(place) {
                Some(own) if order(own, id) == Ordering::Equal => found.push((place, take(row)?)),
                _ => others += 1,
            }
            if others > self.0.len() {
                return Ok(None);
            }
        }
        Ok(Some(found))
    }
}

/// As the ledger orders ids of one kind.
fn order(own: &Value, id: ValueRef<'_>) -> Ordering {
    match (own, id) {
        (Value::Int(own), ValueRef::Integer(id)) => own.cmp(&id),
        (Value::Text(own), ValueRef::Text(id)) => own.as_bytes().cmp(id),
        // No row between two ids of one kind is of another.
        _ => Ordering::Greater,
    }
}
