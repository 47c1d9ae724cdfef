//! A program that is ready to run: checked against its stores, which are open.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use smol_str::SmolStr;

use super::checking::{self, report};
use super::configuration::{Configuration, wrong};
use super::ledger::LedgerPlace;
use super::place::Place;
use super::rules::Rules;
use crate::apply;
use crate::cli::console::Console;
use crate::cli::exit::Exit;
use crate::cli::options::{Common, Setting};
use crate::cli::saved::SavedHeader;
use crate::ledger::Ledger;
use crate::plan::Request;
use crate::program::Program;
use crate::schema::yaml;
use crate::schema::{StoreSchema, parse_file, refine};
use crate::store::Store;
use crate::store::config::Secret;

pub struct Loaded {
    pub place: Place,
    pub program: Program,
    /// Left, right.
    pub stores: [Box<dyn Store>; 2],
    pub ledger: LedgerPlace,
    configuration: Configuration,
}

impl Loaded {
    /// Reads, opens, describes, checks; findings are printed.
    ///
    /// # Errors
    /// A file is missing, stores.yaml is wrong, a store can't be reached, the rules do not check.
    pub fn open(path: Option<&Path>, common: &Common, console: &Console) -> Result<Loaded, Exit> {
        let place = Place::find(path, common.stores.as_deref())?;
        let configuration = Configuration::read(&place)?;
        let ledger = configuration.ledger_path(common)?;
        Loaded::new(place, configuration, ledger, &common.set, console)
    }

    /// What a saved plan was made from.
    ///
    /// # Errors
    /// As [`Loaded::open`].
    pub fn open_saved(saved: &SavedHeader, console: &Console) -> Result<Loaded, Exit> {
        let place = Place {
            rules: saved.rules.clone(),
            stores: Some(saved.stores.clone()),
        };
        let configuration = Configuration::read(&place)?;
        let settings = saved.settings();
        Loaded::new(
            place,
            configuration,
            saved.ledger.clone(),
            &settings,
            console,
        )
    }

    fn new(
        place: Place,
        configuration: Configuration,
        ledger: PathBuf,
        settings: &[Setting],
        console: &Console,
    ) -> Result<Loaded, Exit> {
        let rules = Rules::read(&place, settings)?;
        let name = configuration.name(&place);
        if !rules.parsed() {
            // What did not parse is told without the stores: they may not even be reachable.
            let report = report(&rules, name, Some(&configuration), &|_| None);
            checking::tell(&report.findings, &rules.sources, console);
            return Err(Exit::rules(&report.findings, &[]));
        }
        let pair = rules.pair(Some(&configuration.store_names()));
        let names: &[SmolStr] = pair.as_ref().map_or(&[], |pair| pair.as_slice());
        let mut opened = Vec::with_capacity(2);
        for name in names {
            if let Some(store) = Opened::new(name, &configuration, &place)? {
                opened.push(store);
            }
        }
        let schema = |name: &str| {
            let store = opened.iter().find(|store| store.name == name)?;
            Some(Arc::clone(&store.schema))
        };
        let report = report(&rules, name, Some(&configuration), &schema);
        checking::tell(&report.findings, &rules.sources, console);
        checking::tell_notes(&report.checked.notes, console);
        let stores: Vec<Box<dyn Store>> = opened.into_iter().map(|store| store.store).collect();
        let (Some(program), Ok(stores)) = (report.checked.program, <[_; 2]>::try_from(stores))
        else {
            let not_checked = &report.checked.not_checked;
            return Err(Exit::rules(&report.findings, not_checked));
        };
        let ledger = LedgerPlace::of(&place, &configuration, &rules, ledger)?;
        Ok(Loaded {
            place,
            program,
            stores,
            ledger,
            configuration,
        })
    }

    /// Everything, at `now`.
    pub fn request(&self, now: DateTime<Utc>) -> Request {
        let names = [0, 1].map(|side| self.program.stores[side].name.as_str());
        Request {
            now,
            only: Vec::new(),
            directions: [true, true],
            full: false,
            overlap: self.configuration.overlap(names),
            tolerance: self.configuration.tolerance(names),
            explain: None,
            send: Vec::new(),
        }
    }

    pub fn apply_options(&self, allow_large: bool) -> apply::Options {
        self.configuration.apply_options(allow_large)
    }

    /// How long before-images are kept, in milliseconds.
    pub fn retention_ms(&self) -> i64 {
        self.configuration.retention_ms()
    }

    /// `secrets.NAME` of stores.yaml.
    pub fn secret(&self, name: &str) -> Option<Secret> {
        self.configuration.secret(name).cloned()
    }

    /// The file of a store that is one.
    ///
    /// # Errors
    /// The store is of another kind.
    pub fn sqlite_path(&self, store: &str) -> Result<PathBuf, Exit> {
        self.configuration.sqlite_path(store)
    }

    /// Drops the before-images of runs that are older than `retention`.
    ///
    /// # Errors
    /// The ledger can't be written.
    pub fn forget(&self, ledger: &mut Ledger) -> Result<(), Exit> {
        let before = Utc::now() - TimeDelta::milliseconds(self.retention_ms());
        ledger.forget_journal(before)?;
        Ok(())
    }
}

/// A store with the schema that it describes, refined by its schema file.
struct Opened {
    name: SmolStr,
    store: Box<dyn Store>,
    schema: Arc<StoreSchema>,
}

impl Opened {
    fn new(
        name: &SmolStr,
        configuration: &Configuration,
        place: &Place,
    ) -> Result<Option<Opened>, Exit> {
        let Some(mut store) = configuration.open(name)? else {
            return Ok(None);
        };
        let mut schema = store.describe().map_err(|error| Exit::store(&error))?;
        if let Some(file) = schema_file(place, name)? {
            refine(&mut schema, &file);
        }
        Ok(Some(Opened {
            name: name.clone(),
            store,
            schema: Arc::new(schema),
        }))
    }
}

/// Where a store's schema file is.
pub fn schema_path(place: &Place, store: &str) -> PathBuf {
    place.folder().join("schema").join(format!("{store}.yaml"))
}

/// schema/STORE.yaml beside the rules, if it is there.
///
/// # Errors
/// A schema file that is wrong.
pub fn schema_file(place: &Place, store: &str) -> Result<Option<StoreSchema>, Exit> {
    Ok(schema_text(place, store)?.map(|(schema, _)| schema))
}

/// A schema file as it was read.
pub struct SchemaFile {
    pub store: SmolStr,
    pub path: PathBuf,
    pub text: String,
}

/// As [`schema_file`], with the file's text.
///
/// # Errors
/// A schema file that is wrong.
pub fn schema_text(place: &Place, store: &str) -> Result<Option<(StoreSchema, SchemaFile)>, Exit> {
    let path = schema_path(place, store);
    if !path.is_file() {
        return Ok(None);
    }
    let text = yaml::read_text(&path).map_err(|error| wrong(&error))?;
    let schema = parse_file(&path, &text).map_err(|error| wrong(&error))?;
    let store = store.into();
    Ok(Some((schema, SchemaFile { store, path, text })))
}
