//! What runs by itself, and when (language, section 4: `every`, `cron`).

use chrono_tz::Tz;
use croner::Cron;
use smol_str::SmolStr;

use super::{RelId, Rule};

/// One `every` or `cron` of the rules.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The statement on one line, `every 20m sync User, Account`: by it people and ledgers know it.
    pub name: SmolStr,
    pub pace: Pace,
    pub relationships: Vec<RelId>,
    /// Push, pull.
    pub directions: [bool; 2],
    pub rule: Rule,
}

/// How often, and at which times.
#[derive(Debug, Clone)]
pub enum Pace {
    /// Milliseconds from one time to the next, more than none.
    Every { millis: i64 },
    /// Minutes of the wall clock of a time zone.
    Cron { line: Box<Cron>, zone: Tz },
}
