use crate::Pack;

#[test]
fn checks_without_findings() {
    let pack = Pack::copy("magento");
    pack.run("lint", &["--deny", "warnings"]).success();
    pack.run("fmt", &["--check"]).success();
}

#[test]
fn passes_its_rule_tests() {
    Pack::copy("magento").run("test", &[]).success();
}

#[test]
fn the_sample_data_settles_in_one_run() {
    Pack::copy("magento").settles();
}

/// MG-08, MG-12
#[test]
fn duplicates_can_be_merged_before_the_update() {
    let pack = Pack::copy("magento");
    for file in ["accounts.sync", "customers.sync"] {
        let path = pack.path.join(file);
        let rules = std::fs::read_to_string(&path).unwrap();
        std::fs::write(
            &path,
            rules.replace("duplicates oldest", "duplicates merge"),
        )
        .unwrap();
    }
    pack.settles();
    let one = |sql: &str| assert_eq!(pack.text("salesforce", sql), "1", "{sql}");
    one("SELECT count(*) FROM Account WHERE Name = 'Hopper Compilers Inc' AND NOT IsDeleted");
    one(
        "SELECT count(*) FROM Contact WHERE lower(Email) = 'alan@turing.example' AND NOT IsDeleted",
    );
}
