//! The real command, killed at many points, stopped by Ctrl-C, and started twice.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rusqlite::{Connection, OpenFlags};

const RECORDS: usize = 2_000;

const STORES: &str = "\
name: people
stores:
  shop: { kind: sqlite, path: shop.db }
  crm: { kind: sqlite, path: crm.db }
ledger: { kind: sqlite, path: ledger.db }
secrets: { events: \"${EVENT_SECRET}\" }
";

/// Neither side carries the other's id but the customers; half of the people are known to both sides; notes have nothing that tells them
/// apart.
const RULES: &str = "\
sync shop with crm

relationship Person: customer <-> contact {
  match mail = mail
  crm_id <- id
  name <-> name
  mail <-> mail
}

relationship Note: customer -> note {
  \"Welcome\" -> subject
  push create once
  push done set welcomed = 1
}
";

const STAMP: &str = "updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))";

const SECRET: &str = "planted-and-never-to-be-seen";

struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    fn new() -> Project {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("stores.yaml", STORES);
        std::fs::create_dir(folder.path().join("rules")).unwrap();
        write("rules/people.sync", RULES);
        let project = Project { folder };
        let numbers = |from: usize, to: usize| {
            format!(
                "WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {to})"
            )
        };
        let known = RECORDS / 2;
        project.sql(
            "shop.db",
            &format!(
                "CREATE TABLE customer (id INTEGER PRIMARY KEY AUTOINCREMENT, crm_id INTEGER, name TEXT, mail TEXT, welcomed INTEGER, {STAMP});
                 {} INSERT INTO customer (name, mail) SELECT 'Name ' || (i % 7), 'p' || i || '@x.org' FROM n;",
                numbers(1, RECORDS)
            ),
        );
        project.sql(
            "crm.db",
            &format!(
                "CREATE TABLE contact (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, mail TEXT, {STAMP});
                 CREATE TABLE note (id INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT, {STAMP});
                 {} INSERT INTO contact (name, mail) SELECT 'Name ' || (i % 7), 'p' || i || '@x.org' FROM n;",
                numbers(known, RECORDS + known)
            ),
        );
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn sql(&self, database: &str, sql: &str) {
        let connection = Connection::open(self.path(database)).unwrap();
        connection.execute_batch(sql).unwrap();
    }

    fn rows(&self, database: &str, query: &str) -> Vec<String> {
        let connection = Connection::open(self.path(database)).unwrap();
        let mut statement = connection.prepare(query).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin("bilateral"));
        command
            .current_dir(self.folder.path())
            .env("EVENT_SECRET", SECRET)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn start(&self) -> Child {
        self.command(&["apply", "--yes", "-q"]).spawn().unwrap()
    }

    #[track_caller]
    fn run(&self, args: &[&str], code: i32) -> String {
        let output = self.command(args).output().unwrap();
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
        said
    }

    /// Waits until so many batches have left; `false` where the run ended before.
    fn until_sent(&self, child: &mut Child, batches: i64) -> bool {
        let sent = |path: &Path| -> rusqlite::Result<i64> {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            Connection::open_with_flags(path, flags)?.query_row(
                "SELECT count(*) FROM batches WHERE state <> 'planned'",
                [],
                |row| row.get(0),
            )
        };
        loop {
            if sent(&self.path("ledger.db")).is_ok_and(|count| count >= batches) {
                return true;
            }
            if child.try_wait().unwrap().is_some() {
                return false;
            }
            std::thread::yield_now();
        }
    }

    /// What both stores hold, whatever ids were given.
    fn result(&self) -> Vec<String> {
        let attached = Connection::open(self.path("shop.db")).unwrap();
        let crm = self.path("crm.db");
        attached
            .execute("ATTACH ?1 AS crm", [crm.to_str().unwrap()])
            .unwrap();
        let mut statement = attached
            .prepare(
                "SELECT c.mail || ' ' || c.name || ' ' || ifnull(k.name, 'none') || ' ' || ifnull(c.welcomed, 0) || ' '
                   || (SELECT count(*) FROM crm.contact x WHERE x.mail = c.mail)
                 FROM customer c LEFT JOIN crm.contact k ON k.id = c.crm_id AND k.mail = c.mail
                 UNION ALL SELECT 'notes ' || count(*) FROM crm.note
                 UNION ALL SELECT 'contacts ' || count(*) FROM crm.contact ORDER BY 1",
            )
            .unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.map(Result::unwrap).collect()
    }

    #[track_caller]
    fn assert_result(&self) {
        let (result, expected) = (self.result(), expected());
        let wrong = result.iter().filter(|row| !expected.contains(row));
        let wrong: Vec<&String> = wrong.take(5).collect();
        assert!(
            result == expected,
            "{} rows instead of {}, among them {wrong:?}",
            result.len(),
            expected.len()
        );
    }

    #[track_caller]
    fn assert_quiet(&self) {
        self.run(&["plan", "--detailed-exitcode"], 0);
        self.run(&["plan", "--full", "--detailed-exitcode"], 0);
    }
}

/// What an undisturbed run gives: every person once on each side, one note for each customer.
fn expected() -> Vec<String> {
    let people = RECORDS + RECORDS / 2;
    let mut rows: Vec<String> = (1..=people)
        .map(|i| format!("p{i}@x.org Name {0} Name {0} 1 1", i % 7))
        .collect();
    rows.push(format!("notes {people}"));
    rows.push(format!("contacts {people}"));
    rows.sort();
    rows
}

#[test]
fn killed_at_many_points_and_run_again_the_result_is_the_undisturbed_one() {
    let undisturbed = Project::new();
    undisturbed.run(&["apply", "--yes", "-q"], 0);
    undisturbed.run(&["apply", "--yes", "-q"], 0);
    undisturbed.assert_result();
    undisturbed.assert_quiet();

    let project = Project::new();
    let mut kills = 0;
    // Each kill leaves a batch whose outcome nobody knows; the next run goes on and is killed a little later.
    for batches in [1, 2, 4, 5, 8, 11, 15] {
        let mut child = project.start();
        if project.until_sent(&mut child, batches) {
            kills += 1;
        }
        // SIGKILL
        let _ = child.kill();
        child.wait().unwrap();
    }
    assert!(kills > 0, "every run ended before it could be killed");
    project.run(&["apply", "--yes", "-q"], 0);
    project.run(&["apply", "--yes", "-q"], 0);
    project.assert_result();
    project.assert_quiet();
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_run_with_130_and_the_next_one_completes_it() {
    let project = Project::new();
    let mut child = project.start();
    assert!(project.until_sent(&mut child, 1));
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    project.run(&["apply", "--yes", "-q"], 0);
    project.run(&["apply", "--yes", "-q"], 0);
    project.assert_result();
    project.assert_quiet();
}

#[test]
fn a_second_engine_on_the_ledger_leaves_with_75() {
    let project = Project::new();
    let mut child = project.start();
    assert!(project.until_sent(&mut child, 1));
    let said = project.run(&["apply", "--yes", "-q"], 75);
    assert!(said.contains("another engine holds the ledger"), "{said}");
    child.kill().unwrap();
    child.wait().unwrap();
    project.run(&["apply", "--yes", "-q"], 0);
}

/// I10
#[test]
fn a_secret_is_in_no_message_and_in_no_file_of_the_engine() {
    let project = Project::new();
    let mut said = project.run(&["apply", "--yes", "-v"], 0);
    said += &project.run(&["plan", "--format", "json"], 0);
    said += &project.run(&["plan", "--out", "saved.plan"], 0);
    said += &project.run(&["history", "--format", "json"], 0);
    said += &project.run(&["status"], 0);
    said += &project.run(&["why", "shop.customer", "1"], 0);
    assert!(!said.contains(SECRET));
    for name in ["ledger.db", "ledger.db-wal", "saved.plan"] {
        let bytes = std::fs::read(project.path(name)).unwrap_or_default();
        let found = bytes.windows(SECRET.len()).any(|w| w == SECRET.as_bytes());
        assert!(!found, "the secret is in {name}");
    }
    assert_eq!(
        project.rows("ledger.db", "SELECT program FROM meta"),
        ["people"]
    );
}
