//! The lists of a ledger: held records, errors, conflicts.

use std::io::Write;

use serde::Serialize;

use super::console::Console;
use super::exit::{Exit, Finished, Outcome};
use super::load::LedgerPlace;
use super::options::{Common, Format, RulesPath, Which};
use crate::ledger::{Ledger, Selection};

/// A ledger to list from, or to change the entries of.
pub struct Lists {
    pub place: LedgerPlace,
    pub selection: Selection,
    pub console: Console,
}

impl Lists {
    /// # Errors
    /// Rules or stores.yaml are missing or wrong; a relationship that the rules do not have.
    pub fn open(at: &RulesPath, which: &Which, common: &Common) -> Result<Lists, Exit> {
        let console = common.console();
        let place = LedgerPlace::find(at.rules.as_deref(), common)?;
        let selection = place.select(which)?;
        Ok(Lists {
            place,
            selection,
            console,
        })
    }

    pub fn read(&self) -> Result<Ledger, Exit> {
        Ok(Ledger::open_read(&self.place.path, &self.place.identity)?)
    }

    /// Holds the ledger: nothing else may run meanwhile.
    pub fn write(&self) -> Result<Ledger, Exit> {
        self.place.must_exist()?;
        Ok(Ledger::open(&self.place.path, &self.place.identity)?)
    }

    /// Prints the list `name`, one line an entry, or as JSON.
    pub fn print<S: Serialize>(
        &self,
        name: &str,
        format: Format,
        shapes: &[S],
        lines: impl Iterator<Item = String>,
    ) -> Outcome {
        let mut out = self.console.stdout();
        match format {
            Format::Json => {
                write!(out, "{{\"version\":1,\"{name}\":")?;
                serde_json::to_writer(&mut out, shapes).map_err(std::io::Error::from)?;
                out.write_all(b"}\n")?;
            }
            Format::Human => {
                for line in lines {
                    writeln!(out, "{line}")?;
                }
                out.flush()?;
                if shapes.is_empty() {
                    self.console.note(&format!("no {name}"));
                }
            }
        }
        out.flush()?;
        Ok(Finished::Done)
    }

    /// Says how many entries were changed.
    pub fn changed(&self, count: usize, one: &str, what: &str) -> Outcome {
        let mut out = self.console.stdout();
        writeln!(out, "{}{what}", super::human::counted(count as u64, one))?;
        out.flush()?;
        Ok(Finished::Done)
    }
}
