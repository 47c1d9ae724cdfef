//! The examples of the manual are run: the bad one gives its finding, the good one does not.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use bilateral::diagnostic::Applicability;
use bilateral::lint::pages;

use crate::world::{CRM, MARKETING, Outcome, World, schema};

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
    if example.starts_with("sync ") || example.starts_with("# no `sync`") {
        return format!("{example}\n");
    }
    let mut items = String::new();
    let mut statements = String::new();
    // Deep nesting and hidden characters are described rather than shown.
    let deep = format!("{}1{}", "(".repeat(300), ")".repeat(300));
    let example = &example
        .replace("((((((… 300 deep …))))))", &format!("push when {deep} = 1"))
        .replace("# with a hidden U+202E", "# \u{202e}");
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
    if !items.contains("sync ") {
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

/// The sample stores with what only examples need.
pub fn found(example: &str) -> Outcome {
    let more = |all: &str, after: &[(&str, &str)], objects: &str| {
        let mut all = all.to_owned();
        for (object, fields) in after {
            all = all.replace(&format!("\n{object}: "), &format!("\n{object}: {fields}, "));
        }
        schema(&(all + objects))
    };
    let mut world = World::of(&program(example));
    world.left = Some(more(
        MARKETING,
        &[
            ("account", "lead_id int ->lead"),
            ("lead", "owner_key text ->user"),
        ],
        "call: id int key, subject text\ndeal: id int key, crm_id text, due instant\n",
    ));
    world.right = Some(more(
        CRM,
        &[
            ("Account", "Lead__c text ->Lead"),
            ("Lead", "Account__c text ->Account"),
        ],
        "Deal: Id text key, Due__c date\n",
    ));
    world.check()
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

/// Rules of all kinds: the examples of the manual, the cases of the checks, the slips of the corpus.
fn samples() -> Vec<Outcome> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all: Vec<Outcome> = pages().map(|page| found(page.bad)).collect();
    for folder in [
        "tests/check/cases/errors",
        "tests/check/cases/lints",
        "tests/lint/slips",
        "fuzz/corpus/rules",
    ] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            all.push(World::of(&text).check());
        }
    }
    all
}

/// What has a fix says so in its page, and how safe it is; what has none does not.
#[test]
fn pages_say_how_safe_their_fixes_are() {
    let mut given: BTreeMap<&str, [bool; 2]> = BTreeMap::new();
    for finding in samples().iter().flat_map(|outcome| &outcome.lint) {
        if let Some(fix) = &finding.fix {
            let safe = fix.applicability == Applicability::Safe;
            given.entry(finding.code.code).or_default()[usize::from(safe)] = true;
        }
    }
    let mut wrong = Vec::new();
    for page in pages().filter(|p| !NOT_RUN.contains(&p.code.code)) {
        let said = page.fix.to_lowercase();
        let says = [
            said.contains("unsafe"),
            said.replace("unsafe", "").contains("safe"),
        ];
        // Codes of one lint share its page.
        let mut gives = [false, false];
        for sibling in pages().filter(|p| p.what == page.what) {
            let of = given.get(sibling.code.code).copied().unwrap_or_default();
            gives = [gives[0] | of[0], gives[1] | of[1]];
        }
        // What is only given now and then is said too.
        let all = (0..2).all(|i| says[i] || !gives[i]);
        if !all || says.contains(&true) != gives.contains(&true) {
            wrong.push(format!(
                "{} {} [unsafe, safe]: gives {gives:?}, says {says:?}",
                page.code.code, page.code.name
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
