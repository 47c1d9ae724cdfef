//! `test [PATH]`

use std::io::Write;
use std::path::{Path, PathBuf};

use super::console::{Console, Paint};
use super::exit::{Exit, Finished, Outcome};
use super::load::{Offline, programs};
use super::options::Common;
use crate::scenario::{self, Verdict};
use anstyle::AnsiColor;

/// Run the rule tests: scenarios/*.yaml beside the rules, on stores in memory
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  bilateral test rules/crm\n  bilateral test rules/crm --only company"
)]
pub struct Args {
    /// The program; a folder without .sync files stands for each subfolder that has some [default: `rules` beside stores.yaml, else the
    /// current folder]
    path: Option<PathBuf>,
    /// Only tests whose name or file has this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
}

#[derive(Debug, Default)]
struct Tally {
    passed: u32,
    failed: u32,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let console = common.console();
    let mut tally = Tally::default();
    for place in programs(args.path.as_deref(), common)? {
        let offline = Offline::read(place, common)?;
        for file in scenario_files(offline.place.folder())? {
            run_file(&file, &offline, args, console, &mut tally)?;
        }
    }
    let mut out = console.stdout();
    let summary = format!("{} passed, {} failed", tally.passed, tally.failed);
    let color = if tally.failed > 0 {
        AnsiColor::Red
    } else {
        AnsiColor::Green
    };
    writeln!(out, "{}", console.out.bold(color, &summary))?;
    out.flush()?;
    if tally.passed + tally.failed == 0 {
        console.note("no rule tests: they stand in scenarios/*.yaml beside the rules");
    }
    Ok(if tally.failed > 0 {
        Finished::Findings
    } else {
        Finished::Done
    })
}

/// scenarios/*.yaml, by name; none where there is no such folder.
fn scenario_files(rules: &Path) -> Result<Vec<PathBuf>, Exit> {
    let folder = rules.join("scenarios");
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Exit::reading(&folder, &error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry
            .map_err(|error| Exit::reading(&folder, &error))?
            .path();
        if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn run_file(
    file: &Path,
    offline: &Offline,
    args: &Args,
    console: Console,
    tally: &mut Tally,
) -> Result<(), Exit> {
    let paint = console.out;
    let shown = super::load::shown(file);
    let text = super::load::read_text(file)?;
    let tests = match scenario::read(&text) {
        Ok(tests) => tests,
        Err(error) => {
            tally.failed += 1;
            return print(paint, false, &shown, &[error.to_string()]);
        }
    };
    for test in tests {
        let wanted = args.only.as_deref();
        if wanted.is_some_and(|text| !test.name.contains(text) && !shown.contains(text)) {
            continue;
        }
        let name = format!("{shown}: {}", test.name);
        match scenario::run(&test, offline) {
            Verdict::Passed => {
                tally.passed += 1;
                if !console.quiet {
                    print(paint, true, &name, &[])?;
                }
            }
            Verdict::Failed(lines) => {
                tally.failed += 1;
                print(paint, false, &name, &lines)?;
            }
        }
    }
    Ok(())
}

/// `ok   scenarios/a.yaml: a lead goes over`
fn print(paint: Paint, passed: bool, name: &str, lines: &[String]) -> Result<(), Exit> {
    let mut out = std::io::stdout().lock();
    let verdict = if passed {
        paint.paint(AnsiColor::Green, "ok  ")
    } else {
        paint.bold(AnsiColor::Red, "FAIL")
    };
    writeln!(out, "{verdict} {name}")?;
    for line in lines {
        writeln!(out, "       {line}")?;
    }
    Ok(())
}
