//! New links, many at once.

use rusqlite::params;
use rusqlite::types::ToSql;
use smol_str::SmolStr;

use super::column::Column;
use super::{Effect, Ledger};
use crate::value::Value;

/// Links that one statement adds.
const AT_ONCE: usize = 50;
/// Columns that all of them have in common, and others.
const COMMON: usize = 4;
const OWN: usize = 5;

/// `OR FAIL`: whoever meets an error takes back the whole transaction, so that the statement need not be able to take back itself.
///
/// All rows have the first columns in common: the numbered values, which those without a number follow.
fn insert_links(rows: usize) -> String {
    format!(
        "INSERT OR FAIL INTO links (relationship, left_object, right_object, closed, left_id, right_id, left_stamp, right_stamp, base) VALUES {}",
        vec!["(?1, ?2, ?3, ?4, ?, ?, ?, ?, ?)"; rows].join(", ")
    )
}

/// What [`Effect::Link`] adds.
pub(super) struct NewLink<'e> {
    relationship: &'e SmolStr,
    objects: &'e [SmolStr; 2],
    ids: &'e [Value; 2],
    stamps: &'e [Value; 2],
    base: &'e [u8],
    pub(super) closed: bool,
}

impl<'e> NewLink<'e> {
    pub(super) fn of(effect: &'e Effect) -> Option<NewLink<'e>> {
        let Effect::Link {
            relationship,
            objects,
            ids,
            stamps,
            base,
            closed,
        } = effect
        else {
            return None;
        };
        Some(NewLink {
            relationship,
            objects,
            ids,
            stamps,
            base,
            closed: *closed,
        })
    }

    fn common(&self) -> ([&'e SmolStr; 3], bool) {
        (self.names(), self.closed)
    }

    fn names(&self) -> [&'e SmolStr; 3] {
        [self.relationship, &self.objects[0], &self.objects[1]]
    }
}

impl Ledger {
    /// A closed link with the same two records is replaced.
    pub(super) fn add_links(&self, links: &[NewLink<'_>]) -> rusqlite::Result<()> {
        let Some(first) = links.first() else {
            return Ok(());
        };
        let one = self.links_of(first)?;
        let mut tombstones = self.any_tombstone(one[0])?;
        // A statement for many rows costs little more than one for a single row, but for the rows themselves.
        let (mut of_many, mut of_one) = (None, None);
        let mut rest = links;
        while let Some(link) = rest.first() {
            let like = |other: &NewLink<'_>| link.common() == other.common();
            let alike = rest
                .first_chunk::<AT_ONCE>()
                .is_some_and(|chunk| chunk.iter().all(like));
            let (chunk, behind) = rest.split_at(if alike { AT_ONCE } else { 1 });
            rest = behind;
            let numbers = if link.names() == first.names() {
                one
            } else {
                self.links_of(link)?
            };
            if numbers[0] != one[0] {
                tombstones |= self.any_tombstone(numbers[0])?;
            }
            let statement = match chunk.len() {
                1 => &mut of_one,
                _ => &mut of_many,
            };
            if statement.is_none() {
                let sql = insert_links(chunk.len());
                *statement = Some(self.connection.prepare_cached(&sql)?);
            }
            let Some(statement) = statement else { continue };
            for (place, number) in (1..).zip(numbers) {
                statement.raw_bind_parameter(place, number)?;
            }
            statement.raw_bind_parameter(COMMON, link.closed)?;
            for (row, link) in chunk.iter().enumerate() {
                if tombstones {
                    self.drop_tombstone(link, numbers)?;
                }
                let mut place = COMMON + row * OWN;
                let mut bind = |value: &dyn ToSql| {
                    place += 1;
                    statement.raw_bind_parameter(place, value)
                };
                for value in link.ids.iter().chain(link.stamps) {
                    bind(&Column(value))?;
                }
                bind(&link.base)?;
            }
            statement.raw_execute()?;
        }
        Ok(())
    }

    /// The numbers of a new link's relationship and objects.
    fn links_of(&self, link: &NewLink<'_>) -> rusqlite::Result<[i64; 3]> {
        let [relationship, left, right] = link.names();
        let number = |name: &str| self.names.intern(&self.connection, name);
        Ok([number(relationship)?, number(left)?, number(right)?])
    }

    fn any_tombstone(&self, relationship: i64) -> rusqlite::Result<bool> {
        self.connection
            .prepare_cached(
                "SELECT 1 FROM links INDEXED BY links_closed WHERE closed = 1 AND relationship = ?1",
            )?
            .exists([relationship])
    }

    /// Of the same two records.
    fn drop_tombstone(
        &self,
        link: &NewLink<'_>,
        [relationship, left, right]: [i64; 3],
    ) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "DELETE FROM links INDEXED BY links_closed WHERE closed = 1 AND relationship = ?1 AND left_id = ?2 AND right_id = ?3
                 AND left_object = ?4 AND right_object = ?5",
            )?
            .execute(params![
                relationship,
                Column(&link.ids[0]),
                Column(&link.ids[1]),
                left,
                right
            ])
            .map(drop)
    }
}
