//! Schema files, `schema/STORE.yaml`: a store's objects and fields, so that checking needs no store.
//!
//! ```yaml
//! objects:
//!   Lead:
//!     id: Id                      # the primary key's field
//!     modified: SystemModstamp    # when a record was last modified
//!     deleted: IsDeleted          # neither null, 0 nor empty: deleted
//!     created: CreatedDate
//!     fields:
//!       Id: { type: id }
//!       LastName: { type: text, length: 80, required: true }
//!       Amount: { type: number, scale: 2 }
//!       Status: { type: enum, values: [Open, Closed], default: Open }
//!       OwnerId: { type: id, references: [User] }
//! ```
//!
//! | key | meaning | without it |
//! | --- | --- | --- |
//! | `type` | `text number integer bool date instant duration id enum list object any` | `any` |
//! | `length` | the most characters of a text | unlimited |
//! | `scale` | the most digits after the point of a number | any |
//! | `values` | the members of an enum | |
//! | `items` | the type of a list's items | `any` |
//! | `required` | a create must give it, and it is never null | `false` |
//! | `nullable` | null may be written | `true`, of the id and of required fields `false` |
//! | `default` | what the store fills in when a create leaves it out | nothing |
//! | `has_default` | the store fills in something that it computes | `false`, of the id `true` |
//! | `readonly` | can't be written at all | `false` |
//! | `createable`, `updateable` | can be written in a create, in an update | `true`; the id can't be updated |
//! | `unique`, `indexed` | no two records share a value; a search by it is cheap | `false`, of the id `true` |
//! | `references` | the object, or the objects, whose ids it holds | none |

use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::Deserialize;
use smol_str::SmolStr;

use super::diff::refines;
use super::yaml::{self, YamlError};
use super::{Field, Object, StoreSchema};
use crate::value::{Type, Value, convert, from_json, to_json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map with the key `objects`")]
struct FileForm {
    objects: IndexMap<SmolStr, ObjectForm>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a map that describes an object")]
struct ObjectForm {
    id: Option<SmolStr>,
    modified: Option<SmolStr>,
    deleted: Option<SmolStr>,
    created: Option<SmolStr>,
    #[serde(default)]
    fields: IndexMap<SmolStr, FieldForm>,
}

#[derive(Deserialize, Default)]
#[serde(
    deny_unknown_fields,
    default,
    expecting = "a map that describes a field, such as `{ type: text }`"
)]
struct FieldForm {
    #[serde(rename = "type")]
    ty: TypeName,
    length: Option<u32>,
    scale: Option<u32>,
    values: Vec<yaml::Scalar>,
    items: TypeName,
    required: bool,
    nullable: Option<bool>,
    default: Option<serde_json::Value>,
    has_default: Option<bool>,
    readonly: bool,
    createable: Option<bool>,
    updateable: Option<bool>,
    unique: Option<bool>,
    indexed: Option<bool>,
    references: References,
}

#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum TypeName {
    Text,
    Number,
    Integer,
    Bool,
    Date,
    Instant,
    Duration,
    Id,
    Enum,
    List,
    Object,
    #[default]
    Any,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "an object's name or a list of names")]
enum References {
    One(SmolStr),
    Several(Vec<SmolStr>),
}

impl Default for References {
    fn default() -> Self {
        References::Several(Vec::new())
    }
}

/// The schema that the file at `path` describes.
///
/// # Errors
/// A file that is missing or larger than 16 MiB, an unknown key, a value of the wrong kind, a role that names no field.
pub fn read_file(path: &Path) -> Result<StoreSchema, YamlError> {
    parse_file(path, &yaml::read_text(path)?)
}

/// As [`read_file`], from its text; `path` is what messages show.
///
/// # Errors
/// As [`read_file`].
pub fn parse_file(path: &Path, text: &str) -> Result<StoreSchema, YamlError> {
    let form: FileForm = yaml::parse(path, text)?;
    let mut schema = StoreSchema::default();
    for (name, object) in form.objects {
        let object = object.build(&name).map_err(|(keys, message)| {
            let keys: Vec<&str> = ["objects", &name]
                .into_iter()
                .chain(keys.iter().map(SmolStr::as_str))
                .collect();
            YamlError::Wrong {
                path: path.to_owned(),
                line: yaml::line_of(text, &keys),
                message: format!("`{}`: {message}", keys.join(".")),
            }
        })?;
        schema.objects.insert(name, Arc::new(object));
    }
    Ok(schema)
}

