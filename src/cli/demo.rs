//! `demo PATH`

use std::io::Write;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::console::Console;
use super::exit::{Cause, Exit, Outcome};
use super::header::now;
use super::human::{Limits, count};
use super::load::{Configuration, LedgerPlace, Loaded, Place};
use super::options::Common;
use super::run::{Ask, Narrator, told};
use crate::apply;
use crate::ledger::{Ledger, LedgerError};

/// Make the sample databases of a pack, then plan and apply them
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bilateral demo rules/crm")]
pub struct Args {
    /// A pack: a folder of rules with demo/STORE.sql
    path: PathBuf,
}

pub fn run(args: &Args, common: &Common) -> Outcome {
    let console = common.console();
    let place = Place::find(Some(&args.path), common.stores.as_deref())?;
    let configuration = Configuration::read(&place)?;
    let samples = samples(&place)?;
    let ledger = configuration.ledger_path(common)?;
    if ledger.exists() {
        not_in_use(&args.path, common)?;
        console.note(&format!("starting over: {} is made anew", ledger.display()));
        remove_database(&ledger)?;
    }
    for sample in &samples {
        let database = configuration.sqlite_path(&sample.store)?;
        make(sample, &database, &console)?;
    }
    apply_all(args, common, &console)
}

/// A taste of each group: `plan` shows more.
const SHOWN: Limits = Limits {
    entries: 2,
    quiet: 1,
};

/// The SQL of one store.
struct Sample {
    store: String,
    sql: PathBuf,
}

fn samples(place: &Place) -> Result<Vec<Sample>, Exit> {
    let folder = place.folder().join("demo");
    let entries = std::fs::read_dir(&folder).map_err(|error| Exit::reading(&folder, &error))?;
    let mut samples = Vec::new();
    for entry in entries {
        let sql = entry
            .map_err(|error| Exit::reading(&folder, &error))?
            .path();
        if sql.extension().is_none_or(|extension| extension != "sql") {
            continue;
        }
        if let Some(store) = sql.file_stem().and_then(|stem| stem.to_str()) {
            samples.push(Sample {
                store: store.to_owned(),
                sql,
            });
        }
    }
    if samples.is_empty() {
        return Err(Exit::new(
            Cause::FileMissing,
            format!(
                "{} has no STORE.sql: this pack has no sample data",
                folder.display()
            ),
        ));
    }
    samples.sort_by(|a, b| a.store.cmp(&b.store));
    Ok(samples)
}

/// Makes the database from its SQL, under another name first: one that failed half-way must not look whole.
fn make(sample: &Sample, database: &Path, console: &Console) -> Result<(), Exit> {
    let sql =
        std::fs::read_to_string(&sample.sql).map_err(|error| Exit::reading(&sample.sql, &error))?;
    let wrong = |error: rusqlite::Error| {
        Exit::new(Cause::Failed, format!("{}: {error}", sample.sql.display()))
    };
    if let Some(folder) = database.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Exit::writing(folder, &error))?;
    }
    let again = database.exists();
    let fresh = database.with_extension("db.new");
    remove_database(&fresh)?;
    let connection = Connection::open(&fresh).map_err(wrong)?;
    connection.execute_batch("BEGIN").map_err(wrong)?;
    connection.execute_batch(&sql).map_err(wrong)?;
    connection.execute_batch("COMMIT").map_err(wrong)?;
    connection.close().map_err(|(_, error)| wrong(error))?;
    remove_database(database)?;
    std::fs::rename(&fresh, database).map_err(|error| Exit::writing(database, &error))?;
    let verb = if again { "made anew" } else { "made" };
    console.note(&format!(
        "{verb} {} from {}",
        database.display(),
        sample.sql.display()
    ));
    Ok(())
}

/// A ledger that another engine holds is not taken from under it; one that can't be read for another reason is made anew.
fn not_in_use(rules: &Path, common: &Common) -> Result<(), Exit> {
    let place = LedgerPlace::find(Some(rules), common)?;
    match Ledger::open(&place.path, &place.identity) {
        Err(error @ LedgerError::Held { .. }) => Err(error.into()),
        _ => Ok(()),
    }
}

/// The file and what SQLite keeps beside it; the lock file of a ledger stays, as it must.
fn remove_database(path: &Path) -> Result<(), Exit> {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let file = PathBuf::from(name);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Exit::writing(&file, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn apply_all(args: &Args, common: &Common, console: &Console) -> Outcome {
    let mut loaded = Loaded::open(Some(&args.path), common, console)?;
    let mut ledger = Ledger::open(&loaded.ledger.path, &loaded.ledger.identity)?;
    let request = loaded.request(now());
    // Sample data is new on both sides: no limit would be a help.
    let options = loaded.apply_options(true);
    let mut narrator = Narrator::new(&loaded.program, *console, Ask::Go, "").limited(SHOWN);
    let outcome = apply::run(
        &loaded.program,
        &mut loaded.stores,
        &mut ledger,
        &request,
        &options,
        &mut narrator,
    )?;
    drop(narrator);
    let finished = told(&outcome, "Applied", console)?;
    let path = args.path.display();
    let mut out = console.stdout();
    for relationship in &loaded.program.relationships {
        let links = ledger.live_links(&relationship.name)?;
        writeln!(out, "  {}: {} linked", relationship.name, count(links))?;
    }
    writeln!(
        out,
        "\nNext:\n  bilateral plan {path}                # nothing left to do\n  bilateral held --rules {path}        # what waits, and for what\n  bilateral test {path}                # the rule tests\n  bilateral lint {path}                # the rules, checked"
    )?;
    out.flush()?;
    Ok(finished)
}
