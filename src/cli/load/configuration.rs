//! stores.yaml, as the commands need it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use smol_str::{SmolStr, ToSmolStr};

use super::place::Place;
use crate::apply;
use crate::apply::post::Http;
use crate::cli::exit::{Cause, Exit};
use crate::cli::options::Common;
use crate::schema::yaml::YamlError;
use crate::store::Store;
use crate::store::config::{Config, KindConfig, LedgerConfig, Secret, StoreConfig, open};

/// What stores.yaml says.
#[derive(Debug, Clone)]
pub struct Configuration {
    config: Config,
}

impl Configuration {
    /// # Errors
    /// No stores.yaml, or a wrong one.
    pub fn read(place: &Place) -> Result<Configuration, Exit> {
        Config::read(place.stores()?)
            .map(|config| Configuration { config })
            .map_err(|error| wrong(&error))
    }

    /// As [`Configuration::read`]; `None` where there is no stores.yaml.
    ///
    /// # Errors
    /// A wrong stores.yaml.
    pub fn read_if_there(place: &Place) -> Result<Option<Configuration>, Exit> {
        match &place.stores {
            Some(_) => Configuration::read(place).map(Some),
            None => Ok(None),
        }
    }

    /// The program's name: `name:`, else the base name of the rules' folder.
    pub fn name(&self, place: &Place) -> SmolStr {
        match &self.config.name {
            Some(name) => name.clone(),
            None => place.base_name().to_smolstr(),
        }
    }

    pub fn store_names(&self) -> Vec<SmolStr> {
        self.config.stores.keys().cloned().collect()
    }

    pub fn store(&self, name: &str) -> Option<&StoreConfig> {
        self.config.stores.get(name)
    }

    /// Opens the store of that name; `None` where stores.yaml does not have it.
    ///
    /// # Errors
    /// The store can't be reached.
    pub fn open(&self, name: &str) -> Result<Option<Box<dyn Store>>, Exit> {
        match self.store(name) {
            Some(store) => open(store).map(Some).map_err(|error| Exit::store(&error)),
            None => Ok(None),
        }
    }

    /// The file of a store that is one.
    ///
    /// # Errors
    /// The store is of another kind, or not configured.
    pub fn sqlite_path(&self, name: &str) -> Result<PathBuf, Exit> {
        let store = self.config.store(name).map_err(|error| wrong(&error))?;
        match &store.kind {
            KindConfig::Sqlite { path } => Ok(path.clone()),
            _ => Err(Exit::new(
                Cause::Configuration,
                format!("store `{name}` is no SQLite file: sample data can only be made in one"),
            )),
        }
    }

    /// The ledger's file: `--ledger`, else `ledger:` of stores.yaml.
    ///
    /// # Errors
    /// A kind of ledger that this version does not have.
    pub fn ledger_path(&self, common: &Common) -> Result<PathBuf, Exit> {
        match &common.ledger {
            Some(url) => ledger_file(url),
            None => match &self.config.ledger {
                LedgerConfig::Sqlite { path } => Ok(path.clone()),
            },
        }
    }

    /// Milliseconds by which reads of both stores go back behind their cursors.
    pub fn overlap(&self, stores: [&str; 2]) -> [i64; 2] {
        stores.map(|name| self.store(name).map_or(60_000, |store| store.overlap_ms))
    }

    /// Milliseconds within which times of both stores count as equal.
    pub fn tolerance(&self, stores: [&str; 2]) -> i64 {
        let of = |name: &&str| self.store(name).map(|store| store.tolerance_ms);
        stores.iter().filter_map(of).max().unwrap_or(0)
    }

    pub fn retention_ms(&self) -> i64 {
        self.config.retention_ms
    }

    pub fn secret(&self, name: &str) -> Option<&Secret> {
        self.config.secrets.get(name)
    }

    pub fn apply_options(&self, allow_large: bool) -> apply::Options {
        apply::Options {
            guards: self.config.guards.clone(),
            allow_large,
            batch: BATCH,
            lock: LOCK,
            poster: Arc::new(Http::new(
                self.config
                    .secrets
                    .get("post")
                    .map(|s| s.expose().to_owned()),
            )),
        }
    }
}

/// Pairs of records that one batch of the outbox carries: the few batches that are dealt with at a time stay in the processor's caches.
const BATCH: usize = 250;

/// Other programs usually wait five seconds for a database.
const LOCK: Duration = Duration::from_secs(2);

/// `FILE` or `sqlite:FILE`
fn ledger_file(url: &str) -> Result<PathBuf, Exit> {
    let path = url
        .strip_prefix("sqlite://")
        .or_else(|| url.strip_prefix("sqlite:"))
        .unwrap_or(url);
    match path.split_once("://") {
        Some((kind, _)) => Err(Exit::new(
            Cause::Configuration,
            format!("--ledger: this version keeps ledgers in SQLite files, not in {kind}"),
        )),
        None if path.is_empty() => Err(Exit::usage("--ledger: name a file")),
        None => Ok(Path::new(path).to_owned()),
    }
}

/// Exit codes of a YAML file: 66 where it is missing, 78 where it is wrong.
pub fn wrong(error: &YamlError) -> Exit {
    let cause = match error {
        YamlError::Missing { .. } => Cause::FileMissing,
        YamlError::Wrong { .. } => Cause::Configuration,
    };
    Exit::new(cause, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_is_a_file() {
        for url in ["l.db", "sqlite:l.db", "sqlite://l.db"] {
            assert_eq!(ledger_file(url).unwrap(), Path::new("l.db"), "{url}");
        }
        let exit = ledger_file("postgres://db/ledger").unwrap_err();
        assert_eq!(exit.cause, Cause::Configuration);
        assert_eq!(ledger_file("").unwrap_err().cause, Cause::Usage);
    }
}
