//! `stores.yaml`: which systems the stores of a program are, and the limits of a run.
//!
//! ```yaml
//! name: leads                     # the program's name; else its folder's
//! stores:
//!   marketing:
//!     kind: sqlite
//!     path: marketing.db          # relative to this file's folder
//!     objects:                    # per object, where the detection needs help
//!       Person: { table: tbl_person, id: nr, modified: changed, deleted: gone, created: made }
//!     overlap: 60s                # how far before the last stamp a read begins
//!     concurrency: 4              # calls at once
//!     tolerance: 0s               # within which two modification times count as equal
//!     budget: 80%                 # of the daily calls
//! ledger: { kind: sqlite, path: .bilateral/ledger.db }
//! retention: 30d                  # how long undo is possible
//! guard: { delete: 5%, blank: 20%, create: 50%, Lead: { delete: 50% } }
//! secrets: { events: "${EVENT_SECRET}", post: "${file:post.key}" }
//! ```
//!
//! `${NAME}` is read from the environment, `${file:PATH}` from a file (its last line break is dropped).

mod guard;
mod read;
mod variables;

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use smol_str::SmolStr;

pub use self::guard::{FLOOR, Guard, Guards, Percent, allowed};
use super::{MemoryStore, ObjectConfig, SqliteStore, Store, StoreOutcome};
use crate::schema::StoreSchema;
use crate::schema::yaml::{self, YamlError};

/// The content of a `stores.yaml`.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file, for messages; paths in it are relative to its folder.
    pub path: PathBuf,
    /// The program's name, where the file says one.
    pub name: Option<SmolStr>,
    pub stores: IndexMap<SmolStr, StoreConfig>,
    pub ledger: LedgerConfig,
    /// How long before-images are kept, in milliseconds.
    pub retention_ms: i64,
    pub guards: Guards,
    pub secrets: IndexMap<SmolStr, Secret>,
}

/// One store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreConfig {
    pub name: SmolStr,
    pub kind: KindConfig,
    pub objects: IndexMap<SmolStr, ObjectConfig>,
    /// How far before the last stamp a read begins, in milliseconds.
    pub overlap_ms: i64,
    /// Calls at once.
    pub concurrency: u32,
    /// Within which two modification times count as equal, in milliseconds.
    pub tolerance_ms: i64,
    /// The share of the daily calls that may be used.
    pub budget: Option<Percent>,
}

/// What each kind of store needs to be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KindConfig {
    Sqlite { path: PathBuf },
    Memory,
}

/// Where the engine's own memory is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerConfig {
    Sqlite { path: PathBuf },
}

/// A value that is in no log, plan or message.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    pub fn new(text: &str) -> Secret {
        Secret(text.to_owned())
    }
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Config {
    /// Reads the `stores.yaml` at `path`, with the variables of this process's environment.
    ///
    /// # Errors
    /// A missing file; a wrong key, value or variable, with its line.
    pub fn read(path: &Path) -> Result<Self, YamlError> {
        let text = yaml::read_text(path)?;
        Self::parse(path, &text, &|name| std::env::var(name).ok())
    }

    /// As [`Config::read`], from the file's text and with the given variables.
    ///
    /// # Errors
    /// A wrong key, value or variable, with its line.
    pub fn parse(
        path: &Path,
        text: &str,
        variables: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, YamlError> {
        read::parse(path, text, variables)
    }

    /// The store that a program names.
    ///
    /// # Errors
    /// A name that the file does not have.
    pub fn store(&self, name: &str) -> Result<&StoreConfig, YamlError> {
        self.stores.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.stores.keys().map(SmolStr::as_str).collect();
            let message = format!(
                "there is no store `{name}` under `stores`; {}",
                yaml::suggest(name, &known)
            );
            YamlError::Wrong {
                path: self.path.clone(),
                line: None,
                message,
            }
        })
    }
}

/// Opens a store.
///
/// # Errors
/// A store that can't be reached, or lacks a table or column that its configuration names.
pub fn open(config: &StoreConfig) -> StoreOutcome<Box<dyn Store>> {
    Ok(match &config.kind {
        KindConfig::Sqlite { path } => Box::new(SqliteStore::open(
            &config.name,
            path,
            config.objects.clone(),
        )?),
        KindConfig::Memory => {
            let store = MemoryStore::new(StoreSchema::default());
            store.set_now(chrono::Utc::now());
            Box::new(store)
        }
    })
}
