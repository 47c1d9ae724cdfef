//! The tables and their numbered migrations; whose a ledger is.

use std::path::Path;

use rusqlite::{Connection, params};
use smol_str::SmolStr;

use super::{Identity, LedgerError, LedgerOutcome};

/// The n-th brings a ledger from version n to version n + 1. Published ones never change.
const MIGRATIONS: [&str; 3] = [
    include_str!("migrations/0001_ledger.sql"),
    include_str!("migrations/0002_turns.sql"),
    include_str!("migrations/0003_triggers.sql"),
];

/// SQLite's `application_id` of ledgers: "bltl".
const APPLICATION: i64 = 0x626c_746c;

const MAKER: &str = env!("CARGO_PKG_VERSION");

/// What stands in a ledger's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    Current,
    /// To be migrated; version 0 is an empty file.
    Older(usize),
}

/// Whether the file is a ledger of `identity` that this version understands.
///
/// # Errors
/// [`LedgerError::Foreign`] for a database of something else, a newer version, another program or other stores.
pub(super) fn inspect(
    connection: &Connection,
    path: &Path,
    identity: &Identity,
) -> LedgerOutcome<Version> {
    let answer = |error: rusqlite::Error| LedgerError::sqlite(path, &error);
    let pragma = |name: &str| {
        connection
            .pragma_query_value(None, name, |row| row.get::<_, i64>(0))
            .map_err(answer)
    };
    let path = path.display();
    let version = pragma("user_version")?;
    if pragma("application_id")? != APPLICATION {
        let tables: i64 = connection
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(answer)?;
        if tables == 0 && version == 0 {
            return Ok(Version::Older(0));
        }
        return Err(LedgerError::Foreign(format!(
            "{path} is a database, but not a ledger: name another path under `ledger` in stores.yaml"
        )));
    }
    let version = usize::try_from(version).unwrap_or(usize::MAX);
    if version > MIGRATIONS.len() {
        // A newer format may have no such column.
        let maker = connection
            .query_row("SELECT made_by FROM meta", [], |row| {
                row.get::<_, String>(0)
            })
            .map_or_else(
                |_| "a newer version".to_owned(),
                |maker| format!("version {maker}"),
            );
        return Err(LedgerError::Foreign(format!(
            "the ledger {path} was written by {maker} of bilateral (format {version}); this one, {MAKER}, knows formats up to {}: \
             update bilateral",
            MIGRATIONS.len()
        )));
    }
    let owner = read_identity(connection).map_err(answer)?;
    if owner != *identity {
        return Err(LedgerError::Foreign(format!(
            "the ledger {path} belongs to the program {}, not to {}: name another path under `ledger` in stores.yaml, or call the \
             program as before (`name`)",
            told(&owner),
            told(identity)
        )));
    }
    Ok(if version == MIGRATIONS.len() {
        Version::Current
    } else {
        Version::Older(version)
    })
}

/// Brings a ledger of version `from` up to date, all or nothing.
pub(super) fn migrate(
    connection: &Connection,
    from: usize,
    identity: &Identity,
) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    for migration in MIGRATIONS.iter().skip(from) {
        transaction.execute_batch(migration)?;
    }
    if from == 0 {
        transaction.execute(
            "INSERT INTO meta (one, program, left_store, right_store, made_by, generation) VALUES (1, ?1, ?2, ?3, ?4, 0)",
            params![identity.program.as_str(), identity.left.as_str(), identity.right.as_str(), MAKER],
        )?;
    } else {
        transaction.execute(
            "UPDATE meta SET made_by = ?1, generation = generation + 1",
            [MAKER],
        )?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len() as i64)?;
    transaction.commit()
}

fn read_identity(connection: &Connection) -> rusqlite::Result<Identity> {
    connection.query_row(
        "SELECT program, left_store, right_store FROM meta",
        [],
        |row| {
            let name = |index| row.get::<_, String>(index).map(SmolStr::from);
            Ok(Identity {
                program: name(0)?,
                left: name(1)?,
                right: name(2)?,
            })
        },
    )
}

fn told(identity: &Identity) -> String {
    format!(
        "`{}` ({} with {})",
        identity.program, identity.left, identity.right
    )
}
