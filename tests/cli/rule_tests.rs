//! `test`: rule tests as interfaces of their own.

use crate::project::Project;

#[track_caller]
fn outcome(test: &str, code: i32, words: &[&str]) -> String {
    let project = Project::new();
    project.write("rules/scenarios/a.yaml", test);
    let run = project.run(&["test"]).code(code);
    for word in words {
        assert!(run.out.contains(word), "`{word}` is not in: {}", run.out);
    }
    run.out
}

#[test]
fn a_test_that_holds() {
    outcome(
        "
- name: there and back
  given:
    shop: { customer: [ { id: 1, last_name: Lovelace, email: ada@x.org } ] }
  steps:
    - sync: Person
    - then:
        crm: { contact: [ { id: $ada, last_name: Lovelace } ] }
        operations: { Person: { push: { create: 1, update: 0 } } }
    - edit: { crm: { contact: [ { id: $ada, last_name: King } ] } }
    - pull: [Person]
    - push: all
    - sync:
    - advance: 20m
  then:
    shop: { customer: [ { id: 1, crm_id: $ada, last_name: King } ] }
    operations: { Person: { push: { create: 0 }, pull: { update: 0 } } }
    held: []
    errors: []
    conflicts: []
    posts: []
    lint: []
- name: held
  given: { shop: { customer: [ { id: 1 } ] } }
  steps: [ sync: Person ]
  then:
    crm: { contact: [] }
    held: [ { relationship: Person, id: 1, missing: [email, last_name] } ]
- name: linked by hand, then deleted
  given:
    shop: { customer: [ { id: 1, last_name: A, email: a@x.org } ] }
    crm: { contact: [ { id: 7, last_name: B, mail: b@x.org } ] }
  steps:
    - link: { Person: [ [1, 7] ] }
    - sync: Person
    - then: { crm: { contact: [ { id: 7 } ] }, shop: { customer: [ { id: 1, crm_id: 7 } ] } }
    - delete: { crm: { contact: [ 7 ] } }
  then: { crm: { contact: [] } }
",
        0,
        &[
            "ok   rules/scenarios/a.yaml: there and back",
            "3 passed, 0 failed",
        ],
    );
}

#[test]
fn a_difference_is_readable() {
    outcome(
        "
- name: wrong
  given: { shop: { customer: [ { id: 1, last_name: Lovelace, email: ada@x.org } ] } }
  steps: [ sync: Person ]
  then:
    crm: { contact: [ { last_name: Byron } ] }
    operations: { Person: { push: { create: 2 } } }
    held: [ { id: 9 } ]
",
        1,
        &[
            "FAIL rules/scenarios/a.yaml: wrong",
            "crm.contact: expected { last_name: \"Byron\" }",
            "last_name: expected \"Byron\", found \"Lovelace\"",
            "push create: expected 2, found 1",
            "held: expected { id: 9 }",
            "0 passed, 1 failed",
        ],
    );
}

#[test]
fn what_is_wrong_with_a_test_is_named() {
    let wrong = |step: &str, words: &[&str]| {
        outcome(&format!("- name: x\n  steps:\n    - {step}\n"), 1, words);
    };
    wrong("sync: Persn", &["step 1", "`Persn`", "Person"]);
    wrong("edit: { shp: { customer: [] } }", &["`shp`", "`shop`"]);
    wrong("edit: { shop: { custmer: [] } }", &["`custmer`"]);
    wrong("edit: { shop: { customer: [ { nme: x } ] } }", &["`nme`"]);
    wrong(
        "edit: { shop: { customer: [ { id: x } ] } }",
        &["shop.customer.id"],
    );
    wrong(
        "delete: { shop: { customer: [ 9 ] } }",
        &["no shop.customer 9"],
    );
    wrong("advance: soon", &["`soon`"]);
    wrong("snyc: Person", &["snyc"]);
    wrong(
        "send: { shop.customer: [1] }",
        &["send: there is no shop.customer 1"],
    );
    wrong(
        "send: { shop: { customer: [1] } }",
        &["send: there is no shop.customer 1"],
    );
    wrong(
        "send: { customer: [1] }",
        &["`customer` is not STORE.OBJECT"],
    );
    wrong("event: x", &["event", "no trigger is for `x`"]);
    wrong("event: { x: 3 }", &["the body of `x` is an object"]);
    wrong("edit: { shop: { customer: [ { id: $x } ] } }", &["$x"]);
}

