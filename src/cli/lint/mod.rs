//! `lint [PATH…]`

mod baseline;
mod levels;
mod mend;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::console::Console;
use super::exit::{Exit, Finished, Outcome};
use super::human::counted;
use super::load::{Offline, Place, programs};
use super::options::Common;
use crate::diagnostic::{
    Finding, FindingsJson, Sarif, SarifPart, Severity, render, to_github, to_json,
};
use crate::lint;
use baseline::Baseline;
use levels::Levels;

/// Check rules: every problem of every file, with its place and what to do
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  bilateral lint rules/crm --deny warnings\n  bilateral lint --fix --diff\n  bilateral lint --format json | jq '.findings[].name'\n  bilateral lint --write-baseline lint.json    # later: --baseline lint.json\n\nA comment `# allow(NAME): reason` on the line, or on the one above, silences a finding there. The table `lints:` of\nbilateral.yaml, beside the rules or stores.yaml, sets levels for a program: `key-not-indexed: allow`, `warn` or `deny`."
)]
pub struct Args {
    /// Folders or .sync files; a folder without .sync files stands for each subfolder that has some [default: `rules` beside stores.yaml,
    /// else the current folder]
    paths: Vec<PathBuf>,
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Mend what can be mended safely, in the files, and tell what is left
    #[arg(long)]
    fix: bool,
    /// Change nothing; show what --fix would change
    #[arg(long)]
    diff: bool,
    /// End with 1 for warnings too
    #[arg(long, value_enum, value_name = "warnings")]
    deny: Option<Deny>,
    /// Leave out the warnings that FILE knows
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the warnings there are now to FILE, for --baseline
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,
    /// Read the schemas of remote stores too, where there is no schema file
    #[arg(long)]
    live: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Deny {
    Warnings,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
enum Format {
    #[default]
    Human,
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Annotations of a GitHub workflow run
    Github,
}

/// What all programs together gave.
#[derive(Debug, Default)]
struct Tally {
    errors: u64,
    warnings: u64,
    files: u64,
    relationships: u64,
    /// What could not be checked.
    not_checked: u64,
    json: Option<FindingsJson>,
    sarif: Sarif,
    /// Warnings for `--write-baseline`.
    known: Baseline,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let console = common.console();
    let mut tally = Tally::default();
    let mut baseline = match &args.baseline {
        Some(path) => Baseline::read(path)?,
        None => Baseline::default(),
    };
    for place in places(&args.paths, common)? {
        let levels = Levels::read(&place)?;
        let mut offline = Offline::read(place, common)?;
        if args.fix || args.diff {
            mend::mend(&mut offline, common, args.diff, &console)?;
        }
        program(args, &offline, &levels, &mut baseline, &console, &mut tally)?;
    }
    if let Some(path) = &args.write_baseline {
        tally.known.write(path)?;
        console.note(&format!(
            "{}: {}",
            path.display(),
            counted(tally.known.left() as u64, "warning")
        ));
    }
    let gone = baseline.left();
    if gone > 0 {
        let what = counted(gone as u64, "warning");
        let are = if gone == 1 { "is" } else { "are" };
        console.note(&format!(
            "{what} of the baseline {are} gone: write it again with --write-baseline"
        ));
    }
    finish(args, &console, &tally)?;
    let denied = args.deny == Some(Deny::Warnings) && tally.warnings > 0;
    Ok(if tally.errors > 0 || denied {
        Finished::Findings
    } else {
        Finished::Done
    })
}

/// What comes after the last program.
fn finish(args: &Args, console: &Console, tally: &Tally) -> Result<(), Exit> {
    let mut out = console.stdout();
    match args.format {
        Format::Json => {
            if let Some(json) = &tally.json {
                serde_json::to_writer(&mut out, json).map_err(std::io::Error::from)?;
                writeln!(out)?;
            }
        }
        Format::Sarif => {
            let log = tally.sarif.log(&|code| lint::page(code));
            serde_json::to_writer_pretty(&mut out, &log).map_err(std::io::Error::from)?;
            writeln!(out)?;
        }
        Format::Github => {}
        Format::Human if args.diff => {}
        Format::Human => {
            let mut line = format!(
                "{} and {} in {}, {}",
                counted(tally.errors, "error"),
                counted(tally.warnings, "warning"),
                counted(tally.files, "file"),
                counted(tally.relationships, "relationship"),
            );
            if tally.not_checked > 0 {
                line += &format!("; {} not checked", counted(tally.not_checked, "store"));
            }
            writeln!(out, "{}", console.out.strong(&line))?;
        }
    }
    out.flush()?;
    Ok(())
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
    args: &Args,
    offline: &Offline,
    levels: &Levels,
    baseline: &mut Baseline,
    console: &Console,
    tally: &mut Tally,
) -> Result<(), Exit> {
    let report = offline.report();
    let mut findings = levels.apply(report.findings);
    findings.retain(|f| !f.code.is_lint() || !baseline.takes(f, offline.sources()));
    if args.write_baseline.is_some() {
        tally.known.learn(&findings, offline.sources());
        findings.retain(|f| !f.code.is_lint());
    }
    let not_checked = &offline.missing;
    tally.not_checked += not_checked.len() as u64;
    for finding in &findings {
        match finding.severity {
            Severity::Error => tally.errors += 1,
            Severity::Warning => tally.warnings += 1,
        }
    }
    tally.files += offline.files() as u64;
    tally.relationships += report.checked.relationships as u64;
    match args.format {
        Format::Json => {
            let json = to_json(
                &findings,
                offline.sources(),
                offline.files(),
                report.checked.relationships,
                not_checked,
            );
            match &mut tally.json {
                Some(all) => all.append(json),
                none => *none = Some(json),
            }
        }
        Format::Sarif => tally.sarif.add(&SarifPart {
            findings: &findings,
            sources: offline.sources(),
            not_checked,
        }),
        Format::Github => {
            let mut out = console.stdout();
            out.write_all(to_github(&findings, offline.sources(), not_checked).as_bytes())?;
            out.flush()?;
        }
        Format::Human if args.diff => {}
        Format::Human => {
            draw(&findings, offline, console)?;
            for reason in not_checked {
                console.note(&format!("not checked: {reason}"));
            }
        }
    }
    for note in &report.checked.notes {
        console.detail(note);
    }
    ages(offline, args, console);
    Ok(())
}

fn draw(findings: &[Finding], offline: &Offline, console: &Console) -> Result<(), Exit> {
    let mut out = console.stdout();
    for finding in findings {
        let drawn = render(finding, offline.sources(), console.out.color);
        writeln!(out, "{drawn}\n")?;
    }
    out.flush()?;
    Ok(())
}

/// Days after which the age of a schema file is worth a note.
const OLD: u64 = 30;

/// Tells how old the schema files are: the store may have moved on.
fn ages(offline: &Offline, args: &Args, console: &Console) {
    for path in offline.schema_files() {
        let modified = path.metadata().and_then(|m| m.modified());
        let Some(age) = modified
            .ok()
            .and_then(|at| SystemTime::now().duration_since(at).ok())
        else {
            continue;
        };
        let days = age.as_secs() / 86_400;
        let what = format!(
            "{} is {} old: `bilateral schema diff` tells what has changed since",
            path.display(),
            counted(days, "day")
        );
        if days >= OLD && args.format == Format::Human {
            console.note(&what);
        } else {
            console.detail(&what);
        }
    }
}
