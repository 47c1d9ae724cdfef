//! Which found record is which stated one: a joint search over all lists, since a name may only be settled by another list.

use super::values::{Names, StatedRecord};
use crate::schema::Object;
use crate::value::{Type, Value};

/// A record as found: its fields in the object's order.
pub type FoundRecord = indexmap::IndexMap<String, Value>;

/// The records of one object, as stated and as found.
pub struct List<'a> {
    pub store: &'a str,
    pub object: &'a Object,
    pub stated: Vec<StatedRecord>,
    pub found: Vec<FoundRecord>,
}

/// Steps after which the search gives up: tests whose records hardly differ would take for ever.
const PATIENCE: u32 = 200_000;

/// Binds names so that each list holds exactly its stated records, in any order.
///
/// # Errors
/// The differences, readable.
pub fn compare(lists: &[List<'_>], names: &mut Names) -> Result<(), Vec<String>> {
    let mut wanted: Vec<(usize, usize)> = lists
        .iter()
        .enumerate()
        .flat_map(|(list, of)| (0..of.stated.len()).map(move |record| (list, record)))
        .collect();
    // The records that leave least open first.
    wanted.sort_by_key(|(list, record)| {
        let stated = &lists[*list].stated[*record];
        let names = stated
            .values()
            .filter(|stated| matches!(stated, super::values::Stated::Name(_)))
            .count();
        (names, std::cmp::Reverse(stated.len()))
    });
    let complete = lists
        .iter()
        .all(|list| list.stated.len() == list.found.len());
    let mut search = Search {
        lists,
        wanted: &wanted,
        used: lists
            .iter()
            .map(|list| vec![false; list.found.len()])
            .collect(),
        patience: PATIENCE,
    };
    if complete && let Some(settled) = search.from(0, names.clone()) {
        *names = settled;
        return Ok(());
    }
    let differences: Vec<String> = lists
        .iter()
        .flat_map(|list| differences(list, names))
        .collect();
    if differences.is_empty() {
        return Err(vec![
            "each list fits by itself, but a `$name` does not stand for one value in all of them"
                .to_owned(),
        ]);
    }
    Err(differences)
}

struct Search<'a> {
    lists: &'a [List<'a>],
    wanted: &'a [(usize, usize)],
    used: Vec<Vec<bool>>,
    patience: u32,
}

impl Search<'_> {
    fn from(&mut self, next: usize, names: Names) -> Option<Names> {
        let Some(&(list, record)) = self.wanted.get(next) else {
            return Some(names);
        };
        let of = &self.lists[list];
        for place in 0..of.found.len() {
            if self.used[list][place] {
                continue;
            }
            self.patience = self.patience.checked_sub(1)?;
            let mut tried = names.clone();
            if !fits(&of.stated[record], &of.found[place], of.object, &mut tried) {
                continue;
            }
            self.used[list][place] = true;
            if let Some(settled) = self.from(next + 1, tried) {
                return Some(settled);
            }
            self.used[list][place] = false;
        }
        None
    }
}

fn fits(stated: &StatedRecord, found: &FoundRecord, object: &Object, names: &mut Names) -> bool {
    stated.iter().all(|(field, stated)| {
        let value = found.get(field).unwrap_or(&Value::Null);
        stated.meets(value, type_of(object, field), names)
    })
}

fn type_of<'a>(object: &'a Object, field: &str) -> &'a Type {
    object
        .fields
        .get(field)
        .map_or(&Type::Any, |field| &field.ty)
}

/// What one list alone gets wrong: stated records that are not there, each with the found record that comes closest, and found records
/// that nobody stated.
fn differences(list: &List<'_>, names: &Names) -> Vec<String> {
    let mut left: Vec<&FoundRecord> = list.found.iter().collect();
    let mut missing = Vec::new();
    for stated in &list.stated {
        let place = left
            .iter()
            .position(|found| fits(stated, found, list.object, &mut names.clone()));
        match place {
            Some(place) => drop(left.remove(place)),
            None => missing.push(stated),
        }
    }
    let name = format!("{}.{}", list.store, list.object.name);
    let mut lines = Vec::new();
    for stated in missing {
        lines.push(format!("{name}: expected {}", shown_stated(stated)));
        let closest = (0..left.len()).max_by_key(|place| {
            let found = left[*place];
            let alike = agreeing(stated, found, list.object, names);
            (alike, std::cmp::Reverse(*place))
        });
        match closest {
            Some(place) => {
                let found = left.remove(place);
                lines.extend(unlike(stated, found, list.object, names));
            }
            None => lines.push("    but there is no such record".to_owned()),
        }
    }
    let named: Vec<&String> = list
        .stated
        .iter()
        .flat_map(|stated| stated.keys())
        .collect();
    for found in left {
        lines.push(format!(
            "{name}: found, but not expected: {}",
            shown_found(found, list.object, &named)
        ));
    }
    lines
}

fn agreeing(stated: &StatedRecord, found: &FoundRecord, object: &Object, names: &Names) -> usize {
    let one = |(field, stated): &(&String, &super::values::Stated)| {
        let value = found.get(*field).unwrap_or(&Value::Null);
        stated.meets(value, type_of(object, field), &mut names.clone())
    };
    let id = object.id.as_deref();
    let weight = |(field, _): (&String, _)| if Some(field.as_str()) == id { 100 } else { 1 };
    stated.iter().filter(one).map(weight).sum()
}

