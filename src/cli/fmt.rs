//! `fmt [PATH…]`

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anstyle::AnsiColor;
use similar::{ChangeTag, TextDiff};

use super::console::{Console, Paint};
use super::exit::{Cause, Exit, Finished, Outcome};
use super::load::{programs, rule_paths, shown, text};
use super::options::Common;
use super::whole_file;
use crate::syntax::format;

/// Bring rule files into the canonical layout
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  bilateral fmt rules/crm\n  bilateral fmt --check --diff\n  bilateral fmt - < people.sync"
)]
pub struct Args {
    /// Folders or .sync files, or - for standard input; a folder without .sync files stands for each subfolder that has some
    /// [default: `rules` beside stores.yaml, else the current folder]
    paths: Vec<PathBuf>,
    /// Change nothing; end with 1 where a file is not in the canonical layout
    #[arg(long)]
    check: bool,
    /// Change nothing; show what would change
    #[arg(long)]
    diff: bool,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let console = common.console();
    if args.paths.iter().any(|path| path.as_os_str() == "-") {
        return standard_input(args, console);
    }
    let mut changed = 0_u64;
    let mut files = 0_u64;
    for path in paths(args, common)? {
        files += 1;
        let before = read(&path)?;
        let after = formatted(&before, &shown(&path))?;
        if before == after {
            continue;
        }
        changed += 1;
        told(args, &path, &before, &after, console)?;
        if !args.check && !args.diff {
            whole_file::write(&path, &after)?;
        }
    }
    let what = if args.check || args.diff {
        "would change"
    } else {
        "changed"
    };
    let files = super::human::counted(files, "file");
    console.note(&format!("{changed} of {files} {what}"));
    Ok(if args.check && changed > 0 {
        Finished::Findings
    } else {
        Finished::Done
    })
}

fn paths(args: &Args, common: &Common) -> Result<Vec<PathBuf>, Exit> {
    let named: Vec<Option<&Path>> = if args.paths.is_empty() {
        vec![None]
    } else {
        args.paths.iter().map(|path| Some(path.as_path())).collect()
    };
    let mut files = Vec::new();
    for path in named {
        for place in programs(path, common)? {
            files.extend(rule_paths(&place.rules)?);
        }
    }
    Ok(files)
}

fn read(path: &Path) -> Result<String, Exit> {
    let bytes = std::fs::read(path).map_err(|error| Exit::reading(path, &error))?;
    text(bytes).map_err(|reason| Exit::new(Cause::Rules, format!("{}: {reason}", shown(path))))
}

fn formatted(text: &str, name: &str) -> Result<String, Exit> {
    format(text).map_err(|error| Exit::new(Cause::Failed, format!("{name}: {error}")))
}

fn standard_input(args: &Args, console: Console) -> Outcome {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(super::load::LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Exit::reading(Path::new("standard input"), &error))?;
    let before = text(bytes)
        .map_err(|reason| Exit::new(Cause::Rules, format!("standard input: {reason}")))?;
    let after = formatted(&before, "standard input")?;
    let mut out = console.stdout();
    if args.diff {
        diff("standard input", &before, &after, console.out, &mut out)?;
    } else if !args.check {
        out.write_all(after.as_bytes())?;
    }
    out.flush()?;
    Ok(if args.check && before != after {
        Finished::Findings
    } else {
        Finished::Done
    })
}

fn told(args: &Args, path: &Path, before: &str, after: &str, console: Console) -> Result<(), Exit> {
    let mut out = console.stdout();
    if args.diff {
        diff(&shown(path), before, after, console.out, &mut out)?;
    } else {
        writeln!(out, "{}", shown(path))?;
    }
    out.flush()?;
    Ok(())
}

/// A unified diff.
pub(super) fn diff(
    name: &str,
    before: &str,
    after: &str,
    paint: Paint,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let diff = TextDiff::from_lines(before, after);
    writeln!(out, "--- {name}\n+++ {name}")?;
    for hunk in diff.unified_diff().context_radius(2).iter_hunks() {
        writeln!(out, "{}", paint.dim(&hunk.header().to_string()))?;
        for change in hunk.iter_changes() {
            let line = change.value().trim_end_matches(['\n', '\r']);
            match change.tag() {
                ChangeTag::Equal => writeln!(out, " {line}")?,
                ChangeTag::Delete => {
                    writeln!(out, "{}", paint.paint(AnsiColor::Red, &format!("-{line}")))?;
                }
                ChangeTag::Insert => {
                    writeln!(
                        out,
                        "{}",
                        paint.paint(AnsiColor::Green, &format!("+{line}"))
                    )?;
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_both_texts() {
        let mut out = Vec::new();
        diff(
            "a.sync",
            "one\ntwo\n",
            "one\n2\n",
            Paint { color: false },
            &mut out,
        )
        .unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(
            text,
            "--- a.sync\n+++ a.sync\n@@ -1,2 +1,2 @@\n one\n-two\n+2\n"
        );
    }
}
