//! `send`: records by id or address, or one clear message and nothing sent.

use crate::project::Project;

fn project() -> Project {
    let project = Project::new();
    project.run(&["apply", "--yes"]).code(0);
    project
}

#[test]
fn records_are_named_by_id_or_address() {
    let project = project();
    let id = project.value("shop.db", "SELECT min(id) FROM customer");
    let email = project.value(
        "shop.db",
        "SELECT email FROM customer WHERE id = (SELECT min(id) FROM customer)",
    );
    project.run(&["send", "shop.customer", &id]).code(0);
    project
        .run(&["send", "shop.customer", &email.to_uppercase()])
        .code(0);
    project.write("list.csv", format!("email\n{email}\n"));
    let sent = project
        .run(&["send", "shop.customer", "--from", "list.csv"])
        .code(0);
    assert!(sent.out.contains("Sent: "), "{}", sent.out);
    assert_eq!(
        project.run(&["history", "--format", "json"]).code(0).json()["runs"]
            .as_array()
            .map(Vec::len),
        Some(4)
    );
}

#[test]
fn a_list_with_a_mistake_sends_nothing() {
    let project = project();
    let wrong = project.run(&["send", "shop.customer", "99999"]).code(1);
    assert!(
        wrong.out.contains("there is no customer `99999`"),
        "{}",
        wrong.out
    );
    project.write("bare.csv", "1\n2\n");
    let bare = project
        .run(&["send", "shop.customer", "--from", "bare.csv"])
        .code(1);
    assert!(bare.err.contains("`id` or `email`"), "{}", bare.err);
    project.run(&["send", "shop.customer"]).code(64);
    project.run(&["send", "shop.custmer", "1"]).code(64);
    project
        .run(&["send", "shop.customer", "--from", "gone.csv"])
        .code(66);
}
