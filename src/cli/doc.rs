//! `doc [PATH]`

use std::io::Write;
use std::path::{Path, PathBuf};

use super::console::Console;
use super::exit::{Cause, Exit, Finished, Outcome};
use super::load::{Offline, Place, read_text, shown, tell};
use super::options::Common;
use super::{fmt, whole_file};
use crate::doc::model::Document;
use crate::doc::parts::{Updated, updated};
use crate::doc::{document, html, markdown};

/// Write the program down as a document for people
///
/// All relationships with their directions, keys, fields, preconditions and conversions, triggers, schedules and settings, in the rules' own
/// words and with their authors' comments, and a picture of the relationships. Settings show their defaults, whatever --set says.
///
/// A part of it in another document stands between two markers, each on a line of its own: `<!-- bilateral doc: relationships -->` and
/// `<!-- end -->`. --update writes all parts of a file anew, --check tells whether they are as they should be. The parts are `picture`,
/// `relationships`, `relationship NAME`, `triggers`, `trigger NAME`, `schedules`, `settings`, `conversions`, `functions`, `files` and `legend`.
#[derive(Debug, clap::Args)]
#[command(
    about = "Write the program down as a document for people",
    after_help = "Examples:\n  bilateral doc rules/crm > crm.md\n  bilateral doc rules/crm --out crm.html\n  bilateral doc rules/crm --format svg --out picture.svg\n  bilateral doc rules/crm --update rules/crm/README.md\n  bilateral doc rules/crm --check rules/crm/README.md"
)]
pub struct Args {
    /// The program: a folder or a .sync file [default: `rules` beside stores.yaml, else the current folder]
    path: Option<PathBuf>,
    /// markdown, html (one page that needs nothing else), or svg (the picture alone) [default: as --out ends, else markdown]
    #[arg(long, value_enum, value_name = "FORMAT", hide_possible_values = true)]
    format: Option<Format>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the parts of this Markdown file anew, and leave the rest as it is. May be repeated
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "out", "check"])]
    update: Vec<PathBuf>,
    /// Change nothing; show how the parts of this Markdown file differ, and end with 1 where they do. May be repeated
    #[arg(long, value_name = "FILE", conflicts_with_all = ["format", "out"])]
    check: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Markdown,
    Html,
    Svg,
}

impl Format {
    /// As a file's name says.
    fn of(path: &Path) -> Format {
        let ending = path.extension().map(|e| e.to_ascii_lowercase());
        match ending.as_ref().and_then(|e| e.to_str()) {
            Some("html" | "htm") => Format::Html,
            Some("svg") => Format::Svg,
            _ => Format::Markdown,
        }
    }
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let console = common.console();
    let document = read(args, common, &console)?;
    if !args.update.is_empty() || !args.check.is_empty() {
        return parts(args, &document, &console);
    }
    let named = args.out.as_deref().map(Format::of);
    let text = match args.format.or(named).unwrap_or(Format::Markdown) {
        Format::Markdown => markdown::page(&document),
        Format::Html => html::page(&document),
        Format::Svg => document
            .picture()
            .map_or_else(String::new, |p| p.svg_file()),
    };
    match &args.out {
        Some(path) => {
            whole_file::write(path, &text)?;
            console.note(&format!("written to {}", shown(path)));
        }
        None => {
            let mut out = console.stdout();
            out.write_all(text.as_bytes())?;
            out.flush()?;
        }
    }
    Ok(Finished::Done)
}

/// The program's document; only rules that check have one.
fn read(args: &Args, common: &Common, console: &Console) -> Result<Document, Exit> {
    let place = Place::find(args.path.as_deref(), common.stores.as_deref())?;
    let offline = Offline::read(place, common)?;
    let report = offline.report();
    tell(&report.findings, offline.sources(), console);
    match &report.checked.program {
        Some(program) => Ok(document(program, offline.trees())),
        None => {
            let mut missing = offline.missing.clone();
            missing.extend(report.checked.not_checked);
            Err(Exit::rules(&report.findings, &missing))
        }
    }
}

/// `--update` and `--check`
fn parts(args: &Args, document: &Document, console: &Console) -> Outcome {
    let mut out = console.stdout();
    let mut stale = false;
    // All files are looked at before any is written.
    let mut written = Vec::new();
    for path in args.update.iter().chain(&args.check) {
        let before = read_text(path)?;
        let name = shown(path);
        let updated = updated(document, &before)
            .map_err(|error| Exit::new(Cause::Failed, format!("{name}: {error}")))?;
        written.push((path, name, before, updated));
    }
    for (
        path,
        name,
        before,
        Updated {
            text,
            parts,
            stale: old,
        },
    ) in written
    {
        let parts = super::human::counted(parts as u64, "part");
        if old.is_empty() {
            console.note(&format!("{name}: {parts}, all as they should be"));
            continue;
        }
        stale = true;
        let old = old.join(", ");
        if args.check.is_empty() {
            whole_file::write(path, &text)?;
            writeln!(out, "{name}: {old}")?;
        } else {
            fmt::diff(&name, &before, &text, console.out, &mut out)?;
            console.note(&format!(
                "{name}: stale: {old}; `bilateral doc --update {name}` writes it"
            ));
        }
    }
    out.flush()?;
    Ok(if stale && args.update.is_empty() {
        Finished::Findings
    } else {
        Finished::Done
    })
}
