//! Conflicts: fields that both sides changed and nobody may decide, and fields frozen in a loop.

use rusqlite::{Row, params};

use super::column::{self, Column};
use super::{Conflict, Ledger, LedgerOutcome, Revisit, Selection};
use crate::program::Side;
use crate::value::Value;

/// The columns of a conflict, as [`conflict_of`] reads them.
macro_rules! select_conflicts {
    ($where:literal) => {
        concat!(
            "SELECT c.number, r.name, c.link, l.name, o.name, c.left_id, c.right_id, c.field, c.left_value, c.right_value, c.because,
             u.name, c.frozen, c.winner
             FROM conflicts c JOIN names r ON r.number = c.relationship JOIN names l ON l.number = c.left_object
             JOIN names o ON o.number = c.right_object JOIN names u ON u.number = c.rule WHERE ",
            $where
        )
    };
}

impl Ledger {
    /// In the order relationship, link, field.
    pub fn conflicts(&self, selection: &Selection) -> LedgerOutcome<Vec<Conflict>> {
        let found = self.answer(self.find_conflicts(selection))?;
        Ok(found.into_iter().map(|(_, conflict)| conflict).collect())
    }

    /// The conflicts of these links, in their order.
    pub fn conflicts_of(&self, links: &[i64]) -> LedgerOutcome<Vec<Conflict>> {
        self.read(|| self.find_conflicts_of(links))
    }

    /// Says who wins the conflicts at the next run; how many. Frozen fields stay as they are.
    pub fn take(&mut self, selection: &Selection, winner: Side) -> LedgerOutcome<usize> {
        self.write(|ledger| {
            let mut statement = ledger
                .connection
                .prepare_cached("UPDATE conflicts SET winner = ?2 WHERE number = ?1")?;
            let mut taken = 0;
            for (number, conflict) in ledger.find_conflicts(selection)? {
                if !conflict.frozen {
                    taken += statement.execute(params![number, winner])?;
                }
            }
            Ok(taken)
        })
    }

    /// Frees frozen fields, which are synced again from the next run on; how many.
    pub fn release(&mut self, selection: &Selection) -> LedgerOutcome<usize> {
        self.write(|ledger| {
            let mut released = 0;
            for (_, conflict) in ledger.find_conflicts(selection)? {
                if conflict.frozen {
                    ledger.free(&conflict)?;
                    released += 1;
                }
            }
            Ok(released)
        })
    }

    /// Its turns are counted from the first one again, and its records are looked at whether they change or not.
    fn free(&self, conflict: &Conflict) -> rusqlite::Result<()> {
        self.settle(conflict.link, Some(&conflict.field))?;
        self.forget_turns(conflict.link, Some(&conflict.field))?;
        for side in Side::BOTH {
            let revisit = Revisit {
                side,
                object: conflict.objects[side.index()].clone(),
                id: conflict.ids[side.index()].clone(),
            };
            self.wait(&conflict.relationship, &revisit)?;
        }
        Ok(())
    }

    fn find_conflicts(&self, selection: &Selection) -> rusqlite::Result<Vec<(i64, Conflict)>> {
        let mut statement = self.connection.prepare_cached(select_conflicts!(
            "?1 IS NULL OR r.name = ?1 ORDER BY r.name, c.link, c.field"
        ))?;
        let mut rows = statement.query([selection.relationship.as_deref()])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let conflict = conflict_of(row)?;
            if selection.names(&conflict.ids) {
                found.push((row.get(0)?, conflict));
            }
        }
        Ok(found)
    }

    fn find_conflicts_of(&self, links: &[i64]) -> rusqlite::Result<Vec<Conflict>> {
        let mut statement = self
            .connection
            .prepare_cached(select_conflicts!("c.link = ?1 ORDER BY c.field"))?;
        let mut found = Vec::new();
        for link in links {
            let mut rows = statement.query([link])?;
            while let Some(row) = rows.next()? {
                found.push(conflict_of(row)?);
            }
        }
        Ok(found)
    }

    /// Replaces the conflict of this field of this link.
    pub(super) fn add_conflict(&self, conflict: &Conflict) -> rusqlite::Result<()> {
        let name = |name: &str| self.names.intern(&self.connection, name);
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO conflicts (link, field, relationship, left_object, right_object, left_id, right_id, left_value,
                 right_value, because, rule, frozen, winner) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
            )?
            .execute(params![
                conflict.link,
                conflict.field.as_str(),
                name(&conflict.relationship)?,
                name(&conflict.objects[0])?,
                name(&conflict.objects[1])?,
                Column(&conflict.ids[0]),
                Column(&conflict.ids[1]),
                Column(&conflict.left),
                Column(&conflict.right),
                conflict.because,
                name(&conflict.rule)?,
                conflict.frozen,
                conflict.take
            ])
            .map(drop)
    }

    /// All (`field: None`) or one field's conflict of a link.
    pub(super) fn settle(&self, link: i64, field: Option<&str>) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("DELETE FROM conflicts WHERE link = ?1 AND (?2 IS NULL OR field = ?2)")?
            .execute(params![link, field])
            .map(drop)
    }

    /// The link's side is another record from now on.
    pub(super) fn move_conflicts(
        &self,
        link: i64,
        side: Side,
        object: &str,
        id: &Value,
    ) -> rusqlite::Result<()> {
        let object = self.names.intern(&self.connection, object)?;
        self.connection
            .prepare_cached(match side {
                Side::Left => "UPDATE conflicts SET left_object = ?2, left_id = ?3 WHERE link = ?1",
                Side::Right => {
                    "UPDATE conflicts SET right_object = ?2, right_id = ?3 WHERE link = ?1"
                }
            })?
            .execute(params![link, object, Column(id)])
            .map(drop)
    }
}

fn conflict_of(row: &Row<'_>) -> rusqlite::Result<Conflict> {
    Ok(Conflict {
        relationship: column::text(row, 1)?,
        link: row.get(2)?,
        objects: [column::text(row, 3)?, column::text(row, 4)?],
        ids: [column::value(row, 5)?, column::value(row, 6)?],
        field: column::text(row, 7)?,
        left: column::value(row, 8)?,
        right: column::value(row, 9)?,
        because: row.get(10)?,
        rule: row.get(11)?,
        frozen: row.get(12)?,
        take: row.get(13)?,
    })
}
