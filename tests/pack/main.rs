//! The shipped packs, end to end: they check, keep their layout, pass their rule tests, and their sample data settles.

mod lead_gen;
mod magento;
mod pardot;
mod sugar_market;

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use tempfile::TempDir;

/// A pack in a folder of its own, so that databases and ledger are made there.
struct Pack {
    _root: TempDir,
    path: PathBuf,
}

impl Pack {
    fn copy(name: &str) -> Pack {
        let root = TempDir::new().unwrap();
        let path = root.path().join(name);
        copy_folder(
            &Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("rules")
                .join(name),
            &path,
        );
        Pack { _root: root, path }
    }

    /// `bilateral COMMAND PATH ARGS…`
    fn run(&self, command: &str, args: &[&str]) -> assert_cmd::assert::Assert {
        Command::cargo_bin("bilateral")
            .unwrap()
            .arg(command)
            .arg(&self.path)
            .args(args)
            .assert()
    }

    /// Makes the sample data, plans and applies it: nothing is left to do, also by a full comparison.
    fn settles(&self) {
        self.run("demo", &[]).success();
        self.nothing_to_do();
    }

    fn nothing_to_do(&self) {
        for args in [&[][..], &["--full"]] {
            let plan = self.json("plan", args);
            assert_eq!(plan["operations"], serde_json::json!([]));
            assert_eq!(plan["errors"], serde_json::json!([]));
        }
    }

    fn database(&self, store: &str) -> rusqlite::Connection {
        rusqlite::Connection::open(self.path.join("demo").join(store).with_extension("db")).unwrap()
    }

    fn sql(&self, store: &str, sql: &str) {
        self.database(store).execute_batch(sql).unwrap();
    }

    /// The one value that a query gives, as text.
    fn text(&self, store: &str, sql: &str) -> String {
        let as_text = format!("SELECT CAST(({sql}) AS TEXT)");
        self.database(store)
            .query_row(&as_text, [], |row| row.get(0))
            .unwrap()
    }

    fn json(&self, command: &str, args: &[&str]) -> serde_json::Value {
        let args: Vec<&str> = args.iter().copied().chain(["--format", "json"]).collect();
        serde_json::from_slice(&self.run(command, &args).get_output().stdout).unwrap()
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if entry.file_type().unwrap().is_dir() {
            if name != ".bilateral" {
                copy_folder(&entry.path(), &to.join(name));
            }
        } else if entry.path().extension().is_none_or(|e| e != "db") {
            fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}
