//! `status`

use std::io::Write;

use serde::Serialize;

use super::exit::{Finished, Outcome};
use super::history::state;
use super::human::{count, counted};
use super::lists::Lists;
use super::options::{Common, Format, Listed, Which};
use super::shapes::{JsonValue, side_word};
use crate::ledger::{Cursor, Ledger, Run};
use crate::program::Side;
use crate::value::format_instant;

/// Show links, cursors, lists and the last run
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
                cursors: cursors(&reads, place),
            })
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

fn cursors(reads: &[Read], relationship: usize) -> Vec<CursorShape<'_>> {
    reads
        .iter()
        .filter(|read| read.relationship == relationship)
        .map(|read| CursorShape {
            side: side_word(read.side),
            object: &read.object,
            stamp: JsonValue(&read.cursor.stamp),
            read_at: format_instant(read.cursor.read_at),
        })
        .collect()
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
                "    {} {} read until {}, at {}",
                cursor.side, cursor.object, cursor.stamp.0, cursor.read_at
            )?;
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
