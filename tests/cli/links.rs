//! `link` and `unlink`.

use crate::project::Project;

/// Two people whom no key finds.
fn strangers() -> Project {
    let project = Project::new();
    project.sql("shop.db", "DELETE FROM customer; INSERT INTO customer (id, last_name, email) VALUES (1, 'King', 'ada@x.org');");
    project.sql("crm.db", "DELETE FROM contact; INSERT INTO contact (id, last_name, mail) VALUES (101, 'Lovelace', 'lovelace@x.org');");
    project
}

#[test]
fn pairs_are_shown_then_linked_then_merged() {
    let project = strangers();
    project.write("pairs.csv", "left,right\n1,101\n");
    let shown = project
        .run(&["link", "Person", "--from", "pairs.csv"])
        .code(0);
    assert!(
        shown.out.contains("link shop.customer 1 = crm.contact 101"),
        "{}",
        shown.out
    );
    assert!(shown.err.contains("--yes"), "{}", shown.err);
    let links = |expected: u64| {
        let json = project.run(&["status", "--format", "json"]).code(0).json();
        assert_eq!(json["relationships"][0]["links"], expected);
    };
    links(0);
    project
        .run(&["link", "Person", "--from", "pairs.csv", "--yes"])
        .code(0);
    links(1);
    project.run(&["apply", "--yes"]).code(0);
    assert_eq!(project.value("crm.db", "SELECT count(*) FROM contact"), "1");
    assert_eq!(
        project.value("shop.db", "SELECT count(*) FROM customer"),
        "1"
    );
    assert_eq!(
        project.value("shop.db", "SELECT crm_id FROM customer"),
        "101"
    );
    project.run(&["plan", "--detailed-exitcode"]).code(0);
}

#[test]
fn a_link_made_after_a_run_is_merged_by_the_next() {
    let project = strangers();
    project.run(&["apply", "--yes"]).code(0);
    project.run(&["unlink", "Person", "1", "--yes"]).code(0);
    project.sql("crm.db", "DELETE FROM contact WHERE mail = 'ada@x.org'");
    project.sql(
        "shop.db",
        "DELETE FROM customer WHERE email = 'lovelace@x.org'",
    );
    project.run(&["unlink", "Person", "101", "--yes"]).code(0);
    project.write("pairs.csv", "right,left\n101,1\n");
    project
        .run(&["link", "Person", "--from", "pairs.csv", "--yes"])
        .code(0);
    project.run(&["apply", "--yes"]).code(0);
    assert_eq!(
        project.value("shop.db", "SELECT last_name FROM customer"),
        project.value("crm.db", "SELECT last_name FROM contact")
    );
    project.run(&["plan", "--detailed-exitcode"]).code(0);
}

#[test]
fn every_wrong_pair_is_told_and_none_is_linked() {
    let project = strangers();
    project.write("pairs.csv", "left,right\n1,101\n1,101\n7,101\n1,x\n");
    let run = project
        .run(&["link", "Person", "--from", "pairs.csv", "--yes"])
        .code(1);
    for words in [
        "line 3: customer 1 stands on line 2 already",
        "line 4: there is no customer `7`",
        "line 5: there is no contact `x`",
    ] {
        assert!(run.out.contains(words), "`{words}` is not in {}", run.out);
    }
    let json = project.run(&["status", "--format", "json"]).code(0).json();
    assert_eq!(json["relationships"][0]["links"], 0);
}

#[test]
fn what_is_linked_already_is_not_linked_again() {
    let project = strangers();
    project.write("pairs.csv", "left,right\n1,101\n");
    project
        .run(&["link", "Person", "--from", "pairs.csv", "--yes"])
        .code(0);
    let run = project
        .run(&["link", "Person", "--from", "pairs.csv", "--yes"])
        .code(1);
    assert!(
        run.out.contains("is linked already, to contact 101"),
        "{}",
        run.out
    );
}

#[test]
fn wrong_files_are_named() {
    let project = strangers();
    project.write("pairs.csv", "a,b\n1,101\n");
    let link = |file: &str| project.run(&["link", "Person", "--from", file, "--yes"]);
    link("pairs.csv").refused(1, &["pairs.csv", "`left`"]);
    link("gone.csv").refused(66, &["gone.csv"]);
    project
        .run(&["link", "Nobody", "--from", "pairs.csv"])
        .refused(64, &["`Nobody`"]);
}

#[test]
fn unlink_shows_the_link_first() {
    let project = Project::new();
    project.run(&["apply", "--yes"]).code(0);
    let shown = project.run(&["unlink", "Person", "1"]).code(0);
    assert!(
        shown.out.contains("unlink customer 1 and contact"),
        "{}",
        shown.out
    );
    project.run(&["unlink", "Person", "1", "--yes"]).code(0);
    project
        .run(&["unlink", "Person", "1", "--yes"])
        .refused(1, &["no link"]);
}
