use crate::Pack;

#[test]
fn checks_without_findings() {
    let pack = Pack::copy("sugar_market");
    pack.run("lint", &["--deny", "warnings"]).success();
    pack.run("fmt", &["--check"]).success();
}

#[test]
fn passes_its_rule_tests() {
    Pack::copy("sugar_market").run("test", &[]).success();
}

#[test]
fn the_sample_data_settles_in_one_run() {
    Pack::copy("sugar_market").settles();
}

/// SM-02
#[test]
fn a_field_that_is_new_in_the_crm_appears_here() {
    let pack = Pack::copy("sugar_market");
    pack.run("demo", &[]).success();
    pack.sql(
        "crm",
        "ALTER TABLE Contact ADD COLUMN Shoe_Size__c NUMERIC;
         ALTER TABLE Opportunity ADD COLUMN Probability NUMERIC;
         UPDATE Contact SET Shoe_Size__c = 38 WHERE Id = '003000000000001AAA'",
    );
    std::fs::remove_dir_all(pack.path.join("schema")).unwrap();
    pack.run("apply", &["--yes"]).success();
    assert_eq!(
        pack.text("market", "SELECT Shoe_Size__c FROM contact WHERE id = 1"),
        "38"
    );
    assert_eq!(
        pack.text(
            "market",
            "SELECT count(*) FROM pragma_table_info('opportunity') WHERE name = 'Probability'"
        ),
        "0"
    );
    pack.nothing_to_do();
}

/// SM-18
#[test]
fn a_mass_update_that_leaves_the_stamps_is_found_by_a_full_comparison() {
    let pack = Pack::copy("sugar_market");
    pack.run("demo", &[]).success();
    // The first run made fields, so that the next one reads everything once more.
    pack.run("apply", &["--yes"]).success();
    pack.sql(
        "crm",
        "UPDATE Contact SET Title = 'Member' WHERE Id = '003000000000001AAA'",
    );
    assert_eq!(pack.json("plan", &[])["operations"], serde_json::json!([]));
    let full = pack.json("plan", &["--full"]);
    assert_eq!(full["operations"][0]["fields"]["Title"]["to"], "Member");
}
