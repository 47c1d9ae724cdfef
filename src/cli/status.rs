//! `status`

use std::io::Write;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::exit::{Finished, Outcome};
use super::header::now;
use super::history::state;
use super::human::{count, counted};
use super::lists::Lists;
use super::load::Timed;
use super::options::{Common, Format, Listed, Which};
use super::shapes::{JsonValue, side_word};
use crate::ledger::{Cursor, LaneOutcome, LaneRun, Ledger, Run};
use crate::program::Side;
use crate::schedule::{Lane, Past};
use crate::value::format_instant;

/// Show links, cursors, how far behind they are, schedules, lists and the last run
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bilateral status --format json")]
pub struct Args {
    #[command(flatten)]
    listed: Listed,
}

#[derive(Serialize)]
struct StatusShape<'a> {
    version: u32,
    program: &'a str,
    ledger: String,
    relationships: Vec<RelationshipShape<'a>>,
    schedules: Vec<ScheduleShape<'a>>,
    held: usize,
    errors: usize,
    conflicts: usize,
    last_run: Option<RunShape<'a>>,
    /// A run that never finished; the next one goes on from it.
    unfinished: Option<&'a str>,
}

#[derive(Serialize)]
struct RelationshipShape<'a> {
    relationship: &'a str,
    links: u64,
    cursors: Vec<CursorShape<'a>>,
}

#[derive(Serialize)]
struct CursorShape<'a> {
    side: &'static str,
    object: &'a str,
    stamp: JsonValue<'a>,
    read_at: String,
    /// Since the last complete read began.
    lag_seconds: i64,
}

#[derive(Serialize)]
struct ScheduleShape<'a> {
    schedule: &'a str,
    rule: &'a str,
    last_run: Option<String>,
    /// `null` while it runs, or where it was cut off.
    ended_at: Option<String>,
    outcome: Option<&'static str>,
    message: &'a str,
    /// Runs that failed since the last one that did not.
    failures: u32,
    /// A time that is over means that the daemon runs it at once when it is there.
    next_run: Option<String>,
}

#[derive(Serialize)]
struct RunShape<'a> {
    run: &'a str,
    started_at: String,
    state: &'static str,
}

/// How far one object of a relationship was read.
struct Read {
    relationship: usize,
    side: Side,
    object: String,
    cursor: Cursor,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let all = Which {
        relationship: None,
        ids: Vec::new(),
    };
    let lists = Lists::open(&args.listed.at, &all, common)?;
    let ledger = lists.read()?;
    let relationships = &lists.place.relationships;
    let mut links = Vec::new();
    for relationship in relationships {
        links.push(ledger.live_links(&relationship.name)?);
    }
    let reads = reads(&lists, &ledger)?;
    let now = now();
    let lanes = ledger.lanes()?;
    let runs = ledger.runs(1)?;
    let unfinished = ledger.unfinished()?;
    let shape = StatusShape {
        version: 1,
        program: &lists.place.identity.program,
        ledger: lists.place.path.display().to_string(),
        relationships: relationships
            .iter()
            .enumerate()
            .map(|(place, relationship)| RelationshipShape {
                relationship: &relationship.name,
                links: links[place],
                cursors: cursors(&reads, place, now),
            })
            .collect(),
        schedules: lists
            .place
            .schedules
            .iter()
            .map(|timed| schedule(timed, &lanes, now))
            .collect(),
        held: ledger.held(&lists.selection)?.len(),
        errors: ledger.failures(&lists.selection)?.len(),
        conflicts: ledger.conflicts(&lists.selection)?.len(),
        last_run: runs.first().map(run_shape),
        unfinished: unfinished.as_ref().map(|run| run.id.as_str()),
    };
    let mut out = lists.console.stdout();
    match args.listed.format {
        Format::Json => {
            serde_json::to_writer(&mut out, &shape).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        Format::Human => human(&shape, &mut out)?,
    }
    out.flush()?;
    Ok(Finished::Done)
}

fn reads(lists: &Lists, ledger: &Ledger) -> Result<Vec<Read>, super::exit::Exit> {
    let mut reads = Vec::new();
    for (place, relationship) in lists.place.relationships.iter().enumerate() {
        for side in Side::BOTH {
            for object in &relationship.objects[side.index()] {
                if let Some(cursor) = ledger.cursor(&relationship.name, side, object)? {
                    reads.push(Read {
                        relationship: place,
                        side,
                        object: object.to_string(),
                        cursor,
                    });
                }
            }
        }
    }
    Ok(reads)
}

fn cursors(reads: &[Read], relationship: usize, now: DateTime<Utc>) -> Vec<CursorShape<'_>> {
    reads
        .iter()
        .filter(|read| read.relationship == relationship)
        .map(|read| CursorShape {
            side: side_word(read.side),
            object: &read.object,
            stamp: JsonValue(&read.cursor.stamp),
            read_at: format_instant(read.cursor.read_at),
            lag_seconds: (now - read.cursor.read_at).num_seconds().max(0),
        })
        .collect()
}

