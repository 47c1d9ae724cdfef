//! The laws of the formatter, over the examples and over what is left of them after random damage.

use proptest::prelude::*;

use super::{format, one_line};
use crate::diagnostic::FileId;
use crate::syntax::parse;

const EXAMPLE: &str = include_str!("../../../tests/format/cases/people.sync");
const CONSTRUCTS: &str = include_str!("../../../tests/format/cases/constructs.sync");
const CONSTRUCTS_FORMATTED: &str =
    include_str!("../../../tests/format/cases/constructs.formatted.sync");

fn formatted(text: &str) -> String {
    format(text).unwrap_or_else(|error| panic!("{error}: {text:?}"))
}

#[test]
fn the_example_of_the_reference_is_canonical() {
    let canonical = EXAMPLE.replace("salesforce            # push", "salesforce  # push");
    assert_eq!(formatted(EXAMPLE), canonical);
}

#[test]
fn every_construct_has_one_layout() {
    let out = formatted(CONSTRUCTS);
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write("tests/format/cases/constructs.formatted.sync", &out).unwrap();
        return;
    }
    assert_eq!(out, CONSTRUCTS_FORMATTED);
    assert_eq!(formatted(&out), out);
}

#[test]
fn line_endings_and_byte_order_marks_are_kept() {
    let windows = format!("\u{FEFF}{}", EXAMPLE.replace('\n', "\r\n"));
    let out = formatted(&windows);
    assert!(out.starts_with("\u{FEFF}#"));
    assert_eq!(
        out.replace("\r\n", "\n").trim_start_matches('\u{FEFF}'),
        formatted(EXAMPLE)
    );
    assert_eq!(out.matches('\n').count(), out.matches("\r\n").count());
    assert_eq!(formatted("let a=1"), "let a = 1\n");
    assert_eq!(formatted(""), "");
    assert_eq!(formatted("\n\n# only a comment\n\n"), "# only a comment\n");
}

#[test]
fn broken_lines_stay_as_they_stand() {
    let text = "relationship A: a <-> B {\n    x   <->  Y\n     oh   no (  # so\n\t  z->Z\n}\nlett   x=1\n";
    assert_eq!(
        formatted(text),
        "relationship A: a <-> B {\n  x  <-> Y\n     oh   no (  # so\n  z   -> Z\n}\nlett   x=1\n"
    );
}

/// A text that was damaged at a few places: lines and pieces removed, doubled, swapped, characters put in.
fn damaged() -> impl Strategy<Value = String> {
    let place = any::<proptest::sample::Index>();
    let edit = (0..7_u8, place.clone(), place, 0..INSERTS.len());
    (prop::bool::ANY, prop::collection::vec(edit, 0..6)).prop_map(|(example, edits)| {
        let mut text = if example { EXAMPLE } else { CONSTRUCTS }.to_owned();
        for (kind, first, second, insert) in edits {
            damage(&mut text, kind, first, second, INSERTS[insert]);
        }
        text
    })
}

const INSERTS: [&str; 24] = [
    "(", ")", "{", "}", "[", "]", "\"", "`", "#", "\n", "\n\n", " -> ", "<-", "<=>", " when ",
    " else ", "==", ",", "/", "\\", "\u{202E}", "é", " if ", "\t",
];

fn damage(
    text: &mut String,
    kind: u8,
    first: proptest::sample::Index,
    second: proptest::sample::Index,
    insert: &str,
) {
    let mut lines: Vec<&str> = text.split('\n').collect();
    let (a, b) = (first.index(lines.len()), second.index(lines.len()));
    match kind {
        0 => {
            lines.remove(a);
        }
        1 => lines.insert(b, lines[a]),
        2 => lines.swap(a, b),
        _ => {
            let mut at = first.index(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            match kind {
                3 if at < text.len() => {
                    text.remove(at);
                }
                4 => {
                    let line_end = text[at..]
                        .find('\n')
                        .map_or(text.len(), |length| at + length);
                    text.replace_range(at..line_end, "");
                }
                _ => text.insert_str(at, insert),
            }
            return;
        }
    }
    *text = lines.join("\n");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn formatting_keeps_the_meaning_and_settles(text in damaged()) {
        let once = formatted(&text);
        prop_assert_eq!(formatted(&once), once);
    }

    #[test]
    fn any_text_is_read_with_findings_inside_it(text in "[ -~\n\u{e9}\u{202e}]{0,200}") {
        let parsed = parse(FileId(0), &text);
        for finding in &parsed.findings {
            prop_assert!(finding.span.end as usize <= text.len());
            prop_assert!(text.is_char_boundary(finding.span.start as usize) && text.is_char_boundary(finding.span.end as usize));
        }
        formatted(&text);
    }

    /// A damaged line costs one finding for its statement, and never the statements around it.
    #[test]
    fn findings_of_a_damaged_file_are_few(text in damaged()) {
        let parsed = parse(FileId(0), &text);
        for finding in &parsed.findings {
            prop_assert!(text.get(finding.span.start as usize..finding.span.end as usize).is_some());
            prop_assert!(!finding.message.contains('_') || finding.message.contains('`'));
        }
    }
}

#[test]
fn a_part_of_a_rule_fits_on_one_line() {
    for (text, line) in [
        ("a=1 and\n    b  is empty", "a = 1 and b is empty"),
        ("-  1", "-1"),
        ("Lead . Company", "Lead.Company"),
        (
            "lookup s.T(k = x) or create {\n  a = 1, # why\n  b = \"{ x }\",\n}",
            "lookup s.T(k = x) or create { a = 1, b = \"{ x }\" }",
        ),
        ("", ""),
    ] {
        assert_eq!(one_line(text), line);
    }
}
