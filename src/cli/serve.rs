//! `serve`

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::TimeDelta;
use xxhash_rust::xxh3::Xxh3Default;

use super::console::{self, Console};
use super::exit::{Cause, Exit, Outcome};
use super::header::now;
use super::interrupt;
use super::load::{Loaded, Place, rule_paths, schema_path};
use super::options::{Common, RulesPath};
use crate::serve::{
    self, Bell, Fields, Level, Log, Origin, Project, Refused, ServeError, Settings,
};

/// The daemon: run schedules and triggers, take events, show a page and metrics
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  bilateral serve --rules rules/crm\n  bilateral serve --listen 0.0.0.0:8420 --log-format json"
)]
pub struct Args {
    /// Where to listen for events and for browsers
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8420")]
    listen: SocketAddr,
    /// Events taken a second, on average; four times as many at once
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: u32,
    #[command(flatten)]
    at: RulesPath,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let console = common.console();
    let mut files = Files {
        rules: args.at.rules.as_deref(),
        common,
        console,
        watched: Vec::new(),
    };
    let project = files.open()?;
    let bell = Arc::new(Bell::default());
    let ring = Arc::clone(&bell);
    interrupt::tell(move || ring.stop());
    let log: Arc<dyn Log> = Arc::new(ServeLog(console));
    let settings = Settings {
        listen: args.listen,
        rate: args.rate,
    };
    serve::serve(project, &mut files, &settings, &bell, &log)?;
    // It ends in no other way, and has said so.
    Err(Exit::new(Cause::Interrupted, ""))
}

impl From<ServeError> for Exit {
    fn from(error: ServeError) -> Exit {
        match error {
            ServeError::Ledger(error) => error.into(),
            error @ ServeError::Listen { .. } => Exit::new(Cause::Unavailable, error.to_string()),
        }
    }
}

/// A log of the console.
struct ServeLog(Console);

impl Log for ServeLog {
    fn say(&self, level: Level, message: &str, fields: Fields<'_>) {
        let level = match level {
            Level::Detail if !self.0.verbose => return,
            Level::Info if self.0.quiet => return,
            Level::Detail | Level::Info => console::Level::Info,
            Level::Warning => console::Level::Warning,
            Level::Error => console::Level::Error,
        };
        self.0.log(level, message, fields);
    }
}

/// The files of a program, and what a change of them means.
struct Files<'a> {
    rules: Option<&'a Path>,
    common: &'a Common,
    console: Console,
    /// Besides the rule files: stores.yaml, the schema files, the stores that are files.
    watched: Vec<Watched>,
}

struct Watched {
    path: PathBuf,
    /// Its content may change at any time; only another file in its place counts.
    is_store: bool,
}

impl Files<'_> {
    fn open(&mut self) -> Result<Project, Exit> {
        let loaded = Loaded::open(self.rules, self.common, &self.console)?;
        let secret = loaded.secret("events");
        if secret
            .as_ref()
            .is_some_and(|secret| secret.expose().trim().is_empty())
        {
            return Err(Exit::new(
                Cause::Configuration,
                "stores.yaml: `secrets.events` is empty, so that anybody could post events: give it a value, or take it out",
            ));
        }
        let file = |path: PathBuf| Watched {
            path,
            is_store: false,
        };
        self.watched = loaded.place.stores.iter().cloned().map(file).collect();
        for store in &loaded.program.stores {
            self.watched
                .push(file(schema_path(&loaded.place, &store.name)));
            if let Ok(path) = loaded.sqlite_path(&store.name) {
                self.watched.push(Watched {
                    path,
                    is_store: true,
                });
            }
        }
        Ok(Project {
            request: loaded.request(now()),
            options: loaded.apply_options(false),
            retention: TimeDelta::milliseconds(loaded.retention_ms()),
            events: secret,
            ledger: loaded.ledger.path,
            identity: loaded.ledger.identity,
            program: loaded.program,
            stores: loaded.stores,
        })
    }
}

impl Origin for Files<'_> {
    fn mark(&self) -> u64 {
        let mut mark = Xxh3Default::new();
        let rules = Place::find(self.rules, self.common.stores.as_deref())
            .and_then(|place| rule_paths(&place.rules));
        match rules {
            Ok(paths) => paths.iter().for_each(|path| add(&mut mark, path, false)),
            Err(exit) => mark.update(exit.message.as_bytes()),
        }
        for watched in &self.watched {
            add(&mut mark, &watched.path, watched.is_store);
        }
        mark.digest()
    }

    fn load(&mut self) -> Result<Project, Refused> {
        self.open().map_err(|exit| Refused {
            passes: exit.cause == Cause::Unavailable,
            message: exit.message,
        })
    }
}

/// What tells a file from the one that stood there before.
fn add(mark: &mut Xxh3Default, path: &Path, is_store: bool) {
    mark.update(path.as_os_str().as_encoded_bytes());
    let Ok(metadata) = path.metadata() else {
        mark.update(b"missing");
        return;
    };
    mark.update(&identity(&metadata).to_le_bytes());
    if is_store {
        return;
    }
    mark.update(&metadata.len().to_le_bytes());
    let modified = metadata.modified().ok();
    let since = modified.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
    mark.update(&since.map_or(0, |since| since.as_nanos()).to_le_bytes());
}

#[cfg(unix)]
fn identity(metadata: &std::fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(metadata)
}

/// Elsewhere a store's file can't be replaced while it is open.
#[cfg(not(unix))]
fn identity(_metadata: &std::fs::Metadata) -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(path: &Path, is_store: bool) -> u64 {
        let mut mark = Xxh3Default::new();
        add(&mut mark, path, is_store);
        mark.digest()
    }

    #[test]
    fn a_store_is_another_one_only_where_another_file_stands_in_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        std::fs::write(&path, "one").unwrap();
        let (file, store) = (mark(&path, false), mark(&path, true));
        std::fs::write(&path, "another").unwrap();
        assert_ne!(mark(&path, false), file);
        assert_eq!(mark(&path, true), store);
        std::fs::write(folder.path().join("new.db"), "another").unwrap();
        std::fs::rename(folder.path().join("new.db"), &path).unwrap();
        assert_ne!(mark(&path, true), store);
        std::fs::remove_file(&path).unwrap();
        assert_ne!(mark(&path, true), store);
    }
}
