//! `history`

use std::io::Write;

use serde::Serialize;
use serde_json::value::RawValue;

use super::exit::{Finished, Outcome};
use super::lists::Lists;
use super::options::{Common, Format, Listed, Which};
use crate::ledger::{Run, RunState};
use crate::value::format_instant;

/// List the runs so far, newest first
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bilateral history --limit 5")]
pub struct Args {
    /// How many runs
    #[arg(long, default_value_t = 50, value_name = "N")]
    limit: usize,
    #[command(flatten)]
    listed: Listed,
}

#[derive(Serialize)]
struct RunsShape<'a> {
    version: u32,
    runs: Vec<RunShape<'a>>,
}

#[derive(Serialize)]
struct RunShape<'a> {
    run: &'a str,
    command: &'a str,
    started_at: String,
    finished_at: Option<String>,
    state: &'static str,
    summary: Option<&'a RawValue>,
}

impl<'a> From<&'a Run> for RunShape<'a> {
    fn from(run: &'a Run) -> RunShape<'a> {
        RunShape {
            run: &run.id,
            command: &run.command,
            started_at: format_instant(run.started_at),
            finished_at: run.finished_at.map(format_instant),
            state: state(run.state),
            summary: serde_json::from_str(&run.summary).ok(),
        }
    }
}

pub fn state(state: RunState) -> &'static str {
    match state {
        RunState::Running => "running",
        RunState::Done => "done",
        RunState::Failed => "failed",
        RunState::Interrupted => "interrupted",
    }
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let all = Which {
        relationship: None,
        ids: Vec::new(),
    };
    let lists = Lists::open(&args.listed.at, &all, common)?;
    let runs = lists.read()?.runs(args.limit)?;
    let mut out = lists.console.stdout();
    match args.listed.format {
        Format::Json => {
            let shape = RunsShape {
                version: 1,
                runs: runs.iter().map(RunShape::from).collect(),
            };
            serde_json::to_writer(&mut out, &shape).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        Format::Human => {
            for run in &runs {
                writeln!(out, "{}", line(run))?;
            }
        }
    }
    out.flush()?;
    if runs.is_empty() {
        lists.console.note("no runs yet");
    }
    Ok(Finished::Done)
}

/// `0190…  2024-06-01T12:00:00.000Z  apply  done  3 created, 1 updated`
fn line(run: &Run) -> String {
    format!(
        "{}  {}  {:<5}  {:<11}  {}",
        run.id,
        format_instant(run.started_at),
        run.command.as_str(),
        state(run.state),
        counts(&run.summary)
    )
}

/// What a run planned, from its summary.
fn counts(summary: &str) -> String {
    let Ok(json) = serde_json::from_str::<serde_json::Value>(summary) else {
        return String::new();
    };
    let count = |operation: &str| json[operation].as_u64().unwrap_or_default();
    format!(
        "{} created, {} updated, {} deleted",
        count("create"),
        count("update"),
        count("delete")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_what_a_run_did() {
        let summary = r#"{"create":5,"update":2,"delete":1,"done":8}"#;
        assert_eq!(counts(summary), "5 created, 2 updated, 1 deleted");
        assert_eq!(counts(""), "");
    }
}
