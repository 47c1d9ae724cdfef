//! A fixed work to measure on any machine: leads between a marketing database and a CRM, done by bilateral and, beside it, by hand.
//!
//!     cargo build --release
//!     cargo run --release --example work -- target/release/bilateral 100000 3
//!
//! In turn, on fresh copies of the same two SQLite files, so many rounds:
//!
//! | part | work |
//! | --- | --- |
//! | plan | the dry run of the first sync as JSON into a file, as a ratio of the floor's first sync |
//! | first | N records in the CRM, N/10 in marketing, half of these the same people by e-mail, most of the rest to be pushed |
//! | nothing | the same command again |
//! | 0.1 % | N/1000 records changed in the CRM, as many in marketing, a tenth of that on both in different fields |
//! | 1 % | N/100 and N/100 |
//! | full | everything compared, nothing differs |
//!
//! The floor does exactly this work and nothing else: it has no plan, no reasons, no journal of operations, no guards. After each part both
//! databases are compared record by record; a part whose result is wrong says so, and the whole fails. Machines differ and drift: quote the
//! ratios. With `--judge` it fails too where a ratio is far above what it was when the limits were set.

mod data;
mod floor;
mod measure;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::thread;
use std::time::Duration;

use measure::{Measured, measured};

pub type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const RULES: &str = "sync marketing with crm

relationship Lead: lead <-> Lead {
  match crm_id = Id
  match lower(email) = lower(Email)
  prefer newest

  crm_id     <-  Id
  first_name <-> FirstName
  last_name  <-> LastName
  company    <-> Company
  email      <-> Email
  phone      <-> Phone
  title      <-> Title
  city       <-> City
  country    <-> Country
  score      <-> Score

  push create when not is_contact
       require last_name, company, email
}
";

const STORES: &str = "stores:
  marketing: { kind: sqlite, path: marketing.db, overlap: 1s }
  crm: { kind: sqlite, path: crm.db, overlap: 1s }
ledger: { kind: sqlite, path: .bilateral/ledger.db }
";

/// The parts, and the most that bilateral may take of the floor's CPU time under `--judge`. Short parts are mostly start-up, and what is
/// judged is counted in hundredths of a second: the limits are for work that has become a multiple, not for percents.
const PARTS: [(&str, Option<f64>); 6] = [
    ("plan", Some(1.5)),
    ("first", Some(3.0)),
    ("nothing", None),
    ("0.1 %", None),
    ("1 %", Some(4.0)),
    ("full", Some(4.0)),
];

/// So that changes lie behind the overlap.
const PAUSE: Duration = Duration::from_millis(1100);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let given: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match &given[..] {
        ["floor", part, folder] => floor::run(part, Path::new(folder)).map(|()| true),
        [command, rows, rest @ ..] => match (rows.parse(), rest.first().map(|r| r.parse())) {
            (Ok(rows), rounds) => {
                let rounds = rounds.and_then(Result::ok).unwrap_or(1);
                compare(Path::new(command), rows, rounds, given.contains(&"--judge"))
            }
            _ => return usage(),
        },
        _ => return usage(),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: work PATH-TO-BILATERAL ROWS [ROUNDS] [--judge]");
    ExitCode::from(64)
}

/// What a part took, round by round: the floor, bilateral.
type Times = Vec<[Option<Measured>; 2]>;

fn compare(command: &Path, rows: u64, rounds: usize, judge: bool) -> Outcome<bool> {
    let command = command.canonicalize()?;
    let folder = tempfile::tempdir()?;
    let template = folder.path().join("template");
    std::fs::create_dir_all(&template)?;
    data::generate(&template, rows)?;
    let mut times: [Times; PARTS.len()] = Default::default();
    let mut right = true;
    for _ in 0..rounds.max(1) {
        for part in &mut times {
            part.push([None, None]);
        }
        for product in [false, true] {
            let world = fresh(&template, folder.path(), product)?;
            for (place, (part, _)) in PARTS.iter().enumerate() {
                let Some(run) = run_of(&command, part, product, &world)? else {
                    continue;
                };
                prepare(part, rows, &world, &command, product)?;
                let took = measured(run)?;
                if *part != "plan" && !data::agree(&world)? {
                    println!(
                        "{part}: WRONG ({})",
                        if product { "bilateral" } else { "floor" }
                    );
                    right = false;
                }
                if let Some(round) = times[place].last_mut() {
                    round[usize::from(product)] = Some(took);
                }
            }
        }
    }
    println!(
        "{rows} records, medians of {rounds} rounds; ratios are of pairs that ran one after the other"
    );
    println!("part         floor    bilateral   wall    CPU   memory");
    for place in 0..PARTS.len() {
        right &= tell(place, &times, judge);
    }
    Ok(right)
}

