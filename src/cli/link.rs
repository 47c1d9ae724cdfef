//! `link REL --from FILE.csv`

use std::io::Write;
use std::path::{Path, PathBuf};

use super::exit::{Cause, Exit, Finished, Outcome};
use super::load::Loaded;
use super::only;
use super::options::{Common, RulesPath};
use super::pairs::{Pair, check_pairs};
use super::run::Ask;
use crate::ledger::{Effect, Ledger, Revisit};
use crate::program::{Relationship, Side};
use crate::value::Value;

/// Link records by pairs of ids: checked and shown first
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  printf 'left,right\\n7,00Q000000000001EAA\\n' > pairs.csv\n  bilateral link Lead --from pairs.csv --yes"
)]
pub struct Args {
    /// The relationship
    #[arg(value_name = "REL")]
    relationship: String,
    /// A CSV file with the columns left and right: the ids of one pair a line
    #[arg(long, value_name = "FILE")]
    from: PathBuf,
    /// Do it without a question
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    at: RulesPath,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let console = common.console();
    let mut loaded = Loaded::open(args.at.rules.as_deref(), common, &console)?;
    let id = only::relationship(&loaded.program, &args.relationship)?;
    let relationship = &loaded.program[id];
    let rows = read(&args.from)?;
    let mut ledger = Ledger::open(&loaded.ledger.path, &loaded.ledger.identity)?;
    let pairs = match check_pairs(relationship, &rows, &mut loaded.stores, &ledger)? {
        Ok(pairs) => pairs,
        Err(problems) => {
            let mut out = console.stdout();
            for problem in &problems {
                writeln!(out, "{}: {problem}", args.from.display())?;
            }
            out.flush()?;
            return Err(Exit::new(
                Cause::Failed,
                format!("nothing was linked: mend {} first", args.from.display()),
            ));
        }
    };
    let mut out = console.stdout();
    for pair in &pairs {
        writeln!(out, "{}", line(&loaded, pair))?;
    }
    out.flush()?;
    let question = format!("Link {} pairs?", pairs.len());
    if !Ask::new(args.yes).answer(&question)? {
        console.note("nothing was written: `--yes` does it");
        return Ok(Finished::Done);
    }
    let effects: Vec<Effect> = pairs
        .into_iter()
        .flat_map(|pair| effects(relationship, pair))
        .collect();
    ledger.record(&effects)?;
    let linked = super::human::counted(rows.len() as u64, "pair");
    writeln!(out, "{linked} linked: the next run merges what they say")?;
    out.flush()?;
    Ok(Finished::Done)
}

/// One line of the file: its number and both ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub line: u64,
    pub ids: [String; 2],
}

fn read(path: &Path) -> Result<Vec<Row>, Exit> {
    let bytes = std::fs::read(path).map_err(|error| Exit::reading(path, &error))?;
    rows(&bytes).map_err(|what| Exit::new(Cause::Failed, format!("{}: {what}", path.display())))
}

fn rows(bytes: &[u8]) -> Result<Vec<Row>, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let headers = reader.headers().map_err(|error| error.to_string())?.clone();
    let column =
        |name: &str| {
            headers.iter().position(|header| header == name).ok_or_else(|| {
            format!("the first line must name the columns `left` and `right`; `{name}` is missing")
        })
        };
    let columns = [column("left")?, column("right")?];
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let line = record
            .position()
            .map_or(0, |position| line_of(position, bytes));
        let id = |column: usize| record.get(column).unwrap_or_default().to_owned();
        rows.push(Row {
            line,
            ids: columns.map(id),
        });
    }
    Ok(rows)
}

/// The line on which a record stands: its position is that of the blank lines before it.
fn line_of(position: &csv::Position, bytes: &[u8]) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let rest = bytes.get(start..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
    position.line() + blank.filter(|byte| **byte == b'\n').count() as u64
}

/// A new link knows nothing of what both sides agree on, and nothing of their versions: the next run looks at both records.
fn effects(relationship: &Relationship, pair: Pair) -> [Effect; 2] {
    let name = &relationship.name;
    let revisit = Revisit {
        side: Side::Left,
        object: pair.objects[0].clone(),
        id: pair.ids[0].clone(),
    };
    let link = Effect::Link {
        relationship: name.clone(),
        objects: pair.objects,
        ids: pair.ids,
        stamps: [Value::Null, Value::Null],
        base: Box::default(),
        closed: false,
    };
    let wait = Effect::Wait {
        relationship: name.clone(),
        revisit,
    };
    [link, wait]
}

fn line(loaded: &Loaded, pair: &Pair) -> String {
    let record = |side: usize| {
        let store = &loaded.program.stores[side].name;
        format!("{store}.{} {}", pair.objects[side], pair.ids[side])
    };
    format!("link {} = {}", record(0), record(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_and_lines_counted() {
        let found = rows(b"\xef\xbb\xbfright,note,left\n00Q1,x, 7\n\n00Q2,,8\n").unwrap();
        assert_eq!(
            found,
            [
                Row {
                    line: 2,
                    ids: ["7".into(), "00Q1".into()]
                },
                Row {
                    line: 4,
                    ids: ["8".into(), "00Q2".into()]
                }
            ]
        );
    }

    #[test]
    fn a_file_without_the_columns_is_refused() {
        assert!(rows(b"7,00Q1\n").unwrap_err().contains("`left`"));
        assert!(
            rows(b"left,righ\n7,00Q1\n")
                .unwrap_err()
                .contains("`right`")
        );
        assert!(rows(b"left,right\n7\n").is_err());
    }
}
