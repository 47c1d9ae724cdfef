use std::fs;

use crate::Pack;

#[test]
fn checks_without_findings() {
    let pack = Pack::copy("lead_gen");
    pack.run("lint", &["--deny", "warnings"]).success();
}

#[test]
fn keeps_its_layout() {
    Pack::copy("lead_gen").run("fmt", &["--check"]).success();
}

#[test]
fn passes_its_rule_tests() {
    Pack::copy("lead_gen").run("test", &[]).success();
}

/// LG-01
#[test]
fn a_second_pair_of_stores_is_an_error() {
    let pack = Pack::copy("lead_gen");
    fs::write(
        pack.path.join("second.sync"),
        "sync marketing with sandbox\n",
    )
    .unwrap();
    let findings = pack.json("lint", &[]);
    let errors: Vec<&str> = findings["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|f| f["severity"] == "error")
        .filter_map(|f| f["name"].as_str())
        .collect();
    assert_eq!(errors, ["second-sync"]);
    pack.run("lint", &[]).code(1);
}

#[test]
fn the_sample_data_settles_in_one_run() {
    let pack = Pack::copy("lead_gen");
    pack.run("demo", &[]).success();
    let plan = pack.json("plan", &[]);
    assert_eq!(plan["operations"], serde_json::json!([]));
    assert_eq!(plan["errors"], serde_json::json!([]));
    let full = pack.json("plan", &["--full"]);
    assert_eq!(full["operations"], serde_json::json!([]));
}

#[test]
fn the_sample_data_shows_what_is_held() {
    let pack = Pack::copy("lead_gen");
    pack.run("demo", &[]).success();
    let plan = pack.json("plan", &[]);
    let missing = |relationship: &str, id: i64| {
        plan["held"]
            .as_array()
            .unwrap()
            .iter()
            .find(|h| {
                h["relationship"] == relationship && h["object"] != "Contact" && h["id"] == id
            })
            .map(|h| h["missing"].clone())
    };
    assert_eq!(
        missing("Person", 30),
        Some(serde_json::json!(["companyName"]))
    );
    assert_eq!(missing("Person", 31), Some(serde_json::json!(["lastName"])));
    assert_eq!(
        missing("Person", 32),
        Some(serde_json::json!(["emailAddress"]))
    );
    assert_eq!(
        missing("Person", 33),
        Some(serde_json::json!(["lastName", "companyName"]))
    );
    assert_eq!(missing("Person", 36), Some(serde_json::json!(["lastName"])));
    assert_eq!(missing("Event", 25), Some(serde_json::json!(["leadID"])));
    assert_eq!(missing("Event", 30), None);
}