impl ObjectForm {
    /// The object; else the keys that lead to what is wrong with it, and what that is.
    fn build(self, name: &SmolStr) -> Result<Object, (Vec<SmolStr>, String)> {
        for (role, field) in [
            ("id", &self.id),
            ("modified", &self.modified),
            ("deleted", &self.deleted),
            ("created", &self.created),
        ] {
            if let Some(field) = field
                && !self.fields.contains_key(field)
            {
                let known: Vec<&str> = self.fields.keys().map(SmolStr::as_str).collect();
                return Err((
                    vec![role.into()],
                    format!(
                        "there is no field `{field}`; {}",
                        yaml::suggest(field, &known)
                    ),
                ));
            }
        }
        let mut fields = IndexMap::with_capacity(self.fields.len());
        for (field, form) in self.fields {
            let is_id = self.id.as_ref() == Some(&field);
            let built = form
                .build(&field, is_id)
                .map_err(|message| (vec!["fields".into(), field.clone()], message))?;
            fields.insert(field, built);
        }
        Ok(Object {
            name: name.clone(),
            fields,
            id: self.id,
            modified: self.modified,
            deleted: self.deleted,
            created: self.created,
        })
    }
}

impl FieldForm {
    fn build(self, name: &SmolStr, is_id: bool) -> Result<Field, String> {
        let ty = self.ty()?;
        let default = match self.default {
            None | Some(serde_json::Value::Null) => None,
            Some(json) => Some(
                convert(from_json(&json), &ty).map_err(|error| format!("`default`: {error}"))?,
            ),
        };
        if self.required
            && (self.nullable == Some(true) || default.is_some() || self.has_default == Some(true))
        {
            return Err("a required field is neither nullable nor has a default".into());
        }
        let has_default = default.is_some() || self.has_default.unwrap_or(is_id && !self.required);
        Ok(Field {
            name: name.clone(),
            ty,
            nullable: self.nullable.unwrap_or(!(is_id || self.required)),
            has_default,
            default,
            createable: self.createable.unwrap_or(!self.readonly),
            updateable: self.updateable.unwrap_or(!(self.readonly || is_id)),
            unique: self.unique.unwrap_or(is_id),
            indexed: self.indexed.unwrap_or(is_id || self.unique == Some(true)),
            references: match self.references {
                References::One(object) => vec![object],
                References::Several(objects) => objects,
            },
        })
    }

    fn ty(&self) -> Result<Type, String> {
        if self.length.is_some() && self.ty != TypeName::Text {
            return Err("`length` is for `type: text`".into());
        }
        if self.scale.is_some() && self.ty != TypeName::Number {
            return Err("`scale` is for `type: number`".into());
        }
        if self.ty == TypeName::Enum && self.values.is_empty() {
            return Err("`type: enum` needs its `values`".into());
        }
        if self.ty != TypeName::Enum && !self.values.is_empty() {
            return Err("`values` is for `type: enum`".into());
        }
        Ok(match self.ty {
            TypeName::Text => Type::Text { max: self.length },
            TypeName::Number => Type::Number { scale: self.scale },
            TypeName::Enum => Type::Enum(Arc::new(
                self.values
                    .iter()
                    .map(|value| SmolStr::new(&value.0))
                    .collect(),
            )),
            TypeName::List => Type::List(Box::new(self.items.plain())),
            other => other.plain(),
        })
    }
}

impl TypeName {
    /// The type that the name alone says.
    fn plain(self) -> Type {
        match self {
            TypeName::Text => Type::Text { max: None },
            TypeName::Number => Type::Number { scale: None },
            TypeName::Integer => Type::Number { scale: Some(0) },
            TypeName::Bool => Type::Bool,
            TypeName::Date => Type::Date,
            TypeName::Instant => Type::Instant,
            TypeName::Duration => Type::Duration,
            TypeName::Id => Type::Id,
            TypeName::List => Type::List(Box::new(Type::Any)),
            TypeName::Object => Type::Object,
            TypeName::Enum | TypeName::Any => Type::Any,
        }
    }
}

