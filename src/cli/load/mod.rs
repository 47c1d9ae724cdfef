//! From a path to what a command works on: rules read and checked, stores open, the ledger found.

mod checking;
mod configuration;
mod files;
mod ledger;
mod loaded;
mod offline;
mod place;
mod rules;

pub use checking::{Report, report};
pub use configuration::Configuration;
pub use files::{read_text, shown, text};
pub use ledger::LedgerPlace;
pub use loaded::Loaded;
pub use offline::Offline;
pub use place::{Place, programs};
pub use rules::PAGES;
