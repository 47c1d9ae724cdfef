use crate::Pack;

#[test]
fn checks_without_findings() {
    let pack = Pack::copy("pardot");
    pack.run("lint", &["--deny", "warnings"]).success();
    pack.run("fmt", &["--check"]).success();
}

#[test]
fn passes_its_rule_tests() {
    Pack::copy("pardot").run("test", &[]).success();
}

#[test]
fn the_sample_data_settles_in_one_run() {
    let pack = Pack::copy("pardot");
    pack.run("demo", &[]).code(1); // one prospect has a first name that is too long (PD-21)
    assert_eq!(pack.json("plan", &[])["operations"], serde_json::json!([]));
    let full = pack.json("plan", &["--full"]);
    assert_eq!(full["operations"], serde_json::json!([]));
}
