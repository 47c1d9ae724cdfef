//! Which columns of a table say when a record was modified, deleted and created, where the configuration names none.

use serde::Deserialize;
use smol_str::SmolStr;

const MODIFIED: [&str; 7] = [
    "modified_at",
    "updated_at",
    "updatedAt",
    "updateTimestamp",
    "ModifyDate",
    "SystemModstamp",
    "LastModifiedDate",
];
const DELETED: [&str; 3] = ["is_deleted", "IsDeleted", "deleted_at"];
const CREATED: [&str; 3] = ["created_at", "createdAt", "CreatedDate"];

/// What `objects:` of `stores.yaml` says of one object; what it leaves out is detected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObjectConfig {
    /// The table, where it has another name than the object.
    pub table: Option<SmolStr>,
    pub id: Option<SmolStr>,
    pub modified: Option<SmolStr>,
    pub deleted: Option<SmolStr>,
    pub created: Option<SmolStr>,
}

/// The first of a role's usual names that the table has.
fn first(names: &[&str], has: &impl Fn(&str) -> bool) -> Option<SmolStr> {
    names.iter().find(|name| has(name)).map(SmolStr::new)
}

pub(super) fn modified(has: impl Fn(&str) -> bool) -> Option<SmolStr> {
    first(&MODIFIED, &has)
}

pub(super) fn deleted(has: impl Fn(&str) -> bool) -> Option<SmolStr> {
    first(&DELETED, &has)
}

pub(super) fn created(has: impl Fn(&str) -> bool) -> Option<SmolStr> {
    first(&CREATED, &has)
}

/// Whether a deleted column that holds `value` marks its record: neither null, 0 nor empty.
pub(super) fn marks_deleted(value: &crate::value::Value) -> bool {
    use crate::value::Value;
    !value.is_blank() && !value.same(&Value::Int(0)) && !value.same(&Value::Text("0".into()))
}

/// Whether a deleted column holds the time of the deletion, by its name.
pub(super) fn holds_time(deleted: &str) -> bool {
    deleted.ends_with("_at") || deleted.ends_with("At")
}
