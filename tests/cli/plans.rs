//! `plan`, `apply`, `history`, `undo`.

use crate::project::{Project, RULES};

#[test]
fn a_plan_writes_nothing_and_an_apply_leaves_nothing_to_do() {
    let project = Project::new();
    let plan = project.run(&["plan"]).code(0);
    assert!(
        plan.out.contains("+ crm.contact from shop.customer 1"),
        "{}",
        plan.out
    );
    assert!(
        plan.out.contains("shop.customer 2 lacks email"),
        "{}",
        plan.out
    );
    let last = plan.out.lines().last().unwrap();
    assert!(
        last.starts_with("Plan: 2 to create, 0 to update, 0 to delete"),
        "{last}"
    );
    assert!(!project.path("ledger.db").exists(), "plan made a ledger");
    assert_eq!(project.value("crm.db", "SELECT count(*) FROM contact"), "1");

    let apply = project.run(&["apply", "--yes"]).code(0);
    assert!(apply.out.contains("Applied: "), "{}", apply.out);
    assert_eq!(project.value("crm.db", "SELECT count(*) FROM contact"), "2");
    let again = project.run(&["plan", "--detailed-exitcode"]).code(0);
    assert!(
        again.out.contains("Plan: nothing to do; 1 held"),
        "{}",
        again.out
    );
}

#[test]
fn pending_changes_are_an_exit_code_where_asked_for() {
    let project = Project::new();
    project.run(&["plan", "--detailed-exitcode"]).code(2);
    project.run(&["plan"]).code(0);
}

#[test]
fn the_json_has_the_keys_that_scripts_know() {
    let project = Project::new();
    let json = project.run(&["plan", "--format", "json"]).code(0).json();
    assert_eq!(json["version"], 1);
    assert_eq!(json["program"], "people");
    assert_eq!(json["stores"]["left"], "shop");
    assert_eq!(json["stores"]["right"], "crm");
    assert!(json["run"].is_string() && json["created_at"].is_string());
    let person = &json["summary"]["Person"];
    assert_eq!(person["push"]["create"], 1);
    assert_eq!(person["pull"]["create"], 1);
    assert_eq!(person["held"], 1);
    assert_eq!(json["held"][0]["missing"][0], "email");
    assert_eq!(json["held"][0]["object"], "customer");
    assert!(json["calls"]["crm"]["estimated"].as_u64().unwrap() >= 1);
    assert!(json["calls"]["crm"]["remaining"].is_null());
    let operations = json["operations"].as_array().unwrap();
    let create = operations
        .iter()
        .find(|operation| operation["op"] == "create" && operation["direction"] == "push")
        .unwrap();
    assert_eq!(create["store"], "crm");
    assert_eq!(create["object"], "contact");
    assert!(create["id"].is_null());
    assert_eq!(create["source"]["id"], 1);
    assert_eq!(create["fields"]["last_name"]["to"], "Lovelace");
    assert!(create["rule"].as_str().unwrap().ends_with("people.sync:10"));
    let back = operations
        .iter()
        .find(|operation| operation["op"] == "write_back")
        .unwrap();
    assert_eq!(back["fields"]["crm_id"]["unknown"], true);
}

#[test]
fn the_page_has_everything_and_runs_nothing() {
    let project = Project::new();
    let many = "WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 209)
      INSERT INTO customer (id, last_name, email) SELECT i, 'N' || i, i || '@x.org' FROM n";
    project.sql("shop.db", many);
    let wild = "UPDATE customer SET last_name = '<script>alert(1)</script>' WHERE id = 1";
    project.sql("shop.db", wild);
    let page = project.run(&["plan", "--format", "html"]).code(0).out;
    assert!(page.starts_with("<!DOCTYPE html>") && page.ends_with("</html>\n"));
    assert!(page.contains("Content-Security-Policy"));
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert(1)"));
    for part in [
        "<h1>Plan of people</h1>",
        "In all: 202 to create, 0 to update, 0 to delete;",
        "201 records to create",
        "<code>shop.customer 209</code>",
        "<dt>last_name</dt><dd><ins>&quot;N209&quot;</ins></dd>",
        "lacks <code>email</code>",
        "people.sync:10</code>",
        "new: no link, and no match key finds a partner",
    ] {
        assert!(page.contains(part), "`{part}` is not in: {page}");
    }
    let summary = page.find("In all:").unwrap();
    assert!(
        summary < page.find("<details").unwrap(),
        "the summary comes first"
    );
    project
        .run(&["plan", "--format", "html", "--detailed-exitcode"])
        .code(2);
    let saved = project
        .run(&["plan", "--format", "html", "--out", "june.plan"])
        .code(0);
    assert!(saved.out.starts_with("<!DOCTYPE html>"));
    project.run(&["apply", "june.plan", "--yes"]).code(0);
    let page = project.run(&["plan", "--format", "html"]).code(0).out;
    assert!(page.contains("In all: nothing to do; 1 held"), "{page}");
    project
        .run(&["plan", "--format", "pdf"])
        .refused(64, &["pdf", "html"]);
}

