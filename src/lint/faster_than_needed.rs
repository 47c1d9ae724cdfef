//! ## What it does
//! Finds a relationship that runs more often than one whose links it waits for.
//!
//! ## Why is this bad?
//! Between the runs of the slower one, its new records are held: the faster schedule gains nothing for them.
//!
//! ## Example
//! ```sync
//! relationship Account: account <-> Account {
//!   match crm_id = Id
//!   crm_id <- Id
//! }
//! relationship Contact: lead <-> Contact {
//!   match email = Email
//!   email      <-> Email
//!   account_id <-> AccountId via Account
//! }
//! every 1h sync Account
//! every 5m sync Contact
//! ```
//!
//! ## Use instead
//! ```sync
//! relationship Account: account <-> Account {
//!   match crm_id = Id
//!   crm_id <- Id
//! }
//! relationship Contact: lead <-> Contact {
//!   match email = Email
//!   email      <-> Email
//!   account_id <-> AccountId via Account
//! }
//! every 5m sync Account, Contact
//! ```

use rustc_hash::FxHashMap;
use smol_str::SmolStr;

use crate::check::Findings;
use crate::diagnostic::{Span, codes};
use crate::program::{Conversion, Fallback};
use crate::syntax::ast::{ItemKind, ScheduleWhen};

use super::context::{Context, flows};

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) {
    let fastest = fastest(context);
    for relationship in &context.program.relationships {
        let Some((own, at)) = fastest.get(&relationship.name) else {
            continue;
        };
        let slower = flows(relationship).find_map(|(_, _, flow)| match &flow.conversion {
            Conversion::Via(via) if matches!(via.fallback, Fallback::Hold | Fallback::Skip) => {
                let needed = &context.program[via.relationship];
                let (theirs, there) = fastest.get(&needed.name)?;
                (theirs > own).then_some((needed, *there))
            }
            _ => None,
        });
        if let Some((needed, there)) = slower {
            let message = format!(
                "`{}` runs more often than `{}`, which it waits for",
                relationship.name, needed.name
            );
            findings
                .warning(codes::FASTER_THAN_NEEDED, *at, message)
                .label(there, format!("`{}` runs here", needed.name))
                .help("run both equally often, or let it not wait: `or null`");
        }
    }
}

/// The shortest interval of each relationship, in milliseconds, and where it is named.
fn fastest(context: &Context<'_>) -> FxHashMap<SmolStr, (i64, Span)> {
    let mut fastest: FxHashMap<SmolStr, (i64, Span)> = FxHashMap::default();
    for item in context.items() {
        let ItemKind::Schedule(schedule) = &item.kind else {
            continue;
        };
        let ScheduleWhen::Every { millis, .. } = schedule.when else {
            // How often a cron line fires depends on the day: those are not compared.
            for name in &schedule.relationships {
                fastest.insert(name.text.clone(), (0, name.span));
            }
            continue;
        };
        for name in &schedule.relationships {
            let entry = fastest
                .entry(name.text.clone())
                .or_insert((millis, name.span));
            if millis < entry.0 {
                *entry = (millis, name.span);
            }
        }
    }
    fastest.retain(|_, (millis, _)| *millis > 0);
    fastest
}
