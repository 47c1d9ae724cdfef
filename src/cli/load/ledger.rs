//! The ledger of a program, for commands that need no store.

use std::path::{Path, PathBuf};

use smol_str::SmolStr;

use super::configuration::Configuration;
use super::place::Place;
use super::rules::Rules;
use crate::check;
use crate::cli::exit::{Cause, Exit};
use crate::cli::only::unknown;
use crate::cli::options::{Common, Which};
use crate::ledger::{Identity, Selection};
use crate::program::{Pace, Side};

/// Where a ledger is, whose it is, and what its relationships are called.
#[derive(Debug, Clone)]
pub struct LedgerPlace {
    pub path: PathBuf,
    pub identity: Identity,
    pub relationships: Vec<Related>,
    /// In the order of files and lines; of equal ones the first.
    pub schedules: Vec<Timed>,
}

/// A schedule as its line says it.
#[derive(Debug, Clone)]
pub struct Timed {
    pub name: SmolStr,
    pub pace: Pace,
    /// `schedule.sync:6`
    pub rule: String,
}

/// A relationship as its header says it.
#[derive(Debug, Clone)]
pub struct Related {
    pub name: SmolStr,
    /// Left, right.
    pub objects: [Vec<SmolStr>; 2],
}

impl LedgerPlace {
    /// # Errors
    /// Rules or stores.yaml are missing or wrong.
    pub fn find(rules: Option<&Path>, common: &Common) -> Result<LedgerPlace, Exit> {
        let place = Place::find(rules, common.stores.as_deref())?;
        let configuration = Configuration::read(&place)?;
        let rules = Rules::read(&place, &[])?;
        let path = configuration.ledger_path(common)?;
        LedgerPlace::of(&place, &configuration, &rules, path)
    }

    /// # Errors
    /// Rules that name no pair of stores.
    pub fn of(
        place: &Place,
        configuration: &Configuration,
        rules: &Rules,
        path: PathBuf,
    ) -> Result<LedgerPlace, Exit> {
        let [left, right] = rules
            .pair(Some(&configuration.store_names()))
            .ok_or_else(|| {
                Exit::new(
                    Cause::Rules,
                    format!(
                        "no file of {} says `sync LEFT with RIGHT`",
                        place.rules.display()
                    ),
                )
            })?;
        let relationships = rules.relationships().map(|item| {
            let names = |names: &[crate::syntax::ast::Name]| {
                names.iter().map(|name| name.text.clone()).collect()
            };
            Related {
                name: item.name.text.clone(),
                objects: [names(&item.left), names(&item.right)],
            }
        });
        let mut schedules: Vec<Timed> = Vec::new();
        for paced in rules.schedules().filter_map(check::paced) {
            if !schedules.iter().any(|known| known.name == paced.name) {
                schedules.push(Timed {
                    rule: rules.sources.location(paced.span),
                    name: paced.name,
                    pace: paced.pace,
                });
            }
        }
        Ok(LedgerPlace {
            path,
            identity: Identity {
                program: configuration.name(place),
                left,
                right,
            },
            relationships: relationships.collect(),
            schedules,
        })
    }

    pub fn store(&self, side: Side) -> &str {
        match side {
            Side::Left => &self.identity.left,
            Side::Right => &self.identity.right,
        }
    }

    /// # Errors
    /// A relationship that the rules do not have.
    pub fn select(&self, which: &Which) -> Result<Selection, Exit> {
        let known = || {
            self.relationships
                .iter()
                .map(|related| related.name.as_str())
        };
        if let Some(name) = &which.relationship
            && !known().any(|known| known == name)
        {
            return Err(unknown("relationship", name, known()));
        }
        Ok(Selection {
            relationship: which.relationship.as_deref().map(SmolStr::from),
            ids: which.ids.clone(),
        })
    }

    /// For what is pointless on an empty ledger: it is not made just to be changed.
    ///
    /// # Errors
    /// There is no ledger yet.
    pub fn must_exist(&self) -> Result<(), Exit> {
        if self.path.exists() {
            return Ok(());
        }
        Err(Exit::new(
            Cause::Failed,
            format!(
                "there is no ledger yet at {}: `bilateral apply` makes it",
                self.path.display()
            ),
        ))
    }
}
