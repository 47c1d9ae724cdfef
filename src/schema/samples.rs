//! Generated schemas for the laws of this folder.

use std::sync::Arc;

use indexmap::IndexMap;
use proptest::prelude::*;
use smol_str::SmolStr;

use super::{Field, Object, StoreSchema};
use crate::value::samples::any_type;
use crate::value::{Type, Value};

pub(crate) fn any_schema() -> impl Strategy<Value = StoreSchema> {
    prop::collection::vec((any_name(), any_object()), 0..3).prop_map(|objects| StoreSchema {
        objects: objects
            .into_iter()
            .map(|(name, object)| (name.clone(), Arc::new(Object { name, ..object })))
            .collect(),
    })
}

fn any_name() -> impl Strategy<Value = SmolStr> {
    prop_oneof![
        "[A-Za-z_][A-Za-z0-9_]{0,8}",
        "[ -~é]{1,8}",
        "true|null|No|1|~"
    ]
    .prop_map(SmolStr::from)
}

fn any_object() -> impl Strategy<Value = Object> {
    (
        prop::collection::vec((any_name(), any_field()), 0..5),
        any::<[bool; 4]>(),
    )
        .prop_map(|(fields, roles)| {
            let mut fields: IndexMap<SmolStr, Field> = fields
                .into_iter()
                .map(|(name, field)| (name.clone(), Field { name, ..field }))
                .collect();
            let role = |at: usize| {
                fields
                    .get_index(at)
                    .filter(|_| roles[at])
                    .map(|(name, _)| name.clone())
            };
            let (id, modified, deleted, created) = (role(0), role(1), role(2), role(3));
            // The file tells whether a field is required, and of a required one nothing else.
            for field in fields.values_mut() {
                field.has_default |= field.default.is_some();
            }
            Object {
                name: SmolStr::default(),
                fields,
                id,
                modified,
                deleted,
                created,
            }
        })
}

fn any_field() -> impl Strategy<Value = Field> {
    let references = prop::collection::vec(any_name(), 0..3);
    (any_type(), any::<[bool; 6]>(), any::<bool>(), references).prop_map(
        |(
            ty,
            [
                nullable,
                has_default,
                createable,
                updateable,
                unique,
                indexed,
            ],
            default,
            references,
        )| {
            let ty = match ty {
                Type::Null => Type::Any,
                other => other,
            };
            let constant = match &ty {
                Type::Text { .. } | Type::Enum(_) => Some(Value::Text("1".into())),
                Type::Number { .. } => Some(Value::Int(7)),
                Type::Bool => Some(Value::Bool(false)),
                _ => None,
            };
            let constant = constant
                .filter(|constant| default && crate::value::convert(constant.clone(), &ty).is_ok());
            Field {
                nullable,
                has_default,
                default: constant,
                createable,
                updateable,
                unique,
                indexed,
                references,
                ..Field::new("", ty)
            }
        },
    )
}
