//! What a test states against what there is.

use indexmap::IndexMap;
use serde_yaml::Value as Yaml;

use super::posts;
use super::records::{self, FoundRecord, List};
use super::text::{CountsText, EntryText, OperationsText, ThenText};
use super::values::{self, Names, Stated};
use super::world::World;
use crate::ledger::Selection;
use crate::plan::Counts;
use crate::value::{Type, Value};

/// # Errors
/// The differences, readable.
pub fn check(world: &mut World, then: &ThenText) -> Result<(), Vec<String>> {
    let mut wrong = Vec::new();
    if let Err(lines) = stores(world, then) {
        wrong.extend(lines);
    }
    if let Err(lines) = lists(world, then) {
        wrong.extend(lines);
    }
    if let Some(operations) = &then.operations {
        wrong.extend(counts(world, operations));
    }
    if let Some(lint) = &then.lint {
        wrong.extend(findings(world, lint));
    }
    if let Some(posts) = &then.posts {
        let found = world.posts.all();
        wrong.extend(posts::differences(posts, &found, &mut world.names));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

fn stores(world: &mut World, then: &ThenText) -> Result<(), Vec<String>> {
    let one = |line: String| vec![line];
    let mut objects = Vec::new();
    for (store, stated) in &then.stores {
        let side = world.side(store).map_err(one)?;
        for (name, stated) in stated {
            let object = world.object(side, name).map_err(one)?;
            let stated: Result<Vec<_>, String> = stated
                .iter()
                .map(|record| values::record(record, store, &object))
                .collect();
            let rows = world.store(side).rows(&object.name);
            let found: Vec<FoundRecord> = rows
                .into_iter()
                .map(|row| {
                    row.into_iter()
                        .map(|(name, value)| (name.to_string(), value))
                        .collect()
                })
                .collect();
            objects.push((store, object, stated.map_err(one)?, found));
        }
    }
    let lists: Vec<List<'_>> = objects
        .iter()
        .map(|(store, object, stated, found)| List {
            store: store.as_str(),
            object,
            stated: stated.clone(),
            found: found.clone(),
        })
        .collect();
    records::compare(&lists, &mut world.names)
}

/// An entry of a list of the ledger, in the words of a test.
#[derive(Debug, Clone)]
struct Found {
    relationship: String,
    direction: Option<&'static str>,
    objects: Vec<String>,
    ids: Vec<Value>,
    missing: Vec<String>,
    fields: Vec<String>,
    because: String,
}

fn lists(world: &mut World, then: &ThenText) -> Result<(), Vec<String>> {
    let all = Selection::default();
    let ledger = |error: crate::ledger::LedgerError| vec![error.to_string()];
    let mut wrong = Vec::new();
    if let Some(stated) = &then.held {
        let held = world.ledger.held(&all).map_err(ledger)?;
        let found = held.into_iter().map(|held| Found {
            relationship: held.relationship.to_string(),
            direction: Some(held.direction.word()),
            objects: vec![held.object.to_string()],
            ids: vec![held.id],
            missing: held.missing.iter().map(ToString::to_string).collect(),
            fields: Vec::new(),
            because: held.because,
        });
        wrong.extend(entries("held", stated, found.collect(), &mut world.names));
    }
    if let Some(stated) = &then.errors {
        let failures = world.ledger.failures(&all).map_err(ledger)?;
        let found = failures.into_iter().map(|row| Found {
            relationship: row.failure.relationship.to_string(),
            direction: Some(row.failure.side.sends().word()),
            objects: vec![row.failure.object.to_string()],
            ids: vec![row.failure.id],
            missing: Vec::new(),
            fields: row.failure.field.iter().map(ToString::to_string).collect(),
            because: row.failure.message,
        });
        wrong.extend(entries("errors", stated, found.collect(), &mut world.names));
    }
    if let Some(stated) = &then.conflicts {
        let conflicts = world.ledger.conflicts(&all).map_err(ledger)?;
        let found = conflicts.into_iter().map(|conflict| Found {
            relationship: conflict.relationship.to_string(),
            direction: None,
            objects: conflict.objects.iter().map(ToString::to_string).collect(),
            ids: conflict.ids.to_vec(),
            missing: Vec::new(),
            fields: vec![conflict.field.to_string()],
            because: conflict.because,
        });
        wrong.extend(entries(
            "conflicts",
            stated,
            found.collect(),
            &mut world.names,
        ));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Each stated entry takes one found entry; none may be left on either side.
fn entries(list: &str, stated: &[EntryText], found: Vec<Found>, names: &mut Names) -> Vec<String> {
    let mut left = found;
    let mut wrong = Vec::new();
    // The entries that leave least open take theirs first.
    let mut stated: Vec<&EntryText> = stated.iter().collect();
    stated.sort_by_key(|entry| std::cmp::Reverse(named_keys(entry)));
    for entry in stated {
        let place = left.iter().position(|found| {
            let mut tried = names.clone();
            let fits = meets(entry, found, &mut tried);
            if fits {
                *names = tried;
            }
            fits
        });
        match place {
            Some(place) => drop(left.remove(place)),
            None => wrong.push(format!(
                "{list}: expected {}, but it is not there",
                stated_entry(entry)
            )),
        }
    }
    for found in left {
        wrong.push(format!("{list}: not expected: {}", found_entry(&found)));
    }
    wrong
}

/// How much an entry says; its id says most.
fn named_keys(entry: &EntryText) -> usize {
    let texts = [
        &entry.relationship,
        &entry.direction,
        &entry.object,
        &entry.field,
        &entry.because,
        &entry.message,
    ];
    let texts = texts.iter().filter(|text| text.is_some()).count();
    texts + usize::from(entry.missing.is_some()) + usize::from(entry.id.is_some()) * 10
}

fn meets(entry: &EntryText, found: &Found, names: &mut Names) -> bool {
    let text = |stated: &Option<String>, found: &[String]| {
        stated.as_ref().is_none_or(|stated| found.contains(stated))
    };
    let part = |stated: &Option<String>| {
        stated
            .as_ref()
            .is_none_or(|part| found.because.contains(part.as_str()))
    };
    let direction = entry
        .direction
        .as_deref()
        .is_none_or(|stated| found.direction == Some(stated));
    let missing = entry.missing.as_ref().is_none_or(|stated| {
        let mut stated = stated.clone();
        let mut found = found.missing.clone();
        stated.sort();
        found.sort();
        stated == found
    });
    text(
        &entry.relationship,
        std::slice::from_ref(&found.relationship),
    ) && direction
        && text(&entry.object, &found.objects)
        && missing
        && text(&entry.field, &found.fields)
        && part(&entry.because)
        && part(&entry.message)
        && entry.id.as_ref().is_none_or(|id| has_id(id, found, names))
}

fn has_id(id: &Yaml, found: &Found, names: &mut Names) -> bool {
    let Ok(stated) = Stated::read(id) else {
        return false;
    };
    let text = |value: &Value| value.to_string();
    found.ids.iter().any(|found| match &stated {
        Stated::Name(_) => stated.meets(found, &Type::Id, names),
        Stated::Value(value) => value.same(found) || text(value) == text(found),
    })
}

fn stated_entry(entry: &EntryText) -> String {
    let mut parts = Vec::new();
    let mut part = |name: &str, value: Option<String>| {
        parts.extend(value.map(|value| format!("{name}: {value}")));
    };
    part("relationship", entry.relationship.clone());
    part("direction", entry.direction.clone());
    part("object", entry.object.clone());
    let id = entry.id.as_ref().map(|id| match Stated::read(id) {
        Ok(Stated::Value(value)) => value.to_string(),
        Ok(Stated::Name(name)) => format!("${name}"),
        Err(error) => error,
    });
    part("id", id);
    part(
        "missing",
        entry
            .missing
            .as_ref()
            .map(|missing| format!("[{}]", missing.join(", "))),
    );
    part("field", entry.field.clone());
    part("because", entry.because.clone());
    part("message", entry.message.clone());
    format!("{{ {} }}", parts.join(", "))
}

fn found_entry(found: &Found) -> String {
    let ids: Vec<String> = found.ids.iter().map(ToString::to_string).collect();
    let mut parts = vec![
        format!("relationship: {}", found.relationship),
        format!("object: {}", found.objects.join(" / ")),
        format!("id: {}", ids.join(" / ")),
    ];
    if !found.missing.is_empty() {
        parts.push(format!("missing: [{}]", found.missing.join(", ")));
    }
    if !found.fields.is_empty() {
        parts.push(format!("field: {}", found.fields.join(", ")));
    }
    parts.push(format!("because: {}", found.because));
    format!("{{ {} }}", parts.join(", "))
}

/// Counts of the last run; only those named are compared.
fn counts(world: &World, stated: &IndexMap<String, OperationsText>) -> Vec<String> {
    let Some(planned) = &world.planned else {
        return vec!["operations: nothing ran yet".to_owned()];
    };
    let mut wrong = Vec::new();
    for (name, stated) in stated {
        let id = match world.named(name) {
            Ok(id) => id,
            Err(error) => {
                wrong.push(format!("operations: {error}"));
                continue;
            }
        };
        let found = &planned.relationships[usize::from(id.0)].directions;
        let ways = [
            ("push", &stated.push, found[0]),
            ("pull", &stated.pull, found[1]),
        ];
        for (way, stated, found) in ways {
            let Some(stated) = stated else { continue };
            wrong.extend(count_lines(
                &format!("operations: {name} {way}"),
                stated,
                found,
            ));
        }
    }
    wrong
}

fn count_lines(place: &str, stated: &CountsText, found: Counts) -> Vec<String> {
    let kinds = [
        ("create", stated.create, found.create),
        ("update", stated.update, found.update),
        ("delete", stated.delete, found.delete),
    ];
    kinds
        .into_iter()
        .filter_map(|(kind, stated, found)| {
            let stated = stated.filter(|stated| *stated != found)?;
            Some(format!("{place} {kind}: expected {stated}, found {found}"))
        })
        .collect()
}

/// The names of the findings, each once.
fn findings(world: &World, stated: &[String]) -> Option<String> {
    let sorted = |names: &[String]| {
        let mut names = names.to_vec();
        names.sort();
        names.dedup();
        names
    };
    let (stated, found) = (sorted(stated), sorted(&world.findings));
    (stated != found).then(|| {
        format!(
            "lint: expected [{}], found [{}]",
            stated.join(", "),
            found.join(", ")
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(id: i64, missing: &[&str]) -> Found {
        Found {
            relationship: "Lead".into(),
            direction: Some("push"),
            objects: vec!["lead".into()],
            ids: vec![Value::Int(id)],
            missing: missing.iter().map(ToString::to_string).collect(),
            fields: Vec::new(),
            because: "`push create` requires them".into(),
        }
    }

    fn stated(text: &str) -> Vec<EntryText> {
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn a_list_is_complete_and_in_any_order() {
        let entries = |text: &str| {
            let found = vec![found(1, &["b", "a"]), found(2, &[])];
            super::entries("held", &stated(text), found, &mut Names::default())
        };
        assert_eq!(entries("[{ id: 2 }, { id: 1, missing: [a, b] }]"), [""; 0]);
        assert_eq!(entries("[{ id: 2 }]").len(), 1);
        assert_eq!(entries("[{ id: 2 }, { id: 1, missing: [a] }]").len(), 2);
        assert_eq!(entries("[]").len(), 2);
        assert_eq!(entries("[{ because: requires }, { id: 1 }]").len(), 0);
    }

    #[test]
    fn a_list_binds_names() {
        let mut names = Names::default();
        let wrong = entries(
            "held",
            &stated("[{ id: $a }]"),
            vec![found(7, &[])],
            &mut names,
        );
        assert!(wrong.is_empty());
        assert_eq!(names.get("a"), Some(&Value::Int(7)));
    }
}
