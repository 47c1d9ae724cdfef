//! Fields that go back and forth between two values, because each side has another writer (engine, section 6).

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::params;
use smol_str::SmolStr;

use super::column::{self, Time};
use super::{Ledger, LedgerOutcome};

/// A field that has turned so often is left alone at the next turn. As in the index of the table.
const MOST_TURNS: u32 = 3;

/// Turns count together within a day.
const WINDOW: TimeDelta = TimeDelta::days(1);

/// A field of a link that has turned as often as it may.
#[derive(Debug, Clone, PartialEq)]
pub struct Turning {
    pub link: i64,
    pub field: SmolStr,
    /// The hashes of the two values, the smaller one first.
    pub values: [u64; 2],
}

impl Ledger {
    /// The fields that must not turn once more at `now`.
    pub fn turning(&self, now: DateTime<Utc>) -> LedgerOutcome<Vec<Turning>> {
        self.answer(self.find_turning(now))
    }

    fn find_turning(&self, now: DateTime<Utc>) -> rusqlite::Result<Vec<Turning>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT t.link, n.name, t.one, t.other FROM turns t INDEXED BY turns_many JOIN names n ON n.number = t.field
             WHERE t.count >= 3 AND t.since > ?1",
        )?;
        let rows = statement.query_map([Time(now - WINDOW)], |row| {
            let hash = |index| row.get::<_, i64>(index).map(i64::cast_unsigned);
            Ok(Turning {
                link: row.get(0)?,
                field: column::text(row, 1)?,
                values: [hash(2)?, hash(3)?],
            })
        })?;
        rows.collect()
    }

    /// Counts a turn of a field between two values, or begins to count anew.
    pub(super) fn turn(&self, link: i64, field: &str, values: [u64; 2]) -> rusqlite::Result<()> {
        let field = self.names.intern(&self.connection, field)?;
        let now = self.current.as_ref().map_or_else(Utc::now, |run| run.now);
        self.connection
            .prepare_cached(
                "INSERT INTO turns (link, field, one, other, count, since) VALUES (?1, ?2, ?3, ?4, 1, ?5)
                 ON CONFLICT (link, field) DO UPDATE SET
                   count = CASE WHEN one = ?3 AND other = ?4 AND since > ?6 THEN min(count + 1, ?7) ELSE 1 END,
                   since = CASE WHEN one = ?3 AND other = ?4 AND since > ?6 THEN since ELSE ?5 END,
                   one = ?3, other = ?4",
            )?
            .execute(params![
                link,
                field,
                values[0].cast_signed(),
                values[1].cast_signed(),
                Time(now),
                Time(now - WINDOW),
                MOST_TURNS
            ])
            .map(drop)
    }

    /// All (`field: None`) or one field's turns of a link are forgotten.
    pub(super) fn forget_turns(&self, link: i64, field: Option<&str>) -> rusqlite::Result<()> {
        let number = match field {
            Some(field) => Some(self.names.intern(&self.connection, field)?),
            None => None,
        };
        self.connection
            .prepare_cached("DELETE FROM turns WHERE link = ?1 AND (?2 IS NULL OR field = ?2)")?
            .execute(params![link, number])
            .map(drop)
    }

    /// Turns of another day count no more.
    pub(super) fn forget_old_turns(&self, now: DateTime<Utc>) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached("DELETE FROM turns WHERE since <= ?1")?
            .execute([Time(now - WINDOW)])
            .map(drop)
    }
}