#[test]
fn events_fire_triggers_and_posts_are_stated() {
    let project = Project::new();
    let rules = format!(
        "{}\ntrigger form on event form {{\n  upsert shop.customer(email = email) {{ last_name = name }}\n  post \"https://hook.example/form\" {{ who = email, tags = tags }}\n}}\n",
        crate::project::RULES
    );
    project.write("rules/people.sync", rules);
    project.write(
        "rules/scenarios/a.yaml",
        "
- name: a form makes a customer, who goes over
  steps:
    - event: { form: { email: ada@x.org, name: Lovelace, tags: [a, b] } }
    - then:
        shop: { customer: [ { id: $ada, last_name: Lovelace, crm_id: null } ] }
        posts: [ { url: \"https://hook.example/form\", body: { who: ada@x.org, tags: [a, b] } } ]
    - sync: Person
    - event: { name: form, body: { email: ada@x.org, name: King } }
  then:
    shop: { customer: [ { id: $ada, last_name: King } ] }
    crm: { contact: [ { last_name: Lovelace } ] }
    operations: { form: { pull: { update: 1 } } }
    posts: [ { body: { tags: [a, b] } }, { body: { tags: null } } ]
- name: what was posted is told
  steps: [ event: { form: { email: x@x.org } } ]
  then: { posts: [] }
",
    );
    let run = project.run(&["test"]).code(1);
    assert!(
        run.out
            .contains("ok   rules/scenarios/a.yaml: a form makes"),
        "{}",
        run.out
    );
    assert!(
        run.out.contains("posts: not expected: { url: https://hook.example/form, body: {\"who\":\"x@x.org\",\"tags\":null} }"),
        "{}",
        run.out
    );
}

#[test]
fn settings_and_the_clock_are_the_tests_own() {
    let project = Project::new();
    project.write(
        "rules/people.sync",
        crate::project::RULES
            .replace(
                "sync shop with crm\n",
                "sync shop with crm\n\nlet WHO: text or null = null\n",
            )
            .replace(
                "last_name  <-> last_name",
                "\"{WHO ?? last_name} {today()}\" -> last_name",
            ),
    );
    project.write(
        "rules/scenarios/a.yaml",
        "
- name: set
  now: 2030-02-03T04:05:06Z
  set: { WHO: Nobody }
  given: { shop: { customer: [ { id: 1, last_name: L, email: a@x.org } ] } }
  steps: [ sync: Person ]
  then: { crm: { contact: [ { last_name: Nobody 2030-02-03 } ] } }
- name: not set
  given: { shop: { customer: [ { id: 1, last_name: L, email: a@x.org } ] } }
  steps: [ sync: Person ]
  then: { crm: { contact: [ { last_name: L 2024-06-01 } ] } }
- name: unknown setting
  set: { WHOM: x }
",
    );
    let run = project.run(&["test"]).code(1);
    assert!(run.out.contains("2 passed, 1 failed"), "{}", run.out);
    assert!(run.out.contains("WHOM"), "{}", run.out);
    let one = project.run(&["test", "--only", "not set"]).code(0);
    assert!(one.out.contains("1 passed, 0 failed"), "{}", one.out);
}

#[test]
fn a_folder_of_packs_is_all_its_tests() {
    let project = Project::new();
    for pack in ["a", "b"] {
        project.write(&format!("packs/{pack}/x.sync"), crate::project::RULES);
        project.write(
            &format!("packs/{pack}/scenarios/x.yaml"),
            "- name: nothing\n  steps: []\n",
        );
    }
    let run = project.run(&["test", "packs"]).code(0);
    assert!(run.out.contains("2 passed, 0 failed"), "{}", run.out);
}
