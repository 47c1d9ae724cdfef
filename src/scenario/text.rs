//! The text of a rule test: YAML, read strictly; an error names the key and what was expected (interfaces, "Rule tests").

use indexmap::IndexMap;
use serde::{Deserialize, Deserializer};
use serde_yaml::Value as Yaml;

use super::posts::PostText;

/// `{store: {object: [record, …]}}`
pub type Records = IndexMap<String, IndexMap<String, Vec<IndexMap<String, Yaml>>>>;

/// One test of a file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestText {
    pub name: String,
    /// The clock at the first step; 2024-06-01T12:00:00Z without it.
    pub now: Option<String>,
    #[serde(default)]
    pub set: IndexMap<String, Yaml>,
    #[serde(default)]
    pub given: Records,
    #[serde(default)]
    pub steps: Vec<StepText>,
    pub then: Option<ThenText>,
}

/// One step: exactly one of these keys.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepText {
    #[serde(default, deserialize_with = "present")]
    pub sync: Option<Targets>,
    #[serde(default, deserialize_with = "present")]
    pub push: Option<Targets>,
    #[serde(default, deserialize_with = "present")]
    pub pull: Option<Targets>,
    pub edit: Option<Records>,
    /// Ids of the records to delete.
    pub delete: Option<IndexMap<String, IndexMap<String, Vec<Yaml>>>>,
    /// Pairs of ids, left and right.
    pub link: Option<IndexMap<String, Vec<[Yaml; 2]>>>,
    pub advance: Option<String>,
    pub then: Option<ThenText>,
    /// Ids of the records to send: `{ STORE: { OBJECT: [ids] } }`, or by name as the command takes them, `{ STORE.OBJECT: [ids] }`.
    pub send: Option<IndexMap<String, SendIds>>,
    /// Events that arrive, by name, each with its body; a name alone has an empty one.
    pub event: Option<Events>,
}

/// The events of one step.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Events {
    Name(String),
    Bodies(IndexMap<String, Yaml>),
}

/// What a run is for: one relationship, several in the program's order, or (`all`, or nothing) the whole program.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Targets {
    One(String),
    Some(Vec<String>),
    All(()),
}

/// What must be true: records by store, and the lists.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ThenText {
    pub held: Option<Vec<EntryText>>,
    pub errors: Option<Vec<EntryText>>,
    pub conflicts: Option<Vec<EntryText>>,
    pub lint: Option<Vec<String>>,
    pub posts: Option<Vec<PostText>>,
    /// `{relationship: {push: {create: 1}}}`: of the step before.
    pub operations: Option<IndexMap<String, OperationsText>>,
    /// Everything else is a store.
    #[serde(flatten)]
    pub stores: Records,
}

/// An entry of `held`, `errors` or `conflicts`: only the keys named are compared.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntryText {
    pub relationship: Option<String>,
    pub direction: Option<String>,
    pub object: Option<String>,
    pub id: Option<Yaml>,
    pub missing: Option<Vec<String>>,
    pub field: Option<String>,
    /// A part of the text.
    pub because: Option<String>,
    /// A part of the text.
    pub message: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationsText {
    pub push: Option<CountsText>,
    pub pull: Option<CountsText>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CountsText {
    pub create: Option<u64>,
    pub update: Option<u64>,
    pub delete: Option<u64>,
}

/// A key that is there counts, also without a value.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Why a file holds no tests.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TextError(pub String);

/// The tests of one file.
///
/// # Errors
/// What is not YAML, or no list of tests: with the key at fault and its line where known.
pub fn read(text: &str) -> Result<Vec<TestText>, TextError> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let yaml = serde_yaml::Deserializer::from_str(text);
    serde_path_to_error::deserialize(yaml).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        TextError(match path.as_str() {
            "." | "?" => inner.to_string(),
            path => format!("{path}: {inner}"),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_key_is_read() {
        let tests = read(
            "
- name: everything
  now: 2024-06-01T12:00:00Z
  set: { SINCE: 2024-01-01, LIST: [a] }
  given: { marketing: { lead: [ { id: 1 } ] } }
  steps:
    - sync: Lead
    - push: [Lead, Account]
    - sync: all
    - sync:
    - edit: { marketing: { lead: [ { id: 1, name: x } ] } }
    - delete: { marketing: { lead: [ 1 ] } }
    - link: { Lead: [ [1, 00Q] ] }
    - advance: 20m
    - then: { held: [] }
  then:
    marketing: { lead: [ { id: $a } ] }
    held: [ { relationship: Lead, id: 1, missing: [company] } ]
    operations: { Lead: { push: { create: 1 } } }
    lint: [unused]
",
        )
        .unwrap();
        let test = &tests[0];
        assert_eq!(test.steps.len(), 9);
        assert!(matches!(&test.steps[0].sync, Some(Targets::One(name)) if name == "Lead"));
        assert!(matches!(&test.steps[1].push, Some(Targets::Some(names)) if names.len() == 2));
        assert!(matches!(&test.steps[3].sync, Some(Targets::All(()))));
        let then = test.then.as_ref().unwrap();
        assert_eq!(then.stores["marketing"]["lead"].len(), 1);
        assert_eq!(
            then.operations.as_ref().unwrap()["Lead"]
                .push
                .as_ref()
                .unwrap()
                .create,
            Some(1)
        );
    }

    #[test]
    fn an_error_names_the_key() {
        let wrong = |text: &str| read(text).unwrap_err().to_string();
        let unknown = wrong("- name: a\n  gven: {}\n");
        assert!(unknown.contains("gven"), "{unknown}");
        let deep = wrong("- name: a\n  steps:\n    - snyc: Lead\n");
        assert!(deep.contains("snyc") && deep.contains("steps[0]"), "{deep}");
        let shape = wrong("- name: a\n  given: { marketing: { lead: 3 } }\n");
        assert!(shape.contains("given.marketing.lead"), "{shape}");
        assert!(!wrong("{{").is_empty());
        assert!(!wrong("- now: x").is_empty());
    }

    #[test]
    fn an_empty_file_has_no_tests() {
        assert!(read("\n").unwrap().is_empty());
        assert!(read("# nothing yet\n").is_ok_and(|tests| tests.is_empty()));
    }
}

/// The records of a `send` step.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum SendIds {
    /// Of the object that the key names.
    Ids(Vec<Yaml>),
    /// By object of the store that the key names.
    Objects(IndexMap<String, Vec<Yaml>>),
}
