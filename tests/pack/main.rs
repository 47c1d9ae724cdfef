//! The shipped packs, end to end: they check, keep their layout, pass their rule tests, and their sample data settles.

mod lead_gen;

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
