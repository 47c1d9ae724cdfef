//! One case, one file: a program over the stores of [`world`](crate::world), and at its end, after `#>`, every finding it must have.
//! `BLESS=1 cargo test --test check` writes what is found now; look at the difference before committing it.

use std::fs;
use std::path::Path;

use bilateral::diagnostic::Severity;

use crate::world::{Outcome, World};

const MARK: &str = "#> ";

fn run(folder: &str, found: impl Fn(&Outcome) -> String) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/check/cases")
        .join(folder);
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the cases")
        .map(|e| e.expect("a case").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    let mut wrong = String::new();
    for path in paths {
        let text = fs::read_to_string(&path).expect("a case");
        let (rules, expected): (Vec<&str>, Vec<&str>) =
            text.lines().partition(|l| !l.starts_with(MARK));
        let rules = rules.join("\n") + "\n";
        let expected: String = expected
            .iter()
            .map(|l| format!("{}\n", &l[MARK.len()..]))
            .collect();
        let found = found(&World::of(&rules).check());
        if found == expected {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            let marked: String = found.lines().map(|l| format!("{MARK}{l}\n")).collect();
            fs::write(&path, rules + &marked).expect("writing the case");
        } else {
            wrong += &format!(
                "--- {}\nexpected:\n{expected}found:\n{found}\n",
                path.display()
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Errors only: each case has one cause, and so one finding.
#[test]
fn errors() {
    run("errors", |outcome| {
        let errors: Vec<_> = outcome
            .lint
            .iter()
            .filter(|f| f.severity == Severity::Error)
            .cloned()
            .collect();
        outcome.describe(&errors)
    });
}

/// Everything that `lint` tells.
#[test]
fn lints() {
    run("lints", |outcome| outcome.describe(&outcome.lint));
}