#[test]
fn apply_needs_somebody_who_says_yes() {
    let project = Project::new();
    project.run(&["apply"]).refused(64, &["--yes"]);
    assert!(!project.path("ledger.db").exists());
}

#[test]
fn a_saved_plan_is_applied_once() {
    let project = Project::new();
    project.run(&["plan", "--out", "june.plan"]).code(0);
    project.run(&["apply", "june.plan"]).refused(64, &["--yes"]);
    project.run(&["apply", "june.plan", "--yes"]).code(0);
    assert_eq!(project.value("crm.db", "SELECT count(*) FROM contact"), "2");
    project
        .run(&["apply", "june.plan", "--yes"])
        .refused(1, &["stale", "plan again"]);
    project.run(&["plan", "--detailed-exitcode"]).code(0);
}

#[test]
fn a_saved_plan_of_other_rules_is_stale() {
    let project = Project::new();
    project.run(&["plan", "--out", "june.plan"]).code(0);
    project.write(
        "rules/people.sync",
        RULES.replace("require last_name, email", "require email"),
    );
    project
        .run(&["apply", "june.plan", "--yes"])
        .refused(1, &["stale", "the rules"]);
    assert_eq!(project.value("crm.db", "SELECT count(*) FROM contact"), "1");
}

#[test]
fn a_file_that_is_no_plan_is_refused() {
    let project = Project::new();
    project.write("x.plan", "hello");
    project
        .run(&["apply", "x.plan", "--yes"])
        .refused(1, &["x.plan", "no saved plan"]);
    project
        .run(&["apply", "gone.plan", "--yes"])
        .refused(66, &["gone.plan"]);
    project
        .run(&["apply", "x.plan", "--yes", "--full"])
        .refused(64, &["--full"]);
}

#[test]
fn a_run_can_be_taken_back() {
    let project = Project::new();
    project.run(&["apply", "--yes"]).code(0);
    let runs = project.run(&["history", "--format", "json"]).code(0).json();
    let run = runs["runs"][0]["run"].as_str().unwrap().to_owned();
    assert_eq!(runs["runs"][0]["state"], "done");
    assert!(runs["runs"][0]["finished_at"].is_string());
    let shown = project.run(&["undo", &run]).code(0);
    assert!(shown.err.contains("--yes"), "{}", shown.err);
    assert_eq!(project.value("crm.db", "SELECT count(*) FROM contact"), "2");
    project.run(&["undo", &run, "--yes"]).code(0);
    assert_eq!(project.value("crm.db", "SELECT count(*) FROM contact"), "1");
    assert_eq!(
        project.value("shop.db", "SELECT crm_id FROM customer WHERE id = 1"),
        "null"
    );
    project
        .run(&["undo", "nothing"])
        .refused(1, &["nothing", "history"]);
}

#[test]
fn only_takes_relationships_that_there_are() {
    let project = Project::new();
    project.run(&["plan", "--only", "Person"]).code(0);
    project
        .run(&["plan", "--only", "Persn"])
        .refused(64, &["`Persn`", "did you mean `Person`?"]);
}

#[test]
fn two_engines_never_share_a_ledger() {
    let project = Project::new();
    project.run(&["apply", "--yes"]).code(0);
    let identity = bilateral::ledger::Identity {
        program: "people".into(),
        left: "shop".into(),
        right: "crm".into(),
    };
    let held = bilateral::ledger::Ledger::open(&project.path("ledger.db"), &identity).unwrap();
    project
        .run(&["apply", "--yes"])
        .refused(75, &["another engine"]);
    project.run(&["plan"]).code(0);
    drop(held);
    project.run(&["apply", "--yes"]).code(0);
}

#[test]
fn a_ledger_of_another_program_is_refused() {
    let project = Project::new();
    project.run(&["apply", "--yes"]).code(0);
    let stores = crate::project::STORES.replace("name: people", "name: others");
    project.write("stores.yaml", stores);
    project.run(&["plan"]).refused(78, &["people"]);
}

#[test]
fn why_tells_the_decision_and_its_rule() {
    let project = Project::new();
    let why = project.run(&["why", "shop.customer", "2"]).code(0);
    assert!(why.out.contains("people.sync:10"), "{}", why.out);
    assert!(why.out.contains("email"), "{}", why.out);
    project
        .run(&["why", "customer", "2"])
        .refused(64, &["shop.customer"]);
    project
        .run(&["why", "shp.customer", "2"])
        .refused(64, &["did you mean `shop`?"]);
    project
        .run(&["why", "shop.customer", "x"])
        .refused(64, &["numbers"]);
    let gone = project.run(&["why", "shop.customer", "99"]).code(1);
    assert!(gone.out.contains("has no record 99"), "{}", gone.out);
}
