//! What has changed between a schema file and the store that it describes.

use std::fmt;

use smol_str::SmolStr;

use super::{Field, Object, StoreSchema};
use crate::value::Type;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub object: SmolStr,
    /// None where the object itself was added or removed.
    pub field: Option<SmolStr>,
    pub kind: ChangeKind,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    Added,
    Removed,
    /// What of it changed, and how: "text(40) → text(80)", "now required".
    Changed(String),
}

impl ChangeKind {
    pub fn word(&self) -> &'static str {
        match self {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Changed(_) => "changed",
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.kind {
            ChangeKind::Added => '+',
            ChangeKind::Removed => '-',
            ChangeKind::Changed(_) => '~',
        };
        write!(f, "{sign} {}", self.object)?;
        if let Some(field) = &self.field {
            write!(f, ".{field}")?;
        }
        match &self.kind {
            ChangeKind::Changed(how) => write!(f, ": {how}"),
            ChangeKind::Added | ChangeKind::Removed => Ok(()),
        }
    }
}

/// The changes from `file` to `store`, object by object in the file's order, what is new at the end. What the file only says more
/// precisely than the store can (a picklist in a text column) is no change.
pub fn changes(file: &StoreSchema, store: &StoreSchema) -> Vec<Change> {
    let mut changes = Vec::new();
    for (name, was) in &file.objects {
        match store.objects.get(name) {
            Some(is) => fields(was, is, &mut changes),
            None => changes.push(Change {
                object: name.clone(),
                field: None,
                kind: ChangeKind::Removed,
            }),
        }
    }
    let new = store
        .objects
        .keys()
        .filter(|n| !file.objects.contains_key(*n));
    changes.extend(new.map(|name| Change {
        object: name.clone(),
        field: None,
        kind: ChangeKind::Added,
    }));
    changes
}

fn fields(was: &Object, is: &Object, changes: &mut Vec<Change>) {
    let change = |field: &SmolStr, kind| Change {
        object: was.name.clone(),
        field: Some(field.clone()),
        kind,
    };
    for (name, before) in &was.fields {
        match is.fields.get(name) {
            None => changes.push(change(name, ChangeKind::Removed)),
            Some(now) => {
                let how = differences(before, now);
                if !how.is_empty() {
                    changes.push(change(name, ChangeKind::Changed(how.join(", "))));
                }
            }
        }
    }
    let new = is.fields.keys().filter(|n| !was.fields.contains_key(*n));
    changes.extend(new.map(|name| change(name, ChangeKind::Added)));
}

fn differences(was: &Field, is: &Field) -> Vec<String> {
    let mut how = Vec::new();
    if !refines(&was.ty, &is.ty) {
        how.push(format!("{} → {}", shown(&was.ty), shown(&is.ty)));
        if let (Type::Enum(was), Type::Enum(is)) = (&was.ty, &is.ty) {
            let only = |a: &[SmolStr], b: &[SmolStr]| {
                let missing: Vec<String> = a
                    .iter()
                    .filter(|m| !b.contains(m))
                    .map(|m| format!("`{m}`"))
                    .collect();
                missing.join(", ")
            };
            let (gone, new) = (only(was, is), only(is, was));
            how.clear();
            if !gone.is_empty() {
                how.push(format!("no longer {gone}"));
            }
            if !new.is_empty() {
                how.push(format!("now also {new}"));
            }
        }
    }
    let mut say = |was: bool, is: bool, yes: &str, no: &str| match (was, is) {
        (false, true) => how.push(yes.to_owned()),
        (true, false) => how.push(no.to_owned()),
        _ => {}
    };
    say(
        was.required(),
        is.required(),
        "now required",
        "no longer required",
    );
    say(
        was.createable,
        is.createable,
        "now in creates",
        "no longer in creates",
    );
    say(
        was.updateable,
        is.updateable,
        "now in updates",
        "no longer in updates",
    );
    say(was.unique, is.unique, "now unique", "no longer unique");
    if !is.references.is_empty() && was.references != is.references {
        how.push(format!("refers to {}", is.references.join(", ")));
    }
    how
}

/// Whether the file's type says the same as the store's, or more.
pub(super) fn refines(file: &Type, store: &Type) -> bool {
    match (file, store) {
        (Type::Any, _) | (_, Type::Any) => true,
        (Type::Enum(a), Type::Enum(b)) => a.len() == b.len() && a.iter().all(|m| b.contains(m)),
        (
            Type::Text { .. }
            | Type::Enum(_)
            | Type::Id
            | Type::Date
            | Type::Instant
            | Type::Object
            | Type::List(_),
            Type::Text { max: None },
        ) => true,
        (Type::Number { .. }, Type::Number { scale: None }) => true,
        (Type::Bool | Type::Id, Type::Number { scale: Some(0) }) => true,
        (a, b) => a == b,
    }
}

fn shown(ty: &Type) -> String {
    match ty {
        Type::Text { max: Some(max) } => format!("text({max})"),
        Type::Text { max: None } => "text".into(),
        Type::Number { scale: Some(0) } => "integer".into(),
        Type::Number { scale: Some(scale) } => format!("number({scale})"),
        Type::Number { scale: None } => "number".into(),
        Type::Bool => "bool".into(),
        Type::Date => "date".into(),
        Type::Instant => "instant".into(),
        Type::Duration => "duration".into(),
        Type::Id => "id".into(),
        Type::Enum(_) => "enum".into(),
        Type::List(_) => "list".into(),
        Type::Object => "object".into(),
        Type::Null | Type::Any => "any".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse_file;
    use super::super::samples::any_schema;
    use super::*;
    use proptest::prelude::*;
    use std::path::Path;

    fn schema(text: &str) -> StoreSchema {
        parse_file(Path::new("s.yaml"), text).unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn each_kind_of_change_is_told() {
        let file = schema(
            "objects:\n  Lead:\n    fields:\n      Name: { type: text, length: 40 }\n      Old: { type: text }\n      Status: { type: enum, values: [a, b] }\n      Stage: { type: enum, values: [a, b] }\n  Gone: { fields: {} }\n",
        );
        let store = schema(
            "objects:\n  Lead:\n    fields:\n      Name: { type: text, length: 80, required: true }\n      New: { type: text }\n      Status: { type: enum, values: [a, c] }\n      Stage: { type: text }\n  Fresh: { fields: {} }\n",
        );
        let told: Vec<String> = changes(&file, &store)
            .iter()
            .map(Change::to_string)
            .collect();
        assert_eq!(
            told,
            [
                "~ Lead.Name: text(40) → text(80), now required",
                "- Lead.Old",
                "~ Lead.Status: no longer `b`, now also `c`",
                "+ Lead.New",
                "- Gone",
                "+ Fresh",
            ]
        );
    }

    proptest! {
        #[test]
        fn a_schema_does_not_differ_from_itself(schema in any_schema()) {
            prop_assert_eq!(changes(&schema, &schema), vec![]);
        }
    }
}
