//! `held`, `errors`, `conflicts`, `status`.

use crate::project::{Project, RULES};

#[test]
fn held_records_are_listed_for_people_and_scripts() {
    let project = Project::new();
    project.run(&["apply", "--yes"]).code(0);
    let human = project.run(&["held"]).code(0);
    assert!(
        human.out.contains("shop.customer 2 lacks email"),
        "{}",
        human.out
    );
    let json = project.run(&["held", "--format", "json"]).code(0).json();
    assert_eq!(json["version"], 1);
    assert_eq!(json["held"][0]["relationship"], "Person");
    assert_eq!(json["held"][0]["direction"], "push");
    assert_eq!(json["held"][0]["id"], 2);
    let none = project
        .run(&["held", "Person", "1", "--format", "json"])
        .code(0)
        .json();
    assert_eq!(none["held"].as_array().unwrap().len(), 0);
}

#[test]
fn lists_need_no_ledger_and_make_none() {
    let project = Project::new();
    for list in ["held", "errors", "conflicts"] {
        let json = project.run(&[list, "--format", "json"]).code(0).json();
        assert_eq!(json[list].as_array().unwrap().len(), 0, "{list}");
    }
    let runs = project.run(&["history", "--format", "json"]).code(0).json();
    assert_eq!(runs["runs"].as_array().unwrap().len(), 0);
    project
        .run(&["errors", "retry"])
        .refused(1, &["no ledger yet"]);
    assert!(!project.path("ledger.db").exists());
}

#[test]
fn a_failed_record_is_an_error_that_can_be_tried_again_or_dismissed() {
    let project = Project::new();
    project.sql(
        "crm.db",
        "CREATE TRIGGER refuse BEFORE INSERT ON contact BEGIN SELECT raise(ABORT, 'not today'); END;",
    );
    project.run(&["apply", "--yes"]).code(1);
    let json = project.run(&["errors", "--format", "json"]).code(0).json();
    let error = &json["errors"][0];
    assert_eq!(error["relationship"], "Person");
    assert_eq!(error["id"], 1);
    assert!(
        error["message"].as_str().unwrap().contains("not today"),
        "{error}"
    );
    for key in ["object", "field", "rule"] {
        assert!(error.get(key).is_some(), "{key}");
    }
    let retried = project.run(&["errors", "retry", "Person", "1"]).code(0);
    assert!(retried.out.starts_with('1'), "{}", retried.out);
    project.sql("crm.db", "DROP TRIGGER refuse;");
    project.run(&["apply", "--yes"]).code(0);
    let json = project.run(&["errors", "--format", "json"]).code(0).json();
    assert_eq!(json["errors"].as_array().unwrap().len(), 0);
    assert_eq!(project.value("crm.db", "SELECT count(*) FROM contact"), "2");
    let dismissed = project.run(&["errors", "dismiss"]).code(0);
    assert!(dismissed.out.starts_with('0'), "{}", dismissed.out);
}

#[test]
fn a_conflict_is_settled_by_taking_a_side() {
    let project = Project::new();
    let rules = RULES.replace(
        "last_name  <-> last_name",
        "last_name  <-> last_name prefer manual",
    );
    project.write("rules/people.sync", rules);
    project.run(&["apply", "--yes"]).code(0);
    let now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";
    project.sql(
        "shop.db",
        &format!("UPDATE customer SET last_name = 'King', updated_at = {now} WHERE id = 1"),
    );
    project.sql(
        "crm.db",
        &format!(
            "UPDATE contact SET last_name = 'Byron', updated_at = {now} WHERE mail = 'ada@x.org'"
        ),
    );
    project.run(&["apply", "--yes"]).code(0);
    let json = project
        .run(&["conflicts", "--format", "json"])
        .code(0)
        .json();
    let conflict = &json["conflicts"][0];
    assert_eq!(conflict["field"], "last_name");
    assert_eq!(conflict["left"], "King");
    assert_eq!(conflict["right"], "Byron");
    assert_eq!(conflict["id"], 1);
    project
        .run(&["conflicts", "take", "left", "Person", "1"])
        .code(0);
    project.run(&["apply", "--yes"]).code(0);
    assert_eq!(
        project.value(
            "crm.db",
            "SELECT last_name FROM contact WHERE mail = 'ada@x.org'"
        ),
        "King"
    );
    let json = project
        .run(&["conflicts", "--format", "json"])
        .code(0)
        .json();
    assert_eq!(json["conflicts"].as_array().unwrap().len(), 0);
}

#[test]
fn a_relationship_that_is_not_there_is_named() {
    let project = Project::new();
    project
        .run(&["held", "Persom"])
        .refused(64, &["did you mean `Person`?"]);
    project
        .run(&["errors", "retry", "Nobody"])
        .refused(64, &["`Nobody`", "Person"]);
}

#[test]
fn status_counts_links_and_names_the_last_run() {
    let project = Project::new();
    project.run(&["status"]).code(0);
    project.run(&["apply", "--yes"]).code(0);
    let json = project.run(&["status", "--format", "json"]).code(0).json();
    assert_eq!(json["relationships"][0]["links"], 2);
    assert_eq!(json["held"], 1);
    assert_eq!(json["last_run"]["state"], "done");
}
