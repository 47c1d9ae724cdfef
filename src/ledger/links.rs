//! Links: which records are the same thing, and what both sides agreed on.

use rusqlite::{Row, params};

use super::column::{self, Column};
use super::run::Run;
use super::{Ledger, LedgerOutcome, Link};
use crate::program::Side;
use crate::value::Value;

/// The columns of a link, as [`Ledger::link_of`] reads them.
macro_rules! select_links {
    ($where:literal) => {
        concat!(
            "SELECT number, left_object, right_object, left_id, right_id, left_stamp, right_stamp, base, closed FROM links WHERE ",
            $where
        )
    };
}

impl Ledger {
    /// The links, closed ones too, of these records of one side: each with the place of its id in `ids`.
    ///
    /// Where the side has alternatives, records of several of them can have one id: see the link's `objects`.
    pub fn links(
        &self,
        relationship: &str,
        side: Side,
        ids: &[Value],
    ) -> LedgerOutcome<Vec<(usize, Link)>> {
        self.read(|| self.find_links(relationship, side, ids))
    }

    /// The numbers of the links, closed ones too, of these records of one object: each with the place of its id in `ids`.
    pub fn link_numbers(
        &self,
        relationship: &str,
        side: Side,
        object: &str,
        ids: &[Value],
    ) -> LedgerOutcome<Vec<(usize, i64)>> {
        self.read(|| self.find_link_numbers(relationship, side, object, ids))
    }

    /// The id and stamp pairs that need no reading: for each record whether a link of this side holds exactly this stamp.
    pub fn known(
        &self,
        relationship: &str,
        side: Side,
        object: &str,
        records: &[(Value, Value)],
    ) -> LedgerOutcome<Vec<bool>> {
        self.read(|| self.find_known(relationship, side, object, records))
    }

    /// Live links with a greater number, ascending.
    pub fn link_page(
        &self,
        relationship: &str,
        after: i64,
        limit: usize,
    ) -> LedgerOutcome<Vec<Link>> {
        self.link_page_of(relationship, after, limit, &|_| true)
    }

    /// Of the live links with a greater number, ascending, those whose number is wanted; the others are not even read.
    pub fn link_page_of(
        &self,
        relationship: &str,
        after: i64,
        limit: usize,
        wanted: &dyn Fn(i64) -> bool,
    ) -> LedgerOutcome<Vec<Link>> {
        self.answer(self.find_link_page(relationship, after, limit, wanted))
    }

    pub fn live_links(&self, relationship: &str) -> LedgerOutcome<u64> {
        self.answer(self.count_links(relationship))
    }

    /// How many links the relationship has, closed ones too.
    pub fn all_links(&self, relationship: &str) -> LedgerOutcome<u64> {
        self.answer(self.count_all_links(relationship))
    }

    /// Whether the relationship has any link, closed ones too.
    pub fn any_link(&self, relationship: &str) -> LedgerOutcome<bool> {
        self.answer(self.find_any_link(relationship))
    }

    fn find_links(
        &self,
        relationship: &str,
        side: Side,
        ids: &[Value],
    ) -> rusqlite::Result<Vec<(usize, Link)>> {
        let Some(relationship) = self.names.number(&self.connection, relationship)? else {
            return Ok(Vec::new());
        };
        if let Some(run) = Run::of(ids) {
            let mut statement = self.connection.prepare_cached(match side {
                Side::Left => {
                    select_links!(
                        "relationship = ?1 AND left_id BETWEEN ?2 AND ?3 ORDER BY left_id"
                    )
                }
                Side::Right => {
                    select_links!(
                        "relationship = ?1 AND right_id BETWEEN ?2 AND ?3 ORDER BY right_id"
                    )
                }
            })?;
            let [first, last] = run.ends();
            let rows = statement.query(params![relationship, Column(first), Column(last)])?;
            let column = 3 + side.index();
            if let Some(found) = run.walk(rows, column, |row| self.link_of(row))? {
                return Ok(found);
            }
        }
        let mut statement = self.connection.prepare_cached(match side {
            Side::Left => select_links!("relationship = ?1 AND left_id = ?2"),
            Side::Right => select_links!("relationship = ?1 AND right_id = ?2"),
        })?;
        let mut found = Vec::with_capacity(ids.len());
        statement.raw_bind_parameter(1, relationship)?;
        for (place, id) in ids.iter().enumerate() {
            statement.raw_bind_parameter(2, Column(id))?;
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next()? {
                found.push((place, self.link_of(row)?));
            }
        }
        Ok(found)
    }

