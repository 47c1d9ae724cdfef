//! A fixed work to measure on any machine: leads between a marketing database and a CRM.
//!
//!     cargo build --release
//!     cargo run --release --example work -- target/release/bilateral 100000
//!
//! Makes both databases in a temporary folder (the records of the CRM, a tenth of them in marketing, half of these the same people by
//! e-mail), lets the command sync them, and compares with a floor: the same records read, inserted and linked by hand in one
//! transaction of each file, with nothing planned, journaled or explained. Machines differ: quote the ratio.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};

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
const MARKETING: &str = "CREATE TABLE lead(id INTEGER PRIMARY KEY, crm_id TEXT, first_name TEXT, last_name TEXT, company TEXT, email TEXT,
    phone TEXT, score INTEGER, is_contact INTEGER, modified_at TEXT);
  CREATE INDEX lead_mod ON lead(modified_at); CREATE INDEX lead_email ON lead(email); CREATE INDEX lead_crm ON lead(crm_id);";
const CRM: &str = "CREATE TABLE Lead(Id TEXT PRIMARY KEY, FirstName TEXT, LastName TEXT, Company TEXT, Email TEXT, Phone TEXT,
    Score INTEGER, IsDeleted INTEGER, SystemModstamp TEXT);
  CREATE INDEX Lead_mod ON Lead(SystemModstamp); CREATE INDEX Lead_email ON Lead(Email);";

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(command), Some(rows)) = (
        arguments.first(),
        arguments.get(1).and_then(|n| n.parse().ok()),
    ) else {
        eprintln!("usage: work PATH-TO-BILATERAL ROWS");
        return ExitCode::from(64);
    };
    match measure(Path::new(command), rows) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(command: &Path, rows: i64) -> Outcome<()> {
    let command = command.canonicalize()?;
    let folder = tempfile::tempdir()?;
    let (by_hand, project) = (folder.path().join("floor"), folder.path().join("project"));
    for place in [&by_hand, &project] {
        std::fs::create_dir_all(place.join("rules"))?;
        generate(place, rows)?;
    }
    std::fs::write(project.join("rules/lead.sync"), RULES)?;
    std::fs::write(project.join("stores.yaml"), STORES)?;
    let floor = floor(&by_hand)?;
    println!("{rows} records");
    tell("floor", floor, floor);
    tell(
        "plan as JSON",
        run(
            &command,
            &project,
            &["plan", "rules", "--format", "json", "-q"],
        )?,
        floor,
    );
    let apply = ["apply", "rules", "--yes", "-q"];
    tell("first sync", run(&command, &project, &apply)?, floor);
    run(&command, &project, &apply)?;
    std::thread::sleep(Duration::from_millis(2200));
    tell("nothing changed", run(&command, &project, &apply)?, floor);
    tell(
        "full comparison",
        run(
            &command,
            &project,
            &["apply", "rules", "--yes", "-q", "--full"],
        )?,
        floor,
    );
    Ok(())
}

fn tell(what: &str, took: Duration, floor: Duration) {
    let ratio = took.as_secs_f64() / floor.as_secs_f64();
    println!("{what:16} {:9.3} s {ratio:8.2}", took.as_secs_f64());
}

fn run(command: &Path, project: &Path, arguments: &[&str]) -> Outcome<Duration> {
    let begun = Instant::now();
    let done = Command::new(command)
        .args(arguments)
        .current_dir(project)
        .output()?;
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned().into());
    }
    Ok(begun.elapsed())
}

fn open(place: &Path, name: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open(place.join(name))?;
    connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -131072;")?;
    Ok(connection)
}

/// A number that looks like chance and is the same in every run.
fn mixed(number: i64) -> i64 {
    let number = number.cast_unsigned();
    let mixed = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (mixed >> 11).cast_signed()
}

fn generate(place: &Path, rows: i64) -> Outcome<()> {
    let (left, right) = (open(place, "marketing.db")?, open(place, "crm.db")?);
    left.execute_batch(MARKETING)?;
    right.execute_batch(CRM)?;
    left.execute_batch("BEGIN")?;
    right.execute_batch("BEGIN")?;
    {
        let mut lead =
            left.prepare("INSERT INTO lead VALUES (?1, NULL, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8)")?;
        let mut other =
            right.prepare("INSERT INTO Lead VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8)")?;
        for number in 0..rows {
            let chance = mixed(number);
            let (first, last) = (
                format!("First{}", chance % 97),
                format!("Last{}", chance % 1009),
            );
            let company = format!("Company {}", chance % 5003);
            let email = format!("{first}.{last}.{number}@example.org");
            let phone = format!("+{} {:07}", chance % 90, chance % 10_000_000);
            let stamp = format!(
                "2024-{:02}-{:02}T08:00:00.000Z",
                number % 12 + 1,
                number % 28 + 1
            );
            let id = format!("00Q5e{number:010}AAE");
            other.execute(params![
                id,
                first,
                last,
                company,
                email,
                phone,
                chance % 140,
                stamp
            ])?;
            if number % 10 == 3 {
                // Every second one is the same person, written otherwise.
                let email = if number % 20 == 3 {
                    email.to_uppercase()
                } else {
                    format!("new.{email}")
                };
                lead.execute(params![
                    number,
                    first,
                    last,
                    company,
                    email,
                    "",
                    chance % 70,
                    stamp
                ])?;
            }
        }
    }
    left.execute_batch("COMMIT; ANALYZE;")?;
    right.execute_batch("COMMIT; ANALYZE;")?;
    Ok(())
}

/// The same records inserted and linked by hand.
fn floor(place: &Path) -> Outcome<Duration> {
    let begun = Instant::now();
    let (left, right, links) = (
        open(place, "marketing.db")?,
        open(place, "crm.db")?,
        open(place, "links.db")?,
    );
    links.execute_batch("CREATE TABLE link(left_id INTEGER PRIMARY KEY, right_id TEXT UNIQUE)")?;
    [&left, &links]
        .into_iter()
        .try_for_each(|c| c.execute_batch("BEGIN"))?;
    {
        let mut insert = left.prepare(
            "INSERT INTO lead(crm_id, first_name, last_name, company, email, phone, score, is_contact, modified_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, '2025-01-01T00:00:00.000Z')",
        )?;
        let mut link = links.prepare("INSERT INTO link VALUES (?1, ?2)")?;
        let mut records = right
            .prepare("SELECT Id, FirstName, LastName, Company, Email, Phone, Score FROM Lead")?;
        let mut rows = records.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..7 {
                insert.raw_bind_parameter(
                    column + 1,
                    rusqlite::types::ToSqlOutput::Borrowed(row.get_ref(column)?),
                )?;
            }
            insert.raw_execute()?;
            link.execute(params![left.last_insert_rowid(), row.get::<_, String>(0)?])?;
        }
    }
    [&left, &links]
        .into_iter()
        .try_for_each(|c| c.execute_batch("COMMIT"))?;
    Ok(begun.elapsed())
}
