//! What the linter survives: files cut anywhere, odd bytes, depth, length, number.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::world::World;

fn survives(text: &str) -> usize {
    World::of(text).check().lint.len()
}

fn sample(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_file_cut_at_any_byte_is_read() {
    for name in [
        "rules/lead_gen/people.sync",
        "tests/format/cases/constructs.sync",
    ] {
        let text = sample(name);
        for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
            survives(&text[..at]);
        }
    }
}

#[test]
fn a_line_left_out_anywhere_is_read() {
    let text = sample("tests/format/cases/constructs.sync");
    let lines: Vec<&str> = text.lines().collect();
    for at in 0..lines.len() {
        let mut rest = lines.clone();
        rest.remove(at);
        survives(&rest.join("\n"));
    }
}

#[test]
fn odd_texts_are_read() {
    for text in [
        "\u{feff}sync marketing with crm\r\n",
        "sync\tmarketing\twith\tcrm",
        "sync маркетинг with crm\nrelationship 名前: lead <-> Lead {\n}\n",
        "\0\0\0",
        "{{{{{{{{",
        "}}}}}}}}",
        "\"\"\"\"\"{{{{",
        "relationship relationship relationship",
        "let x = \u{202e}1\n",
    ] {
        survives(text);
    }
    survives(&format!(
        "let x = {}1{}",
        "(".repeat(100_000),
        ")".repeat(100_000)
    ));
    survives(&format!("let x = {}", "not ".repeat(100_000)));
    survives(&format!("let x = \"{}\"\n", "a".repeat(2_000_000)));
    survives(&"email <-> Email ".repeat(50_000));
}

/// 1,000 mistakes in one file are 1,000 findings, none of them caused by another.
#[test]
fn each_mistake_is_one_finding() {
    let mut text = String::from(
        "sync marketing with crm\nrelationship Lead: lead <-> Lead {\n  match email = Email\n  email <-> Email\n  push create never\n  pull create never\n",
    );
    for i in 0..1000 {
        let _ = writeln!(
            text,
            "  nothing_like_it_{i} -> Grade on create when score = {i} and score > -1"
        );
    }
    text.push_str("}\n");
    let found = World::of(&text).check();
    let unknown = found
        .lint
        .iter()
        .filter(|f| f.code.name == "unknown-field" || f.code.name == "unknown-name")
        .count();
    assert_eq!(unknown, 1000);
}

#[test]
fn ten_thousand_relationships_are_read() {
    let mut text = String::from("sync marketing with crm\n");
    for i in 0..10_000 {
        let _ = writeln!(
            text,
            "relationship R{i}: account <-> Account {{\n  match crm_id = Id\n  crm_id <- Id\n  name <-> Name\n}}"
        );
    }
    let found = World::of(&text).check();
    assert_eq!(found.checked.relationships, 10_000);
}
