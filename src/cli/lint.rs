//! `lint [PATH…]`

use std::io::Write;
use std::path::{Path, PathBuf};

use super::console::Console;
use super::exit::{Exit, Finished, Outcome};
use super::human::counted;
use super::load::{Offline, Place, programs};
use super::options::{Common, Format};
use crate::diagnostic::{FindingsJson, Severity, render, to_json};

/// Check rules: every problem of every file, with its place and what to do
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  bilateral lint rules/crm --deny warnings\n  bilateral lint --format json | jq '.findings[].name'\n\nA comment `# allow(NAME): reason` on the line, or on the one above, silences a finding there."
)]
pub struct Args {
    /// Folders or .sync files; a folder without .sync files stands for each subfolder that has some [default: `rules` beside stores.yaml,
    /// else the current folder]
    paths: Vec<PathBuf>,
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// End with 1 for warnings too
    #[arg(long, value_enum, value_name = "warnings")]
    deny: Option<Deny>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Deny {
    Warnings,
}

/// What all programs together gave.
#[derive(Debug, Default)]
struct Tally {
    errors: u64,
    warnings: u64,
    files: u64,
    relationships: u64,
    json: Option<FindingsJson>,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let console = common.console();
    let mut tally = Tally::default();
    for place in places(&args.paths, common)? {
        let offline = Offline::read(place, common)?;
        program(&offline, args.format, &console, &mut tally)?;
    }
    let mut out = console.stdout();
    match (&tally.json, args.format) {
        (Some(json), Format::Json) => {
            serde_json::to_writer(&mut out, json).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        _ => {
            let line = format!(
                "{} and {} in {}, {}",
                counted(tally.errors, "error"),
                counted(tally.warnings, "warning"),
                counted(tally.files, "file"),
                counted(tally.relationships, "relationship"),
            );
            writeln!(out, "{}", console.out.strong(&line))?;
        }
    }
    out.flush()?;
    let denied = args.deny == Some(Deny::Warnings) && tally.warnings > 0;
    Ok(if tally.errors > 0 || denied {
        Finished::Findings
    } else {
        Finished::Done
    })
}

fn places(paths: &[PathBuf], common: &Common) -> Result<Vec<Place>, Exit> {
    if paths.is_empty() {
        return programs(None, common);
    }
    let mut places = Vec::new();
    for path in paths {
        places.extend(programs(Some(Path::new(path)), common)?);
    }
    Ok(places)
}

fn program(
    offline: &Offline,
    format: Format,
    console: &Console,
    tally: &mut Tally,
) -> Result<(), Exit> {
    let report = offline.report();
    let mut not_checked = offline.missing.clone();
    not_checked.extend(report.checked.not_checked.iter().cloned());
    for finding in &report.findings {
        match finding.severity {
            Severity::Error => tally.errors += 1,
            Severity::Warning => tally.warnings += 1,
        }
    }
    tally.files += offline.files() as u64;
    tally.relationships += report.checked.relationships as u64;
    match format {
        Format::Json => {
            let json = to_json(
                &report.findings,
                offline.sources(),
                offline.files(),
                report.checked.relationships,
                &not_checked,
            );
            match &mut tally.json {
                Some(all) => all.append(json),
                none => *none = Some(json),
            }
        }
        Format::Human => {
            let mut out = console.stdout();
            for finding in &report.findings {
                let drawn = render(finding, offline.sources(), console.out.color);
                writeln!(out, "{drawn}\n")?;
            }
            out.flush()?;
            for reason in &not_checked {
                console.note(&format!("not checked: {reason}"));
            }
        }
    }
    for note in &report.checked.notes {
        console.detail(note);
    }
    Ok(())
}
