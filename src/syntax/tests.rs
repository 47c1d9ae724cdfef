//! The language as a table of snippets: what parses, and what a mistake says.

use super::{Parsed, parse};
use crate::diagnostic::FileId;

const EXAMPLE: &str = include_str!("../../tests/format/cases/people.sync");
const CONSTRUCTS: &str = include_str!("../../tests/format/cases/constructs.sync");

fn read(text: &str) -> Parsed {
    parse(FileId(0), text)
}

/// The findings as `code text-underlined: message | help`.
fn findings(text: &str) -> Vec<String> {
    read(text)
        .findings
        .iter()
        .map(|finding| {
            let underlined = &text[finding.span.start as usize..finding.span.end as usize];
            format!(
                "{} {underlined:?}: {} | {}",
                finding.code.code,
                finding.message,
                finding.help.as_deref().unwrap_or_default()
            )
        })
        .collect()
}

#[test]
fn the_example_of_the_reference_parses() {
    assert_eq!(findings(EXAMPLE), Vec::<String>::new());
    let file = read(EXAMPLE).file;
    assert_eq!(file.items.len(), 6);
}

#[test]
fn every_construct_parses() {
    assert_eq!(findings(CONSTRUCTS), Vec::<String>::new());
}

#[test]
fn a_file_cut_anywhere_never_panics() {
    for end in (0..=EXAMPLE.len()).filter(|end| EXAMPLE.is_char_boundary(*end)) {
        read(&EXAMPLE[..end]);
        read(&EXAMPLE[end..]);
    }
}

#[test]
fn depth_is_capped_before_the_stack_is() {
    let many = 100_000;
    let hostile = [
        format!("let a = {}1{}", "(".repeat(many), ")".repeat(many)),
        format!("let a = {}1", "(".repeat(many)),
        format!("let a = {}1{}", "[".repeat(many), "]".repeat(many)),
        format!("let a = {}1", "not ".repeat(many)),
        format!("let a = {}1", "- ".repeat(many)),
        format!("let a = 1{}", " + 1".repeat(many)),
        format!("let a = {}1", "if a then b else ".repeat(many)),
        format!("let a = {}1", "if ".repeat(many)),
        format!("let a = {}1", "f(".repeat(many)),
        format!("let a = {}", "\"{".repeat(many)),
        format!("let a = {}{}", "\"{".repeat(many), "}\"".repeat(many)),
        format!("let a = \"{{{}1}}\"", "1 + ".repeat(many)),
        format!("let a = \"{{{}1{}}}\"", "(".repeat(many), ")".repeat(many)),
    ];
    for text in &hostile {
        let parsed = read(&format!("{text}\nlet b = 2\n"));
        let shown: String = text.chars().take(30).collect();
        assert_eq!(
            parsed.findings.len(),
            1,
            "{shown}: {:?}",
            parsed.findings.iter().take(4).collect::<Vec<_>>()
        );
        assert_eq!(parsed.file.items.len(), 2, "{shown}");
    }
    let deep = format!(
        "let a = {}1{}\nlet b = {}1\n",
        "(".repeat(48),
        ")".repeat(48),
        "1 + ".repeat(250)
    );
    assert_eq!(findings(&deep), Vec::<String>::new());
    let ifs = format!(
        "let a = {}1{}\n",
        "if x then ".repeat(40),
        " else 2".repeat(40)
    );
    assert_eq!(findings(&ifs), Vec::<String>::new());
    let texts = format!("let a = {}1{}\n", "\"{".repeat(20), "}\"".repeat(20));
    assert_eq!(findings(&texts), Vec::<String>::new());
}
