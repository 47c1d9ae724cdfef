//! Reading a table page by page, by keyset: by row, or by stamp where an index serves it.

use rusqlite::params_from_iter;

use super::SqliteStore;
use super::cell::{Bound, Decode};
use super::select::Selection;
use super::table::{Table, quote};
use crate::store::stamp::spaced_range;
use crate::store::{Page, PageToken, Projection, Record, Since, StoreOutcome};
use crate::value::Value;

/// A run of rows that one index serves in order.
enum Segment {
    /// Rows with this stamp, after this row key.
    At(Value, Value),
    /// Rows with a stamp in this range.
    Range {
        from: Value,
        inclusive: bool,
        before: Option<Value>,
    },
}

impl SqliteStore {
    pub(super) fn read_page(
        &self,
        projection: &Projection,
        since: &Since,
        after: Option<&PageToken>,
        limit: usize,
    ) -> StoreOutcome<Page> {
        let table = self.table(&projection.object)?;
        let key = self.row_key_of(table)?;
        let (selection, _) = self.select(table, projection, &[], "")?;
        let stamp = match (since, &table.object.modified) {
            (Since::Stamp(stamp), Some(modified)) if !stamp.is_null() => {
                Some((stamp, quote(modified), modified))
            }
            _ => None,
        };
        let after = after.map(|token| &token.0[..]);
        if after.is_none() {
            self.check_unique(table)?;
        }
        match (stamp, after) {
            (None, after) => self.by_row(
                table,
                &selection,
                key,
                None,
                after.and_then(<[Value]>::last),
                limit,
            ),
            // A token of one value is a read by row that goes on.
            (Some((stamp, modified, _)), Some([after])) => self.by_row(
                table,
                &selection,
                key,
                Some((stamp, &modified)),
                Some(after),
                limit,
            ),
            (Some((stamp, modified, _)), Some(after)) => {
                self.by_stamp(table, &selection, key, stamp, &modified, after, limit)
            }
            (Some((stamp, modified, field)), None) => {
                if table.indexed(std::slice::from_ref(field))
                    && !self.has_unstamped(table, &modified)?
                {
                    self.by_stamp(table, &selection, key, stamp, &modified, &[], limit)
                } else {
                    self.by_row(
                        table,
                        &selection,
                        key,
                        Some((stamp, &modified)),
                        None,
                        limit,
                    )
                }
            }
        }
    }

    /// Rows without a stamp may have changed at any time: they are read too, and then the index can't serve all.
    fn has_unstamped(&self, table: &Table, modified: &str) -> StoreOutcome<bool> {
        let sql = format!(
            "SELECT EXISTS(SELECT 1 FROM {} WHERE {modified} IS NULL)",
            table.quoted
        );
        Ok(self.sample(&sql)? == Some(Value::Int(1)))
    }

    /// An id that no index keeps unique (one that the configuration named) is looked through once.
    fn check_unique(&self, table: &Table) -> StoreOutcome<()> {
        let Some(id) = &table.object.id else {
            return Ok(());
        };
        if table
            .object
            .fields
            .get(id)
            .is_some_and(|field| field.unique)
        {
            return Ok(());
        }
        let id = quote(id);
        let sql = format!(
            "SELECT {id} FROM {} WHERE {id} IS NOT NULL GROUP BY {id} HAVING count(*) > 1 LIMIT 1",
            table.quoted
        );
        match self.sample(&sql)? {
            Some(value) => Err(self.place.data(format_args!(
                "`{}` has several rows whose {id} is {value}",
                table.object.name
            ))),
            None => Ok(()),
        }
    }

    fn by_row(
        &self,
        table: &Table,
        selection: &Selection,
        key: &str,
        since: Option<(&Value, &String)>,
        after: Option<&Value>,
        limit: usize,
    ) -> StoreOutcome<Page> {
        let mut conditions = Vec::new();
        let mut bound = Vec::new();
        if let Some(after) = after {
            conditions.push(format!("{key} > ?"));
            bound.push(after.clone());
        }
        if let Some((stamp, modified)) = since {
            let spaced = match spaced_range(stamp) {
                Some((from, before)) => {
                    bound.extend([from, before]);
                    format!(" OR ({modified} >= ? AND {modified} < ?)")
                }
                None => String::new(),
            };
            conditions.push(format!("({modified} IS NULL{spaced} OR {modified} >= ?)"));
            bound.push(stamp.clone());
        }
        let mut page = Page::default();
        let last = self.run(
            table,
            selection,
            &conditions,
            key,
            &bound,
            limit,
            &mut page.records,
        )?;
        page.next = last
            .filter(|_| page.records.len() >= limit)
            .map(|(_, key)| PageToken(vec![key]));
        Ok(page)
    }

