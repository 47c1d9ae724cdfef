//! A small project in a temporary folder, and the command run in it.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use rusqlite::Connection;

pub const RULES: &str = "\
sync shop with crm

relationship Person: customer <-> contact {
  match email = mail

  crm_id     <-  id
  last_name  <-> last_name
  email      <-> mail

  push create require last_name, email
}
";

pub const STORES: &str = "\
name: people
stores:
  shop: { kind: sqlite, path: shop.db }
  crm: { kind: sqlite, path: crm.db }
ledger: { kind: sqlite, path: ledger.db }
";

pub const SHOP: &str = "\
CREATE TABLE customer (id INTEGER PRIMARY KEY, crm_id INTEGER, last_name TEXT, email TEXT UNIQUE,
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')));
INSERT INTO customer (id, last_name, email) VALUES (1, 'Lovelace', 'ada@x.org'), (2, 'Hopper', NULL);";

pub const CRM: &str = "\
CREATE TABLE contact (id INTEGER PRIMARY KEY, last_name TEXT, mail TEXT UNIQUE,
  updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')));
INSERT INTO contact (id, last_name, mail) VALUES (101, 'Johnson', 'katherine@x.org');";

pub struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    /// One customer that goes over, one that is held, one contact that comes over.
    pub fn new() -> Project {
        let project = Project::empty();
        project.write("stores.yaml", STORES);
        project.write("rules/people.sync", RULES);
        project.sql("shop.db", SHOP);
        project.sql("crm.db", CRM);
        project
    }

    pub fn empty() -> Project {
        Project {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn sql(&self, database: &str, sql: &str) {
        Connection::open(self.path(database))
            .unwrap()
            .execute_batch(sql)
            .unwrap();
    }

    /// The one value that a query gives, as text.
    pub fn value(&self, database: &str, query: &str) -> String {
        Connection::open(self.path(database))
            .unwrap()
            .query_row(query, [], |row| {
                Ok(match row.get_ref(0)? {
                    rusqlite::types::ValueRef::Null => "null".to_owned(),
                    rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                    other => other.as_str().unwrap_or("?").to_owned(),
                })
            })
            .unwrap()
    }

    pub fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, &[])
    }

    pub fn run_with(&self, args: &[&str], environment: &[(&str, &str)]) -> Run {
        let output = Command::cargo_bin("bilateral")
            .unwrap()
            .current_dir(self.folder.path())
            .env_remove("NO_COLOR")
            .envs(environment.iter().copied())
            .args(args)
            .output()
            .unwrap();
        Run {
            args: args.join(" "),
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// What a command said.
#[derive(Debug)]
pub struct Run {
    args: String,
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    #[track_caller]
    pub fn code(self, code: i32) -> Run {
        assert_eq!(
            self.code, code,
            "{}\nout: {}\nerr: {}",
            self.args, self.out, self.err
        );
        self
    }

    /// Ends with the code, and says why in one message with all these words, without a panic and with nothing on standard output.
    #[track_caller]
    pub fn refused(self, code: i32, words: &[&str]) -> Run {
        let run = self.code(code);
        for word in words {
            assert!(run.err.contains(word), "`{word}` is not in: {}", run.err);
        }
        assert!(!run.err.contains("panicked"), "{}", run.err);
        assert_eq!(run.out, "", "results of a command that was refused");
        run
    }

    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}