fn type_name(ty: &Type) -> &'static str {
    match ty {
        Type::Text { .. } => "text",
        Type::Number { scale: Some(0) } => "integer",
        Type::Number { .. } => "number",
        Type::Bool => "bool",
        Type::Date => "date",
        Type::Instant => "instant",
        Type::Duration => "duration",
        Type::Id => "id",
        Type::Enum(_) => "enum",
        Type::List(_) => "list",
        Type::Object => "object",
        Type::Null | Type::Any => "any",
    }
}

/// The schema as the text of a schema file: one field a line, what is as usual left out.
pub fn write_file(schema: &StoreSchema) -> String {
    let mut text = String::new();
    text.push_str(if schema.objects.is_empty() {
        "objects: {}\n"
    } else {
        "objects:\n"
    });
    for (name, object) in &schema.objects {
        text.push_str(&format!("  {}:\n", scalar(name)));
        for (role, field) in [
            ("id", &object.id),
            ("modified", &object.modified),
            ("deleted", &object.deleted),
            ("created", &object.created),
        ] {
            if let Some(field) = field {
                text.push_str(&format!("    {role}: {}\n", scalar(field)));
            }
        }
        text.push_str(if object.fields.is_empty() {
            "    fields: {}\n"
        } else {
            "    fields:\n"
        });
        for field in object.fields.values() {
            let is_id = object.id.as_ref() == Some(&field.name);
            text.push_str(&format!(
                "      {}: {{ {} }}\n",
                scalar(&field.name),
                entries(field, is_id).join(", ")
            ));
        }
    }
    text
}

fn entries(field: &Field, is_id: bool) -> Vec<String> {
    let mut entries = vec![format!("type: {}", type_name(&field.ty))];
    let mut entry = |say: bool, key: &str, value: String| {
        if say {
            entries.push(format!("{key}: {value}"));
        }
    };
    let list = |names: &[SmolStr]| {
        format!(
            "[{}]",
            names
                .iter()
                .map(|name| scalar(name))
                .collect::<Vec<_>>()
                .join(", ")
        )
    };
    match &field.ty {
        Type::Text { max: Some(max) } => entry(true, "length", max.to_string()),
        Type::Number {
            scale: Some(scale @ 1..),
        } => entry(true, "scale", scale.to_string()),
        Type::Enum(values) => entry(true, "values", list(values)),
        Type::List(item) => entry(**item != Type::Any, "items", type_name(item).into()),
        _ => {}
    }
    entry(field.required(), "required", "true".into());
    entry(
        !field.required() && field.nullable == is_id,
        "nullable",
        field.nullable.to_string(),
    );
    if let Some(default) = &field.default {
        entry(true, "default", default_text(default));
    } else {
        entry(
            !field.required() && field.has_default != is_id,
            "has_default",
            field.has_default.to_string(),
        );
    }
    let readonly = !field.createable && !field.updateable;
    entry(readonly, "readonly", "true".into());
    entry(!readonly && !field.createable, "createable", "false".into());
    entry(
        !readonly && field.updateable == is_id,
        "updateable",
        field.updateable.to_string(),
    );
    entry(field.unique != is_id, "unique", field.unique.to_string());
    entry(
        field.indexed != (is_id || field.unique),
        "indexed",
        field.indexed.to_string(),
    );
    match &field.references[..] {
        [] => {}
        [one] => entry(true, "references", scalar(one)),
        several => entry(true, "references", list(several)),
    }
    entries
}

fn default_text(value: &Value) -> String {
    match value {
        Value::Text(text) => scalar(text),
        other => to_json(other).to_string(),
    }
}

