//! The examples of the manual are run: the bad one gives its finding, the good one does not.

use bilateral::lint::pages;

use crate::world::{Outcome, World};

/// Findings that no rules give, or not these schemas: how they come about is told by their pages in words.
const NOT_RUN: &[&str] = &[
    // Files that are no text, and the command line.
    "E090", "E091", "E210",
];

const ITEMS: [&str; 9] = [
    "relationship",
    "let",
    "fn",
    "values",
    "lens",
    "every",
    "cron",
    "trigger",
    "sync",
];

/// The example as a program: what is no item stands in a relationship of leads.
pub fn program(example: &str) -> String {
    let mut items = String::new();
    let mut statements = String::new();
    let mut depth = 0_i32;
    let mut in_item = false;
    for line in example.lines() {
        if line.starts_with("or ") && line.contains("leave it out") {
            continue;
        }
        let first = line
            .split(|c: char| !c.is_alphanumeric())
            .next()
            .unwrap_or("");
        if depth == 0 && !line.starts_with(' ') {
            in_item = ITEMS.contains(&first)
                || line.starts_with('#')
                    && example
                        .lines()
                        .any(|l| ITEMS.iter().any(|i| l.starts_with(&format!("{i} "))));
        }
        let text = if in_item { &mut items } else { &mut statements };
        text.push_str(if in_item { "" } else { "  " });
        text.push_str(line);
        text.push('\n');
        depth += i32::try_from(line.matches('{').count()).unwrap_or(0)
            - i32::try_from(line.matches('}').count()).unwrap_or(0);
    }
    let mut program = String::new();
    if !items.lines().any(|l| l.starts_with("sync ")) {
        program.push_str("sync marketing with crm\n");
    }
    program.push_str(&items);
    if !statements.trim().is_empty() {
        program.push_str("relationship Page: lead <-> Lead {\n");
        program.push_str("  match crm_id = Id\n");
        program.push_str(&statements);
        program.push_str("}\n");
    }
    program
}

fn found(example: &str) -> Outcome {
    World::of(&program(example)).check()
}

#[test]
fn bad_examples_give_their_finding_and_good_ones_do_not() {
    let mut wrong = Vec::new();
    for page in pages().filter(|p| !NOT_RUN.contains(&p.code.code)) {
        let has = |example: &str| found(example).lint.iter().any(|f| f.code == page.code);
        let codes = |example: &str| {
            let all: Vec<String> = found(example)
                .lint
                .iter()
                .map(|f| format!("{} {}", f.code.name, f.message))
                .collect();
            all.join("\n    ")
        };
        if !has(page.bad) {
            wrong.push(format!(
                "{} {}: the bad example does not give it\n{}\n    {}",
                page.code.code,
                page.code.name,
                program(page.bad),
                codes(page.bad)
            ));
        }
        if has(page.good) {
            wrong.push(format!(
                "{} {}: the good example gives it\n{}\n    {}",
                page.code.code,
                page.code.name,
                program(page.good),
                codes(page.good)
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} pages:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
