//! Merges and conversions as users meet them: in plans, in rule tests, taken back.

use crate::project::Project;

const RULES: &str = "\
sync shop with crm

relationship Person: customer <-> contact | prospect {
  match email = mail
  duplicates merge
  convert prospect to contact delete when paying = 1

  email      <-> mail
  last_name  <-> last_name

  push create prospect
}
";

fn project() -> Project {
    let project = Project::empty();
    project.write("stores.yaml", crate::project::STORES);
    project.write("rules/people.sync", RULES);
    let stamp = "updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))";
    project.sql(
        "shop.db",
        &format!(
            "CREATE TABLE customer (id INTEGER PRIMARY KEY, last_name TEXT, email TEXT, paying INTEGER DEFAULT 0, {stamp});
             INSERT INTO customer (id, last_name, email) VALUES (1, 'Lovelace', 'ada@x.org');"
        ),
    );
    project.sql(
        "crm.db",
        &format!(
            "CREATE TABLE contact (id INTEGER PRIMARY KEY, last_name TEXT, mail TEXT, {stamp});
             CREATE TABLE prospect (id INTEGER PRIMARY KEY, last_name TEXT, mail TEXT, created_at TEXT, {stamp});
             INSERT INTO prospect (id, last_name, mail, created_at) VALUES
               (7, NULL, 'ada@x.org', '2024-01-01'), (8, 'Lovelace', 'ada@x.org', '2024-01-02');"
        ),
    );
    project
}

#[test]
fn plans_show_them_with_all_that_they_write() {
    let project = project();
    let plan = project.run(&["plan", "--format", "json"]).code(0).json();
    let merge = &plan["operations"][0];
    assert_eq!((&merge["op"], &merge["id"]), (&"merge".into(), &7.into()));
    assert_eq!(merge["fields"]["last_name"]["to"], "Lovelace");
    assert_eq!(merge["together"][0]["op"], "delete");
    assert_eq!(merge["together"][0]["id"], 8);
    let human = project.run(&["plan"]).code(0).out;
    assert!(
        human.contains("merge crm.prospect 7") && human.contains("with it: delete crm.prospect 8"),
        "{human}"
    );
    project.run(&["apply", "--yes"]).code(0);
    project.sql(
        "shop.db",
        "UPDATE customer SET paying = 1, updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    );
    let plan = project.run(&["plan", "--format", "json"]).code(0).json();
    let convert = &plan["operations"][0];
    assert_eq!(
        (&convert["op"], &convert["object"]),
        (&"convert".into(), &"prospect".into())
    );
    assert_eq!(convert["together"][0]["object"], "contact");
    project.run(&["apply", "--yes"]).code(0);
    assert_eq!(
        project.value("crm.db", "SELECT count(*) FROM prospect"),
        "0"
    );
    assert_eq!(
        project.value("crm.db", "SELECT mail FROM contact"),
        "ada@x.org"
    );
    project.run(&["plan", "--detailed-exitcode"]).code(0);
}

#[test]
fn rule_tests_run_them_in_memory() {
    let project = project();
    project.write(
        "rules/scenarios/people.yaml",
        "
- name: two prospects become one, and then a contact
  given:
    shop: { customer: [ { id: 1, email: a@x.org } ] }
    crm:
      prospect:
        - { id: 7, mail: a@x.org, created_at: 2024-01-01 }
        - { id: 8, mail: a@x.org, last_name: King, created_at: 2024-01-02 }
  steps:
    - sync: Person
    - then:
        shop: { customer: [ { id: 1, last_name: King } ] }
        crm: { prospect: [ { id: 7, last_name: King } ] }
    - edit: { shop: { customer: [ { id: 1, paying: 1 } ] } }
    - sync: Person
  then:
    crm: { prospect: [], contact: [ { last_name: King, mail: a@x.org } ] }
",
    );
    let told = project.run(&["test"]).code(0);
    assert!(told.out.contains("1 passed"), "{}", told.out);
}
