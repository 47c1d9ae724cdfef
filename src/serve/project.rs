//! What a daemon runs, and where it gets it from.

use std::path::PathBuf;

use chrono::TimeDelta;

use crate::apply::Options;
use crate::ledger::Identity;
use crate::plan::Request;
use crate::program::Program;
use crate::store::Store;
use crate::store::config::Secret;

/// A program that is ready to run, and all that its runs need.
pub struct Project {
    pub program: Program,
    /// Left, right.
    pub stores: [Box<dyn Store>; 2],
    pub ledger: PathBuf,
    pub identity: Identity,
    /// What every run begins with; each has its own time and parts of the program.
    pub request: Request,
    pub options: Options,
    /// How long before-images are kept.
    pub retention: TimeDelta,
    /// `secrets.events` of stores.yaml: without it no event is taken.
    pub events: Option<Secret>,
}

/// Why no project came of the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Without findings: these are told where they are found.
    pub message: String,
    /// A store does not answer: the same files may do later.
    pub passes: bool,
}

/// Where projects come from: files that may change while the daemon runs.
pub trait Origin {
    /// Another number whenever one of the files is another one, whatever may be in it.
    fn mark(&self) -> u64;

    /// Reads and checks the files, opens the stores.
    ///
    /// # Errors
    /// Rules that do not check, a store that can't be reached.
    fn load(&mut self) -> Result<Project, Refused>;
}