/// A text as a YAML scalar: plain where nothing can take it for something else, else in double quotes as JSON has them.
fn scalar(text: &str) -> String {
    const RESERVED: [&str; 9] = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    let plain = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || char == '_')
        && !RESERVED.contains(&text.to_ascii_lowercase().as_str());
    if plain {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

/// Gives the fields of a described store the types (and, where it tells none, the references) that a schema file says more precisely. Objects and fields
/// that only one of the two has stay as they are: a file never hides a field, and never adds one.
pub fn refine(schema: &mut StoreSchema, file: &StoreSchema) {
    for (name, told) in &file.objects {
        let Some(object) = schema.objects.get_mut(name) else {
            continue;
        };
        for (name, told) in &told.fields {
            let Some(field) = Arc::make_mut(object).fields.get_mut(name) else {
                continue;
            };
            // A file that says something else is older than the store.
            if told.ty != Type::Any && refines(&told.ty, &field.ty) {
                field.ty = told.ty.clone();
            }
            if field.references.is_empty() {
                field.references.clone_from(&told.references);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::any_schema;
    use super::*;
    use proptest::prelude::*;

    const SAMPLE: &str = "\
objects:
  Lead:
    id: Id
    modified: SystemModstamp
    fields:
      Id: { type: id }
      LastName: { type: text, length: 80, required: true }
      Amount: { type: number, scale: 2 }
      Status: { type: enum, values: [Open, \"Closed - Won\"], nullable: false, default: Open }
      OwnerId: { type: id, references: [User, Group] }
      SystemModstamp: { type: instant, nullable: false, has_default: true, readonly: true }
  \"Deal Stage\":
    fields: {}
";

    fn parse(text: &str) -> Result<StoreSchema, YamlError> {
        parse_file(Path::new("schema/crm.yaml"), text)
    }

    fn complaint(text: &str) -> String {
        parse(text).map_or_else(|error| error.to_string(), |_| "nothing is wrong".into())
    }

    #[test]
    fn a_file_is_read_and_written() {
        let schema = parse(SAMPLE).unwrap();
        let lead = &schema.objects["Lead"];
        assert!(lead.fields["LastName"].required() && !lead.fields["Id"].required());
        assert!(lead.fields["Id"].unique && !lead.fields["Id"].updateable);
        assert_eq!(
            lead.fields["Status"].default,
            Some(Value::Text("Open".into()))
        );
        assert_eq!(write_file(&schema), SAMPLE);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let field = |entries: &str| {
            format!("objects:\n  Lead:\n    fields:\n      Name: {{ {entries} }}\n")
        };
        let said = [
            complaint(&field("type: text, lenght: 5")),
            complaint(&field("type: txt")),
            complaint(&field("type: bool, length: 5")),
            complaint(&field("type: integer, default: 1.5")),
            complaint(&field("type: text, required: true, default: x")),
            complaint("objects:\n  Lead:\n    id: Idd\n    fields:\n      Id: { type: id }\n"),
            complaint("objects:\n  Lead:\n    table: x\n"),
            complaint("object: {}\n"),
            complaint("objects: [\n"),
            complaint("- 1\n"),
        ];
        insta::assert_snapshot!(said.join("\n"));
    }

    #[test]
    fn a_file_refines_and_hides_nothing() {
        let mut schema = parse("objects:\n  Lead: { fields: { Seen: { type: text }, Name: { type: text }, OwnerId: {} } }\n  Task: {}\n").unwrap();
        let file = parse("objects:\n  Lead: { fields: { Seen: { type: instant, readonly: true }, Other: { type: id }, OwnerId: { references: User } } }\n").unwrap();
        refine(&mut schema, &file);
        let lead = &schema.objects["Lead"];
        assert_eq!(
            lead.fields.keys().collect::<Vec<_>>(),
            ["Seen", "Name", "OwnerId"]
        );
        assert_eq!(
            (
                lead.fields["Seen"].ty.clone(),
                lead.fields["Seen"].createable
            ),
            (Type::Instant, true)
        );
        assert_eq!(lead.fields["OwnerId"].references, ["User"]);
        assert_eq!(schema.objects.len(), 2);
    }

    proptest! {
        #[test]
        fn a_schema_survives_its_file(schema in any_schema()) {
            let text = write_file(&schema);
            prop_assert_eq!(parse(&text), Ok(schema), "{}", text);
        }
    }
}
