//! From a path to what a command works on: rules read and checked, stores open, the ledger found.

mod checking;
mod configuration;
mod files;
mod ledger;
mod loaded;
mod offline;
mod place;
mod rules;

pub use checking::tell;
pub use configuration::{Configuration, wrong};
pub use files::{LARGEST, read_text, rule_paths, shown, text};
pub use ledger::{LedgerPlace, Timed};
pub use loaded::{Loaded, schema_file, schema_path};
pub use offline::Offline;
pub use place::{Place, programs};
pub use rules::Rules;
