//! `init [DIR]`

use std::io::Write;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::exit::{Cause, Exit, Finished, Outcome};
use super::options::Common;

/// Make a small working project: two SQLite files with sample records, a rule file, a rule test
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  bilateral init crm && cd crm && bilateral plan")]
pub struct Args {
    /// Its folder
    #[arg(default_value = ".")]
    dir: PathBuf,
}

/// The project's texts, by their places in it.
const FILES: &[(&str, &str)] = &[
    ("stores.yaml", include_str!("init_files/stores.yaml")),
    ("rules/people.sync", include_str!("init_files/people.sync")),
    (
        "rules/scenarios/people.yaml",
        include_str!("init_files/people.yaml"),
    ),
    ("README.md", include_str!("init_files/README.md")),
];

/// Its databases.
const DATABASES: &[(&str, &str)] = &[
    ("shop.db", include_str!("init_files/shop.sql")),
    ("crm.db", include_str!("init_files/crm.sql")),
];

pub fn run(args: &Args, common: &Common) -> Outcome {
    let console = common.console();
    let names = FILES.iter().chain(DATABASES).map(|(name, _)| *name);
    for name in names.clone() {
        let path = args.dir.join(name);
        if path.exists() {
            return Err(Exit::new(
                Cause::Failed,
                format!(
                    "{} is there already: nothing was written; name an empty folder",
                    path.display()
                ),
            ));
        }
    }
    for (name, text) in FILES {
        write(&args.dir.join(name), text)?;
    }
    for (name, sql) in DATABASES {
        make(&args.dir.join(name), sql)?;
    }
    let mut out = console.stdout();
    for name in names {
        writeln!(out, "{}", args.dir.join(name).display())?;
    }
    out.flush()?;
    let go = match args.dir.as_os_str().to_str() {
        Some(".") => String::new(),
        _ => format!("cd {} && ", args.dir.display()),
    };
    console.note(&format!("next: {go}bilateral plan"));
    Ok(Finished::Done)
}

fn write(path: &Path, text: &str) -> Result<(), Exit> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Exit::writing(folder, &error))?;
    }
    std::fs::write(path, text).map_err(|error| Exit::writing(path, &error))
}

fn make(path: &Path, sql: &str) -> Result<(), Exit> {
    let wrong = |error: rusqlite::Error| {
        Exit::new(Cause::Unavailable, format!("{}: {error}", path.display()))
    };
    Connection::open(path)
        .and_then(|connection| connection.execute_batch(sql))
        .map_err(wrong)
}
