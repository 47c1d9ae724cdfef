//! Every finding as it is printed and as JSON: one file a code, in `tests/lint/findings`. `BLESS=1` writes them.

use std::fs;
use std::path::Path;

use bilateral::diagnostic::{render, to_json};
use bilateral::lint::pages;

use crate::pages::found;

#[test]
fn every_finding_is_printed_as_it_was() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint/findings");
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    for page in pages() {
        let outcome = found(page.bad);
        let Some(finding) = outcome.lint.iter().find(|f| f.code == page.code) else {
            continue;
        };
        let json = to_json(std::slice::from_ref(finding), &outcome.sources, 1, 1, &[]);
        let made = format!(
            "{}\n\n{}\n",
            render(finding, &outcome.sources, false),
            serde_json::to_string_pretty(&serde_json::to_value(&json).unwrap()["findings"][0])
                .unwrap()
        );
        let path = folder.join(format!("{}.txt", page.code.code));
        if bless {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &made).unwrap();
        }
        if fs::read_to_string(&path).unwrap_or_default() != made {
            wrong.push(format!("{}:\n{made}", page.code.code));
        }
    }
    assert!(
        wrong.is_empty(),
        "BLESS=1 writes these:\n{}",
        wrong.join("\n")
    );
}

/// Messages are facts in lower case on one line, in the words of the language.
#[test]
fn messages_are_written_alike() {
    for page in pages() {
        for finding in found(page.bad).lint {
            let message = &finding.message;
            assert!(
                !message.contains('\n') && !message.ends_with('.'),
                "{message}"
            );
            let first = message.chars().next().unwrap_or(' ');
            assert!(
                !first.is_uppercase() || message.starts_with("U+"),
                "{message}"
            );
            for word in ["Rule::", "Expr", "Type::", "Some(", "None"] {
                assert!(!message.contains(word), "{message}");
            }
        }
    }
}