/// The fields that keep the closest record from being the stated one.
fn unlike(
    stated: &StatedRecord,
    found: &FoundRecord,
    object: &Object,
    names: &Names,
) -> Vec<String> {
    let mut lines = Vec::new();
    let mut names = names.clone();
    for (field, stated) in stated {
        let value = found.get(field).unwrap_or(&Value::Null);
        if stated.meets(value, type_of(object, field), &mut names) {
            continue;
        }
        let wanted = match stated {
            super::values::Stated::Value(value) => shown(value),
            super::values::Stated::Name(name) => match names.get(name) {
                Some(known) => format!("${name}, which is {}", shown(known)),
                None => format!("${name}, a value"),
            },
        };
        lines.push(format!(
            "    {field}: expected {wanted}, found {}",
            shown(value)
        ));
    }
    lines
}

pub fn shown(value: &Value) -> String {
    match value {
        Value::Null | Value::Absent => "null".to_owned(),
        Value::Text(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}

fn shown_stated(record: &StatedRecord) -> String {
    let fields: Vec<String> = record
        .iter()
        .map(|(name, stated)| match stated {
            super::values::Stated::Value(value) => format!("{name}: {}", shown(value)),
            super::values::Stated::Name(of) => format!("{name}: ${of}"),
        })
        .collect();
    format!("{{ {} }}", fields.join(", "))
}

/// A found record: its id and the fields that the test speaks of, or all that hold something.
fn shown_found(record: &FoundRecord, object: &Object, named: &[&String]) -> String {
    let told = |name: &str| object.id.as_deref() == Some(name) || named.iter().any(|n| *n == name);
    let fields: Vec<String> = record
        .iter()
        .filter(|(name, value)| told(name) || (named.is_empty() && !value.is_null()))
        .map(|(name, value)| format!("{name}: {}", shown(value)))
        .collect();
    format!("{{ {} }}", fields.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::values;
    use super::*;
    use crate::schema::Field;

    fn object(name: &str, fields: &[&str]) -> Object {
        let field = |name: &&str| Field {
            name: (*name).into(),
            ty: Type::Any,
            nullable: true,
            has_default: false,
            createable: true,
            updateable: true,
            unique: false,
            indexed: false,
            references: Vec::new(),
            default: None,
        };
        Object {
            name: name.into(),
            fields: fields.iter().map(|f| ((*f).into(), field(f))).collect(),
            id: Some("id".into()),
            modified: None,
            deleted: None,
            created: None,
        }
    }

    fn list<'a>(object: &'a Object, stated: &str, found: &str) -> List<'a> {
        let stated: Vec<indexmap::IndexMap<String, serde_yaml::Value>> =
            serde_yaml::from_str(stated).unwrap();
        let found: Vec<indexmap::IndexMap<String, serde_yaml::Value>> =
            serde_yaml::from_str(found).unwrap();
        let found_record = |record: &indexmap::IndexMap<String, serde_yaml::Value>| {
            record
                .iter()
                .map(|(name, value)| (name.clone(), values::value(value).unwrap()))
                .collect()
        };
        List {
            store: "crm",
            object,
            stated: stated
                .iter()
                .map(|record| values::record(record, "crm", object).unwrap())
                .collect(),
            found: found.iter().map(found_record).collect(),
        }
    }

    #[test]
    fn order_does_not_matter_and_unnamed_fields_neither() {
        let lead = object("Lead", &["id", "name"]);
        let lists = [list(
            &lead,
            "[{ name: b }, { name: a }]",
            "[{ id: 1, name: a }, { id: 2, name: b }]",
        )];
        assert_eq!(compare(&lists, &mut Names::default()), Ok(()));
    }

    #[test]
    fn a_name_is_settled_by_another_list() {
        let lead = object("Lead", &["id", "name"]);
        let task = object("Task", &["id", "who"]);
        let lists = [
            list(&lead, "[{ id: $a }, { id: $b }]", "[{ id: 1 }, { id: 2 }]"),
            list(&task, "[{ id: 5, who: $b }]", "[{ id: 5, who: 1 }]"),
        ];
        let mut names = Names::default();
        assert_eq!(compare(&lists, &mut names), Ok(()));
        assert_eq!(names.get("b"), Some(&Value::Int(1)));
        assert_eq!(names.get("a"), Some(&Value::Int(2)));
    }

    #[test]
    fn a_difference_names_field_and_values() {
        let lead = object("Lead", &["id", "name"]);
        let lists = [list(
            &lead,
            "[{ id: 1, name: Ada }]",
            "[{ id: 1, name: Ida }, { id: 2, name: x }]",
        )];
        let lines = compare(&lists, &mut Names::default()).unwrap_err();
        assert_eq!(
            lines,
            [
                "crm.Lead: expected { id: 1, name: \"Ada\" }",
                "    name: expected \"Ada\", found \"Ida\"",
                "crm.Lead: found, but not expected: { id: 2, name: \"x\" }",
            ]
        );
    }

    #[test]
    fn many_alike_records_do_not_take_for_ever() {
        let lead = object("Lead", &["id", "name"]);
        let stated: Vec<String> = (0..14).map(|n| format!("{{ id: $n{n} }}")).collect();
        let found: Vec<String> = (0..14).map(|n| format!("{{ id: {n} }}")).collect();
        let task = object("Task", &["id", "who"]);
        let lists = [
            list(
                &lead,
                &format!("[{}]", stated.join(",")),
                &format!("[{}]", found.join(",")),
            ),
            list(&task, "[{ id: $n0, who: $n0 }]", "[{ id: 99, who: 99 }]"),
        ];
        assert!(compare(&lists, &mut Names::default()).is_err());
    }
}
