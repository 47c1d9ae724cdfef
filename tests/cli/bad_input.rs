//! Bad input: one clear message, the right exit code, no panic, nothing half-written.

use crate::project::{Project, RULES, STORES};

/// `plan` is refused, and so is `apply`, which writes nothing.
#[track_caller]
fn refused(project: &Project, code: i32, words: &[&str]) {
    project.run(&["plan"]).refused(code, words);
    project.run(&["apply", "--yes"]).refused(code, words);
    assert!(!project.path("ledger.db").exists(), "a ledger was made");
}

#[test]
fn wrong_usage() {
    let project = Project::new();
    project.run(&[]).refused(64, &["Usage"]);
    project.run(&["plna"]).refused(64, &["plna"]);
    project
        .run(&["plan", "--frmat", "json"])
        .refused(64, &["--frmat"]);
    project
        .run(&["plan", "--set", "X"])
        .refused(64, &["NAME=VALUE"]);
    project.run(&["--help"]).code(0);
    project.run(&["--version"]).code(0);
    for later in ["send", "serve", "diff", "sandbox", "lsp"] {
        project.run(&[later]).refused(64, &[later]);
    }
}

#[test]
fn no_rules() {
    let project = Project::new();
    project
        .run(&["plan", "nowhere"])
        .refused(66, &["nowhere", "does not exist"]);
    project.run(&["lint", "nowhere"]).refused(66, &["nowhere"]);
    std::fs::remove_file(project.path("rules/people.sync")).unwrap();
    refused(&project, 66, &["rules", "no .sync files"]);
}

#[test]
fn no_stores_file() {
    let project = Project::new();
    std::fs::remove_file(project.path("stores.yaml")).unwrap();
    project
        .run(&["plan", "rules"])
        .refused(66, &["stores.yaml"]);
    project
        .run(&["plan", "rules", "--stores", "gone.yaml"])
        .refused(66, &["gone.yaml"]);
}

#[test]
fn a_wrong_key_in_stores_yaml_is_named_with_its_line() {
    let project = Project::new();
    project.write("stores.yaml", STORES.replace("path: crm.db", "pth: crm.db"));
    refused(&project, 78, &["stores.yaml:4", "pth"]);
    project.write("stores.yaml", format!("{STORES}colour: red\n"));
    refused(&project, 78, &["stores.yaml:6", "colour"]);
    project.write("stores.yaml", "stores: [\n");
    refused(&project, 78, &["stores.yaml"]);
}

#[test]
fn a_missing_variable_is_named() {
    let project = Project::new();
    project.write(
        "stores.yaml",
        STORES.replace("crm.db", "${BILATERAL_TEST_CRM}"),
    );
    refused(&project, 78, &["BILATERAL_TEST_CRM"]);
    project
        .run_with(&["plan"], &[("BILATERAL_TEST_CRM", "crm.db")])
        .code(0);
}

#[test]
fn rules_that_do_not_check() {
    let project = Project::new();
    project.write(
        "rules/people.sync",
        RULES.replace("crm_id     <-", "crm_di     <-"),
    );
    refused(
        &project,
        65,
        &["crm_di", "people.sync:6", "did you mean `crm_id`?"],
    );
    project.write(
        "rules/people.sync",
        RULES.replace("match email =", "match email"),
    );
    refused(&project, 65, &["people.sync:4"]);
    project.write("rules/people.sync", RULES.replace("sync shop", "sync shp"));
    refused(&project, 65, &["shp", "shop"]);
    project.run(&["lint"]).code(1);
}

#[test]
fn a_store_that_is_missing_is_never_made() {
    let project = Project::new();
    std::fs::remove_file(project.path("crm.db")).unwrap();
    refused(&project, 69, &["`crm`", "crm.db", "does not exist"]);
    assert!(!project.path("crm.db").exists());
}

#[test]
fn a_store_that_is_no_database() {
    let project = Project::new();
    project.write(
        "crm.db",
        "these are not the bytes of a database, at all, whoever reads them",
    );
    refused(&project, 69, &["`crm`", "not a SQLite database"]);
}

#[test]
fn a_store_that_is_a_folder() {
    let project = Project::new();
    std::fs::remove_file(project.path("crm.db")).unwrap();
    std::fs::create_dir(project.path("crm.db")).unwrap();
    refused(&project, 69, &["`crm`", "not a file"]);
}

#[cfg(unix)]
#[test]
fn a_store_that_is_read_only() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new();
    let path = project.path("crm.db");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    if std::fs::OpenOptions::new().write(true).open(&path).is_ok() {
        // The superuser may write everything: nothing to see here.
        return;
    }
    project
        .run(&["apply", "--yes"])
        .refused(69, &["`crm`", "read-only"]);
}

#[test]
fn a_store_that_is_locked() {
    let project = Project::new();
    let other = rusqlite::Connection::open(project.path("crm.db")).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    project.run(&["plan"]).refused(69, &["`crm`", "locked"]);
}