    fn find_link_numbers(
        &self,
        relationship: &str,
        side: Side,
        object: &str,
        ids: &[Value],
    ) -> rusqlite::Result<Vec<(usize, i64)>> {
        let relationship = self.names.number(&self.connection, relationship)?;
        let object = self.names.number(&self.connection, object)?;
        let (Some(relationship), Some(object)) = (relationship, object) else {
            return Ok(Vec::new());
        };
        if let Some(run) = Run::of(ids) {
            let mut statement = self.connection.prepare_cached(match side {
                Side::Left => {
                    "SELECT left_id, left_object, number FROM links WHERE relationship = ?1 AND left_id BETWEEN ?2 AND ?3
                     ORDER BY left_id"
                }
                Side::Right => {
                    "SELECT right_id, right_object, number FROM links WHERE relationship = ?1 AND right_id BETWEEN ?2 AND ?3
                     ORDER BY right_id"
                }
            })?;
            let [first, last] = run.ends();
            let rows = statement.query(params![relationship, Column(first), Column(last)])?;
            let all = run.walk(rows, 0, |row| {
                Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
            })?;
            if let Some(all) = all {
                let own = all.into_iter().filter(|(_, (of, _))| *of == object);
                return Ok(own.map(|(place, (_, number))| (place, number)).collect());
            }
        }
        let mut statement = self.connection.prepare_cached(match side {
            Side::Left => {
                "SELECT number FROM links WHERE relationship = ?1 AND left_id = ?2 AND +left_object = ?3"
            }
            Side::Right => {
                "SELECT number FROM links WHERE relationship = ?1 AND right_id = ?2 AND +right_object = ?3"
            }
        })?;
        let mut found = Vec::with_capacity(ids.len());
        statement.raw_bind_parameter(1, relationship)?;
        statement.raw_bind_parameter(3, object)?;
        for (place, id) in ids.iter().enumerate() {
            statement.raw_bind_parameter(2, Column(id))?;
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next()? {
                found.push((place, row.get(0)?));
            }
        }
        Ok(found)
    }

    fn find_known(
        &self,
        relationship: &str,
        side: Side,
        object: &str,
        records: &[(Value, Value)],
    ) -> rusqlite::Result<Vec<bool>> {
        let relationship = self.names.number(&self.connection, relationship)?;
        let object = self.names.number(&self.connection, object)?;
        let (Some(relationship), Some(object)) = (relationship, object) else {
            return Ok(vec![false; records.len()]);
        };
        let mut statement = self.connection.prepare_cached(match side {
            Side::Left => {
                "SELECT 1 FROM links WHERE relationship = ?1 AND left_id = ?2 AND +left_object = ?3 AND +left_stamp = ?4"
            }
            Side::Right => {
                "SELECT 1 FROM links WHERE relationship = ?1 AND right_id = ?2 AND +right_object = ?3 AND +right_stamp = ?4"
            }
        })?;
        records
            .iter()
            .map(|(id, stamp)| {
                statement.exists(params![relationship, Column(id), object, Column(stamp)])
            })
            .collect()
    }

    fn find_link_page(
        &self,
        relationship: &str,
        after: i64,
        limit: usize,
        wanted: &dyn Fn(i64) -> bool,
    ) -> rusqlite::Result<Vec<Link>> {
        let Some(relationship) = self.names.number(&self.connection, relationship)? else {
            return Ok(Vec::new());
        };
        // In the table's own order, past the links of other relationships: cheaper than a third index at every insert.
        let mut statement = self.connection.prepare_cached(select_links!(
            "number > ?2 AND +relationship = ?1 AND closed = 0 ORDER BY number"
        ))?;
        let mut rows = statement.query(params![relationship, after])?;
        let mut page = Vec::new();
        while page.len() < limit
            && let Some(row) = rows.next()?
        {
            if wanted(row.get(0)?) {
                page.push(self.link_of(row)?);
            }
        }
        Ok(page)
    }