/// Whether its ratio is within the limits.
fn tell(place: usize, times: &[Times; PARTS.len()], judge: bool) -> bool {
    let (part, limit) = PARTS[place];
    // The floor has no plan: its first sync stands for it.
    let floor = if part == "plan" { 1 } else { place };
    let rounds = times[floor].iter().zip(&times[place]);
    let pairs: Vec<(Measured, Measured)> = rounds.filter_map(|(f, b)| f[0].zip(b[1])).collect();
    let of = |f: &dyn Fn(&(Measured, Measured)) -> f64| measure::median(pairs.iter().map(f));
    let (wall, cpu) = (
        of(&|(f, b)| b.wall / f.wall),
        of(&|(f, b)| b.cpu / f.cpu.max(0.01)),
    );
    let peak = pairs.iter().map(|(_, b)| b.peak).max().unwrap_or_default() / 1024;
    let within = !judge || limit.is_none_or(|limit| cpu <= limit);
    let verdict = match (within, limit) {
        (false, Some(limit)) => format!("  CPU is more than {limit} times the floor's"),
        _ => String::new(),
    };
    println!(
        "{part:8} {:7.3} s  {:9.3} s {wall:6.2} {cpu:6.2} {peak:5} MB{verdict}",
        of(&|(f, _)| f.wall),
        of(&|(_, b)| b.wall)
    );
    within
}

fn fresh(template: &Path, folder: &Path, product: bool) -> Outcome<PathBuf> {
    let world = folder.join(if product { "bilateral" } else { "floor" });
    if world.exists() {
        std::fs::remove_dir_all(&world)?;
    }
    std::fs::create_dir_all(world.join("rules"))?;
    for name in ["marketing.db", "crm.db"] {
        std::fs::copy(template.join(name), world.join(name))?;
    }
    std::fs::write(world.join("rules/lead.sync"), RULES)?;
    std::fs::write(world.join("stores.yaml"), STORES)?;
    Ok(world)
}

/// What goes before a part and is not measured.
fn prepare(part: &str, rows: u64, world: &Path, command: &Path, product: bool) -> Outcome<()> {
    match part {
        "nothing" => {
            // What was written last lies within the overlap once more.
            thread::sleep(2 * PAUSE);
            if let Some(mut run) = run_of(command, part, product, world)? {
                run.status()?;
            }
        }
        "0.1 %" | "1 %" => {
            let (some, both) = match part {
                "1 %" => (rows / 100, 0),
                _ => (rows / 1000, rows / 10_000),
            };
            thread::sleep(PAUSE);
            data::change(world, some, both)?;
            thread::sleep(PAUSE);
        }
        _ => {}
    }
    Ok(())
}

fn run_of(command: &Path, part: &str, product: bool, world: &Path) -> Outcome<Option<Command>> {
    let mut run = match (product, part) {
        (false, "plan") => return Ok(None),
        (false, part) => {
            let part = match part {
                "first" | "full" => part,
                _ => "since",
            };
            let mut run = Command::new(std::env::current_exe()?);
            run.args(["floor", part]).arg(world);
            run
        }
        (true, "plan") => {
            let mut run = Command::new(command);
            run.args(["plan", "rules", "--format", "json", "-q"]);
            run.stdout(std::fs::File::create(world.join("plan.json"))?);
            run
        }
        (true, part) => {
            let mut run = Command::new(command);
            run.args(["apply", "rules", "--yes", "-q"]);
            run.args((part == "full").then_some("--full"));
            run.stdout(Stdio::null());
            run
        }
    };
    run.current_dir(world);
    Ok(Some(run))
}