/// The schedule with its last run, and when the next one is due; a daemon may begin it a little later, to spread its load.
fn schedule<'a>(timed: &'a Timed, lanes: &'a [LaneRun], now: DateTime<Utc>) -> ScheduleShape<'a> {
    let last = lanes.iter().find(|lane| lane.lane == timed.name);
    let past = last.map(|last| Past {
        anchor: last.anchor,
        started: last.started_at,
        ended: last.ended_at,
        failures: last.failures,
    });
    let lane = Lane::new(timed.name.clone(), timed.pace.clone(), past, now);
    ScheduleShape {
        schedule: &timed.name,
        rule: &timed.rule,
        last_run: last.map(|last| format_instant(last.started_at)),
        ended_at: last.and_then(|last| last.ended_at).map(format_instant),
        outcome: last.and_then(|last| last.outcome).map(LaneOutcome::word),
        message: last.map_or("", |last| last.message.as_str()),
        failures: last.map_or(0, |last| last.failures),
        next_run: lane.due().map(format_instant),
    }
}

fn run_shape(run: &Run) -> RunShape<'_> {
    RunShape {
        run: &run.id,
        started_at: format_instant(run.started_at),
        state: state(run.state),
    }
}

fn human(shape: &StatusShape<'_>, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{} ({})", shape.program, shape.ledger)?;
    for relationship in &shape.relationships {
        writeln!(
            out,
            "  {}: {} linked",
            relationship.relationship,
            count(relationship.links)
        )?;
        for cursor in &relationship.cursors {
            writeln!(
                out,
                "    {} {} read until {}, at {} ({} s ago)",
                cursor.side, cursor.object, cursor.stamp.0, cursor.read_at, cursor.lag_seconds
            )?;
        }
    }
    for schedule in &shape.schedules {
        writeln!(out, "  {} ({})", schedule.schedule, schedule.rule)?;
        match (&schedule.last_run, &schedule.ended_at) {
            (None, _) => writeln!(out, "    never ran")?,
            (Some(began), None) => writeln!(out, "    runs since {began}, or was cut off")?,
            (Some(began), Some(ended)) => writeln!(
                out,
                "    ran at {began}, until {ended}: {}",
                schedule.outcome.unwrap_or_default()
            )?,
        }
        if !schedule.message.is_empty() {
            writeln!(out, "    {}", schedule.message)?;
        }
        if let Some(next) = &schedule.next_run {
            writeln!(out, "    next at {next}")?;
        }
    }
    writeln!(
        out,
        "  {} held, {}, {}",
        count(shape.held as u64),
        counted(shape.errors as u64, "error"),
        counted(shape.conflicts as u64, "conflict")
    )?;
    match &shape.last_run {
        Some(run) => writeln!(
            out,
            "  last run {} at {}: {}",
            run.run, run.started_at, run.state
        )?,
        None => writeln!(out, "  no runs yet")?,
    }
    if let Some(run) = shape.unfinished {
        writeln!(
            out,
            "  run {run} never finished: the next one goes on from it"
        )?;
    }
    Ok(())
}
