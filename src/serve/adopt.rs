//! What a loaded project means for the loop: its lanes with their past, what it shows.

use chrono::{DateTime, Utc};
use smol_str::SmolStr;
use xxhash_rust::xxh3::xxh3_64;

use super::project::Project;
use crate::ledger::{Identity, LaneRun};
use crate::program::Source;
use crate::schedule::{Lane, Past};

/// A lane with what is shown of its last run.
pub struct Track {
    pub lane: Lane,
    /// The place of its schedule in the program.
    pub schedule: usize,
    pub last: Option<LaneRun>,
}

/// The lanes of the program's schedules, with the past that the ledger or an earlier program gave them.
pub fn tracks(project: &Project, known: &[LaneRun], now: DateTime<Utc>) -> Vec<Track> {
    let seed = seed(&project.identity);
    let schedules = project.program.schedules.iter().enumerate();
    schedules
        .map(|(place, schedule)| {
            let last = known.iter().find(|run| run.lane == schedule.name).cloned();
            let past = last.as_ref().map(|run| Past {
                anchor: run.anchor,
                started: run.started_at,
                ended: run.ended_at,
                failures: run.failures,
            });
            let mut lane = Lane::new(schedule.name.clone(), schedule.pace.clone(), past, now);
            lane.seed = Some(seed);
            Track {
                lane,
                schedule: place,
                last,
            }
        })
        .collect()
}

/// Engines of other programs have other spreads.
fn seed(identity: &Identity) -> u64 {
    let all = [&identity.program, &identity.left, &identity.right];
    let names: Vec<&str> = all.iter().map(|name| name.as_str()).collect();
    xxh3_64(names.join("\n").as_bytes())
}

/// The names under which the program takes events, each once.
pub fn events(project: &Project) -> Vec<SmolStr> {
    let mut names: Vec<SmolStr> = Vec::new();
    for trigger in &project.program.triggers {
        if let Source::Event(name) = &trigger.source
            && !names.contains(name)
        {
            names.push(name.clone());
        }
    }
    names
}

/// As people tell programs apart.
pub fn short_hash(hash: &[u8; 32]) -> String {
    hash.iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
