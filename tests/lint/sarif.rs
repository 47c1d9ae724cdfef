//! SARIF logs against the schema of the standard, and what the schema can't say: indices that point, places that are there.

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use bilateral::diagnostic::{Sarif, SarifPart};
use bilateral::lint::{page, pages};
use jsonschema::Validator;
use serde_json::Value;

use crate::pages::found;

fn validator() -> Validator {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lint/schemas/sarif-2.1.0.json");
    let mut schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    // The standard's pattern for languages is no regular expression; logs here say none.
    for of in ["run", "toolComponent"] {
        let language = format!("/definitions/{of}/properties/language");
        let language = schema.pointer_mut(&language).and_then(Value::as_object_mut);
        language.unwrap().remove("pattern");
    }
    jsonschema::options()
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

fn check(log: &Value) {
    let wrong: Vec<String> = validator()
        .iter_errors(log)
        .map(|e| format!("{}: {e}", e.instance_path()))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    for result in run["results"].as_array().unwrap() {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let region = &result["locations"][0]["physicalLocation"]["region"];
        assert!(region["startLine"].as_u64() >= Some(1), "{result}");
        let text = result["message"]["text"].as_str().unwrap();
        assert!(!text.is_empty());
    }
}

#[test]
fn every_finding_makes_a_log_of_the_standards_form() {
    let mut sarif = Sarif::default();
    let mut count = 0;
    for one in pages() {
        let outcome = found(one.bad);
        count += outcome.lint.len();
        sarif.add(&SarifPart {
            findings: &outcome.lint,
            sources: &outcome.sources,
            not_checked: &["store `x` has no schema: its objects were not checked".to_owned()],
        });
    }
    let log = sarif.log(&|code| page(code));
    check(&log);
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), count);
}

#[test]
fn the_command_prints_such_a_log() {
    let folder = tempfile::TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("schema")).unwrap();
    fs::write(
        at("schema/shop.yaml"),
        "objects:\n  people:\n    id: id\n    fields:\n      id: { type: integer }\n      email: { type: text, length: 80, unique: true }\n",
    )
    .unwrap();
    // The other store has no schema; a name with a blank has to be written as a URI.
    fs::write(
        at("my rules.sync"),
        "sync shop with crm\nlet UNUSED = 1\nrelationship Person: people -> Contact {\n  match emial = Email\n  email <-> Email\n}\n",
    )
    .unwrap();
    let output = Command::cargo_bin("bilateral")
        .unwrap()
        .current_dir(folder.path())
        .args(["lint", ".", "--format", "sarif"])
        .assert()
        .code(1);
    let log: Value = serde_json::from_slice(&output.get_output().stdout).unwrap();
    check(&log);
    let run = &log["runs"][0];
    assert!(run["results"].as_array().unwrap().len() >= 3, "{run}");
    let uri = &run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert!(uri.as_str().unwrap().ends_with("my%20rules.sync"), "{uri}");
    let notes = &run["invocations"][0]["toolExecutionNotifications"];
    assert!(
        notes[0]["message"]["text"]
            .as_str()
            .unwrap()
            .contains("crm"),
        "{notes}"
    );
}

/// The validator is one: a log that the standard does not allow is refused.
#[test]
fn a_wrong_log_is_refused() {
    let mut log = Sarif::default().log(&|code| page(code));
    assert!(validator().is_valid(&log));
    log["runs"][0]["tool"]["driver"]["name"] = Value::Null;
    assert!(!validator().is_valid(&log));
}
