//! Names of relationships, objects and rules as small numbers, remembered in memory.

use std::cell::RefCell;

use rusqlite::{Connection, OptionalExtension};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

#[derive(Default)]
pub(super) struct Names {
    numbers: RefCell<FxHashMap<SmolStr, i64>>,
    names: RefCell<FxHashMap<i64, SmolStr>>,
}

impl Names {
    /// `None` for a name that the ledger has never seen: nothing is stored under it.
    pub(super) fn number(
        &self,
        connection: &Connection,
        name: &str,
    ) -> rusqlite::Result<Option<i64>> {
        if let Some(number) = self.numbers.borrow().get(name) {
            return Ok(Some(*number));
        }
        let number = connection
            .prepare_cached("SELECT number FROM names WHERE name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        if let Some(number) = number {
            self.remember(name.into(), number);
        }
        Ok(number)
    }

    pub(super) fn intern(&self, connection: &Connection, name: &str) -> rusqlite::Result<i64> {
        if let Some(number) = self.number(connection, name)? {
            return Ok(number);
        }
        let number = connection
            .prepare_cached("INSERT INTO names (name) VALUES (?1)")?
            .insert([name])?;
        self.remember(name.into(), number);
        Ok(number)
    }

    pub(super) fn name(&self, connection: &Connection, number: i64) -> rusqlite::Result<SmolStr> {
        if let Some(name) = self.names.borrow().get(&number) {
            return Ok(name.clone());
        }
        let name: String = connection
            .prepare_cached("SELECT name FROM names WHERE number = ?1")?
            .query_row([number], |row| row.get(0))?;
        let name = SmolStr::from(name);
        self.remember(name.clone(), number);
        Ok(name)
    }

    /// After a rollback: some of the names may be gone.
    pub(super) fn forget(&self) {
        self.numbers.borrow_mut().clear();
        self.names.borrow_mut().clear();
    }

    fn remember(&self, name: SmolStr, number: i64) {
        self.names.borrow_mut().insert(number, name.clone());
        self.numbers.borrow_mut().insert(name, number);
    }
}
