//! Codes are stable and never reused: `tests/lint/codes.txt` remembers every code that was ever given. `BLESS=1` adds new ones; nothing
//! takes one away.

use std::fs;
use std::path::Path;

use bilateral::diagnostic::codes::{ALL, RETIRED};

#[test]
fn a_code_keeps_its_meaning() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint/codes.txt");
    let written = fs::read_to_string(&path).unwrap_or_default();
    let mut ever: Vec<String> = written.lines().map(str::to_owned).collect();
    let now: Vec<String> = ALL
        .iter()
        .chain(RETIRED)
        .map(|c| format!("{} {}", c.code, c.name))
        .collect();
    for line in &ever {
        assert!(
            now.contains(line),
            "{line} was given once: a code that is given no more goes to RETIRED, and its name stays"
        );
    }
    let new: Vec<String> = now.iter().filter(|n| !ever.contains(n)).cloned().collect();
    if std::env::var_os("BLESS").is_some() {
        ever.extend(new);
        ever.sort();
        fs::write(&path, ever.join("\n") + "\n").unwrap();
    } else {
        assert!(
            new.is_empty(),
            "BLESS=1 cargo test --test lint codes: {new:?}"
        );
    }
}
