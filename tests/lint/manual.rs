//! `docs/lints.md` is the manual of all findings, made from their pages. `BLESS=1 cargo test --test lint` writes it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use bilateral::diagnostic::{Page, Severity};
use bilateral::lint::pages;

const HEAD: &str = "\
# Findings

Every finding of `bilateral lint`, in the order of its code; `bilateral explain CODE` prints one. Errors (E) stop `plan` and `apply`, and
nothing silences them. Warnings (W) are silenced where they stand, with a reason:

```
owner_id -> OwnerId via User    # allow(faster-than-needed): users rarely change
```

or for a program, by the table of levels in `bilateral.yaml` beside the rules or stores.yaml (`allow`, `warn`, `deny`):

```yaml
lints:
  key-not-indexed: allow
  unused-let: deny
```

`--write-baseline FILE` notes the warnings there are, and `--baseline FILE` then tells only new ones. `--fix` mends what can be mended
safely, `--diff` shows that without writing.

This file is made from the pages in `src/lint`; `BLESS=1 cargo test --test lint manual` writes it.
";

const SUBJECTS: [(char, &str); 10] = [
    ('0', "Syntax"),
    ('1', "Syntax"),
    ('2', "Names"),
    ('3', "Directions"),
    ('4', "Types and writing"),
    ('5', "Matching and relationships"),
    ('6', "Operations"),
    ('7', "Order and cost"),
    ('8', "Conditions"),
    ('9', "`allow`"),
];

fn manual() -> String {
    let mut pages: Vec<&Page> = pages().collect();
    // By subject, errors before warnings.
    pages.sort_by_key(|p| (p.code.code.chars().nth(1), p.code.code));
    let mut text = String::from(HEAD);
    text.push_str("\n| code | name | |\n| --- | --- | --- |\n");
    for page in &pages {
        let what = page.what.split(['\n']).collect::<Vec<_>>().join(" ");
        let first = what.split_inclusive(". ").next().unwrap_or("").trim();
        let _ = writeln!(
            text,
            "| {} | [{}](#{}) | {} |",
            page.code.code,
            page.code.name,
            page.code.name,
            first.replace('|', "\\|")
        );
    }
    let mut subject = "";
    for page in pages {
        let digit = page.code.code.chars().nth(1).unwrap_or('0');
        let here = SUBJECTS
            .iter()
            .find(|(d, _)| *d == digit)
            .map_or("", |(_, s)| s);
        if here != subject {
            subject = here;
            let _ = writeln!(text, "\n## {subject}");
        }
        let severity = match page.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let _ = writeln!(
            text,
            "\n### {}\n\n{} ({severity}). {}\n\n{}",
            page.code.name,
            page.code.code,
            page.what.trim(),
            page.why.trim()
        );
        for (title, rules) in [("Bad", page.bad), ("Good", page.good)] {
            let _ = writeln!(text, "\n{title}:\n\n```\n{}\n```", rules.trim_matches('\n'));
        }
        if !page.fix.is_empty() {
            let _ = writeln!(text, "\nFix: {}", page.fix.trim());
        }
    }
    text
}

#[test]
fn the_manual_is_made_from_the_pages() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/lints.md");
    let made = manual();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == made,
        "docs/lints.md is stale: BLESS=1 cargo test --test lint manual"
    );
}
