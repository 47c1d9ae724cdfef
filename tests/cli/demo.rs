//! `demo`: on a small pack of its own.

use crate::project::{CRM, Project, RULES, SHOP};

fn pack() -> Project {
    let project = Project::empty();
    project.write("pack/people.sync", RULES);
    project.write(
        "pack/stores.yaml",
        "stores:\n  shop: { kind: sqlite, path: demo/shop.db }\n  crm: { kind: sqlite, path: demo/crm.db }\n",
    );
    project.write("pack/demo/shop.sql", SHOP);
    project.write("pack/demo/crm.sql", CRM);
    project
}

#[test]
fn a_demo_makes_plans_shows_and_applies() {
    let project = pack();
    let demo = project.run(&["demo", "pack"]).code(0);
    assert!(demo.out.contains("Plan: 2 to create"), "{}", demo.out);
    assert!(demo.out.contains("Applied: "), "{}", demo.out);
    assert!(demo.out.contains("bilateral plan pack"), "{}", demo.out);
    project
        .run(&["plan", "pack", "--detailed-exitcode"])
        .code(0);
}

#[test]
fn a_demo_can_be_run_again() {
    let project = pack();
    project.run(&["demo", "pack"]).code(0);
    let again = project.run(&["demo", "pack"]).code(0);
    assert!(again.err.contains("anew"), "{}", again.err);
    assert!(again.out.contains("Plan: 2 to create"), "{}", again.out);
}

#[test]
fn wrong_sample_data_leaves_the_old_databases() {
    let project = pack();
    project.run(&["demo", "pack"]).code(0);
    project.write(
        "pack/demo/crm.sql",
        "CREATE TABLE contact (id INTEGER PRIMARY KEY); oops;",
    );
    project.run(&["demo", "pack"]).refused(1, &["crm.sql"]);
    assert_eq!(
        project.value("pack/demo/crm.db", "SELECT count(*) FROM contact"),
        "2"
    );
}

#[test]
fn a_pack_without_samples_says_so() {
    let project = Project::new();
    project.run(&["demo", "rules"]).refused(66, &["demo"]);
}

#[test]
fn a_demo_takes_no_ledger_from_under_an_engine() {
    let project = pack();
    project.run(&["demo", "pack"]).code(0);
    let identity = bilateral::ledger::Identity {
        program: "pack".into(),
        left: "shop".into(),
        right: "crm".into(),
    };
    let path = project.path("pack/.bilateral/ledger.db");
    let held = bilateral::ledger::Ledger::open(&path, &identity).unwrap();
    project
        .run(&["demo", "pack"])
        .refused(75, &["another engine"]);
    assert!(path.exists());
    drop(held);
    project.run(&["demo", "pack"]).code(0);
}