    fn count_links(&self, relationship: &str) -> rusqlite::Result<u64> {
        let Some(relationship) = self.names.number(&self.connection, relationship)? else {
            return Ok(0);
        };
        // Both counts come from indexes alone.
        let count: i64 = self
            .connection
            .prepare_cached(
                "SELECT (SELECT count(*) FROM links INDEXED BY links_left WHERE relationship = ?1)
                      - (SELECT count(*) FROM links INDEXED BY links_closed WHERE relationship = ?1 AND closed = 1)",
            )?
            .query_row([relationship], |row| row.get(0))?;
        Ok(count.cast_unsigned())
    }

    fn count_all_links(&self, relationship: &str) -> rusqlite::Result<u64> {
        let Some(relationship) = self.names.number(&self.connection, relationship)? else {
            return Ok(0);
        };
        let count: i64 = self
            .connection
            .prepare_cached(
                "SELECT count(*) FROM links INDEXED BY links_left WHERE relationship = ?1",
            )?
            .query_row([relationship], |row| row.get(0))?;
        Ok(count.cast_unsigned())
    }

    fn find_any_link(&self, relationship: &str) -> rusqlite::Result<bool> {
        let Some(relationship) = self.names.number(&self.connection, relationship)? else {
            return Ok(false);
        };
        self.connection
            .prepare_cached("SELECT 1 FROM links WHERE relationship = ?1 LIMIT 1")?
            .exists([relationship])
    }

    fn link_of(&self, row: &Row<'_>) -> rusqlite::Result<Link> {
        let object = |index| self.names.name(&self.connection, row.get(index)?);
        Ok(Link {
            number: row.get(0)?,
            objects: [object(1)?, object(2)?],
            ids: [column::value(row, 3)?, column::value(row, 4)?],
            stamps: [column::value(row, 5)?, column::value(row, 6)?],
            base: column::bytes(row, 7)?,
            closed: row.get(8)?,
        })
    }

    pub(super) fn touch_link(
        &self,
        link: i64,
        stamps: &[Option<Value>; 2],
        base: Option<&[u8]>,
    ) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE links SET left_stamp = coalesce(?2, left_stamp), right_stamp = coalesce(?3, right_stamp),
                 base = coalesce(?4, base) WHERE number = ?1",
            )?
            .execute(params![
                link,
                stamps[0].as_ref().map(Column),
                stamps[1].as_ref().map(Column),
                base
            ])
            .map(drop)
    }

    pub(super) fn move_link(
        &self,
        link: i64,
        side: Side,
        object: &str,
        id: &Value,
        stamp: &Value,
        base: &[u8],
    ) -> rusqlite::Result<()> {
        let object = self.names.intern(&self.connection, object)?;
        self.connection
            .prepare_cached(match side {
                Side::Left => {
                    "UPDATE links SET left_object = ?2, left_id = ?3, left_stamp = ?4, base = ?5 WHERE number = ?1"
                }
                Side::Right => {
                    "UPDATE links SET right_object = ?2, right_id = ?3, right_stamp = ?4, base = ?5 WHERE number = ?1"
                }
            })?
            .execute(params![link, object, Column(id), Column(stamp), base])
            .map(drop)
    }

    /// The tombstones between the two records of a link.
    pub(super) fn drop_tombstones(&self, link: i64) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "DELETE FROM links WHERE closed = 1 AND number IN (SELECT t.number FROM links l JOIN links t
                   ON t.relationship = l.relationship AND t.left_id = l.left_id AND t.right_id = l.right_id
                   AND t.left_object = l.left_object AND t.right_object = l.right_object
                 WHERE l.number = ?1 AND t.number <> ?1)",
            )?
            .execute([link])
            .map(drop)
    }

    pub(super) fn close_link(&self, link: i64) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("UPDATE links SET closed = 1 WHERE number = ?1")?
            .execute([link])
            .map(drop)
    }

    pub(super) fn remove_link(&self, link: i64) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("DELETE FROM links WHERE number = ?1")?
            .execute([link])
            .map(drop)
    }
}
