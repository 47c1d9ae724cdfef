//! Limits that stop a run before its first write (engine, section 6, guards).

use super::{ApplyError, Options};
use crate::ledger::Ledger;
use crate::plan::Summary;
use crate::program::Program;

/// Limits of a run, in percent of the linked records.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Guard {
    pub delete: f64,
    pub blank: f64,
    pub create: f64,
}

impl Default for Guard {
    fn default() -> Guard {
        Guard { delete: 5.0, blank: 20.0, create: 50.0 }
    }
}

/// A run may always touch this many records.
const FLOOR: f64 = 20.0;

/// # Errors
/// [`ApplyError::Guard`] that names the relationship, the number and the limit.
pub fn check(program: &Program, ledger: &Ledger, summary: &Summary, options: &Options) -> Result<(), ApplyError> {
    for (rules, counts) in program.relationships.iter().zip(&summary.relationships) {
        let guard = options.guards.iter().find(|(n, _)| *n == rules.name).map_or(options.guard, |(_, g)| *g);
        let sum = |f: fn(&crate::plan::Counts) -> u64| counts.directions.iter().map(f).sum::<u64>();
        let (deletes, creates) = (sum(|c| c.delete), sum(|c| c.create));
        if deletes + creates + counts.blanked <= FLOOR as u64 {
            continue;
        }
        let linked = ledger.live_links(&rules.name)?;
        let complete = ledger.completed_rules(&rules.name)?.is_some();
        let limits = [
            ("delete", "records", deletes, guard.delete, true),
            ("blank", "fields", counts.blanked, guard.blank, true),
            ("create", "records", creates, guard.create, complete),
        ];
        for (word, what, number, percent, applies) in limits {
            let limit = (linked as f64 * percent / 100.0).max(FLOOR);
            if applies && number as f64 > limit {
                return Err(ApplyError::Guard(format!(
                    "`{}` would {word} {number} {what}, more than the {:.0} that `guard: {{ {word}: {percent}% }}` allows for {linked} \
                     linked records; nothing was written. Look at the plan, then use --allow-large if this is meant",
                    rules.name, limit
                )));
            }
        }
    }
    Ok(())
}