    #[expect(clippy::too_many_arguments, reason = "one query, told apart")]
    fn by_stamp(
        &self,
        table: &Table,
        selection: &Selection,
        key: &str,
        stamp: &Value,
        modified: &str,
        after: &[Value],
        limit: usize,
    ) -> StoreOutcome<Page> {
        let mut page = Page::default();
        for segment in segments(stamp, after) {
            let mut conditions = Vec::new();
            let mut bound = Vec::new();
            match segment {
                Segment::At(stamp, after) => {
                    conditions.extend([format!("{modified} = ?"), format!("{key} > ?")]);
                    bound.extend([stamp, after]);
                }
                Segment::Range {
                    from,
                    inclusive,
                    before,
                } => {
                    conditions.push(format!(
                        "{modified} {} ?",
                        if inclusive { ">=" } else { ">" }
                    ));
                    bound.push(from);
                    if let Some(before) = before {
                        conditions.push(format!("{modified} < ?"));
                        bound.push(before);
                    }
                }
            }
            let order = format!("{modified}, {key}");
            let last = self.run(
                table,
                selection,
                &conditions,
                &order,
                &bound,
                limit - page.records.len(),
                &mut page.records,
            )?;
            if page.records.len() >= limit {
                page.next = last.map(|(stamp, key)| PageToken(vec![stamp, key]));
                break;
            }
        }
        Ok(page)
    }

    /// Appends the rows, and gives the last one's stamp and row key.
    #[expect(clippy::too_many_arguments, reason = "one query, told apart")]
    fn run(
        &self,
        table: &Table,
        selection: &Selection,
        conditions: &[String],
        order: &str,
        bound: &[Value],
        limit: usize,
        records: &mut Vec<Record>,
    ) -> StoreOutcome<Option<(Value, Value)>> {
        let filter = if conditions.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", conditions.join(" AND "))
        };
        let sql = format!(
            "SELECT {} FROM {}{filter} ORDER BY {order} LIMIT {limit}",
            selection.sql, table.quoted
        );
        let fault = |error| self.place.error(error);
        let mut statement = self.connection.prepare_cached(&sql).map_err(fault)?;
        let mut rows = statement
            .query(params_from_iter(bound.iter().map(Bound)))
            .map_err(fault)?;
        let wanted = records.len() + limit;
        records.reserve(limit.min(4096));
        let mut last = None;
        while let Some(row) = rows.next().map_err(fault)? {
            let record = self.record(selection, row)?;
            if records.len() + 1 == wanted {
                last = Some((
                    record.stamp.clone(),
                    self.cell(selection, row, selection.row_key, Decode::Plain)?,
                ));
            }
            records.push(record);
        }
        Ok(last)
    }
}

/// What is left to read since `stamp`, after the stamp and row key of `after`.
fn segments(stamp: &Value, after: &[Value]) -> Vec<Segment> {
    let mut ranges = Vec::new();
    if let Some((from, before)) = spaced_range(stamp) {
        ranges.push((from, Some(before)));
    }
    ranges.push((stamp.clone(), None));
    let [at, key] = after else {
        return ranges
            .into_iter()
            .map(|(from, before)| Segment::Range {
                from,
                inclusive: true,
                before,
            })
            .collect();
    };
    let passed = |before: &Option<Value>| matches!((before, at), (Some(Value::Text(before)), Value::Text(at)) if at >= before);
    ranges.retain(|(_, before)| !passed(before));
    let mut segments = vec![Segment::At(at.clone(), key.clone())];
    for (place, (from, before)) in ranges.into_iter().enumerate() {
        let (from, inclusive) = if place == 0 {
            (at.clone(), false)
        } else {
            (from, true)
        };
        segments.push(Segment::Range {
            from,
            inclusive,
            before,
        });
    }
    segments
}
