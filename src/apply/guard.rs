//! Limits that stop a run before its first write (engine, section 6, guards).

use rustc_hash::FxHashSet;

use super::{ApplyError, Options};
use crate::ledger::Ledger;
use crate::plan::Summary;
use crate::program::{Program, RelId};
use crate::store::config::{FLOOR, allowed};

/// The relationships that have had no complete run yet: they are still making their records.
///
/// # Errors
/// A ledger that can not be read.
pub fn first_runs(program: &Program, ledger: &Ledger) -> Result<FxHashSet<RelId>, ApplyError> {
    let mut first = FxHashSet::default();
    for (index, rules) in program.relationships.iter().enumerate() {
        if ledger.completed_rules(&rules.name)?.is_none() {
            first.insert(RelId(index as u16));
        }
    }
    Ok(first)
}

/// # Errors
/// [`ApplyError::Guard`] that names the relationship, the number and the limit.
pub fn check(
    program: &Program,
    ledger: &Ledger,
    summary: &Summary,
    options: &Options,
    first: &FxHashSet<RelId>,
) -> Result<(), ApplyError> {
    for (index, (rules, counts)) in program
        .relationships
        .iter()
        .zip(&summary.relationships)
        .enumerate()
    {
        let guard = options.guards.of(&rules.name);
        let sum = |f: fn(&crate::plan::Counts) -> u64| counts.directions.iter().map(f).sum::<u64>();
        // The first complete run of a relationship makes its records.
        let creates = if first.contains(&RelId(index as u16)) {
            0
        } else {
            sum(|c| c.create)
        };
        let limits = [
            ("delete", "records", sum(|c| c.delete), guard.delete),
            ("blank", "fields", counts.blanked, guard.blank),
            ("create", "records", creates, guard.create),
        ];
        // Counting the links takes time, which an ordinary run has no use for.
        if limits.iter().all(|(_, _, number, _)| *number <= FLOOR) {
            continue;
        }
        let linked = ledger.live_links(&rules.name)?;
        for (word, what, number, share) in limits {
            let limit = allowed(share, linked);
            if number > limit {
                return Err(ApplyError::Guard(format!(
                    "`{}` would {word} {number} {what}, more than the {limit} that `guard` in stores.yaml allows with {linked} linked \
                     records; nothing was written. Look at the plan, then say --allow-large if this is meant",
                    rules.name
                )));
            }
        }
    }
    Ok(())
}
