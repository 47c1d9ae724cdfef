//! `--fix` as a law: whatever the rules are, mending them leaves as many findings, or fewer, and mending again changes nothing.

use bilateral::diagnostic::Severity;
use bilateral::lint::fix::settle;
use proptest::prelude::*;

use crate::world::{Outcome, World};

fn looked(texts: &[String]) -> Outcome {
    World::of(&texts[0]).check()
}

fn mended(text: &str) -> String {
    let look = |texts: &[String]| looked(texts).lint;
    settle(&[text.to_owned()], &look).remove(0)
}

/// Lines of which many are wrong in ways that have a fix.
const LINES: &[&str] = &[
    "  emial <-> Email",
    "  email <=> Email",
    "  last_name -> LastNam",
    "  company  -> Company when set = 1",
    "  crm_id -> Company",
    "  crm_id <- Id",
    "  score == 5 -> Grade",
    "  push creat when score > 5 and score > 5",
    "  push create when email is not empty && score > 1,",
    "  push create reqire last_name",
    "  prefer newst",
    "  match email = email",
    "  push when is_contact and not is_contact",
    "  status -> Status usin stage",
    "  owner_id -> OwnerId via Usr",
    "  first_name <-> FirstName prefer newset # allow(unusd-let): x",
    "  “first_name” -> FirstName",
    "  // a comment",
    "",
];

const HEADERS: &[&str] = &[
    "relationship Lead: lead <-> Lead {",
    "relationship Lead: lead -> Lead {",
    "relationship Lead: lead <- Lead {",
    "relationship Lead: leed -> Lead {",
    "relatonship Lead: lead -> Lead {",
];

fn rules() -> impl Strategy<Value = String> {
    (
        prop::sample::select(HEADERS),
        prop::collection::vec(prop::sample::select(LINES), 0..8),
        prop::sample::subsequence(
            vec![
                "let LIMIT = 5",
                "fn f(x) = lowr(x)",
                "values stage { \"a\" <-> \"b\" }",
                "relationship User: user <-> User { match email = Email }",
            ],
            0..4,
        ),
    )
        .prop_map(|(header, lines, items)| {
            let mut text = String::from("sync marketing with crm\n");
            for item in items {
                text += &format!("{item}\n");
            }
            text += &format!("{header}\n{}\n}}\n", lines.join("\n"));
            text
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn mending_never_adds_a_finding(text in rules()) {
        let errors = |o: &Outcome| o.lint.iter().filter(|f| f.severity == Severity::Error).count();
        let before = looked(std::slice::from_ref(&text));
        let result = mended(&text);
        let after = looked(std::slice::from_ref(&result));
        prop_assert!(after.lint.len() <= before.lint.len(), "{}\n→\n{}", text, result);
        prop_assert!(errors(&after) <= errors(&before), "{}\n→\n{}", text, result);
        prop_assert_eq!(mended(&result), result);
    }
}

#[test]
fn the_usual_slips_are_mended() {
    for (wrong, right) in [
        ("  emial <-> Email\n", "  email <-> Email\n"),
        ("  email <=> Email\n", "  email <-> Email\n"),
        (
            "  email <-> Email\n  push create when score > 5 and score > 5\n",
            "  email <-> Email\n  push create when score > 5\n",
        ),
        (
            "  push create reqire last_name\n",
            "  push create require last_name\n",
        ),
    ] {
        let program = |lines: &str| {
            format!(
                "sync marketing with crm\nrelationship Lead: lead <-> Lead {{\n  match email = Email\n{lines}}}\n"
            )
        };
        assert_eq!(mended(&program(wrong)), program(right));
    }
}