#[test]
fn a_mapped_column_that_is_gone() {
    let project = Project::new();
    project.sql(
        "crm.db",
        "ALTER TABLE contact RENAME COLUMN last_name TO surname",
    );
    refused(&project, 65, &["last_name", "contact"]);
}

#[test]
fn a_configured_column_that_is_not_there() {
    let project = Project::new();
    let stores = STORES.replace(
        "path: crm.db }",
        "path: crm.db, objects: { contact: { modified: changed } } }",
    );
    project.write("stores.yaml", stores);
    refused(&project, 65, &["`crm`", "changed"]);
}

#[test]
fn a_table_without_a_primary_key() {
    let project = Project::new();
    project.sql(
        "crm.db",
        "DROP TABLE contact; CREATE TABLE contact (id INTEGER, last_name TEXT, mail TEXT)",
    );
    refused(&project, 65, &["contact", "primary key"]);
}

#[test]
fn a_primary_key_that_stands_twice() {
    let project = Project::new();
    project.sql(
        "crm.db",
        "DROP TABLE contact; CREATE TABLE contact (nr INTEGER, last_name TEXT, mail TEXT);
         INSERT INTO contact VALUES (7, 'a', 'a@x.org'), (7, 'b', 'b@x.org')",
    );
    let stores = STORES.replace(
        "path: crm.db }",
        "path: crm.db, objects: { contact: { id: nr } } }",
    );
    project.write("stores.yaml", stores);
    project.write("rules/people.sync", RULES.replace("<-  id", "<-  nr"));
    let run = project.run(&["plan"]);
    assert!(matches!(run.code, 1 | 65), "{run:?}");
    assert!(
        run.err.contains("contact") && run.err.contains('7'),
        "{run:?}"
    );
    assert!(!run.err.contains("panicked"), "{run:?}");
}

#[test]
fn a_value_that_does_not_parse_is_an_error_of_its_record_alone() {
    let project = Project::new();
    project.sql(
        "shop.db",
        "ALTER TABLE customer ADD COLUMN orders TEXT; UPDATE customer SET orders = 'many' WHERE id = 1;
         INSERT INTO customer (id, last_name, email, orders) VALUES (3, 'Turing', 'alan@x.org', '4')",
    );
    project.sql(
        "crm.db",
        "ALTER TABLE contact ADD COLUMN order_count INTEGER",
    );
    let rules = RULES.replace(
        "email      <-> mail",
        "email      <-> mail\n  number(orders) -> order_count",
    );
    project.write("rules/people.sync", rules);
    let json = project.run(&["plan", "--format", "json"]).code(0).json();
    let error = &json["errors"][0];
    assert_eq!(error["id"], 1);
    assert!(
        error["message"].as_str().unwrap().contains("many"),
        "{error}"
    );
    project.run(&["apply", "--yes"]).code(1);
    assert_eq!(
        project.value(
            "crm.db",
            "SELECT order_count FROM contact WHERE mail = 'alan@x.org'"
        ),
        "4"
    );
}

#[test]
fn rules_that_are_no_text() {
    let project = Project::new();
    project.write("rules/other.sync", b"# caf\xe9\n");
    refused(&project, 65, &["other.sync", "UTF-8"]);
    let json = project.run(&["lint", "--format", "json"]).code(1).json();
    assert_eq!(json["findings"][0]["name"], "not-utf8");
}

#[test]
fn rules_of_fifty_megabytes() {
    let project = Project::new();
    project.write("rules/other.sync", vec![b'#'; 50 << 20]);
    refused(&project, 65, &["other.sync", "16 MiB"]);
    let json = project.run(&["lint", "--format", "json"]).code(1).json();
    assert_eq!(json["findings"][0]["name"], "file-too-large");
}

#[test]
fn rules_that_nest_a_hundred_thousand_deep() {
    let project = Project::new();
    let deep = format!("let A = {}1{}\n", "(".repeat(100_000), ")".repeat(100_000));
    project.write("rules/other.sync", deep);
    refused(&project, 65, &["other.sync"]);
    project.run(&["lint"]).code(1);
}

#[test]
fn a_ledger_that_is_no_database() {
    let project = Project::new();
    project.write(
        "ledger.db",
        "these are not the bytes of a database, at all, whoever reads them",
    );
    project.run(&["plan"]).refused(69, &["ledger.db"]);
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let project = Project::new();
    let many: Vec<String> = (10..3_000)
        .map(|n| format!("({n}, 'N{n}', 'n{n}@x.org')"))
        .collect();
    project.sql(
        "shop.db",
        &format!(
            "INSERT INTO customer (id, last_name, email) VALUES {}",
            many.join(",")
        ),
    );
    let command = format!(
        "'{}' plan --format json | head -c 100 >/dev/null; exit ${{PIPESTATUS[0]}}",
        assert_cmd::cargo::cargo_bin("bilateral").display()
    );
    let output = std::process::Command::new("bash")
        .args(["-c", &command])
        .current_dir(project.folder())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}
